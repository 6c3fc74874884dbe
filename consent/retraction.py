"""What must come down: every live publication, decided again as things stand now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from consent.answers import day_is_over
from consent.case import Case
from consent.decision import Decision, decide
from consent.photo import PublicationId
from consent.reasons import ABOUT_THE_DEVICE, Finding, Reason
from consent.renditions import oversized, sides_at

LEAVES_LIVE: Final = (
    frozenset({Reason.REGISTER_STALE, Reason.POLICY_MISSING, Reason.JOURNAL_CLOSED})
    | {Reason.METADATA_UNREADABLE, Reason.PEOPLE_TAGGED}
    | ABOUT_THE_DEVICE
)
"""These hold what is new and take nothing down: a late feed or a mislaid file is no withdrawal, a child who moves up from
Reception keeps the journal made so far, and by what device a picture came, and what its file said, was settled when it went
out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A publication that is putting or published, and the case it would be decided by now, with its frozen photo.

    ``renditions``: the names of its files.
    """

    publication: PublicationId
    case: Case
    valid_until: date | None
    renditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """A publication that must come down, why, and the decision that says so."""

    publication: PublicationId
    because: tuple[Finding, ...]
    decision: Decision


def to_retract(live: Iterable[Live], *, decide_again: Callable[[Case], Decision] = decide) -> Iterator[Retraction]:
    """Yield every publication that would not be published today.

    A stale register or a missing policy takes nothing down by itself, but neither does it keep up what a no closes: with the
    policy missing the caller MUST hand in the last one in force. What has passed its last day comes down, and so does what is
    larger than the policy now allows at its destination. A decision that cannot be made is no reason to stay up: the exception
    is the caller's, who must retract.
    """
    for one in live:
        decision = decide_again(one.case)
        because = tuple(finding for finding in decision.findings if finding.reason not in LEAVES_LIVE)
        if has_ended(one.valid_until, one.case.now):
            because = (*because, Finding(reason=Reason.PUPIL_EXPIRED))
        if one.case.policy is not None and oversized(one.renditions, sides_at(one.case.policy, one.case.destination)):
            because = (*because, Finding(reason=Reason.IMAGE_TOO_LARGE))
        if because:
            yield Retraction(publication=one.publication, because=because, decision=decision)


def has_ended(valid_until: date | None, now: datetime) -> bool:
    """True once a publication's last day is over: checked on every read."""
    return valid_until is not None and day_is_over(valid_until, now)
