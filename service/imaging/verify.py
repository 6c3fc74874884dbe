"""The proof: an allow-list reader that shares no code with whatever wrote the file, and the only maker of ``CleanImage``.

A clean file is a baseline JPEG of which every byte outside the entropy-coded data is foreseen: the headers may say how large the
picture is, and nothing else. Everything not listed here is unclean. The encoder's own digest binds the entropy-coded data: no
other bytes than those it wrote pass for pixels, neither now nor when they come back from a store.
"""

import hashlib
import re
from collections.abc import Iterator

from consent.photo import CleanImage, Rendition
from service.imaging.errors import ImagingError, Refusal
from service.imaging.jpegtables import HUFFMAN_TABLES, QUANTISATION_TABLES
from service.imaging.renditions import Encoded, valid_name

_JFIF = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
"""Version 1.01, no density, no thumbnail."""
_FRAME = re.compile(rb"\x08(..)(..)\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01", re.DOTALL)
"""Eight bits, height, width, and three components with their colour halved in both directions."""
_SCAN = b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"
"""All three components, all coefficients, in one pass."""
_ORDER = [0xE0, 0xDB, 0xDB, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4, 0xDA]
"""APP0, two DQT, SOF0, four DHT, SOS: each in its place, none left out, none twice."""
_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff(?!\x00)")
"""A 0xFF that is not stuffed. Entropy-coded data holds none: our encoder writes no restarts."""
_BLOCK = 16
_FEWEST_BYTES = 4
"""A block of 16 x 16 pixels takes at least 32 bits: four times 2 + 4 for luminance, twice 2 + 2 for colour (T.81, K.3 to K.6)."""


def verify(encoded: tuple[Encoded, ...]) -> CleanImage:
    """The proof that every file is, byte for byte, what the encoder wrote, and holds pixels of the claimed size and nothing else.

    Bytes read back from a store are proven in the same way, by the digest under which they were kept.

    :raises ImagingError: unclean, if one of them is not, if there is none, or if names are odd or not distinct
    """
    names = [one.name for one in encoded]
    if not names or len(set(names)) != len(names) or not all(valid_name(name) for name in names):
        raise ImagingError(Refusal.UNCLEAN)
    renditions = tuple(_rendition(one) for one in encoded)
    lines = "".join(f"{rendition.name} {rendition.sha256}\n" for rendition in renditions)
    return CleanImage(digest=hashlib.sha256(lines.encode("ascii")).hexdigest(), renditions=renditions)


def _rendition(encoded: Encoded) -> Rendition:
    if hashlib.sha256(encoded.content).hexdigest() != encoded.sha256:
        raise ImagingError(Refusal.UNCLEAN)
    _check(encoded.content, width=encoded.width, height=encoded.height)
    return Rendition(
        name=encoded.name,
        width=encoded.width,
        height=encoded.height,
        media_type="image/jpeg",
        sha256=encoded.sha256,
        content=encoded.content,
    )


def _check(content: bytes, *, width: int, height: int) -> None:
    """Raises unless the file is clean and of this size."""
    segments = list(_segments(content))
    if [marker for marker, _, _ in segments] != _ORDER:
        raise ImagingError(Refusal.UNCLEAN)
    (app0, quantisation_0, quantisation_1, frame, *huffman, scan) = [body for _, body, _ in segments]
    size = _FRAME.fullmatch(frame)
    lawful = (
        app0 == _JFIF
        and (quantisation_0, quantisation_1) == QUANTISATION_TABLES
        and tuple(huffman) == HUFFMAN_TABLES
        and scan == _SCAN
        and size is not None
        and (int.from_bytes(size[2], "big"), int.from_bytes(size[1], "big")) == (width, height)
        and _only_pixels(content, segments[-1][2], width=width, height=height)
    )
    if not lawful:
        raise ImagingError(Refusal.UNCLEAN)


def _only_pixels(content: bytes, start: int, *, width: int, height: int) -> bool:
    """Is the rest of the file entropy-coded data, enough for every block, and the end-of-image marker?"""
    end = len(content) - len(_END)
    blocks = -(-width // _BLOCK) * -(-height // _BLOCK)
    if blocks <= 0 or not content.endswith(_END) or _MARKER.search(content, start, end):
        return False
    length, needed = end - start, blocks * _FEWEST_BYTES
    # Each 0xFF has its zero byte, since none is a marker: at most half of the bytes say nothing, and mostly nobody need count.
    return length >= 2 * needed or length - content.count(b"\xff", start, end) >= needed


def _segments(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, body and end of each segment up to the first scan header, with nothing between them."""
    position = 2
    if content[:2] != b"\xff\xd8":
        raise ImagingError(Refusal.UNCLEAN)
    for _ in _ORDER:
        head = content[position : position + 4]
        end = position + 2 + int.from_bytes(head[2:], "big")
        if len(head) != 4 or head[0] != 0xFF or not position + 4 <= end <= len(content):  # noqa: PLR2004 - marker and length
            raise ImagingError(Refusal.UNCLEAN)
        yield head[1], content[position + 4 : end], end
        position = end
