"""The stories of the demonstration's families: who answers for a pupil, by what right, and what they said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose
from service.mis import columns
from service.mis.rows import AnswerRow, PersonRow

_NOTHING: Final[frozenset[Purpose]] = frozenset()
_EVERYTHING: Final = frozenset(Purpose)
_JOURNALS: Final = frozenset({Purpose.JOURNAL_OWN, Purpose.JOURNAL_SHARED})
_WEBSITE: Final = frozenset({Purpose.WEBSITE_GROUP, Purpose.WEBSITE_INDIVIDUAL})
_SETTLED: Final = timedelta(days=21)
"""Every answer is at least this old, so that something can have happened since."""


class Story(StrEnum):
    """What is particular about a family."""

    BOTH_AGREE = "both-agree"
    MOTHER_AGREES = "mother-agrees"
    FATHER_AGREES = "father-agrees"
    TWO_MOTHERS_AGREE = "two-mothers-agree"
    GUARDIAN_AGREES = "guardian-agrees"
    UNDATED_YES = "undated-yes"
    SECTION_20 = "section-20"
    SPECIAL_GUARDIAN = "special-guardian"
    AUTHORITY_AGREES = "authority-agrees"
    ADOPTED_AND_AGREED = "adopted-and-agreed"
    GROUP_ONLY = "group-only"
    PARENTS_DISAGREE = "parents-disagree"
    STEP_PARENT_REFUSES = "step-parent-refuses"
    REFUSED = "refused"
    INSIDE_ONLY = "inside-only"
    CHILD_OBJECTS = "child-objects"
    ONE_OF_TWO = "one-of-two"
    CARE_ORDER = "care-order"
    FOSTER_NOT_DELEGATED = "foster-not-delegated"
    FOSTER_DELEGATED = "foster-delegated"
    BARRED = "barred"
    STATUS_UNKNOWN = "status-unknown"
    ADOPTED_AFTER_YES = "adopted-after-yes"
    EXPIRED = "expired"
    NEVER_ANSWERED = "never-answered"
    NOBODY_KNOWN = "nobody-known"
    LEAVER = "leaver"
    EX_PUPIL = "ex-pupil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One person of a family, before any date.

    ``refuses``: a no to these purposes and a yes to the others; ``silent``: no answer at all. ``delegated`` limits what a foster
    carer speaks about. ``years_late``: how many renewals ago the answer was given.
    """

    relation: Relation
    authority: Authority = Authority.PARENTAL_RESPONSIBILITY
    refuses: frozenset[Purpose] = _NOTHING
    silent: bool = False
    dated: bool = True
    years_late: int = 0
    asked: bool = False
    code: str = ""
    barred: bool = False
    delegated: frozenset[Purpose] = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Everybody who may answer for a pupil, and the pupil's legal status, which began ``since`` before today."""

    voices: tuple[Voice, ...]
    legal_status: LegalStatus = LegalStatus.NO_ORDER
    since: timedelta | None = None


_MOTHER: Final = Voice(relation=Relation.MOTHER)
_FATHER: Final = Voice(relation=Relation.FATHER)
_BOTH: Final = (Voice(relation=Relation.MOTHER, asked=True), Voice(relation=Relation.FATHER, asked=True))
_LONG_AGO: Final = timedelta(days=700)
_S, _L, _R, _A = Story, LegalStatus, Relation, Authority

FAMILIES: Final[Mapping[Story, Family]] = MappingProxyType(
    {
        _S.BOTH_AGREE: Family(voices=_BOTH),
        _S.MOTHER_AGREES: Family(voices=(_MOTHER,)),
        _S.FATHER_AGREES: Family(voices=(_FATHER,)),
        _S.TWO_MOTHERS_AGREE: Family(voices=tuple(Voice(relation=_R.MOTHER, asked=True, code=code) for code in ("a", "b"))),
        _S.GUARDIAN_AGREES: Family(voices=(Voice(relation=_R.GUARDIAN),)),
        _S.UNDATED_YES: Family(voices=(Voice(relation=_R.MOTHER, dated=False),)),
        _S.SECTION_20: Family(voices=(_MOTHER,), legal_status=_L.SECTION_20, since=_LONG_AGO),
        _S.SPECIAL_GUARDIAN: Family(
            voices=(Voice(relation=_R.SPECIAL_GUARDIAN, authority=_A.SPECIAL_GUARDIAN),),
            legal_status=_L.SPECIAL_GUARDIANSHIP,
            since=_LONG_AGO,
        ),
        _S.AUTHORITY_AGREES: Family(
            voices=(Voice(relation=_R.LOCAL_AUTHORITY, authority=_A.LOCAL_AUTHORITY),),
            legal_status=_L.CARE_ORDER,
            since=_LONG_AGO,
        ),
        _S.ADOPTED_AND_AGREED: Family(
            voices=(Voice(relation=_R.PARENT, code="adoptive"),), legal_status=_L.ADOPTED, since=_LONG_AGO
        ),
        _S.GROUP_ONLY: Family(voices=(Voice(relation=_R.MOTHER, refuses=frozenset({Purpose.WEBSITE_INDIVIDUAL})),)),
        _S.PARENTS_DISAGREE: Family(voices=(_MOTHER, Voice(relation=_R.FATHER, refuses=_WEBSITE))),
        _S.STEP_PARENT_REFUSES: Family(
            voices=(_MOTHER, Voice(relation=_R.STEP_PARENT, authority=_A.NONE, refuses=_WEBSITE)),
        ),
        _S.REFUSED: Family(voices=(Voice(relation=_R.MOTHER, refuses=_EVERYTHING),)),
        _S.INSIDE_ONLY: Family(voices=(Voice(relation=_R.FATHER, refuses=_WEBSITE),)),
        _S.CHILD_OBJECTS: Family(voices=(_MOTHER, Voice(relation=_R.CHILD, authority=_A.SELF, refuses=_EVERYTHING))),
        _S.ONE_OF_TWO: Family(voices=(_BOTH[0], Voice(relation=_R.FATHER, asked=True, silent=True))),
        _S.CARE_ORDER: Family(
            voices=(_MOTHER, Voice(relation=_R.LOCAL_AUTHORITY, authority=_A.LOCAL_AUTHORITY, silent=True)),
            legal_status=_L.CARE_ORDER,
            since=_LONG_AGO,
        ),
        _S.FOSTER_NOT_DELEGATED: Family(
            voices=(Voice(relation=_R.FOSTER_CARER, authority=_A.DELEGATED),),
            legal_status=_L.INTERIM_CARE_ORDER,
            since=_LONG_AGO,
        ),
        _S.FOSTER_DELEGATED: Family(
            voices=(Voice(relation=_R.FOSTER_CARER, authority=_A.DELEGATED, delegated=_JOURNALS | {Purpose.SHARED_SITE}),),
            legal_status=_L.INTERIM_CARE_ORDER,
            since=_LONG_AGO,
        ),
        _S.BARRED: Family(voices=(Voice(relation=_R.FATHER, barred=True), Voice(relation=_R.MOTHER, silent=True))),
        _S.STATUS_UNKNOWN: Family(voices=(_MOTHER,), legal_status=_L.UNKNOWN),
        _S.ADOPTED_AFTER_YES: Family(voices=(_MOTHER,), legal_status=_L.ADOPTED, since=_SETTLED / 2),
        _S.EXPIRED: Family(voices=(Voice(relation=_R.MOTHER, years_late=2),)),
        _S.NEVER_ANSWERED: Family(voices=(Voice(relation=_R.MOTHER, silent=True),)),
        _S.NOBODY_KNOWN: Family(voices=()),
        _S.LEAVER: Family(voices=(_MOTHER, _FATHER)),
        _S.EX_PUPIL: Family(voices=(_MOTHER, Voice(relation=_R.EX_PUPIL, authority=_A.SELF, refuses=_EVERYTHING))),
    }
)
"""One family a story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """When and about what a family was asked. ``serial`` spreads the days, so that not everybody answered at once."""

    today: date
    year_group: str
    serial: int

    def since(self, family: Family) -> datetime | None:
        """When the legal status began."""
        return None if family.since is None else datetime.combine(self.today, time(12), UTC) - family.since

    def persons(self, family: Family) -> tuple[PersonRow, ...]:
        """Everybody who may answer, with what they said."""
        return tuple(self._person(voice) for voice in family.voices)

    def _person(self, voice: Voice) -> PersonRow:
        return PersonRow(
            relation=voice.relation,
            authority=voice.authority,
            person_code=voice.code,
            barred=voice.barred,
            delegated=voice.delegated,
            asked=frozenset(self._purposes()) if voice.asked else _NOTHING,
            answers=() if voice.silent else tuple(self._answers(voice)),
        )

    def _answers(self, voice: Voice) -> tuple[AnswerRow, ...]:
        at = self._renewed_at(voice.years_late) if voice.dated else None
        return tuple(
            AnswerRow(purpose=purpose, given=purpose not in voice.refuses, answered_at=at, expires_on=None)
            for purpose in self._purposes()
            if not voice.delegated or purpose in voice.delegated
        )

    def _purposes(self) -> tuple[Purpose, ...]:
        """What the family is asked about: journals are for Nursery and Reception only."""
        in_eyfs = self.year_group in {"N", "R"}
        return tuple(purpose for purpose in columns.ANSWERS.values() if in_eyfs or purpose not in _JOURNALS)

    def _renewed_at(self, years_late: int) -> datetime:
        """The latest renewal that the family can have answered, in May; by the default policy in force for 17 months."""
        settled = self.today - _SETTLED
        day = date(settled.year, 5, 12) + timedelta(days=self.serial % 18)
        answered_on = day.replace(year=day.year - (day > settled) - years_late)
        return datetime.combine(answered_on, time(7 + self.serial % 12, self.serial * 7 % 60), UTC)
