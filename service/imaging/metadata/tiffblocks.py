"""Where TIFF and BMP files keep their metadata: in the directory of the page, in further directories, and in gaps."""

from service.imaging.containers.layout import Layout, Part
from service.imaging.metadata.removed import Blocks, RemovedKind, Unreadable
from service.imaging.metadata.tiffexif import EXIF_IN_FULL, exif_of_page

_XMP, _IPTC, _PHOTOSHOP, _PROFILE, _CREDENTIALS = "700", "33723", "34377", "34675", "52545"
_COUNTED = {
    _PROFILE: RemovedKind.ICC_PROFILE,
    _CREDENTIALS: RemovedKind.CONTENT_CREDENTIALS,
    "thumbnail": RemovedKind.THUMBNAIL,
    "preview": RemovedKind.EMBEDDED_PICTURE,
}
_PLACES = {"33550", "33920", "33922", "34264", "34735", "34736", "34737"}
"""GeoTIFF: where on Earth the pixels are."""


def tiff_blocks(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    """Cut out and count the metadata of a TIFF file. The page's directory is its EXIF block, if it says anything but pixels."""
    for part in layout.parts:
        match part.name:
            case "page":
                _exif(part, untrusted, blocks)
            case name if name in _COUNTED:
                blocks.counts[_COUNTED[name]] += 1
            case name if name == _XMP:
                blocks.xmp.append(part.of(untrusted))
            case name if name == _IPTC:
                blocks.iptc.append(part.of(untrusted))
            case name if name == _PHOTOSHOP:
                blocks.photoshop.append(part.of(untrusted))
            case name if name.isdecimal() and int(name) in EXIF_IN_FULL:
                pass  # in the EXIF block
            case name:
                blocks.counts[RemovedKind.OTHER] += 1
                blocks.counts[RemovedKind.GPS] += name in _PLACES


def bmp_blocks(layout: Layout, blocks: Blocks) -> None:
    """Count what a BMP file holds beside its pixels."""
    for part in layout.parts:
        match part.name:
            case "pixels":
                pass
            case "profile":
                blocks.counts[RemovedKind.ICC_PROFILE] += 1
            case _:
                blocks.counts[RemovedKind.OTHER] += 1


def _exif(page: Part, untrusted: bytes, blocks: Blocks) -> None:
    try:
        block = exif_of_page(untrusted, page.start)
    except Unreadable:
        blocks.counts[RemovedKind.EXIF] += 1
        blocks.readable = False
    else:
        if block:
            blocks.exif.append(block)
