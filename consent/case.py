"""Everything a decision may depend on, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import cast

from consent.canonical import NotCanonical, canonical, parse, read
from consent.photo import Photo
from consent.policy import Policy, PolicyRefused, parse_policy
from consent.purposes import Destination
from consent.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One photo, one destination, the register and the policy in force, at one instant (``now`` is aware)."""

    photo: Photo
    destination: Destination
    register: Register
    policy: Policy | None
    now: datetime


def case_bytes(case: Case) -> bytes:
    """Spell a case; equal cases have equal bytes. The policy is carried as its own text."""
    facts = {field.name: getattr(case, field.name) for field in fields(case)}
    return canonical(facts | {"policy": case.policy.text if case.policy else None})


def parse_case(untrusted: str | bytes) -> Case:
    """Read what ``case_bytes`` wrote. Raises NotCanonical, naming the path to the fault and echoing nothing."""
    raw = parse(untrusted)
    if not isinstance(raw, Mapping) or set(cast("Mapping[str, object]", raw)) != {field.name for field in fields(Case)}:
        raise NotCanonical("$: a case has photo, destination, register, policy and now")
    given = cast("Mapping[str, object]", raw)
    return Case(
        photo=read(Photo, given["photo"], "$.photo"),
        destination=cast("Destination", read(cast("type[object]", Destination), given["destination"], "$.destination")),
        register=read(Register, given["register"], "$.register"),
        policy=_policy(given["policy"]),
        now=read(datetime, given["now"], "$.now"),
    )


def _policy(untrusted: object) -> Policy | None:
    if untrusted is None:
        return None
    if not isinstance(untrusted, str):
        raise NotCanonical("$.policy: must be the policy file's text or null")
    try:
        return parse_policy(untrusted)
    except PolicyRefused as fault:
        raise NotCanonical(f"$.policy: {fault}") from fault


def register_is_stale(register: Register, policy: Policy, now: datetime) -> bool:
    """True if a source of the register was last seen longer ago than the policy allows, or never.

    A date in the future shows nothing either; clocks may differ by a day.
    """
    if register.fresh_at is None:
        return True
    age = now - register.fresh_at
    return not timedelta(days=-1) <= age <= timedelta(days=policy.register_max_age_days)
