"""The house: what lies where, what things are called, how long a file may grow, who commits, who speaks SQL and HTTP."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

TOP_LEVEL = frozenset(
    {
        ".ci",
        ".dockerignore",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "THIRD_PARTY.md",
        "consent",
        "docker-compose.yml",
        "docs",
        "pyproject.toml",
        "requirements.lock",
        "service",
        "storage",
        "tests",
    }
)
LONGEST_FILE = 350
LONGEST_TEST = 700
"""A table of cases is read line by line; it may be longer than a module."""
NEVER_EDITED = "storage/migrations/versions/"
STORE = "storage/store.py"
MIGRATION = "storage/migrate.py"
"""Changes the schema, before there is any state to change."""
PROBLEMS = "service/problems.py"
CLIENTS = ("storage/objects/s3",)
"""These read what another server answers."""
DOORS = ("service/api/", "service/pages/", PROBLEMS)
NAMES_OF_ROWS = frozenset({"sqlalchemy.Engine", "sqlalchemy.Row", "sqlalchemy.RowMapping", "sqlalchemy.exc"})
"""What the service may name of the database's library: what storage hands it, and what storage fails with."""
EMPTY_ANYWHERE = frozenset({"util", "utils", "helper", "helpers", "manager", "managers"})
EMPTY_ALONE = frozenset({"data", "info", "process", "handle"})
EMPTY_LAST = frozenset({"data", "info"})
EMPTY_FIRST = frozenset({"process", "handle"})
NAMED_BY_OTHERS = frozenset({"process_bind_param", "process_result_value"})
"""SQLAlchemy looks for these."""


def words(name: str) -> list[str]:
    """``_handleUpload`` and ``handle_upload`` -> handle, upload."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def says_nothing(name: str) -> bool:
    """True for a name that could stand on anything: utils, manager, process()."""
    parts = words(name)
    if not parts:
        return False
    return bool(
        EMPTY_ANYWHERE & set(parts)
        or parts in [[word] for word in EMPTY_ALONE]
        or parts[-1] in EMPTY_LAST
        or parts[0] in EMPTY_FIRST
    )


def empty_names(path: str, source: str) -> Iterator[str]:
    """Modules, packages, classes and functions whose name says nothing."""
    yield from (f"{part} (module)" for part in Path(path).with_suffix("").parts if says_nothing(part))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and says_nothing(node.name)
            and node.name not in NAMED_BY_OTHERS
        ):
            yield f"line {node.lineno}: {node.name}"


def unsaid(source: str) -> bool:
    """True for a module whose first line does not say what it is responsible for."""
    said = ast.get_docstring(ast.parse(source), clean=False)
    first = (said or "").split("\n")[0]
    return not first.strip() or not first.rstrip().endswith((".", "?", "!", ":"))


def commits(source: str) -> Iterator[str]:
    """Every place that ends a transaction, or opens one that ends itself."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="commit")):
                yield f"line {node.lineno}: .commit()"
            case ast.Call(func=ast.Attribute(value=owner, attr="begin")) if re.search(r"engine|session|conn", ast.unparse(owner)):
                yield f"line {node.lineno}: .begin()"
            case ast.Constant(value=str(text)) if re.match(r"\s*COMMIT\b", text):
                yield f"line {node.lineno}: a spelt COMMIT"
            case _:
                pass


def sql(source: str) -> Iterator[str]:
    """Imports that serve to speak SQL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                wanted = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names):
                wanted = [f"{module}.{alias.name}" for alias in names]
            case _:
                continue
        spoken = [name for name in wanted if name.split(".")[0] in {"alembic", "psycopg", "sqlalchemy", "sqlite3"}]
        yield from (f"line {node.lineno}: {name}" for name in spoken if not name.startswith(tuple(NAMES_OF_ROWS)))


def statuses(path: str, source: str) -> Iterator[str]:
    """HTTP status codes: refusals outside service/problems.py, and any outside the doors."""
    if path == PROBLEMS or path.startswith(CLIENTS):
        return
    lowest = 400 if path.startswith(DOORS) else 100
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id="HTTPStatus") | ast.Call(func=ast.Name(id="HTTPException")):
                yield f"line {node.lineno}: {ast.unparse(node)}"
            case ast.Attribute(attr=name) if re.fullmatch(r"HTTP_[1-5]\d\d_\w+", name):
                yield f"line {node.lineno}: {name}"
            case ast.keyword(arg=str(name), value=value) if "status" in name or name == "responses":
                yield from (f"line {node.value.lineno}: {name}={number}" for number in _codes(value, lowest))
            case ast.Compare() if re.search(r"status|HTTP", ast.unparse(node)):
                yield from (f"line {node.lineno}: compares with {number}" for number in _codes(node, lowest))
            case ast.Match(subject=subject, cases=cases) if re.search(r"status|HTTP", ast.unparse(subject)):
                yield from (f"line {node.lineno}: matches {number}" for case in cases for number in _codes(case.pattern, lowest))
            case ast.Assign() | ast.AnnAssign() if re.search(r"status|HTTP", ast.unparse(node).split("=")[0], re.IGNORECASE):
                yield from (f"line {node.lineno}: names {number}" for number in _codes(node, lowest))
            case _:
                pass


def _codes(node: ast.AST, lowest: int) -> list[int]:
    numbers = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return [number for number in numbers if type(number) is int and lowest <= number < 600]


def test_nothing_new_lies_at_the_top(root: Path, repository: list[Path]) -> None:
    assert {path.relative_to(root).parts[0] for path in repository} == TOP_LEVEL


def test_no_name_says_nothing(sources: Mapping[str, str]) -> None:
    assert {path: found for path, source in sources.items() if (found := list(empty_names(path, source)))} == {}


def test_every_module_says_its_responsibility_in_its_first_line(sources: Mapping[str, str]) -> None:
    assert [path for path, source in sources.items() if unsaid(source)] == []


def test_no_file_is_too_long_to_read(root: Path, sources: Mapping[str, str]) -> None:
    tests = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.py")}
    edited = {path: source for path, source in {**sources, **tests}.items() if not path.startswith(NEVER_EDITED)}
    lengths = {path: source.count("\n") for path, source in edited.items()}
    longest = {path: LONGEST_TEST if path.startswith("tests/") else LONGEST_FILE for path in lengths}
    assert {path: lines for path, lines in lengths.items() if lines > longest[path]} == {}


def test_only_the_store_commits(sources: Mapping[str, str]) -> None:
    found = {path: list(commits(source)) for path, source in sources.items() if path != MIGRATION}
    assert found.pop(STORE), "the store does not commit"
    assert {path: places for path, places in found.items() if places} == {}


def test_only_storage_speaks_sql(sources: Mapping[str, str]) -> None:
    service = {path: source for path, source in sources.items() if path.startswith("service/")}
    assert {path: found for path, source in service.items() if (found := list(sql(source)))} == {}


def test_only_problems_knows_how_http_says_no(sources: Mapping[str, str]) -> None:
    assert PROBLEMS in sources
    assert {path: found for path, source in sources.items() if (found := list(statuses(path, source)))} == {}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("service/utils.py", ""),
        ("service/helpers/words.py", ""),
        ("storage/data.py", ""),
        ("service/cli.py", "class PhotoManager: ..."),
        ("service/cli.py", "class ImageInfo: ..."),
        ("service/cli.py", "def process(photo): ..."),
        ("service/cli.py", "def _handle_upload(photo): ..."),
        ("service/cli.py", "class Photo:\n    async def handle(self): ..."),
        ("service/cli.py", "def photo_data(): ..."),
    ],
)
def test_a_name_that_says_nothing_is_found(path: str, source: str) -> None:
    assert list(empty_names(path, source))


@pytest.mark.parametrize(
    "name", ["photos", "database", "handler_of_nothing", "processed_at", "informed", "DataController", "_", "__init__"]
)
def test_a_name_that_says_something_is_let_through(name: str) -> None:
    assert not says_nothing(name)


@pytest.mark.parametrize("source", ["", "import os", '"""\nOn the second line.\n"""', '"""No end"""', "# only a comment"])
def test_a_module_that_says_nothing_is_found(source: str) -> None:
    assert unsaid(source)


def test_a_module_that_says_its_responsibility_is_let_through() -> None:
    assert not unsaid('"""Photos on their way in.\n\nMore.\n"""')


@pytest.mark.parametrize("source", ["session.commit()", "with engine.begin() as connection:\n    pass", "run('COMMIT;')"])
def test_a_commit_is_found(source: str) -> None:
    assert list(commits(source))


@pytest.mark.parametrize(
    "source", ["import sqlite3", "from sqlalchemy import Row, text", "from sqlalchemy.orm import Session", "import psycopg"]
)
def test_sql_is_found(source: str) -> None:
    assert list(sql(source))


@pytest.mark.parametrize(
    "source", ["from sqlalchemy import Engine, Row", "from sqlalchemy.exc import OperationalError", "import storage.photos"]
)
def test_naming_what_storage_returns_is_let_through(source: str) -> None:
    assert list(sql(source)) == []


def test_beginning_something_else_is_let_through() -> None:
    assert list(commits("publications.begin(photo)")) == []


@pytest.mark.parametrize(
    "source",
    [
        "raise HTTPException(404)",
        "fault.status = HTTPStatus.GONE",
        "status.HTTP_404_NOT_FOUND",
        "Response(status_code=410)",
        "@router.get('/', responses={410: {}})\ndef f(): ...",
        "if answer.status_code == 412: ...",
        "if fault['HTTPStatusCode'] in {404, 412}: ...",
        "match answer.status:\n    case 404 | 410: ...",
        "STATUS_GONE = 410",
    ],
)
def test_a_refusal_spelt_in_http_is_found(source: str) -> None:
    assert list(statuses("service/api/photos.py", source))
    assert list(statuses("storage/gallery.py", source))
    assert list(statuses(PROBLEMS, source)) == []


def test_a_success_may_be_spelt_at_the_doors_only() -> None:
    source = "@router.post('/photos', status_code=201)\ndef f(): ..."
    assert list(statuses("service/api/photos.py", source)) == []
    assert list(statuses("service/pipeline/intake.py", source))


@pytest.mark.parametrize(
    "source", ["LONGEST_SIDE = 480", "crop(width=500)", "if width > 400: ...", "x = 404", "isinstance(fault, HTTPException)"]
)
def test_an_ordinary_number_is_let_through(source: str) -> None:
    assert list(statuses("service/imaging/sniff.py", source)) == []
