"""Only school cameras and iPads: what was taken with something else waits, unless the headteacher allowed it; cards are wiped."""

from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import pytest

from consent.events import Event
from service import operate
from storage.errors import NotFound
from storage.users import Role
from tests.parts.equipment import (
    APPLE,
    CAMERA,
    IPAD,
    NIKON,
    PHONE,
    PIXELIA,
    ROBIN,
    allows,
    changes,
    device_of,
    enrols,
    overdue,
    receipts,
    taken_with,
    unreadable,
    wipes,
    withdraws,
)
from tests.parts.world import World


@pytest.fixture
def ada(world: World) -> str:
    """A school that is bound to its own cameras, and a pupil who may appear everywhere."""
    world.policy(provenance='"required"')
    pupil = world.pupil("Ada Frost", year_group="R")
    world.agrees(pupil)
    return pupil


# --- the register -----------------------------------------------------------------------------------------------------


def test_a_picture_from_the_classs_camera_goes_out_and_one_from_nobody_knows_what_waits(world: World, ada: str) -> None:
    enrols(world, CAMERA, **ROBIN)
    photo = world.uploads(ada, file=NIKON)
    assert (world.outcome(photo), device_of(world, photo)) == ("approved", {"state": "school", "label": "Robin camera"})
    for file in (None, PIXELIA, taken_with("NIKON CORPORATION", "NIKON D3500", "42")):
        stray = world.uploads(ada, to=("website", "shared-site", f"journal:{ada}"), file=file)
        assert device_of(world, stray) == {"state": "unknown"}
        for to in ("website", "shared-site", f"journal:{ada}"):
            assert world.reasons(stray, to) == {"device:unknown"}


def test_what_was_said_of_the_device_when_it_was_prepared_is_in_the_log(world: World, ada: str) -> None:
    camera = enrols(world, CAMERA)
    world.uploads(ada, file=NIKON)
    world.uploads(ada, file=PIXELIA)
    found = [(one["device"], one["device_state"]) for one in world.recorded(Event.PHOTO_PREPARED)]
    assert found == [(camera, "school"), (None, "unknown")]


def test_robin_classs_camera_used_in_wren_is_shown_and_not_held(world: World, ada: str) -> None:
    enrols(world, CAMERA, **ROBIN)
    world.pupil("Ben Okoro", reg_group="Wren")
    wren = world.another(Role.TEACHER, classes=("Wren",))
    photo = world.uploads(ada, file=NIKON, headers=wren)
    shown = world.client.get(f"/v1/photos/{photo}", headers=wren).json()
    assert (world.outcome(photo), shown["device"]) == ("approved", {"state": "other-class", "label": "Robin camera"})


def test_an_ipad_writes_no_serial_number_and_is_known_by_the_sign_in_that_is_bound_to_it(world: World, ada: str) -> None:
    ipad = enrols(world, IPAD, **ROBIN)
    token = operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=("Robin",), days=None, device=ipad)
    bound = {"authorization": f"Bearer {token}"}
    photo = world.uploads(ada, file=APPLE, headers=bound)
    assert world.outcome(photo) == "approved"
    assert world.reasons(world.uploads(ada, file=APPLE)) == {"device:unknown"}
    assert world.reasons(world.uploads(ada, file=PIXELIA, headers=bound)) == {"device:contradicted"}


def test_an_upload_may_name_its_device_and_the_teacher_may_put_that_right(world: World, ada: str) -> None:
    ipad = enrols(world, IPAD)
    assert world.outcome(world.uploads(ada, file=APPLE, device=ipad)) == "approved"
    photo = world.uploads(ada, file=APPLE)
    assert world.reasons(photo) == {"device:unknown"}
    assert world.edits(photo, device=ipad).status_code == 200
    world.works()
    assert (world.outcome(photo), device_of(world, photo)["label"]) == ("approved", "Robin iPad")


def test_a_later_enrolment_lifts_the_hold_and_so_does_an_entry_put_right(world: World, ada: str) -> None:
    first, second = world.uploads(ada, file=NIKON), world.uploads(ada, file=taken_with("Canon", "Canon EOS 2000D", "77"))
    canon = enrols(world, CAMERA, make="Canon", model="EOS 2000D", serial="78")
    enrols(world, CAMERA, role=Role.HEAD)
    world.works()
    assert (world.outcome(first), world.outcome(second)) == ("approved", "held")
    assert changes(world, canon, serial="77").status_code == 204
    world.works()
    assert world.outcome(second) == "approved"


def test_what_waits_for_a_device_and_a_consent_goes_out_only_with_both(world: World, ada: str) -> None:
    ben = world.pupil("Ben Okoro")
    photo = world.uploads(ada, ben, file=NIKON)
    assert world.reasons(photo) == {"device:unknown", "pupil:not-recorded"}
    enrols(world, CAMERA)
    world.works()
    assert world.reasons(photo) == {"pupil:not-recorded"}
    world.agrees(ben)
    world.works()
    assert world.outcome(photo) == "approved"


def test_a_camera_that_was_sold_takes_no_more_pictures_and_what_it_took_stays(world: World, ada: str) -> None:
    camera = enrols(world, CAMERA)
    before = world.publication(world.uploads(ada, file=NIKON))
    yesterday = (world.clock.now - timedelta(days=1)).date().isoformat()
    assert changes(world, camera, active_until=yesterday).status_code == 204
    world.works()
    assert world.reasons(world.uploads(ada, file=NIKON)) == {"device:inactive"}
    world.sweeps()
    assert world.reads(before).status_code == 200
    assert changes(world, camera, active_from=world.clock.now.date().isoformat()).status_code == 409
    assert changes(world, camera, active_until=None, active_from=None).status_code == 204


def test_two_entries_that_both_fit_hold_until_the_office_tells_them_apart(world: World, ada: str) -> None:
    enrols(world, CAMERA)
    twin = enrols(world, CAMERA)
    photo = world.uploads(ada, file=NIKON)
    assert world.reasons(photo) == {"device:ambiguous"}
    changes(world, twin, serial="0043")
    world.works()
    assert world.outcome(photo) == "approved"


def test_a_school_that_only_records_its_devices_holds_nothing_and_still_shows_them(world: World, ada: str) -> None:
    world.policy()
    photo = world.uploads(ada, file=PIXELIA)
    assert (world.outcome(photo), device_of(world, photo)) == ("approved", {"state": "unknown"})
    world.policy(provenance='"required"')
    world.works()
    assert world.outcome(photo) == "approved"
    assert world.reasons(world.uploads(ada, file=PIXELIA)) == {"device:unknown"}


def test_another_schools_device_is_unknown_here(world: World, ada: str) -> None:
    neighbour = world.neighbour()
    theirs = enrols(neighbour, IPAD)
    enrols(neighbour, CAMERA)
    refused = world.sends(ada, file=APPLE, device=theirs)
    assert (refused.status_code, refused.json()["type"], refused.json()["fields"]) == (422, "/problems/invalid", ["device"])
    assert world.edits(world.uploads(ada, file=APPLE), device=theirs).json()["fields"] == ["device"]
    assert world.reasons(world.uploads(ada, file=NIKON)) == {"device:unknown"}
    assert changes(world, theirs, label="Ours").status_code == 404
    assert wipes(world, theirs, 1).status_code == 404
    world.policy(provenance='"required"', exceptions="true")
    assert allows(world, device=theirs).status_code == 404
    assert world.client.get("/v1/devices", headers=world.as_role(Role.HEAD)).json() == {"items": []}
    with pytest.raises(NotFound):
        operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=(), days=None, device=theirs)


def test_teachers_see_no_serial_numbers_and_nobodys_own_phone(world: World) -> None:
    camera, phone = enrols(world, CAMERA), enrols(world, PHONE)
    listed = {
        role: world.client.get("/v1/devices", headers=world.as_role(role)).json()["items"] for role in (Role.TEACHER, Role.OFFICE)
    }
    assert [one["id"] for one in listed[Role.TEACHER]] == [camera]
    assert not {"serial", "noted_by", "noted_at"} & set(listed[Role.TEACHER][0])
    assert {one["id"] for one in listed[Role.OFFICE]} == {camera, phone}
    assert {one.get("serial") for one in listed[Role.OFFICE]} == {"0042", None}
    assert "Frost" not in repr(listed[Role.TEACHER])


def test_every_change_of_the_register_is_in_the_log_without_names_or_numbers(world: World) -> None:
    phone = enrols(world, PHONE, serial="SN-12345")
    changes(world, phone, label="Another label", serial=None)
    noted = [*world.recorded(Event.DEVICE_ENROLLED), *world.recorded(Event.DEVICE_CHANGED)]
    assert [(one["device"], one["actor"]) for one in noted] == [(phone, noted[0]["actor"])] * 2
    assert noted[1]["changed"] == ["label", "serial"]
    assert not [word for word in ("Frost", "SN-12345", 'label": "Another') if word in repr(noted)]


# --- the headteacher's exceptions -------------------------------------------------------------------------------------


def test_a_teachers_own_phone_on_a_trip_is_held_until_the_headteacher_allows_it(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    phone = enrols(world, PHONE)
    photo = world.uploads(ada, to=("website", "shared-site"), file=PIXELIA)
    assert world.reasons(photo) == {"device:personal"}
    assert device_of(world, photo) == {"state": "personal"}
    granted = allows(world, device=phone, destinations=["website"])
    assert granted.status_code == 201, granted.text
    world.works()
    assert (world.outcome(photo), world.reasons(photo, "shared-site")) == ("approved", {"device:personal"})
    assert device_of(world, photo) == {"state": "personal", "excepted": ["website"]}
    (noted,) = world.recorded(Event.EXCEPTION_GRANTED)
    assert (noted["exception"], noted["device"], noted["destinations"]) == (granted.json()["id"], phone, ["website"])
    assert "broke" not in repr(noted)


def test_a_withdrawn_exception_stops_the_next_picture_and_leaves_what_went_out(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    exception = allows(world, make="Pixelia", model="P7").json()["id"]
    out = world.publication(world.uploads(ada, file=PIXELIA))
    ben = world.pupil("Ben Okoro")
    waits = world.uploads(ada, ben, file=PIXELIA)
    assert world.reasons(waits) == {"pupil:not-recorded"}
    withdraws(world, exception)
    withdraws(world, exception)
    assert len(world.recorded(Event.EXCEPTION_WITHDRAWN)) == 1
    world.agrees(ben)
    world.works()
    world.sweeps()
    assert world.reasons(waits) == world.reasons(world.uploads(ada, file=PIXELIA)) == {"device:unknown"}
    assert world.reads(out).status_code == 200


def test_an_edit_of_what_went_out_by_an_exception_that_is_over_takes_down_only_what_it_is_about(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    exception = allows(world, make="Pixelia", model="P7").json()["id"]
    photo = world.uploads(ada, to=("website",), file=PIXELIA)
    out = world.publication(photo)
    withdraws(world, exception)
    assert world.edits(photo, destinations=["shared-site"]).status_code == 200
    world.works()
    assert world.reads(out).status_code == 200
    assert world.reasons(photo, "shared-site") == {"device:unknown"}


def test_an_exception_ends_by_itself(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    allows(world, make="Pixelia", model="P7", days=1)
    out = world.publication(world.uploads(ada, file=PIXELIA))
    world.clock.pass_by(days=1)
    assert world.reasons(world.uploads(ada, file=PIXELIA)) == {"device:unknown"}
    world.sweeps()
    assert world.reads(out).status_code == 200


def test_an_exception_that_begins_later_opens_only_then_also_for_what_came_meanwhile(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    before = world.uploads(ada, file=PIXELIA)
    tomorrow = (world.clock.now + timedelta(days=1)).isoformat()
    until = (world.clock.now + timedelta(days=2)).isoformat()
    allows(world, make="Pixelia", model="P7", valid_from=tomorrow, valid_until=until)
    meanwhile = world.uploads(ada, file=PIXELIA)
    assert [world.outcome(one) for one in (before, meanwhile)] == ["held", "held"]
    world.clock.pass_by(days=1, seconds=1)
    world.works()
    assert [world.outcome(one) for one in (before, meanwhile)] == ["approved", "held"]
    world.sweeps()
    world.works()
    assert world.outcome(meanwhile) == "approved"
    assert world.sweeps().driven_again == 0


def test_an_exception_for_a_sign_in_is_for_that_person_alone(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    photo = world.uploads(ada, file=PIXELIA)
    assert "sign_in" not in device_of(world, photo)
    sign_in = device_of(world, photo, Role.HEAD)["sign_in"]
    assert allows(world, sign_in=sign_in).status_code == 201
    world.works()
    assert world.outcome(photo) == "approved"
    assert world.reasons(world.uploads(ada, file=PIXELIA, headers=world.another(Role.TEACHER))) == {"device:unknown"}
    assert allows(world, sign_in="f" * 32).status_code == 404


def test_where_the_policy_allows_no_exceptions_none_can_be_granted_and_none_counts_any_more(world: World, ada: str) -> None:
    refused = allows(world, make="Pixelia", model="P7")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    world.policy(provenance='"required"', exceptions="true")
    assert allows(world, make="Pixelia", model="P7").status_code == 201
    world.policy(provenance='"required"')
    assert world.reasons(world.uploads(ada, file=PIXELIA)) == {"device:unknown"}


@pytest.mark.parametrize("role", [Role.TEACHER, Role.EDITOR, Role.OFFICE, Role.DSL, Role.SYNC])
def test_only_the_headteacher_grants_and_withdraws_exceptions(world: World, role: Role) -> None:
    world.policy(exceptions="true")
    exception = allows(world, make="Pixelia", model="P7").json()["id"]
    for address in ("/v1/device-exceptions", f"/v1/device-exceptions/{exception}/withdraw"):
        assert world.client.post(address, json={}, headers=world.as_role(role)).status_code == 403
    (listed,) = world.client.get("/v1/device-exceptions", headers=world.as_role(Role.HEAD)).json()["items"]
    assert (listed["id"], listed["state"], listed["reason"]) == (exception, "in-force", "The camera broke on the trip.")


WRONG: Final = {
    "names nobody": {},
    "a make alone": {"make": "Pixelia"},
    "a serial number alone": {"serial": "1"},
    "without an end": {"make": "Pixelia", "model": "P7", "valid_until": None},
    "ends before it begins": {"make": "Pixelia", "model": "P7", "valid_until": "2026-01-01T00:00:00Z"},
    "lasts for ever": {"make": "Pixelia", "model": "P7", "valid_until": "2030-01-01T00:00:00Z"},
    "without a reason": {"make": "Pixelia", "model": "P7", "reason": ""},
    "with blanks for a reason": {"make": "Pixelia", "model": "P7", "reason": "   "},
    "with a tab and a line for a reason": {"make": "Pixelia", "model": "P7", "reason": "\t\n"},
    "for a number of zeros": {"make": "Pixelia", "model": "P7", "serial": "000"},
    "for a model on two lines": {"make": "Pixelia", "model": "P7\nP8"},
    "for no destination": {"make": "Pixelia", "model": "P7", "destinations": []},
}


@pytest.mark.parametrize("scope", WRONG.values(), ids=WRONG.keys())
def test_an_exception_names_somebody_a_reason_and_an_end(world: World, scope: dict[str, Any]) -> None:
    world.policy(exceptions="true")
    assert allows(world, **scope).status_code == 422


def test_an_exception_that_is_over_already_is_none(world: World) -> None:
    world.policy(exceptions="true")
    now = world.clock.now
    span: dict[str, Any] = {"valid_from": (now - timedelta(days=2)).isoformat(), "valid_until": now.isoformat()}
    assert allows(world, make="Pixelia", model="P7", **span).status_code == 409


def test_an_exception_withdrawn_between_the_bytes_and_the_publication_publishes_nothing(
    world: World, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.policy(provenance='"required"', exceptions="true")
    exception = allows(world, make="Pixelia", model="P7").json()["id"]
    published = type(world.house.published)
    put = published.publish

    def put_then_withdraw(self: Any, *given: Any, **more: Any) -> None:
        put(self, *given, **more)
        world.client.post(f"/v1/device-exceptions/{exception}/withdraw", headers=world.as_role(Role.HEAD))

    monkeypatch.setattr(published, "publish", put_then_withdraw)
    photo = world.uploads(ada, file=PIXELIA)
    assert world.reasons(photo) == {"device:unknown"}
    assert (world.published(), world.objects_with_bytes()) == ([], [])


# --- metadata that can't be read --------------------------------------------------------------------------------------


def test_a_picture_whose_metadata_can_not_be_read_waits_for_a_second_person(world: World, ada: str) -> None:
    world.policy()
    photo = world.uploads(ada, to=("website", "shared-site", f"journal:{ada}"), file=unreadable())
    for to in ("website", "shared-site", f"journal:{ada}"):
        assert world.reasons(photo, to) == {"metadata:unreadable"}
    own = world.edits(photo, metadata_seen=True)
    assert (own.status_code, own.json()["type"]) == (409, "/problems/second-person-needed")
    assert world.edits(photo, headers=world.another(Role.TEACHER), metadata_seen=True).status_code == 404
    seen = world.edits(photo, headers=world.as_role(Role.EDITOR), metadata_seen=True)
    assert (seen.status_code, seen.json()["destinations"]) == (200, [])
    world.works()
    assert world.outcome(photo) == world.outcome(photo, f"journal:{ada}") == "approved"
    (noted,) = world.recorded(Event.PHOTO_METADATA_SEEN)
    assert (noted["photo"], noted["seen"]) == (photo, 1)
    assert noted["actor"].startswith("token:")


@pytest.mark.parametrize("role", [Role.OFFICE, Role.HEAD])
def test_office_and_headteacher_may_look_and_may_take_it_back(world: World, ada: str, role: Role) -> None:
    world.policy()
    photo = world.uploads(ada, file=unreadable())
    assert world.edits(photo, headers=world.as_role(role), metadata_seen=True).status_code == 200
    world.works()
    publication = world.publication(photo)
    assert world.edits(photo, headers=world.as_role(role), metadata_seen=False).status_code == 200
    world.works()
    assert world.is_down(publication)
    assert world.reasons(photo) == {"metadata:unreadable"}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OFFICE])
def test_editor_and_office_may_say_that_and_nothing_else(world: World, ada: str, role: Role) -> None:
    photo = world.uploads(ada, file=unreadable())
    for said in ({"declared": False}, {"metadata_seen": True, "declared": True}, {"metadata_seen": None}, {}):
        assert world.edits(photo, headers=world.as_role(role), **said).status_code == 404


def test_there_is_nothing_to_look_at_where_everything_could_be_read(world: World, ada: str) -> None:
    photo = world.uploads(ada, file=NIKON)
    assert world.edits(photo, headers=world.as_role(Role.OFFICE), metadata_seen=True).status_code == 409
    waiting = world.sends(ada, file=unreadable()).json()["id"]
    assert world.edits(waiting, headers=world.as_role(Role.OFFICE), metadata_seen=True).status_code == 409


# --- the end of the day -----------------------------------------------------------------------------------------------


def test_the_list_of_the_day_names_every_original_and_whoever_wiped_the_card_says_so(world: World, ada: str) -> None:
    camera, today = enrols(world, CAMERA), world.clock.now.date().isoformat()
    photo = world.uploads(ada, file=NIKON)
    held = world.uploads(world.pupil("Ben Okoro"), file=taken_with("Nikon", "D3500", "0042", seed=5))
    listed = receipts(world, camera)
    assert (listed["day"], listed["label"], listed["wipes"]) == (today, "Robin camera", [])
    assert {one["photo"] for one in listed["items"]} == {photo, held}
    (first,) = [one for one in listed["items"] if one["photo"] == photo]
    assert (first["sha256"], first["size"]) == (sha256(NIKON[1]).hexdigest(), len(NIKON[1]))
    assert wipes(world, camera, 1).status_code == 409
    assert wipes(world, camera, 2).status_code == 201
    (said,) = receipts(world, camera)["wipes"]
    assert (said["originals"], said["confirmed_by"]) == (2, world.recorded(Event.DEVICE_WIPED)[0]["actor"])
    world.clock.pass_by(days=1)
    assert overdue(world) == []


def test_a_day_that_is_over_and_not_confirmed_is_overdue_until_it_is(world: World, ada: str) -> None:
    camera, today = enrols(world, CAMERA), world.clock.now.date().isoformat()
    world.uploads(ada, file=NIKON)
    assert overdue(world) == []
    world.clock.pass_by(seconds=12 * 3600)
    assert overdue(world) == overdue(world, Role.TEACHER) == [(camera, today, 1)]
    assert wipes(world, camera, 1, today).status_code == 201
    assert overdue(world) == []


def test_what_arrives_after_the_confirmation_needs_another(world: World, ada: str) -> None:
    camera, today = enrols(world, CAMERA), world.clock.now.date().isoformat()
    world.uploads(ada, file=NIKON)
    assert wipes(world, camera, 1).status_code == 201
    world.clock.pass_by(seconds=60)
    world.uploads(ada, file=taken_with("Nikon", "D3500", "0042", seed=5))
    world.clock.pass_by(days=1)
    assert overdue(world) == [(camera, today, 1)]
    assert wipes(world, camera, 2, today).status_code == 201
    assert overdue(world) == []


def test_originals_of_no_device_are_on_a_list_of_their_own_until_the_device_is_known(world: World, ada: str) -> None:
    photo, today = world.uploads(ada, file=NIKON), world.clock.now.date().isoformat()
    assert [one["photo"] for one in receipts(world, "unknown")["items"]] == [photo]
    camera = enrols(world, CAMERA)
    assert receipts(world, "unknown")["items"] == []
    assert [one["photo"] for one in receipts(world, camera)["items"]] == [photo]
    world.uploads(ada)
    world.clock.pass_by(days=1)
    assert sorted(overdue(world)) == sorted([(camera, today, 1), ("unknown", today, 1)])
    assert wipes(world, "unknown", 1, today).status_code == 403
    assert wipes(world, "unknown", 1, today, headers=world.as_role(Role.OFFICE)).status_code == 201
    assert overdue(world) == [(camera, today, 1)]


@pytest.mark.parametrize(("facts", "role", "classes", "may"), [
    (ROBIN, Role.TEACHER, ("Robin",), True),
    (ROBIN, Role.TEACHER, ("Wren", "Robin"), True),
    (ROBIN, Role.TEACHER, ("Wren",), False),
    (ROBIN, Role.TEACHER, (), False),
    (ROBIN, Role.OFFICE, (), True),
    (ROBIN, Role.HEAD, (), True),
    (ROBIN, Role.EDITOR, ("Robin",), False),
    ({}, Role.TEACHER, ("Wren",), True),
    ({}, Role.TEACHER, (), True),
    ({"owner": "personal"}, Role.TEACHER, ("Robin",), False),
    ({"owner": "personal", **ROBIN}, Role.TEACHER, ("Robin",), True),
    ({"owner": "personal"}, Role.OFFICE, (), True),
])  # fmt: skip
def test_a_card_is_wiped_by_those_who_have_it_in_their_hands(
    world: World, ada: str, facts: dict[str, Any], role: Role, classes: tuple[str, ...], may: bool
) -> None:
    world.pupil("Ben Okoro", reg_group="Wren")
    camera = enrols(world, CAMERA, **facts)
    world.uploads(ada, file=NIKON)
    answer = wipes(world, camera, 1, headers=world.another(role, classes=classes))
    assert answer.status_code == (201 if may else 403)
    assert len(receipts(world, camera)["wipes"]) == int(may)


def test_whoever_has_the_sign_in_of_a_device_has_the_device(world: World, ada: str) -> None:
    phone = enrols(world, PHONE)
    token = operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=(), days=None, device=phone)
    mine = {"authorization": f"Bearer {token}"}
    world.uploads(ada, file=PIXELIA, headers=mine)
    assert wipes(world, phone, 1).status_code == 403
    assert wipes(world, phone, 1, headers=mine).status_code == 201


def test_a_day_without_pictures_needs_no_confirmation(world: World) -> None:
    camera = enrols(world, CAMERA)
    assert receipts(world, camera, "2026-11-01")["items"] == []
    assert wipes(world, camera, 1, "2026-11-01").status_code == 409
    world.clock.pass_by(days=1)
    assert overdue(world) == []


def test_one_schools_lists_know_nothing_of_anothers(world: World, ada: str) -> None:
    camera, neighbour = enrols(world, CAMERA), world.neighbour()
    world.uploads(ada, file=NIKON)
    world.uploads(ada)
    world.clock.pass_by(days=1)
    assert (len(overdue(world)), overdue(neighbour)) == (2, [])
    looked = neighbour.client.get(f"/v1/devices/{camera}/receipts", headers=neighbour.as_role(Role.HEAD))
    assert (looked.status_code, looked.json()["type"]) == (404, "/problems/not-found")
    day = (world.clock.now - timedelta(days=1)).date().isoformat()
    assert receipts(neighbour, "unknown", day)["items"] == []
