"""The Store: one transaction that also writes its audit event and its next jobs. Nothing else commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, Select

from consent.events import Event
from consent.people import SchoolId
from storage import auditlog, jobs
from storage.database import WRITES
from storage.errors import LockOrder, SilentChange

Clock = Callable[[], datetime]


class Lock(IntEnum):
    """The order in which rows are locked, always: school, photo, pupils by id, publication; the log's tail is last."""

    SCHOOL = 1
    PHOTO = 2
    PUPILS = 3
    PUBLICATION = 4


@dataclass(slots=True, kw_only=True)
class Reading:
    """A look at one school's rows: one consistent view, no change."""

    connection: Connection
    school: SchoolId
    now: datetime

    def rows(self, statement: Executable) -> CursorResult[Any]:
        """Run a query."""
        return self.connection.execute(statement)


@dataclass(slots=True, kw_only=True)
class Transaction(Reading):
    """One step: its changes, what it says of them in the log, and the jobs that come next; all or nothing.

    ``actor`` is who acts: ``token:<id>``, ``account:<id>``, ``worker`` or ``operator``.
    """

    actor: str
    entries: list[auditlog.Entry] = field(default_factory=list)
    wanted: list[jobs.Wanted] = field(default_factory=list)
    changes: int = 0
    held: Lock | None = None

    def write(self, statement: Executable) -> CursorResult[Any]:
        """Change rows; the transaction MUST also ``record`` what it did."""
        self.changes += 1
        return self.connection.execute(statement)

    def record(self, event: Event, **body: str | int | list[str] | None) -> None:
        """Say in the audit log what happened. ``body`` holds ids, codes and counts; never a name, UPN or file name."""
        self.entries.append(auditlog.Entry(event=event, actor=self.actor, body=body))

    def enqueue(self, kind: jobs.Kind, subject: str, *, run_at: datetime | None = None) -> None:
        """Queue a next step, visible only if this transaction commits. An equal job that is still waiting serves for both."""
        self.wanted.append(jobs.Wanted(kind=kind, subject=subject, run_at=run_at or self.now))

    def lock(self, rank: Lock) -> None:
        """Say which lock is taken next. Raises LockOrder if a later one is already held."""
        if self.held is not None and rank < self.held:
            raise LockOrder(f"{rank.name} after {self.held.name}")
        self.held = rank

    def locked(self, rank: Lock, chosen: Select[Any], *, share: bool = False) -> tuple[Row[Any], ...]:
        """Lock the rows of a query and return them as they are now: shared to rely on them, alone to change them.

        Alone is ``FOR NO KEY UPDATE`` on PostgreSQL: nobody's key ever changes, and a plain ``FOR UPDATE`` would keep others
        from adding rows that only refer to this one, outside the order of locks: a withdrawal that writes its decision down
        and a release that holds the photo would block each other for good. Raises LockOrder.
        """
        self.lock(rank)
        return tuple(self.rows(chosen.with_for_update(read=share, key_share=not share)).all())


class Store:
    """The door to the database. ``clock`` gives the aware time that every step of one transaction shares."""

    def __init__(self, *, engine: Engine, clock: Clock) -> None:
        """Hold the engine; opens nothing yet."""
        self.engine = engine
        self.clock = clock

    @contextmanager
    def reading(self, school: SchoolId) -> Iterator[Reading]:
        """Look, without changing anything."""
        with self.engine.connect() as connection:
            yield Reading(connection=connection, school=school, now=self.clock())

    @contextmanager
    def transaction(self, school: SchoolId, *, actor: str) -> Iterator[Transaction]:
        """Run one step. Commits at the end if nothing was raised; raises SilentChange if it changed rows and said nothing."""
        with self.engine.connect().execution_options(**{WRITES: True}) as connection:
            step = Transaction(connection=connection, school=school, now=self.clock(), actor=actor)
            yield step
            if step.changes and not step.entries:
                raise SilentChange("a transaction changed rows and recorded no event")
            for wanted in sorted(step.wanted, key=lambda one: (one.kind, one.subject)):
                jobs.insert(connection, school, wanted, now=step.now)
            auditlog.append(connection, school, step.entries, now=step.now)
            connection.commit()

    @contextmanager
    def housekeeping(self) -> Iterator[Connection]:
        """Change leases and sources' freshness: what the log says nothing about. MUST NOT touch any other table."""
        with self.engine.connect().execution_options(**{WRITES: True}) as connection:
            yield connection
            connection.commit()
