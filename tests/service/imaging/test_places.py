"""A place is a place wherever it is written; the other part of a document is missed when it is not there."""

import struct

import pytest

from service.imaging import Provenance, RemovedKind
from service.imaging.metadata.people import PersonPlace
from tests.service.imaging.dirty import NAMES, extended_xmp, resources, tiff, with_segments
from tests.service.imaging.saying import PLAIN, XMP_HEADER, counts, said, said_by_exif, said_by_photoshop, said_by_xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PHOTOSHOP, CORE = "http://ns.adobe.com/photoshop/1.0/", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
EXTENSION, NOTE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "http://ns.adobe.com/xmp/note/"


def document(space: str, field: str, attributes: str = "") -> bytes:
    description = f'<rdf:Description rdf:about=""{attributes}>{field}</rdf:Description>'
    return f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:z="{space}">{description}</rdf:RDF>'.encode()


def record(number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value


def tells_a_place(provenance: Provenance) -> bool:
    assert provenance.readable
    assert provenance.gps_present is (counts(provenance).get(RemovedKind.GPS, 0) > 0)
    return provenance.gps_present


@pytest.mark.parametrize("number", [26, 27, 90, 92, 95, 100, 101])
def test_a_place_in_iptc_is_a_place(number: int) -> None:
    stream = record(number, b"Zanzibar")
    assert tells_a_place(said_by_photoshop(resources(stream)))
    assert tells_a_place(said_by_exif(tiff((33723, 7, len(stream), struct.pack(">I", 26)), extra=stream)))
    assert not tells_a_place(said_by_photoshop(resources(record(number, b""))))


@pytest.mark.parametrize("number", [25, 80, 105, 120])
def test_another_word_in_iptc_is_none(number: int) -> None:
    assert not tells_a_place(said_by_photoshop(resources(record(number, b"Zanzibar"))))


@pytest.mark.parametrize(
    ("space", "name"),
    [
        *((PHOTOSHOP, name) for name in ("City", "State", "Country")),
        *((CORE, name) for name in ("Location", "CountryCode")),
    ],
)
def test_a_place_in_xmp_is_a_place_however_it_is_written(space: str, name: str) -> None:
    assert tells_a_place(said_by_xmp(document(space, f"<z:{name}>Zanzibar</z:{name}>")))
    assert tells_a_place(said_by_xmp(document(space, "", f' z:{name}="Zanzibar"')))
    assert not tells_a_place(said_by_xmp(document(space, f"<z:{name}> </z:{name}>")))
    assert not tells_a_place(said_by_xmp(document("http://example.org/", f"<z:{name}>Zanzibar</z:{name}>")))


@pytest.mark.parametrize("name", ["LocationCreated", "LocationShown"])
def test_whatever_stands_in_a_location_is_a_place_and_a_word(name: str) -> None:
    inner = f'<rdf:Bag><rdf:li rdf:parseType="Resource"><z:Sublocation>{NAMES[0]}</z:Sublocation></rdf:li></rdf:Bag>'
    provenance = said_by_xmp(document(EXTENSION, f"<z:{name}>{inner}</z:{name}>"))
    assert tells_a_place(provenance)
    assert [(tag.place, tag.text) for tag in provenance.people] == [(PersonPlace.IPTC_WORDS, NAMES[0])]
    empty = document(EXTENSION, f'<z:{name}><rdf:Bag><rdf:li rdf:parseType="Resource"/></rdf:Bag></z:{name}>')
    assert not tells_a_place(said_by_xmp(empty))


def naming(digest: str) -> bytes:
    return document(NOTE, f"<z:HasExtendedXMP>{digest}</z:HasExtendedXMP>")


OTHER_PART = document(PHOTOSHOP, "<z:City>Zanzibar</z:City>")
DIGEST = "D" * 32
"""What ``extended_xmp`` calls its document."""


@pytest.mark.parametrize("written", [DIGEST, DIGEST.lower()])
def test_a_document_whose_other_part_is_there_is_whole(written: str) -> None:
    assert tells_a_place(said(with_segments(PLAIN, (0xE1, XMP_HEADER + naming(written)), *extended_xmp(OTHER_PART))))


def test_a_document_whose_other_part_is_not_there_is_doubted() -> None:
    assert not said_by_xmp(naming(DIGEST)).readable
    assert not said_by_xmp(document(NOTE, "", f' z:HasExtendedXMP="{DIGEST}"')).readable
    assert not said(with_segments(PLAIN, (0xE1, XMP_HEADER + naming("0" * 32)), *extended_xmp(OTHER_PART))).readable


def test_a_document_that_names_no_other_part_is_whole() -> None:
    assert said_by_xmp(document(NOTE, "<z:HasExtendedXMP> </z:HasExtendedXMP>")).readable
