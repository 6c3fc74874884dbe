"""Every error a caller can get: one stable code, one HTTP status, one plain sentence (RFC 9457). Nothing is echoed, ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from consent.purposes import UnknownDestination
from service.imaging import ImagingError, Refusal
from service.mis.refusal import FileRefused
from service.pipeline import edit, imports
from storage.errors import Conflict, NotFound, StorageError, UnknownRegGroup
from storage.objects.errors import StoreError
from storage.reggroups import NOBODY_THERE

MEDIA_TYPE: Final = "application/problem+json"
_log = structlog.get_logger("problems")


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    status: HTTPStatus
    sentence: str
    retry_after: int | None = None
    """Seconds after which a client that comes again is served, unless it is still so."""


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
    TOO_SLOW = _Kind("too-slow", HTTPStatus.REQUEST_TIMEOUT, "The request came too slowly; send it again.")
    TOO_LARGE = _Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")
    UNSUPPORTED_TYPE = _Kind("unsupported-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This kind of file is not taken.")
    NOT_MULTIPART = _Kind("not-multipart", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This call takes multipart/form-data.")
    NOT_JSON = _Kind("not-json", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This call takes application/json.")
    INVALID = _Kind("invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "Something in the request is missing or not as documented.")
    MALFORMED = _Kind("malformed", HTTPStatus.BAD_REQUEST, "The request can't be read.")
    IMAGE_REFUSED = _Kind("image-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "The picture can't be taken.")
    FILE_REFUSED = _Kind("file-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "The register file was refused as a whole.")
    SUBJECT_UNKNOWN = _Kind("subject-unknown", HTTPStatus.UNPROCESSABLE_ENTITY, "A pupil or photo named is not known here.")
    DESTINATION_UNKNOWN = _Kind("destination-unknown", HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such destination.")
    HEADERS_TOO_LARGE = _Kind(
        "headers-too-large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The address and headers of the request are too long."
    )
    QUEUE_FULL = _Kind("queue-full", HTTPStatus.TOO_MANY_REQUESTS, "Too many photos wait to be prepared; try again later.", 30)
    BUSY = _Kind("busy", HTTPStatus.SERVICE_UNAVAILABLE, "Too much at once; try again shortly.", 5)
    STORE_UNAVAILABLE = _Kind(
        "store-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "The store is out of reach; try again shortly.", 5
    )
    DATABASE_UNAVAILABLE = _Kind(
        "database-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Out of reach just now; try again shortly.", 5
    )
    NOT_READY = _Kind("not-ready", HTTPStatus.SERVICE_UNAVAILABLE, "Nothing can be published just now.", 5)
    INTERNAL = _Kind("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. Nothing was published by it.")

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value.code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value.status)

    @property
    def phrase(self) -> str:
        """What HTTP calls the status."""
        return self.value.status.phrase

    @property
    def address(self) -> str:
        """What the ``type`` of its document says; it ends in the code."""
        return f"/problems/{self.code}"


class ProblemError(Exception):
    """Ends a request with a problem. ``extra`` are members of the document: codes, rows and columns, never values."""

    def __init__(self, problem: Problem, *, sentence: str | None = None, extra: Mapping[str, object] | None = None) -> None:
        """Choose the problem, and say more where there is more to say."""
        super().__init__(problem.code)
        self.problem = problem
        self.sentence = sentence
        self.extra = extra


_WRONG_KIND: Final = frozenset({Refusal.UNSUPPORTED, Refusal.VIDEO, Refusal.NOT_AN_IMAGE})
_FAULTS: Final[tuple[tuple[type[Exception], Problem], ...]] = (
    (UnknownDestination, Problem.DESTINATION_UNKNOWN),
    (edit.SecondPersonNeeded, Problem.SECOND_PERSON_NEEDED),
    (imports.SecondPersonNeeded, Problem.SECOND_PERSON_NEEDED),
    (imports.OtherFile, Problem.OTHER_FILE),
    (NotFound, Problem.NOT_FOUND),
    (Conflict, Problem.CONFLICT),
    (StoreError, Problem.STORE_UNAVAILABLE),
    (StorageError, Problem.INTERNAL),
    (OperationalError, Problem.DATABASE_UNAVAILABLE),
    (InterfaceError, Problem.DATABASE_UNAVAILABLE),
    (NoConnection, Problem.DATABASE_UNAVAILABLE),
)
"""What each error is to a caller; the first that fits."""
FAULTS: Final = (ProblemError, ImagingError, FileRefused, *(kind for kind, _ in _FAULTS))
"""Every error that means something to a caller."""
_BY_STATUS: Final = {
    HTTPStatus.NOT_FOUND: Problem.NO_ROUTE,
    HTTPStatus.METHOD_NOT_ALLOWED: Problem.METHOD_NOT_ALLOWED,
    HTTPStatus.BAD_REQUEST: Problem.MALFORMED,
}


def of(fault: Exception) -> ProblemError:
    """Say which problem one of our errors is to a caller. An error of nobody's is ``internal``."""
    match fault:
        case ProblemError():
            return fault
        case ImagingError(reason=Refusal.TOO_LARGE):
            return ProblemError(Problem.TOO_LARGE)
        case ImagingError():
            kind = Problem.UNSUPPORTED_TYPE if fault.reason in _WRONG_KIND else Problem.IMAGE_REFUSED
            return ProblemError(kind, sentence=fault.reason.sentence, extra={"reason": fault.reason.value})
        case UnknownRegGroup():
            return ProblemError(Problem.INVALID, sentence=NOBODY_THERE, extra={"fields": ["reg_groups"]})
        case FileRefused():
            found = [{"row": one.row, "column": one.column, "code": one.code.value} for one in fault.problems]
            return ProblemError(Problem.FILE_REFUSED, extra={"problems": found})
        case _:
            return ProblemError(next((problem for kind, problem in _FAULTS if isinstance(fault, kind)), Problem.INTERNAL))


def of_status(status: int) -> Problem:
    """Say which problem a refusal of the framework's is."""
    return next((problem for known, problem in _BY_STATUS.items() if known == status), Problem.INTERNAL)


def respond(
    problem: Problem,
    *,
    sentence: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> JSONResponse:
    """Write the problem document. ``extra``: more members of it."""
    body: dict[str, object] = {
        "type": problem.address,
        "title": problem.value.sentence,
        "status": problem.status,
        "detail": sentence or problem.value.sentence,
        **(extra or {}),
    }
    said = {"cache-control": "no-store", **(headers or {})}
    if problem.value.retry_after is not None:
        said["retry-after"] = str(problem.value.retry_after)
    if problem is Problem.UNAUTHENTICATED:
        said["www-authenticate"] = "Bearer"
    return JSONResponse(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=said)


def answer(fault: Exception) -> JSONResponse:
    """Write the problem document of an error, and log what is ours to mend: the kind of error, never its words."""
    found = of(fault)
    if found.problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request-failed", problem=found.problem.code, fault=type(fault).__name__)
    return respond(found.problem, sentence=found.sentence, extra=found.extra)


async def on_error(_request: Request, fault: Exception) -> JSONResponse:
    """Answer an error."""
    return answer(fault)


def documented(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """Describe a route's own problems for the OpenAPI document, by status. ``service.app.openapi`` adds those that all have."""
    found: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        add(found, problem)
    return found


def add(responses: dict[int | str, dict[str, Any]], problem: Problem) -> None:
    """Add one problem to the responses of an operation, beside those of the same status."""
    said = [{"$ref": "#/components/schemas/Problem"}, {"properties": {"type": {"enum": []}, "status": {"const": problem.status}}}]
    empty = {"description": "", "content": {MEDIA_TYPE: {"schema": {"allOf": said}}}}
    entry = responses.setdefault(str(problem.status), empty)
    codes = entry["content"][MEDIA_TYPE]["schema"]["allOf"][1]["properties"]["type"]["enum"]
    if problem.address not in codes:
        codes.append(problem.address)
        entry["description"] = ", ".join(f"`{code.rpartition('/')[2]}`" for code in codes)


READY_PARTS: Final = ("database", "store", "imaging", "policy", "register_fresh")
SCHEMA: Final[dict[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. Nothing of the request is repeated.",
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
        **{name: {"type": "boolean", "description": "With `not-ready`: whether this part is."} for name in READY_PARTS},
        "waiting": {"type": "integer", "description": "With `not-ready`: steps that are not done."},
    },
}
