"""The consent register, as far as one decision needs it: pupils, who may answer for them, and what they answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from consent.people import Authority, LegalStatus, PersonId, PupilId, Relation
from consent.photo import PhotoId
from consent.purposes import Purpose

RecordId = NewType("RecordId", str)


class Answer(StrEnum):
    """What was answered. Silence is not an answer."""

    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may answer for one pupil.

    ``barred``: a court order keeps this person from deciding; the yes is nothing, the no still counts. ``delegated``: purposes
    handed to a foster carer in writing. ``asked``: purposes this person was asked about.
    """

    id: PersonId
    relation: Relation
    authority: Authority
    barred: bool = False
    delegated: frozenset[Purpose] = frozenset()
    asked: frozenset[Purpose] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One answer, never changed and never deleted.

    ``photo``: the one photo a high-profile answer is about; None = every photo (a refusal only). ``authority``: by what right
    it was given, as stated then. ``answered_at``: None = unknown. ``first_seen_at``: when ``source`` first showed this state.
    ``valid_until``: last day of the yes, if the giver set one. ``retired``: headteacher and DSL together established that the
    giver of this no has no authority.
    """

    id: RecordId
    purpose: Purpose
    answer: Answer
    giver: PersonId
    relation: Relation
    authority: Authority
    answered_at: datetime | None
    first_seen_at: datetime
    source: str
    photo: PhotoId | None = None
    valid_until: date | None = None
    retired: bool = False

    @property
    def effective_at(self) -> datetime:
        """When the answer counts from: its own date, else when its source first showed it."""
        return self.answered_at or self.first_seen_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A pupil, without a name. ``version`` rises with every change that could turn a yes into a no."""

    id: PupilId
    version: int
    year_group: str
    reg_group: str
    on_roll_from: date | None = None
    left_on: date | None = None
    protected: bool = False
    suspended: bool = False
    """Everything paused, for instance after a bereavement."""
    has_journal: bool = True
    legal_status: LegalStatus = LegalStatus.NO_ORDER
    legal_status_since: datetime | None = None
    persons: tuple[Person, ...] = ()
    records: tuple[ConsentRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register at one version, holding at least every pupil that the decision is about.

    ``fresh_at``: when the least recent of the school's sources was last seen whole; None = never. ``names``: digest of every
    name on the whole register (words are checked against it). A pupil who is not in ``pupils`` is not on the roll.
    """

    version: int
    fresh_at: datetime | None
    names: str
    pupils: Mapping[PupilId, Pupil]
