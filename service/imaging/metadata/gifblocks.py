"""Where GIF files keep their metadata: comments, plain text, and blocks of applications."""

from service.imaging.containers.gif import PROFILE, joined
from service.imaging.containers.layout import Layout
from service.imaging.metadata.people import PersonPlace
from service.imaging.metadata.removed import Blocks, RemovedKind
from service.imaging.metadata.text import decoded

_XMP, _CREDENTIALS = b"XMP DataXMP", b"C2PA_GIF"
_MAGIC_TRAILER = bytes([1, *range(255, -1, -1), 0])
"""Behind an XMP document, which is written without sub-blocks: wherever a reader of sub-blocks lands in it, it finds the end."""


def gif_blocks(layout: Layout, untrusted: bytes, blocks: Blocks) -> None:
    """Cut out and count the metadata of a GIF file."""
    for part in layout.parts:
        match part.name:
            case "picture" | "control":
                pass
            case "comment":
                blocks.counts[RemovedKind.COMMENT] += 1
                blocks.people.add(PersonPlace.COMMENT, decoded(joined(part.of(untrusted))))
            case "plain-text":
                blocks.counts[RemovedKind.TEXT_CHUNKS] += 1
            case "application":
                _application(part.of(untrusted), blocks)
            case _:
                blocks.counts[RemovedKind.OTHER] += 1


def _application(body: bytes, blocks: Blocks) -> None:
    """One block of an application, which names itself in the first sub-block."""
    name = body[1:12]
    if name == _XMP:
        document = body[12:]
        # The last byte of the trailer is the empty sub-block, which ends the part. Some programs do write sub-blocks.
        raw = document.endswith(_MAGIC_TRAILER[:-1])
        blocks.xmp.append(document[: 1 - len(_MAGIC_TRAILER)] if raw else joined(document))
    elif name == PROFILE:
        blocks.counts[RemovedKind.ICC_PROFILE] += 1
    elif name.startswith(_CREDENTIALS):
        blocks.counts[RemovedKind.CONTENT_CREDENTIALS] += 1
    else:
        blocks.counts[RemovedKind.OTHER] += 1
