"""An original on its way in: hashed and sealed as it arrives, so that the disk never holds one byte of it open."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from consent.people import SchoolId
from consent.photo import PhotoId
from storage.objects.errors import StoreUnavailable
from storage.objects.incoming import Arrival
from storage.sealing import PhotoKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An original that came in whole and lies sealed in the spool until it is closed. ``sha256`` and ``size`` are its own."""

    school_id: SchoolId
    photo_id: PhotoId
    key: PhotoKey = field(repr=False)
    sha256: str
    size: int
    arrival: Arrival = field(repr=False)

    def original(self) -> bytes:
        """Return the original, read back and opened. Raises StoreUnavailable and SealBroken."""
        with _failures("look"), self.arrival.path.open("rb") as file:
            return self.key.opened(file)

    def close(self) -> None:
        """Leave nothing of it in the spool. What was put into the quarantine stays there. May be called again."""
        self.arrival.close()


class Receiving:
    """One original that is coming in. Whoever began it MUST close it, or what it became."""

    def __init__(self, *, school_id: SchoolId, photo_id: PhotoId, key: PhotoKey, arrival: Arrival) -> None:
        """Begin with nothing."""
        self._school_id = school_id
        self._photo_id = photo_id
        self._key = key
        self._arrival = arrival
        self._sealer = key.sealer()
        self._sha256 = hashlib.sha256()
        self._size = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece. Raises StoreUnavailable, as when the disk is full."""
        self._sha256.update(piece)
        self._size += len(piece)
        with _failures("receive"):
            self._arrival.write(self._sealer.update(piece))

    def finish(self) -> Received:
        """Say that this was all: it is on disk when this returns. Raises StoreUnavailable."""
        with _failures("receive"):
            self._arrival.write(self._sealer.finish())
            self._arrival.on_disk()
        return Received(
            school_id=self._school_id,
            photo_id=self._photo_id,
            key=self._key,
            sha256=self._sha256.hexdigest(),
            size=self._size,
            arrival=self._arrival,
        )

    def close(self) -> None:
        """Leave nothing in the spool. May be called again."""
        self._arrival.close()


@contextmanager
def _failures(operation: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreUnavailable(f"{operation}: {type(fault).__name__} {fault.errno}") from fault
