"""One school's matcher: which words are names there, strong or ambiguous, which belong together, which phrases stand."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Self, TypeAlias

from consent.names.fuzzy import Strong
from consent.names.grammar import FUNCTION_WORDS
from consent.names.lexicon import Lexicon, phrase_of
from consent.names.pupil import Forms, PupilNames, forms_of, leet, respelt

_Phrase: TypeAlias = tuple[str, ...]

_VERSION: Final = "names-2"  # MUST change with what is found, so that words checked by an older reading are checked again
_JOINED: Final = 4  # letters from which a name is found in two words with a sign between them: char-lie
_SHORTEST_RESPELT: Final = 3


class Mark:
    """What is known of a word that is also a name: bits, since a word may be several (an enumeration of flags is far slower)."""

    NAME: Final = 1
    """On the register, or a given name before it is a word: kept only where it can only be a word."""
    NEAR: Final = 2
    """A nickname or another spelling of a name on the register."""
    GIVEN: Final = 4
    FAMILY: Final = 8
    OURS_GIVEN: Final = 16
    """A given name on the register."""
    OURS_FAMILY: Final = 32
    """A family name on the register."""
    PLURAL: Final = 64
    """A plural of a name on the register: the Woods, roses_cake."""
    OURS_PLURAL: Final = 128
    """A plural of a given name on the register: roses_cake, johns_10."""
    SMALL: Final = 256
    """A name on the register that is a word of every text: An, Do, So."""
    HIDDEN: Final = 512
    """A name on the register backwards, or behind an initial: a name only where the word stands alone."""
    SPLIT: Final = 1024
    """The beginning of a name on the register that may be written as two words."""
    ANYONE: Final = NAME | NEAR | GIVEN | FAMILY | PLURAL | SMALL
    """May be somebody's name."""
    FORENAME: Final = GIVEN | OURS_GIVEN
    SURNAME: Final = FAMILY | OURS_FAMILY


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Names:
    """Everything that decides what one school may publish; made by ``of``. ``repr`` shows none of it.

    ``digest``: hex SHA-256 over register, terms and lexicon; what is published under one digest is always the same. ``marks``:
    words that are also names. ``pairs``: given and family names of one pupil. ``strong``: names that are no words; ``near``:
    all of them, for what is a letter off; ``leet``: all, with digits for letters. ``splits``:
    names in two words. ``phrases``: by first word, longest first, with True for a term the school declared.
    """

    digest: str
    lexicon: Lexicon
    marks: Mapping[str, int]
    pairs: frozenset[tuple[str, str]]
    initials: frozenset[str]
    strong: Strong
    near: Strong
    leet: frozenset[str]
    splits: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]]

    @classmethod
    def of(cls, pupils: Iterable[PupilNames], *, lexicon: Lexicon, terms: Iterable[str] = ()) -> Self:
        """Read a register, once per version of it. Order, repetition and spelling of marks and case do not matter.

        A declared term is left out if a word of it is a strong name on the register, or if it is one word and that a name there.
        """
        known = {forms_of(pupil, lexicon.nicknames) for pupil in pupils}
        given, family, short = (frozenset(_all(known, part)) for part in ("given", "family", "short"))
        pairs = frozenset(pair for forms in known for pair in _pairs(forms))
        marks = _marks(given, family, short, lexicon)
        _mark_hidden(marks, known, lexicon)
        ours = given | family | short
        declared = {phrase for term in terms if (phrase := phrase_of(term)) and not (len(phrase) == 1 and phrase[0] in ours)}
        strong = ours - lexicon.words
        splits = _splits(given | family, lexicon.words)
        for head in splits:
            marks[head] = marks.get(head, 0) | Mark.SPLIT
        said = [
            _VERSION,
            lexicon.digest,
            *sorted(map(repr, (sorted(pairs), sorted(declared), *map(sorted, (given, family, short))))),
        ]
        return cls(
            digest=hashlib.sha256("\n".join(said).encode()).hexdigest(),
            lexicon=lexicon,
            marks=MappingProxyType(marks),
            pairs=pairs,
            initials=frozenset(f"{one[0]}{two[0]}" for one, two in pairs),
            strong=Strong.of(strong),
            near=Strong.of(given | family),
            leet=frozenset(leet(name) for name in ours if len(name) >= _SHORTEST_RESPELT),
            splits=splits,
            phrases=_phrases(lexicon.phrases, declared, strong=strong, given=given | short, pairs=pairs),
        )

    def __repr__(self) -> str:
        return f"Names(digest={self.digest!r})"


def _all(known: Iterable[Forms], part: str) -> Iterator[str]:
    for forms in known:
        yield from getattr(forms, part)


def _pairs(forms: Forms) -> Iterator[tuple[str, str]]:
    given = forms.given | forms.short
    for one in given:
        for two in forms.family:
            yield from ((one, two), (two, one))
        yield from ((one, other) for other in forms.given if other != one)


def _marks(given: AbstractSet[str], family: AbstractSet[str], short: AbstractSet[str], lexicon: Lexicon) -> dict[str, int]:
    marks: defaultdict[str, int] = defaultdict(int)
    for words, mark in (
        (lexicon.first_names, Mark.NAME),
        (lexicon.given, Mark.GIVEN),
        (lexicon.family, Mark.FAMILY),
        (given & lexicon.words - FUNCTION_WORDS, Mark.NAME | Mark.OURS_GIVEN),
        (family & lexicon.words - FUNCTION_WORDS, Mark.NAME | Mark.OURS_FAMILY),
        (short & lexicon.words - FUNCTION_WORDS, Mark.NEAR | Mark.OURS_GIVEN),
        (given & FUNCTION_WORDS, Mark.SMALL | Mark.OURS_GIVEN),
        (family & FUNCTION_WORDS, Mark.SMALL | Mark.OURS_FAMILY),
    ):
        for word in words:
            marks[word] |= mark
    for name in given | family:
        plural = name if name.endswith("s") else f"{name}s"
        if plural in lexicon.words and plural not in FUNCTION_WORDS:
            marks[plural] |= Mark.PLURAL | (Mark.OURS_PLURAL if name in given else 0)
        if len(name) >= _SHORTEST_RESPELT:
            for word in respelt(name):
                if word != name and word in lexicon.words and word not in FUNCTION_WORDS:
                    marks[word] |= Mark.NEAR
                    if name in given and f"{word}s" in lexicon.words and f"{word}s" not in FUNCTION_WORDS:
                        marks[f"{word}s"] |= Mark.PLURAL | Mark.OURS_PLURAL
    return dict(marks)


def _mark_hidden(marks: dict[str, int], known: Iterable[Forms], lexicon: Lexicon) -> None:
    for forms in known:
        backwards = (name[::-1] for name in forms.given | forms.family)
        behind = (f"{letter}{name}" for letter in {name[0] for name in forms.given} for name in forms.family)
        joined = (f"{one}{two}" for one, two in _pairs(forms))
        for word in joined:
            if word in lexicon.words:
                marks[word] = marks.get(word, 0) | Mark.NAME
        for word in (*backwards, *behind):
            if len(word) >= _SHORTEST_RESPELT and word in lexicon.words and word not in FUNCTION_WORDS:
                marks[word] = marks.get(word, 0) | Mark.HIDDEN


def _splits(strong: Iterable[str], words: AbstractSet[str]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in strong:
        for place in range(1, len(name)) if len(name) >= _JOINED else ():
            one, two = name[:place], name[place:]
            if (one in words or len(one) == 1) and (two in words or len(two) == 1):
                found[one].add(two)
    return MappingProxyType({one: frozenset(two) for one, two in found.items()})


def _phrases(
    shipped: Iterable[_Phrase],
    declared: AbstractSet[_Phrase],
    *,
    strong: AbstractSet[str],
    given: frozenset[str],
    pairs: AbstractSet[tuple[str, str]],
) -> Mapping[str, tuple[tuple[_Phrase, bool], ...]]:
    """Phrases without a strong name; of the shipped, those that are no two pupils (Holly and Ivy) and no pupil's two names."""
    found: defaultdict[str, list[tuple[_Phrase, bool]]] = defaultdict(list)
    for phrase in declared:
        if strong.isdisjoint(phrase):
            found[phrase[0]].append((phrase, True))
    for phrase in shipped:
        somebody = not strong.isdisjoint(phrase) or len(given.intersection(phrase)) > 1 or not pairs.isdisjoint(pairwise(phrase))
        if not somebody and phrase not in declared:
            found[phrase[0]].append((phrase, False))
    return MappingProxyType({head: tuple(sorted(some, key=lambda one: (-len(one[0]), one))) for head, some in found.items()})
