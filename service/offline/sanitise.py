"""Pictures that somebody named -> clean files in a folder, several at a time, told in the order in which they were named."""

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from service.imaging import FULL_SIZE, Cleaned, ImagingError, Removed, Sandbox, Sizes
from service.offline.ending import Ending
from service.offline.outbox import Outbox
from service.offline.reading import CannotRead, read_picture

_AHEAD = 64
"""So many pictures for each worker may be done before their turn to be told, while one takes its time."""


class Outcome(StrEnum):
    """What became of a file. Codes are permanent."""

    CLEAN = "clean"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One clean file: its path, its rendition's name, its size in pixels and its hex SHA-256."""

    output: str
    name: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one file. ``untrusted_input``: its name as given.

    ``full``: the picture in its own size; ``renditions``: the destination's; both only if ``reason`` is None. ``doubts``: codes
    of what a person should look at, although the clean files hold nothing but pixels.
    """

    untrusted_input: str
    reason: str | None = None
    full: Kept | None = None
    renditions: tuple[Kept, ...] = ()
    removed: tuple[Removed, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Clean, unless there is a reason why not."""
        return Outcome.CLEAN if self.reason is None else Outcome.REFUSED

    @property
    def outputs(self) -> tuple[str, ...]:
        """The path of every file that was made."""
        return tuple(one.output for one in (self.full, *self.renditions) if one is not None)


class Stopped(Exception):
    """The walk was left before this picture's turn; nothing was kept of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitising:
    """What it takes to sanitise. ``sizes``: the renditions beside the full size, none of which is called as that is."""

    sandbox: Sandbox
    outbox: Outbox
    sizes: Sizes
    workers: int
    _stop: threading.Event = field(default_factory=threading.Event)

    def each(self, untrusted_inputs: Sequence[str], *, ending: Ending) -> Generator[Told]:
        """What became of each file, in order, each as soon as it is known. MUST be closed if it is left early.

        Left early, it ends the pictures that are at work and takes back the files of which nobody was told. Serves once.

        :raises CannotWrite: the folder takes no more
        :raises Interrupted: somebody wants it to end
        """
        todo = iter(untrusted_inputs)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="sanitise")
        ahead: deque[Future[Told]] = deque()
        try:
            ahead.extend(pool.submit(self._one, name) for name in islice(todo, _AHEAD * self.workers))
            while ahead:
                told = ending.wait_for(ahead[0])
                ahead.extend(pool.submit(self._one, name) for name in islice(todo, 1))
                ahead.popleft()  # only now: between its end and its turn to be told it can be taken back
                yield told
        finally:
            self._leave(pool, ahead)

    def _leave(self, pool: ThreadPoolExecutor, untold: Sequence[Future[Told]]) -> None:
        self._stop.set()
        if untold:
            self.sandbox.stop()
        pool.shutdown(cancel_futures=True)
        for one in untold:
            if not one.cancelled() and one.exception() is None:
                self.outbox.discard(one.result().outputs)

    def _one(self, name: str) -> Told:
        try:
            cleaned = self.sandbox.clean(read_picture(name), (FULL_SIZE, *self.sizes))
        except (CannotRead, ImagingError) as refused:
            return Told(untrusted_input=name, reason=refused.reason.value)
        if self._stop.is_set():
            raise Stopped
        doubt = cleaned.provenance.doubt
        kept = self._kept(cleaned)
        return Told(
            untrusted_input=name,
            full=kept[0],
            renditions=kept[1:],
            removed=cleaned.provenance.removed,
            doubts=() if doubt is None else (doubt.value,),
        )

    def _kept(self, cleaned: Cleaned) -> tuple[Kept, ...]:
        endings = {one.name: ".jpg" if one.name == FULL_SIZE.name else f"-{one.name}.jpg" for one in cleaned.image.renditions}
        paths = self.outbox.keep({endings[one.name]: one.content for one in cleaned.image.renditions})
        return tuple(
            Kept(output=paths[endings[one.name]], name=one.name, width=one.width, height=one.height, sha256=one.sha256)
            for one in cleaned.image.renditions
        )
