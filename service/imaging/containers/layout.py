"""What a walk through an untrusted file finds: the picture's size, the file's parts, and the limits every walk keeps."""

from dataclasses import dataclass

from service.imaging.errors import ImagingError, Refusal

MAX_PIXELS = 60_000_000
"""The largest picture that is ever decoded, in pixels: a JPEG or a HEIC, as cameras write them."""

MAX_PIXELS_OF_OTHERS = 40_000_000
"""The largest of any other kind, whose decoders hold the picture several times over."""

MAX_SIDE = 65_500
"""The longest side, in pixels: what the JPEG library can write."""

MAX_PARTS = 50_000
"""The most segments, chunks, boxes or items of one file; a real photo has fewer than 25,000 (a PNG in 8 KiB chunks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One segment, chunk, box or item: its ``name`` in the format's own words, its payload from ``start`` up to ``end``."""

    name: str
    start: int
    end: int

    def of(self, untrusted: bytes) -> bytes:
        """The payload."""
        return untrusted[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A file that is complete as far as its structure tells.

    ``width`` and ``height``: pixels as stored, before any turn. ``parts``: in the order of the file. ``trailing``: bytes behind
    the picture's own end. Does NOT promise that the picture can be decoded.
    """

    width: int
    height: int
    parts: tuple[Part, ...]
    trailing: int


def checked_size(width: int, height: int, most: int = MAX_PIXELS) -> tuple[int, int]:
    """The size, if it may be decoded: at most ``most`` pixels.

    :raises ImagingError: undecodable (a side is zero) or too-many-pixels
    """
    if width == 0 or height == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    if width * height > most or max(width, height) > MAX_SIDE:
        raise ImagingError(Refusal.TOO_MANY_PIXELS)
    return width, height


def number(untrusted: bytes, start: int, length: int) -> int:
    """The big-endian number at ``start``.

    :raises ImagingError: truncated, if the file ends before it does
    """
    field = untrusted[start : start + length]
    if len(field) < length:
        raise ImagingError(Refusal.TRUNCATED)
    return int.from_bytes(field, "big")
