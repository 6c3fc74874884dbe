"""What the camera said before it goes: which device, when, whether where and who; and what was removed, by kind and count."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from service.imaging.containers.layout import Layout
from service.imaging.errors import Refusal
from service.imaging.metadata.blocks import blocks_of
from service.imaging.metadata.exif import ExifFacts, read_exif
from service.imaging.metadata.iptc import IptcFacts, read_iptc, read_photoshop
from service.imaging.metadata.removed import Blocks, RemovedKind, Unreadable
from service.imaging.metadata.xmp import XmpFacts, read_xmp
from service.imaging.sniff import Kind

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """So many blocks or fields of one kind were left behind. Says nothing of what they held."""

    kind: RemovedKind
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the file said about itself.

    ``make``, ``model``, ``serial``: at most 64 printable characters, or None if the file does not say. ``taken_at``: the camera's
    own clock, without a zone. ``orientation``: as stated, 1 if not. ``person_tags``: a field that names people, or a list of
    keywords, was filled. ``readable``: False if any block of metadata could not be read; then every other fact may be missing
    something, and the caller MUST hold the picture (an unreadable block never means "nobody" or "no place").
    """

    make: str | None = None
    model: str | None = None
    serial: str | None = None
    taken_at: datetime | None = None
    gps_present: bool = False
    orientation: int = 1
    person_tags: bool = False
    readable: bool = True
    removed: tuple[Removed, ...] = ()

    @property
    def doubt(self) -> Refusal | None:
        """Why a person must look first; None if everything could be read."""
        return None if self.readable else Refusal.UNREADABLE_METADATA


def read_provenance(kind: Kind, layout: Layout, untrusted: bytes) -> Provenance:
    """What a file says about itself. Never raises: a block that cannot be read is the fact ``readable=False``."""
    blocks = blocks_of(kind, layout, untrusted)
    counts = blocks.counts
    exifs, exif_readable = _each(blocks.exif, read_exif)
    exif = exifs[0] if exifs else None
    documents = [*blocks.xmp, *(facts.xmp for facts in exifs if facts.xmp)]
    xmps, xmp_readable = _each(documents, read_xmp)
    resources, resources_readable = _each(blocks.photoshop, read_photoshop)
    records, records_readable = _each(blocks.iptc, read_iptc)
    _count(blocks, exifs, xmps, [*resources, *records])
    return Provenance(
        make=exif.make if exif else None,
        model=exif.model if exif else None,
        serial=exif.serial if exif else None,
        taken_at=exif.taken_at if exif else None,
        gps_present=counts[RemovedKind.GPS] > 0,
        orientation=_orientation(exifs, xmps),
        person_tags=counts[RemovedKind.PERSON_NAMES] + counts[RemovedKind.KEYWORDS] > 0,
        # Of two EXIF blocks nobody can say which one is meant.
        readable=all((blocks.readable, exif_readable, xmp_readable, resources_readable, records_readable, len(blocks.exif) <= 1)),
        removed=_removed(counts),
    )


def _each(blocks: list[bytes], read: Callable[[bytes], Facts]) -> tuple[list[Facts], bool]:
    """What could be read, and whether that was all."""
    facts: list[Facts] = []
    for block in blocks:
        try:
            facts.append(read(block))
        except Unreadable:
            continue
    return facts, len(facts) == len(blocks)


def _count(blocks: Blocks, exifs: list[ExifFacts], xmps: list[XmpFacts], iptcs: list[IptcFacts]) -> None:
    counts = blocks.counts
    counts[RemovedKind.EXIF] += len(blocks.exif)
    counts[RemovedKind.XMP] += len(blocks.xmp)
    counts[RemovedKind.IPTC] += len(blocks.photoshop) + len(blocks.iptc)
    for exif in exifs:
        counts[RemovedKind.GPS] += exif.gps
        counts[RemovedKind.MAKER_NOTE] += exif.maker_note
        counts[RemovedKind.THUMBNAIL] += exif.thumbnail
        counts[RemovedKind.WORDS] += exif.words
        counts[RemovedKind.KEYWORDS] += exif.keywords
    for xmp in xmps:
        counts[RemovedKind.GPS] += xmp.gps
        counts[RemovedKind.PERSON_NAMES] += xmp.people
        counts[RemovedKind.KEYWORDS] += xmp.keywords
        counts[RemovedKind.WORDS] += xmp.words
        counts[RemovedKind.THUMBNAIL] += xmp.thumbnails
    for iptc in iptcs:
        counts[RemovedKind.KEYWORDS] += iptc.keywords
        counts[RemovedKind.WORDS] += iptc.words
        counts[RemovedKind.THUMBNAIL] += iptc.thumbnails


def _orientation(exifs: list[ExifFacts], xmps: list[XmpFacts]) -> int:
    """As stated in EXIF, else in XMP, else upright."""
    stated = [exif.orientation for exif in exifs] + [xmp.orientation for xmp in xmps]
    return next((turn for turn in stated if turn is not None), 1)


def _removed(counts: Counter[RemovedKind]) -> tuple[Removed, ...]:
    return tuple(Removed(kind=kind, count=counts[kind]) for kind in RemovedKind if counts[kind])
