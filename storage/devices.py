"""The device register, and what it says of a stored photo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, select, update

from consent.cameras import Camera
from consent.canonical import plain
from consent.devices import Device, DeviceId, DeviceKind, Match, Owner, Shot, excepted, match
from consent.events import Event
from consent.photo import DeviceState
from consent.policy import DestinationKind
from storage import exceptions
from storage.errors import NotFound, UnknownDevice
from storage.store import Reading, Transaction
from storage.tables import access_token, device

UNKNOWN: Final = "unknown"
"""Stands for the device of what came from none of the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the register says of a photo's device now, and where an exception in force lets it go all the same."""

    match: Match
    excepted: frozenset[DestinationKind] = frozenset()


def insert(step: Transaction, enrolled: Device, *, label: str) -> None:
    """Enrol a device."""
    values: dict[str, object] = {
        name: getattr(enrolled, name) for name in ("id", "make", "model", "serial", "active_from", "active_until")
    }
    values |= {name: plain(getattr(enrolled, name)) for name in ("kind", "owner", "reg_groups")}
    values |= {"school_id": step.school, "label": label, "noted_by": step.actor, "noted_at": step.now}
    step.write(device.insert().values(values))
    step.record(Event.DEVICE_ENROLLED, device=enrolled.id, kind=enrolled.kind.value, owner=enrolled.owner.value)


def change(step: Transaction, device_id: str, values: Mapping[str, object]) -> None:
    """Put an entry right. Raises NotFound."""
    row(step, device_id)
    if values:
        mine = (device.c.school_id == step.school, device.c.id == device_id)
        step.write(update(device).where(*mine).values({name: _stored(value) for name, value in values.items()}))
        step.record(Event.DEVICE_CHANGED, device=device_id, changed=sorted(values))


def row(reading: Reading, device_id: str) -> Row[Any]:
    """Return one device's row. Raises NotFound."""
    mine = (device.c.school_id == reading.school, device.c.id == device_id)
    found = reading.rows(select(device).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("no such device in this school")
    return found


def require(reading: Reading, device_id: str | None) -> None:
    """Raise UnknownDevice unless nothing is named, or a device of this school, or ``unknown``."""
    if device_id is None or device_id == UNKNOWN:
        return
    try:
        row(reading, device_id)
    except NotFound as fault:
        raise UnknownDevice("no such device in this school") from fault


def rows(reading: Reading) -> tuple[Row[Any], ...]:
    """Return the register by label."""
    chosen = select(device).where(device.c.school_id == reading.school).order_by(device.c.label, device.c.id)
    return tuple(reading.rows(chosen).all())


def register(reading: Reading) -> tuple[Device, ...]:
    """Return the register as the rules read it."""
    return tuple(_device(found) for found in rows(reading))


def shot_of(reading: Reading, stored: Row[Any]) -> Shot:
    """Return what is known of how a photo was taken and sent."""
    camera = stored.camera
    return Shot(
        camera=Camera(
            make=camera.get("make"),
            model=camera.get("model"),
            serial=camera.get("serial"),
            consistent=camera.get("consistent") is not False,
        ),
        named=DeviceId(stored.device) if stored.device not in (None, UNKNOWN) else None,
        bound=_bound(reading, stored.uploader),
        sign_in=stored.uploader,
        classes=frozenset(stored.classes or ()),
        day=stored.created_at.date(),
    )


def judge(reading: Reading, stored: Row[Any], known: Iterable[Device] | None = None) -> Judged:
    """Match a photo against the register (``known``, if it was read already) and the exceptions as they stand now."""
    shot = shot_of(reading, stored)
    found = match(shot, register(reading) if known is None else known)
    if found.state in (DeviceState.SCHOOL, DeviceState.OTHER_CLASS):
        return Judged(match=found)
    return Judged(match=found, excepted=excepted(shot, found, exceptions.in_force(reading), now=reading.now))


def _bound(reading: Reading, uploader: str) -> DeviceId | None:
    """Return the device that an uploader's token is bound to; that never changes."""
    mine = (access_token.c.school_id == reading.school, access_token.c.id == uploader.removeprefix("token:"))
    found = reading.rows(select(access_token.c.device_id).where(*mine)).scalar_one_or_none()
    return DeviceId(found) if found is not None else None


def _stored(value: object) -> object:
    return value if isinstance(value, date) else plain(value)


def _device(found: Row[Any]) -> Device:
    return Device(
        id=DeviceId(found.id),
        kind=DeviceKind(found.kind),
        owner=Owner(found.owner),
        make=found.make,
        model=found.model,
        serial=found.serial,
        reg_groups=frozenset(found.reg_groups),
        active_from=found.active_from,
        active_until=found.active_until,
    )
