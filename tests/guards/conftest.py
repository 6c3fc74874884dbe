"""What every guard looks at: the repository's root, its files and the source of its packages."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

PACKAGES = ("consent", "storage", "service")
NOT_OURS = {".git", ".venv", "__pycache__", "gatekeeper-data", "build", "dist"}


def files_on_disk(root: Path) -> list[Path]:
    """Every file below root that is not made by a tool."""
    return [
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in path.relative_to(root).parts)
    ]


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def repository(root: Path) -> list[Path]:
    """Every file that belongs to the repository: tracked, or about to be. Without git, what lies on the disk."""
    git = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return files_on_disk(root)
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := root / name).is_file()]


@pytest.fixture(scope="session")
def sources(root: Path) -> Mapping[str, str]:
    """Path from the root, with slashes -> source, of every Python file of the three packages."""
    found = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }
    assert len(found) > len(PACKAGES), "the guards found nothing to guard"
    return found
