"""The decision, its evidence, and the clearance that only an approval of that very image gives."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final

import pytest

from consent.canonical import NotCanonical, digest
from consent.case import case_bytes
from consent.decision import Clearance, Decision, Need, NotCleared, clear, decide, decision_bytes
from consent.photo import CleanImage, PublishedWords, Rendition
from consent.policy import Policy
from consent.purposes import Destination, Journal, Purpose, SharedSite, Website
from consent.reasons import Finding, Outcome, Reason
from tests.consent.making import (
    ANN,
    BOB,
    NOW,
    PHOTO,
    POLICY,
    a_case,
    a_no,
    a_photo,
    a_policy,
    a_pupil,
    a_record,
    anns_journal,
    yes_to_all,
)


def a_file(name: str, width: int = 64, height: int = 48) -> Rendition:
    return Rendition(name=name, width=width, height=height, media_type="image/jpeg", sha256="cd" * 32, content=b"jpeg")


SMALL, MEDIUM, LARGE, HUGE = a_file("320"), a_file("800"), a_file("1600"), a_file("2560")
IMAGE: Final = CleanImage(digest="ab" * 32, renditions=(SMALL, MEDIUM, LARGE, HUGE))
WORDS: Final = PublishedWords(title="Sports day")


def test_an_approval_says_what_was_decided_on_what_evidence() -> None:
    case = a_case(a_pupil(BOB), a_pupil(ANN))
    assert decide(case) == Decision(
        photo=PHOTO,
        image="ab" * 32,
        destination=Website(),
        outcome=Outcome.APPROVED,
        findings=(),
        pictured=(Need(pupil=ANN, purpose=Purpose.WEBSITE_GROUP), Need(pupil=BOB, purpose=Purpose.WEBSITE_GROUP)),
        valid_until=date(2027, 10, 31),
        decided_at=NOW,
        case=sha256(case_bytes(case)).hexdigest(),
        register=digest(case.register),
        register_version=1,
        policy=POLICY.digest,
        rules="3",
    )


def test_one_rejection_outweighs_any_number_of_holds() -> None:
    case = a_case(a_pupil(records=()), photo=a_photo(image=None, declared=False))
    decision = decide(case)
    assert decision.outcome is Outcome.REJECTED
    assert {finding.outcome for finding in decision.findings} == {Outcome.HELD, Outcome.REJECTED}


def test_holds_alone_hold() -> None:
    assert decide(a_case(photo=a_photo(image=None))).outcome is Outcome.HELD


def test_a_finding_that_calls_itself_an_approval_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = Finding(reason=Reason.WORDS_HELD, outcome=Outcome.APPROVED)
    monkeypatch.setattr("consent.rules.RULES", (lambda _: iter([strange]),))
    assert decide(a_case()).outcome is Outcome.HELD


def test_no_rules_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.rules.RULES", ())
    assert decide(a_case()).outcome is Outcome.HELD


def test_the_last_day_is_that_of_the_first_pupil_whose_yes_ends() -> None:
    short = a_pupil(BOB, records=[replace(yes, valid_until=date(2026, 12, 24)) for yes in yes_to_all()])
    assert decide(a_case(a_pupil(ANN), short)).valid_until == date(2026, 12, 24)
    assert decide(a_case(a_pupil(ANN), a_pupil(BOB, left_on=date(2027, 1, 5)))).valid_until == date(2027, 1, 5)


def test_an_approval_that_rests_on_no_yes_has_no_last_day() -> None:
    field = decide(a_case(photo=a_photo((), no_pupils=True)))
    assert (field.outcome, field.valid_until, field.pictured) == (Outcome.APPROVED, None, ())
    silent = a_policy(('"shared-site" = "consent"', '"shared-site" = "public-task"'))
    assert decide(a_case(a_pupil(records=()), to=SharedSite(), policy=silent)).valid_until is None


def test_without_a_policy_there_is_a_decision_and_it_holds() -> None:
    decision = decide(a_case(policy=None))
    assert (decision.outcome, decision.policy) == (Outcome.HELD, None)


@pytest.mark.parametrize(
    "now", [NOW.replace(tzinfo=None), datetime(1, 1, 1, tzinfo=UTC).replace(tzinfo=None)], ids=["naive", "naive and early"]
)
def test_a_case_without_a_spelling_has_no_decision(now: datetime) -> None:
    with pytest.raises(NotCanonical):
        decide(a_case(now=now))


def test_a_decision_spells_its_destination_findings_and_instants() -> None:
    decision = decide(a_case(a_pupil(records=(a_no(Purpose.JOURNAL_OWN),)), to=anns_journal()))
    spelled = json.loads(decision_bytes(decision))
    assert spelled["destination"] == "journal:ann"
    assert spelled["findings"] == [{"outcome": "rejected", "pupil": "ann", "reason": "pupil:refused"}]
    assert spelled["decided_at"] == "2026-11-10T12:00:00.000000Z"
    assert spelled["pictured"] == [{"pupil": "ann", "purpose": "journal:own"}]


def test_the_same_case_gives_the_same_bytes_and_another_case_others() -> None:
    assert decision_bytes(decide(a_case())) == decision_bytes(decide(a_case()))
    again = a_record(Purpose.JOURNAL_OWN, name="again")
    other = a_case(a_pupil(records=(*yes_to_all(), again)))
    assert decide(other).outcome is Outcome.APPROVED
    assert decision_bytes(decide(other)) != decision_bytes(decide(a_case()))


# --- clearance --------------------------------------------------------------------------------------------------------


def test_an_approval_clears_exactly_this_image_with_these_words() -> None:
    decision = decide(a_case())
    assert clear(decision, IMAGE, WORDS, policy=POLICY) == Clearance(
        photo=PHOTO,
        image=IMAGE.digest,
        renditions=(SMALL, MEDIUM, LARGE),
        destination=Website(),
        words=WORDS,
        pictured=(Need(pupil=ANN, purpose=Purpose.WEBSITE_INDIVIDUAL),),
        valid_until=date(2027, 10, 31),
        decision=digest(decision),
    )


APPROVED: Final = decide(a_case())
UNCLEAR: Final = {
    "held": (decide(a_case(photo=a_photo(declared=False))), IMAGE),
    "rejected": (decide(a_case(a_pupil(records=()))), IMAGE),
    "an approval with a finding": (replace(APPROVED, findings=(Finding(reason=Reason.WORDS_HELD),)), IMAGE),
    "no finding and no approval": (replace(APPROVED, outcome=Outcome.HELD), IMAGE),
    "another image": (APPROVED, replace(IMAGE, digest="ef" * 32)),
    "an approval of no image": (replace(APPROVED, image=None), IMAGE),
    "an image without pixels": (APPROVED, replace(IMAGE, renditions=())),
    "an image whose every file is too large": (APPROVED, replace(IMAGE, renditions=(HUGE,))),
    "an image whose files say nothing of their size": (APPROVED, replace(IMAGE, renditions=(a_file("web"),))),
    "an image whose files are larger than they say": (APPROVED, replace(IMAGE, renditions=(a_file("320", 321, 200),))),
}


@pytest.mark.parametrize(("decision", "image"), UNCLEAR.values(), ids=UNCLEAR.keys())
def test_nothing_but_an_approval_of_this_very_image_clears(decision: Decision, image: CleanImage) -> None:
    with pytest.raises(NotCleared):
        clear(decision, image, WORDS, policy=POLICY)


@pytest.mark.parametrize("policy", [None, a_policy(("website = [320, 800, 1600]", "website = [2560]"))], ids=["none", "another"])
def test_no_other_policy_than_the_one_it_was_decided_under_names_the_sizes(policy: Policy | None) -> None:
    with pytest.raises(NotCleared):
        clear(APPROVED, IMAGE, WORDS, policy=policy)


def test_an_approval_without_a_policy_clears_nothing() -> None:
    with pytest.raises(NotCleared):
        clear(replace(APPROVED, policy=None), IMAGE, WORDS, policy=None)


@pytest.mark.parametrize(
    ("to", "names"),
    [(Website(), ["320", "800", "1600"]), (SharedSite(), ["320", "800", "2560"]), (anns_journal(), ["320", "800", "2560"])],
)
def test_a_clearance_holds_the_files_for_its_own_destination_and_no_other(to: Destination, names: list[str]) -> None:
    found = clear(decide(a_case(to=to)), IMAGE, WORDS, policy=POLICY)
    assert [one.name for one in found.renditions] == names


def test_a_clearance_names_one_destination() -> None:
    website = clear(decide(a_case()), IMAGE, WORDS, policy=POLICY)
    journal = clear(decide(a_case(to=anns_journal())), IMAGE, WORDS, policy=POLICY)
    assert (website.destination, journal.destination) == (Website(), Journal(owner=ANN))
    assert website.decision != journal.decision
