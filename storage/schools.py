"""Schools and the policy each has in force. The school's row is the first lock of every step."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from consent.events import Event
from consent.people import SchoolId
from consent.policy import Policy, parse_policy
from storage.errors import NotFound
from storage.store import Lock, Reading, Store, Transaction
from storage.tables import log_tail, policy_text, school


def create(store: Store, school_id: SchoolId, *, name: str, names: str, actor: str) -> None:
    """Create a school without a policy: its gate is closed until one is set. ``names``: digest of no names at all."""
    with store.transaction(school_id, actor=actor) as step:
        step.write(school.insert().values(id=school_id, name=name, created_at=step.now, names=names))
        step.write(log_tail.insert().values(school_id=school_id, position=0))
        step.record(Event.SCHOOL_CREATED, school=school_id)


def all_ids(connection: Connection) -> tuple[SchoolId, ...]:
    """Every school."""
    return tuple(SchoolId(found) for found in connection.execute(select(school.c.id).order_by(school.c.id)).scalars())


def by_name(connection: Connection, name: str) -> SchoolId:
    """Find a school by its exact name or id. Raises NotFound, also when two have it."""
    found = connection.execute(select(school.c.id).where((school.c.name == name) | (school.c.id == name))).scalars().all()
    if len(found) != 1:
        raise NotFound("no single school of that name")
    return SchoolId(found[0])


def lock(step: Transaction, *, share: bool) -> Row[Any]:
    """Lock the school's row and return it: shared by steps that rely on policy and names, alone by those that change them."""
    for row in step.locked(Lock.SCHOOL, select(school).where(school.c.id == step.school), share=share):
        return row
    raise NotFound("no such school")


def read(reading: Reading) -> Row[Any]:
    """Return the school's row."""
    return reading.rows(select(school).where(school.c.id == reading.school)).one()


def policy_in_force(reading: Reading) -> Policy | None:
    """Return the policy in force; None closes the gate. A stored text that no longer parses counts as missing."""
    return _policy(reading, read(reading).policy)


def last_policy(reading: Reading) -> Policy | None:
    """Return the policy in force, or the last that was: what is live is judged by it when the file is missing."""
    row = read(reading)
    return _policy(reading, row.policy or row.last_policy)


def set_policy(step: Transaction, text: str) -> Policy:
    """Put a policy in force. Raises PolicyRefused for a text that is none. The caller MUST queue a recheck of what is live."""
    policy = parse_policy(text)
    lock(step, share=False)
    known = select(policy_text.c.digest).where(policy_text.c.school_id == step.school, policy_text.c.digest == policy.digest)
    if step.rows(known).first() is None:
        values = {"school_id": step.school, "digest": policy.digest, "text": text, "set_at": step.now}
        step.write(policy_text.insert().values(values))
    step.write(update(school).where(school.c.id == step.school).values(policy=policy.digest, last_policy=policy.digest))
    step.record(Event.POLICY_SET, policy=policy.digest)
    return policy


def withdraw_policy(step: Transaction) -> None:
    """Close the gate: no policy is in force. What is live stays, judged by the last one."""
    lock(step, share=False)
    step.write(update(school).where(school.c.id == step.school).values(policy=None))
    step.record(Event.POLICY_WITHDRAWN)


def set_names(step: Transaction, digest: str) -> None:
    """Store the digest of every name on the register. The caller holds the school's lock alone."""
    step.write(update(school).where(school.c.id == step.school).values(names=digest))


def _policy(reading: Reading, digest: str | None) -> Policy | None:
    if digest is None:
        return None
    wanted = select(policy_text.c.text).where(policy_text.c.school_id == reading.school, policy_text.c.digest == digest)
    text = reading.rows(wanted).scalar_one_or_none()
    if text is None:
        return None
    try:
        found = parse_policy(text)
    except ValueError:
        return None
    return found if found.digest == digest else None
