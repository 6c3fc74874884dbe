"""What every file of the corpus is: a name, how it is made, where canaries sit in it, and how it must look when it is clean."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

Colour = tuple[int, int, int]
Look = tuple[tuple[Colour, ...], ...]
"""A picture of equal cells, row by row."""

SIZE: Final = (96, 64)
"""Every picture's size when it is upright, in pixels: a multiple of the 16 pixels in which JPEG halves its colours."""

CORNERS: Final[Look] = (((204, 48, 40), (48, 160, 72)), ((56, 72, 188), (220, 200, 64)))
"""Four corners of four colours: no turn and no mirror leaves it as it is."""
BLACK: Final[Look] = (((0, 0, 0),),)
TOP: Final[Look] = (((255, 255, 255),) * 2, CORNERS[1])
"""The corners, when what is hidden under the upper half must have become white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One file. ``places``: the canaries in it. ``look``: what it shows, in sRGB, if it is accepted; None: nothing to rely on."""

    name: str
    make: Callable[[], bytes]
    places: tuple[str, ...] = ()
    look: Look | None = CORNERS


@dataclass(frozen=True, slots=True)
class Planted:
    """The bytes of a file in the making, and the places in which canaries have been hidden."""

    content: bytes
    places: tuple[str, ...]


def specimen(name: str, make: Callable[[], Planted], *, look: Look | None = CORNERS) -> Specimen:
    """A file that says itself where its canaries are."""
    made = cache(make)
    return Specimen(name=name, make=lambda: made().content, places=made().places, look=look)


@cache
def painted(look: Look) -> Image.Image:
    """The picture of a look. MUST NOT be changed."""
    image = Image.new("RGB", SIZE)
    wide, high = SIZE[0] // len(look[0]), SIZE[1] // len(look)
    for y, row in enumerate(look):
        for x, colour in enumerate(row):
            image.paste(colour, (x * wide, y * high, (x + 1) * wide, (y + 1) * high))
    return image


def drawing() -> Image.Image:
    """The four corners."""
    return painted(CORNERS)


def small(place_colour: Colour = (128, 90, 60)) -> Image.Image:
    """A thumbnail or a second picture, which must never be taken for the first."""
    return Image.new("RGB", (32, 32), place_colour)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """A file of the picture, as Pillow writes it."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@cache
def plain(form: str) -> bytes:
    """The plain file of each kind with the four corners in it."""
    match form:
        case "JPEG":
            return saved(drawing(), "JPEG", quality=95, subsampling="4:4:4")
        case "WEBP":
            return saved(drawing(), "WEBP", lossless=True)
        case "HEIF" | "AVIF":
            return saved(drawing(), form, quality=95)
        case _:
            return saved(drawing(), form)
