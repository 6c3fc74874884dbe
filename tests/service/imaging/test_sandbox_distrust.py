"""Whatever a picture does to its process, and whatever a child says, nothing is believed that is not proven."""

import os
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from consent.photo import Rendition
from service.imaging import Refusal, Sandbox
from service.imaging.sandbox import COMMAND
from tests.service.imaging.asking import PICTURE, SIZES, reason, works
from tests.service.imaging.behaving import UNWALLED, with_behaviour
from tests.service.imaging.dirty import saved

# --- a real child whose picture misbehaves -----------------------------------------------------------------------------


@pytest.mark.parametrize("walls", ["", UNWALLED])
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("    import ctypes; ctypes.string_at(0)", Refusal.CRASHED),
        ("    os._exit(0)", Refusal.CRASHED),
        ("    raise KeyError", Refusal.CRASHED),
        ("    bytearray(3 << 30)", Refusal.CRASHED),
        ("    [os.open('/', 0) for _ in range(100)]", Refusal.CRASHED),
        ("    os.write(1, b'x')", Refusal.CRASHED),
        ("    while True: pass", Refusal.TIMEOUT),
    ],
)
def test_a_picture_that_misbehaves_is_refused_and_takes_nothing_with_it(behaviour: str, expected: Refusal, walls: str) -> None:
    seconds = 1 if expected is Refusal.TIMEOUT else 60
    with Sandbox(command=with_behaviour(behaviour, before=walls), timeout_seconds=seconds) as sandbox:
        assert reason(sandbox) is expected
        assert sandbox.waiting == ()


@pytest.mark.parametrize(
    "limit",
    [
        "resource.RLIMIT_CPU, (1, 2)",
        "resource.RLIMIT_CPU, (1, 1)",
    ],
)
def test_time_runs_out_even_if_nobody_watches(limit: str) -> None:
    before = f"{UNWALLED}\nzygote.limit_time = lambda seconds: resource.setrlimit({limit})"
    with Sandbox(command=with_behaviour("    while True: pass", before=before)) as sandbox:
        assert reason(sandbox) in {Refusal.TIMEOUT, Refusal.CRASHED}  # the hard limit kills without saying why


def test_a_picture_that_sleeps_past_its_time_is_woken_and_ended() -> None:
    before = f"{UNWALLED}\nzygote.limit_time = lambda seconds: signal.alarm(1)"
    with Sandbox(command=with_behaviour("    time.sleep(600)", before=before)) as sandbox:
        assert reason(sandbox) is Refusal.TIMEOUT


def test_no_picture_sees_what_another_left_behind() -> None:
    forgetful = "    if seen: raise ImagingError(Refusal.UNCLEAN)\n    seen.append(untrusted)"
    with Sandbox(command=with_behaviour(forgetful)) as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        assert works(sandbox)
        assert sandbox.waiting == (child,)


def test_a_picture_that_takes_too_long_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    # The child may not write files, so it tells its number through a named pipe that it opens before it is shut in.
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    told = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    before = f"{UNWALLED}\npipe = os.dup2(os.open({str(fifo)!r}, os.O_WRONLY), 200)"
    stuck = "    signal.alarm(0)\n    os.write(200, str(os.getpid()).encode())\n    time.sleep(600)"
    with Sandbox(timeout_seconds=5, command=with_behaviour(stuck, before=before)) as sandbox:
        assert reason(sandbox) is Refusal.TIMEOUT
        assert sandbox.waiting == ()
    assert gone(int(os.read(told, 20)))
    os.close(told)


def gone(process: int) -> bool:
    """Is the process dead? One that nobody has reaped yet counts as dead."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


# --- a child that lies -------------------------------------------------------------------------------------------------


def liar(answer: str, *, ready: str = "pack_ready(frozenset(Wall))") -> tuple[str, ...]:
    """A child that reads a request and answers as told; ``answer`` may use ``honestly()``, ``header`` and ``end()``."""
    program = f"""
import json, os, socket, sys, time
sys.path.insert(0, sys.argv[1])
from service.imaging.clean import clean
from service.imaging.jail.walls import Wall
from service.imaging.sharing import *
from service.imaging.wire import *
from service.imaging.wire import _write_header
parent = socket.socket(fileno=0)
parent.sendall({ready})
def end(**said):
    parent.sendall(pack_ended(Ended(**({{"nonce": request.nonce, "well": True, "out_of_time": False, "peak_kib": 1}} | said))))
while True:
    message, (asked, told), _, _ = socket.recv_fds(parent, MAX_MESSAGE, 2)
    request = unpack_request(message)
    provenance, image = clean(bytes(read_only(asked)), long_side=request.long_side)
    answer = memoryview(writable(told))
    def honestly():
        write_cleaned(answer, provenance, image)
    def header(**said):
        honestly()
        length = int.from_bytes(answer[:4], "big")
        _write_header(answer, json.loads(bytes(answer[4:4 + length])) | said)
{answer}
"""
    return (sys.executable, "-I", "-B", "-c", program, COMMAND[-1])


def test_an_honest_child_of_this_make_is_believed() -> None:
    with Sandbox(command=liar("    honestly(); end()")) as sandbox:
        assert works(sandbox)
        assert works(sandbox)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("    sys.exit(0)", Refusal.CRASHED),
        ("    honestly(); sys.exit(0)", Refusal.CRASHED),
        ("    end()", Refusal.CRASHED),
        ("    honestly(); end(well=False)", Refusal.CRASHED),
        ("    honestly(); end(well=False, out_of_time=True)", Refusal.TIMEOUT),
        ("    honestly(); end(peak_kib=-1)", Refusal.CRASHED),
        ("    honestly(); end(nonce='0' * 32)", Refusal.CRASHED),
        ("    honestly(); parent.sendall(b'null')", Refusal.CRASHED),
        ("    honestly(); parent.sendall(b'x' * 100_000)", Refusal.CRASHED),
        ("    header(width=95); end()", Refusal.CRASHED),
        ("    header(width=64, height=95); end()", Refusal.CRASHED),
        ("    header(width=95, height=63); end()", Refusal.CRASHED),
        ("    header(width=97); end()", Refusal.CRASHED),
        ("    header(width=1 << 31, height=1 << 31); end()", Refusal.CRASHED),
        ("    header(more=1); end()", Refusal.CRASHED),
        ("    answer[:4] = b'\\xff\\xff\\xff\\xff'; end()", Refusal.CRASHED),
        ("    write_refusal(answer, Refusal.UNDECODABLE); sys.exit(0)", Refusal.CRASHED),
        ("    os.ftruncate(told, 100); honestly(); end()", Refusal.CRASHED),
        ("    os.ftruncate(told, 1 << 30); honestly(); end()", Refusal.CRASHED),
        ("    os.pwrite(asked, b'x', 0); honestly(); end()", Refusal.CRASHED),
    ],
)
def test_a_child_that_lies_is_not_believed_and_is_replaced(answer: str, expected: Refusal) -> None:
    with Sandbox(command=liar(answer)) as sandbox:
        assert reason(sandbox) is expected
        assert sandbox.waiting == ()


def test_a_child_may_turn_a_picture_but_not_reshape_it() -> None:
    with Sandbox(command=liar("    header(width=64, height=96); end()")) as sandbox:
        assert [(one.width, one.height) for one in clean_of(sandbox)] == [(21, 32), (64, 96)]


def clean_of(sandbox: Sandbox) -> tuple[Rendition, ...]:
    return sandbox.clean(PICTURE, SIZES).image.renditions


def test_a_child_that_answers_before_it_is_asked_is_not_believed() -> None:
    with Sandbox(command=liar("    honestly(); end(); end()")) as sandbox:
        assert works(sandbox)
        assert reason(sandbox) is Refusal.CRASHED
        assert works(sandbox)


@pytest.mark.parametrize(
    "ready", ["b'null'", "b''", "b'{}'", "b'[]'", "b'x' * 5000", 'b\'{"walls": "landlock"}\'', 'b\'{"walls": ["moat"]}\'']
)
def test_a_child_that_says_nothing_sensible_about_its_walls_is_given_no_picture(ready: str) -> None:
    with Sandbox(command=liar("    honestly(); end()", ready=ready)) as sandbox:
        assert reason(sandbox) is Refusal.CRASHED
        assert sandbox.waiting == ()


@pytest.mark.parametrize(
    "program",
    ["", "import time; time.sleep(600)", "import socket; socket.socket(fileno=0).recv(1); import time; time.sleep(600)"],
)
def test_a_child_that_never_answers_is_given_up(program: str) -> None:
    with Sandbox(timeout_seconds=0.5, command=(sys.executable, "-I", "-c", program)) as sandbox:
        assert reason(sandbox, big()) is (Refusal.TIMEOUT if "sleep" in program else Refusal.CRASHED)
        assert sandbox.waiting == ()


def big() -> bytes:
    """A picture of some size."""
    return saved(Image.effect_noise((600, 600), 80), "PNG")


def test_a_child_that_cannot_be_started_at_all_is_a_crash() -> None:
    with Sandbox(command=("/no/such/interpreter",)) as sandbox:
        assert reason(sandbox) is Refusal.CRASHED


def test_a_child_that_cannot_be_started_in_time_is_a_timeout() -> None:
    with Sandbox(timeout_seconds=0.001) as sandbox:
        assert reason(sandbox) is Refusal.TIMEOUT
