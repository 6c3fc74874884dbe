"""One child process of the sandbox, as the parent sees it: started clean, asked, doubted, and killed."""

import contextlib
import math
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

from service.imaging.errors import ImagingError, Refusal
from service.imaging.pipes import read_all, write_all
from service.imaging.provenance import Provenance
from service.imaging.renditions import Encoded, Sizes
from service.imaging.wire import DONE, GO, LENGTH, MAX_HEADER, NONCE, Request, pack_request, unpack_answer

_GRACE = 1.0
_OUT_OF_TIME = 3
"""As ``child.OUT_OF_TIME``, which is not imported: it would bring the decoders into this process."""


class Worker:
    """A child process. Used by one thread at a time; after any failure it MUST be killed."""

    def __init__(self, command: tuple[str, ...]) -> None:
        # A session of its own, so that killing its group kills whatever a decoder may have started.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path("/"),
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        )
        self._pipes = [pipe for pipe in (self._process.stdin, self._process.stdout) if pipe is not None]
        self._requests, self._answers = (pipe.fileno() for pipe in self._pipes)
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        self.pid = self._process.pid
        self.served = 0

    def clean(self, untrusted: bytes, sizes: Sizes, *, longest: int, seconds: float) -> tuple[Provenance, tuple[Encoded, ...]]:
        """The child's answer, in its form but not in its content as asked for. ``longest``: the picture's long side in pixels.

        :raises ImagingError: what the child refused; timeout; crashed
        """
        self.served += 1
        deadline = time.monotonic() + seconds
        try:
            return self._asked(untrusted, sizes, longest, seconds, deadline)
        except TimeoutError:
            raise ImagingError(Refusal.TIMEOUT) from None
        except (OSError, EOFError):
            self._await_end()
            self.kill()
            out_of_time = self._process.returncode == _OUT_OF_TIME
            raise ImagingError(Refusal.TIMEOUT if out_of_time else Refusal.CRASHED) from None

    def _asked(
        self, untrusted: bytes, sizes: Sizes, longest: int, seconds: float, deadline: float
    ) -> tuple[Provenance, tuple[Encoded, ...]]:
        nonce = secrets.token_bytes(NONCE)
        header = pack_request(Request(sizes=sizes, length=len(untrusted), seconds=math.ceil(seconds)))
        write_all(self._requests, GO + nonce + header, deadline=deadline)
        write_all(self._requests, untrusted, deadline=deadline)
        if not secrets.compare_digest(self._read(NONCE, deadline), nonce):
            raise ImagingError(Refusal.CRASHED)
        length = int.from_bytes(self._read(LENGTH, deadline), "big")
        if length > MAX_HEADER:
            raise ImagingError(Refusal.CRASHED)
        answer = self._read(length, deadline)
        try:
            provenance, announced = unpack_answer(answer, sizes=sizes, longest=longest)
        except ImagingError:
            self._ended_well(deadline)
            raise
        encoded = tuple(
            Encoded(name=one.name, width=one.width, height=one.height, content=self._read(one.length, deadline))
            for one in announced
        )
        self._ended_well(deadline)
        return provenance, encoded

    def _read(self, length: int, deadline: float) -> bytes:
        return read_all(self._answers, length, deadline=deadline)

    def _ended_well(self, deadline: float) -> None:
        """The picture's own process has ended, and nothing but its answer is in the pipe."""
        if self._read(len(DONE), deadline) != DONE:
            raise ImagingError(Refusal.CRASHED)

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
        for pipe in self._pipes:
            pipe.close()

    def _await_end(self) -> None:
        """A closed pipe comes just before the end: wait for it, since the exit code says why."""
        deadline = time.monotonic() + _GRACE
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(0.01)
