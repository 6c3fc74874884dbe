"""The server's patience: a head that does not come, a rest that does not end, and too many callers are shown the door."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service import listening
from service.settings import Settings
from tests.parts.live import Live, head, serving

SECRET = b"Zebedee-Quux"
IMPATIENT = Settings(header_seconds=0.3, keep_alive_seconds=20)
GET = head("GET", "/x", {})


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the whole body and says how long it was; at ``/early`` it answers before it reads any."""
    length, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await PlainTextResponse(str(length))(scope, receive, send)


@pytest.fixture
def live() -> Iterator[Live]:
    with serving(reading, settings=IMPATIENT) as found:
        yield found


@pytest.mark.parametrize("said", [b"", b"GE", b"GET /x HTTP/1.1\r\n", b"GET /x HTTP/1.1\r\nhost: test\r\nx-a: b"])
def test_who_begins_a_head_and_does_not_end_it_is_disconnected_without_a_word(live: Live, said: bytes) -> None:
    with live.line() as line:
        line.say(said)
        assert line.hear() == b""
    assert live.send("GET", "/x", headers={}).status == 200


def test_no_byte_that_still_comes_prolongs_the_time_for_a_head(live: Live) -> None:
    with live.line() as line:
        line.say(b"GET /x HTTP/1.1\r\n")
        deadline = time.monotonic() + 30
        while line.say(b"x-a: b\r\n"):
            assert time.monotonic() < deadline, "it was listened to for ever"
            time.sleep(0.05)


@pytest.mark.parametrize("together", [True, False], ids=["in-one-breath", "afterwards"])
def test_the_next_head_on_the_same_line_has_its_time_too(live: Live, together: bool) -> None:
    with live.line() as line:
        line.say(GET + b"GET" if together else GET)
        assert line.answer().status == 200
        line.say(b"" if together else b"GET")
        assert line.hear() == b""


def test_between_requests_a_line_may_be_idle_for_longer_than_a_head_may_take(live: Live) -> None:
    with live.line() as line:
        for _ in range(3):
            line.say(GET)
            assert line.answer().status == 200
            time.sleep(2 * IMPATIENT.header_seconds)


def test_an_idle_line_is_closed_in_the_end() -> None:
    with serving(reading, settings=Settings(keep_alive_seconds=1)) as live, live.line() as line:
        line.say(GET)
        assert line.answer().status == 200
        assert line.hear() == b""


def test_a_body_may_take_longer_than_a_head(live: Live) -> None:
    with live.line() as line:
        line.say(head("POST", "/x", {"content-length": "4"}))
        for _ in range(4):
            time.sleep(IMPATIENT.header_seconds)
            assert line.say(b"x")
        assert line.answer().content == b"4"


def test_who_sends_on_after_the_answer_may_end_in_time_and_ask_again(live: Live) -> None:
    with live.line() as line:
        line.say(head("POST", "/early", {"content-length": "4"}))
        assert line.answer().content == b"0"
        line.say(b"1234" + GET)
        assert line.answer().content == b"0"


def test_who_sends_on_for_ever_after_the_answer_is_disconnected(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_LINGER_SECONDS", 0.3)
    with live.line() as line:
        line.say(head("POST", "/early", {"content-length": "1000000000"}))
        assert line.answer().content == b"0"
        deadline = time.monotonic() + 30
        while line.say(b"x" * 1000):
            assert time.monotonic() < deadline, "it was listened to for ever"
            time.sleep(0.02)


def test_one_caller_too_many_is_told_to_come_again_and_can() -> None:
    with serving(reading, settings=Settings(max_connections=10)) as live:
        with ExitStack() as open_lines:
            lines = [open_lines.enter_context(live.line()) for _ in range(10)]
            for line in lines:
                line.say(GET)
                assert line.answer().status == 200
            with live.line() as late:
                answer = late.answer()
                assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (503, "5", "close")
                assert b"/problems/busy" in answer.content
                assert late.hear() == b""
            lines[0].say(GET)
            assert lines[0].answer().status == 200
        deadline = time.monotonic() + 30
        while live.send("GET", "/x", headers={}).status != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize(
    "said",
    [
        SECRET + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01" + SECRET,
        b"GET /x HTTP/1.1\r\nhost: test\r\n" + SECRET + b" : x\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: test\r\ncontent-length: " + SECRET + b"\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n" + SECRET + b"\r\n",
    ],
    ids=["words", "TLS", "a-space-in-a-name", "a-length-in-words", "a-chunk-in-words"],
)
def test_what_is_no_http_is_answered_with_a_problem_that_repeats_nothing(live: Live, said: bytes) -> None:
    with live.line() as line:
        line.say(said)
        heard = line.hear()
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"application/problem+json" in heard
    assert b"/problems/malformed" in heard
    assert SECRET not in heard


def test_a_head_that_comes_in_pieces_may_not_outgrow_its_limit(live: Live) -> None:
    with live.line() as line:
        line.say(b"GET /x HTTP/1.1\r\nhost: test\r\n")
        for _ in range(40):
            line.say(b"x-a: " + b"x" * 1000 + b"\r\n")
        assert line.hear()[:12] in {b"HTTP/1.1 400", b""}
    assert live.send("GET", "/x", headers={}).status == 200
