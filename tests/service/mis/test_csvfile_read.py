"""The register CSV: what is read, and in which forms it may come."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose
from service.mis import columns
from service.mis.csvfile import AnswerRow, PersonRow, ProblemCode, PupilRow, read
from tests.service.mis.sheets import AMELIA, MOTHER, NOW, OISIN, PUPIL, YES, ZOE, answers, only_problem, pupils, sheet


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
