"""An object store in a folder: ``link`` is put-if-absent and ``rename`` is the tombstone, both atomic on a local disk.

The object ``school/photo/4f1c.jpg`` is the file ``objects/school+/photo+/4f/4f1c.jpg``. The ``+`` keeps a folder from ever being
in a file's way; the two letters keep folders small, so that the versions of one key are found without reading all the others.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from storage.objects.errors import StoreUnavailable
from storage.objects.incoming import Incoming, make_private, sync, sync_file
from storage.objects.keys import MAX_CONTENT_LENGTH, check_content, check_key, check_length, check_prefix
from storage.objects.protocol import Entry, Put

_ONLY_VERSION: Final = "null"
_LETTERS: Final = 2
_PIECE: Final = 1024 * 1024


class FolderStore:
    """An ObjectStore on one local disk, for any number of threads and processes. Only its own user can read the files.

    MUST NOT lie on a network file system: locks and links there do not hold what they promise.
    """

    def __init__(self, *, root: Path) -> None:
        """Make the folders (0700) and clear what a crash left half-way. Raises StoreUnavailable."""
        self._objects = root / "objects"
        with _failures("start"):
            make_private(root)
            make_private(self._objects)
            self._incoming = Incoming(folder=root / "incoming")

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:  # noqa: ARG002 - a file has none
        """As ``ObjectStore.put_if_absent``; a folder keeps no media type."""
        check_key(key)
        check_content(content)
        with _failures("put"), self._incoming.arrival([content]) as arrival:
            return self._lay_if_free(arrival, self._path(key))

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        """As ``ObjectStore.put_file_if_absent``: a second name for the file, or a copy where it lies on another disk."""
        check_key(key)
        with _failures("put"):
            check_length(file.lstat().st_size)
            sync_file(file)
            try:
                return self._lay_if_free(file, self._path(key))
            except OSError as fault:
                if fault.errno != errno.EXDEV:
                    raise
            with file.open("rb") as source, self._incoming.arrival(_pieces(source)) as arrival:
                return self._lay_if_free(arrival, self._path(key))

    def _lay_if_free(self, arrival: Path, path: Path) -> Put:
        self._make_folders(path)
        try:
            os.link(arrival, path)
            answer = Put.WRITTEN
        except FileExistsError:
            answer = _compare(path, arrival)
        # Also for a retry: the attempt before may have ended between its link and its sync.
        self._sync_folders(path)
        return answer

    def tombstone(self, key: str) -> None:
        """As ``ObjectStore.tombstone``."""
        check_key(key)
        with _failures("tombstone"), self._incoming.arrival(()) as empty:
            path = self._path(key)
            self._make_folders(path)
            with _laid(empty, path) as replaced:
                self._sync_folders(path)
                # A writer that died right after its link left a second name for the very bytes that must be gone.
                self._incoming.clear(replaced=replaced)

    def get(self, key: str) -> bytes | None:
        """As ``ObjectStore.get``."""
        check_key(key)
        with _failures("get"):
            try:
                descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW)
            except FileNotFoundError:
                # A disk that went away must not pass for an object that never was.
                if not self._objects.is_dir():
                    raise
                return None
            with os.fdopen(descriptor, "rb") as file:
                return _read_declared(file, os.fstat(descriptor).st_size)

    def list(self, prefix: str) -> Iterator[Entry]:
        """As ``ObjectStore.list``: a file has one version, called ``null``."""
        check_prefix(prefix)
        return self._entries(prefix)

    def _entries(self, prefix: str) -> Iterator[Entry]:
        with _failures("list"):
            for key in sorted(self._keys(prefix)):
                found = self._path(key).lstat()
                modified_at = datetime.fromtimestamp(found.st_mtime, tz=UTC)
                yield Entry(key=key, size=found.st_size, version=_ONLY_VERSION, modified_at=modified_at)

    def _keys(self, prefix: str) -> Iterator[str]:
        parents, _, beginning = prefix.rpartition("/")
        folder = self._objects.joinpath(*(f"{part}+" for part in parents.split("/") if part))
        if folder.is_dir():
            yield from _keys_below(folder, parents=f"{parents}/" if parents else "", beginning=beginning)
        elif not self._objects.is_dir():
            raise FileNotFoundError

    def _path(self, key: str) -> Path:
        *parents, name = key.split("/")
        return self._objects.joinpath(*(f"{part}+" for part in parents), name[:_LETTERS], name)

    def _make_folders(self, path: Path) -> None:
        # Each by itself, and never ``objects``: if the disk went away, nothing is put where it was.
        for folder in reversed(path.parents[: -len(self._objects.parents) - 1]):
            folder.mkdir(mode=0o700, exist_ok=True)

    def _sync_folders(self, path: Path) -> None:
        # All of them, since another process may have made one a moment ago and not got this far.
        for folder in path.parents[: -len(self._objects.parents)]:
            sync(folder)


def _keys_below(folder: Path, *, parents: str, beginning: str) -> Iterator[str]:
    """Yield the keys below a folder whose next part begins so. What is not where its key would put it is no object of ours."""
    with os.scandir(folder) as found:
        folders = [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
    for name in folders:
        if name.endswith("+"):
            if name.startswith(beginning):
                yield from _keys_below(folder / name, parents=f"{parents}{name[:-1]}/", beginning="")
        elif name.startswith(beginning[:_LETTERS]):
            with os.scandir(folder / name) as found:
                yield from (f"{parents}{entry.name}" for entry in found if entry.name.startswith(beginning))


def _compare(path: Path, arrival: Path) -> Put:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as there, arrival.open("rb") as ours:
        match os.fstat(descriptor).st_size:
            case 0:
                return Put.FENCED
            case size if size != os.fstat(ours.fileno()).st_size:
                return Put.TAKEN
            case _:
                return Put.SAME if all(there.read(len(piece)) == piece for piece in _pieces(ours)) else Put.TAKEN


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, _PIECE), b"")


@contextmanager
def _laid(empty: Path, path: Path) -> Iterator[int | None]:
    """Lay the empty file at path; for the block, the inode number of the content that it replaced, if any.

    Link first, so that content which arrives meanwhile is seen: once there, it is replaced by nothing but a tombstone. The
    content is held open, or its number could be given to somebody's new file at once.
    """
    try:
        os.link(empty, path)
    except FileExistsError:
        descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
        try:
            found = os.fstat(descriptor)
            if found.st_size > 0:
                os.rename(empty, path)  # noqa: PTH104 - beside os.link, its twin
            yield found.st_ino if found.st_size > 0 else None
        finally:
            os.close(descriptor)
    else:
        yield None


def _read_declared(file: BinaryIO, size: int) -> bytes:
    """Read exactly as many bytes as the file says it has, never more than a store takes."""
    if size > MAX_CONTENT_LENGTH:
        raise StoreUnavailable("an object is larger than a store takes")
    content = file.read(size)
    if len(content) != size:
        raise StoreUnavailable("an object is shorter than it says")
    return content


@contextmanager
def _failures(operation: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise StoreUnavailable(f"{operation}: {type(fault).__name__} {fault.errno}") from fault
