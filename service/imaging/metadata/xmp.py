"""What an XMP document says about people, words, places and the turn of the picture (XMP Specification Part 1)."""

from dataclasses import dataclass
from xml.parsers import expat

from service.imaging.metadata.removed import Unreadable

MAX_DOCUMENT = 32_000_000
"""The longest document that is read, in bytes."""
MAX_DEPTH = 200
MAX_FIELDS = 100_000
"""The most elements and attributes."""

_RDF, _XML = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/XML/1998/namespace"
_GRAMMAR = {f"{_RDF} about", f"{_RDF} parseType", f"{_RDF} resource", f"{_XML} lang"}
"""Attributes that say nothing about the picture."""

_TIFF, _EXIF = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/exif/1.0/"
_DC, _PHOTOSHOP, _LIGHTROOM = (
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/photoshop/1.0/",
    "http://ns.adobe.com/lightroom/1.0/",
)
_IPTC_CORE, _IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_REGIONS, _MICROSOFT_REGION = (
    "http://www.metadataworkinggroup.com/schemas/regions/",
    "http://ns.microsoft.com/photo/1.2/t/Region#",
)
_KEYWORD_SCHEMA = "http://www.metadataworkinggroup.com/schemas/keywords/"
_MICROSOFT, _DIGIKAM = "http://ns.microsoft.com/photo/1.0/", "http://www.digikam.org/ns/1.0/"
_MEDIAPRO, _ACDSEE = "http://ns.iview-multimedia.com/mediapro/1.0/", "http://ns.acdsee.com/iptc/1.0/"

_PEOPLE = {
    *(f"{_REGIONS} {name}" for name in ("Name", "Description")),
    *(f"{_MICROSOFT_REGION} {name}" for name in ("PersonDisplayName", "PersonEmailDigest", "PersonLiveIdCID")),
    *(f"{_IPTC_EXTENSION} {name}" for name in ("PersonInImage", "PersonInImageWDetails", "PersonName")),
    f"{_MEDIAPRO} People",
}
_KEYWORDS = {
    f"{_DC} subject",
    f"{_LIGHTROOM} hierarchicalSubject",
    f"{_DIGIKAM} TagsList",
    f"{_MICROSOFT} LastKeywordXMP",
    f"{_MICROSOFT} LastKeywordIPTC",
    f"{_MEDIAPRO} CatalogSets",
    f"{_ACDSEE} keywords",
    f"{_ACDSEE} categories",
    f"{_KEYWORD_SCHEMA} Keywords",
}
_WORDS = {
    *(f"{_DC} {name}" for name in ("title", "description", "creator", "contributor", "rights")),
    *(f"{_PHOTOSHOP} {name}" for name in ("Headline", "AuthorsPosition", "CaptionWriter", "Credit", "Source", "Instructions")),
    *(f"{_PHOTOSHOP} {name}" for name in ("City", "State", "Country")),
    *(f"{_EXIF} {name}" for name in ("UserComment",)),
    *(f"{_TIFF} {name}" for name in ("Artist", "ImageDescription", "Copyright")),
    f"{_IPTC_CORE} Location",
}
_THUMBNAIL = "http://ns.adobe.com/xap/1.0/g/img/ image"


@dataclass(frozen=True, slots=True, kw_only=True)
class XmpFacts:
    """How many names, keywords and other words an XMP document holds; whether it says where the picture was taken."""

    people: int
    keywords: int
    words: int
    gps: bool
    thumbnails: int
    orientation: int | None


def read_xmp(document: bytes) -> XmpFacts:
    """The facts of one XMP document.

    :raises Unreadable: if it is no well-formed XML, declares a document type, or is too long or too deep; never anything else
    """
    if len(document) > MAX_DOCUMENT:
        raise Unreadable
    reader = _Reader()
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
    """Without the zero bytes that some programs put behind a document; in sixteen bits they may be half a character."""
    return document if document[:2] in {b"\xfe\xff", b"\xff\xfe"} else document.rstrip(b"\x00")


class _Reader:
    """Counts each filled field once, whether it is written as an attribute or as an element."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._texts: list[list[str]] = [[]]
        self._people = self._keywords = self._words = self._thumbnails = self._fields = 0
        self._gps = False
        self._orientation: int | None = None

    def refuse(self, *_: object) -> None:
        raise Unreadable

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise Unreadable
        self._path.append(name)
        self._texts.append([])
        for attribute, value in attributes.items():
            self._field([*self._path, attribute], value)

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        self._field(self._path, "".join(self._texts.pop()))
        self._path.pop()

    def _field(self, path: list[str], value: str) -> None:
        """One value; it belongs to every field that it stands in."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Unreadable
        if not value.strip() or path[-1] in _GRAMMAR:
            return
        names = set(path)
        self._people += bool(names & _PEOPLE)
        self._keywords += bool(names & _KEYWORDS)
        self._words += bool(names & _WORDS)
        self._thumbnails += path[-1] == _THUMBNAIL
        self._gps = self._gps or path[-1].startswith(f"{_EXIF} GPSL")
        if path[-1] == f"{_TIFF} Orientation" and value.strip() in set("12345678"):
            self._orientation = int(value)

    def facts(self) -> XmpFacts:
        return XmpFacts(
            people=self._people,
            keywords=self._keywords,
            words=self._words,
            gps=self._gps,
            thumbnails=self._thumbnails,
            orientation=self._orientation,
        )
