"""Register files for the tests: rows as a school office would type them, and what became of them."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from service.mis.csvfile import AnswerRow, FileRefused, Problem, ProblemCode, PupilRow, read

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AMELIA, OISIN = "G999299924001", "W999299924002"
PUPIL: Mapping[str, str] = {
    "upn": AMELIA,
    "forename": "Amelia",
    "surname": "Khan",
    "reg_group": "Kestrel",
    "year_group": "1",
}
MOTHER: Mapping[str, str] = {**PUPIL, "relation": "mother", "authority": "parental-responsibility"}
YES: Mapping[str, str] = {**MOTHER, "website_group": "yes", "answered_at": "2026-09-03"}
ZOE: Mapping[str, str] = {**YES, "forename": "Zo\u00eb"}


def sheet(*rows: Mapping[str, str], delimiter: str = ",", end: str = "\r\n") -> str:
    heading = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, heading, restval="", delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def pupils(text: str | bytes) -> tuple[PupilRow, ...]:
    return read(text if isinstance(text, bytes) else text.encode(), now=NOW).pupils


def problems(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(FileRefused) as refused:
        pupils(text)
    return refused.value.problems


def only_problem(text: str | bytes) -> tuple[int, str, ProblemCode]:
    (problem,) = problems(text)
    return problem.row, problem.column, problem.code


def answers(text: str) -> tuple[AnswerRow, ...]:
    return pupils(text)[0].persons[0].answers
