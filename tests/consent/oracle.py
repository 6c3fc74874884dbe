"""May it go out? Read off the sentences of the product, one function a sentence, sharing nothing with the code under test.

The oracle looks for sentences that forbid. It knows the default calendar only (school year to 31 August, yes to 31 October,
renewal from 1 May) and only cases whose clock stands at noon, so that it need not know about summer time. It imports words
(enumerations, the shapes of values) from ``consent`` and none of its functions.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from consent.case import Case
from consent.people import Authority, LegalStatus, PupilId, Relation
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Place, WordsState
from consent.policy import Basis, DeviceProvenance, FaceAccounting, Policy, Statements
from consent.purposes import HighProfile, Journal, Purpose, SharedSite, Website
from consent.register import Answer, ConsentRecord, Person, Pupil

AUDIENCE = {"journal:shared": 1, "shared-site": 2, "website:group": 3, "website:individual": 3, "high-profile": 4}
"""Refusal for a smaller audience closes the larger ones; a refusal of journal:own closes nothing else."""
ORDERS = {LegalStatus.CARE_ORDER, LegalStatus.INTERIM_CARE_ORDER, LegalStatus.EMERGENCY_PROTECTION_ORDER}
PARENTAL = {Relation.MOTHER, Relation.FATHER, Relation.PARENT, Relation.GUARDIAN, Relation.STEP_PARENT, Relation.OTHER}
NOTHING = {Authority.NONE, Authority.UNKNOWN}


def may_go_out(case: Case) -> bool:
    return not any(forbids(case) for forbids in (policy, photo, device, named, company, cover, register, journal, pupils))


def policy(case: Case) -> bool:
    """Missing policy -> held. Rules for England; elsewhere closed. The school opens destinations."""
    names = {Website: "website", HighProfile: "high-profile", SharedSite: "shared-site", Journal: "journal"}
    opened = case.policy is not None and names[type(case.destination)] in {kind.value for kind in case.policy.destinations}
    return case.policy is None or case.policy.rules_for != "england" or not opened


def photo(case: Case) -> bool:
    """A clean image; words without names; no prohibited place; with their knowledge; somebody says who is pictured."""
    it = case.photo
    if it.image is None or it.words != WordsState.CLEAN or it.words_names != case.register.names:
        return True
    if it.place == Place.PROHIBITED or it.aware == Aware.NO:
        return True
    required = case.policy is not None and case.policy.statements == Statements.REQUIRED
    if required and (it.place == Place.NOT_STATED or it.aware == Aware.NOT_STATED):
        return True
    return not (it.declared and not it.no_pupils) if it.subjects else not it.no_pupils


def device(case: Case) -> bool:
    """Only school cameras or iPads, or the head's recorded exception; what can't be read holds until a second person looked."""
    it, rules = case.photo, case.policy
    if it.metadata not in {Metadata.READ, Metadata.SEEN}:
        return True
    if (
        rules is None
        or rules.provenance == DeviceProvenance.RECORDED
        or it.device in {DeviceState.SCHOOL, DeviceState.OTHER_CLASS}
    ):
        return False
    kinds = {Website: "website", HighProfile: "high-profile", SharedSite: "shared-site", Journal: "journal"}
    allowed = rules.device_exceptions and kinds[type(case.destination)] in {kind.value for kind in it.excepted}
    return not allowed or it.device == DeviceState.NOT_CHECKED


def named(case: Case) -> bool:
    """Whoever the file names is tagged, or a second person has looked."""
    it = case.photo
    if it.metadata == Metadata.SEEN:
        return False
    return it.image is not None if it.mentioned is None else not all(meant & it.subjects for meant in it.mentioned)


def company(case: Case) -> bool:
    """Every face accounted for. An unknown child holds. Adults: staff, or their own yes, else covered."""
    it = case.photo
    if Other.UNKNOWN_CHILD in it.others or Other.ADULT in it.others or it.faces == Faces.UNACCOUNTED:
        return True
    trusting = case.policy is not None and case.policy.faces == FaceAccounting.DECLARED
    return it.faces == Faces.UNKNOWN and isinstance(case.destination, Website | HighProfile) and not trusting


def cover(case: Case) -> bool:
    """Covered stays pictured until confirmed, for shared and public. One covered among uncovered holds in public."""
    it, to = case.photo, case.destination
    if it.covered - it.subjects:
        return True
    if not it.covered or isinstance(to, Journal):
        return False
    somebody_uncovered = bool(it.subjects - it.covered or it.others)
    marked = len(it.covered) == 1 and somebody_uncovered and not isinstance(to, SharedSite)
    return not it.cover_confirmed or (marked and not (case.policy is not None and case.policy.one_covered_face))


def register(case: Case) -> bool:
    """Register source older than allowed -> everything new holds except journal:own picturing the owner alone."""
    if case.policy is None:
        return True
    it, to, seen = case.photo, case.destination, case.register.fresh_at
    if isinstance(to, Journal) and it.subjects == {to.owner} and not it.covered and not it.others:
        return False
    oldest = case.now - timedelta(days=case.policy.register_max_age_days)
    return seen is None or seen < oldest or seen > case.now + timedelta(days=1)


def journal(case: Case) -> bool:
    """Journals only for Nursery and Reception; the owner must be in the EYFS and have a journal."""
    to = case.destination
    if not isinstance(to, Journal) or case.policy is None:
        return False
    owner = entry(case, to.owner)
    return owner is None or not there(owner, case) or not owner.has_journal or owner.year_group not in case.policy.journal_years


def pupils(case: Case) -> bool:
    """From each pictured pupil, a yes to the one question that is asked here."""
    return any(not agreed(case, pupil, purpose) for pupil, purpose in asked(case))


def asked(case: Case) -> Iterator[tuple[PupilId, Purpose]]:
    it, to = case.photo, case.destination
    hidden = it.covered if isinstance(to, Journal) or it.cover_confirmed else frozenset()
    seen = it.subjects - hidden
    for pupil in seen:
        match to:
            case Website():
                limit = case.policy.individual_face_share if case.policy else 0
                large = it.largest_face is not None and (it.largest_face > limit or it.largest_face < 0)
                yield pupil, Purpose.WEBSITE_INDIVIDUAL if large or len(seen) == 1 else Purpose.WEBSITE_GROUP
            case HighProfile():
                yield pupil, Purpose.HIGH_PROFILE
            case SharedSite():
                yield pupil, Purpose.SHARED_SITE
            case Journal():
                yield pupil, Purpose.JOURNAL_OWN if pupil == to.owner else Purpose.JOURNAL_SHARED


def agreed(case: Case, pupil: PupilId, purpose: Purpose) -> bool:
    child, rules = entry(case, pupil), case.policy
    if child is None or rules is None or child.protected or not there(child, case):
        return False
    if any(a_no_stands(case, child, no, purpose) for no in child.records):
        return False
    silence_allowed = rules.basis[purpose] == Basis.PUBLIC_TASK and child.legal_status == LegalStatus.NO_ORDER
    if silence_allowed:
        return True
    givers = {person.id for person in child.persons if a_yes_counts(case, child, person, purpose)}
    everyone = {person.id for person in child.persons if has_authority(person, child.legal_status, purpose)}
    more_than_one_asked = len([person for person in child.persons if purpose in person.asked]) > 1
    if purpose == Purpose.HIGH_PROFILE or more_than_one_asked or purpose in rules.every_parent:
        return bool(givers) and everyone <= givers
    return bool(givers)


def a_no_stands(case: Case, child: Pupil, no: ConsentRecord, purpose: Purpose) -> bool:
    """Any standing no, by anyone, for this or a smaller audience; only its giver's later yes, or head and DSL, end it."""
    if no.answer != Answer.REFUSED or (no.photo is not None and no.photo != case.photo.id):
        return False
    smaller = no.purpose in AUDIENCE and purpose in AUDIENCE and AUDIENCE[no.purpose] < AUDIENCE[purpose]
    if no.purpose != purpose and not smaller:
        return False
    childs_own = from_child(no)
    known_as = {person.authority for person in child.persons if person.id == no.giver}
    if no.retired and not childs_own and not known_as - NOTHING:
        return False
    for yes in child.records:
        if yes.answer != Answer.GIVEN or (yes.giver, yes.purpose) != (no.giver, no.purpose) or from_child(yes) != childs_own:
            continue
        if yes.photo != (case.photo.id if yes.purpose == Purpose.HIGH_PROFILE else None):
            continue
        if no.photo is not None and yes.photo != no.photo:
            continue
        if yes.authority in NOTHING and no.authority not in NOTHING:
            continue
        outranks = yes.answered_at is not None or (yes.source == no.source and yes.first_seen_at > no.first_seen_at)
        if outranks and dated(no) < dated(yes) <= case.now and not void(yes, child):
            return False
    return True


def a_yes_counts(case: Case, child: Pupil, person: Person, purpose: Purpose) -> bool:
    """The person's latest yes to exactly this: with authority then and now, not void, not expired, no standing no beside it."""
    photo_wanted = case.photo.id if purpose == Purpose.HIGH_PROFILE else None
    wanted = (Answer.GIVEN, person.id, purpose, photo_wanted)
    his = [yes for yes in child.records if (yes.answer, yes.giver, yes.purpose, yes.photo) == wanted and dated(yes) <= case.now]
    latest = [yes for yes in his if dated(yes) == max(dated(one) for one in his)]
    for yes in latest:
        if case.policy is None or void(yes, child) or case.now.date() > ends(yes, case.policy):
            return False
    known = [one for one in child.persons if one.id == person.id]
    stated = [replace(one, relation=yes.relation, authority=yes.authority) for one in known for yes in latest]
    return bool(latest) and all(has_authority(one, child.legal_status, purpose) and fits(one) for one in known + stated)


def has_authority(person: Person, status: LegalStatus, purpose: Purpose) -> bool:
    holders = {Authority.PARENTAL_RESPONSIBILITY}
    if status in ORDERS:
        holders = {Authority.LOCAL_AUTHORITY}
    if status == LegalStatus.SPECIAL_GUARDIANSHIP:
        holders = {Authority.SPECIAL_GUARDIAN}
    if status == LegalStatus.UNKNOWN:
        holders = set()
    if (status in ORDERS or status == LegalStatus.SECTION_20) and purpose in person.delegated:
        holders = holders | {Authority.DELEGATED}
    return not person.barred and person.authority in holders


def fits(person: Person) -> bool:
    """Who says to be one thing, and to have the authority of another, has none."""
    return {
        Authority.PARENTAL_RESPONSIBILITY: person.relation in PARENTAL,
        Authority.SPECIAL_GUARDIAN: person.relation == Relation.SPECIAL_GUARDIAN,
        Authority.LOCAL_AUTHORITY: person.relation == Relation.LOCAL_AUTHORITY,
        Authority.DELEGATED: person.relation == Relation.FOSTER_CARER,
    }.get(person.authority, False)


def void(yes: ConsentRecord, child: Pupil) -> bool:
    """A change of legal status voids every yes: one counts only if it is shown to have come after."""
    if child.legal_status == LegalStatus.NO_ORDER and child.legal_status_since is None:
        return False
    since = child.legal_status_since or datetime.max.replace(tzinfo=UTC)
    return yes.answered_at is None or not yes.answered_at > since


def ends(yes: ConsentRecord, rules: Policy) -> date:
    """To 31 October after the school year; given from May on, it is for the coming one. High-profile: its own term."""
    day = dated(yes).date()
    if yes.purpose == Purpose.HIGH_PROFILE:
        if yes.valid_until is None:
            return date.min
        return min(yes.valid_until, day + timedelta(days=365 * rules.high_profile_max_years))
    until = date(day.year if day.month < 5 else day.year + 1, 10, 31)
    return until if yes.valid_until is None else min(until, yes.valid_until)


def dated(answer: ConsentRecord) -> datetime:
    """An undated answer is dated when its source first showed that state."""
    return answer.first_seen_at if answer.answered_at is None else answer.answered_at


def from_child(answer: ConsentRecord) -> bool:
    return answer.relation in {Relation.CHILD, Relation.EX_PUPIL} or answer.authority == Authority.SELF


def entry(case: Case, pupil: PupilId) -> Pupil | None:
    found = case.register.pupils.get(pupil)
    return found if found and found.id == pupil else None


def there(child: Pupil, case: Case) -> bool:
    """Leaver, not on roll -> no. After a bereavement everything is suspended."""
    today = case.now.date()
    left = child.left_on is not None and child.left_on < today
    not_yet = child.on_roll_from is not None and child.on_roll_from > today
    return not (left or not_yet or child.suspended)
