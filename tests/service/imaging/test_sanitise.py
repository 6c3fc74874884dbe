"""Pixels in, new files out: nothing but pixels, upright, in the sizes asked for."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageChops, ImageStat

from service.imaging import FULL_SIZE, ImagingError, Kind, Refusal, RenditionSize, Sniffed, verify
from service.imaging.decode import decode
from service.imaging.renditions import fitted
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import (
    CANARY,
    DIRTY,
    SECRETS,
    chunk,
    dirty_heic,
    drawing,
    exif,
    opened,
    plain_files,
    saved,
    with_segments,
)

WEBSITE = tuple(RenditionSize(name=str(side), long_side=side) for side in (320, 800, 1600))
WHOLE = (FULL_SIZE,)
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (250, 250, 250)


def cleaned(untrusted: bytes) -> Image.Image:
    _, encoded = unjailed(untrusted, WHOLE)
    verify(encoded)
    return opened(encoded[0].content)


def near(one: object, other: object, tolerance: int = 12) -> bool:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def corners(image: Image.Image) -> list[object]:
    """Top left, top right, bottom left, bottom right."""
    x, y = image.width - 5, image.height - 5
    return [image.getpixel(place) for place in ((4, 4), (x, 4), (4, y), (x, y))]


def cornered(
    top_left: object, top_right: object, bottom_left: object, bottom_right: object, size: tuple[int, int]
) -> Image.Image:
    """A picture of four colours, one for each quarter."""
    image = Image.new("RGB", size)
    half, middle = size[0] // 2, size[1] // 2
    places = {(0, 0): top_left, (half, 0): top_right, (0, middle): bottom_left, (half, middle): bottom_right}
    for (x, y), colour in places.items():
        assert isinstance(colour, tuple)
        image.paste(colour, (x, y, x + half, y + middle))
    return image


@pytest.mark.parametrize("name", DIRTY)
def test_no_canary_comes_out_of_any_kind_of_file(name: str) -> None:
    dirty = DIRTY[name](drawing(400, 300))
    assert CANARY.encode() in dirty
    _, encoded = unjailed(dirty, (*WEBSITE, FULL_SIZE))
    for rendition in encoded:
        assert not [secret for secret in SECRETS if secret in rendition.content]
        assert b"ICC" not in rendition.content
        assert b"Exif" not in rendition.content
    verify(encoded)


SIDES = dict(enumerate((("T", "L"), ("T", "R"), ("B", "R"), ("B", "L"), ("L", "T"), ("R", "T"), ("R", "B"), ("L", "B")), start=1))
"""What the EXIF standard says: the stored picture's first row is that side of the scene, its first column that one."""
OPPOSITE = {"T": "B", "B": "T", "L": "R", "R": "L"}
SCENE = {"LT": RED, "RT": GREEN, "BL": BLUE, "BR": WHITE}


def stored(orientation: int, size: tuple[int, int]) -> Image.Image:
    """The scene as a camera held that way stores it."""
    row, column = SIDES[orientation]
    first, second, third, fourth = (
        SCENE["".join(sorted(sides))]
        for sides in (row + column, row + OPPOSITE[column], OPPOSITE[row] + column, OPPOSITE[row] + OPPOSITE[column])
    )
    return cornered(first, second, third, fourth, size=size)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_comes_out_upright(orientation: int, form: str) -> None:
    held = stored(orientation, (96, 64))
    upright = cleaned(saved(held, form, exif=exif(orientation=orientation)))
    assert upright.size == ((96, 64) if orientation < 5 else (64, 96))
    assert all(map(near, corners(upright), [RED, GREEN, BLUE, WHITE]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_not_turned_twice(orientation: int) -> None:
    # The writer puts the turn both into the picture's properties and into EXIF, as telephones do.
    upright = cleaned(dirty_heic(stored(orientation, (96, 64)), orientation=orientation))
    assert upright.size == ((96, 64) if orientation < 5 else (64, 96))
    assert all(near(one, other, 40) for one, other in zip(corners(upright), [RED, GREEN, BLUE, WHITE], strict=True))


def test_a_draft_of_a_large_turned_jpeg_is_upright_in_every_size() -> None:
    _, encoded = unjailed(saved(stored(6, (2000, 1200)), "JPEG", exif=exif(orientation=6)), WEBSITE)
    assert [(one.width, one.height) for one in encoded] == [(192, 320), (480, 800), (960, 1600)]
    for one in encoded:
        assert all(map(near, corners(opened(one.content)), [RED, GREEN, BLUE, WHITE]))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((2000, 1000), [(320, 160), (800, 400), (1600, 800)]),
        ((1000, 2000), [(160, 320), (400, 800), (800, 1600)]),
        ((500, 400), [(320, 256), (500, 400), (500, 400)]),
        ((100, 100), [(100, 100), (100, 100), (100, 100)]),
        ((3000, 1), [(320, 1), (800, 1), (1600, 1)]),
        ((1, 1), [(1, 1), (1, 1), (1, 1)]),
    ],
)
def test_every_rendition_is_made_and_none_is_larger_than_the_picture(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    for form in ("JPEG", "PNG"):
        _, encoded = unjailed(saved(drawing(*size), form), WEBSITE)
        assert [one.name for one in encoded] == ["320", "800", "1600"]
        assert [(one.width, one.height) for one in encoded] == expected
        assert [opened(one.content).size for one in encoded] == expected


def test_renditions_come_in_the_order_asked_for() -> None:
    asked = (WEBSITE[1], FULL_SIZE, WEBSITE[0])
    _, encoded = unjailed(saved(drawing(2000, 1000), "JPEG"), asked)
    assert [(one.name, one.width) for one in encoded] == [("800", 800), ("full", 2000), ("320", 320)]


def test_a_proportion_survives_every_size() -> None:
    assert fitted(4032, 3024, 1600) == (1600, 1200)
    assert fitted(3, 100_000, 10) == (1, 10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_accepted(mode: str) -> None:
    grey = Image.new("L", (64, 64), 200)
    image = grey.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    expected = (255, 255, 255) if mode == "1" else (200, 200, 200)
    flat = image if mode != "1" else Image.new("1", (64, 64), 1)
    assert near(cleaned(saved(flat, "PNG")).getpixel((32, 32)), expected, 3)


def test_sixteen_bits_of_colour_are_accepted() -> None:
    row = b"\x00" + struct.pack(">3H", 0xC800, 0x6400, 0x3200) * 64
    png = png_of_rows(row * 64, depth=16, colour=2)
    assert near(cleaned(png).getpixel((32, 32)), (200, 100, 50), 3)


def png_of_rows(rows: bytes, *, depth: int, colour: int, size: int = 64, more: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF"])
def test_what_is_transparent_becomes_white_and_its_hidden_colour_is_gone(form: str) -> None:
    image = Image.new("RGBA", (128, 128), (200, 0, 0, 0))
    image.paste((0, 0, 200, 255), (0, 0, 64, 128))
    flat = cleaned(saved(image, form, **({"lossless": True} if form == "WEBP" else {})))
    assert near(flat.getpixel((120, 64)), (255, 255, 255), 6)
    assert near(flat.getpixel((8, 64)), (0, 0, 200), 12)


@pytest.mark.parametrize("mode", ["RGBa", "La"])
def test_colours_already_multiplied_with_their_transparency_are_accepted(mode: str) -> None:
    half = Image.new(mode.upper(), (128, 128), (0, 128) if mode == "La" else (0, 0, 0, 128)).convert(mode)
    assert near(cleaned(saved(half, "HEIF", quality=-1)).getpixel((64, 64)), (127, 127, 127), 6)


def test_grey_with_transparency_and_a_transparent_palette_colour_become_white() -> None:
    grey = Image.new("LA", (64, 64), (0, 0))
    assert near(cleaned(saved(grey, "PNG")).getpixel((32, 32)), (255, 255, 255), 3)
    palette = Image.new("P", (64, 64), 3)
    palette.putpalette(bytes(range(256)) * 3)
    assert near(cleaned(saved(palette, "PNG", transparency=3)).getpixel((32, 32)), (255, 255, 255), 3)
    keyed = Image.new("RGB", (64, 64), (9, 9, 9))
    assert near(cleaned(saved(keyed, "PNG", transparency=(9, 9, 9))).getpixel((32, 32)), (255, 255, 255), 3)
    key = chunk(b"tRNS", b"\x00\x00")
    bits = png_of_rows((b"\x00" + bytes(8)) * 64, depth=1, colour=0, more=key)
    assert near(cleaned(bits).getpixel((32, 32)), (255, 255, 255), 3)


def test_cmyk_becomes_rgb() -> None:
    image = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    red = cleaned(saved(image, "JPEG")).getpixel((32, 32))
    assert isinstance(red, tuple)
    assert red[0] > 200
    assert max(red[1:]) < 60


def test_of_several_pictures_in_a_jpeg_the_first_is_chosen() -> None:
    first, second = Image.new("RGB", (64, 64), RED), Image.new("RGB", (64, 64), BLUE)
    both = saved(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(both)).n_frames == 2  # type: ignore[attr-defined]  # an MPO has it
    assert near(cleaned(both).getpixel((32, 32)), RED)


def test_of_several_pictures_in_a_heic_the_primary_one_is_chosen() -> None:
    pictures = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
    both = saved(pictures[0], "HEIF", save_all=True, append_images=pictures[1:], primary_index=1)
    assert near(cleaned(both).getpixel((32, 32)), BLUE, 40)


def test_two_pictures_with_the_same_pixels_become_the_same_bytes_whatever_they_carried() -> None:
    plain = saved(drawing(), "PNG")
    dressed = saved(drawing(), "PNG", exif=exif(), dpi=(300, 300))
    assert [one.content for one in unjailed(plain, WEBSITE)[1]] == [one.content for one in unjailed(dressed, WEBSITE)[1]]


@pytest.mark.parametrize(
    "untrusted",
    [
        plain_files()["jpeg"].replace(b"\xff\xdb", b"\xff\xee"),
        saved(drawing(), "PNG").replace(b"IDAT", b"IDAt"),
        plain_files()["png"][:60] + bytes(10) + plain_files()["png"][70:],
        plain_files()["webp"][:20] + b"\xf0\xff\xff" + plain_files()["webp"][23:],
        plain_files()["heic"].replace(b"hvcC", b"free"),
        plain_files()["heic"][:-50] + bytes(50),
    ],
)
def test_damage_that_only_a_decoder_sees_is_one_reason(untrusted: bytes) -> None:
    with pytest.raises(ImagingError) as refused:
        unjailed(untrusted, WEBSITE)
    assert refused.value.reason is Refusal.UNDECODABLE
    assert refused.value.__cause__ is None


def test_a_size_that_the_decoder_does_not_find_is_refused() -> None:
    whole = saved(drawing(), "PNG")
    lie = Sniffed(kind=Kind.PNG, media_type="image/png", width=10, height=10)
    with pytest.raises(ImagingError) as refused:
        decode(whole, lie, long_side=100)
    assert refused.value.reason is Refusal.UNDECODABLE


def test_a_picture_that_the_header_made_small_is_refused_by_the_decoder_too() -> None:
    bomb = saved(Image.new("1", (10_001, 6_000)), "PNG")
    lie = Sniffed(kind=Kind.PNG, media_type="image/png", width=10, height=10)
    with pytest.raises(ImagingError) as refused:
        decode(bomb, lie, long_side=100)
    assert refused.value.reason is Refusal.TOO_MANY_PIXELS


def test_a_moving_picture_is_refused_by_the_decoder_too() -> None:
    moving = saved(drawing(), "WEBP", save_all=True, append_images=[drawing().rotate(90)])
    lie = Sniffed(kind=Kind.WEBP, media_type="image/webp", width=96, height=64)
    with pytest.raises(ImagingError) as refused:
        decode(moving, lie, long_side=100)
    assert refused.value.reason is Refusal.TOO_MANY_FRAMES


def test_a_decoder_of_another_kind_is_never_asked() -> None:
    lie = Sniffed(kind=Kind.WEBP, media_type="image/webp", width=96, height=64)
    with pytest.raises(OSError, match="cannot identify"):
        decode(saved(drawing(), "PNG"), lie, long_side=100)


def test_a_jpeg_with_postscript_in_it_is_a_jpeg_or_nothing() -> None:
    disguised = with_segments(saved(drawing(), "JPEG"), (0xFE, b"%!PS-Adobe-3.0 EPSF-3.0"))
    assert cleaned(disguised).size == (96, 64)


@pytest.mark.parametrize(
    ("name", "long_side"), [("", 1), ("A", 1), ("a b", 1), ("a" * 33, 1), ("-a", 1), ("a", 0), ("a", 65_501)]
)
def test_a_rendition_needs_a_plain_name_and_a_side_that_jpeg_can_hold(name: str, long_side: int) -> None:
    with pytest.raises(ValueError, match="rendition"):
        RenditionSize(name=name, long_side=long_side)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_cleaned_picture_looks_like_the_original(form: str) -> None:
    before = drawing(300, 200)
    after = cleaned(saved(before, form, quality=95))
    assert after.size == before.size
    assert max(ImageStat.Stat(ImageChops.difference(before, after)).mean) < 2
