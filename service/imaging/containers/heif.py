"""HEIC and AVIF: boxes, properties of the picture, and the items that hold what else is in the file (ISO/IEC 23008-12)."""

from service.imaging.containers.boxes import boxes
from service.imaging.containers.items import item_kinds, item_places
from service.imaging.containers.layout import MAX_PARTS, MAX_PIXELS, Layout, Part, checked_size, number
from service.imaging.containers.references import Reference, references, second_pictures
from service.imaging.errors import ImagingError, Refusal

_METADATA = {"Exif", "mime", "uri "}
_REFERENCES = {"thmb", "auxl"}
_SHOWN = {"clap", "irot", "imir"}


def walk(untrusted: bytes, *, most: int = MAX_PIXELS) -> Layout:
    """The layout of a HEIC or AVIF file, whose brand has been checked; no picture in it may have more than ``most`` pixels.

    Parts are the outermost boxes, every metadata item (named as its type) and, without a payload of interest, each reference
    that makes an item a thumbnail (``thmb``) or an auxiliary picture (``auxl``), each further picture (``item``) and each colour
    profile (``prof``); and what the picture's own properties say of how it is meant to be seen: the clean aperture (``clap``),
    turns (``irot``, ``imir``) in their order, and colour codes (``nclx``).

    :raises ImagingError: truncated, too-many-pixels, too-many-frames (an image sequence) or undecodable
    """
    outer = tuple(boxes(untrusted, 0, len(untrusted), outermost=True))
    if any(box.name == "moov" for box in outer):
        raise ImagingError(Refusal.TOO_MANY_FRAMES)
    metas = [box for box in outer if box.name == "meta"]
    if len(metas) != 1:
        # Everything but the pixels stands in front of them, so a file cut off between boxes has lost its pixels.
        raise ImagingError(Refusal.TRUNCATED if not metas else Refusal.UNDECODABLE)
    inner = {box.name: box for box in boxes(untrusted, metas[0].start + 4, metas[0].end)}
    if not {"pitm", "iinf", "iloc", "iprp"} <= set(inner):
        raise ImagingError(Refusal.UNDECODABLE)
    pitm = inner["pitm"]
    primary = number(untrusted, pitm.start + 4, 2 if number(untrusted, pitm.start, 1) == 0 else 4)
    width, height, properties = _properties(untrusted, inner["iprp"], primary, most)
    parts = (*outer, *_items(untrusted, inner, primary), *properties)
    return Layout(width=width, height=height, parts=parts, trailing=len(untrusted) - outer[-1].end)


def without_exif(untrusted: bytes) -> bytes:
    """The file with its EXIF items named as something that no decoder reads; everything else stays where it is.

    ``untrusted`` has been walked.
    """
    meta = next(box for box in boxes(untrusted, 0, len(untrusted), outermost=True) if box.name == "meta")
    iinf = next(box for box in boxes(untrusted, meta.start + 4, meta.end) if box.name == "iinf")
    return untrusted[: iinf.start] + iinf.of(untrusted).replace(b"Exif", b"skip") + untrusted[iinf.end :]


def _items(untrusted: bytes, inner: dict[str, Part], primary: int) -> list[Part]:
    """Everything that is not the picture itself; every item's bytes are checked to be in the file."""
    kinds = item_kinds(untrusted, inner["iinf"])
    places = item_places(untrusted, inner["iloc"], inner.get("idat"))
    found = references(untrusted, inner["iref"]) if "iref" in inner else list[Reference]()
    metadata = [
        Part(name=kinds[item], start=start, end=end)
        for item, extents in places.items()
        if kinds.get(item) in _METADATA
        for start, end in extents
    ]
    others = [Part(name="item", start=0, end=0) for _ in second_pictures(kinds, found, primary)]
    return [*metadata, *(one.box for one in found if one.box.name in _REFERENCES), *others]


def _properties(untrusted: bytes, iprp: Part, primary: int, most: int) -> tuple[int, int, list[Part]]:
    """Size of the primary item, colour profiles, how it is shown and its colour codes. No item may be larger than ``most``."""
    parts = {box.name: box for box in boxes(untrusted, iprp.start, iprp.end)}
    if not {"ipco", "ipma"} <= set(parts):
        raise ImagingError(Refusal.UNDECODABLE)
    properties = list(boxes(untrusted, parts["ipco"].start, parts["ipco"].end))
    sizes = {index: _size(untrusted, box, most) for index, box in enumerate(properties, start=1) if box.name == "ispe"}
    profiles = [
        Part(name="prof", start=box.start + 4, end=box.end)
        for box in properties
        if box.name == "colr" and untrusted[box.start : box.start + 4] in {b"prof", b"rICC"}
    ]
    mine = _of_item(untrusted, parts["ipma"], primary)
    my_sizes = [sizes[index] for index in mine if index in sizes]
    my_own = [properties[index - 1] for index in mine if 0 < index <= len(properties)]
    shown = [box for box in my_own if box.name in _SHOWN]
    if len(my_sizes) != 1 or sum(box.name == "clap" for box in shown) > 1:
        raise ImagingError(Refusal.UNDECODABLE)
    codes = [
        Part(name="nclx", start=box.start + 4, end=box.end)
        for box in my_own
        if box.name == "colr" and untrusted[box.start : box.start + 4] == b"nclx"
    ]
    return (*my_sizes[0], [*profiles, *shown, *codes])


def _size(untrusted: bytes, box: Part, most: int) -> tuple[int, int]:
    if box.end - box.start != 12:  # noqa: PLR2004 - version and flags, width, height
        raise ImagingError(Refusal.UNDECODABLE)
    return checked_size(number(untrusted, box.start + 4, 4), number(untrusted, box.start + 8, 4), most)


def _of_item(untrusted: bytes, ipma: Part, item: int) -> list[int]:
    """The numbers of an item's properties, from 1."""
    wide_item = 2 if number(untrusted, ipma.start, 1) == 0 else 4
    wide_index = 2 if number(untrusted, ipma.start + 3, 1) & 1 else 1
    entries = number(untrusted, ipma.start + 4, 4)
    position = ipma.start + 8
    if entries > MAX_PARTS:
        raise ImagingError(Refusal.UNDECODABLE)
    for _ in range(entries):
        found = number(untrusted, position, wide_item)
        count = number(untrusted, position + wide_item, 1)
        position += wide_item + 1
        if found == item:
            mask = (1 << (8 * wide_index - 1)) - 1  # the top bit says "essential"
            return [number(untrusted, position + i * wide_index, wide_index) & mask for i in range(count)]
        position += count * wide_index
    raise ImagingError(Refusal.UNDECODABLE)
