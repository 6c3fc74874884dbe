"""Photos: what was accepted, what is known about it, and where it was asked to go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, String, delete, func, inspect, select, update
from sqlalchemy import cast as as_text

from consent.canonical import plain, read
from consent.devices import Match
from consent.people import PupilId
from consent.photo import (
    Aware,
    DeviceState,
    Faces,
    Metadata,
    Other,
    Photo,
    PhotoId,
    Place,
    PublishedWords,
    WordsState,
    names_others,
)
from consent.reasons import Finding, Reason
from storage import devices
from storage.devices import Judged
from storage.errors import NotFound
from storage.store import Lock, Reading, Transaction
from storage.tables import photo, photo_destination, photo_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What is stored of an upload when it is accepted. ``typed_words`` are as typed: they go once they are clean."""

    id: PhotoId
    uploader: str
    idempotency: str | None
    fingerprint: str
    original_key: str
    original_sha256: str
    original_size: int
    wrapped_key: bytes
    subjects: frozenset[PupilId]
    no_pupils: bool
    declared: bool
    others: tuple[Other, ...]
    place: Place
    aware: Aware
    device: str | None
    classes: frozenset[str]
    typed_words: PublishedWords
    destinations: tuple[str, ...]


def insert(step: Transaction, accepted: Accepted) -> None:
    """Store an accepted upload, its subjects and its destinations."""
    values: dict[str, object] = {
        name: plain(getattr(accepted, name)) for name in ("others", "place", "aware", "typed_words", "declared", "no_pupils")
    }
    values |= {
        name: getattr(accepted, name)
        for name in ("id", "uploader", "idempotency", "fingerprint", "original_key", "original_sha256", "original_size")
    }
    values |= {"wrapped_key": accepted.wrapped_key, "school_id": step.school, "state": "received"}
    values |= {"device": accepted.device, "classes": sorted(accepted.classes)}
    values |= {"created_at": step.now, "changed_at": step.now, "removed": [], "camera": {}, "covered": [], "words": {}}
    values |= {"cover_confirmed": False, "faces": Faces.UNKNOWN.value, "words_state": WordsState.UNCHECKED.value}
    step.write(photo.insert().values(values))
    _set_subjects(step, accepted.id, accepted.subjects)
    add_destinations(step, accepted.id, accepted.destinations)


def lock(step: Transaction, photo_id: str) -> Row[Any]:
    """Lock a photo alone and return its row. Raises NotFound."""
    for found in step.locked(Lock.PHOTO, _named(step, photo_id)):
        return found
    raise NotFound("no such photo in this school")


def row(reading: Reading, photo_id: str) -> Row[Any]:
    """Return a photo's row. Raises NotFound."""
    found = reading.rows(_named(reading, photo_id)).one_or_none()
    if found is None:
        raise NotFound("no such photo in this school")
    return found


def same_request(reading: Reading, *, uploader: str, idempotency: str) -> Row[Any] | None:
    """Find the photo that this uploader's Idempotency-Key already made."""
    mine = (photo.c.school_id == reading.school, photo.c.uploader == uploader, photo.c.idempotency == idempotency)
    return reading.rows(select(photo).where(*mine)).one_or_none()


def subjects(reading: Reading, photo_id: str) -> frozenset[PupilId]:
    """Return who is tagged."""
    mine = (photo_subject.c.school_id == reading.school, photo_subject.c.photo_id == photo_id)
    return frozenset(PupilId(found) for found in reading.rows(select(photo_subject.c.pupil_id).where(*mine)).scalars())


def facts(reading: Reading, stored: Row[Any]) -> Photo:
    """Return what a decision may depend on; the device as the register and the exceptions stand now."""
    unchecked = Judged(match=Match(state=DeviceState.NOT_CHECKED))
    judged = devices.judge(reading, stored) if stored.camera else unchecked
    return Photo(
        id=PhotoId(stored.id),
        image=stored.image,
        subjects=subjects(reading, stored.id),
        no_pupils=stored.no_pupils,
        declared=stored.declared,
        others=tuple(Other(one) for one in stored.others),
        covered=frozenset(PupilId(one) for one in stored.covered),
        cover_confirmed=stored.cover_confirmed,
        place=Place(stored.place),
        aware=Aware(stored.aware),
        faces=Faces(stored.faces),
        largest_face=stored.largest_face,
        words=WordsState(stored.words_state),
        words_names=stored.words_names,
        device=judged.match.state,
        excepted=judged.excepted,
        metadata=_metadata(stored),
        mentioned=_mentioned(stored),
    )


def words(stored: Row[Any]) -> PublishedWords:
    """Return the scrubbed words; for a photo whose words are held, the suggestion without names."""
    return read(PublishedWords, stored.words)


def words_to_check(stored: Row[Any]) -> PublishedWords:
    """Return what the scrub must look at: the typed words while they are not clean, else the clean ones."""
    return read(PublishedWords, stored.typed_words if stored.typed_words is not None else stored.words)


def change(step: Transaction, photo_id: str, **values: object) -> None:
    """Change a photo's row. The caller holds its lock."""
    step.write(update(photo).where(photo.c.school_id == step.school, photo.c.id == photo_id).values(**values))


def replace_subjects(step: Transaction, photo_id: str, pupils: frozenset[PupilId]) -> None:
    """Say anew who is tagged. The caller holds the photo's lock and those of its old and new pupils."""
    mine = (photo_subject.c.school_id == step.school, photo_subject.c.photo_id == photo_id)
    step.write(delete(photo_subject).where(*mine))
    _set_subjects(step, photo_id, pupils)


def add_destinations(step: Transaction, photo_id: str, spelled: Iterable[str]) -> None:
    """Ask for more destinations; one that is already asked for stays as it is."""
    known = {asked.destination for asked in destinations(step, photo_id)}
    for destination in sorted(set(spelled) - known):
        keys = {"school_id": step.school, "photo_id": photo_id, "destination": destination}
        step.write(photo_destination.insert().values(outcome="pending", **keys))


def destinations(reading: Reading, photo_id: str) -> tuple[Row[Any], ...]:
    """Return where the photo was asked to go, and how far it got."""
    mine = (photo_destination.c.school_id == reading.school, photo_destination.c.photo_id == photo_id)
    return tuple(reading.rows(select(photo_destination).where(*mine).order_by(photo_destination.c.destination)).all())


def set_outcome(step: Transaction, photo_id: str, destination: str, **values: str | None) -> None:
    """Note how far one destination got."""
    table = photo_destination.c
    mine = (table.school_id == step.school, table.photo_id == photo_id, table.destination == destination)
    step.write(update(photo_destination).where(*mine).values(**values))


def undecided_with(reading: Reading, pupils: Iterable[PupilId] | None) -> tuple[tuple[str, str], ...]:
    """Return (photo, destination) that are held, rejected or pending and never went out, for these pupils or for all.

    A journal counts for its owner too, pictured or not. What was retracted stays down until somebody asks again.
    """
    table = photo_destination.c
    chosen = select(table.photo_id, table.destination).where(
        table.school_id == reading.school, table.outcome.in_(["held", "rejected"]), table.publication_id.is_(None)
    )
    if pupils is not None:
        wanted = sorted(set(pupils))
        tagged = select(photo_subject.c.photo_id).where(
            photo_subject.c.school_id == reading.school, photo_subject.c.pupil_id.in_(wanted)
        )
        chosen = chosen.where(table.photo_id.in_(tagged) | table.destination.in_([f"journal:{one}" for one in wanted]))
    return tuple((found.photo_id, found.destination) for found in reading.rows(chosen))


def pending(reading: Reading, *, before: datetime) -> tuple[tuple[str, str], ...]:
    """Return (photo, destination) still undecided though the photo has been ready since before that instant."""
    table = photo_destination.c
    joined = (photo.c.school_id == table.school_id) & (photo.c.id == table.photo_id)
    chosen = (
        select(table.photo_id, table.destination)
        .join(photo, joined)
        .where(table.school_id == reading.school, table.outcome == "pending", photo.c.changed_at < before)
        .where(photo.c.state.in_(["prepared", "unclean"]))
    )
    return tuple((found.photo_id, found.destination) for found in reading.rows(chosen))


def in_state(reading: Reading, states: Iterable[str]) -> tuple[Row[Any], ...]:
    """Return the photos in these states, the longest unchanged first."""
    chosen = select(photo).where(photo.c.school_id == reading.school, photo.c.state.in_(sorted(states)))
    return tuple(reading.rows(chosen.order_by(photo.c.changed_at, photo.c.id)).all())


def waiting_for_a_look(reading: Reading) -> tuple[Row[Any], ...]:
    """Return the photos that somebody else than their uploader must still look at, the oldest first (``waits_for_a_look``)."""
    mine = (photo.c.school_id == reading.school, photo.c.metadata_seen_by.is_(None), photo.c.image.is_not(None))
    unread = photo.c.camera["readable"].as_boolean().is_(False)
    somebody = photo.c.mentioned.is_(None) | (as_text(photo.c.mentioned, String) != "[]")
    chosen = select(photo).where(*mine, photo.c.wrapped_key.is_not(None), unread | somebody)
    found = reading.rows(chosen.order_by(photo.c.created_at, photo.c.id)).all()
    return tuple(one for one in found if waits_for_a_look(reading, one))


def waits_for_a_look(reading: Reading, stored: Row[Any]) -> bool:
    """True if somebody else than its uploader must look at a photo, and may: it was not read, or names who is no subject."""
    if _metadata(stored) in (Metadata.NOT_READ, Metadata.SEEN) or not _is_taken_rightly(stored):
        return False
    return _metadata(stored) is Metadata.UNREADABLE or names_others(facts(reading, stored))


def waits_for_a_count(stored: Row[Any], against: Iterable[Finding]) -> bool:
    """True if nobody has accounted for a photo's faces, that stands ``against`` it, and somebody else may look at it."""
    wanted = any(one.reason in (Reason.FACES_UNKNOWN, Reason.FACES_UNACCOUNTED) for one in against)
    return wanted and stored.faces != Faces.ACCOUNTED.value and _is_taken_rightly(stored)


def waiting(reading: Reading, *, most: int) -> int:
    """Count the photos that wait to be prepared, but no further than ``most``."""
    mine = (photo.c.school_id == reading.school, photo.c.state == "received")
    some = select(photo.c.id).where(*mine).limit(most).subquery()
    return cast("int", reading.rows(select(func.count()).select_from(some)).scalar_one())


def any_is_sealed(connection: Connection) -> bool:
    """True if any photo of any school can still be opened with the wrapping key. False before the first migration."""
    if not inspect(connection).has_table(photo.name):
        return False
    return connection.execute(select(photo.c.id).where(photo.c.wrapped_key.is_not(None)).limit(1)).first() is not None


def known_originals(reading: Reading) -> frozenset[str]:
    """Return the key of every original that a photo still owns."""
    chosen = select(photo.c.original_key).where(photo.c.school_id == reading.school, photo.c.original_key.is_not(None))
    return frozenset(cast("str", found) for found in reading.rows(chosen).scalars())


def _is_taken_rightly(stored: Row[Any]) -> bool:
    """False for what was taken in a prohibited place or unawares: no second look can let it out, so nobody gets one."""
    return Place(stored.place) is not Place.PROHIBITED and Aware(stored.aware) is not Aware.NO


def _metadata(stored: Row[Any]) -> Metadata:
    if not stored.camera:
        return Metadata.NOT_READ
    if stored.metadata_seen_by is not None:
        return Metadata.SEEN
    return Metadata.READ if stored.camera.get("readable") is True else Metadata.UNREADABLE


def _mentioned(stored: Row[Any]) -> tuple[frozenset[PupilId], ...] | None:
    if stored.mentioned is None:
        return None
    return tuple(frozenset(PupilId(one) for one in meant) for meant in stored.mentioned)


def _set_subjects(step: Transaction, photo_id: str, pupils: frozenset[PupilId]) -> None:
    for pupil_id in sorted(pupils):
        step.write(photo_subject.insert().values(school_id=step.school, photo_id=photo_id, pupil_id=pupil_id))


def _named(reading: Reading, photo_id: str) -> Select[Any]:
    return select(photo).where(photo.c.school_id == reading.school, photo.c.id == photo_id)
