"""Items of a HEIC file: what kind each is, and where its bytes are (ISO/IEC 14496-12, sections 8.11.3 and 8.11.6)."""

from service.imaging.containers.boxes import boxes
from service.imaging.containers.layout import MAX_PARTS, Part, number
from service.imaging.errors import ImagingError, Refusal

_IN_FILE, _IN_IDAT = 0, 1


def item_kinds(untrusted: bytes, iinf: Part) -> dict[int, str]:
    """Item number -> four-letter type. Items described in the old way, without a type, are left out.

    :raises ImagingError: truncated or undecodable
    """
    wide = 2 if number(untrusted, iinf.start, 1) == 0 else 4
    kinds: dict[int, str] = {}
    for box in boxes(untrusted, iinf.start + 4 + wide, iinf.end):
        version = number(untrusted, box.start, 1)
        if box.name != "infe" or version < 2:  # noqa: PLR2004 - types come with version 2
            continue
        long = 2 if version == 2 else 4  # noqa: PLR2004 - version 3 has long item numbers
        item = number(untrusted, box.start + 4, long)
        kinds[item] = untrusted[box.start + 6 + long : box.start + 10 + long].decode("latin-1")
    return kinds


def item_places(untrusted: bytes, iloc: Part, idat: Part | None) -> dict[int, list[tuple[int, int]]]:
    """Item number -> where its bytes start and end, all of them checked to be in the file.

    :raises ImagingError: truncated (an item's bytes are not there) or undecodable
    """
    reader = _Reader(untrusted, iloc)
    version = reader.take(1)
    reader.take(3)
    sizes = reader.take(2)
    offset_wide, length_wide, base_wide = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_wide = sizes & 15 if version else 0
    long = 2 if version < 2 else 4  # noqa: PLR2004 - version 2 has long item numbers
    places: dict[int, list[tuple[int, int]]] = {}
    for _ in range(reader.count(long)):
        item = reader.take(long)
        method = reader.take(2) & 15 if version else _IN_FILE
        reader.take(2)
        base = reader.take(base_wide)
        extents = places.setdefault(item, [])
        for _ in range(reader.count(2)):
            reader.take(index_wide)
            start, length = base + reader.take(offset_wide), reader.take(length_wide)
            extents.extend(_placed(untrusted, start, length, method=method, idat=idat))
    return places


def _placed(untrusted: bytes, start: int, length: int, *, method: int, idat: Part | None) -> list[tuple[int, int]]:
    if method == _IN_FILE:
        begin, limit = 0, len(untrusted)
    elif method == _IN_IDAT and idat is not None:
        begin, limit = idat.start, idat.end
    else:
        return []  # built from other items, or no place for it: nothing of its own in the file
    if begin + start + length > limit:
        raise ImagingError(Refusal.TRUNCATED)
    return [(begin + start, begin + start + length if length else limit)]


class _Reader:
    """Numbers of one box, one behind the other; at most MAX_PARTS repetitions in all."""

    def __init__(self, untrusted: bytes, box: Part) -> None:
        self._untrusted = untrusted
        self._position = box.start
        self._end = box.end
        self._left = MAX_PARTS

    def take(self, length: int) -> int:
        """The next number of ``length`` bytes; 0 for no bytes."""
        if self._position + length > self._end:
            raise ImagingError(Refusal.UNDECODABLE)
        self._position += length
        return number(self._untrusted, self._position - length, length)

    def count(self, length: int) -> int:
        """The next number, as a number of repetitions.

        :raises ImagingError: undecodable, if there would be too many in all
        """
        value = self.take(length)
        self._left -= value
        if self._left < 0:
            raise ImagingError(Refusal.UNDECODABLE)
        return value
