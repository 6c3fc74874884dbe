"""BMP: file header, bitmap header, colour table, rows, and a colour profile if there is one (Windows GDI, bitmap storage)."""

from service.imaging.containers.layout import MAX_PIXELS_OF_OTHERS, Layout, Part, checked_size
from service.imaging.errors import ImagingError, Refusal

HEADERS = {12, 40, 52, 56, 64, 108, 124}
"""The lengths of the bitmap headers that there are; the first is the oldest, the last may name a colour profile."""
MAX_PACKED = 4_000_000
"""The most bytes of run-length coded rows: they are decoded in plain Python, byte by byte."""
MAX_PACKED_PIXELS = 8_000_000
"""The most pixels that are made of them, one by one."""

_FILE_HEADER, _OLDEST, _WITH_MASKS, _WITH_PROFILE = 14, 12, 40, 124
_PLAIN, _PACKED, _MASKED = 0, {1: 8, 2: 4}, 3
_DEPTHS = {1, 4, 8, 16, 24, 32}
_EMBEDDED, _LINKED = b"DEBM", b"KNIL"


def walk(untrusted: bytes) -> Layout:
    """The layout of a BMP file, whose first two bytes and length of bitmap header have been checked.

    Parts are ``pixels``, the colour profile (``profile``, or ``link`` if it is only named) and whatever else is not zero in
    between (``gap``). Bytes behind the last of them are allowed.

    :raises ImagingError: truncated, too-many-pixels, unsupported (JPEG or PNG inside, too much run-length coding) or undecodable
    """
    length = _number(untrusted, 14)
    if _FILE_HEADER + length > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    depth, coding, colours = _form(untrusted, length)
    width, height = _size(untrusted, length)
    head = _FILE_HEADER + length + _table(length, depth, coding, colours)
    start = _number(untrusted, 10)
    if start < head:
        raise ImagingError(Refusal.UNDECODABLE)
    pixels = Part(name="pixels", start=start, end=start + _rows(untrusted, width, height, depth, coding))
    taken = sorted([pixels, *_profile(untrusted, length)], key=lambda part: part.start)
    if max(part.end for part in taken) > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    gaps = _gaps(untrusted, head, taken)
    return Layout(width=width, height=height, parts=(*taken, *gaps), trailing=len(untrusted) - max(p.end for p in taken))


def profile(layout: Layout, untrusted: bytes) -> bytes | None:
    """The colour profile that is embedded in the file, if there is one."""
    return next((part.of(untrusted) for part in layout.parts if part.name == "profile"), None)


def _form(untrusted: bytes, length: int) -> tuple[int, int, int]:
    """Bits for a pixel, coding, and number of colours in the table (0: as many as the bits can tell apart)."""
    if length == _OLDEST:
        planes, depth, coding, colours = _number(untrusted, 22, 2), _number(untrusted, 24, 2), _PLAIN, 0
    else:
        planes, depth = _number(untrusted, 26, 2), _number(untrusted, 28, 2)
        coding, colours = _number(untrusted, 30), _number(untrusted, 46)
    if coding not in {_PLAIN, *_PACKED, _MASKED}:
        raise ImagingError(Refusal.UNSUPPORTED)
    fitting = coding == _PLAIN or (coding in _PACKED and _PACKED[coding] == depth) or (coding == _MASKED and depth in {16, 32})
    if planes != 1 or depth not in _DEPTHS or not fitting:
        raise ImagingError(Refusal.UNDECODABLE)
    return depth, coding, colours


def _size(untrusted: bytes, length: int) -> tuple[int, int]:
    """Width and height; a negative height says that the first row is the top one."""
    if length == _OLDEST:
        return checked_size(_number(untrusted, 18, 2), _number(untrusted, 20, 2), MAX_PIXELS_OF_OTHERS)
    width, height = (int.from_bytes(untrusted[at : at + 4], "little", signed=True) for at in (18, 22))
    if width < 0:
        raise ImagingError(Refusal.UNDECODABLE)
    return checked_size(width, abs(height), MAX_PIXELS_OF_OTHERS)


def _table(length: int, depth: int, coding: int, colours: int) -> int:
    """Bytes between header and pixels: colour table, or colour masks behind a header that has no room for them."""
    masks = 12 if coding == _MASKED and length == _WITH_MASKS else 0
    if depth > 8:  # noqa: PLR2004 - no pixel points into a table then
        return masks
    if colours > 1 << depth:
        raise ImagingError(Refusal.UNDECODABLE)
    return (colours or 1 << depth) * (3 if length == _OLDEST else 4)


def _rows(untrusted: bytes, width: int, height: int, depth: int, coding: int) -> int:
    """Bytes of all rows; each is padded to a multiple of four."""
    if coding not in _PACKED:
        return (width * depth + 31) // 32 * 4 * height
    packed = _number(untrusted, 34)
    if packed > MAX_PACKED or width * height > MAX_PACKED_PIXELS:
        raise ImagingError(Refusal.UNSUPPORTED)
    if packed == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    return packed


def _profile(untrusted: bytes, length: int) -> list[Part]:
    """The colour profile: its place is told from the start of the bitmap header."""
    name = {_EMBEDDED: "profile", _LINKED: "link"}.get(untrusted[70:74])
    start, size = _number(untrusted, 126), _number(untrusted, 130)
    if length != _WITH_PROFILE or name is None or size == 0:
        return []
    return [Part(name=name, start=_FILE_HEADER + start, end=_FILE_HEADER + start + size)]


def _gaps(untrusted: bytes, head: int, taken: list[Part]) -> list[Part]:
    """What is neither header nor taken, if it holds anything; and the four bytes of the file header that mean nothing."""
    gaps = [Part(name="gap", start=6, end=10)]
    end = head
    for part in taken:
        gaps.append(Part(name="gap", start=end, end=max(end, part.start)))
        end = max(end, part.end)
    return [gap for gap in gaps if gap.of(untrusted).strip(b"\x00")]


def _number(untrusted: bytes, start: int, length: int = 4) -> int:
    """The little-endian number at ``start``, as far as there is one: the callers have checked that the header is there."""
    return int.from_bytes(untrusted[start : start + length], "little")
