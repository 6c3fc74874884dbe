"""Accounts, one-time enrolments and access tokens. Secrets are kept as digests only."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, select, update

from consent.events import Event
from consent.people import SchoolId
from storage import devices, reggroups
from storage.errors import Conflict, NotFound
from storage.store import Reading, Transaction
from storage.tables import access_token, account, enrolment

ENROLMENT_LASTS: Final = timedelta(days=7)


class Role(StrEnum):
    """What somebody is to the school."""

    TEACHER = "teacher"
    EDITOR = "editor"
    OFFICE = "office"
    HEAD = "head"
    DSL = "dsl"
    SYNC = "sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, proven by a token. ``actor`` is how the log names them; ``classes`` are a teacher's reg groups.

    ``device``: the enrolled device that the token is bound to.
    """

    school: SchoolId
    token: str
    role: Role
    classes: frozenset[str]
    actor: str
    device: str | None = None


def create_account(step: Transaction, *, email: str, role: Role) -> str:
    """Create an account and return a one-time enrolment code, shown once and kept as a digest."""
    account_id, code = uuid4().hex, secrets.token_urlsafe(24)
    keys = {"school_id": step.school}
    step.write(account.insert().values(id=account_id, email=email, role=role.value, created_at=step.now, **keys))
    until = step.now + ENROLMENT_LASTS
    step.write(enrolment.insert().values(code=_digest(code), account_id=account_id, expires_at=until, **keys))
    step.record(Event.ACCOUNT_CREATED, account=account_id, role=role.value)
    return code


def school_of_enrolment(connection: Connection, untrusted_code: str) -> SchoolId:
    """Find whose code this is. Raises NotFound."""
    found = connection.execute(select(enrolment.c.school_id).where(enrolment.c.code == _digest(untrusted_code))).scalar()
    if found is None:
        raise NotFound("no such enrolment")
    return SchoolId(found)


def enrol(step: Transaction, untrusted_code: str) -> str:
    """Use a code up and return a token for its account. Raises NotFound for an unknown, Conflict for a used or late code."""
    mine = (enrolment.c.school_id == step.school, enrolment.c.code == _digest(untrusted_code))
    row = step.rows(select(enrolment).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("no such enrolment")
    if row.used_at is not None or row.expires_at < step.now:
        raise Conflict("the enrolment was used or is over")
    step.write(update(enrolment).where(*mine).values(used_at=step.now))
    whose = select(account.c.role).where(account.c.school_id == step.school, account.c.id == row.account_id)
    role = Role(step.rows(whose).scalar_one())
    step.record(Event.ACCOUNT_ENROLLED, account=row.account_id)
    return create_token(step, role=role, classes=(), expires_at=None, account_id=row.account_id)


def create_token(
    step: Transaction,
    *,
    role: Role,
    classes: tuple[str, ...],
    expires_at: datetime | None,
    account_id: str | None = None,
    device_id: str | None = None,
) -> str:
    """Create a token and return it: the only time it can be seen.

    Raises NotFound for a device that is not enrolled here, UnknownRegGroup for a class that nobody is in.
    """
    reggroups.require(step, classes)
    if device_id is not None:
        devices.row(step, device_id)
    token_id, token = uuid4().hex, f"gk_{secrets.token_urlsafe(32)}"
    values = {
        "school_id": step.school,
        "id": token_id,
        "secret": _digest(token),
        "role": role.value,
        "classes": sorted(classes),
        "account_id": account_id,
        "device_id": device_id,
        "created_at": step.now,
        "expires_at": expires_at,
    }
    step.write(access_token.insert().values(values))
    step.record(Event.TOKEN_CREATED, token=token_id, role=role.value, account=account_id, device=device_id)
    return token


def tokens(reading: Reading) -> tuple[Row[Any], ...]:
    """Return every token there ever was, the latest first: id, role, classes, device_id and its moments. Never the digest."""
    table = access_token.c
    said = (table.id, table.role, table.classes, table.device_id, table.created_at, table.expires_at, table.revoked_at)
    chosen = select(*said).where(table.school_id == reading.school).order_by(table.created_at.desc(), table.id)
    return tuple(reading.rows(chosen).all())


def id_of(reading: Reading, token: str) -> str:
    """Return the id of a token. Raises NotFound."""
    mine = (access_token.c.school_id == reading.school, access_token.c.secret == _digest(token))
    found = reading.rows(select(access_token.c.id).where(*mine)).scalar_one_or_none()
    if found is None:
        raise NotFound("no such token")
    return str(found)


def revoke_token(step: Transaction, token_id: str) -> None:
    """End a token now. Raises NotFound. Revoking twice is fine."""
    require_token(step, token_id)
    mine = (access_token.c.school_id == step.school, access_token.c.id == token_id)
    step.write(update(access_token).where(*mine).values(revoked_at=step.now))
    step.record(Event.TOKEN_REVOKED, token=token_id)


def require_token(reading: Reading, token_id: str) -> None:
    """Raise NotFound unless this school has such a token, over or not."""
    mine = (access_token.c.school_id == reading.school, access_token.c.id == token_id)
    if reading.rows(select(access_token.c.id).where(*mine)).first() is None:
        raise NotFound("no such token")


def caller(connection: Connection, untrusted_token: str, *, now: datetime) -> Caller | None:
    """Return who holds this token; None if it is unknown, over or revoked."""
    row = connection.execute(select(access_token).where(access_token.c.secret == _digest(untrusted_token))).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Caller(
        school=SchoolId(row.school_id),
        token=row.id,
        role=Role(row.role),
        classes=frozenset(row.classes),
        actor=f"token:{row.id}",
        device=row.device_id,
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
