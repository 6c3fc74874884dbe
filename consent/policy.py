"""The school's policy file: parsed strictly, named by its digest, and absent means closed.

The documented default is ``consent/default_policy.toml``; docs/policy.md explains every key.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, TypeVar, assert_never, cast

from consent.purposes import Destination, HighProfile, Journal, Purpose, SharedSite, Website

_E = TypeVar("_E", bound=StrEnum)


class PolicyRefused(ValueError):
    """The text is no policy. The message names the key at fault, never its value."""


class FaceAccounting(StrEnum):
    """How a school makes sure that no face is forgotten."""

    DETECTED = "detected"
    """A detector or a second person accounts for every face; until then public destinations hold."""
    DECLARED = "declared"
    """A school without the detector: the teacher's declaration stands for it."""


class Basis(StrEnum):
    """Lawful basis of a purpose (UK GDPR Article 6)."""

    CONSENT = "consent"
    PUBLIC_TASK = "public-task"


class Statements(StrEnum):
    """Must the uploader state place and awareness?"""

    ASKED = "asked"
    REQUIRED = "required"


class DeviceProvenance(StrEnum):
    """What follows from the device that took a picture (policy W: "only school cameras or iPads may be used")."""

    REQUIRED = "required"
    RECORDED = "recorded"
    """It is noted and shown, and holds nothing."""


class DestinationKind(StrEnum):
    """The destinations a school can open."""

    WEBSITE = "website"
    HIGH_PROFILE = "high-profile"
    SHARED_SITE = "shared-site"
    JOURNAL = "journal"


def kind_of(destination: Destination) -> DestinationKind:
    """Return which of the kinds a destination is of."""
    match destination:
        case Website():
            return DestinationKind.WEBSITE
        case HighProfile():
            return DestinationKind.HIGH_PROFILE
        case SharedSite():
            return DestinationKind.SHARED_SITE
        case Journal():
            return DestinationKind.JOURNAL
        case _:
            assert_never(destination)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfYear:
    """A day that comes every year, such as 31 October."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """Return the day in that year. 29 February is refused when the policy is read."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the school decided. ``text`` is the file as read, ``digest`` its hex SHA-256. Days are calendar days.

    ``renditions``: the long sides, in pixels and ascending, that go to each kind of destination.
    """

    text: str
    rules_for: str
    destinations: frozenset[DestinationKind]
    faces: FaceAccounting
    individual_face_share: float
    one_covered_face: bool
    statements: Statements
    register_max_age_days: int
    year_ends: DayOfYear
    yes_lasts_to: DayOfYear
    renewal_from: DayOfYear
    high_profile_max_years: int
    every_parent: frozenset[Purpose]
    basis: Mapping[Purpose, Basis]
    journal_years: frozenset[str]
    renditions: Mapping[DestinationKind, tuple[int, ...]]
    dispose_held_after_school_days: int
    keep_originals_days: int
    closures: frozenset[date]
    brake_granting_share: float
    brake_leaver_share: float
    provenance: DeviceProvenance
    device_exceptions: bool

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the text as read."""
        return sha256(self.text.encode()).hexdigest()

    def valid_until(self, answered_on: date) -> date:
        """Last day on which a yes answered that day counts.

        A yes lasts to ``yes_lasts_to`` after the school year it was given for; from ``renewal_from`` on it is given for the
        coming year (docs/rules.md, "What counts as a yes", 7: renewal is asked from May, so September is not empty).
        """
        ends = answered_on.year + (answered_on > self.year_ends.in_year(answered_on.year))
        if self.renewal_from.in_year(ends) <= answered_on <= self.year_ends.in_year(ends):
            ends += 1
        year_end, until = self.year_ends.in_year(ends), self.yes_lasts_to.in_year(ends)
        return until if until >= year_end else self.yes_lasts_to.in_year(ends + 1)


PUBLIC_PURPOSES: Final = frozenset({Purpose.WEBSITE_GROUP, Purpose.WEBSITE_INDIVIDUAL, Purpose.HIGH_PROFILE})
"""Always by consent, whatever a school's file says (docs/rules.md, "Destinations, purposes, audiences")."""

LARGEST_ON_THE_WEBSITE: Final = 2560
"""Pixels. What anybody can fetch goes out at a lower resolution (docs/policy.md)."""

_YEARS: Final = frozenset({"N", "R"})
_SMALLEST_SIDE: Final = 64
_LARGEST_SIDE: Final = 4096
_MOST_SIDES: Final = 6
_LONGEST: Final = 16_000
"""Characters. The time to read a key grows with the square of the dots in it, and no policy needs so many."""
_SHAPE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "": frozenset({"version", "rules_for", "destinations", "faces", "statements"}),
        "register": frozenset({"max_age_days"}),
        "consent": frozenset({"year_ends", "yes_lasts_to", "renewal_from", "high_profile_max_years", "every_parent"}),
        "basis": frozenset(purpose.value for purpose in Purpose),
        "group": frozenset({"individual_face_share", "one_covered_face"}),
        "journals": frozenset({"years"}),
        "renditions": frozenset(kind.value for kind in DestinationKind),
        "keeping": frozenset({"dispose_held_after_school_days", "originals_days", "closures"}),
        "imports": frozenset({"brake_granting_share", "brake_leaver_share"}),
        "devices": frozenset({"provenance", "exceptions"}),
    }
)


def parse_policy(untrusted: str) -> Policy:
    """Read a policy file. Every key is required and no other is known; raises PolicyRefused naming the first fault."""
    if len(untrusted) > _LONGEST:
        raise PolicyRefused("the policy is too long")
    try:
        untrusted.encode()  # a text that has no bytes would have no digest
        raw = tomllib.loads(untrusted)
    except (ValueError, RecursionError) as fault:  # TOMLDecodeError, and what the parser lets through, such as a huge number
        raise PolicyRefused("the policy is not TOML") from fault
    _same_keys(raw)
    return _build(untrusted, raw)


def _same_keys(raw: dict[str, Any]) -> None:
    tables = {key: raw.get(key) for key in _SHAPE if key}
    top = {key: value for key, value in raw.items() if key not in tables}
    for table, given in {"": top, **tables}.items():
        where = f"[{table}]" if table else "the top of the policy"
        if not isinstance(given, dict):
            raise PolicyRefused(f"{where} is missing")
        keys = cast("dict[str, object]", given).keys()
        for key in sorted(_SHAPE[table] - keys):
            raise PolicyRefused(f"{where}: {key} is missing")
        if keys - _SHAPE[table]:
            raise PolicyRefused(f"{where}: a key that no policy has")


def _build(text: str, raw: dict[str, Any]) -> Policy:
    consent, group, keeping, imports = raw["consent"], raw["group"], raw["keeping"], raw["imports"]
    if type(raw["version"]) is not int or raw["version"] != 1:
        raise PolicyRefused("version must be 1")
    return Policy(
        text=text,
        rules_for=_text(raw, "rules_for"),
        destinations=_choices(raw, "destinations", DestinationKind),
        faces=_choice(raw, "faces", FaceAccounting),
        statements=_choice(raw, "statements", Statements),
        register_max_age_days=_count(raw["register"], "max_age_days", 1, 400),
        year_ends=_day(consent, "year_ends"),
        yes_lasts_to=_day(consent, "yes_lasts_to"),
        renewal_from=_day(consent, "renewal_from"),
        high_profile_max_years=_count(consent, "high_profile_max_years", 1, 20),
        every_parent=_choices(consent, "every_parent", Purpose),
        basis=_bases(raw["basis"]),
        individual_face_share=_share(group, "individual_face_share"),
        one_covered_face=_flag(group, "one_covered_face"),
        journal_years=_years(raw["journals"]),
        renditions=MappingProxyType({kind: _sides(raw["renditions"], kind) for kind in DestinationKind}),
        dispose_held_after_school_days=_count(keeping, "dispose_held_after_school_days", 1, 200),
        keep_originals_days=_count(keeping, "originals_days", 1, 400),
        closures=_dates(keeping, "closures"),
        brake_granting_share=_share(imports, "brake_granting_share"),
        brake_leaver_share=_share(imports, "brake_leaver_share"),
        provenance=_choice(raw["devices"], "provenance", DeviceProvenance),
        device_exceptions=_flag(raw["devices"], "exceptions"),
    )


def _bases(table: dict[str, object]) -> Mapping[Purpose, Basis]:
    found = {purpose: _choice(table, purpose.value, Basis) for purpose in Purpose}
    for purpose in sorted(PUBLIC_PURPOSES):
        if found[purpose] is not Basis.CONSENT:
            raise PolicyRefused(f"{purpose.value} is always by consent")
    return MappingProxyType(found)


def _years(table: dict[str, object]) -> frozenset[str]:
    found = _list(table, "years")
    if not all(isinstance(year, str) and year in _YEARS for year in found):
        raise PolicyRefused("years: journals are for Nursery (N) and Reception (R)")
    return frozenset(cast("list[str]", found))


def _sides(table: dict[str, object], kind: DestinationKind) -> tuple[int, ...]:
    found = _list(table, kind.value)
    most = LARGEST_ON_THE_WEBSITE if kind is DestinationKind.WEBSITE else _LARGEST_SIDE
    whole = all(type(side) is int and _SMALLEST_SIDE <= side <= most for side in found)
    sides = cast("list[int]", found) if whole else []
    if not 1 <= len(sides) <= _MOST_SIDES or sides != sorted(set(sides)):
        allowed = f"1 to {_MOST_SIDES} whole numbers, ascending, from {_SMALLEST_SIDE} to {most}"
        raise PolicyRefused(f"renditions: {kind.value} must be {allowed}")
    return tuple(sides)


def _text(table: dict[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value:
        raise PolicyRefused(f"{key} must be text")
    return value


def _choice(table: dict[str, Any], key: str, kind: type[_E]) -> _E:
    try:
        return kind(_text(table, key))
    except ValueError as fault:
        raise PolicyRefused(f"{key} is not one of the known words") from fault


def _choices(table: dict[str, Any], key: str, kind: type[_E]) -> frozenset[_E]:
    found = _list(table, key)
    try:
        return frozenset(kind(cast("str", word)) for word in found)
    except ValueError as fault:
        raise PolicyRefused(f"{key} holds an unknown word") from fault


def _list(table: dict[str, Any], key: str) -> list[object]:
    value = table[key]
    if not isinstance(value, list):
        raise PolicyRefused(f"{key} must be a list")
    return cast("list[object]", value)


def _count(table: dict[str, Any], key: str, least: int, most: int) -> int:
    value = table[key]
    if type(value) is not int or not least <= value <= most:
        raise PolicyRefused(f"{key} must be a whole number from {least} to {most}")
    return value


def _share(table: dict[str, Any], key: str) -> float:
    value = table[key]
    if type(value) not in (int, float) or not 0 < value <= 1:
        raise PolicyRefused(f"{key} must be a share, more than 0 and at most 1")
    return float(value)


def _flag(table: dict[str, Any], key: str) -> bool:
    value = table[key]
    if type(value) is not bool:
        raise PolicyRefused(f"{key} must be true or false")
    return value


def _day(table: dict[str, Any], key: str) -> DayOfYear:
    text = _text(table, key)
    try:
        found = date.fromisoformat(f"2023-{text}")  # not a leap year: 29 February comes only every fourth year
    except ValueError as fault:
        raise PolicyRefused(f"{key} must be a day of the year, MM-DD") from fault
    if found.isoformat() != f"2023-{text}":
        raise PolicyRefused(f"{key} must be a day of the year, MM-DD")
    return DayOfYear(month=found.month, day=found.day)


def _dates(table: dict[str, Any], key: str) -> frozenset[date]:
    found = _list(table, key)
    if not all(type(day) is date for day in found):
        raise PolicyRefused(f"{key} must be a list of dates")
    return frozenset(cast("list[date]", found))
