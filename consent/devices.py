"""Which device took a picture: what the camera wrote, who uploads and the device register, put together; and exceptions.

A device is known by make, model and serial number where the camera writes them. Where it writes no serial number (iPads write
none) it is known by the enrolled device that the upload names or the sign-in is bound to; then what the camera wrote may only
contradict (docs/devices.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType

from consent.cameras import Camera, fold_make, fold_model, fold_serial
from consent.photo import DeviceState
from consent.policy import DestinationKind

DeviceId = NewType("DeviceId", str)


class DeviceKind(StrEnum):
    """What a device is."""

    CAMERA = "camera"
    TABLET = "tablet"
    COMPUTER = "computer"
    PHONE = "phone"


class Owner(StrEnum):
    """Whose a device is. Personal ones are noted too (policy L: "must be noted in school")."""

    SCHOOL = "school"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One entry of the device register. ``reg_groups``: the classes it is allocated to, none = the whole school.

    In use from ``active_from`` to ``active_until``, both days included; None = since ever, until further notice.
    """

    id: DeviceId
    kind: DeviceKind
    owner: Owner
    make: str
    model: str
    serial: str | None
    reg_groups: frozenset[str]
    active_from: date | None
    active_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceException:
    """The headteacher's leave to use what else would hold (policy L: "explicitly agreed by the Headteacher").

    It is for a device of the register, for every device of one make and model (and serial number, if given), or for one
    sign-in; of what is given all must fit, and one that names none of these covers nothing. ``reg_groups``: only for the classes
    of the uploader, none = any. In force from ``valid_from`` until before ``valid_until``, unless withdrawn.
    """

    device: DeviceId | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    sign_in: str | None = None
    reg_groups: frozenset[str] = frozenset()
    destinations: frozenset[DestinationKind]
    valid_from: datetime
    valid_until: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What is known of one upload. ``named``: the device that the upload names, else the one its sign-in is bound to.

    ``bound``: the device that the sign-in is bound to, whatever the upload names. ``classes``: the uploader's reg groups.
    ``day``: when the upload was accepted; the device must have been in use then.
    """

    camera: Camera
    named: DeviceId | None
    bound: DeviceId | None = None
    sign_in: str
    classes: frozenset[str]
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What the register says of an upload's device, and which one it is, if it is one."""

    state: DeviceState
    device: DeviceId | None = None


_UNKNOWN: Final = Match(state=DeviceState.UNKNOWN)


def match(shot: Shot, register: Iterable[Device]) -> Match:
    """Say which device of the register took a picture. The order of the register never matters; doubt is never ``school``."""
    known = tuple(register)
    if not shot.camera.consistent:
        return Match(state=DeviceState.CONTRADICTED)
    serial = fold_serial(shot.camera.serial)
    if serial:
        same = [one for one in known if _is_same(shot.camera, one) and fold_serial(one.serial) == serial]
        return _one_of(same, shot) if same else _stranger(shot.camera, known)
    if shot.named is None:
        return _stranger(shot.camera, known)
    named = [one for one in known if one.id == shot.named]
    if len(named) == 1 and _may_be_the_senders_own(shot, known):
        return Match(state=DeviceState.CONTRADICTED)
    return _named(named[0], shot) if len(named) == 1 else _UNKNOWN


def excepted(shot: Shot, found: Match, exceptions: Iterable[DeviceException], *, now: datetime) -> frozenset[DestinationKind]:
    """Return the destinations for which an exception in force covers this upload."""
    covering = (one for one in exceptions if _is_in_force(one, now) and _covers(one, shot, found))
    return frozenset(kind for one in covering for kind in one.destinations)


def is_active(device: Device, day: date) -> bool:
    """True if the device was in use that day."""
    return (device.active_from is None or device.active_from <= day) and (
        device.active_until is None or day <= device.active_until
    )


def _is_same(camera: Camera, device: Device) -> bool:
    """True if make and model are written and are the device's."""
    make, model = fold_make(camera.make), fold_model(camera.model, camera.make)
    return bool(make and model) and (make, model) == (fold_make(device.make), fold_model(device.model, device.make))


def _one_of(same: Sequence[Device], shot: Shot) -> Match:
    """Settle between the devices that bear the written make, model and serial number; there is at least one."""
    active = [one for one in same if is_active(one, shot.day)]
    if len(active) > 1:
        return Match(state=DeviceState.AMBIGUOUS)
    if active:
        return _of(active[0], shot)
    only = same[0].id if len(same) == 1 else None
    personal = any(one.owner is Owner.PERSONAL for one in same)
    return Match(state=DeviceState.PERSONAL if personal else DeviceState.INACTIVE, device=only)


def _may_be_the_senders_own(shot: Shot, known: Sequence[Device]) -> bool:
    """True if the upload names another device than its sign-in's, which is personal, and the camera does not say otherwise."""
    own = [one for one in known if one.id == shot.bound and one.owner is Owner.PERSONAL]
    return shot.named != shot.bound and any(not _contradicts(shot.camera, one) for one in own)


def _named(device: Device, shot: Shot) -> Match:
    """Judge the device that the upload names or the sign-in is bound to; what the camera wrote may only contradict."""
    if _contradicts(shot.camera, device):
        return Match(state=DeviceState.CONTRADICTED)
    if device.owner is Owner.SCHOOL and not is_active(device, shot.day):
        return Match(state=DeviceState.INACTIVE, device=device.id)
    return _of(device, shot)


def _of(device: Device, shot: Shot) -> Match:
    if device.owner is Owner.PERSONAL:
        return Match(state=DeviceState.PERSONAL, device=device.id)
    own = not device.reg_groups or device.reg_groups & shot.classes
    return Match(state=DeviceState.SCHOOL if own else DeviceState.OTHER_CLASS, device=device.id)


def _stranger(camera: Camera, known: Sequence[Device]) -> Match:
    """Judge a picture of no enrolled device: unknown, or personal if it can only be a device that was noted as personal."""
    serial = fold_serial(camera.serial)
    alike = [one for one in known if _is_same(camera, one) and not (serial and fold_serial(one.serial))]
    if not alike or any(one.owner is Owner.SCHOOL for one in alike):
        return _UNKNOWN
    return Match(state=DeviceState.PERSONAL, device=alike[0].id if len(alike) == 1 else None)


def _contradicts(camera: Camera, device: Device) -> bool:
    """True if make or model is written and is another's. A shorter form of the enrolled name is none, a longer one is another's.

    What is enrolled as iPad (9th generation) may write iPad; what is enrolled as iPhone 12 never writes iPhone 12 Pro Max.
    """
    make, model = fold_make(camera.make), fold_model(camera.model, camera.make)
    if make and make != fold_make(device.make):
        return True
    written, enrolled = model.split(), fold_model(device.model, device.make).split()
    return written != enrolled[: len(written)]


def _is_in_force(one: DeviceException, now: datetime) -> bool:
    return not one.withdrawn and one.valid_from <= now < one.valid_until


def _covers(one: DeviceException, shot: Shot, found: Match) -> bool:
    camera = shot.camera
    make, model, serial = fold_make(one.make), fold_model(one.model, one.make), fold_serial(one.serial)
    fits = (
        (one.device, one.device == found.device),
        (make or model, camera.consistent and (make, model) == (fold_make(camera.make), fold_model(camera.model, camera.make))),
        (serial, camera.consistent and serial == fold_serial(camera.serial)),
        (one.sign_in, one.sign_in == shot.sign_in),
        (one.reg_groups, bool(one.reg_groups & shot.classes)),
    )
    names_somebody = one.device is not None or one.sign_in is not None or bool(make and model)
    return names_somebody and all(fit for given, fit in fits if given)
