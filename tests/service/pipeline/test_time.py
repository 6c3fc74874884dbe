"""Time withdraws too: a yes that runs out takes its picture down, by itself and to the hour; a late feed takes nothing down."""

from datetime import UTC, date, datetime

import pytest

from consent.purposes import Purpose
from service import operate
from service.worker import work_until_idle
from storage import jobs
from tests.parts.world import World
from tests.service.pipeline.looking import (
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    outcome,
    refuses,
    rows,
    uploads,
)

LAST_HOUR = datetime(2027, 10, 31, 22, 59, tzinfo=UTC)
OVER = datetime(2027, 10, 31, 23, 0, tzinfo=UTC)
"""A day is over an hour early in UTC, so that summer time can never lengthen a yes."""


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


def valid_until(world: World, publication: str) -> date | None:
    (found,) = [one.valid_until for one in rows(world) if one.id == publication]
    return found  # type: ignore[no-any-return] # a row


def test_a_yes_runs_out_on_31_october_and_from_that_hour_every_read_is_closed_without_anybody_doing_anything(
    world: World, ada: str
) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    assert valid_until(world, publication) == date(2027, 10, 31)
    world.clock.now = LAST_HOUR
    assert world.reads(publication).status_code == 200
    assert [one["id"] for one in world.published()] == [publication]
    world.clock.now = OVER
    assert [world.reads(publication, name).status_code for name in ("320", "800", "1600")] == [410] * 3
    assert world.published() == []
    with world.house.engine.connect() as connection:
        assert jobs.waiting(connection) == 0


def test_what_ran_out_is_taken_away_by_the_next_sweep(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    world.clock.now = LAST_HOUR
    assert world.sweeps().closed == 0
    world.clock.now = OVER
    assert world.sweeps().closed == 1
    work_until_idle(world.house)
    assert world.reasons(photo) >= {"pupil:expired"}
    assert_everything_is_down(world)


def test_a_renewal_in_time_keeps_it_up_for_another_year(world: World, ada: str) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    world.clock.now = datetime(2027, 5, 3, 9, tzinfo=UTC)
    world.register_seen()
    agrees(world, ada)
    assert valid_until(world, publication) == date(2028, 10, 31)
    world.clock.now = OVER
    assert world.sweeps().closed == 0
    assert world.reads(publication).status_code == 200


def test_a_renewal_while_the_register_is_stale_counts_once_it_is_fresh(world: World, ada: str) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    world.clock.now = datetime(2027, 5, 3, 9, tzinfo=UTC)
    agrees(world, ada)
    world.sweeps()
    assert valid_until(world, publication) == date(2027, 10, 31)
    world.register_seen()
    world.sweeps()
    assert valid_until(world, publication) == date(2028, 10, 31)


def test_a_renewal_that_comes_after_the_last_hour_does_not_bring_back_what_came_down(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    world.clock.now = OVER
    world.register_seen()
    world.sweeps()
    work_until_idle(world.house)
    agrees(world, ada)
    work_until_idle(world.house)
    assert outcome(world, photo) in {"held", "rejected"}
    assert_everything_is_down(world)


def test_a_yes_that_a_parent_limits_to_a_day_ends_with_it(world: World, ada: str) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    world.answers(ada, "website:individual", on="now", expires_on="2026-12-24")
    world.clock.now = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert world.reads(publication).status_code == 200
    world.clock.now = datetime(2026, 12, 25, 0, tzinfo=UTC)
    assert world.reads(publication).status_code == 410


def test_the_last_day_on_the_roll_is_the_last_day_of_the_picture(world: World, ada: str) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    world.change_pupil(ada, left_on="2026-12-18")
    assert world.reads(publication).status_code == 200
    world.clock.now = datetime(2026, 12, 19, 8, tzinfo=UTC)
    assert world.reads(publication).status_code == 410
    world.sweeps()
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_a_stale_register_takes_nothing_down_and_lets_nothing_new_out(world: World, ada: str) -> None:
    up = uploads(world, ada)
    world.clock.pass_by(days=14.1)
    world.sweeps()
    held = uploads(world, ada)
    assert (outcome(world, held), world.reasons(held)) == ("held", {"register:stale"})
    assert_exactly_one_is_up(world, up)


def test_a_refusal_counts_although_the_register_is_stale(world: World, ada: str) -> None:
    uploads(world, ada)
    world.clock.pass_by(days=200)
    refuses(world, ada)
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_a_withdrawn_policy_takes_nothing_down_and_lets_nothing_new_out_until_there_is_one_again(world: World, ada: str) -> None:
    up = uploads(world, ada)
    operate.set_policy(world.house, world.school_id, None)
    world.sweeps()
    held = uploads(world, ada)
    assert outcome(world, held) == "held"
    assert "policy:missing" in world.reasons(held)
    assert_exactly_one_is_up(world, up)
    world.policy()
    work_until_idle(world.house)
    assert outcome(world, held) == "approved"


@pytest.mark.parametrize("to", ["website", "shared-site"])
def test_a_refusal_counts_although_the_policy_was_withdrawn(world: World, ada: str, to: str) -> None:
    agrees(world, ada, Purpose.SHARED_SITE)
    uploads(world, ada, to=(to,))
    operate.set_policy(world.house, world.school_id, None)
    refuses(world, ada, Purpose.SHARED_SITE)
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_a_policy_that_closes_a_destination_takes_down_what_is_there_and_nothing_else(world: World, ada: str) -> None:
    agrees(world, ada, Purpose.SHARED_SITE)
    photo = uploads(world, ada, to=("website", "shared-site"))
    world.policy(destinations='["shared-site", "journal"]')
    work_until_idle(world.house)
    assert (outcome(world, photo), outcome(world, photo, "shared-site")) == ("rejected", "approved")
    live = {one.destination: one.state for one in rows(world)}
    assert live == {"website": "retracted", "shared-site": "published"}
