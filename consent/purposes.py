"""Where an image may go (destination) and the one question a parent answers for it (purpose)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from consent.people import PupilId


class Purpose(StrEnum):
    """The one question a parent answers. Codes are permanent."""

    JOURNAL_OWN = "journal:own"
    JOURNAL_SHARED = "journal:shared"
    SHARED_SITE = "shared-site"
    WEBSITE_GROUP = "website:group"
    WEBSITE_INDIVIDUAL = "website:individual"
    HIGH_PROFILE = "high-profile"


_P = Purpose
_CLOSES: Final[Mapping[Purpose, frozenset[Purpose]]] = MappingProxyType(
    {
        _P.JOURNAL_OWN: frozenset({_P.JOURNAL_OWN}),
        _P.JOURNAL_SHARED: frozenset(
            {_P.JOURNAL_SHARED, _P.SHARED_SITE, _P.WEBSITE_GROUP, _P.WEBSITE_INDIVIDUAL, _P.HIGH_PROFILE}
        ),
        _P.SHARED_SITE: frozenset({_P.SHARED_SITE, _P.WEBSITE_GROUP, _P.WEBSITE_INDIVIDUAL, _P.HIGH_PROFILE}),
        _P.WEBSITE_GROUP: frozenset({_P.WEBSITE_GROUP, _P.HIGH_PROFILE}),
        _P.WEBSITE_INDIVIDUAL: frozenset({_P.WEBSITE_INDIVIDUAL, _P.HIGH_PROFILE}),
        _P.HIGH_PROFILE: frozenset({_P.HIGH_PROFILE}),
    }
)


def closes(refused: Purpose) -> frozenset[Purpose]:
    """Every purpose a refusal of ``refused`` closes, itself included.

    Refusal for a smaller audience closes the larger ones: ``journal:shared`` < ``shared-site`` < ``website:*`` <
    ``high-profile``; a refusal of ``journal:own`` closes nothing else (docs/rules.md, "What counts as a yes", 7). The two website
    purposes have the same audience, so neither closes the other.
    """
    return _CLOSES[refused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Website:
    """The public school website."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HighProfile:
    """Prospectus, banner, press: public and long term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSite:
    """The school's shared site: staff and families of the school."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One pupil's online learning profile: that pupil's family and EYFS staff."""

    owner: PupilId


Destination = Website | HighProfile | SharedSite | Journal


class UnknownDestination(ValueError):
    """The words name no destination. Does NOT carry the words."""


def parse_destination(untrusted: str) -> Destination:
    """Read ``website``, ``high-profile``, ``shared-site`` or ``journal:<pupil id>``.

    Raises UnknownDestination for anything else.
    """
    match untrusted.split(":", 1):
        case ["website"]:
            return Website()
        case ["high-profile"]:
            return HighProfile()
        case ["shared-site"]:
            return SharedSite()
        case ["journal", owner] if owner:
            return Journal(owner=PupilId(owner))
        case _:
            raise UnknownDestination


def spell(destination: Destination) -> str:
    """Write a destination the way ``parse_destination`` reads it."""
    match destination:
        case Website():
            return "website"
        case HighProfile():
            return "high-profile"
        case SharedSite():
            return "shared-site"
        case Journal(owner=owner):
            return f"journal:{owner}"
        case _:
            assert_never(destination)


def is_public(destination: Destination) -> bool:
    """True where anybody at all can see the image."""
    return isinstance(destination, Website | HighProfile)
