"""A server that cannot be had is said out loud, and in CI nothing is skipped for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.own_server import NotStarted, cannot_be_had, free_ports, stop, wait_until


def test_without_its_server_a_test_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such server"):
        cannot_be_had("no such server")


def test_in_ci_a_test_without_its_server_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no such server"):
        cannot_be_had("no such server")


def test_a_server_that_ends_at_once_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("port taken")
    server = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    server.wait()
    with pytest.raises(NotStarted, match=r"ended with 3.*port taken"):
        wait_until(lambda: False, server=server, log=tmp_path / "log")
    stop(server)


def test_ports_are_different() -> None:
    assert len(set(free_ports(10))) == 10
