"""The register CSV: what is refused, and where the fault is said to lie."""

import pytest

from service.mis import columns
from service.mis.csvfile import FileRefused, ProblemCode
from service.mis.refusal import SENTENCES
from tests.service.mis.sheets import OISIN, PUPIL, YES, ZOE, only_problem, problems, pupils, sheet


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (0, "", ProblemCode.FILE_EMPTY)),
        (b"\xef\xbb\xbf \r\n", (0, "", ProblemCode.FILE_EMPTY)),
        (b"upn,forename,surname,reg_group,year_group\r\n", (0, "", ProblemCode.FILE_NO_PUPILS)),
        (b"a" * (20 * 1024 * 1024 + 1), (0, "", ProblemCode.FILE_TOO_LARGE)),
        (sheet(ZOE).encode("utf-16")[:-1], (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(ZOE).encode("utf-16-le"), (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(ZOE).encode("utf-32"), (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(ZOE).encode("cp1252").replace(b"\xeb", b"\x81"), (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(ZOE).encode() + b"\xff", (0, "", ProblemCode.FILE_UNREADABLE)),
        (b"\xef\xbb\xbf" + sheet(ZOE).encode("cp1252"), (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(YES).encode().replace(b"Khan", b"Kh\0an"), (0, "", ProblemCode.FILE_UNREADABLE)),
        (sheet(YES).encode().replace(b"Khan", b"K" * 65_536), (2, "", ProblemCode.LINE_TOO_LONG)),
        (sheet(YES).encode().replace(b"Khan", b'"Khan'), (2, "", ProblemCode.FILE_MALFORMED)),
        (sheet(YES).encode().replace(b"Khan", b'"Kh"an'), (2, "", ProblemCode.FILE_MALFORMED)),
        (sheet(YES).encode().replace(b"Khan,", b""), (2, "", ProblemCode.ROW_LENGTH)),
        (sheet(YES).encode().replace(b"Khan,", b"Khan,,"), (2, "", ProblemCode.ROW_LENGTH)),
        (sheet(YES).encode().replace(b"Khan,", b"Khan;"), (2, "", ProblemCode.ROW_LENGTH)),
    ],
)
def test_a_file_that_cannot_be_read_for_certain_is_refused(content: bytes, expected: tuple[int, str, ProblemCode]) -> None:
    assert only_problem(content) == expected


@pytest.mark.parametrize("column", columns.REQUIRED)
def test_a_file_without_a_required_column_is_refused(column: str) -> None:
    row = {name: cell for name, cell in YES.items() if name != column}
    assert only_problem(sheet(row)) == (1, column, ProblemCode.COLUMN_MISSING)


@pytest.mark.parametrize("column", columns.REQUIRED)
def test_a_required_cell_is_not_blank(column: str) -> None:
    assert only_problem(sheet({**YES, column: " "})) == (2, column, ProblemCode.CELL_REQUIRED)


def test_an_unknown_heading_is_named_by_its_letter_since_it_may_be_a_name() -> None:
    assert only_problem(sheet({**YES, "Amelia's consent": ""})) == (1, "J", ProblemCode.COLUMN_UNKNOWN)


def test_a_high_profile_column_is_unknown_since_that_answer_is_about_one_photo() -> None:
    assert only_problem(sheet({**YES, "high_profile": "yes"})) == (1, "J", ProblemCode.COLUMN_UNKNOWN)


def test_the_letter_of_a_column_goes_on_after_z() -> None:
    heading = ",".join([*columns.ALL, "x", "x", "x"])
    assert [problem.column for problem in problems(heading)] == ["Z", "AA", "AB"]


def test_a_repeated_heading_is_refused() -> None:
    assert only_problem(sheet(YES).replace("answered_at", "Surname")) == (1, "surname", ProblemCode.COLUMN_REPEATED)


def test_a_file_without_a_heading_row_is_refused_without_naming_a_pupil() -> None:
    found = problems(sheet(YES).split("\r\n", 1)[1])
    assert {problem.code for problem in found} == {ProblemCode.COLUMN_UNKNOWN, ProblemCode.COLUMN_MISSING}
    assert all(problem.column in columns.REQUIRED or len(problem.column) == 1 for problem in found)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"upn": "A999299924001"}, "upn", ProblemCode.UPN_CHECK_LETTER),
        ({"upn": "Amelia"}, "upn", ProblemCode.UPN_MALFORMED),
        ({"year_group": "7"}, "year_group", ProblemCode.WORD_UNKNOWN),
        ({"year_group": "Year 1a"}, "year_group", ProblemCode.WORD_UNKNOWN),
        ({"surname": "=HYPERLINK(1)"}, "surname", ProblemCode.CELL_FORMULA),
        ({"surname": " +44"}, "surname", ProblemCode.CELL_FORMULA),
        ({"surname": "-Khan"}, "surname", ProblemCode.CELL_FORMULA),
        ({"middle": "@Khan"}, "middle", ProblemCode.CELL_FORMULA),
        ({"known_as": "\uff1dKhan"}, "known_as", ProblemCode.CELL_FORMULA),
        ({"reg_group": "=1"}, "reg_group", ProblemCode.CELL_FORMULA),
        ({"former_surnames": "Byrne;=Khan"}, "former_surnames", ProblemCode.CELL_FORMULA),
        ({"surname": "03/09/2026"}, "surname", ProblemCode.NAME_NO_LETTER),
        ({"surname": "Zo?"}, "surname", ProblemCode.NAME_DAMAGED),
        ({"surname": "Zo\ufffd"}, "surname", ProblemCode.NAME_DAMAGED),
        ({"surname": "Zo\u00c3\u00ab"}, "surname", ProblemCode.NAME_DAMAGED),
        ({"surname": "K" * 201}, "surname", ProblemCode.CELL_TOO_LONG),
        ({"surname": "Kh\u200ban"}, "surname", ProblemCode.CELL_CONTROL),
        ({"surname": "Kh\u202ean"}, "surname", ProblemCode.CELL_CONTROL),
        ({"surname": "Kh\x1ban"}, "surname", ProblemCode.CELL_CONTROL),
        ({"surname": "Khan\x1f"}, "surname", ProblemCode.CELL_CONTROL),
        ({"surname": "Khan\x85"}, "surname", ProblemCode.CELL_CONTROL),
        ({"website_group": "yes\x07"}, "website_group", ProblemCode.CELL_CONTROL),
        ({"joined_on": "29/02/2023"}, "joined_on", ProblemCode.DATE_MALFORMED),
        ({"joined_on": "2026-09-01", "left_on": "2026-08-31"}, "left_on", ProblemCode.DATE_ORDER),
        ({"answered_at": "04/13/2026"}, "answered_at", ProblemCode.DATE_MALFORMED),
        ({"answered_at": "2026-11-23"}, "answered_at", ProblemCode.DATE_FUTURE),
        ({"answered_at": "2026-11-22T09:00:01Z"}, "answered_at", ProblemCode.DATE_FUTURE),
        ({"expires_on": "2026-09-02"}, "expires_on", ProblemCode.DATE_ORDER),
        ({"expires_on": "never"}, "expires_on", ProblemCode.DATE_MALFORMED),
        ({"legal_status": "fostered"}, "legal_status", ProblemCode.WORD_UNKNOWN),
        ({"legal_status_since": "2026-01-01"}, "legal_status", ProblemCode.CELL_REQUIRED),
        ({"legal_status": "adopted", "legal_status_since": "2026-11-23"}, "legal_status_since", ProblemCode.DATE_FUTURE),
        ({"relation": "mum"}, "relation", ProblemCode.WORD_UNKNOWN),
        ({"authority": "yes"}, "authority", ProblemCode.WORD_UNKNOWN),
        ({"authority": ""}, "authority", ProblemCode.ANSWER_NO_AUTHORITY),
        ({"person": "Mrs Khan"}, "person", ProblemCode.PERSON_CODE),
        ({"person": "-1"}, "person", ProblemCode.PERSON_CODE),
        ({"person": "k" * 41}, "person", ProblemCode.PERSON_CODE),
        ({"barred": "granted"}, "barred", ProblemCode.WORD_UNKNOWN),
        ({"delegated": "website"}, "delegated", ProblemCode.WORD_UNKNOWN),
        ({"asked": "website:group,shared-site"}, "asked", ProblemCode.WORD_UNKNOWN),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_named_by_row_and_column(cells: dict[str, str], column: str, code: ProblemCode) -> None:
    other = {**YES, "upn": OISIN}
    assert only_problem(sheet(other, {**YES, **cells})) == (3, column, code)


@pytest.mark.parametrize("column", ["authority", "person", "barred", "asked", "website_group", "answered_at", "expires_on"])
def test_nothing_is_said_about_nobody(column: str) -> None:
    said = {
        "authority": "none",
        "person": "a",
        "barred": "no",
        "asked": "shared-site",
        "website_group": "no",
        "answered_at": "2026-09-03",
        "expires_on": "2027-09-03",
    }
    row = {**PUPIL, "relation": "", column: said[column]}
    assert only_problem(sheet(row)) == (2, column, ProblemCode.PERSON_NO_RELATION)


@pytest.mark.parametrize("column", [name for name in columns.PUPIL if name not in {"upn", "legal_status_since"}])
def test_rows_of_one_pupil_agree_on_every_fact(column: str) -> None:
    first = {**YES, **dict.fromkeys(columns.PUPIL[8:10], "2026-01-01"), "legal_status": "no-order"}
    other = {"year_group": "2", "joined_on": "2025-01-01", "left_on": "2026-02-02", "legal_status": "adopted"}
    second = {**first, "relation": "father", column: other.get(column, "Otherwise")}
    assert only_problem(sheet(first, second)) == (3, column, ProblemCode.PUPIL_DISAGREES)


def test_a_blank_fact_does_not_agree_with_a_stated_one() -> None:
    first = {**YES, "legal_status": "adopted"}
    assert only_problem(sheet(first, {**YES, "relation": "father"})) == (3, "legal_status", ProblemCode.PUPIL_DISAGREES)


@pytest.mark.parametrize(("one", "other"), [("", ""), ("a", "a"), ("a", "A")])
def test_two_rows_for_one_person_are_refused(one: str, other: str) -> None:
    rows = {**YES, "person": one}, {**YES, "person": other, "website_group": "no"}
    assert only_problem(sheet(*rows)) == (3, "relation", ProblemCode.PERSON_REPEATED)


def test_two_rows_for_one_pupil_and_nobody_are_refused() -> None:
    assert only_problem(sheet(PUPIL, PUPIL)) == (3, "relation", ProblemCode.PERSON_REPEATED)


def test_every_problem_of_a_file_is_listed_in_the_order_of_its_rows() -> None:
    bad = {**YES, "surname": "=1", "website_group": "maybe"}
    assert [(problem.row, problem.column) for problem in problems(sheet(bad, {**bad, "upn": OISIN}))] == [
        (2, "surname"),
        (2, "website_group"),
        (3, "surname"),
        (3, "website_group"),
    ]


def test_a_row_that_cannot_be_read_is_not_also_held_against_other_rows() -> None:
    mistyped = {**YES, "upn": "A999299924001"}
    assert [problem.code for problem in problems(sheet(mistyped, mistyped))] == [ProblemCode.UPN_CHECK_LETTER] * 2


def test_problems_found_before_the_quotation_marks_go_wrong_are_listed_too() -> None:
    text = sheet({**YES, "website_group": "maybe"}) + '"'
    assert [(problem.row, problem.code) for problem in problems(text)] == [
        (2, ProblemCode.WORD_UNKNOWN),
        (3, ProblemCode.FILE_MALFORMED),
    ]


def test_no_more_than_fifty_problems_are_listed() -> None:
    assert len(problems(sheet(*[{**YES, "website_group": "maybe"}] * 51))) == 50
    assert len(problems(",".join(["x"] * 60))) == 50


@pytest.mark.parametrize("column", columns.ALL)
def test_a_refusal_never_repeats_what_a_cell_holds(column: str) -> None:
    secret = "=Quetzalcoatl?"
    with pytest.raises(FileRefused) as refused:
        pupils(sheet({**YES, column: secret}))
    assert secret[1:-1] not in f"{refused.value} {refused.value!r} {refused.value.problems}"


def test_every_problem_has_its_sentence() -> None:
    assert set(SENTENCES) == set(ProblemCode)
