"""What Photoshop's image resources and the IPTC records in them say (Adobe Photoshop File Formats; IPTC IIM 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.imaging.metadata.people import People, PersonPlace
from service.imaging.metadata.removed import Unreadable
from service.imaging.metadata.text import decoded

MAX_PARTS = 100_000
"""The most resources and the most datasets that are read of one stream."""

_IPTC, _XMP, _THUMBNAILS, _EXIF = 0x0404, 0x0424, {0x0409, 0x040C}, {0x0422, 0x0423}
_MARK, _APPLICATION_RECORD, _LONG = 0x1C, 2, 0x8000
_KEYWORDS, _CAPTION = 25, 120
_WORDS = {5, 15, 20, 22, 26, 27, 40, 80, 85, 90, 92, 95, 101, 103, 105, 110, 115, 116, 118, 120, 121, 122}
_CREATOR = {80, 85, 110, 115, 116, 118, 122}
"""Those of them that say who made the picture or wrote the words."""
_PLACES = {26, 27, 90, 92, 95, 100, 101}
"""Codes and names of places: what is shown, city, sub-location, province, country."""
_SIGNATURE, _MOST_BYTES_OF_LENGTH = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IptcFacts:
    """How many keywords, other words and thumbnails were found; ``records``: how many IPTC records there were at all.

    ``gps``: whether a place is named. ``xmp``: documents that stand inside.
    """

    keywords: int
    words: int
    records: int
    thumbnails: int = 0
    gps: bool = False
    xmp: tuple[bytes, ...] = field(default=(), repr=False)


def read_photoshop(resources: bytes, people: People) -> IptcFacts:
    """The facts of a stream of image resources; names and words go to ``people``.

    :raises Unreadable: if it does not follow its own rules
    """
    keywords = words = thumbnails = records = 0
    documents: list[bytes] = []
    gps = False
    for number, body in _resources(resources):
        thumbnails += number in _THUMBNAILS
        if number == _IPTC:
            facts = read_iptc(body, people)
            keywords, words, records = keywords + facts.keywords, words + facts.words, records + facts.records
            gps = gps or facts.gps
            if records > MAX_PARTS:
                raise Unreadable
        elif number == _XMP and body:
            documents.append(body)
        elif number in _EXIF and body:  # written into Photoshop's own files alone
            raise Unreadable
    xmp = tuple(documents)
    return IptcFacts(keywords=keywords, words=words, thumbnails=thumbnails, records=records, gps=gps, xmp=xmp)


def read_iptc(stream: bytes, people: People) -> IptcFacts:
    """The facts of a bare stream of IPTC datasets; zero bytes may pad its end. Names and words go to ``people``.

    The character set that record 1 may name is not asked: what is no UTF-8 is read as Western letters, whatever it claims to be.

    :raises Unreadable: if it does not follow its own rules
    """
    keywords = words = records = 0
    gps = False
    for record, number, value in _datasets(stream):
        records += 1
        if record != _APPLICATION_RECORD or not value:
            continue
        gps = gps or number in _PLACES
        if number == _KEYWORDS:
            keywords += 1
            people.add(PersonPlace.IPTC_KEYWORDS, decoded(value))
        elif number in _WORDS:
            words += 1
            people.add(_place(number), decoded(value))
    return IptcFacts(keywords=keywords, words=words, records=records, gps=gps)


def _place(number: int) -> PersonPlace:
    if number in _CREATOR:
        return PersonPlace.IPTC_CREATOR
    return PersonPlace.IPTC_CAPTION if number == _CAPTION else PersonPlace.IPTC_WORDS


def _datasets(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Record, number and value of each dataset."""
    position, end = 0, len(stream.rstrip(b"\x00"))
    for _ in range(MAX_PARTS):
        if position >= end:
            return
        head = stream[position : position + 5]
        if len(head) < 5 or head[0] != _MARK:  # noqa: PLR2004 - mark, record, dataset, length
            raise Unreadable
        start, length = position + 5, int.from_bytes(head[3:5], "big")
        if length & _LONG:
            wide = length & ~_LONG
            if wide > _MOST_BYTES_OF_LENGTH:
                raise Unreadable
            start, length = start + wide, int.from_bytes(stream[start : start + wide], "big")
        position = start + length
        if position > len(stream):
            raise Unreadable
        yield head[1], head[2], stream[start:position]
    raise Unreadable


def _resources(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of each resource: signature, number, name (padded to even), length, body (padded to even)."""
    position = 0
    end = len(stream.rstrip(b"\x00"))
    for _ in range(MAX_PARTS):
        if position >= end:
            return
        name = 1 + (stream[position + 6] if position + 6 < len(stream) else 0)
        at = position + 6 + name + name % 2
        if not stream[position : position + _SIGNATURE].isalnum() or at + 4 > len(stream):
            raise Unreadable
        length = int.from_bytes(stream[at : at + 4], "big")
        position = at + 4 + length
        if position > len(stream):
            raise Unreadable
        yield int.from_bytes(stream[at - name - name % 2 - 2 : at - name - name % 2], "big"), stream[at + 4 : position]
        # Some programs leave out the byte that pads an odd body.
        position += length % 2 if stream[position : position + _SIGNATURE] != b"8BIM" else 0
    raise Unreadable
