"""Where two sources in one file name different cameras, nobody can say which one took it."""

import pytest

from tests.parts.cameras import (
    BODY_SERIAL,
    CAMERA_SERIAL,
    HOST,
    MAKE,
    MODEL,
    UNIQUE_MODEL,
    block,
    jpeg_with,
    png_with,
    xmp_with,
)
from tests.service.imaging.dirty import drawing, saved
from tests.service.imaging.saying import PLAIN, said

PNG = saved(drawing(), "PNG")
APPLE = (MAKE, b"Apple")
IPAD = (APPLE, (MODEL, b"iPad"))
NIKON = ((MAKE, b"NIKON CORPORATION"), (MODEL, b"NIKON D3500"))
DIFFERENT = {
    "EXIF and XMP name two models": jpeg_with(PLAIN, exif=block(IPAD), xmp=xmp_with(model="iPhone 12")),
    "EXIF and XMP name two makes": jpeg_with(PLAIN, exif=block(IPAD), xmp=xmp_with(make="Pixelia")),
    "the model stands twice": jpeg_with(PLAIN, exif=block([*IPAD, (MODEL, b"iPhone 12")])),
    "the small picture's directory names another": jpeg_with(PLAIN, exif=block(IPAD, second=[(MODEL, b"iPhone 12")])),
    "the EXIF directory names another": jpeg_with(PLAIN, exif=block(IPAD, exif=[(MODEL, b"iPhone 12")])),
    "the host is an iPhone": jpeg_with(PLAIN, exif=block([*IPAD, (HOST, b"iPhone 12")])),
    "the unique model is another": jpeg_with(PLAIN, exif=block([*IPAD, (UNIQUE_MODEL, b"iPhone 12")])),
    "a zero byte within the model": jpeg_with(PLAIN, exif=block([APPLE, (MODEL, b"iPad\x00iPhone 12")])),
    "many zero bytes within the model": jpeg_with(PLAIN, exif=block([APPLE, (MODEL, b"iPad" + bytes(9) + b"iPhone 12")])),
    "a text chunk names another": png_with(PNG, (b"eXIf", block(IPAD)), (b"tEXt", b"Model\x00iPhone 12")),
    "a text chunk with a prefix names another": png_with(PNG, (b"eXIf", block(IPAD)), (b"tEXt", b"exif:Model\x00iPhone 12")),
    "two text chunks": png_with(PNG, (b"tEXt", b"Model\x00iPad"), (b"tEXt", b"Model\x00iPhone 12")),
    "two serial numbers, in EXIF and XMP": jpeg_with(
        PLAIN, exif=block(NIKON, exif=[(BODY_SERIAL, b"0042")]), xmp=xmp_with(serial="0043")
    ),
    "two serial numbers in EXIF": jpeg_with(PLAIN, exif=block([*NIKON, (CAMERA_SERIAL, b"0043")], exif=[(BODY_SERIAL, b"0042")])),
    "a serial number without its zeros": jpeg_with(
        PLAIN, exif=block(NIKON, exif=[(BODY_SERIAL, b"0042")]), xmp=xmp_with(serial="42")
    ),
}
SAME = {
    "nothing is said": PLAIN,
    "one word on it": jpeg_with(PLAIN, exif=block(IPAD)),
    "all say the same": jpeg_with(
        PLAIN,
        exif=block([*NIKON, (UNIQUE_MODEL, b"Nikon D3500")], second=NIKON, exif=[(BODY_SERIAL, b"0042")]),
        xmp=xmp_with(make="Nikon", model="D3500", serial=" 0042 "),
    ),
    "the model stands twice and is the same": jpeg_with(PLAIN, exif=block([*IPAD, (MODEL, b"IPAD")])),
    "the host is the same": jpeg_with(PLAIN, exif=block([*IPAD, (HOST, b"iPad")])),
    "the host is a desktop's system": jpeg_with(PLAIN, exif=block([*IPAD, (HOST, b"Mac OS X 10.5")])),
    "the model is padded": jpeg_with(PLAIN, exif=block([APPLE, (MODEL, b"iPad" + bytes(20))])),
    "a blank model beside it": jpeg_with(PLAIN, exif=block([*IPAD, (MODEL, b"    ")])),
    "a serial number of zeros beside it": jpeg_with(
        PLAIN, exif=block(NIKON, exif=[(BODY_SERIAL, b"0042")]), xmp=xmp_with(serial="000")
    ),
    "a text chunk says the same": png_with(PNG, (b"eXIf", block(IPAD)), (b"tEXt", b"Model\x00iPad")),
    "a text chunk about something else": png_with(PNG, (b"eXIf", block(IPAD)), (b"tEXt", b"Software\x00iPhone 12")),
}


@pytest.mark.parametrize("file", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_file_whose_sources_name_two_cameras_is_not_consistent(file: bytes) -> None:
    assert not said(file).consistent


@pytest.mark.parametrize("file", SAME.values(), ids=SAME.keys())
def test_a_file_whose_sources_name_one_camera_is_consistent_however_it_is_spelled(file: bytes) -> None:
    assert (said(file).consistent, said(file).readable) == (True, True)


@pytest.mark.parametrize(
    "file",
    [
        png_with(PNG, (b"tEXt", b"Model\x00iPhone 12")),
        png_with(PNG, (b"tEXt", b"exif:Model\x00iPhone 12")),
        jpeg_with(PLAIN, exif=block([(HOST, b"iPhone 12")])),
        jpeg_with(PLAIN, exif=block([(UNIQUE_MODEL, b"iPhone 12")])),
    ],
)
def test_a_model_that_only_a_lesser_source_names_is_told(file: bytes) -> None:
    assert said(file).model == "iPhone 12"


def test_as_many_words_as_a_value_can_hold_are_few_claims() -> None:
    many = jpeg_with(PLAIN, exif=block([APPLE, (MODEL, b"a\x00" * 16_000)]))
    assert not said(many).consistent
