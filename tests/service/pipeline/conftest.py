"""The school of these tests: on an S3 store all share its buckets, and it is raced once for all of them."""

from dataclasses import replace

import pytest

from tests.parts.world import World
from tests.service.pipeline.faults import ProvenOnce


@pytest.fixture
def bucket_prefix() -> str:
    """One for all: every key begins with a school's own id, and each bucket costs the server room that it never gives back."""
    return "t-pipeline"


@pytest.fixture
def world(world: World) -> World:
    world.house = replace(world.house, safety=ProvenOnce(world.house))
    return world
