"""The film of a Motion Photo, which stands behind the end of the picture (Motion Photo format 1.0; Samsung's trailer)."""

import re

from service.imaging.containers.boxes import boxes
from service.imaging.containers.layout import Layout
from service.imaging.errors import ImagingError
from service.imaging.metadata.removed import Blocks, RemovedKind

_FILM = re.compile(rb"\x00[\x00-\xff]{3}ftyp[\x20-\x7e]{4}")
"""The first box of a film: its length, its kind and a brand."""
_SAMSUNG = b"MotionPhoto_Data"


def count_trailing(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    """Count what stands behind the end of the picture: a film, anything else, or both."""
    start = len(untrusted) - layout.trailing
    if not layout.trailing:
        return
    film = _FILM.search(untrusted, start)
    if film or untrusted.find(_SAMSUNG, start) >= 0:
        blocks.counts[RemovedKind.MOTION_CLIP] += 1
    if film is None or film.start() != start or not _is_all(untrusted, start):
        blocks.counts[RemovedKind.TRAILING_DATA] += 1


def _is_all(untrusted: bytes, start: int) -> bool:
    """Do the boxes of the film go on to the end of the file, with nothing behind them?"""
    try:
        return max(box.end for box in boxes(untrusted, start, len(untrusted), outermost=True)) == len(untrusted)
    except ImagingError:
        return False
