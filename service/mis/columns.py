"""The columns of the register CSV, in the order they are written."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.purposes import Purpose

REQUIRED: Final = ("upn", "forename", "surname", "reg_group", "year_group")
"""No file without these columns, and no row with one of them blank."""

PUPIL: Final = (
    "upn",
    "forename",
    "middle",
    "surname",
    "known_as",
    "former_surnames",
    "reg_group",
    "year_group",
    "joined_on",
    "left_on",
    "legal_status",
    "legal_status_since",
)
"""Facts about the pupil: the same on every row of that pupil."""

PERSON: Final = ("relation", "authority", "person", "barred", "delegated", "asked")
"""Who answers on this row."""

ANSWERS: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        "website_group": Purpose.WEBSITE_GROUP,
        "website_individual": Purpose.WEBSITE_INDIVIDUAL,
        "shared_site": Purpose.SHARED_SITE,
        "journal_own": Purpose.JOURNAL_OWN,
        "journal_shared": Purpose.JOURNAL_SHARED,
    }
)
"""One column a purpose. None for high-profile: that yes is about one photo, and a register file knows no photo."""

WHEN: Final = ("answered_at", "expires_on")
"""For every answer on the row."""

ALL: Final = (*PUPIL, *PERSON, *ANSWERS, *WHEN)
