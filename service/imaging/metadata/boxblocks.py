"""Where HEIC and AVIF files keep their metadata: items, references and boxes that are not the picture."""

from service.imaging.containers.layout import Layout, Part
from service.imaging.metadata.removed import EXIF_PREFIX, Blocks, RemovedKind

_PIXELS = {"ftyp", "meta", "mdat", "free", "skip", "idat", "clap", "irot", "imir", "nclx"}
_COUNTED = {
    "prof": RemovedKind.ICC_PROFILE,
    "thmb": RemovedKind.THUMBNAIL,
    "auxl": RemovedKind.EMBEDDED_PICTURE,
    "item": RemovedKind.EMBEDDED_PICTURE,
    "mpvd": RemovedKind.MOTION_CLIP,
    "jumb": RemovedKind.CONTENT_CREDENTIALS,
}
_CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""C2PA's mark on a box of its own."""


def box_blocks(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    """Cut out and count the metadata of a HEIC or AVIF file."""
    for part in layout.parts:
        match part.name:
            case name if name in _PIXELS:
                pass
            case "Exif":
                blocks.exif.append(_exif(part, untrusted))
            case "mime":
                blocks.xmp.append(part.of(untrusted))
            case "uuid" if untrusted.startswith(_CREDENTIALS, part.start):
                blocks.counts[RemovedKind.CONTENT_CREDENTIALS] += 1
            case name:
                blocks.counts[_COUNTED.get(name, RemovedKind.OTHER)] += 1


def _exif(part: Part, untrusted: bytes) -> bytes:
    """The TIFF stream of an Exif item, which begins with the distance to it (ISO/IEC 23008-12, A.2.1)."""
    body = part.of(untrusted)
    return body[4 + int.from_bytes(body[:4], "big") :].removeprefix(EXIF_PREFIX)
