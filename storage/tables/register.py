"""The consent register: pupils, persons, append-only answers, imports."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from storage.tables.base import Instant, belongs_to, identity, metadata

pupil = Table(
    "pupil",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("upn", String(13), nullable=False),
    Column("forename", String(200), nullable=False),
    Column("middle", String(200), nullable=False),
    Column("surname", String(200), nullable=False),
    Column("known_as", String(200), nullable=False),
    Column("former_names", JSON, nullable=False),  # [[forename or "", surname or ""], ...]
    Column("reg_group", String(40), nullable=False),
    Column("year_group", String(10), nullable=False),
    Column("on_roll_from", Date),
    Column("left_on", Date),
    Column("protected", Boolean, nullable=False),
    Column("suspended", Boolean, nullable=False),
    Column("has_journal", Boolean, nullable=False),
    Column("legal_status", String(40), nullable=False),
    Column("legal_status_since", Instant),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    UniqueConstraint("school_id", "upn"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
    Index(None, "school_id", "reg_group"),
)

person = Table(
    "person",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("pupil_id"),
    Column("relation", String(40), nullable=False),
    Column("code", String(40), nullable=False),  # tells two mothers apart; empty for the only one
    Column("authority", String(40), nullable=False),
    Column("barred", Boolean, nullable=False),
    Column("delegated", JSON, nullable=False),
    Column("asked", JSON, nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    UniqueConstraint("school_id", "pupil_id", "relation", "code"),
    belongs_to("pupil", "pupil_id"),
)

consent_record = Table(
    "consent_record",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("pupil_id"),
    identity("person_id"),
    Column("purpose", String(40), nullable=False),
    identity("photo_id", nullable=True),
    Column("answer", String(10), nullable=False),
    Column("relation", String(40), nullable=False),
    Column("authority", String(40), nullable=False),
    Column("answered_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("source", String(40), nullable=False),
    Column("valid_until", Date),
    Column("recorded_by", String(80), nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    belongs_to("pupil", "pupil_id"),
    belongs_to("person", "person_id"),
    Index(None, "school_id", "pupil_id"),
)

consent_retirement = Table(
    "consent_retirement",
    metadata,
    identity("school_id"),
    identity("record_id"),
    Column("role", String(20), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "record_id", "role"),
    belongs_to("consent_record", "record_id"),
)

register_source = Table(
    "register_source",
    metadata,
    identity("school_id"),
    Column("source", String(40), nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "source"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

register_import = Table(
    "register_import",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("digest", String(64), nullable=False),
    Column("profile", String(40), nullable=False),
    Column("content", LargeBinary),  # the file, until it is applied or forgotten
    Column("state", String(20), nullable=False),  # previewed, applied
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("applied_by", String(80)),
    Column("applied_at", Instant),
    PrimaryKeyConstraint("school_id", "id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)
