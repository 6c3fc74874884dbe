"""What Photoshop's image resources and the IPTC records in them say (Adobe Photoshop File Formats; IPTC IIM 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.imaging.metadata.removed import Unreadable

_IPTC, _THUMBNAILS = 0x0404, {0x0409, 0x040C}
_MARK, _APPLICATION_RECORD, _LONG = 0x1C, 2, 0x8000
_KEYWORDS = {25}
_WORDS = {5, 15, 20, 22, 40, 80, 85, 90, 92, 95, 101, 103, 105, 110, 115, 116, 118, 120, 122}


@dataclass(frozen=True, slots=True, kw_only=True)
class IptcFacts:
    """How many keywords, other words and thumbnails were found; ``records``: whether there were IPTC records at all."""

    keywords: int
    words: int
    thumbnails: int
    records: int


def read_photoshop(resources: bytes) -> IptcFacts:
    """The facts of a stream of image resources.

    :raises Unreadable: if it does not follow its own rules
    """
    keywords = words = thumbnails = records = 0
    for number, body in _resources(resources):
        thumbnails += number in _THUMBNAILS
        if number == _IPTC:
            facts = read_iptc(body)
            keywords, words, records = keywords + facts.keywords, words + facts.words, records + facts.records
    return IptcFacts(keywords=keywords, words=words, thumbnails=thumbnails, records=records)


def read_iptc(stream: bytes) -> IptcFacts:
    """The facts of a bare stream of IPTC datasets; zero bytes may pad its end.

    :raises Unreadable: if it does not follow its own rules
    """
    keywords = words = records = position = 0
    padded = stream.rstrip(b"\x00")
    while position < len(padded):
        head = stream[position : position + 5]
        if len(head) < 5 or head[0] != _MARK:  # noqa: PLR2004 - mark, record, dataset, length
            raise Unreadable
        start, length = position + 5, int.from_bytes(head[3:5], "big")
        if length & _LONG:
            wide = length & ~_LONG
            if wide > 4:  # noqa: PLR2004 - a length has at most four bytes
                raise Unreadable
            start, length = start + wide, int.from_bytes(stream[start : start + wide], "big")
        position = start + length
        if position > len(stream):
            raise Unreadable
        records += 1
        if length and head[1] == _APPLICATION_RECORD:
            keywords += head[2] in _KEYWORDS
            words += head[2] in _WORDS
    return IptcFacts(keywords=keywords, words=words, thumbnails=0, records=records)


def _resources(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of each resource: signature, number, name (padded to even), length, body (padded to even)."""
    position = 0
    end = len(stream.rstrip(b"\x00"))
    while position < end:
        name = 1 + (stream[position + 6] if position + 6 < len(stream) else 0)
        at = position + 6 + name + name % 2
        if not stream[position : position + 4].isalnum() or at + 4 > len(stream):
            raise Unreadable
        length = int.from_bytes(stream[at : at + 4], "big")
        if at + 4 + length > len(stream):
            raise Unreadable
        yield int.from_bytes(stream[position + 4 : position + 6], "big"), stream[at + 4 : at + 4 + length]
        position = at + 4 + length + length % 2
