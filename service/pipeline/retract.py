"""Retract: tombstones under every key of a closed publication, a probe that says so, and the receipt."""

from storage import publications
from storage.jobs import Job
from storage.published import Published
from storage.store import Store


def retract(job: Job, *, store: Store, published: Published) -> None:
    """Take one publication's objects away. Does nothing unless it is ``retracting``; safe to run twice.

    Raises StoreError or NotGone when that could not be done and proven: the job is tried again, for ever.
    """
    with store.reading(job.school) as look:
        stored = publications.row(look, job.subject)
        keys = {one.name: one.object_key for one in publications.renditions(look, job.subject)}
    if stored.state != "retracting":
        return
    probes = published.retract(keys=keys)
    with store.transaction(job.school, actor="worker") as step:
        stored = publications.lock(step, job.subject)
        if stored.state == "retracting":
            found = [{"rendition": one.rendition, "versions": one.versions, "with_bytes": one.with_bytes} for one in probes]
            publications.mark_retracted(step, stored, {"probes": found})
