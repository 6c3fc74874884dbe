"""What the documents say of imaging is what the program does: kinds, refusals, what is removed, what is measured."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from consent.policy import DestinationKind
from service.api.shapes import PhotoForm
from service.imaging import Kind, Refusal, RemovedKind
from service.imaging.containers import gif, jpeg
from service.imaging.containers.layout import MAX_PARTS, MAX_PIXELS, MAX_PIXELS_OF_OTHERS, MAX_SIDE
from service.imaging.sniff import MAX_BYTES
from service.offline.reading import Unread
from service.offline.sanitise import Kept, Told
from service.offline.telling import line_of
from tests.bench import upload
from tests.bench.imaging import TARGETS


def section(document: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document, flags=re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading}"
    return found[1]


def codes(text: str) -> list[str]:
    """What stands in backticks in the first column of its tables."""
    return [code for row in re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE) for code in re.findall(r"`([^`]+)`", row)]


@pytest.fixture(scope="module")
def imaging(root: Path) -> str:
    return (root / "docs/imaging.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sanitise(root: Path) -> str:
    return (root / "docs/sanitise.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def benchmarks(root: Path) -> str:
    return (root / "docs/benchmarks.md").read_text(encoding="utf-8")


def test_every_kind_of_picture_is_documented_once(imaging: str) -> None:
    assert sorted(codes(section(imaging, "Sniff"))) == sorted(Kind)


def test_every_refusal_is_documented_once(imaging: str) -> None:
    assert sorted(codes(section(imaging, "What is refused"))) == sorted(Refusal)


def test_every_kind_of_removed_metadata_is_documented_once(imaging: str) -> None:
    assert sorted(codes(section(imaging, "What is removed"))) == sorted(RemovedKind)


def test_the_documented_limits_are_those_that_are_kept(imaging: str) -> None:
    told = section(imaging, "Limits")
    assert f"{MAX_BYTES // 1_000_000} MB" in told
    assert f"{MAX_PIXELS // 1_000_000} megapixels, {MAX_SIDE:,} pixels" in told
    assert f"every other kind {MAX_PIXELS_OF_OTHERS // 1_000_000} megapixels" in told
    assert f"{MAX_PARTS:,} chunks" in told
    assert f"{jpeg.MAX_SEGMENTS:,} segments" in told
    assert f"{gif.MAX_BLOCKS:,} sub-blocks" in told


def test_whoever_uploads_is_told_the_most_pixels_of_each_kind(root: Path) -> None:
    large, small = MAX_PIXELS // 1_000_000, MAX_PIXELS_OF_OTHERS // 1_000_000
    others = {kind.upper() for kind in Kind} - {"JPEG", "HEIC"} - {"WEBP"} | {"WebP"}
    documented = (root / "docs/api.md").read_text(encoding="utf-8")
    described = str(PhotoForm.model_fields["file"].description)
    for told in (documented, described):
        found = re.search(rf"JPEG or HEIC of at most {large} megapixels[;,] (?:or )?([A-Za-z, ]+) of at most {small}\.?", told)
        assert found, told
        assert set(re.split(r", | or ", found[1])) == others
    assert (
        f"a JPEG or HEIC of at most {large} megapixels, or another picture of at most {small}."
        in Refusal.TOO_MANY_PIXELS.sentence
    )


def test_every_reason_why_a_file_was_not_read_is_documented_once(sanitise: str) -> None:
    assert sorted(codes(section(sanitise, "Why a file is refused"))) == sorted(Unread)


def test_every_destination_of_the_command_is_documented(sanitise: str) -> None:
    row = next(line for line in sanitise.splitlines() if line.startswith("| `--destination"))
    assert {str(where) for where in DestinationKind} <= set(re.findall(r"`([a-z-]+)`", row))


def test_every_member_of_a_line_is_documented_and_shown(sanitise: str) -> None:
    one = Kept(output="a.jpg", name="800", width=1, height=1, sha256="0")
    line: dict[str, Any] = json.loads(line_of(Told(untrusted_input="a", full=one, renditions=(one,))))
    out = section(sanitise, "What comes out")
    shown = json.loads(re.findall(r"```json\n(.*?)```", out, flags=re.DOTALL)[0])
    assert set(line) <= set(codes(out))
    assert shown.keys() == line.keys()
    assert shown["renditions"][0].keys() == line["renditions"][0].keys()


def test_the_benchmarks_name_their_command_and_every_target(benchmarks: str) -> None:
    assert "poe bench-imaging" in benchmarks
    table = section(benchmarks, "Imaging")
    assert [
        name
        for name, word, target in TARGETS
        if not re.search(rf"^\| {re.escape(name)} .*\b{word} {target}\b", table, re.MULTILINE)
    ] == []


def test_the_benchmarks_name_the_command_and_every_target_of_uploads(benchmarks: str) -> None:
    assert "poe bench-upload" in benchmarks
    table = section(benchmarks, "Uploads")
    assert all(
        re.search(rf"^\| {re.escape(name)} .*\b{word} {target}\b", table, re.MULTILINE) for name, word, target in upload.TARGETS
    )


def test_a_code_is_read_from_the_first_column_alone() -> None:
    assert codes("| kind | of it |\n|---|---|\n| `png` | see `jpeg` |\n| `a`, `b` | x |\n| plain | `c` |\n") == ["png", "a", "b"]
    assert section("## A\none\n## B\ntwo\n", "A") == "one\n"
