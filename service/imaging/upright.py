"""An AVIF as its own properties say that it is meant to be seen: cropped, turned, mirrored (ISO/IEC 23008-12, 6.5.10, 6.5.12).

Pillow does none of it, and mixes up what the properties say with what XMP says.
"""

from PIL import Image

from service.imaging.containers import heif
from service.imaging.containers.aperture import aperture
from service.imaging.containers.layout import Part, number

_ROTATED = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
"""Quarter turns against the clock."""
_MIRRORED = {0: Image.Transpose.FLIP_TOP_BOTTOM, 1: Image.Transpose.FLIP_LEFT_RIGHT}


def upright(opened: Image.Image, untrusted: bytes) -> Image.Image:
    """The picture to be seen.

    :raises ImagingError: undecodable, if what is to be cropped does not lie in the picture
    """
    parts = heif.walk(untrusted).parts
    clap = next((part for part in parts if part.name == "clap"), None)
    shown = opened.crop(aperture(untrusted, clap, *opened.size)) if clap else opened
    for part in parts:
        turn = _turn(part, untrusted)
        shown = shown if turn is None else shown.transpose(turn)
    return shown


def _turn(part: Part, untrusted: bytes) -> Image.Transpose | None:
    match part.name:
        case "irot":
            return _ROTATED.get(number(untrusted, part.start, 1) & 3)
        case "imir":
            return _MIRRORED[number(untrusted, part.start, 1) & 1]
        case _:
            return None
