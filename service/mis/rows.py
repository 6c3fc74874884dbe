"""What one register file says once it is read: pupils, the people who answer for them, and their answers."""

from dataclasses import dataclass
from datetime import date, datetime

from consent.people import Authority, LegalStatus, Relation
from consent.purposes import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer. ``answered_at`` is in UTC, None = unknown. ``expires_on``: last day of a yes; a refusal has none."""

    purpose: Purpose
    given: bool
    answered_at: datetime | None
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who answers for one pupil.

    ``person_code`` tells two people of one relation apart, "" if the file has no code. ``barred``: None = the file says nothing.
    ``answers`` come in the order of ``columns.ANSWERS``, each purpose at most once.
    """

    relation: Relation
    authority: Authority
    person_code: str
    barred: bool | None
    delegated: frozenset[Purpose]
    asked: frozenset[Purpose]
    answers: tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilRow:
    """What the file says about one pupil. ``year_group`` is one of N, R, 1 to 6; "" and None = the file says nothing."""

    upn: str
    forename: str
    middle: str
    surname: str
    known_as: str
    former_surnames: tuple[str, ...]
    reg_group: str
    year_group: str
    joined_on: date | None
    left_on: date | None
    legal_status: LegalStatus | None
    legal_status_since: datetime | None
    persons: tuple[PersonRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A whole file, read without a single problem. ``digest``: hex SHA-256 of its bytes. At least one pupil, each UPN once."""

    digest: str
    pupils: tuple[PupilRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one source said at one moment.

    ``source`` names the feed, such as ``file:gatekeeper``. ``seen_at``: when the source was in that state, aware; deliveries may
    come late, twice and in any order. ``whole``: every pupil on the roll is in it, so who is missing may have left; else nothing
    follows from what is not there. ``digest``: hex SHA-256 of what came. Each UPN once; "" and None in a row say nothing.
    """

    source: str
    seen_at: datetime
    whole: bool
    digest: str
    pupils: tuple[PupilRow, ...]
