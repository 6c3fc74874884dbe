"""The register CSV, profile "gatekeeper": one row for each pupil and answering person (docs/register-csv.md)."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256

from consent.purposes import Purpose
from service.mis import columns
from service.mis.lines import Reader
from service.mis.refusal import FileRefused, Problem, ProblemCode, Problems, Unwritable, refuse
from service.mis.roll import Roll
from service.mis.rows import AnswerRow, PersonRow, PupilRow, RegisterFile
from service.mis.table import lines

__all__ = [
    "AnswerRow",
    "FileRefused",
    "PersonRow",
    "Problem",
    "ProblemCode",
    "PupilRow",
    "RegisterFile",
    "Unwritable",
    "read",
    "write",
]

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def read(untrusted: bytes, *, now: datetime) -> RegisterFile:
    """Read a whole file or nothing of it. Pupils come in the order of their first rows, people in the order of theirs.

    ``now``: an aware time; no answer is dated later. A bare date dates a yes at the start of that day in UTC and a no at the
    end of it (not after ``now``): of a yes and a no on one day the no came last.

    Raises FileRefused with every problem found, 50 at most. Does NOT echo a value, does NOT change anything, does NOT judge
    whose yes counts (``consent.answers``).
    """
    found = Problems()
    roll = Roll(found)
    for line in lines(untrusted, found):
        before = len(found)
        reader = Reader(line=line, now=now, found=found)
        if not reader.is_legible():
            continue
        pupil, person = reader.pupil(), reader.person()
        if len(found) == before:
            roll.add(line.number, pupil, person)
    found.settle()
    pupils = roll.pupils()
    if not pupils:
        raise refuse(ProblemCode.FILE_NO_PUPILS)
    return RegisterFile(digest=sha256(untrusted).hexdigest(), pupils=pupils)


def write(rows: Iterable[PupilRow]) -> bytes:
    """Write pupils as this profile: UTF-8 with its mark, commas, every column. Without a pupil: the heading alone, a template.

    What is written has been read back and is what was given. Raises Unwritable where that cannot be: answers of one person with
    different dates, high-profile answers, a name that begins like a formula, a time without a zone, one UPN twice. Does NOT
    escape, shorten or leave out anything to make it fit.
    """
    pupils = tuple(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns.ALL, restval="")
    writer.writeheader()
    for pupil in pupils:
        facts = _pupil_cells(pupil)
        writer.writerows({**facts, **_person_cells(person)} for person in pupil.persons)
        if not pupil.persons:
            writer.writerow(facts)
    content = text.getvalue().encode("utf-8-sig", errors="surrogatepass")
    if pupils and not _reads_back(content, pupils):
        raise Unwritable("the rows cannot be said in this profile")
    return content


def _reads_back(content: bytes, pupils: tuple[PupilRow, ...]) -> bool:
    try:
        return read(content, now=_END_OF_TIME).pupils == pupils
    except FileRefused:
        return False


def _pupil_cells(pupil: PupilRow) -> dict[str, str]:
    return {
        "upn": pupil.upn,
        "forename": pupil.forename,
        "middle": pupil.middle,
        "surname": pupil.surname,
        "known_as": pupil.known_as,
        "former_surnames": ";".join(pupil.former_surnames),
        "reg_group": pupil.reg_group,
        "year_group": pupil.year_group,
        "joined_on": _day(pupil.joined_on),
        "left_on": _day(pupil.left_on),
        "legal_status": pupil.legal_status.value if pupil.legal_status else "",
        "legal_status_since": pupil.legal_status_since.isoformat() if pupil.legal_status_since else "",
    }


def _person_cells(person: PersonRow) -> dict[str, str]:
    given = {answer.purpose: answer.given for answer in person.answers}
    return {
        "relation": person.relation.value,
        "authority": person.authority.value,
        "person": person.person_code,
        "barred": _word(person.barred, "yes", "no"),
        "delegated": _purposes(person.delegated),
        "asked": _purposes(person.asked),
        **{column: _word(given.get(purpose), "yes", "no") for column, purpose in columns.ANSWERS.items()},
        "answered_at": _answered_at(person.answers),
        "expires_on": _day(next((answer.expires_on for answer in person.answers if answer.given), None)),
    }


def _answered_at(answers: tuple[AnswerRow, ...]) -> str:
    """The one cell that dates every answer of a row: their common time, or the day that a yes begins and a no ends."""
    times = {answer.answered_at for answer in answers}
    common = next(iter(times), None)
    if common is None or len(times) == 1:
        return common.isoformat() if common else ""
    return common.date().isoformat()


def _word(said: bool | None, true: str, false: str) -> str:  # noqa: FBT001 - the value of one cell
    return "" if said is None else true if said else false


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _purposes(purposes: frozenset[Purpose]) -> str:
    return ";".join(purpose.value for purpose in Purpose if purpose in purposes)
