"""Photos, where they were asked to go, and every decision about them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.base import Instant, belongs_to, identity, metadata

photo = Table(
    "photo",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("state", String(20), nullable=False),  # received, prepared, unclean, disposed
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("uploader", String(80), nullable=False),
    Column("idempotency", String(64)),  # hex SHA-256 of the client's Idempotency-Key
    Column("fingerprint", String(64), nullable=False),  # hex SHA-256 of the whole request: a key is for one request
    Column("original_key", String(200)),
    Column("original_sha256", String(64), nullable=False),
    Column("original_size", Integer, nullable=False),
    Column("wrapped_key", LargeBinary),  # NULL once destroyed: then no copy of the original can be opened
    Column("image", String(64)),
    Column("fault", String(40)),  # why there is no clean image, or no other sizes of the one there is
    Column("removed", JSON, nullable=False),  # [[kind, count], ...]: what was removed, never its value
    Column("camera", JSON, nullable=False),
    Column("no_pupils", Boolean, nullable=False),
    Column("declared", Boolean, nullable=False),
    Column("others", JSON, nullable=False),
    Column("covered", JSON, nullable=False),
    Column("cover_confirmed", Boolean, nullable=False),
    Column("place", String(20), nullable=False),
    Column("aware", String(20), nullable=False),
    Column("faces", String(20), nullable=False),
    Column("largest_face", Float),
    Column("device", String(80)),  # id of the one the upload names, else its sign-in's; "unknown"
    Column("classes", JSON),  # the uploader's reg groups at that time
    identity("matched_device", nullable=True),  # the enrolled device it came from, kept for the lists of the day
    Column("metadata_seen_by", String(80)),  # who looked at it because of what its file says, or might
    Column("mentioned", JSON(none_as_null=True)),  # [[pupil id, ...], ...]: who may be meant by each that the file names
    Column("suggested", JSON(none_as_null=True)),  # ids of pupils to ask the teacher about
    Column("typed_words", JSON),  # as typed, only until they are clean
    Column("words", JSON, nullable=False),
    Column("words_state", String(20), nullable=False),
    Column("words_names", String(64)),
    PrimaryKeyConstraint("school_id", "id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
    UniqueConstraint("school_id", "uploader", "idempotency"),
    Index(None, "school_id", "state", "changed_at"),
    Index(None, "school_id", "matched_device", "created_at"),
)

photo_subject = Table(
    "photo_subject",
    metadata,
    identity("school_id"),
    identity("photo_id"),
    identity("pupil_id"),
    PrimaryKeyConstraint("school_id", "photo_id", "pupil_id"),
    belongs_to("photo", "photo_id"),
    belongs_to("pupil", "pupil_id"),
    Index(None, "school_id", "pupil_id"),
)

decision = Table(
    "decision",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("photo_id"),
    Column("destination", String(80), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("photo_facts", Text, nullable=False),
    Column("register_digest", String(64), nullable=False),
    Column("policy", String(64)),
    Column("body", Text, nullable=False),  # the decision's own bytes
    PrimaryKeyConstraint("school_id", "id"),
    belongs_to("photo", "photo_id"),
    Index(None, "school_id", "decided_at"),
    Index(None, "school_id", "photo_id"),
)

evidence = Table(
    "evidence",
    metadata,
    identity("school_id"),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),  # the register as a decision saw it: ids, no names
    PrimaryKeyConstraint("school_id", "digest"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

photo_destination = Table(
    "photo_destination",
    metadata,
    identity("school_id"),
    identity("photo_id"),
    Column("destination", String(80), nullable=False),
    Column("outcome", String(20), nullable=False),  # pending, approved, held, rejected
    identity("decision_id", nullable=True),
    identity("publication_id", nullable=True),
    PrimaryKeyConstraint("school_id", "photo_id", "destination"),
    belongs_to("photo", "photo_id"),
    Index(None, "school_id", "outcome"),
)
