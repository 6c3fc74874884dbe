"""Too many connections: who sends nothing goes first, who works stays, and health is told whoever else is there."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service import crowd
from service.crowd import SPARE_PLACES, Turn, displaced
from service.settings import Settings
from tests.parts.live import Line, Live, head, serving

GET = head("GET", "/x", {})
BUSY = head("GET", "/hangs", {})
MOST = 10


@dataclass(frozen=True, slots=True)
class One:
    turn: Turn
    since: float


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers, but at ``/hangs``."""
    if scope["path"] == "/hangs":
        await asyncio.Event().wait()
    await PlainTextResponse("here")(scope, receive, send)


@pytest.fixture
def live() -> Iterator[Live]:
    with serving(application, settings=Settings(max_connections=MOST)) as found:
        yield found


def filled(live: Live, lines: ExitStack, said: bytes, *, count: int = MOST) -> list[Line]:
    """As many lines, on which this was said; the server knows them all."""
    found = [lines.enter_context(live.line()) for _ in range(count)]
    for line in found:
        line.say(said)
        if said == GET:
            assert line.answer().status == 200
    deadline = time.monotonic() + 30
    while not {line.port for line in found} <= live.held():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_the_longest_idle_line_goes_for_one_who_comes(live: Live) -> None:
    with ExitStack() as lines:
        first, second, *others = filled(live, lines, GET)
        assert live.send("GET", "/x", headers={}).status == 200
        assert first.hear() == b""
        for line in (second, *others):
            line.say(GET)
            assert line.answer().status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_when_everybody_works_health_is_told_and_others_are_told_to_come_again(live: Live, path: str) -> None:
    with ExitStack() as lines:
        filled(live, lines, BUSY)
        for _ in range(3):
            with live.line() as late:
                late.say(GET + GET)
                answer = late.answer()
                assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (503, "5", "close")
                assert b"/problems/busy" in answer.content
                assert late.hear() == b""
            with live.line() as doctor:
                doctor.say(head("GET", path, {}))
                answer = doctor.answer()
                assert (answer.status, answer.headers["connection"]) == (200, "close")
                assert doctor.hear() == b""
    deadline = time.monotonic() + 30
    while live.send("GET", "/x", headers={}).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_beyond_the_spare_places_one_is_turned_away_unheard(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "_HEAD_START_SECONDS", 600)
    with ExitStack() as lines:
        filled(live, lines, BUSY)
        filled(live, lines, b"", count=SPARE_PLACES)
        with live.line() as late:
            assert late.answer().status == 503
            assert late.hear() == b""


def test_who_holds_lines_without_a_head_keeps_nobody_out_for_long(live: Live) -> None:
    with ExitStack() as lines:
        filled(live, lines, b"GET /x HT", count=MOST + SPARE_PLACES)
        time.sleep(1.1)
        assert live.send("GET", "/healthz", headers={"connection": "close"}).status == 200


@pytest.mark.parametrize(
    ("there", "goes"),
    [
        ([], None),
        ([One(Turn.WORK, 0), One(Turn.BODY, 0), One(Turn.TAKING, 0)], None),
        ([One(Turn.WORK, 0), One(Turn.IDLE, 9), One(Turn.IDLE, 8), One(Turn.REST, 0), One(Turn.HEAD, 0)], One(Turn.IDLE, 8)),
        ([One(Turn.HEAD, 0), One(Turn.REST, 9), One(Turn.REST, 7)], One(Turn.REST, 7)),
        ([One(Turn.HEAD, 5), One(Turn.HEAD, 4)], One(Turn.HEAD, 4)),
        ([One(Turn.HEAD, 9.5)], None),
    ],
)
def test_who_goes(there: list[One], goes: One | None) -> None:
    assert displaced(there, now=10) == goes
