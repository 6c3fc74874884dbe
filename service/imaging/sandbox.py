"""The sandbox: hostile pictures are opened in jailed processes, never in this one; what comes out is made anew and proven."""

import math
import secrets
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from consent.photo import CleanImage
from service.imaging.containers.layout import MAX_PIXELS
from service.imaging.encode import encode
from service.imaging.errors import ImagingError, Refusal
from service.imaging.jail.walls import Jail
from service.imaging.provenance import Provenance
from service.imaging.raster import Raster
from service.imaging.renditions import Sizes, fitted
from service.imaging.sniff import DECODER_TURNS, Sniffed, sniff
from service.imaging.verify import verify
from service.imaging.wire import Request
from service.imaging.worker import Worker

_ROOT = Path(__file__).resolve().parents[2]
_START = """\
import sys
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from service.imaging.zygote import main
main()
"""
COMMAND = (sys.executable, "-I", "-B", "-c", _START, str(_ROOT))
"""An isolated interpreter (no environment, no user site, no current folder) that finds this very package."""
PICTURES_PER_CHILD = 200

_CHILD_IS_FINE = set(Refusal) - {Refusal.CRASHED, Refusal.TIMEOUT, Refusal.UNCLEAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A proven clean image, and what the file it came from said about itself."""

    image: CleanImage
    provenance: Provenance


class NotJailed(Exception):
    """The sandbox must be jailed, and the kernel does not put up every wall."""


class Sandbox:
    """Cleans pictures in child processes. Safe to use from several threads: each works with a child of its own.

    A child is kept warm between pictures, replaced after any failure and after ``pictures_per_child``. Each picture has a process
    of its own inside its child. With ``required``, a child around which a wall is missing is given no picture. MUST be closed; a
    context manager does it.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 10,
        pictures_per_child: int = PICTURES_PER_CHILD,
        command: tuple[str, ...] = COMMAND,
        required: bool = False,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._pictures_per_child = pictures_per_child
        self._command = command
        self._required = required
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._at_work: list[Worker] = []
        self._stopped = False
        self._closed = False
        self._peak_kib = 0

    def clean(self, untrusted: bytes, sizes: Sizes) -> Cleaned:
        """A clean image with one rendition for each size, in order, and the provenance of the picture.

        The picture is decoded once. Takes at most ``timeout_seconds``, of which the start of a child may be a part, and the time
        to write the files.

        :raises ImagingError: for every picture that cannot be cleaned and proven clean, and when the sandbox is closed
        :raises ValueError: no sizes, or two of the same name
        """
        if not sizes or len({size.name for size in sizes}) != len(sizes):
            raise ValueError("sizes must be at least one, each with a name of its own")
        provenance, raster = self._opened(untrusted, sniff(untrusted), long_side=max(size.long_side for size in sizes))
        return Cleaned(image=verify(encode(raster, sizes)), provenance=provenance)

    def jail(self) -> Jail:
        """How well pictures are shut in here; starts a child if none waits.

        :raises ImagingError: timeout or crashed, if no child can be started
        :raises NotJailed: not as well as is required
        """
        worker, fine = self._borrow(), False
        try:
            found = Jail.of(worker.walls(deadline=time.monotonic() + self._timeout_seconds))
            fine = True
        finally:
            self._give_back(worker, fine=fine)
        if self._required and found is not Jail.JAILED:
            raise NotJailed(found.value)
        return found

    @property
    def peak_kib(self) -> int:
        """The most memory that any picture's process has held so far, in KiB."""
        return self._peak_kib

    def _opened(self, untrusted: bytes, sniffed: Sniffed, *, long_side: int) -> tuple[Provenance, Raster]:
        """The picture's pixels, of a size that a picture with this header can have."""
        deadline = time.monotonic() + self._timeout_seconds
        seconds = math.ceil(self._timeout_seconds)
        request = Request(long_side=long_side, seconds=seconds, nonce=secrets.token_hex(16))
        longest, room = _bounds(sniffed, long_side)
        worker, fine = self._borrow(), False
        try:
            self._check_walls(worker, deadline)
            provenance, raster = worker.clean(untrusted, request, longest=longest, room=room, deadline=deadline)
            _check_size(raster, sniffed, long_side)
            fine = True
        except ImagingError as refused:
            fine = refused.reason in _CHILD_IS_FINE
            raise
        finally:
            self._give_back(worker, fine=fine)
        return provenance, raster

    def _check_walls(self, worker: Worker, deadline: float) -> None:
        """Raises if the child may not be given a picture."""
        if self._required and Jail.of(worker.walls(deadline=deadline)) is not Jail.JAILED:
            raise ImagingError(Refusal.CRASHED)

    def close(self) -> None:
        """End every child that waits; those at work end with their picture. Nothing is cleaned afterwards."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()

    def stop(self) -> None:
        """Close, and end those at work too: their pictures are refused as crashed."""
        self.close()
        with self._lock:
            self._stopped = True
            for worker in self._at_work:
                worker.interrupt()

    @property
    def waiting(self) -> tuple[int, ...]:
        """The process numbers of the children that wait for a picture."""
        with self._lock:
            return tuple(worker.pid for worker in self._idle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _borrow(self) -> Worker:
        """A living child that nobody else uses."""
        while True:
            with self._lock:
                if self._closed:
                    raise ImagingError(Refusal.CRASHED)
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return self._put_to_work(self._start())
            if not worker.has_ended():
                return self._put_to_work(worker)
            worker.kill()

    def _put_to_work(self, worker: Worker) -> Worker:
        with self._lock:
            self._at_work.append(worker)
            if self._stopped:
                worker.interrupt()
        return worker

    def _start(self) -> Worker:
        try:
            return Worker(self._command)
        except OSError:  # no memory, no process numbers, no interpreter: nothing of the picture, but no picture either
            raise ImagingError(Refusal.CRASHED) from None

    def _give_back(self, worker: Worker, *, fine: bool) -> None:
        with self._lock:
            self._at_work.remove(worker)
            self._peak_kib = max(self._peak_kib, worker.peak_kib)
            keep = fine and not self._closed and worker.served < self._pictures_per_child
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.kill()


def _bounds(sniffed: Sniffed, long_side: int) -> tuple[int, int]:
    """The long side and the number of pixels that an answer may have at most."""
    width, height = fitted(sniffed.width, sniffed.height, long_side)
    longest = max(width, height)
    # Where the decoder turns and crops by itself the size is known no better than this.
    return longest, min(longest**2, MAX_PIXELS) if sniffed.kind in DECODER_TURNS else width * height


def _check_size(raster: Raster, sniffed: Sniffed, long_side: int) -> None:
    """Raises unless the picture has the proportions of its header, upright or sideways."""
    expected = fitted(sniffed.width, sniffed.height, long_side)
    if sniffed.kind not in DECODER_TURNS and (raster.width, raster.height) not in {expected, expected[::-1]}:
        raise ImagingError(Refusal.CRASHED)
