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
            piexif.ExifIFD.UserComment: b"ASCII\x00\x00\x00" + CANARY.encode(),
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


def dirty_heic(image: Image.Image | None = None, *, orientation: int = 1) -> bytes:
    clean = saved(
        image or drawing(),
        "HEIF",
        exif=exif(orientation=orientation),
        xmp=xmp(),
        icc_profile=profile(),
        thumbnails=[32],
        quality=80,
    )
    return clean + b"\x00\x00\x00\x17mpvd" + CANARY.encode() + bytes(8) + CANARY.encode()


DIRTY = {"jpeg": dirty_jpeg, "png": dirty_png, "webp": dirty_webp, "heic": dirty_heic}


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
    }
