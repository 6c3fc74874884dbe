"""Originals go when their time is over: bytes, clean copies, and the key to both; what is published stays."""

import pytest

from consent.people import SchoolId
from consent.photo import PhotoId
from service.pipeline.edit import Edit, edit
from service.worker import work_until_idle
from storage.errors import Conflict
from storage.objects.errors import ObjectDisposed
from storage.users import Role
from tests.parts.world import World
from tests.service.pipeline.looking import (
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    caller,
    outcome,
    photo_row,
    refuses,
    sends,
    uploads,
)


def passes(world: World, **time: float) -> None:
    """Time passes; then the sweep comes by, and the worker."""
    world.clock.pass_by(**time)
    world.sweeps()
    work_until_idle(world.house)


def is_gone(world: World, photo: str) -> bool:
    """True if no byte and no key of the original or its clean copies is left."""
    row = photo_row(world, photo)
    if row.state != "disposed":
        return False
    assert row.wrapped_key is None
    assert row.typed_words is None
    assert world.house.stores.quarantine.get(row.original_key) == b""
    left = [one for one in world.house.stores.prepared.list(f"{world.school}/{photo}/") if one.size]
    assert left == []
    if row.image is not None:
        with pytest.raises(ObjectDisposed):
            world.house.prepared.renditions(
                school_id=SchoolId(world.school), photo_id=PhotoId(photo), image_digest=row.image, wrapped_key=b""
            )
    return True


@pytest.fixture
def ada(world: World) -> str:
    return world.pupil("Ada Frost")


def test_what_is_held_and_forgotten_goes_after_ten_school_days(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    assert outcome(world, photo) == "rejected"
    passes(world, days=13.9)  # Wednesday to Wednesday, two weekends between
    assert not is_gone(world, photo)
    passes(world, days=0.1)
    assert is_gone(world, photo)


def test_days_without_school_are_not_counted(world: World, ada: str) -> None:
    world.policy(closures="[2026-11-23, 2026-11-24]")
    photo = uploads(world, ada)
    passes(world, days=15.9)
    assert not is_gone(world, photo)
    passes(world, days=0.1)
    assert is_gone(world, photo)


def test_what_waits_for_a_decision_is_not_disposed_of(world: World, ada: str) -> None:
    photo = sends(world, ada)
    with world.house.store.reading(world.school_id) as look:
        assert look.now == world.clock.now
    world.clock.pass_by(days=60)
    world.sweeps()
    assert photo_row(world, photo).state == "received"
    work_until_idle(world.house)
    passes(world)
    assert is_gone(world, photo), "decided, and its days are over"


def test_the_original_of_a_published_photo_goes_after_its_days_and_the_picture_stays(world: World, ada: str) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)
    passes(world, days=30)
    assert not is_gone(world, photo)
    passes(world, seconds=1)
    assert is_gone(world, photo)
    publication = assert_exactly_one_is_up(world, photo)
    assert world.reads(publication).status_code == 200
    refuses(world, ada)
    assert world.reads(publication).status_code == 410
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_what_came_down_waits_its_ten_school_days_from_then(world: World, ada: str) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)
    passes(world, days=14)
    refuses(world, ada)
    passes(world, days=7)
    assert not is_gone(world, photo), "it came down a week ago"
    passes(world, days=7)
    assert is_gone(world, photo)


def test_disposing_twice_is_fine(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    passes(world, days=14)
    assert is_gone(world, photo)
    passes(world, days=14)
    assert is_gone(world, photo)


def test_a_child_who_turns_out_to_be_in_a_picture_takes_it_down_although_its_original_is_gone(world: World, ada: str) -> None:
    ben = world.pupil("Ben Okoro")
    agrees(world, ada)
    photo = uploads(world, ada)
    passes(world, days=31)
    assert is_gone(world, photo)
    publication = assert_exactly_one_is_up(world, photo)
    says = Edit(subjects=(ada, ben), declared=True)
    edit(photo, says, caller=caller(world, Role.TEACHER), store=world.house.store, matchers=world.house.matchers)
    assert world.reads(publication).status_code == 410
    work_until_idle(world.house)
    assert outcome(world, photo) == "held"
    assert_everything_is_down(world)


def test_a_photo_whose_original_is_gone_goes_nowhere_new(world: World, ada: str) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)
    passes(world, days=31)
    again = Edit(add_destinations=("shared-site",))
    with pytest.raises(Conflict):
        edit(photo, again, caller=caller(world, Role.TEACHER), store=world.house.store, matchers=world.house.matchers)
    assert_exactly_one_is_up(world, photo)
