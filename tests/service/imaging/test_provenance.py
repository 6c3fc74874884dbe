"""What a file says about itself, in each kind of file, and that whatever cannot be read is doubted."""

import struct
from datetime import datetime

import pytest

from service.imaging import Kind, Provenance, Refusal, RemovedKind
from service.imaging.metadata.text import MAX_TEXT
from tests.service.imaging.dirty import (
    CANARY,
    DIRTY,
    NAMES,
    SERIAL,
    WITH_EXIF,
    drawing,
    exif,
    plain_files,
    saved,
    tiff,
    with_segments,
    xmp,
)
from tests.service.imaging.saying import PLAIN, XMP_HEADER, counts, said, said_by_exif, said_by_xmp


@pytest.mark.parametrize("name", WITH_EXIF)
def test_device_time_place_and_people_are_told_from_every_kind_of_file(name: str) -> None:
    provenance = said(DIRTY[name]())
    assert (provenance.make, provenance.model, provenance.serial) == ("CanaryCam", "CanaryCam 9", SERIAL)
    assert provenance.taken_at == datetime(2024, 6, 14, 10, 20, 30)  # noqa: DTZ001 - the camera's clock has no zone
    assert provenance.gps_present
    assert provenance.person_tags
    assert provenance.readable
    assert provenance.doubt is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "jpeg",
            {
                "exif",
                "gps",
                "thumbnail",
                "maker-note",
                "xmp",
                "iptc",
                "icc-profile",
                "comment",
                "person-names",
                "keywords",
                "words",
            }
            | {"embedded-picture", "trailing-data", "other"},
        ),
        (
            "png",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "iptc", "icc-profile", "text-chunks", "person-names", "keywords"}
            | {"words", "trailing-data", "other"},
        ),
        (
            "webp",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "icc-profile", "person-names", "keywords", "words"}
            | {"trailing-data", "other"},
        ),
        (
            "heic",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "icc-profile", "person-names", "keywords", "words"}
            | {"trailing-data", "motion-clip"},
        ),
        (
            "gif",
            {"gps", "xmp", "icc-profile", "comment", "text-chunks", "content-credentials", "person-names", "keywords", "words"}
            | {"trailing-data", "other"},
        ),
        (
            "tiff",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "iptc", "icc-profile", "person-names", "keywords", "words"}
            | {"embedded-picture", "content-credentials", "trailing-data", "other"},
        ),
        (
            "avif",
            {"exif", "gps", "maker-note", "xmp", "icc-profile", "person-names", "keywords", "words"}
            | {"content-credentials", "trailing-data"},
        ),
        ("bmp", {"icc-profile", "trailing-data", "other"}),
    ],
)
def test_everything_that_is_removed_is_counted_by_kind(name: str, expected: set[str]) -> None:
    assert set(counts(said(DIRTY[name]()))) == {RemovedKind(kind) for kind in expected}


def test_what_was_removed_is_told_without_its_value() -> None:
    removed = repr(said(DIRTY["jpeg"]()).removed)
    assert not any(secret in removed for secret in (CANARY, SERIAL, *NAMES))


@pytest.mark.parametrize("name", sorted(plain_files().keys() - {"jpeg-exif", "heic-exif", "avif-exif", "webp-extended"}))
def test_a_plain_picture_says_nothing_and_nothing_is_removed(name: str) -> None:
    assert said(plain_files()[name]) == Provenance()


def test_a_second_picture_in_a_heic_is_counted() -> None:
    heic = plain_files()["heic-exif"]
    assert counts(said(heic.replace(b"cdsc", b"auxl", 1)))[RemovedKind.EMBEDDED_PICTURE] == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_told_as_stated(orientation: int) -> None:
    assert said(saved(drawing(), "JPEG", exif=exif(orientation=orientation))).orientation == orientation


@pytest.mark.parametrize("value", [0, 9, 255, 65_535])
def test_an_orientation_that_means_nothing_is_upright(value: int) -> None:
    assert said_by_exif(tiff((274, 3, 1, struct.pack(">HH", value, 0)))).orientation == 1


def test_an_orientation_in_xmp_counts_when_exif_has_none() -> None:
    document = xmp("<tiff:Orientation>6</tiff:Orientation>")
    assert said_by_xmp(document).orientation == 6
    both = with_segments(saved(drawing(), "JPEG", exif=exif(orientation=3)), (0xE1, XMP_HEADER + document))
    assert said(both).orientation == 3


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_both_byte_orders_and_both_widths_of_a_number_are_read(order: str, kind: int) -> None:
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *((8, 0) if kind == 3 else (8,)))
    assert said_by_exif(tiff((274, kind, 1, value), order=order)).orientation == 8


def test_a_make_that_no_zero_byte_closes_keeps_its_last_letter() -> None:
    block = tiff((271, 2, 7, struct.pack(">I", 26)), extra=b"KODAK Y\x00\x00")
    assert said_by_exif(block).make == "KODAK Y"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Nikon\x00secret", "Nikon"),
        (b"Ni\x01ko\x1b[31mn\r\n\x00", "Ni ko [31mn"),
        ("Ni\u202eko\u200bn".encode(), "Ni ko n"),
        (b"Zo\xeb\x00\x00\x00", "Zo\u00eb"),
        (b"  \x00   ", None),
        (b"A" * 500, "A" * MAX_TEXT),
    ],
)
def test_strings_are_capped_and_hold_no_control_characters(raw: bytes, text: str | None) -> None:
    raw = raw.ljust(5, b"\x00")
    assert said_by_exif(tiff((272, 2, len(raw), struct.pack(">I", 26)), extra=raw)).model == text


@pytest.mark.parametrize("written", [b"0000:00:00 00:00:00", b"    :  :     :  :  ", b"2024-06-14", b"2024:13:45 99:99:99", b""])
def test_a_time_that_is_none_is_not_told(written: bytes) -> None:
    nested = tiff((0x9003, 2, 20, struct.pack(">I", 44)))[8:] + written.ljust(20, b"\x00")
    provenance = said_by_exif(tiff((0x8769, 4, 1, struct.pack(">I", 26)), extra=nested))
    assert (provenance.taken_at, provenance.readable) == (None, True)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"garbage garbage garbage",
        b"MM\x00*",
        b"MM\x00*\x00\x00\xff\xff",
        b"MM\x00*\x00\x00\x00\x08\xff\xff",
        tiff((271, 2, 500, struct.pack(">I", 26))),
        tiff((271, 2, 0xFFFFFFFF, struct.pack(">I", 8))),
        tiff((271, 5, 1, struct.pack(">I", 8))),
        tiff((274, 2, 1, b"6\x00\x00\x00")),
        tiff((274, 3, 2, b"\x00\x06\x00\x06")),
        tiff((0x8769, 4, 1, struct.pack(">I", 60_000))),
        tiff((0x8825, 4, 1, struct.pack(">I", 60_000))),
        tiff((0x8825, 2, 1, bytes(4))),
        tiff((700, 2, 4, b"<a><")),
    ],
)
def test_an_exif_block_that_breaks_the_rules_is_unreadable_and_the_picture_is_doubted(block: bytes) -> None:
    provenance = said_by_exif(block)
    assert not provenance.readable
    assert provenance.doubt is Refusal.UNREADABLE_METADATA
    assert counts(provenance)[RemovedKind.EXIF] == 1


def test_an_exif_block_may_be_longer_than_a_jpeg_segment_where_the_file_allows_it() -> None:
    behind = tiff((271, 2, 8, struct.pack(">I", 2_000_000)), extra=bytes(2_000_000 - 26) + b"KODAK Y\x00")
    for form in ("PNG", "WEBP", "HEIF"):
        provenance = said(saved(drawing(), form, exif=b"Exif\x00\x00" + behind))
        assert (provenance.make, provenance.readable) == ("KODAK Y", True)


def test_of_two_exif_blocks_that_differ_nobody_can_say_which_is_meant() -> None:
    twice = with_segments(PLAIN, (0xE1, exif()), (0xE1, exif(orientation=6)))
    assert not said(twice).readable


def test_two_exif_blocks_that_say_the_same_are_readable() -> None:
    twice = said(with_segments(PLAIN, (0xE1, exif(orientation=6)), (0xE1, exif(orientation=6))))
    assert (twice.orientation, twice.readable) == (6, True)


def test_an_offset_behind_the_end_of_the_block_leads_to_no_thumbnail() -> None:
    assert said_by_exif(tiff((274, 3, 1, b"\x00\x06\x00\x00"))[:-4] + struct.pack(">I", 60_000)).readable


def test_a_part_that_can_not_be_read_takes_no_other_part_with_it() -> None:
    broken = tiff((271, 2, 2, b"A\x00\x00\x00"), (274, 3, 1, b"\x00\x06\x00\x00"), (0x8825, 4, 1, struct.pack(">I", 60_000)))
    provenance = said_by_exif(broken)
    assert (provenance.make, provenance.orientation, provenance.readable) == ("A", 6, False)


def test_a_directory_that_ends_with_its_last_entry_is_read() -> None:
    assert said_by_exif(tiff((274, 3, 1, b"\x00\x06\x00\x00"))[:-4]).orientation == 6


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01rgb", RemovedKind.THUMBNAIL),
        (b"JFXX\x00\x10thumbnail", RemovedKind.THUMBNAIL),
        (b"AVI1", RemovedKind.OTHER),
    ],
)
def test_thumbnails_in_the_first_segment_are_counted(body: bytes, found: RemovedKind) -> None:
    assert counts(said(with_segments(PLAIN, (0xE0, body)))) == {found: 1}


def test_the_kinds_of_file_are_all_tried() -> None:
    assert set(DIRTY) == set(Kind)
