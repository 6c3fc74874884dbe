"""Register files: kept from preview until they are applied, then forgotten but for their digest."""

from typing import Any

from sqlalchemy import Row, select, update

from storage.errors import NotFound
from storage.store import Reading, Transaction
from storage.tables import register_import


def insert(step: Transaction, import_id: str, *, digest: str, profile: str, content: bytes) -> None:
    """Keep a previewed file."""
    values = {"school_id": step.school, "id": import_id, "digest": digest, "profile": profile, "content": content}
    step.write(register_import.insert().values(state="previewed", created_at=step.now, created_by=step.actor, **values))


def row(reading: Reading, import_id: str) -> Row[Any]:
    """Return a previewed or applied file. Raises NotFound."""
    mine = (register_import.c.school_id == reading.school, register_import.c.id == import_id)
    found = reading.rows(select(register_import).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("no such import in this school")
    return found


def is_overtaken(reading: Reading, stored: Row[Any]) -> bool:
    """True if another file was applied after this one was previewed: what was shown is no longer what would happen."""
    mine = (register_import.c.school_id == reading.school, register_import.c.applied_at > stored.created_at)
    return reading.rows(select(register_import.c.id).where(*mine)).first() is not None


def mark_applied(step: Transaction, import_id: str) -> None:
    """Note who applied it, and forget the file."""
    mine = (register_import.c.school_id == step.school, register_import.c.id == import_id)
    values = {"state": "applied", "applied_at": step.now, "applied_by": step.actor, "content": None}
    step.write(update(register_import).where(*mine).values(**values))
