"""How much memory a picture takes, in bytes for each pixel: what is allowed by its size must also fit."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from service.imaging.containers.layout import MAX_PIXELS_OF_OTHERS
from tests.service.imaging.dirty import saved

ROOT = Path(__file__).resolve().parents[3]
SIZE = (3_000, 2_500)
MEASURED = """
import re, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from service.imaging.clean import clean
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
clean(Path(sys.argv[2]).read_bytes(), long_side=65_500)
before = peak()
clean(Path(sys.argv[3]).read_bytes(), long_side=65_500)
print(peak() - before)
"""
ENOUGH = 800_000_000
"""Bytes for the largest picture of these kinds: what is left of a gibibyte beside the file and the interpreters."""


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("WEBP", {"method": 0}),
        ("WEBP", {"lossless": True, "method": 0}),
        ("PNG", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {"speed": 10}),
    ],
)
def test_the_largest_picture_of_every_kind_fits(form: str, mode: str, options: dict[str, object], tmp_path: Path) -> None:
    large, small = (Image.new(mode, size, (200, 100, 50, 128)[: len(mode)]) for size in (SIZE, (16, 16)))
    for name, image in (("large", large), ("small", small)):
        (tmp_path / name).write_bytes(saved(image, form, **options))
    command = [sys.executable, "-I", "-B", "-c", MEASURED, str(ROOT), str(tmp_path / "small"), str(tmp_path / "large")]
    used = int(subprocess.run(command, check=True, capture_output=True).stdout)
    pixels = SIZE[0] * SIZE[1]
    assert 3 * pixels < used < ENOUGH / MAX_PIXELS_OF_OTHERS * pixels
