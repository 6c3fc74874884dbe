"""The start-up race catches every store on which a publication could beat a withdrawal."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import pytest

from storage.objects.atomicity import prove_atomic
from storage.objects.errors import NotAtomic, StoreUnavailable
from storage.objects.folder import FolderStore
from storage.objects.protocol import Entry, ObjectStore, Put


class MemoryStore:
    """A sound store; each broken one below breaks one promise of it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.versions: dict[str, list[bytes]] = {}

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        with self.lock:
            match self.versions.setdefault(key, [content])[-1]:
                case b"":
                    return Put.FENCED
                case found if found is content:
                    return Put.WRITTEN
                case found:
                    return Put.SAME if found == content else Put.TAKEN

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        return self.put_if_absent(key, file.read_bytes())

    def tombstone(self, key: str) -> None:
        with self.lock:
            self.versions[key] = [b""]

    def get(self, key: str) -> bytes | None:
        with self.lock:
            return self.versions.get(key, [None])[-1]

    def list(self, prefix: str) -> Iterator[Entry]:
        now = datetime.now(tz=UTC)
        with self.lock:
            found = [(key, content) for key, versions in self.versions.items() for content in versions if key.startswith(prefix)]
        return (Entry(key=key, size=len(content), version="null", modified_at=now) for key, content in found)


class PlainOverwrite(MemoryStore):
    """Answers a conditional PUT as if it were a plain one."""

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        with self.lock:
            self.versions[key] = [content]
        return Put.WRITTEN


class ChecksBeforeTheBody(MemoryStore):
    """Checks the condition when a PUT begins, and writes when its body has arrived."""

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        found = self.get(key)
        if found is not None:
            return Put.FENCED if found == b"" else Put.TAKEN
        time.sleep(0.02)
        with self.lock:
            self.versions[key] = [content]
        return Put.WRITTEN


class DeletesInsteadOfFencing(MemoryStore):
    """Takes the object away and leaves the key free."""

    def tombstone(self, key: str) -> None:
        with self.lock:
            self.versions.pop(key, None)


class KeepsOldVersions(MemoryStore):
    """Leaves the content under its tombstone, one version deeper."""

    def tombstone(self, key: str) -> None:
        with self.lock:
            self.versions.setdefault(key, []).append(b"")


class ForgetsItsTombstones(MemoryStore):
    """Says that it laid a tombstone, and did not."""

    def tombstone(self, key: str) -> None:
        pass


class ReadsATombstoneAsNothing(MemoryStore):
    """Shows a fenced key as one that nobody ever used."""

    def get(self, key: str) -> bytes | None:
        return super().get(key) or None


class FencesForAWhile(MemoryStore):
    """Forgets a tombstone once a dozen puts have met it."""

    met = 0

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        answer = super().put_if_absent(key, content)
        with self.lock:
            self.met += 1
            if self.met > 12:
                self.versions[key] = [content]
                return Put.WRITTEN
        return answer


class TakesNothing(MemoryStore):
    """Refuses every PUT, as a store does that counts the empty key as taken."""

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        return Put.FENCED


class DoesNotAnswer(MemoryStore):
    """Is out of reach for puts."""

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        raise StoreUnavailable("put: EndpointConnectionError")


BROKEN = (
    PlainOverwrite,
    ChecksBeforeTheBody,
    DeletesInsteadOfFencing,
    KeepsOldVersions,
    ForgetsItsTombstones,
    ReadsATombstoneAsNothing,
    FencesForAWhile,
    TakesNothing,
)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_store_that_breaks_a_promise_is_caught(broken: type[MemoryStore]) -> None:
    with pytest.raises(NotAtomic):
        prove_atomic(broken())


@pytest.mark.parametrize("sound", [MemoryStore, FolderStore])
def test_a_sound_store_passes(sound: type[ObjectStore], tmp_path: Path) -> None:
    store = FolderStore(root=tmp_path) if sound is FolderStore else MemoryStore()
    prove_atomic(store)
    assert {entry.size for entry in store.list("probe/")} == {0}


def test_every_start_races_on_keys_of_its_own(tmp_path: Path) -> None:
    store = FolderStore(root=tmp_path)
    prove_atomic(store)
    first = {entry.key for entry in store.list("probe/")}
    prove_atomic(store)
    assert len(list(store.list("probe/"))) == 2 * len(first)


def test_a_store_that_is_caught_keeps_no_probe_with_content() -> None:
    store = ChecksBeforeTheBody()
    with pytest.raises(NotAtomic):
        prove_atomic(store)
    assert {entry.size for entry in store.list("")} == {0}


def test_a_store_that_does_not_answer_proves_nothing() -> None:
    with pytest.raises(StoreUnavailable):
        prove_atomic(DoesNotAnswer())
