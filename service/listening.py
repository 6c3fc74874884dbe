"""The HTTP server as the gatekeeper runs it: who sends no headers, or sends on after its answer, is disconnected in time."""

import asyncio
from enum import Enum, auto
from typing import Any, Final, Literal

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.problems import Problem, respond
from service.settings import Settings

_LINGER_SECONDS: Final = 5.0
"""For a client that was answered before its body was through: it may send on for so long, and so gets to read the answer."""
_SHUTDOWN_SECONDS: Final = 30


class Listening(uvicorn.Config):
    """What uvicorn is told. Always the h11 protocol below, whatever else is installed; no WebSockets."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        host: str = "127.0.0.1",
        port: int = 0,
        lifespan: Literal["auto", "on", "off"] = "auto",
        log_config: dict[str, Any] | None = uvicorn.config.LOGGING_CONFIG,
    ) -> None:
        """Take the limits from the settings."""
        self.header_seconds = settings.header_seconds
        self.max_connections = settings.max_connections
        super().__init__(
            app,
            host=host,
            port=port,
            http=PatientProtocol,
            ws="none",
            lifespan=lifespan,
            log_config=log_config,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            h11_max_incomplete_event_size=settings.max_header_bytes,
        )


class _Owed(Enum):
    """What a client owes us, and may not take for ever to send."""

    HEAD = auto()
    REST = auto()


class PatientProtocol(H11Protocol):
    """uvicorn's own protocol, with a time limit on a request's head and on what still comes of a body after the answer.

    The limit runs from the connection, or from the first byte of the next head, and no byte that comes prolongs it.
    """

    config: Listening
    _owed: _Owed | None = None
    _timer: asyncio.TimerHandle | None = None
    _heard = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the base class
        """Take a connection, or turn it away if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.config.max_connections:
            self._turn_away(Problem.BUSY)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        self._heard = True
        if not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    def on_response_complete(self) -> None:
        """Note that a request was answered."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem, if nothing of another answer is out."""
        del msg
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._turn_away(Problem.MALFORMED)
        self.transport.close()

    def _turn_away(self, problem: Problem) -> None:
        answer = respond(problem, headers={"connection": "close"})
        lines = [f"HTTP/1.1 {problem.status} {problem.phrase}".encode(), *(b"%b: %b" % pair for pair in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _watch(self) -> None:
        owed = self._what_is_owed()
        if owed is self._owed:
            return
        self._stop()
        self._owed = owed
        if owed is not None:
            seconds = self.config.header_seconds if owed is _Owed.HEAD else _LINGER_SECONDS
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _what_is_owed(self) -> _Owed | None:
        if self.conn.their_state is h11.IDLE and (not self._heard or self.conn.trailing_data[0]):
            return _Owed.HEAD
        if self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE:
            return _Owed.REST
        return None

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._owed = self._timer = None
