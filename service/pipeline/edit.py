"""Edit: the uploader says anew who is pictured, what the words are, or where it may go; whatever no longer stands is closed."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from consent.canonical import plain
from consent.events import Event
from consent.people import PupilId
from consent.photo import Aware, Faces, Other, Photo, Place, PublishedWords, WordsState
from consent.purposes import Journal, parse_destination
from consent.reasons import Finding, Outcome, Reason
from service.pipeline.standing import Matchers, close, scrub_photo
from storage import devices, matching, photos, publications, registers, schools
from storage.errors import Conflict
from storage.jobs import Kind
from storage.store import Store, Transaction
from storage.users import Caller, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is said anew; None leaves as it is. ``add_destinations`` asks for more, or again where it came down."""

    subjects: tuple[str, ...] | None = None
    no_pupils: bool | None = None
    declared: bool | None = None
    others: tuple[Other, ...] | None = None
    place: Place | None = None
    aware: Aware | None = None
    words: PublishedWords | None = None
    device: str | None = None
    faces_accounted: bool | None = None
    metadata_seen: bool | None = None
    add_destinations: tuple[str, ...] = ()


class SecondPersonNeeded(Conflict):
    """Whoever uploaded the photo can't also be the second pair of eyes."""


def edit(photo_id: str, change: Edit, *, caller: Caller, store: Store, matchers: Matchers) -> None:
    """Change what is said about a photo and decide about it again everywhere.

    Locks the photo and its old and new pupils. A publication whose photo is no longer what was decided on is closed first; it
    may go out again, under fresh keys, once the new decision approves. Of a photo whose original was disposed of nothing new
    can go out, but what is up comes down all the same. Raises NotFound for a photo or pupil of another school, UnknownDevice,
    Conflict when such a photo is asked to go somewhere, or when nobody need look at it; SecondPersonNeeded when the uploader
    accounts for the faces alone, or looks alone at what could not be read or names somebody.
    """
    with store.reading(caller.school) as look:
        devices.require(look, change.device)
        resolved = registers.resolve(look, change.subjects) if change.subjects is not None else None
        owners = [one.owner for one in map(parse_destination, change.add_destinations) if isinstance(one, Journal)]
        registers.resolve(look, owners)
    with store.transaction(caller.school, actor=caller.actor) as step:
        schools.lock(step, share=True)
        stored = photos.lock(step, photo_id)
        if stored.state == "disposed" and change.add_destinations:
            raise Conflict("the photo was disposed of")
        if change.faces_accounted and stored.uploader == caller.actor:
            raise SecondPersonNeeded("a second person must count the faces")
        before, judged = photos.facts(step, stored), devices.judge(step, stored)
        after_subjects = before.subjects if resolved is None else resolved
        registers.lock_pupils(step, before.subjects | after_subjects | frozenset(owners), share=True)
        _write(step, before, change, after_subjects)
        if change.metadata_seen is not None:
            _look(step, photos.row(step, photo_id), seen=change.metadata_seen)
        if change.words is not None:
            photos.change(step, photo_id, typed_words=plain(change.words), words_state=WordsState.UNCHECKED.value)
        stored = photos.row(step, photo_id)
        if stored.state != "received":
            scrub_photo(step, stored, matchers.of(step))
            matching.note(step, stored)
            stored = photos.row(step, photo_id)
        photos.add_destinations(step, photo_id, change.add_destinations)
        step.record(Event.PHOTO_CHANGED, photo=photo_id, what=_said(change))
        if change.place is Place.PROHIBITED or change.aware is Aware.NO:
            step.record(Event.PLACE_REPORTED, photo=photo_id, place=str(change.place), aware=str(change.aware))
        restated = change.device is not None and devices.judge(step, stored) != judged
        closed = _close_changed(step, stored, photos.facts(step, stored), restated=restated)
        if stored.state == "disposed":
            _leave_down(step, photo_id, closed)
        else:
            _decide_again(step, photo_id, change.add_destinations)


def _look(step: Transaction, stored: Row[Any], *, seen: bool) -> None:
    """Note who looked at a photo because of what its file says, or might say; or that it must be looked at again."""
    if stored.uploader == step.actor:
        raise SecondPersonNeeded("a second person must look")
    if stored.metadata_seen_by is None and not photos.waits_for_a_look(step, stored):
        raise Conflict("its metadata could be read, and whoever it names is tagged")
    photos.change(step, stored.id, metadata_seen_by=step.actor if seen else None)
    step.record(Event.PHOTO_METADATA_SEEN, photo=stored.id, seen=int(seen))


def _write(step: Transaction, before: Photo, change: Edit, subjects: frozenset[PupilId]) -> None:
    said = ("no_pupils", "declared", "others", "place", "aware", "device")
    values: dict[str, object] = {name: plain(getattr(change, name)) for name in said if getattr(change, name) is not None}
    if subjects != before.subjects:
        photos.replace_subjects(step, before.id, subjects)
        values["covered"] = sorted(before.covered & subjects)
        if change.declared is None:
            values["declared"] = False  # the old declaration was about other children
        if _meant(before) & (before.subjects - subjects):
            values["metadata_seen_by"] = None  # whoever looked was told that this one is pictured
    others_differ = change.others is not None and sorted(change.others) != sorted(before.others)
    if before.faces is Faces.ACCOUNTED and (subjects != before.subjects or others_differ):
        values["faces"] = Faces.UNKNOWN.value  # counted against other people; a face nobody tagged waits for a second person
    if change.faces_accounted is not None:
        values["faces"] = (Faces.ACCOUNTED if change.faces_accounted else Faces.UNACCOUNTED).value
    photos.change(step, before.id, changed_at=step.now, **values)


def _meant(photo: Photo) -> frozenset[PupilId]:
    """Every pupil whom the file may name."""
    return frozenset[PupilId]().union(*(photo.mentioned or ()))


def _close_changed(step: Transaction, stored: Row[Any], facts: Photo, *, restated: bool) -> tuple[str, ...]:
    """Close what shows no longer what is said; ``restated``: the device is now said to be another."""
    closed: list[str] = []
    for live in publications.live_of_photo(step, stored.id):
        if not _is_still(live, facts, photos.words(stored), restated=restated):
            close(step, live, (Finding(reason=Reason.WORDS_UNCHECKED, outcome=Outcome.HELD),))
            closed.append(live.destination)
    return tuple(closed)


def _is_still(live: Row[Any], facts: Photo, words: PublishedWords, *, restated: bool) -> bool:
    """True if a publication shows what the photo is now said to be; False for one that can't be read.

    By what device it came was settled when it went out, unless the uploader says now that it was another.
    """
    try:
        now = replace(publications.facts(live), words_names=facts.words_names)
        if not restated:
            now = replace(now, device=facts.device, excepted=facts.excepted)
        return now == facts and publications.words(live) == words
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return False


def _leave_down(step: Transaction, photo_id: str, closed: tuple[str, ...]) -> None:
    """Hold what came down of a photo that has no image any more. Words as typed are not kept either."""
    photos.change(step, photo_id, typed_words=None)
    for destination in closed:
        photos.set_outcome(step, photo_id, destination, outcome="held")


def _decide_again(step: Transaction, photo_id: str, asked_again: tuple[str, ...]) -> None:
    """Queue a decision for what never went out, was closed by this edit, or was just asked for again."""
    live = {one.destination for one in publications.live_of_photo(step, photo_id)}
    for asked in photos.destinations(step, photo_id):
        came_down = asked.publication_id is not None and asked.destination not in live
        just_closed = came_down and asked.outcome in ("approved", "pending")
        if asked.destination in live or (came_down and not just_closed and asked.destination not in asked_again):
            continue
        photos.set_outcome(step, photo_id, asked.destination, outcome="pending", publication_id=None)
        step.enqueue(Kind.RELEASE, f"{photo_id} {asked.destination}")


def _said(change: Edit) -> list[str]:
    names = (
        "subjects",
        "no_pupils",
        "declared",
        "others",
        "place",
        "aware",
        "words",
        "device",
        "faces_accounted",
        "metadata_seen",
    )
    return [name for name in names if getattr(change, name) is not None] + ["destinations"] * bool(change.add_destinations)


def may_edit(caller: Caller, uploader: str) -> bool:
    """Teachers edit what they uploaded; headteacher and editor-side second eyes may account for faces on any photo."""
    return caller.actor == uploader or caller.role in (Role.HEAD, Role.DSL, Role.OFFICE)
