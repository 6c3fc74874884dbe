"""docs/register-csv.md says what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose
from service.mis import columns
from service.mis.csvfile import ProblemCode, read

DOCUMENT = (Path(__file__).parents[3] / "docs" / "register-csv.md").read_text(encoding="utf-8")
FIRST_CELLS = re.findall(r"^\| `([^`]+)` \|", DOCUMENT, re.MULTILINE)


def test_every_column_is_documented_in_the_order_it_is_written() -> None:
    assert tuple(cell for cell in FIRST_CELLS if cell in columns.ALL) == columns.ALL


def test_every_problem_is_documented_and_no_other() -> None:
    assert [cell for cell in FIRST_CELLS if ":" in cell and " " not in cell] == [code.value for code in ProblemCode]


@pytest.mark.parametrize("vocabulary", [LegalStatus, Relation, Authority, Purpose])
def test_every_word_of_a_column_is_documented(vocabulary: type[LegalStatus | Relation | Authority | Purpose]) -> None:
    assert [word for word in vocabulary if f"`{word.value}`" not in DOCUMENT] == []


def test_the_example_reads_as_the_document_says() -> None:
    example = DOCUMENT.split("```")[1].strip()
    amelia, oisin, summer = read(example.encode(), now=datetime(2026, 11, 22, tzinfo=UTC)).pupils
    said = [
        [[(answer.purpose, answer.given, answer.answered_at is None) for answer in person.answers] for person in pupil.persons]
        for pupil in (amelia, oisin, summer)
    ]
    group, single = Purpose.WEBSITE_GROUP, Purpose.WEBSITE_INDIVIDUAL
    assert said == [
        [[(group, True, False), (single, False, False)], [(group, True, False)]],
        [],
        [[(group, False, True), (single, False, True)]],
    ]
