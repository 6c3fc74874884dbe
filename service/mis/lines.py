"""One row of the file -> the facts about its pupil and what one person answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from consent.people import Authority, LegalStatus, Relation
from service.mis import cells, columns
from service.mis.cells import BadCell
from service.mis.moments import Moment
from service.mis.refusal import ProblemCode, Problems
from service.mis.rows import AnswerRow, PersonRow, PupilRow
from service.mis.table import Line

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one row. What is wrong goes to ``found``; a value read in its place is never used, since the file is refused.

    ``now``: no answer and no legal status is dated later.
    """

    line: Line
    now: datetime
    found: Problems

    def is_legible(self) -> bool:
        """Note every cell that is too long or holds characters that cannot be seen. True if there is none."""
        read = [self._read(column, cells.legible, None) for column in self.line.cells]
        return None not in read

    def pupil(self) -> PupilRow:
        """Read the facts about the pupil, without the person."""
        joined_on, left_on = self._read("joined_on", cells.day, None), self._read("left_on", cells.day, None)
        if joined_on is not None and left_on is not None and left_on < joined_on:
            self._note("left_on", ProblemCode.DATE_ORDER)
        return PupilRow(
            upn=self._read("upn", cells.pupil_number, ""),
            forename=self._read("forename", cells.required_name, ""),
            middle=self._read("middle", cells.name, ""),
            surname=self._read("surname", cells.required_name, ""),
            known_as=self._read("known_as", cells.name, ""),
            former_surnames=self._read("former_surnames", cells.names, ()),
            reg_group=self._read("reg_group", cells.required_label, ""),
            year_group=self._read("year_group", cells.year_group, ""),
            joined_on=joined_on,
            left_on=left_on,
            legal_status=self._read("legal_status", lambda cell: cells.word(cell, LegalStatus), None),
            legal_status_since=self._legal_status_since(),
            persons=(),
        )

    def person(self) -> PersonRow | None:
        """Read who answers and what; None if the row names nobody."""
        relation = self._read("relation", lambda cell: cells.word(cell, Relation), None)
        authority = self._read("authority", lambda cell: cells.word(cell, Authority), None)
        answers = self._answers()
        if not self._cell("relation"):
            for column in (*columns.PERSON, *columns.ANSWERS, *columns.WHEN):
                if self._cell(column):
                    self._note(column, ProblemCode.PERSON_NO_RELATION)
        elif answers and not self._cell("authority"):
            self._note("authority", ProblemCode.ANSWER_NO_AUTHORITY)
        row = PersonRow(
            relation=relation or Relation.OTHER,
            authority=authority or Authority.UNKNOWN,
            person_code=self._read("person", cells.person_code, ""),
            barred=self._read("barred", cells.yes_or_no, None),
            delegated=self._read("delegated", cells.purposes, frozenset()),
            asked=self._read("asked", cells.purposes, frozenset()),
            answers=answers,
        )
        return row if relation is not None else None

    def _answers(self) -> tuple[AnswerRow, ...]:
        """Read the answers. A yes is as old as it can be and a no as young: in doubt the no came later."""
        when = self._past("answered_at")
        expires_on = self._read("expires_on", cells.day, None)
        if when is not None and expires_on is not None and expires_on < when.earliest.date():
            self._note("expires_on", ProblemCode.DATE_ORDER)
        read = {purpose: self._read(column, cells.answer, None) for column, purpose in columns.ANSWERS.items()}
        return tuple(
            AnswerRow(
                purpose=purpose,
                given=given,
                answered_at=_first(when) if given else _last(when),
                expires_on=expires_on if given else None,
            )
            for purpose, given in read.items()
            if given is not None
        )

    def _legal_status_since(self) -> datetime | None:
        """Read since when; in doubt as late as it can be, so that every yes that may be older is void."""
        since: datetime | None = _last(self._past("legal_status_since"))
        if since is not None and not self._cell("legal_status"):
            self._note("legal_status", ProblemCode.CELL_REQUIRED)
        return since

    def _past(self, column: str) -> Moment | None:
        moment = self._read(column, cells.moment, None)
        if moment is None:
            return None
        if moment.earliest > self.now:
            self._note(column, ProblemCode.DATE_FUTURE)
        return moment.not_after(self.now)

    def _read(self, column: str, parse: Callable[[str], _Value], otherwise: _Value) -> _Value:
        try:
            return parse(self._cell(column))
        except BadCell as bad:
            self._note(column, bad.code)
            return otherwise

    def _cell(self, column: str) -> str:
        return self.line.cells.get(column, "")

    def _note(self, column: str, code: ProblemCode) -> None:
        self.found.add(self.line.number, column, code)


def _first(moment: Moment | None) -> datetime | None:
    return None if moment is None else moment.earliest


def _last(moment: Moment | None) -> datetime | None:
    return None if moment is None else moment.latest
