"""Extended XMP of a JPEG file: one document cut into segments, put together again (XMP Specification Part 3, 1.1.3.1)."""

from service.imaging.metadata.removed import Unreadable

_HEADER = 40
"""Digest in hex (32), whole length (4), offset of this piece (4)."""


def extended_xmp(segments: list[bytes]) -> dict[str, bytes]:
    """The whole documents by their digests, by which the first part of a document names the other.

    ``segments`` are payloads behind their signature, in any order.

    :raises Unreadable: if a piece is missing, overlaps another or lies outside
    """
    pieces: dict[bytes, list[tuple[int, int, bytes]]] = {}
    for segment in segments:
        if len(segment) < _HEADER:
            raise Unreadable
        length, offset = int.from_bytes(segment[32:36], "big"), int.from_bytes(segment[36:40], "big")
        pieces.setdefault(segment[:32], []).append((offset, length, segment[_HEADER:]))
    return {digest.decode("latin-1").upper(): _joined(sorted(document)) for digest, document in pieces.items()}


def _joined(pieces: list[tuple[int, int, bytes]]) -> bytes:
    joined = bytearray()
    for offset, _, piece in pieces:
        if offset != len(joined):
            raise Unreadable
        joined += piece
    if any(length != len(joined) for _, length, _ in pieces):
        raise Unreadable
    return bytes(joined)
