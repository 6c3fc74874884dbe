"""Is it a word at all? The closed world: whatever is not known to be one is none."""

from typing import Final

from consent.names.grammar import ROMAN, UNITS
from consent.names.matcher import Mark, Names
from consent.names.reading import Reading

_GLUED: Final = 4  # letters of each of two words that may be run together: kitchenroll
_SHORTEST_NAME: Final = 2


def is_known(reading: Reading, place: int) -> bool:
    """True for a word of the lexicon, for two of them run together, and for a unit after its number: 10 th, 5 km."""
    token, lexicon = reading.tokens[place], reading.names.lexicon
    if not token.raw.isascii() and _bare(token.raw) not in lexicon.accented:
        return False
    if token.word in lexicon.ordinary or (token.raw.isupper() and token.word in ROMAN):
        return True
    if token.word in lexicon.acronyms:
        return not token.raw.istitle()
    if place and reading.tokens[place - 1].number and token.gap in {"", " "} and token.word in UNITS:
        return True
    return is_glued(token.word, reading.names)


def is_glued(word: str, names: Names) -> bool:
    """True for two words run together, neither of which is anybody's name."""
    words = names.lexicon.ordinary
    if len(word) < _GLUED + _GLUED or word in names.lexicon.glued or word.removesuffix("s") in words:
        return False
    if names.strong.one_letter_off(word) or word[::-1] in names.strong.names:
        return False
    splits = [(word[:at], word[at:]) for at in range(_SHORTEST_NAME, len(word) - _SHORTEST_NAME + 1)]
    for one, two in splits:
        named = _is_named(one, names), _is_named(two, names)
        if all(named) or (named[0] and two in words) or (named[1] and one in words):
            return False
    return any(one in words and two in words and min(len(one), len(two)) >= _GLUED for one, two in splits)


def _is_named(part: str, names: Names) -> bool:
    """True for a given name and for any name on the register."""
    return part in names.strong.names or bool(names.marks.get(part, 0) & (Mark.NAME | Mark.GIVEN | Mark.SMALL))


def _bare(raw: str) -> str:
    return raw.replace("’", "'").removesuffix("'s").casefold()
