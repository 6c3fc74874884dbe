"""Elmfield Primary School (demonstration): sixty invented pupils in six classes, and what their families answered.

Nobody here exists. The names are put together from forenames and surnames common in English schools, and from words that are
names as well, because those are the hard ones.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from service.demo.families import FAMILIES, Asking, Story
from service.demo.pupils import PUPILS, Invented
from service.mis.rows import PupilRow
from service.mis.upn import check_letter

SCHOOL_NAME: Final = "Elmfield Primary School (demonstration)"

CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {"Robin": "N", "Wren": "R", "Kestrel": "1", "Heron": "2", "Swift": "4", "Osprey": "6"}
)
"""Reg group -> year group. Ten pupils each."""

_YEARS_IN_SCHOOL: Final[Mapping[str, int]] = MappingProxyType({"N": 0, "R": 1, "1": 2, "2": 3, "4": 5, "6": 7})
_AUTUMN: Final = 9


def _upn(serial: int) -> str:
    """The UPN of the pupil who stands ``serial``-th in the list; every thirtieth has a temporary one. No such school exists."""
    last = f"{serial:02d}A" if serial % 30 == 0 else f"{serial:03d}"
    body = f"999299924{last}"
    return check_letter(body) + body


def _cast() -> Mapping[str, tuple[str, ...]]:
    roles: dict[str, tuple[str, ...]] = {}
    for serial, invented in enumerate(PUPILS, start=1):
        for role in dict.fromkeys((invented.story.value, *invented.roles)):
            roles[role] = (*roles.get(role, ()), _upn(serial))
    return MappingProxyType(roles)


CAST: Final = _cast()
"""Role in the demonstration -> UPNs, in the order of the list: every ``Story`` and every role that ``pupils`` hands out."""


def demo_rows(today: date) -> tuple[PupilRow, ...]:
    """The sixty pupils, ten a class, as a register file says it on ``today``. The same date always gives the same rows.

    Every yes that is meant to hold is in force on that day under the default policy, and was given at least three weeks before.
    """
    return tuple(_row(serial, invented, today) for serial, invented in enumerate(PUPILS, start=1))


def _row(serial: int, invented: Invented, today: date) -> PupilRow:
    year_group = CLASSES[invented.reg_group]
    family = FAMILIES[invented.story]
    asking = Asking(today=today, year_group=year_group, serial=serial)
    year_began = today.year - (today.month < _AUTUMN)
    return PupilRow(
        upn=_upn(serial),
        forename=invented.forename,
        middle=invented.middle,
        surname=invented.surname,
        known_as=invented.known_as,
        former_surnames=invented.former_surnames,
        reg_group=invented.reg_group,
        year_group=year_group,
        joined_on=date(year_began - _YEARS_IN_SCHOOL[year_group], _AUTUMN, 1),
        left_on=_left_on(invented.story, today, year_began),
        legal_status=family.legal_status,
        legal_status_since=asking.since(family),
        persons=asking.persons(family),
    )


def _left_on(story: Story, today: date, year_began: int) -> date | None:
    """The leaver left a fortnight ago; the ex-pupil at the end of the last school year."""
    match story:
        case Story.LEAVER:
            return today - timedelta(days=14)
        case Story.EX_PUPIL:
            return date(year_began, 7, 17)
        case _:
            return None
