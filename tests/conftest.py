"""What every test can have: a backend, a clock that stands still until told, and a whole school on top of both."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from storage.database import open_database
from storage.migrate import to_head
from tests.parts.world import Backend, KeptSandbox, StillClock, World, open_world

pytest_plugins = ["tests.parts.postgres", "tests.parts.seaweed"]

settings.register_profile(
    "suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=["sqlite-folder", "postgresql-s3"],
        default="sqlite-folder",
        help="what the school's memory is made of",
    )
    parser.addoption("--mutations", type=int, default=600, help="how many mutants of the corpus of dirty pictures are tried")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second backend run what has a backend: the rest has no memory and was run with the first."""
    if config.getoption("--backend") == "sqlite-folder":
        return
    kept = [item for item in items if "backend" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database at head, to be copied for each test: a SQLite file, or the name of a PostgreSQL database."""
    if request.config.getoption("--backend") == "sqlite-folder":
        file = tmp_path_factory.mktemp("migrated") / "head.sqlite"
        engine = open_database(f"sqlite:///{file}")
        to_head(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return str(file)
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - only here

    from tests.parts.postgres import kept_database  # noqa: PLC0415 - only where the server is wanted

    url = kept_database(request.getfixturevalue("postgres_url"), name="migrated")
    engine = open_database(url)
    to_head(engine)
    engine.dispose()
    return str(make_url(url).database)


@pytest.fixture(scope="session")
def buckets_of_the_run() -> str:
    """Three buckets serve every test: each test's schools have ids, and so keys, of their own."""
    return f"run-{secrets.token_hex(6)}"


@pytest.fixture
def backend(request: pytest.FixtureRequest, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """A migrated, empty database and empty object stores for one test."""
    if request.config.getoption("--backend") == "sqlite-folder":
        shutil.copy(migrated, tmp_path / "school.sqlite")
        yield Backend(
            database_url=f"sqlite:///{tmp_path / 'school.sqlite'}", store_url=f"file://{tmp_path / 'objects'}", folder=tmp_path
        )
        return
    from tests.parts.postgres import fresh_database  # noqa: PLC0415 - only where the server is wanted

    weed = request.getfixturevalue("seaweed")
    for name, value in weed.environment.items():
        monkeypatch.setenv(name, value)
    with fresh_database(request.getfixturevalue("postgres_url"), template=migrated) as url:
        store_url = weed.store_url(request.getfixturevalue("buckets_of_the_run"))
        yield Backend(database_url=url, store_url=store_url, folder=tmp_path, environment=dict(weed.environment))


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that ran in this process wrote its log to a stream that ends with its test: the next test starts afresh."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> StillClock:
    """Noon on a school day in November; it moves when told."""
    return StillClock()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[KeptSandbox]:
    """One imaging child, kept warm for the whole run."""
    kept = KeptSandbox()
    yield kept
    kept.end()


@pytest.fixture
def world(backend: Backend, clock: StillClock, sandbox: KeptSandbox) -> Iterator[World]:
    """One school, "Elmfield", with policy, tokens of every role and an empty register that was just seen whole."""
    with open_world(backend, clock, sandbox=sandbox) as found:
        yield found


@pytest.fixture
def another_world(world: World) -> Callable[[str], World]:
    """Make another school in the same house."""
    return world.neighbour


@pytest.fixture(scope="session")
def in_ci() -> bool:
    return os.environ.get("CI") == "true"
