"""GIF and BMP files with something in every place where they can hide it."""

import struct
from functools import partial

from tests.corpus import blocks, profiles
from tests.corpus.canaries import ascii_canary
from tests.corpus.specimens import CORNERS, SIZE, TOP, Planted, Specimen, drawing, plain, saved, specimen

_COLOURS = (*CORNERS[0], *CORNERS[1])
_CLEAR, _END, _CODES = 0x100, 0x101, 250
"""Codes of nine bits; behind so many of them the table is cleared, or codes would grow longer."""


def extension(label: int, *pieces: bytes) -> bytes:
    """An extension block of sub-blocks, none of them longer than 255 bytes."""
    return bytes([0x21, label]) + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"


def gif(*extensions: bytes, late: bytes = b"", behind: bytes = b"", palette: bytes = b"", picture: bytes = b"") -> bytes:
    """A still GIF with 256 colours and blocks before and behind its one picture."""
    colours = (b"".join(bytes(colour) for colour in _COLOURS) + palette).ljust(768, b"\x00")
    screen = b"GIF89a" + struct.pack("<HHBBB", *SIZE, 0xF7, 0, 0)
    return screen + colours + b"".join(extensions) + (picture or frame()) + late + b"\x3b" + behind


def frame(*, left: int = 0, top: int = 0, indices: bytes = b"", size: tuple[int, int] = SIZE) -> bytes:
    """A picture of colour numbers in LZW without compression: a clear code as often as codes would grow longer."""
    numbers = indices or _corner_numbers()
    descriptor = b"\x2c" + struct.pack("<HHHHB", left, top, *size, 0)
    codes = [_CLEAR]
    for at in range(0, len(numbers), _CODES):
        codes += [*numbers[at : at + _CODES], _CLEAR]
    codes.append(_END)
    packed = int("".join(f"{code:09b}" for code in reversed(codes)), 2).to_bytes(-(-9 * len(codes) // 8), "little")
    pieces = [packed[at : at + 255] for at in range(0, len(packed), 255)]
    return descriptor + b"\x08" + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"


def _corner_numbers(top: tuple[int, int] = (0, 1), bottom: tuple[int, int] = (2, 3)) -> bytes:
    rows = [bytes([left]) * 48 + bytes([right]) * 48 for left, right in (top, bottom)]
    return rows[0] * 32 + rows[1] * 32


def _comments() -> Planted:
    places = ("gif-comment", "gif-comment-late")
    early, late = (extension(0xFE, ascii_canary(place)) for place in places)
    return Planted(gif(early, late=late), places)


def _applications() -> Planted:
    places = ("gif-application", "gif-netscape")
    odd, loop = (ascii_canary(place) for place in places)
    return Planted(gif(extension(0xFF, b"ZOOPHOTO1.0", odd), extension(0xFF, b"NETSCAPE2.0", b"\x01\x00\x00", loop)), places)


def _xmp() -> Planted:
    document = blocks.xmp()
    magic = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    return Planted(gif(b"\x21\xff\x0bXMP DataXMP" + document.content + magic), document.places)


def _icc() -> Planted:
    icc = profiles.rgb_profile(profiles.SRGB)
    pieces = [icc[at : at + 255] for at in range(0, len(icc), 255)]
    return Planted(gif(extension(0xFF, b"ICCRGBG1012", *pieces)), ("icc-cprt",))


def _plain_text() -> Planted:
    grid = struct.pack("<HHHHBBBB", 0, 0, 8, 8, 8, 8, 0, 1)
    return Planted(gif(late=extension(0x01, grid, ascii_canary("gif-plain-text"))), ("gif-plain-text",))


def _unknown_extension() -> Planted:
    return Planted(gif(extension(0x5A, ascii_canary("gif-unknown"))), ("gif-unknown",))


def _unused_colours() -> Planted:
    return Planted(gif(palette=ascii_canary("gif-palette")), ("gif-palette",))


def _hidden_colours() -> Planted:
    control = extension(0xF9, b"\x01\x00\x00\x04")
    word = ascii_canary("gif-hidden")
    return Planted(gif(control, palette=word, picture=frame(indices=_corner_numbers((4, 4), (2, 3)))), ("gif-hidden",))


def _behind_the_end() -> Planted:
    return Planted(gif(behind=ascii_canary("gif-tail") + plain("GIF")), ("gif-tail",))


def _behind_the_pixels() -> Planted:
    """Sub-blocks that follow the end code of the picture's own stream."""
    word = ascii_canary("gif-lzw-tail")
    return Planted(gif(picture=frame()[:-1] + bytes([len(word)]) + word + b"\x00"), ("gif-lzw-tail",))


def bmp(*, gap: bytes = b"", tail: bytes = b"", header: bytes = b"", behind: bytes = b"") -> bytes:
    """A BMP of 24 bits with bytes between header and pixels, and behind the pixels."""
    rows = b"".join(drawing().crop((0, y, 96, y + 1)).tobytes("raw", "BGR") for y in reversed(range(64)))
    head = header or struct.pack("<IiiHHIIiiII", 40, *SIZE, 1, 24, 0, len(rows), 2835, 2835, 0, 0)
    start = 14 + len(head) + len(gap)
    body = head + gap + rows + tail
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, start) + body + behind


def _bmp(place: str) -> Planted:
    word = {place.removeprefix("bmp-"): ascii_canary(place)}
    return Planted(bmp(**word), (place,))


def _bmp_profile() -> Planted:
    icc = profiles.rgb_profile(profiles.SRGB)
    rows = SIZE[0] * SIZE[1] * 3
    head = struct.pack("<IiiHHIIiiII", 124, *SIZE, 1, 24, 0, rows, 2835, 2835, 0, 0)
    head += (
        struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0) + b"DEBM" + bytes(48) + struct.pack("<IIII", 4, 124 + rows, len(icc), 0)
    )
    return Planted(bmp(header=head, tail=icc), ("icc-desc", "icc-cprt"))


def _bmp_palette() -> Planted:
    """A BMP of 8 bits whose unused colours spell a word, three letters to a colour."""
    image = drawing().quantize(4)
    content = bytearray(saved(image, "BMP"))
    word = ascii_canary("bmp-palette")
    start = 14 + 40 + 4 * 16
    for at in range(0, len(word) - len(word) % 3, 3):
        content[start : start + 4] = word[at : at + 3] + b"\x00"
        start += 4
    return Planted(bytes(content), ("bmp-palette",))


GIFS: tuple[Specimen, ...] = (
    specimen("gif-comments.gif", _comments),
    specimen("gif-applications.gif", _applications),
    specimen("gif-xmp.gif", _xmp),
    specimen("gif-icc.gif", _icc),
    specimen("gif-plain-text.gif", _plain_text),
    specimen("gif-unknown-extension.gif", _unknown_extension),
    specimen("gif-palette-unused.gif", _unused_colours),
    specimen("gif-palette-hidden.gif", _hidden_colours, look=TOP),
    specimen("gif-behind-the-end.gif", _behind_the_end),
    specimen("gif-behind-the-pixels.gif", _behind_the_pixels),
)
BMPS: tuple[Specimen, ...] = (
    *(specimen(f"{place}.bmp", partial(_bmp, place)) for place in ("bmp-gap", "bmp-tail", "bmp-behind")),
    specimen("bmp-icc.bmp", _bmp_profile),
    specimen("bmp-palette-unused.bmp", _bmp_palette),
)
