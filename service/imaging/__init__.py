"""Untrusted bytes in, proven clean renditions out. Knows no database, no bucket and no web.

``sniff`` says what bytes claim to be, without decoding. ``Sandbox.clean`` has them opened in a jailed process, from which only
raw pixels come back, makes new files of those, and returns them only if ``verify``, which shares no code with whatever wrote
them, finds nothing but pixels.
"""

from service.imaging.errors import ImagingError, Refusal
from service.imaging.jail.walls import Jail
from service.imaging.metadata.people import PersonPlace, PersonTag
from service.imaging.metadata.removed import RemovedKind
from service.imaging.provenance import Provenance, Removed
from service.imaging.renditions import FULL_SIZE, Encoded, RenditionSize, Sizes
from service.imaging.sandbox import Cleaned, NotJailed, Sandbox
from service.imaging.sniff import Kind, Sniffed, sniff
from service.imaging.verify import verify

__all__ = [
    "FULL_SIZE",
    "Cleaned",
    "Encoded",
    "ImagingError",
    "Jail",
    "Kind",
    "NotJailed",
    "PersonPlace",
    "PersonTag",
    "Provenance",
    "Refusal",
    "Removed",
    "RemovedKind",
    "RenditionSize",
    "Sandbox",
    "Sizes",
    "Sniffed",
    "sniff",
    "verify",
]
