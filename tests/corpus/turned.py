"""The same drawing in all eight orientations, in every kind of file and by every way of saying so."""

import struct
from functools import partial

from PIL import Image

from tests.corpus import blocks, jpegs, pngs, tiffs, webps
from tests.corpus.blocks import box
from tests.corpus.heifs import exif_item, taken_apart, xmp_item
from tests.corpus.specimens import Planted, Specimen, drawing, saved, specimen
from tests.corpus.tiffstream import SHORT, Order, stream

_AS_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation -> what a camera that was held so stores of an upright scene."""
_PROPERTIES: dict[int, tuple[int | bytes, ...]] = {
    1: (),
    2: (b"\x01",),
    3: (2,),
    4: (b"\x00",),
    5: (1, b"\x00"),
    6: (3,),
    7: (3, b"\x00"),
    8: (1,),
}
"""Orientation -> quarter turns (a number) and mirrors (an axis), as HEIC and AVIF say it (ISO/IEC 23008-12, 6.5.10, 6.5.12)."""
_ALL = range(1, 9)


def stored(orientation: int) -> Image.Image:
    """The drawing as the camera stored it."""
    return drawing().transpose(_AS_STORED[orientation]) if orientation in _AS_STORED else drawing()


def _jpeg(orientation: int, *, order: Order = ">") -> Planted:
    block, jpeg = blocks.exif(order, orientation=orientation), saved(stored(orientation), "JPEG", quality=95)
    return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + block.content), jpeg=jpeg), block.places)


def _jpeg_by_xmp(orientation: int) -> Planted:
    document, jpeg = blocks.xmp(turned=orientation), saved(stored(orientation), "JPEG", quality=95)
    return Planted(jpegs.dressed((0xE1, blocks.XMP_HEADER + document.content), jpeg=jpeg), document.places)


def _png(orientation: int) -> Planted:
    block, png = blocks.exif("<", orientation=orientation), saved(stored(orientation), "PNG")
    return Planted(png[:33] + pngs.chunk(b"eXIf", block.content) + png[33:], block.places)


def _webp(orientation: int) -> Planted:
    block, webp = blocks.exif("<", orientation=orientation), saved(stored(orientation), "WEBP", lossless=True)
    wide, high = stored(orientation).size
    canvas = b"\x08" + bytes(3) + (wide - 1).to_bytes(3, "little") + (high - 1).to_bytes(3, "little")
    body = webps.chunk(b"VP8X", canvas) + webp[12:] + webps.chunk(b"EXIF", block.content)
    return Planted(webps.riff(body), block.places)


def _tiff(orientation: int, *, order: Order = "<") -> Planted:
    directory = tiffs.picture(stored(orientation))
    directory.add(0x0112, SHORT, orientation)
    return Planted(stream(directory, order), ())


def _heif(form: str, orientation: int) -> Planted:
    """As telephones do it: the picture's properties turn it, and EXIF says so a second time."""
    block, file = blocks.exif(">", orientation=orientation), taken_apart(saved(stored(orientation), form, quality=95))
    for turn in _PROPERTIES[orientation]:
        one = box(b"irot", bytes([turn])) if isinstance(turn, int) else box(b"imir", turn)
        file.describe(one, essential=True)
    file.add(exif_item(block.content), reference=b"cdsc")
    return Planted(file.file(), block.places)


def _heif_by_exif_alone(form: str) -> Planted:
    """In these files only the properties turn a picture; what EXIF says is to be ignored (ISO/IEC 23008-12, 6.5.10)."""
    file = taken_apart(saved(drawing(), form, quality=95))
    file.add(exif_item(blocks.turn(6)), reference=b"cdsc")
    return Planted(file.file(), ())


def _heif_by_xmp_alone(form: str) -> Planted:
    """XMP is no property either."""
    document, file = blocks.xmp(turned=6), taken_apart(saved(drawing(), form, quality=95))
    file.add(xmp_item(document.content), reference=b"cdsc")
    return Planted(file.file(), document.places)


def _odd(value: int, kind: int) -> Planted:
    """An orientation that says nothing."""
    block = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, kind, 1, value, 0, 0)
    return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + block)), ())


TURNED: tuple[Specimen, ...] = (
    *(specimen(f"turned-{turn}.jpg", partial(_jpeg, turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}-little-endian.jpg", partial(_jpeg, turn, order="<")) for turn in _ALL),
    *(specimen(f"turned-{turn}-by-xmp.jpg", partial(_jpeg_by_xmp, turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}.png", partial(_png, turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}.webp", partial(_webp, turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}.tif", partial(_tiff, turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}-big-endian.tif", partial(_tiff, turn, order=">")) for turn in (3, 6)),
    *(specimen(f"turned-{turn}.heic", partial(_heif, "HEIF", turn)) for turn in _ALL),
    *(specimen(f"turned-{turn}.avif", partial(_heif, "AVIF", turn)) for turn in _ALL),
    specimen("turned-by-exif-alone.heic", partial(_heif_by_exif_alone, "HEIF")),
    specimen("turned-by-exif-alone.avif", partial(_heif_by_exif_alone, "AVIF")),
    specimen("turned-by-xmp-alone.heic", partial(_heif_by_xmp_alone, "HEIF")),
    specimen("turned-by-xmp-alone.avif", partial(_heif_by_xmp_alone, "AVIF")),
    *(specimen(f"turned-oddly-{value}.jpg", partial(_odd, value, 3)) for value in (0, 9, 65_535)),
)
