"""What counts as a yes: the answers of one pupil to one purpose, weighed.

The numbers in comments are those of docs/rules.md, "What counts as a yes". Everything here is for one pupil; every reason
against is yielded and none hides another. No reason at all is the only yes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final

from consent.people import Authority, LegalStatus, Relation
from consent.photo import PhotoId
from consent.policy import Basis, Policy
from consent.purposes import Purpose, closes
from consent.reasons import Reason
from consent.register import Answer, ConsentRecord, Person, Pupil

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NOTHING: Final = frozenset({Authority.NONE, Authority.UNKNOWN})
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
    return _utc_day(now + timedelta(hours=1)) > day


def against(question: Question) -> Iterator[Reason]:
    """Yield every reason why the pupil may not appear; nothing yielded is the only yes."""
    if question.pupil.protected:  # 1
        yield Reason.PUPIL_PROTECTED
    yield from away(question.pupil, question.now)
    refusals = standing_refusals(question)
    if any(_from_child(record) for record in refusals):  # 2
        yield Reason.PUPIL_CHILD_OBJECTS
    good = good_yeses(question)
    if any(not _from_child(record) for record in refusals):  # 4
        yield Reason.PUPIL_CONFLICTING if good else Reason.PUPIL_REFUSED
    if not _silence_is_enough(question):
        yield from _missing_yes(question, good, refusals)


def away(pupil: Pupil, now: datetime) -> Iterator[Reason]:
    """Yield why the pupil is not there to be asked about: paused, left (7), or not yet on the roll."""
    if pupil.suspended:
        yield Reason.PUPIL_SUSPENDED
    if pupil.left_on is not None and day_is_over(pupil.left_on, now):
        yield Reason.PUPIL_LEAVER
    if pupil.on_roll_from is not None and _utc_day(now) < pupil.on_roll_from:
        yield Reason.PUPIL_NOT_ON_ROLL


def standing_refusals(question: Question) -> tuple[ConsentRecord, ...]:
    """Every no that stands, by anyone, with authority or without (4), for this purpose or a smaller audience (7).

    A no falls only to a later yes of the same giver to the same purpose (3), or when headteacher and DSL retired it because its
    giver has no authority: neither a child's no nor that of somebody with authority can be retired. Refusals never expire.
    """
    records = question.pupil.records
    return tuple(
        no
        for no in records
        if no.answer is Answer.REFUSED
        and question.purpose in closes(no.purpose)
        and no.photo in (None, question.photo)
        and not _is_retired(no, question.pupil)
        and not any(_lifts(yes, no, question) for yes in records)
    )


def standing_yeses(question: Question) -> tuple[ConsentRecord, ...]:
    """Each giver's latest yes to exactly this purpose (3); of two at one instant one with a fault, else the first to end."""

    def latest_first(yes: ConsentRecord) -> tuple[object, ...]:
        faultless = not any(_faults(yes, question))
        return (yes.giver, _EPOCH - yes.effective_at, faultless, last_day(yes, question.policy), yes.id)

    given = sorted((record for record in question.pupil.records if _answers_yes_here(record, question)), key=latest_first)
    return tuple(next(of_one) for _, of_one in groupby(given, key=lambda yes: yes.giver))


def good_yeses(question: Question) -> tuple[ConsentRecord, ...]:
    """Return the standing yeses with authority, not void, not expired, of givers who do not also refuse."""
    refusers = {no.giver for no in standing_refusals(question)}
    return tuple(yes for yes in standing_yeses(question) if yes.giver not in refusers and not any(_faults(yes, question)))


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
    answered_on = _utc_day(yes.effective_at)
    if yes.purpose is Purpose.HIGH_PROFILE:
        cap = answered_on + timedelta(days=365 * policy.high_profile_max_years)
        return min(yes.valid_until, cap) if yes.valid_until is not None else date.min
    cap = policy.valid_until(answered_on)
    return min(yes.valid_until, cap) if yes.valid_until is not None else cap


def may_consent(person: Person, status: LegalStatus, purpose: Purpose) -> bool:
    """True if this person's yes counts under the pupil's legal status (5). Rules for England."""
    return person.relation in _FITTING.get(person.authority, frozenset()) and _must_agree(person, status, purpose)


def _must_agree(person: Person, status: LegalStatus, purpose: Purpose) -> bool:
    """True if "every person with authority" includes this one, even where a contradiction makes the yes nothing."""
    if person.barred:
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


def _missing_yes(question: Question, good: tuple[ConsentRecord, ...], refusals: tuple[ConsentRecord, ...]) -> Iterator[Reason]:
    if good:
        pupil, givers = question.pupil, {yes.giver for yes in good}
        asked = {one.id for one in pupil.persons if _must_agree(one, pupil.legal_status, question.purpose)}
        if needs_every_parent(question) and not asked <= givers:
            yield Reason.PUPIL_NOT_EVERY_PARENT
        return
    yeses = standing_yeses(question)
    yield from sorted({fault for yes in yeses for fault in _faults(yes, question)})
    if not yeses and not any(no.purpose is question.purpose and not _from_child(no) for no in refusals):
        yield Reason.PUPIL_NOT_RECORDED


def _faults(yes: ConsentRecord, question: Question) -> Iterator[Reason]:
    pupil = question.pupil
    known = [person for person in pupil.persons if person.id == yes.giver]
    as_stated = [replace(person, relation=yes.relation, authority=yes.authority) for person in known]
    if not known or not all(may_consent(one, pupil.legal_status, question.purpose) for one in (*known, *as_stated)):  # 5
        yield Reason.PUPIL_NO_AUTHORITY
    if _is_void(yes, pupil):
        yield Reason.PUPIL_VOID
    if day_is_over(last_day(yes, question.policy), question.now):  # 7
        yield Reason.PUPIL_EXPIRED


def _is_void(yes: ConsentRecord, pupil: Pupil) -> bool:
    """A change of legal status voids every yes (5); while either date is unknown, the yes can't show that it came after."""
    since = pupil.legal_status_since
    if since is None and pupil.legal_status is LegalStatus.NO_ORDER:
        return False
    return since is None or yes.answered_at is None or yes.answered_at <= since


def _silence_is_enough(question: Question) -> bool:
    """Under ``public-task`` silence is allowed, but never for children under orders (8); leavers have their own reason."""
    return question.policy.basis[question.purpose] is Basis.PUBLIC_TASK and question.pupil.legal_status is LegalStatus.NO_ORDER


def _lifts(yes: ConsentRecord, no: ConsentRecord, question: Question) -> bool:
    """Does this later yes of the same giver lift this no (3)?

    The giver needs no authority to take back an own no. But an undated yes never outranks another source's no, nor one that
    its source came to show later (of dates that nobody knows the no's is taken for the later one), a yes of which
    nobody can say by what right it speaks is nothing beside a no of which somebody can (5), a void yes lifts nothing, and what a
    child said nobody else takes back, even if it was filed under the same giver.
    """
    same = (
        yes.answer is Answer.GIVEN
        and yes.giver == no.giver
        and _from_child(yes) is _from_child(no)
        and yes.purpose is no.purpose
        and no.photo in (None, yes.photo)
        and _is_for(yes, question.photo)
    )
    vouched_for = yes.authority not in _NOTHING or no.authority in _NOTHING
    came_after = yes.source == no.source and no.first_seen_at < yes.first_seen_at
    trusted = vouched_for and (yes.answered_at is not None or came_after)
    in_time = no.effective_at < yes.effective_at <= question.now
    return same and trusted and in_time and not _is_void(yes, question.pupil)


def _answers_yes_here(record: ConsentRecord, question: Question) -> bool:
    return (
        record.answer is Answer.GIVEN
        and record.purpose is question.purpose
        and record.effective_at <= question.now
        and _is_for(record, question.photo)
    )


def _is_for(yes: ConsentRecord, photo: PhotoId) -> bool:
    """A high-profile yes is for one photo, any other for all of them."""
    return yes.photo == (photo if yes.purpose is Purpose.HIGH_PROFILE else None)


def _is_retired(no: ConsentRecord, pupil: Pupil) -> bool:
    """Retired (4), and still rightly so: the register knows of no authority of its giver."""
    authorities = {person.authority for person in pupil.persons if person.id == no.giver}
    return no.retired and not _from_child(no) and authorities <= _NOTHING


def _from_child(record: ConsentRecord) -> bool:
    return record.relation in CHILD_RELATIONS or record.authority is Authority.SELF


def _utc_day(instant: datetime) -> date:
    """The day in UTC, whatever zone the instant was spelled in; a naive one raises TypeError."""
    return (_EPOCH + (instant - _EPOCH)).date()
