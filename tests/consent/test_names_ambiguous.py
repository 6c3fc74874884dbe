"""Names that are words too: kept where they can only be words, and nobody's full name goes out whoever is on the register."""

from collections.abc import Sequence

import pytest

from consent.names import Action, Field, Names, PupilNames, scrub
from storage.lexicon import shipped_lexicon

LEXICON = shipped_lexicon()
PUPILS = (
    PupilNames(forename="Rose", surname="King"),
    PupilNames(forename="Summer", surname="Long", former_surnames=("Sharp",)),
    PupilNames(forename="Will", surname="Swift", known_as="Bill"),
    PupilNames(forename="May", surname="Woods"),
    PupilNames(forename="Mark", surname="Day"),
    PupilNames(forename="Grace", surname="Bright"),
    PupilNames(forename="Paris", surname="London"),
    PupilNames(forename="Pearl", surname="Snow"),
    PupilNames(forename="Amber", surname="Gold"),
    PupilNames(forename="Scarlett", surname="Pimpernell"),
    PupilNames(forename="An", surname="Do"),
    PupilNames(forename="Charlie", surname="Stanford"),
    PupilNames(forename="Penelope", surname="Owen"),
    PupilNames(forename="Noel", surname="Ash"),
    PupilNames(forename="Quentin", surname="Ward"),
    PupilNames(forename="Bryony", surname="Banks", middle="Hope"),
)


def made(*pupils: PupilNames, terms: Sequence[str] = ()) -> Names:
    return Names.of(pupils or PUPILS, lexicon=LEXICON, terms=terms)


NAMES = made(terms=["Rose class", "Elmfield", "Hazel"])
NOBODY = Names.of((), lexicon=LEXICON)


@pytest.mark.parametrize(
    "text",
    [
        *("A rose in the garden", "Rose petals in our potions", "The red rose was first", "Rose class trip to Elmfield"),
        *(
            "Summer fair stalls",
            "Our summer holiday",
            "Will you come to the fair?",
            "What will happen next?",
            "May we visit the beach?",
        ),
        *(
            "May Day dancing",
            "In May we planted beans",
            "On 5 May we sang",
            "May 2024 newsletter",
            "Early May at the farm",
            "In May the blossom came",
            "We sang on 1st May",
        ),
        *("Mark making with chalk", "Sports Day", "World Book Day", "The grace before lunch", "Bright colours in the corridor"),
        *(
            "The snow was deep",
            "Snow angels on the field",
            "Gold and amber beads",
            "Long jump",
            "A long rope",
            "Sharp pencils please",
        ),
        *("A postcard from Paris", "London Eye trip", "A trip to London", "In London we saw the river", "Pearl diving story"),
        *(
            "The Scarlet Pimpernel play",
            "The king's crown",
            "We do what an ant can do",
            "In the woods",
            "Woods walk",
            "Swift nesting boxes",
        ),
        *(
            "We hope for sunshine",
            "A walk in the woods with our teachers",
            "The banks of the river",
            "Ash trees",
            "Is the will of iron?",
            "We wore scarlet coats",
            "The roses were red",
            "Draw a castle",
            "Robin Sits in the tree",
        ),
    ],
)
def test_a_word_that_can_only_be_a_word_goes_out(text: str) -> None:
    assert (scrub(text, Field.CAPTION, names=NAMES).action, scrub(text, Field.CAPTION, names=NAMES).text) == (
        Action.PUBLISH,
        text,
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "violet_flowers.jpg",
            "rose_garden.jpg",
            "summer_fair_2024.jpg",
            "miles_of_smiles.jpg",
            "kitchenroll.jpg",
            "the_snow.jpg",
        ),
        *(
            "Year3trip.jpg",
            "20240501_museum.jpg",
            "IMG_4512.JPG",
            "y6_beach2.jpg",
            "sports_day.jpg",
            "may_2024.jpg",
            "3D_shapes.jpg",
        ),
    ],
)
def test_an_innocent_file_name_loses_nothing(text: str) -> None:
    assert scrub(text, Field.FILE_NAME, names=NAMES).text == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Rose is painting a boat",
            "Rose's shell collection",
            "Rose holding a frog",
            "Well done Rose",
            "Rose and Summer on the bus",
        ),
        *(
            "Rose King at the farm",
            "King, Rose",
            "R. King",
            "Rose K. with the cup",
            "The Woods' tent",
            "By May",
            "Playing with Will",
        ),
        *(
            "Pearl Snow at the farm",
            "A cake for rose",
            "Well done rose",
            "a cake for rose",
            "seeds-rose",
            "Winner: rose",
            "Bill with a beetle",
            "Scarlet on the rope",
        ),
        *(
            "An painted a boat",
            "We met An at the fair",
            "Mrs Green read to us",
            "Grandma Chambers came",
            "We saw char-lie",
            "Os car O s c a r",
        ),
        *(
            "Pearl Rose Snow",
            "rose is painting a boat",
            "Penny in goal",
            "Hope's lamb",
            "Sum-mer",
            "Charlle is asleep",
            "Mr Sharp",
        ),
        *(
            "We met Holly Baker",
            "Grace, Mark and Pearl",
            "Hazel is asleep",
            "Jack Hunter visited",
            "Lily Brown sings",
            "Sharps won",
            "scarlet is asleep",
            "Holly's cake",
            "We sat near Holly",
            "Mark making a cake",
            "Rose leaves the room",
            "Rose leaves a note",
            "Summer reading a book",
            "Grace and Hope on the bus",
            "Holly Wins A Cup",
        ),
    ],
)
def test_a_word_that_may_be_a_person_holds(text: str) -> None:
    done = scrub(text, Field.CAPTION, names=made(terms=["Rose class"]))
    assert done.action is Action.HOLD
    assert scrub(done.text, Field.CAPTION, names=made(terms=["Rose class"])).removed == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("rose.jpg", ""),
        ("rose 2.jpg", "2.jpg"),
        ("RoseKing.jpg", ""),
        ("rose_king_museum.jpg", "museum.jpg"),
        ("roses_volcano.jpg", "volcano.jpg"),
        ("The_Woods.jpg", ""),
        ("pearl-snow-7.jpg", "7.jpg"),
        ("a_long.jpg", "a_long.jpg"),
        ("b_banks.jpg", ""),
        ("s_long.jpg", ""),
        ("slong.jpg", ""),
        ("leon.jpg", ""),
        ("ash.jpg", ""),
        ("20240501Grace.jpg", "20240501.jpg"),
        ("holly_baker.jpg", ""),
        ("HollyBaker.jpg", ""),
        ("an_do.jpg", ""),
        ("An.jpg", ""),
        ("B.Banks.jpg", ""),
        ("416365.jpg", ""),
        ("r0se.jpg", ""),
        ("nurhayet_seven.jpg", ""),
        ("r_museum.jpg", "museum.jpg"),
        ("scarlet.jpg", ""),
        ("scarlet_museum.jpg", "scarlet_museum.jpg"),
        ("BMuseum.jpg", ""),
        ("draw.jpg", ""),
    ],
)
def test_a_file_name_keeps_what_names_nobody(text: str, left: str) -> None:
    done = scrub(text, Field.FILE_NAME, names=NAMES)
    assert (done.text, done.action) == (left, Action.PUBLISH if left else Action.DROP)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("rose;maths;Summer Long", "maths"),
        ("Okoro family", ""),
        ("museum/rose", "museum"),
        ("garden, Pearl", "garden"),
        ("snow", ""),
    ],
)
def test_of_a_tag_that_is_a_list_the_innocent_items_stay(text: str, left: str) -> None:
    assert scrub(text, Field.TAG, names=NAMES).text == left


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Year 3B science",
            "Plan B worked",
            "2 x 2 is four",
            "T-shirt printing",
            "X-rays of teeth",
            "B is for bear",
            "A B C",
            "5 km walk",
        ),
        *(
            "KS2 choir",
            "PE lesson",
            "TV studio",
            "King Henry VIII",
            "World War II",
            "10th birthday",
            "3D shapes",
            "Y4 swimming",
            "7 cm long",
        ),
    ],
)
def test_letters_that_count_or_label_are_no_initials(text: str) -> None:
    names = made(PupilNames(forename="Sana", surname="Khalid"))
    assert scrub(text, Field.CAPTION, names=names).removed == ()


@pytest.mark.parametrize(
    "text",
    [
        "Sculpture by R.K.",
        "RK won",
        "by R K",
        "S c u l p t u r e",
        "SK and RK",
        "i.a. won",
        "A. King won",
        "art by k",
        "RoseK won",
        "1 Q won",
    ],
)
def test_initials_hold(text: str) -> None:
    names = made(*PUPILS, PupilNames(forename="Sana", surname="Khalid"))
    assert scrub(text, Field.CAPTION, names=names).action is Action.HOLD


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Crème brûlée at the café",
            "A fête with piñatas",
            "We don't know, it's nine o'clock",
            "The children’s garden",
            "Mary Seacole display",
        ),
        *(
            "Harry Potter costumes",
            "St George's Day",
            "Beatrix Potter animals",
            "10 Downing Street",
            "The pupils' tent",
            "(photo 3)",
        ),
        *("WORLD BOOK DAY", "Our Trip To The Museum", "We read, sang & danced - all day!", "PowerPoint and YouTube"),
    ],
)
def test_ordinary_writing_goes_out(text: str) -> None:
    assert scrub(text, Field.CAPTION, names=NOBODY).action is Action.PUBLISH


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Máté won",
            "Autum leaves",
            "Dakshesh More came",
            "Forename Zzyzx",
            "We met Kacper Stone",
            "Grandad Beard came",
            "mail rose@example.org",
        ),
        *(
            "Ask @rosie",
            "Call 0161 496 0000",
            "A123456789012",
            "1234567890",
            "b0nn13 won",
            "Van der Berg visited",
            "d'Arcy came",
            "de Vries won",
        ),
        *("Stone, Kacper", "L i l y won", "tripzxq won", "Tv Studio", "l'Abcé won", "won\ue000won"),
    ],
)
def test_what_is_no_word_holds_whoever_is_on_the_register(text: str) -> None:
    assert scrub(text, Field.CAPTION, names=NOBODY).action is Action.HOLD


def test_an_article_is_an_initial_in_a_file_name_if_it_is_somebodys() -> None:
    names = made(PupilNames(forename="Asa", surname="Long"))
    assert scrub("a_long.jpg", Field.FILE_NAME, names=names).text == ""
    assert scrub("A long rope", Field.CAPTION, names=names).action is Action.PUBLISH


def test_two_names_of_one_pupil_are_no_phrase_for_anybody() -> None:
    assert (
        scrub("The rose garden", Field.CAPTION, names=made(PupilNames(forename="Rose", surname="Garden"))).action is Action.HOLD
    )
    assert scrub("Robin Hood play", Field.CAPTION, names=made(PupilNames(forename="Robin", surname="Hood"))).action is Action.HOLD
    assert scrub("Rosewood box", Field.CAPTION, names=made(PupilNames(forename="Rose", surname="Wood"))).action is Action.HOLD


def test_a_phrase_lets_no_strong_name_through() -> None:
    text = "Edward Lear limericks"
    assert scrub(text, Field.TITLE, names=NOBODY).action is Action.PUBLISH
    assert scrub(text, Field.TITLE, names=made(PupilNames(forename="Edward", surname="Moss"))).action is Action.HOLD


def test_a_declared_term_goes_out_unless_a_strong_name_is_in_it_or_it_is_a_name_alone() -> None:
    owen = PupilNames(forename="Owen", surname="Ash")
    terms = ["Elmfield", "Owen class", "Ash", "Ash class", "Miss Quux's choir", ""]
    names = made(owen, terms=terms)
    for text in ("Elmfield", "ASH CLASS", "Ash class at Elmfield", "Miss Quux’s choir"):
        assert scrub(text, Field.TITLE, names=names).action is Action.PUBLISH
    for text in ("Owen class", "Ash", "Quux choir", "Miss Quux"):
        assert scrub(text, Field.TITLE, names=names).action is Action.HOLD


def test_a_term_changes_the_digest_and_its_spelling_does_not() -> None:
    assert made(terms=["Elmfield"]).digest != made().digest
    assert made(terms=["Elmfield", "Elmfield"]).digest == made(terms=["ELMFIELD"]).digest


def test_an_encoded_ambiguous_name_is_read_before_it_is_judged() -> None:
    for surface in ("%52ose", "&#82;ose", "=?utf-8?q?Rose?=", "=?utf-8?b?Um9zZQ==?=", "Ｒｏｓｅ", r"\u0052ose", r"\x52ose"):
        assert scrub(f"{surface} is asleep", Field.CAPTION, names=NAMES).action is Action.HOLD
    assert scrub("=?utf-8?b?!!!?= won", Field.CAPTION, names=NAMES).action is Action.HOLD


def test_a_short_name_is_not_looked_for_across_a_space() -> None:
    names = made(PupilNames(forename="Toby", surname="Quux"))
    assert scrub("We went to by bus", Field.CAPTION, names=names).action is Action.PUBLISH
    assert scrub("to-by.jpg", Field.FILE_NAME, names=names).text == ""


def test_capitals_that_spell_a_word_may_be_initials() -> None:
    names = made(PupilNames(forename="Hana", surname="Ede"))
    assert scrub("HE won", Field.CAPTION, names=names).action is Action.HOLD
    assert scrub("HE WON THE RACE", Field.CAPTION, names=names).action is Action.PUBLISH
    assert scrub("He won", Field.CAPTION, names=names).action is Action.PUBLISH


LONG = "We ate our lunch. Then we walked to the museum and looked at the toys. It was a long day, and we sang on the way home. "


def test_in_a_long_caption_each_sentence_is_read_with_those_it_stands_beside() -> None:
    names = made(PupilNames(forename="Oscar", surname="Snow"), PupilNames(forename="Rose", surname="Quux"))
    text = f"{LONG}We met Oscar. Snow was with us. {LONG}Rose is asleep. {LONG}A rose was red. {LONG}Well done Oscar."
    done = scrub(text, Field.CAPTION, names=names)
    assert [done.canonical[one.start : one.end] for one in done.removed] == ["Oscar", "Snow", "Rose", "Oscar"]
    assert scrub(done.text, Field.CAPTION, names=names).action is Action.PUBLISH
    assert scrub(LONG * 3, Field.CAPTION, names=names).action is Action.PUBLISH
    assert scrub(f"{LONG}{LONG}It's fun; don't stop.", Field.CAPTION, names=names).action is Action.PUBLISH


def test_a_suggestion_that_does_not_come_clean_is_no_suggestion() -> None:
    names = made(PupilNames(forename="Museumcake", surname="Quux"))
    russian_doll = " ".join(["museum"] * 12 + ["cake"] * 12)
    done = scrub(russian_doll, Field.CAPTION, names=names)
    assert (done.text, done.action) == ("", Action.HOLD)


@pytest.mark.parametrize("text", ["We sang on 1st May", "1st May", "We sang on 3rd May and on 4 June", "May 3 trip"])
def test_a_day_makes_a_month_of_a_name(text: str) -> None:
    names = made(PupilNames(forename="May", surname="Quux"), PupilNames(forename="June", surname="Quux"))
    assert scrub(text, Field.CAPTION, names=names).action is Action.PUBLISH


def test_a_name_that_is_a_word_of_every_text_goes_where_no_such_word_stands() -> None:
    names = made(PupilNames(forename="Chidi", surname="He"))
    for text in ("He at the museum", "Winner: He", "We saw He there"):
        assert scrub(text, Field.CAPTION, names=names).action is Action.HOLD
    for text in ("He ran", "Then he sang", "Did he at last?", "The tent that he built"):
        assert scrub(text, Field.CAPTION, names=names).action is Action.PUBLISH


def test_a_word_before_of_is_a_word_unless_a_class_or_a_capital_follows() -> None:
    for text in ("Summer of sport", "Bright of colour and loud", "Grace Of Movement In Dance"):
        assert scrub(text, Field.CAPTION, names=NAMES).action is Action.PUBLISH
    for text in ("Grace of Year 2 won", "Rose of Robin class", "Rose of 3 won", "Grace of"):
        assert scrub(text, Field.CAPTION, names=NAMES).action is Action.HOLD
