"""Originals, exactly as uploaded, sealed under a key of their own photo. They are never served to anybody."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from consent.people import SchoolId
from consent.photo import PhotoId
from storage.objects.errors import ContentRefused, ObjectDisposed, ObjectMissing, SealBroken, StoreUnavailable
from storage.objects.incoming import Incoming
from storage.objects.keys import photo_identity, photo_key
from storage.objects.protocol import Entry, ObjectStore, Put
from storage.receiving import Received, Receiving
from storage.sealing import PhotoKey, Sealed, WrappingKey, open_sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where an original rests, and what opens it: for the photo's row.

    ``sha256`` (hex) and ``size`` (bytes) are those of the original itself. Forgetting ``wrapped_key`` shreds the original in
    every copy of the store, backups too.
    """

    key: str
    wrapped_key: bytes = field(repr=False)
    sha256: str
    size: int


class Quarantine:
    """The originals of every school, in one object store that nothing else uses."""

    def __init__(self, *, objects: ObjectStore, wrapping_key: WrappingKey, spool: Path) -> None:
        """Make the spool, a private folder on the data disk, and clear what a crash left in it. Raises StoreUnavailable."""
        self._objects = objects
        self._wrapping_key = wrapping_key
        try:
            self._spool = Incoming(folder=spool)
        except OSError as fault:
            raise StoreUnavailable(f"spool: {type(fault).__name__} {fault.errno}") from fault

    def receive(self, *, school_id: SchoolId, photo_id: PhotoId) -> Receiving:
        """Begin to take an original in, sealed under a fresh key of its own. Nothing is kept before ``keep``.

        Raises KeyRefused for an id that cannot be part of a key, and StoreUnavailable.
        """
        aad = photo_identity(school_id, photo_id)
        key = PhotoKey.fresh(aad=aad, school_key=self._wrapping_key.of_school(school_id))
        try:
            arrival = self._spool.begin()
        except OSError as fault:
            raise StoreUnavailable(f"spool: {type(fault).__name__} {fault.errno}") from fault
        return Receiving(school_id=school_id, photo_id=photo_id, key=key, arrival=arrival)

    def keep(self, received: Received) -> Kept:
        """Keep what came in, durably, under a fresh random key. It stays the caller's to close.

        Raises ContentRefused for an empty original or one larger than a store takes, and StoreUnavailable. A keep whose answer
        is lost leaves an orphan, which ``list`` shows.
        """
        if not received.size:
            raise ContentRefused("an original has at least one byte")
        key = photo_key(received.school_id, received.photo_id, secrets.token_hex(16))
        if self._objects.put_file_if_absent(key, received.arrival.path) not in {Put.WRITTEN, Put.SAME}:
            raise StoreUnavailable("keep: a fresh random key was not free")
        return Kept(key=key, wrapped_key=received.key.wrapped, sha256=received.sha256, size=received.size)

    def original(self, *, school_id: SchoolId, photo_id: PhotoId, kept: Kept) -> bytes:
        """Return the original, byte for byte as it was uploaded.

        Raises ObjectDisposed, ObjectMissing, StoreUnavailable, and SealBroken when the bytes were altered, or are another
        school's or photo's.
        """
        content = self._objects.get(kept.key)
        if content is None:
            raise ObjectMissing("an original is not where it was kept")
        if not content:
            raise ObjectDisposed("the original was disposed of")
        original = open_sealed(
            Sealed(content=content, wrapped_key=kept.wrapped_key),
            aad=photo_identity(school_id, photo_id),
            school_key=self._wrapping_key.of_school(school_id),
        )
        if hashlib.sha256(original).hexdigest() != kept.sha256:
            raise SealBroken("the original is not the one that was kept")
        return original

    def dispose(self, key: str) -> None:
        """Leave a tombstone where the original was, for ever. Does NOT forget the wrapped key: that is the caller's row."""
        self._objects.tombstone(key)

    def list(self) -> Iterator[Entry]:
        """Yield every stored version that still has content, so that one which no photo knows can be found."""
        return (entry for entry in self._objects.list("") if entry.size > 0)
