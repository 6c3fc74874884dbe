"""The headteacher's exceptions: devices that may be used for a time although they are not the school's."""

from typing import Any

from sqlalchemy import Row, select, update

from consent.canonical import plain
from consent.devices import DeviceException, DeviceId
from consent.events import Event
from consent.policy import DestinationKind
from storage.errors import NotFound
from storage.store import Reading, Transaction
from storage.tables import device_exception


def insert(step: Transaction, exception_id: str, granted: DeviceException, *, reason: str) -> None:
    """Keep an exception. ``reason`` is the headteacher's own words; the log does not repeat them."""
    kept = ("make", "model", "serial", "sign_in", "valid_from", "valid_until")
    values: dict[str, object] = {name: getattr(granted, name) for name in kept}
    values |= {"device_id": granted.device, "reg_groups": plain(granted.reg_groups), "destinations": plain(granted.destinations)}
    keys = {"school_id": step.school, "id": exception_id}
    step.write(device_exception.insert().values(reason=reason, granted_by=step.actor, granted_at=step.now, **keys, **values))
    step.record(
        Event.EXCEPTION_GRANTED,
        exception=exception_id,
        device=granted.device,
        sign_in=granted.sign_in,
        destinations=sorted(granted.destinations),
        valid_from=granted.valid_from.isoformat(),
        valid_until=granted.valid_until.isoformat(),
    )


def withdraw(step: Transaction, exception_id: str) -> None:
    """End an exception now. Raises NotFound. Withdrawing twice is fine."""
    if row(step, exception_id).withdrawn_at is not None:
        return
    mine = (device_exception.c.school_id == step.school, device_exception.c.id == exception_id)
    step.write(update(device_exception).where(*mine).values(withdrawn_by=step.actor, withdrawn_at=step.now))
    step.record(Event.EXCEPTION_WITHDRAWN, exception=exception_id)


def row(reading: Reading, exception_id: str) -> Row[Any]:
    """Return one exception's row. Raises NotFound."""
    mine = (device_exception.c.school_id == reading.school, device_exception.c.id == exception_id)
    found = reading.rows(select(device_exception).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("no such exception in this school")
    return found


def rows(reading: Reading) -> tuple[Row[Any], ...]:
    """Return every exception there ever was, the latest first."""
    table = device_exception.c
    chosen = select(device_exception).where(table.school_id == reading.school)
    return tuple(reading.rows(chosen.order_by(table.granted_at.desc(), table.id)).all())


def in_force(reading: Reading) -> tuple[DeviceException, ...]:
    """Return the exceptions that are in force now."""
    table = device_exception.c
    chosen = select(device_exception).where(
        table.school_id == reading.school,
        table.withdrawn_at.is_(None),
        table.valid_from <= reading.now,
        table.valid_until > reading.now,
    )
    return tuple(_exception(found) for found in reading.rows(chosen))


def _exception(found: Row[Any]) -> DeviceException:
    return DeviceException(
        device=DeviceId(found.device_id) if found.device_id is not None else None,
        make=found.make,
        model=found.model,
        serial=found.serial,
        sign_in=found.sign_in,
        reg_groups=frozenset(found.reg_groups),
        destinations=frozenset(DestinationKind(one) for one in found.destinations),
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        withdrawn=found.withdrawn_at is not None,
    )
