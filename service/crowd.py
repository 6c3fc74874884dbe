"""Too many connections: who has to go for one who comes, and what one is told for whom nobody goes."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, Protocol, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Problem, respond

SPARE_PLACES: Final = 16
"""Beyond the most connections: for who looks after the service, and to tell others in HTTP to come again."""
_HEALTH: Final = frozenset({"/healthz", "/readyz"})
_HEAD_START_SECONDS: Final = 1.0
"""Nobody who is about to send a head is displaced before that."""
_CLOSE: Final = (b"connection", b"close")


class Turn(IntEnum):
    """Whose turn it is on a connection; the first have to go first."""

    IDLE = 0
    """Nothing is owed between two requests."""
    REST = 1
    """The client was answered before its body was through, and still sends."""
    HEAD = 2
    """The client is to send a head."""
    BODY = 3
    """The client is to send a body."""
    TAKING = 4
    """The client is to take what was written."""
    WORK = 5
    """The application is to answer."""


class Connected(Protocol):
    """A connection: whose turn it is there, and since when."""

    @property
    def turn(self) -> Turn: ...  # noqa: D102
    @property
    def since(self) -> float: ...  # noqa: D102


_C = TypeVar("_C", bound=Connected)


def displaced(connections: Iterable[_C], *, now: float) -> _C | None:
    """Say who has to go: the longest idle; else who was answered longest ago; else who has owed a head for longest."""
    may_go = [
        one for one in connections if one.turn <= Turn.REST or (one.turn is Turn.HEAD and now - one.since > _HEAD_START_SECONDS)
    ]
    return min(may_go, key=lambda one: (one.turn, one.since), default=None)


def only_health(app: ASGIApp) -> ASGIApp:
    """Make an application that says how the service is, and else only that it is busy; after that it closes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            await send(message)

        await (app if scope["path"] in _HEALTH else respond(Problem.BUSY))(scope, receive, closing)

    return serve
