"""Laws of the register CSV: it reads back what was written, survives any bytes, and never makes a yes out of a fault."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose
from service.mis import columns
from service.mis.cells import BadCell, name
from service.mis.csvfile import AnswerRow, FileRefused, PersonRow, PupilRow, RegisterFile, read, write
from service.mis.upn import check_letter

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

# --- any pupils -----------------------------------------------------------------------------------------------------------


def reads_as_itself(text: str) -> bool:
    try:
        return name(text) == text
    except BadCell:
        return False


words = st.text(st.characters(categories=["L", "Mn", "P", "Zs"]), min_size=1, max_size=12).filter(reads_as_itself)
surnames = words.filter(lambda text: ";" not in text)
past_days = st.dates(min_value=date(1990, 1, 1), max_value=NOW.date() - timedelta(days=1))
instants = st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2026, 11, 22), timezones=st.just(UTC))  # noqa: DTZ001
purposes = st.frozensets(st.sampled_from(Purpose))


@st.composite
def answers(draw: st.DrawFn) -> tuple[AnswerRow, ...]:
    given_or_not = draw(st.lists(st.sampled_from([True, False, None]), min_size=5, max_size=5))
    day, instant = draw(past_days), draw(st.none() | instants)
    whole_day = draw(st.booleans())
    expires_on = draw(st.none() | st.dates(min_value=NOW.date(), max_value=date(2099, 12, 31)))

    def answered_at(yes: bool) -> datetime | None:
        return datetime.combine(day, time.min if yes else time.max, UTC) if whole_day else instant

    return tuple(
        AnswerRow(purpose=purpose, given=yes, answered_at=answered_at(yes), expires_on=expires_on if yes else None)
        for purpose, yes in zip(columns.ANSWERS.values(), given_or_not, strict=True)
        if yes is not None
    )


persons = st.builds(
    PersonRow,
    relation=st.sampled_from(Relation),
    authority=st.sampled_from(Authority),
    person_code=st.just("") | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", fullmatch=True),
    barred=st.sampled_from([True, False, None]),
    delegated=purposes,
    asked=purposes,
    answers=answers(),
)


@st.composite
def pupils(draw: st.DrawFn) -> PupilRow:
    joined_on, left_on = sorted([draw(past_days), draw(past_days)])
    status = draw(st.none() | st.sampled_from(LegalStatus))
    body = draw(st.from_regex(r"[0-9]{11}[0-9A-HJ-NP-RT-Z]", fullmatch=True))
    return PupilRow(
        upn=check_letter(body) + body,
        forename=draw(words),
        middle=draw(st.just("") | words),
        surname=draw(words),
        known_as=draw(st.just("") | words),
        former_surnames=tuple(draw(st.lists(surnames, max_size=2))),
        reg_group=draw(words),
        year_group=draw(st.sampled_from("NR123456")),
        joined_on=draw(st.none() | st.just(joined_on)),
        left_on=draw(st.none() | st.just(left_on)),
        legal_status=status,
        legal_status_since=draw(st.none() | instants) if status else None,
        persons=tuple(draw(st.lists(persons, max_size=3, unique_by=lambda row: (row.relation, row.person_code.lower())))),
    )


rolls = st.lists(pupils(), min_size=1, max_size=4, unique_by=lambda pupil: pupil.upn).map(tuple)


@given(rolls)
@settings(deadline=None, max_examples=60)
def test_what_is_written_reads_back_as_it_was(rows: tuple[PupilRow, ...]) -> None:
    assert read(write(rows), now=NOW).pupils == rows


# --- one good file, and what may happen to it -----------------------------------------------------------------------------

FULL: Mapping[str, str] = {
    "upn": "G999299924001",
    "forename": "Zo\u00eb",
    "middle": "Rose",
    "surname": "O'Brien-Lacey",
    "known_as": "Zo\u00e9",
    "former_surnames": "Khan;Byrne",
    "reg_group": "Kestrel",
    "year_group": "1",
    "joined_on": "01/09/2024",
    "left_on": "17/07/2026",
    "legal_status": "section-20",
    "legal_status_since": "2025-02-01",
    "relation": "mother",
    "authority": "parental-responsibility",
    "person": "m-1",
    "barred": "no",
    "delegated": "shared-site",
    "asked": "website:group",
    "website_group": "yes",
    "website_individual": "no",
    "shared_site": "refused",
    "journal_own": "given",
    "journal_shared": "no",
    "answered_at": "03/08/2026",
    "expires_on": "31/10/2027",
}
FATHER: Mapping[str, str] = {**FULL, "relation": "father", "person": "", "website_group": "no", "journal_own": ""}
SECOND: Mapping[str, str] = {**FULL, "upn": "W999299924002", "forename": "Ois\u00edn", "website_group": "", "journal_own": "no"}
GOOD = (FULL, FATHER, SECOND)
YES_WORDS = {"yes", "y", "true", "1", "given", "granted"}


def sheet(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue().encode()


def good(order: Sequence[str] = columns.ALL) -> tuple[list[str], list[list[str]]]:
    return list(order), [[row[column] for column in order] for row in GOOD]


def said(file: RegisterFile) -> tuple[Counter[tuple[str, Purpose]], Counter[tuple[str, Purpose]]]:
    """How often each pupil and purpose was given, and how often refused."""
    every = [(pupil.upn, answer) for pupil in file.pupils for person in pupil.persons for answer in person.answers]
    return (
        Counter((upn, answer.purpose) for upn, answer in every if answer.given),
        Counter((upn, answer.purpose) for upn, answer in every if not answer.given),
    )


WHOLE = read(sheet(*good()), now=NOW)
GIVEN, REFUSED = said(WHOLE)
GOOD_CELLS = sorted({cell for row in GOOD for cell in row.values()})
faults = st.text(max_size=8) | st.sampled_from(GOOD_CELLS) | st.sampled_from(sorted(YES_WORDS)) | st.just("")


@given(st.permutations(columns.ALL))
@settings(deadline=None)
def test_whole_columns_may_stand_in_any_order(order: list[str]) -> None:
    assert read(sheet(*good(order)), now=NOW).pupils == WHOLE.pupils


@given(row=st.integers(0, 2), column=st.sampled_from(columns.ALL), fault=faults)
@settings(deadline=None, max_examples=300)
def test_one_wrong_cell_never_makes_a_yes_and_never_loses_another_cells_no(row: int, column: str, fault: str) -> None:
    answers_column = column in columns.ANSWERS
    if answers_column and fault.strip().lower() in YES_WORDS:
        return
    heading, rows = good()
    rows[row][heading.index(column)] = fault
    try:
        given_now, refused_now = said(read(sheet(heading, rows), now=NOW))
    except FileRefused:
        return
    lost = REFUSED - refused_now
    assert not given_now - GIVEN
    assert lost.total() <= (1 if answers_column else 0)


@given(column=st.sampled_from(sorted(columns.ANSWERS)), place=st.integers(0, 7), typed=st.text(max_size=2))
@settings(deadline=None)
def test_no_slip_of_the_keyboard_turns_refused_into_a_yes(column: str, place: int, typed: str) -> None:
    slipped = "refused"[:place] + typed + "refused"[place + 1 :]
    try:
        (pupil,) = read(sheet([*columns.ALL], [[{**FULL, column: slipped}[name] for name in columns.ALL]]), now=NOW).pupils
    except FileRefused:
        return
    assert columns.ANSWERS[column] not in {answer.purpose for answer in pupil.persons[0].answers if answer.given}


@given(st.permutations(columns.ALL), st.sampled_from([1, -1]))
@settings(deadline=None)
def test_rows_shifted_by_one_column_are_refused(order: list[str], by: int) -> None:
    heading, rows = good(order)
    with pytest.raises(FileRefused):
        read(sheet(heading, [row[by:] + row[:by] for row in rows]), now=NOW)


@pytest.mark.parametrize("place", range(columns.ALL.index("expires_on")))
def test_a_cell_lost_from_a_full_row_is_noticed_even_if_the_row_keeps_its_length(place: int) -> None:
    heading, rows = good()
    with pytest.raises(FileRefused):
        read(sheet(heading, [[*row[:place], *row[place + 1 :], ""] for row in rows]), now=NOW)


@pytest.mark.parametrize("place", range(columns.ALL.index("answered_at")))
def test_a_cell_put_into_a_full_row_is_noticed_even_if_the_row_keeps_its_length(place: int) -> None:
    heading, rows = good()
    with pytest.raises(FileRefused):
        read(sheet(heading, [[*row[:place], "", *row[place:-1]] for row in rows]), now=NOW)


ALIKE = (
    {"forename", "middle", "surname", "known_as", "former_surnames", "reg_group"},
    {"joined_on", "left_on", "legal_status_since", "answered_at"},
    {"delegated", "asked"},
    {"barred", *columns.ANSWERS},
)
"""Columns of one kind: if the headings of two were swapped, nothing in the cells could tell."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (one, other)
        for place, one in enumerate(columns.ALL)
        for other in columns.ALL[place + 1 :]
        if not any({one, other} <= kind for kind in ALIKE)
    ],
)
def test_two_columns_of_different_kinds_under_each_others_heading_are_refused(one: str, other: str) -> None:
    heading, rows = good()
    left, right = heading.index(one), heading.index(other)
    heading[left], heading[right] = other, one
    with pytest.raises(FileRefused):
        read(sheet(heading, rows), now=NOW)


# --- any bytes ------------------------------------------------------------------------------------------------------------


def reads_or_refuses(content: bytes) -> bool:
    try:
        file = read(content, now=NOW)
    except FileRefused as refused:
        return 0 < len(refused.problems) <= 50
    return len(file.pupils) > 0


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_whole_file_or_refused(content: bytes) -> None:
    assert reads_or_refuses(content)


@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    place=st.integers(0, 1600),
    cut=st.integers(0, 3),
    put=st.binary(max_size=3) | st.sampled_from([b",", b'"', b"\r", b"\n", b";", b"\0", b"=", b"\xef\xbb\xbf"]),
)
@settings(deadline=None, max_examples=300)
def test_a_damaged_file_is_a_whole_file_or_refused(encoding: str, place: int, cut: int, put: bytes) -> None:
    content = sheet(*good()).decode().encode(encoding)
    assert reads_or_refuses(content[:place] + put + content[place + cut :])


@given(instants)
@settings(deadline=None)
def test_no_answer_is_dated_after_the_file_was_read(now: datetime) -> None:
    rows = [[{**FULL, "answered_at": now.date().isoformat(), "legal_status_since": ""}[name] for name in columns.ALL]]
    (pupil,) = read(sheet(columns.ALL, rows), now=now).pupils
    assert all(answer.answered_at is not None and answer.answered_at <= now for answer in pupil.persons[0].answers)


@given(rolls)
@settings(deadline=None, max_examples=20)
def test_a_yes_and_a_no_of_one_row_are_never_dated_so_that_the_yes_comes_later(rows: tuple[PupilRow, ...]) -> None:
    for pupil in read(write(rows), now=NOW).pupils:
        for person in pupil.persons:
            dated = [(answer.given, answer.answered_at) for answer in person.answers if answer.answered_at]
            yes, no = [at for given, at in dated if given], [at for given, at in dated if not given]
            assert not yes or not no or max(yes) <= min(no)


def test_the_good_file_is_good() -> None:
    assert len(WHOLE.pupils) == 2
    assert replace(WHOLE.pupils[0], persons=()) == replace(WHOLE.pupils[1], persons=(), upn="G999299924001", forename="Zo\u00eb")
    assert (GIVEN.total(), REFUSED.total()) == (2, 11)
