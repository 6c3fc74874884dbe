"""Everybody acts at once: no step ever blocks another for good, none fails, and in the end things are as they should be."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from consent.photo import PublishedWords
from consent.purposes import Purpose
from service.pipeline import sync
from service.pipeline.edit import Edit, edit
from service.worker import sweep_all, work_once, work_until_idle
from storage.users import Role
from tests.parts.world import World, policy_text
from tests.service.conftest import Overheard
from tests.service.pipeline.looking import (
    agrees,
    assert_at_rest,
    caller,
    keys_of,
    outcome,
    refuses,
    rows,
    sends,
    uploads,
)

TURNS = 8
PLACES = ("website", "shared-site")
WORDS = ("Holly and friends", "A walk", "Ivy on the wall")


class Everybody:
    """Parents, office, teachers, DSL and sweep of one school; each draws what to do next."""

    def __init__(self, world: World) -> None:
        self.world, self.house = world, world.house
        self.dice = random.Random(20201106)
        self.pupils = [world.pupil(f"{name} Frost") for name in ("Ada", "Ben", "Cy", "Dee")]
        for pupil in self.pupils:
            for purpose in Purpose:
                if purpose is not Purpose.HIGH_PROFILE:
                    agrees(world, pupil, purpose)
        self.photos = [
            uploads(world, *self.dice.sample(self.pupils, 2), to=PLACES, words={"title": words}) for words in WORDS for _ in "12"
        ]

    def pupil(self) -> str:
        return self.dice.choice(self.pupils)

    def refuse(self) -> None:
        refuses(self.world, self.pupil(), Purpose.SHARED_SITE, later=0)

    def rename(self) -> None:
        known_as = self.dice.choice(["Holly", "Ivy", "Oak"])
        change = sync.PupilChange(known_as=known_as, reg_group=self.dice.choice(["Robin", "Wren"]))
        sync.change_pupil(self.pupil(), change, caller=caller(self.world), store=self.house.store, matchers=self.house.matchers)

    def protect(self) -> None:
        sync.set_protection(
            self.pupil(),
            protected=self.dice.random() < 0.5,
            caller=caller(self.world, Role.DSL),
            store=self.house.store,
            matchers=self.house.matchers,
        )

    def put_policy(self) -> None:
        sync.put_policy(
            policy_text() if self.dice.random() < 0.5 else None,
            actor="operator",
            store=self.house.store,
            school=self.world.school,
            matchers=self.house.matchers,
        )

    def say_anew(self) -> None:
        change = self.dice.choice(
            [
                Edit(words=PublishedWords(title=self.dice.choice(WORDS))),
                Edit(subjects=tuple(self.dice.sample(self.pupils, 2)), declared=True),
                Edit(add_destinations=PLACES),
            ]
        )
        photo = self.dice.choice(self.photos)
        edit(photo, change, caller=caller(self.world, Role.TEACHER), store=self.house.store, matchers=self.house.matchers)

    def send(self) -> None:
        sends(self.world, *self.dice.sample(self.pupils, 2), to=PLACES)

    def sweep(self) -> None:
        assert sweep_all(self.house)[self.world.school_id].failed == 0


def test_when_everybody_acts_at_once_no_step_fails_and_what_is_up_in_the_end_may_be_up(
    world: World, overheard: Overheard
) -> None:
    everybody = Everybody(world)
    stop = Event()

    def work(name: str) -> None:
        while not stop.is_set():
            if not work_once(world.house, worker=name):
                stop.wait(0.005)

    def act(do: Callable[[], None]) -> None:
        for _ in range(TURNS):
            do()

    acts = [everybody.refuse, everybody.rename, everybody.protect, everybody.put_policy, everybody.say_anew]
    with ThreadPoolExecutor(len(acts) + 5) as threads:
        working = [threads.submit(work, f"worker{number}") for number in range(3)]
        acting = [threads.submit(act, do) for do in (*acts, everybody.send, everybody.sweep)]
        try:
            for done in acting:
                done.result()
        finally:
            stop.set()
        for done in working:
            done.result()
    assert [entry for entry in overheard.entries if entry["event"] in {"step-failed", "sweep-failed"}] == []

    world.policy()
    world.clock.pass_by(seconds=120)
    work_until_idle(world.house)
    found = world.sweeps()
    assert (found.closed, found.altered, found.failed, found.orphans_removed, found.driven_again) == (0, 0, 0, 0, 0)
    assert_at_rest(world)
    live = [one for one in rows(world) if one.state != "retracted"]
    assert {one.state for one in live} <= {"published"}
    assert {outcome(world, one.photo_id, one.destination) for one in live} <= {"approved"}
    assert len({(one.photo_id, one.destination) for one in live}) == len(live)
    assert set(world.objects_with_bytes()) == keys_of(world, *(one.id for one in live))
