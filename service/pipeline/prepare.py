"""Prepare: an original becomes a clean image and words without names, or the reason why not."""

from typing import Any, Final

from sqlalchemy import Row

from consent.events import Event
from consent.photo import PhotoId
from service.imaging import Cleaned, ImagingError, Refusal, RenditionSize, Sandbox
from service.pipeline.standing import Matchers, scrub_photo
from storage import matching, photos, schools
from storage.jobs import Job, Kind
from storage.prepared import Prepared
from storage.quarantine import Kept, Quarantine
from storage.store import Store, Transaction

SIZES: Final = (
    RenditionSize(name="320", long_side=320),
    RenditionSize(name="800", long_side=800),
    RenditionSize(name="1600", long_side=1600),
)
_DEATHS: Final = 5
"""After so many times in a row an original that takes its worker down with it is held as one that crashes. A store that can't
be reached is no such time, however long it lasts."""


def prepare(job: Job, *, store: Store, quarantine: Quarantine, prepared: Prepared, sandbox: Sandbox, matchers: Matchers) -> None:
    """Clean one photo. Does nothing unless the photo is ``received``; safe to run twice.

    An image that can't be cleaned is a fact of the photo, not an error: the photo is then held. Raises StoreError when the
    original can't be read just now.
    """
    with store.reading(job.school) as look:
        stored = photos.row(look, job.subject)
    if stored.state != "received":
        return
    cleaned = _clean(job, stored, quarantine=quarantine, sandbox=sandbox)
    if isinstance(cleaned, Cleaned):
        prepared.keep(
            school_id=job.school,
            photo_id=PhotoId(job.subject),
            image_digest=cleaned.image.digest,
            renditions=cleaned.image.renditions,
            wrapped_key=stored.wrapped_key,
        )
    with store.transaction(job.school, actor="worker") as step:
        schools.lock(step, share=True)
        stored = photos.lock(step, job.subject)
        if stored.state == "received":
            _store(step, stored, cleaned)
            scrub_photo(step, stored, matchers.of(step))
            for asked in photos.destinations(step, stored.id):
                step.enqueue(Kind.RELEASE, f"{stored.id} {asked.destination}")


def _clean(job: Job, stored: Row[Any], *, quarantine: Quarantine, sandbox: Sandbox) -> Cleaned | Refusal:
    if job.deaths >= _DEATHS:
        return Refusal.CRASHED
    kept = Kept(
        key=stored.original_key,
        wrapped_key=stored.wrapped_key,
        sha256=stored.original_sha256,
        size=stored.original_size,
    )
    original = quarantine.original(school_id=job.school, photo_id=PhotoId(stored.id), kept=kept)
    try:
        return sandbox.clean(original, SIZES)
    except ImagingError as refused:
        return refused.reason


def _store(step: Transaction, stored: Row[Any], cleaned: Cleaned | Refusal) -> None:
    if isinstance(cleaned, Refusal):
        photos.change(step, stored.id, state="unclean", fault=cleaned.value, changed_at=step.now)
        matching.note(step, photos.row(step, stored.id))
        step.record(Event.PHOTO_UNCLEAN, photo=stored.id, fault=cleaned.value)
        return
    seen = cleaned.provenance
    removed = [[one.kind, one.count] for one in seen.removed]
    camera = {
        "make": seen.make,
        "model": seen.model,
        "serial": seen.serial,
        "taken_at": str(seen.taken_at) if seen.taken_at is not None else None,
        "gps": seen.gps_present,
        "person_tags": seen.person_tags,
        "readable": seen.readable,
    }
    photos.change(
        step,
        stored.id,
        state="prepared",
        image=cleaned.image.digest,
        removed=removed,
        camera=camera,
        changed_at=step.now,
    )
    found = matching.note(step, photos.row(step, stored.id))
    step.record(
        Event.PHOTO_PREPARED,
        photo=stored.id,
        image=cleaned.image.digest,
        removed=[f"{kind}:{count}" for kind, count in removed],
        device=found.device,
        device_state=found.state.value,
    )
