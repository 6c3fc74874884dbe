"""What every object store must hold; each implementation subclasses it."""

import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from storage.objects.atomicity import prove_atomic
from storage.objects.errors import ContentRefused, KeyRefused, StoreUnavailable
from storage.objects.protocol import ObjectStore, Put

A = b"a clean picture of the garden" * 100
B = b"quite another picture of a hat" * 100
SAME_LENGTH = b"x" * len(A)
LARGE = bytes(range(256)) * 10_000
WRITERS = 6
ROUNDS = 2

REFUSED_KEYS = ("", "/a", "a//b", "a/../b", "A", "a b", "a" * 201)
REFUSED_PREFIXES = ("/", "a//", "..", "A", "a" * 201)


class LatePut:
    """A put that has begun and has not landed yet. ``land`` lets it go on and returns what became of it."""

    def __init__(self, *, future: Future[Put], release: Callable[[], None]) -> None:
        self._future = future
        self._release = release

    def land(self) -> Put:
        self._release()
        return self._future.result(timeout=60)


BeginPut = Callable[[str, bytes], LatePut]
"""Starts a put of content at a key and returns once it is under way."""


class ObjectStoreContract:
    @pytest.fixture
    def store(self) -> ObjectStore:
        raise NotImplementedError

    @pytest.fixture
    def begin_put(self, store: ObjectStore) -> BeginPut:
        raise NotImplementedError

    def test_what_is_put_on_a_free_key_is_written_and_read_back(self, store: ObjectStore) -> None:
        assert store.put_if_absent("s/p/1.jpg", A, media_type="image/jpeg") is Put.WRITTEN
        assert store.get("s/p/1.jpg") == A

    def test_every_byte_comes_back(self, store: ObjectStore) -> None:
        content = secrets.token_bytes(3_000_000)
        store.put_if_absent("large", content)
        assert store.get("large") == content

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "arrived"
        path.write_bytes(LARGE)
        return path

    def test_what_a_file_holds_is_written_and_read_back_and_the_file_stays_its_owners(
        self, store: ObjectStore, file: Path
    ) -> None:
        assert store.put_file_if_absent("s/p/1.jpg", file) is Put.WRITTEN
        assert store.get("s/p/1.jpg") == file.read_bytes() == LARGE
        file.unlink()
        assert store.get("s/p/1.jpg") == LARGE

    def test_the_same_file_again_is_the_same_and_so_are_its_bytes(self, store: ObjectStore, file: Path) -> None:
        store.put_file_if_absent("k", file)
        assert store.put_file_if_absent("k", file) is Put.SAME
        assert store.put_if_absent("k", LARGE) is Put.SAME

    @pytest.mark.parametrize(
        "other", [B, LARGE[:-1] + b"!", LARGE + b"!", LARGE[:-1]], ids=["other", "last", "longer", "shorter"]
    )
    def test_a_file_finds_a_key_taken_by_other_bytes_and_changes_nothing(
        self, store: ObjectStore, file: Path, other: bytes
    ) -> None:
        store.put_if_absent("k", other)
        assert store.put_file_if_absent("k", file) is Put.TAKEN
        assert store.get("k") == other

    def test_a_file_behind_a_tombstone_is_fenced_off_and_one_under_it_is_gone(self, store: ObjectStore, file: Path) -> None:
        store.put_file_if_absent("k", file)
        for key in ("k", "free"):
            store.tombstone(key)
            assert store.put_file_if_absent(key, file) is Put.FENCED
            assert {entry.size for entry in store.list(key)} == {0}

    def test_of_racing_files_and_bytes_exactly_one_wins(self, store: ObjectStore, file: Path) -> None:
        start = Barrier(WRITERS)

        def put(writer: int) -> Put:
            start.wait()
            return store.put_file_if_absent("race", file) if writer % 2 else store.put_if_absent("race", bytes([writer]) * 5000)

        with ThreadPoolExecutor(max_workers=WRITERS) as threads:
            answers = list(threads.map(put, range(WRITERS)))
        assert answers.count(Put.WRITTEN) == 1
        winner = answers.index(Put.WRITTEN)
        assert store.get("race") == (LARGE if winner % 2 else bytes([winner]) * 5000)

    def test_an_empty_file_is_refused_since_it_would_be_a_tombstone(self, store: ObjectStore, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        with pytest.raises(ContentRefused):
            store.put_file_if_absent("k", tmp_path / "empty")
        assert store.get("k") is None

    def test_a_file_that_is_not_there_is_never_said_to_be_kept(self, store: ObjectStore, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailable):
            store.put_file_if_absent("k", tmp_path / "nothing")
        assert store.get("k") is None

    def test_the_same_bytes_again_are_the_same(self, store: ObjectStore) -> None:
        store.put_if_absent("k", A)
        assert store.put_if_absent("k", A) is Put.SAME
        assert store.get("k") == A

    @pytest.mark.parametrize("other", [B, SAME_LENGTH, A + b"!", A[:-1]], ids=["other", "same-length", "longer", "shorter"])
    def test_other_bytes_find_the_key_taken_and_change_nothing(self, store: ObjectStore, other: bytes) -> None:
        store.put_if_absent("k", A)
        assert store.put_if_absent("k", other) is Put.TAKEN
        assert store.get("k") == A

    @pytest.mark.parametrize("content", [A, B], ids=["as-before", "other"])
    def test_a_put_behind_a_tombstone_is_fenced_off(self, store: ObjectStore, content: bytes) -> None:
        store.put_if_absent("k", A)
        store.tombstone("k")
        assert store.put_if_absent("k", content) is Put.FENCED
        assert store.get("k") == b""

    def test_a_tombstone_on_a_free_key_fences_it_off(self, store: ObjectStore) -> None:
        store.tombstone("k")
        assert store.put_if_absent("k", A) is Put.FENCED
        assert store.get("k") == b""

    def test_a_tombstone_on_a_tombstone_changes_nothing(self, store: ObjectStore) -> None:
        store.tombstone("k")
        store.tombstone("k")
        assert [entry.size for entry in store.list("k")] == [0]

    def test_a_tombstone_touches_no_other_key(self, store: ObjectStore) -> None:
        for key in ("s/p/k", "s/p/k2", "s/p/k.2"):
            store.put_if_absent(key, A)
        store.tombstone("s/p/k")
        assert (store.get("s/p/k2"), store.get("s/p/k.2")) == (A, A)

    def test_nothing_was_ever_at_a_key_that_nobody_used(self, store: ObjectStore) -> None:
        assert store.get("never") is None

    def test_of_racing_puts_exactly_one_wins_and_its_bytes_stay(self, store: ObjectStore) -> None:
        for each in range(ROUNDS):
            answers = _race(store, f"race/{each}", [bytes([writer]) * 5000 for writer in range(WRITERS)])
            assert sorted(answers) == [Put.TAKEN] * (WRITERS - 1) + [Put.WRITTEN]
            assert store.get(f"race/{each}") == bytes([answers.index(Put.WRITTEN)]) * 5000

    def test_of_racing_retries_of_one_put_one_writes_and_the_rest_find_their_own_bytes(self, store: ObjectStore) -> None:
        assert sorted(_race(store, "race", [A] * WRITERS)) == [Put.SAME] * (WRITERS - 1) + [Put.WRITTEN]

    def test_a_tombstone_wins_every_race_against_puts(self, store: ObjectStore) -> None:
        for each in range(ROUNDS):
            key = f"race/{each}"
            answers = _race(store, key, [bytes([writer]) * 5000 for writer in range(WRITERS)], withdrawals=1)
            assert store.get(key) == b""
            assert answers.count(Put.WRITTEN) <= 1
            assert {entry.size for entry in store.list(key)} == {0}

    def test_racing_tombstones_all_hold(self, store: ObjectStore) -> None:
        store.put_if_absent("k", A)
        _race(store, "k", [B], withdrawals=WRITERS)
        assert store.get("k") == b""

    def test_a_put_that_began_before_the_tombstone_and_lands_after_it_is_fenced_off(
        self, store: ObjectStore, begin_put: BeginPut
    ) -> None:
        late = begin_put("late", A)
        store.tombstone("late")
        assert late.land() is Put.FENCED
        assert store.get("late") == b""
        assert {entry.size for entry in store.list("late")} == {0}

    def test_a_put_that_lands_after_another_finds_the_key_taken(self, store: ObjectStore, begin_put: BeginPut) -> None:
        late = begin_put("late", A)
        assert store.put_if_absent("late", B) is Put.WRITTEN
        assert late.land() is Put.TAKEN
        assert store.get("late") == B

    def test_a_put_under_way_is_not_there_yet(self, store: ObjectStore, begin_put: BeginPut) -> None:
        late = begin_put("late", A)
        assert store.get("late") is None
        assert list(store.list("")) == []
        assert late.land() is Put.WRITTEN
        assert store.get("late") == A

    def test_list_yields_keys_below_a_prefix_in_order_with_their_sizes(self, store: ObjectStore) -> None:
        for key in ("b/2", "a/1", "b/10", "b-1", "bc", "c"):
            store.put_if_absent(key, key.encode())
        store.tombstone("b/2")
        assert [(entry.key, entry.size) for entry in store.list("b")] == [("b-1", 3), ("b/10", 4), ("b/2", 0), ("bc", 2)]
        assert [entry.key for entry in store.list("b/")] == ["b/10", "b/2"]
        assert [entry.key for entry in store.list("")] == ["a/1", "b-1", "b/10", "b/2", "bc", "c"]

    def test_list_of_nothing_is_empty(self, store: ObjectStore) -> None:
        store.put_if_absent("a/1", A)
        assert list(store.list("b")) == []

    def test_an_entry_says_when_and_which_version(self, store: ObjectStore) -> None:
        store.put_if_absent("k", A)
        [entry] = store.list("k")
        assert entry.version
        # A tolerance of an hour asks for a time with a zone, not for clocks that agree.
        assert abs(entry.modified_at - datetime.now(tz=UTC)) < timedelta(hours=1)

    def test_a_key_out_of_shape_is_refused_by_every_operation(self, store: ObjectStore, file: Path) -> None:
        for key in REFUSED_KEYS:
            puts = (partial(store.put_if_absent, key, A), partial(store.put_file_if_absent, key, file))
            for operation in (*puts, partial(store.tombstone, key), partial(store.get, key)):
                with pytest.raises(KeyRefused):
                    operation()
        assert list(store.list("")) == []

    def test_a_prefix_out_of_shape_is_refused_before_the_first_entry(self, store: ObjectStore) -> None:
        for prefix in REFUSED_PREFIXES:
            with pytest.raises(KeyRefused):
                store.list(prefix)

    def test_the_longest_key_is_taken(self, store: ObjectStore) -> None:
        key = "a/" * 99 + "az"
        assert store.put_if_absent(key, A) is Put.WRITTEN
        assert [entry.key for entry in store.list("a/a/")] == [key]

    def test_empty_content_is_refused_since_it_would_be_a_tombstone(self, store: ObjectStore) -> None:
        with pytest.raises(ContentRefused):
            store.put_if_absent("k", b"")
        assert store.get("k") is None

    def test_it_passes_the_start_up_race_and_only_tombstones_stay(self, store: ObjectStore) -> None:
        prove_atomic(store)
        entries = list(store.list(""))
        assert entries
        assert all(entry.key.startswith("probe/") and entry.size == 0 for entry in entries)


def _race(store: ObjectStore, key: str, contents: list[bytes], *, withdrawals: int = 0) -> list[Put]:
    start = Barrier(len(contents) + withdrawals)

    def put(content: bytes) -> Put:
        start.wait()
        return store.put_if_absent(key, content)

    def withdraw() -> None:
        start.wait()
        store.tombstone(key)

    with ThreadPoolExecutor(max_workers=len(contents) + withdrawals) as threads:
        puts = [threads.submit(put, content) for content in contents]
        tombstones = [threads.submit(withdraw) for _ in range(withdrawals)]
    for tombstone in tombstones:
        tombstone.result()
    return [each.result() for each in puts]
