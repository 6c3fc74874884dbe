"""Prepare: an original becomes a clean image and words without names, or the reason why not."""

from typing import Any, Final

from sqlalchemy import Row

from consent.canonical import plain
from consent.events import Event
from consent.names import Mentioned
from consent.photo import PhotoId
from consent.renditions import every_side
from service.imaging import Cleaned, ImagingError, Refusal, RenditionSize, Sandbox, Sizes
from service.naming import named_in, own_roll
from service.pipeline.standing import Matchers, scrub_photo
from storage import matching, photos, schools
from storage.jobs import Job, Kind
from storage.objects.errors import ObjectDisposed, ObjectMissing, SealBroken
from storage.prepared import Prepared
from storage.quarantine import Kept, Quarantine
from storage.store import Store, Transaction

_DEATHS: Final = 5
"""After so many times in a row an original that takes its worker down with it is held as one that crashes. A store that can't
be reached is no such time, however long it lasts."""


def prepare(job: Job, *, store: Store, quarantine: Quarantine, prepared: Prepared, sandbox: Sandbox, matchers: Matchers) -> None:
    """Clean one photo, in every size that the policy asks for. Does nothing unless it is ``received``; safe to run twice.

    An image that can't be cleaned is a fact of the photo, not an error: the photo is then held. A photo that comes again, for
    sizes that its image does not have, keeps that image if no other can be made. Raises StoreError when the original can't be
    read just now.
    """
    with store.reading(job.school) as look:
        stored = photos.row(look, job.subject)
        sides = every_side(schools.policy_in_force(look))
    if stored.state != "received":
        return
    sizes = tuple(RenditionSize(name=str(side), long_side=side) for side in sides)
    cleaned = _clean(job, stored, sizes, quarantine=quarantine, sandbox=sandbox)
    named = _named(job, stored, cleaned, store)
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
            if stored.image is None:
                _store(step, stored, cleaned, named)
            else:
                _store_again(step, stored, cleaned)
            scrub_photo(step, stored, matchers.of(step))
            for asked in photos.destinations(step, stored.id):
                if asked.publication_id is None or asked.outcome == "pending":  # what came down stays down
                    step.enqueue(Kind.RELEASE, f"{stored.id} {asked.destination}")


def _clean(job: Job, stored: Row[Any], sizes: Sizes, *, quarantine: Quarantine, sandbox: Sandbox) -> Cleaned | Refusal:
    if job.deaths >= _DEATHS:
        return Refusal.CRASHED
    kept = Kept(
        key=stored.original_key,
        wrapped_key=stored.wrapped_key,
        sha256=stored.original_sha256,
        size=stored.original_size,
    )
    try:
        original = quarantine.original(school_id=job.school, photo_id=PhotoId(stored.id), kept=kept)
        return sandbox.clean(original, sizes)
    except (ObjectMissing, ObjectDisposed, SealBroken):
        if stored.image is None:
            raise
        return Refusal.UNDECODABLE  # there is no original any more, but an image that was made of it
    except ImagingError as refused:
        return refused.reason


def _named(job: Job, stored: Row[Any], cleaned: Cleaned | Refusal, store: Store) -> Mentioned:
    """Say whom the file names; its texts go no further. A register that changes meanwhile is as one that changes later."""
    if isinstance(cleaned, Refusal) or stored.image is not None:
        return Mentioned()
    with store.reading(job.school) as look:
        roll = own_roll(look, stored)
    return named_in(cleaned.provenance.people, roll)


def _store(step: Transaction, stored: Row[Any], cleaned: Cleaned | Refusal, named: Mentioned) -> None:
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
        "consistent": seen.consistent,
        "taken_at": str(seen.taken_at) if seen.taken_at is not None else None,
        "gps": seen.gps_present,
        "person_tags": seen.person_tags,
        "readable": seen.doubt is None,
    }
    photos.change(
        step,
        stored.id,
        state="prepared",
        image=cleaned.image.digest,
        removed=removed,
        camera=camera,
        mentioned=plain(named.mentions),
        suggested=plain(named.suggested),
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


def _store_again(step: Transaction, stored: Row[Any], cleaned: Cleaned | Refusal) -> None:
    """Take the image that has more sizes; of the photo nothing else is new. If it could not be made, the earlier one serves."""
    if isinstance(cleaned, Refusal):
        photos.change(step, stored.id, state="prepared", fault=cleaned.value, changed_at=step.now)
        step.record(Event.PHOTO_CHANGED, photo=stored.id, what="sizes not made", fault=cleaned.value)
        return
    photos.change(step, stored.id, state="prepared", image=cleaned.image.digest, changed_at=step.now)
    step.record(Event.PHOTO_PREPARED, photo=stored.id, image=cleaned.image.digest)
