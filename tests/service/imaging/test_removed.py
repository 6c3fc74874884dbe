"""Films behind pictures, signed statements and second pictures: each is counted as what it is, in every kind that may hold it."""

import struct
from typing import Any

import pytest

from service.imaging import RemovedKind
from service.imaging.renditions import FULL_SIZE
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import (
    CANARY,
    chunk,
    dirty_gif,
    dirty_tiff,
    drawing,
    exif,
    extension,
    plain_files,
    saved,
    tiff,
    with_chunks,
    with_extensions,
    with_segments,
    xmp,
)
from tests.service.imaging.saying import PLAIN, counts, said

FILES = plain_files()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


FILM = box(b"ftyp", b"mp42\x00\x00\x00\x00isommp42") + box(b"moov", CANARY.encode()) + box(b"mdat", CANARY.encode() * 50)
GAIN_MAP = saved(drawing(16, 16), "JPEG", comment=CANARY)
CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(4) + b"manifest\x00" + CANARY.encode()
JUMBF = b"JP" + struct.pack(">HI", 1, 1) + box(b"jumb", box(b"jumd", b"c2pa" + CANARY.encode()))
CLIP, TRAILING, SIGNED = RemovedKind.MOTION_CLIP, RemovedKind.TRAILING_DATA, RemovedKind.CONTENT_CREDENTIALS
SECOND, OTHER = RemovedKind.EMBEDDED_PICTURE, RemovedKind.OTHER


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (FILM, {CLIP: 1}),
        (GAIN_MAP + FILM, {CLIP: 1, TRAILING: 1}),
        (FILM + bytes(40), {CLIP: 1, TRAILING: 1}),
        (FILM[:-20], {CLIP: 1, TRAILING: 1}),
        (b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data" + FILM + b"SEFH\x6b\x00\x00\x00SEFT", {CLIP: 1, TRAILING: 1}),
        (b"MotionPhoto_Data" + CANARY.encode(), {CLIP: 1, TRAILING: 1}),
        (GAIN_MAP, {TRAILING: 1}),
        (b"the word ftyp makes no film", {TRAILING: 1}),
    ],
)
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_the_film_of_a_motion_photo_is_counted_as_one_and_the_picture_is_kept(
    name: str, behind: bytes, expected: dict[RemovedKind, int]
) -> None:
    moving = FILES[name] + behind
    assert counts(said(moving)) == expected
    assert unjailed(moving, (FULL_SIZE,))[1] == unjailed(FILES[name], (FULL_SIZE,))[1]


@pytest.mark.parametrize("name", ["heic", "avif"])
def test_the_film_in_a_box_of_its_own_is_counted_and_the_picture_is_kept(name: str) -> None:
    moving = FILES[name] + box(b"mpvd", FILM)
    assert counts(said(moving)) == {CLIP: 1}
    assert unjailed(moving, (FULL_SIZE,))[1] == unjailed(FILES[name], (FULL_SIZE,))[1]


@pytest.mark.parametrize(
    "untrusted",
    [
        with_segments(PLAIN, (0xEB, JUMBF)),
        with_chunks(FILES["png"], (b"caBX", JUMBF[8:])),
        FILES["heic"] + box(b"uuid", CREDENTIALS),
        FILES["heic"] + box(b"jumb", CREDENTIALS),
        FILES["avif"] + box(b"uuid", CREDENTIALS),
        FILES["webp-extended"][:4]
        + struct.pack("<I", len(FILES["webp-extended"]) + 8)
        + FILES["webp-extended"][8:]
        + b"C2PA"
        + struct.pack("<I", 8)
        + b"manifest",
        with_extensions(FILES["gif"], extension(0xFF, b"C2PA_GIF\x01\x00\x00", CANARY.encode())),
        dirty_tiff(),
    ],
)
def test_signed_statements_are_counted_in_every_kind_that_may_hold_them(untrusted: bytes) -> None:
    assert counts(said(untrusted))[SIGNED] == 1


@pytest.mark.parametrize("untrusted", [with_segments(PLAIN, (0xEB, b"HDR_RI ver=11")), FILES["heic"] + box(b"uuid", bytes(20))])
def test_what_is_no_signed_statement_is_counted_as_something_else(untrusted: bytes) -> None:
    assert counts(said(untrusted)) == {OTHER: 1}


def test_a_second_picture_in_a_heic_is_counted_once_and_a_thumbnail_is_none() -> None:
    pictures = [drawing(64, 64), drawing(64, 64).rotate(90), drawing(64, 64).rotate(180)]
    burst = saved(pictures[0], "HEIF", save_all=True, append_images=pictures[1:])
    assert counts(said(burst)) == {SECOND: 2}
    tiled = saved(drawing(256, 128), "HEIF", tile_size=64)
    assert b"grid" in tiled
    assert counts(said(tiled)) == {}
    assert counts(said(saved(drawing(256, 128), "HEIF", thumbnails=[64]))) == {RemovedKind.THUMBNAIL: 1}


def test_xmp_in_a_gif_is_read_whether_it_is_written_raw_or_in_pieces() -> None:
    pieces = with_extensions(FILES["gif"], extension(0xFF, b"XMP DataXMP", xmp()))
    for untrusted in (pieces, dirty_gif()):
        provenance = said(untrusted)
        assert provenance.readable
        assert counts(provenance)[RemovedKind.PERSON_NAMES] == 2
    assert not said(with_extensions(FILES["gif"], extension(0xFF, b"XMP DataXMP", xmp()[:-90]))).readable


@pytest.mark.parametrize(
    ("order", "options"), [("<", {}), (">", {}), ("<", {"compression": "tiff_lzw"}), ("<", {"compression": "jpeg"})]
)
def test_whatever_a_tiff_says_is_read_in_both_byte_orders(order: str, options: dict[str, Any]) -> None:
    provenance = said(dirty_tiff(order=order, orientation=6, **options))
    assert provenance.readable
    assert (provenance.make, provenance.orientation, provenance.gps_present) == ("CanaryCam", 6, True)
    found = counts(provenance)
    assert (found[RemovedKind.MAKER_NOTE], found[RemovedKind.IPTC], found[RemovedKind.KEYWORDS]) == (1, 2, 7)


def with_entry(untrusted: bytes, tag: int, kind: int, count: int, value: int) -> bytes:
    """The little-endian TIFF with the value of one entry changed; its directory is at the end."""
    first = struct.unpack_from("<I", untrusted, 4)[0]
    for at in range(first + 2, first + 2 + 12 * struct.unpack_from("<H", untrusted, first)[0], 12):
        if struct.unpack_from("<H", untrusted, at)[0] == tag:
            return untrusted[:at] + struct.pack("<HHII", tag, kind, count, value) + untrusted[at + 12 :]
    raise AssertionError(tag)


@pytest.mark.parametrize(
    "untrusted",
    [
        with_entry(dirty_tiff(), 34665, 4, 1, 0xFFFFFF00),
        with_entry(dirty_tiff(), 34853, 4, 1, 0xFFFFFF00),
        with_entry(dirty_tiff(), 34665, 2, 1, 65),
        with_entry(dirty_tiff(), 34665, 4, 0, 0),
        with_entry(dirty_tiff(), 274, 2, 1, 54),
        with_entry(dirty_tiff(drawing(300, 300)), 270, 2, 70_000, 8),
    ],
)
def test_a_tiff_whose_metadata_can_not_be_read_is_doubted_and_still_decoded(untrusted: bytes) -> None:
    provenance = said(untrusted)
    assert not provenance.readable
    assert counts(provenance)[RemovedKind.EXIF] == 1
    assert unjailed(untrusted, (FULL_SIZE,))[1]


def test_a_maker_note_longer_than_all_that_is_read_is_counted_and_does_no_harm() -> None:
    # Its place is that of the pixels: any bytes will do.
    whole = dirty_tiff(drawing(300, 300))
    camera = whole.index(struct.pack("<HHI", 0x927C, 7, 45))
    long = whole[:camera] + struct.pack("<HHII", 0x927C, 7, 200_000, 8) + whole[camera + 12 :]
    provenance = said(long)
    assert provenance.readable
    assert counts(provenance)[RemovedKind.MAKER_NOTE] == 1


@pytest.mark.parametrize("tag", [33550, 33922, 34264, 34735])
def test_where_on_earth_a_tiff_lies_is_a_place(tag: int) -> None:
    placed = with_entry(dirty_tiff(), 65_000, 2, 3, 0).replace(struct.pack("<HH", 34853, 4), struct.pack("<HH", tag, 4))
    without = dirty_tiff().replace(struct.pack("<HH", 34853, 4), struct.pack("<HH", 60_000, 4))
    assert counts(said(placed))[RemovedKind.GPS] == counts(said(without))[RemovedKind.GPS] + 1


@pytest.mark.parametrize("body", [b"????????", b"MM\x00*\xff\xff\xff\xff"])
def test_an_avif_whose_exif_can_not_be_read_is_doubted_and_still_decoded(body: bytes) -> None:
    whole = saved(drawing(), "AVIF", speed=10, exif=b"Exif\x00\x00" + tiff((271, 2, 3, b"Cam\x00")))
    at = whole.index(b"MM\x00*")
    damaged = whole[:at] + body + whole[at + 8 :]
    assert not said(damaged).readable
    assert unjailed(damaged, (FULL_SIZE,))[1]


def test_exif_in_the_chunk_of_a_png_and_a_second_picture_in_its_tail_are_counted_apart() -> None:
    png = saved(drawing(), "PNG", exif=exif()) + chunk(b"IDAT", b"") + GAIN_MAP
    assert counts(said(png))[TRAILING] == 1
