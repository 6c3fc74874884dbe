"""Colours mean what the file says they mean, and come out as sRGB."""

import io
from collections.abc import Sequence

import pytest
from PIL import Image, ImageCms

from service.imaging import FULL_SIZE
from service.imaging.colour import to_srgb
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import opened, profile, saved

PATCHES = [
    *((200, 60, 60), (60, 180, 90), (70, 80, 190), (128, 128, 128)),
    *((220, 200, 120), (30, 40, 35), (180, 150, 200), (240, 240, 235)),
]
P3 = profile()
P3_TO_XYZ = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
XYZ_TO_SRGB = ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427))
"""D50, as the profile's own space is (B. Lindbloom)."""


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def curved(value: float) -> float:
    value = min(1.0, max(0.0, value))
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def by_hand(colour: tuple[int, ...]) -> tuple[int, ...]:
    """Display P3 -> sRGB by the textbook, without any colour library."""
    light = [linear(value / 255) for value in colour]
    middle = [sum(a * b for a, b in zip(row, light, strict=True)) for row in P3_TO_XYZ]
    return tuple(round(255 * curved(sum(a * b for a, b in zip(row, middle, strict=True)))) for row in XYZ_TO_SRGB)


def card() -> Image.Image:
    image = Image.new("RGB", (64 * len(PATCHES), 64))
    for index, colour in enumerate(PATCHES):
        image.paste(colour, (64 * index, 0, 64 * index + 64, 64))
    return image


def patches(image: Image.Image) -> list[tuple[int, ...]]:
    found = [image.getpixel((64 * index + 32, 32)) for index in range(len(PATCHES))]
    return [colour for colour in found if isinstance(colour, tuple)]


def mean_error(image: Image.Image, expected: Sequence[tuple[int, ...]]) -> float:
    differences = [
        abs(a - b) for one, other in zip(patches(image), expected, strict=True) for a, b in zip(one, other, strict=True)
    ]
    return sum(differences) / len(differences)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_wide_colours_are_converted(form: str) -> None:
    _, encoded = unjailed(saved(card(), form, quality=97, icc_profile=P3), (FULL_SIZE,))
    converted = opened(encoded[0].content)
    assert mean_error(converted, [by_hand(colour) for colour in PATCHES]) <= 2
    assert mean_error(converted, PATCHES) > 4


def test_a_profile_is_judged_by_its_transform_and_not_by_its_name() -> None:
    # Red and green swapped, under a name that says nothing.
    swapped = profile(red=(0.29198, 0.69225, 0.04189), green=(0.51512, 0.24120, -0.00105))
    red = to_srgb(Image.new("RGB", (8, 8), (0, 255, 0)), swapped).getpixel((4, 4))
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert red[1] < 60


def test_the_srgb_profile_leaves_every_pixel_as_it_is() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert to_srgb(card(), srgb).tobytes() == card().tobytes()


@pytest.mark.parametrize(
    "broken", [b"not a profile", P3[:200], b"\x00" * 4096, P3.replace(b"RGB ", b"CMYK"), P3.replace(b"RGB ", b"Lab ")]
)
def test_a_broken_profile_or_one_for_another_kind_of_picture_counts_as_srgb(broken: bytes) -> None:
    assert to_srgb(card(), broken).tobytes() == card().tobytes()


def test_a_picture_without_a_profile_counts_as_srgb() -> None:
    assert to_srgb(card(), None).tobytes() == card().tobytes()


def test_a_grey_picture_may_carry_a_colour_profile() -> None:
    grey = to_srgb(Image.new("L", (8, 8), 120), P3).getpixel((4, 4))
    assert isinstance(grey, tuple)
    assert max(abs(value - 120) for value in grey) <= 1


def test_a_colour_picture_with_a_grey_profile_counts_as_srgb() -> None:
    assert to_srgb(card(), P3.replace(b"RGB ", b"GRAY")).tobytes() == card().tobytes()


def test_transparent_pictures_are_converted_too() -> None:
    image = card().convert("RGBA")
    _, encoded = unjailed(saved(image, "PNG", icc_profile=P3), (FULL_SIZE,))
    assert mean_error(opened(encoded[0].content), [by_hand(colour) for colour in PATCHES]) <= 2


def test_the_test_profile_is_one_that_a_colour_library_accepts() -> None:
    read = ImageCms.ImageCmsProfile(io.BytesIO(P3))
    assert read.profile.xcolor_space.strip() == "RGB"
