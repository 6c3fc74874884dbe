"""Fields, limits, reasons and approvals: what becomes of words, what is said about it, and what a person may let through."""

import pytest

from consent.names import Action, Approval, Field, Names, PupilNames, Removed, Scrubbed, Why, scrub, scrub_words
from consent.photo import PublishedWords, WordsState
from storage.lexicon import shipped_lexicon

LEXICON = shipped_lexicon()
PUPILS = (
    PupilNames(forename="Oscar", surname="Dempsey"),
    PupilNames(forename="Rose", surname="King"),
    PupilNames(forename="Imogen", surname="Tate", middle="Jo"),
)
NAMES = Names.of(PUPILS, lexicon=LEXICON)
PROSE = (Field.TITLE, Field.CAPTION, Field.ALT, Field.EVENT)
DROPPED = (Field.FILE_NAME, Field.TAG)


@pytest.mark.parametrize("field", PROSE)
def test_prose_holds_with_a_suggestion_and_the_places(field: Field) -> None:
    assert scrub("A cake for Oscar, with seeds", field, names=NAMES) == Scrubbed(
        text="A cake for, with seeds",
        action=Action.HOLD,
        removed=(Removed(start=11, end=16, reason=Why.NOT_A_WORD),),
        canonical="A cake for Oscar, with seeds",
    )


@pytest.mark.parametrize("field", DROPPED)
def test_a_file_name_and_a_tag_never_hold(field: Field) -> None:
    assert scrub("oscar", field, names=NAMES).action is Action.DROP
    assert scrub("x" * 301, field, names=NAMES).action is Action.DROP
    assert scrub("oscar", field, names=NAMES).hold_reasons == ()


def test_a_name_and_a_word_that_nobody_knows_look_the_same() -> None:
    """Nobody can ask with words who is on the register: code, places and action are the same."""
    for field in Field:
        ours, nobodys = (scrub(f"{word} at the museum", field, names=NAMES) for word in ("Oscar", "Zorba"))
        assert (ours.text, ours.action, ours.removed, ours.hold_reasons) == (
            nobodys.text,
            nobodys.action,
            nobodys.removed,
            nobodys.hold_reasons,
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Oscar", Why.NOT_A_WORD),
        ("Rose is asleep", Why.NOT_A_WORD),
        ("By O.D.", Why.INITIALS),
        ("A123456789012", Why.IDENTIFIER),
        ("Write to seeds@example.org", Why.IDENTIFIER),
        ("123456789", Why.IDENTIFIER),
        ("won \u2801\u280d", Why.UNREADABLE),
        ("%" + "25" * 12 + "41", Why.UNREADABLE),
        ("x" * 301, Why.TOO_LONG),
        ("\ufdfa" * 290, Why.TOO_LONG),
    ],
)
def test_each_reason_has_its_case(text: str, reason: Why) -> None:
    assert scrub(text, Field.TITLE, names=NAMES).hold_reasons == (reason,)


@pytest.mark.parametrize("field", Field)
def test_a_text_may_have_its_length_and_no_more(field: Field) -> None:
    longest = 2000 if field is Field.CAPTION else 300
    text = ("we sang " * 300)[: longest - 1] + "a"
    assert scrub(text[:longest], field, names=NAMES).removed == () or not text[:longest].endswith(" a")
    refused = scrub(text + "b", field, names=NAMES)
    assert (refused.text, refused.action) == ("", Action.HOLD if field.holds else Action.DROP)
    assert [one.reason for one in refused.removed] == [Why.TOO_LONG]


@pytest.mark.parametrize(
    "text", ["<i>bold</i>", "half\ud800", "private \ue000", "unassigned \u0378", "🇦🇲🇪🇱", "\U0001f150\U0001f151"], ids=ascii
)
def test_what_may_be_letters_in_disguise_is_taken_out(text: str) -> None:
    done = scrub(text, Field.CAPTION, names=NAMES)
    assert done.action is Action.HOLD
    assert done.text.isascii()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Caf%C3%A9", "Café"),
        ("Caf&eacute; &amp; cake", "Café & cake"),
        ("CAFÉ’s", "CAFÉ’s"),
        ("CafÃ© cake", "Café cake"),
        ("=?utf-8?q?Caf=C3=A9_cake?=", "Café cake"),
        ("Ｔｒｉｐ", "Trip"),
        ("two\r\n  lines\tand\u00a0more ", "two lines and more"),
        ("tri\u200bp \u2764\ufe0f tr\u3164ip", "trip \u2764 trip"),
        ("triр", "trip"),
        ("T\u0305rip", "Trip"),
        ("bell\x07", "bell"),
        ("nine%00ty", "ninety"),
        ("Museum\u202e", "Museum"),
        ("\u200b ", ""),
    ],
)
def test_only_the_canonical_form_is_published(text: str, canonical: str) -> None:
    assert scrub(text, Field.TITLE, names=NAMES) == Scrubbed(
        text=canonical, action=Action.PUBLISH, removed=(), canonical=canonical
    )


def test_clean_words_go_out_in_canonical_form() -> None:
    scrubbed = scrub_words(title="Caf%C3%A9", caption="We ate", alt="A table", event="Trip", tags=["cake", ""], names=NAMES)
    words = PublishedWords(title="Café", caption="We ate", alt="A table", event="Trip", tags=("cake",))
    assert (scrubbed.words, scrubbed.state, scrubbed.removed) == (words, WordsState.CLEAN, 0)


@pytest.mark.parametrize("field", PROSE)
def test_one_held_field_holds_the_words_and_leaves_a_suggestion(field: Field) -> None:
    title, caption, alt, event = ("Oscar and friends" if other is field else "A garden" for other in PROSE)
    scrubbed = scrub_words(title=title, caption=caption, alt=alt, event=event, tags=["garden"], names=NAMES)
    assert (scrubbed.state, scrubbed.removed) == (WordsState.HELD, 1)
    cleaned = {other.value: "and friends" if other is field else "A garden" for other in PROSE}
    assert scrubbed.words == PublishedWords(**cleaned, tags=("garden",))


def test_tags_are_dropped_in_silence_and_counted() -> None:
    scrubbed = scrub_words(title="", caption="", alt="", event="", tags=["oscar", "cake", "Dempsey family", "Jo"], names=NAMES)
    assert (scrubbed.words.tags, scrubbed.state, scrubbed.removed) == (("cake",), WordsState.CLEAN, 3)


# --- approvals --------------------------------------------------------------------------------------------------------


def approved(text: str, names: Names = NAMES) -> Approval:
    return Approval(text=text, names=names.digest)


@pytest.mark.parametrize("text", ["Zorba danced", "Rose is asleep", "Ada Lovelock visited", "By Z.Z."])
def test_an_approved_text_goes_out_as_it_is(text: str) -> None:
    assert scrub(text, Field.CAPTION, names=NAMES).action is Action.HOLD
    done = scrub(text, Field.CAPTION, names=NAMES, approved=[approved(text)])
    assert (done.text, done.action, done.removed) == (text, Action.PUBLISH, ())
    words = scrub_words(title="", caption=text, alt="", event="", tags=(), names=NAMES, approved=[approved(text)])
    assert (words.state, words.words.caption) == (WordsState.CLEAN, text)


@pytest.mark.parametrize(
    "text",
    [
        *("Oscar danced", "OSCAR", "oscardempsey", "Ocsar danced", "Oscarr danced", "scr Dmpsy", "racso", "Os car", "Immogen"),
        *("We saw O s c a r", "triposcar", "0scar", "d.e.m.p.s.e.y", "Oskar danced", "Oscar's cake"),
    ],
)
def test_no_approval_lets_a_strong_name_through_in_any_shape(text: str) -> None:
    done = scrub(text, Field.CAPTION, names=NAMES, approved=[approved(text)])
    assert done.action is Action.HOLD
    assert done == scrub(text, Field.CAPTION, names=NAMES), "the same answer as to any other text"


def test_an_approval_is_good_for_one_text_under_one_register() -> None:
    other = Names.of([*PUPILS, PupilNames(forename="Wanda", surname="Quux")], lexicon=LEXICON)
    told = approved("Zorba danced")
    assert scrub("Zorba danced", Field.TITLE, names=NAMES, approved=[told]).action is Action.PUBLISH
    assert scrub("Zorba  danced", Field.TITLE, names=NAMES, approved=[told]).action is Action.PUBLISH, "the canonical text counts"
    assert scrub("Zorba danced.", Field.TITLE, names=NAMES, approved=[told]).action is Action.HOLD
    assert scrub("Zorba danced", Field.TITLE, names=other, approved=[told]).action is Action.HOLD


# --- the matcher ------------------------------------------------------------------------------------------------------


def test_a_register_without_names_still_publishes_words_alone() -> None:
    nobody = Names.of([PupilNames(forename=None, surname="")], lexicon=LEXICON)
    assert scrub("Amelia", Field.TITLE, names=nobody).action is Action.HOLD
    assert scrub("A garden", Field.TITLE, names=nobody).action is Action.PUBLISH
    assert nobody.digest == Names.of([], lexicon=LEXICON).digest


def test_a_single_letter_on_the_register_is_no_name() -> None:
    names = Names.of([PupilNames(forename="B", surname="B.")], lexicon=LEXICON)
    assert scrub("Plan B: vitamin B", Field.TITLE, names=names).action is Action.PUBLISH


def test_a_register_name_is_itself_brought_to_canonical_form() -> None:
    names = Names.of(
        [PupilNames(forename="R&#111;se", surname="%4Bing"), PupilNames(forename="Oc\x00tavia", surname="Ρίο")], lexicon=LEXICON
    )
    told = [approved(text, names) for text in ("Octavia", "Pio")]
    for surface in ("Rose King", "Octavia", "Pio"):
        assert scrub(surface, Field.TITLE, names=names, approved=told).action is Action.HOLD


def test_one_name_more_changes_the_digest() -> None:
    assert len(NAMES.digest) == 64
    assert Names.of([*PUPILS, PupilNames(forename="Winifred", surname="King")], lexicon=LEXICON).digest != NAMES.digest


def test_spelling_of_case_and_marks_does_not_change_the_digest() -> None:
    one = [PupilNames(forename="Amelia", surname="Khan"), PupilNames(forename="Oscar", surname="Patel")]
    other = [PupilNames(forename="OSCAR", surname="Pátel"), PupilNames(forename="amelia", surname="Khan")]
    assert Names.of(one, lexicon=LEXICON).digest == Names.of(other, lexicon=LEXICON).digest


def test_neither_a_matcher_nor_a_pupil_shows_a_name_when_printed() -> None:
    shown = repr(NAMES) + repr(PUPILS) + repr(NAMES.strong)
    assert not any(name in shown.lower() for name in ("oscar", "dempsey", "imogen", "tate"))
