"""What is measured of ours: the only place that knows what it is called."""

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.imaging import FULL_SIZE, Encoded, RenditionSize, Sandbox, Sizes, verify
from service.imaging.clean import clean
from service.imaging.encode import encode
from service.imaging.raster import raster_of

WEB: Sizes = (RenditionSize(name="1600", long_side=1600),)
THREE: Sizes = tuple(RenditionSize(name=str(side), long_side=side) for side in (320, 800, 1600))
FULL: Sizes = (FULL_SIZE,)
_PEAK = """
import sys
from pathlib import Path
from tests.bench import subject
with subject.Sandbox() as sandbox:
    sandbox.clean(Path(sys.argv[1]).read_bytes(), getattr(subject, sys.argv[2]))
print(sandbox.peak_kib)
"""


def unjailed(picture: bytes, sizes: Sizes) -> tuple[Encoded, ...]:
    """Everything from bytes to files that are not yet proven clean, in this process."""
    _, image = clean(picture, long_side=max(size.long_side for size in sizes))
    return encode(raster_of(image), sizes)


def cleaned(picture: bytes, sizes: Sizes) -> None:
    """Everything from bytes to a proven clean image, in this process."""
    verify(unjailed(picture, sizes))


def jailed(sandbox: Sandbox, picture: bytes, sizes: Sizes) -> None:
    """The same, with a child for the hostile part, as the service does it."""
    sandbox.clean(picture, sizes)


def many(sandbox: Sandbox, pictures: list[bytes], sizes: Sizes, *, workers: int) -> None:
    """Several pictures, so many at a time."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda picture: jailed(sandbox, picture, sizes), pictures))


def peak_of_the_child(picture: Path, sizes: str) -> float:
    """The most memory that a process below the asking one held, in MB (10^6 bytes); ``sizes``: the name of some above."""
    command = [sys.executable, "-c", _PEAK, str(picture), sizes]
    root = Path(__file__).resolve().parents[2]
    printed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    return int(printed) * 1024 / 1e6


def peaks(pictures: Mapping[str, Path]) -> dict[str, float]:
    """Kind and sizes -> the child's peak in MB."""
    return {
        f"{kind} {sizes.lower()}": round(peak_of_the_child(path, sizes))
        for kind, path in pictures.items()
        for sizes in ("THREE", "FULL")
    }
