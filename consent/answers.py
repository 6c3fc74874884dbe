"""What counts as a yes: the answers of one pupil to one purpose, weighed.

The numbers in comments are those of PRODUCT, "What counts as a yes". Everything here is for one pupil; every reason against is
yielded and none hides another. No reason at all is the only yes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final

from consent.people import Authority, LegalStatus, Relation
from consent.photo import PhotoId
from consent.policy import Basis, Policy
from consent.purposes import Purpose, closes
from consent.reasons import Reason
from consent.register import Answer, ConsentRecord, Person, Pupil

CHILD_RELATIONS = frozenset({Relation.CHILD, Relation.EX_PUPIL})
_CARE = frozenset({LegalStatus.CARE_ORDER, LegalStatus.INTERIM_CARE_ORDER, LegalStatus.EMERGENCY_PROTECTION_ORDER})
_PARENTS_DECIDE = frozenset({LegalStatus.NO_ORDER, LegalStatus.ADOPTED, LegalStatus.SECTION_20})
_FITTING: Final[Mapping[Authority, frozenset[Relation]]] = MappingProxyType(
    {
        Authority.PARENTAL_RESPONSIBILITY: frozenset(
            {Relation.MOTHER, Relation.FATHER, Relation.PARENT, Relation.GUARDIAN, Relation.STEP_PARENT, Relation.OTHER}
        ),
        Authority.SPECIAL_GUARDIAN: frozenset({Relation.SPECIAL_GUARDIAN}),
        Authority.LOCAL_AUTHORITY: frozenset({Relation.LOCAL_AUTHORITY}),
        Authority.DELEGATED: frozenset({Relation.FOSTER_CARER}),
    }
)
"""Who can hold which authority. A pair that is not here contradicts itself, and its yes is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this pupil appear for this purpose, in this photo, now, under this policy?"""

    pupil: Pupil
    purpose: Purpose
    photo: PhotoId
    policy: Policy
    now: datetime


def day_is_over(day: date, now: datetime) -> bool:
    """True once ``day`` is over in London. An hour early in winter, so that summer time can never lengthen a yes."""
    return (now + timedelta(hours=1)).date() > day


def against(question: Question) -> Iterator[Reason]:
    """Yield every reason why the pupil may not appear; nothing yielded is the only yes."""
    pupil, now = question.pupil, question.now
    if pupil.protected:  # 1
        yield Reason.PUPIL_PROTECTED
    if pupil.suspended:
        yield Reason.PUPIL_SUSPENDED
    if pupil.left_on is not None and day_is_over(pupil.left_on, now):  # 7
        yield Reason.PUPIL_LEAVER
    if pupil.on_roll_from is not None and now.date() < pupil.on_roll_from:
        yield Reason.PUPIL_NOT_ON_ROLL
    refusals = standing_refusals(question)
    if any(_from_child(record) for record in refusals):  # 2
        yield Reason.PUPIL_CHILD_OBJECTS
    good = good_yeses(question)
    if any(not _from_child(record) for record in refusals):  # 4
        yield Reason.PUPIL_CONFLICTING if good else Reason.PUPIL_REFUSED
    if not _silence_is_enough(question):
        yield from _missing_yes(question, good)


def standing_refusals(question: Question) -> tuple[ConsentRecord, ...]:
    """Every no that stands, by anyone, with authority or without (4), for this purpose or a smaller audience (7).

    A no falls only to a later yes of the same giver to the same purpose (3), or when headteacher and DSL retired it because its
    giver has no authority; a child's no cannot be retired. Refusals never expire.
    """
    records = question.pupil.records
    return tuple(
        no
        for no in records
        if no.answer is Answer.REFUSED
        and question.purpose in closes(no.purpose)
        and no.photo in (None, question.photo)
        and (not no.retired or _from_child(no))
        and not any(_lifts(yes, no, question) for yes in records)
    )


def standing_yeses(question: Question) -> tuple[ConsentRecord, ...]:
    """Each giver's latest yes to exactly this purpose (3); of two at one instant the one that ends first."""
    given = [record for record in question.pupil.records if _answers_yes_here(record, question)]
    given.sort(key=lambda yes: (yes.giver, -yes.effective_at.timestamp(), last_day(yes, question.policy), yes.id))
    return tuple(next(of_one) for _, of_one in groupby(given, key=lambda yes: yes.giver))


def good_yeses(question: Question) -> tuple[ConsentRecord, ...]:
    """Return the standing yeses with authority, not void, not expired, of givers who do not also refuse."""
    refusers = {no.giver for no in standing_refusals(question)}
    return tuple(
        yes for yes in standing_yeses(question) if yes.giver not in refusers and not any(_faults(yes, question))
    )


def holds_until(question: Question) -> date | None:
    """Last day on which an approval resting on today's answers still stands; None where it rests on no answer.

    Where one yes is enough, the last of them to end counts; where every parent's is needed, the first.
    """
    ends = [] if question.pupil.left_on is None else [question.pupil.left_on]
    days = [last_day(yes, question.policy) for yes in good_yeses(question)]
    if days and not _silence_is_enough(question):
        ends.append(min(days) if needs_every_parent(question) else max(days))
    return min(ends, default=None)


def last_day(yes: ConsentRecord, policy: Policy) -> date:
    """Last day on which a yes counts: the giver's own date, never later than the policy's (7).

    A high-profile yes has its own term, capped by the policy's years; without a term it is over before it began.
    """
    answered_on = yes.effective_at.date()
    if yes.purpose is Purpose.HIGH_PROFILE:
        cap = answered_on + timedelta(days=365 * policy.high_profile_max_years)
        return min(yes.valid_until, cap) if yes.valid_until is not None else date.min
    cap = policy.valid_until(answered_on)
    return min(yes.valid_until, cap) if yes.valid_until is not None else cap


def may_consent(person: Person, status: LegalStatus, purpose: Purpose) -> bool:
    """True if this person's yes counts under the pupil's legal status (5). Rules for England."""
    if person.barred or person.relation not in _FITTING.get(person.authority, frozenset()):
        return False
    match person.authority:
        case Authority.PARENTAL_RESPONSIBILITY:
            return status in _PARENTS_DECIDE
        case Authority.LOCAL_AUTHORITY:
            return status in _CARE
        case Authority.DELEGATED:
            return purpose in person.delegated and (status in _CARE or status is LegalStatus.SECTION_20)
        case Authority.SPECIAL_GUARDIAN:
            return status is LegalStatus.SPECIAL_GUARDIANSHIP
        case _:
            return False


def needs_every_parent(question: Question) -> bool:
    """True for high-profile, and for a purpose the policy or the school's own asking put to more than one person (6)."""
    asked = sum(question.purpose in person.asked for person in question.pupil.persons)
    return question.purpose is Purpose.HIGH_PROFILE or question.purpose in question.policy.every_parent or asked > 1


def _missing_yes(question: Question, good: tuple[ConsentRecord, ...]) -> Iterator[Reason]:
    if good:
        givers = {yes.giver for yes in good}
        able = {person.id for person in question.pupil.persons if _is_able(person, question)}
        if needs_every_parent(question) and not able <= givers:
            yield Reason.PUPIL_NOT_EVERY_PARENT
        return
    faults = {fault for yes in standing_yeses(question) for fault in _faults(yes, question)}
    yield from sorted(faults) or (Reason.PUPIL_NOT_RECORDED,)


def _faults(yes: ConsentRecord, question: Question) -> Iterator[Reason]:
    pupil = question.pupil
    person = next((person for person in pupil.persons if person.id == yes.giver), None)
    as_stated = Person(
        id=yes.giver,
        relation=yes.relation,
        authority=yes.authority,
        delegated=person.delegated if person else frozenset(),
    )
    if person is None or not _is_able(person, question) or not _is_able(as_stated, question):  # 5
        yield Reason.PUPIL_NO_AUTHORITY
    if _is_void(yes, pupil):
        yield Reason.PUPIL_VOID
    if day_is_over(last_day(yes, question.policy), question.now):  # 7
        yield Reason.PUPIL_EXPIRED


def _is_void(yes: ConsentRecord, pupil: Pupil) -> bool:
    """A change of legal status voids every yes (5); an undated yes can't show that it came after."""
    if pupil.legal_status_since is None:
        return pupil.legal_status is not LegalStatus.NO_ORDER and yes.answered_at is None
    return yes.answered_at is None or yes.answered_at <= pupil.legal_status_since


def _silence_is_enough(question: Question) -> bool:
    """Under ``public-task`` silence is allowed, but never for children under orders (8); leavers have their own reason."""
    return question.policy.basis[question.purpose] is Basis.PUBLIC_TASK and question.pupil.legal_status is LegalStatus.NO_ORDER


def _lifts(yes: ConsentRecord, no: ConsentRecord, question: Question) -> bool:
    """Does this later yes of the same giver lift this no? (3) An undated yes never outranks another source's no."""
    same = (
        yes.answer is Answer.GIVEN
        and yes.giver == no.giver
        and yes.purpose is no.purpose
        and (no.photo is None or yes.photo == no.photo)
        and (yes.purpose is not Purpose.HIGH_PROFILE or yes.photo == question.photo)
    )
    trusted = yes.answered_at is not None or yes.source == no.source
    in_time = no.effective_at < yes.effective_at <= question.now
    return same and trusted and in_time and not _is_void(yes, question.pupil)


def _answers_yes_here(record: ConsentRecord, question: Question) -> bool:
    return (
        record.answer is Answer.GIVEN
        and record.purpose is question.purpose
        and record.effective_at <= question.now
        and (record.photo == question.photo if record.purpose is Purpose.HIGH_PROFILE else record.photo is None)
    )


def _is_able(person: Person, question: Question) -> bool:
    return may_consent(person, question.pupil.legal_status, question.purpose)


def _from_child(record: ConsentRecord) -> bool:
    return record.relation in CHILD_RELATIONS or record.authority is Authority.SELF
