"""Sweep: what a crash, a fault or the calendar left behind is found and put right; nothing here is needed for a good day."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

import structlog

from consent.events import Event
from consent.people import SchoolId
from consent.policy import kind_of
from consent.purposes import parse_destination
from consent.reasons import Finding, Reason
from consent.retention import disposal_due
from service.imaging import Encoded, ImagingError, verify
from service.pipeline.standing import Matchers, ask_again, close, close_what_fell, pictured_or_owning
from storage import decisions, exceptions, matching, photos, publications, registers, schools
from storage.jobs import Kind
from storage.published import Published
from storage.quarantine import Quarantine
from storage.store import Reading, Store

_ORPHAN_AGE: Final = timedelta(hours=1)
_STUCK: Final = timedelta(minutes=2)
_SAMPLE: Final = 20
_log = structlog.get_logger("sweep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one pass found and put right; all zero on a good day, but for ``checked``.

    ``failed``: what could not be looked at or put right this time, and is tried again by the next pass.
    """

    checked: int = 0
    closed: int = 0
    driven_again: int = 0
    orphans_removed: int = 0
    altered: int = 0
    disposals_queued: int = 0
    originals_removed: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Trying:
    """Does one thing after another: what goes wrong with one is counted, and keeps no other from its turn."""

    failed: int = 0

    def __call__(self, do: Callable[[], int]) -> int:
        try:
            return do()
        except Exception as fault:  # noqa: BLE001 - a sweep is what puts things right when they are at their worst
            _log.error("sweep-failed", fault=type(fault).__name__)
            self.failed += 1
            return 0


def sweep(school: SchoolId, *, store: Store, published: Published, quarantine: Quarantine, matchers: Matchers) -> Found:
    """Reconcile one school: decide every live publication again, drive what is stuck, remove what no row allows.

    Whatever goes wrong with one thing, the others have their turn.
    """
    trying = _Trying()
    with store.reading(school) as look:
        live = [stored.id for stored in publications.in_state(look, publications.LIVE)]
    trying(partial(_read_names_again, school, store=store))
    found = Found(
        checked=len(live),
        closed=sum(trying(partial(_check_one, school, one, store=store, matchers=matchers)) for one in live)
        + trying(partial(close_ended, school, store=store, matchers=matchers)),
        altered=_close_altered(school, store=store, published=published, trying=trying),
        driven_again=trying(partial(_drive_again, school, store=store))
        + trying(partial(_ask_where_excepted, school, store=store)),
        orphans_removed=trying(partial(_remove_orphans, school, store=store, published=published, trying=trying)),
        disposals_queued=trying(partial(_queue_disposals, school, store=store)),
        originals_removed=trying(partial(_remove_lost_originals, school, store=store, quarantine=quarantine)),
        failed=trying.failed,
    )
    with store.transaction(school, actor="worker") as step:
        step.record(Event.SWEEP_FINISHED, **asdict(found))
    return found


def close_ended(school: SchoolId, *, store: Store, matchers: Matchers) -> int:
    """Close what is live past its last day. Readers have had 410 since that midnight; this takes the objects away too."""
    with store.reading(school) as look:
        due = publications.ended(look, today=(look.now + timedelta(days=1)).date())
    return sum(_check_one(school, one, store=store, matchers=matchers) for one in due)


def _read_names_again(school: SchoolId, *, store: Store) -> int:
    """Note the register's names as they are, and as this version reads them, where somebody changed them past the doors."""
    with store.reading(school) as look:
        if registers.all_names(look).digest == schools.read(look).names:
            return 0
    with store.transaction(school, actor="worker") as step:
        schools.lock(step, share=False)
        if registers.refresh_names(step):
            step.record(Event.REGISTER_CHANGED, what="names read again")
            ask_again(step, None)
    return 1


def _check_one(school: SchoolId, publication: str, *, store: Store, matchers: Matchers) -> int:
    """Decide one live publication again. Where no policy can be read it stays: a mislaid file is no withdrawal."""
    with store.transaction(school, actor="worker") as step:
        schools.lock(step, share=True)
        stored = publications.row(step, publication)
        if stored.state not in publications.LIVE or schools.last_policy(step) is None:
            return 0
        everyone = pictured_or_owning(stored)
        registers.lock_pupils(step, everyone & registers.known(step, everyone), share=True)
        live = publications.live_one(step, publication)
        return close_what_fell(step, [live], matchers=matchers) if live is not None else 0


def _close_altered(school: SchoolId, *, store: Store, published: Published, trying: _Trying) -> int:
    """Read a sample of published bytes back; what is not byte for byte what was proven clean comes down."""
    with store.reading(school) as look:
        live = publications.in_state(look, ["published"])
        chosen = sorted(live, key=lambda stored: sha256(f"{look.now.date()}{stored.id}".encode()).digest())[:_SAMPLE]
        files = {stored.id: publications.renditions(look, stored.id) for stored in chosen}

    def check(publication: str) -> int:
        try:
            for file in files[publication]:
                stored = published.read_back(file.object_key) or b""
                verify((Encoded.kept_as(file, stored),))
        except ImagingError:
            return _close_unclean(school, publication, store=store)
        return 0

    return sum(trying(partial(check, one)) for one in files)


def _close_unclean(school: SchoolId, publication: str, *, store: Store) -> int:
    with store.transaction(school, actor="worker") as step:
        stored = publications.lock(step, publication)
        if not close(step, stored, (Finding(reason=Reason.RULE_FAILED),)):
            return 0
        photos.set_outcome(step, stored.photo_id, stored.destination, outcome="held")
        return 1


def _drive_again(school: SchoolId, *, store: Store) -> int:
    """Queue again whatever waits for a step that nobody has queued; an equal waiting job serves for both."""
    with store.transaction(school, actor="worker") as step:
        before = step.now - _STUCK
        for stored in publications.in_state(step, ["putting", "retracting"]):
            if (stored.retracting_at or stored.created_at) < before:
                kind = Kind.RETRACT if stored.state == "retracting" else Kind.RELEASE
                step.enqueue(kind, stored.id if kind is Kind.RETRACT else f"{stored.photo_id} {stored.destination}")
        for stored in photos.in_state(step, ["received"]):
            if stored.created_at < before:
                step.enqueue(Kind.PREPARE, stored.id)
        for photo_id, destination in photos.pending(step, before=before):
            step.enqueue(Kind.RELEASE, f"{photo_id} {destination}")
        return len(step.wanted)


def _ask_where_excepted(school: SchoolId, *, store: Store) -> int:
    """Decide again what an exception covers that has come into force since."""
    with store.transaction(school, actor="worker") as step:
        for photo_id, destination in _newly_excepted(step):
            step.enqueue(Kind.RELEASE, f"{photo_id} {destination}")
        return len(step.wanted)


def _newly_excepted(reading: Reading) -> Iterator[tuple[str, str]]:
    policy = schools.policy_in_force(reading)
    if policy is None or not policy.device_exceptions or not exceptions.in_force(reading):
        return
    for held in matching.waiting(reading):
        known, now = decisions.facts(held), photos.facts(reading, photos.row(reading, held.photo_id))
        if kind_of(parse_destination(held.destination)) in now.excepted - known.excepted:
            yield held.photo_id, held.destination


def _remove_orphans(school: SchoolId, *, store: Store, published: Published, trying: _Trying) -> int:
    """Tombstone any object with bytes that no live row names. Objects are listed first: a row comes before its object.

    What lies under a name that is no key of ours can't be removed by us: it counts as failed, for somebody to look at.
    """
    present = list(published.keys_with_bytes(f"{school}/"))
    with store.reading(school) as look:
        allowed = publications.live_keys(look)

    def remove(key: str) -> int:
        published.remove([key])
        return 1

    removed = sum(trying(partial(remove, key)) for key in present if key not in allowed)
    if removed:
        with store.transaction(school, actor="worker") as step:
            step.record(Event.ORPHAN_REMOVED, objects=removed)
    return removed


def _queue_disposals(school: SchoolId, *, store: Store) -> int:
    with store.transaction(school, actor="worker") as step:
        policy = schools.last_policy(step)
        if policy is None:
            return 0
        for stored in photos.in_state(step, ["prepared", "unclean"]):
            waits_since = max(stored.changed_at, publications.last_closed(step, stored.id) or stored.changed_at)
            if _is_over(step, stored.id, waits_since, policy.dispose_held_after_school_days, policy.closures) or (
                step.now - stored.created_at > timedelta(days=policy.keep_originals_days)
            ):
                step.enqueue(Kind.DISPOSE, stored.id)
        return len(step.wanted)


def _is_over(reading: Reading, photo_id: str, since: datetime, school_days: int, closures: frozenset[date]) -> bool:
    outcomes = {one.outcome for one in photos.destinations(reading, photo_id)}
    forgotten = bool(outcomes) and outcomes <= {"held", "rejected"}
    return forgotten and disposal_due(
        waiting_since=since, now=reading.now, school_days=school_days, closures=closures, sealed=False
    )


def _remove_lost_originals(school: SchoolId, *, store: Store, quarantine: Quarantine) -> int:
    """Destroy originals that no photo owns: what an upload left behind when its transaction never came."""
    before = datetime.now(UTC) - _ORPHAN_AGE
    lost = [entry.key for entry in quarantine.list() if entry.key.startswith(f"{school}/") and entry.modified_at < before]
    with store.reading(school) as look:
        owned = photos.known_originals(look)
    removed = [key for key in lost if key not in owned]
    for key in removed:
        quarantine.dispose(key)
    return len(removed)
