"""A picture's process can open no file, so nothing that a picture needs may be in one any more when it comes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from service.imaging.metadata.text import ENCODINGS
from service.imaging.sandbox import COMMAND
from tests.service.imaging.dirty import DIRTY, drawing, exif, plain_files, saved

JIS, UNICODE = b"JIS\x00\x00\x00\x00\x00\x1b$B2V\x1b(B", b"UNICODE\x00\xfe\xff\x00A"
WATCHING = """
import sys
sys.path.insert(0, sys.argv[1])
from service.imaging import zygote
from service.imaging.clean import clean
zygote.import_everything()
pictures = [open(name, "rb").read() for name in sys.argv[2:]]
sys.addaudithook(lambda event, told: event in {"open", "import", "ctypes.dlopen", "os.listdir"} and print(event, told[0]))
for picture in pictures:
    clean(picture, long_side=1600)
"""


def pictures() -> dict[str, bytes]:
    """One of every kind with everything in it, and what is rarely met."""
    comments = [saved(drawing(), "JPEG", exif=exif(comment=comment)) for comment in (JIS, UNICODE)]
    dirty = {name: make() for name, make in DIRTY.items()}
    plain = {f"plain-{name}": one for name, one in plain_files().items()}
    return dirty | plain | {f"comment-{number}": one for number, one in enumerate(comments)}


def test_no_picture_needs_a_file_or_a_module_that_is_not_there_yet(tmp_path: Path) -> None:
    for name, picture in pictures().items():
        (tmp_path / name).write_bytes(picture)
    names = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run([sys.executable, "-I", "-c", WATCHING, COMMAND[-1], *names], capture_output=True, check=True, text=True)
    assert done.stdout == ""


def spelt(source: str) -> set[object]:
    """Every encoding that a module names when it decodes."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    decoding = [
        one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr in {"decode", "encode"} and one.args
    ]
    return {part.value for one in decoding for part in ast.walk(one.args[0]) if isinstance(part, ast.Constant)}


@pytest.mark.parametrize("path", sorted(Path(COMMAND[-1], "service", "imaging").rglob("*.py")), ids=lambda path: path.name)
def test_every_encoding_that_is_asked_for_is_known_beforehand(path: Path) -> None:
    assert {name for name in spelt(path.read_text(encoding="utf-8")) if isinstance(name, str)} <= {*ENCODINGS, "utf-8", ">", "<"}
