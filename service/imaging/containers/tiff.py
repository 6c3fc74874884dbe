"""TIFF: the one page that is the picture, and what else the file holds (TIFF 6.0; classic, in both byte orders)."""

from collections.abc import Iterable, Iterator

from service.imaging.containers.directories import Directories, Directory
from service.imaging.containers.layout import MAX_PARTS, Layout, Part
from service.imaging.containers.tiffpage import (
    CODING,
    COLOURS,
    OLD_JPEG,
    PIXEL_TAGS,
    WHITE_POINT,
    Range,
    alone,
    checked_page,
    pixel_ranges,
)
from service.imaging.errors import ImagingError, Refusal

MAX_DIRECTORIES = 64
"""The most pages, thumbnails and previews of one file."""

_HEADER = 8
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _PREVIEWS = 254, 255, 330
_SMALL_OR_MASK, _SMALL = 0b101, 2
_NEUTRAL = {_NEW_SUBFILE_TYPE: 4, _SUBFILE_TYPE: 2, 280: 16, 281: 16, 282: 8, 283: 8, 296: 2, 297: 4, WHITE_POINT: 16, 319: 48}
"""Kind of page, extremes of samples, resolution, page number, white point, primaries: no more than so many bytes say nothing."""
_NESTED = (34665, 34853, 40965)
"""EXIF, GPS and interoperability directories."""
_RAW_TAGS = {33421, 33422, 50706, 50740, 50752}
"""Patterns of a colour filter, DNG's version, private data of DNG and CR2: only cameras write them, into raw pictures."""
_RAW_COLOURS = {32803, 34892, 51177, 52527}
_RAW_CODINGS = {32767, 32769, 32770, 32867, 34713, 34892, 65000, 65535}
_RAW_MARKS = (b"CR", b"IIII", b"MMMM")
"""What stands behind the header of Canon's and Phase One's raw pictures."""


def walk(untrusted: bytes) -> Layout:
    """The layout of a TIFF file, whose first four bytes have been checked.

    Parts are the directory of the page (``page``), each value in it that is not about pixels (named as its tag's number), further
    directories (``thumbnail`` in the chain of pages, ``preview`` below one), and what no directory points to (``gap``), unless it
    is all zero.

    :raises ImagingError: truncated, too-many-pixels, too-many-frames (several full pages), unsupported (raw pictures, codings and
        colours that are on no list) or undecodable
    """
    directories = Directories(untrusted)
    chain = _chain(directories)
    previews = _below(directories, chain)
    if untrusted.startswith(_RAW_MARKS, _HEADER) or any(_raw(directories, one) for one in (*chain, *previews)):
        raise ImagingError(Refusal.UNSUPPORTED)
    pages = [one for one in chain if _is_full(directories, one, first=one is chain[0])]
    if len(pages) != 1:
        raise ImagingError(Refusal.TOO_MANY_FRAMES if pages else Refusal.UNSUPPORTED)
    page = pages[0]
    width, height = checked_page(directories, page, len(untrusted))
    gaps, end = _gaps(untrusted, sorted(_taken(directories, (*chain, *previews), len(untrusted))))
    parts = (
        Part(name="page", start=page.start, end=page.end),
        *_values(page),
        *(Part(name="thumbnail", start=one.start, end=one.end) for one in chain if one is not page),
        *(Part(name="preview", start=one.start, end=one.end) for one in previews),
        *gaps,
    )
    return Layout(width=width, height=height, parts=parts, trailing=len(untrusted) - end)


def pixels_only(untrusted: bytes) -> bytes:
    """The file with the page that is the picture, and nothing else to be found in it.

    :raises ImagingError: as ``walk``
    """
    page = next(part for part in walk(untrusted).parts if part.name == "page")
    return alone(untrusted, page.start)


def _chain(directories: Directories) -> list[Directory]:
    chain: list[Directory] = []
    start = directories.first
    while start:
        if any(one.start == start for one in chain):
            raise ImagingError(Refusal.UNDECODABLE)
        if len(chain) == MAX_DIRECTORIES:
            raise ImagingError(Refusal.TOO_MANY_FRAMES)
        chain.append(directories.at(start))
        start = chain[-1].following
    if not chain:
        raise ImagingError(Refusal.UNDECODABLE)
    return chain


def _below(directories: Directories, chain: list[Directory]) -> list[Directory]:
    """The directories that others point to as their previews, at any depth; there may be only so many, so a ring ends too."""
    waiting, found = list(chain), list[Directory]()
    while waiting:
        for start in directories.numbers(waiting.pop().entries.get(_PREVIEWS), most=MAX_DIRECTORIES):
            found.append(directories.at(start))
            waiting.append(found[-1])
            if len(found) > MAX_DIRECTORIES:
                raise ImagingError(Refusal.UNDECODABLE)
    return found


def _raw(directories: Directories, one: Directory) -> bool:
    coding, colours = (directories.numbers(one.entries.get(tag)) for tag in (CODING, COLOURS))
    return bool(_RAW_TAGS & one.entries.keys() or _RAW_CODINGS & set(coding) or _RAW_COLOURS & set(colours))


def _is_full(directories: Directories, one: Directory, *, first: bool) -> bool:
    """Is it a picture in its own right: neither a smaller copy of another nor a mask?"""
    kind = directories.numbers(one.entries.get(_NEW_SUBFILE_TYPE))
    if kind:
        return not kind[0] & _SMALL_OR_MASK
    old_kind = directories.numbers(one.entries.get(_SUBFILE_TYPE))
    return old_kind != (_SMALL,) and (first or OLD_JPEG not in one.entries)


def _values(page: Directory) -> Iterator[Part]:
    for entry in page.entries.values():
        if entry.tag not in {*PIXEL_TAGS, _PREVIEWS} and entry.end - entry.start > _NEUTRAL.get(entry.tag, -1):
            yield Part(name=str(entry.tag), start=entry.start, end=entry.end)


def _taken(directories: Directories, known: Iterable[Directory], length: int) -> Iterator[Range]:
    """Every place that a directory takes or points to."""
    yield 0, _HEADER
    for one in known:
        yield one.start, one.end
        yield from ((entry.start, entry.end) for entry in one.entries.values())
        yield from pixel_ranges(directories, one, length)
        yield from _nested(directories, one, depth=1)


def _nested(directories: Directories, one: Directory, *, depth: int) -> Iterator[Range]:
    """What the metadata directories take. One that can't be read takes nothing: who reads metadata will say so."""
    for tag in _NESTED:
        try:
            found = [directories.at(start) for start in directories.numbers(one.entries.get(tag))]
        except ImagingError:
            continue
        for below in found:
            yield below.start, below.end
            yield from ((entry.start, entry.end) for entry in below.entries.values())
            if depth:
                yield from _nested(directories, below, depth=depth - 1)


def _gaps(untrusted: bytes, taken: list[Range]) -> tuple[list[Part], int]:
    """What lies between the places that are taken and is not zero, and where the last of them ends."""
    gaps: list[Part] = []
    end = 0
    for start, stop in taken:
        if start > end and untrusted[end:start].strip(b"\x00") and len(gaps) < MAX_PARTS:
            gaps.append(Part(name="gap", start=end, end=start))
        end = max(end, stop)
    return gaps, end
