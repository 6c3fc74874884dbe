"""Cases made simply: every part has a value that approves, so that a test says only what it is about."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import consent
from consent.case import Case
from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import Aware, DeviceState, Faces, Metadata, Other, Photo, PhotoId, Place, WordsState
from consent.policy import DestinationKind, Policy, parse_policy
from consent.purposes import Destination, Journal, Purpose, Website
from consent.register import Answer, ConsentRecord, Person, Pupil, RecordId, Register

NOW: Final = datetime(2026, 11, 10, 12, tzinfo=UTC)
BEFORE: Final = datetime(2026, 9, 10, 9, tzinfo=UTC)
LATER: Final = datetime(2026, 10, 10, 9, tzinfo=UTC)
TERM: Final = date(2028, 6, 30)
"""The last day of a high-profile yes."""

ANN: Final = PupilId("ann")
BOB: Final = PupilId("bob")
CAL: Final = PupilId("cal")
MOTHER: Final = PersonId("mother")
FATHER: Final = PersonId("father")
PHOTO: Final = PhotoId("photo-1")
OTHER_PHOTO: Final = PhotoId("photo-2")

DEFAULT_POLICY: Final = (Path(next(iter(consent.__path__))) / "default_policy.toml").read_text(encoding="utf-8")
POLICY: Final = parse_policy(DEFAULT_POLICY)


def policy_text(*changes: tuple[str, str]) -> str:
    """Return the default policy with some of its words changed; each must stand in it exactly once."""
    text = DEFAULT_POLICY
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def a_policy(*changes: tuple[str, str]) -> Policy:
    return parse_policy(policy_text(*changes))


def a_person(
    person: PersonId = MOTHER,
    relation: Relation = Relation.PARENT,
    authority: Authority = Authority.PARENTAL_RESPONSIBILITY,
    *,
    barred: bool = False,
    delegated: Iterable[Purpose] = (),
    asked: Iterable[Purpose] = (),
) -> Person:
    return Person(
        id=person, relation=relation, authority=authority, barred=barred, delegated=frozenset(delegated), asked=frozenset(asked)
    )


def a_record(
    purpose: Purpose,
    answer: Answer = Answer.GIVEN,
    *,
    giver: PersonId = MOTHER,
    at: datetime | None = BEFORE,
    seen: datetime | None = None,
    source: str = "form",
    relation: Relation = Relation.PARENT,
    authority: Authority = Authority.PARENTAL_RESPONSIBILITY,
    photo: PhotoId | None = None,
    until: date | None = None,
    retired: bool = False,
    name: str = "",
) -> ConsentRecord:
    seen_at = seen or at or BEFORE
    return ConsentRecord(
        id=RecordId(name or f"{giver}/{purpose}/{answer}/{at}/{seen_at}/{source}/{photo}"),
        purpose=purpose,
        answer=answer,
        giver=giver,
        relation=relation,
        authority=authority,
        answered_at=at,
        first_seen_at=seen_at,
        source=source,
        photo=photo,
        valid_until=until,
        retired=retired,
    )


def a_yes(purpose: Purpose, *, giver: PersonId = MOTHER, at: datetime | None = BEFORE, photo: PhotoId = PHOTO) -> ConsentRecord:
    """A yes that counts: high-profile is given for one photo, with a term."""
    if purpose is Purpose.HIGH_PROFILE:
        return a_record(purpose, giver=giver, at=at, photo=photo, until=TERM)
    return a_record(purpose, giver=giver, at=at)


def a_no(purpose: Purpose, *, giver: PersonId = MOTHER, at: datetime | None = LATER) -> ConsentRecord:
    return a_record(purpose, Answer.REFUSED, giver=giver, at=at)


def yes_to_all(giver: PersonId = MOTHER) -> tuple[ConsentRecord, ...]:
    return tuple(a_yes(purpose, giver=giver) for purpose in Purpose)


def a_pupil(
    pupil: PupilId = ANN,
    *,
    records: Iterable[ConsentRecord] | None = None,
    persons: Iterable[Person] | None = None,
    year_group: str = "R",
    on_roll_from: date | None = None,
    left_on: date | None = None,
    protected: bool = False,
    suspended: bool = False,
    has_journal: bool = True,
    status: LegalStatus = LegalStatus.NO_ORDER,
    since: datetime | None = None,
) -> Pupil:
    return Pupil(
        id=pupil,
        version=1,
        year_group=year_group,
        reg_group="1A",
        on_roll_from=on_roll_from,
        left_on=left_on,
        protected=protected,
        suspended=suspended,
        has_journal=has_journal,
        legal_status=status,
        legal_status_since=since,
        persons=(a_person(),) if persons is None else tuple(persons),
        records=yes_to_all() if records is None else tuple(records),
    )


def a_photo(
    subjects: Iterable[PupilId] = (ANN,),
    *,
    image: str | None = "ab" * 32,
    no_pupils: bool = False,
    declared: bool = True,
    others: tuple[Other, ...] = (),
    covered: Iterable[PupilId] = (),
    cover_confirmed: bool = False,
    place: Place = Place.NOT_STATED,
    aware: Aware = Aware.NOT_STATED,
    faces: Faces = Faces.ACCOUNTED,
    largest_face: float | None = None,
    words: WordsState = WordsState.CLEAN,
    words_names: str | None = "names-1",
    device: DeviceState = DeviceState.SCHOOL,
    excepted: Iterable[DestinationKind] = (),
    metadata: Metadata = Metadata.READ,
    mentioned: Iterable[Iterable[PupilId]] | None = (),
) -> Photo:
    return Photo(
        id=PHOTO,
        image=image,
        subjects=frozenset(subjects),
        no_pupils=no_pupils,
        declared=declared,
        others=others,
        covered=frozenset(covered),
        cover_confirmed=cover_confirmed,
        place=place,
        aware=aware,
        faces=faces,
        largest_face=largest_face,
        words=words,
        words_names=words_names,
        device=device,
        excepted=frozenset(excepted),
        metadata=metadata,
        mentioned=None if mentioned is None else tuple(frozenset(one) for one in mentioned),
    )


def a_register(pupils: Iterable[Pupil], *, fresh_at: datetime | None = NOW) -> Register:
    return Register(version=1, fresh_at=fresh_at, names="names-1", pupils={pupil.id: pupil for pupil in pupils})


def a_case(
    *pupils: Pupil,
    photo: Photo | None = None,
    to: Destination | None = None,
    policy: Policy | None = POLICY,
    now: datetime = NOW,
    fresh_at: datetime | None = NOW,
) -> Case:
    """Make a case that pictures the pupils given (Ann alone if none), on the website unless said otherwise."""
    entries = pupils or (a_pupil(),)
    return Case(
        photo=photo or a_photo(pupil.id for pupil in entries),
        destination=to or Website(),
        register=a_register(entries, fresh_at=fresh_at),
        policy=policy,
        now=now,
    )


def anns_journal() -> Journal:
    return Journal(owner=ANN)
