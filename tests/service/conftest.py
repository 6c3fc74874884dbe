"""What tests of the doors listen with: everything that is logged while a test runs, and a temp folder that should stay empty."""

import json
import logging
import tempfile
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

CLIENTS = ("httpx", "httpcore", "asyncio")
"""The tests' own side of the line: it may say what it asked for."""


@dataclass(slots=True, kw_only=True)
class Overheard:
    """What the service logged."""

    entries: list[MutableMapping[str, Any]]
    others: pytest.LogCaptureFixture

    def requests(self) -> list[MutableMapping[str, Any]]:
        """The line that each request leaves."""
        return [entry for entry in self.entries if entry["event"] == "request"]

    def text(self) -> str:
        """All of it, and what other people's loggers were handed, tracebacks included."""
        formatter = logging.Formatter()
        theirs = [formatter.format(record) for record in self.others.records if not record.name.startswith(CLIENTS)]
        return "\n".join([*(json.dumps(entry, default=repr) for entry in self.entries), *theirs])


@pytest.fixture
def overheard(caplog: pytest.LogCaptureFixture) -> Iterator[Overheard]:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as entries:
        yield Overheard(entries=entries, others=caplog)


@pytest.fixture
def temp_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that everything temporary of this process goes to; empty."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
