"""JPEG files with something in every place where a JPEG can hide it."""

import struct
from functools import partial

from tests.corpus import blocks, profiles
from tests.corpus.canaries import ascii_canary, canary
from tests.corpus.specimens import Planted, Specimen, drawing, plain, saved, small, specimen
from tests.corpus.tiffstream import LONG, UNDEFINED, Directory, Order, stream

EXIF_HEADER = b"Exif\x00\x00"
ICC_HEADER = b"ICC_PROFILE\x00"
PHOTOSHOP_HEADER = b"Photoshop 3.0\x00"
_APP14 = 14
"""Says how the colours are coded: it has a file of its own."""


def segment(marker: int, body: bytes) -> bytes:
    """A marker segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def dressed(*segments: tuple[int, bytes], behind: bytes = b"", jpeg: bytes = b"") -> bytes:
    """A plain JPEG with segments behind its JFIF header, and bytes behind its end."""
    picture = jpeg or plain("JPEG")
    start = 4 + int.from_bytes(picture[4:6], "big")
    return picture[:start] + b"".join(segment(*one) for one in segments) + picture[start:] + behind


def with_icc(icc: bytes, *, jpeg: bytes = b"", piece: int = 65_000) -> bytes:
    """A JPEG with a profile, cut into pieces."""
    pieces = [icc[at : at + piece] for at in range(0, len(icc), piece)]
    numbered = ((0xE2, ICC_HEADER + bytes([number, len(pieces)]) + body) for number, body in enumerate(pieces, start=1))
    return dressed(*numbered, jpeg=jpeg)


def _exif(order: Order) -> Planted:
    block = blocks.exif(order)
    return Planted(dressed((0xE1, EXIF_HEADER + block.content)), block.places)


def _exif_first() -> Planted:
    block, jpeg = blocks.exif(">"), plain("JPEG")
    start = 4 + int.from_bytes(jpeg[4:6], "big")
    return Planted(jpeg[:2] + segment(0xE1, EXIF_HEADER + block.content) + jpeg[start:], block.places)


def _xmp() -> Planted:
    document = blocks.xmp()
    return Planted(dressed((0xE1, blocks.XMP_HEADER + document.content)), document.places)


def _extended() -> Planted:
    segments, jpeg = blocks.extended_xmp(), plain("JPEG")
    return Planted(jpeg[:20] + segments.content + jpeg[20:], segments.places)


def _photoshop() -> Planted:
    resources = blocks.photoshop()
    return Planted(dressed((0xED, PHOTOSHOP_HEADER + resources.content)), resources.places)


def _photoshop_in_pieces() -> Planted:
    resources = blocks.photoshop()
    half = len(resources.content) - 90
    pieces = resources.content[:half], resources.content[half:]
    return Planted(dressed(*((0xED, PHOTOSHOP_HEADER + piece) for piece in pieces)), resources.places)


def _comments() -> Planted:
    words = ascii_canary("comment"), canary("comment-wide").encode("utf-16-le")
    return Planted(dressed(*((0xFE, word) for word in words)), ("comment", "comment-wide"))


def _application(number: int) -> Planted:
    place = f"app{number}"
    return Planted(dressed((0xE0 + number, b"Zoo\x00" + ascii_canary(place))), (place,))


def _adobe() -> Planted:
    return Planted(dressed((0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01" + ascii_canary("app14-tail"))), ("app14-tail",))


def _reserved() -> Planted:
    places = tuple(f"marker-{marker:02x}" for marker in (0xF0, 0xF7, 0xFD))
    pairs = zip((0xF0, 0xF7, 0xFD), places, strict=True)
    return Planted(dressed(*((marker, ascii_canary(place)) for marker, place in pairs)), places)


def _jfif_thumbnail() -> Planted:
    word = ascii_canary("jfif-thumbnail").ljust(48, b"\x00")
    header = b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x04\x04" + word
    jpeg = plain("JPEG")
    return Planted(jpeg[:2] + segment(0xE0, header) + jpeg[20:], ("jfif-thumbnail",))


def _jfxx_thumbnail() -> Planted:
    jpeg = saved(small(), "JPEG", comment=ascii_canary("jfxx-thumbnail"))
    return Planted(dressed((0xE0, b"JFXX\x00\x10" + jpeg)), ("jfxx-thumbnail",))


def _jfxx_palette() -> Planted:
    word = ascii_canary("jfxx-palette").ljust(768, b"\x00")
    return Planted(dressed((0xE0, b"JFXX\x00\x11\x04\x04" + word + bytes(16))), ("jfxx-palette",))


def _icc() -> Planted:
    icc = profiles.with_tail(profiles.rgb_profile(profiles.SRGB), "icc-tail")
    return Planted(with_icc(icc), ("icc-desc", "icc-cprt", "icc-tail"))


def _icc_in_pieces() -> Planted:
    icc = profiles.rgb_profile(profiles.SRGB) + ascii_canary("icc-behind")
    return Planted(with_icc(icc, piece=400), ("icc-desc", "icc-cprt", "icc-behind"))


def _c2pa() -> Planted:
    store = blocks.jumbf()
    half = store.content.index(b"json") - 4
    pieces = enumerate((store.content[:half], store.content[:8] + store.content[half:]), start=1)
    body = [(0xEB, b"JP" + struct.pack(">HI", 1, number) + piece) for number, piece in pieces]
    return Planted(dressed(*body), store.places)


def _c2pa_whole() -> Planted:
    store = blocks.jumbf()
    return Planted(dressed((0xEB, b"JP" + struct.pack(">HI", 1, 1) + store.content)), store.places)


def _second_picture(place: str) -> bytes:
    """A JPEG behind the first, with metadata of its own."""
    inner = (0xE1, EXIF_HEADER + blocks.exif("<").content), (0xFE, ascii_canary(place))
    jpeg = saved(small(), "JPEG")
    return jpeg[:20] + b"".join(segment(*one) for one in inner) + jpeg[20:]


def _mpf(first: bytes, second: bytes, kind: int) -> bytes:
    """The multi-picture directory for two pictures, in front of the rest of the first (CIPA DC-007)."""
    length = len(first) + 4 + 4 + len(_mpf_directory(0, 0, 0, kind))
    body = b"MPF\x00" + _mpf_directory(length, len(second), length - 28, kind)
    return first[:20] + segment(0xE2, body) + first[20:] + second


def _mpf_directory(first: int, second: int, offset: int, kind: int) -> bytes:
    directory = Directory()
    directory.add(0xB000, UNDEFINED, b"0100")
    directory.add(0xB001, LONG, 2)
    entries = struct.pack(">IIIHH", 0x20030000, first, 0, 0, 0) + struct.pack(">IIIHH", kind, second, offset, 0, 0)
    directory.add(0xB002, UNDEFINED, entries)
    directory.add(0xFDE9, UNDEFINED, ascii_canary("mpf-private"))
    return stream(directory, ">")


def _mpo() -> Planted:
    both = _mpf(plain("JPEG"), _second_picture("mpf-second"), 0x00020002)
    return Planted(both, ("mpf-private", "mpf-second", *blocks.exif("<").places))


def _gain_map() -> Planted:
    document = blocks.xmp("<hdrgm:Version>1.0</hdrgm:Version>")
    first = dressed((0xE1, blocks.XMP_HEADER + document.content))
    both = _mpf(first, _second_picture("gain-map"), 0x00000000)
    return Planted(both, ("mpf-private", "gain-map", *document.places, *blocks.exif("<").places))


def _motion_photo() -> Planted:
    clip = blocks.clip()
    document = blocks.xmp(
        "<GCamera:MotionPhoto>1</GCamera:MotionPhoto><GCamera:MotionPhotoVersion>1</GCamera:MotionPhotoVersion>"
        f"<GCamera:MicroVideoOffset>{len(clip.content)}</GCamera:MicroVideoOffset>"
    )
    jpeg = dressed((0xE1, blocks.XMP_HEADER + document.content), behind=clip.content)
    return Planted(jpeg, (*clip.places, *document.places))


def _samsung() -> Planted:
    clip = blocks.clip("samsung")
    named = b"\x00\x00\x30\x0a" + struct.pack("<I", 16) + b"MotionPhoto_Data" + clip.content
    words = b"\x00\x00\x01\x0a" + struct.pack("<I", 10) + b"Image_UTC_" + ascii_canary("samsung-trailer")
    ending = b"SEFH" + struct.pack("<III", 107, 1, len(named)) + b"\x00\x00\x30\x0a" + struct.pack("<II", len(named), len(named))
    tail = named + words + ending + struct.pack("<I", len(ending)) + b"SEFT"
    return Planted(dressed(behind=tail), (*clip.places, "samsung-trailer"))


def _trailer() -> Planted:
    word = ascii_canary("trailer")
    return Planted(dressed(behind=bytes(64) + word), ("trailer",))


def _afcp() -> Planted:
    word = ascii_canary("afcp")
    body = b"AXS!" + struct.pack(">HHI", 1, 1, 0) + b"IPTC" + struct.pack(">II", len(word), 0) + word
    return Planted(dressed(behind=body + b"AXS!" + bytes(8)), ("afcp",))


def _fill_bytes() -> Planted:
    block = blocks.exif("<")
    jpeg = dressed((0xFE, ascii_canary("filled")), (0xE1, EXIF_HEADER + block.content))
    return Planted(jpeg.replace(b"\xff\xfe", b"\xff\xff\xff\xff\xfe", 1), ("filled", *block.places))


def _megabytes_of_fill_bytes() -> Planted:
    jpeg = dressed((0xFE, ascii_canary("filled-up")))
    return Planted(jpeg.replace(b"\xff\xfe", b"\xff" * 3_000_000 + b"\xfe", 1), ("filled-up",))


def _stray_bytes() -> Planted:
    """Bytes that belong to no segment, in front of the tables and behind the scan."""
    jpeg, before = dressed(), ascii_canary("stray") + b"\xff\x00\xff\x02"
    scan = jpeg.rindex(b"\xff\xd9")
    late = segment(0xFE, b"") + ascii_canary("stray-late")
    return Planted(jpeg[:20] + before + jpeg[20:scan] + late + jpeg[scan:], ("stray", "stray-late"))


def _exif_without_end() -> Planted:
    block = blocks.exif(">")
    return Planted(dressed(*[(0xE1, EXIF_HEADER + block.content.ljust(65_000, b"\x00"))] * 100), block.places)


def _between_scans() -> Planted:
    jpeg = saved(drawing(), "JPEG", quality=95, progressive=True)
    second = jpeg.index(b"\xff\xda", jpeg.index(b"\xff\xda") + 2)
    before = jpeg.rindex(b"\xff\xc4", 0, second)
    hidden = segment(0xFE, ascii_canary("between-scans")) + segment(0xEF, ascii_canary("between-scans-app"))
    return Planted(jpeg[:before] + hidden + jpeg[before:], ("between-scans", "between-scans-app"))


def _restarts() -> Planted:
    jpeg = saved(drawing(), "JPEG", quality=95, restart_marker_blocks=2)
    block = blocks.exif(">")
    return Planted(dressed((0xE1, EXIF_HEADER + block.content), jpeg=jpeg), block.places)


def _unused_table() -> Planted:
    word = ascii_canary("unused-table").ljust(64, b"\x01").replace(b"\x00", b"\x01")
    jpeg = plain("JPEG")
    scan = jpeg.index(b"\xff\xda")
    return Planted(jpeg[:scan] + segment(0xDB, b"\x03" + word) + jpeg[scan:], ("unused-table",))


def _everything() -> Planted:
    exif, document, records, store = blocks.exif(">"), blocks.xmp(), blocks.photoshop(), blocks.jumbf()
    icc = profiles.rgb_profile(profiles.SRGB)
    jpeg = dressed(
        (0xE1, EXIF_HEADER + exif.content),
        (0xE1, blocks.XMP_HEADER + document.content),
        (0xED, PHOTOSHOP_HEADER + records.content),
        (0xEB, b"JP" + struct.pack(">HI", 1, 1) + store.content),
        (0xE2, ICC_HEADER + b"\x01\x01" + icc),
        (0xEF, ascii_canary("app15")),
        (0xFE, ascii_canary("comment")),
        behind=_second_picture("mpf-second") + blocks.clip().content,
    )
    words = ("icc-desc", "icc-cprt", "app15", "comment", "mpf-second", *blocks.clip().places)
    return Planted(jpeg, (*exif.places, *document.places, *records.places, *store.places, *words))


def _twice() -> Planted:
    segments = [(0xE1, EXIF_HEADER + blocks.exif(order).content) for order in ("<", ">")]
    return Planted(dressed(*segments), blocks.exif("<").places)


def _contradicting() -> Planted:
    """Two blocks of which nobody can say which one is meant."""
    segments = [(0xE1, EXIF_HEADER + block) for block in (blocks.turn(1), blocks.turn(3))]
    return Planted(dressed(*segments, (0xFE, ascii_canary("contradicting"))), ("contradicting",))


JPEGS: tuple[Specimen, ...] = (
    specimen("jpeg-exif-big-endian.jpg", lambda: _exif(">")),
    specimen("jpeg-exif-little-endian.jpg", lambda: _exif("<")),
    specimen("jpeg-exif-without-jfif.jpg", _exif_first),
    specimen("jpeg-exif-twice.jpg", _twice),
    specimen("jpeg-exif-contradicting.jpg", _contradicting),
    specimen("jpeg-xmp.jpg", _xmp),
    specimen("jpeg-extended-xmp.jpg", _extended),
    specimen("jpeg-photoshop-iptc.jpg", _photoshop),
    specimen("jpeg-photoshop-in-pieces.jpg", _photoshop_in_pieces),
    specimen("jpeg-comments.jpg", _comments),
    *(specimen(f"jpeg-app{number}.jpg", partial(_application, number)) for number in range(16) if number != _APP14),
    specimen("jpeg-app14-tail.jpg", _adobe),
    specimen("jpeg-reserved-markers.jpg", _reserved),
    specimen("jpeg-jfif-thumbnail.jpg", _jfif_thumbnail),
    specimen("jpeg-jfxx-thumbnail.jpg", _jfxx_thumbnail),
    specimen("jpeg-jfxx-palette.jpg", _jfxx_palette),
    specimen("jpeg-icc.jpg", _icc),
    specimen("jpeg-icc-in-pieces.jpg", _icc_in_pieces),
    specimen("jpeg-c2pa.jpg", _c2pa_whole),
    specimen("jpeg-c2pa-in-pieces.jpg", _c2pa),
    specimen("jpeg-mpo.jpg", _mpo),
    specimen("jpeg-gain-map.jpg", _gain_map),
    specimen("jpeg-motion-photo.jpg", _motion_photo),
    specimen("jpeg-samsung-trailer.jpg", _samsung),
    specimen("jpeg-trailer.jpg", _trailer),
    specimen("jpeg-afcp-trailer.jpg", _afcp),
    specimen("jpeg-fill-bytes.jpg", _fill_bytes),
    specimen("jpeg-megabytes-of-fill-bytes.jpg", _megabytes_of_fill_bytes),
    specimen("jpeg-stray-bytes.jpg", _stray_bytes),
    specimen("jpeg-exif-a-hundred-times.jpg", _exif_without_end),
    specimen("jpeg-between-scans.jpg", _between_scans),
    specimen("jpeg-restarts.jpg", _restarts),
    specimen("jpeg-unused-table.jpg", _unused_table),
    specimen("jpeg-everything.jpg", _everything),
)
