"""Who sees why: the neutral answer is the same whatever the cause, and no sentence is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.case import Case
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Photo, Place, WordsState
from consent.purposes import Destination, HighProfile, Journal, Purpose, SharedSite, Website
from consent.reasons import ABOUT_A_PUPIL, REMEDIES, SENTENCES, Finding, Outcome, Reason, Sight, shown
from consent.register import Answer, Pupil
from consent.rules import findings
from tests.consent.making import (
    ANN,
    BEFORE,
    BOB,
    CAL,
    FATHER,
    LATER,
    NOW,
    PHOTO,
    a_case,
    a_no,
    a_person,
    a_photo,
    a_policy,
    a_pupil,
    a_record,
    anns_journal,
    yes_to_all,
)

NEUTRAL: Final = frozenset({Reason.PUPIL_CANNOT_APPEAR, Reason.PICTURED_CANNOT_APPEAR})
OF_WHAT_IS_LIVE: Final = frozenset({Reason.IMAGE_TOO_LARGE})
"""Found by retraction (test_retraction.py), never by a rule: what is new goes out in the sizes that are allowed."""
A_DAY: Final = timedelta(days=1)
YESTERDAY, TOMORROW = NOW.date() - A_DAY, NOW.date() + A_DAY
REFUSALS: Final = tuple(a_no(purpose) for purpose in Purpose)
OLD: Final = tuple(
    a_record(purpose, at=BEFORE - 500 * A_DAY, photo=PHOTO, until=YESTERDAY)
    if purpose is Purpose.HIGH_PROFILE
    else a_record(purpose, at=BEFORE - 500 * A_DAY)
    for purpose in Purpose
)
POWERLESS: Final = tuple(replace(yes, authority=Authority.NONE) for yes in yes_to_all())
CHILDS_OWN: Final = tuple(
    a_record(purpose, Answer.REFUSED, giver=PersonId("self"), relation=Relation.CHILD, authority=Authority.SELF)
    for purpose in Purpose
)
EVERY_PARENT: Final = a_policy(("every_parent = []", f"every_parent = {[purpose.value for purpose in Purpose]}"))

CAUSES: Final[Mapping[str, Pupil]] = {
    "protected": a_pupil(protected=True),
    "protected, nobody answered": a_pupil(protected=True, records=()),
    "protected, refused": a_pupil(protected=True, records=REFUSALS),
    "refused": a_pupil(records=REFUSALS),
    "withdrawn": a_pupil(records=(*yes_to_all(), *REFUSALS)),
    "conflicting": a_pupil(records=(*yes_to_all(), *(a_no(purpose, giver=FATHER) for purpose in Purpose))),
    "unanswered": a_pupil(records=()),
    "expired": a_pupil(records=OLD),
    "void": a_pupil(status=LegalStatus.ADOPTED, since=LATER),
    "without authority": a_pupil(records=POWERLESS),
    "without authority, void and expired": a_pupil(
        records=[replace(yes, authority=Authority.NONE) for yes in OLD], status=LegalStatus.ADOPTED, since=LATER
    ),
    "not every parent": a_pupil(persons=(a_person(), a_person(FATHER))),
    "the child objects": a_pupil(records=(*yes_to_all(), *CHILDS_OWN)),
    "leaver": a_pupil(left_on=YESTERDAY),
    "leaver and refused": a_pupil(left_on=YESTERDAY, records=REFUSALS),
    "not yet on the roll": a_pupil(on_roll_from=TOMORROW),
    "suspended": a_pupil(suspended=True),
    "everything": a_pupil(
        protected=True, suspended=True, left_on=YESTERDAY, on_roll_from=TOMORROW, records=(*CHILDS_OWN, *REFUSALS)
    ),
}
SIGHTS: Final = {
    "her class teacher": Sight(own_class=frozenset({ANN})),
    "the teacher of both": Sight(own_class=frozenset({ANN, BOB, CAL})),
    "another class's teacher": Sight(own_class=frozenset({BOB})),
    "an editor": Sight(),
}
PICTURES: Final[tuple[tuple[Destination, tuple[PupilId, ...]], ...]] = tuple(
    (to, subjects)
    for to in (Website(), HighProfile(), SharedSite(), anns_journal(), Journal(owner=BOB))
    for subjects in ((ANN,), (ANN, BOB), (ANN, BOB, CAL))
)


def _case(ann: Pupil, to: Destination, subjects: Iterable[PupilId], photo: Photo | None = None) -> Case:
    yes = (*yes_to_all(), *yes_to_all(FATHER))
    company = a_pupil(BOB, records=yes), a_pupil(CAL, records=())
    return a_case(ann, *company, photo=photo or a_photo(subjects), to=to, policy=EVERY_PARENT)


@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS.keys())
@pytest.mark.parametrize(("to", "subjects"), PICTURES)
def test_whoever_may_not_see_why_sees_the_same_for_every_cause(
    to: Destination, subjects: tuple[PupilId, ...], sight: Sight
) -> None:
    seen = {
        cause: tuple((finding, SENTENCES[finding.reason]) for finding in shown(findings(_case(ann, to, subjects)), sight))
        for cause, ann in CAUSES.items()
    }
    assert len(set(seen.values())) == 1, seen
    assert seen["protected"]


@pytest.mark.parametrize(("to", "subjects"), PICTURES)
def test_the_outcome_is_the_same_for_every_cause(to: Destination, subjects: tuple[PupilId, ...]) -> None:
    outcomes = {cause: {finding.outcome for finding in findings(_case(ann, to, subjects))} for cause, ann in CAUSES.items()}
    assert len({frozenset(found) for found in outcomes.values()}) == 1, outcomes


@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS.keys())
@pytest.mark.parametrize("to", [Website(), HighProfile(), SharedSite(), Journal(owner=BOB)])
def test_a_pupil_who_is_not_on_the_register_at_all_looks_the_same_too(to: Destination, sight: Sight) -> None:
    case = _case(a_pupil(protected=True), to, (ANN, BOB))
    without = {pupil: entry for pupil, entry in case.register.pupils.items() if pupil != ANN}
    unknown = replace(case, register=replace(case.register, pupils=without))
    assert shown(findings(unknown), sight) == shown(findings(case), sight)


def _photos() -> st.SearchStrategy[Photo]:
    return st.builds(
        a_photo,
        st.sampled_from(((ANN,), (ANN, BOB), (ANN, CAL), (ANN, BOB, CAL))),
        image=st.sampled_from(("ab" * 32, None)),
        no_pupils=st.booleans(),
        declared=st.booleans(),
        others=st.lists(st.sampled_from(Other), max_size=2).map(tuple),
        covered=st.sampled_from(((), (ANN,), (BOB,), (ANN, BOB))),
        cover_confirmed=st.booleans(),
        place=st.sampled_from(Place),
        aware=st.sampled_from(Aware),
        faces=st.sampled_from(Faces),
        largest_face=st.sampled_from((None, 0.1, 0.9)),
        words=st.sampled_from(WordsState),
        words_names=st.sampled_from(("names-1", None)),
    )


@settings(max_examples=300, deadline=None)
@given(
    photo=_photos(),
    to=st.sampled_from((Website(), HighProfile(), SharedSite(), anns_journal(), Journal(owner=BOB))),
    one=st.sampled_from(sorted(CAUSES)),
    other=st.sampled_from(sorted(CAUSES)),
    own_class=st.frozensets(st.sampled_from((ANN, BOB, CAL))),
    fresh=st.booleans(),
)
def test_two_cases_that_differ_only_in_the_cause_of_one_pupils_no_look_the_same(
    *, photo: Photo, to: Destination, one: str, other: str, own_class: frozenset[PupilId], fresh: bool
) -> None:
    def seen(cause: str) -> tuple[Finding, ...]:
        case = _case(CAUSES[cause], to, (), photo)
        case = replace(case, register=replace(case.register, fresh_at=NOW if fresh else None))
        return shown(findings(case), Sight(own_class=own_class))

    pictured = ANN not in photo.covered or (not photo.cover_confirmed and not isinstance(to, Journal))
    if pictured or to != anns_journal():
        assert seen(one) == seen(other)


# --- what each viewer sees --------------------------------------------------------------------------------------------

FOUND: Final = (
    Finding(reason=Reason.FACES_UNKNOWN),
    Finding(reason=Reason.PUPIL_EXPIRED, pupil=BOB),
    Finding(reason=Reason.PUPIL_NOT_RECORDED, pupil=CAL),
    Finding(reason=Reason.PUPIL_PROTECTED, pupil=ANN),
    Finding(reason=Reason.PUPIL_REFUSED, pupil=ANN),
    Finding(reason=Reason.WORDS_HELD),
)
FACES, WORDS = FOUND[0], FOUND[-1]
SOMEBODY: Final = Finding(reason=Reason.PICTURED_CANNOT_APPEAR)


def _cannot(pupil: PupilId) -> Finding:
    return Finding(reason=Reason.PUPIL_CANNOT_APPEAR, pupil=pupil)


def test_head_and_dsl_see_every_finding() -> None:
    assert shown(FOUND, Sight(exact=True)) == FOUND
    assert shown(FOUND, Sight(exact=True, own_class=frozenset({ANN}))) == FOUND


def test_a_teacher_sees_one_neutral_finding_for_each_of_their_own_and_one_for_all_others() -> None:
    assert shown(FOUND, Sight(own_class=frozenset({ANN}))) == (_cannot(ANN), SOMEBODY, FACES, WORDS)
    assert shown(FOUND, Sight(own_class=frozenset({ANN, BOB, CAL}))) == (_cannot(ANN), _cannot(BOB), _cannot(CAL), FACES, WORDS)


def test_an_editor_sees_neither_who_nor_how_many_nor_why() -> None:
    assert shown(FOUND, Sight()) == (SOMEBODY, FACES, WORDS)
    assert shown(FOUND[:2], Sight()) == (SOMEBODY, FACES)


def test_a_finding_about_a_pupil_without_saying_whom_is_neutral_too() -> None:
    assert shown((Finding(reason=Reason.PUPIL_EXPIRED),), Sight(own_class=frozenset({ANN}))) == (SOMEBODY,)


def test_nothing_found_is_nothing_shown() -> None:
    assert shown((), Sight()) == ()
    assert shown((WORDS,), Sight()) == (WORDS,)


def test_every_reason_about_a_pupil_is_hidden_from_all_but_head_and_dsl() -> None:
    assert {reason for reason in Reason if reason.value.startswith("pupil:")} == ABOUT_A_PUPIL
    for reason in ABOUT_A_PUPIL:
        assert shown((Finding(reason=reason, pupil=ANN),), Sight(own_class=frozenset({ANN}))) == (_cannot(ANN),)


def test_the_remedies_are_always_these_in_this_order() -> None:
    assert REMEDIES == ("crop", "leave out or retake", "cover")


# --- the list of reasons is whole -------------------------------------------------------------------------------------

END: Final = datetime.max.replace(tzinfo=UTC)
YIELDED: Final[Mapping[Reason, Case]] = {
    Reason.PUPIL_PROTECTED: a_case(CAUSES["protected"]),
    Reason.PUPIL_CHILD_OBJECTS: a_case(CAUSES["the child objects"]),
    Reason.PUPIL_REFUSED: a_case(CAUSES["refused"]),
    Reason.PUPIL_CONFLICTING: a_case(CAUSES["conflicting"]),
    Reason.PUPIL_NOT_RECORDED: a_case(CAUSES["unanswered"]),
    Reason.PUPIL_NOT_EVERY_PARENT: a_case(CAUSES["not every parent"], policy=EVERY_PARENT),
    Reason.PUPIL_NO_AUTHORITY: a_case(CAUSES["without authority"]),
    Reason.PUPIL_VOID: a_case(CAUSES["void"]),
    Reason.PUPIL_EXPIRED: a_case(CAUSES["expired"]),
    Reason.PUPIL_LEAVER: a_case(CAUSES["leaver"]),
    Reason.PUPIL_NOT_ON_ROLL: a_case(CAUSES["not yet on the roll"]),
    Reason.PUPIL_SUSPENDED: a_case(CAUSES["suspended"]),
    Reason.SUBJECTS_NONE: a_case(photo=a_photo(())),
    Reason.SUBJECTS_UNDECLARED: a_case(photo=a_photo(declared=False)),
    Reason.SUBJECTS_CONTRADICTORY: a_case(photo=a_photo(no_pupils=True)),
    Reason.PERSON_UNKNOWN_CHILD: a_case(photo=a_photo(others=(Other.UNKNOWN_CHILD,))),
    Reason.PERSON_ADULT: a_case(photo=a_photo(others=(Other.ADULT,))),
    Reason.COVER_UNCONFIRMED: a_case(photo=a_photo(covered=(ANN,))),
    Reason.COVER_SINGLES_OUT: a_case(a_pupil(ANN), a_pupil(BOB), photo=a_photo((ANN, BOB), covered=(ANN,))),
    Reason.FACES_UNKNOWN: a_case(photo=a_photo(faces=Faces.UNKNOWN)),
    Reason.FACES_UNACCOUNTED: a_case(photo=a_photo(faces=Faces.UNACCOUNTED)),
    Reason.WORDS_UNCHECKED: a_case(photo=a_photo(words=WordsState.UNCHECKED)),
    Reason.WORDS_HELD: a_case(photo=a_photo(words=WordsState.HELD)),
    Reason.PLACE_PROHIBITED: a_case(photo=a_photo(place=Place.PROHIBITED)),
    Reason.PLACE_NOT_STATED: a_case(policy=a_policy(('statements = "asked"', 'statements = "required"'))),
    Reason.AWARE_NO: a_case(photo=a_photo(aware=Aware.NO)),
    Reason.AWARE_NOT_STATED: a_case(policy=a_policy(('statements = "asked"', 'statements = "required"'))),
    Reason.DEVICE_UNCHECKED: a_case(photo=a_photo(device=DeviceState.NOT_CHECKED)),
    Reason.DEVICE_UNKNOWN: a_case(photo=a_photo(device=DeviceState.UNKNOWN)),
    Reason.DEVICE_PERSONAL: a_case(photo=a_photo(device=DeviceState.PERSONAL)),
    Reason.DEVICE_CONTRADICTED: a_case(photo=a_photo(device=DeviceState.CONTRADICTED)),
    Reason.DEVICE_INACTIVE: a_case(photo=a_photo(device=DeviceState.INACTIVE)),
    Reason.DEVICE_AMBIGUOUS: a_case(photo=a_photo(device=DeviceState.AMBIGUOUS)),
    Reason.METADATA_UNREADABLE: a_case(photo=a_photo(metadata=Metadata.UNREADABLE)),
    Reason.PEOPLE_TAGGED: a_case(photo=a_photo(mentioned=((),))),
    Reason.IMAGE_MISSING: a_case(photo=a_photo(image=None)),
    Reason.JOURNAL_CLOSED: a_case(a_pupil(year_group="1"), to=anns_journal()),
    Reason.DESTINATION_CLOSED: a_case(policy=a_policy(('["website", "shared-site", "journal", "high-profile"]', "[]"))),
    Reason.REGISTER_STALE: a_case(fresh_at=None),
    Reason.POLICY_MISSING: a_case(policy=None),
    Reason.POLICY_UNSUPPORTED: a_case(policy=a_policy(('"england"', '"scotland"'))),
    Reason.RULE_FAILED: a_case(now=END, fresh_at=END),
}


@pytest.mark.parametrize("reason", sorted(set(Reason) - NEUTRAL - OF_WHAT_IS_LIVE))
def test_every_reason_is_found_in_some_case(reason: Reason) -> None:
    assert reason in {finding.reason for finding in findings(YIELDED[reason])}


@pytest.mark.parametrize("reason", sorted(NEUTRAL | OF_WHAT_IS_LIVE))
def test_reasons_that_are_none_of_a_rule_are_never_found_by_one(reason: Reason) -> None:
    for case in YIELDED.values():
        assert reason not in {finding.reason for finding in findings(case)}


def test_every_reason_has_one_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


@pytest.mark.parametrize("reason", sorted(NEUTRAL))
def test_no_neutral_sentence_hints_at_a_cause(reason: Reason) -> None:
    hints = (
        "protect",
        "refus",
        "consent",
        "agree",
        "answer",
        "parent",
        "expire",
        "left",
        "court",
        "safe",
        "child",
        "yes",
        "roll",
    )
    assert not [hint for hint in hints if hint in SENTENCES[reason].lower()]


def test_a_reason_is_spelled_subject_and_state() -> None:
    for reason in Reason:
        subject, state = reason.value.split(":")
        assert subject.isalpha()
        assert state.replace("-", "").isalpha()


def test_a_finding_holds_unless_it_says_otherwise() -> None:
    assert Finding(reason=Reason.WORDS_HELD).outcome is Outcome.HELD
