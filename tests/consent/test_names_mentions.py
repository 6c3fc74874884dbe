"""Whom a file names: pure, by tables of what programs and people write, and by laws."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.names import Mentioned, Names, PupilNames, Roll, Told, anybody, who_is_named
from consent.people import PupilId
from storage.lexicon import names_of_nobody, shipped_lexicon

LEXICON: Final = shipped_lexicon()
NOBODYS: Final = names_of_nobody()
ADA, ADDIE, BEN, ROSE, IZZY, SIO, ANN, FIN = (PupilId(f"p{number}") for number in range(8))
PUPILS: Final = {
    ADA: PupilNames(forename="Ada", middle="Grace", surname="Frost"),
    ADDIE: PupilNames(forename="Ada", surname="Nowak"),
    BEN: PupilNames(forename="Ben", surname="Okoro"),
    ROSE: PupilNames(forename="Rose", surname="King"),
    IZZY: PupilNames(forename="Isabella", surname="Garcia Lopez", known_as="Izzy", former_surnames=("Hart",)),
    SIO: PupilNames(forename="Siobhán", surname="O'Brien", former_forenames=("Padraig",)),
    ANN: PupilNames(forename="Anne-Marie", surname="de la Cruz"),
    FIN: PupilNames(forename="Fin", surname="McDonald"),
}
ROLL: Final = Roll.of(PUPILS, lexicon=LEXICON)
EMPTY: Final = Roll.of({}, lexicon=LEXICON)


def named(told: Told, *texts: str, roll: Roll = ROLL) -> Mentioned:
    return who_is_named([(told, text) for text in texts], roll, names=NOBODYS)


def sets(*meant: set[PupilId]) -> tuple[frozenset[PupilId], ...]:
    return tuple(sorted(map(frozenset, meant), key=sorted))


NAMED_SURELY: Final = {
    ADA: "Ada Frost  ada frost  ADA FROST  Frost, Ada  Frost Ada  AdaFrost  ada_frost  ada-frost  adafrost  Ada F  Ada F."
    "  Ada Grace Frost  Ada G. Frost  %41da Frost  Ａｄａ Ｆｒｏｓｔ  \u0410da Frost",
    BEN: "Ben  Ben Okoro  OKORO, BEN",
    ROSE: "Rose  Rosie King  King, Rose",
    IZZY: "Izzy  Isabella  Bella  Isabella Garcia  Isabella Lopez  Garcia Lopez, Isabella  Isabella Hart",
    SIO: "Siobhan O'Brien  Siobhan OBrien  Siobhan O Brien  Siobh\u00e1n O\u2019Brien  Padraig O'Brien  Padraig",
    ANN: "Anne-Marie  Anne Marie de la Cruz  AnneMarie delaCruz  Cruz, Anne-Marie",
    FIN: "Fin McDonald  Fin Mc Donald  FinMcDonald",
}
SURELY: Final = [(text, pupil) for pupil, texts in NAMED_SURELY.items() for text in texts.split("  ")]


@pytest.mark.parametrize(("text", "pupil"), SURELY)
def test_a_person_tag_means_whoever_is_called_so_in_any_spelling(text: str, pupil: PupilId) -> None:
    assert named(Told.PERSON, text) == Mentioned(mentions=sets({pupil}), suggested=frozenset({pupil}))


def test_a_forename_that_two_bear_may_mean_either() -> None:
    assert named(Told.PERSON, "Ada").mentions == sets({ADA, ADDIE})


@pytest.mark.parametrize(
    "text", ["Ada Frost & Ben", "Ada Frost, Ben Okoro", "Ada Frost; Ben", "Ben and Ada Frost", "Ada Frost/Ben Okoro"]
)
def test_a_list_in_one_person_tag_means_each_of_them(text: str) -> None:
    assert named(Told.PERSON, text).mentions == sets({ADA}, {BEN})


GUESSED: Final = {"Ada Frots": ADA, "Frost": ADA, "A Frost": ADA, "Grace": ADA, "A.G. Frost": ADA, "Okoro": BEN, "Izy": IZZY}


@pytest.mark.parametrize(("text", "pupil"), GUESSED.items())
def test_a_misspelt_name_a_middle_name_and_a_family_name_alone_are_asked_about_and_settle_nothing(
    text: str, pupil: PupilId
) -> None:
    """Ada Frots may be another class's child, and so may her sister."""
    found = named(Told.PERSON, text)
    assert (found.mentions, pupil in found.suggested) == (sets(set()), True)


@pytest.mark.parametrize(
    "text",
    ["Xavier Quill", "Ada Green", "Ada Frost Green", "", "?", "Raspberry", "A F", "Ada 7", "\u5f20\u4f1f", "Ada Frost (Y3)"],
)
def test_a_person_tag_that_is_none_of_theirs_is_somebody_all_the_same(text: str) -> None:
    assert named(Told.PERSON, text).mentions == sets(set())


BY_CAMERAS: Final = (
    *("OLYMPUS DIGITAL CAMERA", "SONY DSC", "DIGITAL CAMERA", "KONICA MINOLTA DIGITAL CAMERA", "Exif_JPEG_PICTURE", "DCIM\\100"),
    *("dav", "sdr_HDRB", "oznor", "Screenshot", "CREATOR: gd-jpeg v1.0 (using IJG JPEG v80), quality = 85", "Lavc57.107.100"),
    *("2020-09-13T14:40:07+05:00", "2024:06:14 10:20:30", "48,16.5N", "IMG_2024", "AppleMark", "ASCII", "", "iPhone 13 mini"),
    *("LEAD Technologies Inc. V1.01", "Created with The GIMP", "File written by Adobe Photoshop\u00a8 5.2", "DSC_0042"),
)
PLAIN: Final = (
    *("school", "Autumn walk", "sports day 2026", "Year 3", "Robin class", "beach; museum", "Places/London", "5 stars", "hill"),
    *("Our trip to the museum in 2024", "rose garden", "Christmas", "nativity", "Iceland", "class photo", "Grass and trees"),
)
IN_WORDS: Final = (Told.KEYWORDS, Told.PROSE)


@pytest.mark.parametrize("text", BY_CAMERAS)
def test_what_cameras_and_programs_write_by_themselves_names_nobody(text: str) -> None:
    assert named(Told.PROSE, text) == Mentioned()


@pytest.mark.parametrize("told", IN_WORDS)
@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_name_nobody(text: str, told: Told) -> None:
    assert named(told, text) == Mentioned()


MAY_NAME: Final = (
    "Tess",
    "t e s s",
    "Xavier",
    "Ada Green",
    "summer",
    "Will",
    "Mr Jones",
    "Zbigniew and friends",
    "dcimada",
    "=?utf-8?q?",
)


@pytest.mark.parametrize("told", IN_WORDS)
@pytest.mark.parametrize("text", MAY_NAME)
def test_any_other_words_may_name_somebody(text: str, told: Told) -> None:
    assert frozenset() in named(told, text, roll=EMPTY).mentions


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Ada Frost", [{ADA}]),
        ("trip;Ada Frost;beach", [{ADA}]),
        ("Frost, Ada", [{ADA}]),
        ("rose", [{ROSE}]),
        ("Rose King", [{ROSE}]),
        ("Ben and Ada Frost", [{ADA}, {BEN}]),
        ("People/Ada Frost", [{ADA}]),
        ("People|Class 3|Ada Frost", [{ADA}]),
        ("People/raspberry", [set()]),
        ("Places/raspberry", []),
    ],
)
def test_keywords_are_read_item_by_item_and_behind_people_each_is_a_person(text: str, meant: list[set[PupilId]]) -> None:
    assert named(Told.KEYWORDS, text).mentions == sets(*meant)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Ada Frost and Ben Okoro on the beach", [{ADA}, {BEN}]),
        ("Ada Frost, Ben Okoro, Rose King", [{ADA}, {BEN}, {ROSE}]),
        ("Ada Frost's birthday cake", [{ADA}]),
        ("Ada Frost painting", [{ADA}]),
        ("Ada Frost", [{ADA}]),
        ("Rose", [{ROSE}]),
        ("Ben on the beach", [set()]),
        ("Ada Frost and Ben on the beach", [{ADA}, set()]),
    ],
)
def test_of_a_caption_full_names_are_known_and_the_rest_must_name_nobody(text: str, meant: list[set[PupilId]]) -> None:
    assert named(Told.PROSE, text).mentions == sets(*meant)


@pytest.mark.parametrize("text", ["Ada Frost Green", "Kim Ada Frost", "Ada Frost-Green", "ada frost green", "Mr Ada Frost"])
def test_a_full_name_that_may_be_part_of_another_is_not_taken_for_it(text: str) -> None:
    assert named(Told.PROSE, text).mentions == sets(set())


def test_a_caption_offers_the_forenames_in_it() -> None:
    assert named(Told.PROSE, "Ben in the garden").suggested == {BEN}


def test_what_never_comes_to_rest_may_hide_a_name() -> None:
    text = "Ada"
    for _ in range(9):
        text = text.replace("%", "%25") if "%" in text else "%41da"
    for told in Told:
        assert named(told, text).mentions == sets(set())


def test_whoever_is_mentioned_twice_is_mentioned_once() -> None:
    assert named(Told.PERSON, "Ada Frost", "AdaFrost", "Quill", "Xavier").mentions == sets({ADA}, set())


SOME: Final = "Ada Frost Ben Okoro Rose King Xavier Quill and the trip Green summer , ; / - 's & 7 A"
texts = st.lists(st.sampled_from(SOME.split(" ")), max_size=6).map(" ".join) | st.text(max_size=30)


@given(told=st.sampled_from(Told), text=texts)
def test_pupils_who_are_not_on_the_roll_make_no_difference(told: Told, text: str) -> None:
    """With no pupil at all there is nobody to mean, and what holds is what may name anybody."""
    without = named(told, text, roll=EMPTY)
    assert set(without.mentions) <= {frozenset()}
    assert without.suggested == frozenset()
    if not without.mentions:
        assert named(told, text).mentions == () or named(told, text).suggested


@given(told=st.sampled_from(Told), some=st.lists(texts, max_size=4))
def test_more_texts_take_nothing_away_and_ids_are_all_that_is_told(told: Told, some: list[str]) -> None:
    whole = named(told, *some)
    for text in some:
        one = named(told, text)
        assert set(one.mentions) <= set(whole.mentions)
        assert one.suggested <= whole.suggested
    assert frozenset().union(*whole.mentions) <= whole.suggested <= PUPILS.keys()


def test_nothing_that_holds_names_shows_them() -> None:
    assert "Frost" not in repr(ROLL) + repr(ROLL.called[ADA]) + repr(NOBODYS)
    assert isinstance(anybody(LEXICON), Names)
