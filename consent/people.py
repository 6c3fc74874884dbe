"""Who is who: identities, and the words for relations, authority and legal status."""

from enum import StrEnum
from typing import NewType

SchoolId = NewType("SchoolId", str)
PupilId = NewType("PupilId", str)
"""Opaque: says nothing about the child and may be logged. A UPN is never used as one."""
PersonId = NewType("PersonId", str)
"""A giver of answers for one pupil. The mother of two siblings is two persons."""


class Relation(StrEnum):
    """What the person is to the pupil. Opens nothing by itself: authority does."""

    MOTHER = "mother"
    FATHER = "father"
    PARENT = "parent"
    GUARDIAN = "guardian"
    SPECIAL_GUARDIAN = "special-guardian"
    LOCAL_AUTHORITY = "local-authority"
    FOSTER_CARER = "foster-carer"
    STEP_PARENT = "step-parent"
    OTHER = "other"
    CHILD = "child"
    EX_PUPIL = "ex-pupil"


class Authority(StrEnum):
    """By what right a person's yes could count. Anyone's no counts without any."""

    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    SPECIAL_GUARDIAN = "special-guardian"
    LOCAL_AUTHORITY = "local-authority"
    DELEGATED = "delegated"
    """A foster carer, and only for the purposes delegated in writing."""
    SELF = "self"
    """The child, or the ex-pupil. Can refuse, can never consent: no birthday passes consent on."""
    NONE = "none"
    UNKNOWN = "unknown"
    """Not established: its yes is nothing."""


class LegalStatus(StrEnum):
    """Who the law of England lets answer for the pupil (docs/rules.md, "What counts as a yes", 5)."""

    NO_ORDER = "no-order"
    ADOPTED = "adopted"
    SECTION_20 = "section-20"
    CARE_ORDER = "care-order"
    INTERIM_CARE_ORDER = "interim-care-order"
    EMERGENCY_PROTECTION_ORDER = "emergency-protection-order"
    SPECIAL_GUARDIANSHIP = "special-guardianship"
    UNKNOWN = "unknown"
    """Not established: nobody's yes counts."""
