"""Looks for names in anything: in whatever script, case, coding or escape they were written, what is folded alike is found."""

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from consent.names.fold import fold

_SHORTEST = 7
"""Fewer letters in a row may turn up by chance."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
_ESCAPED_LETTER = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPED_BYTE = re.compile(rb"\\x([0-9a-fA-F]{2})")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_SYLLABLES = re.compile("[\u2e80-\ufaff]+")
"""Signs that fold to several letters each: any two bytes are one of them in UTF-16, and so ciphertext says "sui", "tang", "i"."""


def folded_forms(names: Iterable[str]) -> frozenset[str]:
    """The folded words of names, and the same words backwards. Raises ValueError for a word too short to be looked for."""
    words = {fold(word) for name in names for word in name.split()}
    if short := {word for word in words if len(word) < _SHORTEST}:
        raise ValueError(f"{len(short)} words are too short")
    return frozenset(words | {word[::-1] for word in words})


def leaked(content: bytes | str, forms: frozenset[str]) -> list[str]:
    """Which of these forms stand anywhere in the content, also coded or escaped."""
    found: set[str] = set()
    for text in _readings(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content):
        letters = _letters(text)
        found.update(form for form in forms if form in letters)
    return sorted(found)


def _letters(text: str) -> str:
    """What can be told of a text: its letters in a row, broken where syllables stand. No name looked for is written in them."""
    return " ".join(_NO_LETTER.sub("", one.lower()) if one.isascii() else fold(one) for one in _SYLLABLES.split(text))


def _readings(content: bytes) -> Iterator[str]:
    yield from _plain(content)
    for coding in ("utf-16-le", "utf-16-be"):
        yield from (content[start:].decode(coding, "ignore") for start in (0, 1))
    for run in _BASE64.findall(content):
        for start in range(4):
            yield from _plain(_decoded(run[start:]))
    for run in _HEX.findall(content):
        yield from _plain(binascii.unhexlify(run))


def _plain(content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "ignore")
    yield text
    yield content.decode("latin-1")
    if "\\" in text:
        yield _ESCAPED_LETTER.sub(lambda one: chr(int(one[1], 16)), text)
        yield _ESCAPED_BYTE.sub(lambda one: bytes([int(one[1], 16)]), content).decode("utf-8", "ignore")
    if "%" in text:
        yield unquote(text)
    if "&" in text:
        yield html.unescape(text)


def _decoded(run: bytes) -> bytes:
    whole = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(whole[: len(whole) // 4 * 4])


def written_in_all_ways(name: str) -> Iterator[bytes]:
    """A name as it may come along: to show that ``leaked`` would find it."""
    text = name.encode()
    yield from (text, name.upper().encode(), name.replace(" ", "_").encode(), name.replace(" ", "").encode())
    yield from (name.encode("utf-16-le"), b"x" + name.encode("utf-16-be"))
    yield from (base64.b64encode(text), b"A" + base64.urlsafe_b64encode(b"??" + text), binascii.hexlify(text))
    yield from (json.dumps(name).encode(), repr(text).encode(), "".join(f"%{byte:02x}" for byte in text).encode())
    yield "".join(f"&#{ord(char)};" for char in name).encode()
    yield name[::-1].encode()
