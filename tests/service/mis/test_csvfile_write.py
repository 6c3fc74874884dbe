"""The register CSV: what is written, and what is not."""

from dataclasses import replace
from datetime import datetime

import pytest

from consent.purposes import Purpose
from service.mis import columns
from service.mis.csvfile import PupilRow, Unwritable, write
from tests.service.mis.sheets import NOW, YES, pupils, sheet


def test_a_template_is_the_heading_alone() -> None:
    assert write(()) == b"\xef\xbb\xbf" + ",".join(columns.ALL).encode() + b"\r\n"


def test_a_bare_date_is_written_back_as_one() -> None:
    rows = pupils(sheet({**YES, "website_individual": "no", "answered_at": "03/04/2026"}))
    assert b",2026-04-03," in write(rows)


AMELIA_ROW = pupils(sheet({**YES, "website_individual": "yes"}))[0]
PERSON_ROW = AMELIA_ROW.persons[0]
FIRST, SECOND = PERSON_ROW.answers


@pytest.mark.parametrize(
    "rows",
    [
        (replace(AMELIA_ROW, surname="=1"),),
        (replace(AMELIA_ROW, surname=" Khan"),),
        (replace(AMELIA_ROW, surname=""),),
        (replace(AMELIA_ROW, surname="Kh\ud800an"),),
        (replace(AMELIA_ROW, surname="Zoe\u0308"),),
        (replace(AMELIA_ROW, former_surnames=("Khan;Byrne",)),),
        (replace(AMELIA_ROW, year_group="7"),),
        (replace(AMELIA_ROW, upn="A999299924001"),),
        (replace(AMELIA_ROW, legal_status_since=NOW),),
        (AMELIA_ROW, AMELIA_ROW),
        (replace(AMELIA_ROW, persons=(PERSON_ROW, PERSON_ROW)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, person_code="a b"),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(SECOND, FIRST)),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(FIRST, replace(SECOND, answered_at=NOW))),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(FIRST, replace(SECOND, answered_at=None))),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(FIRST, replace(SECOND, expires_on=NOW.date()))),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(replace(FIRST, given=False, expires_on=NOW.date()),)),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(replace(FIRST, purpose=Purpose.HIGH_PROFILE),)),)),),
        (replace(AMELIA_ROW, persons=(replace(PERSON_ROW, answers=(replace(FIRST, answered_at=datetime(2026, 1, 1)),)),)),),  # noqa: DTZ001
    ],
)
def test_rows_that_would_not_read_back_are_not_written(rows: tuple[PupilRow, ...]) -> None:
    with pytest.raises(Unwritable):
        write(rows)
