"""The school of these tests: its store is raced once for all of them, and its rows can be looked at."""

from dataclasses import replace

import pytest

from tests.parts.world import World
from tests.service.pipeline.faults import ProvenOnce


@pytest.fixture
def world(world: World) -> World:
    world.house = replace(world.house, safety=ProvenOnce(world.house))
    return world
