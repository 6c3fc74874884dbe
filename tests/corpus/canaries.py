"""Canaries: one unmistakable word for each hiding place, every disguise it may wear, and the search for it in any bytes."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

CALL = "CANARY-"
"""What every canary begins with. By chance it turns up in pixels less than once in 10^16 bytes."""
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_LONGEST = 4_000_000
_AUTO = zlib.MAX_WBITS | 32
"""Both kinds of header: zlib's and gzip's."""


def canary(place: str) -> str:
    """The word for a place, the same in every run. It stands nowhere else, and no other word contains it."""
    return f"{CALL}{place}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def ascii_canary(place: str) -> bytes:
    """The word as bytes."""
    return canary(place).encode("ascii")


def interleaved(word: bytes) -> bytes:
    """The word as the colours of pixels that are wholly transparent: a zero behind every three bytes."""
    return b"".join(word[at : at + 3] + b"\x00" for at in range(0, len(word) - len(word) % 3, 3))


@lru_cache(maxsize=1024)
def disguises(word: bytes) -> tuple[bytes, ...]:
    """How the word may look in a file: as it is and in other encodings."""
    text = word.decode("ascii")
    return (
        word,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        word[::-1],
        "".join(f"%{byte:02X}" for byte in word).encode(),
        "".join(f"%{byte:02x}" for byte in word).encode(),
        word.hex().encode(),
        word.hex().upper().encode(),
        interleaved(word),
        *_base64(word),
    )


def views(content: bytes) -> Iterator[bytes]:
    """The bytes, and whatever they hold in a zlib or gzip stream, two deep."""
    yield content
    for inner in _inflated(content):
        yield inner
        yield from _inflated(inner)


def found(content: bytes, places: Iterable[str]) -> frozenset[str]:
    """Those of the places whose canary is in the bytes, in whatever disguise; "" stands for any canary at all."""
    words = {place: disguises(ascii_canary(place) if place else CALL.encode()) for place in places}
    return frozenset(place for view in views(content) for place, worn in words.items() if any(one in view for one in worn))


def _base64(word: bytes) -> Iterator[bytes]:
    """The three ways in which the word can lie in base64, without the letters that its neighbours decide."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + word)
        yield encoded[(0, 2, 3)[shift] : (len(word) + shift) * 4 // 3 - (1 if (len(word) + shift) % 3 else 0)]


def _inflated(content: bytes) -> Iterator[bytes]:
    for start in _ZLIB.finditer(content):
        unpacker = zlib.decompressobj(_AUTO)
        try:
            inner = unpacker.decompress(content[start.start() :], _LONGEST)
        except zlib.error:
            continue
        if len(inner) >= len(CALL):
            yield inner
