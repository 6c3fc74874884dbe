"""Sizes change while pictures are on their way: what is too large is never seen, and what is missing is made or done without."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from consent.events import Event
from consent.people import SchoolId
from consent.photo import PhotoId
from consent.purposes import Purpose
from service import operate
from service.imaging import Cleaned, Sandbox, Sizes
from service.worker import work_until_idle
from storage import publications, schools
from storage.jobs import LEASE
from storage.users import Role
from tests.parts.world import World, policy_text
from tests.service.pipeline.faults import At, Heard, Killed, fail, kill, watched
from tests.service.pipeline.looking import (
    agrees,
    another_worker_takes_over,
    asks_again,
    assert_at_rest,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    keys_of,
    outcome,
    photo_row,
    refuses,
    rows,
    sends,
    uploads,
)

LOWER, MORE = "[320, 800]", "[320, 800, 1200]"


@dataclass(slots=True)
class CountedSandbox:
    """The sandbox of a house, and what it was asked for."""

    inner: Sandbox
    asked: list[list[str]] = field(default_factory=list)

    def clean(self, untrusted: bytes, sizes: Sizes) -> Cleaned:
        self.asked.append([one.name for one in sizes])
        return self.inner.clean(untrusted, sizes)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


def counted(world: World) -> tuple[Any, CountedSandbox]:
    sandbox = CountedSandbox(world.house.sandbox)
    return replace(world.house, sandbox=sandbox), sandbox  # type: ignore[arg-type] # it cleans, and nothing else is asked of it


def names_up(world: World, to: str = "website") -> list[str]:
    """Names of the files of what is published at a destination."""
    (found,) = [one for one in rows(world) if one.state == "published" and one.destination == to]
    with world.house.store.reading(world.school_id) as look:
        return sorted((one.name for one in publications.renditions(look, found.id)), key=int)


def prepared_names(world: World, photo: str) -> list[str]:
    row = photo_row(world, photo)
    kept = world.house.prepared.renditions(
        school_id=SchoolId(world.school), photo_id=PhotoId(photo), image_digest=row.image, wrapped_key=row.wrapped_key
    )
    return [one.name for one in kept]


def changes_sizes(world: World, sides: str) -> None:
    world.policy(website=sides)


def set_past_the_doors(world: World, sides: str) -> None:
    """Put a policy in force and decide about nothing that is live: as if that had been lost."""
    with world.house.store.transaction(world.school_id, actor="test") as step:
        schools.set_policy(step, policy_text(website=sides))


def destroy_the_original(world: World, photo: str) -> None:
    world.house.quarantine.dispose(photo_row(world, photo).original_key)


def test_one_decode_gives_every_size_that_any_destination_asks_for(world: World, ada: str) -> None:
    agrees(world, ada)
    house, sandbox = counted(world)
    photo = sends(world, ada, to=("website", "shared-site"))
    work_until_idle(house)
    assert sandbox.asked == [["320", "800", "1600", "2560"]]
    assert prepared_names(world, photo) == ["320", "800", "1600", "2560"]
    assert names_up(world) == ["320", "800", "1600"]


def test_without_a_policy_in_force_the_sizes_of_the_default_are_ready_for_when_there_is_one(world: World, ada: str) -> None:
    operate.set_policy(world.house, world.school_id, None)
    house, sandbox = counted(world)
    photo = sends(world, ada)
    work_until_idle(house)
    assert outcome(world, photo) == "held"
    world.policy()
    work_until_idle(house)
    assert sandbox.asked == [["320", "800", "1600", "2560"]]
    assert_exactly_one_is_up(world, photo)


@pytest.mark.parametrize("moment", ["before prepared.get", "after commit", "before published.put", "after published.put"])
def test_a_size_that_was_lowered_at_any_moment_of_a_publication_is_never_seen(world: World, ada: str, moment: str) -> None:
    seen: list[str] = []

    def lower() -> None:
        changes_sizes(world, LOWER)
        seen.extend(one.id for one in rows(world) if one.state == "published")

    photo = sends(world, ada)
    work_until_idle(watched(world.house, At(moment, lower, 2 if moment == "after commit" else 1)))
    work_until_idle(world.house)
    assert seen == []
    assert outcome(world, photo) == "approved"
    assert names_up(world) == ["320", "800"]
    assert len(world.objects_with_bytes()) == 2
    created = [one["publication"] for one in world.recorded(Event.PUBLICATION_PUBLISHED)]
    assert len(created) == 1, "nobody ever saw another"
    assert_at_rest(world)


def test_the_second_look_closes_what_is_too_large_by_then_even_if_nobody_told_it(world: World, ada: str) -> None:
    photo = sends(world, ada)
    work_until_idle(watched(world.house, At("after published.put", lambda: set_past_the_doors(world, LOWER), 3)))
    work_until_idle(world.house)
    assert (outcome(world, photo), names_up(world)) == ("approved", ["320", "800"])
    assert len(world.recorded(Event.PUBLICATION_PUBLISHED)) == 1
    assert_at_rest(world)


def test_the_sweep_closes_what_is_live_at_a_size_that_is_no_longer_allowed(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    set_past_the_doors(world, LOWER)
    found = world.sweeps()
    assert (found.closed, found.failed) == (1, 0)
    work_until_idle(world.house)
    assert (outcome(world, photo), names_up(world)) == ("approved", ["320", "800"])
    assert world.sweeps().closed == 0
    assert_at_rest(world)


def test_what_a_worker_died_putting_goes_out_in_the_sizes_asked_for_by_then(world: World, ada: str) -> None:
    photo = sends(world, ada)
    with pytest.raises(Killed):
        work_until_idle(watched(world.house, At("after published.put", kill, 2)))
    changes_sizes(world, "[320, 1600]")
    world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    work_until_idle(world.house)
    assert (outcome(world, photo), names_up(world)) == ("approved", ["320", "1600"])
    assert len(world.objects_with_bytes()) == 2
    assert_at_rest(world)


def to_be_made_again(world: World, ada: str) -> str:
    """A photo whose publication came down, and which somebody asks for anew, in a size that was never made."""
    world.policy()
    agrees(world, ada)
    photo = uploads(world, ada)
    changes_sizes(world, "[320, 1200, 1600]")
    refuses(world, ada)
    agrees(world, ada)
    work_until_idle(world.house)
    asks_again(world, photo)
    return photo


def assert_it_is_up_once(world: World, photo: str, *names: str) -> None:
    """One publication of the school is up, of this photo, in these sizes, and there is not one byte beside its own."""
    (live,) = [one for one in rows(world) if one.state in publications.LIVE]
    assert (live.state, live.photo_id, outcome(world, photo)) == ("published", photo, "approved")
    assert names_up(world) == list(names)
    assert set(world.objects_with_bytes()) == keys_of(world, live.id)
    assert_at_rest(world)


def test_whatever_ends_or_disturbs_a_photo_that_is_prepared_again_it_goes_out_once_in_every_size(world: World, ada: str) -> None:
    heard = Heard()
    first = to_be_made_again(world, ada)
    work_until_idle(watched(world.house, heard))
    assert_it_is_up_once(world, first, "320", "1200", "1600")
    firsts = {heard.moments.index(moment) + 1 for moment in heard.moments}
    lasts = {len(heard.moments) - heard.moments[::-1].index(moment) for moment in heard.moments}
    for number in sorted(firsts | lasts):
        for disturb in (kill, fail) if "." in heard.moments[number - 1] else (kill,):
            refuses(world, ada)
            work_until_idle(world.house)
            photo = to_be_made_again(world, ada)
            with suppress(Killed):
                work_until_idle(watched(world.house, At("", disturb, number)), worker="first")
            another_worker_takes_over(world)
            assert_it_is_up_once(world, photo, "320", "1200", "1600")


def test_of_a_photo_whose_original_is_no_more_the_largest_size_that_is_not_larger_goes_out(world: World, ada: str) -> None:
    photo = to_be_made_again(world, ada)
    destroy_the_original(world, photo)
    work_until_idle(world.house)
    assert_it_is_up_once(world, photo, "320", "800", "1600")
    assert world.photo(photo, role=Role.HEAD)["state"] == "prepared"
    assert "fault" not in world.photo(photo, role=Role.HEAD)
    changes_sizes(world, MORE)
    work_until_idle(world.house)
    house, sandbox = counted(world)
    work_until_idle(house)
    assert_it_is_up_once(world, photo, "320", "800")
    assert sandbox.asked == [], "it is not tried again and again"


def test_an_original_that_takes_its_worker_down_when_it_is_prepared_again_keeps_the_sizes_it_has(world: World, ada: str) -> None:
    photo = to_be_made_again(world, ada)
    for _ in range(5):
        with pytest.raises(Killed):
            work_until_idle(watched(world.house, At("after quarantine.get", kill)))
        world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    work_until_idle(world.house)
    assert_it_is_up_once(world, photo, "320", "800", "1600")


def test_where_nothing_small_enough_is_left_and_nothing_can_be_made_the_photo_is_held(world: World, ada: str) -> None:
    photo = uploads(world, ada, to=("website", "shared-site"))
    agrees(world, ada, Purpose.SHARED_SITE)
    work_until_idle(world.house)
    destroy_the_original(world, photo)
    changes_sizes(world, "[64]")
    work_until_idle(world.house)
    assert (outcome(world, photo), world.reasons(photo)) == ("held", {"image:missing"})
    assert names_up(world, "shared-site") == ["320", "800", "2560"]
    assert len(world.objects_with_bytes()) == 3
    world.policy()
    work_until_idle(world.house)
    assert names_up(world) == ["320", "800", "1600"], "it never was a fault of the photo"
    assert_at_rest(world)


def test_words_typed_anew_while_a_photo_is_prepared_again_are_those_that_are_checked(world: World, ada: str) -> None:
    photo = to_be_made_again(world, ada)

    def retitle() -> None:
        answer = world.edits(photo, words={"title": "A walk in the wood"}, headers=world.as_role(Role.HEAD))
        assert answer.status_code == 200

    work_until_idle(watched(world.house, At("before prepared.put", retitle)))
    assert_it_is_up_once(world, photo, "320", "1200", "1600")
    assert world.published()[0]["title"] == "A walk in the wood"


def test_what_is_live_elsewhere_stays_live_while_its_photo_is_prepared_again(world: World, ada: str) -> None:
    agrees(world, ada, Purpose.SHARED_SITE)
    photo = uploads(world, ada, to=("website", "shared-site"))
    (shared,) = [one.id for one in rows(world) if one.destination == "shared-site"]
    changes_sizes(world, "[500]")
    work_until_idle(world.house)
    assert names_up(world) == ["500"]
    assert [one.id for one in rows(world) if one.destination == "shared-site" and one.state == "published"] == [shared]
    assert prepared_names(world, photo) == ["320", "500", "800", "1600", "2560"]
    world.sweeps()
    work_until_idle(world.house)
    assert [one.id for one in rows(world) if one.destination == "shared-site" and one.state == "published"] == [shared]


def test_of_a_photo_that_was_prepared_again_no_clean_copy_is_left_when_its_time_is_over(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    changes_sizes(world, "[500]")
    work_until_idle(world.house)
    prefix = f"{world.school}/{photo}/"
    assert len([one for one in world.house.stores.prepared.list(prefix) if one.size]) == 2
    world.clock.pass_by(days=31)
    world.sweeps()
    work_until_idle(world.house)
    assert photo_row(world, photo).state == "disposed"
    assert [one for one in world.house.stores.prepared.list(prefix) if one.size] == []


def test_a_school_that_lowers_a_size_and_closes_the_website_at_once_has_it_down(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    world.policy(website=LOWER, destinations='["shared-site"]')
    work_until_idle(world.house)
    assert_everything_is_down(world)
    assert world.reasons(photo) == {"destination:closed"}
