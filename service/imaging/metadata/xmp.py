"""What an XMP document says about device, people, words, places and the turn of the picture (XMP Specification Part 1)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from xml.parsers import expat

from service.imaging.metadata.claims import Claim, Of, claims_in
from service.imaging.metadata.exif import moment
from service.imaging.metadata.people import People, PersonPlace
from service.imaging.metadata.removed import RemovedKind, Unreadable
from service.imaging.metadata.text import plain_text
from service.imaging.metadata.xmpfields import (
    AUX,
    EXIF,
    EXIF_NOW,
    EXTENDED,
    FIELDS,
    GRAMMAR,
    PLACES,
    THUMBNAIL,
    TIFF,
)

MAX_DOCUMENT = 32_000_000
"""The longest document that is read, in bytes."""
MAX_DEPTH = 200
MAX_FIELDS = 100_000
"""The most elements and attributes."""

_MAKE, _MODEL, _ORIENTATION = f"{TIFF} Make", f"{TIFF} Model", f"{TIFF} Orientation"
_SERIALS = (f"{EXIF_NOW} BodySerialNumber", f"{AUX} SerialNumber")
_TAKEN = f"{EXIF} DateTimeOriginal"
_STATED = {_MAKE, _MODEL, _ORIENTATION, *_SERIALS, _TAKEN, EXTENDED}
_CLAIMS = {_MAKE: Of.MAKE, _MODEL: Of.MODEL} | dict.fromkeys(_SERIALS, Of.SERIAL)
_GPS = f"{EXIF} GPSL"


@dataclass(frozen=True, slots=True, kw_only=True)
class XmpFacts:
    """What an XMP document says of the camera; how many names, keywords and other words it holds; whether it says where.

    ``extended``: the name of the other part of the document, if it says that there is one.
    """

    make: str | None
    model: str | None
    serial: str | None
    taken_at: datetime | None
    orientation: int | None
    people: int
    keywords: int
    words: int
    gps: bool
    thumbnails: int
    claims: tuple[Claim, ...]
    extended: str | None


def read_xmp(document: bytes, people: People) -> XmpFacts:
    """The facts of one XMP document; names and words go to ``people``.

    :raises Unreadable: if it is no well-formed XML, declares a document type, or is too long or too deep; never anything else
    """
    if len(document) > MAX_DOCUMENT:
        raise Unreadable
    reader = _Reader(people)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse  # and with it every entity
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(_unpadded(document), True)  # noqa: FBT003 - expat takes no keyword for "this is the end"
    except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding that expat does not know
        raise Unreadable from None
    return reader.facts()


def _unpadded(document: bytes) -> bytes:
    """Without the blanks and zero bytes that some programs put around a document; in sixteen bits they may be half a letter."""
    if document[:2] in {b"\xfe\xff", b"\xff\xfe"} or b"\x00" in document[:2]:
        end = len(document.rstrip(b"\x00"))
        return document[: end + end % 2]
    return document.strip(b"\x00 \t\r\n")


class _Reader:
    """Counts each filled field once, whether it is written as an attribute or as an element."""

    def __init__(self, people: People) -> None:
        self._people = people
        # For every open element: the kinds of field that it stands in, and the place of the innermost.
        self._open: list[tuple[str, frozenset[RemovedKind], PersonPlace | None]] = [("", frozenset(), None)]
        self._texts: list[list[str]] = [[]]
        self._counts: Counter[RemovedKind] = Counter()
        self._stated: dict[str, str] = {}
        self._claims: dict[Claim, None] = {}
        self._fields = 0

    def refuse(self, *_: object) -> None:
        raise Unreadable

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise Unreadable
        self._open.append(self._within(name))
        self._texts.append([])
        for attribute, value in attributes.items():
            self._field(*self._within(attribute), value)

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        self._field(*self._open.pop(), "".join(self._texts.pop()))

    def _within(self, name: str) -> tuple[str, frozenset[RemovedKind], PersonPlace | None]:
        """A value belongs to every field that it stands in."""
        _, kinds, place = self._open[-1]
        if name in FIELDS:
            kind, place = FIELDS[name]
            kinds |= {kind}
        if name in PLACES:
            kinds |= {RemovedKind.GPS}
        return name, kinds, place

    def _field(self, name: str, kinds: frozenset[RemovedKind], place: PersonPlace | None, value: str) -> None:
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Unreadable
        if not value.strip() or name in GRAMMAR:
            return
        self._counts.update(kinds)
        if place is not None:
            self._people.add(place, value)
        if name == THUMBNAIL:
            self._counts[RemovedKind.THUMBNAIL] += 1
        elif name.startswith(_GPS):
            self._counts[RemovedKind.GPS] += 1
        elif name in _STATED:
            self._stated.setdefault(name, value.strip())
        if name in _CLAIMS:
            self._claims.update(dict.fromkeys(claims_in(_CLAIMS[name], value.encode())))

    def facts(self) -> XmpFacts:
        turn = self._stated.get(_ORIENTATION, "")
        serials = (plain_text(self._stated.get(serial, "")) for serial in _SERIALS)
        return XmpFacts(
            make=plain_text(self._stated.get(_MAKE, "")),
            model=plain_text(self._stated.get(_MODEL, "")),
            serial=next((serial for serial in serials if serial), None),
            taken_at=moment(self._stated.get(_TAKEN)),
            orientation=int(turn) if turn in set("12345678") else None,
            people=self._counts[RemovedKind.PERSON_NAMES],
            keywords=self._counts[RemovedKind.KEYWORDS],
            words=self._counts[RemovedKind.WORDS],
            gps=self._counts[RemovedKind.GPS] > 0,
            thumbnails=self._counts[RemovedKind.THUMBNAIL],
            claims=tuple(self._claims),
            extended=self._stated.get(EXTENDED),
        )
