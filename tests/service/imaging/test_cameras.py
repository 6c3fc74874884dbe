"""What real cameras and the programs behind them write is read right, or doubted: make, model, serial, time and turn."""

import struct
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import PersonPlace, Provenance
from tests.service.imaging.dirty import drawing, saved, with_segments, xmp
from tests.service.imaging.notes import (
    ASCII,
    LONG,
    SHORT,
    UNDEFINED,
    Field,
    block,
    canon,
    directory,
    fujifilm,
    nikon,
    noted,
    old_olympus,
    olympus,
    panasonic,
)
from tests.service.imaging.saying import PLAIN, XMP_HEADER, said, said_by_exif, said_by_xmp

CAMERA = ((271, ASCII, b"Canon\x00"), (272, ASCII, b"EOS 350D\x00"))
OLYMPUS, OM_SYSTEM = b"OLYMPUS\x00II\x03\x00", b"OM SYSTEM\x00\x00\x00II\x04\x00"


def own(*fields: Field) -> Field:
    """A directory that is the value of a field."""
    return (0x2010, UNDEFINED, directory(0, *fields, order="<"))


def equipment(head: bytes, serial: bytes) -> Callable[[int], bytes]:
    """An Olympus note whose serial stands in a directory of its own."""
    at = len(head) + len(directory(0, (0x2010, LONG, bytes(4))))
    below = directory(at, (0x0101, ASCII, serial), order="<")
    return lambda start: olympus(head, (0x2010, 13, struct.pack("<I", at)))(start) + below


def old_equipment(at: int) -> bytes:
    """An older one: the field is the directory."""
    inside = at + 8 + 2 + 12 + 4
    return old_olympus((0x2010, UNDEFINED, directory(inside, (0x0101, ASCII, b"143008611\x00"), order="<")))(at)


SERIALS: list[tuple[str, bytes, str | None]] = [
    ("body", block(*CAMERA, exif=((0xA431, ASCII, b"012345678901\x00"),)), "012345678901"),
    ("unclosed", block(*CAMERA, exif=((0xA431, ASCII, b"012345678901"),)), "012345678901"),
    ("dng", block(*CAMERA, (0xC62F, ASCII, b"5550123\x00")), "5550123"),
    ("blank body", block((0xC62F, ASCII, b"5550123\x00"), exif=((0xA431, ASCII, b"    \x00"),)), "5550123"),
    ("zeros", block(*CAMERA, exif=((0xA431, ASCII, b"0000000\x00"),)), None),
    ("none", block(*CAMERA), None),
    ("canon", noted("Canon", canon((0x000C, LONG, struct.pack("<I", 560018150)))), "0560018150"),
    ("canon 1d", noted("Canon", canon((0x000C, LONG, struct.pack("<I", 500292))), model="Canon EOS-1D Mark III"), "500292"),
    ("canon d30", noted("Canon", canon((0x000C, LONG, struct.pack("<I", 0x12340007))), model="Canon EOS D30"), "123400007"),
    ("canon compact", noted("Canon", canon((0x000C, LONG, bytes(4)))), None),
    ("canon text", noted("Canon", canon((0x000C, ASCII, b"abc\x00"))), None),
    (
        "body before note",
        noted("Canon", canon((0x000C, LONG, struct.pack("<I", 7))), (0xA431, ASCII, b"012345678901\x00")),
        "012345678901",
    ),
    ("nikon", noted("NIKON CORPORATION", nikon((0x001D, ASCII, b"3001006\x00"))), "3001006"),
    ("nikon d70", noted("NIKON CORPORATION", nikon((0x00A0, ASCII, b"NO= 20025585 \x00"))), "20025585"),
    ("nikon name", noted("NIKON", nikon((0x001D, ASCII, b"D50\x00"), (0x00A0, ASCII, b"NO= 12\x00"))), "12"),
    ("nikon without", noted("NIKON", nikon((0x0001, ASCII, b"0210"))), None),
    ("old nikon", noted("NIKON", lambda _: b"Nikon\x00\x01\x00" + bytes(40)), None),
    ("olympus compact", noted("OLYMPUS", olympus(OLYMPUS, (0x0404, ASCII, b"C90500055\x00"))), "C90500055"),
    ("olympus", noted("OLYMPUS", equipment(OLYMPUS, b"BHP242330  \x00")), "BHP242330"),
    ("om system", noted("OM Digital Solutions", equipment(OM_SYSTEM, b"BJ1A01234\x00")), "BJ1A01234"),
    ("old olympus", noted("OLYMPUS", old_equipment), "143008611"),
    ("panasonic internal", noted("Panasonic", panasonic((0x0025, UNDEFINED, b"S000407190102\x00"))), None),
    ("fujifilm internal", noted("FUJIFILM", fujifilm((0x0010, ASCII, b"FPX 31523639\x00"))), None),
]


@pytest.mark.parametrize(("block_of", "serial"), [one[1:] for one in SERIALS], ids=[one[0] for one in SERIALS])
def test_the_serial_on_the_body_is_told_wherever_the_camera_writes_it(block_of: bytes, serial: str | None) -> None:
    provenance = said_by_exif(block_of)
    assert (provenance.serial, provenance.readable) == (serial, True)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_note_keeps_its_own_byte_order_when_a_program_turned_the_block_around_it(order: str) -> None:
    note = canon((0x000C, LONG, struct.pack("<I", 77)), (0x0009, ASCII, b"Ada Frost\x00"))
    provenance = said_by_exif(noted("Canon", note, order=order))
    assert (provenance.serial, [tag.text for tag in provenance.people]) == ("0000000077", ["Ada Frost"])


def test_a_note_that_a_program_moved_and_said_so_is_read_where_it_is_now() -> None:
    note = canon((0x0009, ASCII, b"Ada Frost\x00"))
    moved = (0xEA1D, 9, struct.pack("<i", 60))
    assert said_by_exif(noted("Canon", lambda at: note(at - 60), moved)).people[0].text == "Ada Frost"


@pytest.mark.parametrize("said_to_be_moved", [-40, 60, 4096, 2_000_000_000, -2_000_000_000])
def test_a_note_that_was_not_moved_as_is_said_is_read_where_it_is(said_to_be_moved: int) -> None:
    moved = (0xEA1D, 9, struct.pack("<i", said_to_be_moved))
    provenance = said_by_exif(noted("Canon", canon((0x0009, ASCII, b"Ada Frost\x00")), moved))
    assert ([tag.text for tag in provenance.people], provenance.readable) == (["Ada Frost"], True)


@pytest.mark.parametrize(
    "unread",
    [
        noted("Canon", canon((0x0009, ASCII, b"Ada Frost\x00")))[:-4],
        noted("Canon", lambda _: b"\x03\x00no directory"),
        noted("Canon", lambda at: canon((0x0009, ASCII, b"Ada Frost\x00"))(at + 60_000)),
        noted("Panasonic", panasonic((0x0061, UNDEFINED, b"\x01\x00\x00\x00Ada")))[:-2],
        noted("FUJIFILM", fujifilm((0x4282, UNDEFINED, struct.pack("<II", 8, 62) + bytes(20)))),
        noted("NIKON", lambda _: b"Nikon\x00\x02\x10\x00\x00garbage garbage"),
    ],
)
def test_a_note_of_a_known_layout_that_can_not_be_read_is_doubted(unread: bytes) -> None:
    assert not said_by_exif(unread).readable


@pytest.mark.parametrize("make", ["Apple", "samsung", "SONY", "CASIO", "Nobody"])
def test_a_note_of_no_known_layout_is_counted_and_does_no_harm(make: str) -> None:
    provenance = said_by_exif(noted(make, lambda _: b"\xff\xff garbage \x00\x01"))
    assert (provenance.make, provenance.readable) == (make, True)


ODD: list[tuple[str, bytes]] = [
    ("an entry that we do not need", block(*CAMERA, (0x9999, 5, bytes(8)))),
    ("a rating in shorts", block(*CAMERA, (0x4746, SHORT, b"\x00\x05"))),
    ("values at odd offsets", b"MM\x00*\x00\x00\x00\x09\x00" + directory(9, *CAMERA)),
    ("an empty orientation", block(*CAMERA, (274, SHORT, b""))),
    ("an empty artist", block(*CAMERA, (0x013B, ASCII, b""))),
    ("blank words", block(*CAMERA, (0x010E, ASCII, b" " * 31 + b"\x00"), exif=((0x9286, UNDEFINED, bytes(125)),))),
    ("a thumbnail", block(*CAMERA, thumbnail=((0x0201, LONG, bytes(4)), (0x0202, LONG, bytes(4))))),
    ("a pointer that points nowhere", block(*CAMERA, (0x8825, LONG, bytes(4)))),
    ("camera in the second directory", block((271, ASCII, b"\x00"), exif=CAMERA)),
    ("a signed pointer", block(*CAMERA, (0x8825, 9, bytes(4)))),
    ("padding behind", block(*CAMERA) + bytes(2060)),
]


@pytest.mark.parametrize("odd", [one[1] for one in ODD], ids=[one[0] for one in ODD])
def test_what_cameras_write_oddly_is_read_all_the_same(odd: bytes) -> None:
    provenance = said_by_exif(odd)
    assert (provenance.make, provenance.model, provenance.readable) == ("Canon", "EOS 350D", True)
    assert (provenance.orientation, provenance.people) == (1, ())


def test_an_entry_of_a_type_that_nobody_knows_is_skipped_unless_we_need_it() -> None:
    entries = struct.pack(">HHI4s", 271, ASCII, 4, b"Can\x00") + struct.pack(">HHI4s", 0x9999, 200, 9, b"abcd")
    needed = struct.pack(">HHI4s", 0x010E, 200, 9, b"abcd") + entries
    assert said_by_exif(b"MM\x00*\x00\x00\x00\x08\x00\x02" + entries + bytes(4)).readable
    assert not said_by_exif(b"MM\x00*\x00\x00\x00\x08\x00\x03" + needed + bytes(4)).readable


@pytest.mark.parametrize(
    ("written", "taken_at"),
    [
        (b"2024:06:14 10:20:30\x00", datetime(2024, 6, 14, 10, 20, 30)),  # noqa: DTZ001 - a camera's clock has no zone
        (b"2024-06-14 10:20:30", datetime(2024, 6, 14, 10, 20, 30)),  # noqa: DTZ001
        (b"2024/06/14 10:20:30\x00", datetime(2024, 6, 14, 10, 20, 30)),  # noqa: DTZ001
        (b"2024-06-14T10:20:30.25+01:00", datetime(2024, 6, 14, 10, 20, 30)),  # noqa: DTZ001
        (b"2024:06:14 24:00:00\x00", None),
        ("٢٠٢٤:06:14 10:20:30".encode(), None),
    ],
)
def test_the_time_is_the_camera_s_own_clock(written: bytes, taken_at: datetime | None) -> None:
    assert said_by_exif(block(exif=((0x9003, ASCII, written),))).taken_at == taken_at


def test_a_blank_time_gives_way_to_the_one_when_the_picture_was_digitised() -> None:
    provenance = said_by_exif(block(exif=((0x9003, ASCII, b"    :  :     :  :  "), (0x9004, ASCII, b"2024:06:14 10:20:30\x00"))))
    assert provenance.taken_at == datetime(2024, 6, 14, 10, 20, 30)  # noqa: DTZ001


DEVICE_IN_XMP = (
    "<tiff:Make>NIKON CORPORATION</tiff:Make><tiff:Model>NIKON D800E</tiff:Model>"
    "<exif:DateTimeOriginal>2012-08-08T22:07:18.90</exif:DateTimeOriginal>"
)


@pytest.mark.parametrize(
    "serial",
    [
        '<aux:SerialNumber xmlns:aux="http://ns.adobe.com/exif/1.0/aux/">6001440</aux:SerialNumber>',
        '<e:BodySerialNumber xmlns:e="http://cipa.jp/exif/1.0/">6001440</e:BodySerialNumber>',
        '<x xmlns="urn:x" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" aux:SerialNumber="6001440"/>',
    ],
)
def test_the_camera_is_told_from_xmp_when_there_is_no_exif(serial: str) -> None:
    provenance = said_by_xmp(xmp(DEVICE_IN_XMP + serial))
    assert (provenance.make, provenance.model, provenance.serial) == ("NIKON CORPORATION", "NIKON D800E", "6001440")
    assert provenance.taken_at == datetime(2012, 8, 8, 22, 7, 18)  # noqa: DTZ001


def test_what_exif_says_of_the_camera_goes_before_what_xmp_says() -> None:
    both = with_segments(PLAIN, (0xE1, b"Exif\x00\x00" + block(*CAMERA)), (0xE1, XMP_HEADER + xmp(DEVICE_IN_XMP)))
    assert (said(both).make, said(both).model) == ("Canon", "EOS 350D")
    assert said(both).taken_at is not None


def documents() -> list[tuple[str, bytes, bool]]:
    text = xmp("<dc:title>Ada Frost</dc:title>").decode()
    bare = text[text.index("<x:") : text.index("<?xpacket end")]
    declared = f'<?xml version="1.0" encoding="UTF-8"?>{bare}'
    return [
        ("with zero bytes behind", text.encode() + bytes(2000), True),
        ("with blanks around", b"\r\n  " + declared.encode() + b"\n \x00\x00", True),
        ("with a mark in front", "\ufeff".encode() + bare.encode(), True),
        ("in sixteen bits with a mark", bare.encode("utf-16"), True),
        ("in sixteen bits, big end first, with zero bytes behind", ("\ufeff" + bare).encode("utf-16-be") + bytes(40), True),
        ("in sixteen bits, small end first, with zero bytes behind", ("\ufeff" + bare).encode("utf-16-le") + bytes(41), True),
        ("in sixteen bits without a mark", bare.encode("utf-16-le"), True),
        ("in sixteen bits without a mark, big end first", bare.encode("utf-16-be"), True),
        ("in western letters that it declares", declared.replace("UTF-8", "ISO-8859-1").encode("latin-1"), True),
        ("in thirty-two bits", bare.encode("utf-32"), False),
        ("in letters that it does not declare", declared.replace("Ada", "Zoë").encode("latin-1"), False),
        ("with more behind its end", text.encode() + b"<a/>", False),
        ("of zero bytes alone", bytes(100), False),
    ]


@pytest.mark.parametrize(("document", "readable"), [one[1:] for one in documents()], ids=[one[0] for one in documents()])
def test_an_xmp_document_is_read_or_doubted(document: bytes, readable: bool) -> None:
    provenance = said_by_xmp(document)
    assert provenance.readable is readable
    titles = [tag.text for tag in provenance.people if tag.place is PersonPlace.DC_TITLE]
    assert titles == ["Ada Frost"] or not readable


def test_an_exif_block_that_goes_on_in_a_second_segment_is_doubted() -> None:
    long = b"Exif\x00\x00" + block(*CAMERA)
    assert not said(with_segments(PLAIN, (0xE1, long[:40]), (0xE1, b"Exif\x00\x00" + long[40:]))).readable


SEEDS = [
    noted("Canon", canon((0x0009, ASCII, b"Ada Frost\x00"), (0x000C, LONG, b"\x01\x02\x03\x04"))),
    noted("Panasonic", panasonic((0x0061, UNDEFINED, b"\x02\x00\x00\x00" + bytes(144)), (0x66, UNDEFINED, b"Ada\x00\x00"))),
    noted("FUJIFILM", fujifilm((0x4282, UNDEFINED, struct.pack("<II", 16, 62) + bytes(100)))),
    noted("NIKON", nikon((0x001D, ASCII, b"3001006\x00"))),
    noted("OLYMPUS", equipment(OLYMPUS, b"BHP242330\x00")),
    noted("OLYMPUS", old_equipment),
    block(
        *CAMERA,
        (0x83BB, UNDEFINED, b"\x1c\x02\x19\x00\x03Ada"),
        exif=((0x9C9E, 1, b"A\x00\x00\x00"), (0x9286, 7, b"JIS" + bytes(9))),
    ),
]


def facts_hold(provenance: Provenance) -> bool:
    texts = [provenance.make, provenance.model, provenance.serial, *(tag.text for tag in provenance.people)]
    return all(text is None or (text.isprintable() and text) for text in texts) and 1 <= provenance.orientation <= 8


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 4)), max_size=6))
def test_whatever_is_done_to_a_block_it_is_read_or_doubted_and_nothing_is_raised(
    seed: bytes, damages: list[tuple[float, bytes, int]]
) -> None:
    for place, inserted, removed in damages:
        at = int(place * len(seed))
        seed = seed[:at] + inserted + seed[at + removed :]
    assert facts_hold(said_by_exif(seed))
    assert facts_hold(said(saved(drawing(8, 8), "PNG", exif=b"Exif\x00\x00" + seed)))


@given(st.sampled_from([b"MM\x00*", b"II*\x00"]), st.binary(max_size=400))
def test_any_bytes_behind_a_header_are_read_or_doubted(mark: bytes, rest: bytes) -> None:
    assert facts_hold(said_by_exif(mark + rest))
