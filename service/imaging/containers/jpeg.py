"""JPEG: from marker to marker, through the entropy-coded data, to the end-of-image marker (ITU-T T.81, Annex B)."""

import re
from collections.abc import Iterator

from service.imaging.containers.jpegframe import check_scans, frame_size
from service.imaging.containers.layout import Layout, Part, number
from service.imaging.errors import ImagingError, Refusal

MAX_SEGMENTS = 5_000
"""100 MB of extended XMP, the longest of all metadata, need about 1,600."""

MAX_SCANS = 100
"""A progressive picture has about ten scans; thousands of them only cost time."""

MAX_STRAY = 1_000_000
"""The most bytes that stand between segments and belong to none: some cameras and programs leave a few."""

_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive Huffman: all that cameras write."""
_OTHER_FRAMES = set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_NAMES = {0xDA: "SOS", 0xDB: "DQT", 0xC4: "DHT", 0xDD: "DRI", 0xDC: "DNL", 0xFE: "COM"}

_MARKER = re.compile(rb"\xff++[^\x00]")
"""A marker, behind any fill bytes."""
_BEHIND_STRAY_BYTES = re.compile(rb"\xff[\xc0-\xfe]")
"""The next marker that the standard gives a meaning."""
_BEHIND_THE_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The next marker that is neither a stuffed 0xFF nor a restart. One pass at the speed of C, without backtracking."""


def walk(untrusted: bytes) -> Layout:
    """The layout of a JPEG file, whose first two bytes have been checked. Bytes behind the end-of-image marker are allowed.

    Parts are the segments, the entropy-coded data behind each scan header (``scan``), what stands between segments and is none
    (``stray``), and the end-of-image marker (``EOI``).

    :raises ImagingError: truncated (also if there is less data than the frame must have), too-many-pixels, unsupported
        (arithmetic or lossless coding) or undecodable
    """
    parts = tuple(_parts(untrusted))
    frames = [part for part in parts if part.name == "SOF"]
    scans = sum(part.name == "scan" for part in parts)
    stray = sum(part.end - part.start for part in parts if part.name == "stray")
    if len(frames) != 1 or not 1 <= scans <= MAX_SCANS or stray > MAX_STRAY:
        raise ImagingError(Refusal.UNDECODABLE)
    width, height = frame_size(untrusted, frames[0])
    check_scans(untrusted, frames[0], sum(part.end - part.start for part in parts if part.name == "scan"))
    return Layout(width=width, height=height, parts=parts, trailing=len(untrusted) - parts[-1].end)


def _parts(untrusted: bytes) -> Iterator[Part]:
    position = 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.match(untrusted, position) or _BEHIND_STRAY_BYTES.search(untrusted, position)
        if found is None:
            raise ImagingError(Refusal.TRUNCATED)
        if found.start() > position:
            yield Part(name="stray", start=position, end=found.start())
        marker, position = untrusted[found.end() - 1], found.end()
        if marker == _END:
            yield Part(name="EOI", start=position, end=position)
            return
        if marker in _STANDALONE:
            continue
        _check_marker(marker)
        end = _segment_end(untrusted, position)
        yield Part(name=_name(marker), start=position + 2, end=end)
        position = end
        if marker == _SCAN:
            position = _scan_end(untrusted, end)
            yield Part(name="scan", start=end, end=position)
    raise ImagingError(Refusal.UNDECODABLE)


def _check_marker(marker: int) -> None:
    if marker == _START:
        raise ImagingError(Refusal.UNDECODABLE)
    if marker in _OTHER_FRAMES:
        raise ImagingError(Refusal.UNSUPPORTED)


def _segment_end(untrusted: bytes, position: int) -> int:
    length = number(untrusted, position, 2)
    if length < 2:  # noqa: PLR2004 - the length counts its own two bytes
        raise ImagingError(Refusal.UNDECODABLE)
    if position + length > len(untrusted):
        raise ImagingError(Refusal.TRUNCATED)
    return position + length


def _scan_end(untrusted: bytes, start: int) -> int:
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
