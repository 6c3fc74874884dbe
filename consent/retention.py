"""How long what waits for a person may be kept, counted in school days.

Source: docs/rules.md, "held and forgotten": reminded, disposed of after the policy's days (default ten school days), never
if sealed. A school day is a weekday that is not one of the school's closures. Does NOT know what is waiting, nor whether it
was reminded.
"""

from datetime import date, datetime, timedelta
from typing import Final

LONGEST: Final = 1000
"""The most school days that can be asked for: about five years."""
_SATURDAY: Final = 5


class RetentionError(ValueError):
    """Nothing can be counted: NaiveTime or DaysOutOfRange. Carries nothing of what waits."""


class NaiveTime(RetentionError):
    """A time without a zone: nobody can say on which day it was."""


class DaysOutOfRange(RetentionError):
    """Fewer than no school days, more than ``LONGEST``, or a day after the end of the calendar."""


def school_days_after(start: date, days: int, *, closures: frozenset[date]) -> date:
    """The day on which ``days`` school days have begun since ``start``, which is itself not counted; ``start`` for 0.

    ``closures``: weekdays without school; a weekend in it changes nothing. Raises DaysOutOfRange.
    """
    day, left = start, _counted(days)
    while left:
        if day == date.max:
            raise DaysOutOfRange
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY and day not in closures
    return day


def disposal_due(*, waiting_since: datetime, now: datetime, school_days: int, closures: frozenset[date], sealed: bool) -> bool:
    """True from the moment ``school_days`` school days after ``waiting_since``, at the same time of day; never while sealed.

    Days are those of the zone of ``waiting_since``: hand it over in the school's. Raises NaiveTime and DaysOutOfRange.
    """
    return _reached(waiting_since, now, school_days=school_days, closures=closures) and not sealed


def reminder_due(*, waiting_since: datetime, now: datetime, school_days: int, closures: frozenset[date], sealed: bool) -> bool:
    """True from half of ``school_days``, rounded up, counted as in ``disposal_due``, and ever after; never while sealed.

    Raises NaiveTime and DaysOutOfRange.
    """
    return _reached(waiting_since, now, school_days=(_counted(school_days) + 1) // 2, closures=closures) and not sealed


def _reached(since: datetime, now: datetime, *, school_days: int, closures: frozenset[date]) -> bool:
    if since.utcoffset() is None or now.utcoffset() is None:
        raise NaiveTime
    return now >= datetime.combine(school_days_after(since.date(), school_days, closures=closures), since.timetz())


def _counted(school_days: int) -> int:
    if not 0 <= school_days <= LONGEST:
        raise DaysOutOfRange
    return school_days
