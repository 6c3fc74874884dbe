"""The quick way: text of nothing but ordinary words, which is nearly all text, needs no rule."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from consent.names.fields import Field
from consent.names.grammar import TITLES
from consent.names.matcher import Mark, Names

_QUICK: Final = re.compile(r"[A-Za-z0-9 ,.!?;:()\"'’&_/-]*")
_WORD: Final = re.compile(r"[A-Za-z]+")
_OWNED: Final = re.compile(r"['’](?:s|ve|re|ll|d|m)\b")
_MIXED: Final = re.compile(
    r"\d[A-Za-z]|[A-Za-z]\d|\d{6}|\d[ -]\d|\w\.\w|[a-z][A-Z]|\b[A-Z]{2,3}\b|\b[AaIi][-_/.']|[-_/'][AaIi]\b"
)
_ALWAYS: Final = frozenset({"a", "A", "i", "I"})
_MARKED: Final = ~Mark.SPLIT
_LOUD: Final = ~(Mark.GIVEN | Mark.FAMILY | Mark.SPLIT)  # a stranger's name is none in small letters where names have capitals
_MISSPELT: Final = 4
_SENTENCE: Final = re.compile(r"(?<=[a-z]{2}[.!?]) (?=[A-Z])")
_LONG: Final = 120  # characters from which it pays to look at each sentence


def is_plain(text: str, field: Field, names: Names) -> bool:
    """True for a text of nothing but ordinary words: the quick way for nearly every text."""
    if not _QUICK.fullmatch(text) or _MIXED.search(text):
        return False
    written = _WORD.findall(_OWNED.sub("", text))
    splits = names.splits
    if any(two.lower() in splits[one.lower()] for one, two in pairwise(written) if one.lower() in splits):
        return False
    words = frozenset(written) - _ALWAYS
    folded = {word.lower() for word in words}
    if not folded <= names.lexicon.ordinary or not folded.isdisjoint(TITLES):
        return False
    cased = field.holds and any(word[0].isupper() for word in words)
    marked = ((word, names.marks.get(word.lower(), 0)) for word in words)
    if any(mark & (_LOUD if cased and word.islower() else _MARKED) for word, mark in marked):
        return False
    doubtful = {word.lower() for word in words if len(word) >= _MISSPELT and (not field.holds or word[0].isupper())}
    return not any(names.near.one_letter_off(word) for word in doubtful - names.lexicon.everyday)


def doubtful_stretches(text: str, field: Field, names: Names) -> Iterator[tuple[int, str]]:
    """What of a text is not plain: its place and the sentences that stand together there."""
    if len(text) < _LONG:
        yield 0, text
        return
    start = end = None
    for one, two in _sentences(text):
        if is_plain(text[one:two], field, names):
            if start is not None:
                yield start, text[start:end]
            start = None
        else:
            start, end = (one if start is None else start), two
    if start is not None:
        yield start, text[start:end]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)
