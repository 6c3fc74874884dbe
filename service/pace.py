"""How fast a body must come and an answer be taken: within a time, and no slower than a rate. Our own slowness never counts."""

import asyncio
import time
from dataclasses import dataclass

from starlette.types import Message, Receive

from service.settings import Settings


class TooSlow(Exception):
    """The body did not come in time, or not fast enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """``seconds`` for the whole body; ``rate``: bytes a second, over the time that we waited for it beyond ``grace_seconds``."""

    seconds: float
    grace_seconds: float
    rate: int

    @classmethod
    def of(cls, settings: Settings) -> "Rhythm":
        """Take it from the settings."""
        return cls(seconds=settings.body_seconds, grace_seconds=settings.body_grace_seconds, rate=settings.min_body_rate)


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


class Taking:
    """Keeps the time of one answer, while its client is slow to take it."""

    def __init__(self, rhythm: Rhythm) -> None:
        """Begin with nothing written."""
        self._rhythm = rhythm
        self._waited = 0.0
        self._seen = 0
        self._since = 0.0

    def waits(self, now: float, *, length: int) -> float:
        """So many bytes wait to be taken: return for how many seconds they may, with all that was waited before."""
        self._since = now
        self._seen += length
        allowed = min(self._rhythm.seconds, self._rhythm.grace_seconds + self._seen / self._rhythm.rate)
        return max(0.0, allowed - self._waited)

    def taken(self, now: float) -> None:
        """All that waited was taken."""
        self._waited += now - self._since
