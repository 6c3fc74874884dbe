"""The job queue and the append-only audit log."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from storage.tables.base import Instant, identity, metadata

_READY = text("state = 'ready'")

job = Table(
    "job",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("kind", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("state", String(10), nullable=False),  # ready, leased, done
    Column("urgency", Integer, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),  # attempts in a row that ended without a word
    Column("leased_by", String(80)),
    Column("leased_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("fault", String(80)),
    PrimaryKeyConstraint("school_id", "id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
    Index("uq_job_ready", "school_id", "kind", "subject", unique=True, sqlite_where=_READY, postgresql_where=_READY),
    Index(None, "state", "urgency", "run_at"),
)

log_tail = Table(
    "log_tail",
    metadata,
    identity("school_id", primary_key=True),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    identity("school_id"),
    Column("position", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON: ids, codes and counts, never a name
    Column("leaf", String(64), nullable=False),  # RFC 6962 leaf hash over every other column
    PrimaryKeyConstraint("school_id", "position"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
    Index(None, "school_id", "kind", "position"),
)
