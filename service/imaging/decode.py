"""Untrusted bytes -> pixels. Runs in the sandbox's child only: here the decoders, written in C, meet hostile input.

The pixels are as stored (not yet upright), in one of four plain modes, with the profile that says what their numbers mean.
"""

import io
import warnings
from dataclasses import dataclass
from functools import partial

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from service.imaging import codedcolour
from service.imaging.colour import lab_to_srgb
from service.imaging.colourkey import with_key_transparent
from service.imaging.containers import bmp, gif, heif, jpegpixels, png, tiff
from service.imaging.containers.layout import checked_size
from service.imaging.errors import ImagingError, Refusal
from service.imaging.renditions import fitted
from service.imaging.sniff import Kind, Sniffed
from service.imaging.upright import upright

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what turns the stored picture upright."""

_FORMATS = {
    Kind.JPEG: "JPEG",
    Kind.PNG: "PNG",
    Kind.WEBP: "WEBP",
    Kind.HEIC: "HEIF",
    Kind.GIF: "GIF",
    Kind.TIFF: "TIFF",
    Kind.AVIF: "AVIF",
    Kind.BMP: "BMP",
}
"""Pillow's names. A JPEG with several pictures (MPO) is opened as JPEG: its first picture is chosen on purpose."""

_PLAIN = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "RGB": "RGB",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "PA": "RGBA",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "CMYK",
}
"""Pillow's modes -> the plain ones."""
_SIXTEEN_BITS = {"I;16", "I;16B", "I;16L", "I;16N"}
_PLUGINS = (
    *(AvifImagePlugin, BmpImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin),
    *(TiffImagePlugin, WebPImagePlugin, ImageOps),
)
"""Imported here, once, so that no picture makes Pillow look for a plugin when no file can be opened any more."""
Image.preinit()
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
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

    :raises ImagingError: too-many-pixels, too-many-frames or undecodable, if the decoder sees more than the header told;
        unsupported, if this machine's Pillow has no decoder for AVIF
    :raises Exception: whatever a decoder raises at damaged data: ValueError, SyntaxError, EOFError, struct.error, MemoryError
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(_decodable(untrusted, sniffed.kind)), formats=[_FORMATS[sniffed.kind]]) as opened:
            _check(opened, sniffed)
            if sniffed.kind is Kind.JPEG:
                opened.draft(None, fitted(*opened.size, long_side))
            image = _of_webp(opened) if isinstance(opened, WebPImagePlugin.WebPImageFile) else opened
            image.load()
            profile = _profile(opened, untrusted, sniffed.kind)
            if sniffed.kind is Kind.AVIF:
                shown = upright(opened, untrusted)
                return Pixels(image=_plain(shown), profile=profile, full=shown.size)
            # A HEIC may grow while it is decoded.
            full = checked_size(*opened.size) if sniffed.kind is Kind.HEIC else (sniffed.width, sniffed.height)
            if sniffed.kind is Kind.PNG:
                image = with_key_transparent(opened, untrusted, partial(_low_bytes, untrusted))
            return Pixels(image=_plain(image), profile=None if opened.mode == "LAB" else profile, full=full)


def _decodable(untrusted: bytes, kind: Kind) -> bytes:
    """What the decoder sees: of a JPEG the pixels alone, of a TIFF the page, of an AVIF no EXIF."""
    match kind:
        case Kind.JPEG:
            return jpegpixels.pixels_only(untrusted)
        case Kind.TIFF:
            return tiff.pixels_only(untrusted)
        case Kind.AVIF if not features.check("avif"):
            raise ImagingError(Refusal.UNSUPPORTED)
        case Kind.AVIF:
            return heif.without_exif(untrusted[:8] + b"avif" + untrusted[12:])
        case _:
            return untrusted


def _low_bytes(untrusted: bytes) -> Image.Image:
    """The lower bytes of a PNG in RGB with sixteen bits, which Pillow takes if it is told that the upper ones come last."""
    with Image.open(io.BytesIO(untrusted), formats=["PNG"]) as opened:
        opened.tile = [tile._replace(args="RGB;16L") for tile in opened.tile]
        opened.load()
        return opened


def _of_webp(opened: WebPImagePlugin.WebPImageFile) -> Image.Image:
    """The pixels that the decoder hands out, not copied, and without its two canvases, each as large as they."""
    decoded, _, _ = opened._get_next()  # noqa: SLF001 - load() would keep all of them
    opened._decoder = None  # noqa: SLF001
    return Image.frombuffer(opened.rawmode, opened.size, decoded, "raw", opened.rawmode, 0, 1)


def _check(opened: Image.Image, sniffed: Sniffed) -> None:
    checked_size(*opened.size)
    if sniffed.kind is Kind.HEIC:
        return  # the decoder turns and crops; of several pictures the primary one is chosen on purpose
    if opened.size != (sniffed.width, sniffed.height):
        raise ImagingError(Refusal.UNDECODABLE)
    if sniffed.kind is not Kind.JPEG and getattr(opened, "is_animated", False):
        raise ImagingError(Refusal.TOO_MANY_FRAMES)


def _profile(opened: Image.Image, untrusted: bytes, kind: Kind) -> bytes | None:
    """The profile that says what the numbers mean. Pillow does not look for one in GIF and BMP."""
    told: object = opened.info.get("icc_profile")
    profile = told if isinstance(told, bytes) and told else None
    match kind:
        case Kind.GIF:
            return gif.profile(gif.walk(untrusted), untrusted)
        case Kind.BMP:
            return bmp.profile(bmp.walk(untrusted), untrusted)
        case Kind.PNG:
            return codedcolour.of_png(png.walk(untrusted).parts, untrusted, profile)
        case Kind.HEIC | Kind.AVIF:
            return codedcolour.of_boxes(heif.walk(untrusted).parts, untrusted, profile)
        case _:
            return profile


def _plain(opened: Image.Image) -> Image.Image:
    """The picture in a plain mode. One that has none (KeyError) was not made by a camera."""
    if opened.mode in _SIXTEEN_BITS:
        return _eight_bits(opened)
    if opened.mode == "LAB":
        return lab_to_srgb(opened)
    mode = _PLAIN[opened.mode]
    if "transparency" in opened.info and mode in {"L", "RGB"}:
        mode = "RGBA" if mode == "RGB" else "LA"
    return opened if opened.mode == mode else opened.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen-bit grey as eight-bit grey: the upper byte."""
    return image.convert("I").point([value >> 8 for value in range(65_536)], "L")
