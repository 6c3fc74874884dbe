"""Photos: upload, look, say anew."""

from typing import Annotated, Any, Final

from fastapi import Depends, Form, Header, Response
from sqlalchemy import Row

from consent.devices import Owner
from consent.people import PupilId
from consent.photo import DeviceState, PublishedWords
from service.api.common import NO_STORE, AtHand, show, sight_of
from service.api.fields import PathIdentity
from service.api.forms import received
from service.api.shapes import PhotoEdit, PhotoForm, Words, place_of, spelled_aware
from service.api.shown import DestinationState, DeviceSeen, PhotoAccepted, PhotoState, Removed
from service.api.strict import make_router
from service.auth import SEES_WHY, Needs, Permission
from service.imaging import ImagingError, Refusal, sniff
from service.pipeline.edit import Edit, edit
from service.pipeline.intake import Upload, accept
from service.problems import Problem, ProblemError, documented
from service.wiring import House
from storage import decisions, devices, photos, registers, schools
from storage.errors import NotFound, UnknownDevice
from storage.receiving import Received
from storage.store import Reading
from storage.users import Caller, Role

router = make_router("photos")
_ONLY_LOOK: Final = frozenset({Role.EDITOR, Role.OFFICE})
_KEY: Final = r"^[\x21-\x7e]+$"
_PATIENCE_SECONDS: Final = 30.0


@router.post(
    "/photos",
    status_code=201,
    responses={
        201: {"headers": {"Location": {"schema": {"type": "string"}, "description": "The photo."}}},
        **documented(
            Problem.UNSUPPORTED_TYPE,
            Problem.INVALID,
            Problem.IMAGE_REFUSED,
            Problem.SUBJECT_UNKNOWN,
            Problem.DESTINATION_UNKNOWN,
            Problem.CONFLICT,
            Problem.QUEUE_FULL,
            Problem.BUSY,
            Problem.STORE_UNAVAILABLE,
        ),
    },
)
def upload_photo(
    form: Annotated[PhotoForm, Form(media_type="multipart/form-data")],
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PHOTO_UPLOAD))],
    response: Response,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255, pattern=_KEY)] = None,
) -> PhotoAccepted:
    """Accept a picture. 201 means that it is on disk and will be decided about; the outcome follows at ``GET``."""
    original = received(form.file)
    _look(house, original)
    words = PublishedWords(title=form.title, caption=form.caption, alt=form.alt, event=form.event, tags=tuple(form.tags))
    upload = Upload(
        original=original,
        subjects=tuple(form.subjects),
        destinations=tuple(dict.fromkeys(form.destinations)),
        no_pupils=form.no_pupils,
        declared=form.declared,
        others=tuple(form.others),
        place=place_of(form.place),
        aware=spelled_aware(aware=form.aware),
        device=form.device or None,
        words=words,
        idempotency=idempotency_key,
    )
    try:
        photo_id = accept(upload, caller=caller, store=house.store, quarantine=house.quarantine)
    except UnknownDevice as fault:
        raise ProblemError(Problem.INVALID, extra={"fields": ["device"]}) from fault
    except NotFound as fault:
        raise ProblemError(Problem.SUBJECT_UNKNOWN) from fault
    response.headers["location"] = f"/v1/photos/{photo_id}"
    response.headers["cache-control"] = "no-store"
    with house.store.reading(caller.school) as look:
        stored = photos.row(look, photo_id)
        return PhotoAccepted(id=photo_id, state=stored.state, destinations=_states(look, stored, caller))


@router.get("/photos/{photo_id}", responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def look_at_photo(
    photo_id: PathIdentity,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PHOTO_READ))],
    response: Response,
) -> PhotoState:
    """Say what became of a photo, and why, as far as the caller may know."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        return _state(look, _own(look, photo_id, caller), caller)


@router.patch(
    "/photos/{photo_id}",
    responses=documented(
        Problem.NOT_FOUND,
        Problem.INVALID,
        Problem.SUBJECT_UNKNOWN,
        Problem.DESTINATION_UNKNOWN,
        Problem.CONFLICT,
        Problem.SECOND_PERSON_NEEDED,
    ),
)
def change_photo(
    photo_id: PathIdentity,
    wanted: PhotoEdit,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PHOTO_EDIT))],
    response: Response,
) -> PhotoState:
    """Say anew who is pictured, what the words are, or where it may go. It is decided again; what no longer stands closes.

    A teacher may count the faces of a colleague's photo, as the second person, and is shown nothing else of it. Editor and
    office may say that they looked at one that waits for it, and nothing else.
    """
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        second_person = _as_second_person(photos.row(look, photo_id), wanted, caller)
    try:
        edit(photo_id, _edit(wanted), caller=caller, store=house.store, matchers=house.matchers)
    except UnknownDevice as fault:
        raise ProblemError(Problem.INVALID, extra={"fields": ["device"]}) from fault
    except NotFound as fault:
        raise ProblemError(Problem.SUBJECT_UNKNOWN) from fault
    with house.store.reading(caller.school) as look:
        stored = photos.row(look, photo_id)
        return _counted(stored) if second_person else _state(look, stored, caller)


def _look(house: House, original: Received) -> None:
    """Let a picture pass that can be cleaned. Only so many are open, whole in memory, at one time; others wait for a place."""
    if not house.looks.acquire(timeout=_PATIENCE_SECONDS):
        raise ProblemError(Problem.BUSY)
    try:
        refused = _refusal(original.original())
    finally:
        house.looks.release()
    if refused is not None:
        raise ImagingError(refused)


def _refusal(untrusted: bytes) -> Refusal | None:
    """Why a picture can't be cleaned. Not raised: an error on its way out would keep the whole picture in memory with it."""
    try:
        sniff(untrusted)
    except ImagingError as fault:
        return fault.reason
    return None


def _as_second_person(stored: Row[Any], wanted: PhotoEdit, caller: Caller) -> bool:
    """Tell whether the caller says the one thing that a second person may say. Raises NotFound for anything more."""
    if caller.role in _ONLY_LOOK:
        allowed = "metadata_seen"
    elif caller.role is Role.TEACHER and stored.uploader != caller.actor:
        allowed = "faces_accounted"
    else:
        return False
    if wanted.model_fields_set != {allowed} or getattr(wanted, allowed) is None:
        raise NotFound("not this caller's photo")
    return True


def _edit(wanted: PhotoEdit) -> Edit:
    words = wanted.words
    return Edit(
        subjects=tuple(wanted.subjects) if wanted.subjects is not None else None,
        no_pupils=wanted.no_pupils,
        declared=wanted.declared,
        others=tuple(wanted.others) if wanted.others is not None else None,
        place=place_of(wanted.place) if wanted.place is not None else None,
        aware=spelled_aware(aware=wanted.aware) if wanted.aware is not None else None,
        words=PublishedWords(title=words.title, caption=words.caption, alt=words.alt, event=words.event, tags=tuple(words.tags))
        if words is not None
        else None,
        faces_accounted=wanted.faces_accounted,
        metadata_seen=wanted.metadata_seen,
        device=wanted.device,
        add_destinations=tuple(dict.fromkeys(wanted.destinations)),
    )


def _own(look: Reading, photo_id: str, caller: Caller) -> Row[Any]:
    stored = photos.row(look, photo_id)
    if caller.role is Role.TEACHER and stored.uploader != caller.actor:
        raise NotFound("not this teacher's photo")
    return stored


def _counted(stored: Row[Any]) -> PhotoState:
    """Show no more than that the photo is there: it is somebody else's."""
    return PhotoState(
        id=stored.id, state=stored.state, destinations=[], removed=[], words=Words(), words_state=stored.words_state
    )


def _state(look: Reading, stored: Row[Any], caller: Caller) -> PhotoState:
    words = photos.words(stored) if stored.words else PublishedWords()
    return PhotoState(
        id=stored.id,
        state=stored.state,
        destinations=_states(look, stored, caller),
        removed=[Removed(kind=kind, count=count) for kind, count in stored.removed],
        words=Words(title=words.title, caption=words.caption, alt=words.alt, event=words.event, tags=list(words.tags)),
        words_state=stored.words_state,
        fault=stored.fault if stored.image is None else None,
        device=_device(look, stored, caller),
        suggested=_suggested(look, stored, caller),
    )


def _suggested(look: Reading, stored: Row[Any], caller: Caller) -> list[str]:
    """Name the pupils to ask about, by id: for a teacher those of the caller's own classes, whatever else is known of them."""
    sight = sight_of(look, caller)
    asked = frozenset(PupilId(one) for one in stored.suggested or ()) - photos.subjects(look, stored.id)
    return sorted(registers.known(look, asked) if sight.exact else asked & sight.own_class)


def _device(look: Reading, stored: Row[Any], caller: Caller) -> DeviceSeen:
    """Show what is known of the device; the label of a personal one may name its owner."""
    judged = devices.judge(look, stored)
    policy = schools.policy_in_force(look)
    excepted = judged.excepted if policy is not None and policy.device_exceptions else ()
    found = devices.row(look, judged.match.device) if judged.match.device is not None else None
    if found is not None and caller.role is Role.TEACHER and found.owner == Owner.PERSONAL.value:
        found = None
    return DeviceSeen(
        state=judged.match.state if stored.camera else DeviceState.NOT_CHECKED,
        label=found.label if found is not None else None,
        excepted=sorted(excepted) or None,
        sign_in=stored.uploader.removeprefix("token:") if caller.role in SEES_WHY else None,
    )


def _states(look: Reading, stored: Row[Any], caller: Caller) -> list[DestinationState]:
    sight = sight_of(look, caller)
    found = []
    for asked in photos.destinations(look, stored.id):
        against = decisions.findings(decisions.row(look, asked.decision_id)) if asked.decision_id else ()
        found.append(
            DestinationState(
                destination=asked.destination,
                outcome=asked.outcome,
                findings=show(against, sight) if asked.outcome in ("held", "rejected") else [],
                publication=asked.publication_id if asked.outcome == "approved" else None,
            )
        )
    return found
