"""TIFF files in every form that is accepted, and what else begins like one, written entry by entry."""

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import ImagingError, Kind, Refusal, sniff
from service.imaging.renditions import FULL_SIZE
from service.imaging.sniff import look
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import dirty_tiff, drawing, saved

Entries = dict[int, tuple[int, tuple[int, ...]]]
"""Tag -> type and numbers."""
_FORMS = {1: "B", 3: "H", 4: "I"}


def refusal(untrusted: bytes) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sniff(untrusted)
    return refused.value.reason


def entries(**more: tuple[int, tuple[int, ...]]) -> Entries:
    """A grey picture of 4 x 4 pixels, whose rows stand behind the header; ``t259=(3, (5,))`` sets a tag."""
    plain: Entries = {
        256: (3, (4,)),
        257: (3, (4,)),
        258: (3, (8,)),
        259: (3, (1,)),
        262: (3, (1,)),
        273: (4, (8,)),
        277: (3, (1,)),
        278: (3, (4,)),
        279: (4, (16,)),
    }
    return plain | {int(tag[1:]): value for tag, value in more.items()}


def built(*pages: Entries, below: tuple[Entries, ...] = (), order: str = "<", loop: bool = False) -> bytes:
    """A file with these pages in its chain and directories below the first page."""
    stream = bytearray((b"II*\x00" if order == "<" else b"MM\x00*") + bytes(4) + bytes(range(0, 256, 16)))
    places = [_append(stream, one, order) for one in below]
    first, *others = pages
    if places:
        first = first | {330: (4, tuple(places))}
    at = [_append(stream, one, order) for one in (first, *others)]
    for here, there in zip(at, [*at[1:], at[0] if loop else 0], strict=True):
        count = struct.unpack_from(order + "H", stream, here)[0]
        struct.pack_into(order + "I", stream, here + 2 + 12 * count, there)
    struct.pack_into(order + "I", stream, 4, at[0])
    return bytes(stream)


def _append(stream: bytearray, directory: Entries, order: str) -> int:
    packed = b""
    for tag, (kind, numbers) in sorted(directory.items()):
        value = struct.pack(f"{order}{len(numbers)}{_FORMS[kind]}", *numbers)
        if len(value) > 4:
            stream += value
            value = struct.pack(order + "I", len(stream) - len(value))
        packed += struct.pack(order + "HHI", tag, kind, len(numbers)) + value.ljust(4, b"\x00")
    start = len(stream)
    stream += struct.pack(order + "H", len(directory)) + packed + bytes(4)
    return start


PLAIN = entries()
SMALL = entries(t254=(4, (1,)))


def short(*numbers: int) -> tuple[int, tuple[int, ...]]:
    return 3, numbers


def long(*numbers: int) -> tuple[int, tuple[int, ...]]:
    return 4, numbers


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    sniffed = sniff(built(PLAIN, order=order))
    assert (sniffed.kind, sniffed.media_type, sniffed.width, sniffed.height) == (Kind.TIFF, "image/tiff", 4, 4)


@pytest.mark.parametrize(
    "page",
    [
        entries(t273=long(8, 16), t278=short(2), t279=long(8, 8)),
        entries(t278=long(0xFFFFFFFF)),
        {tag: value for tag, value in PLAIN.items() if tag not in {258, 259, 277, 278}} | {279: long(2)},
        entries(t254=long(0)),
        entries(t254=long(2)),
        entries(t255=short(1)),
    ],
)
def test_one_full_page_is_a_picture_however_it_is_written(page: Entries) -> None:
    assert sniff(built(page)).kind is Kind.TIFF


@pytest.mark.parametrize(
    "second", [SMALL, entries(t254=long(4)), entries(t255=short(2)), {513: long(8), 514: long(4), 259: short(6)}]
)
def test_thumbnails_and_masks_in_the_chain_are_no_pages(second: Entries) -> None:
    for many in (1, 2):
        names = [part.name for part in look(built(PLAIN, *[second] * many))[1].parts]
        assert names.count("thumbnail") == many


def test_the_full_page_is_the_picture_wherever_it_stands() -> None:
    page = entries(t256=short(2), t257=short(8), t278=short(8))
    sniffed = sniff(built(SMALL, page))
    assert (sniffed.width, sniffed.height) == (2, 8)
    assert unjailed(built(SMALL, page), (FULL_SIZE,))[1][0].width == 2


@pytest.mark.parametrize("pages", [(PLAIN, PLAIN), (PLAIN, SMALL, PLAIN), (PLAIN,) * 65])
def test_several_full_pages_are_too_many(pages: tuple[Entries, ...]) -> None:
    assert refusal(built(*pages)) is Refusal.TOO_MANY_FRAMES


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (built(SMALL), Refusal.UNSUPPORTED),
        (built(PLAIN, loop=True), Refusal.UNDECODABLE),
        (b"II*\x00" + bytes(30), Refusal.UNDECODABLE),
        (b"II*\x00\x04\x00\x00\x00" + bytes(30), Refusal.UNDECODABLE),
        (b"II*\x00\xff\xff\xff\xff" + bytes(30), Refusal.TRUNCATED),
        (built(entries(t330=long(*[8] * 65))), Refusal.UNDECODABLE),
        (built(entries(t330=long(0xFFFFFF00))), Refusal.TRUNCATED),
        (built({tag: value for tag, value in PLAIN.items() if tag != 262}), Refusal.UNDECODABLE),
        (built({tag: value for tag, value in PLAIN.items() if tag != 279}), Refusal.UNDECODABLE),
        (built(entries(t256=short(4, 4))), Refusal.UNDECODABLE),
        (built(entries(t257=short(0))), Refusal.UNDECODABLE),
        (built(entries(t278=short(0))), Refusal.UNDECODABLE),
        (built(entries(t278=short(1))), Refusal.UNDECODABLE),
        (built(entries(t273=long(8, 8, 8, 8), t278=short(1), t279=long(*[60] * 4))), Refusal.UNDECODABLE),
        (built(entries(t273=long(100_000))), Refusal.TRUNCATED),
        (built(entries(t279=long(0xFFFFFFFF))), Refusal.TRUNCATED),
        (built(entries(t277=short(9))), Refusal.UNDECODABLE),
        (built(entries(t284=short(3))), Refusal.UNDECODABLE),
        (built(entries(t322=long(60_000), t323=long(60_000), t324=long(8), t325=long(16))), Refusal.TOO_MANY_PIXELS),
        (built(entries(t322=long(0), t323=long(16), t324=long(8), t325=long(16))), Refusal.UNDECODABLE),
    ],
)
def test_a_file_that_breaks_the_rules_is_refused(untrusted: bytes, reason: Refusal) -> None:
    assert refusal(untrusted) is reason


@pytest.mark.parametrize("coding", [2, 3, 4, 6, 34661, 34676, 34712, 34925, 50000, 50001, 0, 99])
def test_codings_whose_decoders_are_fragile_are_not_supported(coding: int) -> None:
    assert refusal(built(entries(t259=short(coding)))) is Refusal.UNSUPPORTED


@pytest.mark.parametrize(
    "page",
    [
        entries(t262=short(4)),
        entries(t262=short(32844)),
        entries(t258=short(12)),
        entries(t258=short(32)),
        entries(t258=short(8, 16), t277=short(2)),
        entries(t339=short(3), t258=short(32)),
        entries(t339=short(2)),
        entries(t262=short(0), t258=short(16)),
        entries(t262=short(5), t332=short(2)),
        entries(t262=short(6)),
        entries(t262=short(8), t318=long(1, 1)),
        entries(t258=short(16), t284=short(2)),
    ],
)
def test_numbers_that_no_decoder_of_ours_shows_as_they_are_meant_are_not_supported(page: Entries) -> None:
    assert refusal(built(page)) is Refusal.UNSUPPORTED


RAW_PAGE = entries(t254=long(0), t262=short(32803))


@pytest.mark.parametrize(
    "untrusted",
    [
        built(entries(t50706=(1, (1, 4, 0, 0)))),
        built(SMALL | {50706: (1, (1, 4, 0, 0))}, below=(RAW_PAGE,)),
        built(SMALL, below=(RAW_PAGE,)),
        built(SMALL, below=(SMALL, entries(t259=short(34713)))),
        built(SMALL, below=(SMALL, entries(t259=short(32767)))),
        built(entries(t259=short(65535))),
        built(entries(t262=short(34892))),
        built(PLAIN, SMALL, entries(t50752=short(1, 2, 3))),
        built(PLAIN, RAW_PAGE),
        built(PLAIN)[:8] + b"CR\x02\x00" + built(PLAIN)[12:],
        built(PLAIN)[:8] + b"IIIITwaR" + built(PLAIN)[16:],
    ],
)
def test_raw_pictures_begin_like_tiff_and_are_not_supported(untrusted: bytes) -> None:
    assert refusal(untrusted) is Refusal.UNSUPPORTED


def test_a_preview_below_the_page_is_counted_and_its_own_previews_too() -> None:
    names = [part.name for part in look(built(PLAIN, below=(SMALL, SMALL)))[1].parts]
    assert names.count("preview") == 2


def test_what_no_directory_points_to_is_found_unless_it_is_zero() -> None:
    untrusted = built(PLAIN)
    page = built(entries(t279=long(8)))
    assert [part.of(page) for part in look(page)[1].parts if part.name == "gap"] == [page[16:24]]
    zero = page[:16] + bytes(8) + page[24:]
    assert [part.name for part in look(zero)[1].parts] == ["page"] == [part.name for part in look(untrusted)[1].parts]


def test_a_claim_of_four_thousand_million_values_reserves_nothing() -> None:
    bomb = bytearray(built(PLAIN))
    at = bomb.index(struct.pack("<HHI", 273, 4, 1))
    struct.pack_into("<I", bomb, at + 4, 0xFFFFFFFF)
    many = built(entries(t273=long(*[8] * 600_000), t279=long(*[1] * 600_000)))
    tracemalloc.start()
    reasons = refusal(bytes(bomb)), refusal(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reasons == (Refusal.TRUNCATED, Refusal.UNDECODABLE)
    assert peak < 10_000_000


@given(
    st.sampled_from([dirty_tiff(), dirty_tiff(order=">"), built(PLAIN, SMALL, below=(SMALL,)), saved(drawing(), "TIFF")]),
    st.lists(st.tuples(st.integers(0, 3_000), st.binary(min_size=1, max_size=4)), max_size=8),
    st.booleans(),
)
def test_any_damage_to_a_directory_is_sniffed_or_refused(seed: bytes, damages: list[tuple[int, bytes]], at_the_end: bool) -> None:
    untrusted = bytearray(seed)
    for place, written in damages:
        at = max(8, len(untrusted) - place - len(written)) if at_the_end else place % len(untrusted)
        untrusted[at : at + len(written)] = written
    try:
        kind, layout = look(bytes(untrusted))
    except ImagingError:
        return
    assert kind is Kind.TIFF or at_the_end is False
    assert all(0 <= part.start <= part.end <= len(untrusted) for part in layout.parts)
