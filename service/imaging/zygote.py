"""The sandbox's child: imports everything, shuts itself in, and then gives each picture a process of its own.

It never looks at a picture itself. A picture's process sees no other picture, and while it looks at its own it has no file, no
socket and no pipe: a picture comes in through shared memory, raw pixels go out through shared memory, and that is all.
"""

import codecs
import contextlib
import gc
import os
import signal
import socket
from socket import recv_fds

from service.imaging.clean import clean
from service.imaging.errors import ImagingError
from service.imaging.jail.landlock import close_files
from service.imaging.jail.limits import DESCRIPTORS, limit, limit_time
from service.imaging.jail.seccomp import Filter
from service.imaging.jail.walls import Wall
from service.imaging.metadata.text import ENCODINGS
from service.imaging.sharing import read_only, writable
from service.imaging.wire import (
    MAX_MESSAGE,
    Ended,
    Request,
    pack_ended,
    pack_ready,
    unpack_request,
    write_cleaned,
    write_refusal,
)

ANSWERED, DIED = 42, 4
"""Exit codes of a picture's process: it has answered; it could not. Not 0: a library may say that when it gives up."""
_SOCKET = 0
"""The parent's socket is this process's standard input."""
_OUT_OF_TIME = {signal.SIGXCPU, signal.SIGALRM}


def main() -> None:  # pragma: no cover - runs in the child, where coverage is not measured
    """Serve pictures until the parent closes the socket."""
    import_everything()
    with socket.socket(fileno=os.dup(_SOCKET)) as parent:
        with open(os.devnull, "r+b", buffering=0) as nothing:  # noqa: PTH123 - a device
            for standard in (0, 1, 2):
                os.dup2(nothing.fileno(), standard)
        limit()
        calls = Filter()
        walls = frozenset(wall for wall, stands in ((Wall.SECCOMP, calls.holds()), (Wall.LANDLOCK, close_files())) if stands)
        gc.freeze()
        parent.sendall(pack_ready(walls))
        serve(parent, calls)


def import_everything() -> None:
    """Load what would else be looked for in a file while a picture is open, when no file can be opened any more."""
    for encoding in ENCODINGS:
        codecs.lookup(encoding)


def serve(parent: socket.socket, calls: Filter) -> None:  # pragma: no cover - runs in the child
    """One process for each picture, one message when it has ended; ends when the parent has gone."""
    while True:
        message, descriptors, _, _ = recv_fds(parent, MAX_MESSAGE, 2)
        if not message:
            return
        picture = os.fork()
        if picture == 0:
            _open(message, descriptors, calls)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status, used = os.wait4(picture, 0)
        ended = Ended(
            nonce=unpack_request(message).nonce,
            well=os.waitstatus_to_exitcode(status) == ANSWERED,
            out_of_time=os.WIFSIGNALED(status) and os.WTERMSIG(status) in _OUT_OF_TIME,
            peak_kib=used.ru_maxrss,
        )
        parent.sendall(pack_ended(ended))


def _open(message: bytes, descriptors: list[int], calls: Filter) -> None:  # pragma: no cover - ends without a report
    """Answer one request and end this process, whatever happens."""
    with contextlib.suppress(BaseException):
        request = unpack_request(message)
        asked, told = descriptors
        untrusted, answer = bytes(read_only(asked)), writable(told)
        limit_time(request.seconds)
        os.closerange(0, DESCRIPTORS)
        calls.apply()
        write_answer(untrusted, request, memoryview(answer))
        os._exit(ANSWERED)
    os._exit(DIED)


def write_answer(untrusted: bytes, request: Request, answer: memoryview) -> None:
    """Put the answer to one picture where the parent will look for it."""
    try:
        provenance, image = clean(untrusted, long_side=request.long_side)
        write_cleaned(answer, provenance, image)
    except ImagingError as refused:
        write_refusal(answer, refused.reason)
