"""``poe bench-imaging``: what cleaning a picture costs, against decoding and encoding it, in one run; prints one JSON object."""

import io
import json
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pillow_heif
from PIL import Image, features

from service.imaging import Sandbox, verify
from tests.bench import subject
from tests.bench.peers import Peer, peers
from tests.bench.pictures import SIZE, camera_heic, camera_jpeg, scene

ROUNDS = int(os.environ.get("ROUNDS", "15"))
HEIC_ROUNDS = max(3, ROUNDS // 3)
BATCH = 8
Cases = Mapping[str, Callable[[], object]]
TARGETS = (
    ("jpeg to 1600 px, unjailed", "at most", 1.3),
    ("jpeg to 1600 px, jailed", "at most", 2.2),
    ("jpeg at full size, unjailed", "at most", 3.6),
    ("heic to 1600 px, unjailed", "at most", 1.4),
    ("verify at full size", "at most", 0.05),
    ("child's peak in MB", "at most", 350),
    ("two workers against one", "at least", 1.6),
)


def decode_and_encode(picture: bytes) -> bytes:
    """What is 1: nothing but Pillow, at full size, in the quality that we write."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
        opened.convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()


def measured(cases: Cases, rounds: int) -> dict[str, list[float]]:
    """Seconds of each case, once each round and in turn, so that whatever slows the machine slows all of them."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case()
    for _ in range(rounds):
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            taken[name].append(time.perf_counter() - start)
    return taken


def ratios(taken: Mapping[str, list[float]]) -> dict[str, float]:
    """Each case against the first: the median of the rounds' ratios."""
    (_, base), *others = taken.items()
    return {name: round(median(one / whole for one, whole in zip(seconds, base, strict=True)), 3) for name, seconds in others}


def jpeg_cases(picture: bytes, sandbox: Sandbox) -> Cases:
    """The JPEG's cases; the first is what the others are measured against."""
    full, web = subject.unjailed(picture, subject.FULL), subject.unjailed(picture, subject.WEB)
    return {
        "Pillow decode + encode": lambda: decode_and_encode(picture),
        "jpeg to 1600 px, unjailed": lambda: subject.cleaned(picture, subject.WEB),
        "jpeg to 1600 px, jailed": lambda: subject.jailed(sandbox, picture, subject.WEB),
        "jpeg to 320, 800 and 1600 px, unjailed": lambda: subject.cleaned(picture, subject.THREE),
        "jpeg to 320, 800 and 1600 px, jailed": lambda: subject.jailed(sandbox, picture, subject.THREE),
        "jpeg at full size, unjailed": lambda: subject.cleaned(picture, subject.FULL),
        "jpeg at full size, jailed": lambda: subject.jailed(sandbox, picture, subject.FULL),
        "verify at full size": lambda: verify(full),
        "verify at 1600 px": lambda: verify(web),
    }


def heic_cases(picture: bytes, sandbox: Sandbox) -> Cases:
    """The HEIC's cases; the first is what the others are measured against."""
    return {
        "HEIC decode + JPEG encode": lambda: decode_and_encode(picture),
        "heic to 1600 px, unjailed": lambda: subject.cleaned(picture, subject.WEB),
        "heic to 1600 px, jailed": lambda: subject.jailed(sandbox, picture, subject.WEB),
    }


def beside(picture: bytes, found: Mapping[str, Peer], rounds: int) -> dict[str, object]:
    """Each peer against Pillow: its ratio, and what is wrong with what it made; else null and the reason."""
    cases: dict[str, Callable[[], object]] = {"Pillow": lambda: decode_and_encode(picture)}
    cases |= {name: peer.run for name, peer in found.items() if peer.run is not None}
    ratio = ratios(measured(cases, rounds))
    with Image.open(io.BytesIO(subject.unjailed(picture, subject.WEB)[0].content)) as right:
        return {
            name: {"ratio": None, "why": peer.missing} if peer.missing else {"ratio": ratio[name], **peer.judged(right)}
            for name, peer in found.items()
        }


def two_against_one(picture: bytes) -> float:
    """How many times the pictures of one worker two of them clean."""
    batch = [picture] * BATCH
    with Sandbox() as one, Sandbox() as two:
        cases: Cases = {
            "two": lambda: subject.many(two, batch, subject.THREE, workers=2),
            "one": lambda: subject.many(one, batch, subject.THREE, workers=1),
        }
        return ratios(measured(cases, max(3, ROUNDS // 3)))["one"]


def machine() -> dict[str, object]:
    """What the figures hold for. Names no machine."""
    cpu = [
        line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if "model name" in line
    ]
    return {
        "cpu": cpu[0] if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "pillow": version("pillow"),
        "libjpeg-turbo": features.version_feature("libjpeg_turbo"),
        "pillow-heif": pillow_heif.__version__,
    }


def figures(folder: Path) -> dict[str, object]:
    """All of them."""
    image = scene()
    files = {"jpeg": folder / "picture.jpg", "heic": folder / "picture.heic"}
    files["jpeg"].write_bytes(camera_jpeg(image))
    files["heic"].write_bytes(camera_heic(image))
    jpeg, heic = (path.read_bytes() for path in files.values())
    with Sandbox() as sandbox:
        taken = measured(jpeg_cases(jpeg, sandbox), ROUNDS), measured(heic_cases(heic, sandbox), HEIC_ROUNDS)
    ratio = ratios(taken[0]) | ratios(taken[1])
    peaks = subject.peaks(files)
    asked = ratio | {"child's peak in MB": max(peaks.values()), "two workers against one": two_against_one(jpeg)}
    return {
        "machine": machine(),
        "picture": {"pixels": list(SIZE), "jpeg bytes": len(jpeg), "heic bytes": len(heic)},
        "rounds": {"jpeg": ROUNDS, "heic": HEIC_ROUNDS},
        "milliseconds": {name: round(median(seconds) * 1000, 1) for one in taken for name, seconds in one.items()},
        "ratios": ratio,
        "peaks of the child in MB": peaks,
        "peers": beside(jpeg, peers(files["jpeg"], folder), HEIC_ROUNDS),
        "targets": {name: {"is": asked[name], word: most, "met": held(asked[name], word, most)} for name, word, most in TARGETS},
    }


def held(figure: float, word: str, target: float) -> bool:
    """Is the figure as it should be?"""
    return figure <= target if word == "at most" else figure >= target


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # Pillow finds the picture's MPF segment odd, each time
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(figures(Path(folder)), indent=2) + "\n")
