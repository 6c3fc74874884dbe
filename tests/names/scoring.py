"""Does a name survive in what was published?"""

import re
import unicodedata
from collections import Counter

from consent.names import Action, Names, scrub
from tests.names.forms import Case

STROKES = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "ı": "i", "ß": "ss", "đ": "d", "Đ": "d"})


def letters(text: str) -> str:
    """Fold as a stranger would: no marks, no strokes, no signs."""
    plain = unicodedata.normalize("NFKD", text).translate(STROKES).casefold()
    return "".join(char for char in plain if char.isalnum())


def word_counts(text: str) -> Counter[str]:
    return Counter(letters(word) for word in re.split(r"[\W_]+", unicodedata.normalize("NFC", text)) if word)


def survives(case: Case, out: str) -> bool:
    """True if a surface, all but a letter of it, or a part of the name itself stands in what came out."""
    rest = "".join(char for at, char in enumerate(case.text) if not any(start <= at < end for start, end in case.spans))
    for start, end in case.spans:
        surface = letters(case.text[start:end])
        if len(surface) < 3:
            if word_counts(out)[surface] > word_counts(rest)[surface]:
                return True
            continue
        wanted = {surface, surface[:-1], surface[1:]} if len(surface) >= 5 else {surface}
        if any(letters(out).count(one) > letters(rest).count(one) for one in wanted):
            return True
    found, there = word_counts(out), word_counts(rest)
    return any(found[part] > there[part] for part in case.parts)


def leaks(case: Case, names: Names) -> bool:
    done = scrub(case.text, case.field, names=names)
    return done.action is Action.PUBLISH and survives(case, done.text)
