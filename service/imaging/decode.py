"""Untrusted bytes -> pixels. Runs in the sandbox's child only: here the decoders, written in C, meet hostile input.

The pixels are as stored (not yet upright), in one of four plain modes, with the profile that says what their numbers mean.
"""

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import (
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from service.imaging.containers.layout import checked_size
from service.imaging.errors import ImagingError, Refusal
from service.imaging.renditions import fitted
from service.imaging.sniff import Kind, Sniffed

_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}
"""Pillow's names. A JPEG with several pictures (MPO) is opened as JPEG: its first picture is chosen on purpose."""

_PLAIN = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "RGB": "RGB",
    "PA": "RGBA",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "CMYK",
}
"""Pillow's modes -> the plain ones."""
_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin, ImageOps)
"""Imported here, once, so that no picture makes Pillow look for a plugin when no file can be opened any more."""
Image.preinit()
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """A picture in mode L, LA, RGB, RGBA or CMYK.

    ``profile``: the ICC profile that it came with. ``full``: its true size, of which ``image`` may be a fraction.
    """

    image: Image.Image
    profile: bytes | None
    full: tuple[int, int]


def decode(untrusted: bytes, sniffed: Sniffed, *, long_side: int) -> Pixels:
    """The pixels of a sniffed picture, at least ``long_side`` long if the picture is: JPEG may be decoded at a fraction.

    :raises ImagingError: too-many-pixels, too-many-frames or undecodable, if the decoder sees more than the header told
    :raises Exception: whatever a decoder raises at damaged data: ValueError, SyntaxError, EOFError, struct.error, MemoryError
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(untrusted), formats=[_FORMATS[sniffed.kind]]) as opened:
            _check(opened, sniffed)
            if sniffed.kind is Kind.JPEG:
                opened.draft(None, fitted(*opened.size, long_side))
            opened.load()
            # A HEIC may grow while it is decoded.
            full = checked_size(*opened.size) if sniffed.kind is Kind.HEIC else (sniffed.width, sniffed.height)
            profile = opened.info.get("icc_profile")
            return Pixels(image=_plain(opened), profile=profile if isinstance(profile, bytes) and profile else None, full=full)


def _check(opened: Image.Image, sniffed: Sniffed) -> None:
    checked_size(*opened.size)
    if sniffed.kind is Kind.HEIC:
        return  # the decoder turns and crops; of several pictures the primary one is chosen on purpose
    if opened.size != (sniffed.width, sniffed.height):
        raise ImagingError(Refusal.UNDECODABLE)
    if sniffed.kind is not Kind.JPEG and getattr(opened, "is_animated", False):
        raise ImagingError(Refusal.TOO_MANY_FRAMES)


def _plain(opened: Image.Image) -> Image.Image:
    """The picture in a plain mode. One that has none (KeyError) was not made by a camera."""
    if opened.mode.startswith("I"):
        return _eight_bits(opened)
    mode = _PLAIN[opened.mode]
    if "transparency" in opened.info and mode in {"L", "RGB"}:
        mode = "RGBA" if mode == "RGB" else "LA"
    return opened.copy() if opened.mode == mode else opened.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen-bit grey as eight-bit grey: the upper byte."""
    return image.convert("I").point([value >> 8 for value in range(65_536)], "L")
