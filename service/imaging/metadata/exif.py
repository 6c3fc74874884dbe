"""The few facts we read from an EXIF block, and what else it holds (CIPA DC-008, TIFF 6.0).

Our own reader: piexif drops the last letter of a make or model that is not closed by a zero byte (real cameras write such), fails
on types it does not know, and reserves memory for whatever count a file claims.
"""

import _strptime  # type: ignore[import-not-found]  # noqa: F401 - datetime would import it in the jail, with its first time
import struct
from dataclasses import dataclass
from datetime import datetime

from service.imaging.metadata.removed import Unreadable

MAX_BLOCK = 65_536
"""The largest EXIF block that is read, in bytes."""
MAX_TEXT = 64
"""The longest string that is kept, in characters."""

_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_BYTES, _SHORT, _LONG = {1, 2, 7}, 3, {4, 13}

_MAKE, _MODEL, _ORIENTATION, _EXIF, _GPS, _SERIAL_OF_BODY, _SERIAL_OF_CAMERA = 271, 272, 274, 0x8769, 0x8825, 0xA431, 0xC62F
_TAKEN, _DIGITISED, _MAKER_NOTE, _XMP = 0x9003, 0x9004, 0x927C, 700
_WORDS = {0x010E, 0x013B, 0x013C, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9F, 0x9286, 0xA430}
"""Description, artist, host computer, copyright, XP title, comment, author and subject, user comment, owner."""
_XP_KEYWORDS = 0x9C9E
_GPS_VERSION = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifFacts:
    """What an EXIF block says. Strings are capped and hold no control characters; ``taken_at`` is the camera's own clock."""

    make: str | None
    model: str | None
    serial: str | None
    taken_at: datetime | None
    orientation: int | None
    gps: bool
    maker_note: bool
    thumbnail: bool
    words: int
    keywords: int
    xmp: bytes | None


def read_exif(tiff: bytes) -> ExifFacts:
    """The facts of one EXIF block, given as a TIFF stream.

    :raises Unreadable: if the block is too long or a part that we need does not follow the rules; never anything else
    """
    block = _Block(tiff)
    first, following = block.directory(block.first)
    exif = block.directory(block.number(first[_EXIF]))[0] if _EXIF in first else {}
    gps = block.directory(block.number(first[_GPS]))[0] if _GPS in first else {}
    thumbnail = block.directory(following)[0] if following else {}
    return ExifFacts(
        make=block.text(first.get(_MAKE)),
        model=block.text(first.get(_MODEL)),
        serial=block.text(exif.get(_SERIAL_OF_BODY)) or block.text(first.get(_SERIAL_OF_CAMERA)),
        taken_at=_moment(block.text(exif.get(_TAKEN)) or block.text(exif.get(_DIGITISED))),
        orientation=_turn(block.number(first[_ORIENTATION])) if _ORIENTATION in first else None,
        gps=bool(gps.keys() - {_GPS_VERSION}),
        maker_note=_MAKER_NOTE in exif,
        thumbnail=bool(thumbnail),
        words=len(_WORDS & (first.keys() | exif.keys())),
        keywords=int(_XP_KEYWORDS in first),
        xmp=block.bytes(first[_XMP]) if _XMP in first else None,
    )


def plain_text(raw: str) -> str | None:
    """The text without control and formatting characters, on one line, capped; None if nothing is left."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in raw).split())
    return kept[:MAX_TEXT].strip() or None


def _moment(text: str | None) -> datetime | None:
    """The time as the camera's clock showed it, without a zone; None if the camera wrote no proper time."""
    try:
        return datetime.strptime(text or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - cameras write no zone
    except ValueError:
        return None


def _turn(value: int) -> int | None:
    """An orientation, 1 to 8; None for a value that says nothing."""
    return value if 1 <= value <= 8 else None  # noqa: PLR2004 - the eight orientations


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    position: int


class _Block:
    """A TIFF stream: directories of entries, each with a value that lies inside the stream."""

    def __init__(self, tiff: bytes) -> None:
        if len(tiff) > MAX_BLOCK or tiff[:4] not in {b"II*\x00", b"MM\x00*"}:
            raise Unreadable
        self._tiff = tiff
        self._order = "<" if tiff[:1] == b"I" else ">"
        self.first = self._unpack("I", 4)

    def directory(self, offset: int) -> tuple[dict[int, _Entry], int]:
        """The entries of a directory by tag, and where the next one is (0: nowhere)."""
        entries: dict[int, _Entry] = {}
        position = offset + 2
        for _ in range(self._unpack("H", offset)):
            tag, kind, count = (self._unpack(form, position + at) for form, at in (("H", 0), ("H", 2), ("I", 4)))
            entries.setdefault(tag, _Entry(kind, count, position + 8))
            position += 12
        return entries, self._unpack("I", position) if position + 4 <= len(self._tiff) else 0

    def number(self, entry: _Entry) -> int:
        """A single whole number."""
        if entry.count != 1:
            raise Unreadable
        if entry.kind == _SHORT:
            return self._unpack("H", entry.position)
        if entry.kind in _LONG:
            return self._unpack("I", entry.position)
        raise Unreadable

    def bytes(self, entry: _Entry) -> bytes:
        """The bytes of a value."""
        if entry.kind not in _BYTES:
            raise Unreadable
        length = entry.count * _WIDTHS[entry.kind]
        start = entry.position if length <= 4 else self._unpack("I", entry.position)  # noqa: PLR2004 - short values stand inline
        if start + length > len(self._tiff):
            raise Unreadable
        return self._tiff[start : start + length]

    def text(self, entry: _Entry | None) -> str | None:
        """A string, up to its first zero byte or to the end of the value."""
        if entry is None:
            return None
        raw = self.bytes(entry).split(b"\x00", 1)[0]
        try:
            return plain_text(raw.decode("utf-8"))
        except UnicodeDecodeError:
            return plain_text(raw.decode("latin-1"))

    def _unpack(self, form: str, position: int) -> int:
        try:
            value: int = struct.unpack_from(self._order + form, self._tiff, position)[0]
        except struct.error:
            raise Unreadable from None
        return value
