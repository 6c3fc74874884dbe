"""The labelled cases: texts with the places that must not survive and the words that must (tests/names/cases/labelled.json)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent.names import Action, Field, Names, PupilNames, scrub
from storage.lexicon import shipped_lexicon
from tests.names.forms import Case
from tests.names.scoring import letters, survives

_FIELDS: Final = {"filename": Field.FILE_NAME} | {field.value: field for field in Field}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one case. ``lost``: a word that had to stay is gone and nobody is asked."""

    id: str
    kind: str
    innocent: bool
    leaked: bool
    held: bool
    lost: bool


def labelled_names() -> Names:
    """The register and the terms of the labelled cases."""
    read = _read()
    pupils = (
        PupilNames(
            forename=one["forename"],
            middle=one["middle"],
            surname=one["surname"],
            known_as=one["known_as"],
            former_surnames=tuple(one["former_surnames"]),
        )
        for one in read["register"]
    )
    return Names.of(pupils, lexicon=shipped_lexicon(), terms=read["meta"]["school_terms"])


def verdicts() -> Iterator[Verdict]:
    """Scrub every case."""
    names = labelled_names()
    strong = names.strong.names
    for one in _read()["cases"]:
        spans = tuple((span["start"], span["end"]) for span in one["must_remove"])
        case = Case(
            kind=one["class"], field=_FIELDS[one["field"]], text=one["text"], spans=spans, parts=strong if spans else frozenset()
        )
        done = scrub(case.text, case.field, names=names)
        kept = all(letters(word) in letters(done.text) for word in one["must_keep"])
        yield Verdict(
            id=one["id"],
            kind=case.kind,
            innocent=not spans,
            leaked=done.action is Action.PUBLISH and survives(case, done.text),
            held=done.action is not Action.PUBLISH,
            lost=not kept and done.action is not Action.HOLD,
        )


def labelled_figures() -> dict[str, int]:
    found = list(verdicts())
    innocent = [one for one in found if one.innocent]
    return {
        "cases": len(found),
        "leaked": sum(one.leaked for one in found),
        "innocent": len(innocent),
        "innocent_damaged": sum(one.lost for one in innocent),
        "innocent_held": sum(one.held for one in innocent),
    }


def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "cases/labelled.json").read_text(encoding="utf-8"))
    return found
