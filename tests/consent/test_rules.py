"""Each rule by itself: what it finds, and what it lets pass."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from consent.case import Case
from consent.people import PupilId
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Photo, Place, WordsState
from consent.policy import DestinationKind, Policy
from consent.purposes import Destination, HighProfile, Journal, Purpose, SharedSite, Website
from consent.reasons import Finding, Outcome, Reason
from consent.register import Pupil, Register
from consent.rules import findings, needed, pictured, questions
from tests.consent.making import (
    ANN,
    BOB,
    CAL,
    NOW,
    POLICY,
    a_case,
    a_no,
    a_person,
    a_photo,
    a_policy,
    a_pupil,
    a_yes,
    anns_journal,
)

R: Final = Reason
A_DAY: Final = timedelta(days=1)
EVERYWHERE: Final[tuple[Destination, ...]] = (Website(), HighProfile(), SharedSite(), anns_journal())
REQUIRED: Final = a_policy(('statements = "asked"', 'statements = "required"'))
DECLARED: Final = a_policy(('faces = "detected"', 'faces = "declared"'))
ONE_COVERED: Final = a_policy(("one_covered_face = false", "one_covered_face = true"))


def _reasons(case: Case) -> set[Reason]:
    return {finding.reason for finding in findings(case)}


def _pictures(photo: Photo, to: Destination | None = None, policy: Policy = POLICY) -> Case:
    return a_case(a_pupil(ANN), a_pupil(BOB), a_pupil(CAL), photo=photo, to=to, policy=policy)


PHOTOS: Final = {
    "in order": (a_photo(), set(), EVERYWHERE),
    "no clean image": (a_photo(image=None), {R.IMAGE_MISSING}, EVERYWHERE),
    "nobody tagged": (a_photo(()), {R.SUBJECTS_NONE}, EVERYWHERE),
    "a field without children": (a_photo((), no_pupils=True), set(), EVERYWHERE),
    "a field without children, declared": (a_photo((), no_pupils=True, declared=False), set(), EVERYWHERE),
    "tagged, and no pupil can be seen": (a_photo(no_pupils=True), {R.SUBJECTS_CONTRADICTORY}, EVERYWHERE),
    "covered, and not tagged": (
        a_photo(covered=(BOB,), cover_confirmed=True),
        {R.SUBJECTS_CONTRADICTORY},
        (SharedSite(), anns_journal()),
    ),
    "not declared": (a_photo(declared=False), {R.SUBJECTS_UNDECLARED}, EVERYWHERE),
    "staff": (a_photo(others=(Other.STAFF,)), set(), EVERYWHERE),
    "an adult who agreed": (a_photo(others=(Other.ADULT_AGREED,)), set(), EVERYWHERE),
    "an outsider, confirmed": (a_photo(others=(Other.OUTSIDER_CONFIRMED,)), set(), EVERYWHERE),
    "an adult who has not agreed": (a_photo(others=(Other.STAFF, Other.ADULT)), {R.PERSON_ADULT}, EVERYWHERE),
    "an unknown child": (a_photo(others=(Other.UNKNOWN_CHILD,)), {R.PERSON_UNKNOWN_CHILD}, EVERYWHERE),
    "a face that belongs to nobody tagged": (a_photo(faces=Faces.UNACCOUNTED), {R.FACES_UNACCOUNTED}, EVERYWHERE),
    "faces nobody has counted, in public": (a_photo(faces=Faces.UNKNOWN), {R.FACES_UNKNOWN}, (Website(), HighProfile())),
    "faces nobody has counted, in school": (a_photo(faces=Faces.UNKNOWN), set(), (SharedSite(), anns_journal())),
    "words not yet checked": (a_photo(words=WordsState.UNCHECKED), {R.WORDS_UNCHECKED}, EVERYWHERE),
    "words checked against names of another day": (a_photo(words_names="names-0"), {R.WORDS_UNCHECKED}, EVERYWHERE),
    "words checked against no names": (a_photo(words_names=None), {R.WORDS_UNCHECKED}, EVERYWHERE),
    "words that may name somebody": (a_photo(words=WordsState.HELD), {R.WORDS_HELD}, EVERYWHERE),
    "words that named somebody of another day": (
        a_photo(words=WordsState.HELD, words_names="names-0"),
        {R.WORDS_HELD, R.WORDS_UNCHECKED},
        EVERYWHERE,
    ),
    "a changing room": (a_photo(place=Place.PROHIBITED), {R.PLACE_PROHIBITED}, EVERYWHERE),
    "without their knowledge": (a_photo(aware=Aware.NO), {R.AWARE_NO}, EVERYWHERE),
}


@pytest.mark.parametrize(("photo", "so", "where"), PHOTOS.values(), ids=PHOTOS.keys())
def test_what_is_wrong_with_the_photo_itself(photo: Photo, so: set[Reason], where: Iterable[Destination]) -> None:
    for to in where:
        assert _reasons(_pictures(photo, to)) == so


@pytest.mark.parametrize("photo", [a_photo(place=Place.PROHIBITED), a_photo(aware=Aware.NO)])
def test_a_picture_that_should_not_have_been_taken_is_rejected(photo: Photo) -> None:
    assert {finding.outcome for finding in findings(_pictures(photo))} == {Outcome.REJECTED}


STATEMENTS: Final = {
    "neither": (Place.NOT_STATED, Aware.NOT_STATED, {R.PLACE_NOT_STATED, R.AWARE_NOT_STATED}),
    "place alone": (Place.ORDINARY, Aware.NOT_STATED, {R.AWARE_NOT_STATED}),
    "awareness alone": (Place.NOT_STATED, Aware.YES, {R.PLACE_NOT_STATED}),
    "both": (Place.ORDINARY, Aware.YES, set()),
}


@pytest.mark.parametrize(("place", "aware", "so"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_place_and_awareness_must_be_stated_where_the_policy_requires_it(place: Place, aware: Aware, so: set[Reason]) -> None:
    photo = a_photo(place=place, aware=aware)
    assert _reasons(_pictures(photo, policy=REQUIRED)) == so
    assert _reasons(_pictures(photo)) == set()


def test_a_school_without_the_detector_takes_the_declaration_for_it_but_not_against_a_face_that_was_seen() -> None:
    assert _reasons(_pictures(a_photo(faces=Faces.UNKNOWN), policy=DECLARED)) == set()
    assert _reasons(_pictures(a_photo(faces=Faces.UNACCOUNTED), policy=DECLARED)) == {R.FACES_UNACCOUNTED}


DEVICES: Final = {
    DeviceState.SCHOOL: set(),
    DeviceState.OTHER_CLASS: set(),
    DeviceState.NOT_CHECKED: {R.DEVICE_UNCHECKED},
    DeviceState.UNKNOWN: {R.DEVICE_UNKNOWN},
    DeviceState.PERSONAL: {R.DEVICE_PERSONAL},
    DeviceState.CONTRADICTED: {R.DEVICE_CONTRADICTED},
    DeviceState.INACTIVE: {R.DEVICE_INACTIVE},
    DeviceState.AMBIGUOUS: {R.DEVICE_AMBIGUOUS},
}
EXCEPTIONS: Final = a_policy(("exceptions = false", "exceptions = true"))
RECORDED: Final = a_policy(('provenance = "required"', 'provenance = "recorded"'))


@pytest.mark.parametrize("to", EVERYWHERE)
@pytest.mark.parametrize(("state", "so"), DEVICES.items())
def test_only_a_school_device_passes_at_every_destination(state: DeviceState, so: set[Reason], to: Destination) -> None:
    assert set(DEVICES) == set(DeviceState)
    assert _reasons(_pictures(a_photo(device=state), to)) == so
    assert _reasons(_pictures(a_photo(device=state), to, policy=RECORDED)) == set()


@pytest.mark.parametrize(("state", "so"), DEVICES.items())
def test_an_exception_lifts_what_the_register_says_where_it_was_granted_for_and_the_policy_allows_it(
    state: DeviceState, so: set[Reason]
) -> None:
    photo = a_photo(device=state, excepted={DestinationKind.WEBSITE})
    assert _reasons(_pictures(photo, policy=EXCEPTIONS)) == so & {R.DEVICE_UNCHECKED}
    assert _reasons(_pictures(photo, SharedSite(), policy=EXCEPTIONS)) == so
    assert _reasons(_pictures(photo)) == so


METADATA: Final = {
    Metadata.READ: set(),
    Metadata.SEEN: set(),
    Metadata.UNREADABLE: {R.METADATA_UNREADABLE},
    Metadata.NOT_READ: {R.METADATA_UNREADABLE},
}


@pytest.mark.parametrize("to", EVERYWHERE)
@pytest.mark.parametrize("policy", [POLICY, RECORDED])
@pytest.mark.parametrize(("state", "so"), METADATA.items())
def test_metadata_that_could_not_be_read_holds_everywhere_until_a_second_person_has_looked(
    state: Metadata, so: set[Reason], policy: Policy, to: Destination
) -> None:
    assert set(METADATA) == set(Metadata)
    assert _reasons(_pictures(a_photo(metadata=state), to, policy=policy)) == so


MENTIONED: Final[dict[str, tuple[Iterable[Iterable[PupilId]] | None, bool]]] = {
    "nobody is named": ((), True),
    "the one who is tagged": (((ANN,),), True),
    "both who are tagged": (((ANN,), (BOB,)), True),
    "either of two of one name": (((ANN, CAL),), True),
    "nobody known": (((),), False),
    "one who is tagged, and nobody known": (((), (ANN,)), False),
    "one who is not tagged": (((CAL,),), False),
    "one who is tagged and one who is not": (((ANN,), (CAL,)), False),
    "nobody has looked whom": (None, False),
}


@pytest.mark.parametrize("to", EVERYWHERE)
@pytest.mark.parametrize(("mentioned", "passes"), MENTIONED.values(), ids=MENTIONED.keys())
def test_whoever_the_file_names_is_tagged_or_a_second_person_has_looked(
    mentioned: Iterable[Iterable[PupilId]] | None, *, passes: bool, to: Destination
) -> None:
    photo = a_photo((ANN, BOB), mentioned=mentioned)
    case = replace(_pictures(photo, to), register=a_case(a_pupil(ANN), a_pupil(BOB)).register)
    so = set() if passes else {R.PEOPLE_TAGGED}
    assert _reasons(case) & {R.PEOPLE_TAGGED} == so
    assert R.PEOPLE_TAGGED not in _reasons(replace(case, photo=replace(photo, metadata=Metadata.SEEN)))
    unread = _reasons(replace(case, photo=replace(photo, metadata=Metadata.UNREADABLE)))
    assert unread & {R.PEOPLE_TAGGED, R.METADATA_UNREADABLE} == so | {R.METADATA_UNREADABLE}


def test_of_a_picture_that_could_not_be_cleaned_only_that_is_said() -> None:
    photo = a_photo(image=None, device=DeviceState.NOT_CHECKED, metadata=Metadata.NOT_READ, mentioned=None)
    assert _reasons(_pictures(photo)) == {R.IMAGE_MISSING}


# --- who counts as pictured, and for what purpose ---------------------------------------------------------------------

COVERS: Final = {
    "all covered, confirmed": (a_photo((ANN, BOB), covered=(ANN, BOB), cover_confirmed=True), set()),
    "all covered, not confirmed": (a_photo((ANN, BOB), covered=(ANN, BOB)), {R.COVER_UNCONFIRMED}),
    "one of two": (a_photo((ANN, BOB), covered=(ANN,), cover_confirmed=True), {R.COVER_SINGLES_OUT}),
    "one of two, not confirmed": (a_photo((ANN, BOB), covered=(ANN,)), {R.COVER_UNCONFIRMED, R.COVER_SINGLES_OUT}),
    "two of three": (a_photo((ANN, BOB, CAL), covered=(ANN, BOB), cover_confirmed=True), set()),
    "one alone": (a_photo((ANN,), covered=(ANN,), cover_confirmed=True), set()),
    "one beside an uncovered teacher": (
        a_photo((ANN,), covered=(ANN,), cover_confirmed=True, others=(Other.STAFF,)),
        {R.COVER_SINGLES_OUT},
    ),
}


@pytest.mark.parametrize(("photo", "so"), COVERS.values(), ids=COVERS.keys())
@pytest.mark.parametrize("to", [Website(), HighProfile()])
def test_in_public_a_cover_is_confirmed_and_marks_nobody(photo: Photo, so: set[Reason], to: Destination) -> None:
    assert _reasons(_pictures(photo, to)) == so


@pytest.mark.parametrize(("photo", "so"), COVERS.values(), ids=COVERS.keys())
def test_in_school_a_cover_is_confirmed_and_may_stand_among_uncovered_ones(photo: Photo, so: set[Reason]) -> None:
    assert _reasons(_pictures(photo, SharedSite())) == so - {R.COVER_SINGLES_OUT}
    assert _reasons(_pictures(photo, policy=ONE_COVERED)) == so - {R.COVER_SINGLES_OUT}


@pytest.mark.parametrize(("photo", "so"), COVERS.values(), ids=COVERS.keys())
def test_in_a_journal_the_cover_is_enough(photo: Photo, so: set[Reason]) -> None:
    assert _reasons(_pictures(photo, anns_journal())) == set()


@pytest.mark.parametrize(
    ("to", "confirmed", "still_pictured"),
    [
        (Website(), False, {ANN, BOB}),
        (Website(), True, {BOB}),
        (SharedSite(), False, {ANN, BOB}),
        (SharedSite(), True, {BOB}),
        (anns_journal(), False, {BOB}),
    ],
)
def test_a_covered_child_stays_pictured_until_a_second_person_confirms(
    to: Destination, confirmed: bool, still_pictured: set[str]
) -> None:
    refused = a_pupil(ANN, records=[a_no(purpose) for purpose in Purpose])
    case = a_case(refused, a_pupil(BOB), photo=a_photo((ANN, BOB), covered=(ANN,), cover_confirmed=confirmed), to=to)
    assert pictured(case) == still_pictured
    assert (R.PUPIL_REFUSED in _reasons(case)) is (ANN in still_pictured)


INDIVIDUAL, GROUP = Purpose.WEBSITE_INDIVIDUAL, Purpose.WEBSITE_GROUP
PURPOSES: Final = {
    "alone": (a_photo(), Website(), {ANN: INDIVIDUAL}),
    "two": (a_photo((ANN, BOB)), Website(), {ANN: GROUP, BOB: GROUP}),
    "two, one of them covered": (a_photo((ANN, BOB), covered=(BOB,), cover_confirmed=True), Website(), {ANN: INDIVIDUAL}),
    "two, a cover not confirmed": (a_photo((ANN, BOB), covered=(BOB,)), Website(), {ANN: GROUP, BOB: GROUP}),
    "alone with staff": (a_photo(others=(Other.STAFF,)), Website(), {ANN: INDIVIDUAL}),
    "a face at the limit": (a_photo((ANN, BOB), largest_face=0.15), Website(), {ANN: GROUP, BOB: GROUP}),
    "a face over the limit": (a_photo((ANN, BOB), largest_face=0.1501), Website(), {ANN: INDIVIDUAL, BOB: INDIVIDUAL}),
    "a face larger than the picture": (a_photo((ANN, BOB), largest_face=15.0), Website(), {ANN: INDIVIDUAL, BOB: INDIVIDUAL}),
    "a face smaller than nothing": (a_photo((ANN, BOB), largest_face=-0.1), Website(), {ANN: INDIVIDUAL, BOB: INDIVIDUAL}),
    "a face that is no number": (a_photo((ANN, BOB), largest_face=float("nan")), Website(), {ANN: INDIVIDUAL, BOB: INDIVIDUAL}),
    "prospectus": (a_photo((ANN, BOB)), HighProfile(), {ANN: Purpose.HIGH_PROFILE, BOB: Purpose.HIGH_PROFILE}),
    "shared site": (a_photo((ANN, BOB)), SharedSite(), {ANN: Purpose.SHARED_SITE, BOB: Purpose.SHARED_SITE}),
    "journal": (a_photo((ANN, BOB)), anns_journal(), {ANN: Purpose.JOURNAL_OWN, BOB: Purpose.JOURNAL_SHARED}),
    "journal of one who is not pictured": (a_photo((BOB,)), anns_journal(), {BOB: Purpose.JOURNAL_SHARED}),
    "nobody": (a_photo((), no_pupils=True), Website(), {}),
}


@pytest.mark.parametrize(("photo", "to", "so"), PURPOSES.values(), ids=PURPOSES.keys())
def test_every_pictured_pupil_is_asked_the_question_of_the_destination(
    photo: Photo, to: Destination, so: dict[str, Purpose]
) -> None:
    case = _pictures(photo, to)
    assert needed(case) == so
    assert {question.pupil.id: question.purpose for question in questions(case)} == so


def test_without_a_policy_any_measured_face_is_too_large_and_no_question_can_be_put() -> None:
    case = replace(_pictures(a_photo((ANN, BOB), largest_face=0.01)), policy=None)
    assert set(needed(case).values()) == {INDIVIDUAL}
    assert list(questions(case)) == []
    assert set(needed(replace(case, photo=a_photo((ANN, BOB)))).values()) == {GROUP}


def test_a_no_about_the_only_pupil_rejects_and_beside_others_holds() -> None:
    refused = a_pupil(ANN, records=[a_no(purpose) for purpose in Purpose])
    assert {finding.outcome for finding in findings(a_case(refused))} == {Outcome.REJECTED}
    assert {finding.outcome for finding in findings(a_case(refused, a_pupil(BOB)))} == {Outcome.HELD}


@pytest.mark.parametrize("to", EVERYWHERE)
def test_an_entry_filed_under_another_pupils_id_answers_for_nobody(to: Destination) -> None:
    case = a_case(to=to)
    muddled = Register(version=1, fresh_at=NOW, names="names-1", pupils={ANN: a_pupil(BOB)})
    assert findings(replace(case, register=muddled)) == (
        Finding(reason=R.PUPIL_NOT_ON_ROLL, pupil=ANN, outcome=Outcome.REJECTED),
    )


# --- journals ---------------------------------------------------------------------------------------------------------

YESTERDAY, TODAY, TOMORROW = NOW.date() - A_DAY, NOW.date(), NOW.date() + A_DAY
OWNERS: Final = {
    "in Reception": (a_pupil(), set()),
    "in Nursery": (a_pupil(year_group="N"), set()),
    "in Year 1": (a_pupil(year_group="1"), {R.JOURNAL_CLOSED}),
    "has no journal": (a_pupil(has_journal=False), {R.JOURNAL_CLOSED}),
    "left yesterday": (a_pupil(left_on=YESTERDAY), {R.PUPIL_LEAVER}),
    "leaves today": (a_pupil(left_on=TODAY), set()),
    "comes tomorrow": (a_pupil(on_roll_from=TOMORROW), {R.PUPIL_NOT_ON_ROLL}),
    "suspended": (a_pupil(suspended=True), {R.PUPIL_SUSPENDED}),
    "suspended, in Year 1": (a_pupil(suspended=True, year_group="1"), {R.PUPIL_SUSPENDED, R.JOURNAL_CLOSED}),
}


@pytest.mark.parametrize("subjects", [(ANN,), (ANN, BOB), (BOB,)], ids=["pictured alone", "pictured", "not pictured"])
@pytest.mark.parametrize(("owner", "so"), OWNERS.values(), ids=OWNERS.keys())
def test_a_journal_is_open_for_an_owner_on_the_roll_and_in_the_eyfs(
    owner: Pupil, so: set[Reason], subjects: tuple[PupilId, ...]
) -> None:
    case = a_case(owner, a_pupil(BOB), photo=a_photo(subjects), to=anns_journal())
    assert _reasons(case) == so


def test_a_journal_whose_owner_is_not_on_the_register_is_closed() -> None:
    case = a_case(a_pupil(BOB), photo=a_photo((BOB,)), to=anns_journal())
    assert findings(case) == (Finding(reason=R.PUPIL_NOT_ON_ROLL, pupil=ANN, outcome=Outcome.REJECTED),)


def test_what_an_owner_who_is_not_pictured_answered_does_not_matter() -> None:
    owner = a_pupil(ANN, records=[a_no(purpose) for purpose in Purpose], protected=True)
    assert _reasons(a_case(owner, a_pupil(BOB), photo=a_photo((BOB,)), to=anns_journal())) == set()


def test_another_childs_picture_in_a_journal_needs_its_own_parents_yes_to_that() -> None:
    bob = a_pupil(BOB, records=(a_yes(Purpose.JOURNAL_OWN),))
    assert _reasons(a_case(a_pupil(ANN), bob, to=anns_journal())) == {R.PUPIL_NOT_RECORDED}


def test_without_a_policy_a_journal_has_no_years() -> None:
    case = a_case(a_pupil(year_group="6"), to=anns_journal(), policy=None)
    assert _reasons(case) == {R.POLICY_MISSING}


# --- the register and the policy --------------------------------------------------------------------------------------

AGES: Final = {
    "seen just now": (timedelta(), False),
    "seen as long ago as is allowed": (timedelta(days=14), False),
    "a second longer": (timedelta(days=14, seconds=1), True),
    "a clock that runs ahead by a day": (timedelta(days=-1), False),
    "seen the day after tomorrow": (timedelta(days=-1, seconds=-1), True),
    "never seen": (None, True),
}


@pytest.mark.parametrize(("age", "stale"), AGES.values(), ids=AGES.keys())
@pytest.mark.parametrize("to", [Website(), HighProfile(), SharedSite(), Journal(owner=BOB)])
def test_a_stale_register_holds_everything_new(age: timedelta | None, stale: bool, to: Destination) -> None:
    case = a_case(a_pupil(), a_pupil(BOB), photo=a_photo((ANN,)), to=to, fresh_at=None if age is None else NOW - age)
    assert findings(case) == ((Finding(reason=R.REGISTER_STALE),) if stale else ())


ALONE: Final = {
    "the owner alone": (a_photo(), False),
    "the owner and another": (a_photo((ANN, BOB)), True),
    "another alone": (a_photo((BOB,)), True),
    "nobody": (a_photo((), no_pupils=True), True),
    "the owner and a teacher": (a_photo(others=(Other.STAFF,)), True),
    "the owner, covered": (a_photo(covered=(ANN,)), True),
    "the owner and another who is covered": (a_photo((ANN, BOB), covered=(BOB,)), True),
}


@pytest.mark.parametrize(("photo", "held"), ALONE.values(), ids=ALONE.keys())
def test_only_a_journal_that_pictures_its_owner_alone_goes_on_without_a_fresh_register(photo: Photo, held: bool) -> None:
    case = replace(_pictures(photo, anns_journal()), register=replace(_pictures(photo).register, fresh_at=None))
    assert _reasons(case) == ({R.REGISTER_STALE} if held else set())


def test_a_stale_register_lifts_no_no_in_the_owners_own_journal() -> None:
    refused = a_pupil(records=(a_no(Purpose.JOURNAL_OWN),))
    assert _reasons(a_case(refused, to=anns_journal(), fresh_at=None)) == {R.PUPIL_REFUSED}


KINDS: Final[Mapping[str, Destination]] = {
    "website": Website(),
    "high-profile": HighProfile(),
    "shared-site": SharedSite(),
    "journal": anns_journal(),
}


@pytest.mark.parametrize("closed", KINDS)
def test_a_destination_the_policy_has_not_opened_is_closed(closed: str) -> None:
    opened = ", ".join(f'"{kind}"' for kind in KINDS if kind != closed)
    policy = a_policy(('["website", "shared-site", "journal", "high-profile"]', f"[{opened}]"))
    for kind, to in KINDS.items():
        expected = (Finding(reason=R.DESTINATION_CLOSED, outcome=Outcome.REJECTED),) if kind == closed else ()
        assert findings(a_case(to=to, policy=policy)) == expected


@pytest.mark.parametrize("law", ["scotland", "England", "wales"])
def test_a_law_that_the_rules_do_not_cover_is_closed(law: str) -> None:
    policy = a_policy(('rules_for = "england"', f'rules_for = "{law}"'))
    assert _reasons(a_case(policy=policy)) == {R.POLICY_UNSUPPORTED}


def test_findings_come_sorted_and_each_once() -> None:
    refused = [a_no(purpose) for purpose in Purpose]
    case = a_case(
        a_pupil(BOB, records=refused), a_pupil(ANN, records=refused, persons=(a_person(),)), photo=a_photo((BOB, ANN, CAL))
    )
    found = findings(case)
    assert [(finding.reason, finding.pupil) for finding in found] == [
        (R.PUPIL_NOT_ON_ROLL, CAL),
        (R.PUPIL_REFUSED, ANN),
        (R.PUPIL_REFUSED, BOB),
    ]
