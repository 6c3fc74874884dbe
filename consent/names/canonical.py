"""The canonical form: a text with nothing encoded, misread, invisible or look-alike left in it. Only that is ever published."""

import binascii
import html
import re
import unicodedata
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from ftfy import fix_encoding
from ftfy.badness import is_bad

_ROUNDS: Final = 8
# Letters of other scripts and letters lying about their kind that look Latin in either case.
_LOOKALIKES: Final = MappingProxyType(
    str.maketrans("аеѕіјорсухԛԝһӏкмтнвАВЕЅІЈКМНОРСТУХԚԜҺ", "aesijopcyxqwhlkmthbABESIJKMHOPCTYXQWH")
    | str.maketrans("αικορχυντϲΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aikopxuvtcABEZHIKMNOPTYX")
    | str.maketrans("ɑɡɩʏᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ", "agiyabcdeghijklmnoprtuvwz")
)
_INVISIBLE: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0000-\U000e0fff]")
_SPACES: Final = re.compile("[\\s\u0085\u2028\u2029\u2800]+")
_MAIL: Final = re.compile(r"=\?[\w-]+\?([bq])\?([^?\s]*)\?=", flags=re.IGNORECASE)
_ESCAPE: Final = re.compile(r"[\\%]u([0-9a-f]{4})|\\x([0-9a-f]{2})", flags=re.IGNORECASE)
# Nothing to undo: no code, no escape; of letters with marks only those that no misreading makes.
_PLAIN: Final = re.compile(
    "[A-Za-z0-9_ \\-.,:;!?'\"()/+*#@‘’“”–—\u00c0\u00c1\u00c4-\u00d6\u00d8-\u00e1\u00e4-\u00f6\u00f8-\u00ff]*"
)


def canonical(text: str) -> str | None:
    """Return the canonical form of ``text``; None where it cannot be reached, which is then no text at all.

    Percent and HTML codes, escapes, encoded mail words, misread UTF-8, compatibility characters (full-width, styled),
    look-alikes, invisible and bidirectional characters and loose marks are undone until nothing changes any more.
    """
    for _ in range(_ROUNDS):
        plain = _once(text)
        if plain == text:
            return text
        text = plain
    return None


def _once(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return _SPACES.sub(" ", text).strip()
    text = _ESCAPE.sub(_unescaped, _MAIL.sub(_mail_word, unquote(html.unescape(text))))
    if not text.isascii():
        text = _unmisread(text)
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_LOOKALIKES)
        text = unicodedata.normalize("NFC", "".join(char for char in text if unicodedata.category(char)[0] != "M"))
    text = _SPACES.sub(" ", text)
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf"}).strip()


def _unmisread(text: str) -> str:
    """Undo UTF-8 that was read as another encoding."""
    return fix_encoding(text) if is_bad(text) else text


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))


def _mail_word(found: re.Match[str]) -> str:
    """Read one encoded word of RFC 2047; whatever cannot be read stays as it is, and is no word."""
    if found[1].lower() == "q":
        return unquote(found[2].replace("_", " ").replace("=", "%"))
    try:
        return binascii.a2b_base64(found[2], strict_mode=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return found[0]
