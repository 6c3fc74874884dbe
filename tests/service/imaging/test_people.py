"""Every place where a file may name people is read, the texts are capped, and nothing shows them."""

import itertools
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import PersonPlace, PersonTag, Provenance, Refusal
from service.imaging.metadata.people import MAX_READ, MAX_TAG, MAX_TAGS, People
from service.imaging.metadata.text import user_comment
from service.imaging.metadata.xmpfields import FIELDS
from tests.service.imaging.dirty import drawing, extended_xmp, resources, saved, with_chunks, with_segments, xmp
from tests.service.imaging.notes import ASCII, SHORT, UNDEFINED, Field, block, canon, fujifilm, noted, panasonic
from tests.service.imaging.saying import PLAIN, said, said_by_exif, said_by_photoshop, said_by_xmp

NAME = "Zoë Frost"
WIDE = NAME.encode("utf-16-le") + b"\x00\x00"


def texts(provenance: Provenance, place: PersonPlace) -> list[str]:
    return [tag.text for tag in provenance.people if tag.place is place]


def in_exif(*fields: Field) -> Callable[[], Provenance]:
    return lambda: said_by_exif(block(exif=fields))


def in_iptc(number: int) -> Callable[[], Provenance]:
    name = NAME.encode()
    return lambda: said_by_photoshop(resources(struct.pack(">BBBH", 0x1C, 2, number, len(name)) + name))


def in_xmp(field: str) -> Callable[[], Provenance]:
    space, _, name = field.rpartition(" ")
    return lambda: said_by_xmp(xmp(f'<f:{name} xmlns:f="{space}">{NAME}</f:{name}>'))


def fuji_faces() -> bytes:
    name = NAME.encode()
    face = bytearray(62)
    struct.pack_into("<II", face, 30, len(name), 16 + 62)
    return struct.pack("<IIII", 16, 62, 0, 0) + bytes(face) + name


PLACES: list[tuple[PersonPlace, Callable[[], Provenance]]] = [
    (PersonPlace.IPTC_KEYWORDS, in_iptc(25)),
    (PersonPlace.IPTC_CAPTION, in_iptc(120)),
    *((PersonPlace.IPTC_WORDS, in_iptc(number)) for number in (5, 105)),
    *((PersonPlace.IPTC_CREATOR, in_iptc(number)) for number in (80, 85, 110, 115, 116, 118, 122)),
    *((place, in_exif((tag, 1, WIDE))) for tag, place in (
        (0x9C9B, PersonPlace.XP_TITLE),
        (0x9C9C, PersonPlace.XP_COMMENT),
        (0x9C9D, PersonPlace.XP_AUTHOR),
        (0x9C9E, PersonPlace.XP_KEYWORDS),
        (0x9C9F, PersonPlace.XP_SUBJECT),
    )),
    (PersonPlace.XP_KEYWORDS, in_exif((0x9C9E, 1, f"school;{NAME};trip".encode("utf-16-le")))),
    (PersonPlace.XP_KEYWORDS, in_exif((0x9C9E, SHORT, WIDE))),
    (PersonPlace.XP_KEYWORDS, in_exif((0x9C9E, 1, NAME.encode()))),
    (PersonPlace.USER_COMMENT, in_exif((0x9286, UNDEFINED, b"UNICODE\x00" + NAME.encode("utf-16-be")))),
    *((place, in_exif((tag, ASCII, NAME.encode() + b"\x00"))) for tag, place in (
        (0x010D, PersonPlace.IMAGE_DESCRIPTION),
        (0x010E, PersonPlace.IMAGE_DESCRIPTION),
        (0x013B, PersonPlace.ARTIST),
        (0x013C, PersonPlace.HOST_COMPUTER),
        (0x8298, PersonPlace.COPYRIGHT),
        (0xA430, PersonPlace.OWNER_NAME),
        (0xA436, PersonPlace.IMAGE_DESCRIPTION),
        (0xA437, PersonPlace.ARTIST),
        (0xA438, PersonPlace.ARTIST),
    )),
    (PersonPlace.ARTIST, in_exif((0x013B, 129, NAME.encode()))),
    (PersonPlace.ARTIST, in_exif((0x013B, ASCII, NAME.encode("cp1252")))),
    (PersonPlace.ARTIST, in_exif((0x013B, ASCII, b"Ada\x00"), (0x013B, ASCII, NAME.encode()))),
    (PersonPlace.ARTIST, lambda: said_by_exif(block((0x013B, ASCII, NAME.encode())))),
    (PersonPlace.ARTIST, lambda: said_by_exif(block(thumbnail=((0x013B, ASCII, NAME.encode()),)))),
    (PersonPlace.MAKER_NOTE_OWNER, lambda: said_by_exif(noted("Canon", canon((0x0009, ASCII, NAME.encode() + bytes(9)))))),
    (PersonPlace.MAKER_NOTE_TITLE, lambda: said_by_exif(noted("Panasonic", panasonic((0x65, UNDEFINED, NAME.encode()))))),
    (PersonPlace.MAKER_NOTE_NAME, lambda: said_by_exif(noted("Panasonic", panasonic((0x66, UNDEFINED, NAME.encode()))))),
    (
        PersonPlace.MAKER_NOTE_NAME,
        lambda: said_by_exif(noted("Panasonic", panasonic((0x66, UNDEFINED, NAME.encode()), base=12), model="DC-FT7")),
    ),
    (
        PersonPlace.MAKER_NOTE_NAME,
        lambda: said_by_exif(
            noted("Panasonic", panasonic((0x61, UNDEFINED, b"\x02\x00\x00\x00" + bytes(48) + NAME.encode().ljust(48, b"\x00"))))
        ),
    ),
    (PersonPlace.MAKER_NOTE_NAME, lambda: said_by_exif(noted("FUJIFILM", fujifilm((0x4282, UNDEFINED, fuji_faces()))))),
    (PersonPlace.COMMENT, lambda: said(with_segments(PLAIN, (0xFE, NAME.encode())))),
    *((PersonPlace.PNG_TEXT, lambda chunk=chunk: said(with_chunks(saved(drawing(), "PNG"), chunk))) for chunk in (
        (b"tEXt", b"Author\x00" + NAME.encode("latin-1")),
        (b"zTXt", b"Comment\x00\x00" + zlib.compress(NAME.encode("latin-1"))),
        (b"iTXt", b"People\x00\x00\x00\x00\x00" + NAME.encode()),
        (b"iTXt", b"People\x00\x01\x00en\x00\x00" + zlib.compress(NAME.encode())),
    )),
    *((place, in_xmp(field)) for field, (_, place) in FIELDS.items()),
]  # fmt: skip


@pytest.mark.parametrize(("place", "read"), PLACES)
def test_a_name_is_told_from_every_place_where_it_may_stand(place: PersonPlace, read: Callable[[], Provenance]) -> None:
    provenance = read()
    assert NAME in texts(provenance, place)
    assert provenance.readable


def test_every_place_is_tried() -> None:
    assert {place for place, _ in PLACES} == set(PersonPlace)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "written",
    [
        '<f:{name} xmlns:f="{space}"><rdf:Bag><rdf:li>school</rdf:li><rdf:li>{text}</rdf:li></rdf:Bag></f:{name}>',
        '<f:{name} xmlns:f="{space}"><rdf:Seq><rdf:li>{text}</rdf:li></rdf:Seq></f:{name}>',
        '<f:{name} xmlns:f="{space}"><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></f:{name}>',
        '<x xmlns="urn:x" xmlns:f="{space}" f:{name}="{text}"/>',
        '<f:{name} xmlns:f="{space}" rdf:parseType="Resource"><v xmlns="urn:x">{text}</v></f:{name}>',
        '<f:{name} xmlns:f="{space}"><rdf:Description xmlns:g="urn:x" g:v="{text}"/></f:{name}>',
        '<f:{name} xmlns:f="{space}"><![CDATA[{text}]]></f:{name}>',
    ],
)
def test_a_field_of_xmp_is_read_however_it_is_written(field: str, written: str) -> None:
    space, _, name = field.rpartition(" ")
    document = xmp(written.format(name=name, space=space, text="People|Ada Frost"))
    assert "People|Ada Frost" in texts(said_by_xmp(document), FIELDS[field][1])


def test_the_innermost_field_says_the_place() -> None:
    body = (
        '<e:PersonInImageWDetails xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>Ada</d:title></e:PersonInImageWDetails>'
    )
    provenance = said_by_xmp(xmp(body))
    assert texts(provenance, PersonPlace.DC_TITLE) == ["Ada"]
    assert texts(provenance, PersonPlace.PERSON_IN_IMAGE) == []


def test_a_name_in_extended_xmp_is_told() -> None:
    document = xmp(f'<d:TagsList xmlns:d="http://www.digikam.org/ns/1.0/">People/{NAME}</d:TagsList>')
    assert texts(said(with_segments(PLAIN, *extended_xmp(document))), PersonPlace.DIGIKAM_TAGS) == [f"People/{NAME}"]


@pytest.mark.parametrize(
    "number",
    [0x02BC, 0x83BB, 0x8649],
)
def test_blocks_inside_an_exif_block_are_read(number: int) -> None:
    iptc = b"\x1c\x02\x19\x00\x09Ada Frost"
    inside = {0x02BC: xmp("<dc:title>Ada Frost</dc:title>"), 0x83BB: iptc, 0x8649: resources(iptc)}
    assert "Ada Frost" in [tag.text for tag in said_by_exif(block((number, UNDEFINED, inside[number]))).people]


def test_xmp_inside_photoshop_resources_is_read() -> None:
    assert texts(said_by_photoshop(resources(xmp("<dc:title>Ada</dc:title>"), number=0x0424)), PersonPlace.DC_TITLE) == ["Ada"]


@pytest.mark.parametrize("number", [0x0422, 0x0423])
def test_exif_inside_photoshop_resources_is_doubted(number: int) -> None:
    assert not said_by_photoshop(resources(b"MM\x00*", number=number)).readable


def test_records_follow_a_resource_whose_odd_body_nobody_padded() -> None:
    odd = b"8BIM\x03\xed\x00\x00\x00\x00\x00\x03abc"
    provenance = said_by_photoshop(odd + resources(b"\x1c\x02\x19\x00\x03Ada"))
    assert (texts(provenance, PersonPlace.IPTC_KEYWORDS), provenance.readable) == (["Ada"], True)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1c\x01\x5a\x00\x03\x1b%G\x1c\x02\x19\x00\x04Zo\xc3\xab", "Zoë"),
        (b"\x1c\x02\x19\x00\x04Zo\xc3\xab", "Zoë"),
        (b"\x1c\x02\x19\x00\x03Zo\xeb", "Zoë"),
        (b"\x1c\x01\x5a\x00\x03\x1b%G\x1c\x02\x19\x00\x03Zo\xeb", "Zoë"),
        (b"\x1c\x02\x19\x00\x07O\x92Neill", "O\u2019Neill"),
        (b"\x1c\x02\x19\x00\x08Zo\xc3\xab Bo\xc3", "Zoë Bo"),
        (b"\x1c\x02\x19\x00\x08\xff\xfeA\x00d\x00a\x00", "Ada"),
    ],
)
def test_iptc_is_read_in_the_letters_it_is_written_in_whatever_it_claims(raw: bytes, text: str) -> None:
    assert texts(said_by_photoshop(resources(raw)), PersonPlace.IPTC_KEYWORDS) == [text]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"ASCII\x00\x00\x00" + NAME.encode(), NAME),
        (b"ASCII\x00\x00\x00" + NAME.encode("utf-16-le"), NAME),
        (b"UNICODE\x00" + NAME.encode("utf-16-le"), NAME),
        (b"UNICODE\x00" + NAME.encode("utf-16-be"), NAME),
        (b"UNICODE\x00" + NAME.encode("utf-16"), NAME),
        (b"UNICODE\x00" + NAME.encode("utf-16-le") + b"\x00", NAME),
        (b"Unicode\x00" + NAME.encode("utf-16-le"), NAME),
        (b"UNICODE\x00" + NAME.encode(), NAME),
        (b"JIS\x00\x00\x00\x00\x00" + "雪子".encode("iso2022_jp"), "雪子"),
        (b"JIS\x00\x00\x00\x00\x00" + "雪子".encode("shift_jis"), "雪子"),
        (bytes(8) + NAME.encode(), NAME),
        (b"        " + NAME.encode(), NAME),
        (b"Mine: " + NAME.encode(), f"Mine: {NAME}"),
        (b"UNICODE\x00" + "Łucja Śliwa".encode("utf-16-le"), "Łucja Śliwa"),
    ],
)
def test_a_user_comment_is_read_in_every_character_code(raw: bytes, text: str, order: str) -> None:
    assert text in [reading.strip("\x00") for reading in user_comment(raw, order)]


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_user_comment_without_zero_bytes_is_in_the_byte_order_of_its_block(order: str) -> None:
    encoding = "utf-16-le" if order == "<" else "utf-16-be"
    provenance = said_by_exif(block(exif=((0x9286, UNDEFINED, b"UNICODE\x00" + "Αγγελική".encode(encoding)),), order=order))
    assert "Αγγελική" in texts(provenance, PersonPlace.USER_COMMENT)


def test_a_long_text_is_told_in_several_tags() -> None:
    caption = "The whole class went to the sea " * 20 + NAME
    provenance = said_by_exif(block((0x010E, ASCII, caption.encode())))
    told = texts(provenance, PersonPlace.IMAGE_DESCRIPTION)
    assert NAME in told[-1]
    assert all(len(text) <= MAX_TAG for text in told)
    assert provenance.doubt is None


@given(st.lists(st.text("abcdefg", min_size=1, max_size=25), min_size=2, max_size=200))
def test_two_words_that_stand_together_stand_together_in_some_tag(words: list[str]) -> None:
    people = People()
    people.add(PersonPlace.COMMENT, "  ".join(words))
    told = [f" {tag.text} " for tag in people.tags]
    assert people.complete
    assert all(any(f" {one} {other} " in text for text in told) for one, other in itertools.pairwise(words))


@given(st.text(max_size=1500))
def test_what_is_told_is_printable_and_short_and_not_blank(text: str) -> None:
    people = People()
    people.add(PersonPlace.COMMENT, text)
    assert all(tag.text.isprintable() and 0 < len(tag.text) <= MAX_TAG and tag.text.strip() == tag.text for tag in people.tags)


def test_a_list_that_is_cut_is_doubted() -> None:
    def keywords(number: int) -> Provenance:
        return said_by_photoshop(resources(b"".join(b"\x1c\x02\x19\x00\x03%03d" % one for one in range(number))))

    assert (len(keywords(MAX_TAGS).people), keywords(MAX_TAGS).doubt) == (MAX_TAGS, None)
    cut = keywords(MAX_TAGS + 1)
    assert (len(cut.people), cut.people_complete, cut.readable) == (MAX_TAGS, False, True)
    assert cut.doubt is Refusal.UNREADABLE_METADATA


def test_the_same_tag_is_told_once_and_takes_the_room_of_one() -> None:
    provenance = said_by_photoshop(resources(b"\x1c\x02\x19\x00\x03Ada" * 500))
    assert (texts(provenance, PersonPlace.IPTC_KEYWORDS), provenance.doubt) == (["Ada"], None)


def test_more_text_than_is_read_is_doubted() -> None:
    people = People()
    people.add(PersonPlace.COMMENT, " " * (MAX_READ - 3) + "Ada")
    assert people.complete
    people.add(PersonPlace.COMMENT, "Ada")
    assert not people.complete


@pytest.mark.parametrize(
    "hidden",
    [
        block((0x010E, ASCII, b" " * 65_537)),
        block(*((0x010E, ASCII, b"a"),) * 21),
    ],
)
def test_a_text_too_long_or_too_often_to_be_read_is_doubted(hidden: bytes) -> None:
    assert not said(saved(drawing(), "PNG", exif=b"Exif\x00\x00" + hidden)).readable


def test_more_datasets_than_are_read_are_doubted() -> None:
    text = b"\niptc\n1\n%s\n" % (b"\x1c\x02\x19\x00\x00" * 100_001).hex().encode()
    chunk = (b"zTXt", b"Raw profile type iptc\x00\x00" + zlib.compress(text))
    assert not said(with_chunks(saved(drawing(), "PNG"), chunk)).readable


def test_more_datasets_than_are_read_are_doubted_however_they_are_spread() -> None:
    few = resources(b"\x1c\x02\x19\x00\x00" * 10_000)
    segments = [(0xED, b"Photoshop 3.0\x00" + few)]
    assert said(with_segments(PLAIN, *segments * 10)).readable
    assert not said(with_segments(PLAIN, *segments * 11)).readable


def test_compressed_texts_are_unpacked_to_a_limit_for_the_whole_file() -> None:
    chunk = (b"zTXt", b"Comment\x00\x00" + zlib.compress(b" " * 6_000_000))
    assert said(with_chunks(saved(drawing(), "PNG"), chunk, chunk)).readable
    assert not said(with_chunks(saved(drawing(), "PNG"), chunk, chunk, chunk)).readable


def test_more_documents_than_are_read_are_doubted() -> None:
    chunk = (b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00<a/>")
    assert said(with_chunks(saved(drawing(), "PNG"), *(chunk,) * 16)).readable
    assert not said(with_chunks(saved(drawing(), "PNG"), *(chunk,) * 17)).readable


def test_no_text_shows_when_a_tag_or_a_provenance_is_shown() -> None:
    provenance = said_by_exif(block((0x013B, ASCII, NAME.encode())))
    assert texts(provenance, PersonPlace.ARTIST) == [NAME]
    assert "Frost" not in f"{provenance!r} {provenance} {provenance.people[0]!r} {PersonTag(place=PersonPlace.ARTIST, text=NAME)}"


def test_names_that_the_camera_recognised_count_as_person_tags() -> None:
    assert said_by_exif(noted("Panasonic", panasonic((0x66, UNDEFINED, NAME.encode())))).person_tags
    assert not said_by_exif(noted("Canon", canon((0x0009, ASCII, NAME.encode())))).person_tags


def test_what_a_program_says_of_itself_and_the_time_names_nobody() -> None:
    chunks = [(b"tEXt", b"Software\x00Paint"), (b"tEXt", b"date:create\x002024-06-14")]
    assert said(with_chunks(saved(drawing(), "PNG"), *chunks)).people == ()
