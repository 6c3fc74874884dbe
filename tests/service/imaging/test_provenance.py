"""What a file says about itself, in each kind of file, and that whatever cannot be read is doubted."""

import struct
import zlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import Kind, Provenance, Refusal, Removed, RemovedKind
from service.imaging.metadata.exif import MAX_TEXT
from service.imaging.metadata.xmp import MAX_DOCUMENT
from service.imaging.provenance import read_provenance
from service.imaging.sniff import look
from tests.service.imaging.dirty import (
    CANARY,
    DIRTY,
    NAMES,
    SERIAL,
    drawing,
    exif,
    extended_xmp,
    iptc,
    plain_files,
    resources,
    saved,
    tiff,
    with_chunks,
    with_segments,
    xmp,
)

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


@pytest.mark.parametrize("name", DIRTY)
def test_device_time_place_and_people_are_told_from_every_kind_of_file(name: str) -> None:
    provenance = said(DIRTY[name]())
    assert (provenance.make, provenance.model, provenance.serial) == ("CanaryCam", "CanaryCam 9", SERIAL)
    assert provenance.taken_at == datetime(2024, 6, 14, 10, 20, 30)  # noqa: DTZ001 - the camera's clock has no zone
    assert provenance.gps_present
    assert provenance.person_tags
    assert provenance.readable
    assert provenance.doubt is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "jpeg",
            {
                "exif",
                "gps",
                "thumbnail",
                "maker-note",
                "xmp",
                "iptc",
                "icc-profile",
                "comment",
                "person-names",
                "keywords",
                "words",
            }
            | {"embedded-picture", "trailing-data", "other"},
        ),
        (
            "png",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "iptc", "icc-profile", "text-chunks", "person-names", "keywords"}
            | {"words", "trailing-data", "other"},
        ),
        (
            "webp",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "icc-profile", "person-names", "keywords", "words"}
            | {"trailing-data", "other"},
        ),
        (
            "heic",
            {"exif", "gps", "thumbnail", "maker-note", "xmp", "icc-profile", "person-names", "keywords", "words"}
            | {"trailing-data", "other"},
        ),
    ],
)
def test_everything_that_is_removed_is_counted_by_kind(name: str, expected: set[str]) -> None:
    assert set(counts(said(DIRTY[name]()))) == {RemovedKind(kind) for kind in expected}


def test_what_was_removed_is_told_without_its_value() -> None:
    removed = repr(said(DIRTY["jpeg"]()).removed)
    assert not any(secret in removed for secret in (CANARY, SERIAL, *NAMES))


@pytest.mark.parametrize("name", sorted(plain_files().keys() - {"jpeg-exif", "heic-exif", "webp-extended"}))
def test_a_plain_picture_says_nothing_and_nothing_is_removed(name: str) -> None:
    assert said(plain_files()[name]) == Provenance()


def test_a_second_picture_in_a_heic_is_counted() -> None:
    heic = plain_files()["heic-exif"]
    assert counts(said(heic.replace(b"cdsc", b"auxl", 1)))[RemovedKind.EMBEDDED_PICTURE] == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_told_as_stated(orientation: int) -> None:
    assert said(saved(drawing(), "JPEG", exif=exif(orientation=orientation))).orientation == orientation


@pytest.mark.parametrize("value", [0, 9, 255, 65_535])
def test_an_orientation_that_means_nothing_is_upright(value: int) -> None:
    assert said_by_exif(tiff((274, 3, 1, struct.pack(">HH", value, 0)))).orientation == 1


def test_an_orientation_in_xmp_counts_when_exif_has_none() -> None:
    document = xmp("<tiff:Orientation>6</tiff:Orientation>")
    assert said_by_xmp(document).orientation == 6
    both = with_segments(saved(drawing(), "JPEG", exif=exif(orientation=3)), (0xE1, XMP_HEADER + document))
    assert said(both).orientation == 3


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_both_byte_orders_and_both_widths_of_a_number_are_read(order: str, kind: int) -> None:
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *((8, 0) if kind == 3 else (8,)))
    assert said_by_exif(tiff((274, kind, 1, value), order=order)).orientation == 8


def test_a_make_that_no_zero_byte_closes_keeps_its_last_letter() -> None:
    block = tiff((271, 2, 7, struct.pack(">I", 26)), extra=b"KODAK Y\x00\x00")
    assert said_by_exif(block).make == "KODAK Y"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Nikon\x00secret", "Nikon"),
        (b"Ni\x01ko\x1b[31mn\r\n\x00", "Ni ko [31mn"),
        ("Ni\u202eko\u200bn".encode(), "Ni ko n"),
        (b"Zo\xeb\x00\x00\x00", "Zo\u00eb"),
        (b"  \x00   ", None),
        (b"A" * 500, "A" * MAX_TEXT),
    ],
)
def test_strings_are_capped_and_hold_no_control_characters(raw: bytes, text: str | None) -> None:
    raw = raw.ljust(5, b"\x00")
    assert said_by_exif(tiff((272, 2, len(raw), struct.pack(">I", 26)), extra=raw)).model == text


@pytest.mark.parametrize("written", [b"0000:00:00 00:00:00", b"    :  :     :  :  ", b"2024-06-14", b"2024:13:45 99:99:99", b""])
def test_a_time_that_is_none_is_not_told(written: bytes) -> None:
    nested = tiff((0x9003, 2, 20, struct.pack(">I", 44)))[8:] + written.ljust(20, b"\x00")
    provenance = said_by_exif(tiff((0x8769, 4, 1, struct.pack(">I", 26)), extra=nested))
    assert (provenance.taken_at, provenance.readable) == (None, True)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"garbage garbage garbage",
        b"MM\x00*",
        b"MM\x00*\x00\x00\xff\xff",
        b"MM\x00*\x00\x00\x00\x08\xff\xff",
        tiff((271, 2, 500, struct.pack(">I", 26))),
        tiff((271, 2, 0xFFFFFFFF, struct.pack(">I", 8))),
        tiff((271, 5, 1, struct.pack(">I", 8))),
        tiff((274, 2, 1, b"6\x00\x00\x00")),
        tiff((274, 3, 2, b"\x00\x06\x00\x06")),
        tiff((0x8769, 4, 1, struct.pack(">I", 60_000))),
        tiff((0x8825, 4, 1, struct.pack(">I", 60_000))),
        tiff((0x8825, 2, 1, bytes(4))),
        tiff()[:-4] + struct.pack(">I", 60_000),
        tiff((700, 2, 4, b"<a><")),
    ],
)
def test_an_exif_block_that_breaks_the_rules_is_unreadable_and_the_picture_is_doubted(block: bytes) -> None:
    provenance = said_by_exif(block)
    assert not provenance.readable
    assert provenance.doubt is Refusal.UNREADABLE_METADATA
    assert counts(provenance)[RemovedKind.EXIF] == 1


def test_an_exif_block_beyond_64_kib_is_unreadable() -> None:
    long = saved(drawing(), "PNG", exif=b"Exif\x00\x00" + tiff(extra=bytes(65_537 - 14)))
    assert not said(long).readable
    assert said(saved(drawing(), "PNG", exif=b"Exif\x00\x00" + tiff(extra=bytes(65_536 - 14)))).readable


def test_of_two_exif_blocks_nobody_can_say_which_is_meant() -> None:
    twice = with_segments(PLAIN, (0xE1, exif()), (0xE1, exif(orientation=6)))
    assert not said(twice).readable


def test_a_directory_that_ends_with_its_last_entry_is_read() -> None:
    assert said_by_exif(tiff((274, 3, 1, b"\x00\x06\x00\x00"))[:-4]).orientation == 6


def test_xmp_inside_exif_is_read_too() -> None:
    document = xmp()
    provenance = said_by_exif(tiff((700, 1, len(document), struct.pack(">I", 26)), extra=document))
    assert counts(provenance)[RemovedKind.PERSON_NAMES] == 2


@pytest.mark.parametrize(
    "body",
    [
        f'<MP:RegionInfo><rdf:Description MP:PersonDisplayName="{NAMES[0]}"/></MP:RegionInfo>',
        f"<MP:PersonDisplayName>{NAMES[0]}</MP:PersonDisplayName>",
        f'<e:PersonInImage xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li>{NAMES[0]}</rdf:li></rdf:Bag></e:PersonInImage>',
        f'<m:People xmlns:m="http://ns.iview-multimedia.com/mediapro/1.0/"><rdf:Bag><rdf:li>{NAMES[0]}</rdf:li></rdf:Bag></m:People>',
    ],
)
def test_a_name_is_found_in_every_field_made_for_it_whatever_its_prefix(body: str) -> None:
    assert counts(said_by_xmp(xmp(body)))[RemovedKind.PERSON_NAMES] == 3


@pytest.mark.parametrize(
    "body",
    [
        f'<d:TagsList xmlns:d="http://www.digikam.org/ns/1.0/"><rdf:Seq><rdf:li>People/{NAMES[0]}</rdf:li></rdf:Seq></d:TagsList>',
        f'<l:hierarchicalSubject xmlns:l="http://ns.adobe.com/lightroom/1.0/"><rdf:Bag><rdf:li>{NAMES[0]}</rdf:li></rdf:Bag></l:hierarchicalSubject>',
    ],
)
def test_a_list_of_keywords_may_name_people(body: str) -> None:
    empty = xmp().replace(b"dc:subject", b"dc:format").replace(b"mwg-rs:Name", b"mwg-rs:Type2")
    assert not said_by_xmp(empty).person_tags
    assert said_by_xmp(
        empty.replace(b"</rdf:Description></rdf:RDF>", body.encode() + b"</rdf:Description></rdf:RDF>")
    ).person_tags


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        xmp()[:-200],
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>",
        b"<a>" * 300 + b"</a>" * 300,
        "<a>\ud800</a>".encode("utf-8", "surrogatepass"),
    ],
)
def test_an_xmp_document_that_breaks_the_rules_is_doubted(document: bytes) -> None:
    assert not said_by_xmp(document).readable


@pytest.mark.parametrize(("fields", "readable"), [(99_999, True), (100_000, False)])
def test_an_xmp_document_with_too_many_fields_is_doubted(fields: int, readable: bool) -> None:
    document = b"<a>" + b"<b/>" * fields + b"</a>"
    packed = b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + zlib.compress(document)
    assert said(with_chunks(saved(drawing(), "PNG"), (b"iTXt", packed))).readable is readable


def test_an_xmp_document_that_is_too_long_is_doubted() -> None:
    extended = saved(drawing(), "WEBP", xmp=b"<a>" + b" " * MAX_DOCUMENT + b"</a>")
    assert not said(extended).readable


def test_zero_bytes_behind_an_xmp_document_do_no_harm() -> None:
    assert said_by_xmp(xmp() + bytes(7)).readable


def test_xmp_in_sixteen_bits_is_read() -> None:
    assert counts(said_by_xmp(xmp().decode().encode("utf-16")))[RemovedKind.PERSON_NAMES] == 2


def test_extended_xmp_is_put_together_in_whatever_order_it_comes() -> None:
    pieces = extended_xmp(xmp())
    assert counts(said(with_segments(PLAIN, *reversed(pieces))))[RemovedKind.PERSON_NAMES] == 2


@pytest.mark.parametrize("missing", [0, 1, -1])
def test_extended_xmp_with_a_piece_missing_is_doubted(missing: int) -> None:
    pieces = extended_xmp(xmp())
    del pieces[missing]
    assert not said(with_segments(PLAIN, *pieces)).readable


def test_extended_xmp_that_is_too_short_for_its_own_header_is_doubted() -> None:
    assert not said(with_segments(PLAIN, (0xE1, b"http://ns.adobe.com/xmp/extension/\x00short"))).readable


def test_photoshop_resources_cut_into_segments_are_one_stream() -> None:
    stream = resources()
    cut = [(0xED, b"Photoshop 3.0\x00" + stream[:20]), (0xED, b"Photoshop 3.0\x00" + stream[20:])]
    assert counts(said(with_segments(PLAIN, *cut)))[RemovedKind.KEYWORDS] == 2


def test_a_thumbnail_among_photoshop_resources_is_counted() -> None:
    assert counts(said_by_photoshop(resources(b"jpeg", number=0x040C)))[RemovedKind.THUMBNAIL] == 1


def test_an_iptc_record_with_an_extended_length_is_read() -> None:
    record = b"\x1c\x02\x19\x80\x02\x00\x05hello"
    assert counts(said_by_photoshop(resources(record)))[RemovedKind.KEYWORDS] == 1


def test_an_empty_keyword_names_nobody() -> None:
    assert not said_by_photoshop(resources(b"\x1c\x02\x19\x00\x00")).person_tags


@pytest.mark.parametrize(
    "stream",
    [
        b"8BI",
        b"\x01\x02\x03\x04\x04\x04\x00\x00\x00\x00\x00\x01a",
        resources()[:-9],
        resources(iptc() + b"oops"),
        resources(iptc()[:-3]),
        resources(b"\x1c\x02\x19\x80\x09" + bytes(9)),
    ],
)
def test_photoshop_resources_that_break_the_rules_are_doubted(stream: bytes) -> None:
    assert not said_by_photoshop(stream).readable


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"tEXt", b"no separator"),
        (b"zTXt", b"Raw profile type exif\x00\x00not deflated"),
        (b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(b"\nexif\n4\n0g0g\n")),
        (b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(b"exif")),
        (b"zTXt", b"Raw profile type xmp\x00\x00" + zlib.compress(bytes(5_000_000))),
        (b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00no more"),
    ],
)
def test_a_text_chunk_that_breaks_the_rules_is_doubted(kind: bytes, body: bytes) -> None:
    provenance = said(with_chunks(saved(drawing(), "PNG"), (kind, body)))
    assert not provenance.readable
    assert counts(provenance)[RemovedKind.TEXT_CHUNKS] == 1


def test_a_text_chunk_of_no_interest_is_counted_and_no_more() -> None:
    provenance = said(with_chunks(saved(drawing(), "PNG"), (b"tEXt", b"Software\x00Paint")))
    assert provenance == Provenance(removed=(Removed(kind=RemovedKind.TEXT_CHUNKS, count=1),))


@pytest.mark.parametrize(
    ("name", "profile", "found"),
    [
        (b"exif", exif(), RemovedKind.EXIF),
        (b"APP1", exif(), RemovedKind.EXIF),
        (b"exif", exif()[6:], RemovedKind.EXIF),
        (b"APP1", XMP_HEADER + xmp(), RemovedKind.XMP),
        (b"xmp", xmp(), RemovedKind.XMP),
        (b"8bim", resources(), RemovedKind.IPTC),
        (b"iptc", iptc(), RemovedKind.IPTC),
        (b"icc", b"profile", RemovedKind.ICC_PROFILE),
    ],
)
def test_a_profile_written_out_as_text_is_read(name: bytes, profile: bytes, found: RemovedKind) -> None:
    text = b"\n%s\n%8d\n%s\n" % (name, len(profile), profile.hex().encode())
    provenance = said(with_chunks(saved(drawing(), "PNG"), (b"tEXt", b"Raw profile type " + name + b"\x00" + text)))
    assert counts(provenance)[found] == 1
    assert provenance.readable


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01rgb", RemovedKind.THUMBNAIL),
        (b"JFXX\x00\x10thumbnail", RemovedKind.THUMBNAIL),
        (b"AVI1", RemovedKind.OTHER),
    ],
)
def test_thumbnails_in_the_first_segment_are_counted(body: bytes, found: RemovedKind) -> None:
    assert counts(said(with_segments(PLAIN, (0xE0, body)))) == {found: 1}


SEEDS = [exif()[6:], xmp(), resources(), DIRTY["png"]()]


@given(
    st.sampled_from(range(len(SEEDS))), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 4)), max_size=5)
)
def test_whatever_stands_in_a_block_the_file_is_read_or_doubted_and_nothing_is_raised(
    which: int, damages: list[tuple[float, bytes, int]]
) -> None:
    block = SEEDS[which]
    for place, inserted, removed in damages:
        at = int(place * len(block))
        block = block[:at] + inserted + block[at + removed :]
    for provenance in (said_by_exif(block[:60_000]), said_by_xmp(block[:60_000]), said_by_photoshop(block[:60_000])):
        assert all(text is None or (text.isprintable() and len(text) <= MAX_TEXT) for text in (provenance.make, provenance.model))
        assert 1 <= provenance.orientation <= 8


def test_the_kinds_of_file_are_all_tried() -> None:
    assert set(DIRTY) == set(Kind)
