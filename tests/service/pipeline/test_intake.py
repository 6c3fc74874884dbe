"""Accepted is never lost (promise P1): bytes first, then one transaction, then the answer; a retry is the same photo."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Row

from consent.events import Event
from consent.photo import PhotoId
from service.pipeline.sweep import sweep
from storage import photos
from storage.errors import Conflict, NotFound
from storage.jobs import Kind
from storage.objects.errors import StoreUnavailable
from storage.quarantine import Kept, Quarantine
from storage.sealing import WrappingKey
from storage.users import Role
from tests.parts.world import World, picture
from tests.service.pipeline.faults import Aged, At, Heard, Killed, fail, kill, watched
from tests.service.pipeline.looking import agrees, assert_exactly_one_is_up, queued, sends

TWO_HOURS = timedelta(hours=2)


def photo_rows(world: World) -> tuple[Row[Any], ...]:
    with world.house.store.reading(world.school_id) as look:
        return photos.in_state(look, ["received", "prepared", "unclean", "disposed"])


def original_of(world: World, row: Row[Any]) -> bytes:
    kept = Kept(key=row.original_key, wrapped_key=row.wrapped_key, sha256=row.original_sha256, size=row.original_size)
    return world.house.quarantine.original(school_id=world.school_id, photo_id=PhotoId(row.id), kept=kept)


def sweeps_hours_later(world: World) -> int:
    """How many originals a sweep removes once everything in quarantine has lain there for two hours."""
    key = WrappingKey.load(world.house.settings.wrapping_key)
    aged, spool = Aged(world.house.stores.quarantine, by=TWO_HOURS), world.house.settings.spool
    house = replace(world.house, quarantine=Quarantine(objects=aged, wrapping_key=key, spool=spool))
    found = sweep(
        world.school_id,
        store=house.store,
        published=house.published,
        quarantine=house.quarantine,
        matchers=house.matchers,
    )
    return found.originals_removed


def test_when_an_upload_is_answered_its_bytes_its_row_its_entry_and_its_job_are_there(world: World) -> None:
    ada = world.pupil("Ada Frost")
    sent = picture(7)
    answer = world.sends(ada, file=("IMG_0007.JPG", sent))
    assert answer.status_code == 201
    (row,) = photo_rows(world)
    assert (row.id, row.state) == (answer.json()["id"], "received")
    assert original_of(world, row) == sent
    assert [one["photo"] for one in world.recorded(Event.PHOTO_ACCEPTED)] == [row.id]
    assert queued(world) == [(Kind.PREPARE, row.id)]


def test_the_row_comes_after_the_bytes_and_the_answer_after_both(world: World) -> None:
    ada = world.pupil("Ada Frost")
    heard = Heard()
    sends(world, ada, house=watched(world.house, heard))
    assert heard.moments == ["before quarantine.put", "after quarantine.put", "before commit", "after commit"]


@pytest.mark.parametrize("moment", ["before quarantine.put", "after quarantine.put", "before commit"])
def test_a_crash_before_the_row_is_in_leaves_no_photo_and_what_was_kept_is_swept_away(world: World, moment: str) -> None:
    ada = world.pupil("Ada Frost")
    with pytest.raises(Killed):
        sends(world, ada, house=watched(world.house, At(moment, kill)), idempotency="one")
    assert photo_rows(world) == ()
    assert queued(world) == []
    left = world.originals()
    assert len(left) == (0 if moment == "before quarantine.put" else 1)
    assert world.sweeps().originals_removed == 0, "an upload that is under way now must not lose its original"
    assert world.originals() == left
    assert sweeps_hours_later(world) == len(left)
    assert world.originals() == []


def test_the_sweep_leaves_the_original_of_every_photo_alone_however_old(world: World) -> None:
    ada = world.pupil("Ada Frost")
    sends(world, ada)
    assert sweeps_hours_later(world) == 0
    (row,) = photo_rows(world)
    assert original_of(world, row)


def test_an_upload_whose_answer_was_lost_on_the_way_is_not_lost(world: World) -> None:
    """The transaction is in, but nobody was told so: the retry finds the photo, and its original is still there."""
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    sent = picture(7)
    with pytest.raises(ConnectionResetError):
        sends(world, ada, house=watched(world.house, At("after commit", _lose_the_answer)), idempotency="one", original=sent)
    (row,) = photo_rows(world)
    assert original_of(world, row) == sent
    assert sends(world, ada, idempotency="one", original=sent) == row.id
    world.works()
    assert_exactly_one_is_up(world, row.id)


def _lose_the_answer() -> None:
    raise ConnectionResetError


def test_a_retry_with_the_same_key_and_request_is_the_same_photo(world: World) -> None:
    ada = world.pupil("Ada Frost")
    headers = world.as_role(Role.TEACHER) | {"idempotency-key": "morning-1"}
    file = ("IMG_0001.JPG", picture(1))
    first = world.sends(ada, file=file, headers=headers)
    world.works()
    again = world.sends(ada, file=file, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert len(photo_rows(world)) == len(world.originals()) == 1
    assert len(world.recorded(Event.PHOTO_ACCEPTED)) == 1


def test_retries_that_arrive_all_at_once_are_one_photo(world: World) -> None:
    ada = world.pupil("Ada Frost")
    sent, start = picture(7), Barrier(8)

    def send(_: int) -> str:
        start.wait()
        return sends(world, ada, idempotency="one", original=sent)

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(send, range(8)))
    (row,) = photo_rows(world)
    assert ids == {row.id}
    assert original_of(world, row) == sent
    assert len(world.originals()) == 1, "what the other attempts kept is gone again"
    assert len(world.recorded(Event.PHOTO_ACCEPTED)) == 1


OTHERWISE: dict[str, dict[str, Any]] = {
    "another picture": {"original": picture(8)},
    "other pupils": {"pupils": 2},
    "other destinations": {"to": ("shared-site",)},
    "other words": {"words": {"title": "A walk"}},
    "another device": {"device": "ipad-2"},
}


@pytest.mark.parametrize("other", OTHERWISE)
def test_a_key_that_was_used_for_another_request_is_a_conflict_and_keeps_nothing(world: World, other: str) -> None:
    pupils = [world.pupil("Ada Frost"), world.pupil("Ben Okoro")]
    changed = dict(OTHERWISE[other])
    first = sends(world, pupils[0], idempotency="one", original=picture(7))
    with pytest.raises(Conflict):
        sends(world, *pupils[: changed.pop("pupils", 1)], idempotency="one", **({"original": picture(7)} | changed))
    assert [row.id for row in photo_rows(world)] == [first]
    assert len(world.originals()) == 1


def test_two_teachers_may_use_one_key_and_so_may_two_schools(world: World) -> None:
    ada = world.pupil("Ada Frost")
    there = world.neighbour()
    amy = there.pupil("Amy Stone")
    file, key = ("IMG_0001.JPG", picture(1)), {"idempotency-key": "morning-1"}
    answers = [
        world.sends(ada, file=file, headers=world.as_role(Role.TEACHER) | key),
        world.sends(ada, file=file, headers=world.another(Role.TEACHER) | key),
        there.sends(amy, file=file, headers=there.as_role(Role.TEACHER) | key),
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_store_that_fails_takes_nothing_and_the_retry_is_accepted(world: World, when: str) -> None:
    ada = world.pupil("Ada Frost")
    sent = picture(7)
    with pytest.raises(StoreUnavailable):
        sends(world, ada, house=watched(world.house, At(f"{when} quarantine.put", fail)), idempotency="one", original=sent)
    assert photo_rows(world) == ()
    photo = sends(world, ada, idempotency="one", original=sent)
    (row,) = photo_rows(world)
    assert (row.id, original_of(world, row)) == (photo, sent)
    assert sweeps_hours_later(world) == (when == "after")
    assert original_of(world, row) == sent


def test_a_photo_of_somebody_who_is_not_on_the_register_is_not_taken(world: World) -> None:
    stranger = "f" * 32
    with pytest.raises(NotFound):
        sends(world, stranger)
    with pytest.raises(NotFound):
        sends(world, to=(f"journal:{stranger}",))
    assert photo_rows(world) == ()
    assert world.originals() == []
