"""The HTTP server as the gatekeeper runs it: whatever a client does or leaves undone, its connection ends in time."""

import asyncio
from typing import Any, Final, Literal

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.crowd import SPARE_PLACES, Turn, displaced, only_health
from service.framing import Unambiguous
from service.pace import Rhythm, Taking
from service.problems import Problem, respond
from service.settings import Settings

_LINGER_SECONDS: Final = 5.0
"""For a client that was answered before its body was through: it may send on for so long, and so gets to read the answer."""
_WORK_SECONDS: Final = 300.0
"""No answer of ours takes so long; if one does, something hangs, and nobody waits for it."""
_ANSWERING: Final = frozenset({h11.IDLE, h11.SEND_RESPONSE, h11.SEND_BODY})
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
    ) -> None:
        """Take the limits from the settings."""
        self.header_seconds = settings.header_seconds
        self.max_header_bytes = settings.max_header_bytes
        self.max_connections = settings.max_connections
        self.rhythm = Rhythm.of(settings)
        super().__init__(
            app,
            host=host,
            port=port,
            http=PatientProtocol,
            ws="none",
            lifespan=lifespan,
            log_config=None,  # it would write tracebacks beside our log, with whatever they carry
            log_level="warning",
            access_log=False,
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            h11_max_incomplete_event_size=self.max_header_bytes,
        )


class PatientProtocol(H11Protocol):
    """uvicorn's own protocol, with one clock: at every moment of a connection exactly one deadline runs.

    Which one follows from whose turn it is. It begins with the turn, and no byte that comes or goes prolongs it.
    """

    config: Listening
    turn = Turn.HEAD
    since = 0.0
    _timer: asyncio.TimerHandle | None = None
    _about: object = None
    _taking_of: object = None

    def __init__(self, config: Listening, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as in the base class
        """Begin; what can be read in two ways will be refused."""
        super().__init__(config, *args, **more)
        self.conn = Unambiguous(h11.SERVER, config.max_header_bytes)
        self._taking = Taking(config.rhythm)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the base class
        """Take a connection. If there are too many, another one goes, or this one gets little or nothing."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that we are told when anything waits, and when nothing does
        self._watch()
        if len(self.connections) > self.config.max_connections:
            self._squeeze_in()

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    def on_response_complete(self) -> None:
        """Note that a request was answered."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Note that the client does not take what was written."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Note that all that was written is taken."""
        super().resume_writing()
        self._taking.taken(self.loop.time())
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        super().connection_lost(exc)
        self._stop()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem, if nothing of another answer is out."""
        del msg
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._turn_away(Problem.MALFORMED)
        self.transport.close()

    def _squeeze_in(self) -> None:
        others = [one for one in self.connections if isinstance(one, PatientProtocol) and not one.transport.is_closing()]
        others.remove(self)
        gone = displaced(others, now=self.loop.time()) if len(others) >= self.config.max_connections else None
        if gone is not None:
            others.remove(gone)
            gone.transport.abort()
        if len(others) >= self.config.max_connections + SPARE_PLACES:
            self._turn_away(Problem.BUSY)
        elif len(others) >= self.config.max_connections:
            self.app = only_health(self.app)

    def _turn_away(self, problem: Problem) -> None:
        answer = respond(problem, headers={"connection": "close"})
        lines = [f"HTTP/1.1 {problem.status} {problem.phrase}".encode(), *(b"%b: %b" % pair for pair in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _watch(self) -> None:
        """Begin another deadline if it is another's turn, or another request's; the base class's own is never left to run."""
        self._unset_keepalive_if_required()
        turn = self._whose_turn()
        about = None if turn is Turn.TAKING else self.cycle
        if self._timer is not None and (turn, about) == (self.turn, self._about):
            return
        self._stop()
        self.turn, self._about, self.since = turn, about, self.loop.time()
        self._timer = self.loop.call_later(self._patience(turn), self.transport.abort)

    def _whose_turn(self) -> Turn:
        if self.flow.write_paused:
            return Turn.TAKING
        if self.conn.their_state is h11.IDLE:
            return Turn.HEAD if self.turn is Turn.HEAD or self.conn.trailing_data[0] else Turn.IDLE
        if self.conn.our_state not in _ANSWERING:
            return Turn.REST
        return Turn.BODY if self.conn.their_state is h11.SEND_BODY else Turn.WORK

    def _patience(self, turn: Turn) -> float:
        match turn:
            case Turn.IDLE:
                return self.timeout_keep_alive
            case Turn.REST:
                return _LINGER_SECONDS
            case Turn.HEAD:
                return self.config.header_seconds
            case Turn.BODY:  # the door is stricter, and answers; this is for what it does not see
                return self.config.rhythm.seconds + _LINGER_SECONDS
            case Turn.WORK:
                return _WORK_SECONDS
            case Turn.TAKING:
                if self._taking_of is not self.cycle:
                    self._taking, self._taking_of = Taking(self.config.rhythm), self.cycle
                return self._taking.waits(self.loop.time(), length=self.transport.get_write_buffer_size())

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
