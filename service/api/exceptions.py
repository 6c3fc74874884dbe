"""The headteacher's exceptions: what else may be used, for a time and a reason."""

from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Response
from sqlalchemy import Row

from consent.devices import DeviceException, DeviceId
from consent.policy import DestinationKind
from service.api.common import NO_STORE, AtHand
from service.api.deviceshapes import ExceptionGiven, Exceptions, ExceptionShown, require_serial
from service.api.fields import PathIdentity
from service.api.shown import Created
from service.api.strict import make_router
from service.auth import Needs, Permission
from service.pipeline import devices as steps
from service.problems import Problem, ProblemError, documented
from storage import exceptions
from storage.store import Reading
from storage.users import Caller

router = make_router("devices")
_OFF: Final = "The school's policy allows no exceptions: `devices.exceptions` is not true in it."
Head = Annotated[Caller, Depends(Needs(Permission.EXCEPTION_GRANT))]


@router.get("/device-exceptions", responses=documented(Problem.INVALID))
def list_exceptions(
    house: AtHand, caller: Annotated[Caller, Depends(Needs(Permission.EXCEPTION_READ))], response: Response
) -> Exceptions:
    """List every exception that the headteacher ever granted, the latest first."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        return Exceptions(items=[_exception(look, row) for row in exceptions.rows(look)])


@router.post("/device-exceptions", status_code=201, responses=documented(Problem.NOT_FOUND, Problem.INVALID, Problem.CONFLICT))
def grant_exception(wanted: ExceptionGiven, house: AtHand, caller: Head) -> Created:
    """Allow a device for a time and a reason: the headteacher's alone, and only where the policy allows it."""
    require_serial(wanted.serial)
    granted = DeviceException(
        device=DeviceId(wanted.device) if wanted.device is not None else None,
        make=wanted.make,
        model=wanted.model,
        serial=wanted.serial,
        sign_in=f"token:{wanted.sign_in}" if wanted.sign_in is not None else None,
        reg_groups=frozenset(wanted.reg_groups),
        destinations=frozenset(wanted.destinations),
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
    )
    try:
        return Created(id=steps.grant_exception(granted, reason=wanted.reason, caller=caller, store=house.store))
    except steps.NoExceptions as fault:
        raise ProblemError(Problem.CONFLICT, sentence=_OFF) from fault


@router.post(
    "/device-exceptions/{exception_id}/withdraw", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID)
)
def withdraw_exception(exception_id: PathIdentity, house: AtHand, caller: Head) -> None:
    """End an exception at once. What went out by it stays; nothing more does."""
    steps.withdraw_exception(exception_id, caller=caller, store=house.store)


def _exception(look: Reading, row: Row[Any]) -> ExceptionShown:
    return ExceptionShown(
        id=row.id,
        device=row.device_id,
        make=row.make,
        model=row.model,
        serial=row.serial,
        sign_in=row.sign_in.removeprefix("token:") if row.sign_in is not None else None,
        reg_groups=row.reg_groups,
        destinations=[DestinationKind(one) for one in row.destinations],
        reason=row.reason,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        withdrawn_at=row.withdrawn_at,
        state=_standing(look, row),
    )


def _standing(look: Reading, row: Row[Any]) -> Literal["to-come", "in-force", "over", "withdrawn"]:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if look.now < row.valid_from:
        return "to-come"
    return "in-force" if look.now < row.valid_until else "over"
