from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.retention import LONGEST, DaysOutOfRange, NaiveTime, RetentionError, disposal_due, reminder_due, school_days_after

FRIDAY = date(2026, 10, 16)
HALF_TERM = frozenset(date(2026, 10, 26) + timedelta(days=day) for day in range(7))
NOON = datetime(2026, 10, 16, 12, tzinfo=timezone(timedelta(hours=1)))

DATES = st.dates(date(2020, 1, 1), date(2030, 12, 31))
DAYS = st.integers(0, 60)
CLOSURES = st.frozensets(DATES, max_size=5) | DATES.map(lambda first: frozenset(first + timedelta(days=day) for day in range(42)))
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=ZONES)  # noqa: DTZ001 - the zone is drawn


def is_school_day(day: date, closures: frozenset[date]) -> bool:
    return day.isoweekday() in {1, 2, 3, 4, 5} and day not in closures


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, date(2026, 10, 19)),
        (FRIDAY, 5, date(2026, 10, 23)),
        (FRIDAY, 6, date(2026, 11, 2)),
        (FRIDAY, 10, date(2026, 11, 6)),
        (date(2026, 10, 17), 1, date(2026, 10, 19)),
        (date(2026, 10, 24), 0, date(2026, 10, 24)),
        (date(2026, 10, 24), 1, date(2026, 11, 2)),
    ],
)
def test_weekends_and_closures_are_not_counted(start: date, days: int, expected: date) -> None:
    assert school_days_after(start, days, closures=HALF_TERM) == expected


@given(start=DATES, days=st.integers(1, 60), closures=CLOSURES)
def test_the_day_reached_is_a_school_day_with_as_many_since_the_start(start: date, days: int, closures: frozenset[date]) -> None:
    reached = school_days_after(start, days, closures=closures)
    passed = [start + timedelta(days=after) for after in range(1, (reached - start).days + 1)]
    assert is_school_day(reached, closures)
    assert sum(is_school_day(day, closures) for day in passed) == days


@given(start=DATES, first=DAYS, then=DAYS, closures=CLOSURES)
def test_days_counted_in_two_goes_are_the_same_days(start: date, first: int, then: int, closures: frozenset[date]) -> None:
    between = school_days_after(start, first, closures=closures)
    assert school_days_after(between, then, closures=closures) == school_days_after(start, first + then, closures=closures)


@given(start=DATES, days=DAYS, closures=CLOSURES, more=CLOSURES)
def test_one_closure_more_never_brings_the_day_nearer(
    start: date, days: int, closures: frozenset[date], more: frozenset[date]
) -> None:
    assert school_days_after(start, days, closures=closures | more) >= school_days_after(start, days, closures=closures)


@pytest.mark.parametrize(
    ("start", "days"), [(FRIDAY, -1), (FRIDAY, LONGEST + 1), (date.max, 1), (date.max - timedelta(days=2), 9)]
)
def test_what_cannot_be_counted_is_refused(start: date, days: int) -> None:
    with pytest.raises(DaysOutOfRange):
        school_days_after(start, days, closures=frozenset())


@pytest.mark.parametrize("due", [disposal_due, reminder_due])
@pytest.mark.parametrize("school_days", [-1, LONGEST + 1])
def test_nothing_is_due_after_a_time_that_cannot_be_counted(due: Callable[..., bool], school_days: int) -> None:
    with pytest.raises(DaysOutOfRange):
        due(waiting_since=NOON, now=NOON, school_days=school_days, closures=frozenset(), sealed=False)


def test_the_longest_time_can_be_counted() -> None:
    assert school_days_after(FRIDAY, LONGEST, closures=frozenset()) == FRIDAY + timedelta(weeks=LONGEST // 5)


@pytest.mark.parametrize(
    ("due", "school_days", "moment"),
    [
        (disposal_due, 10, datetime(2026, 11, 6, 11, tzinfo=UTC)),
        (reminder_due, 10, datetime(2026, 10, 23, 11, tzinfo=UTC)),
        (disposal_due, 11, datetime(2026, 11, 9, 11, tzinfo=UTC)),
        (reminder_due, 11, datetime(2026, 11, 2, 11, tzinfo=UTC)),
        (disposal_due, 1, datetime(2026, 10, 19, 11, tzinfo=UTC)),
        (reminder_due, 1, datetime(2026, 10, 19, 11, tzinfo=UTC)),
        (disposal_due, 0, datetime(2026, 10, 16, 11, tzinfo=UTC)),
        (reminder_due, 0, datetime(2026, 10, 16, 11, tzinfo=UTC)),
    ],
)
def test_it_is_due_from_the_very_moment(due: Callable[..., bool], school_days: int, moment: datetime) -> None:
    before = moment - timedelta(microseconds=1)
    told = [
        due(waiting_since=NOON, now=now, school_days=school_days, closures=HALF_TERM, sealed=False) for now in (before, moment)
    ]
    assert told == [False, True]


@given(since=TIMES, now=TIMES, school_days=DAYS, closures=CLOSURES, due=st.sampled_from([disposal_due, reminder_due]))
def test_what_is_sealed_is_never_due(
    since: datetime, now: datetime, school_days: int, closures: frozenset[date], due: Callable[..., bool]
) -> None:
    assert not due(waiting_since=since, now=now, school_days=school_days, closures=closures, sealed=True)


@given(
    since=TIMES,
    now=TIMES,
    later=st.timedeltas(timedelta(0), timedelta(days=400)),
    school_days=DAYS,
    closures=CLOSURES,
    due=st.sampled_from([disposal_due, reminder_due]),
)
def test_what_is_due_stays_due(
    *, since: datetime, now: datetime, later: timedelta, school_days: int, closures: frozenset[date], due: Callable[..., bool]
) -> None:
    early, late = (
        due(waiting_since=since, now=moment, school_days=school_days, closures=closures, sealed=False)
        for moment in (now, now + later)
    )
    assert late or not early


@given(since=TIMES, now=TIMES, school_days=DAYS, closures=CLOSURES)
def test_nothing_is_disposed_of_before_its_reminder(
    since: datetime, now: datetime, school_days: int, closures: frozenset[date]
) -> None:
    disposal, reminder = (
        due(waiting_since=since, now=now, school_days=school_days, closures=closures, sealed=False)
        for due in (disposal_due, reminder_due)
    )
    assert reminder or not disposal


@given(since=TIMES, school_days=DAYS, closures=CLOSURES, zone=ZONES, after=st.integers(-48, 24 * 90))
def test_the_zone_in_which_now_is_told_does_not_matter(
    since: datetime, school_days: int, closures: frozenset[date], zone: timezone, after: int
) -> None:
    now = since + timedelta(hours=after)
    told = {
        disposal_due(waiting_since=since, now=moment, school_days=school_days, closures=closures, sealed=False)
        for moment in (now, now.astimezone(zone))
    }
    assert len(told) == 1


@pytest.mark.parametrize("due", [disposal_due, reminder_due])
@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("naive", ["waiting_since", "now"])
def test_a_time_without_a_zone_is_refused(due: Callable[..., bool], naive: str, sealed: bool) -> None:
    times = {"waiting_since": NOON, "now": NOON} | {naive: NOON.replace(tzinfo=None)}
    with pytest.raises(NaiveTime):
        due(**times, school_days=10, closures=frozenset(), sealed=sealed)


def test_every_error_is_a_value_error_of_one_family() -> None:
    assert issubclass(RetentionError, ValueError)
    assert issubclass(NaiveTime, RetentionError)
    assert issubclass(DaysOutOfRange, RetentionError)
