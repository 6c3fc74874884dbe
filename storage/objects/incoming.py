"""Files on their way into a folder store: on disk before anybody sees them, private, and cleared when their writer has died."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_PRIVATE: Final = 0o700


class Incoming:
    """One folder of files that are being written. A file is locked by its writer; one that is not was left by a crash."""

    def __init__(self, *, folder: Path) -> None:
        """Make the folder and clear what a crash left in it. Raises OSError."""
        self._folder = folder
        make_private(folder)
        self.clear(replaced=None)

    @contextmanager
    def arrival(self, content: bytes) -> Iterator[Path]:
        """A file (0600) that holds content, on disk, as long as the block runs."""
        path, file = self._new_file()
        with file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                yield path
            finally:
                path.unlink(missing_ok=True)

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

    def _new_file(self) -> tuple[Path, BinaryIO]:
        while True:
            path = self._folder / secrets.token_hex(16)
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
            fcntl.flock(file, fcntl.LOCK_EX)
            # Between the two calls somebody may have taken the unlocked file for a crash's: then begin again.
            if os.fstat(file.fileno()).st_nlink > 0:
                return path, file
            file.close()


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or close one that others could; its parents are made as the system does."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    if folder.stat().st_mode & 0o777 != _PRIVATE:
        folder.chmod(_PRIVATE)
    sync(folder.parent)


def sync(folder: Path) -> None:
    """Put the folder's own entries on disk: without it a file that is on disk can be without a name after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
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
