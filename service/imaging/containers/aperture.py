"""The clean aperture of a HEIF picture: the part of it that is meant to be seen (ISO/IEC 14496-12, section 12.1.4)."""

from fractions import Fraction

from service.imaging.containers.layout import Part, number
from service.imaging.errors import ImagingError, Refusal


def aperture(untrusted: bytes, clap: Part, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what may be seen of a picture of this size, in whole pixels.

    :raises ImagingError: undecodable, if it does not lie in the picture
    """
    wide, high, across, down = (_fraction(untrusted, clap, at) for at in range(4))
    left, top = across + (width - wide) / 2, down + (height - high) / 2
    edges = left, top, left + wide, top + high
    if any(edge.denominator != 1 for edge in edges) or not (0 <= left < edges[2] <= width and 0 <= top < edges[3] <= height):
        raise ImagingError(Refusal.UNDECODABLE)
    return int(left), int(top), int(edges[2]), int(edges[3])


def _fraction(untrusted: bytes, clap: Part, index: int) -> Fraction:
    """The fraction at ``index``; its numerator is signed."""
    start = clap.start + 8 * index
    numerator, denominator = number(untrusted, start, 4), number(untrusted, start + 4, 4)
    if start + 8 > clap.end or denominator == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    return Fraction(numerator - (numerator >> 31 << 32), denominator)
