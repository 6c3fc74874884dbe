"""What counts as a yes, in words: who, when and from what source -> a yes, or exactly these reasons against."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from consent.answers import (
    Question,
    against,
    day_is_over,
    good_yeses,
    holds_until,
    last_day,
    may_consent,
    needs_every_parent,
    standing_refusals,
    standing_yeses,
)
from consent.people import Authority, LegalStatus, PersonId, Relation
from consent.photo import PhotoId
from consent.policy import Policy
from consent.purposes import Purpose
from consent.reasons import Reason
from consent.register import Answer, ConsentRecord, Person, Pupil
from tests.consent.making import (
    BEFORE,
    FATHER,
    LATER,
    MOTHER,
    NOW,
    OTHER_PHOTO,
    PHOTO,
    POLICY,
    a_no,
    a_person,
    a_policy,
    a_pupil,
    a_record,
    a_yes,
)

SITE: Final = Purpose.SHARED_SITE
HIGH: Final = Purpose.HIGH_PROFILE
YES: Final[frozenset[Reason]] = frozenset()
GIVEN, REFUSED = Answer.GIVEN, Answer.REFUSED
R: Final = Reason
CHANGED: Final = BEFORE + timedelta(days=10)
PUBLIC_TASK: Final = a_policy(('"shared-site" = "consent"', '"shared-site" = "public-task"'))


def _ask(
    pupil: Pupil, purpose: Purpose = SITE, *, policy: Policy = POLICY, now: datetime = NOW, photo: PhotoId = PHOTO
) -> Question:
    return Question(pupil=pupil, purpose=purpose, photo=photo, policy=policy, now=now)


def _reasons(
    pupil: Pupil, purpose: Purpose = SITE, *, policy: Policy = POLICY, now: datetime = NOW, photo: PhotoId = PHOTO
) -> frozenset[Reason]:
    found = list(against(_ask(pupil, purpose, policy=policy, now=now, photo=photo)))
    assert len(found) == len(set(found))
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One row: these people said these things, and so this."""

    records: tuple[ConsentRecord, ...]
    so: frozenset[Reason]
    persons: tuple[Person, ...] = (a_person(MOTHER), a_person(FATHER))
    purpose: Purpose = SITE


# --- 3 and 4: whose answer stands -------------------------------------------------------------------------------------

STANDING: Final = {
    "nobody answered": Heard(records=(), so=frozenset({R.PUPIL_NOT_RECORDED})),
    "one yes is enough": Heard(records=(a_yes(SITE),), so=YES),
    "both said yes": Heard(records=(a_yes(SITE), a_yes(SITE, giver=FATHER)), so=YES),
    "one no, the other silent": Heard(records=(a_no(SITE),), so=frozenset({R.PUPIL_REFUSED})),
    "one yes, the other no": Heard(records=(a_yes(SITE), a_no(SITE, giver=FATHER)), so=frozenset({R.PUPIL_CONFLICTING})),
    "the no first, the other's yes later": Heard(
        records=(a_no(SITE, giver=FATHER, at=BEFORE), a_yes(SITE, at=LATER)), so=frozenset({R.PUPIL_CONFLICTING})
    ),
    "withdrawn": Heard(records=(a_yes(SITE), a_no(SITE)), so=frozenset({R.PUPIL_REFUSED})),
    "won over": Heard(records=(a_no(SITE, at=BEFORE), a_yes(SITE, at=LATER)), so=YES),
    "no, yes, no": Heard(
        records=(a_no(SITE, at=BEFORE - timedelta(days=9)), a_yes(SITE), a_no(SITE)), so=frozenset({R.PUPIL_REFUSED})
    ),
    "yes and no at the same instant": Heard(
        records=(a_yes(SITE, at=LATER), a_no(SITE, at=LATER)), so=frozenset({R.PUPIL_REFUSED})
    ),
    "a yes one microsecond after the no": Heard(
        records=(a_no(SITE, at=BEFORE), a_yes(SITE, at=BEFORE + timedelta(microseconds=1))), so=YES
    ),
    "undated yes, undated no, first seen together": Heard(
        records=(a_record(SITE, at=None, seen=BEFORE), a_record(SITE, REFUSED, at=None, seen=BEFORE)),
        so=frozenset({R.PUPIL_REFUSED}),
    ),
    "undated yes seen after the undated no of the same source": Heard(
        records=(a_record(SITE, REFUSED, at=None, seen=BEFORE), a_record(SITE, at=None, seen=LATER)), so=YES
    ),
    "undated yes, then the same source shows a no of an earlier date": Heard(
        records=(a_record(SITE, at=None, seen=BEFORE), a_record(SITE, REFUSED, at=BEFORE - timedelta(days=9), seen=LATER)),
        so=frozenset({R.PUPIL_REFUSED}),
    ),
    "undated yes seen after the no of another source": Heard(
        records=(a_record(SITE, REFUSED, at=None, seen=BEFORE), a_record(SITE, at=None, seen=LATER, source="export")),
        so=frozenset({R.PUPIL_REFUSED}),
    ),
    "undated yes seen after a dated no of another source": Heard(
        records=(a_no(SITE, at=BEFORE), a_record(SITE, at=None, seen=LATER, source="export")),
        so=frozenset({R.PUPIL_REFUSED}),
    ),
    "dated yes after the no of another source": Heard(
        records=(a_record(SITE, REFUSED, at=None, seen=BEFORE), a_record(SITE, at=LATER, source="export")), so=YES
    ),
    "dated yes before the first sight of an undated no": Heard(
        records=(a_record(SITE, REFUSED, at=None, seen=LATER), a_record(SITE, at=BEFORE, source="export")),
        so=frozenset({R.PUPIL_REFUSED}),
    ),
    "a yes dated tomorrow": Heard(
        records=(a_no(SITE, at=BEFORE), a_yes(SITE, at=NOW + timedelta(days=1))), so=frozenset({R.PUPIL_REFUSED})
    ),
    "a no dated tomorrow": Heard(records=(a_yes(SITE), a_no(SITE, at=NOW + timedelta(days=1))), so=frozenset({R.PUPIL_REFUSED})),
    "a no of years ago": Heard(
        records=(a_no(SITE, at=NOW - timedelta(days=4000)), a_yes(SITE, giver=FATHER)), so=frozenset({R.PUPIL_CONFLICTING})
    ),
    "the no of a neighbour whom the register does not know": Heard(
        records=(a_yes(SITE), a_no(SITE, giver=PersonId("neighbour"))), so=frozenset({R.PUPIL_CONFLICTING})
    ),
    "the no of a barred father": Heard(
        records=(a_yes(SITE), a_no(SITE, giver=FATHER)),
        persons=(a_person(MOTHER), a_person(FATHER, barred=True)),
        so=frozenset({R.PUPIL_CONFLICTING}),
    ),
    "a smaller audience refused, this one agreed to later": Heard(
        records=(a_no(Purpose.JOURNAL_SHARED, at=BEFORE), a_yes(SITE, at=LATER)), so=frozenset({R.PUPIL_REFUSED})
    ),
    "a smaller audience refused by one, this one agreed to by the other": Heard(
        records=(a_no(Purpose.JOURNAL_SHARED), a_yes(SITE, giver=FATHER)), so=frozenset({R.PUPIL_CONFLICTING})
    ),
    "only a smaller audience refused": Heard(
        records=(a_no(Purpose.JOURNAL_SHARED),), so=frozenset({R.PUPIL_REFUSED, R.PUPIL_NOT_RECORDED})
    ),
    "a larger audience refused": Heard(records=(a_yes(SITE), a_no(Purpose.WEBSITE_GROUP)), so=YES),
    "the own journal refused": Heard(records=(a_yes(SITE), a_no(Purpose.JOURNAL_OWN)), so=YES),
    "a yes to a larger audience is no yes to this one": Heard(
        records=(a_yes(Purpose.WEBSITE_GROUP),), so=frozenset({R.PUPIL_NOT_RECORDED})
    ),
    "a yes to a smaller audience is no yes to this one": Heard(
        records=(a_yes(Purpose.JOURNAL_SHARED),), so=frozenset({R.PUPIL_NOT_RECORDED})
    ),
    "a yes about one photo is no yes to the shared site": Heard(
        records=(a_record(SITE, photo=PHOTO),), so=frozenset({R.PUPIL_NOT_RECORDED})
    ),
    "a parent's no, and a later yes of which nobody can say by what right": Heard(
        records=(a_no(SITE, at=BEFORE), a_record(SITE, at=LATER, authority=Authority.UNKNOWN), a_yes(SITE, giver=FATHER)),
        so=frozenset({R.PUPIL_CONFLICTING}),
    ),
    "an export's no without a right to it, and the parent's later yes": Heard(
        records=(a_record(SITE, REFUSED, authority=Authority.UNKNOWN), a_yes(SITE, at=LATER)), so=YES
    ),
    "a step-parent who changed his mind, beside the mother's yes": Heard(
        records=(
            a_yes(SITE),
            a_record(SITE, REFUSED, giver=FATHER, relation=Relation.STEP_PARENT, authority=Authority.NONE),
            a_record(SITE, at=LATER, giver=FATHER, relation=Relation.STEP_PARENT, authority=Authority.NONE),
        ),
        persons=(a_person(MOTHER), a_person(FATHER, Relation.STEP_PARENT, Authority.NONE)),
        so=YES,
    ),
    "a later yes about one photo lifts no general no, whoever else agreed": Heard(
        records=(a_no(SITE, at=BEFORE), a_record(SITE, at=LATER, photo=PHOTO), a_yes(SITE, giver=FATHER)),
        so=frozenset({R.PUPIL_CONFLICTING}),
    ),
    "a no about this photo": Heard(
        records=(a_yes(SITE), a_record(SITE, REFUSED, at=LATER, photo=PHOTO)), so=frozenset({R.PUPIL_REFUSED})
    ),
    "a no about another photo": Heard(records=(a_yes(SITE), a_record(SITE, REFUSED, at=LATER, photo=OTHER_PHOTO)), so=YES),
    "a general yes does not lift an earlier no about this photo": Heard(
        records=(a_record(SITE, REFUSED, at=BEFORE, photo=PHOTO), a_yes(SITE, at=LATER)), so=frozenset({R.PUPIL_REFUSED})
    ),
}


@pytest.mark.parametrize("heard", STANDING.values(), ids=STANDING.keys())
def test_whose_answer_stands(heard: Heard) -> None:
    assert _reasons(a_pupil(records=heard.records, persons=heard.persons), heard.purpose) == heard.so


RETIRED_BY_BOTH: Final = {
    "a step-parent": (a_person(FATHER, Relation.STEP_PARENT, Authority.NONE), Relation.STEP_PARENT, Authority.NONE, True),
    "not established": (a_person(FATHER, Relation.OTHER, Authority.UNKNOWN), Relation.OTHER, Authority.UNKNOWN, True),
    "nobody the register knows": (None, Relation.OTHER, Authority.UNKNOWN, True),
    "had claimed to be a parent": (
        a_person(FATHER, authority=Authority.NONE),
        Relation.FATHER,
        Authority.PARENTAL_RESPONSIBILITY,
        True,
    ),
    "the other parent": (a_person(FATHER), Relation.FATHER, Authority.PARENTAL_RESPONSIBILITY, False),
    "a parent by now": (a_person(FATHER), Relation.STEP_PARENT, Authority.NONE, False),
    "a barred parent": (a_person(FATHER, barred=True), Relation.FATHER, Authority.PARENTAL_RESPONSIBILITY, False),
    "the child": (a_person(FATHER, Relation.CHILD, Authority.SELF), Relation.CHILD, Authority.SELF, False),
    "the child, as the answer has it": (None, Relation.CHILD, Authority.NONE, False),
    "the child, as the register has it": (
        a_person(FATHER, Relation.CHILD, Authority.SELF),
        Relation.OTHER,
        Authority.NONE,
        False,
    ),
    "an ex-pupil": (None, Relation.EX_PUPIL, Authority.UNKNOWN, False),
}


@pytest.mark.parametrize(("person", "relation", "authority", "lifted"), RETIRED_BY_BOTH.values(), ids=RETIRED_BY_BOTH.keys())
def test_head_and_dsl_can_retire_only_the_no_of_somebody_without_authority(
    person: Person | None, relation: Relation, authority: Authority, lifted: bool
) -> None:
    retired = a_record(SITE, REFUSED, giver=FATHER, relation=relation, authority=authority, retired=True)
    pupil = a_pupil(records=(a_yes(SITE), retired), persons=(a_person(MOTHER), *([person] if person else [])))
    assert (not _reasons(pupil)) is lifted
    assert _reasons(replace(pupil, records=(a_yes(SITE), replace(retired, retired=False))))


def test_a_retired_no_opens_nothing_by_itself() -> None:
    retired = a_record(SITE, REFUSED, giver=FATHER, authority=Authority.NONE, relation=Relation.OTHER, retired=True)
    assert _reasons(a_pupil(records=(retired,))) == {R.PUPIL_NOT_RECORDED}


# --- 1, 2 and 7: before any answer is weighed -------------------------------------------------------------------------

TODAY: Final = NOW.date()
A_DAY: Final = timedelta(days=1)
CONDITIONS: Final = {
    "as usual": (a_pupil(), YES),
    "protected": (a_pupil(protected=True), frozenset({R.PUPIL_PROTECTED})),
    "suspended": (a_pupil(suspended=True), frozenset({R.PUPIL_SUSPENDED})),
    "last day is today": (a_pupil(left_on=TODAY), YES),
    "last day was yesterday": (a_pupil(left_on=TODAY - A_DAY), frozenset({R.PUPIL_LEAVER})),
    "first day is today": (a_pupil(on_roll_from=TODAY), YES),
    "first day is tomorrow": (a_pupil(on_roll_from=TODAY + A_DAY), frozenset({R.PUPIL_NOT_ON_ROLL})),
    "everything at once": (
        a_pupil(protected=True, suspended=True, left_on=TODAY - A_DAY, on_roll_from=TODAY + A_DAY, records=()),
        frozenset({R.PUPIL_PROTECTED, R.PUPIL_SUSPENDED, R.PUPIL_LEAVER, R.PUPIL_NOT_ON_ROLL, R.PUPIL_NOT_RECORDED}),
    ),
}


@pytest.mark.parametrize(("pupil", "so"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_what_closes_whatever_was_answered(pupil: Pupil, so: frozenset[Reason]) -> None:
    assert _reasons(pupil) == so


CHILD: Final = PersonId("ann-herself")


def _by_child(answer: Answer, at: datetime = LATER, *, relation: Relation = Relation.CHILD) -> ConsentRecord:
    return a_record(SITE, answer, giver=CHILD, at=at, relation=relation, authority=Authority.SELF)


CHILDREN: Final = {
    "objects": ((a_yes(SITE), _by_child(REFUSED)), frozenset({R.PUPIL_CHILD_OBJECTS})),
    "objected before a parent agreed": ((_by_child(REFUSED, BEFORE), a_yes(SITE, at=LATER)), frozenset({R.PUPIL_CHILD_OBJECTS})),
    "objected long ago, and has left since": (
        (a_yes(SITE), _by_child(REFUSED, NOW - timedelta(days=3000), relation=Relation.EX_PUPIL)),
        frozenset({R.PUPIL_CHILD_OBJECTS}),
    ),
    "objected, then changed its own mind": ((a_yes(SITE), _by_child(REFUSED, BEFORE), _by_child(GIVEN)), YES),
    "agrees, and no parent does": ((_by_child(GIVEN),), frozenset({R.PUPIL_NO_AUTHORITY})),
    "and a parent refuses too": (
        (a_no(SITE), _by_child(REFUSED)),
        frozenset({R.PUPIL_CHILD_OBJECTS, R.PUPIL_REFUSED}),
    ),
    "objects, and nobody else answered": ((_by_child(REFUSED),), frozenset({R.PUPIL_CHILD_OBJECTS, R.PUPIL_NOT_RECORDED})),
    "the no was filed under the mother, who agrees later": (
        (replace(_by_child(REFUSED, BEFORE), giver=MOTHER), a_yes(SITE, at=LATER)),
        frozenset({R.PUPIL_CHILD_OBJECTS}),
    ),
}


@pytest.mark.parametrize(("records", "so"), CHILDREN.values(), ids=CHILDREN.keys())
def test_the_childs_own_no_wins_and_its_yes_is_no_consent(records: Iterable[ConsentRecord], so: frozenset[Reason]) -> None:
    persons = (a_person(MOTHER), a_person(CHILD, Relation.CHILD, Authority.SELF))
    found = _reasons(a_pupil(records=records, persons=persons))
    assert found == so


# --- 5: authority -----------------------------------------------------------------------------------------------------

S: Final = LegalStatus
PARENTS_DECIDE: Final = {S.NO_ORDER, S.ADOPTED, S.SECTION_20}
CARE: Final = {S.CARE_ORDER, S.INTERIM_CARE_ORDER, S.EMERGENCY_PROTECTION_ORDER}
PARENTAL: Final = {Relation.MOTHER, Relation.FATHER, Relation.PARENT, Relation.GUARDIAN, Relation.STEP_PARENT, Relation.OTHER}
COUNTS: Final = {
    Authority.PARENTAL_RESPONSIBILITY: (PARENTAL, PARENTS_DECIDE),
    Authority.LOCAL_AUTHORITY: ({Relation.LOCAL_AUTHORITY}, CARE),
    Authority.SPECIAL_GUARDIAN: ({Relation.SPECIAL_GUARDIAN}, {S.SPECIAL_GUARDIANSHIP}),
    Authority.DELEGATED: ({Relation.FOSTER_CARER}, CARE | {S.SECTION_20}),
    Authority.SELF: (set(), set()),
    Authority.NONE: (set(), set()),
    Authority.UNKNOWN: (set(), set()),
}


@pytest.mark.parametrize("status", LegalStatus)
@pytest.mark.parametrize("authority", Authority)
@pytest.mark.parametrize("relation", Relation)
def test_whose_yes_counts_under_which_legal_status(relation: Relation, authority: Authority, status: LegalStatus) -> None:
    relations, statuses = COUNTS[authority]
    person = a_person(MOTHER, relation, authority, delegated=[SITE])
    assert may_consent(person, status, SITE) is (relation in relations and status in statuses)
    assert not may_consent(replace(person, barred=True), status, SITE)
    if authority is Authority.DELEGATED:
        assert not may_consent(person, status, Purpose.WEBSITE_GROUP)


PR: Final = Authority.PARENTAL_RESPONSIBILITY
AUTHORITIES: Final = {
    "a parent": (a_person(), a_yes(SITE), YES),
    "a barred parent": (a_person(barred=True), a_yes(SITE), frozenset({R.PUPIL_NO_AUTHORITY})),
    "nobody the register knows": (None, a_yes(SITE), frozenset({R.PUPIL_NO_AUTHORITY})),
    "a parent by now, not when answering": (
        a_person(),
        a_record(SITE, authority=Authority.UNKNOWN),
        frozenset({R.PUPIL_NO_AUTHORITY}),
    ),
    "a parent when answering, not any more": (
        a_person(authority=Authority.NONE),
        a_yes(SITE),
        frozenset({R.PUPIL_NO_AUTHORITY}),
    ),
    "a step-parent with parental responsibility": (
        a_person(relation=Relation.STEP_PARENT),
        a_record(SITE, relation=Relation.STEP_PARENT),
        YES,
    ),
    "a step-parent without": (
        a_person(relation=Relation.STEP_PARENT, authority=Authority.NONE),
        a_record(SITE, relation=Relation.STEP_PARENT, authority=Authority.NONE),
        frozenset({R.PUPIL_NO_AUTHORITY}),
    ),
    "a column that does not say for whom it speaks": (
        a_person(authority=Authority.UNKNOWN, relation=Relation.OTHER),
        a_record(SITE, relation=Relation.OTHER, authority=Authority.UNKNOWN),
        frozenset({R.PUPIL_NO_AUTHORITY}),
    ),
    "a foster carer who claims parental responsibility": (
        a_person(relation=Relation.FOSTER_CARER),
        a_record(SITE, relation=Relation.FOSTER_CARER),
        frozenset({R.PUPIL_NO_AUTHORITY}),
    ),
}


@pytest.mark.parametrize(("person", "yes", "so"), AUTHORITIES.values(), ids=AUTHORITIES.keys())
def test_a_yes_counts_only_with_authority(person: Person | None, yes: ConsentRecord, so: frozenset[Reason]) -> None:
    assert _reasons(a_pupil(records=(yes,), persons=[person] if person else [])) == so


def test_a_person_who_stands_twice_on_the_register_needs_authority_both_times() -> None:
    twice = (a_person(), a_person(barred=True))
    assert _reasons(a_pupil(persons=twice)) == {R.PUPIL_NO_AUTHORITY}
    assert _reasons(a_pupil(persons=twice[::-1])) == {R.PUPIL_NO_AUTHORITY}


LEGAL: Final = {
    "no order, ever": (S.NO_ORDER, None, BEFORE, YES),
    "no order, ever, and an undated yes": (S.NO_ORDER, None, None, YES),
    "adopted after the yes": (S.ADOPTED, CHANGED, BEFORE, frozenset({R.PUPIL_VOID})),
    "adopted at the instant of the yes": (S.ADOPTED, BEFORE, BEFORE, frozenset({R.PUPIL_VOID})),
    "adopted before the yes": (S.ADOPTED, CHANGED, LATER, YES),
    "adopted, and an undated yes": (S.ADOPTED, CHANGED, None, frozenset({R.PUPIL_VOID})),
    "adopted, nobody knows when": (S.ADOPTED, None, BEFORE, frozenset({R.PUPIL_VOID})),
    "adopted, nobody knows when, and an undated yes": (S.ADOPTED, None, None, frozenset({R.PUPIL_VOID})),
    "an order that ended after the yes": (S.NO_ORDER, CHANGED, BEFORE, frozenset({R.PUPIL_VOID})),
    "an order that ended before the yes": (S.NO_ORDER, CHANGED, LATER, YES),
    "a change still to come": (S.NO_ORDER, NOW + timedelta(days=5), BEFORE, frozenset({R.PUPIL_VOID})),
    "section 20, a parent's yes after it": (S.SECTION_20, CHANGED, LATER, YES),
    "a care order, a parent's yes after it": (S.CARE_ORDER, CHANGED, LATER, frozenset({R.PUPIL_NO_AUTHORITY})),
    "a care order, a parent's yes before it": (
        S.CARE_ORDER,
        CHANGED,
        BEFORE,
        frozenset({R.PUPIL_NO_AUTHORITY, R.PUPIL_VOID}),
    ),
    "not established": (S.UNKNOWN, CHANGED, LATER, frozenset({R.PUPIL_NO_AUTHORITY})),
}


@pytest.mark.parametrize(("status", "since", "at", "so"), LEGAL.values(), ids=LEGAL.keys())
def test_a_change_of_legal_status_voids_every_yes(
    status: LegalStatus, since: datetime | None, at: datetime | None, so: frozenset[Reason]
) -> None:
    assert _reasons(a_pupil(records=(a_yes(SITE, at=at),), status=status, since=since)) == so


def test_a_void_yes_lifts_no_no() -> None:
    records = (a_no(SITE, at=BEFORE), a_yes(SITE, at=LATER), a_yes(SITE, giver=FATHER, at=NOW))
    persons = (a_person(MOTHER), a_person(FATHER))
    adopted = a_pupil(records=records, persons=persons, status=S.ADOPTED, since=LATER + A_DAY)
    assert _reasons(adopted) == {R.PUPIL_CONFLICTING}
    assert _reasons(replace(adopted, legal_status_since=BEFORE)) == YES


def test_under_a_care_order_the_authoritys_yes_stands_alone() -> None:
    authority = a_person(PersonId("la"), Relation.LOCAL_AUTHORITY, Authority.LOCAL_AUTHORITY)
    yes = a_record(SITE, giver=authority.id, relation=authority.relation, authority=authority.authority, at=LATER)
    pupil = a_pupil(records=(yes,), persons=(a_person(MOTHER), authority), status=S.CARE_ORDER, since=CHANGED)
    both = a_policy(("every_parent = []", 'every_parent = ["shared-site"]'))
    assert _reasons(pupil) == YES
    assert _reasons(pupil, policy=both) == YES
    refused = (yes, a_no(SITE, at=LATER))
    assert _reasons(replace(pupil, records=refused)) == {R.PUPIL_CONFLICTING}
    assert _reasons(replace(pupil, records=(*refused, a_yes(SITE, at=LATER + A_DAY)))) == YES


# --- 6: every parent --------------------------------------------------------------------------------------------------


def _high(giver: PersonId, **changes: object) -> ConsentRecord:
    return replace(a_yes(HIGH, giver=giver), **changes)  # type: ignore[arg-type]


PROMINENT: Final = {
    "both agreed": ((_high(MOTHER), _high(FATHER)), YES),
    "one agreed": ((_high(MOTHER),), frozenset({R.PUPIL_NOT_EVERY_PARENT})),
    "one agreed, one refused": (
        (_high(MOTHER), a_no(HIGH, giver=FATHER)),
        frozenset({R.PUPIL_CONFLICTING, R.PUPIL_NOT_EVERY_PARENT}),
    ),
    "one agreed to another photo": (
        (_high(MOTHER), _high(FATHER, photo=OTHER_PHOTO)),
        frozenset({R.PUPIL_NOT_EVERY_PARENT}),
    ),
    "one agreed without a term": ((_high(MOTHER), _high(FATHER, valid_until=None)), frozenset({R.PUPIL_NOT_EVERY_PARENT})),
    "both agreed without a term": (
        (_high(MOTHER, valid_until=None), _high(FATHER, valid_until=None)),
        frozenset({R.PUPIL_EXPIRED}),
    ),
    "both agreed to every photo": (
        (_high(MOTHER, photo=None), _high(FATHER, photo=None)),
        frozenset({R.PUPIL_NOT_RECORDED}),
    ),
    "the term of one is over": (
        (_high(MOTHER), _high(FATHER, valid_until=TODAY - A_DAY)),
        frozenset({R.PUPIL_NOT_EVERY_PARENT}),
    ),
    "one refused every photo before agreeing to this one": (
        (_high(MOTHER), a_no(HIGH, giver=FATHER, at=BEFORE - A_DAY), _high(FATHER)),
        YES,
    ),
    "one refused another photo": (
        (_high(MOTHER), _high(FATHER), a_record(HIGH, REFUSED, at=LATER, photo=OTHER_PHOTO)),
        YES,
    ),
}


@pytest.mark.parametrize(("records", "so"), PROMINENT.values(), ids=PROMINENT.keys())
def test_high_profile_needs_every_parents_yes_to_this_photo_with_a_term(
    records: Iterable[ConsentRecord], so: frozenset[Reason]
) -> None:
    persons = (a_person(MOTHER), a_person(FATHER))
    assert _reasons(a_pupil(records=records, persons=persons), HIGH) == so


def test_a_yes_to_this_photo_after_refusing_all_leaves_the_others_refused() -> None:
    pupil = a_pupil(
        records=(a_no(HIGH, at=BEFORE - A_DAY), _high(MOTHER), _high(MOTHER, photo=OTHER_PHOTO, answered_at=LATER - 60 * A_DAY))
    )
    assert _reasons(pupil, HIGH) == YES
    assert _reasons(pupil, HIGH, photo=OTHER_PHOTO) == {R.PUPIL_REFUSED}


EVERYONE: Final = {
    "the other is barred": (a_person(FATHER, barred=True), True),
    "the other has no authority": (a_person(FATHER, authority=Authority.NONE), True),
    "the other's authority is not established": (a_person(FATHER, authority=Authority.UNKNOWN), True),
    "the other is a parent": (a_person(FATHER), False),
    "the other's entry contradicts itself": (a_person(FATHER, Relation.FOSTER_CARER, PR), False),
}


@pytest.mark.parametrize(("other", "enough"), EVERYONE.values(), ids=EVERYONE.keys())
def test_every_known_person_with_authority_must_agree_and_no_other(other: Person, enough: bool) -> None:
    pupil = a_pupil(records=(_high(MOTHER),), persons=(a_person(MOTHER), other))
    assert _reasons(pupil, HIGH) == (YES if enough else {R.PUPIL_NOT_EVERY_PARENT})


def test_a_purpose_that_more_than_one_person_was_asked_about_needs_all_of_them() -> None:
    one, both = (
        (a_person(MOTHER, asked=[SITE]), a_person(FATHER)),
        (a_person(MOTHER, asked=[SITE]), a_person(FATHER, asked=[SITE])),
    )
    assert _reasons(a_pupil(persons=one)) == YES
    assert _reasons(a_pupil(persons=both)) == {R.PUPIL_NOT_EVERY_PARENT}
    assert not needs_every_parent(_ask(a_pupil(persons=both), Purpose.WEBSITE_GROUP))


def test_a_policy_may_ask_for_every_parent() -> None:
    both = a_policy(("every_parent = []", 'every_parent = ["shared-site"]'))
    pupil = a_pupil(persons=(a_person(MOTHER), a_person(FATHER)))
    assert _reasons(pupil, policy=both) == {R.PUPIL_NOT_EVERY_PARENT}
    assert _reasons(pupil, Purpose.WEBSITE_GROUP, policy=both) == YES


# --- 8: public task ---------------------------------------------------------------------------------------------------

SILENT: Final = {
    "silent": (a_pupil(records=()), YES),
    "expired": (a_pupil(records=(a_yes(SITE, at=NOW - timedelta(days=900)),)), YES),
    "refused": (a_pupil(records=(a_no(SITE),)), frozenset({R.PUPIL_REFUSED})),
    "refused by one, agreed to by the other": (
        a_pupil(records=(a_yes(SITE), a_no(SITE, giver=FATHER))),
        frozenset({R.PUPIL_CONFLICTING}),
    ),
    "a smaller audience refused": (a_pupil(records=(a_no(Purpose.JOURNAL_SHARED),)), frozenset({R.PUPIL_REFUSED})),
    "the child objects": (a_pupil(records=(_by_child(REFUSED),)), frozenset({R.PUPIL_CHILD_OBJECTS})),
    "protected": (a_pupil(records=(), protected=True), frozenset({R.PUPIL_PROTECTED})),
    "a leaver": (a_pupil(records=(), left_on=TODAY - A_DAY), frozenset({R.PUPIL_LEAVER})),
    "not yet on the roll": (a_pupil(records=(), on_roll_from=TODAY + A_DAY), frozenset({R.PUPIL_NOT_ON_ROLL})),
    **{
        f"silent, {status.value}": (a_pupil(records=(), status=status, since=CHANGED), frozenset({R.PUPIL_NOT_RECORDED}))
        for status in LegalStatus
        if status is not LegalStatus.NO_ORDER
    },
}


@pytest.mark.parametrize(("pupil", "so"), SILENT.values(), ids=SILENT.keys())
def test_under_public_task_silence_is_allowed_and_an_objection_stops_it(pupil: Pupil, so: frozenset[Reason]) -> None:
    assert _reasons(pupil, policy=PUBLIC_TASK) == so


def test_an_approval_by_silence_rests_on_no_answer_and_ends_only_with_the_pupils_last_day() -> None:
    assert holds_until(_ask(a_pupil(), policy=PUBLIC_TASK)) is None
    leaving = a_pupil(left_on=date(2027, 7, 21))
    assert holds_until(_ask(leaving, policy=PUBLIC_TASK)) == date(2027, 7, 21)


# --- 7: how long ------------------------------------------------------------------------------------------------------

LAST_DAYS: Final = {
    "in autumn": (date(2026, 9, 1), date(2027, 10, 31)),
    "on the last day before the school year": (date(2026, 8, 31), date(2027, 10, 31)),
    "at New Year": (date(2027, 1, 1), date(2027, 10, 31)),
    "on the last day of April": (date(2027, 4, 30), date(2027, 10, 31)),
    "on 1 May, when renewal begins": (date(2027, 5, 1), date(2028, 10, 31)),
    "on 29 February": (date(2028, 2, 29), date(2028, 10, 31)),
    "on 31 October, the day the old yes ends": (date(2026, 10, 31), date(2027, 10, 31)),
    "at the end of the year": (date(2026, 12, 31), date(2027, 10, 31)),
}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize(("answered", "until"), LAST_DAYS.values(), ids=LAST_DAYS.keys())
def test_a_yes_lasts_to_the_end_of_october_after_the_school_year_it_was_given_for(answered: date, until: date) -> None:
    yes = a_yes(SITE, at=_noon(answered))
    assert last_day(yes, POLICY) == until
    assert POLICY.valid_until(answered) == until
    pupil = a_pupil(records=(yes,))
    assert _reasons(pupil, now=_noon(until)) == YES
    assert _reasons(pupil, now=_noon(until + A_DAY)) == {R.PUPIL_EXPIRED}


CALENDARS: Final = {
    "the yes ends with the school year": ("08-31", "08-31", "05-01", date(2026, 9, 10), date(2027, 8, 31)),
    "the yes ends in the year after, in spring": ("08-31", "03-31", "05-01", date(2026, 9, 10), date(2028, 3, 31)),
    "the school year ends in July, renewal from June": ("07-31", "09-30", "06-01", date(2026, 8, 1), date(2027, 9, 30)),
    "renewal from a day after the year's end": ("07-31", "09-30", "09-01", date(2026, 7, 31), date(2026, 9, 30)),
    "the school year is the calendar year": ("12-31", "01-31", "11-01", date(2026, 11, 1), date(2028, 1, 31)),
}


@pytest.mark.parametrize(("ends", "lasts", "renewal", "answered", "until"), CALENDARS.values(), ids=CALENDARS.keys())
def test_another_calendar_of_the_school_is_followed(ends: str, lasts: str, renewal: str, answered: date, until: date) -> None:
    policy = a_policy(
        ('year_ends = "08-31"', f'year_ends = "{ends}"'),
        ('yes_lasts_to = "10-31"', f'yes_lasts_to = "{lasts}"'),
        ('renewal_from = "05-01"', f'renewal_from = "{renewal}"'),
    )
    assert policy.valid_until(answered) == until


@pytest.mark.parametrize(
    ("until", "last"),
    [
        (None, date(2027, 10, 31)),
        (date(2027, 3, 1), date(2027, 3, 1)),
        (date(2027, 11, 1), date(2027, 10, 31)),
        (date(2026, 9, 1), date(2026, 9, 1)),
    ],
)
def test_the_giver_can_shorten_a_yes_and_not_lengthen_it(until: date | None, last: date) -> None:
    assert last_day(a_record(SITE, at=BEFORE, until=until), POLICY) == last


@pytest.mark.parametrize(
    ("until", "last"),
    [(None, date.min), (date(2027, 3, 1), date(2027, 3, 1)), (date(2039, 1, 1), date(2029, 9, 9))],
)
def test_a_high_profile_yes_has_its_own_term_of_at_most_the_policys_years(until: date | None, last: date) -> None:
    assert last_day(a_record(HIGH, at=BEFORE, until=until, photo=PHOTO), POLICY) == last


def test_an_undated_yes_lasts_from_the_day_its_source_first_showed_it() -> None:
    assert last_day(a_record(SITE, at=None, seen=_noon(date(2025, 9, 1))), POLICY) == date(2026, 10, 31)


def test_a_later_yes_with_a_shorter_term_replaces_an_earlier_one() -> None:
    pupil = a_pupil(records=(a_yes(SITE, at=BEFORE), a_record(SITE, at=LATER, until=date(2026, 10, 20))))
    assert _reasons(pupil) == {R.PUPIL_EXPIRED}


def test_of_two_yeses_at_one_instant_the_one_that_counts_less_stands() -> None:
    short = a_record(SITE, at=BEFORE, until=date(2026, 12, 24), name="b")
    powerless = a_record(SITE, at=BEFORE, authority=Authority.UNKNOWN, name="c")
    full = a_record(SITE, at=BEFORE, name="a")
    assert standing_yeses(_ask(a_pupil(records=(full, short)))) == (short,)
    assert standing_yeses(_ask(a_pupil(records=(short, powerless, full)))) == (powerless,)


HOLDS: Final = {
    "one yes": ((a_yes(SITE),), SITE, date(2027, 10, 31)),
    "no yes": ((), SITE, None),
    "an expired one": ((a_yes(SITE, at=NOW - timedelta(days=900)),), SITE, None),
    "two, and one is enough": (
        (a_record(SITE, until=date(2027, 1, 1)), a_record(SITE, giver=FATHER, until=date(2027, 2, 1))),
        SITE,
        date(2027, 2, 1),
    ),
    "two, and both are needed": (
        (_high(MOTHER, valid_until=date(2027, 1, 1)), _high(FATHER, valid_until=date(2027, 2, 1))),
        HIGH,
        date(2027, 1, 1),
    ),
}


@pytest.mark.parametrize(("records", "purpose", "until"), HOLDS.values(), ids=HOLDS.keys())
def test_an_approval_holds_as_long_as_the_answers_it_needs(
    records: Iterable[ConsentRecord], purpose: Purpose, until: date | None
) -> None:
    pupil = a_pupil(records=records, persons=(a_person(MOTHER), a_person(FATHER)))
    assert holds_until(_ask(pupil, purpose)) == until
    leaving = replace(pupil, left_on=date(2026, 12, 18))
    assert holds_until(_ask(leaving, purpose)) == date(2026, 12, 18)


MIDNIGHTS: Final = {
    "summer, London 23:59": (date(2027, 7, 21), datetime(2027, 7, 21, 22, 59, 59, tzinfo=UTC), False),
    "summer, London midnight": (date(2027, 7, 21), datetime(2027, 7, 21, 23, tzinfo=UTC), True),
    "winter, London 22:59": (date(2026, 12, 18), datetime(2026, 12, 18, 22, 59, 59, tzinfo=UTC), False),
    "winter, London 23:00, an hour early": (date(2026, 12, 18), datetime(2026, 12, 18, 23, tzinfo=UTC), True),
    "the night the clocks go back": (date(2026, 10, 24), datetime(2026, 10, 24, 23, tzinfo=UTC), True),
    "the day before": (date(2026, 12, 18), datetime(2026, 12, 17, 23, tzinfo=UTC), False),
    "29 February": (date(2028, 2, 29), datetime(2028, 2, 29, 12, tzinfo=UTC), False),
    "1 March": (date(2028, 2, 29), datetime(2028, 3, 1, 0, 0, tzinfo=UTC), True),
}


@pytest.mark.parametrize(("day", "now", "over"), MIDNIGHTS.values(), ids=MIDNIGHTS.keys())
def test_a_day_is_over_at_midnight_in_london_and_never_later(day: date, now: datetime, over: bool) -> None:
    assert day_is_over(day, now) is over


def test_an_instant_without_a_zone_is_no_time_of_day() -> None:
    with pytest.raises(TypeError):
        day_is_over(TODAY, NOW.replace(tzinfo=None))


def test_a_first_day_begins_with_the_day_in_utc_and_never_earlier() -> None:
    pupil = a_pupil(on_roll_from=date(2026, 9, 1), records=(a_yes(SITE, at=datetime(2026, 8, 1, tzinfo=UTC)),))
    assert _reasons(pupil, now=datetime(2026, 8, 31, 23, 59, tzinfo=UTC)) == {R.PUPIL_NOT_ON_ROLL}
    assert _reasons(pupil, now=datetime(2026, 9, 1, 0, 0, tzinfo=UTC)) == YES


# --- the parts agree --------------------------------------------------------------------------------------------------


def test_a_yes_of_somebody_who_refuses_elsewhere_is_not_good() -> None:
    pupil = a_pupil(records=(a_yes(SITE), a_no(Purpose.JOURNAL_SHARED)))
    assert [no.purpose for no in standing_refusals(_ask(pupil))] == [Purpose.JOURNAL_SHARED]
    assert standing_yeses(_ask(pupil))
    assert good_yeses(_ask(pupil)) == ()
