"""Looking: what waits for a second person, and the clean picture for whoever must look at it."""

from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query, Response
from sqlalchemy import Row

from consent.events import Event
from consent.photo import PhotoId, Rendition
from service.api.common import NO_STORE, AtHand
from service.api.fields import PathIdentity
from service.api.shown import PhotosWaiting, PhotoWaiting
from service.api.strict import make_router
from service.auth import Needs, Permission
from service.imaging import Encoded, ImagingError, verify
from service.problems import Problem, documented
from service.wiring import House
from storage import decisions, photos
from storage.errors import NotFound
from storage.objects.errors import ObjectDisposed, ObjectMissing
from storage.store import Reading
from storage.users import Caller, Role

router = make_router("photos")
_WHILE_IT_WAITS: Final = frozenset({Role.EDITOR, Role.OFFICE})
_ENOUGH: Final = 800
"""The long side, in pixels, at which everybody in a picture can be made out."""


@router.get("/photos", responses=documented(Problem.INVALID))
def list_waiting(
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PHOTO_WAITING))],
    response: Response,
    waiting: Annotated[Literal["metadata"], Query(description="What nobody else has looked at yet, and must.")],
) -> PhotosWaiting:
    """List the photos that wait for a second person, the oldest first: ids and dates, nothing else."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        found = photos.waiting_for_a_look(look)
    return PhotosWaiting(items=[PhotoWaiting(id=one.id, waiting_for=waiting, accepted_at=one.created_at) for one in found])


@router.get(
    "/photos/{photo_id}/preview",
    response_class=Response,
    responses={
        200: {
            "description": "The clean picture.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **documented(Problem.NOT_FOUND, Problem.INVALID, Problem.STORE_UNAVAILABLE),
    },
)
def look_at_preview(
    photo_id: PathIdentity, house: AtHand, caller: Annotated[Caller, Depends(Needs(Permission.PHOTO_PREVIEW))]
) -> Response:
    """Show the clean picture, never the original: to headteacher and uploader, and to a second person while it waits for one.

    Editor and office see it while its metadata waits for a look, a teacher while its faces wait to be counted.

    Each look is in the audit log.
    """
    with house.store.reading(caller.school) as look:
        stored = photos.row(look, photo_id)
        _require_sight(look, stored, caller)
    shown = _smallest_that_serves(house, stored, caller)
    with house.store.transaction(caller.school, actor=caller.actor) as step:
        _require_sight(step, photos.lock(step, photo_id), caller)
        step.record(Event.PHOTO_VIEWED, photo=photo_id, image=stored.image, rendition=shown.name)
    headers = {**NO_STORE, "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}
    return Response(shown.content, media_type=shown.media_type, headers=headers)


def _require_sight(look: Reading, stored: Row[Any], caller: Caller) -> None:
    """Raise NotFound unless this caller may look at this photo now, and there is something to see."""
    may = caller.role is Role.HEAD or stored.uploader == caller.actor or _is_second_person(look, stored, caller)
    if not may or stored.image is None or stored.wrapped_key is None:
        raise NotFound("not for this caller")


def _is_second_person(look: Reading, stored: Row[Any], caller: Caller) -> bool:
    """True if the photo waits for what this caller's role may say of somebody else's photo (``PATCH``).

    Nothing about a pupil counts for it, so that nobody learns from a preview how anybody answered.
    """
    if caller.role in _WHILE_IT_WAITS:
        return photos.waits_for_a_look(look, stored)
    decided = (one.decision_id for one in photos.destinations(look, stored.id) if one.decision_id)
    against = (one for made in decided for one in decisions.findings(decisions.row(look, made)))
    return caller.role is Role.TEACHER and photos.waits_for_a_count(stored, against)


def _smallest_that_serves(house: House, stored: Row[Any], caller: Caller) -> Rendition:
    """Return the smallest rendition that is large enough, else the largest, proven clean again. Raises NotFound, StoreError."""
    try:
        found = house.prepared.renditions(
            school_id=caller.school,
            photo_id=PhotoId(stored.id),
            image_digest=stored.image,
            wrapped_key=stored.wrapped_key,
        )
        by_side = sorted(found, key=_long_side)
        shown = next((one for one in by_side if _long_side(one) >= _ENOUGH), by_side[-1])
        verify((Encoded.kept_as(shown, shown.content),))
    except (ObjectDisposed, ObjectMissing, ImagingError) as fault:
        raise NotFound("nothing clean to show") from fault
    return shown


def _long_side(rendition: Rendition) -> int:
    return max(rendition.width, rendition.height)
