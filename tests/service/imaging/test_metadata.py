"""What stands in XMP, IPTC and text chunks is found, or doubted."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import Provenance, Removed, RemovedKind
from service.imaging.metadata.text import MAX_TEXT
from service.imaging.metadata.xmp import MAX_DOCUMENT
from tests.service.imaging.dirty import (
    DIRTY,
    NAMES,
    drawing,
    exif,
    extended_xmp,
    iptc,
    resources,
    saved,
    tiff,
    with_chunks,
    with_segments,
    xmp,
)
from tests.service.imaging.saying import PLAIN, XMP_HEADER, counts, said, said_by_exif, said_by_photoshop, said_by_xmp


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
