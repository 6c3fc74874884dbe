"""What the camera said before it goes: which device, when, whether where, and who; and what was removed, by kind and count."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from service.imaging.containers.layout import Layout
from service.imaging.errors import Refusal
from service.imaging.metadata.blocks import blocks_of
from service.imaging.metadata.claims import Of, agree, first
from service.imaging.metadata.exif import ExifFacts, read_exif
from service.imaging.metadata.iptc import IptcFacts, read_iptc, read_photoshop
from service.imaging.metadata.people import PersonPlace, PersonTag
from service.imaging.metadata.removed import Blocks, RemovedKind, Unreadable
from service.imaging.metadata.xmp import XmpFacts, read_xmp
from service.imaging.sniff import Kind

MAX_BLOCKS = 16
"""The most blocks of one kind that are read in one file."""

Facts = TypeVar("Facts")
Fact = TypeVar("Fact")


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
    keywords, was filled. ``people``: the texts of such fields and of all others where names hide; ``people_complete``: False if
    there were more than are told. ``readable``: False if any block of metadata could not be read; then every other fact may be
    missing something (an unreadable block never means "nobody" or "no place"). The caller MUST hold the picture on ``doubt``.
    ``consistent``: False if two sources in the file name different makes, models or serials; then the caller MUST NOT take it for
    any device's.
    """

    make: str | None = None
    model: str | None = None
    serial: str | None = None
    taken_at: datetime | None = None
    gps_present: bool = False
    orientation: int = 1
    person_tags: bool = False
    people: tuple[PersonTag, ...] = ()
    people_complete: bool = True
    readable: bool = True
    consistent: bool = True
    removed: tuple[Removed, ...] = ()

    @property
    def doubt(self) -> Refusal | None:
        """Why a person must look first; None if everything could be read."""
        return None if self.readable and self.people_complete else Refusal.UNREADABLE_METADATA


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """The facts of every block that could be read; ``readable``: whether that was all."""

    exifs: list[ExifFacts]
    xmps: list[XmpFacts]
    iptcs: list[IptcFacts]
    readable: bool


def read_provenance(kind: Kind, layout: Layout, untrusted: bytes) -> Provenance:
    """What a file says about itself. Never raises: a block that cannot be read is the fact ``readable=False``."""
    blocks = blocks_of(kind, layout, untrusted)
    said = _said(blocks)
    people = blocks.people
    _count(blocks, said)
    counts = blocks.counts
    told: list[ExifFacts | XmpFacts] = [*said.exifs, *said.xmps]
    claims = [*(claim for one in told for claim in one.claims), *blocks.claims]
    return Provenance(
        make=_first(one.make for one in told) or first(claims, Of.MAKE),
        model=_first(one.model for one in told) or first(claims, Of.MODEL),
        serial=_first(one.serial for one in told) or first(claims, Of.SERIAL),
        taken_at=_first(one.taken_at for one in told),
        gps_present=counts[RemovedKind.GPS] > 0,
        orientation=_first(one.orientation for one in told) or 1,
        person_tags=counts[RemovedKind.PERSON_NAMES] + counts[RemovedKind.KEYWORDS] > 0,
        people=people.tags,
        people_complete=people.complete,
        readable=blocks.readable and said.readable,
        consistent=agree(claims),
        removed=_removed(counts),
    )


def _said(blocks: Blocks) -> _Said:
    people = blocks.people
    exifs, exif_readable = _each(blocks.exif, lambda block: read_exif(block, people))
    photoshop = [*blocks.photoshop, *(inner for exif in exifs for inner in exif.photoshop)]
    resources, resources_readable = _each(photoshop, lambda block: read_photoshop(block, people))
    iptc = [*blocks.iptc, *(inner for exif in exifs for inner in exif.iptc)]
    records, records_readable = _each(iptc, lambda block: read_iptc(block, people))
    inside: list[ExifFacts | IptcFacts] = [*exifs, *resources]
    documents = [*blocks.xmp, *(inner for block in inside for inner in block.xmp)]
    xmps, xmp_readable = _each(documents, lambda block: read_xmp(block, people))
    complete = {xmp.extended.upper() for xmp in xmps if xmp.extended} <= blocks.extended
    return _Said(
        exifs=exifs,
        xmps=xmps,
        iptcs=[*resources, *records],
        readable=all((exif_readable, resources_readable, records_readable, xmp_readable, _agree(exifs), complete)),
    )


def _each(blocks: Sequence[bytes], read: Callable[[bytes], Facts]) -> tuple[list[Facts], bool]:
    """What could be read, and whether that was all."""
    facts: list[Facts] = []
    for block in blocks[:MAX_BLOCKS]:
        try:
            facts.append(read(block))
        except Unreadable:
            continue
    return facts, len(facts) == len(blocks)


def _agree(exifs: list[ExifFacts]) -> bool:
    """Every block is whole, and all say the same of the camera: of two that differ nobody can say which one is meant."""
    cameras = {(exif.make, exif.model, exif.serial, exif.taken_at, exif.orientation) for exif in exifs}
    return len(cameras) <= 1 and all(exif.whole for exif in exifs)


def _count(blocks: Blocks, said: _Said) -> None:
    counts = blocks.counts
    counts[RemovedKind.EXIF] += len(blocks.exif)
    counts[RemovedKind.XMP] += len(blocks.xmp)
    counts[RemovedKind.IPTC] += len(blocks.photoshop) + len(blocks.iptc)
    counts[RemovedKind.PERSON_NAMES] += sum(tag.place is PersonPlace.MAKER_NOTE_NAME for tag in blocks.people.tags)
    for exif in said.exifs:
        counts[RemovedKind.GPS] += exif.gps
        counts[RemovedKind.MAKER_NOTE] += exif.maker_note
        counts[RemovedKind.THUMBNAIL] += exif.thumbnail
        counts[RemovedKind.WORDS] += exif.words
        counts[RemovedKind.KEYWORDS] += exif.keywords
    for xmp in said.xmps:
        counts[RemovedKind.GPS] += xmp.gps
        counts[RemovedKind.PERSON_NAMES] += xmp.people
        counts[RemovedKind.KEYWORDS] += xmp.keywords
        counts[RemovedKind.WORDS] += xmp.words
        counts[RemovedKind.THUMBNAIL] += xmp.thumbnails
    for iptc in said.iptcs:
        counts[RemovedKind.KEYWORDS] += iptc.keywords
        counts[RemovedKind.WORDS] += iptc.words
        counts[RemovedKind.GPS] += iptc.gps
        counts[RemovedKind.THUMBNAIL] += iptc.thumbnails


def _first(said: Iterable[Fact | None]) -> Fact | None:
    """The first word on it: EXIF's, else XMP's."""
    return next((one for one in said if one is not None), None)


def _removed(counts: Counter[RemovedKind]) -> tuple[Removed, ...]:
    return tuple(Removed(kind=kind, count=counts[kind]) for kind in RemovedKind if counts[kind])
