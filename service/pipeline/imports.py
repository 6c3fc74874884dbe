"""Imports: a school's export is previewed, then applied whole or not at all. A file that opens much needs a second person."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from consent.answers import day_is_over
from consent.case import register_is_stale
from consent.events import Event
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.purposes import Purpose
from consent.register import Answer, ConsentRecord, RecordId, Register
from service.mis import csvfile
from service.mis.plan import FIELDS, KnownAnswer, KnownPerson, KnownPupil, NewAnswer, Plan, PupilPlan, plan
from service.mis.rows import PersonRow, PupilRow
from service.pipeline.standing import Matchers, ask_again, close_what_fell
from storage import imports, publications, registers, schools
from storage.errors import Conflict
from storage.store import Reading, Store, Transaction
from storage.users import Caller

PROFILE = "gatekeeper"
SOURCE = f"file:{PROFILE}"


class SecondPersonNeeded(Conflict):
    """The file opens or drops more than the policy allows one person to apply alone."""


class OtherFile(Conflict):
    """The digest given is not that of the file that was previewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What applying would do. Pupils by id, new ones by UPN; computed as if nobody were protected."""

    id: str
    digest: str
    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    leavers: tuple[str, ...]
    granting: Mapping[str, tuple[str, ...]]
    withdrawing: Mapping[str, tuple[str, ...]]
    brakes: tuple[str, ...]


def preview(untrusted: bytes, *, caller: Caller, store: Store) -> Preview:
    """Read a file and show what it would change; changes nothing. Raises FileRefused with every problem found."""
    with store.transaction(caller.school, actor=caller.actor) as step:
        file = csvfile.read(untrusted, now=step.now)
        found = _plan(step, file)
        import_id = uuid4().hex
        shown = _shown(import_id, file.digest, found)
        imports.insert(step, import_id, digest=file.digest, profile=PROFILE, content=untrusted)
        step.record(Event.IMPORT_PREVIEWED, register_import=import_id, digest=file.digest, brakes=list(found.brakes))
    return shown


def apply(import_id: str, *, digest: str, caller: Caller, store: Store, matchers: Matchers) -> Preview:
    """Apply a previewed file, all or nothing; applying it again changes nothing. What no longer stands is closed at once.

    Raises NotFound; OtherFile unless ``digest`` is that of the previewed file; Conflict if another file was applied since this
    one was previewed; SecondPersonNeeded if it passes a share of the policy and whoever applies it is who previewed it.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        stored = imports.row(step, import_id)
        if stored.digest != digest:
            raise OtherFile("the digest is not that of the previewed file")
        if stored.state == "applied":
            return _shown(import_id, digest, Plan(pupils=(), leavers=(), brakes=()))
        if imports.is_overtaken(step, stored):  # its undated ticks are older than they would look
            raise Conflict("another file was applied since: preview this one again")
        file = csvfile.read(stored.content, now=step.now)
        found = _plan(step, file)
        if found.brakes and caller.actor == stored.created_by:
            raise SecondPersonNeeded("a second person must apply this file")
        was_stale = _is_stale(step)
        touched = _write(step, found)
        imports.mark_applied(step, import_id)
        registers.source_seen(step, SOURCE, at=stored.created_at)  # as old as when the school handed it over
        renamed = registers.refresh_names(step)
        step.record(Event.IMPORT_APPLIED, register_import=import_id, digest=digest, pupils=len(touched))
        live = publications.live_all(step) if renamed else publications.live_with(step, touched)
        close_what_fell(step, live, matchers=matchers)
        ask_again(step, None if renamed or was_stale else touched)
    return _shown(import_id, digest, found)


def _is_stale(reading: Reading) -> bool:
    """True if pictures may be waiting for the register to be seen again, or if nobody can tell."""
    policy = schools.policy_in_force(reading)
    seen = Register(version=0, fresh_at=registers.fresh_at(reading), names="", pupils={})
    return policy is None or register_is_stale(seen, policy, reading.now)


def _plan(reading: Reading, file: csvfile.RegisterFile) -> Plan:
    return plan(file, _known(reading), policy=schools.policy_in_force(reading))


def _known(reading: Reading) -> tuple[KnownPupil, ...]:
    rows = registers.pupils_of(reading)
    persons = registers.persons_by_pupil(reading)
    answers = _answers_shown(reading)
    return tuple(
        KnownPupil(
            id=PupilId(row.id),
            upn=row.upn,
            values={name: getattr(row, name) for name in FIELDS},
            former_surnames=frozenset(surname for _, surname in row.former_names),
            legal_status=LegalStatus(row.legal_status),
            legal_status_since=row.legal_status_since,
            on_roll=row.left_on is None or not day_is_over(row.left_on, reading.now),
            persons=tuple(_known_person(one, answers[one.id]) for one in persons[row.id]),
        )
        for row in rows
    )


def _known_person(row: Any, answers: Mapping[Purpose, list[KnownAnswer]]) -> KnownPerson:  # noqa: ANN401 - a row
    return KnownPerson(
        relation=Relation(row.relation),
        code=row.code,
        authority=Authority(row.authority),
        barred=row.barred,
        delegated=frozenset(Purpose(one) for one in row.delegated),
        asked=frozenset(Purpose(one) for one in row.asked),
        answers={purpose: tuple(shown) for purpose, shown in answers.items()},
    )


def _answers_shown(reading: Reading) -> defaultdict[str, defaultdict[Purpose, list[KnownAnswer]]]:
    found: defaultdict[str, defaultdict[Purpose, list[KnownAnswer]]] = defaultdict(lambda: defaultdict(list))
    for row in registers.records_from(reading, SOURCE):
        shown = KnownAnswer(answer=Answer(row.answer), answered_at=row.answered_at, valid_until=row.valid_until)
        found[row.person_id][Purpose(row.purpose)].append(shown)
    return found


def _write(step: Transaction, found: Plan) -> frozenset[PupilId]:
    touched: set[PupilId] = set(found.leavers)
    existing = [one.id for one in found.pupils if one.id is not None]
    registers.lock_pupils(step, [*existing, *found.leavers], share=False)
    for one in found.pupils:
        if one.id is None or one.changed or one.persons or one.answers:
            touched.add(_write_pupil(step, one))
    for leaver in found.leavers:
        registers.raise_version(step, leaver, left_on=(step.now - timedelta(days=1)).date())
        step.record(Event.PUPIL_CHANGED, pupil=leaver, changed=["left_on"])
    return frozenset(touched)


def _write_pupil(step: Transaction, one: PupilPlan) -> PupilId:
    pupil = one.id or PupilId(uuid4().hex)
    if one.id is None:
        _insert(step, pupil, one.row)
    elif one.changed:
        registers.change_pupil(step, pupil, _values(one), since=one.row.legal_status_since)
    else:
        registers.raise_version(step, pupil)
    known = {(row.relation, row.code): row for row in registers.persons_of(step, pupil)}
    givers = {key: PersonId(row.id) for key, row in known.items()}
    for person in one.row.persons:
        key = (person.relation.value, person.person_code)
        if person in one.persons or key not in known:  # an adoption has just set aside everybody known before
            givers[key] = _write_person(step, pupil, person, known.get(key))
    for new in one.answers:
        giver = givers[new.person.relation.value, new.person.person_code]
        registers.insert_record(step, pupil, _record(step, new, giver))
    step.record(Event.PUPIL_CHANGED, pupil=pupil, changed=list(one.changed) or ["people or answers"])
    return pupil


def _insert(step: Transaction, pupil: PupilId, row: PupilRow) -> None:
    names = ("upn", "forename", "middle", "surname", "known_as", "reg_group", "year_group", "left_on")
    values = {name: getattr(row, name) for name in names}
    values["former_names"] = [["", surname] for surname in row.former_surnames]
    values["legal_status"] = (row.legal_status or LegalStatus.NO_ORDER).value
    registers.insert_pupil(step, pupil, on_roll_from=row.joined_on, legal_status_since=row.legal_status_since, **values)


def _values(one: PupilPlan) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(one.row, name) for name in one.changed if name in FIELDS}
    if "former_surnames" in one.changed:
        values["former_surnames"] = one.row.former_surnames
    if "legal_status" in one.changed:
        values["legal_status"] = one.row.legal_status
    return values


def _write_person(step: Transaction, pupil: PupilId, row: PersonRow, known: Any) -> PersonId:  # noqa: ANN401 - a row
    """Write what a file says of a person. Who was once asked stays asked: a blank must not make one parent enough."""
    values: dict[str, object] = {
        "authority": row.authority.value,
        "delegated": sorted(row.delegated),
        "asked": sorted({*row.asked, *(known.asked if known is not None else ())}),
    }
    if row.barred is not None or known is None:
        values["barred"] = bool(row.barred)
    if known is None:
        values |= {"relation": row.relation.value, "code": row.person_code}
    person = PersonId(known.id if known is not None else uuid4().hex)
    registers.put_person(step, pupil, person, new=known is None, **values)
    return person


def _record(step: Transaction, new: NewAnswer, giver: PersonId) -> ConsentRecord:
    return ConsentRecord(
        id=RecordId(uuid4().hex),
        purpose=new.answer.purpose,
        answer=Answer.GIVEN if new.answer.given else Answer.REFUSED,
        giver=giver,
        relation=new.person.relation,
        authority=new.person.authority,
        answered_at=new.answer.answered_at,
        first_seen_at=step.now,
        source=SOURCE,
        photo=None,
        valid_until=new.answer.expires_on,
    )


def _shown(import_id: str, digest: str, found: Plan) -> Preview:
    name = {id(one): str(one.id or one.row.upn) for one in found.pupils}
    return Preview(
        id=import_id,
        digest=digest,
        added=tuple(one.row.upn for one in found.pupils if one.id is None),
        changed={name[id(one)]: one.changed for one in found.pupils if one.changed},
        leavers=found.leavers,
        granting={name[id(one)]: _purposes(one.granting) for one in found.pupils if one.granting},
        withdrawing={name[id(one)]: _purposes(one.withdrawing) for one in found.pupils if one.withdrawing},
        brakes=found.brakes,
    )


def _purposes(answers: tuple[NewAnswer, ...]) -> tuple[str, ...]:
    return tuple(sorted({one.answer.purpose.value for one in answers}))
