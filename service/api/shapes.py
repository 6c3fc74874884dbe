"""The shapes that calls take. Unknown members are refused."""

import re
import unicodedata
from typing import Annotated, ClassVar, Final, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator

from consent.people import Authority, LegalStatus, Relation
from consent.photo import Aware, Other, Place
from consent.purposes import Purpose
from consent.register import Answer
from service.api.fields import (
    Day,
    DeviceReference,
    Digest,
    Identity,
    Line,
    Moment,
    Name,
    PersonCode,
    PupilReference,
    RegGroup,
    Shape,
    Short,
    Spelled,
    Truth,
    unfit,
)

_PROHIBITED: Final = re.compile(r"toilet|\bchang|\bbath|\bwash|shower|\bloos?\b|\blav(ator|s?\b)|\bwcs?\b|\bnappy|undress|locker")


def place_of(stated: str) -> Place:
    """Keep only the kind of place of what was stated: the words themselves may name somebody and are never stored."""
    folded = unicodedata.normalize("NFKC", stated).casefold().replace(".", "").strip()
    if not folded:
        return Place.NOT_STATED
    return Place.PROHIBITED if _PROHIBITED.search(folded) else Place.ORDINARY


class PhotoForm(BaseModel):
    """What a teacher sends with a picture."""

    model_config = ConfigDict(extra="forbid")
    into_quarantine: ClassVar[bool] = True
    """The file is sealed as it arrives, and is never anywhere but in the spool and the quarantine (service/api/strict.py)."""

    file: UploadFile = Field(
        description="The picture: JPEG or HEIC of at most 60 megapixels; PNG, WebP, GIF, TIFF, BMP or AVIF of at most 40."
    )
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
    device: Annotated[
        str,
        Field(
            pattern="^([0-9a-f]{32})?$",
            description="Id of the enrolled device that took it; left out: the one that the token is bound to.",
        ),
    ] = ""


class Words(Shape):
    """Words that go with a picture."""

    title: Line = ""
    caption: Line = ""
    alt: Line = ""
    event: Line = ""
    tags: list[Short] = Field(default=[], max_length=100)


class PhotoEdit(Shape):
    """What is said anew about a photo; what is left out stays as it is."""

    subjects: Annotated[list[PupilReference], Field(max_length=500)] | None = None
    no_pupils: Truth | None = None
    declared: Truth | None = None
    others: Annotated[list[Other], Field(max_length=50)] | None = None
    place: Short | None = None
    aware: Truth | None = None
    words: Words | None = None
    device: DeviceReference | None = Field(
        default=None, description="Id of the enrolled device that took it; `unknown`: none of the enrolled ones did."
    )
    metadata_seen: Truth | None = Field(
        default=None,
        description=(
            "Somebody else than the uploader (editor, office, head) has looked: whatever the file says, or could not be"
            " read to say, nobody is pictured who is not tagged."
        ),
    )
    destinations: list[Spelled] = Field(default=[], max_length=60)
    faces_accounted: Truth | None = Field(
        default=None, description="Every face that can be seen is a subject's, or covered. Somebody else than the uploader."
    )


class AnsweredBy(Shape):
    """Who answered. ``person`` tells two people of one relation apart."""

    relation: Relation
    authority: Authority
    person: PersonCode = ""


class ConsentGiven(Shape):
    """One answer. A yes by word of mouth is not taken: a yes needs writing, a no counts at once."""

    pupil: PupilReference
    purpose: Purpose
    answer: Answer
    photo: Identity | None = None
    by: AnsweredBy
    answered_at: Moment | None = None
    expires_on: Day | None = None
    evidence: Literal["written", "spoken"] = "written"

    @model_validator(mode="after")
    def _is_whole(self) -> "ConsentGiven":
        given = self.answer is Answer.GIVEN
        high = self.purpose is Purpose.HIGH_PROFILE
        if given and self.evidence == "spoken":
            raise unfit("evidence")
        if given and high and (self.photo is None or self.expires_on is None):
            raise unfit("photo", "expires_on")  # such a yes is for one photo, with a term
        if self.photo is not None and not high:
            raise unfit("photo")
        if self.expires_on is not None and self.answered_at is not None and self.expires_on < self.answered_at.date():
            raise unfit("answered_at", "expires_on")  # it would be over before it began
        if not given and self.expires_on is not None:
            raise unfit("expires_on")  # a refusal never expires
        return self


class PersonGiven(Shape):
    """Somebody who may answer for a pupil, by what authority."""

    relation: Relation
    person: PersonCode = ""
    authority: Authority
    barred: Truth = False
    delegated: list[Purpose] = Field(default=[])
    asked: list[Purpose] = Field(default=[])


class PupilEdit(Shape):
    """What the office changes about a pupil; what is left out stays as it is."""

    forename: Name | None = None
    middle: Short | None = None
    surname: Name | None = None
    known_as: Short | None = None
    reg_group: RegGroup | None = None
    year_group: Annotated[str, Field(pattern="^(N|R|[1-6])$")] | None = None
    left_on: Day | None = None
    suspended: Truth | None = None
    has_journal: Truth | None = None
    legal_status: LegalStatus | None = None
    legal_status_since: Moment | None = None


class Protection(Shape):
    """The protected flag."""

    protected: Truth


class ImportApply(Shape):
    """The digest of the previewed file."""

    digest: Digest


class EnrolmentCode(Shape):
    """A one-time code from an enrolment link."""

    code: Annotated[str, Field(min_length=10, max_length=100, pattern="^[A-Za-z0-9_-]+$")]


def spelled_aware(*, aware: bool | None) -> Aware:
    """Read the statement; None is no statement."""
    if aware is None:
        return Aware.NOT_STATED
    return Aware.YES if aware else Aware.NO
