"""A withdrawal always wins (promises P2 and P3): whenever it comes in, from its commit on nobody is shown a byte."""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import MappingProxyType

import pytest

from service.worker import work_once, work_until_idle
from storage import publications
from storage.jobs import Kind
from tests.parts.world import World
from tests.service.pipeline.faults import At, Heard, watched
from tests.service.pipeline.looking import (
    agrees,
    asks_again,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    bytes_shown,
    outcome,
    refuses,
    rows,
    sends,
    uploads,
)

RACES = 60
CHILDREN = 6
MOMENTS = (
    ("before prepared.get", 1),
    ("after prepared.get", 1),
    ("after commit", 1),
    ("before published.put", 2),
    ("after published.put", 2),
    ("after published.put", 3),
    ("before published.get", 2),
    ("after published.get", 3),
    ("after commit", 2),
)
"""The points of one release at which a withdrawal can come in, as (moment, which time it comes): 1 is before its first
transaction, 2 after it, 3 while the files are put, and so on to after the second."""


def prepares(world: World) -> None:
    while work_once(world.house, worker="preparer", kinds=frozenset({Kind.PREPARE})):
        pass


def nothing_is_shown(world: World) -> bool:
    closed = [one for one in rows(world) if one.state != "putting"]
    with world.house.store.reading(world.school_id) as look:
        return not any(bytes_shown(look, world, one.id) for one in closed) and not any(
            one.state in publications.LIVE for one in closed
        )


def test_the_points_at_which_a_withdrawal_is_tried_are_those_of_a_release(world: World) -> None:
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    photo = sends(world, ada)
    prepares(world)
    heard = Heard()
    work_until_idle(watched(world.house, heard))
    assert_exactly_one_is_up(world, photo)
    told = [moment for moment in heard.moments if "housekeeping" not in moment]
    assert [told.count(moment) >= times for moment, times in MOMENTS] == [True] * len(MOMENTS)
    assert told == [
        *("before prepared.get", "after prepared.get", "before commit", "after commit"),
        *("before published.put", "after published.put") * 3,
        *("before published.get", "after published.get") * 3,
        *("before commit", "after commit"),
    ]


@pytest.mark.parametrize("tombstones_first", [False, True], ids=["", "and its tombstones come first too"])
@pytest.mark.parametrize(("moment", "nth"), MOMENTS)
def test_a_withdrawal_wins_at_whatever_point_of_a_publication_it_comes_in(
    world: World, moment: str, nth: int, tombstones_first: bool
) -> None:
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    photo = sends(world, ada)
    prepares(world)
    came = Event()

    def withdraw() -> None:
        refuses(world, ada)
        assert nothing_is_shown(world)
        if tombstones_first:
            work_until_idle(world.house, worker="another")
        came.set()

    work_until_idle(watched(world.house, At(moment, withdraw, nth)))
    assert came.is_set()
    work_until_idle(world.house)
    assert outcome(world, photo) == "rejected"
    assert_everything_is_down(world)


def _holly(world: World, pupil: str) -> None:
    other = world.pupil("Ivy Frost", reg_group="Wren")
    del pupil
    world.change_pupil(other, forename="Holly")


CLOSING: Mapping[str, Callable[[World, str], object]] = MappingProxyType(
    {
        "a parent refuses": lambda world, ada: world.refuses(ada, "website:individual"),
        "a parent refuses a smaller audience": lambda world, ada: world.refuses(ada, "journal:shared"),
        "somebody without authority refuses": lambda world, ada: world.refuses(
            ada, "website:individual", relation="other", authority="none"
        ),
        "the child objects": lambda world, ada: world.refuses(ada, "shared-site", relation="child", authority="self"),
        "a refusal without a date": lambda world, ada: world.refuses(ada, "website:individual", on=None, relation="father"),
        "the child is protected": lambda world, ada: world.protects(ada),
        "the child left yesterday": lambda world, ada: world.change_pupil(ada, left_on="2026-11-17"),
        "everything is paused": lambda world, ada: world.change_pupil(ada, suspended=True),
        "the child is adopted": lambda world, ada: world.change_pupil(
            ada, legal_status="adopted", legal_status_since="2026-11-18T11:00:00Z"
        ),
        "who agreed turns out to be barred": lambda world, ada: world.person(
            ada, relation="mother", authority="parental-responsibility", barred=True
        ),
        "who agreed has no authority": lambda world, ada: world.person(ada, relation="mother", authority="none"),
        "the policy closes the website": lambda world, _: world.policy(destinations='["shared-site"]'),
        "another pupil has a name of the title": _holly,
    }
)


@pytest.mark.parametrize("closing", CLOSING)
def test_every_change_that_closes_takes_down_what_is_up_and_what_is_on_its_way(world: World, closing: str) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "website:individual")
    words = {"title": "Holly and friends"}
    up = uploads(world, ada, words=words)
    assert_exactly_one_is_up(world, up)
    on_its_way = sends(world, ada, words=words)
    prepares(world)
    came = Event()

    def close() -> None:
        CLOSING[closing](world, ada)
        assert nothing_is_shown(world)
        came.set()

    work_until_idle(watched(world.house, At("after published.put", close, 3)))
    assert came.is_set()
    assert len(rows(world)) == 2
    work_until_idle(world.house)
    assert {outcome(world, up), outcome(world, on_its_way)} <= {"held", "rejected"}
    assert_everything_is_down(world)


def test_a_withdrawal_of_another_childs_consent_closes_nothing(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    agrees(world, ada)
    agrees(world, ben)
    photo = uploads(world, ada)
    refuses(world, ben)
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, photo)


def test_of_many_races_between_publishing_and_withdrawing_publishing_wins_none(world: World) -> None:
    """Workers publish while parents withdraw, all at once, at times that are drawn; no publication outlives its withdrawal."""
    dice = random.Random(20201106)
    children = [world.pupil(f"Child{'abcdef'[number]} Frost") for number in range(CHILDREN)]
    photos = {}
    for child in children:
        agrees(world, child)
        photos[child] = sends(world, child)
    prepares(world)
    stop, began = Event(), 0

    def work(name: str) -> None:
        while not stop.is_set():
            if not work_once(world.house, worker=name):
                stop.wait(0.005)

    def withdraw(child: str, pause: float) -> None:
        stop.wait(pause)
        refuses(world, child, later=0)
        mine = [one for one in rows(world) if one.photo_id == photos[child]]
        assert {one.state for one in mine} <= {"retracting", "retracted"}
        with world.house.store.reading(world.school_id) as look:
            assert not any(bytes_shown(look, world, one.id) for one in mine)

    for _ in range(RACES // CHILDREN):
        for child in children:
            agrees(world, child)
            asks_again(world, photos[child])
        world.clock.pass_by(seconds=1)
        before = len(rows(world))
        stop.clear()
        with ThreadPoolExecutor(3 + CHILDREN) as threads:
            working = [threads.submit(work, f"worker{number}") for number in range(3)]
            parents = [threads.submit(withdraw, child, dice.uniform(0, 0.25)) for child in children]
            try:
                for done in parents:
                    done.result()
            finally:
                stop.set()
            for done in working:
                done.result()
        began += len(rows(world)) - before
        world.clock.pass_by(seconds=60)
        work_until_idle(world.house)
        assert world.objects_with_bytes() == []
    assert began, "no withdrawal met a publication: nothing was raced"
    assert_everything_is_down(world)
