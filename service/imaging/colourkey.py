"""The one colour of a PNG that counts as transparent, compared at the depth of the file (PNG, Third Edition, 11.3.1.1).

Pillow keeps eight bits of a colour, and compares them with all sixteen of the key.
"""

import struct
from collections.abc import Callable, Iterable

from PIL import Image, ImageChops

from service.imaging.containers import png

_DEPTH, _COLOURS = 8, 9
_GREY, _RGB = 0, 2
_DEEP = 16


def with_key_transparent(opened: Image.Image, untrusted: bytes, low_bytes: Callable[[], Image.Image]) -> Image.Image:
    """A decoded PNG in mode LA or RGBA, if it has a key; else as it is. ``opened`` MUST NOT be used afterwards.

    ``low_bytes``: makes the picture of the lower bytes of an RGB picture of sixteen bits.
    """
    chunks = {part.name: part.of(untrusted) for part in reversed(png.walk(untrusted).parts) if part.name in {"IHDR", "tRNS"}}
    depth, colours = chunks["IHDR"][_DEPTH], chunks["IHDR"][_COLOURS]
    if "tRNS" not in chunks or colours not in {_GREY, _RGB}:
        return opened
    key = struct.unpack_from(">3H" if colours == _RGB else ">H", chunks["tRNS"])
    values = [value & (1 << depth) - 1 for value in key]
    if colours == _GREY:
        return _grey(opened, values[0], depth)
    differs = _differs(opened, [value >> depth - 8 for value in values])
    if depth == _DEEP:
        differs = ImageChops.lighter(differs, _differs(low_bytes(), [value & 255 for value in values]))
    return _with_alpha(opened, differs)


def _grey(opened: Image.Image, value: int, depth: int) -> Image.Image:
    if depth == _DEEP:
        wide = opened.convert("I")
        differs = wide.point([255 * (level != value) for level in range(1 << _DEEP)], "L")
        return _with_alpha(wide.point([level >> 8 for level in range(1 << _DEEP)], "L"), differs)
    grey = opened.convert("L")
    return _with_alpha(grey, _other_than(grey, value * 255 // ((1 << depth) - 1)))


def _differs(image: Image.Image, values: Iterable[int]) -> Image.Image:
    """White where a pixel of an RGB picture has another colour, black where it has this one."""
    red, green, blue = (_other_than(band, value) for band, value in zip(image.split(), values, strict=False))
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _other_than(band: Image.Image, value: int) -> Image.Image:
    return band.point([255 * (level != value) for level in range(256)])


def _with_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    image.info.pop("transparency", None)
    image.putalpha(alpha)
    return image
