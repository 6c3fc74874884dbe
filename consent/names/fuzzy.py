"""Names that are no words, found in other non-words: a letter off, vowels left out, joined to something else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from rapidfuzz.distance import OSA

_FUZZY: Final = 4  # letters from which one letter off is still that name
_INSIDE: Final = 4  # letters from which a name is found inside a longer word
_SKELETON: Final = 3  # consonants from which a name is known without its vowels
_VOWELS: Final = frozenset("aeiouy")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Strong:
    """The strong names of a register: those that are no words. ``repr`` shows none.

    ``shortened``: each with one letter left out -> the names it may be, so that a look-up finds every neighbour.
    """

    names: frozenset[str]
    shortened: Mapping[str, frozenset[str]]
    skeletons: frozenset[str]

    @classmethod
    def of(cls, names: AbstractSet[str]) -> Self:
        """Index the names, once per register."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name in names:
            if len(name) >= _FUZZY:
                for short in (name, *_shortened(name)):
                    found[short].add(name)
        skeletons = frozenset(bones for name in names if len(bones := _skeleton(name)) >= _SKELETON)
        shortened = MappingProxyType({short: frozenset(long) for short, long in found.items()})
        return cls(names=frozenset(names), shortened=shortened, skeletons=skeletons)

    def one_letter_off(self, word: str) -> bool:
        """True if one letter more, less or other, or two swapped, make a strong name of the word."""
        return any(True for _ in self.neighbours(word))

    def neighbours(self, word: str) -> Iterator[str]:
        """Yield each strong name that one letter more, less or other, or two swapped, make of the word."""
        candidates = {name for short in (word, *_shortened(word)) for name in self.shortened.get(short, ())}
        yield from (name for name in candidates if OSA.distance(word, name, score_cutoff=1) <= 1)

    def hides_in(self, word: str) -> bool:
        """True if a strong name may be meant by a word that is no word: exactly, misspelt, without vowels, joined, reversed."""
        return (
            word in self.names
            or word[::-1] in self.names
            or self.one_letter_off(word)
            or _skeleton(word) in self.skeletons
            or any(part in self.names for part in _parts(word))
        )


def _shortened(word: str) -> Iterable[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _skeleton(word: str) -> str:
    return "".join(char for char in word if char not in _VOWELS)


def _parts(word: str) -> Iterator[str]:
    for start in range(len(word) - _INSIDE + 1):
        yield from (word[start:end] for end in range(start + _INSIDE, len(word) + 1))
