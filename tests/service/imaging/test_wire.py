"""The child's answer is untrusted: what an honest child would not write is a crash."""

import json
from dataclasses import asdict, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from service.imaging import ImagingError, PersonPlace, PersonTag, Provenance, Refusal, Removed, RemovedKind
from service.imaging.jail.walls import Wall
from service.imaging.metadata.people import MAX_TAG, MAX_TAGS
from service.imaging.raster import Raster
from service.imaging.sharing import PIXELS_AT
from service.imaging.wire import (
    MAX_MESSAGE,
    Ended,
    Request,
    pack_ended,
    pack_ready,
    pack_request,
    read_answer,
    unpack_ended,
    unpack_ready,
    unpack_request,
    write_cleaned,
    write_refusal,
)
from service.imaging.zygote import write_answer
from tests.service.imaging.dirty import drawing, saved

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
    consistent=False,
    removed=(Removed(kind=RemovedKind.GPS, count=2),),
)
IMAGE = Image.frombytes("RGB", (30, 20), bytes(range(200)) * 9)


def blank(pixels: int = 600) -> memoryview:
    return memoryview(bytearray(PIXELS_AT + 3 * pixels))


def written(fields: object, pixels: int = 600) -> memoryview:
    """An answer with any header."""
    return with_header(json.dumps(fields).encode(), pixels)


def with_header(header: bytes, pixels: int = 600) -> memoryview:
    answer = blank(pixels)
    answer[: 4 + len(header)] = len(header).to_bytes(4, "big") + header
    return answer


def reason(answer: memoryview, longest: int = 1000) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        read_answer(answer, longest=longest)
    return refused.value.reason


def honest() -> dict[str, object]:
    answer = blank()
    write_cleaned(answer, FULL, IMAGE)
    length = int.from_bytes(answer[:4], "big")
    fields: dict[str, object] = json.loads(bytes(answer[4 : 4 + length]))
    return fields


@pytest.mark.parametrize("provenance", [FULL, Provenance(), replace(FULL, taken_at=None, make=None)])
def test_an_answer_arrives_as_it_was_written(provenance: Provenance) -> None:
    answer = blank()
    write_cleaned(answer, provenance, IMAGE)
    arrived, raster = read_answer(answer, longest=30)
    assert arrived == provenance
    assert (raster.width, raster.height, bytes(raster.pixels)) == (30, 20, IMAGE.tobytes())


def test_as_many_person_tags_as_there_may_be_fit_into_a_header() -> None:
    for letter in ("\\", "é", "雪", "\U0001f600"):
        people = tuple(
            PersonTag(place=PersonPlace.LR_HIERARCHICAL_SUBJECT, text=f"{number:03}" + letter * (MAX_TAG - 3))
            for number in range(MAX_TAGS)
        )
        answer = blank()
        write_cleaned(answer, replace(FULL, people=people), IMAGE)
        assert read_answer(answer, longest=30)[0].people == people


def test_more_pixels_than_there_is_room_for_are_not_written() -> None:
    answer = blank(599)
    with pytest.raises(ImagingError):
        write_cleaned(answer, FULL, IMAGE)
    assert not any(answer)


def test_a_request_arrives_as_it_was_sent() -> None:
    request = Request(long_side=1600, seconds=3, nonce="n")
    assert unpack_request(pack_request(request)) == request


@pytest.mark.parametrize("walls", [frozenset[Wall](), frozenset({Wall.SECCOMP}), frozenset(Wall)])
def test_the_walls_arrive_as_they_stand(walls: frozenset[Wall]) -> None:
    assert unpack_ready(pack_ready(walls)) == walls


@pytest.mark.parametrize(
    "ended",
    [Ended(nonce="n", well=True, out_of_time=False, peak_kib=9), Ended(nonce="n", well=False, out_of_time=True, peak_kib=0)],
)
def test_an_end_arrives_as_it_was(ended: Ended) -> None:
    assert unpack_ended(pack_ended(ended)) == ended


@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_arrives_as_it_was_written(refusal: Refusal) -> None:
    answer = blank()
    write_refusal(answer, refusal)
    assert reason(answer) is refusal


NO_MESSAGES = [
    *(b"", b"\x80\x04\x95pickle", b"null", b"[]", b"{}", b"[" * MAX_MESSAGE, b"\xff\xfe"),
    *(b'{"walls": ["glass"]}', b'{"walls": 3}'),
]
ENDED = asdict(Ended(nonce="n", well=True, out_of_time=False, peak_kib=9))


@pytest.mark.parametrize(
    "message",
    [
        *NO_MESSAGES,
        *(
            json.dumps(ENDED | lie).encode()
            for lie in (
                {"well": 1},
                {"out_of_time": None},
                {"peak_kib": -1},
                {"peak_kib": 1e3},
                {"peak_kib": 1 << 40},
                {"more": 1},
            )
        ),
    ],
)
def test_a_message_that_is_none_is_a_crash(message: bytes) -> None:
    for unpack in (unpack_ended, unpack_ready):
        with pytest.raises(ImagingError) as refused:
            unpack(message)
        assert refused.value.reason is Refusal.CRASHED


@pytest.mark.parametrize(
    "header",
    [
        *NO_MESSAGES,
        b'{"refused": "no-such-reason"}',
        b'{"refused": null}',
        b'{"refused": "empty", "more": 1}',
        b'{"provenance": {}, "width": 30, "height": 20}',
        b"[" * 60_000,
    ],
)
def test_a_header_that_is_no_answer_is_a_crash(header: bytes) -> None:
    assert reason(with_header(header)) is Refusal.CRASHED


def test_an_answer_that_was_never_written_is_a_crash() -> None:
    assert reason(blank()) is Refusal.CRASHED


@pytest.mark.parametrize("length", [PIXELS_AT - 3, PIXELS_AT, 0xFFFFFFFF])
def test_a_header_that_runs_into_the_pixels_is_a_crash(length: int) -> None:
    answer = written(honest())
    answer[:4] = length.to_bytes(4, "big")
    assert reason(answer) is Refusal.CRASHED


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
        ("consistent", 1),
        ("consistent", None),
        ("consistent", "no"),
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
    assert reason(written(fields)) is Refusal.CRASHED


@pytest.mark.parametrize("fact", ["readable", "consistent", "make"])
def test_a_missing_fact_is_a_crash(fact: str) -> None:
    fields = honest()
    said = fields["provenance"]
    assert isinstance(said, dict)
    del said[fact]
    assert reason(written(fields)) is Refusal.CRASHED


@pytest.mark.parametrize(
    ("field", "lie"),
    [
        *(("width", lie) for lie in (0, -30, 31, 1001, 10**12, 30.0, "30", None, True)),
        *(("height", lie) for lie in (0, -20, 21, 1001, 10**12, 20.0, "20", None, True)),
        ("more", 1),
    ],
)
def test_a_lie_about_the_size_is_a_crash(field: str, lie: object) -> None:
    assert reason(written(honest() | {field: lie})) is Refusal.CRASHED


def test_a_picture_longer_than_it_can_be_is_a_crash() -> None:
    assert read_answer(written(honest()), longest=30)[1].width == 30
    assert reason(written(honest()), longest=29) is Refusal.CRASHED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["provenance", "width", "kind"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_an_answer_or_a_crash(value: object) -> None:
    assert reason(written(value)) in Refusal


def test_a_picture_is_answered_with_raw_pixels_of_the_size_asked_for() -> None:
    answer = blank(320 * 213)
    write_answer(saved(drawing(900, 600), "PNG"), Request(long_side=320, seconds=1, nonce="n"), answer)
    _, raster = read_answer(answer, longest=320)
    assert (raster.width, raster.height) == (320, 213)
    assert len(set(bytes(raster.pixels))) > 10


def test_what_is_no_picture_is_answered_with_its_reason() -> None:
    answer = blank()
    write_answer(b"hello", Request(long_side=320, seconds=1, nonce="n"), answer)
    assert reason(answer) is Refusal.NOT_AN_IMAGE


@pytest.mark.parametrize(("width", "height", "length"), [(0, 0, 0), (1, 1, 2), (1, 1, 4), (-1, -1, 3), (2, 1, 3)])
def test_a_raster_has_three_bytes_for_each_pixel(width: int, height: int, length: int) -> None:
    with pytest.raises(ValueError, match="raster"):
        Raster(width=width, height=height, pixels=bytes(length))
