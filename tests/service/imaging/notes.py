"""EXIF blocks for the tests, written directory by directory, with whatever maker note in them."""

import struct
from collections.abc import Callable

Field = tuple[int, int, bytes]
"""Tag, type, value."""
ASCII, SHORT, LONG, UNDEFINED = 2, 3, 4, 7
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 13: 4, 129: 1}
_MAKE, _MODEL, _EXIF, _NOTE = 271, 272, 0x8769, 0x927C


def directory(at: int, *fields: Field, order: str = ">", following: int = 0) -> bytes:
    """A directory that stands at offset ``at``, and its longer values behind it."""
    table, values = b"", b""
    behind = at + 2 + 12 * len(fields) + 4
    for tag, kind, value in fields:
        table += struct.pack(order + "HHI", tag, kind, len(value) // _WIDTHS[kind])
        if len(value) > 4:
            table += struct.pack(order + "I", behind + len(values))
            values += value + bytes(len(value) % 2)
        else:
            table += value.ljust(4, b"\x00")
    return struct.pack(order + "H", len(fields)) + table + struct.pack(order + "I", following) + values


def block(*first: Field, exif: tuple[Field, ...] = (), thumbnail: tuple[Field, ...] = (), order: str = ">") -> bytes:
    """A TIFF stream with a first directory, the one for EXIF below it, and a second one."""

    def number(value: int) -> bytes:
        return struct.pack(order + "I", value)

    length = len(directory(8, *first, (_EXIF, LONG, number(0)), order=order))
    below = directory(8 + length, *exif, order=order)
    following = 8 + length + len(below) if thumbnail else 0
    head = directory(8, *first, (_EXIF, LONG, number(8 + length)), order=order, following=following)
    second = directory(following, *thumbnail, order=order) if thumbnail else b""
    return (b"MM\x00*" if order == ">" else b"II*\x00") + number(8) + head + below + second


def noted(make: str, note: Callable[[int], bytes], *more: Field, model: str = "Nine", order: str = "<") -> bytes:
    """A block with a maker note, which is written with the offset where it will stand."""
    camera = ((_MAKE, ASCII, make.encode() + b"\x00"), (_MODEL, ASCII, model.encode() + b"\x00"))
    empty = block(*camera, exif=((_NOTE, UNDEFINED, bytes(5)), *more), order=order)
    table = struct.pack(order + "HHI", _NOTE, UNDEFINED, 5)
    at: int = struct.unpack_from(order + "I", empty, empty.index(table) + 8)[0]
    return block(*camera, exif=((_NOTE, UNDEFINED, note(at)), *more), order=order)


def canon(*fields: Field, order: str = "<") -> Callable[[int], bytes]:
    return lambda at: directory(at, *fields, order=order)


def panasonic(*fields: Field, base: int = 0) -> Callable[[int], bytes]:
    return lambda at: b"Panasonic\x00\x00\x00" + directory(at + 12 - base, *fields, order="<")


def nikon(*fields: Field) -> Callable[[int], bytes]:
    return lambda _: b"Nikon\x00\x02\x10\x00\x00MM\x00*\x00\x00\x00\x08" + directory(8, *fields)


def fujifilm(*fields: Field) -> Callable[[int], bytes]:
    return lambda _: b"FUJIFILM\x0c\x00\x00\x00" + directory(12, *fields, order="<")


def olympus(head: bytes, *fields: Field) -> Callable[[int], bytes]:
    """An Olympus note with its offsets counted from itself."""
    return lambda _: head + directory(len(head), *fields, order="<")


def old_olympus(*fields: Field) -> Callable[[int], bytes]:
    return lambda at: b"OLYMP\x00\x02\x00" + directory(at + 8, *fields, order="<")
