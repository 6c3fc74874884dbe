"""The sandbox survives whatever a picture does to its child, and believes nothing that a child says."""

import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from service.imaging import FULL_SIZE, Cleaned, ImagingError, Refusal, RenditionSize, Sandbox
from service.imaging.sandbox import COMMAND
from tests.service.imaging.asking import PICTURE, SIZES, reason, works
from tests.service.imaging.dirty import CANARY, DIRTY, SECRETS, WITH_EXIF, drawing, plain_files, saved


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_picture_comes_out_clean_with_its_provenance(sandbox: Sandbox, name: str) -> None:
    dirty = DIRTY[name]()
    assert CANARY.encode() in dirty
    cleaned = sandbox.clean(dirty, SIZES)
    assert isinstance(cleaned, Cleaned)
    assert not [secret for one in cleaned.image.renditions for secret in SECRETS if secret in one.content]
    assert (cleaned.provenance.make, cleaned.provenance.readable) == ("CanaryCam" if name in WITH_EXIF else None, True)


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
    # A process of its own, since these tests have long imported everything.
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import service.imaging
print(sorted({"pillow_heif", "PIL.ImageCms", "service.imaging.decode", "service.imaging.clean"} & set(sys.modules)))
"""
    printed = subprocess.run([sys.executable, "-I", "-c", program, COMMAND[-1]], capture_output=True, check=True)
    assert printed.stdout.strip() == b"[]"


def test_one_module_alone_opens_pictures_and_only_the_jail_imports_it() -> None:
    imaging = Path(COMMAND[-1], "service", "imaging")
    sources = {path.name: path.read_text(encoding="utf-8") for path in imaging.rglob("*.py")}
    assert [name for name, source in sources.items() if "Image.open(" in source] == ["decode.py"]
    importing = {
        what: {name for name, source in sources.items() if f"from service.imaging.{what} import" in source}
        for what in ("decode", "sanitise", "clean", "zygote")
    }
    assert importing == {
        "decode": {"clean.py", "sanitise.py"},
        "sanitise": {"clean.py"},
        "clean": {"zygote.py"},
        "zygote": {"sandbox.py"},  # as the text of the program that a new process starts with
    }


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


def killed_when_asked(sandbox: Sandbox) -> Refusal | None:
    """Ask a sandbox and kill its child meanwhile: the refusal, or None if the child died just before it was asked."""
    (child,) = sandbox.waiting
    os.kill(child, signal.SIGSTOP)  # so that it cannot be done before it is killed
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(sandbox.clean, PICTURE, SIZES)
        while sandbox.waiting:
            time.sleep(0.01)
        time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        fault = asked.exception()
    assert fault is None or isinstance(fault, ImagingError)
    return fault.reason if fault is not None else None


def test_a_child_that_is_killed_at_work_is_a_crash_and_is_replaced() -> None:
    with Sandbox() as sandbox:
        assert works(sandbox)
        found = [killed_when_asked(sandbox) for _ in range(5) if works(sandbox)]
        assert Refusal.CRASHED in found
        assert set(found) <= {Refusal.CRASHED, None}
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
