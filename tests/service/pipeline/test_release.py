"""A release that meets something it did not expect decides again, under fresh keys, and comes to rest as things then stand."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import update

from consent.events import Event
from consent.people import SchoolId
from consent.photo import PhotoId, PublishedWords
from service.pipeline.edit import Edit, edit
from service.worker import work_until_idle
from storage.jobs import LEASE
from storage.tables import photo
from storage.users import Role
from tests.parts.world import World
from tests.service.pipeline.faults import At, Killed, kill, lay_behind_our_back, watched
from tests.service.pipeline.looking import (
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    caller,
    keys_of,
    outcome,
    photo_row,
    refuses,
    rows,
    sends,
    uploads,
)


def says(world: World, photo_id: str, change: Edit, *, role: Role = Role.TEACHER) -> None:
    edit(photo_id, change, caller=caller(world, role), store=world.house.store, matchers=world.house.matchers)


def releases(world: World, photo_id: str, moment: str, meanwhile: Callable[[], None], nth: int = 1) -> None:
    """Release a photo while something happens at one moment of it, and go on until nothing is left to do."""
    came: list[str] = []

    def once() -> None:
        meanwhile()
        came.append(moment)

    work_until_idle(watched(world.house, At(moment, once, nth)))
    assert came, "that moment did not come"
    world.clock.pass_by(seconds=60)
    work_until_idle(world.house)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


@pytest.mark.parametrize("laid", [b"", b"somebody else's bytes"], ids=["a tombstone", "other bytes"])
@pytest.mark.parametrize(
    ("moment", "nth"), [("before published.put", 1), ("before published.put", 2), ("before published.get", 1)]
)
def test_what_lies_where_an_image_was_to_be_is_never_shown_and_the_photo_goes_out_under_fresh_keys(
    world: World, ada: str, laid: bytes, moment: str, nth: int
) -> None:
    def lay() -> None:
        (putting,) = rows(world)
        for key in keys_of(world, putting.id):
            lay_behind_our_back(world, key, laid)

    photo_id = sends(world, ada)
    releases(world, photo_id, moment, lay, nth)
    up = assert_exactly_one_is_up(world, photo_id)
    (given_up,) = [one for one in rows(world) if one.id != up]
    assert (given_up.state, given_up.published_at) == ("retracted", None)
    assert world.reads(given_up.id).status_code == 410


NEW_WORDS = PublishedWords(title="A walk in the wood")
MEANWHILE: Mapping[str, Callable[[World, str, str], Any]] = MappingProxyType(
    {
        "other words": lambda world, _, photo_id: says(world, photo_id, Edit(words=NEW_WORDS)),
        "a second yes": lambda world, ada, _: agrees(world, ada),
        "another pupil is renamed": lambda world, _, __: world.change_pupil(world.pupil("Ivy Reed"), known_as="Iggy"),
        "the same policy again": lambda world, _, __: world.policy(),
    }
)


@pytest.mark.parametrize("moment", ["before prepared.get", "after commit", "after published.put"])
@pytest.mark.parametrize("change", MEANWHILE)
def test_a_change_in_between_that_closes_nothing_is_published_as_things_then_stand(
    world: World, ada: str, change: str, moment: str
) -> None:
    photo_id = sends(world, ada, words={"title": "A walk"})
    releases(world, photo_id, moment, partial(MEANWHILE[change], world, ada, photo_id), nth=2 if moment == "after commit" else 1)
    assert_exactly_one_is_up(world, photo_id)
    (shown,) = world.published()
    assert shown["title"] == ("A walk in the wood" if change == "other words" else "A walk")


def test_two_workers_on_one_release_publish_once(world: World, ada: str) -> None:
    def overtake() -> None:
        world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
        work_until_idle(world.house, worker="another")
        assert_exactly_one_is_up(world, photo_id)

    photo_id = sends(world, ada)
    releases(world, photo_id, "before published.put", overtake, 2)
    assert_exactly_one_is_up(world, photo_id)
    assert len(rows(world)) == 1


def test_a_put_that_lands_after_another_worker_published_and_a_parent_withdrew_is_fenced_off(world: World, ada: str) -> None:
    def overtake_and_withdraw() -> None:
        world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
        work_until_idle(world.house, worker="another")
        refuses(world, ada)
        work_until_idle(world.house, worker="another")

    photo_id = sends(world, ada)
    releases(world, photo_id, "before published.put", overtake_and_withdraw, 2)
    assert_everything_is_down(world)


def test_a_withdrawal_that_is_taken_back_at_once_has_closed_what_was_on_its_way_all_the_same(world: World, ada: str) -> None:
    def withdraw_and_agree() -> None:
        refuses(world, ada)
        agrees(world, ada)

    photo_id = sends(world, ada)
    releases(world, photo_id, "after published.put", withdraw_and_agree, 3)
    assert_everything_is_down(world)
    says(world, photo_id, Edit(add_destinations=("website",)))
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo_id)


def test_what_was_changed_after_a_worker_died_putting_it_goes_out_as_changed(world: World, ada: str) -> None:
    photo_id = sends(world, ada, words={"title": "A walk"})
    with pytest.raises(Killed):
        work_until_idle(watched(world.house, At("after published.put", kill, 2)))
    with world.house.store.housekeeping() as behind_the_doors:  # as a step of a later version might
        behind_the_doors.execute(update(photo).where(photo.c.id == photo_id).values(words={**_words("A walk in the wood")}))
    world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo_id)
    (shown,) = world.published()
    assert shown["title"] == "A walk in the wood"


def _words(title: str) -> dict[str, object]:
    return {"title": title, "caption": "", "alt": "", "event": "", "tags": []}


def test_what_a_second_look_held_and_nobody_ever_saw_goes_out_by_itself_once_nothing_is_against_it(
    world: World, ada: str
) -> None:
    photo_id = sends(world, ada)
    releases(world, photo_id, "after published.put", lambda: world.clock.pass_by(days=15), 3)
    assert world.reasons(photo_id) == {"register:stale"}
    assert_everything_is_down(world)
    world.brings(world.row(ada))
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo_id)


def test_what_was_seen_and_came_down_stays_down_until_somebody_asks_again(world: World, ada: str) -> None:
    photo_id = uploads(world, ada)
    refuses(world, ada)
    work_until_idle(world.house)
    agrees(world, ada)
    work_until_idle(world.house)
    assert_everything_is_down(world)
    says(world, photo_id, Edit(add_destinations=("website",)))
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo_id)


def test_a_clean_image_that_can_not_be_proven_clean_any_more_is_held(world: World, ada: str) -> None:
    """As when an upgrade finds more than the version that cleaned it: what was kept is read, and does not pass."""
    other = uploads(world, ada, to=())
    photo_id = uploads(world, ada, to=())
    stored, kept = photo_row(world, photo_id), photo_row(world, other)
    found = world.house.prepared.renditions(
        school_id=SchoolId(world.school), photo_id=PhotoId(other), image_digest=kept.image, wrapped_key=kept.wrapped_key
    )
    named = "a" * 64
    world.house.prepared.keep(
        school_id=SchoolId(world.school),
        photo_id=PhotoId(photo_id),
        image_digest=named,
        renditions=found,
        wrapped_key=stored.wrapped_key,
    )
    with world.house.store.housekeeping() as behind_our_back:
        behind_our_back.execute(update(photo).where(photo.c.id == photo_id).values(image=named))
    says(world, photo_id, Edit(add_destinations=("website",)))
    work_until_idle(world.house)
    assert (outcome(world, photo_id), world.reasons(photo_id)) == ("held", {"image:missing"})
    assert [one["fault"] for one in world.recorded(Event.PHOTO_UNCLEAN)] == ["unclean"]
    assert_everything_is_down(world)


def test_nothing_is_published_of_a_photo_that_was_asked_to_go_nowhere(world: World, ada: str) -> None:
    photo_id = uploads(world, ada, to=())
    assert photo_row(world, photo_id).state == "prepared"
    assert rows(world) == []
