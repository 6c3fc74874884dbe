"""Single letters and capitals: initials, names spelt out, and what only looks like them."""

from typing import Final

from consent.names.fields import Why
from consent.names.grammar import LABELS, LETTERS_FOLLOW, ROMAN, SHAPES, UNITS
from consent.names.reading import Reading
from consent.names.tokens import Token

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_BETWEEN: Final = frozenset({"", " ", "-", "_"})


def cut_letters(reading: Reading) -> None:
    """Single letters are initials or a name spelt out, except where they count or label something."""
    run: list[int] = []
    for place in [*reading.unsure, len(reading.tokens) + 1]:
        letter = place < len(reading.tokens) and len(reading.tokens[place].word) == 1 and not reading.tokens[place].number
        if run and (not letter or place != run[-1] + 1):
            _cut_run(reading, run)
            run = []
        if letter:
            run.append(place)


def cut_initials(reading: Reading) -> None:
    """Two capitals that are somebody's initials, also where they spell a word: "HE won", but not PE lesson."""
    if reading.text.isupper():
        return
    never = reading.names.lexicon.acronyms | ROMAN
    for place, token in enumerate(reading.tokens):
        open_still = place not in reading.cut and place not in reading.kept
        if open_still and token.upper and token.word in reading.names.initials and token.word not in never:
            reading.cut[place] = Why.INITIALS


def _cut_run(reading: Reading, run: list[int]) -> None:
    spelt = "".join(reading.tokens[place].word for place in run)
    if reading.kept.issuperset(run) or (len(run) > 1 and spelt in _ALPHABET) or (len(run) == 1 and _stands(reading, run[0])):
        return
    for place in run:
        reading.cut.setdefault(place, Why.INITIALS)


def _stands(reading: Reading, place: int) -> bool:
    """An article, a pronoun, 3D, Year 3B, plan B, 5 x 5, T-shirt, "B is for bear"."""
    token = reading.tokens[place]
    before = reading.tokens[place - 1] if place else None
    after, beyond = (reading.tokens[at] if at < len(reading.tokens) else None for at in (place + 1, place + 2))
    if token.word in {"a", "i"} and not (after is not None and after.gap.startswith(".")):
        return True
    if before is not None and before.word in LETTERS_FOLLOW and token.gap in _BETWEEN:
        return True
    if before is not None and before.number and (token.gap == "" or (token.gap in _BETWEEN and token.word in UNITS)):
        return True
    return after is not None and (_labels(token, after) or _shapes(token, after) or _is_for(after, beyond))


def _labels(token: Token, after: Token) -> bool:
    return after.number and (after.gap == "" or (after.gap in _BETWEEN and token.word in LABELS))


def _shapes(token: Token, after: Token) -> bool:
    return after.gap == "-" and f"{token.word}{after.word.removesuffix('s')}" in SHAPES


def _is_for(after: Token, beyond: Token | None) -> bool:
    return after.word == "is" and beyond is not None and beyond.word == "for"
