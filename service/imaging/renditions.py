"""What is asked for and what comes out: names and sizes of renditions, and the encoded files before they are proven clean."""

import re
from dataclasses import dataclass
from typing import Any, Self

from service.imaging.containers.layout import MAX_SIDE

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_NAME = 32
QUALITY = 85
"""Of every JPEG file that we make: each other one would be one more thing that a file could say."""


def valid_name(name: str) -> bool:
    """May a rendition have this name?"""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionSize:
    """A rendition to make: its long side is at most ``long_side`` pixels, and never more than the picture has.

    :raises ValueError: a name that is not of lower-case letters, digits and hyphens, or a side that is out of range
    """

    name: str
    long_side: int

    def __post_init__(self) -> None:
        if not valid_name(self.name) or not 1 <= self.long_side <= MAX_SIDE:
            raise ValueError("a rendition needs a short plain name and a long side that JPEG can hold")


Sizes = tuple[RenditionSize, ...]
"""The renditions of one image, each with a name of its own, in the order in which they come out."""

FULL_SIZE = RenditionSize(name="full", long_side=MAX_SIDE)
"""The whole picture, in its own size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A JPEG file that claims to be clean and of this size, in pixels. Nothing may be done with it but to verify it.

    ``sha256``: hex, of the bytes as they left the encoder.
    """

    name: str
    width: int
    height: int
    content: bytes
    sha256: str

    @classmethod
    def kept_as(cls, kept: Any, content: bytes) -> Self:  # noqa: ANN401 - a rendition, or the row that describes one
        """What came back for a rendition that was kept under this name, size and digest."""
        return cls(name=kept.name, width=kept.width, height=kept.height, content=content, sha256=kept.sha256)


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The size with its long side cut to ``long_side``, in the same proportion; a smaller picture keeps its size."""
    longest = max(width, height)
    if longest <= long_side:
        return width, height
    return tuple(max(1, round(side * long_side / longest)) for side in (width, height))  # type: ignore[return-value]  # two sides
