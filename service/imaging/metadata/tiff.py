"""A TIFF stream as cameras write it: directories of entries, whose values stand in them or elsewhere (TIFF 6.0, section 2)."""

import struct
from dataclasses import dataclass

from service.imaging.metadata.removed import Unreadable
from service.imaging.metadata.text import decoded, plain_text

MAX_VALUE = 65_536
"""The longest text that is read, in bytes."""

_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_TEXT = {1, 2, 3, 6, 7, 129}
"""Bytes, ASCII, short numbers, undefined, and the UTF-8 of Exif 3.0."""
_NUMBERS = {1: "B", 3: "H", 4: "I", 8: "h", 9: "i", 13: "I"}
_ENTRY, _INLINE = 12, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: type and count of its value, which stands at ``position`` or where that points to."""

    kind: int
    count: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Entries by tag, in order, without empty ones; ``following``: where the next directory is (0: nowhere)."""

    entries: dict[int, list[Entry]]
    following: int = 0

    def get(self, tag: int) -> Entry | None:
        """The first entry with this tag."""
        return self.entries[tag][0] if tag in self.entries else None


NOTHING = Directory(entries={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Bytes that hold directories. ``base``: where offsets count from. ``order``: ``<`` or ``>``.

    Every method reads what is asked for and no more, however large the stream, and raises Unreadable and nothing else.
    """

    content: bytes
    order: str
    base: int = 0

    def directory(self, offset: int) -> Directory:
        """The directory at an offset; it may end with its last entry, at the end of the stream."""
        start = self.base + offset + 2
        count = self.unpack("H", start - 2)
        table = self.content[start : start + count * _ENTRY]
        if len(table) < count * _ENTRY:
            raise Unreadable
        entries: dict[int, list[Entry]] = {}
        for at, (tag, kind, number, _) in enumerate(struct.iter_unpack(self.order + "HHII", table)):
            if number:
                entries.setdefault(tag, []).append(Entry(kind=kind, count=number, position=start + at * _ENTRY + 8))
        end = start + len(table)
        return Directory(entries=entries, following=self.unpack("I", end) if end + 4 <= len(self.content) else 0)

    def below(self, entry: Entry | None) -> Directory:
        """The directory that an entry points to; an empty one if there is no entry, or it points nowhere."""
        offset = self.number(entry) if entry is not None else 0
        return self.directory(offset) if offset else NOTHING

    def number(self, entry: Entry) -> int:
        """A single whole number."""
        if entry.count != 1 or entry.kind not in _NUMBERS:
            raise Unreadable
        return self.unpack(_NUMBERS[entry.kind], entry.position)

    def where(self, entry: Entry) -> tuple[int, int]:
        """Where a value starts and ends in ``content``."""
        if entry.kind not in _WIDTHS:
            raise Unreadable
        length = entry.count * _WIDTHS[entry.kind]
        start = entry.position if length <= _INLINE else self.base + self.unpack("I", entry.position)
        return start, start + length

    def raw(self, entry: Entry) -> bytes:
        """The bytes of a value, whatever its type."""
        start, end = self.where(entry)
        if start < 0 or end > len(self.content):
            raise Unreadable
        return self.content[start:end]

    def letters(self, entry: Entry) -> bytes:
        """The bytes of a text; some programs declare sixteen bits of a letter as a number."""
        if entry.kind not in _TEXT or entry.count > MAX_VALUE:
            raise Unreadable
        return self.raw(entry)

    def text(self, entry: Entry | None) -> str | None:
        """A short text, up to its first zero byte or to the end of the value."""
        return plain_text(decoded(self.letters(entry).split(b"\x00", 1)[0])) if entry is not None else None

    def unpack(self, form: str, position: int) -> int:
        """One number at a position in ``content``."""
        try:
            # A negative position would count from the end.
            value: int = struct.unpack_from(self.order + form, self.content, position if position >= 0 else len(self.content))[0]
        except struct.error:
            raise Unreadable from None
        return value


def stream_of(tiff: bytes) -> Stream:
    """The stream that begins with a TIFF header.

    :raises Unreadable: if there is no such header
    """
    if tiff[:4] not in {b"II*\x00", b"MM\x00*"}:
        raise Unreadable
    return Stream(content=tiff, order="<" if tiff[:1] == b"I" else ">")
