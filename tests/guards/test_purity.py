"""The rules are pure: no clock, no dice, no file, no socket, no memory of the last case, and no third party but for text."""

import ast
from collections.abc import Iterator, Mapping

import pytest

ALLOWED = frozenset(
    {
        "__future__",
        "abc",
        "binascii",
        "bisect",
        "collections",
        "collections.abc",
        "contextlib",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "hashlib",
        "html",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
        "tomllib",
        "types",
        "typing",
        "unicodedata",
        "urllib.parse",
    }
)
TEXT_ALONE = frozenset({"anyascii", "ftfy", "ftfy.badness", "rapidfuzz.distance"})
"""Functions of text without input or output, by others: for ``consent/names`` and nothing else."""
NAMES = "consent/names/"
IMPURE_CALLS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "hash", "id", "input", "open", "print"})
CLOCKS = frozenset({"now", "today", "utcnow"})
LOCAL_TIME = {"astimezone": 0, "fromtimestamp": 1}
"""Methods that read the machine's time zone unless they are given more arguments than this."""
MUTABLE_MAKERS = frozenset({"Counter", "OrderedDict", "bytearray", "defaultdict", "deque", "dict", "list", "set"})
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def foreign_imports(source: str, allowed: frozenset[str] = ALLOWED) -> Iterator[str]:
    """Imports of anything but consent and the pure part of the standard library."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                wanted = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                wanted = [module]
            case ast.ImportFrom():
                wanted = ["(relative)"]
            case _:
                continue
        yield from (
            f"line {node.lineno}: imports {name}" for name in wanted if name not in allowed and name.split(".")[0] != "consent"
        )


def impure_calls(source: str) -> Iterator[str]:
    """Calls of the clock, of the machine's time zone, of files, and of what differs from run to run."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        arguments = len(node.args) + len(node.keywords)
        match node.func:
            case ast.Name(id=name) if name in IMPURE_CALLS:
                yield f"line {node.lineno}: calls {name}()"
            case ast.Attribute(attr=name) if name in CLOCKS or arguments <= LOCAL_TIME.get(name, -1):
                yield f"line {node.lineno}: calls .{name}()"
            case _:
                pass


def passed_around(source: str) -> Iterator[str]:
    """Clocks and file openers taken without a call, as in ``key=datetime.now``."""
    tree = ast.parse(source)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=owner, attr=name) if name in CLOCKS and id(node) not in called and _is_clock(owner):
                yield f"line {node.lineno}: hands on .{name}"
            case ast.Name(id=name, ctx=ast.Load()) if name in IMPURE_CALLS - {"id", "hash"} and id(node) not in called:
                yield f"line {node.lineno}: hands on {name}"
            case _:
                pass


def lasting_state(source: str) -> Iterator[str]:
    """Values of modules and classes that one case could change for the next, and ``global`` statements."""
    tree = ast.parse(source)
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if _is_mutable(value):
                yield f"line {statement.lineno}: a value that can change"
            case _:
                pass
    yield from (f"line {node.lineno}: global" for node in ast.walk(tree) if isinstance(node, ast.Global))


def _is_mutable(value: ast.expr) -> bool:
    match value:
        case ast.Tuple(elts=parts):
            return any(_is_mutable(part) for part in parts)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in MUTABLE_MAKERS
        case _:
            return isinstance(value, MUTABLE)


def _is_clock(owner: ast.expr) -> bool:
    match owner:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"date", "datetime"}
        case _:
            return False


CHECKS = (impure_calls, passed_around, lasting_state)


def broken(source: str, path: str = "consent/rules.py") -> list[str]:
    allowed = ALLOWED | TEXT_ALONE if path.startswith(NAMES) else ALLOWED
    return [*foreign_imports(source, allowed), *(fault for check in CHECKS for fault in check(source))]


def test_the_rules_are_pure(sources: Mapping[str, str]) -> None:
    rules = {path: source for path, source in sources.items() if path.startswith("consent/")}
    assert rules
    assert {path: faults for path, source in rules.items() if (faults := broken(source, path))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import random",
        "import datetime, time",
        "from pathlib import Path",
        "from urllib import request",
        "import importlib.resources",
        "import pydantic",
        "import storage.photos",
        "from service import cli",
        "from . import people",
        "def f():\n    import socket",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "when.astimezone()",
        "datetime.fromtimestamp(1)",
        "sorted(things, key=datetime.now)",
        "open('register.csv')",
        "reader = open",
        "print('pupil')",
        "hash('pupil')",
        "exec('import os')",
        "SEEN = []",
        "SEEN: dict[str, int] = {}",
        "SEEN = set()",
        "SEEN = collections.defaultdict(list)",
        "SEEN = (1, [])",
        "SEEN = {x for x in y}",
        "class Rules:\n    seen = []",
        "def f():\n    global seen\n    seen = 1",
    ],
)
def test_an_impure_source_is_found(source: str) -> None:
    assert broken(source)


@pytest.mark.parametrize(
    "source",
    [
        "from collections.abc import Mapping",
        "import datetime",
        "from consent.people import PupilId",
        "import consent.people",
        "NAMES = MappingProxyType({'a': 1})",
        "NAMES = frozenset({'a'})",
        "NAMES = ('a', ('b',))",
        "__all__ = ['Photo']",
        "def f():\n    seen = []\n    return seen",
        "when.astimezone(UTC)",
        "datetime.fromtimestamp(1, UTC)",
        "case.now.date()",
        "photo.id",
    ],
)
def test_a_pure_source_is_let_through(source: str) -> None:
    assert broken(source) == []


@pytest.mark.parametrize("source", sorted(f"from {name} import anything" for name in TEXT_ALONE))
def test_functions_of_text_by_others_belong_to_the_names_alone(source: str) -> None:
    assert broken(source)
    assert broken(source, "consent/names/fold.py") == []
    assert broken("import ftfy.cli", "consent/names/fold.py")
