"""Publications: the rows that readers go through, and the state each is in.

putting -> published -> retracting -> retracted; a withdrawal may also take ``putting`` straight to ``retracting``. The image,
the pictured set and the journal's owner are frozen when the row is made.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, and_, false, func, or_, select, true, update

from consent.canonical import canonical, parse, plain, read
from consent.decision import Clearance
from consent.events import Event
from consent.people import PupilId
from consent.photo import Photo, PublicationId, PublishedWords
from consent.purposes import spell
from consent.reasons import Finding
from storage.errors import Conflict, NotFound
from storage.store import Lock, Reading, Transaction
from storage.tables import log_tail, publication, publication_pupil, rendition

LIVE = ("putting", "published")


def begin(step: Transaction, clearance: Clearance, *, facts: Photo, decision_id: str) -> PublicationId:
    """Write down the intent to publish, before any byte is put: a row ``putting`` under fresh random keys."""
    step.lock(Lock.PUBLICATION)
    publication_id = PublicationId(uuid4().hex)
    values = {
        "school_id": step.school,
        "id": publication_id,
        "photo_id": clearance.photo,
        "decision_id": decision_id,
        "image": clearance.image,
        "destination": spell(clearance.destination),
        "state": "putting",
        "words": plain(clearance.words),
        "photo_facts": canonical(facts).decode(),
        "valid_until": clearance.valid_until,
        "created_at": step.now,
    }
    step.write(publication.insert().values(values))
    keys = {"school_id": step.school, "publication_id": publication_id}
    for need in clearance.pictured:
        step.write(publication_pupil.insert().values(pupil_id=need.pupil, purpose=need.purpose.value, **keys))
    for one in clearance.renditions:
        described = {name: getattr(one, name) for name in ("name", "width", "height", "media_type", "sha256")}
        step.write(rendition.insert().values(object_key=f"{step.school}/{uuid4().hex}{uuid4().hex}.jpg", **keys, **described))
    step.record(
        Event.PUBLICATION_PUTTING, publication=publication_id, photo=clearance.photo, destination=spell(clearance.destination)
    )
    return publication_id


def lock(step: Transaction, publication_id: str) -> Row[Any]:
    """Lock a publication alone and return its row. Raises NotFound."""
    chosen = select(publication).where(publication.c.school_id == step.school, publication.c.id == publication_id)
    for found in step.locked(Lock.PUBLICATION, chosen):
        return found
    raise NotFound("no such publication in this school")


def row(reading: Reading, publication_id: str) -> Row[Any]:
    """Return a publication's row. Raises NotFound."""
    chosen = select(publication).where(publication.c.school_id == reading.school, publication.c.id == publication_id)
    found = reading.rows(chosen).one_or_none()
    if found is None:
        raise NotFound("no such publication in this school")
    return found


def mark_published(step: Transaction, stored: Row[Any]) -> None:
    """Make it visible. The caller holds its lock and has decided again. Raises Conflict unless it is ``putting``.

    The position is the one the log's event will get: the tail is locked here, last of all.
    """
    if stored.state != "putting":
        raise Conflict("the publication is no longer being put")
    tail = step.rows(select(log_tail.c.position).where(log_tail.c.school_id == step.school).with_for_update()).scalar_one()
    step.record(Event.PUBLICATION_PUBLISHED, publication=stored.id, photo=stored.photo_id, destination=stored.destination)
    _set(step, stored.id, state="published", published_at=step.now, position=tail + len(step.entries))


def mark_retracting(step: Transaction, stored: Row[Any], because: Iterable[Finding]) -> bool:
    """Close it to every reader from this commit on; False if it was closed before. The caller queues the retraction."""
    if stored.state not in LIVE:
        return False
    _set(step, stored.id, state="retracting", retracting_at=step.now, retracted_by=step.actor, because=plain(tuple(because)))
    step.record(Event.PUBLICATION_RETRACTING, publication=stored.id, photo=stored.photo_id, destination=stored.destination)
    return True


def mark_retracted(step: Transaction, stored: Row[Any], receipt: Mapping[str, object]) -> None:
    """Note that every object is a tombstone, with the probes that say so. Raises Conflict unless it is ``retracting``."""
    if stored.state != "retracting":
        raise Conflict("the publication is not being retracted")
    _set(step, stored.id, state="retracted", retracted_at=step.now, receipt=dict(receipt))
    step.record(Event.PUBLICATION_RETRACTED, publication=stored.id, photo=stored.photo_id, destination=stored.destination)


def renew(step: Transaction, publication_id: str, *, facts: Photo, valid_until: date | None) -> None:
    """Note that it was decided again and stands: its words were read under new names, or its answers end on another day.

    Of the facts nothing but ``words_names`` may differ.
    """
    _set(step, publication_id, photo_facts=canonical(facts).decode(), valid_until=valid_until)
    step.record(Event.PUBLICATION_RENEWED, publication=publication_id)


def live_with(step: Transaction, pupils: Iterable[PupilId]) -> tuple[Row[Any], ...]:
    """Lock and return every publication putting or published that pictures one of these pupils or is in one's journal."""
    wanted = sorted(set(pupils))
    table = publication_pupil.c
    shows = select(table.publication_id).where(table.school_id == step.school, table.pupil_id.in_(wanted))
    journals = [f"journal:{one}" for one in wanted]
    return _lock_live(step, or_(publication.c.id.in_(shows), publication.c.destination.in_(journals)))


def live_of_photo(step: Transaction, photo_id: str) -> tuple[Row[Any], ...]:
    """Lock and return every publication putting or published of this photo."""
    return _lock_live(step, publication.c.photo_id == photo_id)


def live_all(step: Transaction) -> tuple[Row[Any], ...]:
    """Lock and return every publication of the school that is putting or published."""
    return _lock_live(step, true())


def ended(reading: Reading, *, today: date) -> tuple[str, ...]:
    """Return what is live although its last day has come: the caller decides whether it is over."""
    mine = (publication.c.school_id == reading.school, publication.c.state.in_(LIVE), publication.c.valid_until <= today)
    return tuple(reading.rows(select(publication.c.id).where(*mine).order_by(publication.c.id)).scalars())


def live_one(step: Transaction, publication_id: str) -> Row[Any] | None:
    """Lock and return one publication if it is putting or published."""
    return next(iter(_lock_live(step, publication.c.id == publication_id)), None)


def pictured(reading: Reading, publication_id: str) -> frozenset[PupilId]:
    """Return whom the publication was decided for."""
    mine = (publication_pupil.c.school_id == reading.school, publication_pupil.c.publication_id == publication_id)
    return frozenset(PupilId(one) for one in reading.rows(select(publication_pupil.c.pupil_id).where(*mine)).scalars())


def facts(stored: Row[Any]) -> Photo:
    """Return the photo as it was decided on."""
    return read(Photo, parse(stored.photo_facts))


def words(stored: Row[Any]) -> PublishedWords:
    """Return the words that go out with it."""
    return read(PublishedWords, stored.words)


def because(stored: Row[Any]) -> tuple[Finding, ...]:
    """Return why it came down."""
    return tuple(read(Finding, one) for one in stored.because or [])


def renditions(reading: Reading, publication_id: str) -> tuple[Row[Any], ...]:
    """Return its files, the smallest first."""
    mine = (rendition.c.school_id == reading.school, rendition.c.publication_id == publication_id)
    return tuple(reading.rows(select(rendition).where(*mine).order_by(rendition.c.width, rendition.c.name)).all())


def published(reading: Reading, *, destinations: Iterable[str], journals: bool, after: int, limit: int) -> tuple[Row[Any], ...]:
    """Return what is published at these destinations (and in any journal), in the order of the log."""
    journal = publication.c.destination.like("journal:%") if journals else false()
    where = or_(publication.c.destination.in_(sorted(destinations)), journal)
    mine = and_(publication.c.school_id == reading.school, publication.c.state == "published", publication.c.position > after)
    chosen = select(publication).where(mine, where).order_by(publication.c.position).limit(limit)
    return tuple(reading.rows(chosen).all())


def in_state(reading: Reading, states: Iterable[str]) -> tuple[Row[Any], ...]:
    """Return publications in these states, the oldest first."""
    chosen = select(publication).where(publication.c.school_id == reading.school, publication.c.state.in_(sorted(states)))
    return tuple(reading.rows(chosen.order_by(publication.c.created_at, publication.c.id)).all())


def last_closed(reading: Reading, photo_id: str) -> datetime | None:
    """Return when a publication of this photo was last closed; None if none ever was."""
    mine = (publication.c.school_id == reading.school, publication.c.photo_id == photo_id)
    found: datetime | None = reading.rows(select(func.max(publication.c.retracting_at)).where(*mine)).scalar_one_or_none()
    return found


def live_keys(reading: Reading) -> frozenset[str]:
    """Return the key of every object that may hold an image: those of rows putting or published."""
    joined = and_(rendition.c.school_id == publication.c.school_id, rendition.c.publication_id == publication.c.id)
    chosen = select(rendition.c.object_key).join(publication, joined)
    mine = chosen.where(publication.c.school_id == reading.school, publication.c.state.in_(LIVE))
    return frozenset(reading.rows(mine).scalars())


def _lock_live(step: Transaction, where: Any) -> tuple[Row[Any], ...]:  # noqa: ANN401 - any SQL condition
    chosen = select(publication).where(publication.c.school_id == step.school, publication.c.state.in_(LIVE), where)
    return step.locked(Lock.PUBLICATION, chosen.order_by(publication.c.id))


def _set(step: Transaction, publication_id: str, **values: object) -> None:
    mine = (publication.c.school_id == step.school, publication.c.id == publication_id)
    step.write(update(publication).where(*mine).values(**values))
