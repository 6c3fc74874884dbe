"""What a hostile uploader tried with cameras, phones and iPads: each stays found."""

import pytest

from service import operate
from storage.users import Role
from tests.parts.cameras import BODY_SERIAL, HOST, MAKE, MODEL, UNIQUE_MODEL, block, jpeg_with, png_with, xmp_with
from tests.parts.equipment import APPLE, CAMERA, IPAD, PHONE, device_of, enrols
from tests.parts.world import World, picture

JPEG, PNG = picture(), picture(kind="PNG")
WRITES = ((MAKE, b"Apple"), (MODEL, b"iPad"))
NIKON = block([(MAKE, b"Nikon"), (MODEL, b"D3500")], exif=[(BODY_SERIAL, b"0042")])


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
        jpeg_with(JPEG, exif=NIKON, xmp=xmp_with(serial="0099")),
    ],
    ids=["xmp", "twice", "small", "host", "unique", "zero", "png", "only-png", "serial"],
)
def test_a_second_word_on_the_camera_in_the_same_file_is_heard(world: World, ada: str, file: bytes) -> None:
    ipad = enrols(world, IPAD)
    enrols(world, CAMERA)
    photo = world.uploads(ada, file=("IMG_0001", file), device=ipad)
    assert world.reasons(photo) == {"device:contradicted"}
    assert device_of(world, photo) == {"state": "contradicted"}


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
