"""Which places of a file tell of people, and how: none is forgotten, and who made a picture is not who is in it."""

import pytest

from consent.names import Mentioned, PupilNames, Roll, Told
from consent.people import PupilId
from service.imaging import PersonPlace, PersonTag
from service.imaging.metadata.people import People
from service.naming import named_in, told_at
from storage.lexicon import shipped_lexicon

ADA = PupilId("ada")
ROLL = Roll.of({ADA: PupilNames(forename="Ada", surname="Frost")}, lexicon=shipped_lexicon())
MAKERS = {
    *(PersonPlace.DC_CREATOR, PersonPlace.IPTC_CREATOR, PersonPlace.PHOTOSHOP_CREATOR, PersonPlace.XP_AUTHOR, PersonPlace.ARTIST),
    *(PersonPlace.COPYRIGHT, PersonPlace.OWNER_NAME, PersonPlace.HOST_COMPUTER, PersonPlace.MAKER_NOTE_OWNER),
}


def found(place: PersonPlace, text: str) -> Mentioned:
    return named_in([PersonTag(place=place, text=text)], ROLL)


@pytest.mark.parametrize("place", sorted(set(PersonPlace) - MAKERS))
def test_a_name_is_heard_wherever_the_pictured_may_be_named(place: PersonPlace) -> None:
    assert found(place, "Ada Frost").mentions == (frozenset({ADA}),)
    assert found(place, "Xavier Quill").mentions == (frozenset(),)


@pytest.mark.parametrize("place", sorted(MAKERS))
def test_who_made_the_picture_is_not_pictured(place: PersonPlace) -> None:
    assert (told_at(place), found(place, "Xavier Quill")) == (None, Mentioned())


def test_where_only_people_are_named_plain_words_are_somebody_too() -> None:
    persons = {place for place in PersonPlace if told_at(place) is Told.PERSON}
    assert {place for place in set(PersonPlace) - MAKERS if found(place, "beach").mentions} == persons


def test_a_tree_of_categories_is_read_leaf_by_leaf() -> None:
    people = People()
    leaf = '<Category Assigned="1">{}</Category>'
    leaves = leaf.format("Ada Frost") + leaf.format("Pierre Curie")
    tree = f'<Categories><Category Assigned="0">People{leaves}</Category></Categories>'
    people.add(PersonPlace.ACDSEE, tree)
    assert [tag.text for tag in people.tags] == ["People", "Ada Frost", "Pierre Curie"]
    assert named_in(people.tags, ROLL).mentions == (frozenset(), frozenset({ADA}))
