"""A school behind a slow line: many large uploads at one time cost no memory, and a service that dies leaves no picture."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.users import Role
from tests.parts.live import Line, head
from tests.parts.own_service import Service, open_school, service_at
from tests.parts.requests import BOUNDARY, form, part
from tests.parts.world import Backend, picture, settings_for

CANARY = b"Zebedee-Quux lives at 51.50 N, 0.12 W. "
MANY, LARGE, PIECE = 8, 40_000_000, 1_000_000
PATIENCE_SECONDS = 120
REST = f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def headers(backend: Backend) -> dict[str, str]:
    """A teacher's, for a large upload."""
    token = open_school(backend)[Role.TEACHER]
    opening = part("file", b"", file="a.jpg").removesuffix(b"\r\n")
    return {
        "authorization": f"Bearer {token}",
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        "content-length": str(len(opening) + LARGE + len(REST)),
    }


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def spool(backend: Backend) -> list[Path]:
    return list(settings_for(backend).spool.iterdir())


def held(backend: Backend) -> int:
    return sum(path.stat().st_size for path in spool(backend))


def lying_open(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and CANARY in path.read_bytes()]


def begin(service: Service, headers: dict[str, str], lines: ExitStack) -> list[Line]:
    """Begin many uploads and send all of each but its last piece, turn by turn."""
    found = [lines.enter_context(service.live.line()) for _ in range(MANY)]
    for line in found:
        line.say(head("POST", "/v1/photos", headers) + part("file", b"", file="a.jpg").removesuffix(b"\r\n"))
    for piece in _pieces(LARGE - PIECE):
        for line in found:
            assert line.say(piece)
    return found


def _pieces(length: int) -> Iterator[bytes]:
    piece = (CANARY * (PIECE // len(CANARY) + 1))[:PIECE]
    return iter([piece] * (length // PIECE))


def settle(service: Service) -> None:
    """Wait until the service has loaded what it loads once: its first sweep brings in the words."""
    known = [service.memory()]
    while len(known) < 5 or max(known[-5:]) - min(known[-5:]) > PIECE:
        time.sleep(0.2)
        known.append(service.memory())


def test_many_large_uploads_at_one_time_cost_less_memory_than_one_of_them(backend: Backend, headers: dict[str, str]) -> None:
    with service_at(backend) as service, ExitStack() as lines:
        known = {"authorization": headers["authorization"]}
        assert service.live.send("GET", "/v1/pupils", headers=known).status == 200
        settle(service)
        service.forget_the_peak()
        before = service.memory()
        uploads = begin(service, headers, lines)
        eventually(lambda: held(backend) > MANY * (LARGE - 3 * PIECE))
        while_they_come = service.memory("VmHWM") - before
        assert while_they_come < LARGE, f"{while_they_come / LARGE:.2f} of one upload for {MANY}"
        assert service.live.send("GET", "/healthz", headers={}).status == 200
        assert list(service.temp_folder.iterdir()) == []
        for line in uploads:
            line.say(next(_pieces(PIECE)) + REST)
        assert {line.answer().status for line in uploads} == {415}
        at_most = service.memory("VmHWM") - before
        assert at_most < 3 * LARGE, f"{at_most / LARGE:.2f} uploads in memory, of {MANY} that ended at one time"
        eventually(lambda: spool(backend) == [])


def test_a_service_that_is_killed_in_the_middle_of_uploads_leaves_nothing_to_read_and_clears_up_when_it_starts_again(
    backend: Backend, headers: dict[str, str]
) -> None:
    with service_at(backend) as service, ExitStack() as lines:
        begin(service, headers, lines)
        eventually(lambda: held(backend) > MANY * (LARGE - 3 * PIECE))
        service.dies()
    assert len(spool(backend)) == MANY
    assert lying_open(backend.folder) == []
    assert list(service.temp_folder.iterdir()) == []
    with service_at(backend) as again:
        assert spool(backend) == []
        sent = form(part("file", picture(1), file="a.jpg"))
        more = {"content-length": str(len(sent.body or b""))}
        answer = again.live.send("POST", "/v1/photos", headers={**headers, **more}, chunks=[sent.body or b""])
        assert answer.status == 201
        eventually(lambda: spool(backend) == [])
