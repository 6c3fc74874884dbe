"""A picture's process can open no file, so that everything a picture needs must be there when it comes."""

import ast
from pathlib import Path

import pytest

from service.imaging.metadata.text import ENCODINGS
from service.imaging.sandbox import COMMAND


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
