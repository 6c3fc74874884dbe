"""From the texts of a file that may name people to what a decision may know of them: ids, and how many are nobody known."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consent.names.canonical import canonical
from consent.names.fields import Field
from consent.names.fold import fold
from consent.names.grammar import FUNCTION_WORDS
from consent.names.matcher import Names
from consent.names.persons import MOST_WORDS, Roll
from consent.names.strangers import names_nobody
from consent.names.tokens import Token, tokens
from consent.people import PupilId

_SEPARATED: Final = re.compile(r"[;,|/\\]+")
_LISTED: Final = re.compile(r"[;,|/\\&+]+|\band\b", flags=re.IGNORECASE)
_OF_PEOPLE: Final = frozenset({"people", "person", "persons", "faces"})
"""Begins the path of a keyword that is a person: People/..., People|..."""
_NOBODY: Final = frozenset[PupilId]()


class Told(StrEnum):
    """How a text tells of people."""

    PERSON = "person"
    """It stands where only a person is named: a face region, the people shown."""
    KEYWORDS = "keywords"
    """One keyword or a list of them, perhaps with a path in front."""
    PROSE = "prose"
    """A caption, a title, a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Who is named in a file, without a word of it.

    ``mentions``: for each that is named the pupils who may be meant, each such set once, in order; the empty set stands for all
    who are nobody known, and for every text that may name somebody. ``suggested``: pupils to ask about; some are only guessed.
    """

    mentions: tuple[frozenset[PupilId], ...] = ()
    suggested: frozenset[PupilId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    mentions: tuple[frozenset[PupilId], ...] = ()
    guessed: frozenset[PupilId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    roll: Roll
    names: Names

    def person(self, text: str) -> _Found:
        """Somebody is named, whatever it says: one, or a list of them."""
        whole = self._meant(text)
        if whole:
            return _Found(mentions=(whole,))
        each = [part for part in _LISTED.split(text) if part.strip()] or [text]
        mentions = tuple(self._meant(part) for part in each)
        guesses = (self._resembled(part) for part, meant in zip(each, mentions, strict=True) if not meant)
        return _Found(mentions=mentions, guessed=_NOBODY.union(*guesses))

    def keywords(self, text: str) -> Iterator[_Found]:
        """Read a list or a path item by item; behind People each is a person."""
        whole = self._meant(text, in_full=True)
        items = [item.strip() for item in _SEPARATED.split(text) if item.strip()]
        if whole:
            yield _Found(mentions=(whole,))
        elif len(items) > 1 and fold(items[0]) in _OF_PEOPLE:
            yield self.person(items[-1])
        else:
            yield from map(self._keyword, items)

    def prose(self, text: str) -> _Found:
        """Full names are taken out where nothing more of a name can stand beside them; the rest MUST name nobody."""
        whole = self._meant(text)
        if whole:
            return _Found(mentions=(whole,))
        read = tokens(text, self.names)
        spans = list(self._full_names(read))
        mentions = tuple(self.roll.meant(_words(read[start:end])) for start, end in spans)
        rest = _without(text, [(read[start].start, read[end - 1].end) for start, end in spans])
        if names_nobody(rest, Field.CAPTION, self.names):
            return _Found(mentions=mentions)
        alone = (self.roll.meant([token.word]) for token in read if token.word not in self.names.lexicon.words)
        return _Found(mentions=(*mentions, _NOBODY), guessed=_NOBODY.union(*alone))

    def _keyword(self, item: str) -> _Found:
        in_full = self._meant(item, in_full=True)
        if in_full:
            return _Found(mentions=(in_full,))
        return _Found() if names_nobody(item, Field.TAG, self.names) else self.person(item)

    def _full_names(self, read: Sequence[Token]) -> Iterator[tuple[int, int]]:
        at = 0
        while at < len(read):
            ends = range(min(at + MOST_WORDS, len(read)), at + 1, -1)
            end = next((end for end in ends if self._is_full_name(read, at, end)), None)
            if end is not None:
                yield at, end
            at = end or at + 1

    def _is_full_name(self, read: Sequence[Token], start: int, end: int) -> bool:
        inside = read[start:end]
        if any(not _is_joint(token.gap) for token in inside[1:]) or not self.roll.meant(_words(inside), in_full=True):
            return False
        capital = all(token.capital for token in inside)
        before = read[start - 1] if start and _is_bound(inside[0].gap) else None
        after = read[end] if end < len(read) and _is_bound(read[end].gap) else None
        return all(other is None or _is_no_name(other, capital=capital) for other in (before, after))

    def _meant(self, text: str, *, in_full: bool = False) -> frozenset[PupilId]:
        return self.roll.meant(_words(tokens(text, self.names)), in_full=in_full)

    def _resembled(self, text: str) -> frozenset[PupilId]:
        return self.roll.resembled(_words(tokens(text, self.names)))


def who_is_named(texts: Iterable[tuple[Told, str]], roll: Roll, *, names: Names) -> Mentioned:
    """Say who is named in the texts of one file. ``names`` MUST be those of ``strangers.anybody``.

    The answer depends on the texts, on the roll and on the lexicon alone: a pupil who is not on the roll and a name that
    nobody bears give the same. Does NOT keep any text.
    """
    reader = _Reader(roll=roll, names=names)
    mentions: set[frozenset[PupilId]] = set()
    guessed: set[PupilId] = set()
    for told, text in texts:
        for found in _read(reader, told, text):
            mentions.update(found.mentions)
            guessed |= found.guessed
    return Mentioned(mentions=tuple(sorted(mentions, key=sorted)), suggested=frozenset(guessed).union(*mentions))


def _read(reader: _Reader, told: Told, text: str) -> Iterator[_Found]:
    shown = canonical(text)
    if shown is None:
        yield _Found(mentions=(_NOBODY,))  # a name may be hidden in it
    elif told is Told.PERSON:
        yield reader.person(shown)
    elif told is Told.KEYWORDS:
        yield from reader.keywords(shown)
    else:
        yield reader.prose(shown)


def _words(read: Iterable[Token]) -> list[str]:
    return [token.word for token in read]


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    """The text without these places, with a stop instead of each."""
    left: list[str] = []
    last = 0
    for start, end in places:
        left += [text[last:start].rstrip(), "; "]
        last = end
    return "".join([*left, text[last:].lstrip() if left else text[last:]]).strip(" ;,.:&+-")


def _is_joint(gap: str) -> bool:
    """True for what may stand inside a name: a blank, a hyphen, a comma (Frost, Ada), a stop (A. Frost)."""
    return gap.strip(" ") in {"", "-", "_", ",", "."} and len(gap) < 3  # noqa: PLR2004 - a sign and a blank


def _is_bound(gap: str) -> bool:
    """True for what may stand between two names of one person that both stand for something: no comma and no stop."""
    return gap.strip(" ") in {"", "-", "_"}


def _is_no_name(token: Token, *, capital: bool) -> bool:
    return token.word in FUNCTION_WORDS or token.number or (capital and not token.capital)
