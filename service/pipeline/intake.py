"""Intake: an upload becomes a photo that is never lost (promise P1): bytes first, then one transaction, then the answer."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from consent.canonical import plain
from consent.events import Event
from consent.people import PupilId
from consent.photo import Aware, Other, PhotoId, Place, PublishedWords
from consent.purposes import Journal, parse_destination
from storage import devices, photos, registers, schools
from storage.errors import Conflict, StorageError
from storage.jobs import Kind
from storage.objects.errors import StoreError
from storage.photos import Accepted
from storage.quarantine import Kept, Quarantine
from storage.receiving import Received
from storage.store import Reading, Store, Transaction
from storage.users import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What a teacher sent. ``original`` was sniffed: it is a whole still picture of a kind we can clean."""

    original: Received
    subjects: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    no_pupils: bool = False
    declared: bool = False
    others: tuple[Other, ...] = ()
    place: Place = Place.NOT_STATED
    aware: Aware = Aware.NOT_STATED
    device: str | None = None
    words: PublishedWords = field(default_factory=PublishedWords)
    idempotency: str | None = None


def accept(upload: Upload, *, caller: Caller, store: Store, quarantine: Quarantine) -> str:
    """Accept an upload and return the photo's id; the same Idempotency-Key with the same request gives the same photo.

    When this returns, the sealed original is on disk and one transaction holds the row, the audit event and the next job.
    What came in stays the caller's to close.

    Raises NotFound if a subject or a journal's owner is not a pupil of this school, UnknownDevice, UnknownDestination, Conflict
    if the key was used for another request, and StoreError if the original could not be kept; then nothing was accepted.
    """
    fingerprint = _fingerprint(upload)
    key = sha256(upload.idempotency.encode()).hexdigest() if upload.idempotency is not None else None
    with store.reading(caller.school) as look:
        earlier = _earlier(look, caller, key, fingerprint)
        if earlier is not None:
            return str(earlier.id)
        devices.require(look, upload.device)
        subjects = registers.resolve(look, upload.subjects)
        owners = _owners(look, upload.destinations)
    photo_id = upload.original.photo_id
    kept = quarantine.keep(upload.original)
    try:
        with store.transaction(caller.school, actor=caller.actor) as step:
            schools.lock(step, share=True)
            registers.lock_pupils(step, subjects | owners, share=True)
            earlier = _earlier(step, caller, key, fingerprint)
            if earlier is None:
                said = _bound(upload, caller)
                _insert(step, photo_id, said, kept, caller=caller, subjects=subjects, idempotency=key, fingerprint=fingerprint)
    except (StorageError, IntegrityError) as fault:
        # Certain not to be in: we raised it, or the row was refused. After any other fault the transaction may be in all the
        # same, with only its answer lost; then the original must stay, and if nobody owns it the sweep takes it away.
        _forget(quarantine, kept)
        if isinstance(fault, StorageError):
            raise
        with store.reading(caller.school) as look:
            earlier = _earlier(look, caller, key, fingerprint)
        if earlier is None:
            raise
        return str(earlier.id)  # the same request came twice at once, and the other was first
    if earlier is not None:
        _forget(quarantine, kept)
        return str(earlier.id)
    return photo_id


def _insert(
    step: Transaction,
    photo_id: PhotoId,
    upload: Upload,
    kept: Kept,
    *,
    caller: Caller,
    subjects: frozenset[PupilId],
    idempotency: str | None,
    fingerprint: str,
) -> None:
    accepted = Accepted(
        id=photo_id,
        uploader=step.actor,
        idempotency=idempotency,
        fingerprint=fingerprint,
        original_key=kept.key,
        original_sha256=kept.sha256,
        original_size=kept.size,
        wrapped_key=kept.wrapped_key,
        subjects=subjects,
        no_pupils=upload.no_pupils,
        declared=upload.declared,
        others=upload.others,
        place=upload.place,
        aware=upload.aware,
        device=upload.device,
        classes=caller.classes,
        typed_words=upload.words,
        destinations=upload.destinations,
    )
    photos.insert(step, accepted)
    step.record(Event.PHOTO_ACCEPTED, photo=photo_id, original=kept.sha256, subjects=len(subjects))
    if upload.place is Place.PROHIBITED or upload.aware is Aware.NO:
        step.record(Event.PLACE_REPORTED, photo=photo_id, place=upload.place.value, aware=upload.aware.value)
    step.enqueue(Kind.PREPARE, photo_id)


def _bound(upload: Upload, caller: Caller) -> Upload:
    """Take the device that the sign-in is bound to where the upload names none."""
    return upload if upload.device is not None else replace(upload, device=caller.device)


def _forget(quarantine: Quarantine, kept: Kept) -> None:
    """Destroy an original that became no photo. What cannot be destroyed just now is the sweep's."""
    with suppress(StoreError):
        quarantine.dispose(kept.key)


def _earlier(reading: Reading, caller: Caller, key: str | None, fingerprint: str) -> Row[Any] | None:
    if key is None:
        return None
    found = photos.same_request(reading, uploader=caller.actor, idempotency=key)
    if found is not None and found.fingerprint != fingerprint:
        raise Conflict("this Idempotency-Key was used for another request")
    return found


def _owners(reading: Reading, spelled: tuple[str, ...]) -> frozenset[PupilId]:
    asked = (parse_destination(one) for one in spelled)
    return registers.resolve(reading, [one.owner for one in asked if isinstance(one, Journal)])


def _fingerprint(upload: Upload) -> str:
    said = {
        "original": upload.original.sha256,
        "subjects": sorted(upload.subjects),
        "destinations": sorted(upload.destinations),
        "facts": [upload.no_pupils, upload.declared, plain(upload.others), upload.place, upload.aware, upload.device],
        "words": plain(upload.words),
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
