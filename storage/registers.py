"""The consent register: reading the slice a decision needs, and the locks that a change of it takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, func, select, update

from consent.events import Event
from consent.names import Names, PupilNames, Roll
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import PhotoId
from consent.purposes import Purpose
from consent.register import Answer, ConsentRecord, Person, Pupil, RecordId, Register
from storage import schools
from storage.errors import NotFound
from storage.lexicon import shipped_lexicon
from storage.store import Lock, Reading, Transaction
from storage.tables import consent_record, consent_retirement, person, pupil, register_source

RETIRED_BY = frozenset({"head", "dsl"})
"""Both, and two different people, must agree that the giver of a no has no authority."""


SET_ASIDE = "before-"
"""Begins the code of everybody known before an adoption: a new mother is then another person, not the one known before."""


def slice_for(reading: Reading, pupils: Iterable[PupilId]) -> Register:
    """Read what the register says about these pupils. ``version`` is the sum of theirs: it rises with any change to them."""
    wanted = sorted(set(pupils))
    rows = reading.rows(select(pupil).where(pupil.c.school_id == reading.school, pupil.c.id.in_(wanted))).all()
    persons = _persons(reading, wanted)
    records = _records(reading, wanted)
    found = {row.id: _pupil(row, persons[row.id], records[row.id]) for row in rows}
    return Register(
        version=sum(entry.version for entry in found.values()),
        fresh_at=fresh_at(reading),
        names=schools.read(reading).names,
        pupils=found,
    )


def fresh_at(reading: Reading) -> datetime | None:
    """When the least recent of the school's feeds was last seen whole; None if there is none."""
    oldest = select(func.min(register_source.c.seen_at)).where(register_source.c.school_id == reading.school)
    found: datetime | None = reading.rows(oldest).scalar_one_or_none()
    return found


def lock_pupils(step: Transaction, pupils: Iterable[PupilId], *, share: bool) -> tuple[Row[Any], ...]:
    """Lock pupils, by id: shared to rely on their answers, alone to change them. Raises NotFound if one is not there."""
    wanted = sorted(set(pupils))
    chosen = select(pupil).where(pupil.c.school_id == step.school, pupil.c.id.in_(wanted)).order_by(pupil.c.id)
    rows = step.locked(Lock.PUPILS, chosen, share=share)
    if len(rows) != len(wanted):
        raise NotFound("a pupil is not on this school's register")
    return rows


def raise_version(step: Transaction, pupil_id: PupilId, **changes: object) -> None:
    """Change a pupil and count the change. The caller holds the pupil's lock alone."""
    mine = (pupil.c.school_id == step.school, pupil.c.id == pupil_id)
    step.write(update(pupil).where(*mine).values(version=pupil.c.version + 1, **changes))


def change_pupil(step: Transaction, pupil_id: PupilId, values: Mapping[str, object], *, since: datetime | None) -> None:
    """Write new facts of a pupil and count the change. The caller holds the school's and the pupil's lock alone.

    Old names stay on the register, so that they are still scrubbed. ``since``: when a new ``legal_status`` began; None = now,
    so that every yes until now is void. On adoption nobody's authority outlives the order: each person must be confirmed anew.
    """
    row = pupil_row(step, pupil_id)
    new = dict(values)
    former = [*row.former_names, *(["", surname] for surname in cast("Iterable[str]", new.pop("former_surnames", ())))]
    if (new.get("forename", row.forename), new.get("surname", row.surname)) != (row.forename, row.surname):
        former.append([row.forename, row.surname])
    given = ((name, cast("str", getattr(row, name))) for name in ("middle", "known_as"))
    former += [[was, ""] for name, was in given if was and new.get(name, was) != was]
    new["former_names"] = [list(one) for one in dict.fromkeys((str(one[0]), str(one[1])) for one in former)]
    status = LegalStatus(cast("str", new.get("legal_status", row.legal_status)))
    if status.value != row.legal_status:
        new |= {"legal_status": status.value, "legal_status_since": since or step.now}
        if status is LegalStatus.ADOPTED:
            _forget_authority(step, pupil_id)
    elif since is not None and (row.legal_status_since is None or since > row.legal_status_since):
        new["legal_status_since"] = since  # never earlier: that would bring a void yes back
    raise_version(step, pupil_id, **new)
    step.record(Event.PUPIL_CHANGED, pupil=pupil_id, changed=sorted(values))


def resolve(reading: Reading, untrusted: Sequence[str]) -> frozenset[PupilId]:
    """Find pupils by id or ``upn:...``. Raises NotFound, for the lot, if any is not on this school's register."""
    upns = {one[4:] for one in untrusted if one.startswith("upn:")}
    ids = {one for one in untrusted if not one.startswith("upn:")}
    named = pupil.c.id.in_(sorted(ids)) | pupil.c.upn.in_(sorted(upns))
    rows = reading.rows(select(pupil.c.id, pupil.c.upn).where(pupil.c.school_id == reading.school, named)).all()
    if not ids <= {row.id for row in rows} or not upns <= {row.upn for row in rows}:
        raise NotFound("a subject is not on this school's register")
    return frozenset(PupilId(row.id) for row in rows)


def known(reading: Reading, pupils: Iterable[PupilId]) -> frozenset[PupilId]:
    """Return those of these pupils who are on this school's register."""
    wanted = select(pupil.c.id).where(pupil.c.school_id == reading.school, pupil.c.id.in_(sorted(set(pupils))))
    return frozenset(PupilId(one) for one in reading.rows(wanted).scalars())


def pupils_of(reading: Reading, *, reg_groups: Iterable[str] | None = None) -> tuple[Row[Any], ...]:
    """Return the pupils of these reg groups, or all, by reg group and name."""
    chosen = select(pupil).where(pupil.c.school_id == reading.school)
    if reg_groups is not None:
        chosen = chosen.where(pupil.c.reg_group.in_(sorted(reg_groups)))
    return tuple(reading.rows(chosen.order_by(pupil.c.reg_group, pupil.c.surname, pupil.c.forename, pupil.c.id)).all())


def pupil_row(reading: Reading, pupil_id: str) -> Row[Any]:
    """Return one pupil's row. Raises NotFound."""
    row = reading.rows(select(pupil).where(pupil.c.school_id == reading.school, pupil.c.id == pupil_id)).one_or_none()
    if row is None:
        raise NotFound("no such pupil in this school")
    return row


def all_names(reading: Reading) -> Names:
    """Build the matcher of every name on the register, leavers included."""
    rows = reading.rows(select(pupil).where(pupil.c.school_id == reading.school)).all()
    return Names.of(map(_names, rows), lexicon=shipped_lexicon())


def roll_of(reading: Reading, reg_groups: Iterable[str]) -> Roll:
    """Index the names of these reg groups' pupils, leavers included: whom a file of theirs may name. Nobody else is in it."""
    rows = pupils_of(reading, reg_groups=reg_groups)
    return Roll.of({PupilId(row.id): _names(row) for row in rows}, lexicon=shipped_lexicon())


def refresh_names(step: Transaction) -> bool:
    """Store the digest of all names if it changed, and say whether it did. The caller holds the school's lock alone."""
    digest = all_names(step).digest
    if digest == schools.read(step).names:
        return False
    schools.set_names(step, digest)
    return True


def insert_pupil(step: Transaction, pupil_id: PupilId, **values: object) -> None:
    """Add a pupil. The caller holds the school's lock alone, as names change with it."""
    defaults = {"protected": False, "suspended": False, "has_journal": True, "former_names": [], "version": 1}
    step.write(pupil.insert().values(school_id=step.school, id=pupil_id, **(defaults | values)))


def persons_of(reading: Reading, pupil_id: PupilId) -> tuple[Row[Any], ...]:
    """Return everybody known to answer for a pupil."""
    mine = (person.c.school_id == reading.school, person.c.pupil_id == pupil_id)
    return tuple(reading.rows(select(person).where(*mine).order_by(person.c.id)).all())


def person_row(reading: Reading, person_id: str) -> Row[Any]:
    """Return one person's row. Raises NotFound."""
    mine = (person.c.school_id == reading.school, person.c.id == person_id)
    row = reading.rows(select(person).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("no such person in this school")
    return row


def persons_by_pupil(reading: Reading) -> Mapping[str, list[Row[Any]]]:
    """Return everybody known to answer for anybody, by pupil."""
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in reading.rows(select(person).where(person.c.school_id == reading.school).order_by(person.c.id)):
        found[row.pupil_id].append(row)
    return found


def records_from(reading: Reading, source: str) -> tuple[Row[Any], ...]:
    """Return every answer that a source showed, in the order it showed them."""
    mine = (consent_record.c.school_id == reading.school, consent_record.c.source == source)
    ordered = select(consent_record).where(*mine).order_by(consent_record.c.first_seen_at, consent_record.c.id)
    return tuple(reading.rows(ordered).all())


def put_person(step: Transaction, pupil_id: PupilId, person_id: PersonId, *, new: bool, **values: object) -> None:
    """Add or change somebody who answers for a pupil. The caller holds the pupil's lock alone."""
    if new:
        keys = {"school_id": step.school, "id": person_id, "pupil_id": pupil_id}
        step.write(person.insert().values(**keys, **values))
    else:
        mine = (person.c.school_id == step.school, person.c.id == person_id, person.c.pupil_id == pupil_id)
        step.write(update(person).where(*mine).values(**values))


def insert_record(step: Transaction, pupil_id: PupilId, record: ConsentRecord) -> None:
    """Append one answer. The caller holds the pupil's lock alone and has counted the change."""
    values = {
        "school_id": step.school,
        "id": record.id,
        "pupil_id": pupil_id,
        "person_id": record.giver,
        "purpose": record.purpose.value,
        "photo_id": record.photo,
        "answer": record.answer.value,
        "relation": record.relation.value,
        "authority": record.authority.value,
        "answered_at": record.answered_at,
        "first_seen_at": record.first_seen_at,
        "source": record.source,
        "valid_until": record.valid_until,
        "recorded_by": step.actor,
    }
    step.write(consent_record.insert().values(values))
    step.record(
        Event.CONSENT_RECORDED,
        record=record.id,
        pupil=pupil_id,
        purpose=record.purpose.value,
        answer=record.answer.value,
        source=record.source,
    )


def agree_retirement(step: Transaction, record_id: RecordId, *, role: str) -> bool:
    """Let head or DSL say that the giver of a no has no authority; True once both, being two people, have said so."""
    mine = (consent_retirement.c.school_id == step.school, consent_retirement.c.record_id == record_id)
    said = step.rows(select(consent_retirement).where(*mine)).all()
    if role not in {row.role for row in said} and step.actor not in {row.actor for row in said}:
        values = {"school_id": step.school, "record_id": record_id, "role": role, "actor": step.actor, "at": step.now}
        step.write(consent_retirement.insert().values(values))
        step.record(Event.CONSENT_RETIREMENT_ASKED, record=record_id, role=role)
        return {row.role for row in said} | {role} >= RETIRED_BY
    return False


def record_row(reading: Reading, record_id: str) -> Row[Any]:
    """Return one answer. Raises NotFound."""
    mine = (consent_record.c.school_id == reading.school, consent_record.c.id == record_id)
    row = reading.rows(select(consent_record).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("no such consent record")
    return row


def source_seen(step: Transaction, source: str, *, at: datetime | None = None) -> None:
    """Note that a feed was seen whole at that instant; left out: just now."""
    seen_at = at or step.now
    mine = (register_source.c.school_id == step.school, register_source.c.source == source)
    if step.rows(select(register_source.c.source).where(*mine)).first() is None:
        step.write(register_source.insert().values(school_id=step.school, source=source, seen_at=seen_at))
    else:
        step.write(update(register_source).where(*mine).values(seen_at=seen_at))


def _names(row: Row[Any]) -> PupilNames:
    return PupilNames(
        forename=row.forename,
        middle=row.middle,
        surname=row.surname,
        known_as=row.known_as,
        former_surnames=tuple(surname for _, surname in row.former_names if surname),
        former_forenames=tuple(forename for forename, _ in row.former_names if forename),
    )


def _forget_authority(step: Transaction, pupil_id: PupilId) -> None:
    for row in persons_of(step, pupil_id):
        set_aside = row.code if row.code.startswith(SET_ASIDE) else f"{SET_ASIDE}{row.id[:12]}"
        put_person(step, pupil_id, PersonId(row.id), new=False, authority=Authority.UNKNOWN.value, code=set_aside)


def _persons(reading: Reading, pupils: list[PupilId]) -> defaultdict[str, list[Person]]:
    found: defaultdict[str, list[Person]] = defaultdict(list)
    chosen = select(person).where(person.c.school_id == reading.school, person.c.pupil_id.in_(pupils)).order_by(person.c.id)
    for row in reading.rows(chosen):
        found[row.pupil_id].append(
            Person(
                id=PersonId(row.id),
                relation=Relation(row.relation),
                authority=Authority(row.authority),
                barred=row.barred,
                delegated=frozenset(Purpose(purpose) for purpose in row.delegated),
                asked=frozenset(Purpose(purpose) for purpose in row.asked),
            )
        )
    return found


def _records(reading: Reading, pupils: list[PupilId]) -> defaultdict[str, list[ConsentRecord]]:
    mine = consent_record.c.school_id == reading.school
    chosen = select(consent_record).where(mine, consent_record.c.pupil_id.in_(pupils)).order_by(consent_record.c.id)
    rows = reading.rows(chosen).all()
    retired = _retired(reading, [row.id for row in rows])
    found: defaultdict[str, list[ConsentRecord]] = defaultdict(list)
    for row in rows:
        found[row.pupil_id].append(_record(row, retired=row.id in retired))
    return found


def _retired(reading: Reading, records: list[str]) -> set[str]:
    if not records:
        return set()
    table = consent_retirement.c
    chosen = select(table.record_id, table.role).where(table.school_id == reading.school, table.record_id.in_(records))
    roles: defaultdict[str, set[str]] = defaultdict(set)
    for row in reading.rows(chosen):
        roles[row.record_id].add(row.role)
    return {record for record, said in roles.items() if said >= RETIRED_BY}


def _record(row: Row[Any], *, retired: bool) -> ConsentRecord:
    return ConsentRecord(
        id=RecordId(row.id),
        purpose=Purpose(row.purpose),
        answer=Answer(row.answer),
        giver=PersonId(row.person_id),
        relation=Relation(row.relation),
        authority=Authority(row.authority),
        answered_at=row.answered_at,
        first_seen_at=row.first_seen_at,
        source=row.source,
        photo=PhotoId(row.photo_id) if row.photo_id else None,
        valid_until=row.valid_until,
        retired=retired,
    )


def _pupil(row: Row[Any], persons: list[Person], records: list[ConsentRecord]) -> Pupil:
    return Pupil(
        id=PupilId(row.id),
        version=row.version,
        year_group=row.year_group,
        reg_group=row.reg_group,
        on_roll_from=row.on_roll_from,
        left_on=row.left_on,
        protected=row.protected,
        suspended=row.suspended,
        has_journal=row.has_journal,
        legal_status=LegalStatus(row.legal_status),
        legal_status_since=row.legal_status_since,
        persons=tuple(persons),
        records=tuple(records),
    )
