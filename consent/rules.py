"""The rules. Each looks at the whole case and yields every finding; none knows of another; no finding at all is approval.

A rule that raises is a finding too (``rule:failed``), and so is an empty list of rules: doubt closes the gate (promise P10).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, assert_never

from consent.answers import Question, against, away
from consent.case import Case, register_is_stale
from consent.people import PupilId
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Place, WordsState, names_others
from consent.policy import DeviceProvenance, FaceAccounting, Statements, kind_of
from consent.purposes import HighProfile, Journal, Purpose, SharedSite, Website, is_public
from consent.reasons import Finding, Outcome, Reason
from consent.register import Pupil

RULES_VERSION: Final = "3"
"""Rises with every change that could decide some case differently; stored with each decision for replay."""

Rule = Callable[[Case], Iterator[Finding]]


def pictured(case: Case) -> frozenset[PupilId]:
    """Return the pupils who count as pictured: covering a child ends that only once a second person has confirmed it.

    For journals the cover is enough (docs/rules.md, "Pictured").
    """
    photo = case.photo
    if photo.cover_confirmed or isinstance(case.destination, Journal):
        return photo.subjects - photo.covered
    return photo.subjects


def needed(case: Case) -> Mapping[PupilId, Purpose]:
    """Return the purpose each pictured pupil needs a yes for (docs/rules.md, "Destinations, purposes, audiences")."""
    return {pupil: _purpose(case, pupil) for pupil in sorted(pictured(case))}


def questions(case: Case) -> Iterator[Question]:
    """Put the question for each pictured pupil on the register; nothing without a policy."""
    if case.policy is None:
        return
    for pupil, purpose in needed(case).items():
        entry = _entry(case, pupil)
        if entry is not None:
            yield Question(pupil=entry, purpose=purpose, photo=case.photo.id, policy=case.policy, now=case.now)


def findings(case: Case, rules: Iterable[Rule] | None = None) -> tuple[Finding, ...]:
    """Run every rule and return all that was found, sorted, each once. Raises nothing that a rule raises."""
    found: set[Finding] = set()
    chosen = tuple(RULES if rules is None else rules)
    for rule in chosen:
        try:
            found.update(rule(case))
        except Exception:  # noqa: BLE001 - whatever went wrong in a rule, the answer is to hold
            found.add(Finding(reason=Reason.RULE_FAILED))
    if not chosen:
        found.add(Finding(reason=Reason.RULE_FAILED))
    return tuple(sorted(found, key=lambda finding: (finding.reason, finding.pupil or "", finding.outcome)))


def policy_in_force(case: Case) -> Iterator[Finding]:
    """There is a policy, under a law these rules cover, and it opens the destination."""
    if case.policy is None:
        yield Finding(reason=Reason.POLICY_MISSING)
        return
    if case.policy.rules_for != "england":
        yield Finding(reason=Reason.POLICY_UNSUPPORTED)
    if kind_of(case.destination) not in case.policy.destinations:
        yield Finding(reason=Reason.DESTINATION_CLOSED, outcome=Outcome.REJECTED)


def register_in_step(case: Case) -> Iterator[Finding]:
    """The register is fresh; only a journal that pictures its owner alone may go on without ("What counts as a yes", 8)."""
    photo, to = case.photo, case.destination
    owner_alone = isinstance(to, Journal) and photo.subjects == pictured(case) == frozenset({to.owner}) and not photo.others
    if case.policy is not None and not owner_alone and register_is_stale(case.register, case.policy, case.now):
        yield Finding(reason=Reason.REGISTER_STALE)


def image_is_clean(case: Case) -> Iterator[Finding]:
    """There is a verified image."""
    if case.photo.image is None:
        yield Finding(reason=Reason.IMAGE_MISSING)


def everyone_is_declared(case: Case) -> Iterator[Finding]:
    """Somebody says who is pictured, and that these are all."""
    photo = case.photo
    if (photo.subjects and photo.no_pupils) or not photo.covered <= photo.subjects:
        yield Finding(reason=Reason.SUBJECTS_CONTRADICTORY)
    if not photo.subjects and not photo.no_pupils:
        yield Finding(reason=Reason.SUBJECTS_NONE)
    if photo.subjects and not photo.declared:
        yield Finding(reason=Reason.SUBJECTS_UNDECLARED)


def every_pupil_may_appear(case: Case) -> Iterator[Finding]:
    """Every pictured pupil has a yes in force. With others in the picture a no holds; alone there is nothing left to crop."""
    shown = pictured(case)
    outcome = Outcome.HELD if len(shown) > 1 else Outcome.REJECTED
    for pupil in sorted(pupil for pupil in shown if _entry(case, pupil) is None):
        yield Finding(reason=Reason.PUPIL_NOT_ON_ROLL, pupil=pupil, outcome=outcome)
    for question in questions(case):
        for reason in against(question):
            yield Finding(reason=reason, pupil=question.pupil.id, outcome=outcome)


def journal_is_open(case: Case) -> Iterator[Finding]:
    """The owner, pictured or not, is on the roll, in the EYFS, and has a journal.

    Of an owner who is pictured ``every_pupil_may_appear`` has said all there is to say: a second finding, or another outcome,
    would tell a leaver from a protected child (promise P8).
    """
    if not isinstance(case.destination, Journal) or case.policy is None:
        return
    owner = _entry(case, case.destination.owner)
    if case.destination.owner not in pictured(case):
        for reason in [Reason.PUPIL_NOT_ON_ROLL] if owner is None else away(owner, case.now):
            yield Finding(reason=reason, pupil=case.destination.owner, outcome=Outcome.REJECTED)
    if owner is not None and (owner.year_group not in case.policy.journal_years or not owner.has_journal):
        yield Finding(reason=Reason.JOURNAL_CLOSED, outcome=Outcome.REJECTED)


def others_agreed(case: Case) -> Iterator[Finding]:
    """No unknown child, and no adult who has not agreed."""
    if Other.UNKNOWN_CHILD in case.photo.others:
        yield Finding(reason=Reason.PERSON_UNKNOWN_CHILD)
    if Other.ADULT in case.photo.others:
        yield Finding(reason=Reason.PERSON_ADULT)


def faces_are_accounted_for(case: Case) -> Iterator[Finding]:
    """No face belongs to nobody tagged; for public destinations nobody need guess.

    A face known to belong to nobody tagged stops the picture everywhere, for it may be an unknown child's. While nobody has
    looked, public destinations hold, unless the policy takes the teacher's declaration for it.
    """
    declared = case.policy is not None and case.policy.faces is FaceAccounting.DECLARED
    match case.photo.faces:
        case Faces.ACCOUNTED:
            return
        case Faces.UNACCOUNTED:
            yield Finding(reason=Reason.FACES_UNACCOUNTED)
        case Faces.UNKNOWN:
            if is_public(case.destination) and not declared:
                yield Finding(reason=Reason.FACES_UNKNOWN)
        case _:
            assert_never(case.photo.faces)


def covers_reveal_nobody(case: Case) -> Iterator[Finding]:
    """A covered child is confirmed by a second person, and is not singled out in public."""
    photo, policy = case.photo, case.policy
    if not photo.covered or isinstance(case.destination, Journal):
        return
    if not photo.cover_confirmed:
        yield Finding(reason=Reason.COVER_UNCONFIRMED)
    one_among_others = len(photo.covered) == 1 and len(photo.subjects) + len(photo.others) > 1
    if one_among_others and is_public(case.destination) and not (policy is not None and policy.one_covered_face):
        yield Finding(reason=Reason.COVER_SINGLES_OUT)


def words_name_nobody(case: Case) -> Iterator[Finding]:
    """The words were checked against the names as they are now, and none was found."""
    photo = case.photo
    if photo.words is WordsState.HELD:
        yield Finding(reason=Reason.WORDS_HELD)
    if photo.words is WordsState.UNCHECKED or photo.words_names != case.register.names:
        yield Finding(reason=Reason.WORDS_UNCHECKED)


def taken_rightly(case: Case) -> Iterator[Finding]:
    """Not in a prohibited place, not without the children's knowledge (policy W)."""
    photo = case.photo
    required = case.policy is not None and case.policy.statements is Statements.REQUIRED
    if photo.place is Place.PROHIBITED:
        yield Finding(reason=Reason.PLACE_PROHIBITED, outcome=Outcome.REJECTED)
    if photo.aware is Aware.NO:
        yield Finding(reason=Reason.AWARE_NO, outcome=Outcome.REJECTED)
    if required and photo.place is Place.NOT_STATED:
        yield Finding(reason=Reason.PLACE_NOT_STATED)
    if required and photo.aware is Aware.NOT_STATED:
        yield Finding(reason=Reason.AWARE_NOT_STATED)


def device_is_the_schools(case: Case) -> Iterator[Finding]:
    """A school device took it, whichever class's, or the headteacher's exception covers it (policy W and L, the policy's word).

    An exception lifts what the register says, never that it was not asked.
    """
    photo, policy = case.photo, case.policy
    if policy is None or policy.provenance is DeviceProvenance.RECORDED:
        return
    unchecked = photo.device is DeviceState.NOT_CHECKED
    if unchecked and photo.image is None:
        return  # nothing could be read, and that holds by itself
    lifted = policy.device_exceptions and kind_of(case.destination) in photo.excepted and not unchecked
    reason = _against_device(photo.device)
    if reason is not None and not lifted:
        yield Finding(reason=reason)


def metadata_was_read(case: Case) -> Iterator[Finding]:
    """All that the camera wrote could be read, or a second person has looked: an unreadable block never means "nobody"."""
    photo = case.photo
    unread = photo.metadata is Metadata.NOT_READ and photo.image is not None
    if unread or photo.metadata is Metadata.UNREADABLE:
        yield Finding(reason=Reason.METADATA_UNREADABLE)


def nobody_else_is_named(case: Case) -> Iterator[Finding]:
    """Whoever the file names is tagged, or a second person has looked.

    A name of nobody known, of a pupil of another class and of one who is not tagged hold alike: tags ask nobody's register.
    """
    photo = case.photo
    if photo.metadata is not Metadata.SEEN and names_others(photo):
        yield Finding(reason=Reason.PEOPLE_TAGGED)


RULES: Final[tuple[Rule, ...]] = (
    policy_in_force,
    register_in_step,
    image_is_clean,
    everyone_is_declared,
    every_pupil_may_appear,
    journal_is_open,
    others_agreed,
    faces_are_accounted_for,
    covers_reveal_nobody,
    words_name_nobody,
    taken_rightly,
    device_is_the_schools,
    metadata_was_read,
    nobody_else_is_named,
)


def _purpose(case: Case, pupil: PupilId) -> Purpose:
    match case.destination:
        case Website():
            return Purpose.WEBSITE_INDIVIDUAL if _is_individual(case) else Purpose.WEBSITE_GROUP
        case HighProfile():
            return Purpose.HIGH_PROFILE
        case SharedSite():
            return Purpose.SHARED_SITE
        case Journal(owner=owner):
            return Purpose.JOURNAL_OWN if pupil == owner else Purpose.JOURNAL_SHARED
        case _:
            assert_never(case.destination)


def _is_individual(case: Case) -> bool:
    share, policy = case.photo.largest_face, case.policy
    small = share is None or (policy is not None and 0 <= share <= policy.individual_face_share)
    return len(pictured(case)) == 1 or not small


def _against_device(state: DeviceState) -> Reason | None:
    match state:
        case DeviceState.SCHOOL | DeviceState.OTHER_CLASS:
            return None
        case DeviceState.NOT_CHECKED:
            return Reason.DEVICE_UNCHECKED
        case DeviceState.UNKNOWN:
            return Reason.DEVICE_UNKNOWN
        case DeviceState.PERSONAL:
            return Reason.DEVICE_PERSONAL
        case DeviceState.CONTRADICTED:
            return Reason.DEVICE_CONTRADICTED
        case DeviceState.INACTIVE:
            return Reason.DEVICE_INACTIVE
        case DeviceState.AMBIGUOUS:
            return Reason.DEVICE_AMBIGUOUS
        case _:
            assert_never(state)


def _entry(case: Case, pupil: PupilId) -> Pupil | None:
    """Return the register's entry for a pupil; one that is filed under the id of another is none."""
    entry = case.register.pupils.get(pupil)
    return entry if entry is not None and entry.id == pupil else None
