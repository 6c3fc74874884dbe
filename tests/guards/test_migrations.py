"""The schema has one history, whose end is exactly what the tables say, and any number of processes may walk it at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, select

from storage import migrate
from storage.database import open_database
from storage.migrate import is_at_head, to_head
from storage.store import Store
from storage.tables import audit_entry, metadata, school
from tests.parts.world import START, Backend, StillClock

AT_ONCE = 3


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """A database with nothing in it, not even our tables."""
    if request.config.getoption("--backend") == "sqlite-folder":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        url = request.getfixturevalue("fresh_postgres_url")
    return Backend(database_url=url, store_url="", folder=tmp_path)


@pytest.fixture
def empty(backend: Backend) -> Iterator[Engine]:
    found = open_database(backend.database_url)
    yield found
    found.dispose()


def history() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)


def test_there_is_one_head_and_one_line_of_steps_to_it() -> None:
    found = history()
    assert len(found.get_heads()) == len(found.get_bases()) == 1
    assert not any(step.is_branch_point or step.is_merge_point for step in found.walk_revisions())


def test_at_head_the_schema_is_what_the_tables_say(empty: Engine) -> None:
    to_head(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            there = {index["name"]: index for index in inspect(connection).get_indexes(table.name)}
            assert {str(index.name) for index in table.indexes} <= set(there)
            assert {
                name: bool(index["unique"]) for name, index in there.items() if name in {one.name for one in table.indexes}
            } == {str(index.name): index.unique for index in table.indexes}


def test_an_empty_database_is_not_at_head_and_a_migrated_one_is(empty: Engine) -> None:
    with empty.connect() as connection:
        assert not is_at_head(connection)
    to_head(empty)
    with empty.connect() as connection:
        assert is_at_head(connection)


def test_going_to_head_again_changes_nothing(empty: Engine) -> None:
    to_head(empty)
    with Store(engine=empty, clock=StillClock()).housekeeping() as connection:
        connection.execute(school.insert().values(id="elmfield", name="Elmfield", created_at=START, names="0" * 64))
    to_head(empty)
    with empty.connect() as connection:
        assert connection.execute(select(school.c.id)).scalars().all() == ["elmfield"]
        assert is_at_head(connection)


def test_a_migration_that_fails_leaves_nothing_half_done(empty: Engine) -> None:
    created: list[str] = []

    def stop_at_the_fifth(*given: Any) -> None:
        if "CREATE TABLE" in given[2]:
            created.append(given[2])
            if len(created) > 4:
                raise ZeroDivisionError

    event.listen(empty, "before_cursor_execute", stop_at_the_fifth)
    with pytest.raises(ZeroDivisionError):
        to_head(empty)
    event.remove(empty, "before_cursor_execute", stop_at_the_fifth)
    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == []
    to_head(empty)
    with empty.connect() as connection:
        assert is_at_head(connection)


def test_processes_that_start_together_on_an_empty_database_all_find_it_at_head(backend: Backend, root: Path) -> None:
    program = (
        "import sys; from storage.database import open_database; from storage.migrate import to_head; "
        "to_head(open_database(sys.argv[1]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, backend.database_url], cwd=root, stderr=subprocess.PIPE, text=True)
        for _ in range(AT_ONCE)
    ]
    ended = [(one.communicate(timeout=120)[1], one.returncode) for one in started]
    assert [code for _, code in ended] == [0] * AT_ONCE, ended
    engine = open_database(backend.database_url)
    with engine.connect() as connection:
        assert is_at_head(connection)
        assert connection.execute(select(audit_entry)).all() == []
    engine.dispose()
