"""What an EXIF block says about device, time, place and people, and what else it holds (CIPA DC-008, TIFF 6.0).

Our own reader: piexif drops the last letter of a make or model that is not closed by a zero byte (real cameras write such), fails
on types it does not know, and reserves memory for whatever count a file claims.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from service.imaging.metadata.claims import IN_EXIF, Claim, Of, claims_in, numbered
from service.imaging.metadata.makernote import Camera, read_maker_note
from service.imaging.metadata.people import People, PersonPlace
from service.imaging.metadata.removed import Unreadable
from service.imaging.metadata.text import decoded, sixteen_bits, user_comment
from service.imaging.metadata.tiff import NOTHING, Entry, Stream, stream_of

MAX_SAME = 20
"""The most entries with the same tag that are read."""

_MAKE, _MODEL, _ORIENTATION, _EXIF, _GPS, _SERIAL_OF_BODY, _SERIAL_OF_CAMERA = 271, 272, 274, 0x8769, 0x8825, 0xA431, 0xC62F
_TAKEN, _DIGITISED, _MAKER_NOTE, _MOVED, _XMP, _IPTC, _PHOTOSHOP = 0x9003, 0x9004, 0x927C, 0xEA1D, 700, 0x83BB, 0x8649
_GPS_VERSION = 0
_WORDS = {
    0x010D: PersonPlace.IMAGE_DESCRIPTION,
    0x010E: PersonPlace.IMAGE_DESCRIPTION,
    0x013B: PersonPlace.ARTIST,
    0x013C: PersonPlace.HOST_COMPUTER,
    0x8298: PersonPlace.COPYRIGHT,
    0xA430: PersonPlace.OWNER_NAME,
    0xA436: PersonPlace.IMAGE_DESCRIPTION,
    0xA437: PersonPlace.ARTIST,
    0xA438: PersonPlace.ARTIST,
}
_XP_WORDS = {
    0x9C9B: PersonPlace.XP_TITLE,
    0x9C9C: PersonPlace.XP_COMMENT,
    0x9C9D: PersonPlace.XP_AUTHOR,
    0x9C9F: PersonPlace.XP_SUBJECT,
}
_XP_KEYWORDS, _USER_COMMENT = 0x9C9E, 0x9286
_CLOCK = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifFacts:
    """What an EXIF block says. Strings are capped and hold no control characters; ``taken_at`` is the camera's own clock.

    ``claims``: every word on make, model and serial. ``xmp``, ``photoshop``, ``iptc``: blocks that stand inside. ``whole``: False
    if a part that we need could not be read.
    """

    make: str | None = None
    model: str | None = None
    serial: str | None = None
    claims: tuple[Claim, ...] = ()
    taken_at: datetime | None = None
    orientation: int | None = None
    gps: bool = False
    maker_note: bool = False
    thumbnail: bool = False
    words: int = 0
    keywords: int = 0
    xmp: tuple[bytes, ...] = field(default=(), repr=False)
    photoshop: tuple[bytes, ...] = field(default=(), repr=False)
    iptc: tuple[bytes, ...] = field(default=(), repr=False)
    whole: bool = True


def read_exif(tiff: bytes, people: People) -> ExifFacts:
    """The facts of one EXIF block, given as a TIFF stream; names and words go to ``people``.

    :raises Unreadable: if not even its first directory can be read; never anything else. For a broken part, see ``whole``
    """
    return _Reader(stream_of(tiff)).facts(people)


class _Reader:
    """Reads part after part, and remembers whether one of them could not be read."""

    def __init__(self, block: Stream) -> None:
        self._block = block
        self._whole = True
        first = block.directory(block.unpack("I", 4))
        self._gps = self._part(lambda: block.below(first.get(_GPS)), NOTHING)
        exif = self._part(lambda: block.below(first.get(_EXIF)), NOTHING)
        # An offset behind the end leads to nothing that anybody could read; cameras write such after a cut-off thumbnail.
        there = 0 < first.following <= len(block.content) - 2
        self._thumbnail = self._part(lambda: block.directory(first.following), NOTHING) if there else NOTHING
        self._said = (first, exif, self._thumbnail)

    def facts(self, people: People) -> ExifFacts:
        make, model = self._text(_MAKE), self._text(_MODEL)
        serial = numbered(self._text(_SERIAL_OF_BODY)) or numbered(self._text(_SERIAL_OF_CAMERA))
        taken_at = moment(self._text(_TAKEN)) or moment(self._text(_DIGITISED))
        words = sum(self._tell(tag, people) for tag in (*_WORDS, *_XP_WORDS, _USER_COMMENT))
        keywords = self._tell(_XP_KEYWORDS, people)
        own = numbered(self._part(lambda: self._maker_note(make or "", model or "", people), None))
        return ExifFacts(
            make=make,
            model=model,
            serial=serial or own,
            claims=(*self._claims(), *claims_in(Of.SERIAL, (serial or own or "").encode())),
            taken_at=taken_at,
            orientation=self._part(self._orientation, None),
            gps=bool(self._gps.entries.keys() - {_GPS_VERSION}),
            maker_note=self._entry(_MAKER_NOTE) is not None,
            thumbnail=bool(self._thumbnail.entries),
            words=words,
            keywords=int(keywords),
            xmp=self._inside(_XMP),
            photoshop=self._inside(_PHOTOSHOP),
            iptc=self._inside(_IPTC),
            whole=self._whole,
        )

    def _part(self, read: Callable[[], Fact], otherwise: Fact) -> Fact:
        try:
            return read()
        except Unreadable:
            self._whole = False
            return otherwise

    def _entries(self, tag: int) -> Iterator[Entry]:
        for directory in self._said:
            yield from directory.entries.get(tag, [])

    def _entry(self, tag: int) -> Entry | None:
        return next(self._entries(tag), None)

    def _text(self, tag: int) -> str | None:
        """The first that says anything: some cameras leave the usual place blank and fill another."""
        texts = (self._part(partial(self._block.text, entry), None) for entry in self._entries(tag))
        return next((text for text in texts if text), None)

    def _claims(self) -> Iterator[Claim]:
        """Every word on the camera, of every directory: which of two a reader takes is up to that reader."""
        for tag, of in IN_EXIF.items():
            for entry in self._same(tag):
                yield from claims_in(of, self._part(partial(self._block.letters, entry), b""))

    def _orientation(self) -> int | None:
        """1 to 8; None for a value that says nothing."""
        entry = self._said[0].get(_ORIENTATION)
        value = self._block.number(entry) if entry is not None else 0
        return value if 1 <= value <= 8 else None  # noqa: PLR2004 - the eight orientations

    def _tell(self, tag: int, people: People) -> bool:
        """Put every text under a tag before ``people``; says whether there was one."""
        entries = self._same(tag)
        for entry in entries:
            self._part(partial(self._tell_one, tag, entry, people), None)
        return bool(entries)

    def _same(self, tag: int) -> list[Entry]:
        """Every entry with a tag, as far as they are read."""
        entries = list(self._entries(tag))
        if len(entries) > MAX_SAME:
            self._whole = False
        return entries[:MAX_SAME]

    def _tell_one(self, tag: int, entry: Entry, people: People) -> None:
        if tag in _WORDS:
            people.add(_WORDS[tag], decoded(self._block.letters(entry)))
        elif tag == _USER_COMMENT:
            for reading in user_comment(self._block.letters(entry), self._block.order):
                people.add(PersonPlace.USER_COMMENT, reading)
        elif tag == _XP_KEYWORDS:
            for keyword in ";".join(sixteen_bits(self._block.letters(entry))).split(";"):
                people.add(PersonPlace.XP_KEYWORDS, keyword)
        else:
            for reading in sixteen_bits(self._block.letters(entry)):
                people.add(_XP_WORDS[tag], reading)

    def _maker_note(self, make: str, model: str, people: People) -> str | None:
        note, moved = self._entry(_MAKER_NOTE), self._entry(_MOVED)
        if note is None:
            return None
        camera = Camera(make=make, model=model, moved=self._block.number(moved) if moved is not None else 0)
        return read_maker_note(self._block, note, camera, people)

    def _inside(self, tag: int) -> tuple[bytes, ...]:
        """A whole block that stands inside this one."""
        return tuple(
            block
            for entry in self._said[0].entries.get(tag, [])[:1]
            if (block := self._part(partial(self._block.raw, entry), None)) is not None
        )


def moment(text: str | None) -> datetime | None:
    """The time as the camera's clock showed it, without a zone; None if the camera wrote no proper time."""
    clock = _CLOCK.match(text or "")
    try:
        if clock is None:
            return None
        year, month, day, hour, minute, second = map(int, clock.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - cameras write no zone
    except ValueError:
        return None
