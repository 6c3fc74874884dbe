"""The rules, in order: what of a text cannot be published, and why. Whatever no rule lets through goes."""

import re
from collections.abc import Callable
from typing import Final

from consent.names.evidence import is_likely_person, is_person, is_word
from consent.names.fields import Why
from consent.names.grammar import DETERMINERS, FUNCTION_WORDS, PARTICLES, PREPOSITIONS, PRONOUNS, TITLES
from consent.names.known import is_known
from consent.names.letters import cut_initials, cut_letters
from consent.names.matcher import Mark
from consent.names.reading import Reading

_IDENTIFIERS: Final = re.compile(
    r"\S+@\S+|(?<!\w)@\w\S*"  # addresses and handles
    r"|(?i:\b[a-z](?:[ -]?\d){11}[ -]?[\da-z]\b)"  # UPNs
    r"|\b0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}\b"  # telephone numbers
)
_MISSPELT: Final = 4  # letters from which a word may be a misspelt name
_SPLIT: Final = 5  # letters above which a name is found in two words with only a space between
_BESIDE: Final = " -_'’."


def judge(reading: Reading) -> None:
    """Decide every word of a text: what is cut stands in ``reading.cut`` afterwards."""
    _keep_phrases(reading)
    for rule in _RULES:
        rule(reading)
    before = 0
    while before != len(reading.cut):
        before = len(reading.cut)
        _cut_neighbours(reading)
        _cut_lists(reading)


def _keep_phrases(reading: Reading) -> None:
    phrases, words = reading.names.phrases, [token.word for token in reading.tokens]
    for place, word in enumerate(words):
        for phrase, declared in phrases.get(word, ()):
            span = range(place, place + len(phrase))
            if tuple(words[place : span.stop]) != phrase or not all(reading.near(at) for at in span[1:]):
                continue
            if declared or not _goes_on(reading, span.stop):
                reading.kept.update(span)
                reading.declared.update(span if declared else ())
                break


def _goes_on(reading: Reading, place: int) -> bool:
    """True if a phrase was none but a person doing something: "Mark making a cake", not "Mark making with chalk"."""
    last, after = reading.tokens[place - 1].word, reading.after(place - 1)
    if after is None:
        return False
    if last.endswith("ing"):
        return after.word in DETERMINERS or after.word not in FUNCTION_WORDS
    return last in reading.names.lexicon.finite and after.word in DETERMINERS


def _cut_identifiers(reading: Reading) -> None:
    for found in _IDENTIFIERS.finditer(reading.text):
        for place, token in enumerate(reading.tokens):
            if token.start < found.end() and found.start() < token.end:
                reading.cut[place] = Why.IDENTIFIER


def _cut_unknown(reading: Reading) -> None:
    """A word that is no word. A name on the register and a stranger's, misspelt or encoded, are all the same here."""
    for place in list(reading.undecided()):
        token = reading.tokens[place]
        if token.broken:
            reading.cut[place] = Why.IDENTIFIER if token.number else Why.NOT_A_WORD
        elif not token.number and len(token.word) != 1 and not is_known(reading, place):
            reading.cut[place] = Why.NOT_A_WORD


def _cut_titled(reading: Reading) -> None:
    """A capital after Mr or Grandma is a name, whatever the word."""
    if not reading.prose:
        return
    for place in range(1, len(reading.tokens)):
        token = reading.tokens[place]
        if token.capital and reading.tokens[place - 1].word in TITLES and place not in reading.kept and reading.near(place):
            _cut(reading, place)


def _cut_split(reading: Reading) -> None:
    """A name in two words: char-lie, Os car."""
    names = reading.names
    for one in reading.unsure:
        two = one + 1
        if two >= len(reading.tokens) or reading.tokens[two].word not in names.splits.get(reading.tokens[one].word, ()):
            continue
        gap, name = reading.tokens[two].gap, reading.tokens[one].word + reading.tokens[two].word
        spaced = gap.isspace() and (len(name) <= _SPLIT or name not in names.strong.names)
        if reading.near(two) and not spaced and not reading.declared.issuperset((one, two)):
            _cut(reading, one, two)


def _cut_pairs(reading: Reading) -> None:
    """Two names of one pupil side by side, in either order; and any given name beside any family name, both with capitals."""
    unsure = set(reading.unsure)
    for two in reading.unsure:
        one = two - 1
        if one not in unsure or not reading.near(two) or not reading.kept.isdisjoint((one, two)):
            continue
        pair = (reading.tokens[one].word, reading.tokens[two].word)
        small_list = reading.lower(one) and reading.lower(two) and "," in reading.tokens[two].gap
        if (pair in reading.names.pairs and not small_list) or _are_strangers(reading, one, two):
            _cut(reading, one, two)


def _are_strangers(reading: Reading, one: int, two: int) -> bool:
    first, second = reading.marks[one], reading.marks[two]
    if not ((first & Mark.FORENAME and second & Mark.SURNAME) or (first & Mark.SURNAME and second & Mark.FORENAME)):
        return False
    if (first | second) & Mark.SMALL or reading.tokens[one].possessive or not reading.may_be_named(one):
        return False
    return reading.tokens[one].capital == reading.tokens[two].capital and not is_word(reading, one)


def _cut_ambiguous(reading: Reading) -> None:
    """A word that is also a name stays only where it can only be a word; a stranger's only goes where it can only be a person."""
    for place in list(reading.undecided()):
        if reading.marks[place] and _goes(reading, place, reading.marks[place]):
            _cut(reading, place)


def _goes(reading: Reading, place: int, mark: int) -> bool:
    if mark & Mark.NAME:
        return not is_word(reading, place)
    if mark & Mark.HIDDEN and not reading.prose and reading.alone(place):
        return True
    if mark & Mark.PLURAL and _is_plural_of_a_name(reading, place, mark):
        return True
    if mark & Mark.NEAR:
        return is_likely_person(reading, place)
    if mark & Mark.GIVEN:
        return is_person(reading, place)
    if not mark & Mark.SMALL:
        return False
    token, after = reading.tokens[place], reading.after(place)
    if reading.inside_capital(place) or (not reading.prose and reading.alone(place)):
        return True
    if token.word in PRONOUNS:
        return token.capital and (after is None or after.word in PREPOSITIONS)
    return is_person(reading, place)


def _is_plural_of_a_name(reading: Reading, place: int, mark: int) -> bool:
    """The Woods, the Roses' tent, roses_cake."""
    if is_word(reading, place):
        return False
    after = reading.after(place)
    if reading.prose:
        return reading.inside_capital(place)
    return bool(mark & Mark.OURS_PLURAL) or (after is not None and not after.number) or reading.tokens[place].capital


def _cut_misspelt(reading: Reading) -> None:
    """One letter off a name on the register, where only a name stands."""
    common = reading.names.lexicon.everyday
    for place, token in enumerate(reading.tokens):
        if len(token.word) < _MISSPELT or token.number or token.word in common or place in reading.cut or place in reading.kept:
            continue
        alone = not reading.prose and reading.alone(place)
        if (alone or token.capital) and reading.names.near.one_letter_off(token.word) and (alone or is_person(reading, place)):
            _cut(reading, place)


def _cut_neighbours(reading: Reading) -> None:
    """What stands beside something cut: a capital that may belong to it, a small word of family names, an initial."""
    beside = {place + step for place in reading.cut for step in (-1, 1)} - reading.cut.keys() - reading.kept
    for place in sorted(beside):
        if 0 <= place < len(reading.tokens) and not reading.tokens[place].number:
            cut = [at for at in (place - 1, place + 1) if at in reading.cut and reading.near(max(place, at))]
            if any(_belongs(reading, place, at) for at in cut):
                _cut(reading, place)


def _belongs(reading: Reading, place: int, cut: int) -> bool:
    token, mark, why = reading.tokens[place], reading.marks[place], reading.cut[cut]
    if reading.tokens[max(place, cut)].gap.strip(_BESIDE):
        return False
    if token.word in PARTICLES:
        return not reading.prose or token.capital or len(token.word) > 1
    if len(token.word) == 1:
        return token.word not in {"a", "i"} or (token.capital and not reading.begins(place))
    if why is Why.INITIALS and mark & (Mark.FORENAME | Mark.SURNAME):
        return reading.may_be_named(place)
    if why is Why.INITIALS and cut == place - 1 and token.capital and token.gap in {"", ".", ". "}:
        return True
    if why not in {Why.NOT_A_WORD, Why.INITIALS} or not reading.may_be_named(cut):
        return False
    if token.word in reading.names.lexicon.small and not reading.prose:
        return True
    if mark & Mark.ANYONE:
        return reading.may_be_named(place) and not (reading.begins(place) and is_word(reading, place))
    return reading.tokens[cut].capital and token.capital and (not reading.prose or reading.inside_capital(place))


def _cut_lists(reading: Reading) -> None:
    """What is joined to something cut, and may be a name: Heath and Rowan."""
    for cut in list(reading.cut):
        for place in reading.joined(cut) if reading.may_be_named(cut) else ():
            free = place not in reading.cut and place not in reading.kept and reading.marks[place] & Mark.ANYONE
            if free and reading.may_be_named(place) and not is_word(reading, place):
                _cut(reading, place)


def _cut(reading: Reading, *places: int) -> None:
    for place in places:
        reading.cut.setdefault(place, Why.NOT_A_WORD)


_RULES: Final[tuple[Callable[[Reading], None], ...]] = (
    *(_cut_identifiers, _cut_unknown, _cut_titled, _cut_split, _cut_pairs),
    *(cut_letters, cut_initials, _cut_ambiguous, _cut_misspelt),
)
