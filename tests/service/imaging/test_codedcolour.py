"""Colours that are told by a number or by primaries are heeded as if a profile told them; what nobody can mean is sRGB."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from service.imaging import FULL_SIZE
from service.imaging.codedcolour import Primaries, profile_of_codes, profile_of_primaries
from service.imaging.colour import to_srgb
from tests.corpus.profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, SRGB, Space, gamma, rgb_profile
from tests.corpus.profiles import to_srgb as by_the_book
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import chunk, opened, saved

COLOURS = [(200, 30, 60), (30, 200, 60), (10, 20, 200), (128, 128, 128), (255, 255, 255), (240, 180, 90), (0, 0, 0)]
P3_SPOTS = (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)
SRGB_SPOTS = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
ADOBE_SPOTS = (31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000)


def shown(untrusted: bytes) -> tuple[int, ...]:
    """The colour in the middle of a cleaned picture."""
    picture = opened(unjailed(untrusted, (FULL_SIZE,))[1][0].content)
    found = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(found, tuple)
    return found


def near(one: tuple[int, ...], other: tuple[int, ...], tolerance: int = 3) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def png(colour: tuple[int, int, int], *chunks: bytes, **how: bytes) -> bytes:
    """A picture of one colour with chunks behind its header."""
    plain = saved(Image.new("RGB", (64, 64), colour), "PNG", **how)
    return plain[:33] + b"".join(chunks) + plain[33:]


def spots(numbers: tuple[int, ...]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def power(number: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", number))


def codes(*numbers: int) -> bytes:
    return chunk(b"cICP", bytes(numbers))


LINEAR = Space(red=SRGB.red, green=SRGB.green, blue=SRGB.blue, curve=gamma(1.0))
TOLD: dict[str, tuple[list[bytes], Space]] = {
    "P3 by number": ([codes(12, 13, 0, 1)], DISPLAY_P3),
    "sRGB by number": ([codes(1, 13, 0, 1)], SRGB),
    "a number before sRGB": ([codes(12, 13, 0, 1), chunk(b"sRGB", b"\x00")], DISPLAY_P3),
    "a number that says nothing": ([codes(2, 2, 0, 1)], SRGB),
    "a number nobody knows": ([codes(200, 13, 0, 1)], SRGB),
    "a curve we do not show": ([codes(9, 16, 0, 1)], SRGB),
    "a number that is cut off": ([chunk(b"cICP", b"\x0c")], SRGB),
    "P3 by primaries": ([power(45_455), spots(P3_SPOTS)], DISPLAY_P3),
    "P3 by primaries alone": ([spots(P3_SPOTS)], DISPLAY_P3),
    "Adobe's by primaries": ([power(45_470), spots(ADOBE_SPOTS)], ADOBE_RGB),
    "sRGB by primaries": ([power(45_455), spots(SRGB_SPOTS)], SRGB),
    "sRGB before primaries": ([chunk(b"sRGB", b"\x00"), power(100_000), spots(P3_SPOTS)], SRGB),
    "linear light": ([power(100_000)], LINEAR),
    "no power": ([power(0)], SRGB),
    "primaries that are one spot": ([spots((31_270, 32_900) * 4)], SRGB),
    "primaries at nothing": ([spots((0,) * 8)], SRGB),
    "primaries out of reach": ([spots((1, 4_000_000_000) * 4)], SRGB),
}


@pytest.mark.parametrize("told", TOLD)
def test_a_png_that_tells_its_colours_without_a_profile_is_shown_right(told: str) -> None:
    chunks, space = TOLD[told]
    tolerance = 8 if space is ADOBE_RGB else 3  # whose curve is near sRGB's, and taken for it
    for colour in COLOURS:
        assert near(shown(png(colour, *chunks)), by_the_book(colour, space), tolerance)


def test_a_number_goes_before_a_profile_and_a_profile_before_primaries() -> None:
    profile = rgb_profile(PROPHOTO)
    colour = (200, 120, 60)
    assert near(shown(png(colour, codes(12, 13, 0, 1), icc_profile=profile)), by_the_book(colour, DISPLAY_P3))
    assert near(shown(png(colour, power(45_455), spots(P3_SPOTS), icc_profile=profile)), by_the_book(colour, PROPHOTO))


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@pytest.mark.parametrize("primaries", [12, 1, 2, 22])
def test_a_heic_or_avif_that_tells_its_colours_by_number_is_shown_right(form: str, primaries: int) -> None:
    for colour in COLOURS:
        plain = saved(Image.new("RGB", (64, 64), colour), form, quality=95)
        assert plain.count(b"colrnclx") == 1
        at = plain.index(b"colrnclx") + 8
        told = plain[:at] + struct.pack(">HH", primaries, 13) + plain[at + 4 :]
        before = shown(plain)
        assert near(shown(told), by_the_book((before[0], before[1], before[2]), DISPLAY_P3 if primaries == 12 else SRGB), 6)


def test_code_points_become_profiles_that_a_colour_library_takes() -> None:
    made = [found for primaries in range(256) for transfer in range(20) if (found := profile_of_codes(primaries, transfer))]
    assert len(made) > 40
    for profile in made:
        ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), "RGB", "RGB")


@pytest.mark.parametrize("primaries", [4, 5, 6, 7, 9, 11, 12])
def test_white_stays_white_and_grey_stays_grey_whatever_the_primaries(primaries: int) -> None:
    profile = profile_of_codes(primaries, 13)
    for level in (0, 64, 128, 255):
        assert near(pixel(to_srgb(Image.new("RGB", (1, 1), (level,) * 3), profile)), (level,) * 3, 1)


def pixel(image: Image.Image) -> tuple[int, ...]:
    found = image.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


spot = st.tuples(st.floats(-50_000, 50_000), st.floats(-50_000, 50_000))


@given(red=spot, green=spot, blue=spot, white=spot, power=st.none() | st.floats(1e-9, 1e9))
def test_any_primaries_are_a_profile_or_none(
    red: tuple[float, float],
    green: tuple[float, float],
    blue: tuple[float, float],
    white: tuple[float, float],
    power: float | None,
) -> None:
    profile = profile_of_primaries(Primaries(red=red, green=green, blue=blue, white=white), power)
    assert profile is None or profile[36:40] == b"acsp"
    assert to_srgb(Image.new("RGB", (2, 2), (9, 99, 199)), profile).mode == "RGB"
