"""Destinations, purposes and which refusal closes what."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.people import PupilId
from consent.purposes import (
    Destination,
    HighProfile,
    Journal,
    Purpose,
    SharedSite,
    UnknownDestination,
    Website,
    closes,
    is_public,
    parse_destination,
    spell,
)

P: Final = Purpose
CLOSED_BY: Final = {
    P.JOURNAL_OWN: {P.JOURNAL_OWN},
    P.JOURNAL_SHARED: set(P) - {P.JOURNAL_OWN},
    P.SHARED_SITE: {P.SHARED_SITE, P.WEBSITE_GROUP, P.WEBSITE_INDIVIDUAL, P.HIGH_PROFILE},
    P.WEBSITE_GROUP: {P.WEBSITE_GROUP, P.HIGH_PROFILE},
    P.WEBSITE_INDIVIDUAL: {P.WEBSITE_INDIVIDUAL, P.HIGH_PROFILE},
    P.HIGH_PROFILE: {P.HIGH_PROFILE},
}


@pytest.mark.parametrize("refused", Purpose)
def test_a_refusal_closes_its_own_and_every_larger_audience(refused: Purpose) -> None:
    assert closes(refused) == CLOSED_BY[refused]


@pytest.mark.parametrize("refused", Purpose)
def test_what_a_refusal_closes_closes_nothing_more(refused: Purpose) -> None:
    for larger in closes(refused):
        assert closes(larger) <= closes(refused)


SPELLED: Final[dict[str, Destination]] = {
    "website": Website(),
    "high-profile": HighProfile(),
    "shared-site": SharedSite(),
    "journal:p-1": Journal(owner=PupilId("p-1")),
    "journal:a:b": Journal(owner=PupilId("a:b")),
}


@pytest.mark.parametrize(("text", "destination"), SPELLED.items())
def test_a_destination_is_spelled_as_it_is_read(text: str, destination: Destination) -> None:
    assert parse_destination(text) == destination
    assert spell(destination) == text


@given(owner=st.text(min_size=1))
def test_any_journal_reads_back_as_itself(owner: str) -> None:
    journal = Journal(owner=PupilId(owner))
    assert parse_destination(spell(journal)) == journal


@pytest.mark.parametrize(
    "text",
    ["", "Website", "website ", "website:", "website:group", "journal", "journal:", "shared-site:x", "high-profile:1", "press"],
)
def test_anything_else_names_no_destination_and_is_not_echoed(text: str) -> None:
    with pytest.raises(UnknownDestination) as refused:
        parse_destination(text)
    assert str(refused.value) == ""


@pytest.mark.parametrize(
    ("destination", "public"),
    [(Website(), True), (HighProfile(), True), (SharedSite(), False), (Journal(owner=PupilId("p-1")), False)],
)
def test_only_the_website_and_high_profile_are_public(destination: Destination, public: bool) -> None:
    assert is_public(destination) is public
