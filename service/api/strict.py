"""What holds for every call: the role is settled before the body is read, and nothing is read that could be read in two ways."""

import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from consent.canonical import NotCanonical, parse
from service.auth import Needs
from service.problems import Problem, ProblemError

FORM: Final = "multipart/form-data"
JSON: Final = "application/json"
_MOST_FILES: Final = 10
_MOST_FIELDS: Final = 1000


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
        lists = frozenset(_lists(getattr(body, "annotation", None)))

        async def strictly(request: Request) -> Response:
            for need in needs:
                need(request)
            _refuse_repeated_parameters(request, self.dependant)
            _check_content_type(request, media_type)
            strict = _StrictRequest(request.scope, request.receive)
            if media_type == FORM:
                await strict.read_form(lists)
            return await handler(strict)

        return strictly


def needs_of(dependant: Dependant) -> tuple[Needs, ...]:
    """Return every permission that a call asks for."""
    return tuple(one.call for one in _flat(dependant) if isinstance(one.call, Needs))


class _StrictRequest(Request):
    """A request whose body has one reading. Files stay in memory, under the door's limit: no GPS in a temp folder."""

    async def json(self) -> Any:  # noqa: ANN401 - as in the base class
        """Read the body as JSON, UTF-8, no member twice. Raises ``malformed``."""
        try:
            return parse((await self.body()).decode())
        except (NotCanonical, UnicodeDecodeError) as fault:
            raise ProblemError(Problem.MALFORMED) from fault

    async def read_form(self, lists: frozenset[str]) -> None:
        """Read the body as a form; only fields in ``lists`` may stand more than once. Raises ``malformed`` and ``invalid``."""
        parser = _Parser(self.headers, self.stream(), max_files=_MOST_FILES, max_fields=_MOST_FIELDS)
        parser.spool_max_size = sys.maxsize  # never
        try:
            form = await parser.parse_whole()
        except (MultiPartException, ClientDisconnect, ValueError) as fault:
            raise ProblemError(Problem.MALFORMED) from fault
        self._form: FormData | None = form  # where the base class keeps it: what reads the form next, reads this
        repeated = {name for name in form if len(form.getlist(name)) > 1} - lists
        if repeated:
            await form.close()
            raise ProblemError(Problem.INVALID)


class _Parser(MultiPartParser):
    """Reads text as UTF-8 whatever the request says; what is none is refused, not guessed."""

    _ended = False

    async def parse_whole(self) -> FormData:
        """Read the form to its end. Raises MultiPartException for one cut off: its last part, a subject maybe, would be lost."""
        form = await self.parse()
        if not self._ended:
            await form.close()
            raise MultiPartException("cut off")
        return form

    def on_end(self) -> None:
        """Note the last boundary."""
        self._ended = True

    def on_part_begin(self) -> None:
        """Begin a part."""
        super().on_part_begin()
        self._charset = "utf-8"

    def on_part_end(self) -> None:
        """End a part. Raises UnicodeDecodeError."""
        if self._current_part.file is None:
            self._current_part.data.decode()
        super().on_part_end()


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
