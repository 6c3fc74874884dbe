"""Decisions as they were made, with the evidence to replay each, byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite

from consent.canonical import canonical, parse, plain, read
from consent.case import Case
from consent.decision import Decision, decision_bytes
from consent.events import Event
from consent.photo import Photo
from consent.policy import parse_policy
from consent.purposes import parse_destination, spell
from consent.reasons import Finding
from consent.register import Register
from storage.errors import NotFound
from storage.store import Reading, Transaction
from storage.tables import decision, evidence, photo_subject, policy_text, pupil


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which decisions the headteacher wants to see; None is no limit. ``before``: an id, to page back from."""

    outcome: str | None = None
    since: datetime | None = None
    reg_group: str | None = None
    reason: str | None = None
    photo: str | None = None


def keep(step: Transaction, case: Case, made: Decision) -> str:
    """Store a decision and what it was made from; return its id."""
    decision_id = uuid4().hex
    _keep_evidence(step, made.register, canonical(case.register).decode())
    values = {
        "school_id": step.school,
        "id": decision_id,
        "photo_id": made.photo,
        "destination": spell(made.destination),
        "outcome": made.outcome.value,
        "decided_at": made.decided_at,
        "findings": plain(made.findings),
        "photo_facts": canonical(case.photo).decode(),
        "register_digest": made.register,
        "policy": made.policy,
        "body": decision_bytes(made).decode(),
    }
    step.write(decision.insert().values(values))
    step.record(
        Event.DECISION_MADE,
        decision=decision_id,
        photo=made.photo,
        destination=spell(made.destination),
        outcome=made.outcome.value,
        digest=made.case,
    )
    return decision_id


def row(reading: Reading, decision_id: str) -> Row[Any]:
    """Return one decision's row. Raises NotFound."""
    mine = (decision.c.school_id == reading.school, decision.c.id == decision_id)
    found = reading.rows(select(decision).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("no such decision in this school")
    return found


def case_of(reading: Reading, stored: Row[Any]) -> Case:
    """Rebuild the case a decision was made from. Raises NotFound if its evidence is gone."""
    table = evidence.c
    body = reading.rows(
        select(table.body).where(table.school_id == reading.school, table.digest == stored.register_digest)
    ).scalar_one_or_none()
    texts = policy_text.c
    text = reading.rows(
        select(texts.text).where(texts.school_id == reading.school, texts.digest == stored.policy)
    ).scalar_one_or_none()
    if body is None or (stored.policy is not None and text is None):
        raise NotFound("the evidence of this decision is gone")
    return Case(
        photo=facts(stored),
        destination=parse_destination(stored.destination),
        register=read(Register, parse(body)),
        policy=parse_policy(text) if text is not None else None,
        now=stored.decided_at,
    )


def facts(stored: Row[Any]) -> Photo:
    """Return the photo as it was decided on."""
    return read(Photo, parse(stored.photo_facts))


def findings(stored: Row[Any]) -> tuple[Finding, ...]:
    """Return everything the decision found."""
    return tuple(read(Finding, one) for one in stored.findings)


def search(reading: Reading, wanted: Filter, *, limit: int, after: str | None = None) -> tuple[Row[Any], ...]:
    """Return decisions, the newest first, after the one with id ``after`` if given."""
    chosen = select(decision).where(decision.c.school_id == reading.school)
    if wanted.outcome is not None:
        chosen = chosen.where(decision.c.outcome == wanted.outcome)
    if wanted.since is not None:
        chosen = chosen.where(decision.c.decided_at >= wanted.since)
    if wanted.photo is not None:
        chosen = chosen.where(decision.c.photo_id == wanted.photo)
    if wanted.reg_group is not None:
        tagged = select(photo_subject.c.photo_id).join(
            pupil, (pupil.c.school_id == photo_subject.c.school_id) & (pupil.c.id == photo_subject.c.pupil_id)
        )
        chosen = chosen.where(
            decision.c.photo_id.in_(tagged.where(pupil.c.school_id == reading.school, pupil.c.reg_group == wanted.reg_group))
        )
    if after is not None:
        last = row(reading, after)
        older = decision.c.decided_at < last.decided_at
        chosen = chosen.where(older | ((decision.c.decided_at == last.decided_at) & (decision.c.id < last.id)))
    ordered = reading.rows(chosen.order_by(decision.c.decided_at.desc(), decision.c.id.desc()))
    return _first(limit, (one for one in ordered if wanted.reason is None or _says(one, wanted.reason)))


def _first(limit: int, rows: Iterable[Row[Any]]) -> tuple[Row[Any], ...]:
    found: list[Row[Any]] = []
    for one in rows:
        found.append(one)
        if len(found) == limit:
            break
    return tuple(found)


def _says(stored: Row[Any], reason: str) -> bool:
    return any(one["reason"] == reason for one in stored.findings)


def _keep_evidence(step: Transaction, digest: str, body: str) -> None:
    """Keep the evidence unless it is kept already: of two steps that bring the same at once, neither may fail."""
    values = {"school_id": step.school, "digest": digest, "body": body}
    if step.connection.dialect.name == "sqlite":
        step.write(sqlite.insert(evidence).values(values).on_conflict_do_nothing())
    else:
        step.write(postgresql.insert(evidence).values(values).on_conflict_do_nothing())
