"""The memory alone: a migrated database with two empty schools in it, and neither pictures nor doors."""

import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from consent.people import SchoolId
from storage import schools
from storage.database import open_database
from storage.store import Store
from storage.tables import metadata
from tests.parts.world import Backend, StillClock


@pytest.fixture(scope="module")
def backend(request: pytest.FixtureRequest, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A database at head for the tests of one file, without object stores."""
    folder = tmp_path_factory.mktemp("memory")
    if request.config.getoption("--backend") == "sqlite-folder":
        file = shutil.copy(migrated, folder / "school.sqlite")
        yield Backend(database_url=f"sqlite:///{file}", store_url="", folder=folder)
        return
    from tests.parts.postgres import fresh_database  # noqa: PLC0415 - only where the server is wanted

    with fresh_database(request.getfixturevalue("postgres_url"), template=migrated) as url:
        yield Backend(database_url=url, store_url="", folder=folder)


@pytest.fixture(scope="module")
def kept_engine(backend: Backend) -> Iterator[Engine]:
    found = open_database(backend.database_url)
    yield found
    found.dispose()


@pytest.fixture
def engine(kept_engine: Engine) -> Iterator[Engine]:
    """The database, empty again after each test."""
    yield kept_engine
    with kept_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def store(engine: Engine, clock: StillClock) -> Store:
    return Store(engine=engine, clock=clock)


@pytest.fixture
def school(store: Store) -> SchoolId:
    return _new(store, "elmfield")


@pytest.fixture
def next_door(store: Store) -> SchoolId:
    return _new(store, "oakfield")


def _new(store: Store, school_id: str) -> SchoolId:
    schools.create(store, SchoolId(school_id), name=school_id.title(), names="0" * 64, actor="test")
    return SchoolId(school_id)
