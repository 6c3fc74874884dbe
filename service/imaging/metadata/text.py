"""Bytes in whatever encoding a camera or a program used become plain text on one line."""

from collections.abc import Iterator

MAX_TEXT = 64
"""The longest make, model or serial that is kept, in characters."""

_CODE = 8
"""Bytes in front of a user comment that name its character code (CIPA DC-008, 4.6.5)."""
_MARKS = {b"\xff\xfe", b"\xfe\xff"}
_JAPANESE = ("iso2022_jp", "shift_jis", "euc_jp")
ENCODINGS = ("ascii", "cp1252", "latin-1", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", *_JAPANESE)
"""Every encoding that a picture can make us ask for."""


def plain_text(raw: str, most: int = MAX_TEXT) -> str | None:
    """The text without control and formatting characters, on one line, capped at ``most``; None if nothing is left."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in raw).split())
    return kept[:most].strip() or None


def decoded(raw: bytes) -> str:
    """Text in UTF-8 or, by its byte order mark, in sixteen bits; else in the Western letters that older programs wrote."""
    if raw[:2] in _MARKS:
        return _utf16(raw, "<")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        begun = raw[: broken.start]
        if broken.reason == "unexpected end of data" and not begun.isascii():  # cut off in the middle of a letter
            return begun.decode("utf-8-sig")
        return raw.decode("cp1252", "replace")


def sixteen_bits(raw: bytes, order: str = "<") -> Iterator[str]:
    """The readings of a text said to be in UTF-16: by its mark, by the zero bytes in it, or in the order given (``<``, ``>``)."""
    yield _utf16(raw, order)
    if b"\x00" not in raw.strip(b"\x00"):  # or nothing of the kind
        yield decoded(raw)


def user_comment(raw: bytes, order: str) -> Iterator[str]:
    """Every reading of a user comment: programs name one character code and write another. ``order``: the block's."""
    match raw[:_CODE].upper().rstrip(b"\x00 "):
        case b"UNICODE":
            yield from sixteen_bits(raw[_CODE:], order)
        case b"JIS":
            yield _japanese(raw[_CODE:])
        case b"ASCII" | b"":
            yield from _undeclared(raw[_CODE:])
        case _:
            yield from _undeclared(raw)


def _utf16(raw: bytes, order: str) -> str:
    whole = raw[: len(raw) & ~1]
    if whole[:2] in _MARKS:
        return whole.decode("utf-16", "replace")
    high_first, low_first = whole[::2].count(0), whole[1::2].count(0)
    if high_first != low_first:
        order = ">" if high_first > low_first else "<"
    return whole.decode("utf-16-be" if order == ">" else "utf-16-le", "replace")


def _undeclared(raw: bytes) -> Iterator[str]:
    yield decoded(raw)
    if b"\x00" in raw.strip(b"\x00"):
        yield _utf16(raw, "<")


def _japanese(raw: bytes) -> str:
    for encoding in _JAPANESE:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return decoded(raw)
