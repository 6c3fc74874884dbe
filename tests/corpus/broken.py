"""Files that are cut off, and files whose headers lie about how much is to come."""

import struct
import zlib
from functools import partial

from tests.corpus import blocks, gifs, jpegs, pngs, tiffs, webps
from tests.corpus.blocks import box
from tests.corpus.heifs import Item, exif_item, full, taken_apart, xmp_item
from tests.corpus.specimens import BLACK, SIZE, Planted, Specimen, drawing, plain, saved, specimen
from tests.corpus.tiffstream import LONG, SHORT, UNDEFINED, Directory, Placed, stream

_PARTS = 12
_KINDS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "heic": "HEIF",
    "avif": "AVIF",
    "gif": "GIF",
    "tif": "TIFF",
    "bmp": "BMP",
}
_HUGE = 60_000


def _whole(ending: str) -> bytes:
    match ending:
        case "jpg":
            return jpegs.dressed((0xE1, jpegs.EXIF_HEADER + blocks.exif(">").content))
        case "gif":
            return gifs.gif()
        case _:
            return plain(_KINDS[ending])


def _cut(ending: str, part: int) -> Planted:
    content = _whole(ending)
    return Planted(content[: len(content) * part // _PARTS], ())


def _less(ending: str, count: int) -> Planted:
    return Planted(_whole(ending)[:-count], ())


def _bytes(content: bytes) -> Planted:
    return Planted(content, ())


def _jpeg_of_size(wide: int, high: int) -> Planted:
    jpeg = plain("JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    return Planted(jpeg[:at] + struct.pack(">HH", high, wide) + jpeg[at + 4 :], ())


def _jpeg_of_many(count: int, marker: int) -> Planted:
    return Planted(jpegs.dressed(*([(marker, b"zoo")] * count)), ())


def _jpeg_of_scans(count: int) -> Planted:
    """A progressive picture that is refined again and again: each scan costs a pass over the whole picture."""
    jpeg = saved(drawing(), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return Planted(jpeg[:-2] + jpeg[last:-2] * count + b"\xff\xd9", ())


def _png_of_size(wide: int, high: int) -> Planted:
    return Planted(
        pngs.SIGNATURE + pngs.header(wide, high) + pngs.chunk(b"IDAT", zlib.compress(bytes(999))) + pngs.chunk(b"IEND", b""), ()
    )


def _png_text_bomb(kind: bytes, head: bytes, *, megabytes: int = 30) -> Planted:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()
    return Planted(pngs.dressed((kind, head + packed)), ())


def _png_of_chunks(count: int) -> Planted:
    png, empty = plain("PNG"), pngs.chunk(b"tEXt", b"a\x00")
    return Planted(png[:33] + empty * count + png[33:], ())


def _png_pixel_bomb() -> Planted:
    """Few rows by the header, many in the stream."""
    stream_of_rows = zlib.compress(bytes(30_000_000), 9)
    return Planted(pngs.SIGNATURE + pngs.header(*SIZE) + pngs.chunk(b"IDAT", stream_of_rows) + pngs.chunk(b"IEND", b""), ())


def _webp_claim() -> Planted:
    """Thirty-four bytes that claim 16383 x 16383 pixels."""
    bits = (16_382 | 16_382 << 14).to_bytes(4, "little")
    return Planted(webps.riff(webps.chunk(b"VP8L", b"\x2f" + bits + bytes(9))), ())


def _webp_canvas() -> Planted:
    canvas = bytes(4) + (16_383).to_bytes(3, "little") * 2
    return Planted(webps.riff(webps.chunk(b"VP8X", canvas) + plain("WEBP")[12:]), ())


def _heif_of_size(form: str, side: int) -> Planted:
    file = taken_apart(plain(form))
    file.properties = [full(b"ispe", struct.pack(">II", side, side)) if b"ispe" in one[:8] else one for one in file.properties]
    return Planted(file.file(), ())


def _heif_grid(form: str) -> Planted:
    """A picture said to be put together from 256 x 256 others, all of them the same one."""
    file = taken_apart(plain(form))
    size = full(b"ispe", struct.pack(">II", 24_576, 16_384))
    file.properties.append(size)
    grid = Item(kind=b"grid", rest=b"\x00", content=struct.pack(">BBBBII", 0, 1, 255, 255, 24_576, 16_384))
    grid.properties = [(len(file.properties), False)]
    tile = file.items[1]
    file.items = {1: grid, 2: tile}
    file.references.append((b"dimg", 1, 2))
    return Planted(file.file(), ())


def _heif_deep(form: str) -> Planted:
    content = b""
    for _ in range(3_000):
        content = box(b"moof", content)
    file = taken_apart(plain(form))
    file.before = content
    return Planted(file.file(), ())


def _heif_deep_in_meta() -> Planted:
    content = b""
    for _ in range(3_000):
        content = full(b"meta", content)
    return Planted(box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + content, ())


def _heif_of_items(form: str) -> Planted:
    file = taken_apart(plain(form))
    for _ in range(2_000):
        file.add(xmp_item(b"<a/>"))
    return Planted(file.file(), ())


def _heif_circle(form: str) -> Planted:
    """A thumbnail of a thumbnail of itself."""
    file = taken_apart(plain(form))
    file.references += [(b"thmb", 1, 1), (b"auxl", 1, 1)]
    return Planted(file.file(), ())


def _heif_exif_far_away(form: str) -> Planted:
    file = taken_apart(plain(form))
    item = exif_item(blocks.turn(1))
    item.content = b"\xff\xff\xff\xff" + item.content[4:]
    file.add(item, reference=b"cdsc")
    return Planted(file.file(), ())


def _tiff(*, wide: int, high: int, strip: int = 1_000, strips: int = 1) -> Planted:
    directory = tiffs.pixels((bytes(1_000),) * strips, (wide, high), bits=(8, 8, 8), photometric=2, rows=high)
    directory.entries = [entry for entry in directory.entries if entry[0] != 0x0117]
    directory.add(0x0117, LONG, (strip,) * strips)
    return Planted(stream(directory, "<"), ())


def _tiff_claim() -> Planted:
    """A strip that is said to be four gigabytes long."""
    return _tiff(wide=96, high=64, strip=0xFFFFFFFF)


def _tiff_packed_bomb() -> Planted:
    directory = tiffs.pixels((zlib.compress(bytes(30_000_000), 9),), SIZE, bits=(8, 8, 8), photometric=2, rows=SIZE[1])
    directory.entries = [(tag, kind, (8,) if tag == 0x0103 else value) for tag, kind, value in directory.entries]
    return Planted(stream(directory, "<"), ())


def _tiff_circle() -> Planted:
    """A directory that is followed by itself."""
    content = stream(tiffs.picture(drawing()), "<")
    at = 8 + 2 + 12 * int.from_bytes(content[8:10], "little")
    return Planted(content[:at] + struct.pack("<I", 8) + content[at + 4 :], ())


def _tiff_sub_circle() -> Planted:
    """A sub-directory that is the directory itself."""
    directory = tiffs.picture(drawing())
    directory.add(0x014A, LONG, 8)
    return Planted(stream(directory, "<"), ())


def _tiff_of_entries() -> Planted:
    directory = tiffs.picture(drawing())
    for tag in range(0xA500, 0xC000):
        directory.add(tag, SHORT, 1)
    return Planted(stream(directory, "<"), ())


def _tiff_far_away() -> Planted:
    return Planted(b"II*\x00\xf0\xff\xff\xff" + bytes(64), ())


def _gif_canvas() -> Planted:
    content = gifs.gif()
    return Planted(content[:6] + struct.pack("<HH", _HUGE, _HUGE) + content[10:], ())


def _gif_frame() -> Planted:
    """A picture that is larger than its screen."""
    content = gifs.gif()
    at = content.index(b"\x2c", 13 + 768) + 5
    return Planted(content[:at] + struct.pack("<HH", _HUGE, _HUGE) + content[at + 4 :], ())


def _gif_of_blocks() -> Planted:
    return Planted(gifs.gif(*([gifs.extension(0xFE, b"zoo")] * 20_000)), ())


def _bmp_of_size(wide: int, high: int) -> Planted:
    content = gifs.bmp()
    return Planted(content[:18] + struct.pack("<ii", wide, high) + content[26:], ())


def _bmp_runs() -> Planted:
    """Run-length coding that goes on for ever in one place."""
    runs = b"\x00\x02\x00\x00" * 2_000 + b"\x00\x01"
    head = struct.pack("<IiiHHIIiiII", 40, *SIZE, 1, 8, 1, len(runs), 0, 0, 0, 0)
    return Planted(gifs.bmp(header=head, gap=bytes(1024))[: 14 + 40 + 1024] + runs, ())


def _exif_circle() -> Planted:
    """Directories that point to each other."""
    body = b"MM\x00*" + struct.pack(">IHHHIII", 8, 1, 0x8769, LONG, 1, 8, 8)
    return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + body)), ())


def _exif_claim() -> Planted:
    body = b"MM\x00*" + struct.pack(">IHHHIII", 8, 1, 0x010F, 2, 0xFFFFFFFF, 8, 0)
    return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + body)), ())


def _exif_private_far_away() -> Planted:
    directory = Directory()
    directory.add(0xFDE8, UNDEFINED, Placed((b"zoo",)))
    return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + stream(directory, ">")[:-2])), ())


def _xmp_laughs() -> Planted:
    entities = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    document = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'.encode() + blocks.bare_xmp("&l9;")
    return Planted(jpegs.dressed((0xE1, blocks.XMP_HEADER + document)), ())


def _xmp_deep() -> Planted:
    document = blocks.bare_xmp("<a>" * 5_000 + "</a>" * 5_000)
    return Planted(jpegs.dressed((0xE1, blocks.XMP_HEADER + document)), ())


def _extended_hole() -> Planted:
    """Extended XMP that claims four gigabytes and has one piece from the middle."""
    piece = blocks.EXTENDED_HEADER + b"A" * 32 + struct.pack(">II", 0xFFFFFFF0, 0x7FFFFFFF) + b"zoo"
    return Planted(jpegs.dressed((0xE1, piece)), ())


CUTS: tuple[Specimen, ...] = (
    *(
        specimen(f"cut-at-{part:02}-of-{_PARTS}.{ending}", partial(_cut, ending, part))
        for ending in _KINDS
        for part in range(1, _PARTS)
    ),
    *(specimen(f"cut-by-{count}.{ending}", partial(_less, ending, count)) for ending in _KINDS for count in (1, 2)),
)
BOMBS: tuple[Specimen, ...] = (
    specimen("jpeg-of-65500.jpg", partial(_jpeg_of_size, 65_500, 65_500)),
    specimen("jpeg-of-7700.jpg", partial(_jpeg_of_size, 7_700, 7_700)),
    specimen("jpeg-of-no-height.jpg", partial(_jpeg_of_size, 96, 0)),
    specimen("jpeg-taller-than-its-pixels.jpg", partial(_jpeg_of_size, 96, 4_000), look=None),
    specimen("jpeg-of-6000-comments.jpg", partial(_jpeg_of_many, 6_000, 0xFE)),
    specimen("jpeg-of-4000-comments.jpg", partial(_jpeg_of_many, 4_000, 0xFE)),
    specimen("jpeg-of-200-scans.jpg", partial(_jpeg_of_scans, 200)),
    specimen("png-of-60000.png", partial(_png_of_size, _HUGE, _HUGE)),
    specimen("png-of-2-31.png", partial(_png_of_size, 0x7FFFFFFF, 1)),
    specimen("png-of-nothing.png", partial(_png_of_size, 0, 64)),
    specimen("png-text-bomb.png", partial(_png_text_bomb, b"zTXt", b"Comment\x00\x00")),
    specimen("png-xmp-bomb.png", partial(_png_text_bomb, b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00")),
    specimen("png-profile-bomb.png", partial(_png_text_bomb, b"iCCP", b"zoo\x00\x00")),
    specimen("png-pixel-bomb.png", _png_pixel_bomb, look=BLACK),
    specimen("png-of-50000-chunks.png", partial(_png_of_chunks, 50_000)),
    specimen("png-of-5000-chunks.png", partial(_png_of_chunks, 5_000)),
    specimen("webp-of-34-bytes.webp", _webp_claim),
    specimen("webp-of-huge-canvas.webp", _webp_canvas),
    specimen("heic-of-100000.heic", partial(_heif_of_size, "HEIF", 100_000)),
    specimen("avif-of-100000.avif", partial(_heif_of_size, "AVIF", 100_000)),
    specimen("heic-of-4000.heic", partial(_heif_of_size, "HEIF", 4_000)),
    specimen("avif-of-4000.avif", partial(_heif_of_size, "AVIF", 4_000), look=None),
    specimen("heic-grid.heic", partial(_heif_grid, "HEIF")),
    specimen("avif-grid.avif", partial(_heif_grid, "AVIF")),
    specimen("heic-of-deep-boxes.heic", partial(_heif_deep, "HEIF")),
    specimen("avif-of-deep-boxes.avif", partial(_heif_deep, "AVIF")),
    specimen("heic-of-deep-meta.heic", _heif_deep_in_meta),
    specimen("heic-of-2000-items.heic", partial(_heif_of_items, "HEIF")),
    specimen("avif-of-2000-items.avif", partial(_heif_of_items, "AVIF")),
    specimen("heic-circle.heic", partial(_heif_circle, "HEIF")),
    specimen("heic-exif-far-away.heic", partial(_heif_exif_far_away, "HEIF")),
    specimen("tiff-of-60000.tif", partial(_tiff, wide=_HUGE, high=_HUGE)),
    specimen("tiff-of-huge-strip.tif", _tiff_claim),
    specimen("tiff-pixel-bomb.tif", _tiff_packed_bomb, look=BLACK),
    specimen("tiff-circle.tif", _tiff_circle),
    specimen("tiff-sub-circle.tif", _tiff_sub_circle),
    specimen("tiff-of-6900-entries.tif", _tiff_of_entries),
    specimen("tiff-far-away.tif", _tiff_far_away),
    specimen("gif-of-huge-canvas.gif", _gif_canvas),
    specimen("gif-of-huge-frame.gif", _gif_frame),
    specimen("gif-of-20000-comments.gif", _gif_of_blocks),
    specimen("bmp-of-60000.bmp", partial(_bmp_of_size, _HUGE, _HUGE)),
    specimen("bmp-of-less-than-nothing.bmp", partial(_bmp_of_size, -96, 64)),
    specimen("bmp-runs.bmp", _bmp_runs),
    specimen("exif-circle.jpg", _exif_circle),
    specimen("exif-claim.jpg", _exif_claim),
    specimen("exif-cut-off.jpg", _exif_private_far_away),
    specimen("xmp-laughs.jpg", _xmp_laughs),
    specimen("xmp-deep.jpg", _xmp_deep),
    specimen("xmp-hole.jpg", _extended_hole),
    specimen("postscript-of-55-bytes.jpg", partial(_bytes, b"%!PS\n{0 1 1e9{pop}for}loop % and never comes to an end\n")),
)
