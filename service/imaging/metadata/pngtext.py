"""Text chunks of a PNG file: some of them hold EXIF, XMP or IPTC in disguise."""

import zlib

from service.imaging.metadata.removed import Blocks, RemovedKind, Unreadable

MAX_INFLATED = 4_000_000
"""The most that a compressed text may unpack to, in bytes."""

_RAW_PROFILE = b"Raw profile type "
_WORDS = {b"Title", b"Author", b"Description", b"Copyright", b"Comment", b"Disclaimer", b"Source", b"Warning"}


def read_text_chunk(name: str, body: bytes, blocks: Blocks) -> None:
    """Put what one text chunk holds where it belongs in ``blocks``.

    :raises Unreadable: if the chunk does not follow its own rules
    """
    keyword, separator, rest = body.partition(b"\x00")
    if not separator:
        raise Unreadable
    if keyword in _WORDS:
        blocks.counts[RemovedKind.WORDS] += 1
    elif keyword == b"XML:com.adobe.xmp":
        blocks.xmp.append(_text(name, rest))
    elif keyword.startswith(_RAW_PROFILE):
        _raw_profile(_text(name, rest), blocks)


def _text(name: str, rest: bytes) -> bytes:
    """The text behind the keyword, unpacked."""
    match name:
        case "tEXt":
            return rest
        case "zTXt":
            return _inflated(rest[1:])
        case _:  # iTXt: compressed or not, method, language, translated keyword
            fields = rest[2:].split(b"\x00", 2)
            if len(fields) != 3:  # noqa: PLR2004 - language, translated keyword, text
                raise Unreadable
            return _inflated(fields[2]) if rest[:1] == b"\x01" else fields[2]


def _inflated(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, MAX_INFLATED)
    except zlib.error:
        raise Unreadable from None
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
