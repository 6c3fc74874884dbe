"""What is kept of devices, exceptions and wiped cards: read back as it was given, by its own school, and told to the log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consent.devices import Device, DeviceException, DeviceId, DeviceKind, Match, Owner
from consent.events import Event
from consent.people import SchoolId
from consent.photo import Aware, DeviceState, Metadata, PhotoId, Place, PublishedWords
from consent.policy import DestinationKind
from storage import auditlog, devices, exceptions, matching, photos, users, wipes
from storage.errors import Conflict, NotFound
from storage.photos import Accepted
from storage.store import Reading, Store, Transaction
from storage.users import Role
from storage.wipes import Overdue
from tests.parts.world import START, StillClock

A_DAY = timedelta(days=1)
TODAY = START.date()
CAMERA = Device(
    id=DeviceId("camera"),
    kind=DeviceKind.CAMERA,
    owner=Owner.SCHOOL,
    make="Nikon",
    model="D3500",
    serial="0042",
    reg_groups=frozenset({"Wren", "Robin"}),
    active_from=TODAY - A_DAY,
    active_until=None,
)
IPAD = replace(CAMERA, id=DeviceId("ipad"), kind=DeviceKind.TABLET, serial=None, reg_groups=frozenset(), active_from=None)
NIKON = {"make": "NIKON CORPORATION", "model": "NIKON D3500", "serial": "0042", "readable": True}
NOBODYS = {"make": None, "model": None, "serial": None, "readable": True}
EXCEPTION = DeviceException(
    make="Pixelia",
    model="P7",
    sign_in="token:teacher",
    reg_groups=frozenset({"Robin"}),
    destinations=frozenset({DestinationKind.WEBSITE, DestinationKind.JOURNAL}),
    valid_from=START - A_DAY,
    valid_until=START + A_DAY,
)


def enrol(step: Transaction, *some: Device) -> None:
    for one in some:
        devices.insert(step, one, label=f"The {one.id}")


def accept(step: Transaction, name: str, *, camera: dict[str, Any] | None = None, device: str | None = None) -> None:
    """An upload of Robin class's teacher; its camera is known once it is prepared."""
    accepted = Accepted(
        id=PhotoId(name),
        uploader="token:teacher",
        idempotency=None,
        fingerprint="f" * 64,
        original_key=f"key-{name}",
        original_sha256=(name * 64)[:64],
        original_size=10,
        wrapped_key=b"wrapped",
        subjects=frozenset(),
        no_pupils=True,
        declared=True,
        others=(),
        place=Place.NOT_STATED,
        aware=Aware.NOT_STATED,
        device=device,
        classes=frozenset({"Robin"}),
        typed_words=PublishedWords(),
        destinations=("website",),
    )
    photos.insert(step, accepted)
    step.record(Event.PHOTO_ACCEPTED, photo=name)
    if camera is not None:
        photos.change(step, name, state="prepared", camera=camera)
        matching.note(step, photos.row(step, name))


def said(look: Reading, *kinds: Event) -> list[str]:
    return [one.body for one in auditlog.entries(look.connection, look.school, after=0, kinds=kinds, limit=100)]


def test_the_register_reads_back_as_it_was_given(store: Store, school: SchoolId, next_door: SchoolId) -> None:
    with store.transaction(school, actor="token:office") as step:
        enrol(step, CAMERA, IPAD)
    with store.reading(school) as look:
        assert set(devices.register(look)) == {CAMERA, IPAD}
        row = devices.row(look, "camera")
        assert (row.label, row.noted_by, row.noted_at) == ("The camera", "token:office", START)
        assert len(said(look, Event.DEVICE_ENROLLED)) == 2
    with store.reading(next_door) as look:
        assert devices.register(look) == ()
        with pytest.raises(NotFound):
            devices.row(look, "camera")


def test_an_entry_is_put_right_in_what_is_given_alone(store: Store, school: SchoolId) -> None:
    changes: dict[str, Any] = {
        "serial": None,
        "owner": Owner.PERSONAL,
        "reg_groups": frozenset({"Owl"}),
        "active_from": TODAY,
        "active_until": TODAY + A_DAY,
    }
    with store.transaction(school, actor="token:office") as step:
        enrol(step, CAMERA)
        devices.change(step, "camera", changes)
        devices.change(step, "camera", {})
    with store.reading(school) as look:
        assert devices.register(look) == (replace(CAMERA, **changes),)
        (body,) = said(look, Event.DEVICE_CHANGED)
        assert "0042" not in body
    with pytest.raises(NotFound), store.transaction(school, actor="token:office") as step:
        devices.change(step, "gone", {"label": "x"})


def test_an_exception_is_in_force_from_its_beginning_until_its_end_or_its_withdrawal(
    store: Store, school: SchoolId, next_door: SchoolId, clock: StillClock
) -> None:
    with store.transaction(school, actor="token:head") as step:
        exceptions.insert(step, "trip", EXCEPTION, reason="Zorblax forgot the camera")
        exceptions.insert(step, "later", replace(EXCEPTION, valid_from=START + A_DAY, valid_until=START + 2 * A_DAY), reason="x")
    with store.reading(school) as look:
        assert exceptions.in_force(look) == (EXCEPTION,)
        assert "Zorblax" not in str(said(look, Event.EXCEPTION_GRANTED))
        assert exceptions.row(look, "trip").reason == "Zorblax forgot the camera"
    with store.reading(next_door) as look:
        assert (exceptions.in_force(look), exceptions.rows(look)) == ((), ())
    clock.pass_by(days=1)
    with store.reading(school) as look:
        assert [one.valid_from for one in exceptions.in_force(look)] == [START + A_DAY]
    for _ in range(2):
        with store.transaction(school, actor="token:head") as step:
            exceptions.withdraw(step, "later")
    with store.reading(school) as look:
        assert exceptions.in_force(look) == ()
        assert {one.id for one in exceptions.rows(look)} == {"trip", "later"}
        assert exceptions.row(look, "later").withdrawn_by == "token:head"
        assert len(said(look, Event.EXCEPTION_WITHDRAWN)) == 1
    with pytest.raises(NotFound), store.transaction(next_door, actor="token:head") as step:
        exceptions.withdraw(step, "trip")


def test_a_photo_is_judged_by_the_register_and_the_exceptions_as_they_stand(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="worker") as step:
        accept(step, "waits")
        accept(step, "stray", camera={**NOBODYS, "make": "Pixelia", "model": "Pixelia P7"})
        accept(step, "known", camera=NIKON)
        assert photos.facts(step, photos.row(step, "waits")).device is DeviceState.NOT_CHECKED
        assert photos.facts(step, photos.row(step, "known")).device is DeviceState.UNKNOWN
        enrol(step, CAMERA)
        exceptions.insert(step, "trip", EXCEPTION, reason="x")
        assert devices.judge(step, photos.row(step, "known")).match == Match(state=DeviceState.SCHOOL, device=CAMERA.id)
        stray = photos.facts(step, photos.row(step, "stray"))
        assert (stray.device, stray.excepted) == (DeviceState.UNKNOWN, EXCEPTION.destinations)
        exceptions.withdraw(step, "trip")
        assert photos.facts(step, photos.row(step, "stray")).excepted == frozenset()


@pytest.mark.parametrize(
    ("camera", "seen_by", "metadata"),
    [
        (None, None, Metadata.NOT_READ),
        ({"readable": True}, None, Metadata.READ),
        ({"readable": False}, None, Metadata.UNREADABLE),
        ({"make": "Nikon"}, None, Metadata.UNREADABLE),
        ({"readable": False}, "token:head", Metadata.SEEN),
        ({"readable": True}, "token:head", Metadata.SEEN),
    ],
)
def test_metadata_counts_as_read_only_where_the_row_says_so(
    store: Store, school: SchoolId, camera: dict[str, Any] | None, seen_by: str | None, metadata: Metadata
) -> None:
    with store.transaction(school, actor="worker") as step:
        accept(step, "one", camera=camera)
        photos.change(step, "one", metadata_seen_by=seen_by)
        assert photos.facts(step, photos.row(step, "one")).metadata is metadata


def test_photos_are_noted_anew_when_a_device_is_enrolled_and_when_it_turns_out_to_be_another(
    store: Store, school: SchoolId
) -> None:
    with store.transaction(school, actor="worker") as step:
        accept(step, "a", camera=NIKON)
        accept(step, "b", camera=NOBODYS, device="ipad")
        assert [photos.row(step, name).matched_device for name in "ab"] == [None, None]
        enrol(step, CAMERA, IPAD)
        matching.note_again(step, "camera")
        assert [photos.row(step, name).matched_device for name in "ab"] == ["camera", "ipad"]
        devices.change(step, "camera", {"serial": "9"})
        matching.note_again(step, "camera")
        assert [photos.row(step, name).matched_device for name in "ab"] == [None, "ipad"]


def test_the_list_of_a_day_holds_that_device_and_that_day_and_no_other(
    store: Store, school: SchoolId, next_door: SchoolId, clock: StillClock
) -> None:
    clock.now = START.replace(hour=0, minute=0)
    with store.transaction(school, actor="worker") as step:
        enrol(step, CAMERA)
        accept(step, "a", camera=NIKON)
        accept(step, "b", camera=NOBODYS)
    clock.now = START.replace(hour=23, minute=59, second=59)
    with store.transaction(school, actor="worker") as step:
        accept(step, "c", camera=NIKON)
    clock.now = START.replace(hour=0, minute=0) + A_DAY
    with store.transaction(school, actor="worker") as step:
        accept(step, "d", camera=NIKON)
    with store.reading(school) as look:
        assert [one.id for one in wipes.originals(look, "camera", TODAY)] == ["a", "c"]
        assert [one.id for one in wipes.originals(look, devices.UNKNOWN, TODAY)] == ["b"]
        assert [one.id for one in wipes.originals(look, "camera", TODAY + A_DAY)] == ["d"]
    with store.reading(next_door) as look:
        assert wipes.originals(look, devices.UNKNOWN, TODAY) == wipes.originals(look, "camera", TODAY) == ()


def test_a_day_is_overdue_until_all_of_it_is_confirmed(
    store: Store, school: SchoolId, next_door: SchoolId, clock: StillClock
) -> None:
    with store.transaction(school, actor="token:teacher") as step:
        enrol(step, CAMERA)
        accept(step, "a", camera=NIKON)
        wipes.confirm(step, "camera", TODAY, originals_seen=1)
    clock.pass_by(seconds=60)
    with store.transaction(school, actor="worker") as step:
        accept(step, "b", camera=NIKON)
        accept(step, "c", camera=NOBODYS)
        assert wipes.overdue(step) == ()
    clock.pass_by(days=1)
    with store.reading(school) as look:
        assert wipes.overdue(look) == (
            Overdue(device="camera", day=TODAY, originals=1),
            Overdue(device="unknown", day=TODAY, originals=1),
        )
    with store.reading(next_door) as look:
        assert wipes.overdue(look) == ()
    with store.transaction(school, actor="token:office") as step:
        wipes.confirm(step, "camera", TODAY, originals_seen=2)
    with store.reading(school) as look:
        assert wipes.overdue(look) == (Overdue(device="unknown", day=TODAY, originals=1),)
        assert [one.confirmed_by for one in wipes.confirmations(look, "camera", TODAY)] == ["token:teacher", "token:office"]
        assert len(said(look, Event.DEVICE_WIPED)) == 2


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_a_list_that_is_another_than_the_one_that_was_seen_can_not_be_confirmed(
    store: Store, school: SchoolId, seen: int
) -> None:
    with store.transaction(school, actor="worker") as step:
        enrol(step, CAMERA)
        accept(step, "a", camera=NIKON)
        accept(step, "b", camera=NIKON)
    with pytest.raises(Conflict), store.transaction(school, actor="token:teacher") as step:
        wipes.confirm(step, "camera", TODAY, originals_seen=seen)
    with pytest.raises(Conflict), store.transaction(school, actor="token:teacher") as step:
        wipes.confirm(step, "camera", TODAY - A_DAY, originals_seen=seen)


def test_a_token_is_bound_to_a_device_of_its_own_school_or_to_none(store: Store, school: SchoolId, next_door: SchoolId) -> None:
    with store.transaction(school, actor="operator") as step:
        enrol(step, IPAD)
        bound = users.create_token(step, role=Role.TEACHER, classes=(), expires_at=None, device_id="ipad")
        free = users.create_token(step, role=Role.TEACHER, classes=(), expires_at=None)
    with store.engine.connect() as connection:
        found = [users.caller(connection, token, now=START) for token in (bound, free)]
    assert [one.device if one else "" for one in found] == ["ipad", None]
    with pytest.raises(NotFound), store.transaction(next_door, actor="operator") as step:
        users.create_token(step, role=Role.TEACHER, classes=(), expires_at=None, device_id="ipad")
