"""The only way out: put an image under the keys its publication row names, or leave tombstones there for ever."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from consent.decision import Clearance
from storage.errors import Conflict, Fenced, NotGone
from storage.objects.protocol import ObjectStore, Put


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a look at one object found: ``versions`` stored, of which ``with_bytes`` still hold any."""

    rendition: str
    versions: int
    with_bytes: int


class Published:
    """The publish bucket. Only release, retract and sweep hold one."""

    def __init__(self, *, objects: ObjectStore) -> None:
        """Hold the bucket."""
        self._objects = objects

    def publish(self, clearance: Clearance, *, keys: Mapping[str, str]) -> None:
        """Put every rendition that is cleared, each under its own key, if nothing is there.

        Safe to run twice. Raises Fenced if a tombstone is there, Conflict if other bytes are, StoreError if it can't be known.
        """
        for rendition in clearance.renditions:
            key = keys[rendition.name]
            put = self._objects.put_if_absent(key, rendition.content, media_type=rendition.media_type)
            match put:
                case Put.WRITTEN | Put.SAME:
                    continue
                case Put.FENCED:
                    raise Fenced("withdrawn before its bytes arrived")
                case Put.TAKEN:
                    raise Conflict("a fresh random key already holds other bytes")
                case _:
                    assert_never(put)

    def retract(self, *, keys: Mapping[str, str]) -> tuple[Probe, ...]:
        """Leave a tombstone under every key, then look: return one probe a rendition. Raises NotGone if bytes are left."""
        for key in keys.values():
            self._objects.tombstone(key)
        probes = tuple(self._probe(name, key) for name, key in sorted(keys.items()))
        if any(probe.with_bytes or not probe.versions for probe in probes):
            raise NotGone("bytes are left, or no tombstone is there")
        return probes

    def read_back(self, key: str) -> bytes | None:
        """Read what is stored, to verify it again."""
        return self._objects.get(key)

    def keys_with_bytes(self, prefix: str) -> Iterator[str]:
        """Yield every key under a prefix that is no tombstone."""
        return iter(sorted({entry.key for entry in self._objects.list(prefix) if entry.size}))

    def remove(self, keys: Iterable[str]) -> None:
        """Leave tombstones where no row allows an object."""
        for key in keys:
            self._objects.tombstone(key)

    def _probe(self, name: str, key: str) -> Probe:
        found = [entry for entry in self._objects.list(key) if entry.key == key]
        left = sum(entry.size > 0 for entry in found) + bool(self._objects.get(key))
        return Probe(rendition=name, versions=len(found), with_bytes=left)
