"""What a file says about itself: read for the tests, from whole files or from one block in an otherwise plain JPEG."""

from service.imaging import Provenance, RemovedKind
from service.imaging.provenance import read_provenance
from service.imaging.sniff import look
from tests.service.imaging.dirty import drawing, saved, with_segments

PLAIN = saved(drawing(), "JPEG")
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\x00"


def said(untrusted: bytes) -> Provenance:
    kind, layout = look(untrusted)
    return read_provenance(kind, layout, untrusted)


def said_by_exif(block: bytes) -> Provenance:
    return said(with_segments(PLAIN, (0xE1, b"Exif\x00\x00" + block)))


def said_by_xmp(document: bytes) -> Provenance:
    return said(with_segments(PLAIN, (0xE1, XMP_HEADER + document)))


def said_by_photoshop(stream: bytes) -> Provenance:
    return said(with_segments(PLAIN, (0xED, b"Photoshop 3.0\x00" + stream)))


def counts(provenance: Provenance) -> dict[RemovedKind, int]:
    return {removed.kind: removed.count for removed in provenance.removed}
