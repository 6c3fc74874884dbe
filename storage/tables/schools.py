"""The school, its policy, and who may sign in."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.base import Instant, belongs_to, identity, metadata

school = Table(
    "school",
    metadata,
    identity("id", primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("policy", String(64)),  # digest of the policy in force; NULL closes the gate
    Column("last_policy", String(64)),  # the last one that was in force: what is live is judged by it
    Column("names", String(64), nullable=False),  # digest of every name on the register
)

policy_text = Table(
    "policy_text",
    metadata,
    identity("school_id"),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "digest"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

account = Table(
    "account",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("email", String(254), nullable=False),
    Column("role", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("school_id", "id"),
    UniqueConstraint("school_id", "email"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)

enrolment = Table(
    "enrolment",
    metadata,
    identity("school_id"),
    Column("code", String(64), nullable=False),  # hex SHA-256 of the one-time code
    identity("account_id"),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("school_id", "code"),
    UniqueConstraint("code"),
    belongs_to("account", "account_id"),
)

access_token = Table(
    "access_token",
    metadata,
    identity("school_id"),
    identity("id"),
    Column("secret", String(64), nullable=False),  # hex SHA-256 of the token
    Column("role", String(20), nullable=False),
    Column("classes", JSON, nullable=False),
    identity("account_id", nullable=True),
    identity("device_id", nullable=True),  # the enrolled device that it is used on
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    PrimaryKeyConstraint("school_id", "id"),
    UniqueConstraint("secret"),
    ForeignKeyConstraint(["school_id"], ["school.id"]),
)
