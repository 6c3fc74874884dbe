"""Directories of a TIFF stream: entries by tag, each with a value that lies in the file (TIFF 6.0, section 2)."""

import struct
from dataclasses import dataclass

from service.imaging.containers.layout import MAX_PARTS
from service.imaging.errors import ImagingError, Refusal

WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Type of a value -> bytes of one."""
ENTRY = 12
_FORMS = {1: "B", 3: "H", 4: "I", 13: "I"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, which stands at ``position``: tag, type and count of its value, and where that starts and ends."""

    position: int
    tag: int
    kind: int
    count: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory from ``start`` up to ``end``; ``following``: where the next one is (0: nowhere)."""

    start: int
    end: int
    entries: dict[int, Entry]
    following: int


class Directories:
    """The directories of one TIFF stream, whose first four bytes have been checked; at most MAX_PARTS entries in all."""

    def __init__(self, untrusted: bytes) -> None:
        self.order = "<" if untrusted[:1] == b"I" else ">"
        self._untrusted = untrusted
        self._left = MAX_PARTS

    @property
    def first(self) -> int:
        """Where the first directory is."""
        return self._unpack("I", 4)

    def at(self, start: int) -> Directory:
        """The directory at ``start``.

        :raises ImagingError: truncated (a part of it is not there) or undecodable (too many entries in all)
        """
        count = self._unpack("H", start)
        self._left -= count + 1
        if self._left < 0 or start < 8:  # noqa: PLR2004 - the header
            raise ImagingError(Refusal.UNDECODABLE)
        entries: dict[int, Entry] = {}
        for position in range(start + 2, start + 2 + count * ENTRY, ENTRY):
            entry = self._entry(position)
            if entries.setdefault(entry.tag, entry) is not entry:
                raise ImagingError(Refusal.UNDECODABLE)
        end = start + 2 + count * ENTRY
        # The last directory of a stream may end with its last entry.
        ends_here = end == len(self._untrusted)
        return Directory(
            start=start,
            end=end if ends_here else end + 4,
            entries=entries,
            following=0 if ends_here else self._unpack("I", end),
        )

    def numbers(self, entry: Entry | None, *, most: int = 1) -> tuple[int, ...]:
        """The whole numbers of a value, none if there is no such value.

        :raises ImagingError: undecodable, if it does not hold such, or more than ``most``
        """
        if entry is None:
            return ()
        if entry.kind not in _FORMS or entry.count > most:
            raise ImagingError(Refusal.UNDECODABLE)
        return struct.unpack_from(f"{self.order}{entry.count}{_FORMS[entry.kind]}", self._untrusted, entry.start)

    def _entry(self, position: int) -> Entry:
        tag, kind, count = self._unpack("H", position), self._unpack("H", position + 2), self._unpack("I", position + 4)
        start, length = position + 8, count * WIDTHS.get(kind, 0)
        if length > 4:  # noqa: PLR2004 - shorter values stand in the entry
            start = self._unpack("I", start)
        if start + length > len(self._untrusted) or position + ENTRY > len(self._untrusted):
            raise ImagingError(Refusal.TRUNCATED)
        return Entry(position=position, tag=tag, kind=kind, count=count, start=start, end=start + length)

    def _unpack(self, form: str, position: int) -> int:
        try:
            value: int = struct.unpack_from(self.order + form, self._untrusted, position)[0]
        except struct.error:
            raise ImagingError(Refusal.TRUNCATED) from None
        return value
