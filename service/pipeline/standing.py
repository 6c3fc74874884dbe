"""How things stand: the case of a photo as it is now, and which live publications no longer stand."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row

from consent.canonical import plain
from consent.case import Case
from consent.decision import decide
from consent.names import Names, ScrubbedWords, scrub_words
from consent.people import PupilId
from consent.photo import Photo, PublishedWords, WordsState
from consent.policy import Policy
from consent.purposes import Destination, Journal, parse_destination
from consent.reasons import Finding, Outcome, Reason
from consent.register import Register
from consent.retraction import LEAVES_LIVE, Live, to_retract
from storage import decisions, photos, publications, registers, schools
from storage.jobs import Kind
from storage.store import Reading, Transaction

_FAILED: Final = (Finding(reason=Reason.RULE_FAILED),)
_ONLY_TOO_LARGE: Final = frozenset({Reason.IMAGE_TOO_LARGE})


class Matchers:
    """The names of each school, kept while the register's names are the same. Safe to share between threads."""

    def __init__(self) -> None:
        """Start with none built."""
        self._built: dict[str, Names] = {}

    def of(self, reading: Reading) -> Names:
        """Return the matcher of the school's names as they are now."""
        digest = schools.read(reading).names
        found = self._built.get(reading.school)
        if found is None or found.digest != digest:
            found = registers.all_names(reading)
            self._built[reading.school] = found
        return found


def about(photo: Photo, destination: Destination) -> frozenset[PupilId]:
    """Return every pupil whose entry a decision reads: those pictured, and a journal's owner."""
    return photo.subjects | ({destination.owner} if isinstance(destination, Journal) else set())


def case_of(reading: Reading, photo: Photo, destination: Destination, *, policy: Policy | None) -> Case:
    """Put the case as the register stands in this transaction."""
    register = registers.slice_for(reading, about(photo, destination))
    return Case(photo=photo, destination=destination, register=register, policy=policy, now=reading.now)


def without_image(photo: Photo) -> Photo:
    """Return what is known of a photo of which there is nothing to publish, or nothing small enough."""
    return replace(photo, image=None)


def scrub(words: PublishedWords, names: Names) -> ScrubbedWords:
    """Take names out of a photo's words, or hold them."""
    return scrub_words(title=words.title, caption=words.caption, alt=words.alt, event=words.event, tags=words.tags, names=names)


def scrub_photo(step: Transaction, stored: Row[Any], names: Names) -> None:
    """Check a photo's words against the names as they are now. The caller holds the photo's and the school's lock.

    What is held is kept as it was, also words that were clean under older names: a suggestion is never taken for typed words.
    """
    to_check = photos.words_to_check(stored)
    done = scrub(to_check, names)
    values: dict[str, object] = {"words": plain(done.words), "words_state": done.state.value, "words_names": names.digest}
    values["typed_words"] = None if done.state is WordsState.CLEAN else plain(to_check)
    photos.change(step, stored.id, **values)


def close_what_fell(step: Transaction, live: Sequence[Row[Any]], *, matchers: Matchers) -> int:
    """Decide live publications again and close those that would not be published today; return how many.

    The caller holds their locks, and the lock of whatever changed. Whatever goes wrong with one closes that one and no other,
    and never ends the transaction: a row that can't be read must not keep a withdrawal from being written down. Where no
    policy can be read, the one in force or the last one, nothing can be judged, so all of them close.
    """
    if not live:
        return 0
    policy = schools.last_policy(step)
    register = _register_for_all(step, live)
    return sum(_close_if_fallen(step, stored, register=register, policy=policy, matchers=matchers) for stored in live)


def pictured_or_owning(stored: Row[Any]) -> frozenset[PupilId]:
    """Return every pupil a publication was decided by; none where its row can't be read: whoever judges it then closes it."""
    try:
        return about(publications.facts(stored), parse_destination(stored.destination))
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return frozenset()


def close(step: Transaction, stored: Row[Any], because: Iterable[Finding]) -> bool:
    """Close one publication to every reader and queue its tombstones; False if it was closed before."""
    if not publications.mark_retracting(step, stored, because):
        return False
    step.enqueue(Kind.RETRACT, stored.id)
    return True


def begin_anew(step: Transaction, stored: Row[Any], because: Iterable[Finding], *, later: timedelta = timedelta()) -> bool:
    """Close a publication and decide about its photo once more, under fresh keys; False if it was closed before."""
    if not close(step, stored, because):
        return False
    photos.set_outcome(step, stored.photo_id, stored.destination, outcome="pending", publication_id=None)
    step.enqueue(Kind.RELEASE, f"{stored.photo_id} {stored.destination}", run_at=step.now + later)
    return True


def ask_again(step: Transaction, pupils: Iterable[PupilId] | None) -> None:
    """Queue a new decision for what never went out, now that the register or the policy changed."""
    for photo_id, destination in photos.undecided_with(step, pupils):
        step.enqueue(Kind.RELEASE, f"{photo_id} {destination}")


def _register_for_all(step: Transaction, live: Sequence[Row[Any]]) -> Register | None:
    """Read the register once for all of them; None where it can't be read: then each is judged by its own part alone."""
    everyone = {one for stored in live for one in pictured_or_owning(stored)}
    try:
        return registers.slice_for(step, everyone)
    except Exception:  # noqa: BLE001 - whatever is wrong with one of them
        return None


def _close_if_fallen(
    step: Transaction, stored: Row[Any], *, register: Register | None, policy: Policy | None, matchers: Matchers
) -> bool:
    if policy is None:
        return _close_unjudged(step, stored)
    try:
        frozen = publications.facts(stored)
        facts = _with_checked_words(frozen, publications.words(stored), matchers.of(step))
        destination = parse_destination(stored.destination)
        known = register if register is not None else registers.slice_for(step, about(facts, destination))
        entries = _only(known, facts, destination)
        case = Case(photo=facts, destination=destination, register=entries, policy=policy, now=step.now)
        made = decide(case)
        files = tuple(one.name for one in publications.renditions(step, stored.id))
        one = Live(publication=stored.id, case=case, valid_until=None, renditions=files)
        fallen = next(to_retract([one], decide_again=lambda _: made), None)
    except Exception:  # noqa: BLE001 - what can't be judged can't stay up
        return _close_unjudged(step, stored)
    if fallen is None:
        if made.outcome is Outcome.APPROVED and (facts != frozen or made.valid_until != stored.valid_until):
            publications.renew(step, stored.id, facts=facts, valid_until=made.valid_until)
        return False
    if {finding.reason for finding in fallen.because} == _ONLY_TOO_LARGE:
        return begin_anew(step, stored, fallen.because)  # it may stay, but not at this size
    outcome = _outcome(fallen.because)
    _note(step, stored, outcome, decisions.keep(step, case, made))
    return close(step, stored, fallen.because)


def _close_unjudged(step: Transaction, stored: Row[Any]) -> bool:
    _note(step, stored, Outcome.HELD, None)
    return close(step, stored, _FAILED)


def _with_checked_words(frozen: Photo, words: PublishedWords, names: Names) -> Photo:
    """Read the published words again if the names changed; what is found in them makes the photo's words held."""
    if frozen.words_names == names.digest:
        return frozen
    done = scrub(words, names)
    same = done.state is WordsState.CLEAN and done.words == words
    return replace(frozen, words=WordsState.CLEAN if same else WordsState.HELD, words_names=names.digest)


def _only(register: Register, photo: Photo, destination: Destination) -> Register:
    entries = {one: register.pupils[one] for one in sorted(about(photo, destination)) if one in register.pupils}
    return replace(register, pupils=entries, version=sum(entry.version for entry in entries.values()))


def _outcome(because: Iterable[Finding]) -> Outcome:
    outcomes = {finding.outcome for finding in because if finding.reason not in LEAVES_LIVE}
    return Outcome.REJECTED if Outcome.REJECTED in outcomes else Outcome.HELD


def _note(step: Transaction, stored: Row[Any], outcome: Outcome, decision_id: str | None) -> None:
    values = {"outcome": outcome.value} | ({"decision_id": decision_id} if decision_id else {})
    photos.set_outcome(step, stored.photo_id, stored.destination, **values)
