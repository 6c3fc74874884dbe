"""The log has no gap and no twin whoever writes, follows the order of commits, and every stored byte of it is under a hash."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from consent.events import Event
from consent.people import SchoolId
from storage import auditlog
from storage.jobs import Kind
from storage.store import Store
from storage.tables import audit_entry, log_tail
from tests.parts.world import StillClock

WRITERS = 8
STEPS = 12


def stored(store: Store, school: SchoolId) -> list[dict[str, Any]]:
    with store.engine.connect() as look:
        rows = look.execute(select(audit_entry).where(audit_entry.c.school_id == school).order_by(audit_entry.c.position))
        return [dict(row) for row in rows.mappings()]


def leaf_of(row: dict[str, Any]) -> str:
    facts = {name: value for name, value in row.items() if name not in {"school_id", "leaf"}}
    return auditlog.leaf_hash(SchoolId(row["school_id"]), facts)


def test_positions_have_no_gap_and_no_twin_when_eight_write_at_once(store: Store, school: SchoolId, next_door: SchoolId) -> None:
    start = Barrier(WRITERS)

    def write(writer: int) -> None:
        start.wait()
        for number in range(STEPS):
            if number % 4 == 3:  # a step that is undone leaves no gap either
                with pytest.raises(ZeroDivisionError), store.transaction(school, actor=f"writer:{writer}") as step:
                    step.record(Event.REGISTER_CHANGED, step=number)
                    raise ZeroDivisionError
            with store.transaction(school if writer % 2 else next_door, actor=f"writer:{writer}") as step:
                for _ in range(1 + number % 2):
                    step.record(Event.REGISTER_CHANGED, step=number)
                step.enqueue(Kind.PREPARE, f"photo {number}")

    with ThreadPoolExecutor(WRITERS) as threads:
        for done in [threads.submit(write, writer) for writer in range(WRITERS)]:
            done.result()
    for one in (school, next_door):
        rows = stored(store, one)
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        assert len(rows) == 1 + WRITERS // 2 * (STEPS + STEPS // 2)
        assert all(row["leaf"] == leaf_of(row) for row in rows)
        with store.engine.connect() as look:
            assert look.scalar(select(log_tail.c.position).where(log_tail.c.school_id == one)) == len(rows)


def test_each_writer_finds_its_own_entries_in_the_order_it_wrote_them(store: Store, school: SchoolId) -> None:
    def write(writer: int) -> None:
        for number in range(STEPS):
            with store.transaction(school, actor=f"writer:{writer}") as step:
                step.record(Event.REGISTER_CHANGED, step=number)

    with ThreadPoolExecutor(WRITERS) as threads:
        for done in [threads.submit(write, writer) for writer in range(WRITERS)]:
            done.result()
    rows = stored(store, school)[1:]
    for writer in range(WRITERS):
        mine = [json.loads(row["body"])["step"] for row in rows if row["actor"] == f"writer:{writer}"]
        assert mine == list(range(STEPS))


@pytest.mark.parametrize("column", [column.name for column in audit_entry.columns if column.name != "leaf"])
def test_a_change_of_any_stored_column_shows_in_the_leaf(
    store: Store, school: SchoolId, next_door: SchoolId, column: str
) -> None:
    with store.transaction(school, actor="account:1") as step:
        step.record(Event.CONSENT_RECORDED, record="r", answer="refused", pupils=["a", "b"], count=1, nothing=None)
    row = stored(store, school)[-1]
    other = {
        "school_id": next_door,
        "position": row["position"] + 1,
        "at": row["at"] + timedelta(microseconds=1),
        "kind": Event.CONSENT_RETIRED.value,
        "actor": "account:2",
        "body": row["body"].replace("refused", "given"),
    }
    mine = (audit_entry.c.school_id == school, audit_entry.c.position == row["position"])
    with store.housekeeping() as behind_our_back:
        behind_our_back.execute(update(audit_entry).where(*mine).values({column: other[column]}))
        if column == "school_id":
            behind_our_back.execute(update(log_tail).where(log_tail.c.school_id == next_door).values(position=row["position"]))
    changed = stored(store, other[column] if column == "school_id" else school)[-1]
    assert changed["leaf"] == row["leaf"] == leaf_of(row)
    assert leaf_of(changed) != changed["leaf"]


def test_no_entry_is_skipped_by_a_reader_who_goes_on_from_the_last_one_seen(store: Store, school: SchoolId) -> None:
    """The cursor rests on positions following commits: whatever is seen later has a greater one."""
    kinds = (Event.REGISTER_CHANGED,)
    stop = Barrier(WRITERS + 1)
    seen: list[int] = []

    def write(writer: int) -> None:
        for number in range(STEPS):
            with store.transaction(school, actor=f"writer:{writer}") as step:
                step.record(Event.REGISTER_CHANGED, step=number)
        stop.wait()

    def follow() -> int:
        with store.reading(school) as look:
            after = seen[-1] if seen else 0
            found = [one.position for one in auditlog.entries(look.connection, school, after=after, kinds=kinds, limit=5)]
            seen.extend(found)
            return len(found)

    with ThreadPoolExecutor(WRITERS) as threads:
        done = [threads.submit(write, writer) for writer in range(WRITERS)]
        while len(seen) < WRITERS * STEPS // 2:
            follow()
        stop.wait()
        for one in done:
            one.result()
    while follow():
        pass
    assert seen == [row["position"] for row in stored(store, school)[1:]]


def test_only_the_kinds_that_are_asked_for_are_shown(store: Store, school: SchoolId, clock: StillClock) -> None:
    with store.transaction(school, actor="test") as step:
        step.record(Event.PHOTO_ACCEPTED, photo="p1")
        step.record(Event.PROTECTION_SET, pupil="ada")
        step.record(Event.PHOTO_ACCEPTED, photo="p2")
    with store.reading(school) as look:
        found = list(auditlog.entries(look.connection, school, after=0, kinds=[Event.PHOTO_ACCEPTED], limit=10))
    assert [(one.said("photo"), one.at, one.actor) for one in found] == [("p1", clock.now, "test"), ("p2", clock.now, "test")]
