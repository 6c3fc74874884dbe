"""PNG: from chunk to chunk, from IHDR to IEND (W3C PNG, Third Edition, section 5)."""

import re

from service.imaging.containers.layout import MAX_PARTS, MAX_PIXELS_OF_OTHERS, Layout, Part, checked_size, number
from service.imaging.errors import ImagingError, Refusal

_SIGNATURE = 8
_HEADER = 13
_MAX_LENGTH = 0x7FFFFFFF
_KIND = re.compile(rb"[A-Za-z]{4}")


def walk(untrusted: bytes) -> Layout:
    """The layout of a PNG file, whose signature has been checked. Bytes behind IEND are allowed.

    :raises ImagingError: truncated, too-many-pixels, too-many-frames (an animation) or undecodable
    """
    size = _size(untrusted)
    parts: list[Part] = []
    position = _SIGNATURE
    while len(parts) < MAX_PARTS:
        part = _chunk(untrusted, position)
        position = part.end + 4
        if part.name == "acTL":
            raise ImagingError(Refusal.TOO_MANY_FRAMES)
        parts.append(part)
        if part.name == "IEND":
            break
    if parts[-1].name != "IEND" or not any(part.name == "IDAT" for part in parts):
        raise ImagingError(Refusal.UNDECODABLE)
    return Layout(width=size[0], height=size[1], parts=tuple(parts), trailing=len(untrusted) - position)


def _size(untrusted: bytes) -> tuple[int, int]:
    header = _chunk(untrusted, _SIGNATURE)
    if header.name != "IHDR" or header.end - header.start != _HEADER:
        raise ImagingError(Refusal.UNDECODABLE)
    return checked_size(number(untrusted, header.start, 4), number(untrusted, header.start + 4, 4), MAX_PIXELS_OF_OTHERS)


def _chunk(untrusted: bytes, position: int) -> Part:
    """The chunk at ``position``; a checksum of four bytes follows its payload."""
    length = number(untrusted, position, 4)
    kind = untrusted[position + 4 : position + 8]
    if length > _MAX_LENGTH or (len(kind) == 4 and not _KIND.fullmatch(kind)):  # noqa: PLR2004 - letters in a chunk's name
        raise ImagingError(Refusal.UNDECODABLE)
    start = position + 8
    if start + length + 4 > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    return Part(name=kind.decode("ascii"), start=start, end=start + length)
