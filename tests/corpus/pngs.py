"""PNG files with something in every place where a PNG can hide it."""

import struct
import zlib

from tests.corpus import blocks, profiles
from tests.corpus.canaries import ascii_canary, interleaved
from tests.corpus.specimens import CORNERS, SIZE, TOP, Colour, Planted, Specimen, drawing, plain, specimen

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE, _RGBA = 0, 2, 3, 6


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int, height: int, *, depth: int = 8, colour: int = _RGB) -> bytes:
    """The first chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def of_rows(rows: bytes, *chunks: tuple[bytes, bytes], depth: int = 8, colour: int = _RGB, size: tuple[int, int] = SIZE) -> bytes:
    """A PNG of rows that each begin with their filter's number."""
    between = b"".join(chunk(*one) for one in chunks)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return SIGNATURE + header(*size, depth=depth, colour=colour) + between + pixels + chunk(b"IEND", b"")


def dressed(*chunks: tuple[bytes, bytes], behind: bytes = b"", late: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A plain PNG with chunks behind its header, behind its pixels (``late``), and bytes behind its end."""
    png = plain("PNG")
    early, after = (b"".join(chunk(*one) for one in some) for some in (chunks, late))
    return png[:33] + early + png[33:-12] + after + png[-12:] + behind


def _chunks(*chunks: tuple[bytes, bytes], places: tuple[str, ...]) -> Planted:
    return Planted(dressed(*chunks), places)


def _text() -> Planted:
    places = ("text-comment", "text-author", "text-odd")
    comment, author, odd = (ascii_canary(place) for place in places)
    return _chunks(
        (b"tEXt", b"Comment\x00" + comment), (b"tEXt", b"Author\x00" + author), (b"tEXt", odd[:60] + b"\x00"), places=places
    )


def _compressed() -> Planted:
    return _chunks((b"zTXt", b"Comment\x00\x00" + zlib.compress(ascii_canary("ztxt"))), places=("ztxt",))


def _international() -> Planted:
    places = ("itxt", "itxt-compressed", "itxt-keyword")
    plain_text, packed, keyword = (ascii_canary(place) for place in places)
    return _chunks(
        (b"iTXt", b"Description\x00\x00\x00en\x00" + keyword + b"\x00" + plain_text),
        (b"iTXt", b"Title\x00\x01\x00en\x00\x00" + zlib.compress(packed)),
        places=places,
    )


def _xmp() -> Planted:
    document = blocks.xmp()
    return _chunks((b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + document.content), places=document.places)


def _raw_profiles() -> Planted:
    exif, resources = blocks.exif("<"), blocks.photoshop()
    texts = [_raw(b"exif", b"Exif\x00\x00" + exif.content), _raw(b"iptc", resources.content)]
    return _chunks(*((b"zTXt", text) for text in texts), places=("exif-artist", "exif-serial", "iptc-keyword", "8bim-url"))


def _raw(name: bytes, body: bytes) -> bytes:
    """As ImageMagick writes profiles."""
    digits = body.hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    # One line, so that a search for hexadecimal digits finds what it should.
    lines = lines.replace(b"\n", b"")
    return b"Raw profile type " + name + b"\x00\x00" + zlib.compress(b"\n" + name + b"\n%8d\n" % len(body) + lines + b"\n")


def _exif() -> Planted:
    block = blocks.exif(">")
    return _chunks((b"eXIf", block.content), places=block.places)


def _exif_behind_the_pixels() -> Planted:
    block = blocks.exif("<")
    return Planted(dressed(late=((b"eXIf", block.content),)), block.places)


def _icc() -> Planted:
    icc = profiles.with_tail(profiles.rgb_profile(profiles.SRGB), "icc-tail")
    body = b"Zoo profile\x00\x00" + zlib.compress(icc) + ascii_canary("iccp-behind")
    return _chunks((b"iCCP", body), places=("icc-desc", "icc-cprt", "icc-tail", "iccp-behind"))


def _private() -> Planted:
    kinds = (b"prVt", b"caBX", b"tIME", b"vpAg", b"iDOT", b"mkBS")
    places = tuple(f"chunk-{kind.decode().lower()}" for kind in kinds)
    return _chunks(*((kind, ascii_canary(place)) for kind, place in zip(kinds, places, strict=True)), places=places)


def _late() -> Planted:
    late = ((b"tEXt", b"Comment\x00" + ascii_canary("late-text")), (b"zzZz", ascii_canary("late-private")))
    return Planted(dressed(late=late), ("late-text", "late-private"))


def _splt() -> Planted:
    return _chunks((b"sPLT", ascii_canary("splt")[:70] + b"\x00\x08"), places=("splt",))


def _behind_the_end() -> Planted:
    return Planted(dressed(behind=ascii_canary("iend-tail") + plain("PNG")), ("iend-tail",))


def _behind_the_pixels_in_the_stream() -> Planted:
    """More inflated bytes than the picture has rows for, and bytes behind the end of the stream."""
    rows = b"".join(b"\x00" + drawing().crop((0, y, 96, y + 1)).tobytes() for y in range(64))
    stream = zlib.compress(rows + ascii_canary("idat-rows")) + ascii_canary("idat-tail")
    png = SIGNATURE + header(*SIZE) + chunk(b"IDAT", stream) + chunk(b"IEND", b"")
    return Planted(png, ("idat-rows", "idat-tail"))


def indexed(word: bytes, colours: tuple[Colour, ...]) -> bytes:
    """A palette that begins with colours, and goes on with a word."""
    return (b"".join(bytes(colour) for colour in colours) + word.ljust(-(-len(word) // 3) * 3, b"\x00")).ljust(768, b"\x00")


def rows_of(top: tuple[int, int], bottom: tuple[int, int]) -> bytes:
    """Rows of four corners, one byte for each pixel."""
    return b"".join(b"\x00" + bytes([left]) * 48 + bytes([right]) * 48 for left, right in (top,) * 32 + (bottom,) * 32)


def _unused_colours() -> Planted:
    palette = indexed(ascii_canary("palette-unused"), (*CORNERS[0], *CORNERS[1]))
    png = of_rows(rows_of((0, 1), (2, 3)), (b"PLTE", palette), colour=_PALETTE)
    return Planted(png, ("palette-unused",))


def _hidden_colours() -> Planted:
    """The upper half shows colours that are wholly transparent, and spell a word."""
    palette = indexed(ascii_canary("palette-hidden"), CORNERS[1])
    png = of_rows(rows_of((2, 5), (0, 1)), (b"PLTE", palette), (b"tRNS", b"\xff\xff" + bytes(254)), colour=_PALETTE)
    return Planted(png, ("palette-hidden",))


def _hidden_pixels() -> Planted:
    """The upper half is a picture that cannot be seen, and a word in its first row."""
    word = interleaved(ascii_canary("alpha-hidden"))
    hidden = [b"\x00" + b"\x14\xc8\x14\x00" * 48 + b"\xc8\x14\xc8\x00" * 48 for _ in range(32)]
    hidden[0] = b"\x00" + (word + hidden[1][1:])[: 4 * SIZE[0]]
    left, right = (bytes(colour) + b"\xff" for colour in CORNERS[1])
    png = of_rows(b"".join(hidden) + (b"\x00" + left * 48 + right * 48) * 32, colour=_RGBA)
    return Planted(png, ("alpha-hidden",))


def _many_pixel_chunks() -> Planted:
    png = plain("PNG")
    start = png.index(b"IDAT") - 4
    body = png[start + 8 : -16]
    pieces = b"".join(chunk(b"IDAT", body[at : at + 7]) for at in range(0, len(body), 7))
    text = chunk(b"tEXt", b"Comment\x00" + ascii_canary("many-chunks"))
    return Planted(png[:start] + text + pieces + png[-12:], ("many-chunks",))


PNGS: tuple[Specimen, ...] = (
    specimen("png-text.png", _text),
    specimen("png-ztxt.png", _compressed),
    specimen("png-itxt.png", _international),
    specimen("png-xmp.png", _xmp),
    specimen("png-raw-profiles.png", _raw_profiles),
    specimen("png-exif.png", _exif),
    specimen("png-exif-behind-the-pixels.png", _exif_behind_the_pixels),
    specimen("png-icc.png", _icc),
    specimen("png-private-chunks.png", _private),
    specimen("png-late-chunks.png", _late),
    specimen("png-suggested-palette.png", _splt),
    specimen("png-behind-the-end.png", _behind_the_end),
    specimen("png-behind-the-pixels.png", _behind_the_pixels_in_the_stream),
    specimen("png-palette-unused.png", _unused_colours),
    specimen("png-palette-hidden.png", _hidden_colours, look=TOP),
    specimen("png-alpha-hidden.png", _hidden_pixels, look=TOP),
    specimen("png-many-pixel-chunks.png", _many_pixel_chunks),
)
