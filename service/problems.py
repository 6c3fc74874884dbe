"""Every error a caller can get: one stable code, one HTTP status, one plain sentence (RFC 9457). Nothing is echoed, ever."""

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import JSONResponse

from consent.purposes import UnknownDestination
from service.imaging import ImagingError, Refusal
from service.mis.refusal import FileRefused
from service.pipeline import edit, imports
from storage.errors import Conflict, NotFound, StorageError
from storage.objects.errors import StoreError

MEDIA_TYPE: Final = "application/problem+json"
_WRONG_KIND: Final = frozenset({Refusal.UNSUPPORTED, Refusal.VIDEO, Refusal.NOT_AN_IMAGE})


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    status: HTTPStatus
    sentence: str


class Problem(Enum):
    """The closed list. Codes are permanent; docs/api.md explains each."""

    UNAUTHENTICATED = _Kind("unauthenticated", HTTPStatus.UNAUTHORIZED, "A valid bearer token is needed.")
    FORBIDDEN = _Kind("forbidden", HTTPStatus.FORBIDDEN, "This role may not do that.")
    NOT_FOUND = _Kind("not-found", HTTPStatus.NOT_FOUND, "There is no such thing here.")
    NO_ROUTE = _Kind("no-route", HTTPStatus.NOT_FOUND, "There is nothing at this address.")
    METHOD_NOT_ALLOWED = _Kind("method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take that method.")
    GONE = _Kind("gone", HTTPStatus.GONE, "This was taken down.")
    CONFLICT = _Kind("conflict", HTTPStatus.CONFLICT, "That does not fit the state it is in.")
    SECOND_PERSON_NEEDED = _Kind("second-person-needed", HTTPStatus.CONFLICT, "A second person must do this.")
    OTHER_FILE = _Kind("other-file", HTTPStatus.CONFLICT, "The digest is not that of the previewed file.")
    TOO_LARGE = _Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The upload is too large.")
    UNSUPPORTED_TYPE = _Kind("unsupported-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This kind of file is not taken.")
    NOT_MULTIPART = _Kind("not-multipart", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This call takes multipart/form-data.")
    NOT_JSON = _Kind("not-json", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This call takes application/json.")
    INVALID = _Kind("invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "Something in the request is missing or not as documented.")
    MALFORMED = _Kind("malformed", HTTPStatus.BAD_REQUEST, "The request can't be read.")
    IMAGE_REFUSED = _Kind("image-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "The picture can't be taken.")
    FILE_REFUSED = _Kind("file-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "The register file was refused as a whole.")
    SUBJECT_UNKNOWN = _Kind("subject-unknown", HTTPStatus.UNPROCESSABLE_ENTITY, "A pupil named is not on this school's register.")
    DESTINATION_UNKNOWN = _Kind("destination-unknown", HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such destination.")
    BUSY = _Kind("busy", HTTPStatus.SERVICE_UNAVAILABLE, "Too much at once; try again shortly.")
    STORE_UNAVAILABLE = _Kind("store-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Nothing was accepted; try again shortly.")
    NOT_READY = _Kind("not-ready", HTTPStatus.SERVICE_UNAVAILABLE, "Nothing can be published just now.")
    INTERNAL = _Kind("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. Nothing was published by it.")

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value.code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value.status)


class ProblemError(Exception):
    """Ends a request with a problem. ``extra`` are members of the document: codes, rows and columns, never values."""

    def __init__(self, problem: Problem, *, sentence: str | None = None, **extra: object) -> None:
        """Choose the problem, and say more where there is more to say."""
        super().__init__(problem.code)
        self.problem = problem
        self.sentence = sentence
        self.extra = extra


def respond(problem: Problem, *, sentence: str | None = None, **extra: object) -> JSONResponse:
    """Write the problem document."""
    body: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": problem.value.sentence,
        "status": problem.status,
        "detail": sentence or problem.value.sentence,
        **extra,
    }
    headers = {"cache-control": "no-store"}
    if problem in (Problem.BUSY, Problem.STORE_UNAVAILABLE):
        headers["retry-after"] = "5"
    if problem is Problem.UNAUTHENTICATED:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def of(fault: Exception) -> ProblemError:
    """Say which problem one of our errors is to a caller. An error of nobody's is ``internal``."""
    match fault:
        case ProblemError():
            return fault
        case ImagingError():
            kind = Problem.UNSUPPORTED_TYPE if fault.reason in _WRONG_KIND else Problem.IMAGE_REFUSED
            return ProblemError(kind, sentence=fault.reason.sentence, reason=fault.reason.value)
        case FileRefused():
            found = [{"row": one.row, "column": one.column, "code": one.code.value} for one in fault.problems]
            return ProblemError(Problem.FILE_REFUSED, problems=found)
        case UnknownDestination():
            return ProblemError(Problem.DESTINATION_UNKNOWN)
        case edit.SecondPersonNeeded() | imports.SecondPersonNeeded():
            return ProblemError(Problem.SECOND_PERSON_NEEDED)
        case imports.OtherFile():
            return ProblemError(Problem.OTHER_FILE)
        case NotFound():
            return ProblemError(Problem.NOT_FOUND)
        case Conflict():
            return ProblemError(Problem.CONFLICT)
        case StoreError():
            return ProblemError(Problem.STORE_UNAVAILABLE)
        case StorageError():
            return ProblemError(Problem.INTERNAL)
        case _:
            return ProblemError(Problem.INTERNAL)


def documented(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """Describe problems for the OpenAPI document, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for problem in (*problems, Problem.UNAUTHENTICATED, Problem.FORBIDDEN, Problem.INVALID, Problem.MALFORMED):
        entry = found.setdefault(problem.status, {"description": "", "content": {MEDIA_TYPE: {"schema": SCHEMA}}})
        codes = [*filter(None, entry["description"].split(", ")), f"`{problem.code}`"]
        entry["description"] = ", ".join(dict.fromkeys(codes))
    return found


async def on_error(_request: Request, fault: Exception) -> JSONResponse:
    """Answer one of our errors."""
    found = of(fault)
    return respond(found.problem, sentence=found.sentence, **found.extra)


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Ends in the stable code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reason": {"type": "string", "description": "Code of the refusal of an image."},
        "fields": {"type": "array", "items": {"type": "string"}, "description": "Names of the fields at fault."},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["row", "column", "code"],
                "properties": {"row": {"type": "integer"}, "column": {"type": "string"}, "code": {"type": "string"}},
            },
        },
    },
}
