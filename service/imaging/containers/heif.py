"""HEIC: the boxes, the properties that give the size, and the items that hold what else is in the file (ISO/IEC 23008-12)."""

from service.imaging.containers.boxes import boxes
from service.imaging.containers.items import item_kinds, item_places
from service.imaging.containers.layout import MAX_PARTS, Layout, Part, checked_size, number
from service.imaging.errors import ImagingError, Refusal

_METADATA = {"Exif", "mime", "uri "}
_REFERENCES = {"thmb", "auxl"}


def walk(untrusted: bytes) -> Layout:
    """The layout of a HEIC file, whose brand has been checked.

    Parts are the outermost boxes, every metadata item (named as its type) and, without a payload of interest, each reference
    that makes an item a thumbnail (``thmb``) or an auxiliary picture (``auxl``) and each colour profile (``prof``).

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
    width, height, profiles = _properties(untrusted, inner)
    parts = (*outer, *_metadata(untrusted, inner), *profiles, *_references(untrusted, inner.get("iref")))
    return Layout(width=width, height=height, parts=parts, trailing=len(untrusted) - outer[-1].end)


def _metadata(untrusted: bytes, inner: dict[str, Part]) -> list[Part]:
    """The metadata items; every item's bytes are checked to be in the file."""
    kinds = item_kinds(untrusted, inner["iinf"])
    places = item_places(untrusted, inner["iloc"], inner.get("idat"))
    return [
        Part(name=kinds[item], start=start, end=end)
        for item, extents in places.items()
        if kinds.get(item) in _METADATA
        for start, end in extents
    ]


def _references(untrusted: bytes, iref: Part | None) -> list[Part]:
    if iref is None:
        return []
    return [box for box in boxes(untrusted, iref.start + 4, iref.end) if box.name in _REFERENCES]


def _properties(untrusted: bytes, inner: dict[str, Part]) -> tuple[int, int, list[Part]]:
    """Width and height of the primary item, and the colour profiles. No item at all may be larger than the limit."""
    parts = {box.name: box for box in boxes(untrusted, inner["iprp"].start, inner["iprp"].end)}
    if not {"ipco", "ipma"} <= set(parts):
        raise ImagingError(Refusal.UNDECODABLE)
    properties = list(boxes(untrusted, parts["ipco"].start, parts["ipco"].end))
    sizes = {index: _size(untrusted, box) for index, box in enumerate(properties, start=1) if box.name == "ispe"}
    profiles = [
        Part(name="prof", start=box.start + 4, end=box.end)
        for box in properties
        if box.name == "colr" and untrusted[box.start : box.start + 4] in {b"prof", b"rICC"}
    ]
    mine = [sizes[index] for index in _primary_properties(untrusted, inner["pitm"], parts["ipma"]) if index in sizes]
    if len(mine) != 1:
        raise ImagingError(Refusal.UNDECODABLE)
    return (*mine[0], profiles)


def _size(untrusted: bytes, box: Part) -> tuple[int, int]:
    if box.end - box.start != 12:  # noqa: PLR2004 - version and flags, width, height
        raise ImagingError(Refusal.UNDECODABLE)
    return checked_size(number(untrusted, box.start + 4, 4), number(untrusted, box.start + 8, 4))


def _primary_properties(untrusted: bytes, pitm: Part, ipma: Part) -> list[int]:
    """The numbers of the primary item's properties, from 1."""
    primary = number(untrusted, pitm.start + 4, 2 if number(untrusted, pitm.start, 1) == 0 else 4)
    wide_item = 2 if number(untrusted, ipma.start, 1) == 0 else 4
    wide_index = 2 if number(untrusted, ipma.start + 3, 1) & 1 else 1
    entries = number(untrusted, ipma.start + 4, 4)
    position = ipma.start + 8
    if entries > MAX_PARTS:
        raise ImagingError(Refusal.UNDECODABLE)
    for _ in range(entries):
        item = number(untrusted, position, wide_item)
        count = number(untrusted, position + wide_item, 1)
        position += wide_item + 1
        if item == primary:
            mask = (1 << (8 * wide_index - 1)) - 1  # the top bit says "essential"
            return [number(untrusted, position + i * wide_index, wide_index) & mask for i in range(count)]
        position += count * wide_index
    raise ImagingError(Refusal.UNDECODABLE)
