"""WebP files with something in every place where a WebP can hide it."""

import struct

from tests.corpus import blocks, profiles
from tests.corpus.canaries import ascii_canary
from tests.corpus.specimens import TOP, Planted, Specimen, drawing, painted, plain, saved, specimen

_ICC, _ALPHA, _EXIF, _XMP = 0x20, 0x10, 0x08, 0x04
Chunk = tuple[bytes, bytes]


def chunk(kind: bytes, body: bytes, *, pad: bytes = b"\x00") -> bytes:
    """A chunk, padded to an even length."""
    return kind + struct.pack("<I", len(body)) + body + pad * (len(body) % 2)


def riff(body: bytes) -> bytes:
    """A RIFF file."""
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def extended(*, flags: int = 0, before: tuple[Chunk, ...] = (), after: tuple[Chunk, ...] = (), webp: bytes = b"") -> bytes:
    """A WebP in the extended form, with chunks before and behind its pixels."""
    pixels = (webp or plain("WEBP"))[12:]
    canvas = bytes([flags]) + bytes(3) + (95).to_bytes(3, "little") + (63).to_bytes(3, "little")
    return riff(chunk(b"VP8X", canvas) + b"".join(chunk(*c) for c in before) + pixels + b"".join(chunk(*c) for c in after))


def _exif() -> Planted:
    block = blocks.exif("<")
    return Planted(extended(flags=_EXIF, after=((b"EXIF", block.content),)), block.places)


def _exif_as_in_jpeg() -> Planted:
    block = blocks.exif(">")
    return Planted(extended(flags=_EXIF, after=((b"EXIF", b"Exif\x00\x00" + block.content),)), block.places)


def _xmp() -> Planted:
    document = blocks.xmp()
    return Planted(extended(flags=_XMP, after=((b"XMP ", document.content),)), document.places)


def _icc() -> Planted:
    icc = profiles.with_tail(profiles.rgb_profile(profiles.SRGB), "icc-tail")
    return Planted(extended(flags=_ICC, before=((b"ICCP", icc),)), ("icc-desc", "icc-cprt", "icc-tail"))


def _unknown() -> Planted:
    kinds = (b"C2PA", b"ZOOO", b"FRGM")
    places = tuple(f"webp-{kind.decode().lower()}" for kind in kinds)
    words = [(kind, ascii_canary(place)) for kind, place in zip(kinds, places, strict=True)]
    return Planted(extended(before=(words[0],), after=tuple(words[1:])), places)


def _unflagged() -> Planted:
    """Metadata that the header does not announce."""
    block, document = blocks.exif("<"), blocks.xmp()
    webp = extended(after=((b"EXIF", block.content), (b"XMP ", document.content)))
    return Planted(webp, (*block.places, *document.places))


def _behind_the_end() -> Planted:
    return Planted(plain("WEBP") + ascii_canary("riff-tail"), ("riff-tail",))


def _in_a_simple_file() -> Planted:
    body = plain("WEBP")[12:]
    return Planted(riff(body + chunk(b"ZOOO", ascii_canary("webp-simple"))), ("webp-simple",))


def _lossy() -> Planted:
    block = blocks.exif("<")
    webp = saved(drawing(), "WEBP", quality=95)
    return Planted(extended(flags=_EXIF, after=((b"EXIF", block.content),), webp=webp), block.places)


def _hidden_pixels() -> Planted:
    image = drawing().convert("RGBA")
    image.paste((20, 200, 20, 0), (0, 0, 96, 32))
    webp = saved(image, "WEBP", lossless=True, exact=True)
    start = webp.index(b"VP8L")
    body = webp[12:] if start == 12 else webp[start:]
    return Planted(riff(body + chunk(b"ZOOO", ascii_canary("webp-alpha"))), ("webp-alpha",))


def _hidden_pixels_lossy() -> Planted:
    image = painted(TOP).convert("RGBA")
    image.paste((20, 200, 20, 0), (0, 0, 96, 32))
    webp = saved(image, "WEBP", quality=95, exact=True)
    return Planted(riff(webp[12:] + chunk(b"ZOOO", ascii_canary("webp-alph"))), ("webp-alph",))


WEBPS: tuple[Specimen, ...] = (
    specimen("webp-exif.webp", _exif),
    specimen("webp-exif-as-in-jpeg.webp", _exif_as_in_jpeg),
    specimen("webp-xmp.webp", _xmp),
    specimen("webp-icc.webp", _icc),
    specimen("webp-unknown-chunks.webp", _unknown),
    specimen("webp-unannounced.webp", _unflagged),
    specimen("webp-behind-the-end.webp", _behind_the_end),
    specimen("webp-simple-unknown.webp", _in_a_simple_file),
    specimen("webp-lossy-exif.webp", _lossy),
    specimen("webp-alpha-hidden.webp", _hidden_pixels, look=TOP),
    specimen("webp-alpha-hidden-lossy.webp", _hidden_pixels_lossy, look=TOP),
)
