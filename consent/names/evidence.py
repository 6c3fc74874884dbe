"""What speaks for a word and what for a person, where one spelling is both."""

import re
from typing import Final

from consent.names.grammar import (
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    IN_TIME,
    JOURNEYS,
    MODALS,
    MONTHS,
    PERSON_COMES,
    PERSON_MAY_COME,
    PREPOSITIONS,
    PRONOUNS,
    WAYS,
    WHERE,
)
from consent.names.matcher import Mark
from consent.names.reading import Reading
from consent.names.tokens import Token

_ASKING: Final = frozenset({"be", "have", "not", "never", "always", "soon", "need"})
_ASKED: Final = PRONOUNS | {"where", "when", "how", "there"}
_SIGNED: Final = re.compile(r":|^[-_/.]$")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DAY: Final = re.compile(r"[1-9]|[12]\d|3[01]")
_WORDY: Final = 3


def is_word(reading: Reading, place: int) -> bool:
    """True if a word that is also a name on the register can only be a word here."""
    token = reading.tokens[place]
    if token.possessive and reading.may_be_named(place):
        return False
    return (
        _small_in_a_sentence(reading, place)
        or _after_determiner(reading, place)
        or _beside(reading, place)
        or _describes(reading, place)
        or _modal(reading, place)
        or _month(reading, place)
        or _place(reading, place)
        or _in_a_list_of_words(reading, place)
        or _of_something(reading, place)
    )


def is_person(reading: Reading, place: int) -> bool:
    """True if something beside a word that is also a given name says that it is one here."""
    token, after, before = reading.tokens[place], reading.after(place), reading.before(place)
    if not token.capital or is_word(reading, place):
        return False
    if token.possessive or (after is not None and _says_who(reading, place, after)):
        return True
    if reading.lone_capital(place) and token.word not in reading.names.lexicon.proper:
        return True
    return before is not None and before.word in PERSON_COMES | PERSON_MAY_COME and reading.inside_capital(place)


def is_likely_person(reading: Reading, place: int) -> bool:
    """True if the place is one where a name stands, for a word that is nearly a name on the register."""
    if not reading.may_be_named(place) or is_word(reading, place):
        return False
    if reading.alone(place) or is_person(reading, place):
        return True
    after = reading.after(place)
    if not reading.prose:
        return False
    if after is not None and not reading.cased and _says_who(reading, place, after):
        return True
    return reading.inside_capital(place) or after is None or after.word in PREPOSITIONS or after.word == "and"


def _says_who(reading: Reading, place: int, after: Token) -> bool:
    """A verb with this word as its subject: is, wins, made, holding a."""
    if after.capital and not reading.headline:
        return False
    if after.word in AUXILIARIES or after.word in reading.names.lexicon.finite:
        return True
    beyond = reading.after(place + 1)
    return after.word.endswith("ing") and (beyond is None or beyond.word in FUNCTION_WORDS)


def _small_in_a_sentence(reading: Reading, place: int) -> bool:
    before, after = reading.before(place), reading.after(place)
    if not reading.lower(place) or _SIGNED.search(reading.tokens[place].gap):
        return False
    if before is not None and before.word in PERSON_COMES:
        return False
    last = after is None or after.word in FUNCTION_WORDS
    return not (last and before is not None and before.word in PERSON_MAY_COME and reading.marks[place] & Mark.OURS_GIVEN)


def _after_determiner(reading: Reading, place: int) -> bool:
    before = reading.before(place)
    if before is None or before.word not in DETERMINERS or before.possessive or reading.tokens[place].capital:
        return False
    return before.word != "a" or reading.prose or not _initial_a(reading, place)


def _initial_a(reading: Reading, place: int) -> bool:
    """True if somebody whose name begins with a bears this family name."""
    word = reading.tokens[place].word
    return f"a{word[0]}" in reading.names.initials and bool(reading.marks[place] & Mark.OURS_FAMILY)


def _beside(reading: Reading, place: int) -> bool:
    """A word-specific neighbour: rose garden, pearl diving story; for a family name also before it: sports day."""
    token, after, before = reading.tokens[place], reading.after(place), reading.before(place)
    known = reading.names.lexicon.beside.get(token.word, frozenset())
    only_family = not reading.marks[place] & (Mark.GIVEN | Mark.OURS_GIVEN | Mark.NEAR)
    if after is not None and after.word in known and not after.possessive:
        beyond, acting = reading.after(place + 1), after.word.endswith("ing")
        if beyond is None:
            return not acting or only_family
        return beyond.word not in FUNCTION_WORDS or not (acting or after.word in reading.names.lexicon.finite)
    return only_family and before is not None and before.word in known and not before.possessive


def _describes(reading: Reading, place: int) -> bool:
    """An adjective before a plural: sharp pencils."""
    after = reading.after(place)
    lexicon = reading.names.lexicon
    if after is None or not reading.prose or reading.tokens[place].word not in lexicon.adjectives:
        return False
    plural = after.word.endswith("s") and not after.word.endswith("ss") and len(after.word) > _WORDY
    return plural and not after.possessive and after.word not in lexicon.finite and not reading.names.marks.get(after.word)


def _modal(reading: Reading, place: int) -> bool:
    if reading.tokens[place].word not in MODALS:
        return False
    after, before = reading.after(place), reading.before(place)
    if after is not None and (after.word in PRONOUNS or after.word in _ASKING):
        return True
    return (before is not None and before.word in _ASKED) or (reading.begins(place) and reading.text.endswith("?"))


def _month(reading: Reading, place: int) -> bool:
    if reading.tokens[place].word not in MONTHS:
        return False
    after, before = reading.after(place), reading.before(place)
    if before is not None and (before.word in IN_TIME or (reading.prose and _DAY.fullmatch(before.word))):
        return True
    if before is not None and before.word in {"st", "nd", "rd", "th"}:
        return True
    return after is not None and bool(_YEAR.fullmatch(after.word) or (reading.prose and _DAY.fullmatch(after.word)))


def _place(reading: Reading, place: int) -> bool:
    before = reading.before(place)
    if reading.tokens[place].word not in reading.names.lexicon.places or before is None:
        return False
    way = reading.before(place - 1)
    return before.word in WHERE or (before.word in WAYS and way is not None and way.word in JOURNEYS)


def _in_a_list_of_words(reading: Reading, place: int) -> bool:
    """Joined to a word in small letters that is none but a word: Gold and amber beads."""
    others = list(reading.joined(place))
    return bool(others) and reading.begins(place) and all(reading.lower(at) and reading.marks[at] for at in others)


def _of_something(reading: Reading, place: int) -> bool:
    """Before "of": the power of words, a ring of bells, but not Rose of Year 3."""
    after, beyond = reading.after(place), reading.after(place + 1)
    if not reading.prose or after is None or after.word != "of" or beyond is None:
        return False
    return not (beyond.number or beyond.word in {"year", "class"} or (beyond.capital and not reading.headline))
