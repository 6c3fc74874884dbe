"""GIF: from block to block, from the logical screen to the trailer (CompuServe GIF89a Specification)."""

from service.imaging.containers.layout import MAX_PIXELS_OF_OTHERS, Layout, Part, checked_size
from service.imaging.errors import ImagingError, Refusal

MAX_BLOCKS = 500_000
"""The most sub-blocks of one file: 100 MB in full ones need fewer than 400,000."""

PROFILE = b"ICCRGBG1012"
"""The application that a colour profile is written by, in the first sub-block."""

_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_NAMES = {0xF9: "control", 0xFE: "comment", 0x01: "plain-text", 0xFF: "application"}
_SHORTEST_CODE, _LONGEST_CODE = 1, 11


def walk(untrusted: bytes) -> Layout:
    """The layout of a GIF file, whose first six bytes have been checked. Bytes behind the trailer are allowed.

    Parts are the picture (``picture``) and the extensions (``control``, ``comment``, ``plain-text``, ``application``, ``other``),
    each with its sub-blocks as they stand in the file, without the empty one that ends them.

    :raises ImagingError: truncated, too-many-pixels, too-many-frames (more than one picture) or undecodable
    """
    reader = _Reader(untrusted, 6)
    width, height = checked_size(reader.take(2), reader.take(2), MAX_PIXELS_OF_OTHERS)
    reader.colours(reader.take(3) & 0xFF)
    parts: list[Part] = []
    while (block := reader.take(1)) != _TRAILER:
        if block == _EXTENSION:
            name = _NAMES.get(reader.take(1), "other")
        elif block == _PICTURE:
            name = "picture"
            _picture(reader, width, height)
            if any(part.name == name for part in parts):
                raise ImagingError(Refusal.TOO_MANY_FRAMES)
        else:
            raise ImagingError(Refusal.UNDECODABLE)
        parts.append(reader.sub_blocks(name))
    if not any(part.name == "picture" for part in parts):
        raise ImagingError(Refusal.UNDECODABLE)
    return Layout(width=width, height=height, parts=tuple(parts), trailing=len(untrusted) - reader.position)


def profile(layout: Layout, untrusted: bytes) -> bytes | None:
    """The colour profile in an application block of its own, if there is one."""
    bodies = (part.of(untrusted) for part in layout.parts if part.name == "application")
    return next((joined(body)[len(PROFILE) :] for body in bodies if body.startswith(PROFILE, 1)), None)


def joined(sub_blocks: bytes) -> bytes:
    """What sub-blocks hold, without the length in front of each."""
    pieces: list[bytes] = []
    position = 0
    while position < len(sub_blocks):
        end = position + 1 + sub_blocks[position]
        pieces.append(sub_blocks[position + 1 : end])
        position = end
    return b"".join(pieces)


def _picture(reader: "_Reader", width: int, height: int) -> None:
    """The head of a picture, which must lie on the screen: a decoder would make the screen larger than was said."""
    left, top, wide, high = (reader.take(2) for _ in range(4))
    checked_size(wide, high, MAX_PIXELS_OF_OTHERS)
    if left + wide > width or top + high > height:
        raise ImagingError(Refusal.UNDECODABLE)
    reader.colours(reader.take(1))
    if not _SHORTEST_CODE <= reader.take(1) <= _LONGEST_CODE:
        raise ImagingError(Refusal.UNDECODABLE)


class _Reader:
    """Numbers (little-endian) and blocks, one behind the other; at most MAX_BLOCKS sub-blocks in all."""

    def __init__(self, untrusted: bytes, position: int) -> None:
        self._untrusted = untrusted
        self._left = MAX_BLOCKS
        self.position = position

    def take(self, length: int) -> int:
        """The next number of ``length`` bytes."""
        self._skip(length)
        return int.from_bytes(self._untrusted[self.position - length : self.position], "little")

    def colours(self, flags: int) -> None:
        """Step over the colour table that ``flags`` announce, if they do."""
        if flags & 0x80:
            self._skip(3 << (flags & 7) + 1)

    def sub_blocks(self, name: str) -> Part:
        """The sub-blocks up to the empty one, as one part."""
        start = self.position
        while length := self.take(1):
            self._left -= 1
            if self._left < 0:
                raise ImagingError(Refusal.UNDECODABLE)
            self._skip(length)
        return Part(name=name, start=start, end=self.position - 1)

    def _skip(self, length: int) -> None:
        self.position += length
        if self.position > len(self._untrusted):
            raise ImagingError(Refusal.TRUNCATED)
