"""Everything the audit log can say: a closed vocabulary, permanent like the log itself (docs/events.md)."""

from enum import StrEnum


class Event(StrEnum):
    """One kind of audit entry. ``subject.what-happened``; a code, once used, keeps its meaning for ever."""

    SCHOOL_CREATED = "school.created"
    POLICY_SET = "policy.set"
    POLICY_WITHDRAWN = "policy.withdrawn"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_ENROLLED = "account.enrolled"
    TOKEN_CREATED = "token.created"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    PHOTO_ACCEPTED = "photo.accepted"
    PHOTO_PREPARED = "photo.prepared"
    PHOTO_UNCLEAN = "photo.unclean"
    PHOTO_CHANGED = "photo.changed"
    PHOTO_DISPOSED = "photo.disposed"
    PHOTO_METADATA_SEEN = "photo.metadata-seen"
    PLACE_REPORTED = "place.reported"
    DECISION_MADE = "decision.made"
    PUBLICATION_PUTTING = "publication.putting"
    PUBLICATION_PUBLISHED = "publication.published"
    PUBLICATION_RENEWED = "publication.renewed"
    PUBLICATION_RETRACTING = "publication.retracting"
    PUBLICATION_RETRACTED = "publication.retracted"
    CONSENT_RECORDED = "consent.recorded"
    CONSENT_RETIREMENT_ASKED = "consent.retirement-asked"
    CONSENT_RETIRED = "consent.retired"
    PROTECTION_SET = "protection.set"
    PROTECTION_CLEARED = "protection.cleared"
    PUPIL_CHANGED = "pupil.changed"
    IMPORT_PREVIEWED = "import.previewed"
    IMPORT_APPLIED = "import.applied"
    REGISTER_CHANGED = "register.changed"
    DEVICE_ENROLLED = "device.enrolled"
    DEVICE_CHANGED = "device.changed"
    DEVICE_WIPED = "device.wiped"
    EXCEPTION_GRANTED = "exception.granted"
    EXCEPTION_WITHDRAWN = "exception.withdrawn"
    ORPHAN_REMOVED = "orphan.removed"
    SWEEP_FINISHED = "sweep.finished"
