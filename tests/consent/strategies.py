"""Cases for Hypothesis: likely ones, near the line between yes and no, and any at all."""

from collections.abc import Mapping
from datetime import UTC, date, timedelta, timezone
from functools import cache
from typing import Final, TypeVar, cast

from hypothesis import strategies as st

from consent.case import Case
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Photo, PhotoId, Place, WordsState
from consent.policy import DestinationKind, Policy
from consent.purposes import Destination, HighProfile, Journal, Purpose, SharedSite, Website
from consent.register import Answer, ConsentRecord, Person, Pupil, RecordId, Register
from tests.consent.making import ANN, BOB, CAL, FATHER, MOTHER, NOW, OTHER_PHOTO, PHOTO, TERM, a_policy

_T = TypeVar("_T")

POLICIES: Final[tuple[Policy, ...]] = (
    a_policy(),
    a_policy(
        ('"journal:own" = "consent"', '"journal:own" = "public-task"'),
        ('"journal:shared" = "consent"', '"journal:shared" = "public-task"'),
        ('"shared-site" = "consent"', '"shared-site" = "public-task"'),
    ),
    a_policy(
        ("every_parent = []", 'every_parent = ["website:group", "shared-site"]'),
        ('statements = "asked"', 'statements = "required"'),
    ),
    a_policy(('faces = "detected"', 'faces = "declared"'), ("one_covered_face = false", "one_covered_face = true")),
    a_policy(("exceptions = false", "exceptions = true")),
    a_policy(('provenance = "required"', 'provenance = "recorded"')),
    a_policy(('rules_for = "england"', 'rules_for = "scotland"')),
    a_policy(('["website", "shared-site", "journal", "high-profile"]', '["journal"]')),
)


def mostly(usual: _T, *others: _T) -> st.SearchStrategy[_T]:
    """Draw the usual value in most cases, so that a case with many parts still comes near a yes."""
    return cast("st.SearchStrategy[_T]", _mostly(usual, others))


@cache  # making a strategy costs more than drawing from it
def _mostly(usual: object, others: tuple[object, ...]) -> st.SearchStrategy[object]:
    return st.sampled_from((usual,) * (7 * len(others)) + others)


destinations: Final[st.SearchStrategy[Destination]] = st.sampled_from(
    (Website(), Website(), HighProfile(), SharedSite(), Journal(owner=ANN), Journal(owner=BOB))
)
_days: Final = st.sampled_from([NOW + timedelta(days=days) for days in (-800, -400, -195, -194, -60, -30, -10, -1, 0, 1)])
_holders: Final = (
    (Relation.FATHER, Authority.PARENTAL_RESPONSIBILITY),
    (Relation.LOCAL_AUTHORITY, Authority.LOCAL_AUTHORITY),
    (Relation.FOSTER_CARER, Authority.DELEGATED),
    (Relation.SPECIAL_GUARDIAN, Authority.SPECIAL_GUARDIAN),
    (Relation.STEP_PARENT, Authority.NONE),
    (Relation.OTHER, Authority.UNKNOWN),
    (Relation.CHILD, Authority.SELF),
    (Relation.FOSTER_CARER, Authority.PARENTAL_RESPONSIBILITY),
)
holders: Final = mostly((Relation.PARENT, Authority.PARENTAL_RESPONSIBILITY), *_holders)
_coin: Final = st.booleans()
_days_or_none: Final = st.none() | _days
_purposes: Final = st.sampled_from(Purpose)
_some_purposes: Final = st.sampled_from((frozenset({Purpose.SHARED_SITE}), frozenset(Purpose), frozenset[Purpose]()))
_record_ids: Final = st.integers(0, 9999).map(lambda number: RecordId(f"record-{number}"))
_givers: Final = st.sampled_from((MOTHER, MOTHER, FATHER))
_answers_given: Final = mostly(Answer.GIVEN, Answer.REFUSED)


@st.composite
def persons(draw: st.DrawFn) -> Person:
    relation, authority = draw(holders)
    return Person(
        id=draw(_givers),
        relation=relation,
        authority=authority,
        barred=draw(mostly(False, True)),
        delegated=draw(_some_purposes),
        asked=draw(mostly(frozenset(), frozenset({Purpose.WEBSITE_GROUP}), frozenset(Purpose))),
    )


@st.composite
def answers(draw: st.DrawFn, answer: st.SearchStrategy[Answer] | None = None) -> ConsentRecord:
    purpose = draw(_purposes)
    relation, authority = draw(holders)
    seen = draw(_days)
    usual_photo, usual_term = (PHOTO, TERM) if purpose is Purpose.HIGH_PROFILE else (None, None)
    return ConsentRecord(
        id=draw(_record_ids),
        purpose=purpose,
        answer=draw(_answers_given if answer is None else answer),
        giver=draw(_givers),
        relation=relation,
        authority=authority,
        answered_at=seen if draw(_coin) else draw(_days_or_none),
        first_seen_at=seen,
        source="form" if draw(_coin) else "export",
        photo=draw(mostly(usual_photo, PHOTO, OTHER_PHOTO, None)),
        valid_until=draw(mostly(usual_term, None, NOW.date(), NOW.date() - timedelta(days=1))),
        retired=draw(_coin),
    )


_few_answers: Final = st.lists(answers(), max_size=3)
_nobody_or_somebody: Final = st.just(()) | st.tuples(persons())


@st.composite
def pupils(draw: st.DrawFn, pupil: PupilId) -> Pupil:
    """Draw a pupil whose mother mostly said yes to everything, with a few answers more."""
    yes_at = draw(mostly(NOW - timedelta(days=30), NOW - timedelta(days=400)))
    all_yes = tuple(
        ConsentRecord(
            id=RecordId(f"yes-{purpose}"),
            purpose=purpose,
            answer=Answer.GIVEN,
            giver=MOTHER,
            relation=Relation.PARENT,
            authority=Authority.PARENTAL_RESPONSIBILITY,
            answered_at=yes_at,
            first_seen_at=yes_at,
            source="form",
            photo=PHOTO if purpose is Purpose.HIGH_PROFILE else None,
            valid_until=TERM if purpose is Purpose.HIGH_PROFILE else None,
        )
        for purpose in Purpose
    )
    mother = Person(id=MOTHER, relation=Relation.PARENT, authority=Authority.PARENTAL_RESPONSIBILITY)
    more = draw(_few_answers)
    return Pupil(
        id=draw(mostly(pupil, CAL)),
        version=1,
        year_group=draw(mostly("R", "N", "3")),
        reg_group="1A",
        on_roll_from=draw(mostly(None, NOW.date(), NOW.date() + timedelta(days=1))),
        left_on=draw(mostly(None, NOW.date(), NOW.date() - timedelta(days=1))),
        protected=draw(mostly(False, True)),
        suspended=draw(mostly(False, True)),
        has_journal=draw(mostly(True, False)),
        legal_status=draw(mostly(LegalStatus.NO_ORDER, *LegalStatus)),
        legal_status_since=draw(mostly(None, NOW - timedelta(days=20), NOW - timedelta(days=200))),
        persons=(*draw(mostly((mother,), ())), *draw(_nobody_or_somebody)),
        records=(*draw(mostly(all_yes, ())), *more),
    )


_subjects: Final = st.sampled_from((frozenset({ANN}), frozenset({ANN, BOB}), frozenset({BOB}), frozenset[PupilId]()))
_pupils_of: Final = {pupil: pupils(pupil) for pupil in (ANN, BOB)}


@st.composite
def photos(draw: st.DrawFn) -> Photo:
    subjects = draw(_subjects)
    return Photo(
        id=PHOTO,
        image=draw(mostly("ab" * 32, None)),
        subjects=subjects,
        no_pupils=draw(mostly(not subjects, bool(subjects))),
        declared=draw(mostly(True, False)),
        others=draw(mostly((), (Other.STAFF,), (Other.OUTSIDER_CONFIRMED,), *((other,) for other in Other))),
        covered=draw(mostly(frozenset(), frozenset({ANN}), frozenset({ANN, BOB}))),
        cover_confirmed=draw(_coin),
        place=draw(mostly(Place.ORDINARY, *Place)),
        aware=draw(mostly(Aware.YES, *Aware)),
        faces=draw(mostly(Faces.ACCOUNTED, *Faces)),
        largest_face=draw(mostly(None, 0.1, 0.15, 0.16, 0.0, 1.0, 7.0, -0.5)),
        words=draw(mostly(WordsState.CLEAN, *WordsState)),
        words_names=draw(mostly("names-1", "names-2", None)),
        device=draw(mostly(DeviceState.SCHOOL, *DeviceState)),
        excepted=draw(mostly(frozenset(), frozenset(DestinationKind), frozenset({DestinationKind.WEBSITE}))),
        metadata=draw(mostly(Metadata.READ, *Metadata)),
        mentioned=draw(mostly((), None, (frozenset(),), *((frozenset(meant),) for meant in ({ANN}, {ANN, BOB}, {CAL})))),
    )


_photos: Final = photos()
_policies: Final = st.sampled_from((*POLICIES[:1] * 35, *POLICIES, None))


@st.composite
def likely_cases(draw: st.DrawFn) -> Case:
    """Draw a case near the line: about as many are approved as are not."""
    entries = {pupil: draw(_pupils_of[pupil]) for pupil in draw(mostly((ANN, BOB), (ANN,), (BOB,), ()))}
    fresh_at = draw(mostly(NOW, NOW - timedelta(days=14), NOW - timedelta(days=15), NOW + timedelta(days=2), None))
    return Case(
        photo=draw(_photos),
        destination=draw(destinations),
        register=Register(version=1, fresh_at=fresh_at, names="names-1", pupils=entries),
        policy=draw(_policies),
        now=NOW,
    )


def _ids(*known: str) -> st.SearchStrategy[str]:
    return st.sampled_from(known) | st.text(min_size=1, max_size=3)


_pupil_ids: Final = _ids(ANN, BOB).map(PupilId)
_instants: Final = st.datetimes(
    timezones=st.sampled_from((UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))))
)
_all_photos: Final = _ids(PHOTO, OTHER_PHOTO).map(PhotoId)

any_persons: Final = st.builds(
    Person,
    id=_ids(MOTHER, FATHER).map(PersonId),
    relation=st.sampled_from(Relation),
    authority=st.sampled_from(Authority),
    barred=st.booleans(),
    delegated=st.frozensets(_purposes),
    asked=st.frozensets(_purposes),
)
any_records: Final = st.builds(
    ConsentRecord,
    id=st.text(max_size=3).map(RecordId),
    purpose=_purposes,
    answer=st.sampled_from(Answer),
    giver=_ids(MOTHER, FATHER).map(PersonId),
    relation=st.sampled_from(Relation),
    authority=st.sampled_from(Authority),
    answered_at=st.none() | _instants,
    first_seen_at=_instants,
    source=st.text(max_size=3),
    photo=st.none() | _all_photos,
    valid_until=st.none() | st.dates(),
    retired=st.booleans(),
)
_when: Final[Mapping[str, st.SearchStrategy[date | None]]] = {
    "on_roll_from": st.none() | st.dates(),
    "left_on": st.none() | st.dates(),
}
any_pupils: Final = st.builds(
    Pupil,
    id=_pupil_ids,
    version=st.integers(),
    year_group=_ids("N", "R", "1"),
    reg_group=st.text(max_size=3),
    protected=st.booleans(),
    suspended=st.booleans(),
    has_journal=st.booleans(),
    legal_status=st.sampled_from(LegalStatus),
    legal_status_since=st.none() | _instants,
    persons=st.lists(any_persons, max_size=2).map(tuple),
    records=st.lists(any_records, max_size=3).map(tuple),
    **_when,
)
any_photos: Final = st.builds(
    Photo,
    id=_all_photos,
    image=st.none() | st.text(max_size=3),
    subjects=st.frozensets(_pupil_ids, max_size=3),
    no_pupils=st.booleans(),
    declared=st.booleans(),
    others=st.lists(st.sampled_from(Other), max_size=3).map(tuple),
    covered=st.frozensets(_pupil_ids, max_size=2),
    cover_confirmed=st.booleans(),
    place=st.sampled_from(Place),
    aware=st.sampled_from(Aware),
    faces=st.sampled_from(Faces),
    largest_face=st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers().map(float),
    words=st.sampled_from(WordsState),
    words_names=st.none() | st.text(max_size=3),
    device=st.sampled_from(DeviceState),
    excepted=st.frozensets(st.sampled_from(DestinationKind)),
    metadata=st.sampled_from(Metadata),
)
any_cases: Final = st.builds(
    Case,
    photo=any_photos,
    destination=st.sampled_from((Website(), HighProfile(), SharedSite())) | st.builds(Journal, owner=_pupil_ids),
    register=st.builds(
        Register,
        version=st.integers(),
        fresh_at=st.none() | _instants,
        names=st.text(max_size=3),
        pupils=st.dictionaries(_pupil_ids, any_pupils, max_size=2),
    ),
    policy=st.none() | st.sampled_from(POLICIES),
    now=_instants,
)
"""Well-typed cases of any kind: years 1 to 9999, odd zones, empty words, entries filed under another pupil's id."""
