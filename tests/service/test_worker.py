"""The worker: what must come down goes first and waits for nothing, a failed step is tried again, and doubt publishes nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from service.wiring import House
from service.worker import EVERYTHING, Worker, work_once, work_until_idle
from storage import jobs
from storage.jobs import Kind
from storage.published import Published
from storage.tables import consent_record, job
from tests.parts.broken import client_of, with_unsafe_store
from tests.parts.world import World
from tests.service.pipeline.faults import At, fail, watched
from tests.service.pipeline.kept import backend, clock, kept_house, world  # noqa: F401 - fixtures
from tests.service.pipeline.looking import (
    agrees,
    asks_again,
    assert_at_rest,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    queued,
    refuses,
    rows,
    sends,
    uploads,
)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


def in_the_end(true: Callable[[], bool]) -> bool:
    """Wait until something is true; False if it never comes to be."""
    for _ in range(1500):
        if true():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def working(house: House, *, sweep_seconds: float = 3600) -> Iterator[Worker]:
    """A worker with its threads, in a hurry."""
    hurried = house.settings.model_copy(update={"worker_poll_seconds": 0.01, "sweep_seconds": sweep_seconds})
    worker = Worker(house=replace(house, settings=hurried), name="worker")
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        assert not any(thread.is_alive() for thread in worker._threads)  # noqa: SLF001 - nothing else tells


def states(world: World) -> list[str]:
    return [one.state for one in rows(world)]


def test_a_worker_that_runs_publishes_what_is_sent_and_takes_down_what_is_withdrawn(world: World, ada: str) -> None:
    with working(world.house):
        photo = sends(world, ada)
        assert in_the_end(lambda: states(world) == ["published"] and queued(world) == [])
        assert_exactly_one_is_up(world, photo)
        refuses(world, ada)
        assert in_the_end(lambda: states(world) == ["retracted"] and queued(world) == [])
    assert_everything_is_down(world)


def _wait(let_go: threading.Event) -> None:
    let_go.wait(60)


def test_what_must_come_down_does_not_wait_for_a_photo_that_takes_long(world: World, ada: str) -> None:
    uploads(world, ada)
    refuses(world, ada)
    let_go = threading.Event()
    try:
        with working(watched(world.house, At("before quarantine.get", lambda: _wait(let_go)))):
            slow = sends(world, ada)
            assert in_the_end(lambda: states(world) == ["retracted"])
            assert in_the_end(lambda: queued(world) == [(Kind.PREPARE, slow)])
            let_go.set()
    finally:
        let_go.set()


def test_the_most_urgent_step_is_taken_first(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    refuses(world, ada)
    asks_again(world, photo)
    sends(world, ada)
    taken = []
    for _ in range(3):
        before = queued(world)
        assert work_once(world.house, worker="one")
        taken += [kind for kind, subject in before if (kind, subject) not in queued(world)]
    assert taken == [Kind.RETRACT, Kind.RELEASE, Kind.PREPARE]


def test_a_worker_takes_no_step_of_a_kind_that_is_not_its_own(world: World, ada: str) -> None:
    sends(world, ada)
    assert not work_once(world.house, worker="one", kinds=EVERYTHING - {Kind.PREPARE})
    assert work_once(world.house, worker="one", kinds=frozenset({Kind.PREPARE}))


def test_a_failed_step_is_put_back_with_the_name_of_its_fault_and_nothing_more(world: World, ada: str) -> None:
    sends(world, ada)
    work_until_idle(watched(world.house, At("before quarantine.get", fail)))
    with world.house.engine.connect() as connection:
        (row,) = connection.execute(select(job).where(job.c.state != "done"))
    assert (row.state, row.fault, row.attempts) == ("ready", "StoreUnavailable", 1)
    assert row.run_at > world.clock.now
    assert not work_once(world.house, worker="one"), "it waits"
    world.clock.pass_by(seconds=60)
    work_until_idle(world.house)
    assert_at_rest(world)
    assert states(world) == ["published"]


def test_a_step_that_fails_keeps_no_other_from_its_turn(world: World, ada: str) -> None:
    first = sends(world, ada)
    second = sends(world, ada)
    work_until_idle(watched(world.house, At("before quarantine.get", fail)))
    assert [subject for _, subject in queued(world)] in ([first], [second])
    assert states(world) == ["published"]


def test_a_worker_that_starts_again_takes_up_what_it_had_under_way_at_once(world: World, ada: str) -> None:
    photo = sends(world, ada)
    with world.house.store.housekeeping() as connection:
        held = jobs.claim(connection, worker="worker/any", kinds=EVERYTHING, now=world.clock.now)
    assert held is not None
    assert held.subject == photo
    assert not work_once(world.house, worker="another"), "nobody else may: it is leased"
    with working(world.house):
        assert in_the_end(lambda: states(world) == ["published"])


def test_a_worker_outlives_a_database_that_goes_away(world: World, ada: str) -> None:
    sends(world, ada)
    faults = At("before housekeeping", _go_away, nth=2)
    with working(watched(world.house, faults)):
        assert in_the_end(lambda: faults.seen >= 2)
        world.clock.pass_by(seconds=120)
        assert in_the_end(lambda: states(world) == ["published"])


def _go_away() -> None:
    raise ConnectionError


def test_a_worker_that_starts_puts_right_first_what_happened_while_none_ran(world: World, ada: str) -> None:
    uploads(world, ada)
    with world.house.store.housekeeping() as behind_our_back:
        behind_our_back.execute(update(consent_record).where(consent_record.c.pupil_id == ada).values(answer="refused"))
    with working(world.house):
        assert in_the_end(lambda: states(world) == ["retracted"])


def test_into_a_store_that_overwrites_nothing_is_released_and_the_service_is_not_ready(world: World, ada: str) -> None:
    unsafe = with_unsafe_store(world.house)
    photo = sends(world, ada)
    for _ in range(3):
        work_until_idle(unsafe)
        world.clock.pass_by(seconds=600)
    assert rows(world) == []
    assert queued(world) == [(Kind.RELEASE, f"{photo} website")]
    with world.house.engine.connect() as connection:
        assert connection.execute(select(job.c.fault).where(job.c.state != "done")).scalar_one() == "StoreUnsafe"
    assert client_of(unsafe).get("/readyz").status_code == 503
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo)


def test_what_must_come_down_comes_down_although_the_store_is_unsafe(world: World, ada: str) -> None:
    uploads(world, ada)
    refuses(world, ada)
    unsafe = with_unsafe_store(world.house)
    work_until_idle(replace(unsafe, published=Published(objects=world.house.stores.published)))
    assert_everything_is_down(world)
