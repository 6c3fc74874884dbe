"""Reading a canonical text as words: groups between separators, then parts by capitals and by digits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consent.names.fold import fold
from consent.names.grammar import ENDINGS, LABELS, UNITS
from consent.names.lexicon import Lexicon
from consent.names.matcher import Names
from consent.names.pupil import leet

_GROUP: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")
_CAMEL: Final = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])")
_HEX: Final = re.compile(r"(?=[a-fA-F]*\d)[0-9a-fA-F]+")
_LONG_NUMBER: Final = re.compile(r"(?!(?:19|20)\d{12}$)\d{9,}")
_DATE_LIKE: Final = 4  # digits from which a number may have a word written straight after it
_SHORT: Final = 3
_SHORTEST_HEX: Final = 6


@dataclass(slots=True)
class Token:
    """One word or number of a canonical text, from ``start`` to ``end``.

    ``word``: its folded form without 's; ``raw``: as written. ``gap``: what stands before it, back to the last token.
    ``broken``: it can be no word, whatever its letters (b0nn13).
    """

    start: int
    end: int
    word: str
    raw: str
    capital: bool
    gap: str = ""
    number: bool = False
    possessive: bool = False
    broken: bool = False

    @property
    def upper(self) -> bool:
        """True for two capitals or more."""
        return len(self.raw) > 1 and self.raw.isupper()


def tokens(text: str, names: Names) -> list[Token]:
    """Read a text, as one school's names and words would have it."""
    found: list[Token] = []
    last = 0
    for group in _GROUP.finditer(text):
        raw, start = group[0], group.start()
        if raw.isascii() and raw.isalpha() and (raw.islower() or raw.istitle()):
            parts = [Token(start, group.end(), raw.lower(), raw, raw[0].isupper())]
        else:
            parts = list(_parts(raw, start, names))
        for token in parts:
            token.gap = text[last : token.start]
            last = token.end
        found += parts
    return found


def _parts(text: str, start: int, names: Names) -> Iterator[Token]:
    if "'" in text or "’" in text:
        yield from _with_apostrophe(text, start, names)
        return
    runs = [(run[0], start + run.start()) for run in _RUN.finditer(text)]
    broken = _is_hex(text) or (len(runs) > 1 and not _may_mix(text, [run for run, _ in runs], names))
    for run, place in runs:
        yield from _letters(run, place, names, broken=broken)


def _letters(run: str, place: int, names: Names, *, broken: bool) -> Iterator[Token]:
    if run.isdecimal():
        yield _token(run, place, broken=broken or bool(_LONG_NUMBER.match(run)))
        return
    pieces = _CAMEL.split(run)
    if len(pieces) > 1 and fold(run) in names.lexicon.words and not all(_may_name(fold(piece), names) for piece in pieces):
        pieces = [run]
    for piece in pieces:
        yield _token(piece, place, broken=broken)
        place += len(piece)


def _may_name(piece: str, names: Names) -> bool:
    return len(piece) == 1 or piece in names.marks or piece in names.strong.names


def _with_apostrophe(text: str, start: int, names: Names) -> Iterator[Token]:
    """A possessive or a contraction is one token; anything else (O'Brien) is one word, known or not."""
    head, _, tail = text.replace("’", "'").rpartition("'")
    if tail.lower() not in ENDINGS or "'" in head:
        yield _token(text, start, broken=False)
        return
    parts = list(_parts(head, start, names))
    last = parts[-1]
    last.end = start + len(text)
    last.possessive = tail.lower() == "s"
    if not last.possessive and fold(text) in names.lexicon.words:
        last.word = fold(text)
    yield from parts


def _token(text: str, start: int, *, broken: bool) -> Token:
    return Token(start, start + len(text), fold(text), text, text[0].isupper(), number=text.isdecimal(), broken=broken)


def _is_hex(text: str) -> bool:
    """True for letters in hexadecimal: 416365 is Ace."""
    if len(text) < _SHORTEST_HEX or len(text) % 2 or not _HEX.fullmatch(text):
        return False
    read = bytes.fromhex(text)
    return read.isalpha() and read.isascii()


def _may_mix(text: str, runs: list[str], names: Names) -> bool:
    """Letters and digits run together are words only as in Year3, KS1, 3D, 10am, 20230501trip and IMG20230501."""
    return leet(fold(text)) not in names.leet and all(_may_stand(runs, at, names.lexicon) for at in range(len(runs)))


def _may_stand(runs: list[str], place: int, lexicon: Lexicon) -> bool:
    run, before = runs[place], runs[place - 1] if place else ""
    last = place == len(runs) - 1
    if run.isdecimal():
        return not before or last or len(run) >= _DATE_LIKE or _both_words(before, runs[place + 1], lexicon)
    word = fold(run)
    if before and last and word in UNITS and len(word) < _SHORT:
        return True
    if before and len(before) < _DATE_LIKE and not (place > 1 and _both_words(runs[place - 2], run, lexicon)):
        return False
    return len(word) >= _SHORT or run.isupper() or word in lexicon.acronyms or word in LABELS


def _both_words(one: str, two: str, lexicon: Lexicon) -> bool:
    """True for two words of some length around a number: Year3trip."""
    return all(len(run) > _SHORT and fold(run) in lexicon.ordinary for run in (one, two))
