"""What must come down, and what stays up although nothing new would go out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from consent.canonical import NotCanonical
from consent.case import Case
from consent.decision import Decision, decide
from consent.photo import DeviceState, Faces, Metadata, PublicationId, WordsState
from consent.purposes import Journal, Purpose, SharedSite
from consent.reasons import Finding, Outcome, Reason
from consent.register import Pupil
from consent.retraction import LEAVES_LIVE, Live, Retraction, has_ended, to_retract
from tests.consent.making import ANN, BOB, LATER, NOW, a_case, a_no, a_photo, a_policy, a_pupil, anns_journal, yes_to_all

R: Final = Reason
YEARS: Final = timedelta(days=1000)


def _live(case: Case, valid_until: date | None = date(2027, 10, 31), name: str = "pub-1") -> Live:
    return Live(publication=PublicationId(name), case=case, valid_until=valid_until)


def _retracted(case: Case, valid_until: date | None = date(2027, 10, 31)) -> set[Reason] | None:
    """Return why it must come down, or None where it stays."""
    found: Sequence[Retraction] = list(to_retract([_live(case, valid_until)]))
    return {finding.reason for finding in found[0].because} if found else None


WITHDRAWN: Final = a_pupil(records=(*yes_to_all(), *(a_no(purpose) for purpose in Purpose)))
CASES: Final = {
    "as it was published": (a_case(), None),
    "withdrawn": (a_case(WITHDRAWN), {R.PUPIL_REFUSED}),
    "withdrawn, one of two": (a_case(WITHDRAWN, a_pupil(BOB)), {R.PUPIL_REFUSED}),
    "protected by now": (a_case(a_pupil(protected=True)), {R.PUPIL_PROTECTED}),
    "suspended by now": (a_case(a_pupil(suspended=True)), {R.PUPIL_SUSPENDED}),
    "left by now": (a_case(a_pupil(left_on=NOW.date() - timedelta(days=1))), {R.PUPIL_LEAVER}),
    "adopted since": (a_case(a_pupil(since=LATER)), {R.PUPIL_VOID}),
    "the register is stale": (a_case(fresh_at=NOW - YEARS), None),
    "the register was never seen": (a_case(fresh_at=None), None),
    "the policy is missing": (a_case(policy=None), None),
    "the child moved up from Reception": (a_case(a_pupil(year_group="1"), to=anns_journal()), None),
    "the journal was closed": (a_case(a_pupil(has_journal=False), to=anns_journal()), None),
    "stale, policy missing, and moved up": (a_case(a_pupil(year_group="1"), to=anns_journal(), policy=None, fresh_at=None), None),
    "withdrawn while the register is stale": (a_case(WITHDRAWN, fresh_at=None), {R.PUPIL_REFUSED}),
    "withdrawn after moving up": (
        a_case(a_pupil(year_group="1", records=(a_no(Purpose.JOURNAL_OWN),)), to=anns_journal()),
        {R.PUPIL_REFUSED},
    ),
    "another's no to being in that journal": (
        a_case(a_pupil(ANN), a_pupil(BOB, records=(a_no(Purpose.JOURNAL_SHARED),)), to=anns_journal()),
        {R.PUPIL_REFUSED},
    ),
    "the exception for its device has ended": (a_case(photo=a_photo(device=DeviceState.PERSONAL)), None),
    "its device was never checked": (a_case(photo=a_photo(device=DeviceState.NOT_CHECKED, metadata=Metadata.NOT_READ)), None),
    "withdrawn, and from a device that is not known": (
        a_case(WITHDRAWN, photo=a_photo(device=DeviceState.UNKNOWN)),
        {R.PUPIL_REFUSED},
    ),
    "the destination was closed": (
        a_case(policy=a_policy(('["website", "shared-site", "journal", "high-profile"]', '["journal"]'))),
        {R.DESTINATION_CLOSED},
    ),
    "a face was found that belongs to nobody": (a_case(photo=a_photo(faces=Faces.UNACCOUNTED)), {R.FACES_UNACCOUNTED}),
    "the words turn out to name somebody": (a_case(photo=a_photo(words=WordsState.HELD)), {R.WORDS_HELD}),
}


@pytest.mark.parametrize(("case", "because"), CASES.values(), ids=CASES.keys())
def test_what_a_no_closes_comes_down_and_a_late_feed_or_a_mislaid_file_takes_nothing_down(
    case: Case, because: set[Reason] | None
) -> None:
    assert _retracted(case) == because


def test_only_these_reasons_hold_what_is_new_and_leave_what_is_live() -> None:
    of_the_device = {one for one in R if one.value.startswith("device:")}
    of_the_file = {R.METADATA_UNREADABLE, R.PEOPLE_TAGGED}
    assert {R.REGISTER_STALE, R.POLICY_MISSING, R.JOURNAL_CLOSED} | of_the_file | of_the_device == LEAVES_LIVE


def test_a_register_of_other_names_is_for_the_caller_to_rescan_before_asking() -> None:
    case = a_case()
    renamed = replace(case, register=replace(case.register, names="names-2"))
    assert _retracted(renamed) == {R.WORDS_UNCHECKED}
    rescanned = replace(renamed, photo=replace(case.photo, words_names="names-2"))
    assert _retracted(rescanned) is None


def _later(case: Case, day: date) -> Case:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return replace(case, now=noon, register=replace(case.register, fresh_at=noon))


def test_what_has_passed_its_last_day_comes_down_and_not_a_day_earlier() -> None:
    assert _retracted(_later(a_case(), date(2027, 10, 31))) is None
    assert _retracted(_later(a_case(), date(2027, 11, 1))) == {R.PUPIL_EXPIRED}


def test_its_own_last_day_takes_a_publication_down_whatever_the_register_says_now() -> None:
    assert _retracted(a_case(), NOW.date()) is None
    assert _retracted(a_case(), NOW.date() - timedelta(days=1)) == {R.PUPIL_EXPIRED}
    assert _retracted(a_case(policy=None, fresh_at=None), NOW.date() - timedelta(days=1)) == {R.PUPIL_EXPIRED}


def test_a_publication_without_a_last_day_stays_until_a_no() -> None:
    silent = a_policy(('"shared-site" = "consent"', '"shared-site" = "public-task"'))
    case = a_case(a_pupil(records=()), to=SharedSite(), policy=silent)
    assert _retracted(_later(case, date(2031, 1, 1)), None) is None
    objected = a_case(a_pupil(records=(a_no(Purpose.SHARED_SITE),)), to=SharedSite(), policy=silent)
    assert _retracted(objected, None) == {R.PUPIL_REFUSED}


ENDS: Final = {
    "no last day": (None, NOW, False),
    "today": (NOW.date(), NOW, False),
    "yesterday": (NOW.date() - timedelta(days=1), NOW, True),
    "a summer day, before midnight in London": (date(2027, 7, 21), datetime(2027, 7, 21, 22, 59, tzinfo=UTC), False),
    "a summer day, at midnight in London": (date(2027, 7, 21), datetime(2027, 7, 21, 23, tzinfo=UTC), True),
}


@pytest.mark.parametrize(("valid_until", "now", "ended"), ENDS.values(), ids=ENDS.keys())
def test_a_publication_has_ended_when_its_last_day_is_over(valid_until: date | None, now: datetime, ended: bool) -> None:
    assert has_ended(valid_until, now) is ended


LIVE_AT: Final = {
    "what the policy names": (("320", "800", "1600"), None),
    "less than the policy names": (("320",), None),
    "a size between those named": (("500",), None),
    "a larger size": (("320", "800", "1600", "2560"), {R.IMAGE_TOO_LARGE}),
    "one pixel more": (("1601",), {R.IMAGE_TOO_LARGE}),
    "a size that nobody can tell": (("320", "full"), {R.IMAGE_TOO_LARGE}),
}


@pytest.mark.parametrize(("names", "because"), LIVE_AT.values(), ids=LIVE_AT.keys())
def test_what_is_live_at_a_larger_size_than_the_policy_allows_there_comes_down(
    names: tuple[str, ...], because: set[Reason] | None
) -> None:
    found = list(to_retract([replace(_live(a_case()), renditions=names)]))
    assert ({finding.reason for one in found for finding in one.because} or None) == because


def test_a_size_is_judged_by_the_policy_of_its_own_destination_and_by_none_without_a_policy() -> None:
    named = ("320", "800", "2560")
    assert list(to_retract([replace(_live(a_case(to=SharedSite())), renditions=named)])) == []
    assert list(to_retract([replace(_live(a_case(policy=None)), renditions=named)])) == []


def test_a_size_hides_no_other_reason() -> None:
    (found,) = to_retract([replace(_live(a_case(WITHDRAWN)), renditions=("2560",))])
    assert {finding.reason for finding in found.because} == {R.PUPIL_REFUSED, R.IMAGE_TOO_LARGE}


def test_each_publication_is_decided_by_itself_and_named_with_its_decision() -> None:
    both = a_case(WITHDRAWN, a_pupil(BOB))
    live = [
        _live(a_case(), name="stays"),
        _live(both, name="goes"),
        _live(a_case(a_pupil(BOB), photo=a_photo((BOB,))), name="stays too"),
    ]
    (found,) = to_retract(live)
    assert found.publication == "goes"
    assert found.decision == decide(both)
    assert found.because == (Finding(reason=R.PUPIL_REFUSED, pupil=ANN, outcome=Outcome.HELD),)


def test_a_withdrawal_takes_down_every_use_it_covers_and_no_other() -> None:
    ann: Pupil = a_pupil(records=(*yes_to_all(), a_no(Purpose.SHARED_SITE)))
    uses = {
        "website": a_case(ann),
        "shared": a_case(ann, to=SharedSite()),
        "own": a_case(ann, to=anns_journal()),
        "bobs": a_case(ann, a_pupil(BOB), to=Journal(owner=BOB)),
    }
    gone = {found.publication for found in to_retract(_live(case, name=name) for name, case in uses.items())}
    assert gone == {"website", "shared"}


def test_nothing_live_is_nothing_to_retract() -> None:
    assert list(to_retract([])) == []


def test_a_decision_that_cannot_be_made_is_the_callers_to_act_on() -> None:
    broken = a_case(now=NOW.replace(tzinfo=None))
    with pytest.raises(NotCanonical):
        list(to_retract([_live(broken)]))


def test_a_rule_that_fails_takes_down_what_is_live() -> None:
    def failed(case: Case) -> Decision:
        return replace(decide(case), outcome=Outcome.HELD, findings=(Finding(reason=R.RULE_FAILED),))

    (found,) = to_retract([_live(a_case())], decide_again=failed)
    assert found.because == (Finding(reason=R.RULE_FAILED),)
