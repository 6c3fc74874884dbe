"""Opening the database: one engine, durable settings, and how a write begins."""

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from storage.errors import DatabaseUnknown

WRITES = "gatekeeper_writes"
"""Execution option of a connection whose transaction will write."""


def open_database(url: str) -> Engine:
    """Open ``sqlite:///file`` or ``postgresql+psycopg://...``; raises DatabaseUnknown for anything else, echoing nothing.

    SQLite: write-ahead log, synchronous=FULL (an acknowledged commit survives a power cut), writers queue from BEGIN on for up
    to 30 s, foreign keys on. PostgreSQL: READ COMMITTED, a connection is tested before use. No error tells what was stored.
    """
    try:
        parsed = make_url(url)
    except Exception as fault:
        raise DatabaseUnknown("the database URL can't be read") from fault
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(url, parsed.database)
        case "postgresql":
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                isolation_level="READ COMMITTED",  # whatever the server's default: every step reads again what it has locked
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=20,
                hide_parameters=True,
            )
        case _:
            raise DatabaseUnknown("the database must be SQLite or PostgreSQL")


def _open_sqlite(url: str, file: str | None) -> Engine:
    if not file or file == ":memory:":
        raise DatabaseUnknown("SQLite needs a file")
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=20,
        max_overflow=20,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3 must not begin by itself: we do, below
    cursor = connection.cursor()  # type: ignore[attr-defined] # a plain sqlite3 connection
    for setting in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
