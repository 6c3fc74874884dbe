"""The pace of a body: the whole in time, no slower than the rate, and never counted against a client what we took ourselves."""

import asyncio
import time

import pytest
from starlette.types import Message

from service.pace import Pace, Rhythm, Taking, TooSlow


def piece(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


def read(pace: Pace, *messages: tuple[float, Message], work: float = 0.0) -> int:
    """Receive messages, each so many seconds after it was asked for; work for so long after each. How many came."""
    came = iter(messages)
    heard = 0

    async def receive() -> Message:
        wait, message = next(came)
        await asyncio.sleep(wait)
        return message

    async def whole() -> None:
        nonlocal heard
        for _ in messages:
            await pace.next(receive)
            heard += 1
            time.sleep(work)  # noqa: ASYNC251 - our own slowness, whatever it is

    with_pause = whole()
    try:
        asyncio.run(with_pause)
    except TooSlow:
        return heard
    return heard


def test_a_body_that_comes_at_once_is_through_however_short_the_time() -> None:
    assert read(Pace(Rhythm(seconds=0.2, grace_seconds=0.1, rate=10**9)), *[(0.0, piece(1))] * 50) == 50


def test_a_body_that_stops_ends_with_the_grace() -> None:
    assert read(Pace(Rhythm(seconds=600, grace_seconds=0.1, rate=1000)), (0.0, piece(5)), (30.0, piece(1))) == 1


def test_a_body_that_trickles_is_ended_though_each_piece_comes_soon() -> None:
    trickle = [(0.02, piece(1))] * 500
    assert read(Pace(Rhythm(seconds=600, grace_seconds=0.2, rate=10_000)), *trickle) < 100


def test_what_came_before_buys_time_at_the_rate() -> None:
    late = (0.5, piece(1))
    assert read(Pace(Rhythm(seconds=600, grace_seconds=0.1, rate=1000)), (0.0, piece(100_000)), late) == 2
    assert read(Pace(Rhythm(seconds=600, grace_seconds=0.1, rate=1000)), (0.0, piece(10)), late) == 1


def test_however_fast_it_comes_the_whole_must_be_through_in_time() -> None:
    fast = [(0.02, piece(1_000_000))] * 500
    assert read(Pace(Rhythm(seconds=0.3, grace_seconds=600, rate=1)), *fast) < 100


def test_the_time_we_take_ourselves_is_not_held_against_the_rate() -> None:
    assert read(Pace(Rhythm(seconds=600, grace_seconds=0.2, rate=1000)), *[(0.0, piece(1))] * 10, work=0.05) == 10


@pytest.mark.parametrize("last", [piece(1, more=False), {"type": "http.request"}, {"type": "http.disconnect"}])
def test_after_the_end_whatever_comes_next_may_take_its_time(last: Message) -> None:
    pace = Pace(Rhythm(seconds=0.05, grace_seconds=0.05, rate=10**9))
    assert read(pace, (0.0, last), (0.3, {"type": "http.disconnect"})) == 2


def test_what_waits_to_be_taken_has_the_grace_once_and_its_rate_and_never_more_than_the_whole() -> None:
    taking = Taking(Rhythm(seconds=10, grace_seconds=2, rate=100))
    assert taking.waits(0, length=100) == 3
    taking.taken(2.5)
    assert taking.waits(50, length=100) == pytest.approx(1.5)
    taking.taken(51.5)
    assert taking.waits(60, length=0) == 0
    assert Taking(Rhythm(seconds=10, grace_seconds=2, rate=100)).waits(0, length=1_000_000) == 10
