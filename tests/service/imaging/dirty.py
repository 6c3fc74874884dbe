"""Dirty picture files for the tests, made here from nothing: every hiding place holds a canary that must never come out."""

import io
import struct
import zlib

import piexif
import pillow_heif
from PIL import Image, PngImagePlugin

from tests.corpus.profiles import DISPLAY_P3, SRGB_CURVE, Space, rgb_profile

pillow_heif.register_heif_opener()

CANARY = "Zanzibar-Canary"
"""Stands in every block of metadata, in several encodings."""
NAMES = ("Ottoline Quillfeather", "Peregrine Ashdown-Wolfe")
SERIAL = "SN-4711-0815"
LATITUDE = ((51, 1), (28, 1), (40_117, 1000))
SECRETS = tuple(
    text.encode(encoding)
    for text in (CANARY, *NAMES, SERIAL, "2024:06:14", "2024-06-14", "CanaryCam")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
) + tuple(b"".join(struct.pack(order + "II", *part) for part in LATITUDE) for order in "<>")


def drawing(width: int = 96, height: int = 64) -> Image.Image:
    """A picture with something in it."""
    image = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (image, image.transpose(Image.Transpose.FLIP_TOP_BOTTOM), Image.new("L", image.size, 90)))


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def exif(*, orientation: int = 1, thumbnail: bool = True, **more: bytes) -> bytes:
    """An EXIF block with everything in it: device, place, owner, maker note, thumbnail."""
    fields = {
        "0th": {
            piexif.ImageIFD.Make: b"CanaryCam",
            piexif.ImageIFD.Model: b"CanaryCam 9",
            piexif.ImageIFD.Orientation: orientation,
            piexif.ImageIFD.Artist: NAMES[0].encode(),
            piexif.ImageIFD.ImageDescription: CANARY.encode(),
            piexif.ImageIFD.XPKeywords: NAMES[1].encode("utf-16-le"),
            **({piexif.ImageIFD.HostComputer: more["host"]} if "host" in more else {}),
        },
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: b"2024:06:14 10:20:30",
            piexif.ExifIFD.BodySerialNumber: SERIAL.encode(),
            piexif.ExifIFD.CameraOwnerName: NAMES[0].encode(),
            piexif.ExifIFD.UserComment: more.get("comment", b"ASCII\x00\x00\x00" + CANARY.encode()),
            piexif.ExifIFD.MakerNote: CANARY.encode() * 3,
        },
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: LATITUDE,
            piexif.GPSIFD.GPSLongitudeRef: b"W",
            piexif.GPSIFD.GPSLongitude: ((0, 1), (0, 1), (5, 1)),
        },
    }
    if thumbnail:
        small = with_segments(saved(drawing(32, 24), "JPEG"), (0xFE, CANARY.encode()))
        fields |= {"1st": {piexif.ImageIFD.Compression: 6}, "thumbnail": small}
    block: bytes = piexif.dump(fields)
    return block


def tiff(*entries: tuple[int, int, int, bytes], order: str = ">", extra: bytes = b"") -> bytes:
    """A TIFF stream with one directory, written entry by entry: tag, type, count, and four bytes of value or offset.

    ``extra`` stands behind the directory, at offset 14 + 12 * entries.
    """
    mark = b"MM\x00*" if order == ">" else b"II*\x00"
    directory = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    return mark + struct.pack(order + "IH", 8, len(entries)) + directory + bytes(4) + extra


def xmp(body: str = "") -> bytes:
    """An XMP document with faces, keywords, a caption and a place."""
    people = "".join(f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="Face"/></rdf:li>' for name in NAMES)
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/t/Region#" exif:GPSLatitude="51,28.6N">
<mwg-rs:Regions><rdf:Description><mwg-rs:RegionList><rdf:Bag>{people}</rdf:Bag></mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>
<dc:subject><rdf:Bag><rdf:li>{CANARY}</rdf:li><rdf:li>{NAMES[0]}</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{CANARY}</rdf:li></rdf:Alt></dc:description>{body}
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def iptc() -> bytes:
    """IPTC records: a caption and two keywords."""
    fields = [(120, CANARY), (25, NAMES[0]), (25, NAMES[1])]
    return b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text.encode() for number, text in fields)


def resources(body: bytes | None = None, *, number: int = 0x0404) -> bytes:
    """A stream of one Photoshop image resource."""
    content = iptc() if body is None else body
    return b"8BIM" + struct.pack(">H2sI", number, b"\x00\x00", len(content)) + content + bytes(len(content) % 2)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """The JPEG with more segments behind its start."""
    return jpeg[:2] + b"".join(segment(*one) for one in segments) + jpeg[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """The PNG with more chunks behind its header."""
    return png[:33] + b"".join(chunk(*one) for one in chunks) + png[33:]


def extended_xmp(document: bytes, *, piece: int = 400) -> list[tuple[int, bytes]]:
    """The segments of an extended XMP document."""
    return [
        (
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\x00"
            + b"D" * 32
            + struct.pack(">II", len(document), at)
            + document[at : at + piece],
        )
        for at in range(0, len(document), piece)
    ]


def profile(
    red: tuple[float, float, float] = DISPLAY_P3.red,
    green: tuple[float, float, float] = DISPLAY_P3.green,
    blue: tuple[float, float, float] = DISPLAY_P3.blue,
) -> bytes:
    """An ICC profile from primaries (XYZ, D50) with the sRGB curve; without arguments, Display P3. Its name is a canary."""
    return rgb_profile(Space(red=red, green=green, blue=blue, curve=SRGB_CURVE), name=CANARY, holder=CANARY)


def dirty_jpeg(image: Image.Image | None = None, *, orientation: int = 1, **options: object) -> bytes:
    """A JPEG with every block that we know, and bytes behind its end."""
    clean = saved(image or drawing(), "JPEG", icc_profile=profile(), comment=CANARY, **options)
    return (
        with_segments(
            clean,
            (0xE1, exif(orientation=orientation)),
            (0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp()),
            *extended_xmp(xmp()),
            (0xED, b"Photoshop 3.0\x00" + resources()),
            (0xE2, b"MPF\x00" + CANARY.encode()),
            (0xEB, CANARY.encode()),
        )
        + saved(drawing(16, 16), "JPEG", comment=CANARY)
        + CANARY.encode()
    )


def dirty_png(image: Image.Image | None = None) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", NAMES[0])
    texts.add_text("Comment", CANARY, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp().decode())
    texts.add_text("Raw profile type iptc", f"\niptc\n{len(resources())}\n{resources().hex()}\n", zip=True)
    clean = saved(image or drawing(), "PNG", pnginfo=texts, icc_profile=profile(), exif=exif())
    return with_chunks(clean, (b"tIME", bytes(7)), (b"prVt", CANARY.encode())) + CANARY.encode()


def dirty_webp(image: Image.Image | None = None) -> bytes:
    clean = saved(image or drawing(), "WEBP", exif=exif(), xmp=xmp(), icc_profile=profile())
    body = clean[12:] + b"ZANZ" + struct.pack("<I", len(CANARY)) + CANARY.encode() + bytes(len(CANARY) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + CANARY.encode()


def dirty_heic(image: Image.Image | None = None, *, orientation: int = 1, quality: int = 80) -> bytes:
    clean = saved(
        image or drawing(),
        "HEIF",
        exif=exif(orientation=orientation),
        xmp=xmp(),
        icc_profile=profile(),
        thumbnails=[32],
        quality=quality,
    )
    return clean + b"\x00\x00\x00\x17mpvd" + CANARY.encode() + bytes(8) + CANARY.encode()


def dirty_avif(image: Image.Image | None = None, *, orientation: int = 1) -> bytes:
    clean = saved(
        image or drawing(), "AVIF", exif=exif(orientation=orientation), xmp=xmp(), icc_profile=profile(), quality=90, speed=10
    )
    claims = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + CANARY.encode()
    return clean + struct.pack(">I", len(claims) + 8) + b"uuid" + claims + bytes(8) + CANARY.encode()


def sub_blocks(content: bytes) -> bytes:
    """Content of a GIF extension: pieces with a length in front, and an empty one."""
    pieces = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"


def extension(label: int, *content: bytes, raw: bytes = b"") -> bytes:
    """A GIF extension: sub-blocks, or one sub-block and then ``raw``, which ends itself."""
    first = b"".join(bytes([len(one)]) + one for one in content[:1])
    return bytes([0x21, label]) + first + (raw or b"".join(sub_blocks(one)[:-1] for one in content[1:]) + b"\x00")


def with_extensions(gif: bytes, *extensions: bytes) -> bytes:
    """The GIF with more extensions behind its colour table."""
    at = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    return gif[:at] + b"".join(extensions) + gif[at:]


def dirty_gif(image: Image.Image | None = None) -> bytes:
    clean = saved((image or drawing()).quantize(64), "GIF", comment=CANARY.encode())
    magic = bytes([1, *range(255, -1, -1), 0])
    return (
        with_extensions(
            clean,
            extension(0xFF, b"NETSCAPE2.0", b"\x01\x00\x00"),
            extension(0xFF, b"XMP DataXMP", raw=xmp() + magic),
            extension(0xFF, b"ICCRGBG1012", profile()),
            extension(0xFF, b"C2PA_GIF\x01\x00\x00", CANARY.encode()),
            extension(0x01, bytes(12), CANARY.encode()),
            extension(0x99, CANARY.encode()),
        )
        + CANARY.encode()
    )


def dirty_tiff(image: Image.Image | None = None, *, orientation: int = 1, order: str = "<", **options: object) -> bytes:
    """A TIFF with everything in its directory, a thumbnail page, a preview below, and bytes in gaps."""
    clean = saved(image or drawing(), "TIFF", **options)
    return redirected(big_endian(clean) if order == ">" else clean, order=order, orientation=orientation)


def big_endian(tiff: bytes) -> bytes:
    """The same TIFF of one page in the other byte order. Its samples have eight bits."""
    turned = bytearray(tiff)
    first = struct.unpack_from("<I", tiff, 4)[0]
    count = struct.unpack_from("<H", tiff, first)[0]
    turned[:8] = b"MM\x00*" + struct.pack(">I", first)
    turned[first : first + 2] = struct.pack(">H", count)
    for at in range(first + 2, first + 2 + 12 * count, 12):
        tag, kind, many = struct.unpack_from("<HHI", tiff, at)
        turned[at : at + 8] = struct.pack(">HHI", tag, kind, many)
        form, width = {1: ("B", 1), 2: ("B", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8), 7: ("B", 1)}[kind]
        place = at + 8
        if many * width > 4:
            place = struct.unpack_from("<I", tiff, place)[0]
            turned[at + 8 : at + 12] = struct.pack(">I", place)
        numbers = struct.unpack_from("<" + form * many, tiff, place)
        turned[place : place + many * width] = struct.pack(">" + form * many, *numbers)
    return bytes(turned)


def redirected(clean: bytes, *, order: str = "<", orientation: int = 1) -> bytes:
    """The TIFF with a new directory at its end, which has all entries of the old one and every kind of metadata."""
    number, long = (order + code for code in ("H", "I"))
    first = struct.unpack_from(long, clean, 4)[0]
    count = struct.unpack_from(number, clean, first)[0]
    entries = {struct.unpack_from(number, clean, first + 2 + 12 * i)[0]: clean[first + 2 + 12 * i :][:12] for i in range(count)}
    stream = bytearray(clean + bytes(len(clean) % 2) + b"??" + CANARY.encode().ljust(16, b"?"))

    def directory(found: dict[int, bytes], following: int = 0) -> int:
        start = len(stream)
        stream.extend(
            struct.pack(number, len(found)) + b"".join(found[tag] for tag in sorted(found)) + struct.pack(long, following)
        )
        return start

    def value(tag: int, kind: int, content: bytes) -> bytes:
        width = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[kind]
        if len(content) <= 4:
            return struct.pack(order + "HHI", tag, kind, len(content) // width) + content.ljust(4, b"\x00")
        start = len(stream)
        stream.extend(content + bytes(len(content) % 2))
        return struct.pack(order + "HHII", tag, kind, len(content) // width, start)

    def text(tag: int, content: str, kind: int = 2) -> tuple[int, bytes]:
        return tag, value(tag, kind, content.encode() + b"\x00")

    place = b"".join(struct.pack(order + "II", *part) for part in LATITUDE)
    gps = directory(dict([text(1, "N"), (2, value(2, 5, place))]))
    camera = directory(
        dict(
            [
                text(0x9003, "2024:06:14 10:20:30"),
                text(0xA431, SERIAL),
                text(0xA430, NAMES[0]),
                (0x9286, value(0x9286, 7, b"ASCII\x00\x00\x00" + CANARY.encode())),
                (0x927C, value(0x927C, 7, CANARY.encode() * 3)),
            ]
        )
    )
    small = {tag: entries[tag] for tag in (256, 257, 258, 259, 262, 277) if tag in entries}
    small[254] = value(254, 4, struct.pack(long, 1))
    preview, thumbnail = directory(small), directory(small)
    entries |= dict(
        [
            *(text(271, "CanaryCam"), text(272, "CanaryCam 9"), text(315, NAMES[0]), text(270, CANARY), text(65_000, CANARY)),
            (274, value(274, 3, struct.pack(number, orientation))),
            (0x9C9E, value(0x9C9E, 1, NAMES[1].encode("utf-16-le"))),
            (700, value(700, 1, xmp())),
            (33723, value(33723, 7, iptc())),
            (34377, value(34377, 1, resources())),
            (34675, value(34675, 7, profile())),
            (330, value(330, 4, struct.pack(long, preview))),
            (34665, value(34665, 4, struct.pack(long, camera))),
            (34853, value(34853, 4, struct.pack(long, gps))),
            (52545, value(52545, 7, CANARY.encode())),
        ]
    )
    stream[4:8] = struct.pack(long, directory(entries, thumbnail))
    return bytes(stream) + CANARY.encode()


def dirty_bmp(image: Image.Image | None = None) -> bytes:
    """A BMP in its latest form, with a profile and bytes in every gap."""
    plain = saved(image or drawing(), "BMP")
    width, height = struct.unpack_from("<ii", plain, 18)
    rows, gap, icc = plain[54:], CANARY.encode(), profile()
    start = 14 + 124 + len(gap)
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(rows), 0, 0, 0, 0).ljust(56, b"\x00") + b"DEBM"
    head = head.ljust(112, b"\x00") + struct.pack("<III", 124 + len(gap) + len(rows), len(icc), 0)
    whole = start + len(rows) + len(icc)
    return b"BM" + struct.pack("<I4sI", whole, b"Zanz", start) + head + gap + rows + icc + CANARY.encode()


DIRTY = {
    "jpeg": dirty_jpeg,
    "png": dirty_png,
    "webp": dirty_webp,
    "heic": dirty_heic,
    "gif": dirty_gif,
    "tiff": dirty_tiff,
    "avif": dirty_avif,
    "bmp": dirty_bmp,
}
WITH_EXIF = sorted(DIRTY.keys() - {"gif", "bmp"})
"""The kinds that can hold an EXIF block."""


def plain_files() -> dict[str, bytes]:
    """One small plain picture of each kind, and the variants that are put together differently."""
    image = drawing(48, 32)
    return {
        "jpeg": saved(image, "JPEG"),
        "jpeg-progressive": saved(image, "JPEG", progressive=True),
        "jpeg-restarts": saved(image, "JPEG", restart_marker_blocks=1),
        "jpeg-exif": saved(image, "JPEG", exif=exif()),
        "png": saved(image, "PNG"),
        "png-alpha": saved(image.convert("RGBA"), "PNG"),
        "webp": saved(image, "WEBP"),
        "webp-lossless": saved(image, "WEBP", lossless=True),
        "webp-extended": saved(image, "WEBP", exif=exif(thumbnail=False)),
        "heic": saved(image, "HEIF", quality=50),
        "heic-exif": saved(image, "HEIF", quality=50, exif=exif(thumbnail=False), xmp=xmp()),
        "gif": saved(image.quantize(16), "GIF"),
        "gif-interlaced": saved(image.quantize(16), "GIF", interlace=1),
        "tiff": saved(image, "TIFF"),
        "tiff-big-endian": big_endian(saved(image, "TIFF")),
        "tiff-deflate": saved(image, "TIFF", compression="tiff_adobe_deflate"),
        "tiff-jpeg": saved(image, "TIFF", compression="jpeg"),
        "avif": saved(image, "AVIF", quality=50, speed=10),
        "avif-exif": saved(image, "AVIF", quality=50, speed=10, exif=exif(thumbnail=False), xmp=xmp()),
        "bmp": saved(image, "BMP"),
        "bmp-palette": saved(image.quantize(16), "BMP"),
    }
