"""Every combination of answers, authority, legal status and destination, against the sentences of the product.

The expected answer comes from ``oracle``, which shares no function with the rules. Approved exactly where the oracle says so:
a yes too many publishes a child, a no too many makes a school switch the gatekeeper off.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import combinations_with_replacement, product
from typing import Final

import pytest

from consent.case import Case
from consent.decision import decide
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import Photo
from consent.policy import Policy
from consent.purposes import Destination, HighProfile, Journal, Purpose, SharedSite, Website
from consent.reasons import Outcome
from consent.register import Answer, ConsentRecord, Person, Pupil
from consent.rules import findings
from tests.consent.making import (
    ANN,
    BEFORE,
    BOB,
    FATHER,
    LATER,
    MOTHER,
    NOW,
    OTHER_PHOTO,
    PHOTO,
    POLICY,
    TERM,
    a_case,
    a_person,
    a_photo,
    a_policy,
    a_pupil,
    a_record,
    yes_to_all,
)
from tests.consent.oracle import may_go_out

LAST_YEAR: Final = BEFORE - timedelta(days=500)
CHANGED: Final = BEFORE + timedelta(days=10)
"""When the legal status changed: after the first answer and before the second."""
ALIKE: Final = {LegalStatus.INTERIM_CARE_ORDER, LegalStatus.EMERGENCY_PROTECTION_ORDER}
"""Like a care order, as the table of one adult shows."""
BOTH_PARENTS: Final = a_policy(("every_parent = []", 'every_parent = ["website:group", "shared-site", "journal:own"]'))
PUBLIC_TASK: Final = a_policy(
    ('"journal:own" = "consent"', '"journal:own" = "public-task"'),
    ('"journal:shared" = "consent"', '"journal:shared" = "public-task"'),
    ('"shared-site" = "consent"', '"shared-site" = "public-task"'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where Ann's picture is to go, with whom, and so what her parents are asked. Whoever is with her may appear."""

    to: Destination
    subjects: tuple[PupilId, ...]
    purpose: Purpose


SETTINGS: Final = {
    "website, alone": Setting(to=Website(), subjects=(ANN,), purpose=Purpose.WEBSITE_INDIVIDUAL),
    "website, group": Setting(to=Website(), subjects=(ANN, BOB), purpose=Purpose.WEBSITE_GROUP),
    "prospectus, alone": Setting(to=HighProfile(), subjects=(ANN,), purpose=Purpose.HIGH_PROFILE),
    "prospectus, group": Setting(to=HighProfile(), subjects=(ANN, BOB), purpose=Purpose.HIGH_PROFILE),
    "shared site, alone": Setting(to=SharedSite(), subjects=(ANN,), purpose=Purpose.SHARED_SITE),
    "shared site, group": Setting(to=SharedSite(), subjects=(ANN, BOB), purpose=Purpose.SHARED_SITE),
    "own journal, alone": Setting(to=Journal(owner=ANN), subjects=(ANN,), purpose=Purpose.JOURNAL_OWN),
    "own journal, group": Setting(to=Journal(owner=ANN), subjects=(ANN, BOB), purpose=Purpose.JOURNAL_OWN),
    "another's journal, with the owner": Setting(to=Journal(owner=BOB), subjects=(ANN, BOB), purpose=Purpose.JOURNAL_SHARED),
    "another's journal, alone": Setting(to=Journal(owner=BOB), subjects=(ANN,), purpose=Purpose.JOURNAL_SHARED),
}
BOB_MAY: Final = a_pupil(BOB)
PHOTOS: Final[Mapping[tuple[PupilId, ...], Photo]] = {subjects: a_photo(subjects) for subjects in ((ANN,), (ANN, BOB))}
every_setting = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
ONE_PER_PURPOSE: Final = {setting.purpose: setting for setting in SETTINGS.values()}
every_purpose = pytest.mark.parametrize("setting", ONE_PER_PURPOSE.values(), ids=ONE_PER_PURPOSE.keys())

Said = tuple[Answer, datetime | None, datetime, str]
"""What was answered, when (None: unknown), when it was first seen, and in which source."""
History = tuple[Said, ...]

_YES, _NO = Answer.GIVEN, Answer.REFUSED
_GIVEN: Final[Said] = (_YES, BEFORE, BEFORE, "form")
_REFUSED: Final[Said] = (_NO, BEFORE, BEFORE, "form")
_OLD_YES: Final[Said] = (_YES, LAST_YEAR, LAST_YEAR, "form")

WON_OVER: Final[History] = ((_NO, BEFORE, BEFORE, "form"), (_YES, LATER, LATER, "form"))
SIX_ANSWERS: Final[tuple[History, ...]] = (
    (),  # not recorded
    (_GIVEN,),
    (_REFUSED,),
    (_GIVEN, (_NO, LATER, LATER, "form")),  # withdrawn
    WON_OVER,
    (_OLD_YES,),  # expired
)


def _in_both_orders() -> Iterator[History]:
    """Yield a yes and a no of one person, each dated or not, in one source or two, either first, or both at once."""
    for first, dated, also_dated, source, (at, then) in product(
        (_YES, _NO), (True, False), (True, False), ("form", "export"), ((BEFORE, LATER), (LATER, LATER))
    ):
        second = _NO if first is _YES else _YES
        yield (first, at if dated else None, at, "form"), (second, then if also_dated else None, then, source)


EVERY_HISTORY: Final[tuple[History, ...]] = (
    *SIX_ANSWERS,
    ((_YES, None, BEFORE, "export"),),
    ((_NO, None, BEFORE, "export"),),
    (_OLD_YES, _GIVEN),  # renewed
    ((_NO, LAST_YEAR, LAST_YEAR, "form"),),  # a no does not expire
    ((_NO, LAST_YEAR, LAST_YEAR, "form"), (_YES, LAST_YEAR + timedelta(days=1), LAST_YEAR, "form")),
    ((_YES, NOW + timedelta(days=1), NOW, "form"),),  # not yet given
    (_REFUSED, (_YES, NOW + timedelta(days=1), NOW, "form")),
    *_in_both_orders(),
)

HOLDERS: Final[tuple[tuple[Authority, Relation], ...]] = (
    (Authority.PARENTAL_RESPONSIBILITY, Relation.PARENT),
    (Authority.SPECIAL_GUARDIAN, Relation.SPECIAL_GUARDIAN),
    (Authority.LOCAL_AUTHORITY, Relation.LOCAL_AUTHORITY),
    (Authority.DELEGATED, Relation.FOSTER_CARER),
    (Authority.SELF, Relation.CHILD),
    (Authority.NONE, Relation.STEP_PARENT),
    (Authority.UNKNOWN, Relation.OTHER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adult:
    """Somebody who may answer for Ann, and what was answered to the one question of the setting."""

    history: History
    authority: Authority = Authority.PARENTAL_RESPONSIBILITY
    relation: Relation = Relation.PARENT
    barred: bool = False
    delegated: frozenset[Purpose] = frozenset(Purpose)

    def person(self, name: PersonId, *, asked: Iterable[Purpose] = ()) -> Person:
        return a_person(name, self.relation, self.authority, barred=self.barred, delegated=self.delegated, asked=asked)

    def records(self, name: PersonId, purpose: Purpose) -> tuple[ConsentRecord, ...]:
        return tuple(self._record(name, purpose, number, said) for number, said in enumerate(self.history))

    def _record(self, name: PersonId, purpose: Purpose, number: int, said: Said) -> ConsentRecord:
        answer, at, seen, source = said
        prominent = purpose is Purpose.HIGH_PROFILE
        return a_record(
            purpose,
            answer,
            giver=name,
            at=at,
            seen=seen,
            source=source,
            relation=self.relation,
            authority=self.authority,
            photo=PHOTO if prominent else None,
            until=(LAST_YEAR.date() if seen == LAST_YEAR else TERM) if prominent and answer is _YES else None,
            name=f"{name}-{number}",
        )


@cache
def _spoken(name: PersonId, adult: Adult, purpose: Purpose) -> tuple[Person, tuple[ConsentRecord, ...]]:
    return adult.person(name), adult.records(name, purpose)


def _ann(setting: Setting, *adults: Adult, status: LegalStatus = LegalStatus.NO_ORDER, since: datetime | None = None) -> Pupil:
    said = [_spoken(name, adult, setting.purpose) for name, adult in zip((MOTHER, FATHER), adults, strict=False)]
    return a_pupil(
        ANN,
        persons=[person for person, _ in said],
        records=[record for _, records in said for record in records],
        status=status,
        since=since,
    )


def _case(setting: Setting, *entries: Pupil, policy: Policy = POLICY, fresh: bool = True) -> Case:
    return a_case(
        *entries,
        BOB_MAY,
        photo=PHOTOS[setting.subjects],
        to=setting.to,
        policy=policy,
        fresh_at=NOW if fresh else NOW - timedelta(days=15),
    )


def _approved_as_the_oracle_says(cases: Iterable[Case], *, decided: Callable[[Case], bool] | None = None) -> int:
    """Compare every case; return how many there were. Both answers must occur, or the table shows nothing."""
    seen = {True: 0, False: 0}
    for case in cases:
        expected = may_go_out(case)
        approved = not findings(case) if decided is None else decided(case)
        assert approved is expected, (case.destination, case.register.pupils.get(ANN))
        seen[expected] += 1
    assert all(seen.values()), seen
    return sum(seen.values())


@every_purpose
def test_one_adult_of_every_authority_under_every_legal_status_with_every_history_of_answers(setting: Setting) -> None:
    adults = [
        Adult(history=history, authority=authority, relation=relation, barred=barred, delegated=delegated)
        for history in EVERY_HISTORY
        for authority, relation in HOLDERS
        for barred, delegated in ((False, frozenset(Purpose)), (True, frozenset(Purpose)), (False, frozenset[Purpose]()))
        if not barred or history in SIX_ANSWERS
        if delegated or authority is Authority.DELEGATED
    ]
    cases = (
        _case(setting, _ann(setting, adult, status=status, since=since))
        for adult, status, since in product(adults, LegalStatus, (None, CHANGED))
        if since is None or adult.history in SIX_ANSWERS or status is LegalStatus.ADOPTED
    )
    assert _approved_as_the_oracle_says(cases) > 2500


@every_purpose
def test_two_adults_of_every_two_authorities_each_with_every_answer_under_every_kind_of_legal_status(setting: Setting) -> None:
    adults = [
        Adult(history=history, authority=authority, relation=relation)
        for history in SIX_ANSWERS
        if history != WON_OVER
        for authority, relation in HOLDERS
    ]
    long_ago = LAST_YEAR - timedelta(days=1)
    cases = (
        _case(setting, _ann(setting, *pair, status=status, since=None if status is LegalStatus.NO_ORDER else long_ago))
        for pair in combinations_with_replacement(adults, 2)
        for status in sorted(set(LegalStatus) - ALIKE)
    )
    assert _approved_as_the_oracle_says(cases) > 3500


@every_setting
def test_two_parents_each_with_every_history_of_answers(setting: Setting) -> None:
    parents = [Adult(history=history) for history in EVERY_HISTORY]
    cases = (_case(setting, _ann(setting, *pair)) for pair in combinations_with_replacement(parents, 2))
    assert _approved_as_the_oracle_says(cases) > 900


def _conditions(ann: Pupil, purpose: Purpose) -> Iterator[tuple[Pupil, ...]]:
    """Yield Ann as she is, and with every condition that closes or might close, last of all not on the register."""

    def but(**changes: object) -> tuple[Pupil, ...]:
        slots = {name: getattr(ann, name) for name in Pupil.__slots__}
        return (Pupil(**(slots | changes)),)

    def with_child(answer: Answer, at: datetime, relation: Relation, authority: Authority) -> tuple[Pupil, ...]:
        giver = PersonId("ann-herself")
        photo = PHOTO if purpose is Purpose.HIGH_PROFILE else None
        said = a_record(purpose, answer, giver=giver, at=at, relation=relation, authority=authority, photo=photo, until=TERM)
        return but(records=(*ann.records, said), persons=(*ann.persons, a_person(giver, relation, authority)))

    yield (ann,)
    yield but(protected=True)
    yield but(suspended=True)
    yield but(left_on=NOW.date() - timedelta(days=1))
    yield but(left_on=NOW.date())
    yield but(on_roll_from=NOW.date() + timedelta(days=1))
    yield but(on_roll_from=NOW.date())
    yield with_child(Answer.REFUSED, BEFORE, Relation.CHILD, Authority.SELF)
    yield with_child(Answer.REFUSED, LAST_YEAR, Relation.EX_PUPIL, Authority.UNKNOWN)
    yield with_child(Answer.GIVEN, BEFORE, Relation.CHILD, Authority.SELF)
    yield but(has_journal=False)
    yield but(year_group="3")
    yield ()


@every_setting
@pytest.mark.parametrize("policy", [POLICY, PUBLIC_TASK, BOTH_PARENTS], ids=["consent", "public task", "every parent"])
def test_every_condition_of_the_pupil_with_every_answer_of_two_parents_and_a_fresh_or_stale_register(
    setting: Setting, policy: Policy
) -> None:
    pairs = list(combinations_with_replacement([Adult(history=history) for history in SIX_ANSWERS], 2))
    cases = (
        _case(setting, *entries, policy=policy, fresh=fresh)
        for pair in pairs
        for entries in _conditions(_ann(setting, *pair), setting.purpose)
        for fresh in (True, False)
    )
    assert _approved_as_the_oracle_says(cases) == len(pairs) * 13 * 2


@every_setting
def test_a_no_to_any_question_of_anybody_beside_a_yes_to_all_of_them(setting: Setting) -> None:
    givers = [(MOTHER, a_person()), (FATHER, a_person(FATHER, barred=True)), (PersonId("neighbour"), None)]
    cases = (
        _case(
            setting,
            a_pupil(
                ANN,
                persons=[a_person(), *([person] if person and giver != MOTHER else [])],
                records=(
                    *yes_to_all(),
                    a_record(refused, Answer.REFUSED, giver=giver, at=at, photo=photo, retired=retired),
                ),
            ),
        )
        for refused, (giver, person), at, photo, retired in product(
            Purpose, givers, (LATER, LAST_YEAR, None), (None, PHOTO, OTHER_PHOTO), (False, True)
        )
    )
    assert _approved_as_the_oracle_says(cases) == 6 * 3 * 3 * 3 * 2


@every_setting
def test_a_purpose_that_two_people_were_asked_about_needs_both(setting: Setting) -> None:
    cases = (
        _case(
            setting,
            a_pupil(
                ANN,
                persons=[
                    mother.person(MOTHER, asked=[setting.purpose] if mother_asked else []),
                    father.person(FATHER, asked=[setting.purpose] if father_asked else []),
                ],
                records=[*mother.records(MOTHER, setting.purpose), *father.records(FATHER, setting.purpose)],
            ),
        )
        for mother, father in product(
            [Adult(history=history) for history in SIX_ANSWERS],
            [
                Adult(history=history, authority=authority, barred=barred)
                for history in SIX_ANSWERS
                for authority in (Authority.PARENTAL_RESPONSIBILITY, Authority.UNKNOWN)
                for barred in (False, True)
            ],
        )
        for mother_asked, father_asked in product((False, True), (False, True))
    )
    assert _approved_as_the_oracle_says(cases) == 6 * 24 * 4


@every_setting
def test_the_day_an_answer_was_given_decides_how_long_it_counts(setting: Setting) -> None:
    first = datetime(2024, 3, 1, 12, tzinfo=NOW.tzinfo)
    given = [first + timedelta(days=days) for days in range(0, 1000, 9)]
    cases = (
        _case(
            setting,
            a_pupil(
                ANN,
                records=[
                    a_record(setting.purpose, at=at, photo=PHOTO, until=until)
                    if setting.purpose is Purpose.HIGH_PROFILE
                    else a_record(setting.purpose, at=at, until=until)
                ],
            ),
        )
        for at, until in product(given, (None, date(2026, 11, 9), date(2026, 11, 10), date(2030, 1, 1)))
    )
    assert _approved_as_the_oracle_says(cases) == len(given) * 4


@every_setting
def test_the_decision_itself_approves_what_the_oracle_lets_out(setting: Setting) -> None:
    adults = [Adult(history=history) for history in SIX_ANSWERS]
    cases = (_case(setting, *entries) for adult in adults for entries in _conditions(_ann(setting, adult), setting.purpose))
    assert _approved_as_the_oracle_says(cases, decided=lambda case: decide(case).outcome is Outcome.APPROVED) == 6 * 13
