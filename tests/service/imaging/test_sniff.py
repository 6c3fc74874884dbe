"""What bytes claim to be, without decoding them."""

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import ImagingError, Kind, Refusal, Sniffed, sniff
from service.imaging.sniff import MAX_BYTES
from tests.service.imaging.dirty import DIRTY, chunk, drawing, opened, plain_files, saved, segment, with_chunks, with_segments

PLAIN = plain_files()


def refusal(untrusted: bytes) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sniff(untrusted)
    return refused.value.reason


@pytest.mark.parametrize("name", PLAIN)
def test_kind_and_size_of_a_plain_picture_are_told(name: str) -> None:
    sniffed = sniff(PLAIN[name])
    kind = Kind(name.split("-", 1)[0])
    assert (sniffed.kind, sniffed.media_type, sniffed.width) == (kind, f"image/{kind}", 64 if kind is Kind.HEIC else 48)


def test_the_size_of_a_heic_is_that_of_its_primary_picture_and_not_of_its_thumbnail() -> None:
    sniffed = sniff(saved(drawing(256, 128), "HEIF", thumbnails=[64]))
    assert (sniffed.width, sniffed.height) == (256, 128)


@pytest.mark.parametrize("name", DIRTY)
def test_bytes_behind_the_end_and_unknown_blocks_are_no_reason_to_refuse(name: str) -> None:
    assert sniff(DIRTY[name]()).kind is Kind(name)


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (b"", Refusal.EMPTY),
        (b"\xff", Refusal.NOT_AN_IMAGE),
        (b"hello, world", Refusal.NOT_AN_IMAGE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n", Refusal.NOT_AN_IMAGE),
        (b"\xff\xd8%!PS-Adobe-3.0\nshowpage\n", Refusal.NOT_AN_IMAGE),
        (b"\xff\xd8\xff%!PS-Adobe-3.0\nshowpage\n", Refusal.TRUNCATED),
        (b"\xc5\xd0\xd3\xc6" + bytes(30), Refusal.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", Refusal.NOT_AN_IMAGE),
        (b"PK\x03\x04" + bytes(30), Refusal.NOT_AN_IMAGE),
        (b"II+\x00\x08\x00\x00\x00" + bytes(30), Refusal.UNSUPPORTED),
        (b"IIU\x00\x18\x00\x00\x00" + bytes(30), Refusal.UNSUPPORTED),
        (b"IIRO\x08\x00\x00\x00" + bytes(30), Refusal.UNSUPPORTED),
        (b"FUJIFILMCCD-RAW " + bytes(30), Refusal.UNSUPPORTED),
        (b"BMW is a car, not a picture", Refusal.NOT_AN_IMAGE),
        (saved(drawing(), "JPEG2000"), Refusal.UNSUPPORTED),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", Refusal.TRUNCATED),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1jpeg", Refusal.UNSUPPORTED),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", Refusal.UNSUPPORTED),
        (b"\x00\x00\x00\x18ftypavis\x00\x00\x00\x00avisavif", Refusal.TOO_MANY_FRAMES),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", Refusal.VIDEO),
        ((b"G" + bytes(187)) * 2, Refusal.VIDEO),
        ((b"G@\x00\x10" + bytes(184)) * 9, Refusal.VIDEO),
        ((bytes(4) + b"G" + bytes(187)) * 2, Refusal.VIDEO),
        ((b"G" + bytes(187)) * 4 + b"H" + bytes(187), Refusal.NOT_AN_IMAGE),
        (b"G" + bytes(187), Refusal.NOT_AN_IMAGE),
        (b"Good morning".ljust(400), Refusal.NOT_AN_IMAGE),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42heic", Refusal.VIDEO),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", Refusal.VIDEO),
        (b"\x00\x00\x00\x14ftyp3gp5\x00\x00\x02\x003gp5", Refusal.VIDEO),
        (b"\x00\x00\x00\x08wide\x00\x00\x01\x00mdat", Refusal.VIDEO),
        (b"RIFF\x00\x00\x10\x00AVI LIST", Refusal.VIDEO),
        (b"\x1a\x45\xdf\xa3" + bytes(30), Refusal.VIDEO),
        (b"\x00\x00\x00\x18ftyphevc\x00\x00\x00\x00mif1hevc", Refusal.TOO_MANY_FRAMES),
        (saved(drawing(), "GIF", save_all=True, append_images=[drawing().rotate(90)]), Refusal.TOO_MANY_FRAMES),
        (saved(drawing(), "TIFF", save_all=True, append_images=[drawing()]), Refusal.TOO_MANY_FRAMES),
        (saved(drawing(), "AVIF", speed=10, save_all=True, append_images=[drawing().rotate(90)]), Refusal.TOO_MANY_FRAMES),
        (saved(drawing(), "PNG", save_all=True, append_images=[drawing()]), Refusal.TOO_MANY_FRAMES),
        (saved(drawing(), "WEBP", save_all=True, append_images=[drawing().rotate(90)]), Refusal.TOO_MANY_FRAMES),
    ],
)
def test_what_is_no_acceptable_picture_is_refused_for_its_own_reason(untrusted: bytes, reason: Refusal) -> None:
    assert refusal(untrusted) is reason


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    assert refusal(PLAIN["jpeg"] + bytes(MAX_BYTES)) is Refusal.TOO_LARGE


def jpeg_of(width: int, height: int) -> bytes:
    at = PLAIN["jpeg"].index(b"\xff\xc0") + 5
    data = bytes(width * height // 256)  # as much as so many blocks need at the least
    return PLAIN["jpeg"][:at] + struct.pack(">HH", height, width) + PLAIN["jpeg"][at + 4 : -2] + data + b"\xff\xd9"


def png_of(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PLAIN["png"][:8] + chunk(b"IHDR", header) + PLAIN["png"][33:]


def webp_of(width: int, height: int) -> bytes:
    at = PLAIN["webp"].index(b"\x9d\x01\x2a") + 3
    return PLAIN["webp"][:at] + struct.pack("<HH", width, height) + PLAIN["webp"][at + 4 :]


def lossless_webp_of(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return b"RIFF" + struct.pack("<I", 18) + b"WEBPVP8L" + struct.pack("<IBI", 5, 0x2F, bits) + b"\x00"


def heic_of(width: int, height: int) -> bytes:
    at = PLAIN["heic"].index(b"ispe") + 8
    return PLAIN["heic"][:at] + struct.pack(">II", width, height) + PLAIN["heic"][at + 8 :]


def avif_of(width: int, height: int) -> bytes:
    at = PLAIN["avif"].index(b"ispe") + 8
    return PLAIN["avif"][:at] + struct.pack(">II", width, height) + PLAIN["avif"][at + 8 :]


def gif_of(width: int, height: int) -> bytes:
    return PLAIN["gif"][:6] + struct.pack("<HH", width, height) + PLAIN["gif"][10:]


def tiff_of(width: int, height: int) -> bytes:
    """In one strip as long as the file says, whatever the size."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (262, 3, 1), (273, 4, 8), (279, 4, 4)]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + directory + bytes(4)


def bmp_of(width: int, height: int) -> bytes:
    rows = bytes(-(-width // 32) * 4 * height if width * height < 61_000_000 else 0)
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 1, 0, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<I4sI", 62 + len(rows), bytes(4), 62) + head + bytes(8) + rows


SHAPED = [jpeg_of, png_of, webp_of, lossless_webp_of, heic_of, avif_of, gif_of, tiff_of, bmp_of]


@pytest.mark.parametrize("shaped", SHAPED)
def test_two_hundred_megapixels_are_refused_from_the_header_before_any_allocation(shaped: object) -> None:
    assert callable(shaped)
    bomb = shaped(16_383, 12_208)
    tracemalloc.start()
    reason = refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason is Refusal.TOO_MANY_PIXELS
    assert peak < 10_000_000


@pytest.mark.parametrize("shaped", SHAPED)
def test_sixty_megapixels_are_the_most_and_forty_where_decoders_hold_them_several_times(shaped: object) -> None:
    assert callable(shaped)
    most = 6_000 if shaped in {jpeg_of, heic_of} else 4_000
    assert sniff(shaped(10_000, most)).width == 10_000
    assert refusal(shaped(10_000, most + 1)) is Refusal.TOO_MANY_PIXELS


def test_a_side_that_jpeg_cannot_hold_is_refused() -> None:
    assert refusal(png_of(65_501, 10)) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize("shaped", [jpeg_of, png_of, webp_of, heic_of, avif_of, gif_of, tiff_of, bmp_of])
def test_a_picture_without_height_is_refused(shaped: object) -> None:
    assert callable(shaped)
    assert refusal(shaped(100, 0)) is Refusal.UNDECODABLE


def test_a_webp_whose_canvas_is_not_the_size_of_its_picture_is_refused() -> None:
    extended = PLAIN["webp-extended"]
    at = extended.index(b"VP8X") + 12
    lie = extended[:at] + (4).to_bytes(3, "little") * 2 + extended[at + 6 :]
    assert refusal(lie) is Refusal.UNDECODABLE


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_cut_off_anywhere_is_refused(name: str) -> None:
    whole = PLAIN[name]
    reasons = {refusal(whole[:length]) for length in range(16, len(whole))}
    assert reasons == {Refusal.TRUNCATED}
    for length in range(16):
        refusal(whole[:length])


def test_a_cut_off_jpeg_is_not_mended_by_the_whole_thumbnail_inside_it() -> None:
    whole = PLAIN["jpeg-exif"]
    assert b"\xff\xd9" in whole[:-20]
    assert refusal(whole[:-20]) is Refusal.TRUNCATED


def test_a_heic_whose_last_box_runs_to_the_end_is_still_found_cut_off() -> None:
    whole = PLAIN["heic"]
    at = whole.index(b"mdat") - 4
    endless = whole[:at] + bytes(4) + whole[at + 4 :]
    assert sniff(endless).kind is Kind.HEIC
    assert refusal(endless[:-1]) is Refusal.TRUNCATED


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (PLAIN["jpeg"].replace(b"\xff\xc0", b"\xff\xc3", 1), Refusal.UNSUPPORTED),
        (PLAIN["jpeg"].replace(b"\xff\xc0", b"\xff\xc9", 1), Refusal.UNSUPPORTED),
        (PLAIN["jpeg"].replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c", 1), Refusal.UNSUPPORTED),
        (PLAIN["jpeg"].replace(b"\xff\xc0\x00\x11", b"\xff\xc0\x00\x04", 1), Refusal.UNDECODABLE),
        (PLAIN["jpeg"].replace(b"\xff\xc0", b"\xff\xed", 1), Refusal.UNDECODABLE),
        (with_segments(PLAIN["jpeg"], (0xC0, b"\x08\x00\x20\x00\x30\x03")), Refusal.UNDECODABLE),
        (PLAIN["jpeg"][:2] + b"\xff\xd8" + PLAIN["jpeg"][2:], Refusal.UNDECODABLE),
        (PLAIN["jpeg"][:2] + b"\xff\xe5\x00\x01" + PLAIN["jpeg"][2:], Refusal.UNDECODABLE),
        (b"\xff\xd8\xff\xd9", Refusal.UNDECODABLE),
        (b"\xff\xd8\xff\xe0\x00\x02junk", Refusal.TRUNCATED),
        (b"\xff\xd8" + b"\xff\xd0" * 60_000, Refusal.UNDECODABLE),
        (PLAIN["jpeg"][:-2] + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") * 101 + b"\xff\xd9", Refusal.UNDECODABLE),
        (with_chunks(PLAIN["png"], (b"acTL", bytes(8))), Refusal.TOO_MANY_FRAMES),
        (with_chunks(PLAIN["png"], (b"a\x00cd", bytes(8))), Refusal.UNDECODABLE),
        (PLAIN["png"][:8] + PLAIN["png"][33:], Refusal.UNDECODABLE),
        (PLAIN["png"][:33] + chunk(b"IEND", b""), Refusal.UNDECODABLE),
        (PLAIN["png"][:33] + b"\xff\xff\xff\xffIDAT", Refusal.UNDECODABLE),
        (PLAIN["png"][:33] + chunk(b"tEXt", b"") * 50_001, Refusal.UNDECODABLE),
        (b"RIFF\x04\x00\x00\x00WEBP", Refusal.UNDECODABLE),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 \xff\x00\x00\x00abcd", Refusal.UNDECODABLE),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 \x04\x00\x00\x00abcd", Refusal.UNDECODABLE),
        (b"RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02" + bytes(9), Refusal.TOO_MANY_FRAMES),
        (PLAIN["heic"].replace(b"ispe", b"free"), Refusal.UNDECODABLE),
        (PLAIN["heic"].replace(b"pitm", b"free"), Refusal.UNDECODABLE),
        (PLAIN["heic"].replace(b"ipma", b"free"), Refusal.UNDECODABLE),
        (PLAIN["heic"].replace(b"meta", b"free"), Refusal.TRUNCATED),
        (PLAIN["heic"].replace(b"mdat", b"moov"), Refusal.TOO_MANY_FRAMES),
        (PLAIN["heic"].replace(b"pitm\x00\x00\x00\x00\x00\x01", b"pitm\x00\x00\x00\x00\x00\x09"), Refusal.UNDECODABLE),
        (PLAIN["heic"].replace(b"\x00\x00\x00\x0epitm", b"\x00\x00\x00\x03pitm"), Refusal.UNDECODABLE),
        (PLAIN["heic"].replace(b"\x00\x00\x00\x0epitm", b"\x00\x01\x00\x0epitm"), Refusal.UNDECODABLE),
    ],
)
def test_a_file_that_breaks_its_own_rules_is_refused(untrusted: bytes, reason: Refusal) -> None:
    assert refusal(untrusted) is reason


def test_fill_bytes_in_front_of_a_marker_are_allowed() -> None:
    filled = PLAIN["jpeg"].replace(b"\xff\xc0", b"\xff\xff\xff\xff\xc0", 1)
    assert sniff(filled).width == 48


@pytest.mark.parametrize(
    "start",
    [
        *(b"\xff\xd8\xff", PLAIN["jpeg"][:-2], PLAIN["png"][:33], PLAIN["heic"][:-200], PLAIN["webp"][:20], PLAIN["gif"][:13]),
        *(PLAIN["tiff"][:20], PLAIN["tiff-deflate"], PLAIN["bmp"][:54], PLAIN["avif"][:-100]),
    ],
)
@pytest.mark.parametrize("filler", [b"\xff", b"\x00", b"\xff\x00", b"\xff\xd0", b"\x00\x00\x00\x08free", b"\xff\xe0\x00\x02"])
def test_megabytes_of_the_same_few_bytes_are_read_in_one_pass(start: bytes, filler: bytes) -> None:
    sniffed_or_refused(start + filler * (4_000_000 // len(filler)))


def test_a_box_whose_length_is_written_in_the_long_form_is_read() -> None:
    whole = PLAIN["heic"]
    at = whole.index(b"mdat") - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    # What the items point to moves by eight bytes, so eight more stand at the end.
    moved = whole[:at] + struct.pack(">I4sQ", 1, b"mdat", length + 8) + whole[at + 8 :]
    assert sniff(moved + bytes(8)).kind is Kind.HEIC


@given(st.binary(max_size=400))
def test_any_bytes_are_sniffed_or_refused(untrusted: bytes) -> None:
    sniffed_or_refused(untrusted)


@given(st.sampled_from(sorted(PLAIN)), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), max_size=6))
def test_any_damage_to_a_picture_is_sniffed_or_refused(name: str, damages: list[tuple[float, bytes, int]]) -> None:
    untrusted = PLAIN[name]
    for place, inserted, removed in damages:
        at = int(place * len(untrusted))
        untrusted = untrusted[:at] + inserted + untrusted[at + removed :]
    sniffed_or_refused(untrusted)


def sniffed_or_refused(untrusted: bytes) -> None:
    try:
        sniffed = sniff(untrusted)
    except ImagingError:
        return
    assert isinstance(sniffed, Sniffed)
    assert 0 < sniffed.width * sniffed.height <= 60_000_000


def test_the_drawing_is_what_the_tests_take_it_for() -> None:
    assert opened(PLAIN["png"]).size == (48, 32)
