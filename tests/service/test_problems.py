"""Problems: each code means one thing, each error of ours is one of them, and the service can really say each."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from consent.purposes import UnknownDestination
from service import problems
from service.app import create
from service.imaging import ImagingError, Refusal
from service.mis.refusal import ProblemCode, refuse
from service.pipeline import edit, imports
from service.problems import MEDIA_TYPE, Problem, ProblemError
from storage.errors import Conflict, Fenced, LockOrder, NotFound, NotGone, SilentChange
from storage.objects.errors import StoreUnavailable
from storage.users import Role
from tests.parts.broken import SECRET, client_of, with_fault, with_settings, without_database, without_store
from tests.parts.live import serving
from tests.parts.world import Answer, World, picture

UNKNOWN = "f" * 32


def a_live_one(world: World) -> tuple[str, str]:
    """A child and a publication that pictures the child."""
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    return ada, world.publication(world.uploads(ada))


def gone(world: World) -> Answer:
    ada, publication = a_live_one(world)
    world.refuses(ada, "journal:shared")
    return world.reads(publication)


def second_person_needed(world: World) -> Answer:
    return world.edits(world.uploads(world.pupil("Ada Frost")), faces_accounted=True)


def other_file(world: World) -> Answer:
    shown = world.previews(world.row(world.pupil("Ada Frost"))).json()
    return world.client.post(
        f"/v1/register-imports/{shown['id']}/apply", json={"digest": "0" * 64}, headers=world.as_role(Role.OFFICE)
    )


def conflict(world: World) -> Answer:
    _, publication = a_live_one(world)
    return world.client.get(f"/v1/publications/{publication}/receipt", headers=world.as_role(Role.HEAD))


def subject_unknown(world: World) -> Answer:
    return world.sends(UNKNOWN)


def too_large(world: World) -> Answer:
    return world.client.patch(f"/v1/pupils/{UNKNOWN}", content=b" " * 1_000_001, headers=world.as_role(Role.OFFICE))


def too_slow(world: World) -> Answer:
    impatient = with_settings(world.house, body_seconds=0.05)

    def pauses() -> Iterator[bytes]:
        yield b"{"
        time.sleep(0.5)
        yield b"}"

    headers = {**world.as_role(Role.OFFICE), "content-type": "application/json"}
    with serving(create(impatient)) as live:
        return httpx2.patch(f"{live.address}/v1/pupils/{UNKNOWN}", content=pauses(), headers=headers)


def queue_full(world: World) -> Answer:
    none_wait = client_of(with_settings(world.house, max_waiting_photos=0))
    return none_wait.post("/v1/photos", files={"file": ("a.jpg", picture(1))}, headers=world.as_role(Role.TEACHER))


def not_json(world: World) -> Answer:
    return world.client.patch(f"/v1/pupils/{UNKNOWN}", content=b"{}", headers=world.as_role(Role.OFFICE))


def malformed(world: World) -> Answer:
    headers = {**world.as_role(Role.OFFICE), "content-type": "application/json"}
    return world.client.patch(f"/v1/pupils/{UNKNOWN}", content=b"{", headers=headers)


def busy(world: World) -> Answer:
    none_left = client_of(with_settings(world.house, max_uploads_at_once=0))
    return none_left.post("/v1/photos", files={"file": ("a.jpg", picture(1))}, headers=world.as_role(Role.TEACHER))


def store_unavailable(world: World) -> Answer:
    client = client_of(without_store(world.house))
    return client.post("/v1/photos", files={"file": ("a.jpg", picture(1))}, headers=world.as_role(Role.TEACHER))


def database_unavailable(world: World) -> Answer:
    client = client_of(without_database(world.house, world.backend.folder))
    return client.get("/v1/pupils", headers=world.as_role(Role.TEACHER))


def not_ready(world: World) -> Answer:
    return client_of(without_store(world.house)).get("/readyz")


def internal(world: World) -> Answer:
    _, publication = a_live_one(world)
    return client_of(with_fault(world.house)).get(f"/v1/publications/{publication}/800", headers=world.as_role(Role.EDITOR))


def get(path: str, role: Role = Role.HEAD) -> Callable[[World], Answer]:
    return lambda world: world.client.get(path, headers=world.as_role(role))


def photo(content: bytes, **fields: Any) -> Callable[[World], Answer]:
    return lambda world: world.sends(file=("a.jpg", content), **fields)


REACHED: Final[Mapping[Problem, Callable[[World], Answer]]] = {
    Problem.UNAUTHENTICATED: lambda world: world.client.get("/v1/pupils"),
    Problem.FORBIDDEN: get("/v1/pupils", Role.EDITOR),
    Problem.NOT_FOUND: get(f"/v1/photos/{UNKNOWN}"),
    Problem.NO_ROUTE: get("/v1/nowhere"),
    Problem.METHOD_NOT_ALLOWED: lambda world: world.client.put("/v1/pupils", headers=world.as_role(Role.HEAD)),
    Problem.GONE: gone,
    Problem.CONFLICT: conflict,
    Problem.SECOND_PERSON_NEEDED: second_person_needed,
    Problem.OTHER_FILE: other_file,
    Problem.TOO_SLOW: too_slow,
    Problem.TOO_LARGE: too_large,
    Problem.UNSUPPORTED_TYPE: photo(b"words"),
    Problem.NOT_MULTIPART: lambda world: world.client.post("/v1/photos", json={}, headers=world.as_role(Role.TEACHER)),
    Problem.NOT_JSON: not_json,
    Problem.INVALID: get("/v1/pupils?reg_group=" + "x" * 41),
    Problem.MALFORMED: malformed,
    Problem.IMAGE_REFUSED: photo(picture(1)[:-100]),
    Problem.FILE_REFUSED: lambda world: world.previews({"nothing": "known"}),
    Problem.SUBJECT_UNKNOWN: subject_unknown,
    Problem.DESTINATION_UNKNOWN: get("/v1/publications?destination=nowhere"),
    Problem.HEADERS_TOO_LARGE: lambda world: world.client.get("/v1/pupils", headers={"x-name": "x" * 20_000}),
    Problem.QUEUE_FULL: queue_full,
    Problem.BUSY: busy,
    Problem.STORE_UNAVAILABLE: store_unavailable,
    Problem.DATABASE_UNAVAILABLE: database_unavailable,
    Problem.NOT_READY: not_ready,
    Problem.INTERNAL: internal,
}


@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.code)
def test_every_problem_can_be_met_and_says_its_code(world: World, problem: Problem) -> None:
    answer = REACHED[problem](world)
    body = answer.json()
    assert (body["type"], body["status"], answer.status_code) == (f"/problems/{problem.code}", problem.status, problem.status)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert ("retry-after" in answer.headers) is (problem.status in {429, 503})
    assert SECRET not in answer.text + repr(answer.headers)


def test_no_two_problems_share_a_code() -> None:
    assert len({problem.code for problem in Problem}) == len(Problem)


FAULTS: Final[tuple[tuple[Exception, Problem], ...]] = (
    (ProblemError(Problem.GONE), Problem.GONE),
    (UnknownDestination(), Problem.DESTINATION_UNKNOWN),
    (edit.SecondPersonNeeded(), Problem.SECOND_PERSON_NEEDED),
    (imports.SecondPersonNeeded(), Problem.SECOND_PERSON_NEEDED),
    (imports.OtherFile(), Problem.OTHER_FILE),
    (NotFound(SECRET), Problem.NOT_FOUND),
    (Conflict(SECRET), Problem.CONFLICT),
    (SilentChange(SECRET), Problem.INTERNAL),
    (LockOrder(SECRET), Problem.INTERNAL),
    (Fenced(SECRET), Problem.INTERNAL),
    (NotGone(SECRET), Problem.INTERNAL),
    (StoreUnavailable(SECRET), Problem.STORE_UNAVAILABLE),
    (refuse(ProblemCode.FILE_EMPTY), Problem.FILE_REFUSED),
    (OperationalError(SECRET, {SECRET: SECRET}, Exception(SECRET)), Problem.DATABASE_UNAVAILABLE),
    (IntegrityError(SECRET, {SECRET: SECRET}, Exception(SECRET)), Problem.INTERNAL),
    (ValueError(SECRET), Problem.INTERNAL),
    (MemoryError(SECRET), Problem.INTERNAL),
)


@pytest.mark.parametrize(("fault", "problem"), FAULTS, ids=lambda one: type(one).__name__)
def test_each_error_is_one_problem_and_keeps_its_words_to_itself(fault: Exception, problem: Problem) -> None:
    answer = problems.answer(fault)
    assert answer.status_code == problem.status
    assert f'"/problems/{problem.code}"'.encode() in answer.body
    assert SECRET.encode() not in bytes(answer.body)


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_a_picture_is_a_refusal_of_the_request(refusal: Refusal) -> None:
    found = problems.of(ImagingError(refusal))
    assert found.problem in (Problem.UNSUPPORTED_TYPE, Problem.IMAGE_REFUSED, Problem.TOO_LARGE)
    assert found.problem is Problem.TOO_LARGE or found.extra == {"reason": refusal.value}


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (404, Problem.NO_ROUTE),
        (405, Problem.METHOD_NOT_ALLOWED),
        (400, Problem.MALFORMED),
        (418, Problem.INTERNAL),
        (0, Problem.INTERNAL),
    ],
)
def test_a_refusal_of_the_framework_is_one_of_our_problems(status: int, problem: Problem) -> None:
    assert problems.of_status(status) is problem


def test_documented_problems_of_one_status_stand_together() -> None:
    found = problems.documented(Problem.CONFLICT, Problem.SECOND_PERSON_NEEDED, Problem.CONFLICT, Problem.GONE)
    assert {status: entry["description"] for status, entry in found.items()} == {
        "409": "`conflict`, `second-person-needed`",
        "410": "`gone`",
    }


def test_an_answer_that_cannot_be_kept_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    answer = store_unavailable(world)
    assert answer.status_code == 503
    assert world.works() == 0
    assert world.originals() == []
