"""The shapes that calls take and give. Unknown members are refused; text that no database can hold is refused."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Final, Literal

from fastapi import Path, UploadFile
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from consent.people import Authority, LegalStatus, Relation
from consent.photo import Aware, Other, Place
from consent.purposes import Purpose
from consent.register import Answer

_IDENTITY: Final = "^[0-9a-f]{32}$"
_PROHIBITED: Final = re.compile(r"toilet|\bchang|\bbath|\bwash|shower|\bloos?\b|\blav(ator|s?\b)|\bwcs?\b|\bnappy|undress")


def _holdable(text: str) -> str:
    """Refuse what cannot be stored or sent: NUL and lone surrogates."""
    if any(unicodedata.category(letter) == "Cs" or letter == "\0" for letter in text):
        raise ValueError
    return text


Line = Annotated[str, Field(max_length=2000), AfterValidator(_holdable)]
Short = Annotated[str, Field(max_length=200), AfterValidator(_holdable)]
Identity = Annotated[str, Field(pattern=_IDENTITY)]
PathIdentity = Annotated[str, Path(pattern=_IDENTITY)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Spelled = Annotated[str, Field(pattern="^(website|high-profile|shared-site|journal:[0-9a-f]{32})$")]
PupilReference = Annotated[str, Field(pattern="^([0-9a-f]{32}|upn:[A-Z0-9]{13})$")]


class Shape(BaseModel):
    """A shape without unknown members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def place_of(stated: str) -> Place:
    """Keep only the kind of place of what was stated: the words themselves may name somebody and are never stored."""
    folded = stated.casefold().strip()
    if not folded:
        return Place.NOT_STATED
    return Place.PROHIBITED if _PROHIBITED.search(folded) else Place.ORDINARY


class PhotoForm(BaseModel):
    """What a teacher sends with a picture."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(description="The picture: JPEG, PNG, WebP or HEIC, at most 60 megapixels.")
    subjects: list[PupilReference] = Field(default=[], max_length=500, description="Repeat: pupil id or upn:...")
    no_pupils: bool = Field(default=False, description="No pupil can be seen.")
    declared: bool = Field(default=False, description="The subjects are all the pupils who can be seen.")
    others: list[Other] = Field(default=[], max_length=50, description="Repeat: people pictured who are no pupils here.")
    destinations: list[Spelled] = Field(default=[], max_length=60, description="Repeat.")
    title: Line = ""
    caption: Line = ""
    alt: Line = ""
    event: Line = ""
    tags: list[Short] = Field(default=[], max_length=100)
    place: Short = Field(default="", description="Where it was taken. Only whether that is allowed is kept.")
    aware: bool | None = Field(default=None, description="The children knew that they were photographed.")
    device: Annotated[str, Field(max_length=80, pattern="^[A-Za-z0-9 ._:/-]*$")] = ""


class Words(Shape):
    """Words that go with a picture."""

    title: Line = ""
    caption: Line = ""
    alt: Line = ""
    event: Line = ""
    tags: Annotated[list[Short], Field(max_length=100)] = []


class PhotoEdit(Shape):
    """What is said anew about a photo; what is left out stays as it is."""

    subjects: Annotated[list[PupilReference], Field(max_length=500)] | None = None
    no_pupils: bool | None = None
    declared: bool | None = None
    others: Annotated[list[Other], Field(max_length=50)] | None = None
    place: Short | None = None
    aware: bool | None = None
    words: Words | None = None
    destinations: Annotated[list[Spelled], Field(max_length=60)] = []
    faces_accounted: bool | None = Field(
        default=None, description="Every face that can be seen is a subject's, or covered. Somebody else than the uploader."
    )


class Shown(Shape):
    """One finding, as far as the caller may see it."""

    reason: str
    sentence: str
    pupil: str | None = None
    remedies: list[str] | None = None


class DestinationState(Shape):
    """How far a photo got at one destination."""

    destination: str
    outcome: Literal["pending", "approved", "held", "rejected"]
    findings: list[Shown]
    publication: str | None = None


class Removed(Shape):
    """What was taken out of a file, by kind and count, never by value."""

    kind: str
    count: int


class PhotoAccepted(Shape):
    """An accepted photo."""

    id: str
    state: str
    destinations: list[DestinationState]


class PhotoState(PhotoAccepted):
    """A photo as its uploader sees it. ``words`` are the scrubbed ones; while they are held, a suggestion without names."""

    removed: list[Removed]
    words: Words
    words_state: str
    fault: str | None = None


class RenditionShown(Shape):
    """One file of a publication."""

    name: str
    width: int
    height: int
    href: str
    sha256: str
    media_type: str


class PublicationShown(Shape):
    """A published image. Neither pupils nor reasons."""

    id: str
    destination: str
    published_at: AwareDatetime
    title: str
    caption: str
    alt: str
    event: str
    tags: list[str]
    renditions: list[RenditionShown]


class Publications(Shape):
    """A page of publications; ``next`` is the cursor of the following page, null on the last."""

    items: list[PublicationShown]
    next: str | None


class Change(Shape):
    """A publication came or went."""

    type: Literal["Create", "Delete"]
    id: str
    at: AwareDatetime
    tombstone: bool | None = None


class Changes(Shape):
    """Changes in the order of the log; ``next`` is where to go on, always."""

    items: list[Change]
    next: str


class ProbeShown(Shape):
    """What a look at one object found after its tombstone was written."""

    rendition: str
    versions: int
    with_bytes: int


class Receipt(Shape):
    """Proof of a takedown."""

    publication: str
    state: Literal["retracting", "retracted"]
    committed_at: AwareDatetime
    tombstoned_at: AwareDatetime | None
    probes: list[ProbeShown]
    asked_by: str | None = None
    because: list[Shown] | None = None


class PupilShown(Shape):
    """A pupil, as far as the caller may see."""

    id: str
    forename: str
    known_as: str
    surname: str
    reg_group: str
    year_group: str
    upn: str | None = None
    on_roll: bool


class Pupils(Shape):
    """Pupils, by class and name."""

    items: list[PupilShown]


class ConsentShown(Shape):
    """One answer on the register."""

    id: str
    purpose: str
    answer: str
    relation: str
    authority: str
    photo: str | None
    answered_at: AwareDatetime | None
    first_seen_at: AwareDatetime
    source: str
    expires_on: date | None


class Standing(Shape):
    """What the answers come to for one purpose, now. Headteacher and DSL only."""

    purpose: str
    may_appear: bool
    reasons: list[Shown]


class Consents(Shape):
    """A pupil's answers, the oldest first; with ``standing`` and ``protected`` for headteacher and DSL."""

    pupil: str
    records: list[ConsentShown]
    standing: list[Standing] | None = None
    protected: bool | None = None


class AnsweredBy(Shape):
    """Who answered. ``person`` tells two people of one relation apart."""

    relation: Relation
    authority: Authority
    person: Annotated[str, Field(pattern="^[A-Za-z0-9-]{0,40}$")] = ""


class ConsentGiven(Shape):
    """One answer. A yes by word of mouth is not taken: a yes needs writing, a no counts at once."""

    pupil: PupilReference
    purpose: Purpose
    answer: Answer
    photo: Identity | None = None
    by: AnsweredBy
    answered_at: AwareDatetime | None = None
    expires_on: date | None = None
    evidence: Literal["written", "spoken"] = "written"

    @model_validator(mode="after")
    def _is_whole(self) -> "ConsentGiven":
        given = self.answer is Answer.GIVEN
        high = self.purpose is Purpose.HIGH_PROFILE
        if given and self.evidence == "spoken":
            raise ValueError("evidence: a yes needs writing")
        if given and high and (self.photo is None or self.expires_on is None):
            raise ValueError("photo and expires_on: a high-profile yes is for one photo, with a term")
        if self.photo is not None and not high:
            raise ValueError("photo: only a high-profile answer is about one photo")
        if not given and self.expires_on is not None:
            raise ValueError("expires_on: a refusal never expires")
        return self


class Created(Shape):
    """The id of what was made."""

    id: str


class PersonGiven(Shape):
    """Somebody who may answer for a pupil, by what authority."""

    relation: Relation
    person: Annotated[str, Field(pattern="^[A-Za-z0-9-]{0,40}$")] = ""
    authority: Authority
    barred: bool = False
    delegated: list[Purpose] = []
    asked: list[Purpose] = []


class PupilEdit(Shape):
    """What the office changes about a pupil; what is left out stays as it is."""

    forename: Short | None = None
    middle: Short | None = None
    surname: Short | None = None
    known_as: Short | None = None
    reg_group: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_holdable)] | None = None
    year_group: Annotated[str, Field(pattern="^(N|R|[1-6])$")] | None = None
    left_on: date | None = None
    suspended: bool | None = None
    has_journal: bool | None = None
    legal_status: LegalStatus | None = None
    legal_status_since: AwareDatetime | None = None


class Protection(Shape):
    """The protected flag."""

    protected: bool


class Retired(Shape):
    """Whether a refusal is retired yet."""

    retired: bool


class PupilPurposes(Shape):
    """A pupil (by id, a new one by UPN) and the purposes that would change."""

    pupil: str
    purposes: list[str]


class PupilFields(Shape):
    """A pupil and the fields that would change."""

    pupil: str
    fields: list[str]


class ImportPreview(Shape):
    """What applying a register file would do, computed as if nobody were protected."""

    id: str
    digest: str
    added: list[str]
    changed: list[PupilFields]
    leavers: list[str]
    granting: list[PupilPurposes]
    withdrawing: list[PupilPurposes]
    second_person_for: list[str]
    problems: list[str] = []


class ImportApply(Shape):
    """The digest of the previewed file."""

    digest: Digest


class DecisionShown(Shape):
    """One decision, for the headteacher's audit."""

    id: str
    photo: str
    destination: str
    outcome: str
    decided_at: AwareDatetime
    findings: list[Shown]
    register_digest: str
    policy_digest: str | None


class Decisions(Shape):
    """A page of decisions, the newest first."""

    items: list[DecisionShown]
    next: str | None


class Replayed(Shape):
    """Whether deciding the recorded case again gives the same bytes."""

    id: str
    identical: bool


class EnrolmentCode(Shape):
    """A one-time code from an enrolment link."""

    code: Annotated[str, Field(min_length=10, max_length=100, pattern="^[A-Za-z0-9_-]+$")]


class TokenShown(Shape):
    """A token: this is the only time it can be seen."""

    token: str


class Health(Shape):
    """Alive."""

    status: Literal["ok"]


class Readiness(Shape):
    """Able to publish, part by part. ``school`` parts are summed over all schools."""

    status: Literal["ready", "not-ready"]
    database: bool
    store: bool
    imaging: bool
    policy: bool
    register_fresh: bool
    waiting: int


def spelled_aware(aware: bool | None) -> Aware:
    """Read the statement; None is no statement."""
    if aware is None:
        return Aware.NOT_STATED
    return Aware.YES if aware else Aware.NO
