"""Raw pixels: all that ever leaves the process which opened a picture."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image

BYTES_PER_PIXEL = 3
_STRIP = 1 << 20
"""Pixels that are laid out at one time: a second copy of a large picture would cost hundreds of megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """An upright picture in sRGB: ``width`` x ``height`` pixels of three bytes (red, green, blue), row by row from the top.

    :raises ValueError: if there are not exactly that many bytes
    """

    width: int
    height: int
    pixels: bytes | memoryview = field(repr=False)

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 1 or len(self.pixels) != self.width * self.height * BYTES_PER_PIXEL:
            raise ValueError("a raster has three bytes for each pixel")


def strips(image: Image.Image) -> Iterator[Image.Image]:
    """The picture in strips of its whole width, from the top."""
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def raster_of(image: Image.Image) -> Raster:
    """The raw pixels of a picture in mode RGB, laid out in this process."""
    pixels = b"".join(strip.tobytes() for strip in strips(image))
    return Raster(width=image.width, height=image.height, pixels=pixels)
