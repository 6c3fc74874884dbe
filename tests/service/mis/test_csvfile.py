"""The register CSV: what is read, and what is refused where."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose
from service.mis import columns
from service.mis.csvfile import (
    AnswerRow,
    FileRefused,
    PersonRow,
    Problem,
    ProblemCode,
    PupilRow,
    Unwritable,
    read,
    write,
)
from service.mis.refusal import SENTENCES

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


# --- what is read ---------------------------------------------------------------------------------------------------------


def test_a_full_row_is_read_into_every_field() -> None:
    row = {
        "upn": AMELIA,
        "forename": "Zoë",
        "middle": "Rose  May",
        "surname": "O'Brien-Lacey",
        "known_as": "Zo",
        "former_surnames": "Khan; de la Cruz",
        "reg_group": "Kestrel",
        "year_group": "Year 1",
        "joined_on": "01/09/2024",
        "left_on": "17/07/2026",
        "legal_status": "Section-20",
        "legal_status_since": "2025-02-01T12:00:00Z",
        "relation": "Mother",
        "authority": "parental-responsibility",
        "person": "m-1",
        "barred": "no",
        "delegated": "shared-site",
        "asked": "website:group; journal:own",
        "website_group": "YES",
        "website_individual": "refused",
        "shared_site": "",
        "journal_own": "1",
        "journal_shared": "0",
        "answered_at": "2025-09-03T08:30:00+01:00",
        "expires_on": "2026-08-31",
    }
    answered_at, until = datetime(2025, 9, 3, 7, 30, tzinfo=UTC), date(2026, 8, 31)
    assert tuple(row) == columns.ALL
    assert pupils(sheet(row)) == (
        PupilRow(
            upn=AMELIA,
            forename="Zoë",
            middle="Rose May",
            surname="O'Brien-Lacey",
            known_as="Zo",
            former_surnames=("Khan", "de la Cruz"),
            reg_group="Kestrel",
            year_group="1",
            joined_on=date(2024, 9, 1),
            left_on=date(2026, 7, 17),
            legal_status=LegalStatus.SECTION_20,
            legal_status_since=datetime(2025, 2, 1, 12, tzinfo=UTC),
            persons=(
                PersonRow(
                    relation=Relation.MOTHER,
                    authority=Authority.PARENTAL_RESPONSIBILITY,
                    person_code="m-1",
                    barred=False,
                    delegated=frozenset({Purpose.SHARED_SITE}),
                    asked=frozenset({Purpose.WEBSITE_GROUP, Purpose.JOURNAL_OWN}),
                    answers=(
                        AnswerRow(purpose=Purpose.WEBSITE_GROUP, given=True, answered_at=answered_at, expires_on=until),
                        AnswerRow(purpose=Purpose.WEBSITE_INDIVIDUAL, given=False, answered_at=answered_at, expires_on=None),
                        AnswerRow(purpose=Purpose.JOURNAL_OWN, given=True, answered_at=answered_at, expires_on=until),
                        AnswerRow(purpose=Purpose.JOURNAL_SHARED, given=False, answered_at=answered_at, expires_on=None),
                    ),
                ),
            ),
        ),
    )


def test_the_five_required_columns_are_enough_and_assert_nothing_else() -> None:
    (pupil,) = pupils(sheet(PUPIL))
    assert (pupil.joined_on, pupil.left_on, pupil.legal_status, pupil.legal_status_since, pupil.persons) == (None,) * 4 + ((),)


def test_the_digest_is_that_of_the_very_bytes() -> None:
    content = sheet(PUPIL).encode()
    assert read(content, now=NOW).digest == sha256(content).hexdigest()


@pytest.mark.parametrize("cell", ["yes", "Y", "true", "1", "given", "GRANTED", " yes "])
def test_a_word_for_yes_is_a_yes(cell: str) -> None:
    assert [answer.given for answer in answers(sheet({**YES, "website_group": cell}))] == [True]


@pytest.mark.parametrize("cell", ["no", "N", "false", "0", "refused", "Declined", "withdrawn", " no\n"])
def test_a_word_for_no_is_a_no(cell: str) -> None:
    assert [answer.given for answer in answers(sheet({**YES, "website_group": cell}))] == [False]


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", "\r\n"])
def test_a_blank_cell_is_no_answer(cell: str) -> None:
    assert answers(sheet({**YES, "website_group": cell})) == ()


@pytest.mark.parametrize(
    "cell",
    [
        "yes?",
        "ok",
        "x",
        "-",
        "\u2713",
        "yes no",
        "y/n",
        "tbc",
        "2",
        "01",
        "ye\u017f",
        "\uff59\uff45\uff53",
        "\u0443es",
        "=1",
        "None",
    ],
)
def test_anything_else_in_an_answer_is_a_problem_and_never_a_guess(cell: str) -> None:
    assert only_problem(sheet({**YES, "website_group": cell})) == (2, "website_group", ProblemCode.WORD_UNKNOWN)


def test_a_bare_date_begins_a_yes_and_ends_a_no() -> None:
    row = {**YES, "website_individual": "no", "answered_at": "03/04/2026"}
    assert [(answer.given, answer.answered_at) for answer in answers(sheet(row))] == [
        (True, datetime(2026, 4, 3, tzinfo=UTC)),
        (False, datetime(2026, 4, 3, 23, 59, 59, 999999, UTC)),
    ]


def test_a_no_dated_today_is_dated_now_and_not_tonight() -> None:
    row = {**MOTHER, "website_group": "no", "answered_at": NOW.date().isoformat()}
    assert answers(sheet(row))[0].answered_at == NOW


def test_a_legal_status_dated_by_day_begins_when_that_day_ends() -> None:
    row = {**PUPIL, "legal_status": "adopted", "legal_status_since": "03/04/2026"}
    assert pupils(sheet(row))[0].legal_status_since == datetime(2026, 4, 3, 23, 59, 59, 999999, UTC)


def test_an_undated_answer_stays_undated() -> None:
    assert answers(sheet({**YES, "answered_at": ""}))[0].answered_at is None


def test_a_refusal_never_gets_an_end() -> None:
    assert answers(sheet({**MOTHER, "website_group": "no", "expires_on": "2027-01-01"}))[0].expires_on is None


@pytest.mark.parametrize(
    ("cell", "group"),
    [("N", "N"), ("nursery", "N"), ("R", "R"), ("Reception", "R"), ("Year 3", "3"), ("y3", "3"), ("6", "6"), ("YEAR 1", "1")],
)
def test_year_groups_are_read_as_schools_write_them(cell: str, group: str) -> None:
    assert pupils(sheet({**PUPIL, "year_group": cell}))[0].year_group == group


def test_both_parents_of_one_pupil_are_two_people() -> None:
    father = {**YES, "relation": "father", "website_group": "no"}
    (pupil,) = pupils(sheet(YES, father))
    assert [(person.relation, person.answers[0].given) for person in pupil.persons] == [("mother", True), ("father", False)]


def test_two_mothers_are_told_apart_by_their_codes() -> None:
    (pupil,) = pupils(sheet({**YES, "person": "a"}, {**YES, "person": "b"}))
    assert [person.person_code for person in pupil.persons] == ["a", "b"]


def test_a_person_without_answers_may_have_no_authority_and_then_has_none_established() -> None:
    (pupil,) = pupils(sheet({**PUPIL, "relation": "other"}))
    assert pupil.persons[0].authority is Authority.UNKNOWN


def test_rows_of_one_pupil_need_not_stand_together() -> None:
    other = {**YES, "upn": OISIN}
    first, second = pupils(sheet(YES, other, {**YES, "relation": "father"}))
    assert (len(first.persons), len(second.persons)) == (2, 1)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE pupils;--",
        'Anne "Annie"',
        "{{ pupil }}",
        "Müller-Núñez y Ó Súilleabháin",
        "Nguyễn",
        "王小明",
        "محمد‌رضا",
        "D\u2019Souza",
    ],
)
def test_markup_and_letters_of_any_script_in_a_name_are_data(name: str) -> None:
    assert pupils(sheet({**PUPIL, "forename": name, "surname": name}))[0].forename == name


def test_a_decomposed_letter_is_the_same_name_as_a_composed_one() -> None:
    first, second = {**YES, "forename": "Zoe\u0308"}, {**YES, "forename": "Zo\u00eb", "relation": "father"}
    assert pupils(sheet(first, second))[0].forename == "Zo\u00eb"


# --- how the file may come ------------------------------------------------------------------------------------------------

ZOE = {**YES, "forename": "Zo\u00eb"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_usual_encodings_read_alike(encoding: str) -> None:
    assert pupils(sheet(ZOE).encode(encoding)) == pupils(sheet(ZOE))


def test_big_endian_utf_16_is_read_too() -> None:
    assert pupils(b"\xfe\xff" + sheet(ZOE).encode("utf-16-be")) == pupils(sheet(ZOE))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_delimiter_and_line_end_reads_alike(delimiter: str, end: str) -> None:
    row = {**ZOE, "former_surnames": "Khan;Byrne", "middle": "May, Rose"}
    assert pupils(sheet(row, delimiter=delimiter, end=end)) == pupils(sheet(row))


def test_a_quoted_line_break_is_a_space_and_rows_are_still_counted_as_a_spreadsheet_does() -> None:
    broken = {**YES, "middle": "Rose\r\nMay"}
    assert pupils(sheet(broken))[0].middle == "Rose May"
    assert only_problem(sheet(broken, {**broken, "relation": "father", "authority": "boss"}))[0] == 3


def test_headings_are_trimmed_and_their_case_does_not_matter() -> None:
    assert pupils(sheet({f" {column.upper()} ": cell for column, cell in YES.items()})) == pupils(sheet(YES))


def test_blank_rows_are_skipped() -> None:
    assert pupils(sheet(YES) + ",,,,,,,,\r\n\r\n") == pupils(sheet(YES))


# --- what is refused, and where -------------------------------------------------------------------------------------------


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


# --- what is written ------------------------------------------------------------------------------------------------------


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
