"""Alive, always; ready, only while a picture could really be published, and saying which part is not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest
from structlog.testing import capture_logs

from service import operate
from service.api.shown import Readiness
from service.imaging import Sandbox
from service.problems import READY_PARTS
from service.wiring import House, Safety
from storage.migrate import to_head
from tests.parts.broken import SECRET, client_of, with_unsafe_store, without_database, without_store
from tests.parts.world import World
from tests.service.imaging.behaving import NO_LANDLOCK, NO_SECCOMP, UNWALLED, with_behaviour


def no_database(world: World) -> House:
    return without_database(world.house, world.backend.folder)


def no_store(world: World) -> House:
    return without_store(world.house)


def unsafe_store(world: World) -> House:
    return with_unsafe_store(world.house)


def no_policy(world: World) -> House:
    operate.set_policy(world.house, world.school_id, None)
    return world.house


def stale_register(world: World) -> House:
    world.clock.pass_by(days=60)
    return world.house


def one_school_of_two_without_a_policy(world: World) -> House:
    neighbour = world.neighbour()
    operate.set_policy(neighbour.house, neighbour.school_id, None)
    return world.house


WRONG: Final[Mapping[Callable[[World], House], set[str]]] = {
    no_database: {"database", "policy", "register_fresh"},
    no_store: {"store"},
    unsafe_store: {"store"},
    no_policy: {"policy"},
    stale_register: {"register_fresh"},
    one_school_of_two_without_a_policy: {"policy"},
}


def test_a_house_where_all_is_well_is_ready(world: World) -> None:
    answer = client_of(world.house).get("/readyz")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {"status": "ready", "sandbox": "jailed", "waiting": 0} | dict.fromkeys(READY_PARTS, True)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_house_with_a_part_that_fails_is_not_ready_and_says_which(world: World, wrong: Callable[[World], House]) -> None:
    answer = client_of(wrong(world)).get("/readyz")
    body = answer.json()
    assert (answer.status_code, body["type"]) == (503, "/problems/not-ready")
    assert {part for part in READY_PARTS if body[part] is False} == WRONG[wrong]
    assert SECRET not in answer.text


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_process_that_answers_is_alive_whatever_fails_around_it(world: World, wrong: Callable[[World], House]) -> None:
    answer = client_of(wrong(world)).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_tells_how_many_steps_wait(world: World) -> None:
    world.sends(world.pupil("Ada Frost"))
    assert client_of(world.house).get("/readyz").json()["waiting"] == 1


def test_the_parts_that_are_told_are_the_same_whether_ready_or_not() -> None:
    assert {*READY_PARTS, "status", "sandbox", "waiting"} == set(Readiness.model_fields)


def test_a_house_without_a_school_is_not_ready(world: World) -> None:
    """Nothing could be published: there is nobody to publish for."""
    house = without_database(world.house, world.backend.folder)
    to_head(house.engine)
    body = client_of(house).get("/readyz").json()
    assert {part for part in READY_PARTS if body[part] is False} == {"policy", "register_fresh"}


def shut_in_by(world: World, missing: str, *, required: bool) -> tuple[House, Sandbox]:
    """The house on a kernel that does not put up every wall around pictures."""
    sandbox = Sandbox(command=with_behaviour("", before=missing), required=required)
    return replace(world.house, sandbox=sandbox, safety=Safety(stores=world.house.stores, sandbox=sandbox)), sandbox


@pytest.mark.parametrize(("missing", "told"), [(NO_SECCOMP, "partly-jailed"), (UNWALLED, "limits-only")])
def test_a_house_that_shuts_pictures_in_badly_is_ready_and_says_so(world: World, missing: str, told: str) -> None:
    house, sandbox = shut_in_by(world, missing, required=False)
    with sandbox, capture_logs() as logs:
        answer = client_of(house).get("/readyz")
    assert (answer.status_code, answer.json()["sandbox"]) == (200, told)
    assert {"event": "imaging-not-jailed", "log_level": "warning", "jail": told} in logs


@pytest.mark.parametrize("missing", [NO_LANDLOCK, UNWALLED])
def test_a_house_that_must_shut_pictures_in_and_cannot_is_not_ready(world: World, missing: str) -> None:
    house, sandbox = shut_in_by(world, missing, required=True)
    with sandbox:
        answer = client_of(house).get("/readyz")
    assert (answer.status_code, answer.json()["imaging"]) == (503, False)
