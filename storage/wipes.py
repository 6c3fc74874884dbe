"""The lists of the day: originals accepted from each device, and who confirmed that they were deleted from it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from consent.answers import day_is_over
from consent.events import Event
from storage.devices import UNKNOWN
from storage.errors import Conflict
from storage.store import Reading, Transaction
from storage.tables import device_wipe, photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A day that is over, and a device from which originals of that day were not confirmed to be deleted."""

    device: str
    day: date
    originals: int


def originals(reading: Reading, device_id: str, day: date) -> tuple[Row[Any], ...]:
    """Return what was accepted from a device on a day (UTC): id, original_sha256, original_size, created_at.

    Not what turned out to be damaged: the device may hold the only good copy.
    """
    table = photo.c
    start = _start(day)
    chosen = select(table.id, table.original_sha256, table.original_size, table.created_at).where(
        table.school_id == reading.school,
        table.matched_device.is_(None) if device_id == UNKNOWN else table.matched_device == device_id,
        table.created_at >= start,
        table.created_at < start + timedelta(days=1),
        _is_good(table),
    )
    return tuple(reading.rows(chosen.order_by(table.created_at, table.id)).all())


def confirm(step: Transaction, device_id: str, day: date, *, originals_seen: int) -> str:
    """Note that the originals of a day, so many on the list, were deleted from a device; return the note's id.

    Raises Conflict if the list is empty, or by now another than the one that was seen. Holds the school's lock alone.
    """
    listed = originals(step, device_id, day)
    if not listed or len(listed) != originals_seen:
        raise Conflict("the list of that day is another by now")
    wipe_id = uuid4().hex
    values = {"school_id": step.school, "id": wipe_id, "device_id": device_id, "day": day, "originals": len(listed)}
    values |= {"covers_from": listed[0].created_at, "covers_until": listed[-1].created_at}
    step.write(device_wipe.insert().values(confirmed_by=step.actor, confirmed_at=step.now, **values))
    step.record(Event.DEVICE_WIPED, wipe=wipe_id, device=device_id, day=day.isoformat(), originals=len(listed))
    return wipe_id


def confirmations(reading: Reading, device_id: str, day: date) -> tuple[Row[Any], ...]:
    """Return who confirmed a device's day, the first one first."""
    table = device_wipe.c
    mine = (table.school_id == reading.school, table.device_id == device_id, table.day == day)
    return tuple(reading.rows(select(device_wipe).where(*mine).order_by(table.confirmed_at, table.id)).all())


def overdue(reading: Reading) -> tuple[Overdue, ...]:
    """Return every device's day that is over and not confirmed whole, the oldest first."""
    said, table = device_wipe.c, photo.c
    confirmed = select(said.id).where(
        said.school_id == table.school_id,
        said.device_id == func.coalesce(table.matched_device, UNKNOWN),
        _covered(said, table),
    )
    chosen = select(table.matched_device, table.created_at).where(
        table.school_id == reading.school, _is_good(table), ~confirmed.exists()
    )
    days = Counter((found.created_at.date(), found.matched_device or UNKNOWN) for found in reading.rows(chosen))
    return tuple(
        Overdue(device=device_id, day=day, originals=count)
        for (day, device_id), count in sorted(days.items())
        if day_is_over(day, reading.now)
    )


def _covered(said: Any, table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns of a table, by name
    return and_(table.created_at >= said.covers_from, table.created_at <= said.covers_until)


def _is_good(table: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as above
    """False for what has no clean image because none could be made; True for what was not opened yet."""
    return or_(table.image.is_not(None), table.fault.is_(None))


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
