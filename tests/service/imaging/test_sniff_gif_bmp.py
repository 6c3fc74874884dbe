"""GIF and BMP files in every form that is accepted, written block by block."""

import struct

import pytest

from service.imaging import ImagingError, Kind, Refusal, sniff
from service.imaging.containers.bmp import MAX_PACKED
from service.imaging.renditions import FULL_SIZE
from service.imaging.sniff import look
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import dirty_bmp, drawing, extension, opened, plain_files, saved, with_extensions

GIF = plain_files()["gif"]
BMP = plain_files()["bmp"]
PICTURE = GIF.index(b"\x2c\x00\x00\x00\x00")
"""Where the picture of the GIF begins."""


def refusal(untrusted: bytes) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sniff(untrusted)
    return refused.value.reason


@pytest.mark.parametrize("version", [b"GIF87a", b"GIF89a"])
def test_both_versions_of_gif_are_read(version: bytes) -> None:
    sniffed = sniff(version + GIF[6:])
    assert (sniffed.kind, sniffed.media_type, sniffed.width, sniffed.height) == (Kind.GIF, "image/gif", 48, 32)


def test_a_gif_with_colours_of_its_own_is_read() -> None:
    flags, table = GIF[10], GIF[13 : 13 + (3 << (GIF[10] & 7) + 1)]
    local = (
        GIF[:10] + b"\x00" + GIF[11:13] + GIF[13 + len(table) : PICTURE + 9] + bytes([flags & 0x87]) + table + GIF[PICTURE + 10 :]
    )
    assert opened(unjailed(local, (FULL_SIZE,))[1][0].content).size == (48, 32)


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (GIF[:-1] + GIF[PICTURE:], Refusal.TOO_MANY_FRAMES),
        (GIF[:PICTURE] + b"\x3b", Refusal.UNDECODABLE),
        (GIF[:-1] + b"\x00\x3b", Refusal.UNDECODABLE),
        (GIF[:-1], Refusal.TRUNCATED),
        (GIF[: PICTURE + 1] + b"\x01" + GIF[PICTURE + 2 :], Refusal.UNDECODABLE),
        (GIF[: PICTURE + 5] + b"\xff\x01" + GIF[PICTURE + 7 :], Refusal.UNDECODABLE),
        (GIF[: PICTURE + 5] + b"\xff\xff\xff\xff" + GIF[PICTURE + 9 :], Refusal.TOO_MANY_PIXELS),
        (GIF[: PICTURE + 5] + b"\x00\x00" + GIF[PICTURE + 7 :], Refusal.UNDECODABLE),
        (GIF[: PICTURE + 10] + b"\x0c" + GIF[PICTURE + 11 :], Refusal.UNDECODABLE),
        (GIF[: PICTURE + 10] + b"\x00" + GIF[PICTURE + 11 :], Refusal.UNDECODABLE),
        (with_extensions(GIF, b"\x21\xfe" + b"\x01x" * 500_001 + b"\x00"), Refusal.UNDECODABLE),
        (with_extensions(GIF, b"\x21\xfe\xffshort")[: PICTURE + 20], Refusal.TRUNCATED),
    ],
)
def test_a_gif_that_breaks_its_own_rules_is_refused(untrusted: bytes, reason: Refusal) -> None:
    assert refusal(untrusted) is reason


def test_extensions_of_every_kind_are_stepped_over() -> None:
    gif = with_extensions(GIF, extension(0xFE, b"a", b"b" * 600), extension(0x01, bytes(12)), extension(0x42, b"x"))
    assert [part.name for part in look(gif)[1].parts] == ["comment", "plain-text", "other", "picture"]


def bmp(
    *,
    width: int = 4,
    height: int = 4,
    depth: int = 24,
    coding: int = 0,
    header: int = 40,
    colours: int = 0,
    rows: bytes | None = None,
) -> bytes:
    """A BMP with this header, and rows of zeros unless told otherwise."""
    table = 0 if depth > 8 else 4 * (colours or 1 << depth)
    content = bytes((width * depth + 31) // 32 * 4 * abs(height)) if rows is None else rows
    head = struct.pack("<IiiHHIIiiII", header, width, height, 1, depth, coding, len(content), 0, 0, colours, 0).ljust(
        header, b"\x00"
    )
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F) if coding == 3 and header == 40 else b""
    start = 14 + header + len(masks) + table
    return b"BM" + struct.pack("<I4sI", start + len(content), bytes(4), start) + head + masks + bytes(table) + content


def oldest(*, width: int = 4, height: int = 4) -> bytes:
    return (
        b"BM" + struct.pack("<I4sI", 74, bytes(4), 26) + struct.pack("<IHHHH", 12, width, height, 1, 24) + b"\x40" * 12 * height
    )


@pytest.mark.parametrize(
    "untrusted",
    [
        *(bmp(depth=depth) for depth in (1, 4, 8, 16, 24, 32)),
        *(bmp(header=header) for header in (40, 52, 56, 64, 108, 124)),
        bmp(height=-4),
        bmp(depth=8, colours=3),
        bmp(depth=16, coding=3),
        bmp(depth=8, coding=1, rows=b"\x04\x01\x00\x00" * 4 + b"\x00\x01"),
        bmp(depth=4, coding=2, rows=b"\x04\x11\x00\x00" * 4 + b"\x00\x01"),
        oldest(),
    ],
)
def test_every_form_of_bmp_is_read_and_decoded(untrusted: bytes) -> None:
    sniffed = sniff(untrusted)
    assert (sniffed.kind, sniffed.media_type, sniffed.width, sniffed.height) == (Kind.BMP, "image/bmp", 4, 4)
    assert opened(unjailed(untrusted, (FULL_SIZE,))[1][0].content).size == (4, 4)


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (bmp(coding=4), Refusal.UNSUPPORTED),
        (bmp(coding=5), Refusal.UNSUPPORTED),
        (bmp(coding=6), Refusal.UNSUPPORTED),
        (bmp(depth=2), Refusal.UNDECODABLE),
        (bmp(depth=24, coding=1, rows=b"ab"), Refusal.UNDECODABLE),
        (bmp(depth=8, coding=2, rows=b"ab"), Refusal.UNDECODABLE),
        (bmp(depth=24, coding=3), Refusal.UNDECODABLE),
        (bmp(depth=8, coding=1, rows=b""), Refusal.UNDECODABLE),
        (bmp(depth=8, coding=1, rows=bytes(MAX_PACKED + 1)), Refusal.UNSUPPORTED),
        (bmp(width=4_000, height=2_001, depth=8, coding=1, rows=b"\x00\x01"), Refusal.UNSUPPORTED),
        (bmp(depth=4, colours=17), Refusal.UNDECODABLE),
        (bmp(width=-4, rows=bytes(48)), Refusal.UNDECODABLE),
        (bmp(height=-0x80000000, rows=b""), Refusal.TOO_MANY_PIXELS),
        (BMP[:26] + b"\x02" + BMP[27:], Refusal.UNDECODABLE),
        (BMP[:10] + b"\x20" + BMP[11:], Refusal.UNDECODABLE),
        (BMP[:10] + b"\xff\xff\xff\xff" + BMP[14:], Refusal.TRUNCATED),
        (oldest(width=0), Refusal.UNDECODABLE),
        (BMP[:40], Refusal.TRUNCATED),
    ],
)
def test_a_bmp_that_breaks_its_own_rules_is_refused(untrusted: bytes, reason: Refusal) -> None:
    assert refusal(untrusted) is reason


def test_a_bmp_whose_first_row_is_the_top_one_stands_on_its_feet() -> None:
    upright = saved(drawing(48, 32), "BMP")
    rows = [upright[54:][at : at + 144] for at in range(0, 144 * 32, 144)]
    turned = upright[:22] + struct.pack("<i", -32) + upright[26:54] + b"".join(reversed(rows))
    assert unjailed(turned, (FULL_SIZE,))[1] == unjailed(upright, (FULL_SIZE,))[1]


def test_what_lies_between_headers_and_rows_is_found() -> None:
    names = [part.name for part in look(dirty_bmp())[1].parts]
    assert names == ["pixels", "profile", "gap", "gap"]
    zeros = BMP[:10] + struct.pack("<I", 64) + BMP[14:54] + bytes(10) + BMP[54:]
    assert [part.name for part in look(zeros)[1].parts] == ["pixels"]


def test_a_profile_that_is_only_named_is_found_too() -> None:
    linked = dirty_bmp().replace(b"DEBM", b"KNIL")
    assert [part.name for part in look(linked)[1].parts][:2] == ["pixels", "link"]
