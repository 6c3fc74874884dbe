"""Running a real server as the tests' own child: a free port, a bounded wait, and an end by its own process id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

_WAIT_SECONDS = 60
_STOP_SECONDS = 20
_POLL_SECONDS = 0.1


class NotStarted(Exception):
    """The server ended, or did not answer in time."""


def cannot_be_had(reason: str) -> NoReturn:
    """Skip what needs the server; in CI (``CI=true``) fail, so that no check is ever skipped unseen."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason)
    pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Return as many different ports of 127.0.0.1 as asked for, free a moment ago."""
    with ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_until(answers: Callable[[], bool], *, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; raises NotStarted when it has ended or the wait is over."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if answers():
            return
        time.sleep(_POLL_SECONDS)
    state = "does not answer" if server.poll() is None else f"ended with {server.returncode}"
    raise NotStarted(f"the server {state}; its last words: {log.read_text(errors='replace')[-600:]!r}")


def stop(server: subprocess.Popen[bytes], *, politely: signal.Signals = signal.SIGTERM) -> None:
    """End our own child, politely first."""
    if server.poll() is None:
        server.send_signal(politely)
    try:
        server.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
