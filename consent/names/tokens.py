"""Reading a canonical text as words: groups between separators, then parts by capitals and by digits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consent.names.fold import fold
from consent.names.grammar import ENDINGS, UNITS
from consent.names.lexicon import Lexicon

_GROUP: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])")
_DATE_LIKE: Final = 4  # digits from which a number may have a word written straight after it
_SHORT: Final = 3
_LONG_NUMBER: Final = re.compile(r"(?!(?:19|20)\d{12}$)\d{9,}")


@dataclass(slots=True, kw_only=True)
class Token:
    """One word or number of a canonical text, from ``start`` to ``end``; ``word`` is its folded form without 's.

    ``gap``: what stands before it, back to the last token. ``broken``: it can be no word, whatever its letters (b0nn13).
    """

    start: int
    end: int
    word: str
    gap: str
    capital: bool
    upper: bool
    number: bool = False
    possessive: bool = False
    broken: bool = False


def tokens(text: str, *, lexicon: Lexicon, names: frozenset[str]) -> list[Token]:
    """Read a text. ``names``: folded words that are names; two of them run together with capitals are two words."""
    found: list[Token] = []
    last = 0
    for group in _GROUP.finditer(text):
        for token in _parts(group, lexicon=lexicon, names=names):
            token.gap = text[last : token.start]
            last = token.end
            found.append(token)
    return found


def _parts(group: re.Match[str], *, lexicon: Lexicon, names: frozenset[str]) -> Iterator[Token]:
    text, start = group[0], group.start()
    if "'" in text or "’" in text:
        yield from _with_apostrophe(text, start, lexicon=lexicon, names=names)
        return
    runs = [(run[0], start + run.start()) for run in _RUN.finditer(text)]
    broken = len(runs) > 1 and not _may_mix([run for run, _ in runs], lexicon)
    for run, place in runs:
        yield from _letters(run, place, broken=broken, lexicon=lexicon, names=names)


def _letters(run: str, place: int, *, broken: bool, lexicon: Lexicon, names: frozenset[str]) -> Iterator[Token]:
    if run.isdecimal():
        yield _token(run, place, broken=broken or bool(_LONG_NUMBER.match(run)))
        return
    pieces = _CAMEL.split(run)
    if len(pieces) > 1 and fold(run) in lexicon.words and not all(fold(piece) in names for piece in pieces):
        pieces = [run]
    for piece in pieces:
        yield _token(piece, place, broken=broken)
        place += len(piece)


def _with_apostrophe(text: str, start: int, *, lexicon: Lexicon, names: frozenset[str]) -> Iterator[Token]:
    """A possessive or a contraction is one token; anything else (O'Brien) is one word, known or not."""
    head, _, tail = text.replace("’", "'").rpartition("'")
    if tail.lower() not in ENDINGS or "'" in head:
        yield _token(text, start, broken=False)
        return
    parts = list(_letters(head, start, broken=False, lexicon=lexicon, names=names))
    last = parts[-1]
    last.end = start + len(text)
    last.possessive = tail.lower() == "s"
    if not last.possessive and fold(text) in lexicon.words:
        last.word = fold(text)
    yield from parts


def _token(text: str, start: int, *, broken: bool) -> Token:
    return Token(
        start=start,
        end=start + len(text),
        word=fold(text),
        gap="",
        capital=text[0].isupper(),
        upper=len(text) > 1 and text.isupper(),
        number=text.isdecimal(),
        broken=broken,
    )


def _may_mix(runs: list[str], lexicon: Lexicon) -> bool:
    """Letters and digits run together are words only as in Year3, KS1, 3D, 10am, 20230501trip and IMG20230501."""
    for place, run in enumerate(runs):
        if run.isdecimal():
            inner = 0 < place < len(runs) - 1
            if inner and len(run) < _DATE_LIKE:
                return False
            continue
        word = fold(run)
        after = runs[place - 1] if place else ""
        if after and len(after) < _DATE_LIKE and word not in UNITS:
            return False
        if len(word) < _SHORT and not (run.isupper() or word in lexicon.acronyms or (after and word in UNITS)):
            return False
    return True
