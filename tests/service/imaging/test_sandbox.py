"""The sandbox survives whatever a picture does to its child, and believes nothing that a child says."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from service.imaging import FULL_SIZE, Cleaned, ImagingError, Refusal, RenditionSize, Sandbox
from service.imaging.pipes import read_all, write_all
from service.imaging.sandbox import COMMAND
from tests.service.imaging.dirty import CANARY, DIRTY, SECRETS, drawing, plain_files, saved

SIZES = (RenditionSize(name="32", long_side=32), FULL_SIZE)
PICTURE = saved(drawing(96, 64), "PNG")


def reason(sandbox: Sandbox, untrusted: bytes = PICTURE) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sandbox.clean(untrusted, SIZES)
    return refused.value.reason


def works(sandbox: Sandbox) -> bool:
    return [(one.name, one.width) for one in sandbox.clean(PICTURE, SIZES).image.renditions] == [("32", 32), ("full", 96)]


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_picture_comes_out_clean_with_its_provenance(sandbox: Sandbox, name: str) -> None:
    dirty = DIRTY[name]()
    assert CANARY.encode() in dirty
    cleaned = sandbox.clean(dirty, SIZES)
    assert isinstance(cleaned, Cleaned)
    assert not [secret for one in cleaned.image.renditions for secret in SECRETS if secret in one.content]
    assert (cleaned.provenance.make, cleaned.provenance.readable) == ("CanaryCam", True)


def test_the_proof_is_made_here_from_what_came_back(sandbox: Sandbox) -> None:
    image = sandbox.clean(PICTURE, SIZES).image
    assert [one.name for one in image.renditions] == ["32", "full"]
    assert Image.open(io.BytesIO(image.renditions[1].content)).size == (96, 64)


def test_the_same_picture_gives_the_same_image(sandbox: Sandbox) -> None:
    assert sandbox.clean(PICTURE, SIZES).image == sandbox.clean(PICTURE, SIZES).image


@pytest.mark.parametrize(
    ("untrusted", "expected"),
    [
        (b"", Refusal.EMPTY),
        (PICTURE[:-1], Refusal.TRUNCATED),
        (PICTURE.replace(b"IDAT", b"IDAt"), Refusal.UNDECODABLE),
        (plain_files()["jpeg"].replace(b"\xff\xdb", b"\xff\xee"), Refusal.UNDECODABLE),
    ],
)
def test_a_picture_that_is_refused_costs_no_child(sandbox: Sandbox, untrusted: bytes, expected: Refusal) -> None:
    assert works(sandbox)
    before = sandbox.waiting
    assert reason(sandbox, untrusted) is expected
    assert sandbox.waiting == before


@pytest.mark.parametrize("sizes", [(), (FULL_SIZE, FULL_SIZE)])
def test_sizes_must_have_names_of_their_own(sandbox: Sandbox, sizes: tuple[RenditionSize, ...]) -> None:
    with pytest.raises(ValueError, match="sizes"):
        sandbox.clean(PICTURE, sizes)


def test_the_decoders_stay_out_of_this_process() -> None:
    # A process of its own, since these tests have long imported Pillow.
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import service.imaging
print(sorted({"PIL", "pillow_heif"} & set(sys.modules)))
"""
    printed = subprocess.run([sys.executable, "-I", "-c", program, COMMAND[-1]], capture_output=True, check=True)
    assert printed.stdout.strip() == b"[]"


def test_a_child_is_kept_warm_and_replaced_after_its_share_of_pictures() -> None:
    with Sandbox(pictures_per_child=2) as sandbox:
        assert works(sandbox)
        (first,) = sandbox.waiting
        assert works(sandbox)
        assert not sandbox.waiting
        assert works(sandbox)
        assert first not in sandbox.waiting


def test_a_child_that_was_killed_while_waiting_is_replaced() -> None:
    with Sandbox() as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        os.kill(child, signal.SIGKILL)
        ended(child)
        assert works(sandbox)
        assert child not in sandbox.waiting


def ended(child: int) -> None:
    """Wait until a child is dead, without reaping it."""
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)


def test_a_child_that_is_killed_at_work_is_a_crash_and_is_replaced() -> None:
    with Sandbox() as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        os.kill(child, signal.SIGSTOP)  # so that it cannot be done before it is killed
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(reason, sandbox)
            while sandbox.waiting:
                time.sleep(0.01)
            os.kill(child, signal.SIGKILL)
            assert asked.result() is Refusal.CRASHED
        assert works(sandbox)


def test_a_closed_sandbox_has_no_children_and_cleans_nothing() -> None:
    sandbox = Sandbox()
    assert works(sandbox)
    (child,) = sandbox.waiting
    sandbox.close()
    sandbox.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert reason(sandbox) is Refusal.CRASHED


def test_a_child_at_work_ends_with_its_picture_when_the_sandbox_closes() -> None:
    with Sandbox() as sandbox:
        assert works(sandbox)
        (child,) = sandbox.waiting
        os.kill(child, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(works, sandbox)
            while sandbox.waiting:
                time.sleep(0.01)
            sandbox.close()
            os.kill(child, signal.SIGCONT)
            assert asked.result()
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_several_threads_get_their_own_pictures_back(sandbox: Sandbox) -> None:
    sides = [40, 60, 80, 100, 120, 140]

    def width(side: int) -> int:
        return sandbox.clean(saved(drawing(side, 20), "PNG"), (FULL_SIZE,)).image.renditions[0].width

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(width, sides * 2)) == sides * 2


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


# --- any bytes at all --------------------------------------------------------------------------------------------------

SEEDS = plain_files()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.sampled_from(sorted(SEEDS)),
    damages=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5),
)
def test_any_damage_is_refused_or_comes_out_clean(sandbox: Sandbox, which: str, damages: list[tuple[float, bytes]]) -> None:
    untrusted = SEEDS[which]
    for place, written in damages:
        at = int(place * (len(untrusted) - len(written)))
        untrusted = untrusted[:at] + written + untrusted[at + len(written) :]
    assert verdict(sandbox, untrusted) not in {Refusal.CRASHED, Refusal.TIMEOUT, Refusal.UNCLEAN}


def verdict(sandbox: Sandbox, untrusted: bytes) -> Refusal | None:
    """Why the picture was refused; None if it came out clean."""
    try:
        sandbox.clean(untrusted, SIZES)
    except ImagingError as refused:
        return refused.reason
    return None


# --- pipes -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, target = os.pipe()
    os.set_blocking(source, False)
    os.set_blocking(target, False)
    yield source, target
    for end in (source, target):
        try:
            os.close(end)
        except OSError:
            continue


def test_reading_ends_at_the_deadline(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abc")
    with pytest.raises(TimeoutError):
        read_all(pipe[0], 4, deadline=time.monotonic() + 0.05)


def test_reading_without_a_deadline_ends_with_what_was_asked_for(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abcdef")
    assert read_all(pipe[0], 4) == b"abcd"


def test_reading_ends_with_the_pipe(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abc")
    os.close(pipe[1])
    with pytest.raises(EOFError):
        read_all(pipe[0], 4, deadline=time.monotonic() + 60)


def test_writing_ends_at_the_deadline(pipe: tuple[int, int]) -> None:
    with pytest.raises(TimeoutError):
        write_all(pipe[1], bytes(1_000_000), deadline=time.monotonic() + 0.05)


def test_writing_ends_with_the_reader(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        write_all(pipe[1], b"abc", deadline=time.monotonic() + 60)
