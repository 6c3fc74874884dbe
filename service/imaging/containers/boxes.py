"""Boxes of the ISO base media file format: length, kind, payload (ISO/IEC 14496-12, section 4.2)."""

import re
from collections.abc import Iterator

from service.imaging.containers.layout import MAX_PARTS, Part, number
from service.imaging.errors import ImagingError, Refusal

_KIND = re.compile(rb"[\x20-\x7e\xa9]{4}")
_LONG, _TO_THE_END = 1, 0


def boxes(untrusted: bytes, start: int, end: int, *, outermost: bool = False) -> Iterator[Part]:
    """The boxes between ``start`` and ``end``. On the outermost level, what is no box ends the walk: it is trailing data.

    :raises ImagingError: truncated (a box is longer than what holds it, on the outermost level) or undecodable
    """
    position = start
    for _ in range(MAX_PARTS):
        if position >= end:
            return
        box = _box(untrusted, position, end)
        if box is None and outermost:
            return
        if box is None or (box.end > end and not outermost):
            raise ImagingError(Refusal.UNDECODABLE)
        if box.end > end:
            raise ImagingError(Refusal.TRUNCATED)
        yield box
        position = box.end
    raise ImagingError(Refusal.UNDECODABLE)


def _box(untrusted: bytes, position: int, end: int) -> Part | None:
    """The box at ``position``, which may claim to be longer than there is; None if this is no box."""
    header = untrusted[position : min(position + 16, end)]
    kind = header[4:8]
    if not _KIND.fullmatch(kind):
        return None
    length, payload = int.from_bytes(header[:4], "big"), position + 8
    if length == _LONG:
        length, payload = number(header, 8, 8), position + 16
    elif length == _TO_THE_END:
        length = end - position
    if position + length < payload:
        return None
    return Part(name=kind.decode("latin-1"), start=payload, end=position + length)
