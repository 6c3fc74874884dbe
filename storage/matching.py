"""Which device each photo came from, kept for the lists of the day; and the photos that wait because of their device."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, select, update

from consent.devices import Match
from consent.reasons import ABOUT_THE_DEVICE
from storage import devices, photos
from storage.store import Reading, Transaction
from storage.tables import decision, photo, photo_destination

_KEPT: Final = timedelta(days=400)
"""No policy keeps an original for longer."""


def note(step: Transaction, stored: Row[Any]) -> Match:
    """Note which device a photo came from. The caller holds its lock."""
    found = devices.judge(step, stored).match
    photos.change(step, stored.id, matched_device=found.device)
    return found


def note_again(step: Transaction, device_id: str) -> None:
    """Note anew which photos came from a device that was enrolled or changed. The caller holds the school's lock alone."""
    table = photo.c
    chosen = select(photo).where(
        table.school_id == step.school,
        table.state != "received",
        table.created_at > step.now - _KEPT,
        table.matched_device.is_(None) | (table.matched_device == device_id),
    )
    known = devices.register(step)
    for stored in step.rows(chosen).all():
        found = devices.judge(step, stored, known).match.device
        if found != stored.matched_device:
            mine = (table.school_id == step.school, table.id == stored.id)
            step.write(update(photo).where(*mine).values(matched_device=found))


def waiting(reading: Reading) -> tuple[Row[Any], ...]:
    """Return (photo_id, destination, photo_facts of its last decision) of all that a finding about the device holds."""
    asked, made = photo_destination.c, decision.c
    chosen = (
        select(asked.photo_id, asked.destination, made.photo_facts, made.findings)
        .join(decision, (made.school_id == asked.school_id) & (made.id == asked.decision_id))
        .where(asked.school_id == reading.school, asked.outcome.in_(["held", "rejected"]), asked.publication_id.is_(None))
        .order_by(asked.photo_id, asked.destination)
    )
    return tuple(row for row in reading.rows(chosen) if any(one["reason"] in ABOUT_THE_DEVICE for one in row.findings))
