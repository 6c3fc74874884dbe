"""The append-only log: one gapless row of positions for each school, every stored byte of a row under its hash."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast

from sqlalchemy import Connection, select, update

from consent.canonical import canonical, plain
from consent.events import Event
from consent.people import SchoolId
from storage.tables import audit_entry, log_tail

Body = Mapping[str, str | int | list[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be said. ``body`` holds ids, codes and counts; never a name, UPN or file name."""

    event: Event
    actor: str
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry as it stands in the log."""

    position: int
    at: datetime
    kind: str
    actor: str
    body: str
    leaf: str

    def said(self, name: str) -> str:
        """Return one member of the body. Raises KeyError if it has none of that name."""
        return str(cast("dict[str, object]", json.loads(self.body))[name])


def append(connection: Connection, school: SchoolId, entries: Sequence[Entry], *, now: datetime) -> int:
    """Append entries under the tail's lock, the last lock of every transaction; return the last position.

    Positions have no gaps and follow the order of commits, so a reader's cursor never skips an entry.
    """
    if not entries:
        return 0
    held = select(log_tail.c.position).where(log_tail.c.school_id == school).with_for_update()
    tail = connection.execute(held).scalar_one()
    for at, entry in enumerate(entries, start=tail + 1):
        body = canonical({key: value if not isinstance(value, list) else tuple(value) for key, value in entry.body.items()})
        stored = {"position": at, "at": now, "kind": entry.event.value, "actor": entry.actor, "body": body.decode()}
        connection.execute(audit_entry.insert().values(school_id=school, leaf=leaf_hash(school, stored), **stored))
    last = tail + len(entries)
    connection.execute(update(log_tail).where(log_tail.c.school_id == school).values(position=last))
    return int(last)


def leaf_hash(school: SchoolId, stored: Mapping[str, object]) -> str:
    """RFC 6962 leaf hash, SHA-256 over 0x00 and the canonical row, so that every stored byte counts."""
    return sha256(b"\x00" + canonical(dict(stored) | {"at": plain(stored["at"]), "school": school})).hexdigest()


def entries(connection: Connection, school: SchoolId, *, after: int, kinds: Iterable[Event], limit: int) -> Iterator[Stored]:
    """Yield entries of these kinds after a position, oldest first."""
    wanted = [kind.value for kind in kinds]
    chosen = (
        select(audit_entry)
        .where(audit_entry.c.school_id == school, audit_entry.c.position > after, audit_entry.c.kind.in_(wanted))
        .order_by(audit_entry.c.position)
        .limit(limit)
    )
    for row in connection.execute(chosen).mappings():
        yield Stored(**{name: row[name] for name in ("position", "at", "kind", "actor", "body", "leaf")})
