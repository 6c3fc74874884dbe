"""Text chunks of a PNG file: some of them hold EXIF, XMP or IPTC in disguise, others words."""

import zlib

from service.imaging.metadata.claims import claims_in_png
from service.imaging.metadata.people import PersonPlace
from service.imaging.metadata.removed import Blocks, RemovedKind, Unreadable
from service.imaging.metadata.text import decoded

MAX_INFLATED = 16_000_000
"""The most that all compressed texts of a file may unpack to, in bytes."""

_RAW_PROFILE = b"Raw profile type "
_WORDS = {b"Title", b"Author", b"Description", b"Copyright", b"Comment", b"Disclaimer", b"Source", b"Warning"}
_NO_WORDS = (b"Software", b"Creation Time", b"date:", b"png:", b"icc:", b"jpeg:")
"""What programs write of themselves, of the time and of the file."""


def read_text_chunk(name: str, body: bytes, blocks: Blocks) -> None:
    """Put what one text chunk holds where it belongs in ``blocks``.

    :raises Unreadable: if the chunk does not follow its own rules
    """
    keyword, separator, rest = body.partition(b"\x00")
    if not separator:
        raise Unreadable
    text = _text(name, rest, blocks)
    if keyword == b"XML:com.adobe.xmp":
        blocks.xmp.append(text)
    elif keyword.startswith(_RAW_PROFILE):
        _raw_profile(text, blocks)
    else:
        blocks.counts[RemovedKind.WORDS] += keyword in _WORDS
        if not keyword.startswith(_NO_WORDS):
            blocks.people.add(PersonPlace.PNG_TEXT, decoded(text))
        blocks.claims.extend(claims_in_png(keyword, text))


def _text(name: str, rest: bytes, blocks: Blocks) -> bytes:
    """The text behind the keyword, unpacked."""
    match name:
        case "tEXt":
            return rest
        case "zTXt":
            return _inflated(rest[1:], blocks)
        case _:  # iTXt: compressed or not, method, language, translated keyword
            fields = rest[2:].split(b"\x00", 2)
            if len(fields) != 3:  # noqa: PLR2004 - language, translated keyword, text
                raise Unreadable
            return _inflated(fields[2], blocks) if rest[:1] == b"\x01" else fields[2]


def _inflated(packed: bytes, blocks: Blocks) -> bytes:
    room = MAX_INFLATED - blocks.inflated
    if room <= 0:
        raise Unreadable
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, room)
    except zlib.error:
        raise Unreadable from None
    blocks.inflated += len(unpacked)
    if not unpacker.eof:
        raise Unreadable
    return unpacked


def _raw_profile(text: bytes, blocks: Blocks) -> None:
    """A profile as ImageMagick writes it: a line with its name, a line with its length, then hexadecimal digits."""
    try:
        name, _, digits = text.strip().split(b"\n", 2)
        profile = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise Unreadable from None
    if name == b"icc":
        blocks.counts[RemovedKind.ICC_PROFILE] += 1
    elif profile.startswith(b"Exif\x00\x00"):
        blocks.exif.append(profile[6:])
    elif profile.startswith((b"II*\x00", b"MM\x00*")):
        blocks.exif.append(profile)
    elif profile.startswith(b"8BIM"):
        blocks.photoshop.append(profile)
    elif profile.startswith(b"\x1c"):
        blocks.iptc.append(profile)
    else:
        blocks.xmp.append(profile.removeprefix(b"http://ns.adobe.com/xap/1.0/\x00"))
