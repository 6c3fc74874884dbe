"""TIFF pictures with something in every place where a TIFF can hide it."""

from functools import partial

from PIL import Image

from tests.corpus import blocks, profiles
from tests.corpus.canaries import ascii_canary, canary
from tests.corpus.specimens import TOP, Planted, Specimen, drawing, painted, saved, small, specimen
from tests.corpus.tiffstream import (
    ASCII,
    BYTE,
    LONG,
    SHORT,
    UNDEFINED,
    Directory,
    Order,
    Placed,
    stream,
    text,
)

_ROWS = 16
_GREY, _COLOUR, _SEPARATED = 1, 2, 5
_PHOTOMETRIC = {"L": _GREY, "RGB": _COLOUR, "RGBA": _COLOUR, "CMYK": _SEPARATED}
_WORDS = {
    "description": 0x010E,
    "make": 0x010F,
    "model": 0x0110,
    "document": 0x010D,
    "page": 0x011D,
    "software": 0x0131,
    "artist": 0x013B,
    "host": 0x013C,
    "copyright": 0x8298,
    "target": 0x0151,
}


def picture(image: Image.Image, *, gap: bytes = b"") -> Directory:
    """The directory of an uncompressed picture in strips, each with a gap behind it."""
    wide, high = image.size
    strips = tuple(image.crop((0, y, wide, min(y + _ROWS, high))).tobytes() for y in range(0, high, _ROWS))
    return pixels(strips, image.size, bits=(8,) * len(image.getbands()), photometric=_PHOTOMETRIC[image.mode], gap=gap)


def pixels(
    strips: tuple[bytes, ...],
    size: tuple[int, int],
    *,
    bits: tuple[int, ...],
    photometric: int,
    gap: bytes = b"",
    rows: int = _ROWS,
) -> Directory:
    """The directory of a picture of these strips."""
    directory = Directory()
    directory.add(0x0100, LONG, size[0])
    directory.add(0x0101, LONG, size[1])
    directory.add(0x0102, SHORT, bits)
    directory.add(0x0103, SHORT, 1)
    directory.add(0x0106, SHORT, photometric)
    directory.add(0x0111, LONG, Placed(strips, gap))
    directory.add(0x0115, SHORT, len(bits))
    directory.add(0x0116, LONG, rows)
    directory.add(0x0117, LONG, tuple(len(strip) for strip in strips))
    directory.add(0x011C, SHORT, 1)
    return directory


def _words(order: Order) -> Planted:
    directory = picture(drawing())
    for name, tag in _WORDS.items():
        directory.add(tag, ASCII, text(canary(f"tiff-{name}")))
    directory.add(0x9C9E, BYTE, canary("tiff-keywords").encode("utf-16-le") + b"\x00\x00")
    return Planted(stream(directory, order), (*(f"tiff-{name}" for name in _WORDS), "tiff-keywords"))


def _exif(order: Order) -> Planted:
    shot, gps, directory = Directory(), Directory(), picture(drawing())
    shot.add(0x927C, UNDEFINED, ascii_canary("tiff-maker-note"))
    shot.add(0xA431, ASCII, text(canary("tiff-serial")))
    shot.add(0xA430, ASCII, text(canary("tiff-owner")))
    gps.add(1, ASCII, b"N\x00")
    gps.add(0x1C, UNDEFINED, b"ASCII\x00\x00\x00" + ascii_canary("tiff-gps"))
    directory.add(0x8769, LONG, shot)
    directory.add(0x8825, LONG, gps)
    return Planted(stream(directory, order), ("tiff-maker-note", "tiff-serial", "tiff-owner", "tiff-gps"))


def _sub_directory() -> Planted:
    """A preview in a sub-directory, as editors write it, with words of its own."""
    preview = picture(small())
    preview.add(0x00FE, LONG, 1)
    preview.add(0x010E, ASCII, text(canary("sub-description")))
    deeper = Directory()
    deeper.add(0x013B, ASCII, text(canary("sub-sub-artist")))
    preview.add(0x014A, LONG, deeper)
    directory = picture(drawing())
    directory.add(0x014A, LONG, preview)
    return Planted(stream(directory, "<"), ("sub-description", "sub-sub-artist"))


def _private() -> Planted:
    places = ("private-bytes", "private-text", "private-printing", "private-geography")
    directory = picture(drawing())
    for tag, place in zip((0xFDE8, 0xFDE9, 0xC4A5, 0x87B1), places, strict=True):
        directory.add(tag, ASCII if place in {"private-text", "private-geography"} else UNDEFINED, text(canary(place)))
    return Planted(stream(directory, ">"), places)


def _xmp() -> Planted:
    document, directory = blocks.xmp(), picture(drawing())
    directory.add(0x02BC, BYTE, document.content)
    return Planted(stream(directory, "<"), document.places)


def _iptc() -> Planted:
    records, directory = blocks.iptc(), picture(drawing())
    directory.add(0x83BB, UNDEFINED, records.content)
    return Planted(stream(directory, "<"), records.places)


def _photoshop() -> Planted:
    resources, directory = blocks.photoshop(), picture(drawing())
    directory.add(0x8649, BYTE, resources.content)
    return Planted(stream(directory, ">"), resources.places)


def _icc() -> Planted:
    icc = profiles.with_tail(profiles.rgb_profile(profiles.SRGB), "icc-tail")
    directory = picture(drawing())
    directory.add(0x8773, UNDEFINED, icc)
    return Planted(stream(directory, ">"), ("icc-desc", "icc-cprt", "icc-tail"))


def _gaps() -> Planted:
    directory = picture(drawing(), gap=ascii_canary("strip-gap"))
    content = stream(directory, "<", gap=ascii_canary("header-gap"))
    return Planted(content + ascii_canary("tiff-tail"), ("strip-gap", "header-gap", "tiff-tail"))


def _behind_the_rows() -> Planted:
    """A strip that is longer than its rows."""
    image, word = drawing(), ascii_canary("strip-tail")
    strips = tuple(image.crop((0, y, 96, y + _ROWS)).tobytes() for y in range(0, 64, _ROWS))
    directory = pixels((*strips[:-1], strips[-1] + word), image.size, bits=(8, 8, 8), photometric=_COLOUR)
    return Planted(stream(directory, "<"), ("strip-tail",))


def _hidden_pixels() -> Planted:
    image = painted(TOP).convert("RGBA")
    image.paste((20, 200, 20, 0), (0, 0, 96, 32))
    directory = picture(image)
    directory.add(0x0152, SHORT, 2)
    directory.add(0x010E, ASCII, text(canary("tiff-alpha")))
    return Planted(stream(directory, "<"), ("tiff-alpha",))


def _packed(compression: str) -> Planted:
    tags = Image.Exif()
    tags[0x010E] = canary(f"tiff-{compression}")
    tags[0x013B] = canary("tiff-artist")
    content = saved(drawing(), "TIFF", compression=compression, exif=tags)
    return Planted(content, (f"tiff-{compression}", "tiff-artist"))


def _everything() -> Planted:
    document, records, directory = blocks.xmp(), blocks.iptc(), picture(drawing(), gap=ascii_canary("strip-gap"))
    for name, tag in _WORDS.items():
        directory.add(tag, ASCII, text(canary(f"tiff-{name}")))
    directory.add(0x02BC, BYTE, document.content)
    directory.add(0x83BB, UNDEFINED, records.content)
    directory.add(0x8773, UNDEFINED, profiles.rgb_profile(profiles.SRGB))
    content = stream(directory, ">", gap=ascii_canary("header-gap")) + ascii_canary("tiff-tail")
    words = (*(f"tiff-{name}" for name in _WORDS), "icc-desc", "icc-cprt", "strip-gap", "header-gap", "tiff-tail")
    return Planted(content, (*words, *document.places, *records.places))


TIFFS: tuple[Specimen, ...] = (
    specimen("tiff-words-little-endian.tif", partial(_words, "<")),
    specimen("tiff-words-big-endian.tif", partial(_words, ">")),
    specimen("tiff-exif-little-endian.tif", partial(_exif, "<")),
    specimen("tiff-exif-big-endian.tif", partial(_exif, ">")),
    specimen("tiff-sub-directory.tif", _sub_directory),
    specimen("tiff-private-tags.tif", _private),
    specimen("tiff-xmp.tif", _xmp),
    specimen("tiff-iptc.tif", _iptc),
    specimen("tiff-photoshop.tif", _photoshop),
    specimen("tiff-icc.tif", _icc),
    specimen("tiff-gaps.tif", _gaps),
    specimen("tiff-behind-the-rows.tif", _behind_the_rows),
    specimen("tiff-alpha-hidden.tif", _hidden_pixels, look=TOP),
    *(
        specimen(f"tiff-{one.replace('_', '-')}.tif", partial(_packed, one))
        for one in ("tiff_lzw", "tiff_adobe_deflate", "packbits")
    ),
    specimen("tiff-everything.tif", _everything),
)
