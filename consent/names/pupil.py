"""The names of one pupil, in every form they are looked for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from consent.names.canonical import canonical
from consent.names.fold import fold, spelt_out

_DOUBLED: Final = re.compile(r"(.)\1")
_LEET: Final = str.maketrans("oileasgtb", "011345978")
_SWAPS: Final = (
    *(
        ("y", "i"),
        ("i", "y"),
        ("ie", "y"),
        ("y", "ie"),
        ("ey", "y"),
        ("c", "k"),
        ("k", "c"),
        ("ck", "k"),
        ("ph", "f"),
        ("f", "ph"),
    ),
    *(("s", "z"), ("z", "s"), ("ai", "a"), ("ae", "e"), ("a", "ai"), ("ee", "ea"), ("ea", "ee"), ("h", ""), ("e", "")),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PupilNames:
    """Every name of one pupil, as the register spells it; None and "" are no name. ``repr`` shows none."""

    forename: str | None
    surname: str | None
    middle: str | None = None
    known_as: str | None = None
    former_surnames: tuple[str, ...] = ()
    former_forenames: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "PupilNames(...)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Forms:
    """A pupil's names, folded: whole ("annemarie") and in parts ("anne", "marie"). ``short``: nicknames of the given ones."""

    given: frozenset[str]
    family: frozenset[str]
    short: frozenset[str]


def forms_of(pupil: PupilNames, nicknames: Mapping[str, frozenset[str]]) -> Forms:
    """Fold a pupil's names. Order and case do not matter; a single letter is no name."""
    given = _forms((pupil.forename, pupil.middle, pupil.known_as, *pupil.former_forenames))
    family = _forms((pupil.surname, *pupil.former_surnames))
    short = frozenset(nick for name in given for nick in nicknames.get(name, ()))
    return Forms(given=given, family=family, short=short - given)


def respelt(name: str) -> Iterator[str]:
    """Other spellings under which a name may happen to be a word: Scarlett and scarlet, Robyn and robin."""
    single = _DOUBLED.sub(r"\1", name)
    yield single
    yield from (f"{name[:place]}{char}{name[place:]}" for place, char in enumerate(name))
    for spelling in {name, single}:
        yield from (spelling.replace(old, new) for old, new in _SWAPS if old in spelling)
        yield f"{spelling}e"


def leet(word: str) -> str:
    """Write every letter as the digit it may be written as: oscar and 05c4r are 05c4r."""
    return word.translate(_LEET)


def _forms(names: Iterable[str | None]) -> frozenset[str]:
    return frozenset(form for name in names if name for form in _forms_of_one(name) if len(form) > 1)


def _forms_of_one(name: str) -> Iterator[str]:
    shown = canonical(name) or name
    for spell in (fold, spelt_out):
        parts = [spell(part) for part in re.split(r"[\s\-]+", shown)]
        yield "".join(parts)
        yield from parts
        yield from (spell(part) for part in re.split(r"[\s\-'’.]+", shown))
