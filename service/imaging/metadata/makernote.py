"""Owner, serial and recognised faces in the maker notes whose layout is known; all others are counted and dropped unread.

The layouts are those that exiftool documents (Canon, Nikon, Olympus, Panasonic, Fujifilm). A maker's internal number is not the
serial on the body, and is not read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import assert_never

from service.imaging.metadata.people import People, PersonPlace
from service.imaging.metadata.removed import Unreadable
from service.imaging.metadata.text import decoded
from service.imaging.metadata.tiff import Directory, Entry, Stream, stream_of

_CANON_OWNER, _CANON_SERIAL = 0x0009, 0x000C
_NIKON_SERIAL, _NIKON_SERIAL_TEXT = 0x001D, 0x00A0
_OLYMPUS_SERIAL, _OLYMPUS_EQUIPMENT, _EQUIPMENT_SERIAL = 0x0404, 0x2010, 0x0101
_PANASONIC_FACES, _PANASONIC_TITLE, _PANASONIC_BABY = 0x0061, 0x0065, 0x0066
_FUJI_FACES = 0x4282
_LONG, _UNDEFINED = 4, 7
_FACE, _FACE_NAME, _MOST_FACES = 48, 20, 3
_FUJI_FACE, _MOST_FUJI_FACES = 62, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What the block around the note says: make, model, and how far a program has moved the note (OffsetSchema)."""

    make: str
    model: str
    moved: int


class _Maker(Enum):
    CANON = auto()
    FUJIFILM = auto()
    NIKON = auto()
    OLYMPUS = auto()
    PANASONIC = auto()


def read_maker_note(block: Stream, note: Entry, camera: Camera, people: People) -> str | None:
    """The serial that a maker note gives, if it does; its names go to ``people``.

    :raises Unreadable: if the note has a layout that we know and does not follow it
    """
    start, end = block.where(note)
    known = _layout(block, max(0, start), end, camera)
    if known is None:
        return None
    maker, stream, offset = known
    stream = _turned(stream, offset)
    directory = stream.directory(offset)
    match maker:
        case _Maker.CANON:
            return _canon(stream, directory, camera.model, people)
        case _Maker.FUJIFILM:
            _fujifilm(stream, directory, people)
        case _Maker.NIKON:
            return _nikon(stream, directory)
        case _Maker.OLYMPUS:
            return _olympus(stream, directory)
        case _Maker.PANASONIC:
            _panasonic(stream, directory, people)
        case _:
            assert_never(maker)
    return None


def _layout(block: Stream, start: int, end: int, camera: Camera) -> tuple[_Maker, Stream, int] | None:
    """Whose note it is, the stream whose offsets it uses, and where in that its directory is."""
    own = replace(block, content=block.content[start:end], base=0)
    match own.content[:10].split(b"\x00")[0]:
        case b"Nikon" if own.content[6:7] == b"\x02":
            nested = stream_of(own.content[10:])
            return _Maker.NIKON, nested, nested.unpack("I", 4)
        case b"OLYMP" | b"EPSON":
            around = _around(block, camera, start + 8, end)
            return _Maker.OLYMPUS, around, start + 8 - around.base
        case b"OLYMPUS":
            return _Maker.OLYMPUS, own, 12
        case b"OM SYSTEM":
            return _Maker.OLYMPUS, own, 16
        case b"Panasonic":
            around = _around(block, camera, start + 12, end)
            around = replace(around, base=around.base + (12 if camera.model == "DC-FT7" else 0))
            return _Maker.PANASONIC, around, start + 12 - around.base
        case _ if own.content.startswith(b"FUJIFILM"):
            own = replace(own, order="<")
            return _Maker.FUJIFILM, own, own.unpack("I", 8)
        case _ if camera.make.startswith("Canon"):
            around = _around(block, camera, start, end)
            return _Maker.CANON, around, start - around.base
        case _:
            return None


def _around(block: Stream, camera: Camera, at: int, end: int) -> Stream:
    """The block whose offsets a note from ``at`` to ``end`` uses; moved as is said, if its values then lie in the note.

    What is said is often no longer true: the next program moved the note once more.
    """
    moved = replace(block, base=camera.moved)
    try:
        turned = _turned(moved, at - moved.base)
        values = [turned.where(entry) for same in turned.directory(at - moved.base).entries.values() for entry in same]
    except Unreadable:
        return block
    return moved if all(at <= start and stop <= end for start, stop in values) else block


def _turned(stream: Stream, offset: int) -> Stream:
    """In the note's own byte order: a program may have written the block around it anew in the other one."""
    count = stream.unpack("H", stream.base + offset)
    if count & 0xFF00 and not count & 0x00FF:
        return replace(stream, order="<" if stream.order == ">" else ">")
    return stream


def _tell(stream: Stream, entry: Entry | None, place: PersonPlace, people: People) -> None:
    if entry is not None:
        people.add(place, decoded(stream.letters(entry)))


def _canon(stream: Stream, directory: Directory, model: str, people: People) -> str | None:
    _tell(stream, directory.get(_CANON_OWNER), PersonPlace.MAKER_NOTE_OWNER, people)
    entry = directory.get(_CANON_SERIAL)
    number = stream.number(entry) if entry is not None and (entry.kind, entry.count) == (_LONG, 1) else 0
    if not number:
        return None
    if model.endswith("EOS D30"):
        return f"{number >> 16:04x}{number & 0xFFFF:05}"
    return f"{number:06}" if "EOS-1D" in model else f"{number:010}"


def _nikon(stream: Stream, directory: Directory) -> str | None:
    serial = stream.text(directory.get(_NIKON_SERIAL))
    if serial is None or not serial.isdigit():  # some models write their name there
        serial = stream.text(directory.get(_NIKON_SERIAL_TEXT))
    # The other begins with the letters NO and a sign.
    return serial.rpartition("=")[2].strip() if serial else None


def _olympus(stream: Stream, directory: Directory) -> str | None:
    pointer = directory.get(_OLYMPUS_EQUIPMENT)
    if pointer is None:
        equipment = None
    elif pointer.kind == _UNDEFINED:  # older models: the value is the directory itself
        equipment = stream.directory(stream.where(pointer)[0] - stream.base)
    else:
        equipment = stream.below(pointer)
    serial = stream.text(equipment.get(_EQUIPMENT_SERIAL)) if equipment else None
    return serial or stream.text(directory.get(_OLYMPUS_SERIAL))


def _panasonic(stream: Stream, directory: Directory, people: People) -> None:
    _tell(stream, directory.get(_PANASONIC_TITLE), PersonPlace.MAKER_NOTE_TITLE, people)
    _tell(stream, directory.get(_PANASONIC_BABY), PersonPlace.MAKER_NOTE_NAME, people)
    entry = directory.get(_PANASONIC_FACES)
    if entry is not None:
        faces = replace(stream, content=stream.letters(entry), base=0)
        for at in range(4, 4 + _FACE * min(_MOST_FACES, faces.unpack("H", 0)), _FACE):
            people.add(PersonPlace.MAKER_NOTE_NAME, decoded(faces.content[at : at + _FACE_NAME].split(b"\x00")[0]))


def _fujifilm(stream: Stream, directory: Directory, people: People) -> None:
    entry = directory.get(_FUJI_FACES)
    if entry is not None:
        for name in _fuji_faces(replace(stream, content=stream.letters(entry))):
            people.add(PersonPlace.MAKER_NOTE_NAME, decoded(name))


def _fuji_faces(faces: Stream) -> Iterator[bytes]:
    """Offset and length of each face; in the face, length and offset of its name."""
    for at in range(0, min(_MOST_FUJI_FACES * 8, len(faces.content) - 7), 8):
        face, length = faces.unpack("I", at), faces.unpack("I", at + 4)
        if not length:
            return
        size, start = faces.unpack("I", face + 30), faces.unpack("I", face + 34)
        if length < _FUJI_FACE or start + size > len(faces.content):
            raise Unreadable
        yield faces.content[start : start + size]
