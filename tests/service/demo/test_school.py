"""The demonstration school: whole, invented, and every story comes out as it is told."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.answers import Question, against
from consent.people import PersonId, PupilId
from consent.photo import PhotoId
from consent.policy import parse_policy
from consent.purposes import Purpose
from consent.reasons import Reason
from consent.register import Answer, ConsentRecord, Person, Pupil, RecordId
from service.demo.families import FAMILIES, Story
from service.demo.school import CAST, CLASSES, demo_rows
from service.mis.csvfile import PersonRow, PupilRow, read, write

TODAY = date(2026, 11, 22)
POLICY = parse_policy((Path(__file__).parents[3] / "consent" / "default_policy.toml").read_text(encoding="utf-8"))
ROWS = {row.upn: row for row in demo_rows(TODAY)}

AGREED: frozenset[Reason] = frozenset()
TOLD: Mapping[Story, Reason | None] = {
    Story.BOTH_AGREE: None,
    Story.MOTHER_AGREES: None,
    Story.FATHER_AGREES: None,
    Story.TWO_MOTHERS_AGREE: None,
    Story.GUARDIAN_AGREES: None,
    Story.UNDATED_YES: None,
    Story.SECTION_20: None,
    Story.SPECIAL_GUARDIAN: None,
    Story.AUTHORITY_AGREES: None,
    Story.ADOPTED_AND_AGREED: None,
    Story.GROUP_ONLY: None,
    Story.PARENTS_DISAGREE: Reason.PUPIL_CONFLICTING,
    Story.STEP_PARENT_REFUSES: Reason.PUPIL_CONFLICTING,
    Story.REFUSED: Reason.PUPIL_REFUSED,
    Story.INSIDE_ONLY: Reason.PUPIL_REFUSED,
    Story.CHILD_OBJECTS: Reason.PUPIL_CHILD_OBJECTS,
    Story.ONE_OF_TWO: Reason.PUPIL_NOT_EVERY_PARENT,
    Story.CARE_ORDER: Reason.PUPIL_NO_AUTHORITY,
    Story.FOSTER_NOT_DELEGATED: Reason.PUPIL_NO_AUTHORITY,
    Story.FOSTER_DELEGATED: Reason.PUPIL_NOT_RECORDED,
    Story.BARRED: Reason.PUPIL_NO_AUTHORITY,
    Story.STATUS_UNKNOWN: Reason.PUPIL_NO_AUTHORITY,
    Story.ADOPTED_AFTER_YES: Reason.PUPIL_VOID,
    Story.EXPIRED: Reason.PUPIL_EXPIRED,
    Story.NEVER_ANSWERED: Reason.PUPIL_NOT_RECORDED,
    Story.NOBODY_KNOWN: Reason.PUPIL_NOT_RECORDED,
    Story.LEAVER: Reason.PUPIL_LEAVER,
    Story.EX_PUPIL: Reason.PUPIL_LEAVER,
}
"""The reason that stands against a group picture on the website under the default policy, perhaps among others; None: none."""


def person_of(row: PupilRow, said: PersonRow) -> Person:
    return Person(
        id=PersonId(f"{row.upn}/{said.relation}/{said.person_code}"),
        relation=said.relation,
        authority=said.authority,
        barred=bool(said.barred),
        delegated=said.delegated,
        asked=said.asked,
    )


def records_of(person: Person, said: PersonRow, now: datetime) -> tuple[ConsentRecord, ...]:
    return tuple(
        ConsentRecord(
            id=RecordId(f"{person.id}/{answer.purpose}"),
            purpose=answer.purpose,
            answer=Answer.GIVEN if answer.given else Answer.REFUSED,
            giver=person.id,
            relation=person.relation,
            authority=person.authority,
            answered_at=answer.answered_at,
            first_seen_at=now,
            source="demo",
            valid_until=answer.expires_on,
        )
        for answer in said.answers
    )


def reasons(row: PupilRow, purpose: Purpose, today: date) -> frozenset[Reason]:
    now = datetime.combine(today, time.min, UTC)
    assert row.legal_status is not None
    people = [(person_of(row, said), said) for said in row.persons]
    pupil = Pupil(
        id=PupilId(row.upn),
        version=1,
        year_group=row.year_group,
        reg_group=row.reg_group,
        on_roll_from=row.joined_on,
        left_on=row.left_on,
        legal_status=row.legal_status,
        legal_status_since=row.legal_status_since,
        persons=tuple(person for person, _ in people),
        records=tuple(record for person, said in people for record in records_of(person, said, now)),
    )
    question = Question(pupil=pupil, purpose=purpose, photo=PhotoId("p"), policy=POLICY, now=now)
    return frozenset(against(question))


def cast(role: str) -> list[PupilRow]:
    return [ROWS[upn] for upn in CAST[role]]


def test_there_are_sixty_pupils_ten_in_each_class() -> None:
    assert Counter((row.reg_group, row.year_group) for row in ROWS.values()) == dict.fromkeys(CLASSES.items(), 10)


def test_no_two_pupils_share_a_upn_or_a_whole_name() -> None:
    rows = demo_rows(TODAY)
    assert len({row.upn for row in rows}) == len({(row.forename, row.surname) for row in rows}) == len(rows) == 60


def test_the_same_day_gives_the_same_rows() -> None:
    assert demo_rows(TODAY) == demo_rows(TODAY)


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)))
@settings(deadline=None, max_examples=12)
def test_the_rows_of_any_day_write_and_read_back_in_the_first_minute_of_that_day(today: date) -> None:
    rows = demo_rows(today)
    assert read(write(rows), now=datetime.combine(today, time.min, UTC)).pupils == rows


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)))
@settings(deadline=None, max_examples=15)
def test_every_story_comes_out_as_told_on_any_day(today: date) -> None:
    found = {row.upn: reasons(row, Purpose.WEBSITE_GROUP, today) for row in demo_rows(today)}
    wrong = [
        (story, found[upn])
        for story, told in TOLD.items()
        for upn in CAST[story]
        if not (found[upn] == AGREED if told is None else told in found[upn])
    ]
    assert wrong == []


def test_every_story_has_a_family_and_an_outcome() -> None:
    assert set(FAMILIES) == set(TOLD) == set(Story)
    assert sum(len(CAST[story]) for story in Story) == 60


@pytest.mark.parametrize("role", ["agreed-group", "withdraws", "protected", "refused-classmate", "adopted-after-yes"])
def test_the_class_of_the_pictures_holds_those_who_may_and_those_who_may_not(role: str) -> None:
    assert {row.reg_group for row in cast(role)} == {"Kestrel"}


@pytest.mark.parametrize("role", ["agreed-group", "withdraws", "protected"])
@pytest.mark.parametrize("purpose", [Purpose.WEBSITE_GROUP, Purpose.WEBSITE_INDIVIDUAL, Purpose.SHARED_SITE])
def test_those_who_agreed_agreed_to_everything_their_families_were_asked(role: str, purpose: Purpose) -> None:
    assert {reasons(row, purpose, TODAY) for row in cast(role)} == {AGREED}


def test_the_agreed_group_is_big_enough_for_a_group_picture() -> None:
    assert len(CAST["agreed-group"]) >= 4


@pytest.mark.parametrize("purpose", [Purpose.JOURNAL_OWN, Purpose.JOURNAL_SHARED])
@pytest.mark.parametrize("role", ["eyfs-owner", "eyfs-friend"])
def test_the_journals_owner_and_friend_are_in_reception_and_agreed_to_journals(role: str, purpose: Purpose) -> None:
    (row,) = cast(role)
    assert row.year_group == "R"
    assert reasons(row, purpose, TODAY) == AGREED


def test_nobody_beyond_reception_was_asked_about_journals() -> None:
    answered = {
        row.year_group
        for row in ROWS.values()
        for person in row.persons
        for answer in person.answers
        if answer.purpose in {Purpose.JOURNAL_OWN, Purpose.JOURNAL_SHARED}
    }
    assert answered == {"N", "R"}


def test_a_foster_carers_delegation_opens_the_journal_and_not_the_website() -> None:
    (row,) = cast("foster-delegated")
    assert reasons(row, Purpose.JOURNAL_OWN, TODAY) == AGREED
    assert reasons(row, Purpose.WEBSITE_GROUP, TODAY) != AGREED


def test_a_child_who_may_be_shown_in_a_group_only_may_not_be_shown_alone() -> None:
    assert all(Reason.PUPIL_REFUSED in reasons(row, Purpose.WEBSITE_INDIVIDUAL, TODAY) for row in cast("group-only"))


def test_the_twins_share_a_surname_a_class_and_not_a_forename() -> None:
    one, other = cast("twins")
    assert (one.surname, one.reg_group) == (other.surname, other.reg_group)
    assert one.forename != other.forename


@pytest.mark.parametrize(
    "hard",
    [
        lambda row: not row.surname.isascii(),
        lambda row: "'" in row.surname,
        lambda row: "-" in row.surname,
        lambda row: " " in row.surname,
        lambda row: " " in row.forename,
        lambda row: row.known_as != "",
        lambda row: row.middle != "",
        lambda row: row.former_surnames != (),
        lambda row: row.forename in {"Summer", "Will", "May", "Grace", "Hope", "Autumn", "Faith"},
        lambda row: row.upn[-1].isalpha(),
    ],
)
def test_every_hard_kind_of_name_is_on_the_roll(hard: Callable[[PupilRow], bool]) -> None:
    assert any(map(hard, ROWS.values()))
