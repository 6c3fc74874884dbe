"""What other people clean pictures with, on the same file: in this process if it is a library, else as a command."""

import importlib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from tests.service.imaging.dirty import SECRETS

LONG_SIDE = 1600
_COMPARED = (150, 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """``run`` cleans the picture it was made for into ``output``. ``missing``: why it can't be measured here."""

    output: Path
    run: Callable[[], object] | None = None
    missing: str | None = None

    def judged(self, right: Image.Image) -> dict[str, object]:
        """What it made, beside the ``right`` picture: planted words, the way up, and the mean error of its colours (of 255)."""
        made = self.output.read_bytes()
        with Image.open(self.output) as opened:
            upright = (opened.width < opened.height) == (right.width < right.height)
            image = opened.convert("RGB") if upright else opened.convert("RGB").transpose(Image.Transpose.ROTATE_270)
        pair = (one.resize(_COMPARED, Image.Resampling.BOX) for one in (image, right))
        error = sum(ImageStat.Stat(ImageChops.difference(*pair)).mean) / 3
        return {
            "leaves planted words": any(secret in made for secret in SECRETS),
            "upright": upright,
            "colour error": round(error, 1),
        }


def peers(picture: Path, folder: Path) -> Mapping[str, Peer]:
    """Name -> peer. Commands run on a copy of their own; that they start a process is a part of what they cost."""
    return {
        "exiftool -all=": _command("exiftool", picture, folder / "exiftool.jpg", "-q", "-all=", "-o", "{out}", "{in}"),
        "mat2": _mat2(picture, folder),
        "ImageMagick -auto-orient -resize -strip": _magick(picture, folder / "magick.jpg", "-resize", f"{LONG_SIDE}x{LONG_SIDE}"),
        "ImageMagick -auto-orient -strip": _magick(picture, folder / "magick-full.jpg"),
        "pyvips thumbnail to sRGB, strip": _pyvips(picture, folder / "pyvips.jpg"),
    }


def _command(program: str, picture: Path, output: Path, *words: str) -> Peer:
    if shutil.which(program) is None:
        return Peer(output=output, missing=f"{program} is not installed")
    named = [word.replace("{in}", str(picture)).replace("{out}", str(output)) for word in words]

    def run() -> None:
        output.unlink(missing_ok=True)
        subprocess.run([program, *named], check=True, capture_output=True)

    return Peer(output=output, run=run)


def _magick(picture: Path, output: Path, *words: str) -> Peer:
    program = "magick" if shutil.which("magick") else "convert"
    return _command(program, picture, output, "{in}", "-auto-orient", *words, "-strip", "-quality", "85", "{out}")


def _mat2(picture: Path, folder: Path) -> Peer:
    """It writes beside its input."""
    own = folder / "mat2.jpg"
    shutil.copy(picture, own)
    return _command("mat2", own, folder / "mat2.cleaned.jpg", "{in}")


def _pyvips(picture: Path, output: Path) -> Peer:
    try:
        vips = importlib.import_module("pyvips")
    except (ImportError, OSError):
        return Peer(output=output, missing="pyvips or libvips is not installed")
    content = picture.read_bytes()

    def run() -> None:
        # Since 8.15 what is kept is said by another word.
        image = vips.Image.thumbnail_buffer(content, LONG_SIDE, height=LONG_SIDE, export_profile="srgb")
        word = {"keep": "none"} if vips.at_least_libvips(8, 15) else {"strip": True}
        output.write_bytes(image.jpegsave_buffer(Q=85, **word))

    return Peer(output=output, run=run)
