"""The door of the web process: who calls is settled before a byte of the body is read; no body outgrows its limit or its time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import bearer
from service.pace import Pace, Rhythm, TooSlow
from service.places import Places
from service.problems import Problem, answer, respond
from storage.users import Caller

GUARDED: Final = "/v1/"
PHOTOS: Final = "/v1/photos"
UPLOADS: Final = (PHOTOS, "/v1/register-imports")
MOST_WORDS: Final = 1_000_000
"""Bytes of the body of any request that is no upload."""
_log = structlog.get_logger("door")


class _Refused(Exception):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may bring (``header_bytes``: address and headers; ``upload_bytes``), how fast, and how many at once.

    Of ``uploads`` at once one token has no more than half.
    """

    header_bytes: int
    upload_bytes: int
    uploads: int
    rhythm: Rhythm


@dataclass(slots=True)
class _Sent:
    """What went out so far."""

    status: int = 0


@dataclass(slots=True)
class _Body:
    """What came of a body so far, and what was the matter with it."""

    seen: int = 0
    refused: Problem | None = None
    answered: bool = False


class Door:
    """ASGI middleware around the whole application. Every request leaves one line in the log, whatever became of it."""

    def __init__(
        self, app: ASGIApp, *, find: Callable[[str], Caller | None], has_room: Callable[[Caller], bool], limits: Limits
    ) -> None:
        """``find`` gives the caller of a token; ``has_room`` says whether the caller's school may bring one more photo."""
        self._app = app
        self._find = find
        self._has_room = has_room
        self._limits = limits
        self._places = Places(limits.uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, sent = time.monotonic(), _Sent()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent.status = message["status"]
            await send(message)

        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._admit(scope, receive, noting)
            except Exception as fault:  # noqa: BLE001 - it ends here: whoever else saw it might write down what it carries
                refused = answer(fault)
                if sent.status == 0:
                    await refused(scope, receive, noting)
            _log.info(
                "request",
                method=_known(scope["method"]),
                route=getattr(scope.get("route"), "path", "none"),
                status=sent.status,
                milliseconds=round((time.monotonic() - started) * 1000),
            )

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if _head_length(scope) > self._limits.header_bytes:
            await respond(Problem.HEADERS_TOO_LARGE)(scope, receive, send)
            return
        if scope["path"].startswith(GUARDED):
            token = bearer(headers)
            caller = await run_in_threadpool(self._find, token) if token else None
            if caller is None:
                await respond(Problem.UNAUTHENTICATED)(scope, receive, send)
                return
            scope["state"]["caller"] = caller
        upload = scope["method"] == "POST" and scope["path"] in UPLOADS
        most = self._limits.upload_bytes if upload else min(self._limits.upload_bytes, MOST_WORDS)
        if _declared_length(headers) > most:
            await respond(Problem.TOO_LARGE)(scope, receive, send)
        elif upload:
            await self._take_place(scope, receive, send)
        else:
            await self._limited(scope, receive, send, most=most)

    async def _take_place(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope["state"]["caller"]
        if not self._places.take(caller.token):
            await respond(Problem.BUSY)(scope, receive, send)
            return
        try:
            if scope["path"] == PHOTOS and not await run_in_threadpool(self._has_room, caller):
                await respond(Problem.QUEUE_FULL)(scope, receive, send)
            else:
                await self._limited(scope, receive, send, most=self._limits.upload_bytes)
        finally:
            self._places.give_back(caller.token)

    async def _limited(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        """Count and time the body; one too large or too slow is answered here, whatever the application makes of the rest."""
        pace, body = Pace(self._limits.rhythm), _Body()

        async def counting() -> Message:
            try:
                message = await pace.next(receive)
            except TooSlow:
                body.refused = Problem.TOO_SLOW
                raise _Refused from None
            body.seen += len(message.get("body", b""))
            if body.seen > most:
                body.refused = Problem.TOO_LARGE
                raise _Refused
            return message

        async def replacing(message: Message) -> None:
            if body.refused is None:
                body.answered = True
                await send(message)

        try:
            await self._app(scope, counting, replacing)
        except Exception:
            if body.refused is None:
                raise
        if body.refused is not None and not body.answered:
            closing = {"connection": "close"} if body.refused is Problem.TOO_SLOW else None
            await respond(body.refused, headers=closing)(scope, receive, send)


def _head_length(scope: Scope) -> int:
    address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


def _declared_length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return 0


def _known(method: str) -> str:
    """Name a method; one that HTTP does not know may be anything, and is not repeated."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} else "other"
