"""One spelling for every value, read back strictly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.canonical import NotCanonical, canonical, digest, parse, plain, read
from consent.case import Case, case_bytes, parse_case
from consent.people import PupilId
from consent.photo import Photo
from consent.purposes import HighProfile, Journal, Purpose, SharedSite, Website
from consent.register import Answer, Pupil, Register
from tests.consent.making import ANN, BOB, NOW, POLICY, a_case, a_photo, a_pupil


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One field of every kind that has a spelling."""

    text: str
    count: int
    flag: bool
    share: float | None
    colour: Colour
    at: datetime
    on: date | None
    ids: frozenset[PupilId]
    days: tuple[date, ...]
    by_id: Mapping[PupilId, int]
    extra: str = "usual"


THING: Final = Thing(
    text="é ☃",
    count=-3,
    flag=True,
    share=0.5,
    colour=Colour.RED,
    at=datetime(2026, 9, 1, 8, tzinfo=UTC),
    on=date(2026, 9, 1),
    ids=frozenset({PupilId("b"), PupilId("a")}),
    days=(date(2026, 9, 2), date(2026, 9, 1)),
    by_id={PupilId("y"): 1, PupilId("x"): 2},
)
SPELLED: Final = (
    '{"at":"2026-09-01T08:00:00.000000Z","by_id":{"x":2,"y":1},"colour":"red","count":-3,"days":["2026-09-02","2026-09-01"],'
    '"extra":"usual","flag":true,"ids":["a","b"],"on":"2026-09-01","share":0.5,"text":"é ☃"}'
)


def test_keys_and_sets_are_sorted_tuples_are_not_and_letters_stay_letters() -> None:
    assert canonical(THING) == SPELLED.encode()
    assert digest(THING) == digest(THING)
    assert digest(THING) != digest(replace(THING, count=-2))


def test_what_was_spelled_reads_back_as_itself() -> None:
    assert read(Thing, parse(SPELLED)) == THING
    assert read(Thing, parse(SPELLED.encode())) == THING


EQUAL: Final = {
    "numbers": (1.0, 1),
    "zeros": (-0.0, 0.0),
    "instants": (NOW, NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))),
    "mappings told in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "sets": (frozenset({"a", "b", "c"}), frozenset({"c", "b", "a"})),
    "a mapping and the value it spells": ({"owner": "x"}, {"owner": "x"}),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL.keys())
def test_equal_values_have_equal_bytes(one: object, other: object) -> None:
    assert one == other
    assert canonical(one) == canonical(other)


INSTANTS: Final = {
    datetime(2026, 9, 1, 8, tzinfo=UTC): "2026-09-01T08:00:00.000000Z",
    datetime(2026, 9, 1, 8, 0, 0, 1, tzinfo=UTC): "2026-09-01T08:00:00.000001Z",
    datetime(2026, 9, 1, 1, tzinfo=timezone(timedelta(hours=2))): "2026-08-31T23:00:00.000000Z",
    datetime(1, 1, 1, tzinfo=UTC): "0001-01-01T00:00:00.000000Z",
    datetime(987, 6, 5, tzinfo=UTC): "0987-06-05T00:00:00.000000Z",
}


@pytest.mark.parametrize(("instant", "text"), INSTANTS.items(), ids=INSTANTS.values())
def test_an_instant_is_spelled_in_utc_with_microseconds(instant: datetime, text: str) -> None:
    assert plain(instant) == text
    assert read(datetime, text) == instant


@pytest.mark.parametrize(("destination", "text"), [(Website(), "website"), (Journal(owner=ANN), "journal:ann")])
def test_a_destination_is_one_word(destination: object, text: str) -> None:
    assert plain(destination) == text
    assert read(type(destination), text) == destination


UNSPEAKABLE: Final = {
    "a naive instant": datetime(2026, 9, 1, 8),  # noqa: DTZ001 - what is tested
    "an instant before the calendar": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
    "no number": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "bytes": b"x",
    "a set that may change": {"x"},
    "a list that may change": ["x"],
    "a class": Thing,
    "any object": object(),
    "half a character": "\ud800",
    "half a character deep down": {"x": ("\udfff",)},
}


@pytest.mark.parametrize("value", UNSPEAKABLE.values(), ids=UNSPEAKABLE.keys())
def test_a_value_without_a_spelling_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


NOT_JSON: Final = {
    "nothing": "",
    "half an object": "{",
    "a word": "yes",
    "no number": "NaN",
    "infinity": "[Infinity]",
    "a key twice": '{"a":1,"a":1}',
    "a key twice, deep down": '[{"b":{"a":1,"a":2}}]',
    "bytes that are no text": b"\xff\xfe\xfd",
    "100 kB of brackets": "[" * 100_000,
    "a number too long to read": "1" * 5000,
}


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotCanonical, match=r"^\$"):
        parse(text)


@pytest.mark.parametrize(("text", "why"), [('{"a":1,"a":1}', "a key stands twice"), ("NaN", "not a finite number")])
def test_the_reason_of_a_refusal_is_kept(text: str, why: str) -> None:
    with pytest.raises(NotCanonical, match=why):
        parse(text)


WRONG: Final[Mapping[str, tuple[str, object, str]]] = {
    "text": ("text", 1, "$.text"),
    "half a character": ("text", "\ud800", "$.text"),
    "a number as text": ("count", "1", "$.count"),
    "a truth as number": ("count", True, "$.count"),
    "a broken number as number": ("count", 1.0, "$.count"),
    "a number as truth": ("flag", 1, "$.flag"),
    "nothing as truth": ("flag", None, "$.flag"),
    "a truth as share": ("share", True, "$.share"),
    "a text as share": ("share", "0.5", "$.share"),
    "an infinite share": ("share", float("inf"), "$.share"),
    "a share too large to read": ("share", 10**400, "$.share"),
    "an unknown word": ("colour", "blue", "$.colour"),
    "no word at all": ("colour", 1, "$.colour"),
    "a naive instant": ("at", "2026-09-01T08:00:00", "$.at"),
    "a day as instant": ("at", "2026-09-01", "$.at"),
    "an instant before the calendar": ("at", "0001-01-01T00:00:00+05:00", "$.at"),
    "an instant as number": ("at", 1788249600, "$.at"),
    "a day that is none": ("on", "2026-02-30", "$.on"),
    "an instant as day": ("on", "2026-09-01T08:00:00Z", "$.on"),
    "a text as list": ("ids", "ab", "$.ids"),
    "an object as list": ("days", {}, "$.days"),
    "an item twice": ("ids", ["a", "a"], "$.ids"),
    "a wrong item": ("days", ["2026-09-01", 7], r"$.days[1]"),
    "a list as object": ("by_id", [], "$.by_id"),
    "a wrong value in an object": ("by_id", {"x": "SECRET"}, "$.by_id.*"),
}


@pytest.mark.parametrize(("key", "value", "path"), WRONG.values(), ids=WRONG.keys())
def test_a_mistyped_part_is_refused_naming_its_path_and_echoing_nothing(key: str, value: object, path: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        read(Thing, {**json.loads(SPELLED), key: value})
    assert str(refused.value).startswith(f"{path}:")
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("key", sorted(set(json.loads(SPELLED)) - {"extra"}))
def test_a_missing_part_is_refused(key: str) -> None:
    given = json.loads(SPELLED)
    del given[key]
    with pytest.raises(NotCanonical, match=rf"^\$\.{key}: missing$"):
        read(Thing, given)


def test_a_part_with_a_usual_value_may_be_missing() -> None:
    given = json.loads(SPELLED)
    del given["extra"]
    assert read(Thing, given) == THING


def test_an_unknown_part_is_refused_and_not_echoed() -> None:
    with pytest.raises(NotCanonical, match=r"^\$: unknown key$"):
        read(Thing, {**json.loads(SPELLED), "SECRET": 1})


@pytest.mark.parametrize("value", [None, 1, "x", []])
def test_a_whole_that_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        read(Thing, value)


@pytest.mark.parametrize("value", ["", "press", "journal:", 7, None])
def test_what_names_no_destination_is_refused(value: object) -> None:
    for wanted in (Website, HighProfile, SharedSite, Journal):
        with pytest.raises(NotCanonical):
            read(wanted, value)


@given(share=st.floats(allow_nan=False, allow_infinity=False))
def test_any_share_reads_back_as_itself(share: float) -> None:
    assert read(float, parse(canonical(share))) == share


# --- cases ------------------------------------------------------------------------------------------------------------

CASE: Final = a_case(a_pupil(), a_pupil(BOB))
GIVEN: Final[dict[str, Any]] = json.loads(case_bytes(CASE))


def test_a_case_reads_back_as_itself_with_the_policy_as_its_own_text() -> None:
    assert parse_case(case_bytes(CASE)) == CASE
    assert GIVEN["policy"] == POLICY.text
    without = replace(CASE, policy=None)
    assert parse_case(case_bytes(without)) == without
    assert case_bytes(without) != case_bytes(CASE)


def test_every_part_of_a_case_shows_in_its_bytes() -> None:
    others: list[Case] = [
        replace(CASE, now=NOW + timedelta(microseconds=1)),
        replace(CASE, destination=SharedSite()),
        replace(CASE, photo=replace(CASE.photo, largest_face=0.1)),
        replace(CASE, register=replace(CASE.register, version=2)),
        a_case(a_pupil(protected=True), a_pupil(BOB)),
    ]
    assert len({case_bytes(case) for case in (CASE, *others)}) == 6


@pytest.mark.parametrize("key", sorted(GIVEN))
def test_a_case_without_one_of_its_parts_is_refused(key: str) -> None:
    with pytest.raises(NotCanonical):
        parse_case(json.dumps({part: value for part, value in GIVEN.items() if part != key}))


PARTS: Final[Mapping[str, tuple[str, object, str]]] = {
    "a policy that is no text": ("policy", 1, "$.policy"),
    "a policy that is refused": ("policy", "SECRET", "$.policy"),
    "a photo that is none": ("photo", {"SECRET": 1}, "$.photo"),
    "a destination that is none": ("destination", "SECRET", "$.destination"),
    "a register that is none": ("register", [], "$.register"),
    "a clock without a zone": ("now", "2026-11-10T12:00:00", "$.now"),
    "a part too many": ("SECRET", 1, "$"),
}


@pytest.mark.parametrize(("key", "value", "path"), PARTS.values(), ids=PARTS.keys())
def test_a_case_with_a_broken_part_is_refused_naming_its_path(key: str, value: object, path: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        parse_case(json.dumps({**GIVEN, key: value}))
    assert str(refused.value).startswith(f"{path}:")
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("value", ["[]", "null", "1", '"case"'])
def test_a_case_is_an_object(value: str) -> None:
    with pytest.raises(NotCanonical):
        parse_case(value)


def test_the_shapes_of_the_house_read_back_as_themselves() -> None:
    photo, register = a_photo((ANN, BOB), largest_face=1.0), CASE.register
    assert read(Photo, parse(canonical(photo))) == photo
    assert read(Register, parse(canonical(register))) == register
    assert read(Pupil, plain(a_pupil())) == a_pupil()
    assert read(Answer, "given") is Answer.GIVEN
    assert read(Purpose, "website:group") is Purpose.WEBSITE_GROUP
