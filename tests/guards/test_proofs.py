"""A proof has one maker: nothing but verification makes a clean image, nothing but ``clear`` makes a clearance."""

import ast
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

MAKERS = MappingProxyType(
    {
        "CleanImage": "service/imaging/verify.py",
        "Clearance": "consent/decision.py",
        "Decision": "consent/decision.py",
    }
)
MAY_READ_BACK = MappingProxyType({"Decision": frozenset({"read"})})
"""Functions that may be handed the type as a value: a recorded decision is read back to be shown and replayed."""
MAY_CLEAR = frozenset({"consent/decision.py", "service/pipeline/release.py"})
BY_THE_BACK_DOOR = frozenset({"__new__", "__setattr__", "__setstate__", "__reduce__", "__class__", "__dict__"})
COPIERS = frozenset({"replace", "copy", "deepcopy"})
COPYING_MODULES = frozenset({"copy", "copyreg", "marshal", "pickle", "shelve"})


class _Finder(ast.NodeVisitor):
    """Collects every use of a proof's name as a value; in annotations, isinstance and patterns it may stand."""

    def __init__(self, path: str) -> None:
        self.guarded = frozenset(name for name, maker in MAKERS.items() if maker != path)
        self.found: list[str] = []
        self.named: set[str] = set()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._note(node.annotation)
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        self._note(node.annotation)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._note(node.returns)
        for part in (*node.decorator_list, node.args, *node.body):
            self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast calls it by this name

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self._note(node.slice)

    def visit_match_case(self, node: ast.match_case) -> None:
        self._note(node.pattern)
        for part in (*([node.guard] if node.guard else []), *node.body):
            self.visit(part)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        allowed = {name for name in self.guarded if called in MAY_READ_BACK.get(name, ())}
        self.visit(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if called == "isinstance" or _name(argument) in allowed:
                self._note(argument)
            elif called in {"cast", "getattr"} and isinstance(argument, ast.Constant) and argument.value in self.guarded:
                self.found.append(f"line {node.lineno}: {called}() to {argument.value}")
            else:
                self.visit(argument)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name in self.guarded:
                self.named.add(alias.name)
                if alias.asname not in {None, alias.name}:
                    self.found.append(f"line {node.lineno}: {alias.name} under another name")

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._use(node, node.attr)
        self.visit(node.value)

    def _use(self, node: ast.expr, name: str) -> None:
        if name in self.guarded:
            self.found.append(f"line {node.lineno}: {name} used as a value")

    def _note(self, node: ast.AST | None) -> None:
        if node is not None:
            self.named |= {name for part in ast.walk(node) if (name := _name(part)) in self.guarded}


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def forged(path: str, source: str) -> Iterator[str]:
    """Every place where a proof is made, or could be, outside its maker."""
    tree = ast.parse(source)
    finder = _Finder(path)
    finder.visit(tree)
    yield from finder.found
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in BY_THE_BACK_DOOR and not _is_super_call(node):
                yield f"line {node.lineno}: .{name}"
            case ast.Import(names=names) if COPYING_MODULES & {alias.name.split(".")[0] for alias in names}:
                yield f"line {node.lineno}: a module that copies values past their maker"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in COPYING_MODULES:
                yield f"line {node.lineno}: a module that copies values past their maker"
            case ast.ImportFrom(module="dataclasses", names=names) if finder.named and COPIERS & {alias.name for alias in names}:
                yield f"line {node.lineno}: dataclasses.replace beside a proof ({', '.join(sorted(finder.named))})"
            case ast.Attribute(value=ast.Name(id="dataclasses"), attr="replace") if finder.named:
                yield f"line {node.lineno}: dataclasses.replace beside a proof ({', '.join(sorted(finder.named))})"
            case _:
                pass


def _is_super_call(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Call) and _name(node.value.func) == "super"


def clearing(path: str, source: str) -> Iterator[str]:
    """Every place outside the release step that asks for a clearance."""
    if path in MAY_CLEAR:
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module="consent.decision", names=names) if {"clear", "*"} & {alias.name for alias in names}:
                yield f"line {node.lineno}: imports clear"
            case ast.Attribute(value=value, attr="clear") if _name(value) == "decision" and not isinstance(value, ast.Name):
                yield f"line {node.lineno}: calls consent.decision.clear"
            case ast.ImportFrom(module="consent", names=names) if "decision" in {alias.name for alias in names}:
                yield f"line {node.lineno}: imports the module of the clearance whole"
            case _:
                pass


def test_every_proof_is_made_by_its_maker_alone(sources: Mapping[str, str]) -> None:
    assert {path: faults for path, source in sources.items() if (faults := list(forged(path, source)))} == {}


def test_only_release_asks_for_a_clearance(sources: Mapping[str, str]) -> None:
    assert {path: faults for path, source in sources.items() if (faults := list(clearing(path, source)))} == {}


@pytest.mark.parametrize(("proof", "maker"), MAKERS.items())
def test_every_maker_makes_its_proof(sources: Mapping[str, str], proof: str, maker: str) -> None:
    made = [node for node in ast.walk(ast.parse(sources[maker])) if isinstance(node, ast.Call) and _name(node.func) == proof]
    assert made


@pytest.mark.parametrize(
    "source",
    [
        "Clearance(photo=photo)",
        "decision.Clearance(photo=photo)",
        "CleanImage(digest='', renditions=())",
        "Decision(outcome=Outcome.APPROVED)",
        "from consent.decision import Clearance as Leave",
        "Leave = Clearance",
        "make(Clearance)",
        "read(Clearance, untrusted)",
        "read(CleanImage, untrusted)",
        "class Forged(Clearance): ...",
        "cast('Clearance', forged)",
        "cast(Clearance, forged)",
        "getattr(decision, 'Clearance')",
        "lambda: Clearance(photo=photo)",
        "def f(x: int = Clearance(photo=photo)): ...",
        "@wrap(Clearance)\ndef f(): ...",
        "match x:\n    case int():\n        Clearance()",
        "object.__new__(kind)",
        "object.__setattr__(clearance, 'valid_until', None)",
        "clearance.__class__ = Kind",
        "import pickle",
        "from copy import replace",
        "from dataclasses import replace\ndef f(image: CleanImage): return replace(image, digest='')",
        "import dataclasses\ndef f(image: 'x', clearance: Clearance): return dataclasses.replace(clearance)",
        "from consent.decision import Decision\nfrom dataclasses import replace",
    ],
)
def test_a_forged_proof_is_found(source: str) -> None:
    assert list(forged("service/pipeline/release.py", source))


@pytest.mark.parametrize(
    "source",
    [
        "from consent.decision import Clearance",
        "def publish(clearance: Clearance) -> list[Clearance]: ...",
        "async def publish(*, clearance: Clearance | None = None) -> None: ...",
        "class Step:\n    clearance: Clearance",
        "Publish = Callable[[Clearance, CleanImage], None]",
        "isinstance(x, Clearance)",
        "match x:\n    case Clearance(photo=photo):\n        pass",
        "read(Decision, untrusted)",
        "super().__new__(cls)",
        "from dataclasses import replace\ndef f(photo: Photo): return replace(photo, id='')",
    ],
)
def test_naming_a_proof_is_let_through(source: str) -> None:
    assert list(forged("storage/published.py", source)) == []


def test_a_maker_may_make_only_its_own_proof() -> None:
    assert list(forged("service/imaging/verify.py", "CleanImage(digest='', renditions=())")) == []
    assert list(forged("service/imaging/verify.py", "Clearance(photo=photo)"))
    assert list(forged("consent/decision.py", "Clearance(photo=photo)")) == []
    assert list(forged("consent/decision.py", "CleanImage(digest='', renditions=())"))


@pytest.mark.parametrize(
    "source",
    [
        "from consent.decision import clear, decide",
        "from consent.decision import *",
        "import consent.decision\nconsent.decision.clear(d, i, w)",
        "from consent import decision",
    ],
)
def test_asking_for_a_clearance_elsewhere_is_found(source: str) -> None:
    assert list(clearing("service/api/photos.py", source))
    assert list(clearing("service/pipeline/release.py", source)) == []


def test_deciding_without_clearing_is_let_through() -> None:
    assert list(clearing("service/api/photos.py", "from consent.decision import decide\nseen.clear()\ndecision.clear()")) == []
