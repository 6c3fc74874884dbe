"""What cameras and helpful colleagues write into a picture besides its pixels: names, places, serial numbers, thumbnails."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

import piexif
from PIL import Image

_EXIF_DATE: Final = "%Y:%m:%d %H:%M:%S"
_LATITUDE: Final = ((50, 1), (12, 1), (3450, 100))
_LONGITUDE: Final = ((7, 1), (6, 1), (5430, 100))
"""A spot in the Celtic Sea, far from any school."""
_THUMBNAIL: Final = (160, 120)
_UNMISTAKABLE: Final = 6
"""A shorter byte string may turn up in pixels by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A device as it names itself. ``serial`` is "" where the device writes none."""

    make: str
    model: str
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """The circumstances of one picture. ``orientation`` is the Exif value, 1 to 8; ``names`` are pupils' full names."""

    key: str
    names: tuple[str, ...]
    camera: Camera
    taken_at: datetime
    orientation: int

    def canary(self, place: str) -> str:
        """A text that occurs nowhere but in that place of that picture."""
        return f"canary-{self.key}-{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of metadata, and byte strings in it that MUST NOT be found in a clean image."""

    content: bytes
    planted: tuple[bytes, ...]


def exif(shot: Shot, upright: Image.Image) -> Block:
    """Exif with maker, owner, serial number, place, comment, maker note, Windows keywords and a thumbnail of its own."""
    every = {
        "0th": _about_the_picture(shot),
        "Exif": _about_the_shot(shot),
        "GPS": _about_the_place(shot),
        "1st": {piexif.ImageIFD.Compression: 6},
        "thumbnail": _thumbnail(shot, upright),
    }
    canaries = (shot.canary(where) for where in ("description", "owner", "maker-note", "place", "thumbnail"))
    device = (word for word in (shot.camera.make, shot.camera.model, shot.camera.serial) if len(word) >= _UNMISTAKABLE)
    return Block(
        content=piexif.dump(every),
        planted=(
            *(text.encode() for text in (*canaries, *device, shot.names[-1])),
            _comment(shot),
            _keywords(shot),
            *(struct.pack(">6I", *(number for ratio in degrees for number in ratio)) for degrees in (_LATITUDE, _LONGITUDE)),
        ),
    )


def xmp(shot: Shot) -> Block:
    """XMP with a named region for every face, the names as subjects, as people shown and as a photo manager's tags."""
    names = [escape(name) for name in shot.names]
    bag = "".join(f"<rdf:li>{name}</rdf:li>" for name in names)
    tags = "".join(f"<rdf:li>People/{name}</rdf:li>" for name in names)
    regions = "".join(_region(name, (place + 0.5) / len(names)) for place, name in enumerate(names))
    content = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:digiKam="http://www.digikam.org/ns/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
        ' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">'
        f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{shot.canary("region")}</rdf:li></rdf:Alt></dc:description>'
        f"<digiKam:TagsList><rdf:Seq>{tags}</rdf:Seq></digiKam:TagsList>"
        f"<Iptc4xmpExt:PersonInImage><rdf:Bag>{bag}</rdf:Bag></Iptc4xmpExt:PersonInImage>"
        f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>{regions}</rdf:Bag></mwg-rs:RegionList>'
        "</mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )
    return Block(content=content.encode(), planted=(shot.canary("region").encode(), *(name.encode() for name in names)))


def iptc(shot: Shot) -> Block:
    """IPTC with a caption and one keyword a name, in the resource that photo editors keep it in."""
    caption = f"{shot.canary('caption')}: {', '.join(shot.names)}".encode()
    sets = [(1, 90, b"\x1b%G"), (2, 120, caption), *((2, 25, name.encode()) for name in shot.names)]
    records = b"".join(struct.pack(">BBBH", 0x1C, record, number, len(text)) + text for record, number, text in sets)
    padded = records + b"\0" * (len(records) % 2)
    content = b"Photoshop 3.0\x008BIM" + struct.pack(">H2xI", 0x0404, len(records)) + padded
    return Block(content=content, planted=(caption, shot.names[0].encode()))


def remark(shot: Shot, place: str) -> Block:
    """A sentence with a name in it, for wherever a format has room for one."""
    content = f"{shot.canary(place)} {shot.names[0]}".encode()
    return Block(content=content, planted=(content,))


def jpeg(pixels: bytes, segments: Sequence[tuple[int, bytes]], trailer: bytes) -> bytes:
    """Put segments (marker, content) behind the first one of a JPEG file, and ``trailer`` behind its end."""
    (length,) = struct.unpack_from(">H", pixels, 4)
    start = 4 + length
    inserted = b"".join(struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in segments)
    return pixels[:start] + inserted + pixels[start:] + trailer


def _about_the_picture(shot: Shot) -> dict[int, object]:
    return {
        piexif.ImageIFD.Make: shot.camera.make,
        piexif.ImageIFD.Model: shot.camera.model,
        piexif.ImageIFD.Orientation: shot.orientation,
        piexif.ImageIFD.DateTime: shot.taken_at.strftime(_EXIF_DATE),
        piexif.ImageIFD.ImageDescription: shot.canary("description"),
        piexif.ImageIFD.Artist: shot.names[-1].encode(),
        piexif.ImageIFD.XPKeywords: _keywords(shot),
    }


def _about_the_shot(shot: Shot) -> dict[int, object]:
    tags: dict[int, object] = {
        piexif.ExifIFD.DateTimeOriginal: shot.taken_at.strftime(_EXIF_DATE),
        piexif.ExifIFD.CameraOwnerName: shot.canary("owner"),
        piexif.ExifIFD.MakerNote: b"LMZ\0" + shot.canary("maker-note").encode() + bytes(range(64)),
        piexif.ExifIFD.UserComment: b"UNICODE\0" + _comment(shot),
    }
    if shot.camera.serial:
        tags[piexif.ExifIFD.BodySerialNumber] = shot.camera.serial
    return tags


def _about_the_place(shot: Shot) -> dict[int, object]:
    return {
        piexif.GPSIFD.GPSLatitudeRef: "N",
        piexif.GPSIFD.GPSLatitude: _LATITUDE,
        piexif.GPSIFD.GPSLongitudeRef: "W",
        piexif.GPSIFD.GPSLongitude: _LONGITUDE,
        piexif.GPSIFD.GPSAreaInformation: b"ASCII\0\0\0" + shot.canary("place").encode(),
    }


def _comment(shot: Shot) -> bytes:
    """A pupil's name, in the byte order of the Exif around it."""
    return shot.names[0].encode("utf-16-be")


def _keywords(shot: Shot) -> bytes:
    """All the names, as Windows writes its own keywords."""
    return ";".join(shot.names).encode("utf-16-le")


def _thumbnail(shot: Shot, upright: Image.Image) -> bytes:
    small = upright.resize(_THUMBNAIL, Image.Resampling.NEAREST)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=50, comment=shot.canary("thumbnail").encode())
    return out.getvalue()


def _region(name: str, x: float) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<mwg-rs:Name>{name}</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
        f'<mwg-rs:Area stArea:x="{x:.3f}" stArea:y="0.5" stArea:w="0.08" stArea:h="0.1" stArea:unit="normalized"/>'
        "</rdf:li>"
    )
