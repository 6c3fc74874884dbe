"""Who may be meant by a few words: the pupils of one roll who are called so, as the register spells it or nearly so."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self

from consent.names.fuzzy import Strong
from consent.names.lexicon import Lexicon
from consent.names.pupil import PupilNames, forms_of
from consent.people import PupilId

MOST_WORDS: Final = 8
"""The longest name that is looked for, in words."""
_JOINED: Final = 4  # words that may be one name, written apart: de la Cruz, Mc Donald


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Called:
    """What one pupil is called, folded.

    ``own``: names that mean this pupil by themselves (forename, known-as, former forenames, nicknames). ``given``: those and
    middle names. ``joined``: a given and a family name run together.
    """

    own: frozenset[str]
    given: frozenset[str]
    family: frozenset[str]
    joined: frozenset[str]

    @classmethod
    def of(cls, pupil: PupilNames, lexicon: Lexicon) -> Self:
        """Fold a pupil's names with the forms that the scrub knows."""
        own, every = (forms_of(one, lexicon.nicknames) for one in (replace(pupil, middle=None), pupil))
        given = every.given | own.short
        joined = (whole for one in given for two in every.family for whole in (f"{one}{two}", f"{two}{one}"))
        return cls(own=own.given | own.short, given=given, family=every.family, joined=frozenset(joined))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Roll:
    """The pupils among whom is looked, made by ``of``. ``repr`` shows none. Nobody else can be found, nor makes a difference."""

    called: Mapping[PupilId, Called]
    by_name: Mapping[str, frozenset[PupilId]]
    near: Strong

    @classmethod
    def of(cls, pupils: Mapping[PupilId, PupilNames], *, lexicon: Lexicon) -> Self:
        """Index the pupils by every name."""
        called = {pupil: Called.of(names, lexicon) for pupil, names in pupils.items()}
        found: defaultdict[str, set[PupilId]] = defaultdict(set)
        for pupil, names in called.items():
            for name in names.given | names.family | names.joined:
                found[name].add(pupil)
        by_name = MappingProxyType({name: frozenset(some) for name, some in found.items()})
        return cls(called=MappingProxyType(called), by_name=by_name, near=Strong.of(found.keys()))

    def meant(self, words: Sequence[str], *, in_full: bool = False) -> frozenset[PupilId]:
        """Return who may be meant if every word is a name of theirs, exactly, or an initial; nobody if a word is none.

        One of the words MUST be a name of their own: neither a middle name nor a family name means one pupil. ``in_full``:
        there MUST be a family name as well.
        """
        return frozenset(pupil for pupil in self._candidates(words) if _fits(words, self.called[pupil], in_full=in_full))

    def resembled(self, words: Sequence[str]) -> frozenset[PupilId]:
        """Return who may be meant by a family name, an initial with it, or names with a letter wrong. A guess to be offered."""
        spellings = [frozenset((word, *self.near.neighbours(word))) for word in words[:MOST_WORDS]]
        maybe = frozenset[PupilId]().union(*(self.by_name.get(name, ()) for some in spellings for name in some))
        return frozenset(pupil for pupil in maybe if all(_is_near(some, self.called[pupil]) for some in spellings))

    def _candidates(self, words: Sequence[str]) -> frozenset[PupilId]:
        if not 0 < len(words) <= MOST_WORDS:
            return frozenset()
        return frozenset[PupilId]().union(*(self.by_name.get(name, ()) for _, name in _pieces(words, 0)))


def _fits(words: Sequence[str], called: Called, *, in_full: bool) -> bool:
    """True if the words can be cut into this pupil's names, with one of the pupil's own among them."""
    initials = frozenset(name[0] for name in called.given | called.family)
    reached: set[tuple[int, bool, bool]] = {(0, False, False)}  # words read, an own name was there, a family name was there
    for at in range(len(words)):
        for _, own, family in [state for state in reached if state[0] == at]:
            if len(words[at]) == 1 and words[at] in initials:
                reached.add((at + 1, own, family))
            for end, name in _pieces(words, at):
                if name in called.joined:
                    reached.add((end, True, True))
                if name in called.given:
                    reached.add((end, own or name in called.own, family))
                if name in called.family:
                    reached.add((end, own, True))
    return any(end == len(words) and own and (family or not in_full) for end, own, family in reached)


def _is_near(spellings: frozenset[str], called: Called) -> bool:
    names = called.given | called.family | called.joined
    return not spellings.isdisjoint(names) or any(len(one) == 1 and any(name[0] == one for name in names) for one in spellings)


def _pieces(words: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
    """Yield what may be one name from here: this word, and this word with the next ones run together."""
    for end in range(start + 1, min(start + _JOINED, len(words)) + 1):
        yield end, "".join(words[start:end])
