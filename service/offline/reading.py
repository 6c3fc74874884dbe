"""A file that somebody named -> its bytes, or why not: never more than a picture may have, and never a wait."""

import os
import stat
from enum import StrEnum
from pathlib import Path

from service.imaging import Refusal
from service.imaging.sniff import MAX_BYTES


class Unread(StrEnum):
    """Why nothing was read. Codes are permanent, and are none of ``Refusal``'s."""

    NOT_FOUND = "not-found"
    NOT_A_FILE = "not-a-file"
    UNREADABLE = "unreadable"


class CannotRead(Exception):
    """Nothing was read, for ``reason``. Its text is the reason's code alone: it echoes no name."""

    def __init__(self, reason: Unread | Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read_picture(path: str) -> bytes:
    """The bytes of an ordinary file. Folders, pipes, sockets and devices are not even opened.

    :raises CannotRead: not-found, not-a-file, unreadable, or too-large, which is told before anything is read
    """
    try:
        _must_be_a_file(Path(path).stat())
        # It may be replaced by a pipe just now: opening that must not wait for a writer, and must be noticed.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb", buffering=0) as file:
            opened = os.fstat(file.fileno())
            _must_be_a_file(opened)
            if opened.st_size > MAX_BYTES:
                raise CannotRead(Refusal.TOO_LARGE)
            return _all_of(file.fileno())
    except (FileNotFoundError, NotADirectoryError):
        raise CannotRead(Unread.NOT_FOUND) from None
    except (OSError, ValueError):
        raise CannotRead(Unread.UNREADABLE) from None


def _must_be_a_file(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CannotRead(Unread.NOT_A_FILE)


def _all_of(file: int) -> bytes:
    """To the end, which may lie further than the size told: a file may grow, and some have no size at all."""
    read = bytearray()
    while piece := os.read(file, 1 << 20):
        read += piece
        if len(read) > MAX_BYTES:
            raise CannotRead(Refusal.TOO_LARGE)
    return bytes(read)
