"""A JPEG file with nothing but its pixels and what says how they are coded: all that the decoder ever sees."""

import re

from service.imaging.containers import jpeg
from service.imaging.containers.layout import Part

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_CODED = {"SOF", "SOS", "DQT", "DHT", "DRI", "DNL"}
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
"""What says that the colours are luminance and two differences: version 1.01, no density, no thumbnail."""
_ADOBE, _ADOBE_LENGTH = b"\xff\xee\x00\x0e", 12
_PROFILE = b"ICC_PROFILE\x00"
_MAX_PIECES = 255
"""A profile is cut into no more: their number has one byte."""
_FILL = re.compile(rb"\xff{2,}+")


def pixels_only(untrusted: bytes) -> bytes:
    """The file anew, from its tables, frame, scans and colour profile; its pixels are the same.

    Comments, EXIF, other pictures, fill bytes and stray ones are not in it, so that no decoder reads, follows or copies them.

    :raises ImagingError: as ``jpeg.walk``
    """
    parts = jpeg.walk(untrusted).parts
    start = next(index for index, part in enumerate(parts) if part.name == "SOS")
    view = memoryview(untrusted)
    pieces: list[bytes | memoryview] = [_SOI, *_colours(parts[:start], untrusted)]
    for part in parts:
        if part.name in _CODED:
            pieces.append(view[part.start - 4 : part.end])
        elif part.name == "scan":
            pieces.append(_unfilled(untrusted, part))
    return b"".join((*pieces, _EOI))


def _colours(parts: tuple[Part, ...], untrusted: bytes) -> list[bytes]:
    """What tells of colours in front of the first scan, in its shortest form."""
    jfif = any(part.name == "APP0" and untrusted.startswith(b"JFIF\x00", part.start) for part in parts)
    adobe = [
        untrusted[part.start : part.start + _ADOBE_LENGTH]
        for part in parts
        if part.name == "APP14" and untrusted.startswith(b"Adobe", part.start) and part.end - part.start >= _ADOBE_LENGTH
    ]
    profile = [part for part in parts if part.name == "APP2" and untrusted.startswith(_PROFILE, part.start)]
    return [
        *([_JFIF] if jfif else []),
        *(_ADOBE + one for one in adobe[-1:]),  # the last one counts
        *(untrusted[part.start - 4 : part.end] for part in profile[:_MAX_PIECES]),
    ]


def _unfilled(untrusted: bytes, scan: Part) -> bytes | memoryview:
    """The entropy-coded data, with one 0xFF in front of each zero or restart marker."""
    if untrusted.find(b"\xff\xff", scan.start, scan.end) < 0:
        return memoryview(untrusted)[scan.start : scan.end]
    return _FILL.sub(b"\xff", scan.of(untrusted))
