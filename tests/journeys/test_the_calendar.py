"""Time: a yes runs out by itself, and a renewal in time keeps the picture up."""

from datetime import UTC, datetime

import pytest

from tests.parts.world import World


def at(world: World, day: str, hour: int = 12) -> None:
    """It is that day now, and the school's feed was seen whole this morning."""
    world.clock.now = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
    world.register_seen()


def live(world: World, *children: str) -> str:
    return world.publication(world.uploads(*children, to=("shared-site",)), "shared-site")


def test_a_yes_lasts_to_the_end_of_october_after_its_school_year_and_not_a_day_longer(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", on="2026-09-10T09:00:00Z")
    publication = live(world, ada)

    at(world, "2027-10-31")
    world.sweeps()
    assert world.reads(publication).status_code == 200
    at(world, "2027-11-01")
    assert world.reads(publication).status_code == 410, "before anything has swept"
    assert not world.published("shared-site")
    world.sweeps()
    world.works()

    assert world.is_down(publication)
    assert world.why_not(ada, "shared-site") == {"pupil:expired"}
    assert not world.goes_out(ada)


@pytest.mark.parametrize("renewed", ["2027-05-01", "2027-10-31"])
def test_a_renewal_between_may_and_october_keeps_the_picture_up(world: World, renewed: str) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", on="2026-09-10T09:00:00Z")
    publication = live(world, ada)
    at(world, renewed)

    world.agrees(ada, "shared-site", on="now")
    at(world, "2027-11-01")
    world.sweeps()

    assert world.reads(publication).status_code == 200
    assert world.goes_out(ada)
    at(world, "2028-11-01")
    assert world.reads(publication).status_code == 410


def test_a_renewal_in_april_is_still_for_the_year_that_is_ending(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", on="2026-09-10T09:00:00Z")
    publication = live(world, ada)
    at(world, "2027-04-30")

    world.agrees(ada, "shared-site", on="now")
    at(world, "2027-11-01")

    assert world.reads(publication).status_code == 410


def test_what_ran_out_comes_back_only_after_a_new_yes_and_a_new_request(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", on="2025-09-10T09:00:00Z")
    world.clock.now = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
    world.register_seen()
    photo = world.uploads(ada, to=("shared-site",))
    first = world.publication(photo, "shared-site")
    at(world, "2026-11-01")
    world.sweeps()
    world.works()

    world.agrees(ada, "shared-site", on="now")
    world.works()
    assert world.outcome(photo, "shared-site") != "approved"
    assert world.reads(first).status_code == 410
    world.asks_again(photo, "shared-site")

    assert world.reads(world.publication(photo, "shared-site")).status_code == 200


def test_a_parents_own_earlier_last_day_counts(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", expires_on="2026-11-30")
    publication = live(world, ada)

    at(world, "2026-11-30", hour=22)
    assert world.reads(publication).status_code == 200
    at(world, "2026-12-01", hour=0)

    assert world.reads(publication).status_code == 410


def test_a_refusal_never_runs_out(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.refuses(ada, "shared-site", relation="father", on="2026-09-10T09:00:00Z")
    at(world, "2029-06-01")

    world.agrees(ada, "shared-site", on="now")

    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}
    assert not world.goes_out(ada)


def test_a_leaving_date_in_the_future_takes_the_picture_down_on_the_day_after(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site")
    publication = live(world, ada)
    world.change_pupil(ada, left_on="2026-12-18")

    at(world, "2026-12-18")
    assert world.reads(publication).status_code == 200
    at(world, "2026-12-19")

    assert world.reads(publication).status_code == 410


def test_a_pupil_is_not_on_the_roll_before_the_first_day(world: World) -> None:
    ada = world.pupil("Ada Frost", on_roll_from=datetime(2026, 11, 20, tzinfo=UTC).date())
    world.agrees(ada, "shared-site")
    assert not world.goes_out(ada)

    at(world, "2026-11-20")

    assert world.goes_out(ada)
