"""One page of a TIFF file: what its pixels are, whether all of them are there, and the page without anything else."""

import struct

from service.imaging.containers.directories import ENTRY, WIDTHS, Directories, Directory
from service.imaging.containers.layout import MAX_PIXELS_OF_OTHERS, checked_size
from service.imaging.errors import ImagingError, Refusal

Range = tuple[int, int]
"""Where bytes start and end."""

MAX_STRIPS = 1 << 19
"""The most strips or tiles of one page: one for each row of each of eight colours."""
MAX_PROFILE = 16_000_000
"""The longest colour profile, in bytes: what JPEG can hold."""

WIDTH, HEIGHT, BITS, CODING, COLOURS, FILL_ORDER, SAMPLES, ROWS, PLANES = 256, 257, 258, 259, 262, 266, 277, 278, 284
STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, OLD_JPEG, OLD_JPEG_BYTES = 273, 279, 322, 323, 324, 325, 513, 514
WHITE_POINT, INKS, FORMATS, SUBSAMPLING, PROFILE = 318, 332, 339, 530, 34675
_PREDICTOR, _PALETTE, _EXTRA, _JPEG_TABLES, _COEFFICIENTS, _BLACK_AND_WHITE = 317, 320, 338, 347, 529, 532
PIXEL_TAGS = {
    *(WIDTH, HEIGHT, BITS, CODING, COLOURS, FILL_ORDER, SAMPLES, ROWS, PLANES, STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT),
    *(TILES, TILE_BYTES, INKS, FORMATS, SUBSAMPLING),
    *(_PREDICTOR, _PALETTE, _EXTRA, _JPEG_TABLES, _COEFFICIENTS, _BLACK_AND_WHITE),
}
"""All that a decoder needs, but for the colour profile."""

_PLAIN, _JPEG = 1, 7
_CODINGS = {_PLAIN, 5, _JPEG, 8, 32773, 32946}
"""None, LZW, JPEG, Deflate, PackBits, Deflate by its old number: others are rare, and decoders for them fragile."""
_WHITE_IS_ZERO, _CMYK, _YCBCR, _LAB = 0, 5, 6, 8
_COLOURS = {_WHITE_IS_ZERO, 1, 2, 3, _CMYK, _YCBCR, _LAB}
"""Grey from white or black, RGB, palette, CMYK, YCbCr, L*a*b*."""
_DEPTHS = {1, 2, 4, 8, 16}
_MAX_SAMPLES = 8
_DEEP = 16


def checked_page(directories: Directories, page: Directory, length: int) -> tuple[int, int]:
    """The size of a page in a file of ``length`` bytes, if its pixels are all there and of a kind that can be decoded.

    :raises ImagingError: too-many-pixels, truncated, unsupported or undecodable
    """
    size = checked_size(_one(directories, page, WIDTH), _one(directories, page, HEIGHT), MAX_PIXELS_OF_OTHERS)
    _check_form(directories, page)
    pieces = pixel_ranges(directories, page, length)
    if len(pieces) != _pieces(directories, page, *size) or sum(end - start for start, end in pieces) > length:
        raise ImagingError(Refusal.UNDECODABLE)  # pieces that share bytes would be read over and over again
    return size


def pixel_ranges(directories: Directories, page: Directory, length: int) -> list[Range]:
    """Where the strips or tiles of a page lie, or its old-style JPEG thumbnail, all of them checked to be in the file.

    :raises ImagingError: truncated or undecodable
    """
    ranges: list[Range] = []
    for place, extent in ((STRIPS, STRIP_BYTES), (TILES, TILE_BYTES), (OLD_JPEG, OLD_JPEG_BYTES)):
        starts, lengths = (directories.numbers(page.entries.get(tag), most=MAX_STRIPS) for tag in (place, extent))
        if len(starts) != len(lengths):
            raise ImagingError(Refusal.UNDECODABLE)
        ranges.extend((start, start + many) for start, many in zip(starts, lengths, strict=True))
    if any(end > length for _, end in ranges):
        raise ImagingError(Refusal.TRUNCATED)
    return ranges


def alone(untrusted: bytes, start: int) -> bytes:
    """The file as if the directory at ``start`` were its only one, and said nothing but what its pixels are.

    No decoder then sees, follows or applies anything else. The pixels stay where they are.
    """
    directories = Directories(untrusted)
    entries = directories.at(start).entries
    kept = b"".join(
        untrusted[entry.position : entry.position + ENTRY]
        for tag, entry in sorted(entries.items())
        if (tag in PIXEL_TAGS and entry.count <= MAX_STRIPS) or (tag == PROFILE and entry.end - entry.start <= MAX_PROFILE)
        if entry.kind in WIDTHS
    )
    even = len(untrusted) + len(untrusted) % 2
    head = untrusted[:4] + struct.pack(directories.order + "I", even)
    directory = struct.pack(directories.order + "H", len(kept) // ENTRY) + kept + bytes(4)
    return b"".join((head, memoryview(untrusted)[8:], bytes(even - len(untrusted)), directory))


def _check_form(directories: Directories, page: Directory) -> None:
    """Raises for pixels that no decoder of ours would show as they are meant."""
    coding, colours = _one(directories, page, CODING, _PLAIN), _one(directories, page, COLOURS)
    planes, samples = _one(directories, page, PLANES, 1), _one(directories, page, SAMPLES, 1)
    bits = directories.numbers(page.entries.get(BITS), most=_MAX_SAMPLES) or (1,)
    formats = directories.numbers(page.entries.get(FORMATS), most=_MAX_SAMPLES) or (1,)
    halved = directories.numbers(page.entries.get(SUBSAMPLING), most=2) or (2, 2)
    if planes not in {1, 2} or not 1 <= samples <= _MAX_SAMPLES:
        raise ImagingError(Refusal.UNDECODABLE)
    if (
        coding not in _CODINGS
        or colours not in _COLOURS
        or len(set(bits)) != 1
        or bits[0] not in _DEPTHS
        or set(formats) != {1}
        or (bits[0] == _DEEP and (planes != 1 or colours == _WHITE_IS_ZERO))
        or (colours == _CMYK and _one(directories, page, INKS, 1) != 1)
        or (colours == _LAB and WHITE_POINT in page.entries)
        or (colours == _YCBCR and coding == _PLAIN and halved != (1, 1))
    ):
        raise ImagingError(Refusal.UNSUPPORTED)


def _pieces(directories: Directories, page: Directory, width: int, height: int) -> int:
    """How many strips or tiles a page of this size must have."""
    planes = _one(directories, page, SAMPLES, 1) if _one(directories, page, PLANES, 1) == 2 else 1  # noqa: PLR2004 - apart
    if TILES in page.entries:
        wide, high = checked_size(_one(directories, page, TILE_WIDTH), _one(directories, page, TILE_HEIGHT), MAX_PIXELS_OF_OTHERS)
        return -(-width // wide) * -(-height // high) * planes
    rows = _one(directories, page, ROWS, height)
    if rows == 0:
        raise ImagingError(Refusal.UNDECODABLE)
    return -(-height // rows) * planes


def _one(directories: Directories, page: Directory, tag: int, otherwise: int | None = None) -> int:
    """The number that a tag holds.

    :raises ImagingError: undecodable, if it holds none, and nothing is meant by that
    """
    numbers = directories.numbers(page.entries.get(tag))
    if numbers:
        return numbers[0]
    if otherwise is None or tag in page.entries:
        raise ImagingError(Refusal.UNDECODABLE)
    return otherwise
