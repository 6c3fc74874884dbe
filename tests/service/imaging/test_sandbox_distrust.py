"""Whatever a picture does to its child, and whatever a child says, nothing is believed that is not proven."""

import os
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from service.imaging import Refusal, Sandbox
from service.imaging.sandbox import COMMAND
from tests.service.imaging.asking import reason, works
from tests.service.imaging.dirty import saved

# --- a real child whose picture misbehaves -----------------------------------------------------------------------------


def with_behaviour(behaviour: str) -> tuple[str, ...]:
    """The real child, but for what happens when it is given a picture."""
    program = f"""
import os, sys, time
sys.path.insert(0, sys.argv[1])
import service.imaging.child as child
from service.imaging.errors import ImagingError, Refusal
really = child.clean
seen = []
def clean(untrusted, sizes):
{behaviour}
    return really(untrusted, sizes)
child.clean = clean
child.main()
"""
    return (sys.executable, "-I", "-B", "-c", program, COMMAND[-1])


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("    os.kill(os.getpid(), 11)", Refusal.CRASHED),
        ("    os._exit(0)", Refusal.CRASHED),
        ("    raise KeyError", Refusal.CRASHED),
        ("    bytearray(3 << 30)", Refusal.CRASHED),
        ("    os.write(os.open('/dev/shm', os.O_TMPFILE | os.O_WRONLY), b'x')", Refusal.CRASHED),
        ("    [os.open('/', 0) for _ in range(100)]", Refusal.CRASHED),
        ("    child.resource.setrlimit(child.resource.RLIMIT_CPU, (1, 2))\n    while True: pass", Refusal.TIMEOUT),
        ("    child.signal.alarm(1)\n    time.sleep(600)", Refusal.TIMEOUT),
    ],
)
def test_a_picture_that_misbehaves_is_refused_and_takes_nothing_with_it(behaviour: str, expected: Refusal) -> None:
    with Sandbox(command=with_behaviour(behaviour)) as sandbox:
        assert reason(sandbox) is expected


def test_what_a_library_prints_is_no_answer() -> None:
    with Sandbox(
        command=with_behaviour("    os.write(1, b'noise'); os.write(2, b'noise'); print('noise', flush=True)")
    ) as sandbox:
        assert works(sandbox)


def test_no_picture_sees_what_another_left_behind() -> None:
    forgetful = "    if seen: raise ImagingError(Refusal.UNCLEAN)\n    seen.append(untrusted)"
    with Sandbox(command=with_behaviour(forgetful)) as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        assert works(sandbox)
        assert sandbox.waiting == (child,)


def test_a_picture_that_takes_too_long_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    # The child may not write files, so it tells its number through a named pipe.
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    told = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    tell = f"os.write(os.open({str(fifo)!r}, os.O_WRONLY), str(os.getpid()).encode())"
    stuck = f"    child.signal.alarm(0)\n    {tell}\n    time.sleep(600)"
    with Sandbox(timeout_seconds=5, command=with_behaviour(stuck)) as sandbox:
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


def liar(answer: str) -> tuple[str, ...]:
    """A child that reads a request and answers as told; it is given a nonce, a header maker and honest files."""
    program = f"""
import io, json, os, sys, time
sys.path.insert(0, sys.argv[1])
from service.imaging.clean import clean
from service.imaging.wire import *
def read(length):
    got = b""
    while len(got) < length:
        piece = os.read(0, length - len(got))
        if not piece: sys.exit(0)
        got += piece
    return got
def say(*pieces):
    for piece in pieces: os.write(1, piece)
while True:
    assert read(1) == b"G"
    nonce = read(16)
    request = unpack_request(read(int.from_bytes(read(4), "big")))
    provenance, files = clean(read(request.length), request.sizes)
    contents = [one.content for one in files]
    header = pack_cleaned(provenance, files)
{answer}
"""
    return (sys.executable, "-I", "-B", "-c", program, COMMAND[-1])


def test_an_honest_child_of_this_make_is_believed() -> None:
    with Sandbox(command=liar("    say(nonce, header, *contents, b'D')")) as sandbox:
        assert works(sandbox)
        assert works(sandbox)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("    sys.exit(0)", Refusal.CRASHED),
        ("    sys.exit(3)", Refusal.TIMEOUT),
        ("    say(nonce); sys.exit(0)", Refusal.CRASHED),
        ("    say(b'n' * 16, header, *contents, b'D')", Refusal.CRASHED),
        ("    say(nonce, b'\\xff\\xff\\xff\\xff', b'x' * 1000)", Refusal.CRASHED),
        ("    say(nonce, b'\\x00\\x00\\x00\\x04', b'null', b'D')", Refusal.CRASHED),
        ("    say(nonce, header, contents[0], contents[1][:-1]); sys.exit(0)", Refusal.CRASHED),
        ("    say(nonce, header, *contents, b'X')", Refusal.CRASHED),
        ("    say(nonce, header, *contents, b'\\x00', b'D')", Refusal.CRASHED),
        ("    say(nonce, header, *contents); sys.exit(0)", Refusal.CRASHED),
        ("    say(nonce, pack_refusal(Refusal.UNDECODABLE)); sys.exit(0)", Refusal.CRASHED),
        ("    os.close(1); time.sleep(600)", Refusal.CRASHED),
        ("    say(nonce, header, *[bytes(len(one)) for one in contents], b'D')", Refusal.UNCLEAN),
        ("    say(nonce, header, contents[0], contents[1][:-9] + b'GPS 51.47', b'D')", Refusal.UNCLEAN),
        ("    say(nonce, header, contents[1][:len(contents[0])], contents[0].ljust(len(contents[1])), b'D')", Refusal.UNCLEAN),
        ("    say(nonce, header.replace(b'\"width\": 32', b'\"width\": 31'), *contents, b'D')", Refusal.UNCLEAN),
    ],
)
def test_a_child_that_lies_is_not_believed_and_is_replaced(answer: str, expected: Refusal) -> None:
    with Sandbox(command=liar(answer)) as sandbox:
        assert reason(sandbox) is expected
        assert sandbox.waiting == ()


def test_a_child_that_answers_before_it_is_asked_is_not_believed() -> None:
    with Sandbox(command=liar("    say(nonce, header, *contents, b'D', nonce, header, *contents, b'D')")) as sandbox:
        assert works(sandbox)
        assert reason(sandbox) is Refusal.CRASHED
        assert works(sandbox)


@pytest.mark.parametrize(
    "program", ["", "import time; time.sleep(600)", "import sys; sys.stdin.buffer.read(1); import time; time.sleep(600)"]
)
def test_a_child_that_never_answers_is_given_up(program: str) -> None:
    with Sandbox(timeout_seconds=0.5, command=(sys.executable, "-I", "-c", program)) as sandbox:
        assert reason(sandbox, big()) is (Refusal.TIMEOUT if "sleep" in program else Refusal.CRASHED)
        assert sandbox.waiting == ()


def big() -> bytes:
    """A picture that does not fit into a pipe."""
    return saved(Image.effect_noise((600, 600), 80), "PNG")


def test_a_child_that_cannot_be_started_at_all_is_a_crash() -> None:
    with Sandbox(command=("/no/such/interpreter",)) as sandbox:
        assert reason(sandbox) is Refusal.CRASHED


def test_a_child_that_cannot_be_started_in_time_is_a_timeout() -> None:
    with Sandbox(timeout_seconds=0.001) as sandbox:
        assert reason(sandbox) is Refusal.TIMEOUT
