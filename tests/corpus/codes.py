"""Reads the codes of a baseline JPEG's one scan, block by block, to say whether its bits are all spent on pixels (T.81, F.2.2).

Slow, and for tests alone: it shares no code with the encoder or the proof. What stands among the codes and is none of them, or is
more or fewer of them than the picture has blocks, is told.
"""

from collections.abc import Iterator

Codes = dict[tuple[int, int], int]
"""(how many bits, their value) -> what the code stands for."""

_BLOCK = 16
_LUMINANCE, _COLOUR = 0, 1
_UNIT = (_LUMINANCE,) * 4 + (_COLOUR,) * 2
"""The blocks of one unit of 16 x 16 pixels with halved colour: four of luminance, one of each colour."""
_LONGEST_CODE, _LONGEST_SIZE, _LAST = 16, 11, 63
_SKIP_16 = 0xF0


class _Spent(Exception):
    """There are no codes where there should be, or there are no bits left."""


def all_spent(jpeg: bytes, width: int, height: int) -> bool:
    """Is every bit of the scan a part of this picture's blocks, but for fewer than eight ones that fill the last byte?"""
    tables, start = _tables(jpeg)
    stuffed = jpeg[start:-2]
    bits = _bits(stuffed.replace(b"\xff\x00", b"\xff"))
    try:
        for _ in range(-(-width // _BLOCK) * -(-height // _BLOCK)):
            for kind in _UNIT:
                _read_block(bits, tables[kind], tables[0x10 | kind])
    except _Spent:
        return False
    left = list(bits)
    return len(left) < 8 and all(left)


def _tables(jpeg: bytes) -> tuple[dict[int, Codes], int]:
    """The code tables of the file by class and number, and where its scan starts."""
    found: dict[int, Codes] = {}
    position = 2
    while True:
        marker, end = jpeg[position + 1], position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        body = jpeg[position + 4 : end]
        position = end
        if marker == 0xC4:
            found[body[0]] = _codes(body[1:17], body[17:])
        if marker == 0xDA:
            return found, position


def _codes(counts: bytes, symbols: bytes) -> Codes:
    """Number the codes of each length in turn (Annex C)."""
    found: Codes = {}
    value, at = 0, 0
    for length, count in enumerate(counts, start=1):
        for _ in range(count):
            found[length, value] = symbols[at]
            value, at = value + 1, at + 1
        value <<= 1
    return found


def _bits(content: bytes) -> Iterator[int]:
    return (byte >> place & 1 for byte in content for place in range(7, -1, -1))


def _read_code(bits: Iterator[int], codes: Codes) -> int:
    value = 0
    for length in range(1, _LONGEST_CODE + 1):
        value = value << 1 | _next(bits)
        if (length, value) in codes:
            return codes[length, value]
    raise _Spent


def _next(bits: Iterator[int]) -> int:
    for bit in bits:
        return bit
    raise _Spent


def _read_block(bits: Iterator[int], direct: Codes, alternating: Codes) -> None:
    """One value for the block's mean, then runs of zeros with a value behind each, to the last place or an end-of-block."""
    size = _read_code(bits, direct)
    if size > _LONGEST_SIZE:
        raise _Spent
    _skip(bits, size)
    place = 0
    while place < _LAST:
        symbol = _read_code(bits, alternating)
        if symbol == 0:
            return
        place += 16 if symbol == _SKIP_16 else (symbol >> 4) + 1
        if place > _LAST:
            raise _Spent
        _skip(bits, symbol & 0x0F)


def _skip(bits: Iterator[int], count: int) -> None:
    for _ in range(count):
        _next(bits)
