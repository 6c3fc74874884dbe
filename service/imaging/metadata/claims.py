"""What every source in one file claims of the camera, and whether all of them mean the same one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consent.cameras import fold_make, fold_model, fold_serial
from service.imaging.metadata.text import decoded, plain_text

_DEVICES = ("iphone", "ipad")
"""How the names of hosts begin that are devices: a desktop program names its system there (Mac OS X 10.5)."""
_MAX_PARTS = 8
_IN_PNG = {"make": "make", "model": "model", "serial": "serial", "serialnumber": "serial", "bodyserialnumber": "serial"}


class Of(StrEnum):
    """What is claimed."""

    MAKE = "make"
    MODEL = "model"
    SERIAL = "serial"
    HOST = "host"
    """The computer that made the picture: only a phone or a tablet is a model."""


IN_EXIF = {271: Of.MAKE, 272: Of.MODEL, 0xC614: Of.MODEL, 0xA431: Of.SERIAL, 0xC62F: Of.SERIAL, 0x013C: Of.HOST}
"""Make, Model, UniqueCameraModel, BodySerialNumber, CameraSerialNumber, HostComputer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source's word. ``text``: at most 64 printable characters."""

    of: Of
    text: str


def numbered(serial: str | None) -> str | None:
    """A serial that tells one camera from another: not blank, not all zeros."""
    return serial if serial and serial.strip("0 -._?") else None


def claims_in(of: Of, raw: bytes) -> tuple[Claim, ...]:
    """Every text in a value; one behind a zero byte is a word of its own, for other readers may read on.

    Behind the last that is read, all the rest is one word.
    """
    parts = raw.strip(b"\x00").split(b"\x00", _MAX_PARTS)
    texts = tuple(text for part in parts if (text := plain_text(decoded(part))))
    match of:
        case Of.HOST:
            return tuple(Claim(of=Of.MODEL, text=text) for text in texts if text.casefold().startswith(_DEVICES))
        case Of.SERIAL:
            return tuple(Claim(of=of, text=text) for text in texts if numbered(text))
        case _:
            return tuple(Claim(of=of, text=text) for text in texts)


def claims_in_png(keyword: bytes, text: bytes) -> tuple[Claim, ...]:
    """What a text chunk claims, under the field's own name or behind a prefix (``exif:Model``)."""
    name = keyword.rpartition(b":")[2].decode("latin-1").casefold().replace(" ", "").removeprefix("camera")
    return claims_in(Of(_IN_PNG[name]), text) if name in _IN_PNG else ()


def first(claims: Iterable[Claim], of: Of) -> str | None:
    """The first word on it."""
    return next((one.text for one in claims if one.of is of), None)


def agree(claims: Sequence[Claim]) -> bool:
    """True if at most one make, one model and one serial number are claimed, however each is spelled."""
    maker = first(claims, Of.MAKE)
    makes = {fold_make(one.text) for one in claims if one.of is Of.MAKE}
    models = {fold_model(one.text, maker) for one in claims if one.of is Of.MODEL}
    serials = {fold_serial(one.text) for one in claims if one.of is Of.SERIAL}
    return all(len(said - {""}) <= 1 for said in (makes, models, serials))
