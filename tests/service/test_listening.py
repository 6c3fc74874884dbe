"""The server's patience: a head that does not come and a rest that does not end are shown the door."""

import time
from collections.abc import Iterator

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


@pytest.mark.parametrize(
    "said",
    [
        b"POST /x HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.0\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n12345",
        b"POST /x HTTP/1.1\r\nhost: t\r\ncontent-length: 4, 5\r\n\r\n12345",
        b"POST /x HTTP/1.1\r\nhost: t\r\ncontent-length: +4\r\n\r\n1234",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ncontent-length : 4\r\n\r\n1234",
        b"GET /x HTTP/1.1\r\nhost: t\r\nx-a: b\r\n content-length: 4\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: t\nx-a: b\r\n\r\n",
        b"GET /x HTTP/1.1\nhost: t\n\n",
        b"GET /x HTTP/1.1\r\nhost: t\r\nx-a: b\rcontent-length: 4\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: t\r\nhost: u\r\n\r\n",
        b"GET /x HTTP/1.1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-a: b\n\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n4;a\rb\r\n1234\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n4\n1234\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234xx0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("pieces", [False, True], ids=["at-once", "in-pieces"])
def test_what_two_servers_could_read_in_two_ways_is_refused_and_nothing_after_it_is_heard(
    live: Live, said: bytes, *, pieces: bool
) -> None:
    before, smuggled = said.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n", GET
    with live.line() as line:
        if pieces and said.startswith(before):
            line.say(before)
            time.sleep(0.02)
            for at in range(len(before), len(said)):
                line.say(said[at : at + 1])
            line.say(smuggled)
        else:
            line.say(said + smuggled)
        heard = line.hear()
    assert heard.count(b"HTTP/1.1") == 1
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"/problems/malformed" in heard


@pytest.mark.parametrize(
    ("said", "length"),
    [
        (b"content-length: 4\r\n\r\n1234", b"4"),
        (b"transfer-encoding: chunked\r\n\r\n4;a=b\r\n1234\r\n2\r\n56\r\n0\r\nx-a: b\r\n\r\n", b"6"),
        (b"transfer-encoding: Chunked\r\n\r\n2\r\n\r\n\r\n3\r\n\n \r\r\n0\r\n\r\n", b"5"),
        (b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n", b"0"),
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_what_can_be_read_in_one_way_only_is_read_however_it_is_cut(live: Live, said: bytes, length: bytes, piece: int) -> None:
    whole = b"POST /x HTTP/1.1\r\nhost: t\r\n" + said
    with live.line() as line:
        for _ in range(2):
            for at in range(0, len(whole), piece):
                line.say(whole[at : at + piece])
            assert line.answer().content == length
