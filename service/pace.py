"""How fast a body must come: all of it within a time, and on average no slower than a rate. Our own slowness never counts."""

import asyncio
import time
from dataclasses import dataclass

from starlette.types import Message, Receive


class TooSlow(Exception):
    """The body did not come in time, or not fast enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """``seconds`` for the whole body; ``rate``: bytes a second, over the time that we waited for it beyond ``grace_seconds``."""

    seconds: float
    grace_seconds: float
    rate: int


class Pace:
    """Keeps the time of one body."""

    def __init__(self, rhythm: Rhythm) -> None:
        """Begin; the time runs from the first ``next``."""
        self._rhythm = rhythm
        self._began: float | None = None
        self._waited = 0.0
        self._seen = 0
        self._ended = False

    async def next(self, receive: Receive) -> Message:
        """Receive the next piece. Raises TooSlow. Once the body is through, whatever else comes may take its time."""
        if self._ended:
            return await receive()
        asked = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self._patience(asked))):
                message = await receive()
        except TimeoutError:
            raise TooSlow from None
        self._waited += time.monotonic() - asked
        self._seen += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    def _patience(self, now: float) -> float:
        if self._began is None:
            self._began = now
        whole = self._rhythm.seconds - (now - self._began)
        return min(whole, self._rhythm.grace_seconds + self._seen / self._rhythm.rate - self._waited)
