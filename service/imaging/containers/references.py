"""Which items of a HEIF file point to which others, and so which of them are second pictures (ISO/IEC 14496-12, 8.11.12)."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.imaging.containers.boxes import boxes
from service.imaging.containers.layout import MAX_PARTS, Part, number
from service.imaging.errors import ImagingError, Refusal

_PICTURES = {"hvc1", "av01", "grid", "iden", "iovl", "tmap", "jpeg", "avc1", "j2k1", "vvc1", "unci"}
_MADE_OF = "dimg"
_COUNTED_OTHERWISE = {"thmb", "auxl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """From one item to others; ``box`` is named as what they are to it."""

    box: Part
    source: int
    targets: tuple[int, ...]


def references(untrusted: bytes, iref: Part) -> list[Reference]:
    """All references; at most MAX_PARTS targets.

    :raises ImagingError: truncated or undecodable
    """
    wide = 2 if number(untrusted, iref.start, 1) == 0 else 4
    found: list[Reference] = []
    left = MAX_PARTS
    for box in boxes(untrusted, iref.start + 4, iref.end):
        source, count = number(untrusted, box.start, wide), number(untrusted, box.start + wide, 2)
        first = box.start + wide + 2
        left -= count
        if left < 0 or first + count * wide > box.end:
            raise ImagingError(Refusal.UNDECODABLE)
        targets = tuple(number(untrusted, first + wide * index, wide) for index in range(count))
        found.append(Reference(box=box, source=source, targets=targets))
    return found


def second_pictures(kinds: Mapping[int, str], found: list[Reference], primary: int) -> set[int]:
    """The pictures that are neither the primary one, nor what it is made of, nor a thumbnail or auxiliary picture."""
    made_of: dict[int, set[int]] = {}
    for one in found:
        if one.box.name == _MADE_OF:
            made_of.setdefault(one.source, set()).update(one.targets)
    first = _with_parts(made_of, {primary})
    counted = _with_parts(made_of, {one.source for one in found if one.box.name in _COUNTED_OTHERWISE})
    others = {item for item, kind in kinds.items() if kind in _PICTURES} - first - counted
    return others - _parts(made_of, others)


def _with_parts(made_of: Mapping[int, set[int]], items: set[int]) -> set[int]:
    """The items, and all that they are made of, at any depth."""
    found, waiting = set(items), list(items)
    while waiting:
        new = made_of.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def _parts(made_of: Mapping[int, set[int]], items: set[int]) -> set[int]:
    """What the items are made of, so that a picture in many tiles is one picture."""
    return _with_parts(made_of, {part for item in items for part in made_of.get(item, set())})
