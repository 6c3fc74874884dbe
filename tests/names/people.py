"""Invented pupils: every name from Faker's lists of sixteen languages, and names that are English words too."""

import random
from collections.abc import Iterator
from typing import Final

from faker import Faker

from consent.names import Lexicon, PupilNames

LOCALES: Final = (
    *(
        "en_GB",
        "en_IE",
        "en_IN",
        "en_PK",
        "en_NG",
        "yo_NG",
        "ig_NG",
        "ha_NG",
        "pl_PL",
        "ro_RO",
        "tr_TR",
        "pt_PT",
        "es_ES",
        "fr_FR",
    ),
    *("de_DE", "it_IT", "lt_LT", "cs_CZ", "sv_SE", "hu_HU", "zh_CN"),
)
WORD_NAMES: Final = 9  # every so many pupils one has names that are words
GIVEN: Final = (
    "Rose Summer Will May Mark Grace Lily Daisy Poppy Violet Iris Jasmine Heather Holly Ivy Hazel Willow Rowan"
    " Olive Robin Jay Martin Pearl Amber Ruby Jade Scarlet Autumn April June Dawn Eve Hope Faith Joy Charity Melody"
    " Precious Blessing Prince Angel Star Sunny Sky River Bay Frank Pat Penny Bob Nick Art Gene Dean Chase Miles Ray"
    " Lance Grant Victor Hunter Mason Archer Taylor Cooper Carter Parker Piper Harper Reed Clay Heath Christian"
    " Roman Norman Ace Buddy Honey Jack Harry Tom Sally Carol Jenny Florence Paris Georgia India Chelsea Victoria"
    " Jordan Austin Chester Lincoln Savannah Aurora Leo Kit Max Sonny Teddy Bonnie Favour Gift Happy"
)
FAMILY: Final = (
    "Brown Green White Black Gray King Bishop Knight Page Baker Cook Cooper Carter Fisher Hunter Mason Miller"
    " Potter Shepherd Smith Taylor Turner Walker Ward Wright Young Long Short Small Little Sharp Bright Swift Strong"
    " Wise Rich Hill Field Wood Woods Brook Brooks Rivers Lake Marsh Moor Dale Stone Rock Banks West North Day"
    " Knight Snow Frost Winter Summers Bird Swan Crane Drake Fox Wolf Lamb Bull Hart Pike Rose Lilley Moss Ash Reed"
    " Rice Bell Ball Bond Bush Cross Flowers Glass Gold Hall Hammond Hay House Hunt Hurst Key Lane Law Lord Love"
    " Major March May Park Parks Pope Post Power Price Prince Read Rush Sands Shaw Shields Silver Spears Steel"
    " Street Sweet Temple Wells"
)


def invented(seed: int, count: int, lexicon: Lexicon) -> list[PupilNames]:
    """Invent pupils, the same for the same seed; some have a middle name, a known-as or a former surname."""
    dice = random.Random(seed)
    fakers = [Faker(locale) for locale in LOCALES]
    for place, faker in enumerate(fakers):
        faker.seed_instance(seed * 100 + place)
    given, family = GIVEN.split(), FAMILY.split()
    pupils: dict[tuple[str, str], PupilNames] = {}
    for at in range(count * 3):
        if len(pupils) == count:
            break
        if at % WORD_NAMES == 0:
            first, last = dice.choice(given), dice.choice(family)
        else:
            first, last = _name(fakers[at % len(fakers)])
        extra = fakers[dice.randrange(len(fakers) - 1)]
        nicks = sorted(lexicon.nicknames.get(first.casefold(), ()))
        pupils[first, last] = PupilNames(
            forename=first,
            surname=last,
            middle=extra.first_name() if dice.random() < 0.3 else None,
            known_as=dice.choice(nicks).title() if nicks and dice.random() < 0.2 else None,
            former_surnames=(extra.last_name(),) if dice.random() < 0.1 else (),
        )
    return list(pupils.values())


def strangers(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Invent people who are on no register."""
    fakers = [Faker(locale) for locale in LOCALES]
    for place, faker in enumerate(fakers):
        faker.seed_instance(seed * 100 + place)
    for at in range(count):
        yield _name(fakers[at % len(fakers)])


def _name(faker: Faker) -> tuple[str, str]:
    if faker.locales == ["zh_CN"]:
        return faker.first_romanized_name(), faker.last_romanized_name()
    first = faker.first_name_female() if faker.random_int(0, 1) else faker.first_name_male()
    return first, faker.last_name()
