"""Where each kind of file keeps its metadata: every part that is not pixels is cut out and counted."""

from typing import assert_never

from service.imaging.containers.layout import Layout
from service.imaging.metadata.boxblocks import box_blocks
from service.imaging.metadata.gifblocks import gif_blocks
from service.imaging.metadata.jpegxmp import extended_xmp
from service.imaging.metadata.motion import count_trailing
from service.imaging.metadata.people import PersonPlace
from service.imaging.metadata.pngtext import read_text_chunk
from service.imaging.metadata.removed import EXIF_PREFIX, Blocks, RemovedKind, Unreadable
from service.imaging.metadata.text import decoded
from service.imaging.metadata.tiffblocks import bmp_blocks, tiff_blocks
from service.imaging.sniff import Kind

_EXIF, _XMP, _EXTENDED_XMP = b"Exif\x00", b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00"
_PHOTOSHOP = b"Photoshop 3.0\x00"
_JFIF_WITHOUT_THUMBNAIL = 14
_JPEG_PIXELS = {"SOF", "SOS", "DQT", "DHT", "DRI", "DNL", "APP14", "scan", "EOI"}
_PNG_PIXELS = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "sRGB", "gAMA", "cHRM", "sBIT", "bKGD", "pHYs", "hIST", "cICP", "sPLT"}
_WEBP_PIXELS = {"VP8 ", "VP8L", "VP8X", "ALPH"}


def blocks_of(kind: Kind, layout: Layout, untrusted: bytes) -> Blocks:
    """Every block of metadata in a file. What is on no list is counted as other; nothing is passed over."""
    blocks = Blocks()
    count_trailing(layout, untrusted, blocks)
    match kind:
        case Kind.JPEG:
            _jpeg(layout, untrusted, blocks)
        case Kind.PNG:
            _png(layout, untrusted, blocks)
        case Kind.WEBP:
            _webp(layout, untrusted, blocks)
        case Kind.HEIC | Kind.AVIF:
            box_blocks(layout, untrusted, blocks)
        case Kind.GIF:
            gif_blocks(layout, untrusted, blocks)
        case Kind.TIFF:
            tiff_blocks(layout, untrusted, blocks)
        case Kind.BMP:
            bmp_blocks(layout, blocks)
        case _:
            assert_never(kind)
    return blocks


def _jpeg(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    extensions: list[bytes] = []
    resources: list[bytes] = []
    for part in layout.parts:
        if part.name in _JPEG_PIXELS:
            continue
        body = part.of(untrusted)
        if part.name == "APP1" and body.startswith(_EXTENDED_XMP):
            extensions.append(body[len(_EXTENDED_XMP) :])
        elif part.name == "APP13" and body.startswith(_PHOTOSHOP):
            resources.append(body[len(_PHOTOSHOP) :])
        else:
            _jpeg_segment(part.name, body, blocks)
    if resources:  # one stream, cut into segments
        blocks.photoshop.append(b"".join(resources))
    try:
        extended = extended_xmp(extensions)
    except Unreadable:
        blocks.readable = False
    else:
        blocks.xmp.extend(extended.values())
        blocks.extended.update(extended)


def _jpeg_segment(name: str, body: bytes, blocks: Blocks) -> None:
    match name:
        case "APP1" if body.startswith(_EXIF):
            blocks.exif.append(body[6:])
        case "APP1" if body.startswith(_XMP):
            blocks.xmp.append(body[len(_XMP) :])
        case "APP2" if body.startswith(b"ICC_PROFILE\x00"):
            blocks.counts[RemovedKind.ICC_PROFILE] += 1
        case "APP2" if body.startswith(b"MPF\x00"):
            blocks.counts[RemovedKind.EMBEDDED_PICTURE] += 1
        case "APP0" if body.startswith(b"JFIF\x00") and len(body) == _JFIF_WITHOUT_THUMBNAIL:
            pass  # density only
        case "APP0" if body.startswith((b"JFIF\x00", b"JFXX\x00")):
            blocks.counts[RemovedKind.THUMBNAIL] += 1
        case "APP11" if body.startswith(b"JP") and body[12:16] == b"jumb":
            blocks.counts[RemovedKind.CONTENT_CREDENTIALS] += 1
        case "COM":
            blocks.counts[RemovedKind.COMMENT] += 1
            blocks.people.add(PersonPlace.COMMENT, decoded(body))
        case _:
            blocks.counts[RemovedKind.OTHER] += 1


def _png(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    for part in layout.parts:
        match part.name:
            case name if name in _PNG_PIXELS:
                pass
            case "eXIf":
                blocks.exif.append(part.of(untrusted).removeprefix(EXIF_PREFIX))
            case "iCCP":
                blocks.counts[RemovedKind.ICC_PROFILE] += 1
            case "caBX":
                blocks.counts[RemovedKind.CONTENT_CREDENTIALS] += 1
            case "tEXt" | "zTXt" | "iTXt":
                blocks.counts[RemovedKind.TEXT_CHUNKS] += 1
                try:
                    read_text_chunk(part.name, part.of(untrusted), blocks)
                except Unreadable:
                    blocks.readable = False
            case _:
                blocks.counts[RemovedKind.OTHER] += 1


def _webp(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    for part in layout.parts:
        match part.name:
            case name if name in _WEBP_PIXELS:
                pass
            case "EXIF":
                blocks.exif.append(part.of(untrusted).removeprefix(EXIF_PREFIX))
            case "XMP ":
                blocks.xmp.append(part.of(untrusted))
            case "ICCP":
                blocks.counts[RemovedKind.ICC_PROFILE] += 1
            case "C2PA":
                blocks.counts[RemovedKind.CONTENT_CREDENTIALS] += 1
            case _:
                blocks.counts[RemovedKind.OTHER] += 1
