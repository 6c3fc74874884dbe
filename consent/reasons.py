"""The closed list of reasons, the sentence for each, and who may see which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from consent.people import PupilId


class Outcome(StrEnum):
    """What became of a photo at one destination. ``held``: a person must act. ``rejected``: it can't go there as it is."""

    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why not. ``subject:state``; a code, once used, keeps its meaning for ever."""

    PUPIL_PROTECTED = "pupil:protected"
    PUPIL_CHILD_OBJECTS = "pupil:child-objects"
    PUPIL_REFUSED = "pupil:refused"
    PUPIL_CONFLICTING = "pupil:conflicting"
    PUPIL_NOT_RECORDED = "pupil:not-recorded"
    PUPIL_NOT_EVERY_PARENT = "pupil:not-every-parent"
    PUPIL_NO_AUTHORITY = "pupil:no-authority"
    PUPIL_VOID = "pupil:void"
    PUPIL_EXPIRED = "pupil:expired"
    PUPIL_LEAVER = "pupil:leaver"
    PUPIL_NOT_ON_ROLL = "pupil:not-on-roll"
    PUPIL_SUSPENDED = "pupil:suspended"
    SUBJECTS_NONE = "subjects:none"
    SUBJECTS_UNDECLARED = "subjects:undeclared"
    SUBJECTS_CONTRADICTORY = "subjects:contradictory"
    PERSON_UNKNOWN_CHILD = "person:unknown-child"
    PERSON_ADULT = "person:adult-not-agreed"
    COVER_UNCONFIRMED = "cover:unconfirmed"
    COVER_SINGLES_OUT = "cover:singles-out"
    FACES_UNKNOWN = "faces:unknown"
    FACES_UNACCOUNTED = "faces:unaccounted"
    WORDS_UNCHECKED = "words:unchecked"
    WORDS_HELD = "words:held"
    PLACE_PROHIBITED = "place:prohibited"
    PLACE_NOT_STATED = "place:not-stated"
    AWARE_NO = "aware:no"
    AWARE_NOT_STATED = "aware:not-stated"
    DEVICE_UNCHECKED = "device:unchecked"
    DEVICE_UNKNOWN = "device:unknown"
    DEVICE_PERSONAL = "device:personal"
    DEVICE_CONTRADICTED = "device:contradicted"
    DEVICE_INACTIVE = "device:inactive"
    DEVICE_AMBIGUOUS = "device:ambiguous"
    METADATA_UNREADABLE = "metadata:unreadable"
    PEOPLE_TAGGED = "people:tagged-in-file"
    IMAGE_MISSING = "image:missing"
    IMAGE_TOO_LARGE = "image:too-large"
    """Of what is live, never of what is new: that goes out at the sizes which the policy allows."""
    JOURNAL_CLOSED = "journal:closed"
    DESTINATION_CLOSED = "destination:closed"
    REGISTER_STALE = "register:stale"
    POLICY_MISSING = "policy:missing"
    POLICY_UNSUPPORTED = "policy:unsupported"
    RULE_FAILED = "rule:failed"
    PUPIL_CANNOT_APPEAR = "pupil:cannot-appear"
    """The neutral form of every reason about a pupil. Shown, never yielded by a rule."""
    PICTURED_CANNOT_APPEAR = "pictured:cannot-appear"
    """Somebody pictured cannot appear; neither who nor how many. Shown, never yielded by a rule."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One reason against, found by one rule. ``pupil`` is set where the reason is about one pupil."""

    reason: Reason
    pupil: PupilId | None = None
    outcome: Outcome = Outcome.HELD


SENTENCES: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.PUPIL_PROTECTED: "This pupil is protected: the designated safeguarding lead has closed every use.",
        Reason.PUPIL_CHILD_OBJECTS: "The child, or the former pupil, does not want this.",
        Reason.PUPIL_REFUSED: "A refusal is on file for this use or for a smaller audience.",
        Reason.PUPIL_CONFLICTING: "One person agreed and another refused; the refusal stands.",
        Reason.PUPIL_NOT_RECORDED: "Nobody has answered for this use.",
        Reason.PUPIL_NOT_EVERY_PARENT: "This use needs a yes from every person with authority, and one is missing.",
        Reason.PUPIL_NO_AUTHORITY: "There is a yes, but not from somebody who may give it.",
        Reason.PUPIL_VOID: "The yes was given before the pupil's legal status changed.",
        Reason.PUPIL_EXPIRED: "The yes has run out and was not renewed.",
        Reason.PUPIL_LEAVER: "The pupil has left the school.",
        Reason.PUPIL_NOT_ON_ROLL: "The pupil is not on the roll.",
        Reason.PUPIL_SUSPENDED: "Every use of this pupil's pictures is paused.",
        Reason.SUBJECTS_NONE: "Nobody is tagged. Say who is pictured, or that no pupil can be seen.",
        Reason.SUBJECTS_UNDECLARED: "Say that the tagged pupils are all the pupils in the picture.",
        Reason.SUBJECTS_CONTRADICTORY: "Pupils are tagged, and it is said that no pupil can be seen. Correct one of the two.",
        Reason.PERSON_UNKNOWN_CHILD: "A child in the picture is not known. Find out who it is, crop or cover.",
        Reason.PERSON_ADULT: "An adult in the picture has not agreed. Ask, crop or cover.",
        Reason.COVER_UNCONFIRMED: "A second person must confirm that nothing reveals the covered child.",
        Reason.COVER_SINGLES_OUT: "One covered face among uncovered ones marks that child. Crop, retake or cover all.",
        Reason.FACES_UNKNOWN: "Nobody has yet accounted for every face. Another teacher or the headteacher must count them.",
        Reason.FACES_UNACCOUNTED: "There are faces that belong to nobody tagged. Tag, crop or cover them.",
        Reason.WORDS_UNCHECKED: "The words have not been checked against the register as it is now.",
        Reason.WORDS_HELD: "The words may name somebody. Write them without names.",
        Reason.PLACE_PROHIBITED: "Pictures must not be taken there. The safeguarding lead has been told.",
        Reason.PLACE_NOT_STATED: "Say where the picture was taken.",
        Reason.AWARE_NO: "Children must not be photographed without their knowledge.",
        Reason.AWARE_NOT_STATED: "Say whether the children knew that they were photographed.",
        Reason.DEVICE_UNCHECKED: "The device that took this has not been checked against the device register yet.",
        Reason.DEVICE_UNKNOWN: "The device is not known. Name the school device that took this, or have the office enrol it.",
        Reason.DEVICE_PERSONAL: "This was taken with a personal device. Retake it with a school device, or ask the headteacher.",
        Reason.DEVICE_CONTRADICTED: "The picture was taken with another device than the one named. Name the right one.",
        Reason.DEVICE_INACTIVE: "That device was not in use on that day. Ask the office to put its dates right.",
        Reason.DEVICE_AMBIGUOUS: "Several enrolled devices fit. Ask the office to tell them apart.",
        Reason.METADATA_UNREADABLE: (
            "What the camera wrote into this picture could not be read, so a second person must look at it first."
        ),
        Reason.PEOPLE_TAGGED: (
            "The file names somebody who is not tagged. Tag who is pictured, or have a second person look at the picture."
        ),
        Reason.IMAGE_MISSING: "There is no clean image of this photo. Take a new copy from the camera.",
        Reason.IMAGE_TOO_LARGE: "It was published at a larger size than the school's policy now allows there.",
        Reason.JOURNAL_CLOSED: "This pupil has no learning journal (Nursery and Reception only).",
        Reason.DESTINATION_CLOSED: "The school's policy has not opened this destination.",
        Reason.REGISTER_STALE: "The consent register is too old. It must be brought up to date first.",
        Reason.POLICY_MISSING: "The school has no policy in force, so nothing can be published.",
        Reason.POLICY_UNSUPPORTED: "The policy names a law that these rules do not cover.",
        Reason.RULE_FAILED: "A check could not be completed, so the photo is held.",
        Reason.PUPIL_CANNOT_APPEAR: "This pupil cannot appear there.",
        Reason.PICTURED_CANNOT_APPEAR: "Somebody in the picture cannot appear there.",
    }
)

REMEDIES: Final = ("crop", "leave out or retake", "cover")
"""Offered beside every no about a person, always these, always in this order."""

ABOUT_THE_DEVICE: Final = frozenset(reason for reason in Reason if reason.startswith("device:"))

ABOUT_A_PUPIL: Final = frozenset(reason for reason in Reason if reason.startswith("pupil:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one viewer may see. ``exact``: headteacher and DSL. ``own_class``: the pupils of a teacher's own classes."""

    exact: bool = False
    own_class: frozenset[PupilId] = frozenset()


def shown(findings: Iterable[Finding], sight: Sight) -> tuple[Finding, ...]:
    """Project findings onto what the viewer may see (docs/rules.md, "Outcomes and who sees why").

    Headteacher and DSL see all of it. Others see one neutral finding for each pupil of their own class who cannot appear, and
    one finding without a pupil if anybody else cannot. The number, order, words and outcome are the same whatever the cause,
    so a protected child looks like any other no (promise P8).
    """
    found = tuple(findings)
    if sight.exact:
        return found
    about_pupils = [finding for finding in found if finding.reason in ABOUT_A_PUPIL]
    own = {
        Finding(reason=Reason.PUPIL_CANNOT_APPEAR, pupil=finding.pupil, outcome=finding.outcome)
        for finding in about_pupils
        if finding.pupil in sight.own_class
    }
    elsewhere = {
        Finding(reason=Reason.PICTURED_CANNOT_APPEAR, outcome=finding.outcome)
        for finding in about_pupils
        if finding.pupil not in sight.own_class
    }
    rest = [finding for finding in found if finding.reason not in ABOUT_A_PUPIL]
    return (*sorted(own, key=_order), *sorted(elsewhere, key=_order), *rest)


def _order(finding: Finding) -> tuple[str, str, str]:
    return (finding.reason, finding.pupil or "", finding.outcome)
