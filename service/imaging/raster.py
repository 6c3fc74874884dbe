"""Raw pixels: all that ever leaves the process which opened a picture."""

from dataclasses import dataclass, field

BYTES_PER_PIXEL = 3


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
