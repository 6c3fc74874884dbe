"""Devices: the register, and the lists of the day."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Response
from sqlalchemy import Row

from consent.devices import Device, DeviceKind, Owner
from service.api.common import NO_STORE, AtHand
from service.api.deviceshapes import (
    DayReceipts,
    DeviceEdit,
    DeviceGiven,
    Devices,
    DeviceShown,
    OriginalShown,
    OverdueList,
    OverdueShown,
    WipeGiven,
    WipeShown,
    require_serial,
)
from service.api.fields import Day, PathDevice, PathIdentity
from service.api.shown import Created
from service.api.strict import make_router
from service.auth import Needs, Permission
from service.pipeline import devices as steps
from service.problems import Problem, ProblemError, documented
from storage import devices, wipes
from storage.store import Reading
from storage.users import Caller, Role

router = make_router("devices")
_NOT_THEIRS: Final = "Only a teacher of the device's class, the office or the headteacher can say that it was wiped."
Reader = Annotated[Caller, Depends(Needs(Permission.DEVICE_READ))]
Keeper = Annotated[Caller, Depends(Needs(Permission.DEVICE_CHANGE))]


@router.get("/devices", responses=documented(Problem.INVALID))
def list_devices(house: AtHand, caller: Reader, response: Response) -> Devices:
    """List the device register. Teachers see the school's devices, without serial numbers."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        found = devices.rows(look)
    for_teacher = caller.role is Role.TEACHER
    return Devices(
        items=[_device(row, for_teacher=for_teacher) for row in found if not for_teacher or row.owner == Owner.SCHOOL.value]
    )


@router.post("/devices", status_code=201, responses=documented(Problem.INVALID))
def enrol_device(wanted: DeviceGiven, house: AtHand, caller: Keeper) -> Created:
    """Enrol a device, the school's or a noted personal one. What is held for want of it is decided again."""
    require_serial(wanted.serial)
    device = Device(
        id=steps.NEW,
        kind=wanted.kind,
        owner=wanted.owner,
        make=wanted.make,
        model=wanted.model,
        serial=wanted.serial,
        reg_groups=frozenset(wanted.reg_groups),
        active_from=wanted.active_from,
        active_until=wanted.active_until,
    )
    return Created(id=steps.enrol_device(device, label=wanted.label, caller=caller, store=house.store))


@router.get("/devices/overdue", responses=documented(Problem.INVALID))
def list_overdue(house: AtHand, caller: Reader, response: Response) -> OverdueList:
    """List the days that are over and the devices from which originals of those days were not confirmed to be deleted."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        labels = _labels(look, caller)
        return OverdueList(
            items=[
                OverdueShown(device=one.device, label=labels.get(one.device), day=one.day, originals=one.originals)
                for one in wipes.overdue(look)
            ]
        )


@router.patch("/devices/{device_id}", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID, Problem.CONFLICT))
def change_device(device_id: PathIdentity, wanted: DeviceEdit, house: AtHand, caller: Keeper) -> None:
    """Put an entry right: its class, its dates, its serial number. What is held because of it is decided again."""
    require_serial(wanted.serial)
    given: dict[str, object] = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    if wanted.reg_groups is not None:
        given["reg_groups"] = frozenset(wanted.reg_groups)
    steps.change_device(device_id, given, caller=caller, store=house.store)


@router.get("/devices/{device_id}/receipts", responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def list_receipts(
    device_id: PathDevice,
    house: AtHand,
    caller: Reader,
    response: Response,
    day: Annotated[Day | None, Query(description="Left out: today.")] = None,
) -> DayReceipts:
    """List the originals that were accepted from a device on a day, so that the card can be wiped. ``unknown``: of no device."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        _require(look, device_id)
        wanted: date = day or look.now.date()
        return DayReceipts(
            device=device_id,
            label=_labels(look, caller).get(device_id),
            day=wanted,
            items=[
                OriginalShown(photo=row.id, sha256=row.original_sha256, size=row.original_size, accepted_at=row.created_at)
                for row in wipes.originals(look, device_id, wanted)
            ],
            wipes=[
                WipeShown(originals=row.originals, confirmed_by=row.confirmed_by, confirmed_at=row.confirmed_at)
                for row in wipes.confirmations(look, device_id, wanted)
            ],
        )


@router.post(
    "/devices/{device_id}/wipes",
    status_code=201,
    responses=documented(Problem.NOT_FOUND, Problem.INVALID, Problem.CONFLICT),
)
def confirm_wipe(
    device_id: PathDevice,
    wanted: WipeGiven,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.DEVICE_WIPE))],
) -> Created:
    """Confirm that a day's originals were deleted from a device. If more were accepted meanwhile: ``conflict``, look again.

    Teachers do so for devices of their classes, of the whole school, and the one that their token is bound to.
    """
    try:
        done = steps.confirm_wipe(device_id, wanted.day, originals=wanted.originals, caller=caller, store=house.store)
    except steps.OthersDevice as fault:
        raise ProblemError(Problem.FORBIDDEN, sentence=_NOT_THEIRS) from fault
    return Created(id=done)


def _require(look: Reading, device_id: str) -> None:
    if device_id != devices.UNKNOWN:
        devices.row(look, device_id)


def _labels(look: Reading, caller: Caller) -> dict[str, str]:
    """Return the label of each device that this caller may read of: a personal one's may name its owner."""
    shown = (row for row in devices.rows(look) if caller.role is not Role.TEACHER or row.owner == Owner.SCHOOL.value)
    return {row.id: row.label for row in shown}


def _device(row: Row[Any], *, for_teacher: bool) -> DeviceShown:
    return DeviceShown(
        id=row.id,
        label=row.label,
        kind=DeviceKind(row.kind),
        owner=Owner(row.owner),
        make=row.make,
        model=row.model,
        serial=None if for_teacher else row.serial,
        reg_groups=row.reg_groups,
        active_from=row.active_from,
        active_until=row.active_until,
        noted_by=None if for_teacher else row.noted_by,
        noted_at=None if for_teacher else row.noted_at,
    )
