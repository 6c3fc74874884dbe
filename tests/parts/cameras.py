"""Pictures whose sources name a camera: EXIF directories entry by entry, XMP, text chunks of a PNG."""

import struct
import zlib
from collections.abc import Iterable
from typing import Final

MAKE, MODEL, HOST, UNIQUE_MODEL = 0x010F, 0x0110, 0x013C, 0xC614
BODY_SERIAL, CAMERA_SERIAL = 0xA431, 0xC62F
Entries = Iterable[tuple[int, bytes]]
_EXIF: Final = 0x8769


def block(first: Entries, *, second: Entries = (), exif: Entries = ()) -> bytes:
    """An EXIF block (a TIFF stream) with these texts in its first directory, its second and that of EXIF."""
    stream = bytearray(b"MM\x00*\x00\x00\x00\x08")
    first, second, exif = list(first), list(second), list(exif)
    pointer = len(first) if exif else None
    start, links = _directory(stream, [*first, *([(_EXIF, b"")] if exif else [])])
    if exif and pointer is not None:
        at = len(stream)
        _directory(stream, exif)
        struct.pack_into(">HHII", stream, start + 2 + 12 * pointer, _EXIF, 4, 1, at)
    if second:
        struct.pack_into(">I", stream, links, len(stream))
        _directory(stream, second)
    return bytes(stream)


def _directory(stream: bytearray, entries: list[tuple[int, bytes]]) -> tuple[int, int]:
    """Put a directory with its texts at the end; return where it starts, and where the link to the next one stands."""
    start = len(stream)
    behind = start + 2 + 12 * len(entries) + 4
    stream += struct.pack(">H", len(entries))
    later = b""
    for tag, text in entries:
        value = text + b"\x00"
        short = len(value) <= 4
        stream += struct.pack(">HHI", tag, 2, len(value)) + (
            value.ljust(4, b"\x00") if short else struct.pack(">I", behind + len(later))
        )
        later += b"" if short else value
    stream += bytes(4) + later
    return start, behind - 4


def jpeg_with(jpeg: bytes, *, exif: bytes = b"", xmp: bytes = b"") -> bytes:
    """A JPEG with an EXIF block and an XMP document."""
    parts = [b"Exif\x00\x00" + exif] * bool(exif) + [b"http://ns.adobe.com/xap/1.0/\x00" + xmp] * bool(xmp)
    return jpeg[:2] + b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts) + jpeg[2:]


def xmp_with(**fields: str) -> bytes:
    """An XMP document that names make, model (``tiff:``) or serial (``aux:``)."""
    names = {"make": "tiff:Make", "model": "tiff:Model", "serial": "aux:SerialNumber"}
    said = " ".join(f'{names[name]}="{text}"' for name, text in fields.items())
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" {said}/>
</rdf:RDF></x:xmpmeta>""".encode()


def png_with(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with more chunks, before its pixels."""
    made = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return png[:33] + made + png[33:]
