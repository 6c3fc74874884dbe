"""Keep pupils' names out of words: only known words that name nobody are published (promise P5, docs/names.md)."""

from consent.names.fields import Action, Field, Removed, Why
from consent.names.lexicon import LISTS, Lexicon, parse_lexicon
from consent.names.matcher import Names
from consent.names.mentions import Mentioned, Told, who_is_named
from consent.names.persons import Roll
from consent.names.pupil import PupilNames
from consent.names.scrub import Approval, Scrubbed, ScrubbedWords, scrub, scrub_words
from consent.names.strangers import anybody

__all__ = [
    "LISTS",
    "Action",
    "Approval",
    "Field",
    "Lexicon",
    "Mentioned",
    "Names",
    "PupilNames",
    "Removed",
    "Roll",
    "Scrubbed",
    "ScrubbedWords",
    "Told",
    "Why",
    "anybody",
    "parse_lexicon",
    "scrub",
    "scrub_words",
    "who_is_named",
]
