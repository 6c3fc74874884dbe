"""JPEG: from marker to marker, through the entropy-coded data, to the end-of-image marker (ITU-T T.81, Annex B)."""

import re

from service.imaging.containers.layout import Layout, Part, checked_size, number
from service.imaging.errors import ImagingError, Refusal

MAX_SEGMENTS = 5_000
"""100 MB of extended XMP, the longest of all metadata, need about 1,600."""

MAX_SCANS = 100
"""A progressive picture has about ten scans; thousands of them only cost time."""

_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive Huffman: all that cameras write."""
_OTHER_FRAMES = set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_NAMES = {0xDA: "SOS", 0xDB: "DQT", 0xC4: "DHT", 0xDD: "DRI", 0xDC: "DNL", 0xFE: "COM"}

_FILL = re.compile(rb"\xff+")
_BEHIND_THE_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The next marker that is neither a stuffed 0xFF nor a restart. One pass at the speed of C, without backtracking."""


def walk(untrusted: bytes) -> Layout:
    """The layout of a JPEG file, whose first two bytes have been checked. Bytes behind the end-of-image marker are allowed.

    :raises ImagingError: truncated, too-many-pixels, unsupported (arithmetic or lossless coding) or undecodable
    """
    parts: list[Part] = []
    size: tuple[int, int] | None = None
    scans = 0
    position = 2
    for _ in range(MAX_SEGMENTS):
        marker, position = _marker(untrusted, position)
        if marker == _END:
            break
        if marker in _STANDALONE:
            continue
        end = _segment_end(untrusted, position)
        parts.append(Part(name=_name(marker), start=position + 2, end=end))
        if marker in _FRAMES:
            size = _frame(untrusted, position + 2, end, seen=size is not None)
        if marker == _SCAN:
            scans += 1
            end = _scan_end(untrusted, end, scans=scans)
        position = end
    else:
        raise ImagingError(Refusal.UNDECODABLE)
    if size is None or scans == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    return Layout(width=size[0], height=size[1], parts=tuple(parts), trailing=len(untrusted) - position)


def _marker(untrusted: bytes, position: int) -> tuple[int, int]:
    """The marker at ``position``, behind any fill bytes, and where it ends."""
    fill = _FILL.match(untrusted, position)
    if fill is None:
        raise ImagingError(Refusal.TRUNCATED if position >= len(untrusted) else Refusal.UNDECODABLE)
    marker = number(untrusted, fill.end(), 1)
    if marker in {0x00, _START}:
        raise ImagingError(Refusal.UNDECODABLE)
    if marker in _OTHER_FRAMES:
        raise ImagingError(Refusal.UNSUPPORTED)
    return marker, fill.end() + 1


def _segment_end(untrusted: bytes, position: int) -> int:
    length = number(untrusted, position, 2)
    if length < 2:  # noqa: PLR2004 - the length counts its own two bytes
        raise ImagingError(Refusal.UNDECODABLE)
    if position + length > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    return position + length


def _frame(untrusted: bytes, start: int, end: int, *, seen: bool) -> tuple[int, int]:
    """The size in a frame header: precision, height, width, components."""
    if seen or end - start < 6:  # noqa: PLR2004 - the fixed part of a frame header
        raise ImagingError(Refusal.UNDECODABLE)
    if untrusted[start] != 8:  # noqa: PLR2004 - bits per sample
        raise ImagingError(Refusal.UNSUPPORTED)
    return checked_size(number(untrusted, start + 3, 2), number(untrusted, start + 1, 2))


def _scan_end(untrusted: bytes, start: int, *, scans: int) -> int:
    if scans > MAX_SCANS:
        raise ImagingError(Refusal.UNDECODABLE)
    found = _BEHIND_THE_SCAN.search(untrusted, start)
    if found is None:
        raise ImagingError(Refusal.TRUNCATED)
    return found.start()


def _name(marker: int) -> str:
    if marker in _FRAMES:
        return "SOF"
    if 0xE0 <= marker <= 0xEF:  # noqa: PLR2004 - the sixteen application segments
        return f"APP{marker - 0xE0}"
    return _NAMES.get(marker, "other")
