"""The lexicon that the program ships: read from the package once a process."""

from functools import cache
from importlib.resources import files

from consent.names import LISTS, Lexicon, Names, anybody, parse_lexicon


@cache
def shipped_lexicon() -> Lexicon:
    """Return the words that may be published and what is known of them; the same object every time. Threads may share it."""
    folder = files("consent.names").joinpath("words")
    return parse_lexicon({name: folder.joinpath(f"{name}.txt").read_text(encoding="utf-8") for name in LISTS})


@cache
def names_of_nobody() -> Names:
    """Return the names of a school without pupils: what is plain by them is plain in every school. Threads may share it."""
    return anybody(shipped_lexicon())
