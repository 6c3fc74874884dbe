"""Files of kinds that are not accepted, or not as they are: films, documents, raw pictures, pictures that move, nothing."""

import struct
from functools import partial

from PIL import Image

from tests.corpus import tiffs
from tests.corpus.blocks import box, clip
from tests.corpus.heifs import taken_apart
from tests.corpus.specimens import SIZE, Planted, Specimen, drawing, plain, saved, specimen
from tests.corpus.tiffstream import ASCII, BYTE, LONG, SHORT, stream, text

_QUICKTIME = box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + box(b"wide", b"") + box(b"mdat", bytes(32)) + box(b"moov", bytes(16))
_OLD_QUICKTIME = box(b"mdat", bytes(32)) + box(b"moov", bytes(16))
_MATROSKA = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04B\x85\x81\x02"
_ANIMATION = box(b"ftyp", b"avis" + bytes(4) + b"avifavismif1miaf") + box(b"moov", bytes(16)) + box(b"mdat", bytes(16))
_SEQUENCE = box(b"ftyp", b"hevc" + bytes(4) + b"hevcmif1heic") + box(b"moov", bytes(16)) + box(b"mdat", bytes(16))


def _moving(form: str) -> Planted:
    """A picture of several frames."""
    image = Image.new("RGB", SIZE, (9, 99, 199))
    content = bytearray(saved(drawing(), form, save_all=True, append_images=[image, image.rotate(90)], duration=100))
    for kind in (b"mvhd", b"tkhd", b"mdhd"):  # an AVIF says when it was made
        at = content.find(kind)
        if at > 0:
            content[at + 8 : at + 24] = bytes(16)
    return Planted(bytes(content), ())


def _bytes(content: bytes) -> Planted:
    return Planted(content, ())


def _avi() -> Planted:
    return Planted(b"RIFF" + struct.pack("<I", 64) + b"AVI LIST" + bytes(56), ())


def _wave() -> Planted:
    return Planted(b"RIFF" + struct.pack("<I", 64) + b"WAVEfmt " + bytes(56), ())


def _psd() -> Planted:
    return Planted(b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 64, 96, 8, 3) + bytes(64), ())


def _jxl(*, boxed: bool) -> Planted:
    bare = b"\xff\x0a" + bytes(32)
    return Planted(box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl " + bytes(4) + b"jxl ") + bare if boxed else bare, ())


def _other_frame(marker: int, *, bits: int = 8) -> Planted:
    """A JPEG whose header speaks of another coding, or of finer samples."""
    jpeg = plain("JPEG")
    at = jpeg.index(b"\xff\xc0")
    return Planted(jpeg[:at] + bytes([0xFF, marker]) + jpeg[at + 2 : at + 4] + bytes([bits]) + jpeg[at + 5 :], ())


def _pages() -> Planted:
    directory = tiffs.picture(drawing())
    directory.following = tiffs.picture(Image.new("RGB", SIZE, (9, 99, 199)))
    return Planted(stream(directory, "<"), ())


def _big_tiff() -> Planted:
    return Planted(b"II+\x00\x08\x00\x00\x00" + struct.pack("<QQ", 16, 0) + bytes(64), ())


def _dng() -> Planted:
    """A negative: a small preview first, the sensor's own numbers in a sub-directory."""
    preview = tiffs.picture(drawing())
    preview.add(0x00FE, LONG, 1)
    preview.add(0xC612, BYTE, (1, 4, 0, 0))
    preview.add(0xC614, ASCII, text("Zoo Camera"))
    sensor = tiffs.pixels((bytes(96 * 64 * 2),), SIZE, bits=(16,), photometric=0x8023, rows=64)
    sensor.add(0x00FE, LONG, 0)
    sensor.add(0x828D, SHORT, (2, 2))
    preview.add(0x014A, LONG, sensor)
    return Planted(stream(preview, "<"), ())


def _cr2() -> Planted:
    content = stream(tiffs.picture(drawing()), "<", start=16)
    return Planted(content[:8] + b"CR\x02\x00" + bytes(4) + content[16:], ())


def _cr3() -> Planted:
    return Planted(box(b"ftyp", b"crx " + bytes(4) + b"crx isom") + box(b"moov", bytes(16)), ())


def _heif_of_pictures() -> Planted:
    """Two pictures side by side, one of them the primary one: a burst."""
    other = Image.new("RGB", SIZE, (9, 99, 199))
    return Planted(saved(drawing(), "HEIF", save_all=True, append_images=[other], quality=95), ())


def _neutral_brand() -> Planted:
    file = taken_apart(plain("HEIF"))
    file.brands = b"mif1" + bytes(4) + b"mif1heic"
    return Planted(file.file(), ())


def _renamed(form: str, brand: bytes) -> Planted:
    file = taken_apart(plain(form))
    file.brands = brand + bytes(4) + brand + b"mif1"
    return Planted(file.file(), ())


STRANGERS: tuple[Specimen, ...] = (
    specimen("empty.jpg", partial(_bytes, b"")),
    specimen("one-byte.jpg", partial(_bytes, b"\xff")),
    specimen("two-bytes.jpg", partial(_bytes, b"\xff\xd8")),
    specimen("zeros.jpg", partial(_bytes, bytes(4096))),
    specimen("text.jpg", partial(_bytes, b"Dear parents, this is not a picture.\n")),
    specimen("wide-text.jpg", partial(_bytes, "\ufeffDear parents".encode("utf-16-le"))),
    specimen("document.pdf", partial(_bytes, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")),
    specimen("archive.zip", partial(_bytes, b"PK\x03\x04" + bytes(60))),
    specimen("program.exe", partial(_bytes, b"MZ" + bytes(60))),
    specimen("film.mp4", lambda: Planted(clip().content, clip().places)),
    specimen("film-named.jpg", lambda: Planted(clip().content, clip().places)),
    specimen("film.mov", partial(_bytes, _QUICKTIME)),
    specimen("film-of-old.mov", partial(_bytes, _OLD_QUICKTIME)),
    specimen("film.avi", _avi),
    specimen("film.webm", partial(_bytes, _MATROSKA + bytes(64))),
    specimen("film.mpg", partial(_bytes, b"\x00\x00\x01\xba" + bytes(64))),
    specimen("film.flv", partial(_bytes, b"FLV\x01\x05\x00\x00\x00\x09" + bytes(16))),
    specimen("film.wmv", partial(_bytes, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(64))),
    specimen("film.mts", partial(_bytes, (bytes(4) + b"G" + bytes(187)) * 3)),
    specimen("film.ts", partial(_bytes, (b"G" + bytes(187)) * 7)),
    specimen("sound.wav", _wave),
    specimen("layers.psd", _psd),
    specimen("negative.dng", _dng),
    specimen("negative.cr2", _cr2),
    specimen("negative.cr3", _cr3),
    specimen("negative.raf", partial(_bytes, b"FUJIFILMCCD-RAW 0201" + bytes(64))),
    specimen("negative.rw2", partial(_bytes, b"IIU\x00\x18\x00\x00\x00" + bytes(64))),
    specimen("bare.jxl", partial(_jxl, boxed=False)),
    specimen("boxed.jxl", partial(_jxl, boxed=True)),
    specimen("jpeg-2000.jp2", lambda: Planted(saved(drawing(), "JPEG2000"), ())),
    specimen("jpeg-2000.j2k", lambda: Planted(saved(drawing(), "JPEG2000", no_jp2=True), ())),
    specimen("lossless.jpg", partial(_other_frame, 0xC3)),
    specimen("arithmetic.jpg", partial(_other_frame, 0xC9)),
    specimen("twelve-bit.jpg", partial(_other_frame, 0xC1, bits=12)),
    specimen("icon.ico", lambda: Planted(saved(drawing(), "ICO", sizes=[(32, 32)]), ())),
    specimen("targa.tga", lambda: Planted(saved(drawing(), "TGA"), ())),
    specimen("portable.ppm", lambda: Planted(saved(drawing(), "PPM"), ())),
    specimen("big.tif", _big_tiff),
    specimen("pages.tif", _pages),
    specimen("moving.gif", partial(_moving, "GIF")),
    specimen("moving.png", partial(_moving, "PNG")),
    specimen("moving.webp", partial(_moving, "WEBP")),
    specimen("moving.avif", partial(_moving, "AVIF")),
    specimen("sequence.avif", partial(_bytes, _ANIMATION)),
    specimen("sequence.heic", partial(_bytes, _SEQUENCE)),
    specimen("burst.heic", _heif_of_pictures),
    specimen("neutral-brand.heic", _neutral_brand),
    specimen("avif-named.jpg", lambda: Planted(plain("AVIF"), ())),
    specimen("png-named.jpg", lambda: Planted(plain("PNG"), ())),
    specimen("hevc-called-avif.avif", partial(_renamed, "HEIF", b"avif")),
    specimen("av1-called-heic.heic", partial(_renamed, "AVIF", b"heic")),
)
