"""A folder into which new files go: whole, durable, and under names that say nothing and were never taken.

A name is drawn by lot, since the name of the file that it was made from may hold a pupil's.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
"""What a file system says that knows no hard links, such as a memory stick's."""


class CannotWrite(Exception):
    """Nothing more can be kept. Its text is a sentence for whoever chose the folder; it echoes no name."""


class Outbox:
    """A folder, made if it is missing. Safe to use from several threads, and from several processes at once.

    :raises CannotWrite: the folder cannot be made
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as fault:
            raise CannotWrite(_sentence(fault)) from None

    def keep(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Put files of one family into the folder: ending -> path, for ending -> content. All of them, or none.

        A path begins with the folder as it was given. Afterwards the files survive a power cut.

        :raises CannotWrite: no room, no permission, or any other fault of the folder
        """
        while True:
            stem = secrets.token_hex(8)
            try:
                return self._keep({ending: stem + ending for ending in files}, files)
            except FileExistsError:
                continue
            except OSError as fault:
                raise CannotWrite(_sentence(fault)) from None

    def discard(self, paths: Iterable[str]) -> None:
        """Take files back, as far as they are there."""
        for path in paths:
            with contextlib.suppress(OSError):
                Path(path).unlink()

    def _keep(self, names: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, str]:
        paths = {ending: os.path.join(self._folder, name) for ending, name in names.items()}  # noqa: PTH118 - "./x" stays "./x"
        parts = {ending: os.path.join(self._folder, f".{name}.part") for ending, name in names.items()}  # noqa: PTH118 - as above
        ours: list[str] = []
        taken: list[str] = []
        try:
            for ending, content in files.items():
                with open(parts[ending], "xb") as file:  # noqa: PTH123 - a name of the operating system's, whatever its bytes
                    ours.append(parts[ending])
                    _write(file, content)
            for ending, path in paths.items():
                _take(path, parts[ending])
                taken.append(path)
            _settle(self._folder)
        except BaseException:
            self.discard(taken)
            raise
        finally:
            self.discard(ours)  # one of that name may be somebody else's
        return paths


def _sentence(fault: Exception) -> str:
    if isinstance(fault, OSError) and fault.errno in _NO_ROOM:
        return "There is no room left in the output folder."
    return "The output folder can't be written to."


def _write(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _take(path: str, part: str) -> None:
    """Give a finished file its name, which nobody else may have."""
    try:
        os.link(part, path)
    except OSError as fault:
        if fault.errno not in _NO_LINKS:
            raise
        Path(path).touch(exist_ok=False)
        try:
            os.replace(part, path)  # noqa: PTH105 - as above
        except OSError:
            Path(path).unlink()
            raise


def _settle(folder: str) -> None:
    """Make the names as durable as the files; a file system without such a promise gives none."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(opened)
    finally:
        os.close(opened)
