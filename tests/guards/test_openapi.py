"""The OpenAPI document: the committed one is the running one, and it says of every call all that the call can answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from service.app import assemble, openapi
from service.door import GUARDED
from service.openapi import COMMITTED, document, main
from service.problems import MEDIA_TYPE, Problem

Operation = dict[str, Any]
WITHOUT_BODY = {"204", "304"}


@pytest.fixture(scope="module")
def running() -> dict[str, Any]:
    return openapi(assemble())


@pytest.fixture(scope="module")
def operations(running: dict[str, Any]) -> Mapping[tuple[str, str], Operation]:
    found = {(method, path): one for path, methods in running["paths"].items() for method, one in methods.items()}
    assert len(found) > 20
    return found


def codes(operation: Operation) -> set[str]:
    """The code of every problem that an operation says it can answer."""
    return {
        address.rpartition("/")[2]
        for response in operation["responses"].values()
        for address in _said(response).get("type", {}).get("enum", [])
    }


def _said(response: Operation) -> dict[str, Any]:
    schema = response.get("content", {}).get(MEDIA_TYPE, {}).get("schema", {})
    return dict(schema["allOf"][1]["properties"]) if schema else {}


def references(part: object) -> Iterator[str]:
    match part:
        case {"$ref": str(name)}:
            yield name
        case dict():
            for one in part.values():
                yield from references(one)
        case list():
            for one in part:
                yield from references(one)
        case _:
            pass


def test_the_committed_document_is_the_running_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == document(), "run: poe openapi"


def test_the_document_is_the_same_each_time_it_is_made() -> None:
    assert document() == document()


def test_the_command_writes_the_document(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("docs") / "openapi.json"
    monkeypatch.setattr("service.openapi.COMMITTED", file)
    main()
    assert json.loads(file.read_text(encoding="utf-8")) == openapi(assemble())


def test_the_frameworks_own_error_shape_appears_nowhere(running: dict[str, Any]) -> None:
    assert not {"HTTPValidationError", "ValidationError"} & set(running["components"]["schemas"])
    assert "ValidationError" not in json.dumps(running)


def test_every_shape_that_is_named_is_there(running: dict[str, Any]) -> None:
    assert {name.rpartition("/")[2] for name in references(running)} <= set(running["components"]["schemas"])


def test_every_refusal_is_a_problem_document_of_its_status(operations: Mapping[tuple[str, str], Operation]) -> None:
    statuses = {problem.code: problem.status for problem in Problem}
    for operation in operations.values():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == [MEDIA_TYPE]
                assert _said(response)["status"] == {"const": int(status)}
                for address in _said(response)["type"]["enum"]:
                    assert statuses[address.removeprefix("/problems/")] == int(status)


def test_every_answer_says_its_shape(operations: Mapping[tuple[str, str], Operation]) -> None:
    for key, operation in operations.items():
        for status, response in operation["responses"].items():
            assert bool(response.get("content")) is (status not in WITHOUT_BODY), (key, status)
            assert all(one.get("schema") for one in response.get("content", {}).values()), (key, status)


def test_every_call_says_what_every_such_call_can_answer(operations: Mapping[tuple[str, str], Operation]) -> None:
    for (_, path), operation in operations.items():
        expected = {"internal"}
        if path.startswith(GUARDED):
            expected |= {"unauthenticated", "forbidden", "database-unavailable", "invalid"}
            assert operation["security"] == [{"bearer": []}]
        if "requestBody" in operation:
            (media_type,) = operation["requestBody"]["content"]
            expected |= {"malformed", "too-large", "invalid", "database-unavailable"}
            expected |= {"not-json" if media_type == "application/json" else "not-multipart"}
        if "{" in path:
            expected |= {"not-found"}
        assert expected <= codes(operation), path


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("post", "/v1/photos", {"unsupported-type", "image-refused", "subject-unknown", "destination-unknown"}),
        ("post", "/v1/photos", {"conflict", "busy", "store-unavailable"}),
        ("patch", "/v1/photos/{photo_id}", {"second-person-needed", "conflict", "subject-unknown", "destination-unknown"}),
        ("get", "/v1/publications", {"not-found", "destination-unknown"}),
        ("get", "/v1/publications/{publication_id}/{rendition}", {"gone", "store-unavailable"}),
        ("get", "/v1/publications/{publication_id}/receipt", {"conflict"}),
        ("post", "/v1/consent-records", {"subject-unknown", "conflict"}),
        ("post", "/v1/register-imports", {"file-refused", "busy"}),
        ("post", "/v1/register-imports/{import_id}/apply", {"other-file", "second-person-needed", "file-refused"}),
        ("post", "/enrolments", {"not-found", "conflict"}),
        ("get", "/readyz", {"not-ready"}),
    ],
)  # fmt: skip
def test_a_call_says_the_problems_of_its_own(
    operations: Mapping[tuple[str, str], Operation], method: str, path: str, told: set[str]
) -> None:
    assert told <= codes(operations[method, path])


def test_every_problem_of_a_call_is_told_by_some_call(operations: Mapping[tuple[str, str], Operation]) -> None:
    of_no_call = {"no-route", "method-not-allowed"}
    assert set().union(*map(codes, operations.values())) == {problem.code for problem in Problem} - of_no_call


def test_lists_and_pictures_say_that_they_can_be_unchanged(operations: Mapping[tuple[str, str], Operation]) -> None:
    told = {path for (_, path), operation in operations.items() if "304" in operation["responses"]}
    assert told == {"/v1/publications", "/v1/publications/{publication_id}/{rendition}"}
    for path in told:
        responses = operations["get", path]["responses"]
        assert all("ETag" in responses[status]["headers"] for status in ("200", "304"))
