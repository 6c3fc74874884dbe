"""Dispose: an original whose time is over is destroyed: its bytes, its clean copies, and the key that could open either."""

from consent.events import Event
from consent.photo import PhotoId
from storage import photos
from storage.jobs import Job
from storage.prepared import Prepared
from storage.quarantine import Quarantine
from storage.store import Store


def dispose(job: Job, *, store: Store, quarantine: Quarantine, prepared: Prepared) -> None:
    """Destroy one photo's original and clean copies; what is published stays published. Safe to run twice.

    The key goes first: once the transaction is in, no copy anywhere can be opened, whatever happens to the tombstones.
    """
    with store.transaction(job.school, actor="worker") as step:
        stored = photos.lock(step, job.subject)
        waiting = any(one.outcome == "pending" for one in photos.destinations(step, stored.id))
        if stored.state not in ("prepared", "unclean", "disposed") or waiting:
            return
        if stored.state != "disposed":
            values = {"state": "disposed", "wrapped_key": None, "typed_words": None, "suggested": None, "changed_at": step.now}
            photos.change(step, stored.id, **values)
            step.record(Event.PHOTO_DISPOSED, photo=stored.id)
    if stored.original_key is not None:
        quarantine.dispose(stored.original_key)
    if stored.image is not None:
        prepared.dispose(school_id=job.school, photo_id=PhotoId(stored.id), image_digest=stored.image)
    prepared.dispose_all(school_id=job.school, photo_id=PhotoId(stored.id))
