"""At every moment of a connection one deadline runs: in each state, silent or a byte at a time, it is closed in time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from service import listening
from service.door import Door, Limits
from service.pace import Rhythm
from service.settings import Settings
from tests.parts.live import Line, Live, head, serving

SMALL = Settings(header_seconds=0.3, keep_alive_seconds=1, body_seconds=1, body_grace_seconds=0.3, min_body_rate=1_000_000)
LONGEST_SECONDS = 8
"""Above the sum of all the times above on a machine that is busy, and below every one that is not set."""
LARGE = b"x" * 32_000_000
"""More than the buffers of any kernel hold."""
WINDOW = 4096
GET = head("GET", "/x", {})
CHUNKED = {"transfer-encoding": "chunked"}
PACE = 0.1


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """``/large`` and ``/stream`` say much; ``/early`` does not listen; ``/hangs`` never answers; the others listen to the end."""
    path, more = scope["path"], True
    if path == "/hangs":
        await asyncio.Event().wait()
    while more and path != "/early":
        more = (await receive()).get("more_body", False)
    answer = PlainTextResponse(LARGE if path == "/large" else b"here")
    if path == "/stream":
        await StreamingResponse(_pieces())(scope, receive, send)
    else:
        await answer(scope, receive, send)


async def _pieces() -> AsyncIterator[bytes]:
    for at in range(0, len(LARGE), 1_000_000):
        yield LARGE[at : at + 1_000_000]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(listening, "_LINGER_SECONDS", 0.3)
    monkeypatch.setattr(listening, "_WORK_SECONDS", 1.0)
    limits = Limits(header_bytes=16_384, upload_bytes=1_000_000, uploads=4, rhythm=Rhythm.of(SMALL))
    with serving(Door(application, find=lambda _: None, has_room=lambda _: True, limits=limits), settings=SMALL) as found:
        yield found


def posting(path: str, **headers: str) -> bytes:
    return head("POST", path, {name.replace("_", "-"): value for name, value in headers.items()})


def answered(line: Line, said: bytes, status: int) -> None:
    line.say(said)
    assert line.answer().status == status


def then(first: bytes, status: int, after: bytes = b"") -> Callable[[Line], None]:
    """Say the first, hear the answer, say what comes after."""

    def reach(line: Line) -> None:
        answered(line, first, status)
        line.say(after)

    return reach


def saying(said: bytes) -> Callable[[Line], None]:
    def reach(line: Line) -> None:
        line.say(said)

    return reach


STATES = {
    "answered 408": then(posting("/x", content_length="9"), 408),
    "nothing was said": saying(b""),
    "half a head": saying(b"GET /x HTTP/1.1\r\nx-a: "),
    "idle after an answer": then(GET, 200),
    "half of the next head": then(GET, 200, b"GET /x HT"),
    "a whole request and half a head at once": saying(GET + b"GET /x HT"),
    "a body not begun": saying(posting("/x", content_length="900000")),
    "half a body": saying(posting("/x", content_length="900000") + b"x" * 1000),
    "a body in chunks": saying(posting("/x", **CHUNKED) + b"5\r\n12345\r\n"),
    "half a chunk": saying(posting("/x", **CHUNKED) + b"fffff\r\n12345"),
    "trailers that do not end": saying(posting("/x", **CHUNKED) + b"0\r\nx-a: "),
    "a client that waits for 100": saying(posting("/x", content_length="900000", expect="100-continue")),
    "answered 401, the body never comes": then(posting("/v1/photos", content_length="9"), 401),
    "answered 401, the body comes afterwards": then(posting("/v1/photos", content_length="9"), 401, b"aaaaaaaaa"),
    "answered 401, half of the body": then(posting("/v1/photos", content_length="900000"), 401, b"aaaa"),
    "answered 401, body and half a head": then(posting("/v1/photos", content_length="9"), 401, b"aaaaaaaaaGET /"),
    "answered 401, chunks afterwards": then(posting("/v1/photos", **CHUNKED), 401, b"4\r\n1234\r\n0\r\n\r\n"),
    "answered 200 early, the body comes afterwards": then(posting("/early", content_length="9"), 200, b"aaaaaaaaa"),
    "answered 413 as declared, some of it afterwards": then(posting("/x", content_length="2000000"), 413, b"x" * 100_000),
    "answered 413 as counted": then(posting("/x", **CHUNKED) + b"f5000\r\n" + b"x" * 0xF5000 + b"\r\n", 413, b"0\r\n\r\n"),
    "a request that hangs": saying(head("GET", "/hangs", {})),
    "a request that hangs and its body too": saying(posting("/hangs", content_length="900000") + b"x"),
    "requests in a row behind one that hangs": saying(head("GET", "/hangs", {}) + GET * 100),
    "an answer that is not taken": saying(head("GET", "/large", {})),
    "a last answer that is not taken": saying(head("GET", "/large", {"connection": "close"})),
    "a stream that is not taken": saying(head("GET", "/stream", {})),
    "answers in a row that are not taken": saying(head("GET", "/large", {}) * 20),
    "an early answer that is not taken, and a body": saying(posting("/early", content_length="900000") + b"x"),
    "an upgrade": saying(head("GET", "/hangs", {"connection": "upgrade", "upgrade": "websocket"})),
    "a tunnel": saying(b"CONNECT test:1 HTTP/1.1\r\nhost: test\r\n\r\n"),
}
LASTING = [
    name for name in STATES if name.startswith(("idle", "a request that", "an answer", "a last answer", "a stream", "answers"))
]
"""Those that last for a second, so that they are surely there when the last is reached."""


def silent(_: Line) -> None:
    """Say nothing and take nothing."""


def dripping(line: Line) -> None:
    """A byte at a time."""
    line.say(b"a")


@pytest.mark.parametrize("manner", [silent, dripping])
def test_in_every_state_a_connection_is_closed_in_time_and_others_are_served_meanwhile(
    live: Live, manner: Callable[[Line], None]
) -> None:
    with ExitStack() as open_lines:
        lines: dict[str, Line] = {}
        for name, reach in STATES.items():
            lines[name] = open_lines.enter_context(live.line(window=WINDOW))
            reach(lines[name])
        assert live.send("GET", "/healthz", headers={"connection": "close"}).status == 200
        there = live.held()
        assert {name for name in LASTING if lines[name].port not in there} == set(), "or else nothing is put to the test"
        deadline = time.monotonic() + LONGEST_SECONDS
        while held := [name for name, line in lines.items() if line.port in live.held()]:
            assert time.monotonic() < deadline, f"these places are held for ever: {held}"
            assert live.send("GET", "/healthz", headers={"connection": "close"}).status == 200
            for name in held:
                manner(lines[name])
            time.sleep(PACE)


@pytest.mark.parametrize("path", ["/large", "/stream"])
def test_who_takes_an_answer_a_little_at_a_time_does_not_get_all_of_it(live: Live, path: str) -> None:
    with live.line(window=WINDOW) as line:
        line.say(head("GET", path, {}))
        assert line.sip(1) == b"H"
        deadline = time.monotonic() + LONGEST_SECONDS
        while live.held():
            assert time.monotonic() < deadline, "its place is held for ever"
            line.sip(1000)
            time.sleep(PACE / 2)
        assert len(line.hear()) < len(LARGE)


@pytest.mark.parametrize("path", ["/large", "/stream"])
def test_who_takes_an_answer_slowly_but_in_time_gets_all_of_it(path: str) -> None:
    with serving(application, settings=Settings(keep_alive_seconds=1)) as live, live.line() as line:
        line.say(head("GET", path, {"connection": "close"}))
        heard = bytearray()
        while piece := line.sip(2_000_000):
            heard += piece
            time.sleep(0.02)
    assert heard.count(b"x" * 1000) >= len(LARGE) // 1000 - 100
    assert len(heard) > len(LARGE)


def test_an_answer_that_is_fetched_after_a_pause_is_whole_and_the_line_is_good_for_more(live: Live) -> None:
    with live.line() as line:
        for _ in range(3):
            line.say(head("GET", "/large", {}))
            time.sleep(PACE)
            assert line.answer().content == LARGE
