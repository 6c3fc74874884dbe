"""Release: decide, and publish what is cleared, by the protocol of docs/publish-and-retract.md.

tx 1 locks, decides, and writes the intent down; then the bytes are put; tx 2 locks again, decides again, and only then makes
the publication visible. A withdrawal between the two finds the row ``putting`` and closes it; its tombstones fence the put.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row

from consent.case import Case
from consent.decision import Clearance, Decision, clear, decide
from consent.events import Event
from consent.photo import CleanImage, PhotoId, PublicationId
from consent.purposes import Destination, parse_destination
from consent.reasons import Finding, Outcome, Reason
from consent.renditions import cleared, lacking, oversized, sides_at
from service.imaging import Encoded, ImagingError, Refusal, verify
from service.pipeline.standing import Matchers, about, begin_anew, case_of, close, scrub_photo, without_image
from storage import decisions, photos, publications, registers, schools
from storage.errors import Conflict, Fenced, NotFound
from storage.jobs import Job, Kind
from storage.prepared import Prepared
from storage.published import Published
from storage.store import Reading, Store, Transaction

_LATER: Final = timedelta(seconds=60)
"""How long to wait before fresh keys are tried: a store that fences everything off must not keep its workers busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Putting:
    publication: PublicationId
    clearance: Clearance
    keys: dict[str, str]


def release(job: Job, *, store: Store, prepared: Prepared, published: Published, matchers: Matchers) -> None:
    """Decide about one photo at one destination, and publish if nothing is against it. Safe to run twice.

    Raises StoreError when the bytes could not be put just now: the row stays ``putting``, invisible, and the job is tried again.
    A key that turns out not to be ours to fill, or that gives other bytes back than were put, is given up: the photo goes out
    later, under fresh ones.
    """
    photo_id, spelled = job.subject.split(" ", 1)
    destination = parse_destination(spelled)
    image = _image_if_needed(job, photo_id, destination, store=store, prepared=prepared)
    with store.transaction(job.school, actor="worker") as step:
        putting = _decide(step, photo_id, destination, spelled, image=image, matchers=matchers)
    if putting is None:
        return
    try:
        published.publish(putting.clearance, keys=putting.keys)
        _verify_stored(putting, published=published)
    except (Fenced, Conflict, ImagingError):
        with store.transaction(job.school, actor="worker") as step:
            _give_up_keys(step, photo_id, destination, putting.publication)
        return
    with store.transaction(job.school, actor="worker") as step:
        _make_visible(step, photo_id, destination, putting.publication)


def _verify_stored(putting: _Putting, *, published: Published) -> None:
    """Prove what the store gives back before anybody can see it (promise P4). Raises ImagingError, and StoreError."""
    for one in putting.clearance.renditions:
        stored = published.read_back(putting.keys[one.name]) or b""
        verify((Encoded.kept_as(one, stored),))


def _image_if_needed(
    job: Job, photo_id: str, destination: Destination, *, store: Store, prepared: Prepared
) -> CleanImage | Refusal | None:
    """Read the image and prove it clean again, if a first look says that it may go out; a Refusal if it can't be proven."""
    with store.reading(job.school) as look:
        stored = photos.row(look, photo_id)
        if stored.image is None or stored.state != "prepared":
            return None
        if not _looks_approved(look, stored, destination):
            return None
    found = prepared.renditions(
        school_id=job.school, photo_id=PhotoId(photo_id), image_digest=stored.image, wrapped_key=stored.wrapped_key
    )
    try:
        proven = verify(tuple(Encoded.kept_as(one, one.content) for one in found))
    except ImagingError as refused:
        return refused.reason
    return proven if proven.digest == stored.image else Refusal.UNCLEAN


def _looks_approved(look: Reading, stored: Row[Any], destination: Destination) -> bool:
    facts = photos.facts(look, stored)
    if facts.words_names != schools.read(look).names:
        return True  # its words are read again under lock; then it may
    return decide(case_of(look, facts, destination, policy=schools.policy_in_force(look))).outcome is Outcome.APPROVED


def _decide(
    step: Transaction,
    photo_id: str,
    destination: Destination,
    spelled: str,
    *,
    image: CleanImage | Refusal | None,
    matchers: Matchers,
) -> _Putting | None:
    stored = _lock_all(step, photo_id, destination)
    if stored.words_names != schools.read(step).names and stored.state != "disposed":
        scrub_photo(step, stored, matchers.of(step))
        step.record(Event.PHOTO_CHANGED, photo=photo_id, what="words read again")
        stored = photos.row(step, photo_id)
    asked = next(one for one in photos.destinations(step, photo_id) if one.destination == spelled)
    live = next((one for one in publications.live_of_photo(step, photo_id) if one.destination == spelled), None)
    waits = stored.state in ("prepared", "unclean") or (stored.state == "disposed" and asked.outcome == "pending")
    if not waits or (live is not None and live.state == "published"):
        return None
    if isinstance(image, Refusal) and stored.state == "prepared":
        stored = _hold_unclean(step, photo_id, image)
    case, made = _judge(step, stored, destination, there_is_one=stored.state != "disposed")
    if made.outcome is not Outcome.APPROVED:
        _refuse(step, case, made, asked, live)
        return None
    ready = _ready(step, stored, image, sides_at(case.policy, destination), asked)
    if ready is None:
        return None
    if not cleared(ready.renditions, sides_at(case.policy, destination)):
        _refuse(step, *_judge(step, stored, destination, there_is_one=False), asked, live)
        return None
    return _begin(step, case, made, ready, live)


def _ready(
    step: Transaction, stored: Row[Any], image: CleanImage | Refusal | None, sides: tuple[int, ...], asked: Row[Any]
) -> CleanImage | None:
    """Return the photo's clean image, in every size that is asked for; None if it is to come, and then what brings it is queued.

    A photo is prepared again from its original for sizes that nobody asked for before. If that failed once, what there is serves.
    """
    if not isinstance(image, CleanImage) or image.digest != stored.image:
        step.enqueue(Kind.RELEASE, f"{stored.id} {asked.destination}")  # it changed since the first look: look again
        return None
    if stored.fault is not None or not lacking(image.renditions, sides):
        return image
    photos.change(step, stored.id, state="received", changed_at=step.now)
    photos.set_outcome(step, stored.id, asked.destination, outcome="pending")
    step.record(Event.PHOTO_CHANGED, photo=stored.id, what="sizes asked for")
    step.enqueue(Kind.PREPARE, stored.id)
    return None


def _hold_unclean(step: Transaction, photo_id: str, fault: Refusal) -> Row[Any]:
    """Note that the clean image can't be proven clean any more: as if there were none."""
    photos.change(step, photo_id, state="unclean", image=None, fault=fault.value, changed_at=step.now)
    step.record(Event.PHOTO_UNCLEAN, photo=photo_id, fault=fault.value)
    return photos.row(step, photo_id)


def _judge(step: Transaction, stored: Row[Any], destination: Destination, *, there_is_one: bool = True) -> tuple[Case, Decision]:
    """Decide as things stand now. ``there_is_one``: there is an image, and a file of it that is small enough."""
    facts = photos.facts(step, stored)
    known = facts if there_is_one else without_image(facts)
    case = case_of(step, known, destination, policy=schools.policy_in_force(step))
    return case, decide(case)


def _refuse(step: Transaction, case: Case, made: Decision, asked: Row[Any], live: Row[Any] | None) -> None:
    if live is None and _is_known(step, made, asked):
        return
    decision_id = decisions.keep(step, case, made)
    said: dict[str, str | None] = {"outcome": made.outcome.value, "decision_id": decision_id}
    if live is not None:
        close(step, live, made.findings)
        said |= {"publication_id": None}  # it never was to be seen, so it may be decided again by itself
    photos.set_outcome(step, made.photo, asked.destination, **said)


def _is_known(step: Transaction, made: Decision, asked: Row[Any]) -> bool:
    """True if this very no stands already: written down again at every change of the register it would bury the log."""
    if asked.outcome != made.outcome.value or asked.decision_id is None:
        return False
    before = decisions.row(step, asked.decision_id)
    return decisions.findings(before) == made.findings and before.policy == made.policy


def _begin(step: Transaction, case: Case, made: Decision, image: CleanImage, live: Row[Any] | None) -> _Putting | None:
    stored = photos.row(step, made.photo)
    clearance = clear(made, image, photos.words(stored), policy=case.policy)
    if live is not None and not _is_as_begun(step, live, case, clearance):
        begin_anew(step, live, made.findings)  # put before, by a worker that died, and changed since
        return None
    if live is None:
        decision_id = decisions.keep(step, case, made)
        publication = publications.begin(step, clearance, facts=case.photo, decision_id=decision_id)
        spelled = publications.row(step, publication).destination
        photos.set_outcome(step, made.photo, spelled, outcome="pending", decision_id=decision_id, publication_id=publication)
    else:
        publication = PublicationId(live.id)  # put before, by a worker that died: the same keys serve
    keys = {one.name: one.object_key for one in publications.renditions(step, publication)}
    return _Putting(publication=publication, clearance=clearance, keys=keys)


def _is_as_begun(step: Transaction, live: Row[Any], case: Case, clearance: Clearance) -> bool:
    begun = {one.name: one.sha256 for one in publications.renditions(step, live.id)}
    same_files = begun == {one.name: one.sha256 for one in clearance.renditions}
    return same_files and publications.facts(live) == case.photo and publications.words(live) == clearance.words


def _make_visible(step: Transaction, photo_id: str, destination: Destination, publication: PublicationId) -> None:
    stored = _lock_all(step, photo_id, destination)
    row = publications.lock(step, publication)
    if row.state != "putting":
        return
    case, made = _judge(step, stored, destination)
    names = [one.name for one in publications.renditions(step, publication)]
    if case.photo != publications.facts(row) or oversized(names, sides_at(case.policy, destination)):
        begin_anew(step, row, made.findings)
    elif made.outcome is not Outcome.APPROVED:
        asked = next(one for one in photos.destinations(step, photo_id) if one.destination == row.destination)
        _refuse(step, case, made, asked, row)
    else:
        if made.valid_until != row.valid_until:
            publications.renew(step, row.id, facts=case.photo, valid_until=made.valid_until)
        photos.set_outcome(step, photo_id, row.destination, outcome="approved")
        publications.mark_published(step, row)


def _give_up_keys(step: Transaction, photo_id: str, destination: Destination, publication: PublicationId) -> None:
    """Close what can't be put where it was to be. Withdrawn meanwhile, it is closed already: its retraction is on the way."""
    _lock_all(step, photo_id, destination)
    row = publications.lock(step, publication)
    if row.state == "putting":
        begin_anew(step, row, (Finding(reason=Reason.RULE_FAILED),), later=_LATER)


def _lock_all(step: Transaction, photo_id: str, destination: Destination) -> Row[Any]:
    """Lock the school (its policy and names), the photo and every pupil the decision is about, in that order."""
    schools.lock(step, share=True)
    stored = photos.lock(step, photo_id)
    everyone = about(photos.facts(step, stored), destination)
    with suppress(NotFound):  # a pupil who is not on the register is a finding, not a fault
        registers.lock_pupils(step, everyone, share=True)
    return stored
