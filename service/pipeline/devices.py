"""Devices: what the school keeps of them changes, and what waited because of its device is decided again.

Each change takes the school's row alone, as policies do: a release that judged by the old register can't commit after it. What
is live stays, for by what device it came was settled when it went out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Row

from consent.devices import Device, DeviceException, DeviceId, Owner
from storage import devices, exceptions, matching, reggroups, schools, users, wipes
from storage.errors import Conflict, StorageError
from storage.jobs import Kind
from storage.store import Store, Transaction
from storage.users import Caller, Role

NEW = DeviceId("")
"""The id of a device that has none yet."""


class NoExceptions(Conflict):
    """The policy in force, if there is one, allows no exceptions."""


class OthersDevice(StorageError):
    """The device is in other hands: this caller can't know what is on it."""


def enrol_device(wanted: Device, *, label: str, caller: Caller, store: Store) -> DeviceId:
    """Enrol a device and return its id; what it took and what is held for want of it is decided again.

    Raises UnknownRegGroup for a class that nobody is in.
    """
    device_id = DeviceId(uuid4().hex)
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        reggroups.require(step, wanted.reg_groups)
        devices.insert(step, replace(wanted, id=device_id), label=label)
        matching.note_again(step, device_id)
        _ask_again(step)
    return device_id


def change_device(device_id: str, values: Mapping[str, object], *, caller: Caller, store: Store) -> None:
    """Put an entry of the register right.

    Raises NotFound; UnknownRegGroup for a new class that nobody is in; Conflict if it would end before it begins.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        before = devices.row(step, device_id)
        reggroups.require(step, frozenset(cast("Iterable[str]", values.get("reg_groups", ()))) - frozenset(before.reg_groups))
        devices.change(step, device_id, values)
        changed = devices.row(step, device_id)
        if None not in (changed.active_from, changed.active_until) and changed.active_until < changed.active_from:
            raise Conflict("a device can't go out of use before it came into use")
        matching.note_again(step, device_id)
        _ask_again(step)


def grant_exception(wanted: DeviceException, *, reason: str, caller: Caller, store: Store) -> str:
    """Allow what else would hold, for a time; return the exception's id. What waits for it is decided again once it begins.

    Raises NotFound for a device or sign-in of another school, UnknownRegGroup for a class that nobody is in, NoExceptions where
    the policy allows none, Conflict for one that would be over before it began.
    """
    exception_id = uuid4().hex
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        policy = schools.policy_in_force(step)
        if policy is None or not policy.device_exceptions:
            raise NoExceptions("the policy allows no exceptions")
        if wanted.valid_until <= step.now:
            raise Conflict("the exception would be over before it began")
        reggroups.require(step, wanted.reg_groups)
        if wanted.device is not None:
            devices.row(step, wanted.device)
        if wanted.sign_in is not None:
            users.require_token(step, wanted.sign_in.removeprefix("token:"))
        exceptions.insert(step, exception_id, wanted, reason=reason)
        _ask_again(step, run_at=max(step.now, wanted.valid_from))
    return exception_id


def withdraw_exception(exception_id: str, *, caller: Caller, store: Store) -> None:
    """End an exception at once: nothing more goes out by it, and what went out stays. Raises NotFound. Twice is fine."""
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        exceptions.withdraw(step, exception_id)


def confirm_wipe(device_id: str, day: date, *, originals: int, caller: Caller, store: Store) -> str:
    """Note that a day's originals were deleted from a device.

    Raises NotFound; OthersDevice if a teacher says so of a device that is not theirs; Conflict if the list is another by now.
    """
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=False)
        found = devices.row(step, device_id) if device_id != devices.UNKNOWN else None
        if caller.role is Role.TEACHER and not _is_in_hands_of(found, caller):
            raise OthersDevice("another class's device, or nobody knows whose")
        return wipes.confirm(step, device_id, day, originals_seen=originals)


def _is_in_hands_of(found: Row[Any] | None, teacher: Caller) -> bool:
    """True for a device of the teacher's class, the whole school's, or the one the sign-in is bound to; False for ``unknown``."""
    if found is None:
        return False
    whole_school = not found.reg_groups and found.owner == Owner.SCHOOL.value
    return whole_school or found.id == teacher.device or not teacher.classes.isdisjoint(found.reg_groups)


def _ask_again(step: Transaction, *, run_at: datetime | None = None) -> None:
    for held in matching.waiting(step):
        step.enqueue(Kind.RELEASE, f"{held.photo_id} {held.destination}", run_at=run_at)
