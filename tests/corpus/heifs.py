"""HEIC and AVIF files, taken apart into items and put together anew, with something in every place where they can hide it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from PIL import Image

from tests.corpus import blocks, profiles
from tests.corpus.blocks import box
from tests.corpus.canaries import ascii_canary
from tests.corpus.specimens import CORNERS, SIZE, TOP, Planted, Specimen, drawing, painted, plain, saved, small, specimen

Box = tuple[bytes, bytes]


def boxes(content: bytes) -> list[Box]:
    """The boxes of a well-made file, one behind the other."""
    found: list[Box] = []
    position = 0
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        found.append((content[position + 4 : position + 8], content[position + 8 : position + length]))
        position += length
    return found


def full(kind: bytes, body: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags) + body)


@dataclass(slots=True)
class Item:
    """One item: its type, what follows the type in its entry, its bytes, and its properties (number from 1, essential)."""

    kind: bytes
    rest: bytes
    content: bytes
    properties: list[tuple[int, bool]] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class Heif:
    """A file of items. The first item is the picture. ``extra`` stands inside meta, ``before`` and ``after`` around mdat."""

    brands: bytes
    items: dict[int, Item]
    properties: list[bytes]
    references: list[tuple[bytes, int, int]] = field(default_factory=list)
    groups: list[tuple[bytes, int, tuple[int, ...]]] = field(default_factory=list)
    extra: bytes = b""
    before: bytes = b""
    gap: bytes = b""
    after: bytes = b""
    in_idat: frozenset[int] = frozenset()

    def add(self, item: Item, *, reference: bytes | None = None) -> int:
        """One item more; ``reference`` says what it is to the picture."""
        number = max(self.items) + 1
        self.items[number] = item
        if reference is not None:
            self.references.append((reference, number, 1))
        return number

    def describe(self, *properties: bytes, essential: bool = False) -> None:
        """Give the picture more properties."""
        for one in properties:
            self.properties.append(one)
            self.items[1].properties.append((len(self.properties), essential))

    def file(self) -> bytes:
        """The whole file: the places of the items are known as soon as the length of what stands before them is."""
        places = dict.fromkeys(self.items, (0, 0))
        head = self._head(places)
        inner = bytearray()
        start = len(head) + 8
        stored = b"".join(self.items[number].content for number in sorted(self.in_idat))
        at_idat = 0
        for number, item in self.items.items():
            if number in self.in_idat:
                places[number] = (at_idat, len(item.content))
                at_idat += len(item.content)
            else:
                places[number] = (start + len(inner), len(item.content))
                inner += item.content + self.gap
        assert len(stored) == at_idat
        return self._head(places) + box(b"mdat", bytes(inner)) + self.after

    def _head(self, places: dict[int, tuple[int, int]]) -> bytes:
        meta = (
            full(b"hdlr", bytes(4) + b"pict" + bytes(13))
            + full(b"pitm", struct.pack(">H", 1))
            + self._locations(places)
            + self._entries()
            + (self._links() if self.references or self.groups else b"")
            + box(b"iprp", box(b"ipco", b"".join(self.properties)) + self._associations())
            + (box(b"idat", b"".join(self.items[number].content for number in sorted(self.in_idat))) if self.in_idat else b"")
            + self.extra
        )
        return box(b"ftyp", self.brands) + full(b"meta", meta) + self.before

    def _locations(self, places: dict[int, tuple[int, int]]) -> bytes:
        body = struct.pack(">HH", 0x4400, len(places))
        for number, (start, length) in places.items():
            body += struct.pack(">HHHHII", number, number in self.in_idat, 0, 1, start, length)
        return full(b"iloc", body, version=1)

    def _entries(self) -> bytes:
        entries = b"".join(
            full(b"infe", struct.pack(">HH", number, 0) + item.kind + item.rest, version=2, flags=int(item.hidden))
            for number, item in self.items.items()
        )
        return full(b"iinf", struct.pack(">H", len(self.items)) + entries)

    def _links(self) -> bytes:
        links = [*((kind, one, (other,)) for kind, one, other in self.references), *self.groups]
        packed = (box(kind, struct.pack(f">HH{len(to)}H", one, len(to), *to)) for kind, one, to in links)
        return full(b"iref", b"".join(packed))

    def _associations(self) -> bytes:
        body = b""
        listed = {number: item.properties for number, item in self.items.items() if item.properties}
        for number, numbers in listed.items():
            body += struct.pack(">HB", number, len(numbers)) + bytes(one | essential << 7 for one, essential in numbers)
        return full(b"ipma", struct.pack(">I", len(listed)) + body)


def taken_apart(content: bytes) -> Heif:
    """A file of one picture, as its encoder wrote it."""
    outer = dict(boxes(content))
    inner = dict(boxes(outer[b"meta"][4:]))
    iprp = dict(boxes(inner[b"iprp"]))
    ((kind, entry),) = boxes(inner[b"iinf"][6:])
    assert kind == b"infe"
    body = iprp[b"ipma"]
    properties = [(one & 0x7F, bool(one & 0x80)) for one in body[11 : 11 + body[10]]]
    picture = Item(kind=entry[8:12], rest=entry[12:], content=outer[b"mdat"], properties=properties)
    return Heif(brands=outer[b"ftyp"], items={1: picture}, properties=[box(*one) for one in boxes(iprp[b"ipco"])])


@cache
def _second(form: str) -> bytes:
    return saved(small(), form, quality=50)


def with_second_picture(file: Heif, form: str, *, reference: bytes, more: bytes = b"") -> None:
    """A second picture, which is a thumbnail or an auxiliary picture of the first."""
    other = taken_apart(_second(form))
    picture = other.items[1]
    before = len(file.properties)
    file.properties += [*other.properties, *([more] if more else [])]
    picture.properties = [(number + before, essential) for number, essential in picture.properties]
    if more:
        picture.properties.append((len(file.properties), False))
    picture.hidden = True
    file.add(picture, reference=reference)


def exif_item(block: bytes, *, prefix: bytes = b"") -> Item:
    """EXIF, with the distance to its beginning in front."""
    return Item(kind=b"Exif", rest=b"\x00", content=struct.pack(">I", len(prefix)) + prefix + block)


def xmp_item(document: bytes) -> Item:
    """XMP, with its media type."""
    return Item(kind=b"mime", rest=b"\x00application/rdf+xml\x00", content=document)


def colour_property(icc: bytes) -> bytes:
    """A colour profile."""
    return box(b"colr", b"prof" + icc)


def with_profile(form: str, image: Image.Image, icc: bytes) -> bytes:
    """A file with a profile; the encoder's own word on what its numbers mean gives way."""
    file = taken_apart(saved(image, form, quality=95))
    file.describe(colour_property(icc))
    return file.file()


def _exif(form: str) -> Planted:
    file, block = taken_apart(plain(form)), blocks.exif(">")
    file.add(exif_item(block.content, prefix=b"Exif\x00\x00"), reference=b"cdsc")
    return Planted(file.file(), block.places)


def _exif_little_endian(form: str) -> Planted:
    file, block = taken_apart(plain(form)), blocks.exif("<")
    file.add(exif_item(block.content), reference=b"cdsc")
    return Planted(file.file(), block.places)


def _exif_in_idat(form: str) -> Planted:
    file, block = taken_apart(plain(form)), blocks.exif("<")
    file.in_idat = frozenset({file.add(exif_item(block.content), reference=b"cdsc")})
    return Planted(file.file(), block.places)


def _xmp(form: str) -> Planted:
    file, document = taken_apart(plain(form)), blocks.xmp()
    file.add(xmp_item(document.content), reference=b"cdsc")
    return Planted(file.file(), document.places)


def _other_items(form: str) -> Planted:
    file, places = taken_apart(plain(form)), ("item-mime", "item-uri", "item-odd", "item-name")
    words = [ascii_canary(place) for place in places]
    file.add(Item(kind=b"mime", rest=b"\x00text/plain\x00", content=words[0]))
    file.add(Item(kind=b"uri ", rest=b"\x00urn:zoo\x00", content=words[1]))
    file.add(Item(kind=b"zooo", rest=words[3] + b"\x00", content=words[2], hidden=True))
    return Planted(file.file(), places)


def _thumbnail(form: str) -> Planted:
    file = taken_apart(plain(form))
    with_second_picture(file, form, reference=b"thmb")
    file.gap = ascii_canary("thumbnail-gap")
    return Planted(file.file(), ("thumbnail-gap",))


def _auxiliary(form: str) -> Planted:
    file = taken_apart(plain(form))
    kind = full(b"auxC", b"urn:com:apple:photo:2020:aux:hdrgainmap\x00" + ascii_canary("aux-subtype"))
    with_second_picture(file, form, reference=b"auxl", more=kind)
    file.gap = ascii_canary("aux-gap")
    return Planted(file.file(), ("aux-subtype", "aux-gap"))


def _unlinked(form: str) -> Planted:
    """A second picture that nothing refers to."""
    file = taken_apart(plain(form))
    with_second_picture(file, form, reference=b"zooo")
    file.references.clear()
    file.gap = ascii_canary("unlinked-gap")
    return Planted(file.file(), ("unlinked-gap",))


def _boxes(form: str) -> Planted:
    file, places = taken_apart(plain(form)), ("box-free", "box-skip", "box-uuid", "box-meta-free", "box-meta-uuid", "box-odd")
    free, skip, uuid, inner, deep, odd = (ascii_canary(place) for place in places)
    file.before = box(b"free", free) + box(b"uuid", bytes(range(16)) + uuid)
    file.after = box(b"skip", skip) + box(b"zooo", odd)
    file.extra = box(b"free", inner) + box(b"uuid", bytes(range(16)) + deep)
    return Planted(file.file(), places)


def _gaps(form: str) -> Planted:
    file = taken_apart(plain(form))
    file.gap = ascii_canary("mdat-gap")
    return Planted(file.file(), ("mdat-gap",))


def _icc(form: str) -> Planted:
    icc = profiles.with_tail(profiles.rgb_profile(profiles.SRGB), "icc-tail")
    return Planted(with_profile(form, drawing(), icc), ("icc-desc", "icc-cprt", "icc-tail"))


def _description(form: str) -> Planted:
    file, places = taken_apart(plain(form)), ("property-name", "property-odd")
    name, odd = (ascii_canary(place) for place in places)
    file.describe(full(b"udes", b"en\x00" + name + b"\x00" + b"\x00\x00"), box(b"zooo", odd))
    return Planted(file.file(), places)


def _clip(form: str) -> Planted:
    file, clip = taken_apart(plain(form)), blocks.clip()
    file.after = box(b"mpvd", clip.content)
    return Planted(file.file(), clip.places)


def _outside_the_aperture(form: str) -> Planted:
    """A picture of which only the middle is meant to be seen; around it is another one."""
    image = Image.new("RGB", (160, 128), (220, 20, 220))
    image.paste(drawing(), (32, 32))
    file = taken_apart(saved(image, form, quality=95))
    file.describe(box(b"clap", struct.pack(">IIIIIIII", 96, 1, 64, 1, 0, 1, 0, 1)), essential=True)
    file.gap = ascii_canary("aperture-gap")
    return Planted(file.file(), ("aperture-gap",))


def _tiles(form: str) -> Planted:
    """A picture put together from two tiles, as telephones do it; a part of the second lies outside and is another picture."""
    wide = Image.new("RGB", (128, 64), (220, 20, 220))
    wide.paste(drawing(), (0, 0))
    left, right = (taken_apart(saved(wide.crop((x, 0, x + 64, 64)), form, quality=95)) for x in (0, 64))
    picture = Item(kind=b"grid", rest=b"\x00", content=struct.pack(">BBBBHH", 0, 0, 0, 1, *SIZE))
    file = Heif(brands=left.brands, items={1: picture}, properties=[])
    file.describe(full(b"ispe", struct.pack(">II", *SIZE)))
    tiles = [_moved(file, tile) for tile in (left, right)]
    file.groups.append((b"dimg", 1, tuple(tiles)))
    if form == "AVIF":
        file.describe(full(b"pixi", b"\x03\x08\x08\x08"))
    file.gap = ascii_canary("tile-gap")
    return Planted(file.file(), ("tile-gap",))


def _moved(file: Heif, other: Heif) -> int:
    """Take the picture of another file over, hidden, with its properties."""
    picture, before = other.items[1], len(file.properties)
    file.properties += other.properties
    picture.properties = [(number + before, essential) for number, essential in picture.properties]
    picture.hidden = True
    return file.add(picture)


def _hidden_pixels(form: str) -> Planted:
    image = painted(TOP).convert("RGBA")
    image.paste((20, 200, 20, 0), (0, 0, 96, 32))
    return Planted(saved(image, form, quality=95) + box(b"free", ascii_canary("heif-alpha")), ("heif-alpha",))


def _trailer(form: str) -> Planted:
    file = taken_apart(plain(form))
    return Planted(file.file() + bytes(8) + ascii_canary("heif-tail"), ("heif-tail",))


def _cut_box(form: str) -> Planted:
    """What follows looks like a box that is longer than the file: nobody can say what is missing."""
    file = taken_apart(plain(form))
    return Planted(file.file() + ascii_canary("heif-cut-box"), ("heif-cut-box",))


def _everything(form: str) -> Planted:
    file, block, document = taken_apart(plain(form)), blocks.exif(">"), blocks.xmp()
    file.add(exif_item(block.content), reference=b"cdsc")
    file.add(xmp_item(document.content), reference=b"cdsc")
    with_second_picture(file, form, reference=b"thmb")
    file.gap, file.after = ascii_canary("mdat-gap"), box(b"free", ascii_canary("box-free"))
    return Planted(file.file(), (*block.places, *document.places, "mdat-gap", "box-free"))


_VARIANTS: dict[str, Callable[[str], Planted]] = {
    "exif": _exif,
    "exif-little-endian": _exif_little_endian,
    "exif-in-idat": _exif_in_idat,
    "xmp": _xmp,
    "other-items": _other_items,
    "thumbnail": _thumbnail,
    "auxiliary": _auxiliary,
    "unlinked-picture": _unlinked,
    "boxes": _boxes,
    "mdat-gaps": _gaps,
    "icc": _icc,
    "properties": _description,
    "motion-photo": _clip,
    "outside-the-aperture": _outside_the_aperture,
    "tiles": _tiles,
    "alpha-hidden": _hidden_pixels,
    "behind-the-end": _trailer,
    "cut-box": _cut_box,
    "everything": _everything,
}


def _specimen(kind: str, form: str, variant: str) -> Specimen:
    look = TOP if variant == "alpha-hidden" else CORNERS
    return specimen(f"{kind}-{variant}.{kind}", lambda: _VARIANTS[variant](form), look=look)


HEIFS: tuple[Specimen, ...] = tuple(
    _specimen(kind, form, variant) for kind, form in (("heic", "HEIF"), ("avif", "AVIF")) for variant in _VARIANTS
)
