"""The documents say what the program does: links lead somewhere; commands, settings, events and reasons exist and are told."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
from pydantic_settings import BaseSettings

from consent.events import Event
from consent.reasons import Reason

PROMISES = tuple(f"P{number}" for number in range(1, 11))
RUN = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/gatekeeper demo"
INSTALL = ("python3 -m venv .venv", ".venv/bin/pip install -U pip", ".venv/bin/pip install -e . --group dev")
TEST = " && ".join((*INSTALL, ".venv/bin/poe test"))
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", flags=re.MULTILINE | re.DOTALL)
TEST_ID = re.compile(r"\b(tests/[\w/]+\.py)::([\w:]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What one command of the program takes: option names, and its own commands if it is a group."""

    options: frozenset[str]
    commands: Mapping[str, "Command"] = field(default_factory=dict)


def documents(root: Path) -> list[Path]:
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def code_in(text: str) -> list[str]:
    """Every line of code in a Markdown text, from fences and from backticks, continued lines joined."""
    spans = ("".join(match.groups(default="")).replace("\\\n", " ") for match in CODE.finditer(text))
    return [line.split(" #")[0] for span in spans for line in span.splitlines()]


def anchors(text: str) -> set[str]:
    """The names by which a code host lets one link to the headings of a text."""
    headings = re.findall(r"^#+ +(.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(document: Path) -> Iterator[str]:
    """Relative links that lead to no file, or to no heading of the file."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = document.parent / path if path else document
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found.read_text(encoding="utf-8"))):
            yield target


def mistaken_commands(lines: list[str], program: Command) -> Iterator[str]:
    """Mentions of ``gatekeeper X`` whose X, or one of whose options, does not exist."""
    for line in lines:
        for mention in re.findall(r"(?:^|[\s/`])gatekeeper((?: +(?![|&;])\S+)+)", line):
            wanted, known = mention.split(), program
            while wanted and known.commands:
                name = wanted.pop(0).rstrip(",.:;)")
                if name.startswith("-"):
                    break
                if name not in known.commands:
                    yield f"{name} in {line.strip()}"
                    break
                known = known.commands[name]
            else:
                options = {match for word in wanted for match in re.findall(r"(?<![\w-])--[a-z][a-z-]*", word)}
                yield from (f"{option} in {line.strip()}" for option in sorted(options - known.options))


def command_names(program: Command, prefix: str = "gatekeeper") -> Iterator[str]:
    for name, command in program.commands.items():
        if command.commands:
            yield from command_names(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def setting_names(module: ModuleType) -> set[str]:
    """The environment variables a settings module reads."""
    found = (kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, BaseSettings))
    own = [kind for kind in found if kind.__module__ == module.__name__]
    return {
        str(described.validation_alias or kind.model_config.get("env_prefix", "") + name).upper()
        for kind in own
        for name, described in kind.model_fields.items()
    }


def documented_codes(text: str) -> set[str]:
    """What stands in backticks in the first column of a document's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))


def promise_blocks(text: str) -> dict[str, str]:
    """P1, P2 ... -> what stands from the line that begins with it to the next one; for those not yet promised, the word."""
    text, _, later = text.partition("## Not yet promised")
    starts = re.split(r"^[ #*|-]*\b(P\d+)\b", text, flags=re.MULTILINE)
    blocks = dict(zip(starts[1::2], starts[2::2], strict=True))
    return {**dict.fromkeys(re.findall(r"\bP\d+\b", later), "not yet"), **blocks}


def missing_tests(root: Path, text: str) -> Iterator[str]:
    """Names of tests, as ``tests/x/test_y.py::test_z``, that no file holds."""
    for name, path_in_file in TEST_ID.findall(text):
        path = root / name
        scope: list[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
        for part in path_in_file.split("::"):
            kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
            held = next((node for node in scope if isinstance(node, kinds) and node.name == part), None)
            if held is None:
                yield f"{name}::{path_in_file}"
                break
            scope = held.body


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in documents(root))


@pytest.fixture(scope="module")
def program() -> Command:
    from service.commands.tree import app  # noqa: PLC0415 - so that the other guards run while the program cannot be imported

    return _described(typer.main.get_command(app))


def _described(command: Any) -> Command:
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    inner = getattr(command, "commands", {})
    return Command(options=frozenset({*options, "--help"}), commands={name: _described(part) for name, part in inner.items()})


@pytest.fixture(scope="module")
def settings() -> set[str]:
    from service import settings  # noqa: PLC0415 - as above

    return setting_names(settings)


@pytest.fixture(scope="module")
def chores(root: Path) -> set[str]:
    return set(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["poe"]["tasks"])


def test_every_link_leads_somewhere(root: Path) -> None:
    found = {path.relative_to(root).as_posix(): list(dead_links(path)) for path in documents(root)}
    assert {path: links for path, links in found.items() if links} == {}


def test_the_readme_gives_the_two_commands(root: Path) -> None:
    lines = [line.strip() for line in code_in((root / "README.md").read_text(encoding="utf-8"))]
    assert RUN in lines
    assert TEST in lines


def test_ci_installs_as_the_readme_says(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8").replace(" --quiet", "").replace("--upgrade", "-U")
    assert [line for line in INSTALL if line not in script.splitlines()] == []


def test_every_command_a_document_mentions_exists(text: str, program: Command) -> None:
    assert list(mistaken_commands(code_in(text), program)) == []


def test_every_command_is_documented(text: str, program: Command) -> None:
    code = "\n".join(code_in(text))
    assert [name for name in command_names(program) if not re.search(rf"{name}\b", code)] == []


def test_every_chore_a_document_mentions_exists(text: str, chores: set[str]) -> None:
    mentioned = {name for line in code_in(text) for name in re.findall(r"(?:^|[\s/])poe +([a-z][a-z-]*)", line)}
    assert mentioned
    assert mentioned <= chores


def test_every_setting_is_documented(root: Path, settings: set[str]) -> None:
    assert settings
    assert settings <= documented_codes((root / "docs/operations.md").read_text(encoding="utf-8"))


def test_every_setting_a_document_mentions_exists(root: Path, text: str, settings: set[str]) -> None:
    compose = (root / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\bGATEKEEPER_[A-Z_]*[A-Z]\b", text + compose)) <= settings


def test_every_event_is_documented_and_every_documented_event_exists(root: Path) -> None:
    assert documented_codes((root / "docs/events.md").read_text(encoding="utf-8")) == {str(event) for event in Event}


def test_every_reason_is_documented_and_every_documented_reason_exists(root: Path) -> None:
    assert documented_codes((root / "docs/reasons.md").read_text(encoding="utf-8")) == {str(reason) for reason in Reason}


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_names_a_test_or_says_that_it_is_not_yet_made(root: Path, promise: str) -> None:
    block = promise_blocks((root / "docs/promises.md").read_text(encoding="utf-8")).get(promise, "")
    assert block == "not yet" or TEST_ID.search(block), f"{promise} names no test"


def test_every_test_a_document_names_exists(root: Path, text: str) -> None:
    assert list(missing_tests(root, text)) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# The Heading, twice!\n", encoding="utf-8")
    document = tmp_path / "document.md"
    here = "[a](there.md) [b](gone.md) [c](https://example.org) [d](#own)\n# Own\n"
    headings = "[e](there.md#the-heading-twice) [f](there.md#gone)\n"
    document.write_text(here + headings + "```\n[g](in/code.md)\n```\n", encoding="utf-8")
    assert list(dead_links(document)) == ["gone.md", "there.md#gone"]


PROGRAM = Command(
    options=frozenset({"--help"}),
    commands={
        "serve": Command(options=frozenset({"--host", "--port"})),
        "log": Command(options=frozenset(), commands={"verify": Command(options=frozenset({"--export"}))}),
    },
)


@pytest.mark.parametrize(
    "line",
    [
        "gatekeeper dance",
        ".venv/bin/gatekeeper dance",
        "gatekeeper log rotate",
        "a && gatekeeper serve --hots x",
        "gatekeeper log verify --prot=1",
    ],
)
def test_a_mistaken_command_is_found(line: str) -> None:
    assert list(mistaken_commands([line], PROGRAM))


@pytest.mark.parametrize(
    "line",
    [
        "gatekeeper serve --host H [--port P]",
        "gatekeeper log verify --export FILE",
        "gatekeeper --help",
        "gatekeeper",
        "pip install . && gatekeeper serve && other --thing",
        "gatekeeper-data/",
        "photo-consent-gatekeeper is",
        "install --owner=gatekeeper --group=gatekeeper",
    ],
)
def test_a_right_command_is_let_through(line: str) -> None:
    assert list(mistaken_commands([line], PROGRAM)) == []


def test_code_is_read_from_fences_and_backticks() -> None:
    text = "Say `poe test`.\n```sh\npoe lint \\\n  --fix\npoe types # both\n```\nNot poe spelling.\n"
    assert [" ".join(line.split()) for line in code_in(text)] == ["poe test", "poe lint --fix", "poe types"]


def test_commands_are_named_with_their_groups() -> None:
    assert list(command_names(PROGRAM)) == ["gatekeeper serve", "gatekeeper log verify"]


def test_settings_are_named_as_the_environment_names_them() -> None:
    class Settings(BaseSettings, env_prefix="GATEKEEPER_"):
        data_dir: str = ""

    module = ModuleType(Settings.__module__)
    vars(module)["Settings"] = Settings
    assert setting_names(module) == {"GATEKEEPER_DATA_DIR"}


def test_codes_are_read_from_the_first_column() -> None:
    assert documented_codes("| code | means |\n|---|---|\n| `photo.accepted` | see `other` |\n| plain | `x` |\n") == {
        "photo.accepted"
    }


def test_a_promise_without_a_test_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_x.py").write_text("def test_a(): ...\nclass TestB:\n    def test_c(self): ...\n", encoding="utf-8")
    kept = "- **P1 accepted**: `tests/test_x.py::test_a`\n- **P2 nothing**: no test\n## P3\n`tests/test_x.py::TestB::test_c`\n"
    blocks = promise_blocks(kept + "## Not yet promised\n- P4 some day\n")
    assert [name for name, block in blocks.items() if TEST_ID.search(block)] == ["P1", "P3"]
    assert blocks["P4"] == "not yet"
    assert list(missing_tests(tmp_path, kept)) == []
    gone = "tests/test_x.py::test_z tests/test_gone.py::test_a tests/test_x.py::TestB::test_a"
    assert list(missing_tests(tmp_path, gone)) == gone.split()
