"""What was accepted is cleaned in the end, however long its store is away; only what kills its worker again and again is held."""

import pytest

from consent.photo import WordsState
from service.worker import work_until_idle
from storage.jobs import LEASE, Kind
from storage.users import Role
from tests.parts.world import World, picture
from tests.service.pipeline.faults import At, Killed, fail, kill, watched
from tests.service.pipeline.looking import (
    agrees,
    assert_at_rest,
    assert_exactly_one_is_up,
    outcome,
    photo_row,
    queued,
    rows,
    sends,
)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


@pytest.mark.parametrize("moment", ["before quarantine.get", "after quarantine.get", "before prepared.put", "after prepared.put"])
def test_a_store_that_is_away_for_long_costs_no_photo(world: World, ada: str, moment: str) -> None:
    photo = sends(world, ada)
    for _ in range(12):
        work_until_idle(watched(world.house, At(moment, fail)))
        assert queued(world) == [(Kind.PREPARE, photo)]
        world.clock.pass_by(seconds=600)
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo)


def test_an_original_that_takes_its_worker_down_five_times_in_a_row_is_held(world: World, ada: str) -> None:
    photo = sends(world, ada)
    for _ in range(5):
        with pytest.raises(Killed):
            work_until_idle(watched(world.house, At("after quarantine.get", kill)))
        world.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    work_until_idle(world.house)
    row = photo_row(world, photo)
    assert (row.state, row.fault) == ("unclean", "crashed")
    assert (outcome(world, photo), world.reasons(photo)) == ("held", {"image:missing"})
    assert rows(world) == []
    assert_at_rest(world)


def test_a_worker_that_died_now_and_then_costs_no_photo(world: World, ada: str) -> None:
    photo = sends(world, ada)
    for turn in range(12):
        if turn % 3 == 2:
            work_until_idle(watched(world.house, At("before quarantine.get", fail)))
        else:
            with pytest.raises(Killed):
                work_until_idle(watched(world.house, At("after quarantine.get", kill)))
        world.clock.pass_by(seconds=600)
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo)


def test_what_can_not_be_cleaned_is_a_fact_of_the_photo_and_not_tried_again(world: World, ada: str) -> None:
    cut_off = picture(3)[:400]
    photo = sends(world, ada, original=cut_off)
    work_until_idle(world.house)
    row = photo_row(world, photo)
    assert row.state == "unclean"
    assert row.fault in {"truncated", "undecodable"}
    assert outcome(world, photo) == "held"
    assert_at_rest(world)


def test_words_that_were_typed_anew_before_the_photo_was_cleaned_are_those_that_are_checked(world: World, ada: str) -> None:
    photo = sends(world, ada, words={"title": "Ada in the wood"})

    def retitle() -> None:
        answer = world.edits(photo, words={"title": "A walk in the wood"}, headers=world.as_role(Role.HEAD))
        assert answer.status_code == 200

    work_until_idle(watched(world.house, At("before prepared.put", retitle)))
    row = photo_row(world, photo)
    assert (row.words["title"], row.words_state, row.typed_words) == ("A walk in the wood", WordsState.CLEAN, None)
    assert_exactly_one_is_up(world, photo)
