"""What these bytes are, by their own word: kind and size from the header, complete or not, without decoding anything.

Plain Python over bytes, linear in their length: safe in the web process.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from service.imaging.containers import bmp, gif, heif, jpeg, png, tiff, webp
from service.imaging.containers.layout import MAX_PIXELS, MAX_PIXELS_OF_OTHERS, Layout
from service.imaging.errors import ImagingError, Refusal

MAX_BYTES = 100_000_000
"""The largest file that is looked at, in bytes."""

_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
_TIFF = (b"II*\x00", b"MM\x00*")
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
_AVIF_BRANDS = {b"avif"}
_NEUTRAL_BRANDS = {b"mif1", b"mif2", b"miaf"}
_SEQUENCE_BRANDS = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis", b"avcs"}
_STILL_BRANDS = {*_NEUTRAL_BRANDS, b"1pic", b"avci", b"avic", b"jpeg", b"jpgs", b"j2ki", b"vvic", b"evbi", b"crx "}
"""Other pictures; the last is a raw one (CR3)."""
_FILM_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_FILM_STARTS = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"FLV\x01")
_PACKETS = ((0, 188), (4, 192))
"""Where the first packet of an MPEG transport stream begins, and how long each is: as broadcast, and as camcorders write it."""
_PACKET_MARK, _ENOUGH_PACKETS = b"G", 5
_OTHER_PICTURES = (
    *(b"II+\x00", b"MM\x00+", b"8BPS", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ", b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
    *(b"IIU\x00", b"IIRO", b"IIRS", b"MMOR", b"FUJIFILM", b"FOVb", b"\x00MRM", b"II\x1a\x00\x00\x00HEAPCCDR"),
)
"""BigTIFF, Photoshop, JPEG XL, JPEG 2000; raw pictures of Panasonic, Olympus, Fujifilm, Sigma, Minolta and Canon."""


class Kind(StrEnum):
    """The kinds of file that are accepted."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    GIF = "gif"
    TIFF = "tiff"
    AVIF = "avif"
    BMP = "bmp"


DECODER_TURNS = frozenset({Kind.HEIC, Kind.AVIF})
"""The pixels of these kinds come out upright, as the file's own properties say: its EXIF block MUST NOT turn them again.

They may come out cropped, too, so that their size is not known before.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """An acceptable kind of file, complete in its structure. Width and height in pixels, as stored, before any turn."""

    kind: Kind
    media_type: str
    width: int
    height: int


def sniff(untrusted: bytes) -> Sniffed:
    """Kind and size of a picture file. Does NOT promise that it can be decoded.

    :raises ImagingError: empty, too-large, not-an-image, unsupported, video, truncated, too-many-pixels, too-many-frames,
        undecodable; never anything else, whatever the bytes
    """
    kind, layout = look(untrusted)
    return Sniffed(kind=kind, media_type=f"image/{kind}", width=layout.width, height=layout.height)


def look(untrusted: bytes) -> tuple[Kind, Layout]:
    """Kind and layout of a picture file; raises as ``sniff``."""
    if not untrusted:
        raise ImagingError(Refusal.EMPTY)
    if len(untrusted) > MAX_BYTES:
        raise ImagingError(Refusal.TOO_LARGE)
    kind = _kind(untrusted)
    match kind:
        case Kind.JPEG:
            return kind, jpeg.walk(untrusted)
        case Kind.PNG:
            return kind, png.walk(untrusted)
        case Kind.WEBP:
            return kind, webp.walk(untrusted)
        case Kind.HEIC | Kind.AVIF:
            return kind, heif.walk(untrusted, most=MAX_PIXELS if kind is Kind.HEIC else MAX_PIXELS_OF_OTHERS)
        case Kind.GIF:
            return kind, gif.walk(untrusted)
        case Kind.TIFF:
            return kind, tiff.walk(untrusted)
        case Kind.BMP:
            return kind, bmp.walk(untrusted)
        case _:
            assert_never(kind)


def _kind(untrusted: bytes) -> Kind:
    if untrusted.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if untrusted.startswith(_PNG):
        return Kind.PNG
    if untrusted[:4] == b"RIFF" and untrusted[8:12] == b"WEBP":
        return Kind.WEBP
    if untrusted.startswith(_GIF):
        return Kind.GIF
    if untrusted.startswith(_TIFF):
        return Kind.TIFF
    if untrusted[:2] == b"BM" and int.from_bytes(untrusted[14:18], "little") in bmp.HEADERS:
        return Kind.BMP
    if untrusted[4:8] == b"ftyp":
        return _kind_by_brand(untrusted)
    raise ImagingError(_unwanted(untrusted))


def _kind_by_brand(untrusted: bytes) -> Kind:
    """HEIC or AVIF, if the major brand says so, or a neutral major brand does with one of them among the compatible ones."""
    length = min(int.from_bytes(untrusted[:4], "big"), 512)
    major = untrusted[8:12]
    compatible = {untrusted[i : i + 4] for i in range(16, length, 4)} if major in _NEUTRAL_BRANDS else set[bytes]()
    if ({major} | compatible) & _HEIC_BRANDS:
        return Kind.HEIC
    if ({major} | compatible) & _AVIF_BRANDS:
        return Kind.AVIF
    if major in _SEQUENCE_BRANDS:
        raise ImagingError(Refusal.TOO_MANY_FRAMES)
    raise ImagingError(Refusal.UNSUPPORTED if major in _STILL_BRANDS else Refusal.VIDEO)


def _unwanted(untrusted: bytes) -> Refusal:
    if untrusted[:4] == b"RIFF" and untrusted[8:12] == b"AVI ":
        return Refusal.VIDEO
    if untrusted[4:8] in _FILM_BOXES or untrusted.startswith(_FILM_STARTS):
        return Refusal.VIDEO
    if any(_is_stream(untrusted[start : start + _ENOUGH_PACKETS * length : length]) for start, length in _PACKETS):
        return Refusal.VIDEO
    if untrusted.startswith(_OTHER_PICTURES):
        return Refusal.UNSUPPORTED
    return Refusal.NOT_AN_IMAGE


def _is_stream(marks: bytes) -> bool:
    """Do at least two packets begin with the mark, and every one that was looked at?"""
    return len(marks) > 1 and not marks.strip(_PACKET_MARK)
