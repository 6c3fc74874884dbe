"""Every import contract of pyproject.toml breaks when an import breaks it."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULES = (
    "consent/cameras.py",
    "consent/decision.py",
    "consent/photo.py",
    "service/api/forms.py",
    "service/api/photos.py",
    "service/cli.py",
    "service/imaging/metadata/claims.py",
    "service/imaging/sniff.py",
    "service/imaging/verify.py",
    "service/pipeline/dispose.py",
    "service/pipeline/intake.py",
    "service/pipeline/prepare.py",
    "service/pipeline/release.py",
    "service/pipeline/retract.py",
    "service/pipeline/standing.py",
    "service/pipeline/sweep.py",
    "service/pipeline/sync.py",
    "service/wiring.py",
    "storage/gallery.py",
    "storage/prepared.py",
    "storage/published.py",
    "storage/quarantine.py",
    "storage/receiving.py",
)
LAWFUL = (
    ("service/imaging/metadata/claims.py", "from consent.cameras import fold_make"),
    ("service/imaging/verify.py", "from consent.photo import CleanImage"),
    ("service/imaging/sniff.py", "from service.imaging import verify"),
    ("service/pipeline/intake.py", "from storage import quarantine"),
    ("service/pipeline/release.py", "from storage import prepared, published"),
    ("service/pipeline/release.py", "from service.pipeline import standing"),
    ("service/wiring.py", "from storage import prepared, published, quarantine"),
    ("service/api/photos.py", "from service.pipeline import intake, sync"),
    ("service/cli.py", "from service import wiring"),
    ("storage/published.py", "import sqlalchemy\nfrom consent.decision import Clearance"),
    ("consent/decision.py", "from consent.photo import CleanImage"),
)
UNLAWFUL = (
    ("consent/photo.py", "import storage.gallery", "imports go one way"),
    ("storage/gallery.py", "from service import wiring", "imports go one way"),
    ("service/cli.py", "from storage import published", "The only way out"),
    ("service/pipeline/prepare.py", "import storage.published", "The only way out"),
    ("storage/gallery.py", "from storage.published import publish", "The only way out"),
    ("service/pipeline/release.py", "import storage.quarantine", "Originals"),
    ("service/api/photos.py", "from storage.quarantine import seal", "Originals"),
    ("service/pipeline/sweep.py", "from storage.receiving import Received", "Originals on their way in"),
    ("service/pipeline/retract.py", "from storage.prepared import fetch", "Clean images on their way"),
    ("service/pipeline/intake.py", "from service.pipeline import prepare", "never call each other"),
    ("service/pipeline/standing.py", "from service.pipeline import sync", "never call each other"),
    ("service/imaging/sniff.py", "from consent.decision import decide", "Imaging is bytes in"),
    ("service/imaging/sniff.py", "from consent.cameras import fold_make", "Imaging is bytes in"),
    ("service/imaging/sniff.py", "from service import cli", "Imaging is bytes in"),
    ("service/imaging/verify.py", "from storage import gallery", "Imaging is bytes in"),
    ("service/api/photos.py", "from service.pipeline.release import release", "The API neither"),
    ("storage/gallery.py", "from fastapi import HTTPException", "Storage knows no HTTP"),
    ("storage/gallery.py", "from PIL import Image", "Storage knows no HTTP"),
    ("consent/photo.py", "from consent.decision import decide", "No two neighbours"),
)


@pytest.fixture
def house(root: Path, tmp_path: Path) -> Path:
    """Three packages with the modules the contracts name, and only lawful imports, under our own contracts."""
    for name in MODULES:
        module = tmp_path / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.touch()
        for package in module.relative_to(tmp_path).parents:
            if package != Path():
                (tmp_path / package / "__init__.py").touch()
    for name, imports in LAWFUL:
        add(tmp_path / name, imports)
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    return tmp_path


def add(module: Path, imports: str) -> None:
    module.write_text(module.read_text(encoding="utf-8") + imports + "\n", encoding="utf-8")


def lint(house: Path) -> tuple[bool, str]:
    """True and the report, if every contract is kept."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {command}", "--no-cache"]
    answer = subprocess.run(arguments, cwd=house, capture_output=True, text=True, check=False)
    return answer.returncode == 0, " ".join(answer.stdout.split())


def test_lawful_imports_keep_every_contract(house: Path) -> None:
    kept, report = lint(house)
    assert kept, report


@pytest.mark.parametrize(("module", "imports", "contract"), UNLAWFUL)
def test_an_unlawful_import_breaks_its_contract(house: Path, module: str, imports: str, contract: str) -> None:
    add(house / module, imports)
    kept, report = lint(house)
    assert not kept
    assert contract in report.split("Broken contracts")[-1], report


def test_every_contract_is_tried_here(root: Path) -> None:
    names = [line for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines() if line.startswith('name = "')]
    contracts = names[1:]  # the first is the project's own
    assert [name for name in contracts if not any(contract in name for _, _, contract in UNLAWFUL)] == []
