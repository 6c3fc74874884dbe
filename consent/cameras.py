"""What a camera writes of itself, and when two spellings of it are the same."""

import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What a file says of the device that made it; None or empty where it does not say.

    ``consistent``: False if one place in the file names another make, model or serial than another does.
    """

    make: str | None = None
    model: str | None = None
    serial: str | None = None
    consistent: bool = True


_COMPANY: Final = frozenset({"co", "company", "corp", "corporation", "gmbh", "imaging", "inc", "limited", "ltd"})
"""How makers end their names in some cameras and not in others: NIKON CORPORATION, OLYMPUS IMAGING CORP."""


def fold_make(text: str | None) -> str:
    """Fold a maker's name: case, spaces, and how companies end their names do not matter."""
    words = _fold(text).replace(",", " ").replace(".", " ").split()
    while len(words) > 1 and words[-1] in _COMPANY:
        words.pop()
    return " ".join(words)


def fold_model(text: str | None, make: str | None) -> str:
    """Fold a model's name: case and spaces do not matter, nor does a make that is repeated in front of it."""
    words, maker = _fold(text).split(), fold_make(make).split()
    for repeated in (maker, maker[:1]):
        if repeated and words[: len(repeated)] == repeated and len(words) > len(repeated):
            return " ".join(words[len(repeated) :])
    return " ".join(words)


def fold_serial(text: str | None) -> str:
    """Fold a serial number: case and spaces do not matter, leading zeros do. One of zeros alone tells nothing: it is none."""
    joined = "".join(_fold(text).split())
    return "" if set(joined) <= {"0"} else joined


def _fold(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())
