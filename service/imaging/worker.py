"""One child process of the sandbox, as the parent sees it: started clean, asked, doubted, and killed."""

import contextlib
import math
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.imaging.errors import ImagingError, Refusal
from service.imaging.jail.walls import Wall
from service.imaging.provenance import Provenance
from service.imaging.raster import Raster
from service.imaging.sharing import empty_answer, question, read_only
from service.imaging.wire import MAX_MESSAGE, Request, pack_request, read_answer, unpack_ended, unpack_ready


class Worker:
    """A child process. Used by one thread at a time; after any failure it MUST be killed."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start it.

        :raises OSError: no memory, no process number, no such program
        """
        self._socket, child = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            # A session of its own, so that killing its group kills whatever a decoder may have started.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                bufsize=0,
                stdin=child.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path("/"),
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
            )
        except BaseException:
            self._socket.close()
            raise
        finally:
            child.close()
        self.pid = self._process.pid
        self.served = 0
        self.peak_kib = 0
        self._walls: frozenset[Wall] | None = None

    def walls(self, *, deadline: float) -> frozenset[Wall]:
        """Which walls it has put up around itself. ``deadline``: of time.monotonic, in seconds.

        :raises ImagingError: timeout; crashed
        """
        if self._walls is None:
            self._walls = unpack_ready(self._heard(deadline))
        return self._walls

    def clean(self, untrusted: bytes, request: Request, *, longest: int, room: int, deadline: float) -> tuple[Provenance, Raster]:
        """The child's answer, in its form but not in its content as asked for.

        ``longest``: the long side that the answer may have, ``room``: its number of pixels. The raster's pixels are a view of
        memory that no other process writes any more.

        :raises ImagingError: what the child refused; timeout; crashed
        """
        self.served += 1
        self.walls(deadline=deadline)
        try:
            return self._cleaned(untrusted, request, longest, room, deadline)
        except OSError:  # no memory or no descriptor left for what is shared: nothing of the picture, but no picture either
            raise ImagingError(Refusal.CRASHED) from None

    def _cleaned(self, untrusted: bytes, request: Request, longest: int, room: int, deadline: float) -> tuple[Provenance, Raster]:
        with _closing(question(untrusted)) as asked, _closing(empty_answer(room)) as told:
            self._ask(request, (asked, told), deadline)
            ended = unpack_ended(self._heard(deadline))
            self.peak_kib = max(self.peak_kib, ended.peak_kib)
            if ended.nonce != request.nonce:
                raise ImagingError(Refusal.CRASHED)
            if not ended.well:
                raise ImagingError(Refusal.TIMEOUT if ended.out_of_time else Refusal.CRASHED)
            return read_answer(memoryview(read_only(told)), longest=longest)

    def _ask(self, request: Request, descriptors: tuple[int, int], deadline: float) -> None:
        self._wait(select.POLLOUT, deadline)
        try:
            socket.send_fds(self._socket, [pack_request(request)], descriptors, socket.MSG_DONTWAIT)
        except OSError:
            raise ImagingError(Refusal.CRASHED) from None

    def _heard(self, deadline: float) -> bytes:
        """The next message; an end of the conversation is a crash."""
        self._wait(select.POLLIN, deadline)
        try:
            message = self._socket.recv(MAX_MESSAGE, socket.MSG_DONTWAIT)
        except OSError:
            message = b""
        if not message:
            raise ImagingError(Refusal.CRASHED)
        return message

    def _wait(self, event: int, deadline: float) -> None:
        """Until the socket is ready, or broken, which the next call will tell."""
        poll = select.poll()
        poll.register(self._socket, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(math.ceil(left * 1000)):
            raise ImagingError(Refusal.TIMEOUT)

    def has_ended(self) -> bool:
        """Is the process dead? Does not reap it, so that its group's number stays taken until ``kill``. Not to be asked after."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def interrupt(self) -> None:
        """End the process and its children, from any thread. Whoever is asking it is told that it crashed, and MUST ``kill``."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the process and every process that it has started. May be called twice."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._socket.close()


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """A descriptor that is closed behind the block."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)
