"""What goes through the pipes between the sandbox and its child: lengths, JSON and bytes. Never anything that is executed.

The child has read hostile bytes, so its answer is as untrusted as they are: every field is parsed into a type that proves it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from service.imaging.errors import ImagingError, Refusal
from service.imaging.metadata.people import MAX_TAG, MAX_TAGS, PersonPlace, PersonTag
from service.imaging.metadata.removed import RemovedKind
from service.imaging.metadata.text import plain_text
from service.imaging.provenance import Provenance, Removed
from service.imaging.renditions import Encoded, RenditionSize, Sizes

GO, DONE = b"G", b"D"
"""Said to the child before each request; said by it when the process that read the picture has ended well."""
NONCE = 16
"""Bytes that each answer must repeat, so that what one picture left in the pipe can never be taken for another's answer."""
LENGTH = 4
"""Bytes of the length in front of each header."""
MAX_HEADER = 262_144
"""Bytes; 200 person tags of 200 characters, each up to four bytes long, leave room for all the rest."""
_MAX_COUNT = 1_000_000
_OVERHEAD, _BYTES_PER_PIXEL = 65_536, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A picture of ``length`` bytes, which follow; ``seconds``: how long the child may take, of processor and of clock."""

    sizes: Sizes
    length: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A rendition that the child has announced: its file of ``length`` bytes follows."""

    name: str
    width: int
    height: int
    length: int


def pack_header(fields: dict[str, object]) -> bytes:
    """A JSON object with its length in front."""
    header = json.dumps(fields, allow_nan=False, ensure_ascii=False).encode("utf-8")
    return len(header).to_bytes(LENGTH, "big") + header


def pack_request(request: Request) -> bytes:
    """The header of a request."""
    return pack_header(asdict(request))


def unpack_request(header: bytes) -> Request:
    """The request in a header that the parent wrote."""
    fields = json.loads(header)
    sizes = tuple(RenditionSize(name=size["name"], long_side=size["long_side"]) for size in fields["sizes"])
    return Request(sizes=sizes, length=fields["length"], seconds=fields["seconds"])


def pack_refusal(reason: Refusal) -> bytes:
    """The header of an answer without a picture."""
    return pack_header({"refused": reason.value})


def pack_cleaned(provenance: Provenance, encoded: tuple[Encoded, ...]) -> bytes:
    """The header of an answer; the files follow it in the same order."""
    said = asdict(provenance)
    said["taken_at"] = provenance.taken_at.isoformat() if provenance.taken_at else None
    files = [{"name": one.name, "width": one.width, "height": one.height, "length": len(one.content)} for one in encoded]
    return pack_header({"provenance": said, "renditions": files})


def unpack_answer(header: bytes, *, sizes: Sizes, longest: int) -> tuple[Provenance, tuple[Announced, ...]]:
    """What an untrusted answer says; ``longest``: the long side that no rendition may exceed, in pixels.

    :raises ImagingError: what the child refused, or crashed if the answer is not exactly as an honest child writes it
    """
    try:
        fields = json.loads(header)
        if fields.keys() == {"refused"}:
            reason = Refusal(fields["refused"])
        elif fields.keys() == {"provenance", "renditions"}:
            return _provenance(fields["provenance"]), _announced(fields["renditions"], sizes, longest)
        else:
            reason = Refusal.CRASHED
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = Refusal.CRASHED
    raise ImagingError(reason)


def _announced(fields: object, sizes: Sizes, longest: int) -> tuple[Announced, ...]:
    if not isinstance(fields, list) or len(fields) != len(sizes):
        raise TypeError
    return tuple(_rendition(one, size, longest) for one, size in zip(fields, sizes, strict=True))


def _rendition(fields: dict[str, object], size: RenditionSize, longest: int) -> Announced:
    side = min(size.long_side, longest)
    width, height = _number(fields["width"], 1, side), _number(fields["height"], 1, side)
    length = _number(fields["length"], 1, width * height * _BYTES_PER_PIXEL + _OVERHEAD)
    if fields.keys() != {"name", "width", "height", "length"} or fields["name"] != size.name:
        raise ValueError
    return Announced(name=size.name, width=width, height=height, length=length)


def _provenance(fields: dict[str, object]) -> Provenance:
    taken_at, removed = fields["taken_at"], fields["removed"]
    if not isinstance(removed, list) or not isinstance(taken_at, str | None) or len(removed) > len(RemovedKind):
        raise TypeError
    return Provenance(
        make=_text(fields["make"]),
        model=_text(fields["model"]),
        serial=_text(fields["serial"]),
        taken_at=datetime.fromisoformat(taken_at).replace(tzinfo=None) if taken_at is not None else None,
        gps_present=_flag(fields["gps_present"]),
        orientation=_number(fields["orientation"], 1, 8),
        person_tags=_flag(fields["person_tags"]),
        people=_people(fields["people"]),
        people_complete=_flag(fields["people_complete"]),
        readable=_flag(fields["readable"]),
        removed=tuple(Removed(kind=RemovedKind(one["kind"]), count=_number(one["count"], 1, _MAX_COUNT)) for one in removed),
    )


def _people(tags: object) -> tuple[PersonTag, ...]:
    if not isinstance(tags, list) or len(tags) > MAX_TAGS:
        raise TypeError
    return tuple(_person(tag) for tag in tags)


def _person(tag: dict[str, object]) -> PersonTag:
    place, text = tag["place"], tag["text"]
    if (
        tag.keys() != {"place", "text"}
        or not isinstance(place, str)
        or not isinstance(text, str)
        or plain_text(text, MAX_TAG) != text
    ):
        raise ValueError
    return PersonTag(place=PersonPlace(place), text=text)


def _text(value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or plain_text(value) != value):
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError
    return value
