"""Pixels in, new files out: turned upright, in sRGB, on white, in the sizes asked for, in fresh buffers, with nothing else.

Pillow copies metadata by default when it saves (comments, XMP, profiles), so what is saved is always a new image into which
only pixels have been pasted.
"""

import io

from PIL import Image

from service.imaging.colour import to_srgb
from service.imaging.decode import TURNS, Pixels
from service.imaging.renditions import Encoded, Sizes, fitted

QUALITY = 85


def renditions(pixels: Pixels, *, orientation: int, sizes: Sizes) -> tuple[Encoded, ...]:
    """One JPEG file for each size, in the same order; none is larger than the picture.

    The picture is brought to the largest size first: everything after that costs less.
    """
    targets = {size.name: fitted(*pixels.full, size.long_side) for size in sizes}
    current = _upright(_resized(pixels, max(targets.values(), key=max)), orientation)
    made: dict[str, Encoded] = {}
    for size in sorted(sizes, key=lambda size: size.long_side, reverse=True):
        target = targets[size.name] if orientation not in {5, 6, 7, 8} else targets[size.name][::-1]
        if current.size != target:
            current = current.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
        made[size.name] = Encoded(name=size.name, width=target[0], height=target[1], content=_encoded(current))
    return tuple(made[size.name] for size in sizes)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Image.Image:
    """The picture in mode RGB and sRGB, in this size, with white behind what is transparent."""
    image = _fit(pixels.image, size)
    if image.mode not in {"LA", "RGBA"}:
        return to_srgb(image, pixels.profile)
    flat = Image.new("RGB", size, "white")
    flat.paste(to_srgb(image.convert(image.mode[:-1]), pixels.profile), mask=image.getchannel("A"))
    return flat


def _fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _encoded(image: Image.Image) -> bytes:
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    buffer = io.BytesIO()
    fresh.save(buffer, "JPEG", quality=QUALITY, subsampling="4:2:0", optimize=False, progressive=False)
    return buffer.getvalue()
