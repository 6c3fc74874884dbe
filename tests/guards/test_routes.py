"""Every route names the one permission it needs; the few that are open to all are listed here; docs/api.md tells of each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import Depends
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from service.api.strict import StrictRoute, make_router, needs_of
from service.app import assemble
from service.auth import GRANTS, Needs, Permission
from service.door import GUARDED
from service.problems import Problem
from storage.users import Role

OPEN = {
    ("GET", "/enrol"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/v1-openapi.json"),
    ("HEAD", "/v1-openapi.json"),
    ("POST", "/enrol"),
    ("POST", "/enrolments"),
}
"""What anybody may call: the way in, whether the service is up, and what the calls are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One method at one address, and what it asks for."""

    method: str
    path: str
    needs: tuple[Permission, ...]
    strict: bool

    @property
    def spelled(self) -> str:
        return f"{self.method} {without_names(self.path)}"


def calls(found: Iterator[RouteContext]) -> Iterator[Call]:
    for one in found:
        route = one.original_route
        needs = tuple(need.permission for need in needs_of(route.dependant)) if isinstance(route, APIRoute) else ()
        for method in sorted(one.methods or ()):
            yield Call(method=method, path=str(one.path), needs=needs, strict=isinstance(route, StrictRoute))


@pytest.fixture(scope="module")
def all_calls() -> tuple[Call, ...]:
    found = tuple(calls(iter_route_contexts(assemble().routes)))
    assert len(found) > 20
    return found


def without_names(path: str) -> str:
    """``/v1/photos/{photo_id}`` and ``/v1/photos/{id}?after=`` -> ``/v1/photos/{}``."""
    return re.sub(r"\{[^}]*\}", "{}", path.split("?", maxsplit=1)[0])


def table(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of a Markdown text, without the row of its headings."""
    below = text.split(f"\n## {heading}\n", maxsplit=1)[1]
    rows = re.search(r"(?:^\|.*\|\n)+", below, flags=re.MULTILINE)
    assert rows is not None, f"no table below {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows[0].splitlines()[2:]]


def documented_calls(text: str) -> Mapping[str, str]:
    """``METHOD /path`` -> the permission named beside it."""
    return {
        f"{method} {without_names(path)}": needs.strip("`")
        for call, needs, *_ in table(text, "Calls")
        for method, path in re.findall(r"`([A-Z]+) ([^`]+)`", call)
    }


def unlisted_problems(text: str) -> set[tuple[str, str]]:
    """Codes and statuses that the service can answer and the table lacks, and those that the table has and nothing answers."""
    listed = {(code.strip("`"), status) for code, status, _ in table(text, "Problems")}
    return listed ^ {(problem.code, str(problem.status)) for problem in Problem}


@pytest.fixture(scope="module")
def api_document(root: Path) -> str:
    return (root / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_names_one_permission_and_the_open_ones_are_these(all_calls: tuple[Call, ...]) -> None:
    assert {(call.method, call.path) for call in all_calls if len(call.needs) != 1} == OPEN


def test_nothing_below_v1_is_open_and_nothing_outside_asks_for_a_permission(all_calls: tuple[Call, ...]) -> None:
    assert [call for call in all_calls if call.path.startswith(GUARDED) is not bool(call.needs)] == []


def test_every_call_of_the_api_is_strict(all_calls: tuple[Call, ...]) -> None:
    outside = ("/enrol", "/healthz", "/readyz", "/v1-openapi.json")
    assert {call.path for call in all_calls if not call.strict} == set(outside)


def test_every_permission_is_asked_for_by_a_route_and_held_by_a_role(all_calls: tuple[Call, ...]) -> None:
    assert {need for call in all_calls for need in call.needs} == set(Permission)
    assert set().union(*GRANTS.values()) == set(Permission)
    assert set(GRANTS) == set(Role)


def test_every_call_is_told_in_the_document_with_its_permission(all_calls: tuple[Call, ...], api_document: str) -> None:
    told = dict(documented_calls(api_document)) | {"GET /v1/decisions.csv": Permission.DECISION_READ.value}
    assert "`GET /v1/decisions.csv`" in api_document
    expected = {call.spelled: call.needs[0].value if call.needs else "none" for call in all_calls}
    for page in ("GET /enrol", "POST /enrol", "GET /v1-openapi.json", "HEAD /v1-openapi.json"):
        expected.pop(page)
        assert page.split()[1] in api_document
    assert told == expected


def test_every_role_is_told_in_the_document_with_its_permissions(api_document: str) -> None:
    roles = [Role(name) for name in ("teacher", "editor", "office", "head", "dsl", "sync")]
    told = {
        (cells[0].strip("`"), role)
        for cells in table(api_document, "Roles")
        for role, said in zip(roles, cells[1:], strict=True)
        if said
    }
    assert told == {(permission.value, role) for role, held in GRANTS.items() for permission in held}


def test_every_problem_is_told_in_the_document_with_its_status(api_document: str) -> None:
    assert unlisted_problems(api_document) == set()


SAMPLE = """
# API

## Calls

| call | needs | what |
|---|---|---|
| `GET /v1/photos/{id}?x=` | `photo:read` | looks |
| `GET /healthz`, `GET /readyz` | none | alive |

## Problems

| code | status | meaning |
|---|---|---|
| `gone` | 410 | gone |
| `conflict` | 400 | wrong status |
| `unheard-of` | 422 | not ours |
"""


def test_a_problem_left_out_mistaken_or_invented_is_found() -> None:
    found = unlisted_problems(SAMPLE)
    assert {("conflict", "400"), ("conflict", "409"), ("unheard-of", "422"), ("internal", "500")} <= found
    assert ("gone", "410") not in found


def test_calls_are_read_from_the_document() -> None:
    assert documented_calls(SAMPLE) == {"GET /v1/photos/{}": "photo:read", "GET /healthz": "none", "GET /readyz": "none"}


def test_a_route_without_a_permission_is_found() -> None:
    router = make_router("sample")

    @router.get("/forgotten")
    def forgotten() -> None: ...

    (found,) = calls(iter_route_contexts(router.routes))
    assert (found.path, found.needs, found.strict) == ("/v1/forgotten", (), True)


def test_a_permission_asked_for_by_a_part_of_a_route_counts() -> None:
    def inner(_caller: object = Depends(Needs(Permission.PHOTO_READ))) -> None: ...

    router = make_router("sample")

    @router.get("/nested", dependencies=[Depends(inner)])
    def nested() -> None: ...

    (found,) = calls(iter_route_contexts(router.routes))
    assert found.needs == (Permission.PHOTO_READ,)
