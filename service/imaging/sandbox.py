"""The sandbox: hostile pictures are opened in child processes with limits, never in this one, and what comes out is proven."""

import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from consent.photo import CleanImage
from service.imaging.errors import ImagingError, Refusal
from service.imaging.provenance import Provenance
from service.imaging.renditions import Sizes
from service.imaging.sniff import sniff
from service.imaging.verify import verify
from service.imaging.worker import Worker

_ROOT = Path(__file__).resolve().parents[2]
_START = """\
import sys
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from service.imaging.child import main
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


class Sandbox:
    """Cleans pictures in child processes. Safe to use from several threads: each works with a child of its own.

    A child is kept warm between pictures, replaced after any failure and after ``pictures_per_child``. Each picture has a process
    of its own inside its child. MUST be closed; a context manager does it.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 60,
        pictures_per_child: int = PICTURES_PER_CHILD,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._pictures_per_child = pictures_per_child
        self._command = command
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._at_work: list[Worker] = []
        self._stopped = False
        self._closed = False

    def clean(self, untrusted: bytes, sizes: Sizes) -> Cleaned:
        """A clean image with one rendition for each size, in order, and the provenance of the picture.

        Takes at most ``timeout_seconds``, of which the start of a child may be a part.

        :raises ImagingError: for every picture that cannot be cleaned and proven clean, and when the sandbox is closed
        :raises ValueError: no sizes, or two of the same name
        """
        if not sizes or len({size.name for size in sizes}) != len(sizes):
            raise ValueError("sizes must be at least one, each with a name of its own")
        sniffed = sniff(untrusted)
        worker = self._put_to_work(self._borrow())
        fine = False
        try:
            provenance, encoded = worker.clean(
                untrusted, sizes, longest=max(sniffed.width, sniffed.height), seconds=self._timeout_seconds
            )
            image = verify(encoded)
            fine = True
        except ImagingError as refused:
            fine = refused.reason in _CHILD_IS_FINE
            raise
        finally:
            self._give_back(worker, fine=fine)
        return Cleaned(image=image, provenance=provenance)

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
                return self._start()
            if not worker.has_ended():
                return worker
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
            keep = fine and not self._closed and worker.served < self._pictures_per_child
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.kill()
