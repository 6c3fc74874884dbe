"""Sync: the register changes, and whatever no longer stands is closed in the same transaction (promise P3).

Every change that could turn a yes into a no takes the pupil's row alone and adds 1 to its version, so that a release which
read the old answers can't commit after it. Names and policy take the school's row the same way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from consent.events import Event
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation, SchoolId
from consent.photo import PhotoId
from consent.policy import Policy
from consent.purposes import Purpose
from consent.register import Answer, ConsentRecord, RecordId
from service.pipeline.standing import Matchers, ask_again, close_what_fell
from storage import photos, publications, registers, schools
from storage.errors import Conflict
from storage.store import Store, Transaction
from storage.users import Caller

_NO_AUTHORITY: Final = frozenset({Authority.NONE, Authority.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One answer as the office, a form or a parent sends it. ``person`` tells two people of one relation apart."""

    pupil: str
    purpose: Purpose
    answer: Answer
    relation: Relation
    authority: Authority
    person: str = ""
    photo: str | None = None
    answered_at: datetime | None = None
    expires_on: date | None = None
    source: str = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilChange:
    """What the office changes about a pupil; None leaves as it is."""

    forename: str | None = None
    middle: str | None = None
    surname: str | None = None
    known_as: str | None = None
    reg_group: str | None = None
    year_group: str | None = None
    left_on: date | None = None
    suspended: bool | None = None
    has_journal: bool | None = None
    legal_status: LegalStatus | None = None
    legal_status_since: datetime | None = None

    def values(self) -> dict[str, object]:
        """Return what is to be changed, by the register's own words."""
        names = (one.name for one in fields(self) if one.name != "legal_status_since")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """Who may answer for a pupil, as the office says. ``code`` tells two people of one relation apart."""

    relation: Relation
    authority: Authority
    code: str = ""
    barred: bool = False
    delegated: frozenset[Purpose] = frozenset()
    asked: frozenset[Purpose] = frozenset()


def record_answer(given: GivenAnswer, *, caller: Caller, store: Store, matchers: Matchers) -> RecordId:
    """Append one answer. When this returns, every publication a refusal covers answers 410 and its tombstones are queued.

    A giver who is not known yet becomes known by answering. Raises NotFound for a pupil or photo of another school, Conflict
    for an answer dated in the future, or where one pupil has several people of that relation and none is named.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=True)
        registers.lock_pupils(step, [PupilId(given.pupil)], share=False)
        if given.answered_at is not None and given.answered_at > step.now:
            raise Conflict("an answer can't be dated in the future")
        if given.photo is not None:
            photos.row(step, given.photo)
        record = _append(step, given)
        _changed(step, [PupilId(given.pupil)], matchers)
    return record


def retire_refusal(record: str, *, caller: Caller, store: Store, matchers: Matchers) -> bool:
    """Say that the giver of a no has no authority; True once head and DSL, two people, have both said so.

    It opens nothing by itself: a yes with authority is still needed. Raises NotFound; Conflict if the record is no refusal or
    is the child's own, which nobody can retire.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        found = registers.record_row(step, record)
        schools.lock(step, share=True)
        registers.lock_pupils(step, [PupilId(found.pupil_id)], share=False)
        by_child = found.relation in (Relation.CHILD, Relation.EX_PUPIL) or found.authority == Authority.SELF
        if found.answer != Answer.REFUSED or by_child:
            raise Conflict("only an adult's refusal can be retired")
        if registers.person_row(step, found.person_id).authority not in _NO_AUTHORITY:
            raise Conflict("the register says that its giver has authority")
        retired = registers.agree_retirement(step, RecordId(record), role=caller.role.value)
        if retired:
            registers.raise_version(step, PupilId(found.pupil_id))
            step.record(Event.CONSENT_RETIRED, record=record, pupil=found.pupil_id)
            _changed(step, [PupilId(found.pupil_id)], matchers)
    return retired


def set_protection(pupil: str, *, protected: bool, caller: Caller, store: Store, matchers: Matchers) -> None:
    """Set or clear the protected flag: the DSL's alone. Raises NotFound. Setting it twice is fine."""
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=True)
        registers.lock_pupils(step, [PupilId(pupil)], share=False)
        registers.raise_version(step, PupilId(pupil), protected=protected)
        step.record(Event.PROTECTION_SET if protected else Event.PROTECTION_CLEARED, pupil=pupil)
        _changed(step, [PupilId(pupil)], matchers)


def change_pupil(pupil: str, change: PupilChange, *, caller: Caller, store: Store, matchers: Matchers) -> None:
    """Change what the register says of a pupil: a new name, class, leaving date or legal status.

    Old names stay on the register, so that they are still scrubbed; a new legal status voids every yes; on adoption nobody's
    authority outlives the order until the office has confirmed it. Raises NotFound.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        registers.lock_pupils(step, [PupilId(pupil)], share=False)
        registers.change_pupil(step, PupilId(pupil), change.values(), since=change.legal_status_since)
        renamed = registers.refresh_names(step)
        live = publications.live_all(step) if renamed else publications.live_with(step, [PupilId(pupil)])
        close_what_fell(step, live, matchers=matchers)
        ask_again(step, [PupilId(pupil)])


def put_person(pupil: str, change: PersonChange, *, caller: Caller, store: Store, matchers: Matchers) -> PersonId:
    """Say who may answer for a pupil and by what authority; whatever no longer stands is closed. Raises NotFound."""
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=True)
        registers.lock_pupils(step, [PupilId(pupil)], share=False)
        key = (change.relation.value, change.code)
        known = {(row.relation, row.code): PersonId(row.id) for row in registers.persons_of(step, PupilId(pupil))}
        person = known.get(key) or PersonId(uuid4().hex)
        values: dict[str, object] = {
            "authority": change.authority.value,
            "barred": change.barred,
            "delegated": sorted(change.delegated),
            "asked": sorted(change.asked),
        }
        if key not in known:
            values |= {"relation": change.relation.value, "code": change.code}
        registers.put_person(step, PupilId(pupil), person, new=key not in known, **values)
        registers.raise_version(step, PupilId(pupil))
        step.record(Event.PUPIL_CHANGED, pupil=pupil, changed=["persons"])
        _changed(step, [PupilId(pupil)], matchers)
    return person


def put_policy(text: str | None, *, actor: str, store: Store, school: str, matchers: Matchers) -> Policy | None:
    """Put a policy in force, or none: then the gate is closed to what is new. Raises PolicyRefused for a text that is none."""
    with store.transaction(SchoolId(school), actor=actor) as step:
        if text is None:
            schools.withdraw_policy(step)
            return None
        policy = schools.set_policy(step, text)
        close_what_fell(step, publications.live_all(step), matchers=matchers)
        ask_again(step, None)
        return policy


def _append(step: Transaction, given: GivenAnswer) -> RecordId:
    pupil = PupilId(given.pupil)
    record = ConsentRecord(
        id=RecordId(uuid4().hex),
        purpose=given.purpose,
        answer=given.answer,
        giver=_giver(step, pupil, given),
        relation=given.relation,
        authority=given.authority,
        answered_at=given.answered_at,
        first_seen_at=step.now,
        source=given.source,
        photo=PhotoId(given.photo) if given.photo else None,
        valid_until=given.expires_on,
    )
    registers.insert_record(step, pupil, record)
    registers.raise_version(step, pupil)
    return record.id


def _giver(step: Transaction, pupil: PupilId, given: GivenAnswer) -> PersonId:
    """Find who answered, or make them known. A yes of an unnamed one of several is nobody's; a no is a new person's."""
    everybody = registers.persons_of(step, pupil)
    known = [row for row in everybody if row.relation == given.relation and not row.code.startswith(registers.SET_ASIDE)]
    found = [row for row in known if row.code == given.person]
    if not given.person and len(known) > 1:
        if given.answer is Answer.GIVEN:
            raise Conflict("several people of that relation are known: say which")
        found = []
    elif not given.person and len(known) == 1:
        found = known
    if found:
        return PersonId(found[0].id)
    person = PersonId(uuid4().hex)
    code = given.person or ("" if not known else f"unnamed-{person[:12]}")
    registers.put_person(
        step,
        pupil,
        person,
        new=True,
        relation=given.relation.value,
        code=code,
        authority=given.authority.value,
        barred=False,
        delegated=[],
        asked=[],
    )
    return person


def _changed(step: Transaction, pupils: Iterable[PupilId], matchers: Matchers) -> None:
    touched = tuple(pupils)
    close_what_fell(step, publications.live_with(step, touched), matchers=matchers)
    ask_again(step, touched)
