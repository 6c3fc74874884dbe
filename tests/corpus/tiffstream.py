"""A writer of TIFF streams, entry by entry and in either byte order: for EXIF, for MPF and for whole TIFF pictures."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Order = Literal["<", ">"]

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_WIDTHS = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}


@dataclass(frozen=True, slots=True)
class Placed:
    """Byte strings that stand elsewhere in the stream, each followed by a gap; the entry holds their offsets."""

    blobs: tuple[bytes, ...]
    gap: bytes = b""


@dataclass(slots=True)
class Directory:
    """A directory of entries (tag, type, value), and the one that follows it."""

    entries: list[tuple[int, int, "bytes | tuple[int, ...] | Directory | Placed"]] = field(default_factory=list)
    following: "Directory | None" = None

    def add(self, tag: int, kind: int, value: "bytes | int | tuple[int, ...] | Directory | Placed") -> None:
        """One entry more; a number stands for one number."""
        self.entries.append((tag, kind, (value,) if isinstance(value, int) else value))


def text(word: bytes | str) -> bytes:
    """A string with its closing zero byte."""
    return (word.encode() if isinstance(word, str) else word) + b"\x00"


def rationals(*values: int) -> tuple[int, ...]:
    """Whole numbers as fractions."""
    return tuple(part for value in values for part in (value, 1))


def stream(directory: Directory, order: Order, *, start: int = 8, gap: bytes = b"") -> bytes:
    """The whole stream. ``gap`` stands between the header and the first directory."""
    first = start + len(gap) + len(gap) % 2
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    head = (mark + struct.pack(order + "I", first)).ljust(start, b"\x00")
    return head + gap.ljust(first - start, b"\x00") + _laid(directory, first, order)


def _laid(directory: Directory, at: int, order: Order) -> bytes:
    """The directory for offset ``at``: its table, and behind it whatever does not fit into the table."""
    entries = sorted(directory.entries, key=lambda entry: entry[0])
    behind = at + 2 + 12 * len(entries) + 4
    table, tail = struct.pack(order + "H", len(entries)), b""
    for tag, kind, value in entries:
        count, inline, more = _value(kind, value, behind + len(tail), order)
        table += struct.pack(order + "HHI", tag, kind, count) + inline
        tail += more + bytes(len(more) % 2)
    if directory.following is None:
        return table + bytes(4) + tail
    following = behind + len(tail)
    return table + struct.pack(order + "I", following) + tail + _laid(directory.following, following, order)


def _value(kind: int, value: bytes | tuple[int, ...] | Directory | Placed, at: int, order: Order) -> tuple[int, bytes, bytes]:
    """Count, the four bytes in the table, and what stands at ``at``."""
    if isinstance(value, Directory):
        return 1, struct.pack(order + "I", at), _laid(value, at, order)
    if isinstance(value, Placed):
        return _placed(value, at, order)
    packed = value if isinstance(value, bytes) else _numbers(kind, value, order)
    count = len(packed) // _WIDTHS[kind]
    return (count, packed.ljust(4, b"\x00"), b"") if len(packed) <= 4 else (count, struct.pack(order + "I", at), packed)


def _placed(value: Placed, at: int, order: Order) -> tuple[int, bytes, bytes]:
    offsets: list[int] = []
    several = len(value.blobs) > 1
    more = bytearray(4 * len(value.blobs) if several else 0)
    for blob in value.blobs:
        offsets.append(at + len(more))
        more += blob + value.gap
    table = struct.pack(f"{order}{len(offsets)}I", *offsets)
    if several:
        more[: len(table)] = table
        return len(offsets), struct.pack(order + "I", at), bytes(more)
    return 1, table, bytes(more)


def _numbers(kind: int, values: Iterable[int], order: Order) -> bytes:
    form = {BYTE: "B", UNDEFINED: "B", SHORT: "H", LONG: "I", RATIONAL: "I"}[kind]
    return b"".join(struct.pack(order + form, value) for value in values)
