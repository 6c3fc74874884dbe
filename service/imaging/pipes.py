"""Reading and writing pipes whose other end may be hostile, stuck or dead: never longer than until a deadline."""

import os
import select
import time


def write_all(target: int, content: bytes, *, deadline: float) -> None:
    """Write everything to a non-blocking pipe. ``deadline``: of time.monotonic, in seconds.

    :raises TimeoutError: at the deadline
    :raises OSError: if nobody reads any more
    """
    left = memoryview(content)
    while left:
        _wait(target, select.POLLOUT, deadline)
        left = left[os.write(target, left[: 1 << 20]) :]


def read_all(source: int, length: int, *, deadline: float | None = None) -> bytes:
    """Read exactly so many bytes. Without a deadline, for as long as it takes.

    :raises TimeoutError: at the deadline
    :raises EOFError: if there are not that many
    """
    read = bytearray()
    while len(read) < length:
        if deadline is not None:
            _wait(source, select.POLLIN, deadline)
        piece = os.read(source, min(length - len(read), 1 << 20))
        if not piece:
            raise EOFError
        read += piece
    return bytes(read)


def _wait(pipe: int, event: int, deadline: float) -> None:
    """Until the pipe is ready, or broken, which the next call will tell."""
    poll = select.poll()
    poll.register(pipe, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError
