"""Dates and times as a school office writes them: ISO or day/month/year, never month/day."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_SHAPE: Final = re.compile(
    r"(?:(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})|(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4}))"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_YEARS: Final = range(1990, 2100)
"""A year outside is a slip of the keyboard, or another column's figures."""
_SUMMER_TIME: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The first and the last instant (UTC) that a cell can mean. A time with a zone means exactly one."""

    earliest: datetime
    latest: datetime

    def not_after(self, now: datetime) -> "Moment":
        """Return the same moment, known to lie no later than ``now``."""
        return Moment(earliest=min(self.earliest, now), latest=min(self.latest, now))


def parse_date(untrusted: str) -> date | None:
    """Read a date without a time: 2020-04-03 and 03/04/2020 are both 3 April. None if it is anything else."""
    found = _SHAPE.fullmatch(untrusted)
    if found is None or found["clock"] is not None:
        return None
    return _date(found)


def parse_moment(untrusted: str) -> Moment | None:
    """Read a date, or a date and a time. None if it is anything else.

    A date alone is the whole day in UTC. A time without a zone is UK time, which is UTC or an hour ahead of it; nobody says
    which, so it is both.
    """
    found = _SHAPE.fullmatch(untrusted)
    day = _date(found) if found is not None else None
    if found is None or day is None:
        return None
    if found["clock"] is None:
        return Moment(
            earliest=datetime.combine(day, time.min, UTC),
            latest=datetime.combine(day, time.max, UTC),
        )
    return _instant(f"{day.isoformat()}T{found['clock']}", found["zone"])


def _date(found: re.Match[str]) -> date | None:
    spelled = found["iso"] or f"{found['year']}-{found['month']}-{found['day']}"
    try:
        day = date.fromisoformat(spelled)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _instant(spelled: str, zone: str | None) -> Moment | None:
    try:
        exact = datetime.fromisoformat(f"{spelled}{zone or '+00:00'}").astimezone(UTC)
    except ValueError:
        return None
    return Moment(earliest=exact if zone else exact - _SUMMER_TIME, latest=exact)
