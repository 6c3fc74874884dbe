"""The sandbox's child: waits for pictures, and gives each one a process of its own, which sees no other picture.

The waiting process never looks at a picture: it has imported everything and limited itself, then it only forks.
"""

import contextlib
import os
import resource
import signal

from service.imaging.clean import clean
from service.imaging.errors import ImagingError
from service.imaging.pipes import read_all
from service.imaging.renditions import Sizes
from service.imaging.wire import DONE, GO, LENGTH, NONCE, Request, pack_cleaned, pack_refusal, unpack_request

MEMORY = 2 << 30
"""Bytes of address space: 60 megapixels need about 1.2 GB at worst."""
OUT_OF_TIME, DIED = 3, 4
"""Exit codes: the picture's process used up its time; it ended in any other way but well."""
ANSWERED = 42
"""The exit code of a picture's process that has answered. Not 0: a library may say that when it gives up."""


def main() -> None:  # pragma: no cover - runs in the child, where coverage is not measured
    """Serve pictures from standard input to standard output until the parent closes it."""
    limit()
    requests, answers = os.dup(0), os.dup(1)
    with open(os.devnull, "r+b", buffering=0) as nothing:  # noqa: PTH123 - a device
        for standard in (0, 1, 2):  # what a library prints is not an answer
            os.dup2(nothing.fileno(), standard)
    serve(requests, answers)


def limit() -> None:  # pragma: no cover - would limit the tests themselves
    """Bound what this process and its children can take: memory, and no core dumps, files or many descriptors at all."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _bound(what, most, most)


def _bound(what: int, soft: int, hard: int) -> None:  # pragma: no cover - would limit the tests themselves
    """Set a limit, or keep the one that is already there if it is lower."""
    there = resource.getrlimit(what)[1]
    if there != resource.RLIM_INFINITY:
        soft, hard = min(soft, there), min(hard, there)
    resource.setrlimit(what, (soft, hard))


def serve(requests: int, answers: int) -> None:  # pragma: no cover - runs in the child
    """One process for each picture; ends with the first that does not end well, since the parent starts anew then."""
    while os.read(requests, 1) == GO:
        worker = os.fork()
        if worker == 0:
            _work(requests, answers)
        _, status = os.waitpid(worker, 0)
        if os.waitstatus_to_exitcode(status) != ANSWERED:
            out_of_time = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGALRM}
            raise SystemExit(OUT_OF_TIME if out_of_time else DIED)
        os.write(answers, DONE)


def _work(requests: int, answers: int) -> None:  # pragma: no cover - ends without a report
    """Answer one request and end this process, whatever happens."""
    with contextlib.suppress(BaseException):
        nonce = read_all(requests, NONCE)
        request = unpack_request(read_all(requests, int.from_bytes(read_all(requests, LENGTH), "big")))
        limit_time(request)
        untrusted = read_all(requests, request.length)
        with os.fdopen(answers, "wb") as out:
            out.write(nonce)
            out.writelines(answer(untrusted, request.sizes))
            out.flush()
            os._exit(ANSWERED)
    os._exit(DIED)


def limit_time(request: Request) -> None:  # pragma: no cover - would end the tests themselves
    """Even when the parent is dead: no more processor time than asked for, and not much more time by the clock."""
    _bound(resource.RLIMIT_CPU, request.seconds, request.seconds + 1)
    signal.alarm(request.seconds + 5)


def answer(untrusted: bytes, sizes: Sizes) -> list[bytes]:
    """The answer to one picture: a header, and the files if there are any."""
    try:
        provenance, encoded = clean(untrusted, sizes)
    except ImagingError as refused:
        return [pack_refusal(refused.reason)]
    return [pack_cleaned(provenance, encoded), *(one.content for one in encoded)]
