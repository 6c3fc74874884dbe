"""Limits that every kernel knows: so much memory, so much time, no files, no remains (setrlimit(2))."""

import resource
import signal

MEMORY = 2 << 30
"""Bytes of address space: 60 megapixels need about 1.2 GB at worst."""
DESCRIPTORS = 64
_GRACE = 5


def limit() -> None:  # pragma: no cover - would limit the tests themselves
    """Bound what this process and its children can take: memory, and no core dumps, files or many descriptors at all."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        _bound(what, most, most)


def limit_time(seconds: int) -> None:  # pragma: no cover - would end the tests themselves
    """Even when the parent is dead: no more processor time than asked for, and not much more time by the clock."""
    _bound(resource.RLIMIT_CPU, seconds, seconds + 1)
    signal.alarm(seconds + _GRACE)


def _bound(what: int, soft: int, hard: int) -> None:  # pragma: no cover - would limit the tests themselves
    """Set a limit, or keep the one that is already there if it is lower."""
    there = resource.getrlimit(what)[1]
    if there != resource.RLIM_INFINITY:
        soft, hard = min(soft, there), min(hard, there)
    resource.setrlimit(what, (soft, hard))
