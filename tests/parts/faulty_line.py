"""A bad line to a real server: a TCP relay on 127.0.0.1 that can hold a request half-way, damage it, or lose its answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

_CHUNK = 65536
_PATIENCE_SECONDS = 60


class Held:
    """A request that stops at a marker in its body; the server has all that comes before."""

    def __init__(self, marker: bytes) -> None:
        self.marker = marker
        self.taken = False
        self.half_sent = Event()
        self._released = Event()

    def wait_until_half_sent(self) -> None:
        """Return once the server has the first half."""
        assert self.half_sent.wait(_PATIENCE_SECONDS), "no request with that marker came by"

    def release(self) -> None:
        """Let the second half go."""
        self._released.set()

    def stop_here(self) -> None:
        """Called by the line itself, once the first half is on its way."""
        self.half_sent.set()
        self._released.wait(_PATIENCE_SECONDS)


class FaultyLine:
    """Relays every connection. A fault names a marker, and meets the requests that hold it; a hold or a loss happens once."""

    def __init__(self, upstream_url: str) -> None:
        address = urlsplit(upstream_url)
        self._upstream = (address.hostname or "127.0.0.1", address.port or 80)
        self._lock = Lock()
        self._held: list[Held] = []
        self._lost: list[bytes] = []
        self._damaged: list[bytes] = []
        self.lost = 0
        """How many answers were lost so far."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def hold(self, marker: bytes) -> Held:
        """Stop the next request whose body has the marker, right behind it."""
        held = Held(marker)
        with self._lock:
            self._held.append(held)
        return held

    def lose_answer(self, marker: bytes) -> None:
        """Cut the connection when the server answers the next request whose body has the marker: it was done, unheard."""
        with self._lock:
            self._lost.append(marker)

    def damage(self, marker: bytes) -> None:
        """Turn one bit of every request whose body has the marker in one piece."""
        with self._lock:
            self._damaged.append(marker)

    def close(self) -> None:
        """Take no more connections and let everything held go."""
        # Closing alone would not wake the thread that waits for the next connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for held in self._held:
                held.release()

    def serve(self) -> None:
        """Relay connections until closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream)
            except OSError:
                client.close()
                continue
            cut = Event()
            Thread(target=self._relay_requests, args=(client, server, cut), daemon=True).start()
            Thread(target=self._relay_answers, args=(client, server, cut), daemon=True).start()

    def _relay_requests(self, client: socket.socket, server: socket.socket, cut: Event) -> None:
        tail = b""
        with suppress(OSError):
            while chunk := self._damage(client.recv(_CHUNK)):
                # A marker may lie across two chunks; what of it went on before needs no holding.
                seen, tail = tail + chunk, (tail + chunk)[-64:]
                if self._take_lost(seen):
                    cut.set()
                held = self._take_held(seen)
                if held is None:
                    server.sendall(chunk)
                    continue
                behind = len(seen) - seen.index(held.marker) - len(held.marker)
                server.sendall(chunk[: len(chunk) - behind])
                held.stop_here()
                server.sendall(chunk[len(chunk) - behind :])
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _relay_answers(self, client: socket.socket, server: socket.socket, cut: Event) -> None:
        with client, server, suppress(OSError):
            while chunk := server.recv(_CHUNK):
                if cut.is_set() and not chunk.startswith(b"HTTP/1.1 100"):
                    self.lost += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)

    def _damage(self, chunk: bytes) -> bytes:
        with self._lock:
            for marker in self._damaged:
                chunk = chunk.replace(marker, bytes([marker[0] ^ 1]) + marker[1:])
        return chunk

    def _take_held(self, seen: bytes) -> Held | None:
        with self._lock:
            for held in self._held:
                if held.marker in seen and not held.taken:
                    held.taken = True
                    return held
        return None

    def _take_lost(self, seen: bytes) -> bool:
        with self._lock:
            for marker in self._lost:
                if marker in seen:
                    self._lost.remove(marker)
                    return True
        return False


@contextmanager
def faulty_line(upstream_url: str) -> Iterator[FaultyLine]:
    """A line to the server at that URL, for as long as the block runs."""
    line = FaultyLine(upstream_url)
    listening = Thread(target=line.serve, daemon=True)
    listening.start()
    try:
        yield line
    finally:
        line.close()
        listening.join(timeout=_PATIENCE_SECONDS)
