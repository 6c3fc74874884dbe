"""Naming: whom a file names, held against the pupils of its uploader's classes. Of its texts nothing is kept."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, assert_never

from sqlalchemy import Row

from consent.names import Mentioned, Roll, Told, who_is_named
from service.imaging import PersonPlace, PersonTag
from storage import registers
from storage.lexicon import names_of_nobody
from storage.store import Reading

_P: Final = PersonPlace


def named_in(tags: Iterable[PersonTag], roll: Roll) -> Mentioned:
    """Say whom a file names, of one roll. A file made for it takes half a second: not to be called under any lock."""
    return who_is_named(_texts(tags), roll, names=names_of_nobody())


def own_roll(reading: Reading, stored: Row[Any]) -> Roll:
    """Return whom a photo's file may name: the pupils of its uploader's own classes. Of other classes' pupils nothing shows.

    An uploader without classes knows nobody: then every name is nobody's.
    """
    return registers.roll_of(reading, stored.classes or ())


def _texts(tags: Iterable[PersonTag]) -> Iterator[tuple[Told, str]]:
    for tag in tags:
        told = told_at(tag.place)
        if told is not None:
            yield told, tag.text


def told_at(place: PersonPlace) -> Told | None:
    """Say how a place tells of people; None where it names who made the picture or whose camera it is, not who is pictured."""
    match place:
        case _P.REGION_NAME | _P.MICROSOFT_REGION | _P.PERSON_IN_IMAGE | _P.MEDIAPRO_PEOPLE | _P.MAKER_NOTE_NAME:
            return Told.PERSON
        case _P.IPTC_KEYWORDS | _P.DC_SUBJECT | _P.LR_HIERARCHICAL_SUBJECT | _P.DIGIKAM_TAGS | _P.MICROSOFT_KEYWORDS:
            return Told.KEYWORDS
        case _P.MWG_KEYWORDS | _P.ACDSEE | _P.PDF_WORDS | _P.XP_KEYWORDS | _P.MEDIAPRO_SETS:
            return Told.KEYWORDS
        case _P.IPTC_CAPTION | _P.IPTC_WORDS | _P.DC_TITLE | _P.DC_DESCRIPTION | _P.ALT_TEXT | _P.PHOTOSHOP_WORDS:
            return Told.PROSE
        case _P.XP_TITLE | _P.XP_SUBJECT | _P.XP_COMMENT | _P.USER_COMMENT | _P.IMAGE_DESCRIPTION:
            return Told.PROSE
        case _P.MAKER_NOTE_TITLE | _P.PNG_TEXT | _P.COMMENT:
            return Told.PROSE
        case _P.DC_CREATOR | _P.IPTC_CREATOR | _P.PHOTOSHOP_CREATOR | _P.XP_AUTHOR | _P.ARTIST | _P.COPYRIGHT:
            return None
        case _P.OWNER_NAME | _P.HOST_COMPUTER | _P.MAKER_NOTE_OWNER:
            return None
        case _:
            assert_never(place)
