"""The door of the web process: who calls is settled before a byte of the body is read, and no body outgrows its limit."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import bearer
from service.problems import Problem, answer, respond
from storage.users import Caller

GUARDED: Final = "/v1/"
UPLOADS: Final = ("/v1/photos", "/v1/register-imports")
MOST_WORDS: Final = 1_000_000
"""Bytes of the body of any request that is no upload."""
_log = structlog.get_logger("door")


class _TooLarge(Exception):
    pass


@dataclass(slots=True)
class _Sent:
    """What went out so far."""

    status: int = 0


class Door:
    """ASGI middleware around the whole application. Every request leaves one line in the log, whatever became of it."""

    def __init__(self, app: ASGIApp, *, find: Callable[[str], Caller | None], max_bytes: int, max_uploads: int) -> None:
        """``find`` gives the caller of a token; ``max_bytes`` of an upload; ``max_uploads`` held in memory at one time."""
        self._app = app
        self._find = find
        self._max_bytes = max_bytes
        self._places = threading.BoundedSemaphore(max_uploads)

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
        if scope["path"].startswith(GUARDED):
            token = bearer(headers)
            caller = await run_in_threadpool(self._find, token) if token else None
            if caller is None:
                await respond(Problem.UNAUTHENTICATED)(scope, receive, send)
                return
            scope["state"]["caller"] = caller
        upload = scope["method"] == "POST" and scope["path"] in UPLOADS
        most = self._max_bytes if upload else min(self._max_bytes, MOST_WORDS)
        if _declared_length(headers) > most:
            await respond(Problem.TOO_LARGE)(scope, receive, send)
        elif upload:
            await self._take_place(scope, receive, send)
        else:
            await self._limited(scope, receive, send, most=most)

    async def _take_place(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._places.acquire(blocking=False):
            await respond(Problem.BUSY)(scope, receive, send)
            return
        try:
            await self._limited(scope, receive, send, most=self._max_bytes)
        finally:
            self._places.release()

    async def _limited(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        """Count the body; one that grows too large is answered here, whatever the application makes of the rest."""
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _TooLarge
            return message

        async def replacing(message: Message) -> None:
            if seen <= most:
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counting, replacing)
        if seen > most:
            await respond(Problem.TOO_LARGE)(scope, receive, send)


def _declared_length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return 0


def _known(method: str) -> str:
    """Name a method; one that HTTP does not know may be anything, and is not repeated."""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} else "other"
