"""Entity tags: what a reader has already is not sent again (RFC 9110, 8.8.3 and 13.1.2)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Header, Response
from pydantic import BaseModel

from service.api.common import NO_STORE

IfNoneMatch = Annotated[list[str], Header(description="Entity tags of what the reader has.")]
ANSWERS_304: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Nothing changed.", "headers": {"ETag": {"schema": {"type": "string"}}}}
}
"""For the OpenAPI document."""


def tag_of(body: BaseModel) -> str:
    """Return a weak tag: equal for equal answers, whatever the spelling of their JSON."""
    return f'W/"{sha256(body.model_dump_json().encode()).hexdigest()}"'


def tag_of_bytes(digest: str) -> str:
    """Return the strong tag of bytes with this hex SHA-256."""
    return f'"{digest}"'


def unchanged(if_none_match: Iterable[str], tag: str) -> Response | None:
    """Return the answer that nothing changed, if the reader has what ``tag`` names; else None.

    MUST be asked only once it is settled that the reader may see it now: what was taken down is gone, not unchanged.
    """
    had = {one.strip() for line in if_none_match for one in line.split(",")}
    if "*" not in had and tag.removeprefix("W/") not in {one.removeprefix("W/") for one in had}:
        return None
    return Response(status_code=304, headers={**NO_STORE, "etag": tag})
