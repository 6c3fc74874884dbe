"""The only way to look: every read goes through the publication's row and is checked again."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from consent.retraction import has_ended
from storage import publications
from storage.errors import NotFound
from storage.objects.protocol import ObjectStore
from storage.store import Reading


class Gone(StrEnum):
    """Why nothing is shown. Both look the same to a reader."""

    RETRACTED = "retracted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The bytes of one rendition, as they were proven clean."""

    content: bytes
    media_type: str
    sha256: str


class Gallery:
    """Reads published images."""

    def __init__(self, *, objects: ObjectStore) -> None:
        """Hold the publish bucket, to read from."""
        self._objects = objects

    def look(self, reading: Reading, publication_id: str, name: str) -> Shown | Gone:
        """Read one rendition if its row says ``published`` and its last day is not over.

        Raises NotFound if there never was such a publication or rendition. Bytes that are not those that were proven clean are
        never shown: that is Gone too.
        """
        stored = publications.row(reading, publication_id)
        found = next((one for one in publications.renditions(reading, publication_id) if one.name == name), None)
        if found is None or stored.state == "putting":
            raise NotFound("no such rendition")
        closed = self.closed(reading, stored)
        if closed is not None:
            return closed
        content = self._objects.get(found.object_key)
        if not content or sha256(content).hexdigest() != found.sha256:
            return Gone.RETRACTED
        return Shown(content=content, media_type=found.media_type, sha256=found.sha256)

    @staticmethod
    def closed(reading: Reading, stored: Row[Any]) -> Gone | None:
        """Say why a publication is not shown, if it is not."""
        if stored.state != "published":
            return Gone.RETRACTED
        return Gone.ENDED if has_ended(stored.valid_until, reading.now) else None
