"""The door of the web process: who calls is settled before a byte of the body is read, and no body outgrows its limit."""

import threading
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import bearer
from service.problems import Problem, respond
from storage.users import Caller

GUARDED: Final = "/v1/"
_UPLOADS: Final = ("/v1/photos", "/v1/register-imports")
_log = structlog.get_logger("door")


class _TooLarge(Exception):
    pass


class Door:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, find: Callable[[str], Caller | None], max_bytes: int, max_uploads: int) -> None:
        """``find`` gives the caller of a token; ``max_bytes`` of a body; ``max_uploads`` held in memory at one time."""
        self._app = app
        self._find = find
        self._max_bytes = max_bytes
        self._places = threading.BoundedSemaphore(max_uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), {"code": 0}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status["code"] = message["status"]
            await send(message)

        scope.setdefault("state", {})["request_id"] = uuid4().hex
        await self._admit(scope, receive, noting)
        route = getattr(scope.get("route"), "path", None)
        _log.info(
            "request",
            request=scope["state"]["request_id"],
            method=scope["method"],
            route=route or "none",
            status=status["code"],
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
        if _declared_length(headers) > self._max_bytes:
            await respond(Problem.TOO_LARGE)(scope, receive, send)
        elif scope["method"] == "POST" and scope["path"] in _UPLOADS:
            await self._take_place(scope, receive, send)
        else:
            await self._limited(scope, receive, send)

    async def _take_place(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._places.acquire(blocking=False):
            await respond(Problem.BUSY)(scope, receive, send)
            return
        try:
            await self._limited(scope, receive, send)
        finally:
            self._places.release()

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body; one that grows too large is answered here, whatever the application makes of the rest."""
        seen, state = 0, {"too_large": False, "answered": False}

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                state["too_large"] = True
                raise _TooLarge
            return message

        async def replacing(message: Message) -> None:
            if not state["too_large"]:
                await send(message)

        try:
            await self._app(scope, counting, replacing)
        except _TooLarge:
            pass
        if state["too_large"]:
            await respond(Problem.TOO_LARGE)(scope, receive, send)


def _declared_length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return 0
