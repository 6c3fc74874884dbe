"""One step is one transaction: its rows, what it says in the log, and the jobs that come next; all or nothing."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from consent.canonical import NotCanonical
from consent.events import Event
from consent.people import PupilId, SchoolId
from storage import jobs, photos, publications, registers, schools
from storage.errors import LockOrder, NotFound, SilentChange
from storage.jobs import Kind
from storage.store import Lock, Store, Transaction
from storage.tables import audit_entry, job, log_tail, pupil

ADA = PupilId("ada")


def add_pupil(step: Transaction, pupil_id: PupilId = ADA) -> None:
    """Put a nameless pupil on the register, without a word about it."""
    schools.lock(step, share=False)
    words = dict.fromkeys(("forename", "middle", "surname", "known_as", "reg_group", "year_group"), "")
    registers.insert_pupil(step, pupil_id, upn=f"A{pupil_id:0>12}", legal_status="no-order", **words)


def counts(store: Store) -> dict[str, int]:
    """How many rows of each kind there are: state, log, queue, and where the log's tail is."""
    with store.engine.connect() as look:
        found = {table.name: look.scalar(select(func.count()).select_from(table)) or 0 for table in (pupil, audit_entry, job)}
        return found | {"tail": look.scalar(select(func.sum(log_tail.c.position))) or 0}


class Stopped(BaseException):
    """Not even an Exception: as when the process is told to end."""


@contextmanager
def leaves_nothing(store: Store) -> Iterator[None]:
    before = counts(store)
    yield
    assert counts(store) == before


def test_a_step_leaves_its_rows_its_entry_and_its_job_together(store: Store, school: SchoolId) -> None:
    before = counts(store)
    with store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.record(Event.REGISTER_CHANGED, pupils=1)
        step.enqueue(Kind.PREPARE, "photo")
        with store.engine.connect() as look:
            assert look.scalar(select(func.count()).select_from(job)) == 0, "nobody sees a job before the step is in"
    assert counts(store) == {name: number + 1 for name, number in before.items()}


def test_a_step_that_changes_rows_and_says_nothing_is_refused_and_undone(store: Store, school: SchoolId) -> None:
    with leaves_nothing(store), pytest.raises(SilentChange), store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.enqueue(Kind.PREPARE, "photo")


def test_a_step_may_queue_work_without_a_word_since_nothing_is_changed_by_it(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="test") as step:
        step.enqueue(Kind.PREPARE, "photo")
    assert counts(store)["job"] == 1


@pytest.mark.parametrize("fault", [ValueError, Stopped, NotFound])
def test_whatever_ends_a_step_early_undoes_all_of_it(store: Store, school: SchoolId, fault: type[BaseException]) -> None:
    with leaves_nothing(store), pytest.raises(fault), store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.record(Event.REGISTER_CHANGED, pupils=1)
        step.enqueue(Kind.PREPARE, "photo")
        raise fault


def test_a_fault_of_the_database_itself_undoes_all_of_it(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.record(Event.REGISTER_CHANGED, pupils=1)
    with leaves_nothing(store), pytest.raises(Exception, match=r"(?i)unique"), store.transaction(school, actor="test") as step:
        step.record(Event.REGISTER_CHANGED, pupils=1)
        step.enqueue(Kind.PREPARE, "photo")
        add_pupil(step)


def test_an_entry_that_has_no_spelling_undoes_the_change_it_was_to_tell_of(store: Store, school: SchoolId) -> None:
    with leaves_nothing(store), pytest.raises(NotCanonical), store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.record(Event.REGISTER_CHANGED, pupils=object())  # type: ignore[arg-type] # nothing that could be spelled


def test_after_a_step_was_undone_the_next_one_finds_the_connection_clean(store: Store, school: SchoolId) -> None:
    for _ in range(25):  # more often than there are connections to spare
        with pytest.raises(ValueError, match="again"), store.transaction(school, actor="test") as step:
            add_pupil(step)
            raise ValueError("again")
    with store.transaction(school, actor="test") as step:
        add_pupil(step)
        step.record(Event.REGISTER_CHANGED, pupils=1)
    assert counts(store)["pupil"] == 1


_TAKE = {
    Lock.SCHOOL: lambda step: schools.lock(step, share=True),
    Lock.PHOTO: lambda step: photos.lock(step, "nobody"),
    Lock.PUPILS: lambda step: registers.lock_pupils(step, [], share=True),
    Lock.PUBLICATION: publications.live_all,
}


@pytest.mark.parametrize(("first", "then"), [(a, b) for a, b in itertools.product(Lock, Lock) if b < a])
def test_locks_taken_out_of_order_are_refused_before_they_can_deadlock(
    store: Store, school: SchoolId, first: Lock, then: Lock
) -> None:
    with pytest.raises(LockOrder), store.transaction(school, actor="test") as step:
        try:
            _TAKE[first](step)
        except NotFound:
            assert first is Lock.PHOTO
        _TAKE[then](step)


def test_locks_taken_in_order_are_given(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="test") as step:
        for rank in (Lock.SCHOOL, Lock.PUPILS, Lock.PUBLICATION):
            _TAKE[rank](step)
        assert step.held is Lock.PUBLICATION


def test_nothing_that_was_read_is_changed_by_looking(store: Store, school: SchoolId) -> None:
    with leaves_nothing(store), store.reading(school) as look:
        assert schools.read(look).id == school
        assert jobs.waiting(look.connection) == 0


def test_every_part_of_a_step_has_the_time_at_which_it_began(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="test") as step:
        store.clock.pass_by(seconds=5)  # type: ignore[attr-defined] # the test's own clock
        step.record(Event.REGISTER_CHANGED, pupils=0)
        step.enqueue(Kind.PREPARE, "photo")
    with store.engine.connect() as look:
        said = look.scalar(select(func.max(audit_entry.c.at)))
        queued = look.execute(select(job.c.created_at, job.c.run_at)).one()
    assert {said, *queued} == {step.now}
