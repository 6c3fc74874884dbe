"""A folder as an object store: the contract, crashes at the worst moments, and races between processes."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.objects.errors import StoreError, StoreUnavailable
from storage.objects.folder import FolderStore
from storage.objects.protocol import ObjectStore, Put
from tests.storage.objects.contract import BeginPut, LatePut, ObjectStoreContract

PICTURE = b"a picture that must not outlive its withdrawal"
REPOSITORY = Path(__file__).parents[3]

PARTS = st.from_regex(r"[ab_-][ab1._-]{0,3}", fullmatch=True)
KEYS = st.lists(PARTS, min_size=1, max_size=3).map("/".join).filter(lambda key: ".." not in key)

DIES = """
import os, signal, sys
from pathlib import Path
from storage.objects.folder import FolderStore
root, name, when, operation = sys.argv[1:]
store = FolderStore(root=Path(root))
real = getattr(os, name)
def dying(*arguments, **options):
    if when == "after":
        real(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, name, dying)
if operation == "put":
    store.put_if_absent("k", PICTURE)
else:
    store.tombstone("k")
""".replace("PICTURE", repr(PICTURE))

RACES = """
import sys
from pathlib import Path
from storage.objects.folder import FolderStore
store = FolderStore(root=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for key in range(20):
    if sys.argv[2] == "tombstone":
        store.tombstone(f"k/{key}")
    else:
        print(store.put_if_absent(f"k/{key}", sys.argv[2].encode() * 1000))
"""


def run_until_killed(root: Path, call: str, when: str, operation: str) -> None:
    """Run one operation in a process that is killed, for good, before or after its first call of that system call."""
    ended = subprocess.run(
        [sys.executable, "-c", DIES, str(root), call, when, operation], cwd=REPOSITORY, env=os.environ, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL


def files_with(content: bytes, root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and content in path.read_bytes()]


class TestFolderStore(ObjectStoreContract):
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "store"

    @pytest.fixture
    def store(self, root: Path) -> ObjectStore:
        return FolderStore(root=root)

    @pytest.fixture
    def begin_put(self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> BeginPut:
        real, released = os.link, Event()
        writers: set[int] = set()

        def begin(key: str, content: bytes) -> LatePut:
            under_way = Event()

            def late_link(source: Path, target: Path) -> None:
                if threading.get_ident() in writers:
                    under_way.set()
                    released.wait(60)
                real(source, target)

            def put() -> Put:
                writers.add(threading.get_ident())
                return store.put_if_absent(key, content)

            monkeypatch.setattr(os, "link", late_link)
            threads = ThreadPoolExecutor(max_workers=1)
            future = threads.submit(put)
            assert under_way.wait(60)
            threads.shutdown(wait=False)
            return LatePut(future=future, release=released.set)

        return begin

    def test_nobody_else_may_read_its_files(self, store: ObjectStore, root: Path) -> None:
        store.put_if_absent("s/p/k", PICTURE)
        store.tombstone("s/p/gone")
        modes = {oct(path.stat().st_mode & 0o777) for path in root.rglob("*") if path.is_file()}
        folders = {oct(path.stat().st_mode & 0o777) for path in (root, *root.rglob("*")) if path.is_dir()}
        assert (modes, folders) == ({"0o600"}, {"0o700"})

    def test_a_folder_that_others_could_read_is_closed_to_them(self, root: Path) -> None:
        root.mkdir(mode=0o755)
        FolderStore(root=root)
        assert root.stat().st_mode & 0o777 == 0o700

    def test_what_was_put_is_there_for_the_next_start(self, store: ObjectStore, root: Path) -> None:
        store.put_if_absent("k", PICTURE)
        store.tombstone("gone")
        again = FolderStore(root=root)
        assert (again.get("k"), again.get("gone")) == (PICTURE, b"")

    def test_a_file_on_the_same_disk_gets_a_second_name_instead_of_a_copy(
        self, store: ObjectStore, root: Path, file: Path
    ) -> None:
        store.put_file_if_absent("s/p/k", file)
        assert [path.stat().st_ino for path in root.rglob("*") if path.is_file()] == [file.stat().st_ino]

    def test_a_file_on_another_disk_is_copied(
        self, store: ObjectStore, root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = os.link

        def link_on_one_disk(source: Path, target: Path) -> None:
            if not source.is_relative_to(root):
                raise OSError(errno.EXDEV, "another disk")
            real(source, target)

        monkeypatch.setattr(os, "link", link_on_one_disk)
        assert store.put_file_if_absent("k", file) is Put.WRITTEN
        assert store.put_file_if_absent("k", file) is Put.SAME
        assert store.get("k") == file.read_bytes()
        assert [path.name for path in root.rglob("*") if path.is_file()] == ["k"]

    def test_a_disk_that_refuses_a_second_name_for_another_reason_is_unavailable(
        self, store: ObjectStore, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_link(source: Path, target: Path) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "link", no_link)
        with pytest.raises(StoreUnavailable):
            store.put_file_if_absent("k", file)
        assert store.get("k") is None

    def test_nothing_is_left_in_the_way_in(self, store: ObjectStore, root: Path) -> None:
        for _ in range(2):
            store.put_if_absent("k", PICTURE)
            store.tombstone("k")
            store.tombstone("free")
        assert list((root / "incoming").iterdir()) == []

    @pytest.mark.parametrize("again", [False, True], ids=["first", "retry"])
    @pytest.mark.parametrize("operation", ["put", "tombstone"])
    def test_all_is_on_disk_before_it_answers(
        self, store: ObjectStore, root: Path, monkeypatch: pytest.MonkeyPatch, operation: str, again: bool
    ) -> None:
        def run() -> None:
            if operation == "put":
                store.put_if_absent("s/p/key", PICTURE)
            else:
                store.tombstone("s/p/key")

        if again:
            run()
        steps: list[str] = []
        sync, link = os.fsync, os.link

        def noted_sync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root)
            steps.append("content" if path.parts[0] == "incoming" else str(path))
            sync(descriptor)

        def noted_link(source: Path, target: Path) -> None:
            steps.append("link")
            link(source, target)

        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(os, "link", noted_link)
        run()
        assert steps == ["content", "link", "objects/s+/p+/ke", "objects/s+/p+", "objects/s+", "objects"]

    def test_a_put_killed_before_its_link_never_happened(self, store: ObjectStore, root: Path) -> None:
        run_until_killed(root, "link", "before", "put")
        assert files_with(PICTURE, root)
        assert (store.get("k"), list(store.list(""))) == (None, [])
        assert store.put_if_absent("k", PICTURE) is Put.WRITTEN

    def test_a_put_killed_after_its_link_happened(self, store: ObjectStore, root: Path) -> None:
        run_until_killed(root, "link", "after", "put")
        assert [entry.key for entry in store.list("")] == ["k"]
        assert store.put_if_absent("k", PICTURE) is Put.SAME

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_the_next_start_clears_what_a_crash_left(self, root: Path, when: str) -> None:
        run_until_killed(root, "link", when, "put")
        assert list((root / "incoming").iterdir())
        FolderStore(root=root)
        assert list((root / "incoming").iterdir()) == []

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_tombstone_leaves_no_second_name_of_what_a_killed_put_wrote(
        self, store: ObjectStore, root: Path, when: str
    ) -> None:
        run_until_killed(root, "link", when, "put")
        store.tombstone("k")
        assert files_with(PICTURE, root) == []

    def test_a_tombstone_takes_the_second_name_from_a_put_that_still_runs(
        self, store: ObjectStore, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        linked, go_on, real = Event(), Event(), os.link

        def link_then_wait(source: Path, target: Path) -> None:
            real(source, target)
            if not linked.is_set():
                linked.set()
                go_on.wait(60)

        monkeypatch.setattr(os, "link", link_then_wait)
        with ThreadPoolExecutor(max_workers=1) as threads:
            put = threads.submit(store.put_if_absent, "k", PICTURE)
            assert linked.wait(60)
            store.tombstone("k")
            left = files_with(PICTURE, root)
            go_on.set()
        assert left == []
        assert put.result() is Put.WRITTEN
        assert store.get("k") == b""

    @pytest.mark.parametrize(("call", "when"), [("link", "before"), ("rename", "before"), ("rename", "after")])
    def test_a_tombstone_killed_half_way_holds_once_it_is_run_again(
        self, store: ObjectStore, root: Path, call: str, when: str
    ) -> None:
        run_until_killed(root, "link", "after", "put")
        run_until_killed(root, call, when, "tombstone")
        store.tombstone("k")
        assert store.get("k") == b""
        assert files_with(PICTURE, root) == []
        assert store.put_if_absent("k", PICTURE) is Put.FENCED

    def test_a_start_leaves_the_files_of_a_living_writer_alone(self, store: ObjectStore, root: Path, begin_put: BeginPut) -> None:
        late = begin_put("k", PICTURE)
        FolderStore(root=root)
        store.tombstone("another")
        assert late.land() is Put.WRITTEN
        assert store.get("k") == PICTURE

    def test_of_racing_processes_one_wins_each_key_and_the_tombstone_stays(self, root: Path) -> None:
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", RACES, str(root), what],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for what in ("a", "b", "c", "tombstone")
        ]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = [racer.communicate(timeout=120)[0].split() for racer in racers]
        assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
        for answers in zip(*said[:3], strict=True):
            assert answers.count("written") <= 1
            assert "same" not in answers
        assert {entry.size for entry in FolderStore(root=root).list("k/")} == {0}
        assert list((root / "incoming").iterdir()) == []

    def test_a_key_can_be_the_beginning_of_another_key(self, store: ObjectStore) -> None:
        keys = ["a", "a/b", "a/b/c", "a.b", "ab"]
        for key in keys:
            assert store.put_if_absent(key, key.encode()) is Put.WRITTEN
        assert [store.get(key) for key in keys] == [key.encode() for key in keys]

    def test_a_place_that_is_no_folder_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(StoreUnavailable):
            FolderStore(root=tmp_path / "file")

    def test_a_folder_that_goes_away_is_unavailable_not_empty(self, store: ObjectStore, root: Path) -> None:
        store.put_if_absent("k", PICTURE)
        root.rename(root.with_name("elsewhere"))
        for operation in (
            lambda: store.put_if_absent("k", PICTURE),
            lambda: store.tombstone("k"),
            lambda: store.get("k"),
            lambda: list(store.list("")),
        ):
            with pytest.raises(StoreUnavailable):
                operation()

    def test_an_object_larger_than_a_store_takes_is_not_read(self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
        store.put_if_absent("k", PICTURE)
        monkeypatch.setattr("storage.objects.folder.MAX_CONTENT_LENGTH", len(PICTURE) - 1)
        with pytest.raises(StoreUnavailable):
            store.get("k")

    def test_a_symbolic_link_somebody_laid_there_is_not_followed(self, store: ObjectStore, root: Path, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(PICTURE)
        (root / "objects" / "k").mkdir()
        (root / "objects" / "k" / "k").symlink_to(tmp_path / "secret")
        with pytest.raises(StoreUnavailable):
            store.get("k")
        store.tombstone("k")
        assert store.get("k") == b""
        assert (tmp_path / "secret").read_bytes() == PICTURE

    def test_errors_say_neither_key_nor_content(self, store: ObjectStore, root: Path) -> None:
        root.rename(root.with_name("elsewhere"))
        with pytest.raises(StoreError) as refused:
            store.put_if_absent("ruby-smith", PICTURE)
        with pytest.raises(StoreError) as misshapen:
            store.put_if_absent("Ruby Smith", PICTURE)
        said = str(refused.value) + str(misshapen.value)
        assert "uby" not in said
        assert "picture" not in said

    def test_what_somebody_laid_elsewhere_in_the_folder_is_no_object(self, store: ObjectStore, root: Path) -> None:
        store.put_if_absent("s/k", PICTURE)
        (root / "objects" / "IMG_0001.JPG").write_bytes(b"a stray file")
        (root / "objects" / "s+" / "notes.txt").write_bytes(b"a stray file")
        assert [entry.key for entry in store.list("")] == ["s/k"]

    @settings(max_examples=15, deadline=None)
    @given(keys=st.sets(KEYS, min_size=1, max_size=12), cut=st.integers(0, 20))
    def test_list_yields_exactly_the_keys_that_begin_so(self, keys: set[str], cut: int) -> None:
        prefix = min(keys)[:cut]
        with tempfile.TemporaryDirectory() as folder:
            store = FolderStore(root=Path(folder))
            for key in keys:
                store.put_if_absent(key, key.encode())
            assert [entry.key for entry in store.list(prefix)] == sorted(key for key in keys if key.startswith(prefix))
            assert {key: store.get(key) for key in keys} == {key: key.encode() for key in keys}
