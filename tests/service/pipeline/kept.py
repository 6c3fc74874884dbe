"""One house for all tests that ask for it: what it opened stays warm, and its memory is empty again after each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from service.app import create
from service.imaging import Sandbox
from service.wiring import House, build
from storage.tables import metadata
from tests.parts.world import START, Backend, StillClock, World, settings_for


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHouse:
    """A house, its clock, and a client at its doors."""

    house: House
    clock: StillClock
    backend: Backend
    client: TestClient

    def empty(self) -> None:
        """Forget every row, and what time it was. Objects stay: each begins with the id of a school that is no more."""
        with self.house.store.housekeeping() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        self.clock.now = START

    def school(self) -> World:
        """A school as ``world`` is one."""
        nobody = World(
            house=self.house,
            clock=self.clock,
            backend=self.backend,
            client=self.client,
            school="",
            tokens={},
            numbers=iter(()),
        )
        return nobody.neighbour("Elmfield Primary")


@pytest.fixture(scope="module")
def backend(request: pytest.FixtureRequest, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """What the house remembers with: one for the tests of a file, all on the same buckets."""
    folder = tmp_path_factory.mktemp("kept")
    if request.config.getoption("--backend") == "sqlite-folder":
        file = shutil.copy(migrated, folder / "school.sqlite")
        yield Backend(database_url=f"sqlite:///{file}", store_url=f"file://{folder / 'objects'}", folder=folder)
        return
    from tests.parts.postgres import fresh_database  # noqa: PLC0415 - only where the server is wanted

    weed, postgres = request.getfixturevalue("seaweed"), request.getfixturevalue("postgres_url")
    with pytest.MonkeyPatch.context() as environment, fresh_database(postgres, template=migrated) as url:
        for name, value in weed.environment.items():
            environment.setenv(name, value)
        yield Backend(database_url=url, store_url=weed.store_url("t-kept"), folder=folder, environment=dict(weed.environment))


@pytest.fixture(scope="module")
def kept_house(backend: Backend, sandbox: Sandbox) -> Iterator[KeptHouse]:
    clock = StillClock()
    house = build(settings_for(backend), clock=clock, sandbox=sandbox)
    yield KeptHouse(house=house, clock=clock, backend=backend, client=TestClient(create(house), raise_server_exceptions=False))
    house.close()


@pytest.fixture
def clock(kept_house: KeptHouse) -> StillClock:
    return kept_house.clock


@pytest.fixture
def world(kept_house: KeptHouse) -> Iterator[World]:
    yield kept_house.school()
    kept_house.empty()
