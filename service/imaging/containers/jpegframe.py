"""The frame header of a JPEG file: how large the picture is, and how much data it must have at the least (T.81, B.2.2)."""

from service.imaging.containers.layout import Part, checked_size, number
from service.imaging.errors import ImagingError, Refusal

_FIXED, _COMPONENT = 6, 3
"""Bytes of precision, height, width and number of components; bytes of each component."""
_BLOCK = 8
_PROGRESSIVE = 0xC2


def frame_size(untrusted: bytes, frame: Part) -> tuple[int, int]:
    """Width and height.

    :raises ImagingError: too-many-pixels, unsupported (not eight bits) or undecodable
    """
    if frame.end - frame.start < _FIXED:
        raise ImagingError(Refusal.UNDECODABLE)
    if untrusted[frame.start] != 8:  # noqa: PLR2004 - bits per sample
        raise ImagingError(Refusal.UNSUPPORTED)
    return checked_size(number(untrusted, frame.start + 3, 2), number(untrusted, frame.start + 1, 2))


def check_scans(untrusted: bytes, frame: Part, length: int) -> None:
    """Holds if ``length`` bytes of entropy-coded data may be enough for the first component, the luminance.

    A block has one code for its mean, and in a sequential picture at least one more for everything else; no code is shorter than
    a bit. A picture of one colour has little more than that, so nothing more can be asked of it.

    :raises ImagingError: truncated or undecodable
    """
    width, height = frame_size(untrusted, frame)
    components = untrusted[frame.start + _FIXED : frame.end]
    factors = [(one >> 4, one & 15) for one in components[1::_COMPONENT]]
    if not factors or len(components) != _COMPONENT * untrusted[frame.start + _FIXED - 1] or min(map(min, factors)) == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    across = _blocks(width, factors[0][0], max(one for one, _ in factors))
    down = _blocks(height, factors[0][1], max(one for _, one in factors))
    codes = 1 if untrusted[frame.start - 3] == _PROGRESSIVE else 2
    if length * 8 < across * down * codes:
        raise ImagingError(Refusal.TRUNCATED)


def _blocks(side: int, factor: int, most: int) -> int:
    """How many blocks lie along a side of a component that is sampled ``factor`` times where others are ``most`` times."""
    samples = -(-side * factor // most)
    return -(-samples // _BLOCK)
