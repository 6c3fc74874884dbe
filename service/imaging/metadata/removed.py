"""The words for what is taken away from a picture: kind and count, never the value."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from service.imaging.metadata.claims import Claim
from service.imaging.metadata.people import People

EXIF_PREFIX = b"Exif\x00\x00"
"""What belongs in front of the TIFF stream in JPEG only; some programs write it elsewhere too."""


class RemovedKind(StrEnum):
    """The closed list of what a file may hold beside its pixels. Codes are permanent."""

    EXIF = "exif"
    GPS = "gps"
    THUMBNAIL = "thumbnail"
    MAKER_NOTE = "maker-note"
    XMP = "xmp"
    IPTC = "iptc"
    ICC_PROFILE = "icc-profile"
    COMMENT = "comment"
    PERSON_NAMES = "person-names"
    """Fields made to name who is pictured: face regions, PersonInImage."""
    KEYWORDS = "keywords"
    """Keyword and tag lists, where many programs keep people's names."""
    WORDS = "words"
    """Titles, captions, comments, owners, copyright notices."""
    TEXT_CHUNKS = "text-chunks"
    EMBEDDED_PICTURE = "embedded-picture"
    """A second picture: depth or gain map, burst, preview."""
    MOTION_CLIP = "motion-clip"
    """The film of a Live or Motion Photo."""
    CONTENT_CREDENTIALS = "content-credentials"
    """Signed statements about the origin of the picture (C2PA), and what else is kept in such boxes (JUMBF)."""
    TRAILING_DATA = "trailing-data"
    OTHER = "other"


class Unreadable(Exception):
    """A block of metadata does not follow its own rules. It may hold anything; it never means "nobody"."""


@dataclass(slots=True, kw_only=True)
class Blocks:
    """The metadata of one file, cut out and not yet read.

    ``exif``: TIFF streams. ``xmp``: XML documents. ``extended``: the names of those that are the other part of a document.
    ``photoshop``: image resource streams. ``iptc``: bare IIM streams. ``people``, ``claims``: words that stand in the container
    itself. ``inflated``: bytes that compressed texts have unpacked to so far. ``counts``: what was found. ``readable``: False as
    soon as one block could not even be cut out.
    """

    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    extended: set[str] = field(default_factory=set)
    photoshop: list[bytes] = field(default_factory=list)
    iptc: list[bytes] = field(default_factory=list)
    people: People = field(default_factory=People)
    claims: list[Claim] = field(default_factory=list)
    inflated: int = 0
    counts: Counter[RemovedKind] = field(default_factory=Counter)
    readable: bool = True
