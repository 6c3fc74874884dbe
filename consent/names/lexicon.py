"""The lexicon: the words that may be published, and what is known of those that are also names. Read by others, handed in."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from consent.names.fold import fold
from consent.names.grammar import FUNCTION_WORDS, GLUE

LISTS: Final = (
    *(
        "accented",
        "accented_by_hand",
        "acronyms",
        "adjectives",
        "beside",
        "collocations",
        "family",
        "family_by_hand",
        "finite",
        "first_names",
        "given",
    ),
    *("given_by_hand", "glued", "nicknames", "phrases", "places", "proper", "school", "vocabulary"),
)
"""The files of ``consent/names/words`` that make a lexicon, without ``.txt``."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Lexicon:
    """What one version of the program knows of words; the same for every school. Everything in it is folded.

    ``words``: everything that may be published; ``accented``: those with marks, as they are written; ``ordinary``: all but the
    ``acronyms``; ``everyday``: the commonest in a school; ``proper``: those with a capital of their own. ``given``, ``family``:
    those that are also names; ``first_names``: names before they are words; ``small``: words of every text that are family names
    (More, Seven); ``glued``: names that look like two words run together. ``finite``: verb forms that somebody is the subject of.
    ``beside``: word -> words beside which it is no name. ``phrases``: phrases in which no word is a name. ``digest``: hex SHA-256
    over every list.
    """

    digest: str
    words: frozenset[str]
    accented: frozenset[str]
    ordinary: frozenset[str]
    everyday: frozenset[str]
    acronyms: frozenset[str]
    proper: frozenset[str]
    places: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]
    first_names: frozenset[str]
    small: frozenset[str]
    adjectives: frozenset[str]
    finite: frozenset[str]
    glued: frozenset[str]
    beside: Mapping[str, frozenset[str]]
    phrases: tuple[tuple[str, ...], ...]
    nicknames: Mapping[str, frozenset[str]]


def parse_lexicon(lists: Mapping[str, str]) -> Lexicon:
    """Read a lexicon from the texts of its LISTS. Raises KeyError if one is missing."""
    texts = {name: lists[name] for name in LISTS}
    digest = hashlib.sha256("\n".join(f"{name}\n{texts[name]}" for name in LISTS).encode()).hexdigest()
    plain = {name: frozenset(word for line in _lines(text) for word in line.split()) for name, text in texts.items()}
    acronyms, places, first_names = plain["acronyms"], plain["places"], plain["first_names"]
    known = plain["vocabulary"] | plain["school"] | plain["proper"] | places | FUNCTION_WORDS
    known |= {fold(word) for word in plain["accented_by_hand"]}
    given = (plain["given"] | plain["given_by_hand"] | first_names) & known - FUNCTION_WORDS
    return Lexicon(
        digest=digest,
        words=known | acronyms,
        accented=plain["accented"] | plain["accented_by_hand"],
        ordinary=known,
        everyday=plain["school"] | FUNCTION_WORDS,
        acronyms=acronyms,
        proper=plain["proper"] | places,
        places=places,
        given=given,
        family=(plain["family"] | plain["family_by_hand"]) & known - FUNCTION_WORDS,
        first_names=first_names & given,
        small=plain["family"] & FUNCTION_WORDS - GLUE,
        adjectives=plain["adjectives"],
        finite=plain["finite"],
        glued=plain["glued"],
        beside=_beside(texts["collocations"], texts["beside"], finite=plain["finite"]),
        phrases=tuple(dict.fromkeys(_phrases(texts["phrases"]))),
        nicknames=MappingProxyType({name: frozenset(short) for name, short in _entries(texts["nicknames"])}),
    )


def phrase_of(text: str) -> tuple[str, ...]:
    """Fold a phrase word by word, as tokens are: "St George's Day" is st, george, day."""
    parts = (part.removesuffix("'s").removesuffix("s'") for part in text.replace("-", " ").replace("’", "'").split())
    return tuple(word for part in parts if (word := fold(part)))


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _entries(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in _lines(text):
        head, _, words = line.partition(":")
        yield head.strip(), words.split()


def _phrases(text: str) -> Iterator[tuple[str, ...]]:
    found = (phrase_of(phrase) for line in _lines(text) for phrase in line.split(";"))
    return (phrase for phrase in found if len(phrase) > 1)


def _beside(by_hand: str, pairs: str, *, finite: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Read "WORDS: words", where @group stands for the words of a group defined above it, and "word word" pairs."""
    groups: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for head, words in _entries(by_hand):
        wanted = {fold(one) for word in words for one in (groups[word] if word.startswith("@") else (word,))}
        if head.startswith("@"):
            groups[head] = wanted
            continue
        for name in head.split(","):
            found.setdefault(fold(name), set()).update(wanted)
    for line in _lines(pairs):
        one, two = line.split(" ")
        if two not in finite:
            found.setdefault(one, set()).add(two)
    return MappingProxyType({word: _with_plurals(others, finite) for word, others in found.items()})


def _with_plurals(words: Iterable[str], finite: frozenset[str]) -> frozenset[str]:
    """Words with their plurals; a plural that is rather a verb is none: "knight play" is no word for "Knight plays"."""
    wanted = {word for word in words if word not in FUNCTION_WORDS}
    return frozenset(wanted | {f"{word}s" for word in wanted} - finite)
