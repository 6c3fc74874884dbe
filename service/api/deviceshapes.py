"""The shapes that calls about devices take and give."""

from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, model_validator

from consent.cameras import fold_serial
from consent.devices import DeviceKind, Owner
from consent.policy import DestinationKind
from service.api.fields import Day, Grounds, Identity, Mark, Moment, RegGroup, Shape, unfit
from service.api.shown import Left
from service.problems import Problem, ProblemError

NO_SERIAL: Final = "Zeros alone tell no device from another. Leave the serial number out."
_LONGEST: Final = timedelta(days=366)
_MAY_BE_CLEARED: Final = frozenset({"serial", "active_from", "active_until"})
Groups = Annotated[list[RegGroup], Field(max_length=50)]
Label = Annotated[str, Field(max_length=80)]


def require_serial(serial: str | None) -> None:
    """Let through no serial number, or one that tells one device from another. Raises ``invalid``."""
    if serial is not None and not fold_serial(serial):
        raise ProblemError(Problem.INVALID, sentence=NO_SERIAL, extra={"fields": ["serial"]})


class DeviceGiven(Shape):
    """A device to be enrolled. ``serial`` is left out where the device writes none into its pictures (iPads)."""

    label: Mark
    kind: DeviceKind
    owner: Owner = Owner.SCHOOL
    make: Mark
    model: Mark
    serial: Mark | None = None
    reg_groups: Groups = Field(default=[], description="Classes it is allocated to; none: the whole school.")
    active_from: Day | None = Field(default=None, description="First day in use; left out: since ever.")
    active_until: Day | None = Field(default=None, description="Last day in use; left out: until further notice.")

    @model_validator(mode="after")
    def _is_in_order(self) -> "DeviceGiven":
        if self.active_from is not None and self.active_until is not None and self.active_until < self.active_from:
            raise unfit("active_from", "active_until")
        return self


class DeviceEdit(Shape):
    """What is put right about a device; what is left out stays. A serial number or a day is taken away by ``null``."""

    label: Mark | None = None
    kind: DeviceKind | None = None
    owner: Owner | None = None
    make: Mark | None = None
    model: Mark | None = None
    serial: Mark | None = None
    reg_groups: Groups | None = None
    active_from: Day | None = None
    active_until: Day | None = None

    @model_validator(mode="after")
    def _leaves_nothing_empty(self) -> "DeviceEdit":
        emptied = sorted(name for name in self.model_fields_set - _MAY_BE_CLEARED if getattr(self, name) is None)
        if emptied:
            raise unfit(*emptied)
        return self


class ExceptionGiven(Shape):
    """What the headteacher allows: a device of the register, a make and model, or a sign-in; of what is given all must fit."""

    device: Identity | None = None
    make: Mark | None = None
    model: Mark | None = None
    serial: Mark | None = None
    sign_in: Identity | None = Field(default=None, description="Id of a token, as `device.sign_in` of a photo says it.")
    reg_groups: Groups = Field(default=[], description="Only for uploads from these classes; none: any.")
    destinations: list[DestinationKind] = Field(default=list(DestinationKind), min_length=1, max_length=10)
    reason: Grounds
    valid_from: Moment
    valid_until: Moment

    @model_validator(mode="after")
    def _names_somebody_for_a_time(self) -> "ExceptionGiven":
        if (self.make is None) is not (self.model is None) or (self.serial is not None and self.model is None):
            raise unfit("make", "model", "serial")
        if self.device is None and self.model is None and self.sign_in is None:
            raise unfit("device", "make", "model", "sign_in")
        if not timedelta() < self.valid_until - self.valid_from <= _LONGEST:
            raise unfit("valid_from", "valid_until")
        return self


class WipeGiven(Shape):
    """Said by somebody who has seen a day's list, so many originals long, and has deleted them from the device."""

    day: Day
    originals: Annotated[int, Field(ge=1, le=100_000, strict=True)]


class DeviceShown(Shape):
    """An entry of the device register. Serial number and who noted it: not for teachers."""

    id: str
    label: str
    kind: DeviceKind
    owner: Owner
    make: str
    model: str
    serial: Left[str] = None
    reg_groups: list[str]
    active_from: date | None
    active_until: date | None
    noted_by: Left[str] = None
    noted_at: Left[AwareDatetime] = None


class Devices(Shape):
    """The device register, by label."""

    items: list[DeviceShown]


class ExceptionShown(Shape):
    """An exception: what it covers, why, how long, and whether it was withdrawn."""

    id: str
    device: str | None
    make: str | None
    model: str | None
    serial: str | None
    sign_in: str | None
    reg_groups: list[str]
    destinations: list[DestinationKind]
    reason: str
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    granted_by: str
    granted_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    state: Literal["to-come", "in-force", "over", "withdrawn"]


class Exceptions(Shape):
    """Every exception there ever was, the latest first."""

    items: list[ExceptionShown]


class OriginalShown(Shape):
    """An original that was accepted: safe to delete from the device."""

    photo: str
    sha256: str
    size: int
    accepted_at: AwareDatetime


class WipeShown(Shape):
    """Who said that originals were deleted from the device, and how many."""

    originals: int
    confirmed_by: str
    confirmed_at: AwareDatetime


class DayReceipts(Shape):
    """What was accepted from a device on a day (UTC), and who confirmed that it was deleted there."""

    device: str
    label: Left[Label] = None
    day: date
    items: list[OriginalShown]
    wipes: list[WipeShown]


class OverdueShown(Shape):
    """A day that is over, and a device from which so many originals were not confirmed to be deleted."""

    device: str
    label: Left[Label] = None
    day: date
    originals: int


class OverdueList(Shape):
    """Devices and days without confirmation, the oldest first."""

    items: list[OverdueShown]
