"""Whatever a picture's numbers mean, to sRGB: judged by the profile's transform, never by its name."""

import io
from itertools import product

from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_STEPS = range(0, 256, 15)
_SAME = 1


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in mode RGB, its colours in sRGB. ``image`` has mode L, RGB or CMYK, and MUST NOT be used afterwards.

    It may have been changed in place: laying out another twelve megapixels takes time. A profile that is missing,
    broken, or for another kind of picture counts as sRGB, as browsers do it.
    """
    if profile is None:
        return image.convert("RGB")
    try:
        return _transformed(image, profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError):
        return image.convert("RGB")


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """A picture in mode LAB (CIE L*a*b*, D50) in mode RGB and sRGB."""
    return ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
    ).apply(image)


def _transformed(image: Image.Image, profile: bytes) -> Image.Image:
    mode, transform = _transform(profile)
    if image.mode == "L" and mode == "RGB":
        image = image.convert("RGB")
    if image.mode != mode:
        raise ValueError("the profile is for another kind of picture")
    if mode != "RGB":
        return transform.apply(image)
    if not _is_identity(transform):
        transform.apply_in_place(image)
    return image


def _transform(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform]:
    """The mode that a profile is for, and what brings it to sRGB."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = _MODES[source.profile.xcolor_space.strip()]
    relative = ImageCms.Intent.RELATIVE_COLORIMETRIC
    return mode, ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", relative)


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    """Does it leave a lattice of colours as they are, but for rounding?"""
    lattice = bytes(value for colour in product(_STEPS, repeat=3) for value in colour)
    before = Image.frombytes("RGB", (len(_STEPS) ** 2, len(_STEPS)), lattice)
    after = transform.apply(before).tobytes()
    return all(abs(a - b) <= _SAME for a, b in zip(lattice, after, strict=True))
