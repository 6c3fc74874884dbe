"""The signals that end a walk, heard only where that leaves nothing half done."""

import signal
from concurrent.futures import Future
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Answer = TypeVar("Answer")


class Interrupted(BaseException):
    """Somebody wants this to end, by signal ``number``. Not an Exception, as KeyboardInterrupt is none."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Ending:
    """As a context manager, keeps signals from interrupting anything but ``wait_for``. MUST be entered in the main thread."""

    def __init__(self) -> None:
        self._heard: int | None = None
        self._waiting = False
        self._before: dict[signal.Signals, Any] = {}

    def wait_for(self, future: Future[Answer]) -> Answer:
        """The future's answer, or what it raises.

        :raises Interrupted: a signal came, now or before; the future is left as it is
        """
        self._waiting = True
        try:
            if self._heard is not None:
                raise Interrupted(self._heard)
            return future.result()
        finally:
            self._waiting = False

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number, before in self._before.items():
            if before != signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._heard = number
        if self._waiting:
            self._waiting = False
            raise Interrupted(number)
