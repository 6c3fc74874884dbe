"""Which classes there are: those that somebody on the register is in now. Nothing else keeps a list of them."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from consent.answers import day_is_over
from storage.errors import UnknownRegGroup
from storage.store import Reading
from storage.tables import pupil

NOBODY_THERE: Final = "Nobody on the register is in a class of that name. See how the register spells it, or import it first."


def there_are(reading: Reading) -> frozenset[str]:
    """Return the class of everybody who has not left; nothing while the register is empty."""
    chosen = select(pupil.c.reg_group, pupil.c.left_on).where(pupil.c.school_id == reading.school).distinct()
    return frozenset(
        row.reg_group for row in reading.rows(chosen) if row.left_on is None or not day_is_over(row.left_on, reading.now)
    )


def require(reading: Reading, untrusted: Iterable[str]) -> None:
    """Raise UnknownRegGroup if nobody is in one of these classes.

    While nobody is on the register, as before its first import, every class passes: there is nothing to hold it against.
    """
    known = there_are(reading)
    if known and not known.issuperset(untrusted):
        raise UnknownRegGroup(NOBODY_THERE)
