"""Scrubbing from the command line: a register and a school's terms from a file, texts as JSON lines. Needs no database."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from consent.names import Field as Where
from consent.names import Names, PupilNames, scrub
from storage.lexicon import shipped_lexicon

_LONGEST: Final = 1_000_000  # bytes of one line; a text over its field's limit is answered, not refused
_ALSO: Final = {"filename": Where.FILE_NAME, "file_name": Where.FILE_NAME, "tags": Where.TAG}

_Name = Annotated[str, StringConstraints(max_length=300)]


class NotScrubbable(Exception):
    """A register file or a line cannot be read. The message says where and what was expected, and nothing of what was there."""


class _Entry(BaseModel):
    """One pupil's names; what else a file says of them is not read."""

    model_config = ConfigDict(extra="ignore", strict=True)

    forename: _Name | None = None
    middle: _Name | None = None
    surname: _Name | None = None
    known_as: _Name | None = None
    former_surnames: list[_Name] | None = None
    former_forenames: list[_Name] | None = None


class _RegisterFile(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    register_: list[_Entry] = Field(alias="register")
    school_terms: list[_Name] = []


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(max_length=200)] | int
    field: str
    text: str


def read_names(content: bytes) -> Names:
    """Read a register file. Raises NotScrubbable."""
    try:
        found = _RegisterFile.model_validate_json(content)
    except ValidationError as fault:
        place = ".".join(str(part) for part in fault.errors()[0]["loc"] if isinstance(part, int) or part.isidentifier())
        raise NotScrubbable(f"The register file is not what docs/names.md says{f' at {place}' if place else ''}.") from None
    pupils = (
        PupilNames(
            forename=one.forename,
            middle=one.middle,
            surname=one.surname,
            known_as=one.known_as,
            former_surnames=tuple(one.former_surnames or ()),
            former_forenames=tuple(one.former_forenames or ()),
        )
        for one in found.register_
    )
    return Names.of(pupils, lexicon=shipped_lexicon(), terms=found.school_terms)


def scrub_lines(lines: Iterable[bytes], names: Names) -> Iterator[str]:
    """Scrub one JSON line after the other, in order; blank lines are passed over. Raises NotScrubbable at the first bad one."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _scrub_line(line, number, names)


def _scrub_line(line: bytes, number: int, names: Names) -> str:
    try:
        asked = _Line.model_validate_json(line if len(line) <= _LONGEST else b"")
        where = _ALSO.get(asked.field) or Where(asked.field)
    except ValueError:
        expected = '{"id","field","text"} with a field of ' + ", ".join(Where)
        raise NotScrubbable(f"Line {number} is not {expected}.") from None
    done = scrub(asked.text, where, names=names)
    answer = {
        "id": asked.id,
        "action": done.action.value,
        "text": done.text,
        "removed": [{"start": one.start, "end": one.end, "reason": one.reason.value} for one in done.removed],
        "hold_reasons": [reason.value for reason in done.hold_reasons],
    }
    return json.dumps(answer, ensure_ascii=False)
