"""The EXIF block of a TIFF file, whose entries are spread over the whole file: gathered into a small stream of their own."""

import struct

from service.imaging.containers.directories import WIDTHS, Directories, Directory
from service.imaging.errors import ImagingError
from service.imaging.metadata.removed import Unreadable

_EXIF, _GPS, _INTEROPERABILITY, _MAKER_NOTE = 34665, 34853, 40965, 37500
EXIF_IN_FULL = frozenset(
    {
        *(269, 270, 271, 272, 274, 285, 305, 306, 315, 316, 337, 18246, 18249, 33432, 50341, 50735, _EXIF, _GPS),
        *range(0x829A, 0x829E),
        *range(0x8822, 0x8834),
        *range(0x9000, 0x9300),
        *range(0x9C9B, 0x9CA0),
        *range(0xA000, 0xA480),
    }
)
"""Tags that speak of the camera, the moment, the place, and people, in words: all of EXIF, and what other programs add."""
MAX_BLOCK = 65_536
"""The most that is gathered, in bytes."""
_POINTERS = {_EXIF, _GPS, _INTEROPERABILITY}
_LONG, _SHORTEST = 4, 8
_OPAQUE_BYTES = 16_384
"""A longer maker note is left out but for its first bytes: it may be as long as all that is read."""

_Value = tuple[int, int, int, bytes]
"""Tag, type, count, bytes."""


def exif_of_page(untrusted: bytes, start: int) -> bytes | None:
    """What the directory at ``start`` says of the picture, as a TIFF stream; None if it says nothing but what its pixels are.

    :raises Unreadable: if a part of it can't be found, or it is longer than what is read of any EXIF block
    """
    directories = Directories(untrusted)
    try:
        page = directories.at(start)
        if not EXIF_IN_FULL & page.entries.keys():
            return None
        below = {tag: directories.at(directories.numbers(page.entries[tag])[0]) for tag in (_EXIF, _GPS) if tag in page.entries}
    except (ImagingError, IndexError):
        raise Unreadable from None
    stream = bytearray(untrusted[:4] + bytes(4))
    places = {tag: _append(stream, directories, _values(untrusted, one)) for tag, one in below.items()}
    pointers = [(tag, _LONG, 1, struct.pack(directories.order + "I", place)) for tag, place in places.items()]
    told = _values(untrusted, page, EXIF_IN_FULL)
    stream[4:8] = struct.pack(directories.order + "I", _append(stream, directories, sorted([*told, *pointers])))
    return bytes(stream)


def _values(untrusted: bytes, one: Directory, only: frozenset[int] = frozenset()) -> list[_Value]:
    """The values of a directory, without those that point to others.

    :raises Unreadable: if they are longer than what is read of any EXIF block
    """
    values: list[_Value] = []
    left = MAX_BLOCK
    for entry in one.entries.values():
        length, count = entry.end - entry.start, entry.count
        if entry.kind not in WIDTHS or entry.tag in _POINTERS or (only and entry.tag not in only):
            continue
        if entry.tag == _MAKER_NOTE and length > _OPAQUE_BYTES:
            length, count = _SHORTEST, _SHORTEST // WIDTHS[entry.kind]
        left -= length
        if left < 0:
            raise Unreadable
        values.append((entry.tag, entry.kind, count, untrusted[entry.start : entry.start + length]))
    return values


def _append(stream: bytearray, directories: Directories, values: list[_Value]) -> int:
    """Put a directory with its values at the end of the stream, and say where it starts.

    :raises Unreadable: if the stream becomes too long
    """
    start = len(stream)
    later = bytearray()
    behind = start + 2 + 12 * len(values) + 4
    stream += struct.pack(directories.order + "H", len(values))
    for tag, kind, count, content in values:
        stream += struct.pack(directories.order + "HHI", tag, kind, count)
        if len(content) <= 4:  # noqa: PLR2004 - shorter values stand in the entry
            stream += content.ljust(4, b"\x00")
        else:
            stream += struct.pack(directories.order + "I", behind + len(later))
            later += content + bytes(len(content) % 2)
    stream += bytes(4) + later
    if len(stream) > MAX_BLOCK:
        raise Unreadable
    return start
