"""Counting what gets through: the same measures for the benchmark and for the tests, which use fewer people."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.names import Lexicon, Names, PupilNames
from tests.names.forms import FORMS, STRANGERS, WHERE, put
from tests.names.people import strangers
from tests.names.scoring import leaks

WHOLE = frozenset({"full caption", "full in sentence", "full file", "full tag", "snake", "pascal", "swapped"})
"""Forms of a stranger's name in which both names stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many texts of each class there were, and in how many a name survived."""

    texts: Counter[str]
    leaked: Counter[str]

    @property
    def share(self) -> float:
        """Leaks in 100 texts."""
        return 100 * self.leaked.total() / self.texts.total()


def of_pupils(pupils: Sequence[PupilNames], names: Names, seed: int) -> Counted:
    """Write every pupil's names in every form."""
    dice = random.Random(seed)
    made = (case for pupil in pupils for make in FORMS.values() for case in make(dice, pupil))
    return _count((case.kind, leaks(case, names)) for case in made)


def of_strangers(count: int, names: Names, seed: int) -> Counted:
    """Write the names of people who are on no register in every form."""
    people = list(strangers(seed, count))
    cases = (
        put(kind, WHERE[kind], make(first, last), f"{first} {last}" if kind in WHOLE else "")
        for first, last in people
        for kind, make in STRANGERS.items()
    )
    return _count((case.kind, leaks(case, names)) for case in cases)


def register(pupils: Sequence[PupilNames], lexicon: Lexicon) -> Names:
    return Names.of(pupils, lexicon=lexicon)


def _count(found: Iterable[tuple[str, bool]]) -> Counted:
    texts: Counter[str] = Counter()
    leaked: Counter[str] = Counter()
    for kind, leak in found:
        texts[kind] += 1
        leaked[kind] += leak
    return Counted(texts=texts, leaked=leaked)
