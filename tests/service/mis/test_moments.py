"""Dates and times as a school office writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mis.moments import Moment, parse_date, parse_moment

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31))


@given(days)
def test_iso_and_day_month_year_name_the_same_day(day: date) -> None:
    assert parse_date(day.isoformat()) == parse_date(day.strftime("%d/%m/%Y")) == day


def test_the_third_of_april_is_never_the_fourth_of_march() -> None:
    assert parse_date("03/04/2020") == date(2020, 4, 3)


def test_29_february_exists_in_leap_years_only() -> None:
    assert parse_date("29/02/2024") == date(2024, 2, 29)
    assert parse_date("2023-02-29") is None
    assert parse_moment("29/02/2023 10:00") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "04/13/2020",
        "3/4/2020",
        "03/04/20",
        "03-04-2020",
        "2020/04/03",
        "20200403",
        "2020-W14-5",
        "2020-094",
        "3 April 2020",
        "43924",
        "1989-12-31",
        "2100-01-01",
        "0000-00-00",
        "2020-04-03 ",
        "\u0662\u0660\u0662\u0660-\u0660\u0664-\u0660\u0663",
        "2020-04-03\n",
        "yes",
    ],
)
def test_anything_else_is_neither_a_date_nor_a_moment(text: str) -> None:
    assert parse_date(text) is None
    assert parse_moment(text) is None


@pytest.mark.parametrize("text", ["2020-04-03 10:15", "03/04/2020T10:15:00Z"])
def test_a_date_with_a_time_is_not_a_plain_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["2020-04-03 24:00", "2020-04-03 10:60", "2020-04-03 1015", "2020-04-03 10:15 am", "2020-04-03T10:15:00+24:00"],
)
def test_a_clock_that_shows_no_time_is_no_moment(text: str) -> None:
    assert parse_moment(text) is None


def test_a_bare_date_is_the_whole_day_in_utc() -> None:
    assert parse_moment("03/04/2020") == Moment(
        earliest=datetime(2020, 4, 3, tzinfo=UTC),
        latest=datetime(2020, 4, 3, 23, 59, 59, 999999, UTC),
    )


@pytest.mark.parametrize(
    "text",
    ["2020-04-03T10:15:00+01:00", "2020-04-03 09:15Z", "03/04/2020 09:15:00.000000Z", "2020-04-03T04:15:00-05:00"],
)
def test_a_time_with_a_zone_is_one_instant(text: str) -> None:
    exact = datetime(2020, 4, 3, 9, 15, tzinfo=UTC)
    assert parse_moment(text) == Moment(earliest=exact, latest=exact)


def test_a_time_without_a_zone_may_be_summer_time_or_not() -> None:
    assert parse_moment("03/04/2020 10:15") == Moment(
        earliest=datetime(2020, 4, 3, 9, 15, tzinfo=UTC),
        latest=datetime(2020, 4, 3, 10, 15, tzinfo=UTC),
    )


@given(st.text(max_size=40))
def test_any_text_reads_as_a_moment_or_not_at_all(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment.earliest <= moment.latest <= moment.earliest + timedelta(days=1)
