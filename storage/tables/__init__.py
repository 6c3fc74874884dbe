"""Every table. ``school_id`` comes first in every key: schools are walled off from each other (promise P7)."""

from storage.tables.base import metadata
from storage.tables.devices import device, device_exception, device_wipe
from storage.tables.photos import decision, evidence, photo, photo_destination, photo_subject
from storage.tables.publications import publication, publication_pupil, rendition
from storage.tables.register import consent_record, consent_retirement, person, pupil, register_import, register_source
from storage.tables.schools import access_token, account, enrolment, policy_text, school
from storage.tables.work import audit_entry, job, log_tail

__all__ = [
    "access_token",
    "account",
    "audit_entry",
    "consent_record",
    "consent_retirement",
    "decision",
    "device",
    "device_exception",
    "device_wipe",
    "enrolment",
    "evidence",
    "job",
    "log_tail",
    "metadata",
    "person",
    "photo",
    "photo_destination",
    "photo_subject",
    "policy_text",
    "publication",
    "publication_pupil",
    "pupil",
    "register_import",
    "register_source",
    "rendition",
    "school",
]
