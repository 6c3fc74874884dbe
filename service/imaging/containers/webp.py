"""WebP: a RIFF file, from chunk to chunk (RFC 9649)."""

from service.imaging.containers.layout import MAX_PARTS, MAX_PIXELS_OF_OTHERS, Layout, Part, checked_size
from service.imaging.errors import ImagingError, Refusal

_RIFF = 12
_ANIMATED = 0x02
_PICTURES = {"VP8 ", "VP8L"}
_LOSSLESS_SIGNATURE = 0x2F
_LOSSY_START = b"\x9d\x01\x2a"


def walk(untrusted: bytes) -> Layout:
    """The layout of a WebP file, whose first twelve bytes have been checked. Bytes behind the RIFF size are allowed.

    :raises ImagingError: truncated, too-many-pixels, too-many-frames (an animation) or undecodable
    """
    end = 8 + int.from_bytes(untrusted[4:8], "little")
    if end > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    parts = _chunks(untrusted, end)
    sizes = [_size(untrusted, part) for part in parts if part.name in _PICTURES or part.name == "VP8X"]
    if sum(part.name in _PICTURES for part in parts) != 1 or len(set(sizes)) != 1:
        # A canvas that is not the size of its one picture would let the header lie about what is allocated.
        raise ImagingError(Refusal.UNDECODABLE)
    width, height = sizes[0]
    return Layout(width=width, height=height, parts=parts, trailing=len(untrusted) - end)


def _chunks(untrusted: bytes, end: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    position = _RIFF
    while position + 8 <= end and len(parts) < MAX_PARTS:
        name = untrusted[position : position + 4].decode("latin-1")
        start = position + 8
        stop = start + int.from_bytes(untrusted[position + 4 : start], "little")
        if name in {"ANIM", "ANMF"}:
            raise ImagingError(Refusal.TOO_MANY_FRAMES)
        if stop > end:
            raise ImagingError(Refusal.UNDECODABLE)
        parts.append(Part(name=name, start=start, end=stop))
        position = stop + (stop - start) % 2
    return tuple(parts)


def _checked(width: int, height: int) -> tuple[int, int]:
    return checked_size(width, height, MAX_PIXELS_OF_OTHERS)


def _size(untrusted: bytes, part: Part) -> tuple[int, int]:
    head = untrusted[part.start : min(part.end, part.start + 10)]
    match part.name:
        case "VP8X" if len(head) == 10:  # noqa: PLR2004 - flags and canvas
            if head[0] & _ANIMATED:
                raise ImagingError(Refusal.TOO_MANY_FRAMES)
            return _checked(1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little"))
        case "VP8 " if len(head) == 10 and head[3:6] == _LOSSY_START:  # noqa: PLR2004 - a key frame's header
            width, height = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
            return _checked(width & 0x3FFF, height & 0x3FFF)
        case "VP8L" if len(head) >= 5 and head[0] == _LOSSLESS_SIGNATURE:  # noqa: PLR2004 - signature and size
            bits = int.from_bytes(head[1:5], "little")
            return _checked(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        case _:
            raise ImagingError(Refusal.UNDECODABLE)
