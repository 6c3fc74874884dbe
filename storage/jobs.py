"""The queue: enqueued in the caller's transaction, claimed under a lease, finished or put back. Nothing is ever dropped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from consent.people import SchoolId
from storage.tables import job

LEASE: Final = timedelta(seconds=90)
_LONGEST_PAUSE: Final = timedelta(minutes=5)


class Kind(StrEnum):
    """The steps a worker takes, the most urgent first: what must come down never waits behind what may go up."""

    RETRACT = "retract"
    RELEASE = "release"
    PREPARE = "prepare"
    DISPOSE = "dispose"


_URGENCY: Final = tuple(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A step to be queued. ``subject`` is an id, or ids joined by a space."""

    kind: Kind
    subject: str
    run_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A step under lease. ``attempts`` counts this one; ``deaths`` those before it, in a row, that ended without a word."""

    school: SchoolId
    id: str
    kind: Kind
    subject: str
    attempts: int
    leased_by: str
    deaths: int = 0


def insert(connection: Connection, school: SchoolId, wanted: Wanted, *, now: datetime) -> None:
    """Queue a step, visible to workers once the caller commits."""
    values = {
        "school_id": school,
        "id": uuid4().hex,
        "kind": wanted.kind.value,
        "subject": wanted.subject,
        "state": "ready",
        "urgency": _URGENCY.index(wanted.kind),
        "run_at": wanted.run_at,
        "attempts": 0,
        "deaths": 0,
        "created_at": now,
    }
    # The predicate is spelled out, as in the index: PostgreSQL finds no index for a parameter once it has a generic plan.
    keys, ready = ["school_id", "kind", "subject"], text("state = 'ready'")
    # An equal job that is ready serves for both, at the earlier time. It is updated even where that changes nothing: the row
    # lock keeps workers from running it before this transaction commits, so they can't miss what it changed.
    earlier = case((job.c.run_at <= wanted.run_at, job.c.run_at), else_=literal(wanted.run_at, job.c.run_at.type))
    again = {"run_at": earlier}
    if connection.dialect.name == "sqlite":
        connection.execute(
            sqlite.insert(job).values(values).on_conflict_do_update(index_elements=keys, index_where=ready, set_=again)
        )
    else:
        connection.execute(
            postgresql.insert(job).values(values).on_conflict_do_update(index_elements=keys, index_where=ready, set_=again)
        )


def claim(connection: Connection, *, worker: str, kinds: frozenset[Kind], now: datetime) -> Job | None:
    """Lease the most urgent step that is due, or whose lease has run out; None if there is none.

    PostgreSQL skips rows that another worker is claiming; on SQLite writers take turns.
    """
    due = or_(
        and_(job.c.state == "ready", job.c.run_at <= now),
        and_(job.c.state == "leased", job.c.leased_until < now),
    )
    chosen = (
        select(job.c.school_id, job.c.id, job.c.kind, job.c.subject, job.c.attempts, job.c.deaths, job.c.state)
        .where(due, job.c.kind.in_([kind.value for kind in kinds]))
        .order_by(job.c.urgency, job.c.run_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(chosen).one_or_none()
    if row is None:
        return None
    found = Job(
        school=SchoolId(row.school_id),
        id=row.id,
        kind=Kind(row.kind),
        subject=row.subject,
        attempts=row.attempts + 1,
        leased_by=worker,
        deaths=row.deaths + (row.state == "leased"),
    )
    leased = {"state": "leased", "leased_by": worker, "leased_until": now + LEASE}
    connection.execute(update(job).where(*_is(found)).values(leased | {"attempts": found.attempts, "deaths": found.deaths}))
    return found


def finish(connection: Connection, done: Job) -> None:
    """Mark a step as done, unless its lease has passed to somebody else."""
    connection.execute(update(job).where(*_is(done), *_leased_to(done)).values(state="done", leased_by=None, fault=None))


def postpone(connection: Connection, failed: Job, *, fault: str, now: datetime) -> None:
    """Put a step back, to be tried again later each time, for ever. ``fault`` is a code, never a message."""
    pause = min(timedelta(seconds=2 ** min(failed.attempts - 1, 10) / 2), _LONGEST_PAUSE)
    mine = update(job).where(*_is(failed), *_leased_to(failed))
    back = {"leased_by": None, "run_at": now + pause, "deaths": 0, "fault": fault}
    try:
        with connection.begin_nested():
            connection.execute(mine.values(back | {"state": "ready"}))
    except IntegrityError:  # an equal job that was queued meanwhile is ready: it takes over
        connection.execute(mine.values(back | {"state": "done"}))


def return_leases(connection: Connection, *, worker: str) -> int:
    """Make every step that this worker held before it died due at once; return how many."""
    held = update(job).where(job.c.state == "leased", job.c.leased_by == worker)
    return connection.execute(held.values(leased_until=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))).rowcount


def waiting(connection: Connection, *, kinds: frozenset[Kind] | None = None) -> int:
    """How many steps are not done."""
    chosen = select(func.count()).select_from(job).where(job.c.state != "done")
    if kinds is not None:
        chosen = chosen.where(job.c.kind.in_([kind.value for kind in kinds]))
    return int(connection.execute(chosen).scalar_one())


def oldest(connection: Connection, kind: Kind) -> datetime | None:
    """When the longest-waiting step of this kind was queued."""
    chosen = select(func.min(job.c.created_at)).where(job.c.kind == kind.value, job.c.state != "done")
    return connection.execute(chosen).scalar_one_or_none()


def _is(one: Job) -> tuple[ColumnElement[bool], ...]:
    return (job.c.school_id == one.school, job.c.id == one.id)


def _leased_to(one: Job) -> tuple[ColumnElement[bool], ...]:
    return (job.c.state == "leased", job.c.leased_by == one.leased_by, job.c.attempts == one.attempts)
