"""What every table is made of: instants, ids, and the tie to its school."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKeyConstraint, MetaData, String, TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. A naive one is refused: it could be any time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC. Raises ValueError for a naive instant."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant without a time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back; SQLite has forgotten the zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity(name: str, **options: Any) -> Column[str]:  # noqa: ANN401 - handed to Column as they are
    """Make a column that holds one of our opaque ids."""
    return Column(name, String(64), nullable=options.pop("nullable", False), **options)


def belongs_to(parent: str, column: str) -> ForeignKeyConstraint:
    """Tie a column to a row of the same school."""
    return ForeignKeyConstraint(["school_id", column], [f"{parent}.school_id", f"{parent}.id"])
