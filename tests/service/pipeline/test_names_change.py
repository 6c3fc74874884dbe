"""A name that comes onto the register takes down what shows it (promise P5); what does not show it stays."""

from collections.abc import Callable

import pytest

from service.worker import work_until_idle
from storage.users import Role
from tests.parts.world import World, upn
from tests.service.pipeline.faults import At, watched
from tests.service.pipeline.looking import (
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    outcome,
    photo_row,
    sends,
    uploads,
)


@pytest.fixture
def ada(world: World) -> str:
    found = world.pupil("Ada Frost")
    agrees(world, found)
    return found


def _new_pupil(world: World) -> None:
    row = {"forename": "Holly", "surname": "Reed", "reg_group": "Wren", "year_group": "3", "upn": upn(99_000)}
    everybody = [world.row(one["id"], relation="", authority="") for one in _listed(world)]
    world.brings(*everybody, row | {"relation": "", "authority": ""})


def _listed(world: World) -> list[dict[str, str]]:
    return list(world.client.get("/v1/pupils", headers=world.as_role(Role.OFFICE)).json()["items"])


def _renamed(**facts: str) -> Callable[[World], None]:
    def rename(world: World) -> None:
        world.change_pupil(world.pupil("Ivy Reed", reg_group="Wren"), **facts)

    return rename


NEW_NAMES = {
    "a new pupil": _new_pupil,
    "a new forename": _renamed(forename="Holly"),
    "a new surname": _renamed(surname="Holly"),
    "a name used in class": _renamed(known_as="Holly"),
}


@pytest.mark.parametrize(
    ("comes", "field"),
    [*((comes, "title") for comes in NEW_NAMES), *(("a new pupil", field) for field in ("caption", "alt", "event"))],
)
def test_a_picture_whose_words_hold_a_new_name_comes_down_and_the_others_stay(
    world: World, ada: str, comes: str, field: str
) -> None:
    named = uploads(world, ada, words={field: "Holly and friends"})
    other = uploads(world, ada, words={field: "A walk"})
    NEW_NAMES[comes](world)
    work_until_idle(world.house)
    assert outcome(world, named) == "held"
    assert_exactly_one_is_up(world, other)
    assert world.sweeps().closed == 0
    assert_exactly_one_is_up(world, other)


def test_a_picture_with_a_new_name_in_a_tag_comes_down_too(world: World, ada: str) -> None:
    uploads(world, ada, words={"tags": ("holly", "winter")})
    _new_pupil(world)
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_what_stays_up_after_a_rename_can_be_closed_and_asked_for_like_anything_else(world: World, ada: str) -> None:
    photo = uploads(world, ada, words={"title": "A walk"})
    _renamed(forename="Holly")(world)
    assert photo_row(world, photo).words_names
    later = uploads(world, ada, words={"title": "A walk"})
    assert (outcome(world, photo), outcome(world, later)) == ("approved", "approved")
    world.refuses(ada, "website:individual")
    work_until_idle(world.house)
    assert_everything_is_down(world)


@pytest.mark.parametrize("moment", ["before prepared.get", "before published.put", "after published.put"])
def test_a_picture_on_its_way_is_held_when_its_words_hold_a_name_that_comes_meanwhile(
    world: World, ada: str, moment: str
) -> None:
    photo = sends(world, ada, words={"title": "Holly and friends"})
    work_until_idle(watched(world.house, At(moment, lambda: _renamed(forename="Holly")(world))))
    world.clock.pass_by(seconds=60)
    work_until_idle(world.house)
    assert outcome(world, photo) == "held"
    assert_everything_is_down(world)
