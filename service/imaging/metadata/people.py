"""Names and words that a file holds about people: typed by the place where they stood, capped, and hidden from every ``repr``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from service.imaging.metadata.text import plain_text

MAX_TAGS = 200
"""The most tags that are told of one file."""
MAX_TAG = 200
"""The longest text of one tag, in characters."""
MAX_READ = 1_000_000
"""The most characters that are read in one file."""

_MARKUP = re.compile(r"</?(?:Category|Categories)(?: Assigned=\"[01]\")?/?>")
"""Stands around each category of ACDSee's tree, which is one text."""
_OVERLAP = 60
"""So many characters of a long text stand in two tags, lest a name be cut in half."""


class PersonPlace(StrEnum):
    """Where names of people stand in a file. Codes are permanent."""

    REGION_NAME = "region-name"
    """Face regions: mwg-rs:Name and its description, ACDSee's regions."""
    MICROSOFT_REGION = "microsoft-region"
    PERSON_IN_IMAGE = "person-in-image"
    """IPTC Extension PersonInImage, PersonInImageWDetails; PRISM person, Getty personality."""
    MEDIAPRO_PEOPLE = "mediapro-people"
    MEDIAPRO_SETS = "mediapro-sets"
    IPTC_KEYWORDS = "iptc-keywords"
    IPTC_CAPTION = "iptc-caption"
    IPTC_WORDS = "iptc-words"
    """Object name, headline, instructions, places."""
    IPTC_CREATOR = "iptc-creator"
    """By-line and its title, caption writer, contact, credit, source, copyright."""
    DC_SUBJECT = "dc-subject"
    DC_TITLE = "dc-title"
    DC_DESCRIPTION = "dc-description"
    DC_CREATOR = "dc-creator"
    """Creator, contributor, rights."""
    ALT_TEXT = "alt-text"
    """IPTC's alternative text and extended description."""
    LR_HIERARCHICAL_SUBJECT = "lr-hierarchical-subject"
    DIGIKAM_TAGS = "digikam-tags"
    MICROSOFT_KEYWORDS = "microsoft-keywords"
    MWG_KEYWORDS = "mwg-keywords"
    ACDSEE = "acdsee"
    PDF_WORDS = "pdf-words"
    """Author, title, subject and keywords as Adobe PDF names them."""
    PHOTOSHOP_WORDS = "photoshop-words"
    """Headline, instructions, places."""
    PHOTOSHOP_CREATOR = "photoshop-creator"
    """Author's position, caption writer, credit, source."""
    XP_KEYWORDS = "xp-keywords"
    XP_TITLE = "xp-title"
    XP_SUBJECT = "xp-subject"
    XP_COMMENT = "xp-comment"
    XP_AUTHOR = "xp-author"
    USER_COMMENT = "user-comment"
    IMAGE_DESCRIPTION = "image-description"
    """Image description, image title, document name."""
    OWNER_NAME = "owner-name"
    ARTIST = "artist"
    """Artist, photographer, image editor."""
    COPYRIGHT = "copyright"
    HOST_COMPUTER = "host-computer"
    MAKER_NOTE_NAME = "maker-note-name"
    """Whom the camera itself recognised: face recognition, the name of a baby."""
    MAKER_NOTE_OWNER = "maker-note-owner"
    MAKER_NOTE_TITLE = "maker-note-title"
    PNG_TEXT = "png-text"
    COMMENT = "comment"
    """A comment of the container itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTag:
    """One text, at most MAX_TAG printable characters on one line, that may name a person.

    The text is for matching to the register in memory. It MUST NOT be stored, logged or put into an audit event: count instead.
    """

    place: PersonPlace
    text: str = field(repr=False)


class People:
    """The tags of one file, as they are found. No tag is there twice."""

    def __init__(self) -> None:
        self._found: dict[PersonTag, None] = {}
        self._left = MAX_READ
        self._complete = True

    @property
    def tags(self) -> tuple[PersonTag, ...]:
        """What was found, in the order of reading."""
        return tuple(self._found)

    @property
    def complete(self) -> bool:
        """False as soon as anything was left out for want of room."""
        return self._complete

    def add(self, place: PersonPlace, text: str) -> None:
        """Keep a text; a long one in several tags that overlap, a tree of categories in one for each."""
        if len(text) > self._left:
            self._complete = False
        read, self._left = text[: self._left], max(0, self._left - len(text))
        texts = _MARKUP.split(read) if place is PersonPlace.ACDSEE else [read]
        for piece in (piece for text in texts for piece in _pieces(plain_text(text, len(text)) or "")):
            tag = PersonTag(place=place, text=piece)
            if tag not in self._found and len(self._found) >= MAX_TAGS:
                self._complete = False
                return
            self._found[tag] = None


def _pieces(text: str) -> Iterator[str]:
    """The text, cut at blanks where there are any."""
    start = 0
    while len(text) - start > MAX_TAG:
        end = text.rfind(" ", start + 2 * _OVERLAP, start + MAX_TAG + 1)
        end = end if end > start else start + MAX_TAG
        yield text[start:end].strip()
        blank = text.find(" ", end - _OVERLAP, end)
        start = blank + 1 if blank > start else end - _OVERLAP
    if text[start:].strip():
        yield text[start:].strip()
