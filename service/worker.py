"""The worker: claims steps under a lease and takes them, what must come down first. A failed step is tried again, for ever."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, assert_never

import structlog

from consent.people import SchoolId
from service.pipeline.dispose import dispose
from service.pipeline.prepare import prepare
from service.pipeline.release import release
from service.pipeline.retract import retract
from service.pipeline.sweep import Found, sweep
from service.wiring import House
from storage import jobs, schools
from storage.jobs import Job, Kind

URGENT: Final = frozenset({Kind.RETRACT})
EVERYTHING: Final = frozenset(Kind)
_LATE: Final = timedelta(seconds=60)
_log = structlog.get_logger("worker")


class StoreUnsafe(Exception):
    """The store did not keep its promises when it was last raced: nothing is published into it."""


def take(job: Job, house: House) -> None:
    """Take one step."""
    parts, matchers = house, house.matchers
    match job.kind:
        case Kind.RETRACT:
            retract(job, store=parts.store, published=parts.published)
        case Kind.RELEASE:
            if not parts.safety.store_is_safe():
                raise StoreUnsafe
            release(job, store=parts.store, prepared=parts.prepared, published=parts.published, matchers=matchers)
        case Kind.PREPARE:
            prepare(
                job,
                store=parts.store,
                quarantine=parts.quarantine,
                prepared=parts.prepared,
                sandbox=parts.sandbox,
                matchers=matchers,
            )
        case Kind.DISPOSE:
            dispose(job, store=parts.store, quarantine=parts.quarantine, prepared=parts.prepared)
        case _:
            assert_never(job.kind)


def work_once(house: House, *, worker: str, kinds: frozenset[Kind] = EVERYTHING) -> bool:
    """Claim one step and take it; False if nothing was due."""
    store = house.store
    with store.housekeeping() as connection:
        job = jobs.claim(connection, worker=worker, kinds=kinds, now=store.clock())
    if job is None:
        return False
    try:
        take(job, house)
    except Exception as fault:  # noqa: BLE001 - a worker outlives any step; the step waits and is tried again
        _log.error("step-failed", kind=job.kind, job=job.id, attempts=job.attempts, fault=type(fault).__name__)
        with store.housekeeping() as connection:
            jobs.postpone(connection, job, fault=type(fault).__name__, now=store.clock())
        return True
    with store.housekeeping() as connection:
        jobs.finish(connection, job)
    _log.info("step-taken", kind=job.kind, job=job.id, attempts=job.attempts)
    return True


def work_until_idle(house: House, *, worker: str = "worker") -> int:
    """Take every step that is due now; return how many. Used by tests, the demonstration and one-off commands."""
    taken = 0
    while work_once(house, worker=worker):
        taken += 1
    return taken


def sweep_all(house: House) -> dict[str, Found]:
    """Sweep every school once; what goes wrong in one (``failed``) keeps no other from its turn."""
    with house.engine.connect() as connection:
        every = schools.all_ids(connection)
    return {school: _sweep_one(house, school) for school in every}


def _sweep_one(house: House, school: SchoolId) -> Found:
    try:
        return sweep(
            school,
            store=house.store,
            published=house.published,
            quarantine=house.quarantine,
            matchers=house.matchers,
        )
    except Exception as fault:  # noqa: BLE001 - tried again by the next pass
        _log.error("sweep-failed", fault=type(fault).__name__)
        return Found(failed=1)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Threads that work until told to stop: one for what must come down, one for everything, one for the calendar."""

    house: House
    name: str
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Take back the leases this worker held before it died, and start."""
        with self.house.store.housekeeping() as connection:
            returned = sum(jobs.return_leases(connection, worker=f"{self.name}/{lane}") for lane in ("urgent", "any"))
        _log.info("worker-starts", leases_returned=returned)
        for lane, target in (("urgent", self._urgent), ("any", self._any), ("calendar", self._calendar)):
            thread = threading.Thread(target=target, name=f"worker-{lane}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def run_until_stopped(self) -> None:
        """Work until the process is told to end (SIGTERM or SIGINT)."""
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: self._stop.set())
        self.start()
        self._stop.wait()
        self.stop()

    def stop(self) -> None:
        """Stop after the steps under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _urgent(self) -> None:
        self._loop(lambda: work_once(self.house, worker=f"{self.name}/urgent", kinds=URGENT))

    def _any(self) -> None:
        self._loop(lambda: work_once(self.house, worker=f"{self.name}/any"))

    def _calendar(self) -> None:
        while not self._stop.is_set():  # at once too: whatever happened while no worker ran is put right first
            self._guarded(self._tidy)
            self._stop.wait(self.house.settings.sweep_seconds)

    def _tidy(self) -> bool:
        with self.house.store.housekeeping() as connection:
            oldest = jobs.oldest(connection, Kind.RETRACT)
        if oldest is not None and self.house.store.clock() - oldest > _LATE:
            _log.error("retraction-late", since=oldest.isoformat())
        found = sweep_all(self.house)
        _log.info("swept", schools=len(found))
        return False

    def _loop(self, step: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            if not self._guarded(step):
                self._stop.wait(self.house.settings.worker_poll_seconds)

    def _guarded(self, step: Callable[[], bool]) -> bool:
        try:
            return step()
        except Exception as fault:  # noqa: BLE001 - the database may be away; the worker waits for it
            _log.error("worker-fault", fault=type(fault).__name__)
            return False
