"""The decision, and the clearance that only an approval gives."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from consent.answers import holds_until
from consent.canonical import canonical, digest
from consent.case import Case, case_bytes
from consent.people import PupilId
from consent.photo import CleanImage, PhotoId, PublishedWords, Rendition
from consent.policy import Policy
from consent.purposes import Destination, Purpose
from consent.reasons import Finding, Outcome
from consent.renditions import cleared, sides_at
from consent.rules import RULES_VERSION, findings, needed, questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The purpose one pictured pupil had to have a yes for."""

    pupil: PupilId
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, every reason against, and the digests that let it be replayed.

    ``pictured``: every pictured pupil with the purpose needed, by id. ``valid_until``: last day on which every yes it rests on
    still counts; None where it rests on none. ``case``: hex SHA-256 of the case's bytes.
    """

    photo: PhotoId
    image: str | None
    destination: Destination
    outcome: Outcome
    findings: tuple[Finding, ...]
    pictured: tuple[Need, ...]
    valid_until: date | None
    decided_at: datetime
    case: str
    register: str
    register_version: int
    policy: str | None
    rules: str = RULES_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Leave to publish one image at one destination. MUST be made by ``clear`` alone (tests/guards/test_proofs.py).

    ``image``: the digest of the clean image. ``renditions``: those of its files that the policy lets go to this destination,
    the smallest first; of the others it holds nothing.
    """

    photo: PhotoId
    image: str
    renditions: tuple[Rendition, ...]
    destination: Destination
    words: PublishedWords
    pictured: tuple[Need, ...]
    valid_until: date | None
    decision: str


class NotCleared(ValueError):
    """The decision does not clear this image.

    It is no approval, it is about other pixels or rests on another policy, or no file of the image is small enough there.
    """


def decide(case: Case) -> Decision:
    """Decide one case. Every rule runs; the worst finding wins; only no finding at all is approval.

    A rule that fails holds (``rule:failed``). The same case gives the same decision. Raises NotCanonical only for a case that
    has no spelling, such as one with a naive instant: then there is no decision, and so no clearance.
    """
    found = findings(case)
    rejected = any(finding.outcome is Outcome.REJECTED for finding in found)
    worst = Outcome.REJECTED if rejected else Outcome.HELD if found else Outcome.APPROVED
    pictured = needed(case)
    return Decision(
        photo=case.photo.id,
        image=case.photo.image,
        destination=case.destination,
        outcome=worst,
        findings=found,
        pictured=tuple(Need(pupil=pupil, purpose=pictured[pupil]) for pupil in sorted(pictured)),
        valid_until=_valid_until(case) if worst is Outcome.APPROVED else None,
        decided_at=case.now,
        case=sha256(case_bytes(case)).hexdigest(),
        register=digest(case.register),
        register_version=case.register.version,
        policy=case.policy.digest if case.policy else None,
    )


def decision_bytes(decision: Decision) -> bytes:
    """Spell a decision; equal decisions have equal bytes."""
    return canonical(decision)


def clear(decision: Decision, image: CleanImage, words: PublishedWords, *, policy: Policy | None) -> Clearance:
    """Turn an approval into leave to publish exactly this image with exactly these words, at the sizes the policy names.

    ``words`` MUST be the scrubbed words the case's photo was decided with, ``policy`` the case's. Raises NotCleared for anything
    but an approval of this very image under this very policy, or when no file of it is small enough.
    """
    if decision.outcome is not Outcome.APPROVED or decision.findings:
        raise NotCleared("only an approval without findings clears")
    if decision.image is None or decision.image != image.digest or not image.renditions:
        raise NotCleared("the approval is about another image")
    if policy is None or decision.policy != policy.digest:
        raise NotCleared("the approval rests on another policy")
    files = cleared(image.renditions, sides_at(policy, decision.destination))
    if not files:
        raise NotCleared("every file of the image is too large")
    return Clearance(
        photo=decision.photo,
        image=image.digest,
        renditions=files,
        destination=decision.destination,
        words=words,
        pictured=decision.pictured,
        valid_until=decision.valid_until,
        decision=digest(decision),
    )


def _valid_until(case: Case) -> date | None:
    ends = (holds_until(question) for question in questions(case))
    return min((day for day in ends if day is not None), default=None)
