"""Decoded pixels -> pixels that mean what they seem to: upright, in sRGB, on white, no larger than asked for."""

from PIL import Image

from service.imaging.colour import to_srgb
from service.imaging.decode import TURNS, Pixels
from service.imaging.raster import strips
from service.imaging.renditions import fitted


def sanitise(pixels: Pixels, *, orientation: int, long_side: int) -> Image.Image:
    """The picture in mode RGB, with a long side of at most ``long_side`` pixels; a smaller one keeps its size.

    It is brought to size first: everything after that costs less.
    """
    return _upright(_plain(pixels, fitted(*pixels.full, long_side)), orientation)


def _plain(pixels: Pixels, size: tuple[int, int]) -> Image.Image:
    """The picture in mode RGB and sRGB, in this size, with white behind what is transparent: what was hidden there is gone."""
    image = _fit(pixels.image, size)
    if image.mode not in {"LA", "RGBA"}:
        return to_srgb(image, pixels.profile)
    flat = Image.new("RGB", size, "white")
    top = 0
    for strip in strips(image):
        flat.paste(to_srgb(strip.convert(strip.mode[:-1]), pixels.profile), (0, top), strip.getchannel("A"))
        top += strip.height
    return flat


def _fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image
