"""The web application: routes, the door, and errors that echo nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from consent.purposes import UnknownDestination
from service import problems
from service.api import access, decisions, health, imports, photos, publications, pupils
from service.door import Door
from service.imaging import ImagingError
from service.mis.refusal import FileRefused
from service.pages import enrol
from service.problems import Problem, ProblemError, respond
from service.wiring import House
from service.worker import Worker
from storage import users
from storage.errors import StorageError
from storage.objects.errors import StoreError
from storage.users import Caller

_log = structlog.get_logger("app")
_OURS = (ProblemError, ImagingError, FileRefused, UnknownDestination, StorageError, StoreError)


def create(house: House, *, with_worker: bool = False) -> FastAPI:
    """Make the application around a house; ``with_worker`` also runs one worker while it serves."""
    # Uploads stay in memory, under the door's limits: a part that is spooled would lie in the temp folder, GPS and all.
    MultiPartParser.spool_max_size = house.settings.max_upload_bytes + 1
    app = FastAPI(
        title="Photo-consent gatekeeper",
        version="1",
        description="Errors are RFC 9457 problem documents whose `type` ends in a stable code.",
        lifespan=_lifespan(house, with_worker=with_worker),
        telemetry=None,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1-openapi.json",
    )
    app.state.house = house
    for router in (photos.router, publications.router, pupils.router, imports.router, decisions.router, access.router):
        app.include_router(router, prefix="/v1")
    app.include_router(access.open_router)
    app.include_router(health.router)
    app.include_router(enrol.router)
    for kind in _OURS:
        app.add_exception_handler(kind, problems.on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_anything)
    app.add_middleware(
        Door,
        find=_finder(house),
        max_bytes=house.settings.max_upload_bytes,
        max_uploads=house.settings.max_uploads_at_once,
    )
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign] # the documented way to adapt the document
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document as it is committed in docs/openapi.json."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["bearer"] = {"type": "http", "scheme": "bearer"}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation["responses"].setdefault("500", {"description": "`internal`", "content": _problem_content()})
                if path.startswith("/v1/"):
                    operation["security"] = [{"bearer": []}]
        app.openapi_schema = document
    return app.openapi_schema


def _problem_content() -> dict[str, Any]:
    return {problems.MEDIA_TYPE: {"schema": problems.SCHEMA}}


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


async def _on_invalid(_request: Request, fault: Exception) -> JSONResponse:
    """Name the fields at fault, never what was in them."""
    fields: list[str] = []
    if isinstance(fault, RequestValidationError):
        where = (".".join(str(part) for part in one["loc"][1:2]) for one in fault.errors())
        fields = sorted({name for name in where if name in KNOWN_FIELDS})
    return respond(Problem.INVALID, fields=fields)


async def _on_http(_request: Request, fault: Exception) -> JSONResponse:
    status = fault.status_code if isinstance(fault, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    found = {
        HTTPStatus.NOT_FOUND: Problem.NO_ROUTE,
        HTTPStatus.METHOD_NOT_ALLOWED: Problem.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Problem.TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Problem.NOT_JSON,
        HTTPStatus.BAD_REQUEST: Problem.MALFORMED,
    }.get(HTTPStatus(status), Problem.INTERNAL)
    return respond(found)


async def _on_anything(_request: Request, fault: Exception) -> JSONResponse:
    _log.error("request-failed", fault=type(fault).__name__)
    return respond(Problem.INTERNAL)


def _fields_of(app_shapes: object) -> frozenset[str]:
    found: set[str] = set()
    for shape in vars(app_shapes).values():
        found.update(getattr(shape, "model_fields", {}))
    return frozenset(found)


KNOWN_FIELDS = _fields_of(photos) | _fields_of(pupils) | _fields_of(imports) | _fields_of(access)
"""The names that an error may repeat: ours. A member that nobody knows is not named, for it may be anything."""
