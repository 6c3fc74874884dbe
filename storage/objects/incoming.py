"""Files on their way into a store: on disk before anybody sees them, private, and cleared when their writer has died."""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_PRIVATE: Final = 0o700


class Arrival:
    """One file that is being written: private (0600), and locked by its writer until it is closed. Then its name is gone.

    Each method raises OSError.
    """

    def __init__(self, *, path: Path, file: BinaryIO) -> None:
        """Take over a file that was just made and locked."""
        self.path = path
        self._file = file

    def write(self, piece: bytes) -> None:
        """Add to the file."""
        self._file.write(piece)

    def on_disk(self) -> None:
        """Return once everything written so far is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Take the name away and let go. What was linked elsewhere stays there; anything else is gone. May be called again."""
        self.path.unlink(missing_ok=True)
        self._file.close()


class Incoming:
    """One folder of files that are being written. A file is locked by its writer; one that is not was left by a crash."""

    def __init__(self, *, folder: Path) -> None:
        """Make the folder and clear what a crash left in it. Raises OSError."""
        self._folder = folder
        make_private(folder)
        self.clear(replaced=None)

    def begin(self) -> Arrival:
        """Begin a new file; its writer MUST close it. Raises OSError."""
        while True:
            path = self._folder / secrets.token_hex(16)
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
            fcntl.flock(file, fcntl.LOCK_EX)
            # Between the two calls somebody may have taken the unlocked file for a crash's: then begin again.
            if os.fstat(file.fileno()).st_nlink > 0:
                return Arrival(path=path, file=file)
            file.close()

    @contextmanager
    def arrival(self, pieces: Iterable[bytes]) -> Iterator[Path]:
        """A file that holds the pieces, on disk, as long as the block runs."""
        arriving = self.begin()
        try:
            for piece in pieces:
                arriving.write(piece)
            arriving.on_disk()
            yield arriving.path
        finally:
            arriving.close()

    def clear(self, *, replaced: int | None) -> None:
        """Unlink what no living writer holds, and every other name of the file with that inode number, held or not.

        That file was an object already, so its writer needs the second name no more.
        """
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_ino == replaced:
                    path.unlink()
                else:
                    _unlink_unless_locked(path)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or close one that others could; its parents are made as the system does."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    if folder.stat().st_mode & 0o777 != _PRIVATE:
        folder.chmod(_PRIVATE)
    sync(folder.parent)


def sync(folder: Path) -> None:
    """Put the folder's own entries on disk: without it a file that is on disk can be without a name after a power cut."""
    _fsync(folder, os.O_DIRECTORY)


def sync_file(file: Path) -> None:
    """Put a file's content on disk, whoever wrote it."""
    _fsync(file, os.O_NOFOLLOW)


def _fsync(path: Path, kind: int) -> None:
    descriptor = os.open(path, os.O_RDONLY | kind)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unlink_unless_locked(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        pass  # its writer lives
    finally:
        os.close(descriptor)
