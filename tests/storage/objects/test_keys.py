"""Which keys, prefixes and contents a store takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.people import SchoolId
from consent.photo import PhotoId
from storage.objects import keys
from storage.objects.errors import ContentRefused, KeyRefused

OUT_OF_SHAPE = (
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "a..b",
    "./a",
    "a/.",
    ".hidden",
    "a/.hidden",
    "A",
    "année",
    "a b",
    "a+b",
    "a\\b",
    "a\0b",
    "a\n",
    "a%2fb",
    "~",
    "١",  # a digit, but not an ASCII one
    "a" * 201,
)


@pytest.mark.parametrize("key", OUT_OF_SHAPE)
def test_a_key_out_of_shape_is_refused(key: str) -> None:
    with pytest.raises(KeyRefused):
        keys.check_key(key)


@pytest.mark.parametrize("key", ["a", "0", "a/b", "a.jpg", "-", "_", "a-b_c.d/e", "a" * 200, "school/photo/0123abcd"])
def test_a_key_in_shape_is_taken(key: str) -> None:
    keys.check_key(key)


@given(key=st.text(max_size=30) | st.from_regex(r"[a-z0-9./_-]{1,30}"))
def test_a_key_that_is_taken_stays_inside_its_folder(key: str) -> None:
    try:
        keys.check_key(key)
    except KeyRefused:
        return
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789/._-")
    assert all(part and part[0] != "." for part in key.split("/"))
    assert ".." not in key


@given(key=st.from_regex(r"[a-z0-9_-][a-z0-9._-]{0,9}(/[a-z0-9_-][a-z0-9_-]{0,9}){0,3}", fullmatch=True), at=st.integers(0, 50))
def test_every_beginning_of_a_key_is_a_prefix(key: str, at: int) -> None:
    if ".." not in key:
        keys.check_prefix(key[:at])


@pytest.mark.parametrize("prefix", ["/", "/a", "a//", "..", "a/../", "A", "a+b", ".", "a\n", "a" * 201])
def test_what_begins_no_key_is_refused_as_a_prefix(prefix: str) -> None:
    with pytest.raises(KeyRefused):
        keys.check_prefix(prefix)


@pytest.mark.parametrize("part", ["", "a/b", "..", "Ruby", "."])
def test_an_id_that_is_no_part_of_a_key_is_refused(part: str) -> None:
    for school, photo in ((part, "p"), ("s", part)):
        with pytest.raises(KeyRefused):
            keys.photo_key(SchoolId(school), PhotoId(photo), "0")
        with pytest.raises(KeyRefused):
            keys.photo_identity(SchoolId(school), PhotoId(photo))


def test_ids_too_long_together_are_refused() -> None:
    with pytest.raises(KeyRefused):
        keys.photo_key(SchoolId("s" * 100), PhotoId("p" * 100), "0")


@given(
    one=st.tuples(st.from_regex(r"[a-z-]{1,4}", fullmatch=True), st.from_regex(r"[a-z-]{1,4}", fullmatch=True)), other=st.data()
)
def test_two_photos_never_share_an_identity(one: tuple[str, str], other: st.DataObject) -> None:
    two = other.draw(st.tuples(st.from_regex(r"[a-z-]{1,4}", fullmatch=True), st.from_regex(r"[a-z-]{1,4}", fullmatch=True)))
    identities = {keys.photo_identity(SchoolId(school), PhotoId(photo)) for school, photo in (one, two)}
    assert len(identities) == len({one, two})


def test_a_refusal_does_not_repeat_the_key() -> None:
    with pytest.raises(KeyRefused) as refused:
        keys.check_key("Ruby Smith")
    assert "uby" not in str(refused.value)


def test_content_larger_than_a_store_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_CONTENT_LENGTH", 3)
    keys.check_content(b"123")
    with pytest.raises(ContentRefused):
        keys.check_content(b"1234")


def test_refusals_are_value_errors() -> None:
    with pytest.raises(ValueError, match="a key has"):
        keys.check_key("")
    with pytest.raises(ValueError, match="tombstone"):
        keys.check_content(b"")
