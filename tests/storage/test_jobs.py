"""The queue: one waiting job for one step, the most urgent first, under a lease that passes on; nothing is ever dropped."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import select

from consent.people import SchoolId
from storage import jobs
from storage.jobs import LEASE, Job, Kind
from storage.store import Store
from storage.tables import job
from tests.parts.world import StillClock

EVERYTHING = frozenset(Kind)
WORKERS = 4


class Queue:
    """The queue of a school as workers and steps see it."""

    def __init__(self, store: Store, school: SchoolId, clock: StillClock) -> None:
        self.store, self.school, self.clock = store, school, clock

    def add(self, *wanted: tuple[Kind, str], later: float = 0) -> None:
        with self.store.transaction(self.school, actor="test") as step:
            for kind, subject in wanted:
                step.enqueue(kind, subject, run_at=step.now + timedelta(seconds=later))

    def claim(self, worker: str = "one", kinds: frozenset[Kind] = EVERYTHING) -> Job | None:
        with self.store.housekeeping() as connection:
            return jobs.claim(connection, worker=worker, kinds=kinds, now=self.clock())

    def must_claim(self, worker: str = "one") -> Job:
        found = self.claim(worker)
        assert found is not None, "there was nothing to claim"
        return found

    def finish(self, done: Job) -> None:
        with self.store.housekeeping() as connection:
            jobs.finish(connection, done)

    def postpone(self, failed: Job) -> None:
        with self.store.housekeeping() as connection:
            jobs.postpone(connection, failed, fault="StoreUnavailable", now=self.clock())

    def rows(self) -> list[Any]:
        with self.store.engine.connect() as look:
            return list(look.execute(select(job).order_by(job.c.created_at, job.c.id)))

    def waiting(self) -> int:
        with self.store.engine.connect() as look:
            return jobs.waiting(look)


@pytest.fixture
def queue(store: Store, school: SchoolId, clock: StillClock) -> Queue:
    return Queue(store, school, clock)


def test_what_must_come_down_is_claimed_before_what_may_go_up_and_that_before_new_work(queue: Queue) -> None:
    for kind in (Kind.DISPOSE, Kind.PREPARE, Kind.RELEASE, Kind.RETRACT):
        queue.add((kind, "the later comes first"))
        queue.clock.pass_by(seconds=1)
    assert [queue.must_claim().kind for _ in Kind] == [Kind.RETRACT, Kind.RELEASE, Kind.PREPARE, Kind.DISPOSE]
    assert queue.claim() is None


def test_of_one_kind_the_longest_due_is_claimed_first(queue: Queue) -> None:
    for seconds in (3, 1, 2):
        queue.add((Kind.RELEASE, f"due in {seconds}"), later=seconds)
    assert queue.claim() is None
    queue.clock.pass_by(seconds=3)
    assert [queue.must_claim().subject for _ in range(3)] == ["due in 1", "due in 2", "due in 3"]


def test_a_worker_gets_no_step_of_a_kind_it_did_not_ask_for(queue: Queue) -> None:
    queue.add((Kind.PREPARE, "photo"), (Kind.RETRACT, "publication"))
    found = queue.claim(kinds=frozenset({Kind.PREPARE}))
    assert found is not None
    assert found.kind is Kind.PREPARE
    assert queue.claim(kinds=frozenset({Kind.RELEASE})) is None


def test_a_second_equal_job_that_waits_is_the_same_job(queue: Queue) -> None:
    queue.add((Kind.RELEASE, "photo website"), (Kind.RELEASE, "photo website"))
    queue.add((Kind.RELEASE, "photo website"))
    queue.add((Kind.RELEASE, "photo shared-site"))
    assert queue.waiting() == 2


def test_equal_jobs_of_two_schools_are_two(queue: Queue, next_door: SchoolId) -> None:
    queue.add((Kind.RELEASE, "photo website"))
    Queue(queue.store, next_door, queue.clock).add((Kind.RELEASE, "photo website"))
    assert {queue.must_claim().school, queue.must_claim().school} == {queue.school, next_door}


def test_a_job_that_is_under_way_does_not_swallow_an_equal_one(queue: Queue) -> None:
    queue.add((Kind.RELEASE, "photo website"))
    under_way = queue.must_claim()
    queue.add((Kind.RELEASE, "photo website"))
    queue.finish(under_way)
    assert queue.must_claim().subject == "photo website"


def test_asking_for_it_later_does_not_put_off_a_job_that_is_already_due(queue: Queue) -> None:
    queue.add((Kind.RETRACT, "publication"))
    queue.add((Kind.RETRACT, "publication"), later=3600)
    assert queue.must_claim().kind is Kind.RETRACT


def test_asking_for_it_now_brings_a_job_forward_that_had_been_put_off(queue: Queue) -> None:
    queue.add((Kind.RETRACT, "publication"), later=3600)
    queue.add((Kind.RETRACT, "publication"))
    assert queue.must_claim().kind is Kind.RETRACT


def test_a_leased_job_is_nobody_elses_until_its_lease_runs_out(queue: Queue) -> None:
    queue.add((Kind.RELEASE, "photo website"))
    queue.must_claim("one")
    queue.clock.pass_by(seconds=LEASE.total_seconds())
    assert queue.claim("two") is None
    queue.clock.pass_by(seconds=1)
    found = queue.must_claim("two")
    assert (found.leased_by, found.attempts) == ("two", 2)


def test_what_a_worker_held_before_it_died_is_due_at_once_when_it_starts_again(queue: Queue) -> None:
    queue.add((Kind.RELEASE, "mine"), (Kind.RELEASE, "theirs"))
    mine, _theirs = queue.must_claim("one"), queue.must_claim("two")
    with queue.store.housekeeping() as connection:
        assert jobs.return_leases(connection, worker="one") == 1
    found = queue.must_claim("one")
    assert (found.id, found.attempts) == (mine.id, 2)
    assert queue.claim("one") is None, "the other worker still holds its own"


@pytest.mark.parametrize("by", ["one", "two"], ids=["the same worker again", "another worker"])
def test_finishing_after_the_lease_was_lost_does_nothing(queue: Queue, by: str) -> None:
    queue.add((Kind.RELEASE, "photo website"))
    lost = queue.must_claim("one")
    queue.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    held = queue.must_claim(by)
    queue.finish(lost)
    queue.postpone(lost)
    (row,) = queue.rows()
    assert (row.state, row.leased_by, row.attempts) == ("leased", by, held.attempts)
    queue.finish(held)
    assert queue.waiting() == 0


def test_a_failed_step_waits_longer_each_time_and_is_never_dropped(queue: Queue) -> None:
    queue.add((Kind.RETRACT, "publication"))
    pauses = []
    for attempt in range(1, 40):
        failed = queue.must_claim()
        assert failed.attempts == attempt
        queue.postpone(failed)
        assert queue.claim() is None, "it waits before it is tried again"
        (row,) = queue.rows()
        pauses.append((row.run_at - queue.clock.now).total_seconds())
        queue.clock.now = row.run_at
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert pauses[-1] == pauses[-2] <= 600, "a step is tried again in minutes, however often it has failed"


def test_attempts_in_a_row_that_ended_without_a_word_are_counted_apart_from_those_that_failed(queue: Queue) -> None:
    queue.add((Kind.PREPARE, "photo"))
    found = []
    for ends_by in ("dying", "dying", "failing", "failing", "dying"):
        held = queue.must_claim()
        found.append(held.deaths)
        if ends_by == "failing":
            queue.postpone(held)
        queue.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert found == [0, 1, 2, 0, 0]
    assert queue.must_claim().deaths == 1


def test_a_failed_step_gives_way_to_an_equal_one_that_was_queued_meanwhile(queue: Queue) -> None:
    queue.add((Kind.RELEASE, "photo website"))
    failed = queue.must_claim()
    queue.add((Kind.RELEASE, "photo website"))
    queue.postpone(failed)
    assert queue.waiting() == 1
    assert queue.must_claim().id != failed.id


def test_a_job_of_a_step_that_was_undone_does_not_exist(queue: Queue) -> None:
    with pytest.raises(ZeroDivisionError), queue.store.transaction(queue.school, actor="test") as step:
        step.enqueue(Kind.RELEASE, "photo website")
        raise ZeroDivisionError
    assert queue.rows() == []


def test_no_two_workers_ever_get_one_job(queue: Queue) -> None:
    for number in range(10):
        queue.add(*((Kind.RELEASE, f"photo{number} {destination}") for destination in ("website", "shared-site", "press")))
    start = Barrier(WORKERS)

    def work(worker: str) -> list[str]:
        start.wait()
        taken = []
        while queue.waiting():
            found = queue.claim(worker)
            if found is not None:
                taken.append(found.id)
                queue.finish(found)
        return taken

    with ThreadPoolExecutor(WORKERS) as threads:
        taken = [one for done in [threads.submit(work, f"worker{number}") for number in range(WORKERS)] for one in done.result()]
    assert len(taken) == len(set(taken)) == 30


def test_steps_that_queue_the_same_jobs_in_any_order_never_block_each_other_for_good(queue: Queue) -> None:
    start = Barrier(WORKERS)
    wanted = [(Kind.RELEASE, f"photo{number} website") for number in range(6)]

    def add(turn: int) -> None:
        start.wait()
        for number in range(8):
            at = (turn + number) % len(wanted)
            queue.add(*wanted[at:], *wanted[:at])

    with ThreadPoolExecutor(WORKERS) as threads:
        for done in [threads.submit(add, turn) for turn in range(WORKERS)]:
            done.result()
    assert queue.waiting() == len(wanted)


def test_a_worker_never_misses_what_a_step_changed_that_queued_an_equal_job(queue: Queue) -> None:
    """A job is ready; a step changes what it is about and queues it again, which is the same job; a worker comes by before
    the step is in. The worker MUST NOT run the job now, see the old state, and leave nothing behind."""
    queue.add((Kind.RELEASE, "photo website"))
    queued, go_on = Event(), Event()

    def change() -> None:
        with queue.store.transaction(queue.school, actor="test") as step:
            jobs.insert(
                step.connection,
                queue.school,
                jobs.Wanted(kind=Kind.RELEASE, subject="photo website", run_at=step.now),
                now=step.now,
            )
            queued.set()
            go_on.wait(timeout=30)

    seen_by_worker: list[Job | None] = []
    changing = Thread(target=change)
    claiming = Thread(target=lambda: seen_by_worker.append(queue.claim("early")))
    changing.start()
    assert queued.wait(timeout=30)
    claiming.start()
    claiming.join(timeout=0.3)  # PostgreSQL passes the job by at once; on SQLite the worker waits its turn
    committed_first = claiming.is_alive()
    go_on.set()
    changing.join()
    claiming.join()
    (early,) = seen_by_worker
    assert early is None or committed_first, "the job was claimed before the change that it serves was in"
    if early is None:
        assert queue.must_claim("late").subject == "photo website"


def test_a_worker_that_finishes_late_leaves_an_equal_job_alone_that_was_queued_meanwhile(queue: Queue) -> None:
    queue.add((Kind.PREPARE, "photo"))
    slow = queue.must_claim("slow")
    queue.add((Kind.PREPARE, "photo"))
    quick = queue.must_claim("quick")
    queue.finish(slow)
    assert {(row.id, row.state) for row in queue.rows()} == {(slow.id, "done"), (quick.id, "leased")}


def test_a_step_that_fails_while_another_step_queues_an_equal_job_loses_neither(queue: Queue) -> None:
    """The worker puts its job back while a step that is not in yet has queued the same: one of the two is left, and ready."""
    queue.add((Kind.RELEASE, "photo website"))
    failed = queue.must_claim()
    queued, go_on = Event(), Event()

    def change() -> None:
        with queue.store.transaction(queue.school, actor="test") as step:
            wanted = jobs.Wanted(kind=Kind.RELEASE, subject="photo website", run_at=step.now)
            jobs.insert(step.connection, queue.school, wanted, now=step.now)
            queued.set()
            go_on.wait(timeout=30)

    with ThreadPoolExecutor(2) as threads:
        changing = threads.submit(change)
        assert queued.wait(timeout=30)
        putting_back = threads.submit(queue.postpone, failed)
        go_on.wait(timeout=0.3)  # time for the worker to run into the step
        go_on.set()
        changing.result()
        putting_back.result()
    queue.clock.pass_by(seconds=60)
    assert queue.waiting() == 1
    assert queue.must_claim().subject == "photo website"
