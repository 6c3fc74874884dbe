"""A class is one that somebody on the register is in: what names another is a slip of the pen, and is refused as such."""

from typing import Any

import pytest

from consent.events import Event
from service import operate
from storage.errors import UnknownRegGroup
from storage.users import Role
from tests.parts.equipment import CAMERA, ROBIN, allows, changes, enrols
from tests.parts.world import Answer, World


def refuses_the_class(answer: Answer) -> bool:
    found: dict[str, Any] = answer.json()
    echoed = "Zorblax" in answer.text
    return (answer.status_code, found["type"], found.get("fields"), echoed) == (422, "/problems/invalid", ["reg_groups"], False)


@pytest.fixture
def ada(world: World) -> str:
    """The one child of the school's one class, Robin."""
    world.policy(exceptions="true")
    return world.pupil("Ada Frost")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("groups", [["Zorblax"], ["Robin", "Zorblax"], ["robin"], ["Robin "]])
def test_a_device_or_an_exception_for_a_class_that_nobody_is_in_is_refused(world: World, groups: list[str]) -> None:
    camera = enrols(world, CAMERA, **ROBIN)
    office = world.as_role(Role.OFFICE)
    assert refuses_the_class(world.client.post("/v1/devices", json=CAMERA | {"reg_groups": groups}, headers=office))
    assert refuses_the_class(changes(world, camera, reg_groups=groups))
    assert refuses_the_class(allows(world, device=camera, reg_groups=groups))
    listed = world.client.get("/v1/devices", headers=office).json()["items"]
    assert [one["reg_groups"] for one in listed] == [["Robin"]]
    assert world.recorded(Event.EXCEPTION_GRANTED) == []
    assert allows(world, device=camera, **ROBIN).status_code == 201


@pytest.mark.usefixtures("ada")
def test_a_token_for_a_class_that_nobody_is_in_is_refused(world: World) -> None:
    made = len(world.recorded(Event.TOKEN_CREATED))
    with pytest.raises(UnknownRegGroup):
        operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=("Robin", "Zorblax"), days=None)
    assert len(world.recorded(Event.TOKEN_CREATED)) == made


def test_the_class_of_those_who_have_left_is_none_any_more(world: World, ada: str) -> None:
    world.pupil("Ben Okoro", reg_group="Wren")
    world.change_pupil(ada, left_on=world.clock.now.date().isoformat())
    assert enrols(world, CAMERA, **ROBIN)
    world.clock.pass_by(days=1)
    assert refuses_the_class(
        world.client.post("/v1/devices", json=CAMERA | {"serial": "7"} | ROBIN, headers=world.as_role(Role.OFFICE))
    )


def test_a_device_keeps_the_class_that_it_was_given_while_something_else_is_put_right(world: World, ada: str) -> None:
    camera = enrols(world, CAMERA, **ROBIN)
    world.change_pupil(ada, reg_group="Wren")
    assert changes(world, camera, label="Old Robin camera").status_code == 204
    assert changes(world, camera, reg_groups=["Robin", "Wren"]).status_code == 204
    assert changes(world, camera, reg_groups=["Wren"]).status_code == 204
    assert refuses_the_class(changes(world, camera, reg_groups=["Wren", "Robin"]))


def test_before_the_first_import_every_class_passes(world: World) -> None:
    neighbour = world.neighbour()
    neighbour.pupil("Cy Lee", reg_group="Owl")
    assert enrols(world, CAMERA, reg_groups=["Kestrel"])
    assert world.another(Role.TEACHER, classes=("Kestrel",))
