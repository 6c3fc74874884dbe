"""Laws of the whole decision, tried on cases near the line between yes and no, and on any case at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent.canonical import NotCanonical
from consent.case import Case, case_bytes, parse_case
from consent.decision import decide, decision_bytes
from consent.people import PersonId, PupilId
from consent.photo import Aware, DeviceState, Faces, Metadata, Place
from consent.policy import Basis, DestinationKind, Policy
from consent.purposes import Destination, Purpose, SharedSite, Website
from consent.reasons import ABOUT_THE_DEVICE, Finding, Outcome, Reason
from consent.register import Answer, ConsentRecord, Pupil
from consent.rules import RULES, Rule, findings, pictured, questions
from tests.consent.making import (
    ANN,
    BOB,
    CAL,
    FATHER,
    MOTHER,
    NOW,
    PHOTO,
    a_case,
    a_no,
    a_person,
    a_photo,
    a_policy,
    a_pupil,
    a_record,
    yes_to_all,
)
from tests.consent.oracle import may_go_out
from tests.consent.strategies import POLICIES, answers, any_cases, destinations, likely_cases

usual: Final = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
thorough: Final = settings(usual, max_examples=300)


EXCEPTIONS: Final = a_policy(("exceptions = false", "exceptions = true"))


def _approved(case: Case) -> bool:
    return not findings(case)


def _with_pupil(case: Case, pupil: PupilId, **changes: Any) -> Case:
    entry = case.register.pupils[pupil]
    return replace(case, register=replace(case.register, pupils={**case.register.pupils, pupil: replace(entry, **changes)}))


def _with_record(case: Case, pupil: PupilId, *records: ConsentRecord) -> Case:
    return _with_pupil(case, pupil, records=(*case.register.pupils[pupil].records, *records))


@thorough
@given(case=likely_cases())
def test_a_case_is_approved_exactly_when_no_sentence_of_the_product_forbids_it(case: Case) -> None:
    assert _approved(case) is may_go_out(case)


@usual
@given(case=likely_cases(), refusal=answers(st.just(Answer.REFUSED)), pupil=st.sampled_from((ANN, BOB)))
def test_one_more_refusal_never_opens_anything(case: Case, refusal: ConsentRecord, pupil: PupilId) -> None:
    assume(pupil in case.register.pupils)
    assert _approved(case) or not _approved(_with_record(case, pupil, refusal))


@usual
@given(case=likely_cases())
def test_a_face_that_belongs_to_nobody_is_never_approved(case: Case) -> None:
    assert not _approved(replace(case, photo=replace(case.photo, faces=Faces.UNACCOUNTED)))


_held_devices: Final = st.sampled_from(sorted(set(DeviceState) - {DeviceState.SCHOOL, DeviceState.OTHER_CLASS}))


@usual
@given(case=likely_cases(), device=_held_devices)
def test_what_no_school_device_took_is_never_approved_unless_an_exception_covers_it(case: Case, device: DeviceState) -> None:
    bound = replace(case, policy=POLICIES[0], photo=replace(case.photo, device=device))
    assert not _approved(bound)
    assert not _approved(replace(bound, policy=EXCEPTIONS, photo=replace(bound.photo, excepted=frozenset())))


@usual
@given(case=likely_cases(), metadata=st.sampled_from((Metadata.UNREADABLE, Metadata.NOT_READ)))
def test_what_could_not_be_read_is_never_approved_whatever_the_policy_and_the_exceptions(case: Case, metadata: Metadata) -> None:
    photo = replace(case.photo, metadata=metadata, excepted=frozenset(DestinationKind))
    assert not _approved(replace(case, photo=photo))


@usual
@given(case=likely_cases())
def test_an_exception_lifts_nothing_but_what_is_held_against_the_device(case: Case) -> None:
    under = replace(case, policy=EXCEPTIONS)
    without = set(findings(replace(under, photo=replace(case.photo, excepted=frozenset()))))
    with_it = set(findings(replace(under, photo=replace(case.photo, excepted=frozenset(DestinationKind)))))
    assert with_it <= without
    assert {finding.reason for finding in without - with_it} <= ABOUT_THE_DEVICE


@usual
@given(case=likely_cases(), pupil=st.sampled_from((ANN, BOB)))
def test_a_protected_pupil_is_never_pictured_and_protection_never_opens_anything(case: Case, pupil: PupilId) -> None:
    assume(pupil in case.register.pupils)
    protected = _with_pupil(case, pupil, protected=True)
    assert not _approved(protected) or (_approved(case) and pupil not in pictured(case))


@usual
@given(case=likely_cases())
def test_one_more_pupil_in_the_picture_never_opens_anything_where_the_question_stays_the_same(case: Case) -> None:
    assume(case.photo.subjects and case.photo.covered <= case.photo.subjects and case.destination != Website())
    more = replace(case, photo=replace(case.photo, subjects=case.photo.subjects | {BOB}))
    assert _approved(case) or not _approved(more)


@usual
@given(case=likely_cases(), listed=st.booleans())
def test_a_pupil_of_whom_nothing_is_known_never_goes_out(case: Case, listed: bool) -> None:
    known = {CAL: a_pupil(CAL, records=(), persons=())} if listed else {}
    stranger = replace(case.register, pupils={**case.register.pupils, **known})
    photo = replace(case.photo, subjects=case.photo.subjects | {CAL})
    assume(case.policy is None or "public-task" not in case.policy.text.replace('# "consent" or "public-task"', ""))
    assert not _approved(replace(case, photo=photo, register=stranger))


@usual
@given(case=likely_cases(), dice=st.randoms(use_true_random=False))
def test_the_order_in_which_anything_is_told_never_matters(case: Case, dice: Any) -> None:
    def shuffled(entry: Pupil) -> Pupil:
        persons, records = list(entry.persons), list(entry.records)
        dice.shuffle(persons)
        dice.shuffle(records)
        return replace(entry, persons=tuple(persons), records=tuple(records))

    entries = [(pupil, shuffled(entry)) for pupil, entry in case.register.pupils.items()]
    dice.shuffle(entries)
    others = list(case.photo.others)
    dice.shuffle(others)
    told_otherwise = replace(
        case, register=replace(case.register, pupils=dict(entries)), photo=replace(case.photo, others=tuple(others))
    )
    first, second = decide(case), decide(told_otherwise)
    assert (first.findings, first.outcome, first.pictured) == (second.findings, second.outcome, second.pictured)
    assert first.valid_until == second.valid_until


@usual
@given(case=likely_cases(), yeses=st.lists(answers(st.just(Answer.GIVEN)), max_size=4))
def test_nobody_elses_later_yes_lifts_a_no(case: Case, yeses: list[ConsentRecord]) -> None:
    asked = {question.pupil.id: question.purpose for question in questions(case)}
    assume(ANN in asked)
    refusal = a_record(asked[ANN], Answer.REFUSED, giver=PersonId("aunt"))
    found = {finding.reason for finding in findings(_with_record(case, ANN, refusal, *yeses)) if finding.pupil == ANN}
    assert found & {Reason.PUPIL_REFUSED, Reason.PUPIL_CONFLICTING}


@usual
@given(case=likely_cases())
def test_without_a_policy_nothing_is_approved(case: Case) -> None:
    assert Finding(reason=Reason.POLICY_MISSING) in findings(replace(case, policy=None))


_long_ago: Final = st.integers(1, 900).map(lambda days: NOW - timedelta(days=days))
_terms: Final = st.none() | st.integers(-30, 900).map(lambda days: (NOW + timedelta(days=days)).date())


@usual
@given(
    to=destinations,
    policy=st.sampled_from(POLICIES[:3]),
    subjects=st.sampled_from(((ANN,), (ANN, BOB))),
    given_at=st.lists(st.tuples(_long_ago, _terms), min_size=4, max_size=4),
    left_on=_terms,
    after=st.integers(min_value=1, max_value=4000),
)
def test_an_approval_stands_to_its_last_day_and_never_returns_after_it(
    *,
    to: Destination,
    policy: Policy,
    subjects: tuple[PupilId, ...],
    given_at: list[tuple[datetime, date | None]],
    left_on: date | None,
    after: int,
) -> None:
    def entry(pupil: PupilId, *given: tuple[datetime, date | None]) -> Pupil:
        records = [
            a_record(purpose, at=at, until=until, giver=giver, photo=PHOTO if purpose is Purpose.HIGH_PROFILE else None)
            for purpose in Purpose
            for giver, (at, until) in zip((MOTHER, FATHER), given, strict=True)
        ]
        persons = (a_person(MOTHER), a_person(FATHER))
        return a_pupil(pupil, persons=persons, records=records, left_on=left_on if pupil in subjects else None)

    photo = a_photo(subjects, place=Place.ORDINARY, aware=Aware.YES)
    case = a_case(entry(ANN, *given_at[:2]), entry(BOB, *given_at[2:]), to=to, policy=policy, photo=photo)
    decision = decide(case)
    assume(decision.outcome is Outcome.APPROVED)
    if decision.valid_until is None:
        assert all(policy.basis[need.purpose] is Basis.PUBLIC_TASK for need in decision.pictured)
        return
    last_noon = datetime.combine(decision.valid_until, time(12), tzinfo=UTC)
    assert _approved(replace(case, now=last_noon, register=replace(case.register, fresh_at=last_noon)))
    later = last_noon + timedelta(days=after)
    assert not _approved(replace(case, now=later, register=replace(case.register, fresh_at=later)))


@usual
@given(case=likely_cases())
def test_every_finding_of_every_rule_is_kept(case: Case) -> None:
    assert set(findings(case)) == {finding for rule in RULES for finding in rule(case)}


@usual
@given(case=likely_cases())
def test_the_worst_finding_is_the_outcome_and_only_no_finding_at_all_is_approval(case: Case) -> None:
    decision = decide(case)
    outcomes = {finding.outcome for finding in decision.findings}
    assert Outcome.APPROVED not in outcomes
    if decision.outcome is Outcome.APPROVED:
        assert not decision.findings
    else:
        assert decision.outcome is (Outcome.REJECTED if Outcome.REJECTED in outcomes else Outcome.HELD)
        assert decision.findings
        assert decision.valid_until is None


def _raises(_: Case) -> Iterator[Finding]:
    raise LookupError("broken")


def _finds_then_raises(_: Case) -> Iterator[Finding]:
    yield Finding(reason=Reason.AWARE_NO)
    raise LookupError("broken")


@pytest.mark.parametrize("broken", [_raises, _finds_then_raises])
def test_a_rule_that_raises_holds_and_hides_no_other_finding(broken: Rule) -> None:
    case = a_case(a_pupil(records=()))
    alone = set(findings(case))
    assert alone
    found = set(findings(case, rules=(*RULES[:3], broken, *RULES[3:])))
    assert found >= alone | {Finding(reason=Reason.RULE_FAILED)}


def test_a_finding_made_before_its_rule_failed_is_kept() -> None:
    found = findings(a_case(), rules=(_finds_then_raises,))
    assert found == (Finding(reason=Reason.AWARE_NO), Finding(reason=Reason.RULE_FAILED))


def test_no_rules_at_all_hold() -> None:
    assert findings(a_case(), rules=()) == (Finding(reason=Reason.RULE_FAILED),)


def test_a_clock_at_the_end_of_time_holds() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    assert Finding(reason=Reason.RULE_FAILED) in findings(a_case(now=end, fresh_at=end))


# --- spelling and replay ---------------------------------------------------------------------------------------------


@usual
@given(case=any_cases)
def test_any_case_that_can_be_spelled_reads_back_as_itself_is_decided_and_decides_the_same(case: Case) -> None:
    try:
        spelled = case_bytes(case)
    except NotCanonical:
        assume(False)
    read = parse_case(spelled)
    assert read == case
    assert case_bytes(read) == spelled
    assert decision_bytes(decide(read)) == decision_bytes(decide(case))


@usual
@given(case=any_cases)
def test_any_case_at_all_is_decided_or_has_no_spelling(case: Case) -> None:
    try:
        decision = decide(case)
    except NotCanonical:
        with pytest.raises(NotCanonical):
            case_bytes(case)
    else:
        assert (decision.outcome is Outcome.APPROVED) is (not decision.findings)


@usual
@given(case=likely_cases(), hours=st.integers(min_value=-23, max_value=23))
def test_the_zone_an_instant_is_spelled_in_never_matters(case: Case, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))

    def moved(record: ConsentRecord) -> ConsentRecord:
        answered = record.answered_at.astimezone(zone) if record.answered_at else None
        return replace(record, answered_at=answered, first_seen_at=record.first_seen_at.astimezone(zone))

    entries = {
        pupil: replace(entry, records=tuple(moved(record) for record in entry.records))
        for pupil, entry in case.register.pupils.items()
    }
    elsewhere = replace(case, now=case.now.astimezone(zone), register=replace(case.register, pupils=entries))
    assert decision_bytes(decide(elsewhere)) == decision_bytes(decide(case))


_json: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in inner:
        yield from _places(item, (*path, key))


def _put(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = dict(node) if isinstance(node, dict) else list(node)
    changed[path[0]] = _put(changed[path[0]], path[1:], value)
    return changed


SPELLED: Final = json.loads(
    case_bytes(a_case(a_pupil(records=(*yes_to_all(), a_no(Purpose.SHARED_SITE))), a_pupil(BOB), policy=None))
)
PLACES: Final = tuple(_places(SPELLED))


@usual
@given(untrusted=st.binary(max_size=40) | st.text(max_size=40) | _json.map(json.dumps))
def test_arbitrary_input_is_refused_as_not_canonical(untrusted: str | bytes) -> None:
    with pytest.raises(NotCanonical):
        parse_case(untrusted)


@thorough
@given(path=st.sampled_from(PLACES), value=_json)
def test_a_case_with_any_part_replaced_by_anything_is_a_case_or_refused(path: tuple[Any, ...], value: object) -> None:
    try:
        case = parse_case(json.dumps(_put(SPELLED, path, value)))
    except NotCanonical:
        return
    decide(case)


@usual
@given(path=st.sampled_from(PLACES[1:]))
def test_a_refused_case_never_echoes_what_was_in_it(path: tuple[Any, ...]) -> None:
    for poison in ({"SECRETNAME": 1}, ["SECRETNAME", {"SECRETNAME": 1}]):
        with pytest.raises(NotCanonical) as refused:
            parse_case(json.dumps(_put(SPELLED, path, poison)))
        assert "SECRETNAME" not in str(refused.value)


@usual
@given(to=destinations, refused=st.sampled_from(Purpose))
def test_a_fixed_group_with_one_refusal_anywhere_is_decided_by_who_sees_it(to: Destination, refused: Purpose) -> None:
    ann = a_pupil(records=(*yes_to_all(), a_no(refused, giver=MOTHER)))
    case = a_case(ann, a_pupil(BOB), to=to, photo=a_photo((ANN, BOB)))
    assert _approved(case) is may_go_out(case)
    if to == SharedSite():
        assert _approved(case) is (refused not in {Purpose.JOURNAL_SHARED, Purpose.SHARED_SITE})
