"""The difference between a file and the register, before anything applies. Pure: it knows no database.

Computed as if nobody were protected: the flag is not even among the facts it is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from consent.people import Authority, LegalStatus, PupilId, Relation
from consent.policy import Policy
from consent.purposes import Purpose
from consent.register import Answer
from service.mis.rows import AnswerRow, PersonRow, PupilRow, RegisterFile

FIELDS = ("forename", "middle", "surname", "known_as", "reg_group", "year_group", "left_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """The latest answer this source showed for one person and purpose."""

    answer: Answer
    answered_at: datetime | None
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody on the register, and what this source last said they answered."""

    relation: Relation
    code: str
    authority: Authority
    barred: bool
    delegated: frozenset[Purpose]
    asked: frozenset[Purpose]
    answers: Mapping[Purpose, tuple[KnownAnswer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPupil:
    """A pupil on the register, as far as a file can speak of one."""

    id: PupilId
    upn: str
    values: Mapping[str, object]
    former_surnames: frozenset[str]
    legal_status: LegalStatus
    legal_status_since: datetime | None
    on_roll: bool
    persons: tuple[KnownPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnswer:
    """An answer the register does not have yet. ``turns_no``: this source's last word of this person was a no."""

    person: PersonRow
    answer: AnswerRow
    turns_no: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilPlan:
    """What would change for one pupil. ``id`` is None for a new one."""

    row: PupilRow
    id: PupilId | None
    changed: tuple[str, ...]
    persons: tuple[PersonRow, ...]
    answers: tuple[NewAnswer, ...]

    @property
    def granting(self) -> tuple[NewAnswer, ...]:
        """The new yeses."""
        return tuple(one for one in self.answers if one.answer.given)

    @property
    def withdrawing(self) -> tuple[NewAnswer, ...]:
        """The new refusals."""
        return tuple(one for one in self.answers if not one.answer.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a file would change, and why it may need a second person."""

    pupils: tuple[PupilPlan, ...]
    leavers: tuple[PupilId, ...]
    brakes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """True if applying would change nothing."""
        return not self.leavers and not any(_changes(one) for one in self.pupils)


def plan(file: RegisterFile, known: Iterable[KnownPupil], *, policy: Policy | None) -> Plan:
    """Compare a whole-school file with the register. Pupils on the roll who are not in the file are leavers.

    ``brakes`` names each share of the policy that the file passes; without a policy every grant and every leaver brakes.
    """
    by_upn = {one.upn: one for one in known}
    pupils = tuple(_pupil(row, by_upn.get(row.upn)) for row in file.pupils)
    named = {row.upn for row in file.pupils}
    roll = [one for one in by_upn.values() if one.on_roll]
    leavers = tuple(sorted(one.id for one in roll if one.upn not in named))
    return Plan(pupils=pupils, leavers=leavers, brakes=_brakes(pupils, leavers, by_upn, len(roll), policy))


def _pupil(row: PupilRow, known: KnownPupil | None) -> PupilPlan:
    persons = {(one.relation, one.code): one for one in known.persons} if known else {}
    return PupilPlan(
        row=row,
        id=known.id if known else None,
        changed=_changed(row, known) if known else (),
        persons=tuple(one for one in row.persons if _person_differs(one, persons.get((one.relation, one.person_code)))),
        answers=tuple(
            new
            for one in row.persons
            for answer in one.answers
            if (new := _new(one, answer, persons.get((one.relation, one.person_code)))) is not None
        ),
    )


def _changed(row: PupilRow, known: KnownPupil) -> tuple[str, ...]:
    found = [name for name in FIELDS if getattr(row, name) != known.values[name] and _asserted(row, name)]
    if not frozenset(row.former_surnames) <= known.former_surnames:
        found.append("former_surnames")
    if row.legal_status is not None and _status_differs(row, known):
        found.append("legal_status")
    return tuple(found)


def _status_differs(row: PupilRow, known: KnownPupil) -> bool:
    """Another status, or a date where none was known or a later one; an earlier one would bring a void yes back."""
    since, before = row.legal_status_since, known.legal_status_since
    later = since is not None and (before is None or since > before)
    return row.legal_status is not known.legal_status or later


def _asserted(row: PupilRow, name: str) -> bool:
    """A blank cell says nothing, but for ``left_on``: a pupil in a whole-school file without a leaving date is on the roll."""
    return name == "left_on" or bool(getattr(row, name))


def _person_differs(row: PersonRow, known: KnownPerson | None) -> bool:
    if known is None:
        return True
    barred = known.barred if row.barred is None else row.barred
    said = (row.authority, barred, row.delegated)
    return said != (known.authority, known.barred, known.delegated) or not row.asked <= known.asked


def _new(person: PersonRow, answer: AnswerRow, known: KnownPerson | None) -> NewAnswer | None:
    """A re-exported, unchanged answer is no new answer, even if its row changed."""
    said = Answer.GIVEN if answer.given else Answer.REFUSED
    earlier = known.answers.get(answer.purpose, ()) if known else ()
    latest = earlier[-1] if earlier else None
    if latest is not None and latest.answer is said:
        same_date = answer.answered_at is None or _same_moment(answer.answered_at, latest.answered_at, said)
        if same_date and answer.expires_on in (None, latest.valid_until):
            return None
    shown = KnownAnswer(answer=said, answered_at=answer.answered_at, valid_until=answer.expires_on)
    if answer.answered_at is not None and shown in earlier:
        return None
    return NewAnswer(person=person, answer=answer, turns_no=latest is not None and latest.answer is Answer.REFUSED)


def _same_moment(answered_at: datetime, before: datetime | None, said: Answer) -> bool:
    """A no that a file dates by its day counts from the end of that day or from now, so on the day itself it moves along."""
    if said is Answer.REFUSED and before is not None:
        return answered_at.date() == before.date()
    return answered_at == before


def _brakes(
    pupils: tuple[PupilPlan, ...],
    leavers: tuple[PupilId, ...],
    known: Mapping[str, KnownPupil],
    roll: int,
    policy: Policy | None,
) -> tuple[str, ...]:
    turned = sum(one.turns_no for pupil in pupils for one in pupil.granting)
    refusals = sum(_standing_refusals(one) for one in known.values())
    granting, leaving = (policy.brake_granting_share, policy.brake_leaver_share) if policy else (0.0, 0.0)
    found = []
    if turned and turned > granting * refusals:
        found.append("granting")
    if leavers and len(leavers) > leaving * roll:
        found.append("leavers")
    returning = sum(_returns(one, known) for one in pupils)
    if returning and returning > leaving * roll:
        found.append("returning")
    return tuple(found)


def _returns(one: PupilPlan, known: Mapping[str, KnownPupil]) -> bool:
    """True for a pupil who was off the roll and whose leaving date the file takes back: every yes would count again."""
    return one.id is not None and "left_on" in one.changed and not known[one.row.upn].on_roll


def _standing_refusals(known: KnownPupil) -> int:
    return sum(answers[-1].answer is Answer.REFUSED for person in known.persons for answers in person.answers.values() if answers)


def _changes(one: PupilPlan) -> bool:
    return one.id is None or bool(one.changed or one.persons or one.answers)
