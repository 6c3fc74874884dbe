"""What an object store is: five operations, with which a publication can never beat a withdrawal.

Deleting is not retracting: a PUT in flight can land after a DELETE. So nothing is ever deleted and no key is ever used again.
An object is put once, if the key is free; a tombstone, an empty object, takes its place for ever and fences off what comes late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Put(StrEnum):
    """What became of a put. Only WRITTEN and SAME mean that the content is there, and on disk."""

    WRITTEN = "written"
    SAME = "same"
    """The same bytes stood there already: ours, this is a retry."""
    FENCED = "fenced"
    """A tombstone stands there."""
    TAKEN = "taken"
    """Other bytes stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored version of one object. ``size`` in bytes, 0 for a tombstone; ``modified_at`` has a time zone.

    ``version`` is the store's own name for the version, ``null`` where it keeps only one. ``key`` is what was found: a thing
    that somebody else laid there may have a name that no operation takes as a key.
    """

    key: str
    size: int
    version: str
    modified_at: datetime


class ObjectStore(Protocol):
    """Bytes under keys. Every operation may be called again, from any thread and any process.

    Each raises KeyRefused for a key out of shape and StoreUnavailable when the outcome is not known. A key MUST NOT be the folder
    of another one, as ``a`` is of ``a/b``: on some S3 servers it could then never be put.
    """

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        """Put content where nothing is: of any number of concurrent puts at most one is WRITTEN, and it is then durable.

        Raises ContentRefused when content is empty or too large. Does NOT replace anything, ever.
        """
        ...

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        """Put what a file holds, as ``put_if_absent`` puts content, without holding it in memory unless the key is not free.

        The file MUST be whole, and nobody may write to it again: a store may give it a second name instead of copying it.
        """
        ...

    def tombstone(self, key: str) -> None:
        """Leave an empty object at key, for ever, whatever put is still under way; no version with content remains.

        Returns only when that holds and is durable.
        """
        ...

    def get(self, key: str) -> bytes | None:
        """Return what stands at key: its content, ``b""`` for a tombstone, None where nothing ever was."""
        ...

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield every stored version whose key begins with prefix, tombstones too, in the order of the keys."""
        ...
