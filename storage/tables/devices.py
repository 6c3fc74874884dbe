"""The device register, the headteacher's exceptions from it, and who said that a card was wiped."""

from sqlalchemy import JSON, Column, Date, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, String, Table

from storage.tables.base import Instant, belongs_to, identity, metadata

device = Table(
    "device",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("label", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("owner", String(20), nullable=False),
    Column("make", String(64), nullable=False),
    Column("model", String(64), nullable=False),
    Column("serial", String(64)),
    Column("reg_groups", JSON, nullable=False),  # none: the whole school's
    Column("active_from", Date),
    Column("active_until", Date),
    Column("noted_by", String(80), nullable=False),
    Column("noted_at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

device_exception = Table(
    "device_exception",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("device_id", nullable=True),
    Column("make", String(64)),
    Column("model", String(64)),
    Column("serial", String(64)),
    identity("sign_in", nullable=True),  # id of a token
    Column("reg_groups", JSON, nullable=False),
    Column("destinations", JSON, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("granted_by", String(80), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("withdrawn_by", String(80)),
    Column("withdrawn_at", Instant),
    PrimaryKeyConstraint("school_id", "id"),
    belongs_to("device", "device_id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

device_wipe = Table(
    "device_wipe",
    metadata,
    identity("school_id"),
    identity("id"),
    identity("device_id"),  # or "unknown"
    Column("day", Date, nullable=False),
    Column("originals", Integer, nullable=False),
    Column("covers_from", Instant, nullable=False),  # which originals it speaks of: those accepted from here ...
    Column("covers_until", Instant, nullable=False),  # ... to here, both included
    Column("confirmed_by", String(80), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
    Index(None, "school_id", "device_id", "day"),
)
