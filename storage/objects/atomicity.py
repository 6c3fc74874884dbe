"""The start-up race: does this store keep the promise on which every takedown rests?

Some servers answer a conditional PUT as if it were a plain one, or check the condition before the body has arrived. On such a
store a publication could overwrite the tombstone of its own withdrawal; so it is raced before anything is published.
"""

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from typing import Final

from storage.objects.errors import NotAtomic
from storage.objects.protocol import ObjectStore, Put

PROBE_PREFIX: Final = "probe/"
_WRITERS: Final = 6
"""In each of two waves: one races for the free key, one races against the tombstone."""
_ROUNDS: Final = 3


def prove_atomic(store: ObjectStore) -> None:
    """Return when of racing puts exactly one won and the tombstone stayed last, in every round; raises NotAtomic otherwise.

    Raises StoreUnavailable when the store does not answer. Leaves tombstones under ``probe/``, even when it raises NotAtomic.
    """
    for _ in range(_ROUNDS):
        key = f"{PROBE_PREFIX}{secrets.token_hex(16)}"
        try:
            _race(store, key)
        finally:
            store.tombstone(key)


def _race(store: ObjectStore, key: str) -> None:
    start = Barrier(_WRITERS)
    answered = Event()

    def first_wave(writer: int) -> Put:
        start.wait()
        try:
            return store.put_if_absent(key, _content(writer))
        finally:
            answered.set()

    def second_wave(writer: int) -> Put:
        answered.wait()
        return store.put_if_absent(key, _content(writer))

    def withdraw() -> None:
        answered.wait()
        store.tombstone(key)

    with ThreadPoolExecutor(max_workers=2 * _WRITERS + 1) as threads:
        first = [threads.submit(first_wave, writer) for writer in range(_WRITERS)]
        withdrawal = threads.submit(withdraw)
        second = [threads.submit(second_wave, writer) for writer in range(_WRITERS, 2 * _WRITERS)]
    withdrawal.result()
    _check(store, key, first=_answers(first), second=_answers(second))


def _check(store: ObjectStore, key: str, *, first: list[Put], second: list[Put]) -> None:
    # SAME is a win too: no two writers bring the same bytes, so it says that the answer to its own first attempt was lost.
    if sum(answer in {Put.WRITTEN, Put.SAME} for answer in first + second) != 1:
        raise NotAtomic("of racing conditional PUTs not exactly one won")
    if store.put_if_absent(key, _content(0)) is not Put.FENCED or store.get(key) != b"":
        raise NotAtomic("a PUT got past a tombstone")
    if any(version.size for version in store.list(key)):
        raise NotAtomic("a version with content remained under a tombstone")


def _answers(futures: list[Future[Put]]) -> list[Put]:
    return [future.result() for future in futures]


def _content(writer: int) -> bytes:
    return f"writer {writer} of a start-up race\n".encode() * 64
