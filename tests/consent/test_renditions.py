"""Which sizes of an image go where."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.photo import Rendition
from consent.policy import LARGEST_ON_THE_WEBSITE, DestinationKind, kind_of
from consent.purposes import Destination, HighProfile, SharedSite, Website
from consent.renditions import cleared, every_side, lacking, oversized, sides_at
from tests.consent.making import POLICY, a_policy, anns_journal

EVERYWHERE: Final[tuple[Destination, ...]] = (Website(), HighProfile(), SharedSite(), anns_journal())


def a_file(name: str, width: int | None = None, height: int = 1) -> Rendition:
    long = width if width is not None else int(name)
    return Rendition(name=name, width=long, height=height, media_type="image/jpeg", sha256="cd" * 32, content=b"jpeg")


def files(*names: int) -> tuple[Rendition, ...]:
    return tuple(a_file(str(name)) for name in names)


def names(found: Sequence[Rendition]) -> list[str]:
    return [one.name for one in found]


def test_every_destination_has_the_sides_of_its_own_kind() -> None:
    for to in EVERYWHERE:
        assert sides_at(POLICY, to) == POLICY.renditions[kind_of(to)]
    assert {kind_of(to) for to in EVERYWHERE} == set(DestinationKind)


def test_without_a_policy_nothing_goes_anywhere() -> None:
    assert [sides_at(None, to) for to in EVERYWHERE] == [()] * 4
    assert cleared(files(320, 800), ()) == ()


def test_one_decode_gives_every_side_that_any_destination_asks_for_once() -> None:
    assert every_side(POLICY) == (320, 800, 1600, 2560)
    other = a_policy(("website = [320, 800, 1600]", "website = [100, 2000]"), ("journal = [320, 800, 2560]", "journal = [4096]"))
    assert every_side(other) == (100, 320, 800, 1600, 2000, 2560, 4096)


def test_while_no_policy_is_in_force_the_sides_of_the_documented_default_are_made() -> None:
    assert every_side(None) == every_side(POLICY)


CLEARED: Final = {
    "each by its name": (files(320, 800, 1600, 2560), (320, 800, 1600), ["320", "800", "1600"]),
    "in whatever order they were made": (files(2560, 800, 320), (320, 800), ["320", "800"]),
    "the largest that is not larger, for one that was not made": (files(320, 800, 1600), (320, 2560), ["320", "1600"]),
    "each once": (files(320, 800), (320, 800, 1600, 2560), ["320", "800"]),
    "none that is larger": (files(800, 1600), (320,), []),
    "none of which nobody knows the size": ((a_file("full", 10), a_file("٣٢٠", 10), a_file("", 10)), (320, 2560), []),
    "none that is wider than it says": ((a_file("320", 321), a_file("64")), (320,), ["64"]),
    "none that is higher than it says": ((a_file("320", 2, 321), a_file("64")), (320,), ["64"]),
    "a small picture under each of its names": ((a_file("320", 64), a_file("800", 64)), (320, 800), ["320", "800"]),
}


@pytest.mark.parametrize(("made", "sides", "found"), CLEARED.values(), ids=CLEARED.keys())
def test_for_each_side_the_largest_file_that_is_not_larger_is_cleared(
    made: tuple[Rendition, ...], sides: tuple[int, ...], found: list[str]
) -> None:
    assert names(cleared(made, sides)) == found


SIDES: Final = st.lists(st.integers(64, 4096), unique=True, max_size=6).map(sorted)


@given(made=SIDES, sides=SIDES)
def test_nothing_that_is_cleared_is_larger_than_the_largest_side_and_nothing_is_left_out_that_was_made_for_it(
    made: list[int], sides: list[int]
) -> None:
    found = cleared(files(*made), sides)
    assert all(one.width <= max(sides) for one in found)
    assert set(made) & set(sides) <= {int(one.name) for one in found} <= set(made)
    assert not oversized(names(found), sides)
    assert len(found) <= len(sides)


def test_a_side_that_no_file_was_made_for_is_lacking() -> None:
    assert lacking(files(320, 800), (320, 1600))
    assert lacking(files(320, 2560), (800,)), "a larger one is no substitute while the original is there"
    assert lacking((), (320,))
    assert not lacking(files(320, 800, 2560), (320, 800))
    assert not lacking((), ())


def test_what_is_allowed_nowhere_is_oversized_and_no_name_at_all_is_not() -> None:
    assert oversized(["64"], ())
    assert not oversized([], ())


def test_the_website_is_the_only_place_with_a_ceiling_of_its_own() -> None:
    assert max(POLICY.renditions[DestinationKind.WEBSITE]) <= LARGEST_ON_THE_WEBSITE
