"""The sweep finds what was done behind our back, or left undone, and puts it right; on a good day it changes nothing.

Nobody waits for it to be safe: what it takes away was never shown.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date

import pytest
from sqlalchemy import delete, update

from consent.events import Event
from consent.purposes import Purpose
from service.worker import sweep_all, work_until_idle
from storage.jobs import Kind
from storage.published import Published
from storage.tables import consent_record, job, pupil, rendition
from storage.users import Role
from tests.parts.world import World
from tests.service.pipeline.faults import WatchedStore, fail, lay_behind_our_back
from tests.service.pipeline.looking import (
    RENDITIONS,
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    keys_of,
    queued,
    refuses,
    rows,
    sends,
    uploads,
)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


def test_on_a_good_day_a_sweep_finds_nothing_and_changes_nothing(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    found = world.sweeps()
    assert asdict(found) == dict.fromkeys(asdict(found), 0) | {"checked": 1}
    assert_exactly_one_is_up(world, photo)
    assert world.recorded(Event.SWEEP_FINISHED)[-1]["checked"] == 1


@pytest.mark.parametrize("name", RENDITIONS)
@pytest.mark.parametrize("laid", [b"quite another picture", b""], ids=["altered", "emptied"])
def test_bytes_that_were_altered_behind_our_back_are_never_shown_and_their_publication_comes_down(
    world: World, ada: str, name: str, laid: bytes
) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    with world.house.engine.connect() as look:
        mine = (rendition.c.publication_id == publication, rendition.c.name == name)
        (key,) = look.execute(rendition.select().with_only_columns(rendition.c.object_key).where(*mine)).scalars()
    lay_behind_our_back(world, key, laid)
    assert world.reads(publication, name).status_code == 410
    assert world.sweeps().altered == 1
    assert [world.reads(publication, one).status_code for one in RENDITIONS] == [410] * 3
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_an_object_that_was_laid_in_the_bucket_behind_our_back_becomes_a_tombstone(world: World, ada: str) -> None:
    photo = uploads(world, ada)
    planted = f"{world.school}/{'f' * 64}.jpg"
    lay_behind_our_back(world, planted, b"a picture that nobody decided about")
    assert world.sweeps().orphans_removed == 1
    assert world.house.stores.published.get(planted) == b""
    assert world.recorded(Event.ORPHAN_REMOVED) == [{"actor": "worker", "objects": 1}]
    assert_exactly_one_is_up(world, photo)
    assert world.sweeps().orphans_removed == 0


def test_an_object_under_a_name_that_is_no_key_of_ours_keeps_the_sweep_from_nothing_else(world: World, ada: str) -> None:
    uploads(world, ada)
    lay_behind_our_back(world, f"{world.school}/A picture.JPG", b"a picture under a name that we can't touch")
    planted = f"{world.school}/{'f' * 64}.jpg"
    lay_behind_our_back(world, planted, b"a picture that nobody decided about")
    world.clock.now = world.clock.now.replace(year=2027)
    found = world.sweeps()
    assert (found.closed, found.orphans_removed >= 1, found.failed) == (1, True, 1)
    assert world.house.stores.published.get(planted) == b""
    assert [kind for kind, _ in queued(world)] == [Kind.DISPOSE, Kind.RETRACT]


def test_bytes_that_came_back_under_a_tombstone_are_removed_again(world: World, ada: str) -> None:
    publication = assert_exactly_one_is_up(world, uploads(world, ada))
    refuses(world, ada)
    work_until_idle(world.house)
    for key in keys_of(world, publication):
        lay_behind_our_back(world, key, b"restored from somebody's copy of the bucket")
    assert world.reads(publication).status_code == 410
    assert world.sweeps().orphans_removed == len(RENDITIONS)
    assert_everything_is_down(world)


def _refuse(world: World, ada: str) -> None:
    with world.house.store.housekeeping() as connection:
        connection.execute(update(consent_record).where(consent_record.c.pupil_id == ada).values(answer="refused"))


def _delete(world: World, ada: str) -> None:
    with world.house.store.housekeeping() as connection:
        connection.execute(delete(consent_record).where(consent_record.c.pupil_id == ada))


def _change(**values: object) -> Callable[[World, str], None]:
    def change(world: World, ada: str) -> None:
        with world.house.store.housekeeping() as connection:
            connection.execute(update(pupil).where(pupil.c.id == ada).values(values))

    return change


BEHIND_OUR_BACK = {
    "a yes is turned into a no": _refuse,
    "a yes is removed": _delete,
    "the child is protected": _change(protected=True),
    "the child left": _change(left_on=date(2026, 11, 1)),
    "the child gets a name that is in the title": _change(forename="Holly"),
}


@pytest.mark.parametrize("change", BEHIND_OUR_BACK)
def test_a_change_made_in_the_database_past_the_doors_is_found_and_takes_the_picture_down(
    world: World, ada: str, change: str
) -> None:
    ben = world.pupil("Ben Okoro")
    agrees(world, ben)
    uploads(world, ada, words={"title": "Holly and friends"})
    other = uploads(world, ben, words={"title": "A walk"})
    BEHIND_OUR_BACK[change](world, ada)
    assert world.sweeps().closed == 1
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, other)


def test_a_name_that_was_corrected_past_the_doors_takes_nothing_down_that_does_not_hold_it(world: World, ada: str) -> None:
    photo = uploads(world, ada, words={"title": "A walk"})
    _change(forename="Holly")(world, ada)
    assert world.sweeps().closed == 0
    later = uploads(world, ada, words={"title": "A walk by the river"})
    assert {one.photo_id for one in rows(world) if one.state == "published"} == {photo, later}


def _forget_jobs(world: World) -> None:
    with world.house.store.housekeeping() as connection:
        connection.execute(delete(job).where(job.c.school_id == world.school))


def test_steps_that_nobody_has_queued_are_queued_again(world: World, ada: str) -> None:
    photo = sends(world, ada)
    _forget_jobs(world)
    assert world.sweeps().driven_again == 0, "it may be under way"
    world.clock.pass_by(seconds=121)
    assert world.sweeps().driven_again == 1
    assert queued(world) == [(Kind.PREPARE, photo)]
    work_until_idle(world.house)
    publication = assert_exactly_one_is_up(world, photo)

    refuses(world, ada)
    _forget_jobs(world)
    world.clock.pass_by(seconds=121)
    assert world.sweeps().driven_again == 1
    assert queued(world) == [(Kind.RETRACT, publication)]
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_a_decision_that_nobody_has_queued_is_made_after_all(world: World, ada: str) -> None:
    photo = uploads(world, ada, to=())
    world.edits(photo, destinations=["website"], headers=world.as_role(Role.HEAD))
    _forget_jobs(world)
    world.clock.pass_by(seconds=121)
    assert world.sweeps().driven_again == 1
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo)


def test_a_store_that_is_away_keeps_the_sweep_from_nothing_that_needs_no_store(world: World, ada: str) -> None:
    ben = world.pupil("Ben Okoro")
    agrees(world, ben)
    uploads(world, ada)
    uploads(world, ben)
    _refuse(world, ada)
    away = WatchedStore(world.house.stores.published, name="published", tell=lambda _: fail())
    found = sweep_all(replace(world.house, published=Published(objects=away)))[world.school_id]
    assert (found.checked, found.closed) == (2, 1)
    assert found.failed
    assert world.sweeps().failed == 0


def test_one_school_whose_sweep_fails_does_not_keep_the_others_from_theirs(world: World, ada: str) -> None:
    there = world.neighbour()
    amy = there.pupil("Amy Stone")
    agrees(there, amy, Purpose.WEBSITE_INDIVIDUAL)
    uploads(world, ada)
    uploads(there, amy)
    _refuse(world, ada)
    _refuse(there, amy)
    for one in (world, there):
        lay_behind_our_back(one, f"{one.school}/A picture.JPG", b"a picture under a name that we can't touch")
    found = sweep_all(world.house)
    assert (found[world.school_id].closed, found[there.school_id].closed) == (1, 1)
