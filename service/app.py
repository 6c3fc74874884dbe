"""The web application: routes, the door, and errors that echo nothing."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from itertools import takewhile
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from service import problems
from service.api import access, decisions, devices, exceptions, health, imports, looking, photos, publications, pupils
from service.door import GUARDED, UPLOADS, Door, Limits
from service.pace import Rhythm
from service.pages import enrol
from service.problems import Problem, respond
from service.settings import Settings
from service.wiring import House
from service.worker import Worker
from storage import photos as photo_rows
from storage import users
from storage.users import Caller

_ROUTERS: Final = (
    looking.router,
    photos.router,
    publications.router,
    pupils.router,
    imports.router,
    decisions.router,
    devices.router,
    exceptions.router,
    access.router,
    access.open_router,
    health.router,
    enrol.router,
)
_DESTINATIONS: Final = frozenset({"destination", "destinations"})
_PARTS_OF_A_REQUEST: Final = frozenset({"body", "query", "header", "path"})


def create(house: House, *, with_worker: bool = False) -> FastAPI:
    """Make the application around a house; ``with_worker`` also runs one worker while it serves."""
    app = assemble(lifespan=_lifespan(house, with_worker=with_worker))
    app.state.house = house
    app.add_middleware(
        Door,
        find=_finder(house),
        has_room=_room(house),
        limits=_limits(house.settings),
    )
    return app


def assemble(*, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    """Put the routes and the answers to every error together: all that can be said of the application without a house."""
    app = FastAPI(
        title="Photo-consent gatekeeper",
        version="1",
        description="Errors are RFC 9457 problem documents whose `type` ends in a stable code.",
        lifespan=lifespan,
        telemetry=None,
        redirect_slashes=False,  # a redirect would repeat the query
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1-openapi.json",
    )
    for router in _ROUTERS:
        app.include_router(router)
    for kind in problems.FAULTS:
        app.add_exception_handler(kind, problems.on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign] # the documented way to adapt the document
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document as it is committed in docs/openapi.json."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        document = json.loads(json.dumps(made))  # problems share one schema; what is added below is for one place
        parts = document["components"]
        parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        parts["schemas"]["Problem"] = problems.SCHEMA
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for problem in _common(path, operation):
                    problems.add(operation["responses"], problem)
                if path.startswith(GUARDED):
                    operation["security"] = [{"bearer": []}]
                operation["responses"] = dict(sorted(operation["responses"].items()))
        app.openapi_schema = document
    return app.openapi_schema


def _common(path: str, operation: dict[str, Any]) -> Iterator[Problem]:
    """Yield the problems that an operation has because of what it is."""
    guarded, body = path.startswith(GUARDED), operation.get("requestBody", {}).get("content", {})
    if guarded:
        yield from (Problem.UNAUTHENTICATED, Problem.FORBIDDEN)
    if body:
        yield from (Problem.MALFORMED, Problem.TOO_LARGE, Problem.TOO_SLOW)
        yield Problem.NOT_MULTIPART if path in UPLOADS else Problem.NOT_JSON
    if guarded or body:
        yield Problem.DATABASE_UNAVAILABLE
    yield from (Problem.HEADERS_TOO_LARGE, Problem.INTERNAL)


def _lifespan(house: House, *, with_worker: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker = Worker(house=house, name=house.settings.worker_name) if with_worker else None
        if worker is not None:
            worker.start()
        try:
            yield
        finally:
            if worker is not None:
                worker.stop()

    return lifespan


def _finder(house: House) -> Callable[[str], Caller | None]:
    def find(token: str) -> Caller | None:
        with house.engine.connect() as connection:
            return users.caller(connection, token, now=house.store.clock())

    return find


def _room(house: House) -> Callable[[Caller], bool]:
    most = house.settings.max_waiting_photos

    def has_room(caller: Caller) -> bool:
        with house.store.reading(caller.school) as look:
            return photo_rows.waiting(look, most=most) < most

    return has_room


def _limits(settings: Settings) -> Limits:
    return Limits(
        header_bytes=settings.max_header_bytes,
        upload_bytes=settings.max_upload_bytes,
        uploads=settings.max_uploads_at_once,
        rhythm=Rhythm.of(settings),
    )


async def _on_invalid(_request: Request, fault: Exception) -> JSONResponse:
    """Name the fields at fault, never what was in them."""
    errors = fault.errors() if isinstance(fault, RequestValidationError) else ()
    fields = sorted({name for one in errors for name in _fields_at_fault(one)})
    unspelled = {one["type"] for one in errors} == {"string_pattern_mismatch"}
    if unspelled and _DESTINATIONS.issuperset(fields):
        return respond(Problem.DESTINATION_UNKNOWN)
    return respond(Problem.INVALID, extra={"fields": fields})


def _fields_at_fault(error: dict[str, Any]) -> Iterator[str]:
    """Name fields of ours, ``by.relation``. A member that nobody knows is not named, for it may be anything."""
    path = [part for part in error["loc"] if isinstance(part, str)]
    start = 1 if path and path[0] in _PARTS_OF_A_REQUEST else 0
    known = list(takewhile(known_fields().__contains__, path[start:]))
    if known:
        yield ".".join(known)
    if error["type"] == "unfit":
        yield from error["ctx"]["fields"]


@cache
def known_fields() -> frozenset[str]:
    """Return the name of every parameter and member that the API knows."""
    document = openapi(assemble())
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    parameters = {one["name"] for operation in operations for one in operation.get("parameters", ())}
    return frozenset(parameters).union(*(shape.get("properties", ()) for shape in document["components"]["schemas"].values()))


async def _on_http(request: Request, fault: Exception) -> JSONResponse:
    """Answer what the framework refuses. Its own words may hold the request's; they are dropped."""
    found = problems.of_status(fault.status_code if isinstance(fault, HTTPException) else 0)
    allowed = {"allow": ", ".join(_methods_at(request))} if found is Problem.METHOD_NOT_ALLOWED else None
    return respond(found, headers=allowed)


def _methods_at(request: Request) -> list[str]:
    here = getattr(request.scope.get("route"), "path", None)
    found = (one for one in iter_route_contexts(request.app.routes) if one.path == here)
    return sorted({method for one in found for method in one.methods or ()})
