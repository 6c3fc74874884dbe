"""The door: who calls is settled first, bodies are counted, uploads have places, and whatever goes wrong inside ends here."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent.people import SchoolId
from service.app import create
from service.door import MOST_WORDS, Door, Limits
from service.pace import Rhythm
from storage.users import Caller, Role
from tests.parts.requests import form, part
from tests.parts.world import World, picture
from tests.service.conftest import Overheard

SECRET = "Zebedee-Quux"
PATIENT = Rhythm(seconds=600, grace_seconds=60, rate=1)
LIMITS = Limits(header_bytes=16_384, upload_bytes=2_000_000, uploads=2, rhythm=PATIENT)
CALLER = Caller(school=SchoolId("s"), token="t", role=Role.TEACHER, classes=frozenset(), actor="token:t")


def by_token(token: str) -> Caller:
    """A caller of one's own for every token."""
    return replace(CALLER, token=token, actor=f"token:{token}")


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and what was sent back. ``body`` is handed out piece by piece; ``before`` is awaited before the first piece."""

    path: str = "/v1/photos"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()
    before: Callable[[], Awaitable[object]] | None = None
    sent: list[Message] = field(default_factory=list)
    asked_for_body: int = 0

    async def through(self, app: ASGIApp) -> "Exchange":
        pieces = self._pieces()

        async def receive() -> Message:
            self.asked_for_body += 1
            return await anext(pieces)

        async def send(message: Message) -> None:
            self.sent.append(message)

        await app(self._scope(), receive, send)
        return self

    @property
    def status(self) -> int:
        starts = [message for message in self.sent if message["type"] == "http.response.start"]
        assert len(starts) == 1, "one request, one answer"
        return int(starts[0]["status"])

    @property
    def said(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def content(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def code(self) -> str:
        return str(json.loads(self.content)["type"]).removeprefix("/problems/")

    async def _pieces(self) -> AsyncIterator[Message]:
        if self.before is not None:
            await self.before()
        for piece in self.body:
            yield {"type": "http.request", "body": piece, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}
        while True:
            yield {"type": "http.disconnect"}

    def _scope(self) -> Scope:
        raw = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        return {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": raw,
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body and says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await PlainTextResponse(str(length))(scope, receive, send)


def door(
    app: ASGIApp = reading,
    *,
    find: Callable[[str], Caller | None] = lambda _: CALLER,
    has_room: Callable[[Caller], bool] = lambda _: True,
    **limits: Any,
) -> Door:
    return Door(app, find=find, has_room=has_room, limits=replace(LIMITS, **limits))


def go(app: ASGIApp, **said: Any) -> Exchange:
    return asyncio.run(Exchange(**({"headers": {"authorization": "Bearer x"}} | said)).through(app))


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer unknown"}, {"authorization": "Basic eA=="}, {"authorization": "Bearer "}]
)
def test_who_is_not_known_is_refused_before_a_byte_is_asked_for(headers: dict[str, str]) -> None:
    found = go(door(find=lambda _: None), headers=headers, body=[b"x"])
    assert (found.status, found.code, found.asked_for_body) == (401, "unauthenticated", 0)


def test_the_known_caller_is_handed_on() -> None:
    seen: list[Scope] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await reading(scope, receive, send)

    assert go(door(noting)).status == 200
    assert seen[0]["state"]["caller"] is CALLER


def test_outside_v1_nobody_is_asked_who_they_are() -> None:
    def never(_: str) -> Caller | None:
        raise AssertionError

    assert go(door(find=never), path="/healthz", method="GET", headers={}).status == 200


@pytest.mark.parametrize(
    ("path", "method", "most"),
    [
        ("/v1/photos", "POST", 2_000_000),
        ("/v1/register-imports", "POST", 2_000_000),
        ("/v1/photos", "PATCH", MOST_WORDS),
        ("/enrol", "POST", MOST_WORDS),
    ],
)
def test_a_body_may_be_as_long_as_the_limit_of_its_call_and_not_a_byte_longer(path: str, method: str, most: int) -> None:
    fits, outgrows = [b"x" * (most - 1), b"x"], [b"x" * (most - 1), b"xx"]
    assert go(door(), path=path, method=method, body=fits).content == str(most).encode()
    found = go(door(), path=path, method=method, body=outgrows)
    assert (found.status, found.code) == (413, "too-large")


def test_a_body_declared_too_long_is_refused_before_a_byte_is_asked_for() -> None:
    found = go(door(), headers={"authorization": "Bearer x", "content-length": "2000001"})
    assert (found.status, found.asked_for_body) == (413, 0)


def test_an_application_that_makes_something_else_of_a_body_cut_short_is_not_heard() -> None:
    async def swallowing(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await reading(scope, receive, send)
        except Exception:  # noqa: BLE001 - that is the point
            await PlainTextResponse(SECRET, status_code=200)(scope, receive, send)

    found = go(door(swallowing, upload_bytes=10), body=[b"x" * 11])
    assert (found.status, found.code) == (413, "too-large")


def test_more_uploads_at_once_than_there_are_places_are_told_to_come_again() -> None:
    _, refused, other, after = crowded(["a", "b"], then="c")
    assert (refused.status, refused.code, refused.said["retry-after"]) == (503, "busy", "5")
    assert refused.asked_for_body == 0
    assert (other.status, after.status) == (200, 200)


@pytest.mark.parametrize(("places", "share"), [(1, 1), (2, 1), (3, 2), (16, 8)])
def test_one_token_has_half_of_the_places_and_another_gets_through(places: int, share: int) -> None:
    _, refused, other, after = crowded(["a"] * share, then="a", uploads=places)
    assert (refused.status, refused.code, refused.said["retry-after"], refused.asked_for_body) == (503, "busy", "5", 0)
    assert (other.status, after.status) == (200, 200)
    if places > 1:
        _, another, _, _ = crowded(["a"] * share, then="b", uploads=places)
        assert another.status == 200


def crowded(uploading: list[str], *, then: str, uploads: int = 2) -> tuple[list[Exchange], Exchange, Exchange, Exchange]:
    """While uploads of these tokens are under way: what an upload of another gets, a call that is none, and one afterwards."""

    async def crowd() -> tuple[list[Exchange], Exchange, Exchange, Exchange]:
        gate, inside = asyncio.Event(), asyncio.Semaphore(0)

        async def wait() -> None:
            inside.release()
            await gate.wait()

        the_door, headers = door(find=by_token, uploads=uploads), {"authorization": f"Bearer {then}"}
        slow = [Exchange(headers={"authorization": f"Bearer {token}"}, before=wait) for token in uploading]
        tasks = [asyncio.create_task(one.through(the_door)) for one in slow]
        for _ in slow:
            await inside.acquire()
        refused = await Exchange(headers=headers, body=[b"x"]).through(the_door)
        other = await Exchange(headers=headers, path="/v1/pupils", method="GET").through(the_door)
        gate.set()
        done = [await task for task in tasks]
        assert [one.status for one in done] == [200] * len(done)
        return done, refused, other, await Exchange(headers=headers).through(the_door)

    return asyncio.run(crowd())


def test_a_head_may_be_as_long_as_its_limit_and_not_a_byte_longer_whoever_asks() -> None:
    def never(_: str) -> Caller | None:
        raise AssertionError

    spelt = len("/v1/pupils") + len("x-a")
    fits, outgrows = ({"x-a": "x" * (16_384 - spelt + more)} for more in (0, 1))
    assert go(door(find=lambda _: None), path="/v1/pupils", method="GET", headers=fits).status == 401
    found = go(door(find=never), path="/v1/pupils", method="GET", headers=outgrows)
    assert (found.status, found.code, found.asked_for_body) == (431, "headers-too-large", 0)


def test_a_photo_for_which_there_is_no_room_is_refused_before_a_byte_and_keeps_no_place() -> None:
    asked: list[Caller] = []

    def no_room(caller: Caller) -> bool:
        asked.append(caller)
        return False

    full = door(has_room=no_room)
    for _ in range(5):
        found = go(full, body=[b"x"])
        assert (found.status, found.code, found.said["retry-after"], found.asked_for_body) == (429, "queue-full", "30", 0)
    assert asked == [CALLER] * 5
    assert go(full, path="/v1/register-imports", body=[b"x"]).status == 200
    assert go(full, method="GET").status == 200


def test_a_body_that_does_not_come_is_answered_whatever_the_application_makes_of_it() -> None:
    async def swallowing(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await reading(scope, receive, send)
        except Exception:  # noqa: BLE001 - that is the point
            await PlainTextResponse(SECRET, status_code=200)(scope, receive, send)

    async def never() -> None:
        await asyncio.sleep(600)

    for app in (reading, swallowing):
        for path in ("/v1/photos", "/v1/consent-records", "/enrol"):
            slow = door(app, rhythm=Rhythm(seconds=600, grace_seconds=0.05, rate=1))
            found = go(slow, path=path, before=never)
            assert (found.status, found.code, found.said["connection"]) == (408, "too-slow", "close")


def test_an_answer_that_was_given_before_the_body_failed_stands() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("early")(scope, receive, send)
        await reading(scope, receive, send)

    found = go(door(hasty, upload_bytes=10), body=[b"x" * 11])
    assert (found.status, found.content) == (200, b"early")


def test_a_place_is_free_again_after_an_upload_that_failed() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError(SECRET)

    the_door = door(failing)
    assert [go(the_door).status for _ in range(5)] == [500] * 5


def test_the_whole_application_takes_as_many_uploads_at_once_as_its_settings_say(world: World) -> None:
    content = form(part("file", picture(1), file="a.jpg"))
    said = {name: str(value) for name, value in content.headers.items()}
    headers, others = ({**world.as_role(Role.TEACHER), **said}, {**world.another(Role.TEACHER), **said})

    async def crowd() -> tuple[list[Exchange], Exchange]:
        gate, inside = asyncio.Event(), asyncio.Semaphore(0)

        async def wait() -> None:
            inside.release()
            await gate.wait()

        app = create(world.house)
        most = range(world.house.settings.max_uploads_at_once)
        own = [headers if number % 2 else others for number in most]
        tasks = [asyncio.create_task(Exchange(headers=one, before=wait, body=[content.body or b""]).through(app)) for one in own]
        for _ in most:
            await inside.acquire()
        refused = await Exchange(headers=headers, body=[content.body or b""]).through(app)
        gate.set()
        return [await task for task in tasks], refused

    done, refused = asyncio.run(crowd())
    assert (refused.status, refused.said["retry-after"]) == (503, "5")
    assert {one.status for one in done} == {201}


def test_what_goes_wrong_inside_ends_here_and_its_words_with_it(overheard: Overheard) -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError(SECRET)

    found = go(door(failing))
    assert (found.status, found.code) == (500, "internal")
    assert SECRET.encode() not in found.content
    assert SECRET not in overheard.text()
    assert [(entry["event"], entry.get("fault")) for entry in overheard.entries] == [
        ("request-failed", "ValueError"),
        ("request", None),
    ]


def test_what_goes_wrong_after_the_answer_began_is_logged_and_nothing_is_added_to_it(overheard: Overheard) -> None:
    async def breaking_off(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(SECRET)

    found = go(door(breaking_off))
    assert (found.status, found.content) == (200, b"")
    assert [entry["event"] for entry in overheard.entries] == ["request-failed", "request"]
    assert SECRET not in overheard.text()


def test_while_the_database_is_away_a_caller_is_told_to_come_again() -> None:
    def away(_: str) -> Caller | None:
        raise OperationalError(f"SELECT '{SECRET}'", {"secret": SECRET}, Exception(SECRET))

    found = go(door(find=away))
    assert (found.status, found.code, found.said["retry-after"]) == (503, "database-unavailable", "5")
    assert SECRET.encode() not in found.content


def test_every_request_leaves_one_line(overheard: Overheard) -> None:
    for path in ("/healthz", "/v1/x"):
        go(door(), path=path, method="GET")
    assert [(entry["route"], entry["status"]) for entry in overheard.requests()] == [("none", 200)] * 2


def test_a_method_that_http_does_not_know_is_not_repeated_in_the_log(overheard: Overheard) -> None:
    go(door(), method=SECRET)
    assert [entry["method"] for entry in overheard.requests()] == ["other"]


def test_what_is_no_request_is_handed_on() -> None:
    heard: list[str] = []

    async def noting(scope: Scope, _receive: Receive, _send: Send) -> None:
        heard.append(scope["type"])

    async def never(*_: Any) -> Any:
        raise AssertionError

    asyncio.run(door(noting)({"type": "lifespan"}, never, never))
    assert heard == ["lifespan"]
