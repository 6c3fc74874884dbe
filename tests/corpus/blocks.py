"""Blocks of metadata that several kinds of file can hold: EXIF, XMP, IPTC, Photoshop resources, C2PA; a canary in every field."""

import hashlib
import struct
from functools import cache

from tests.corpus.canaries import ascii_canary, canary
from tests.corpus.specimens import Planted, saved, small
from tests.corpus.tiffstream import (
    ASCII,
    BYTE,
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Directory,
    Order,
    Placed,
    rationals,
    stream,
    text,
)

_FIRST = {
    "description": 0x010E,
    "make": 0x010F,
    "model": 0x0110,
    "software": 0x0131,
    "artist": 0x013B,
    "host": 0x013C,
    "copyright": 0x8298,
}
_WINDOWS = {"title": 0x9C9B, "comment": 0x9C9C, "author": 0x9C9D, "keywords": 0x9C9E, "subject": 0x9C9F}
_SHOT = {"owner": 0xA430, "serial": 0xA431, "lens-serial": 0xA435, "unique-id": 0xA420}
_LATITUDE, _LONGITUDE = (50, 12, 34), (7, 6, 54)
"""A spot in the Celtic Sea, far from any school."""
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\x00"
EXTENDED_HEADER = b"http://ns.adobe.com/xmp/extension/\x00"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@cache
def thumbnail() -> Planted:
    """A thumbnail, as cameras write it: a whole JPEG file, which here has metadata of its own."""
    inner = Directory()
    inner.add(0x013B, ASCII, text(canary("thumbnail-exif")))
    jpeg = saved(small(), "JPEG", quality=60, comment=ascii_canary("thumbnail-comment"))
    body = b"Exif\x00\x00" + stream(inner, ">")
    segment = struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body
    return Planted(jpeg[:2] + segment + jpeg[2:], ("thumbnail-exif", "thumbnail-comment"))


@cache
def exif(order: Order = ">", *, orientation: int | None = None) -> Planted:
    """An EXIF block with everything in it."""
    first, shot, inner = Directory(), Directory(), Directory()
    places = [*_texts(first, _FIRST, "exif"), *_texts(shot, _SHOT, "exif")]
    for name, tag in _WINDOWS.items():
        first.add(tag, BYTE, canary(f"xp-{name}").encode("utf-16-le") + b"\x00\x00")
        places.append(f"xp-{name}")
    if orientation is not None:
        first.add(0x0112, SHORT, orientation)
    first.add(0xFDE8, UNDEFINED, ascii_canary("exif-private"))
    shot.add(0x9003, ASCII, text("2024:06:14 10:20:30"))
    shot.add(0x927C, UNDEFINED, b"LMZ\x00" + ascii_canary("maker-note") + bytes(range(64)))
    shot.add(0x9286, UNDEFINED, b"UNICODE\x00" + canary("user-comment").encode("utf-16-le" if order == "<" else "utf-16-be"))
    inner.add(0x0001, ASCII, b"R98\x00")
    inner.add(0x1000, ASCII, text(canary("interoperability")))
    shot.add(0xA005, LONG, inner)
    first.add(0x8769, LONG, shot)
    first.add(0x8825, LONG, _gps())
    jpeg = thumbnail()
    first.following = Directory()
    first.following.add(0x0103, SHORT, 6)
    first.following.add(0x0201, LONG, Placed((jpeg.content,)))
    first.following.add(0x0202, LONG, len(jpeg.content))
    first.following.add(0x010E, ASCII, text(canary("ifd1-description")))
    more = ("exif-private", "maker-note", "user-comment", "interoperability", "gps-method", "gps-area", "ifd1-description")
    return Planted(stream(first, order), (*places, *more, *jpeg.places))


def turn(orientation: int, order: Order = ">") -> bytes:
    """An EXIF block that holds nothing but an orientation."""
    only = Directory()
    only.add(0x0112, SHORT, orientation)
    return stream(only, order)


def _texts(directory: Directory, tags: dict[str, int], prefix: str) -> list[str]:
    for name, tag in tags.items():
        directory.add(tag, ASCII, text(canary(f"{prefix}-{name}")))
    return [f"{prefix}-{name}" for name in tags]


def _gps() -> Directory:
    gps = Directory()
    gps.add(0, BYTE, (2, 3, 0, 0))
    gps.add(1, ASCII, b"N\x00")
    gps.add(2, RATIONAL, rationals(*_LATITUDE))
    gps.add(3, ASCII, b"W\x00")
    gps.add(4, RATIONAL, rationals(*_LONGITUDE))
    gps.add(0x1B, UNDEFINED, b"ASCII\x00\x00\x00" + ascii_canary("gps-method"))
    gps.add(0x1C, UNDEFINED, b"ASCII\x00\x00\x00" + ascii_canary("gps-area"))
    return gps


def xmp(fields: str = "", *, place: str = "xmp", turned: int | None = None) -> Planted:
    """An XMP document with a face, a person shown, keywords, a caption and a serial number."""
    names = ("face", "person", "subject", "caption", "serial")
    face, person, subject, caption, serial = (canary(f"{place}-{name}") for name in names)
    stated = f' tiff:Orientation="{turned}"' if turned else ""
    document = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
 aux:SerialNumber="{serial}"{stated}>
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">
<mwg-rs:Name>{face}</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>{person}</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>
<dc:subject><rdf:Bag><rdf:li>{subject}</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{caption}</rdf:li></rdf:Alt></dc:description>{fields}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    content = document.encode()
    return Planted(content + b" " * (len(content) % 2), tuple(f"{place}-{name}" for name in names))


def bare_xmp(description: str) -> bytes:
    """A document of one description, without canaries of its own."""
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">{description}</rdf:RDF></x:xmpmeta>'.encode()


def extended_xmp(*, pieces: int = 3, piece: int = 65_400) -> Planted:
    """A JPEG's segments (joined, with markers) for a document too long for one: main document and pieces, a canary in each."""
    places = tuple(f"extended-{number}" for number in range(pieces))
    opening = '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
    lines = "".join(f"<rdf:li>{canary(place)}</rdf:li>" + "<rdf:li>sunny</rdf:li>" * (piece // 22) for place in places)
    document = bare_xmp(f"{opening}{lines}</rdf:Bag></dc:subject></rdf:Description>")
    digest = hashlib.md5(document, usedforsecurity=False).hexdigest().upper()
    main = xmp(f"<xmpNote:HasExtendedXMP>{digest}</xmpNote:HasExtendedXMP>")
    segments = [XMP_HEADER + main.content]
    for start in range(0, len(document), piece):
        head = EXTENDED_HEADER + digest.encode() + struct.pack(">II", len(document), start)
        segments.append(head + document[start : start + piece])
    joined = b"".join(struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body for body in segments)
    return Planted(joined, (*places, *main.places))


def iptc() -> Planted:
    """IPTC records: keyword, caption, by-line, place, and one in the long form."""
    fields = {25: "keyword", 120: "caption", 80: "byline", 92: "location", 90: "city"}
    records = b"\x1c\x01\x5a\x00\x03\x1b%G"
    for number, name in fields.items():
        word = ascii_canary(f"iptc-{name}")
        records += struct.pack(">BBBH", 0x1C, 2, number, len(word)) + word
    long = ascii_canary("iptc-long")
    records += struct.pack(">BBBHI", 0x1C, 2, 116, 0x8004, len(long)) + long
    return Planted(records, (*(f"iptc-{name}" for name in fields.values()), "iptc-long"))


def resource(number: int, body: bytes, *, name: bytes = b"") -> bytes:
    """One of Photoshop's image resources."""
    title = bytes([len(name)]) + name
    title += bytes(len(title) % 2)
    return b"8BIM" + struct.pack(">H", number) + title + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)


def photoshop() -> Planted:
    """Photoshop's resources: IPTC, a caption, a URL, layer names, a path's name and a thumbnail."""
    records, jpeg = iptc(), thumbnail()
    shown = struct.pack(">IIIIIIHH", 1, 32, 32, 96, 3072, len(jpeg.content), 24, 1) + jpeg.content
    content = (
        resource(0x0404, records.content)
        + resource(0x03F0, ascii_canary("8bim-caption"))
        + resource(0x040B, ascii_canary("8bim-url"))
        + resource(0x07D0, bytes(26), name=ascii_canary("8bim-name"))
        + resource(0x041A, canary("8bim-slices").encode("utf-16-be"))
        + resource(0x040C, shown)
    )
    return Planted(content, (*records.places, "8bim-caption", "8bim-url", "8bim-name", "8bim-slices", *jpeg.places))


def box(kind: bytes, body: bytes) -> bytes:
    """A box of the ISO base media file format, and of JUMBF."""
    return struct.pack(">I", len(body) + 8) + kind + body


def jumbf() -> Planted:
    """A C2PA store: a description with a label, and a claim in JSON."""
    label = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03" + ascii_canary("c2pa-label") + b"\x00"
    claim = box(b"json", b'{"author":"' + ascii_canary("c2pa-claim") + b'"}')
    return Planted(box(b"jumb", box(b"jumd", label) + claim), ("c2pa-label", "c2pa-claim"))


def clip(place: str = "clip") -> Planted:
    """A very short film: no more than its boxes, and a canary in title and media."""
    title, media = f"{place}-title", f"{place}-media"
    body = box(b"ftyp", b"mp42" + bytes(4) + b"isommp42") + box(b"moov", box(b"udta", box(b"\xa9nam", ascii_canary(title))))
    return Planted(body + box(b"mdat", ascii_canary(media)), (title, media))
