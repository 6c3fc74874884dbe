"""Folding: what a word looks like once case, marks, strokes and script no longer count."""

import unicodedata
from typing import Final

from anyascii import anyascii

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def fold(word: str) -> str:
    """Return the letters and digits of a word as small Latin letters: "Łukasik-Smythe" is lukasiksmythe, "Оскар" is oskar."""
    if not word.isascii():
        bare = (char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
        word = anyascii("".join(bare))
    return "".join(char for char in word.casefold() if char.isalnum())


def spelt_out(word: str) -> str:
    """Fold with umlauts written as two letters: "Müge" is muege."""
    return fold(unicodedata.normalize("NFC", word).translate(_UMLAUTS))
