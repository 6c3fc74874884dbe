"""What is or was published: the only rows readers go through."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.base import Instant, belongs_to, identity, metadata

_LIVE = text("state IN ('putting', 'published')")

publication = Table(
    "publication",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("photo_id"),
    identity("decision_id"),
    Column("image", String(64), nullable=False),
    Column("destination", String(80), nullable=False),
    Column("state", String(20), nullable=False),  # putting, published, retracting, retracted
    Column("words", JSON, nullable=False),
    Column("photo_facts", Text, nullable=False),  # the photo as it was decided on; frozen, but for the words' check
    Column("valid_until", Date),
    Column("created_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("position", Integer),  # of its publication in the audit log: the order editors pull in
    Column("retracting_at", Instant),
    Column("retracted_by", String(80)),
    Column("because", JSON),
    Column("retracted_at", Instant),
    Column("receipt", JSON),
    PrimaryKeyConstraint("school_id", "id"),
    belongs_to("photo", "photo_id"),
    Index("uq_publication_live", "school_id", "photo_id", "destination", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index(None, "school_id", "state", "destination", "position"),
    Index(None, "school_id", "state", "valid_until"),
)

publication_pupil = Table(
    "publication_pupil",
    metadata,
    identity("school_id"),
    identity("publication_id"),
    identity("pupil_id"),
    Column("purpose", String(40), nullable=False),
    PrimaryKeyConstraint("school_id", "publication_id", "pupil_id"),
    belongs_to("publication", "publication_id"),
    Index(None, "school_id", "pupil_id"),
)

rendition = Table(
    "rendition",
    metadata,
    identity("school_id"),
    identity("publication_id"),
    Column("name", String(20), nullable=False),
    Column("object_key", String(200), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    PrimaryKeyConstraint("school_id", "publication_id", "name"),
    UniqueConstraint("object_key"),
    belongs_to("publication", "publication_id"),
)
