"""The service behind a real server: a free port of 127.0.0.1, a thread of ours, and raw lines to talk to it."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, parse_headers
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from service.listening import Listening, PatientProtocol
from service.settings import Settings

_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Line:
    """One connection, on which a test says whatever it likes."""

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(_WAIT_SECONDS)
        self._socket = connected
        self._heard = connected.makefile("rb")
        self.port: int = connected.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._heard.close()
        self._socket.close()

    def say(self, said: bytes) -> bool:
        """Send bytes; False if the server has hung up."""
        try:
            self._socket.sendall(said)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def sip(self, length: int) -> bytes:
        """At most so many bytes of what the server says; none if it has hung up."""
        try:
            return self._socket.recv(length)
        except ConnectionResetError:
            return b""

    def hear(self) -> bytes:
        """Everything the server says until it hangs up."""
        heard = bytearray()
        with suppress(ConnectionResetError):
            while piece := self._heard.read1():
                heard += piece
        return bytes(heard)

    def answer(self) -> Reply:
        """The next answer, whole; what comes after it is still to be heard."""
        _, status, _ = self._heard.readline().split(b" ", 2)
        headers = dict(parse_headers(self._heard))
        return Reply(status=int(status), headers=headers, content=self._heard.read(int(headers["content-length"])))


def head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "host: test", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A running server. ``server`` is not there for one in another process."""

    port: int
    server: uvicorn.Server | None = None

    def held(self) -> set[int]:
        """The clients' ports of the connections that it keeps."""
        assert self.server is not None
        connections = [one for one in set(self.server.server_state.connections) if isinstance(one, PatientProtocol)]
        return {one.client[1] for one in connections if one.client is not None}

    def line(self, *, window: int | None = None) -> Line:
        """A new connection, of which the client's side keeps about so many bytes that are not yet taken."""
        connected = socket.socket()
        if window is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connected.settimeout(_WAIT_SECONDS)
        connected.connect(("127.0.0.1", self.port))
        return Line(connected)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, method: str, path: str, *, headers: Mapping[str, str], chunks: Iterable[bytes] = ()) -> Reply:
        """Send a request whose headers say what the test says and whose body comes as it comes.

        A server that has heard enough answers before the body is through and closes; what is left is then not sent.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_WAIT_SECONDS)
        try:
            connection.putrequest(method, path)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            with suppress(BrokenPipeError, ConnectionResetError):
                for chunk in chunks:
                    connection.send(chunk)
            answer = connection.getresponse()
            content = b""
            with suppress(ConnectionResetError):
                content = answer.read()
            return Reply(status=answer.status, headers=dict(answer.getheaders()), content=content)
        finally:
            with suppress(HTTPException):
                connection.close()


@contextmanager
def serving(app: ASGIApp, *, settings: Settings | None = None) -> Iterator[Live]:
    """Serve an application, as the product does, until the block ends."""
    config = Listening(app, settings=settings or Settings(), lifespan="off")
    config.timeout_graceful_shutdown = 5
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="live-server", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started, "the server did not start"
        yield Live(port=server.servers[0].sockets[0].getsockname()[1], server=server)
    finally:
        server.should_exit = True
        thread.join(_WAIT_SECONDS)
        assert not thread.is_alive(), "the server did not stop"
