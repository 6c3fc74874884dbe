"""Bytes sealed in segments: written and read piece by piece, and opened whole and in order, or not at all.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, CRYPTO 2015) over AES-256-GCM. The nonce of a segment is the random prefix of its stream, the segment's number,
and whether it is the last: one left out, doubled, moved or added does not open, and neither does a stream that was cut off
between two segments.

    format (1 byte) | prefix (7) | segment | ... | last segment        a segment: up to 64 KiB of ciphertext, and its tag (16)

Only the last segment may be shorter, and it is empty only where everything is. A photo's key seals few streams: of 4,096 no two
have the same prefix but with a chance of less than one in 2 to the 32nd.
"""

import secrets
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.objects.errors import SealBroken

FORMAT: Final = b"\x02"
SEGMENT_LENGTH: Final = 64 * 1024
"""Bytes of plaintext in every segment but the last."""
HEADER_LENGTH: Final = 8
TAG_LENGTH: Final = 16
SEALED_LENGTH: Final = SEGMENT_LENGTH + TAG_LENGTH
"""Bytes of every sealed segment but the last."""


class Sealer:
    """Seals one stream. Holds no more than one segment of plaintext, whatever the pieces it is given."""

    def __init__(self, *, key: bytes, bound: bytes) -> None:
        """Begin a stream under a 32-byte key; it opens only with the same ``bound``."""
        header = FORMAT + secrets.token_bytes(HEADER_LENGTH - len(FORMAT))
        self._segments = _Segments(key=key, header=header, bound=bound)
        self._ready = [header]
        self._waiting = bytearray()
        self._number = 0

    def update(self, piece: bytes) -> bytes:
        """Take more plaintext; return what can be written of the sealed stream."""
        self._waiting += piece
        while len(self._waiting) > SEGMENT_LENGTH:  # not >=: a full segment may yet be the last
            self._seal(SEGMENT_LENGTH, last=False)
        return self._take()

    def finish(self) -> bytes:
        """Return the end of the sealed stream. Nothing may be added after that."""
        self._seal(len(self._waiting), last=True)
        return self._take()

    def _seal(self, length: int, *, last: bool) -> None:
        plaintext = bytes(self._waiting[:length])
        del self._waiting[:length]
        self._ready.append(self._segments.seal(plaintext, number=self._number, last=last))
        self._number += 1

    def _take(self) -> bytes:
        ready, self._ready = self._ready, []
        return b"".join(ready)


def open_segments(file: BinaryIO, *, key: bytes, bound: bytes) -> Iterator[bytes]:
    """Yield the plaintext of a stream, segment by segment. Raises SealBroken for anything but the whole stream, unaltered.

    What was yielded MUST NOT be used before the iterator has ended: only the last segment proves that nothing is missing.
    """
    header = file.read(HEADER_LENGTH)
    if len(header) != HEADER_LENGTH or not header.startswith(FORMAT):
        raise SealBroken("this is not a sealed file of ours")
    segments = _Segments(key=key, header=header, bound=bound)
    number, sealed = 0, file.read(SEALED_LENGTH)
    while following := file.read(SEALED_LENGTH):
        yield segments.open(sealed, number=number, last=False)
        number, sealed = number + 1, following
    yield segments.open(sealed, number=number, last=True)


class _Segments:
    """The segments of one stream: each knows its place."""

    def __init__(self, *, key: bytes, header: bytes, bound: bytes) -> None:
        self._cipher = AESGCM(key)
        self._prefix = header[len(FORMAT) :]
        self._bound = header + bound

    def seal(self, plaintext: bytes, *, number: int, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, last=last), plaintext, self._bound)

    def open(self, sealed: bytes, *, number: int, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(number, last=last), sealed, self._bound)
        except InvalidTag:
            # Without its cause: that would only say the same again, and never which of the reasons it was.
            raise SealBroken("wrong key, wrong photo, or altered bytes") from None

    def _nonce(self, number: int, *, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])
