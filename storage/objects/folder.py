"""An object store in a folder: ``link`` is put-if-absent and ``rename`` is the tombstone, both atomic on a local disk.

root/objects/    one file per object, named by its key with ``+`` for ``/``: no key can be the folder of another one
root/incoming/   files being written, each locked by its writer; what nobody holds locked is left over from a crash
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from storage.objects.errors import StoreUnavailable
from storage.objects.keys import MAX_CONTENT_LENGTH, check_content, check_key, check_prefix
from storage.objects.protocol import Entry, Put

_ONLY_VERSION: Final = "null"


class FolderStore:
    """An ObjectStore on one local disk, for any number of threads and processes. Only its own user can read the files.

    MUST NOT lie on a network file system: locks and links there do not hold what they promise.
    """

    def __init__(self, *, root: Path) -> None:
        """Make the folders (0700) and clear what a crash left in ``incoming``. Raises StoreUnavailable."""
        self._objects = root / "objects"
        self._incoming = root / "incoming"
        with _failures("start"):
            for folder in (root, self._objects, self._incoming):
                _make_private(folder)
            self._clear_incoming(replaced=None)

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:  # noqa: ARG002 - a file has none
        """As ``ObjectStore.put_if_absent``; a folder keeps no media type."""
        check_key(key)
        check_content(content)
        with _failures("put"), self._arrival(content) as arrival:
            try:
                os.link(arrival, self._path(key))
                answer = Put.WRITTEN
            except FileExistsError:
                answer = self._compare(key, content)
            # Also for a retry: the attempt before may have ended between its link and its fsync.
            _sync(self._objects)
            return answer

    def tombstone(self, key: str) -> None:
        """As ``ObjectStore.tombstone``."""
        check_key(key)
        with _failures("tombstone"), self._arrival(b"") as empty, _laid(empty, self._path(key)) as replaced:
            _sync(self._objects)
            # A writer that died right after its link left a second name for the very bytes that must be gone.
            self._clear_incoming(replaced=replaced)

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
        """As ``ObjectStore.list``: a file has one version, called ``null``. Costs the reading of the whole folder."""
        check_prefix(prefix)
        return self._entries(prefix)

    def _entries(self, prefix: str) -> Iterator[Entry]:
        with _failures("list"):
            keys = (path.name.replace("+", "/") for path in self._objects.iterdir())
            for key in sorted(key for key in keys if key.startswith(prefix)):
                found = self._path(key).lstat()
                modified_at = datetime.fromtimestamp(found.st_mtime, tz=UTC)
                yield Entry(key=key, size=found.st_size, version=_ONLY_VERSION, modified_at=modified_at)

    def _path(self, key: str) -> Path:
        return self._objects / key.replace("/", "+")

    def _compare(self, key: str, content: bytes) -> Put:
        descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            match os.fstat(descriptor).st_size:
                case 0:
                    return Put.FENCED
                case size if size == len(content) and _read_declared(file, size) == content:
                    return Put.SAME
                case _:
                    return Put.TAKEN

    @contextmanager
    def _arrival(self, content: bytes) -> Iterator[Path]:
        """A file in ``incoming`` that holds content, on disk, as long as the block runs; locked, so that nobody clears it."""
        path, file = self._new_arrival()
        with file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                yield path
            finally:
                path.unlink(missing_ok=True)

    def _new_arrival(self) -> tuple[Path, BinaryIO]:
        while True:
            path = self._incoming / secrets.token_hex(16)
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
            fcntl.flock(file, fcntl.LOCK_EX)
            # Between the two calls somebody may have taken the unlocked file for a crash's: then begin again.
            if os.fstat(file.fileno()).st_nlink > 0:
                return path, file
            file.close()

    def _clear_incoming(self, *, replaced: int | None) -> None:
        """Unlink what no living writer holds, and every other name of the replaced content, held or not: it is linked already."""
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_ino == replaced:
                    path.unlink()
                else:
                    _unlink_unless_locked(path)


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


def _unlink_unless_locked(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        pass  # its writer lives
    finally:
        os.close(descriptor)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != 0o700:  # noqa: PLR2004 - the mode itself says it best
        folder.chmod(0o700)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Put the folder's own entries on disk: without it a file that is on disk can be without a name after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
