"""The child's answer is untrusted: what an honest child would not write is a crash."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import (
    Encoded,
    ImagingError,
    PersonPlace,
    PersonTag,
    Provenance,
    Refusal,
    Removed,
    RemovedKind,
    RenditionSize,
)
from service.imaging.child import answer
from service.imaging.metadata.people import MAX_TAG, MAX_TAGS
from service.imaging.wire import (
    LENGTH,
    MAX_HEADER,
    Announced,
    Request,
    pack_cleaned,
    pack_header,
    pack_refusal,
    pack_request,
    unpack_answer,
    unpack_request,
)
from tests.service.imaging.dirty import drawing, saved

SIZES = (RenditionSize(name="320", long_side=320), RenditionSize(name="800", long_side=800))
FULL = Provenance(
    make="CanaryCam",
    model="Nine",
    serial="1",
    taken_at=datetime(2024, 6, 14, 10, 20, 30),  # noqa: DTZ001 - the camera's clock has no zone
    gps_present=True,
    orientation=6,
    person_tags=True,
    people=(
        PersonTag(place=PersonPlace.REGION_NAME, text='Zoë "Bo" Frost \\ 雪子'),
        PersonTag(place=PersonPlace.XP_KEYWORDS, text="Ada"),
    ),
    people_complete=False,
    readable=False,
    removed=(Removed(kind=RemovedKind.GPS, count=2),),
)
ENCODED = tuple(Encoded(name=size.name, width=300, height=200, content=b"jpeg") for size in SIZES)


def unpacked(header: bytes, longest: int = 1000) -> tuple[Provenance, tuple[Announced, ...]]:
    return unpack_answer(header, sizes=SIZES, longest=longest)


def reason(header: bytes, longest: int = 1000) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        unpacked(header, longest)
    return refused.value.reason


def honest() -> dict[str, dict[str, object] | list[dict[str, object]]]:
    fields: dict[str, dict[str, object] | list[dict[str, object]]] = json.loads(pack_cleaned(FULL, ENCODED)[LENGTH:])
    return fields


@pytest.mark.parametrize("provenance", [FULL, Provenance(), replace(FULL, taken_at=None, make=None)])
def test_an_answer_arrives_as_it_was_sent(provenance: Provenance) -> None:
    arrived, announced = unpacked(pack_cleaned(provenance, ENCODED)[LENGTH:])
    assert arrived == provenance
    assert announced == tuple(Announced(name=size.name, width=300, height=200, length=4) for size in SIZES)


def test_as_many_person_tags_as_there_may_be_fit_into_a_header() -> None:
    letters = ("\\", "é", "雪", "\U0001f600")
    people = tuple(
        PersonTag(place=PersonPlace.LR_HIERARCHICAL_SUBJECT, text=f"{number:03}" + letters[number % 4] * (MAX_TAG - 3))
        for number in range(MAX_TAGS)
    )
    header = pack_cleaned(replace(FULL, people=people), ENCODED)
    assert len(header) - LENGTH <= MAX_HEADER
    assert unpacked(header[LENGTH:])[0].people == people
    astral = tuple(PersonTag(place=tag.place, text=f"{tag.text[:3]}" + "\U0001f600" * (MAX_TAG - 3)) for tag in people)
    assert len(pack_cleaned(replace(FULL, people=astral), ENCODED)) <= MAX_HEADER


def test_a_request_arrives_as_it_was_sent() -> None:
    request = Request(sizes=SIZES, length=12, seconds=3)
    assert unpack_request(pack_request(request)[LENGTH:]) == request


@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_arrives_as_it_was_sent(refusal: Refusal) -> None:
    assert reason(pack_refusal(refusal)[LENGTH:]) is refusal


def test_a_header_has_its_length_in_front() -> None:
    header = pack_header({"a": 1})
    assert int.from_bytes(header[:LENGTH], "big") == len(header) - LENGTH


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\x80\x04\x95pickle",
        b"null",
        b"[]",
        b"{}",
        b'{"refused": "no-such-reason"}',
        b'{"refused": null}',
        b'{"refused": "empty", "more": 1}',
        b'{"provenance": {}, "renditions": []}',
        b"[" * 60_000,
        b"\xff\xfe",
    ],
)
def test_a_header_that_is_no_answer_is_a_crash(header: bytes) -> None:
    assert reason(header) is Refusal.CRASHED


@pytest.mark.parametrize(
    ("field", "lie"),
    [
        ("make", 5),
        ("make", ""),
        ("model", "a\nb"),
        ("model", "x" * 65),
        ("serial", "\u202e"),
        ("taken_at", 5),
        ("taken_at", "yesterday"),
        ("gps_present", 1),
        ("gps_present", None),
        ("orientation", 0),
        ("orientation", 9),
        ("orientation", True),
        ("orientation", "6"),
        ("person_tags", "no"),
        ("people", {}),
        ("people", None),
        ("people", ["Ada"]),
        ("people", [{"place": "artist"}]),
        ("people", [{"place": "artist", "text": "Ada", "more": 1}]),
        ("people", [{"place": "nowhere", "text": "Ada"}]),
        ("people", [{"place": 5, "text": "Ada"}]),
        ("people", [{"place": "artist", "text": 5}]),
        ("people", [{"place": "artist", "text": ""}]),
        ("people", [{"place": "artist", "text": " Ada"}]),
        ("people", [{"place": "artist", "text": "A\nda"}]),
        ("people", [{"place": "artist", "text": "A\u202eda"}]),
        ("people", [{"place": "artist", "text": "a" * 201}]),
        ("people", [{"place": "artist", "text": "Ada"}] * 201),
        ("people_complete", 1),
        ("people_complete", None),
        ("readable", 0),
        ("removed", {}),
        ("removed", [{"kind": "gps"}]),
        ("removed", [{"kind": "Ottoline", "count": 1}]),
        ("removed", [{"kind": "gps", "count": 0}]),
        ("removed", [{"kind": "gps", "count": 10**9}]),
        ("removed", [{"kind": "gps", "count": 1}] * 100),
    ],
)
def test_a_lie_about_the_provenance_is_a_crash(field: str, lie: object) -> None:
    fields = honest()
    said = fields["provenance"]
    assert isinstance(said, dict)
    said[field] = lie
    assert reason(json.dumps(fields).encode()) is Refusal.CRASHED


def test_a_missing_fact_is_a_crash() -> None:
    fields = honest()
    said = fields["provenance"]
    assert isinstance(said, dict)
    del said["readable"]
    assert reason(json.dumps(fields).encode()) is Refusal.CRASHED


@pytest.mark.parametrize(
    ("field", "lie"),
    [
        ("name", "800"),
        ("name", "../x"),
        ("width", 0),
        ("width", 321),
        ("width", 1.5),
        ("height", -1),
        ("height", "200"),
        ("length", 0),
        ("length", 300 * 200 * 3 + 65_537),
        ("length", 10**12),
        ("more", 1),
    ],
)
def test_a_lie_about_a_rendition_is_a_crash(field: str, lie: object) -> None:
    fields = honest()
    renditions = fields["renditions"]
    assert isinstance(renditions, list)
    renditions[0][field] = lie
    assert reason(json.dumps(fields).encode()) is Refusal.CRASHED


@pytest.mark.parametrize("renditions", [[], {}, "12", None])
def test_fewer_or_other_renditions_than_asked_for_are_a_crash(renditions: object) -> None:
    assert reason(json.dumps(honest() | {"renditions": renditions}).encode()) is Refusal.CRASHED


def test_a_rendition_larger_than_the_picture_is_a_crash() -> None:
    header = pack_cleaned(FULL, ENCODED)[LENGTH:]
    assert unpacked(header, longest=300)[1][0].width == 300
    assert reason(header, longest=299) is Refusal.CRASHED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["provenance", "renditions", "kind"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_an_answer_or_a_crash(value: object) -> None:
    assert reason(json.dumps(value).encode()) in Refusal


def test_the_child_answers_a_picture_with_a_header_and_its_files() -> None:
    header, *files = answer(saved(drawing(900, 600), "PNG"), SIZES)
    _, announced = unpacked(header[LENGTH:])
    assert [one.length for one in announced] == [len(file) for file in files]
    assert [(one.width, one.height) for one in announced] == [(320, 213), (800, 533)]


def test_the_child_answers_what_is_no_picture_with_its_reason() -> None:
    (header,) = answer(b"hello", SIZES)
    assert reason(header[LENGTH:]) is Refusal.NOT_AN_IMAGE
