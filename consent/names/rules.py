"""The rules, in order: what of a text cannot be published, and why. Whatever no rule lets through goes."""

import re
from collections.abc import Callable
from typing import Final

from consent.names.evidence import is_likely_person, is_person, is_word
from consent.names.fields import Why
from consent.names.grammar import LABELS, LETTERS_FOLLOW, PARTICLES, ROMAN, TITLES, UNITS
from consent.names.matcher import Mark, Names
from consent.names.reading import Reading

_IDENTIFIERS: Final = re.compile(
    r"\S+@\S+|(?<!\w)@\w\S*"  # addresses and handles
    r"|(?i:\b[a-z](?:[ -]?\d){11}[ -]?[\da-z]\b)"  # UPNs
    r"|\b0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}\b"  # telephone numbers
)
_GLUED: Final = 4  # letters of each of two words that may be run together: kitchenroll
_NEAR: Final = 4  # letters from which a word may be a misspelt name
_SPLIT: Final = 5  # letters above which a name is found in two words with only a space between
_ORDER: Final = "abcdefghijklmnopqrstuvwxyz"
_ANYONE: Final = Mark.NAME | Mark.NEAR | Mark.GIVEN | Mark.FAMILY | Mark.SMALL | Mark.PLURAL
_NO_MARK: Final = Mark(0)
_FORENAME: Final = Mark.GIVEN | Mark.OURS_GIVEN
_SURNAME: Final = Mark.FAMILY | Mark.OURS_FAMILY


def judge(reading: Reading) -> None:
    """Decide every word of a text: what is cut stands in ``reading.cut`` afterwards."""
    _keep_phrases(reading)
    for rule in _RULES:
        rule(reading)
    before = -1
    while before != len(reading.cut):
        before = len(reading.cut)
        for rule in _SPREADING:
            rule(reading)


def _keep_phrases(reading: Reading) -> None:
    words = [token.word for token in reading.tokens]
    for place, word in enumerate(words):
        for phrase, declared in reading.names.phrases.get(word, ()):
            span = range(place, place + len(phrase))
            if tuple(words[place : span.stop]) == phrase and all(reading.near(at) for at in span[1:]):
                reading.kept.update(span)
                reading.declared.update(span if declared else ())
                break


def _identifiers(reading: Reading) -> None:
    for found in _IDENTIFIERS.finditer(reading.text):
        for place, token in enumerate(reading.tokens):
            if token.start < found.end() and found.start() < token.end:
                reading.cut[place] = Why.IDENTIFIER


def _unknown(reading: Reading) -> None:
    """A word that is no word. A name on the register and a stranger's, misspelt or encoded, are all the same here."""
    lexicon = reading.names.lexicon
    for place in list(reading.undecided()):
        token = reading.tokens[place]
        if token.broken:
            reading.cut[place] = Why.IDENTIFIER if token.number else Why.NOT_A_WORD
        elif not token.raw.isascii() and token.raw.removesuffix("’s").removesuffix("'s").casefold() not in lexicon.accented:
            reading.cut[place] = Why.NOT_A_WORD
        elif token.word in lexicon.acronyms and token.word not in lexicon.ordinary and token.raw.istitle():
            reading.cut[place] = Why.NOT_A_WORD
        elif not token.number and len(token.word) != 1 and not _is_known(reading, place):
            reading.cut[place] = Why.NOT_A_WORD


def _is_known(reading: Reading, place: int) -> bool:
    """A word of the lexicon, two run together, or a unit after its number: 10 th, 5 km."""
    word = reading.tokens[place].word
    after_number = place > 0 and reading.tokens[place - 1].number and reading.tokens[place].gap in {"", " "}
    return word in reading.names.lexicon.words or (after_number and word in UNITS) or _is_glued(reading, word)


def _is_glued(reading: Reading, word: str) -> bool:
    """Two words run together, neither of them anybody's name: kitchenroll."""
    names, words = reading.names, reading.names.lexicon.words
    if word in names.lexicon.glued or names.strong.one_letter_off(word):
        return False
    splits = [(word[:at], word[at:]) for at in range(2, len(word) - 1)]
    if any(_named(names, one) and (two in words or _named(names, two)) or _named(names, two) and one in words for one, two in splits):
        return False
    return any(one in words and two in words and min(len(one), len(two)) >= _GLUED for one, two in splits)


def _named(names: Names, part: str) -> bool:
    """True for a given name and for any name on the register."""
    return part in names.strong.names or bool(names.marks.get(part, _NO_MARK) & (Mark.NAME | Mark.GIVEN | Mark.SMALL))


def _titled(reading: Reading) -> None:
    """A capital after Mr or Mrs is a name, whatever the word."""
    for place in list(reading.undecided()):
        before = reading.tokens[place - 1] if place else None
        if before and before.word in TITLES and reading.tokens[place].capital and reading.near(place) and reading.field.holds:
            reading.cut[place] = Why.NOT_A_WORD


def _pairs(reading: Reading) -> None:
    """Two names of one pupil side by side, in either order; and any given name beside any family name, both with capitals."""
    for place in range(1, len(reading.tokens)):
        pair = (place - 1, place)
        if not reading.near(place) or reading.declared.issuperset(pair):
            continue
        one, two = (reading.tokens[at].word for at in pair)
        if (one, two) in reading.names.pairs and not reading.kept.issuperset(pair) and not _lower_words(reading, pair):
            _cut(reading, *pair)
        elif reading.kept.isdisjoint(pair) and _strangers(reading, *pair):
            _cut(reading, *pair)


def _lower_words(reading: Reading, pair: tuple[int, int]) -> bool:
    """Words in small letters in a sentence, that are not names alone either: "the gold, amber and red leaves"."""
    return all(reading.lower(at) for at in pair) and "," in reading.tokens[pair[1]].gap


def _strangers(reading: Reading, one: int, two: int) -> bool:
    marks = reading.marks[one], reading.marks[two]
    if not (marks[0] & _FORENAME and marks[1] & _SURNAME or marks[0] & _SURNAME and marks[1] & _FORENAME):
        return False
    if Mark.SMALL in marks[0] | marks[1] or reading.tokens[one].possessive:
        return False
    if not (reading.may_be_named(one) and reading.may_be_named(two)):
        return False
    return not is_word(reading, one) and reading.tokens[one].capital == reading.tokens[two].capital


def _ambiguous(reading: Reading) -> None:
    """A word that is also a name stays only where it can only be a word; a stranger's only goes where it can only be a person."""
    for place in list(reading.undecided()):
        mark, token = reading.marks[place], reading.tokens[place]
        if Mark.NAME in mark:
            goes = not is_word(reading, place)
        elif Mark.NEAR in mark:
            goes = is_likely_person(reading, place)
        elif Mark.GIVEN in mark:
            goes = is_person(reading, place)
        elif Mark.SMALL in mark:
            goes = reading.inside_capital(place)
        else:
            goes = False
        if not goes and Mark.PLURAL in mark:
            goes = _plural_of_a_name(reading, place)
        if not goes and Mark.HIDDEN in mark:
            goes = not reading.field.holds and reading.alone(place)
        if not goes and not token.number and len(token.word) >= _NEAR:
            goes = _misspelt(reading, place)
        if goes:
            _cut(reading, place)


def _plural_of_a_name(reading: Reading, place: int) -> bool:
    """The Woods, the Roses' tent, roses_cake."""
    token, after = reading.tokens[place], reading.after(place)
    if reading.inside_capital(place):
        return not is_word(reading, place)
    if reading.field.holds or is_word(reading, place):
        return False
    return Mark.OURS_PLURAL in reading.marks[place] or (after is not None and not after.number)


def _misspelt(reading: Reading, place: int) -> bool:
    """One letter off a name on the register, where only a name stands."""
    alone = not reading.field.holds and reading.alone(place)
    if not (alone or reading.tokens[place].capital) or not reading.names.near.one_letter_off(reading.tokens[place].word):
        return False
    return alone or is_person(reading, place)


def _letters(reading: Reading) -> None:
    """Single letters are initials or a name spelt out, except where they count or label something."""
    run: list[int] = []
    for place in range(len(reading.tokens) + 1):
        letter = place < len(reading.tokens) and len(reading.tokens[place].word) == 1 and not reading.tokens[place].number
        if letter:
            run.append(place)
            continue
        if run:
            _run_of_letters(reading, run)
        run = []


def _run_of_letters(reading: Reading, run: list[int]) -> None:
    spelt = "".join(reading.tokens[place].word for place in run)
    if reading.kept.issuperset(run) or (len(run) > 1 and spelt in _ORDER):
        return
    if len(run) == 1 and _counts(reading, run[0]):
        return
    for place in run:
        reading.cut.setdefault(place, Why.INITIALS)


def _counts(reading: Reading, place: int) -> bool:
    """An article, a pronoun, 3D, Year 3B, plan B, 5 x 5, T-shirt, "B is for bear"."""
    token = reading.tokens[place]
    before = reading.tokens[place - 1] if place else None
    after = reading.tokens[place + 1] if place + 1 < len(reading.tokens) else None
    dotted = after is not None and after.gap.startswith(".")
    if token.word in {"a", "i"} and not dotted:
        return True
    if before is not None and (before.number or before.word in LETTERS_FOLLOW) and token.gap in {"", " ", "-", "_"}:
        return True
    if after is not None and after.number and after.gap in {"", "-", "_", " "}:
        return token.word in LABELS or after.gap == ""
    if after is not None and after.gap == "-" and token.word in {"t", "x", "e", "u"} and after.word in {"shirt", "shirts", "ray", "rays", "bend", "turn"}:
        return True
    return after is not None and after.word == "is" and bool(reading.tokens[place + 2 : place + 3]) and reading.tokens[place + 2].word == "for"


def _acronyms(reading: Reading) -> None:
    """Two or three capitals that are somebody's initials, unless they are known capitals: OD_boat, but PE lesson."""
    for place in list(reading.undecided()):
        token = reading.tokens[place]
        if not token.upper or len(token.word) > 3 or reading.text.isupper() or token.word in ROMAN:
            continue
        if token.word in reading.names.initials and token.word not in reading.names.lexicon.acronyms:
            reading.cut[place] = Why.INITIALS


def _split_names(reading: Reading) -> None:
    """A strong name in two words: char-lie, Os car."""
    for place in range(1, len(reading.tokens)):
        one, two = reading.tokens[place - 1], reading.tokens[place]
        if two.word in reading.names.splits.get(one.word, ()) and reading.near(place) and not reading.declared.issuperset((place - 1, place)):
            name = one.word + two.word
            if two.gap.strip() or not two.gap or (len(name) > _SPLIT and name in reading.names.strong.names):
                _cut(reading, place - 1, place)


def _neighbours(reading: Reading) -> None:
    """What stands beside something cut: a capital that may belong to it, a small word of family names, an initial."""
    for place in list(reading.undecided()):
        token = reading.tokens[place]
        if token.number:
            continue
        beside = [at for at in (place - 1, place + 1) if at in reading.cut and reading.near(max(place, at))]
        if beside and _belongs(reading, place, beside):
            _cut(reading, place)


def _belongs(reading: Reading, place: int, beside: list[int]) -> bool:
    token, mark = reading.tokens[place], reading.marks[place]
    apart = all(reading.tokens[max(place, at)].gap.strip(" -_'’.") for at in beside)
    if token.word in PARTICLES and (not reading.field.holds or token.capital or token.word not in {"a", "do", "to", "o"}):
        return not apart
    if len(token.word) == 1:
        return token.word not in {"a", "i"} or (token.capital and not apart and not reading.begins(place)) or "." in reading.tokens[min(place + 1, len(reading.tokens) - 1)].gap
    if apart or not any(_is_name_cut(reading, at) for at in beside):
        return False
    if any(reading.cut[at] is Why.INITIALS for at in beside) and mark & (_FORENAME | _SURNAME):
        return reading.may_be_named(place)
    if mark & _ANYONE:
        return reading.may_be_named(place) and not (reading.begins(place) and is_word(reading, place))
    return reading.inside_capital(place) and all(reading.tokens[at].capital for at in beside)


def _is_name_cut(reading: Reading, place: int) -> bool:
    return reading.cut[place] in {Why.NOT_A_WORD, Why.INITIALS} and (reading.may_be_named(place))


def _lists(reading: Reading) -> None:
    """What is joined to something cut, and may be a name: Heath and Rowan."""
    for place in list(reading.undecided()):
        if not reading.marks[place] & _ANYONE or not reading.may_be_named(place) or is_word(reading, place):
            continue
        if any(at in reading.cut and reading.may_be_named(at) for at in reading.joined(place)):
            _cut(reading, place)


def _cut(reading: Reading, *places: int) -> None:
    for place in places:
        reading.cut.setdefault(place, Why.NOT_A_WORD)


_RULES: Final[tuple[Callable[[Reading], None], ...]] = (
    *(_identifiers, _unknown, _titled, _split_names, _pairs, _letters, _acronyms, _ambiguous),
)
_SPREADING: Final[tuple[Callable[[Reading], None], ...]] = (_neighbours, _lists)
