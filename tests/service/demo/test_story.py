"""The demonstration told for real, in a process of its own, and told wrongly to see that it notices."""

import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from service.demo import plot, story


def test_the_demonstration_tells_its_story_and_every_step_comes_out_as_told(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    told = subprocess.run(
        [sys.executable, "-m", "service.cli", "demo", "--dir", str(folder), "--once"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Every step came out as told" in told.stdout
    assert (folder / "gatekeeper.sqlite").is_file()


def test_a_step_that_comes_out_otherwise_ends_the_demonstration_with_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tuple(replace(one, ends="approved", why="") if one.why == "pupil:void" else one for one in plot.SCENES)
    monkeypatch.setattr(story, "SCENES", wrong)
    out = StringIO()
    code = story.tell(tmp_path / "demo", port=0, once=True, out=Console(file=out, width=120))
    assert code == 1
    assert "NOT as told" in out.getvalue()


def test_the_demonstration_leaves_a_folder_alone_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a school's own")
    out = StringIO()
    assert story.tell(tmp_path, port=0, once=True, out=Console(file=out, width=120)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
