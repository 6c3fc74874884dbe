"""``gatekeeper sanitise`` as a technician uses it: files, JSON lines, exit codes; never a traceback, a hang or a trace."""

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from service import cli
from service.imaging import Encoded, Sandbox, verify
from service.offline import telling
from tests.service.imaging.behaving import NO_LANDLOCK, NO_SECCOMP, UNWALLED, with_behaviour
from tests.service.imaging.dirty import DIRTY, NAMES, SECRETS, drawing, saved

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from service.cli import main; main()", "sanitise")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "GATEKEEPER_DATA_DIR": "/nonexistent/data"}
UNMEASURED = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("COV")}
"""Without the measuring of coverage, which needs room of its own and starts before the command does."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the command left behind."""

    code: int
    lines: Sequence[Mapping[str, Any]]
    stderr: str


def sanitise(*words: str) -> Done:
    """Run the command in this process: starting one anew for each would cost more than all the rest."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["gatekeeper", "sanitise", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Done(int(ended.value.code or 0), [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue())


def started(*words: str | bytes, folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    """The command as a process of its own, in this folder."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*COMMAND, *words], cwd=folder, **{"env": ENVIRONMENT, **pipes})


def files_of(line: Mapping[str, Any]) -> list[str]:
    """Every file that a line tells of."""
    return [name for name in (line["output"], *(one["output"] for one in line["renditions"])) if name is not None]


@pytest.fixture
def dirty(tmp_path: Path) -> list[str]:
    """One dirty picture of each kind; the name of each names a pupil."""
    paths = [tmp_path / f"{NAMES[0]} {kind}.{kind}" for kind in DIRTY]
    for path, kind in zip(paths, DIRTY, strict=True):
        path.write_bytes(DIRTY[kind]())
    return [str(path) for path in paths]


def test_every_line_tells_of_clean_files_of_their_own_in_the_order_of_the_arguments(dirty: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sanitise(*dirty, "--out", str(out), "--workers", "3")
    assert (done.code, done.stderr) == (0, "")
    assert [line["input"] for line in done.lines] == dirty
    assert {(line["outcome"], line["reason"]) for line in done.lines} == {("clean", None)}
    told = [name for line in done.lines for name in files_of(line)]
    assert sorted(told) == sorted(str(path) for path in out.iterdir())
    for line in done.lines:
        for one in [line, *line["renditions"]]:
            content = Path(one["output"]).read_bytes()
            claimed = Encoded(name="one", width=one["width"], height=one["height"], content=content, sha256=one["sha256"])
            assert verify((claimed,)).renditions[0].content == content
            assert not [secret for secret in SECRETS if secret in content]


def test_no_name_comes_out_in_a_file_name(dirty: list[str], tmp_path: Path) -> None:
    sanitise(*dirty, "--out", str(tmp_path / "out"))
    names = " ".join(path.name for path in (tmp_path / "out").iterdir()).lower()
    assert not [word for word in NAMES[0].lower().split() if word in names]


def test_what_was_removed_is_told_by_kind_and_count_alone(dirty: list[str], tmp_path: Path) -> None:
    (line,) = sanitise(dirty[0], "--out", str(tmp_path / "out")).lines
    assert {"kind": "gps", "count": 2} in [{**one, "count": 2} for one in line["removed"]]
    assert all(one.keys() == {"kind", "count"} and one["count"] > 0 for one in line["removed"])
    said = json.dumps({key: value for key, value in line.items() if key != "input"})
    assert not [secret for secret in SECRETS if secret.decode("latin-1") in said]


SIZES = (
    ("website", {"320": (320, 240), "800": (800, 600), "1600": (1600, 1200)}),
    ("shared-site", {"320": (320, 240), "800": (800, 600), "2560": (2560, 1920)}),
    ("journal", {"320": (320, 240), "800": (800, 600), "2560": (2560, 1920)}),
)


@pytest.mark.parametrize(("destination", "expected"), SIZES)
def test_a_destination_gets_its_renditions_beside_the_full_size(
    destination: str, expected: Mapping[str, tuple[int, int]], tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(saved(drawing(2600, 1950), "PNG"))
    (line,) = sanitise(str(tmp_path / "a.png"), "--out", str(tmp_path / "out"), "--destination", destination).lines
    with Image.open(line["output"]) as full:
        assert full.size == (line["width"], line["height"]) == (2600, 1950)
    sizes = {}
    for one in line["renditions"]:
        with Image.open(one["output"]) as opened:
            sizes[one["name"]] = opened.size
            assert opened.size == (one["width"], one["height"])
    assert sizes == expected


def test_a_refused_file_is_a_line_with_a_reason_and_the_others_are_done(dirty: list[str], tmp_path: Path) -> None:
    (tmp_path / "words.jpg").write_text("no picture")
    os.mkfifo(tmp_path / "pipe.jpg")
    with (tmp_path / "huge.jpg").open("wb") as huge:
        huge.truncate(200_000_000_000)
    named = [str(tmp_path / name) for name in ("words.jpg", "pipe.jpg", "huge.jpg", "gone.jpg", ".")]
    done = sanitise(*named[:3], dirty[0], *named[3:], "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert [line["input"] for line in done.lines] == [*named[:3], dirty[0], *named[3:]]
    assert [line["reason"] for line in done.lines] == [
        *("not-an-image", "not-a-file", "too-large"),
        None,
        *("not-found", "not-a-file"),
    ]
    refused = [line for line in done.lines if line["reason"]]
    assert {(line["outcome"], line["output"], *line["renditions"], *line["removed"]) for line in refused} == {("refused", None)}


def test_unreadable_metadata_is_a_doubt_about_a_clean_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(drawing(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff"))
    done = sanitise(str(tmp_path / "a.jpg"), "--out", str(tmp_path / "out"))
    assert (done.code, done.lines[0]["outcome"], done.lines[0]["doubts"]) == (0, "clean", ["unreadable-metadata"])


def test_the_same_file_twice_and_a_second_run_take_no_names_from_each_other(dirty: list[str], tmp_path: Path) -> None:
    runs = [sanitise(dirty[0], dirty[0], "--out", str(tmp_path / "out")) for _ in range(2)]
    told = [name for run in runs for line in run.lines for name in files_of(line)]
    assert len(set(told)) == len(told) == 16
    assert all(Path(name).is_file() for name in told)


@pytest.mark.parametrize(
    "words", [("--out", "file"), ("--out", "file/below"), ("--out", "out", "--destination", "moon"), (), ("--workers", "0")]
)
def test_a_mistake_is_a_sentence_and_no_traceback(
    words: Sequence[str], dirty: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    done = sanitise(dirty[0], *words)
    assert done.code in {1, 2}
    assert (done.lines, "Traceback" in done.stderr) == ([], False)
    assert done.stderr.strip()
    assert NAMES[0] not in done.stderr


def test_a_process_of_its_own_opens_its_output_from_the_working_folder(dirty: list[str], tmp_path: Path) -> None:
    strange = os.fsencode(tmp_path) + b"/caf\xe9 \xff.jpg"
    Path(os.fsdecode(strange)).write_bytes(DIRTY["jpeg"]())
    out, err = (run := started(strange, *dirty, "--out", "out", folder=tmp_path)).communicate(timeout=120)
    assert (run.returncode, err) == (0, b"")  # no terminal, so no bar
    first, *_ = lines = [json.loads(line) for line in out.decode("ascii").splitlines()]
    assert [os.fsencode(line["input"]) for line in lines] == [strange, *map(os.fsencode, dirty)]
    assert first["output"].startswith("out/")
    assert all((tmp_path / name).is_file() for line in lines for name in files_of(line))
    assert not (tmp_path / "gatekeeper-data").exists()


def test_a_closed_standard_output_ends_the_walk_without_a_word(dirty: list[str], tmp_path: Path) -> None:
    run = started(*dirty * 20, "--out", "out", folder=tmp_path)
    assert run.stdout is not None
    assert run.stderr is not None
    first = json.loads(run.stdout.readline())
    run.stdout.close()
    assert run.wait(timeout=120) == 1
    assert run.stderr.read() == b""
    run.stderr.close()
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert {Path(name).name for name in files_of(first)} <= left
    assert len(left) < 4 * len(dirty) * 20
    assert not [name for name in left if not name.endswith(".jpg")]


def test_standard_output_that_takes_no_more_is_a_sentence(dirty: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        _, err = (run := started(*dirty, "--out", "out", folder=tmp_path, stdout=full)).communicate(timeout=120)
    assert (run.returncode, err.decode().strip()) == (1, "Standard output can't be written to.")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_is_left_no_half_file_no_untold_file_and_no_child(
    how: signal.Signals, dirty: list[str], tmp_path: Path
) -> None:
    run = started(*dirty * 50, "--out", "out", "--workers", "2", folder=tmp_path)
    assert run.stdout is not None
    assert run.stderr is not None
    with run.stdout, run.stderr:
        lines = [json.loads(run.stdout.readline())]
        children = below(run.pid)
        assert children
        run.send_signal(how)
        lines += [json.loads(line) for line in run.stdout.read().splitlines()]
        assert run.wait(timeout=30) == 128 + how
        assert run.stderr.read() == b""
    assert len(lines) < len(dirty) * 50
    told = {Path(name).name for line in lines for name in files_of(line)}
    assert {path.name for path in (tmp_path / "out").iterdir()} == told
    assert not [child for child in children if lives(child)]


def below(parent: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    listed = [[*stat.rpartition(")")[2].split(), path.parent.name] for path, stat in stats()]
    found, new = set[int](), {parent}
    while new:
        new = {int(fields[-1]) for fields in listed if int(fields[1]) in new} - found
        found |= new
    return found


def stats() -> list[tuple[Path, str]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append((path, path.read_text(errors="replace")))
        except OSError:  # it has just ended
            continue
    return found


def lives(process: int) -> bool:
    """Still there after a moment, and not only waiting to be counted as ended."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state in "ZX":
            return False
        time.sleep(0.1)
    return True


def test_a_terminal_sees_a_bar_and_standard_output_holds_the_lines_alone(dirty: list[str], tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        out, _ = (run := started(*dirty, "--out", "out", folder=tmp_path, stderr=theirs)).communicate(timeout=120)
        os.close(theirs)
        seen = os.read(ours, 1 << 16).decode(errors="replace")
    finally:
        os.close(ours)
    assert run.returncode == 0
    assert [json.loads(line)["input"] for line in out.splitlines()] == dirty
    assert "sanitising" in seen
    assert f"/{len(dirty)}" in seen
    assert NAMES[0] not in seen


@pytest.mark.parametrize("missing", [NO_LANDLOCK, UNWALLED])
def test_where_pictures_must_be_shut_in_and_cannot_be_none_is_opened(
    dirty: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(telling, "Sandbox", partial(Sandbox, command=with_behaviour("", before=missing)))
    monkeypatch.setenv("GATEKEEPER_SANDBOX", "required")
    done = sanitise(*dirty, "--out", str(tmp_path / "out"))
    assert (done.code, done.lines) == (1, [])
    assert "GATEKEEPER_SANDBOX" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("missing", "told"), [(NO_SECCOMP, "partly-jailed"), (UNWALLED, "limits-only")])
def test_where_pictures_are_not_wholly_shut_in_it_says_so_and_goes_on(
    dirty: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, told: str
) -> None:
    monkeypatch.setattr(telling, "Sandbox", partial(Sandbox, command=with_behaviour("", before=missing)))
    done = sanitise(dirty[0], "--out", str(tmp_path / "out"))
    assert (done.code, len(done.lines)) == (0, 1)
    assert told in done.stderr


def limited(what: int, most: int) -> Callable[[], None]:
    """Something that bounds a process before it starts."""
    return lambda: resource.setrlimit(what, (most, most))


@pytest.mark.parametrize(
    ("what", "most"), [(resource.RLIMIT_FSIZE, 20), (resource.RLIMIT_NOFILE, 9), (resource.RLIMIT_AS, 400 << 20)]
)
def test_a_machine_without_room_is_told_of_without_a_traceback(dirty: list[str], tmp_path: Path, what: int, most: int) -> None:
    running = started(*dirty, "--out", "out", "--workers", "4", folder=tmp_path, env=UNMEASURED, preexec_fn=limited(what, most))
    out, err = running.communicate(timeout=120)
    assert running.returncode in {0, 1, 2}
    assert b"Traceback" not in err
    assert all(json.loads(line)["outcome"] in {"clean", "refused"} for line in out.splitlines())


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_an_interrupt_while_it_starts_ends_it_without_a_traceback(dirty: list[str], tmp_path: Path, after: float) -> None:
    as_typed = {"env": UNMEASURED, "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    running = started(*dirty, "--out", "out", folder=tmp_path, **as_typed)
    while b"sanitise" not in Path(f"/proc/{running.pid}/cmdline").read_bytes():
        time.sleep(0.001)
    time.sleep(after)
    for _ in range(3):
        running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert b"service/" not in err
    if after >= 0.1:  # before that it is Python itself which starts, and it may take no notice
        assert running.returncode in {130, -signal.SIGINT}
