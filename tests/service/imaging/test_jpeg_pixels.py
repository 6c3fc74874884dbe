"""What the JPEG decoder sees is pixels and nothing else, whatever stands around them; a frame has the data that it must have."""

import io
import struct
import time
from collections.abc import Callable

import pytest
from PIL import Image, JpegImagePlugin

from service.imaging import ImagingError, Refusal, RenditionSize
from service.imaging.containers import jpeg
from service.imaging.containers.jpegpixels import pixels_only
from service.imaging.sniff import Kind, look, sniff
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import SECRETS, dirty_jpeg, drawing, opened, profile, saved, segment, with_segments

PLAIN = saved(drawing(), "JPEG", quality=90)
SMALL = (RenditionSize(name="32", long_side=32),)
CODED = {"SOF", "SOS", "DQT", "DHT", "DRI", "DNL", "scan", "EOI"}


def with_profile(icc: bytes) -> bytes:
    return with_segments(PLAIN, (0xE2, b"ICC_PROFILE\x00\x01\x01" + icc))


def in_front_of_the_tables(jpeg_file: bytes, stray: bytes) -> bytes:
    at = jpeg_file.index(b"\xff\xdb")
    return jpeg_file[:at] + stray + jpeg_file[at:]


def in_front_of_the_end(jpeg_file: bytes, stray: bytes) -> bytes:
    return jpeg_file[:-2] + stray + jpeg_file[-2:]


def restarted() -> bytes:
    return saved(drawing(), "JPEG", quality=90, restart_marker_blocks=1)


@pytest.mark.parametrize(
    "untrusted",
    [
        *(PLAIN, dirty_jpeg(), with_profile(profile()), restarted()),
        *(saved(drawing().convert(mode), "JPEG") for mode in ("L", "CMYK", "YCbCr")),
        *(saved(drawing(), "JPEG", progressive=True), saved(drawing(), "JPEG", optimize=True, subsampling=2)),
        saved(drawing(), "JPEG", keep_rgb=True),
        with_segments(PLAIN, (0xEE, b"Adobe\x00d\x00\x00\x00\x00\x01"), (0xEE, b"Adobe\x00d\x00\x00\x00\x00\x01Quill")),
        restarted().replace(b"\xff\xd0", b"\xff\xff\xff\xd0"),
    ],
)
def test_the_decoder_makes_the_same_of_the_pixels_alone_as_of_the_whole_file(untrusted: bytes) -> None:
    whole, alone = (JpegImagePlugin.JpegImageFile(io.BytesIO(one)) for one in (untrusted, pixels_only(untrusted)))
    assert (alone.mode, alone.size, alone.info.get("icc_profile")) == (whole.mode, whole.size, whole.info.get("icc_profile"))
    assert alone.tobytes() == whole.tobytes()


def test_nothing_but_pixels_is_left_for_the_decoder() -> None:
    untrusted = in_front_of_the_end(dirty_jpeg(), b"\xff\xff\xff") + b"Quillfeather"
    alone = pixels_only(untrusted)
    names = [part.name for part in look(alone)[1].parts if part.name not in CODED]
    assert names == ["APP0", "APP2"]
    assert look(alone)[1].trailing == 0
    assert not any(secret in alone for secret in SECRETS if secret not in profile())
    assert b"\xff\xff" not in alone[alone.index(b"\xff\xda") :]
    assert pixels_only(alone) == alone


def test_what_says_how_colours_are_coded_says_nothing_else() -> None:
    untrusted = with_segments(
        PLAIN, (0xE0, b"JFXX\x00\x10Ottoline"), (0xEE, b"Adobe\x00d\x00\x00\x00\x00\x01Ottoline"), (0xEE, b"Ottoline")
    )
    assert b"Ottoline" not in pixels_only(untrusted)
    assert [part.name for part in look(pixels_only(untrusted))[1].parts if part.name not in CODED] == ["APP0", "APP14"]


def test_a_profile_in_more_pieces_than_it_can_have_is_not_put_together() -> None:
    pieces = [(0xE2, b"ICC_PROFILE\x00\x01\xff" + bytes(9))] * 400
    assert sum(part.name == "APP2" for part in look(pixels_only(with_segments(PLAIN, *pieces)))[1].parts) == 255


FILLED: dict[str, Callable[[], bytes]] = {
    "fill bytes in front of a marker": lambda: in_front_of_the_tables(PLAIN, b"\xff" * 40_000_000),
    "fill bytes behind the data": lambda: in_front_of_the_end(PLAIN, b"\xff" * 40_000_000),
    "fill bytes in the data": lambda: restarted().replace(b"\xff\xd0", b"\xff" * 40_000_000 + b"\xd0", 1),
    "exif": lambda: many_segments(0xE1, b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"),
    "xmp": lambda: many_segments(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<a/>"),
    "comments": lambda: many_segments(0xFE, b""),
    "photoshop": lambda: many_segments(0xED, b"Photoshop 3.0\x00"),
}


def many_segments(marker: int, start: bytes) -> bytes:
    return in_front_of_the_tables(PLAIN, segment(marker, start.ljust(65_000, b"\x00")) * 1_300)


@pytest.mark.parametrize("filled", FILLED)
def test_megabytes_of_what_is_no_pixel_cost_little_more_than_stepping_over_them(filled: str) -> None:
    untrusted = FILLED[filled]()
    started = time.process_time()
    unjailed(PLAIN + bytes(len(untrusted)), SMALL)
    stepping = time.process_time() - started
    started = time.process_time()
    _, (small,) = unjailed(untrusted, SMALL)
    # Put together piece by piece, or read anew for each block that the decoder takes, they cost many times as much.
    assert time.process_time() - started < 8 * stepping
    assert opened(small.content).tobytes() == opened(unjailed(PLAIN, SMALL)[1][0].content).tobytes()


@pytest.mark.parametrize(
    "stray", [b"hello", b"\x00", b"\xff\x00", b"\xff\x00\x00\x02", b"\xff\x00\xff\xff\x01", bytes(999_990), b"\xff\x00" * 400_000]
)
@pytest.mark.parametrize("place", [in_front_of_the_tables, in_front_of_the_end])
def test_stray_bytes_between_segments_are_stepped_over_and_told(place: object, stray: bytes) -> None:
    assert callable(place)
    # Behind a scan, stray bytes would be data: a comment stands in front of them.
    untrusted = place(PLAIN, segment(0xFE, b"") + stray)
    assert sniff(untrusted).kind is Kind.JPEG
    told, (small,) = unjailed(untrusted, SMALL)
    assert {removed.kind.value: removed.count for removed in told.removed} == {"comment": 1, "other": 1}
    assert small.content == unjailed(PLAIN, SMALL)[1][0].content


@pytest.mark.parametrize(
    "untrusted",
    [
        in_front_of_the_tables(PLAIN, bytes(jpeg.MAX_STRAY + 1)),
        in_front_of_the_tables(PLAIN, (segment(0xFE, b"") + bytes(1_000)) * 1_001),
        in_front_of_the_tables(PLAIN, b"zoo\xff\xd8"),
    ],
)
def test_more_stray_bytes_than_any_camera_leaves_or_a_second_start_are_refused(untrusted: bytes) -> None:
    with pytest.raises(ImagingError) as refused:
        sniff(untrusted)
    assert refused.value.reason is Refusal.UNDECODABLE


def of_size(jpeg_file: bytes, width: int, height: int) -> bytes:
    at = next(part.start for part in look(jpeg_file)[1].parts if part.name == "SOF")
    return jpeg_file[: at + 1] + struct.pack(">HH", height, width) + jpeg_file[at + 5 :]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}])
@pytest.mark.parametrize(("width", "height"), [(7_700, 7_700), (96, 4_000), (40_000, 64)])
def test_a_frame_with_far_too_little_data_is_truncated(options: dict[str, object], width: int, height: int) -> None:
    with pytest.raises(ImagingError) as refused:
        sniff(of_size(saved(Image.new("RGB", (96, 64)), "JPEG", **options), width, height))
    assert refused.value.reason is Refusal.TRUNCATED


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"optimize": True}, {"optimize": True, "progressive": True, "subsampling": 0}]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("size", [(3_000, 2_000), (17, 9), (1, 1), (8, 2_000)])
def test_a_picture_of_one_colour_has_all_the_data_that_it_must_have(
    options: dict[str, object], mode: str, size: tuple[int, int]
) -> None:
    sniffed = sniff(saved(Image.new(mode, size), "JPEG", **options))
    assert (sniffed.width, sniffed.height) == size


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"progressive": True}])
def test_a_picture_as_large_as_may_be_and_of_one_colour_is_accepted(options: dict[str, object]) -> None:
    assert sniff(saved(Image.new("L", (8_000, 7_000)), "JPEG", **options)).width == 8_000


@pytest.mark.parametrize("frame", [b"\x08\x00\x40\x00\x60\x03\x01\x22\x00", b"\x08\x00\x40\x00\x60\x01\x01\x02\x00"])
def test_a_frame_whose_components_are_not_there_or_have_no_samples_is_refused(frame: bytes) -> None:
    at = PLAIN.index(b"\xff\xc0")
    end = at + 2 + int.from_bytes(PLAIN[at + 2 : at + 4], "big")
    with pytest.raises(ImagingError) as refused:
        sniff(PLAIN[:at] + segment(0xC0, frame) + PLAIN[end:])
    assert refused.value.reason is Refusal.UNDECODABLE


def test_the_second_picture_of_an_mpo_is_not_there_for_the_decoder() -> None:
    buffer = io.BytesIO()
    drawing().save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    assert getattr(Image.open(buffer), "n_frames", 1) == 2
    assert getattr(Image.open(io.BytesIO(pixels_only(buffer.getvalue()))), "n_frames", 1) == 1
