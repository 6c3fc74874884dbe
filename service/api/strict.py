"""What holds for every call: the role is settled before the body is read, and nothing is read that could be read in two ways."""

from collections.abc import Callable, Coroutine, Iterable
from contextlib import closing
from functools import partial
from typing import Any, Final, get_origin
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from consent.canonical import NotCanonical, parse
from consent.photo import PhotoId
from service.api.common import house_of
from service.api.forms import FormReader, InMemory, Sink
from service.auth import Needs, caller_of
from service.problems import Problem, ProblemError

FORM: Final = "multipart/form-data"
JSON: Final = "application/json"


def make_router(tag: str) -> APIRouter:
    """Make a router of the API's calls, all below ``/v1`` and all strict."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=StrictRoute)


class StrictRoute(APIRoute):
    """A call. Refused before a byte of its body is read: a role without the permission, and another content type.

    Refused as a whole: a body that is not UTF-8, and a parameter, form field or JSON member that stands twice but is no list.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, behind those checks."""
        handler = super().get_route_handler()
        needs = needs_of(self.dependant)
        body = self.body_field.field_info if self.body_field is not None else None
        media_type = getattr(body, "media_type", None)
        shape = getattr(body, "annotation", None)
        lists = frozenset(_lists(shape))
        begin = _into_quarantine if getattr(shape, "into_quarantine", False) else _into_memory

        async def strictly(request: Request) -> Response:
            for need in needs:
                need(request)
            _refuse_repeated_parameters(request, self.dependant)
            _check_content_type(request, media_type)
            strict = _StrictRequest(request.scope, request.receive)
            if media_type != FORM:
                return await handler(strict)
            with closing(FormReader(request.headers["content-type"], begin=partial(begin, request))) as reader:
                await strict.read_form(reader, lists)
                return await handler(strict)

        return strictly


def needs_of(dependant: Dependant) -> tuple[Needs, ...]:
    """Return every permission that a call asks for."""
    return tuple(one.call for one in _flat(dependant) if isinstance(one.call, Needs))


class _StrictRequest(Request):
    """A request whose body has one reading."""

    async def json(self) -> Any:  # noqa: ANN401 - as in the base class
        """Read the body as JSON, UTF-8, no member twice. Raises ``malformed``."""
        try:
            return parse((await self.body()).decode())
        except (NotCanonical, UnicodeDecodeError) as fault:
            raise ProblemError(Problem.MALFORMED) from fault

    async def read_form(self, reader: FormReader, lists: frozenset[str]) -> None:
        """Read the body as a form; only fields in ``lists`` may stand more than once. Raises ``invalid``, and as FormReader."""
        try:
            form = await reader.read(self.stream())
        except ClientDisconnect as fault:
            raise ProblemError(Problem.MALFORMED) from fault
        self._form: FormData | None = form  # where the base class keeps it: what reads the form next, reads this
        if {name for name in form if len(form.getlist(name)) > 1} - lists:
            raise ProblemError(Problem.INVALID)


def _into_quarantine(request: Request) -> Sink:
    return house_of(request).quarantine.receive(school_id=caller_of(request).school, photo_id=PhotoId(uuid4().hex))


def _into_memory(_request: Request) -> Sink:
    return InMemory()


def _check_content_type(request: Request, wanted: str | None) -> None:
    if wanted is None:
        return
    said, _ = parse_options_header(request.headers.get("content-type"))
    if said.decode("latin-1") != wanted or len(request.headers.getlist("content-type")) > 1:
        raise ProblemError(Problem.NOT_MULTIPART if wanted == FORM else Problem.NOT_JSON)


def _refuse_repeated_parameters(request: Request, dependant: Dependant) -> None:
    headers = [param for one in _flat(dependant) for param in one.header_params]
    single = [param.alias for param in headers if get_origin(param.field_info.annotation) is not list]
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)) or any(len(request.headers.getlist(name)) > 1 for name in single):
        raise ProblemError(Problem.INVALID)


def _flat(dependant: Dependant) -> Iterable[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from _flat(one)


def _lists(form: Any) -> Iterable[str]:  # noqa: ANN401 - a class of pydantic's, or nothing
    fields = getattr(form, "model_fields", {})
    return [name for name, field in fields.items() if get_origin(field.annotation) is list]
