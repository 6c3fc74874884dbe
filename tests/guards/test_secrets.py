"""The repository holds no secret and nothing about the machine it was written on."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

FORBIDDEN = MappingProxyType(
    {
        "a path of somebody's machine": r"(?<![\w.])/(?:tmp|work|root|home/\w+|Users/\w+|mnt)/\w|\b[A-Z]:\\\\?Users",
        "a package registry's host": r"pypi\.(?:python\.)?org|pythonhosted\.org|npmjs\.|\b(?:ghcr|quay)\.io\b|index-url\s*=",
        "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        "a token of ours": r"\bgk_[A-Za-z0-9_-]{20,}",
        "a cloud provider's key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        "a code host's token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,})",
        "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
        "a paper that is not in the repository": r"\b(?:PRODUCT|DESIGN|STACK)\b(?:\.md|,| §|\))",
    }
)


def leaks(text: str) -> Iterator[tuple[str, int]]:
    """What is found, and on which line; never the secret itself."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((what, number) for what, pattern in FORBIDDEN.items() if re.search(pattern, line))


def text_of(path: Path) -> str:
    """The text of a file; a picture or another binary file has none."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def test_no_file_holds_a_secret_or_a_trace_of_a_machine(root: Path, repository: list[Path]) -> None:
    found = [
        f"{name}:{line}: {what}"
        for path in repository
        if (name := path.relative_to(root).as_posix()) != "tests/guards/test_secrets.py"
        for what, line in leaks(text_of(path))
    ]
    assert found == []


def test_this_guard_itself_holds_nothing_beyond_its_examples(root: Path) -> None:
    source = text_of(root / "tests/guards/test_secrets.py")
    assert not list(leaks(source.split("FORBIDDEN =")[0] + source.split("def leaks")[1].split("EXAMPLES =")[0]))


EXAMPLES = (
    "cd /tmp/venv",
    "open('/work/main/x')",
    "/home/jo/photos",
    "C:\\Users\\jo",
    "https://pypi.org/simple",
    "registry.npmjs.org",
    "--extra-index-url=x",
    "image: ghcr.io/some/thing",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----",
    "gk_" + "a1B2-" * 6,
    "AKIA" + "A1B2" * 4,
    "ghp_" + "a1B2" * 6,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLi4u",
    'see PRODUCT, "Outcomes"',
    "STACK.md",
    "(DESIGN §5)",
)


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_leak_is_found(text: str) -> None:
    assert next(leaks("first line\n" + text))[1] == 2


@pytest.mark.parametrize(
    "text",
    [
        "tmpfs: [/tmp]",
        "/var/lib/gatekeeper/photos",
        "GET /v1/work/items",
        "prints a token once (`gk_...`)",
        "-----BEGIN CERTIFICATE-----",
        "https://example.org/root/page",
        "the product, as designed",
    ],
)
def test_innocent_text_is_let_through(text: str) -> None:
    assert list(leaks(text)) == []
