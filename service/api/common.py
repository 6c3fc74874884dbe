"""What every call has at hand: the house, and findings shown as far as the caller may see them."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request

from consent.people import PupilId
from consent.reasons import ABOUT_A_PUPIL, REMEDIES, SENTENCES, Finding, Reason, Sight, shown
from service.api.shown import Shown
from service.auth import SEES_WHY
from service.wiring import House
from storage import registers
from storage.store import Reading
from storage.users import Caller, Role

NO_STORE = {"cache-control": "no-store"}
_ABOUT_PEOPLE = ABOUT_A_PUPIL | {Reason.PICTURED_CANNOT_APPEAR, Reason.PERSON_UNKNOWN_CHILD, Reason.PERSON_ADULT}


def house_of(request: Request) -> House:
    """Return the house of this process."""
    found = request.app.state.house
    if not isinstance(found, House):
        raise TypeError
    return found


AtHand = Annotated[House, Depends(house_of)]


def sight_of(reading: Reading, caller: Caller) -> Sight:
    """Say what this caller may see of findings."""
    if caller.role in SEES_WHY:
        return Sight(exact=True)
    if caller.role is not Role.TEACHER:
        return Sight()
    own = registers.pupils_of(reading, reg_groups=caller.classes)
    return Sight(own_class=frozenset(PupilId(row.id) for row in own))


def show(findings: Iterable[Finding], sight: Sight) -> list[Shown]:
    """Show findings as far as sight goes. Every no about a person offers the same remedies in the same order."""
    return [
        Shown(
            reason=one.reason.value,
            sentence=SENTENCES[one.reason],
            pupil=one.pupil,
            remedies=list(REMEDIES) if one.reason in _ABOUT_PEOPLE else None,
        )
        for one in shown(findings, sight)
    ]
