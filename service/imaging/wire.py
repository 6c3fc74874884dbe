"""What the parent and its child say to each other: JSON and raw pixels. Never anything that is executed.

The process that answers has read hostile bytes, so its answer is as untrusted as they are: every field is parsed into a type
that proves it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from PIL import Image

from service.imaging.errors import ImagingError, Refusal
from service.imaging.jail.walls import Wall
from service.imaging.metadata.people import MAX_TAG, MAX_TAGS, PersonPlace, PersonTag
from service.imaging.metadata.removed import RemovedKind
from service.imaging.metadata.text import plain_text
from service.imaging.provenance import Provenance, Removed
from service.imaging.raster import BYTES_PER_PIXEL, Raster, strips
from service.imaging.sharing import PIXELS_AT

MAX_MESSAGE = 4_096
"""Bytes of a message on the socket."""
_LENGTH = 4
"""Bytes of the length in front of an answer's header."""
_MAX_HEADER = PIXELS_AT - _LENGTH
_MAX_COUNT = 1_000_000
_MOST_KIB = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A picture to open. ``long_side``: of the pixels wanted. ``seconds``: how long it may take, of processor and of clock.

    ``nonce``: what the end of this very picture is known by, so that no other message can be taken for it.
    """

    long_side: int
    seconds: int
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the process of the picture asked for with ``nonce`` ended: well or not, for lack of time or not.

    ``peak_kib``: the most memory it held.
    """

    nonce: str
    well: bool
    out_of_time: bool
    peak_kib: int


def pack_request(request: Request) -> bytes:
    """The message that asks."""
    return json.dumps(asdict(request)).encode("ascii")


def unpack_request(message: bytes) -> Request:
    """The request in a message that the parent wrote."""
    return Request(**json.loads(message))


def pack_ready(walls: frozenset[Wall]) -> bytes:
    """The first message of a child: which walls stand."""
    return json.dumps({"walls": sorted(walls)}).encode("ascii")


def unpack_ready(message: bytes) -> frozenset[Wall]:
    """The walls that a child has put up.

    :raises ImagingError: crashed, if this is no such message
    """
    try:
        fields = json.loads(message)
        return frozenset(Wall(name) for name in fields["walls"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ImagingError(Refusal.CRASHED) from None


def pack_ended(ended: Ended) -> bytes:
    """The message behind each answer."""
    return json.dumps(asdict(ended)).encode("ascii")


def unpack_ended(message: bytes) -> Ended:
    """How a picture's process ended.

    :raises ImagingError: crashed, if this is no such message
    """
    try:
        fields = Ended(**json.loads(message))
        return Ended(
            nonce=fields.nonce,
            well=_flag(fields.well),
            out_of_time=_flag(fields.out_of_time),
            peak_kib=_number(fields.peak_kib, 0, _MOST_KIB),
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ImagingError(Refusal.CRASHED) from None


def write_refusal(answer: memoryview, reason: Refusal) -> None:
    """An answer without a picture."""
    _write_header(answer, {"refused": reason.value})


def write_cleaned(answer: memoryview, provenance: Provenance, image: Image.Image) -> None:
    """An answer with a picture, which MUST be in mode RGB.

    :raises ImagingError: undecodable, if there are more pixels than there is room for
    """
    if PIXELS_AT + image.width * image.height * BYTES_PER_PIXEL > len(answer):
        raise ImagingError(Refusal.UNDECODABLE)
    said = asdict(provenance)
    said["taken_at"] = provenance.taken_at.isoformat() if provenance.taken_at else None
    position = PIXELS_AT
    for strip in strips(image):
        pixels = strip.tobytes()
        answer[position : position + len(pixels)] = pixels
        position += len(pixels)
    _write_header(answer, {"provenance": said, "width": image.width, "height": image.height})


def _write_header(answer: memoryview, fields: dict[str, object]) -> None:
    header = json.dumps(fields, allow_nan=False, ensure_ascii=False).encode("utf-8")
    if len(header) > _MAX_HEADER:
        raise ImagingError(Refusal.UNDECODABLE)
    answer[:_LENGTH] = len(header).to_bytes(_LENGTH, "big")
    answer[_LENGTH : _LENGTH + len(header)] = header


def read_answer(answer: memoryview, *, longest: int) -> tuple[Provenance, Raster]:
    """What an untrusted answer says; ``longest``: the long side that the picture may have at most, in pixels.

    Its size is checked before a single pixel is looked at.

    :raises ImagingError: what the child refused, or crashed if the answer is not exactly as an honest child writes it
    """
    try:
        fields = json.loads(_header(answer))
        if fields.keys() == {"refused"}:
            reason = Refusal(fields["refused"])
        elif fields.keys() == {"provenance", "width", "height"}:
            return _provenance(fields["provenance"]), _raster(answer, fields, longest)
        else:
            reason = Refusal.CRASHED
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = Refusal.CRASHED
    raise ImagingError(reason)


def _header(answer: memoryview) -> bytes:
    length = int.from_bytes(answer[:_LENGTH], "big")
    if length > _MAX_HEADER:
        raise ValueError
    return bytes(answer[_LENGTH : _LENGTH + length])


def _raster(answer: memoryview, fields: dict[str, object], longest: int) -> Raster:
    width, height = _number(fields["width"], 1, longest), _number(fields["height"], 1, longest)
    end = PIXELS_AT + width * height * BYTES_PER_PIXEL
    if end > len(answer):
        raise ValueError
    return Raster(width=width, height=height, pixels=answer[PIXELS_AT:end])


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
        consistent=_flag(fields["consistent"]),
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
