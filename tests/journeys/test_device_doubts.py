"""What a hostile uploader tried with cameras, phones and iPads: each stays found."""

from typing import Any

import pytest

from service import operate
from storage.users import Role
from tests.parts.cameras import BODY_SERIAL, HOST, MAKE, MODEL, UNIQUE_MODEL, block, jpeg_with, png_with, xmp_with
from tests.parts.equipment import (
    APPLE,
    CAMERA,
    IPAD,
    NIKON,
    PHONE,
    PIXELIA,
    allows,
    changes,
    device_of,
    enrols,
    overdue,
    receipts,
    undecodable_png,
    wipes,
)
from tests.parts.world import World, picture

JPEG, PNG = picture(), picture(kind="PNG")
WRITES = ((MAKE, b"Apple"), (MODEL, b"iPad"))
D3500 = block([(MAKE, b"Nikon"), (MODEL, b"D3500")], exif=[(BODY_SERIAL, b"0042")])


@pytest.fixture
def ada(world: World) -> str:
    """A school that is bound to its own cameras, and a pupil who may appear everywhere."""
    world.policy(provenance='"required"')
    pupil = world.pupil("Ada Frost", year_group="R")
    world.agrees(pupil)
    return pupil


def signed_in_on(world: World, device: str) -> dict[str, str]:
    """Headers of a teacher whose token is bound to a device."""
    token = operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=("Robin",), days=None, device=device)
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "file",
    [
        jpeg_with(JPEG, exif=block(WRITES), xmp=xmp_with(model="iPhone 12")),
        jpeg_with(JPEG, exif=block([*WRITES, (MODEL, b"iPhone 12")])),
        jpeg_with(JPEG, exif=block(WRITES, second=[(MODEL, b"iPhone 12")])),
        jpeg_with(JPEG, exif=block([*WRITES, (HOST, b"iPhone 12")])),
        jpeg_with(JPEG, exif=block([*WRITES, (UNIQUE_MODEL, b"iPhone 12")])),
        jpeg_with(JPEG, exif=block([(MAKE, b"Apple"), (MODEL, b"iPad\x00iPhone 12")])),
        png_with(PNG, (b"eXIf", block(WRITES)), (b"tEXt", b"Model\x00iPhone 12")),
        png_with(PNG, (b"tEXt", b"Model\x00iPhone 12")),
        jpeg_with(JPEG, exif=D3500, xmp=xmp_with(serial="0099")),
    ],
    ids=["xmp", "twice", "small", "host", "unique", "zero", "png", "only-png", "serial"],
)
def test_a_second_word_on_the_camera_in_the_same_file_is_heard(world: World, ada: str, file: bytes) -> None:
    ipad = enrols(world, IPAD)
    enrols(world, CAMERA)
    photo = world.uploads(ada, file=("IMG_0001", file), device=ipad)
    assert world.reasons(photo) == {"device:contradicted"}
    assert device_of(world, photo) == {"state": "contradicted"}


@pytest.mark.parametrize("admitted", [PHONE, {**IPAD, "active_until": "2020-01-01"}], ids=["a phone", "an iPad long sold"])
def test_who_admits_that_a_live_picture_came_from_another_device_takes_it_down(
    world: World, ada: str, admitted: dict[str, Any]
) -> None:
    ipad, other = enrols(world, IPAD), enrols(world, admitted)
    photo = world.uploads(ada, to=("website", "shared-site"), device=ipad)
    out = [world.publication(photo), world.publication(photo, "shared-site")]
    assert world.edits(photo, device=other).status_code == 200
    assert [world.reads(one).status_code for one in out] == [410, 410]
    world.works()
    assert world.reasons(photo) == world.reasons(photo, "shared-site") == {f"device:{device_of(world, photo)['state']}"}
    assert device_of(world, photo)["state"] in {"personal", "inactive"}
    assert world.edits(photo, device=ipad).status_code == 200
    world.works()
    assert world.outcome(photo) == "approved"


def test_a_device_said_again_or_settled_by_the_camera_leaves_what_is_live(world: World, ada: str) -> None:
    ipad, _ = enrols(world, IPAD), enrols(world, CAMERA)
    named, written = world.uploads(ada, device=ipad), world.uploads(ada, file=NIKON)
    out = [world.publication(named), world.publication(written)]
    changes(world, ipad, active_until="2020-01-01")
    assert [world.edits(photo, device=ipad).status_code for photo in (named, written)] == [200, 200]
    world.works()
    world.sweeps()
    assert [world.reads(one).status_code for one in out] == [200, 200]


def test_a_desktop_program_in_between_is_no_second_camera(world: World, ada: str) -> None:
    file = jpeg_with(JPEG, exif=block([*WRITES, (HOST, b"Mac OS X 10.5")]), xmp=xmp_with(model="iPad", make="Apple"))
    assert world.outcome(world.uploads(ada, file=("IMG_0001.JPG", file), device=enrols(world, IPAD))) == "approved"


def test_a_teachers_own_phone_does_not_become_an_ipad_by_naming_one(world: World, ada: str) -> None:
    ipad, phone = enrols(world, IPAD), enrols(world, PHONE)
    own = signed_in_on(world, phone)
    assert world.reasons(world.uploads(ada, device=ipad, headers=own)) == {"device:contradicted"}
    assert world.reasons(world.uploads(ada, headers=own)) == {"device:personal"}
    assert world.outcome(world.uploads(ada, device=ipad, file=APPLE, headers=own)) == "approved"
    assert world.outcome(world.uploads(ada, device=ipad, headers=signed_in_on(world, enrols(world, CAMERA)))) == "approved"


@pytest.mark.parametrize(
    "named", ["Mrs Frost's phone", "the blue one", "unknown", "F" * 32, "f" * 31, "f" * 33, "f" * 32 + "\n", "f" * 32, " "]
)
def test_what_is_no_id_of_a_device_here_is_refused_and_takes_no_sign_ins_place(world: World, ada: str, named: str) -> None:
    bound = signed_in_on(world, enrols(world, IPAD))
    answer = world.sends(ada, headers=bound, device=named)
    assert (answer.status_code, answer.json()["type"], answer.json()["fields"]) == (422, "/problems/invalid", ["device"])
    assert "Frost" not in answer.text
    assert world.outcome(world.uploads(ada, headers=bound, device="")) == "approved"


def test_a_live_picture_of_none_of_the_enrolled_devices_comes_down_once_that_is_said(world: World, ada: str) -> None:
    photo = world.uploads(ada, device=enrols(world, IPAD))
    out = world.publication(photo)
    for wrong in ("the blue one", "e" * 32):
        answer = world.edits(photo, device=wrong)
        assert (answer.status_code, answer.json()["fields"]) == (422, ["device"])
    assert world.reads(out).status_code == 200
    assert world.edits(photo, device="unknown").status_code == 200
    assert world.reads(out).status_code == 410
    world.works()
    assert world.reasons(photo) == {"device:unknown"}


@pytest.mark.parametrize("mark", ["Robin\ncamera", "Robin\x1b[2Jcamera", "Robin\u202ecamera", "Robin\u2028camera"])
@pytest.mark.parametrize("member", ["label", "make", "model", "serial"])
def test_what_is_written_on_a_device_is_one_line_without_control_characters(world: World, member: str, mark: str) -> None:
    answer = world.client.post("/v1/devices", json=CAMERA | {member: mark}, headers=world.as_role(Role.OFFICE))
    assert (answer.status_code, answer.json()["fields"]) == (422, [member])
    camera = enrols(world, CAMERA)
    assert changes(world, camera, **{member: mark}).status_code == 422


@pytest.mark.parametrize("serial", ["0", "000", "00 00", "\uff10\uff10"])
def test_a_serial_number_of_zeros_is_refused_in_a_sentence(world: World, serial: str) -> None:
    world.policy(exceptions="true")
    camera = enrols(world, CAMERA)
    answers = [
        world.client.post("/v1/devices", json=CAMERA | {"serial": serial}, headers=world.as_role(Role.OFFICE)),
        changes(world, camera, serial=serial),
        allows(world, make="Pixelia", model="P7", serial=serial),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["fields"]) == (422, ["serial"])
        assert answer.json()["detail"] == "Zeros alone tell no device from another. Leave the serial number out."


def test_where_exceptions_are_forbidden_the_refusal_names_the_policys_key(world: World) -> None:
    answer = allows(world, make="Pixelia", model="P7")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert "devices.exceptions" in answer.json()["detail"]


def test_an_exception_that_the_policy_no_longer_allows_is_not_shown(world: World, ada: str) -> None:
    world.policy(provenance='"required"', exceptions="true")
    assert allows(world, make="Pixelia", model="P7", destinations=["website"]).status_code == 201
    photo = world.uploads(ada, file=PIXELIA)
    assert device_of(world, photo)["excepted"] == ["website"]
    world.policy(provenance='"required"')
    assert "excepted" not in device_of(world, photo)
    assert world.reasons(world.uploads(ada, file=PIXELIA)) == {"device:unknown"}


def test_what_can_not_be_decoded_is_to_be_copied_again_and_not_to_be_wiped(world: World, ada: str) -> None:
    ipad, today = enrols(world, IPAD), world.clock.now.date().isoformat()
    damaged = world.uploads(ada, to=("website",), file=("IMG_0001.PNG", undecodable_png()), device=ipad)
    (found,) = world.photo(damaged)["destinations"]
    (image,) = [one for one in found["findings"] if one["reason"] == "image:missing"]
    assert image["sentence"].endswith("Take a new copy from the camera.")
    assert receipts(world, ipad)["items"] == receipts(world, "unknown")["items"] == []
    assert wipes(world, ipad, 1).status_code == 409
    good = world.uploads(ada, device=ipad)
    assert [one["photo"] for one in receipts(world, ipad)["items"]] == [good]
    world.clock.pass_by(days=1)
    assert overdue(world) == [(ipad, today, 1)]
    assert wipes(world, ipad, 1, today).status_code == 201
    assert overdue(world) == []
