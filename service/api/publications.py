"""Publications: pull what is published, follow what comes and goes, prove what is gone."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from sqlalchemy import Row

from consent.events import Event
from consent.people import PupilId
from consent.purposes import Journal, parse_destination
from service.api.common import NO_STORE, AtHand, show, sight_of
from service.api.etags import ANSWERS_304, IfNoneMatch, tag_of, tag_of_bytes, unchanged
from service.api.fields import PathIdentity, Spelled
from service.api.shown import Change, Changes, ProbeShown, Publications, PublicationShown, Receipt, RenditionShown
from service.api.strict import make_router
from service.auth import SEES_WHY, Needs, Permission
from service.problems import Problem, ProblemError, documented
from storage import auditlog, publications, registers
from storage.errors import NotFound
from storage.gallery import Gallery, Gone
from storage.store import Reading
from storage.users import Caller, Role

router = make_router("publications")
_SCHOOL_WIDE = frozenset({"website", "high-profile", "shared-site"})
Cursor = Annotated[str, Query(pattern="^[0-9]{1,9}$", description="`next` of the page before; 0 is the beginning.")]
Reader = Annotated[Caller, Depends(Needs(Permission.PUBLICATION_READ))]


@router.get(
    "/publications",
    response_model=Publications,
    responses={
        200: {"headers": {"ETag": {"schema": {"type": "string"}}}},
        **ANSWERS_304,
        **documented(Problem.NOT_FOUND, Problem.INVALID, Problem.DESTINATION_UNKNOWN),
    },
)
def list_publications(
    house: AtHand,
    caller: Reader,
    response: Response,
    destination: Annotated[Spelled | None, Query()] = None,
    after: Cursor = "0",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: IfNoneMatch = [],  # noqa: B006 - FastAPI reads it, nobody changes it
) -> Publications | Response:
    """List what is published, in the order it came out. A journal is listed for its class's teachers, head and DSL."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        wanted = _SCHOOL_WIDE if destination is None else frozenset({destination})
        if not all(_may_see(look, caller, one) for one in wanted):
            raise NotFound("not this caller's destination")
        found = publications.published(look, destinations=wanted, journals=False, after=int(after), limit=limit + 1)
        items = [_shown(look, one) for one in found[:limit] if Gallery.closed(look, one) is None]
    following = str(found[limit - 1].position) if len(found) > limit else None
    body = Publications(items=items, next=following)
    response.headers["etag"] = tag_of(body)
    return unchanged(if_none_match, tag_of(body)) or body


@router.get(
    "/publications/{publication_id}/receipt",
    responses=documented(Problem.NOT_FOUND, Problem.INVALID, Problem.CONFLICT),
)
def look_at_receipt(publication_id: PathIdentity, house: AtHand, caller: Reader, response: Response) -> Receipt:
    """Prove a takedown: when it was closed, when the tombstones stood, and what the probes found."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        stored = _visible(look, caller, publication_id)
        if stored.state not in ("retracting", "retracted"):
            raise ProblemError(Problem.CONFLICT, sentence="It was not taken down.")
        exact = caller.role in SEES_WHY
        return Receipt(
            publication=stored.id,
            state=stored.state,
            committed_at=stored.retracting_at,
            tombstoned_at=stored.retracted_at,
            probes=[ProbeShown(**one) for one in (stored.receipt or {}).get("probes", [])],
            asked_by=stored.retracted_by if exact else None,
            because=show(publications.because(stored), sight_of(look, caller)) if exact else None,
        )


@router.get(
    "/publications/{publication_id}/{rendition}",
    response_class=Response,
    responses={
        200: {
            "description": "The image.",
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **ANSWERS_304,
        **documented(Problem.NOT_FOUND, Problem.INVALID, Problem.GONE, Problem.STORE_UNAVAILABLE),
    },
)
def look_at_rendition(
    publication_id: PathIdentity,
    rendition: Annotated[str, Path(pattern="^[0-9a-z]{1,20}$")],
    house: AtHand,
    caller: Reader,
    if_none_match: IfNoneMatch = [],  # noqa: B006 - FastAPI reads it, nobody changes it
) -> Response:
    """Give the bytes of one file; every read is checked again. 410 from the moment a withdrawal is in."""
    with house.store.reading(caller.school) as look:
        _visible(look, caller, publication_id)
        found = house.gallery.look(look, publication_id, rendition)
    if isinstance(found, Gone):
        raise ProblemError(Problem.GONE)
    tag = tag_of_bytes(found.sha256)
    headers = {
        **NO_STORE,
        "etag": tag,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'",
    }
    return unchanged(if_none_match, tag) or Response(found.content, media_type=found.media_type, headers=headers)


@router.get("/changes", responses=documented(Problem.INVALID))
def list_changes(
    house: AtHand,
    caller: Reader,
    response: Response,
    after: Cursor = "0",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Changes:
    """List what came and went, in the order of the log: ids only. Go on at ``next``; nothing is ever skipped."""
    response.headers.update(NO_STORE)
    kinds = (Event.PUBLICATION_PUBLISHED, Event.PUBLICATION_RETRACTING)
    with house.store.reading(caller.school) as look:
        entries = list(auditlog.entries(look.connection, caller.school, after=int(after), kinds=kinds, limit=limit))
        items = [found for one in entries if (found := _change(look, caller, one)) is not None]
    return Changes(items=items, next=str(entries[-1].position) if entries else after)


def _change(look: Reading, caller: Caller, entry: auditlog.Stored) -> Change | None:
    stored = publications.row(look, entry.said("publication"))
    if not _may_see(look, caller, stored.destination):
        return None
    came = entry.kind == Event.PUBLICATION_PUBLISHED
    if not came and stored.published_at is None:
        return None  # it never was to be seen
    tombstone = None if came else stored.state == "retracted"
    return Change(type="Create" if came else "Delete", id=stored.id, at=entry.at, tombstone=tombstone)


def _visible(look: Reading, caller: Caller, publication_id: str) -> Row[Any]:
    stored = publications.row(look, publication_id)
    if not _may_see(look, caller, stored.destination):
        raise NotFound("not this caller's destination")
    return stored


def _may_see(look: Reading, caller: Caller, spelled: str) -> bool:
    """Journals are for their class's teachers, head and DSL; the rest is for everybody who may read publications."""
    destination = parse_destination(spelled)
    if not isinstance(destination, Journal) or caller.role in SEES_WHY:
        return True
    owners = registers.pupils_of(look, reg_groups=caller.classes) if caller.role is Role.TEACHER else ()
    return destination.owner in {PupilId(row.id) for row in owners}


def _shown(look: Reading, stored: Row[Any]) -> PublicationShown:
    words = publications.words(stored)
    return PublicationShown(
        id=stored.id,
        destination=stored.destination,
        published_at=stored.published_at,
        title=words.title,
        caption=words.caption,
        alt=words.alt,
        event=words.event,
        tags=list(words.tags),
        renditions=[
            RenditionShown(
                name=one.name,
                width=one.width,
                height=one.height,
                href=f"/v1/publications/{stored.id}/{one.name}",
                sha256=one.sha256,
                media_type=one.media_type,
            )
            for one in publications.renditions(look, stored.id)
        ],
    )
