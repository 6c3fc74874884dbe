"""Where words stand, what becomes of them, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """Where the words stand."""

    FILE_NAME = "file-name"
    TAG = "tag"
    TITLE = "title"
    CAPTION = "caption"
    ALT = "alt"
    EVENT = "event"

    @property
    def holds(self) -> bool:
        """True if a person is asked; in a file name or a tag what is not known is left out without asking."""
        return self not in {Field.FILE_NAME, Field.TAG}

    @property
    def limit(self) -> int:
        """How many characters the field may have, as typed and in canonical form."""
        return 2000 if self is Field.CAPTION else 300


class Action(StrEnum):
    """What becomes of the words: published, held for a person with a cleaned suggestion, or left out without asking."""

    PUBLISH = "publish"
    HOLD = "hold"
    DROP = "drop"


class Why(StrEnum):
    """Why words were taken out. Codes are permanent; docs/names.md says what each means.

    One code for every word, name or not: which of them is on the register is nobody's to learn.
    """

    NOT_A_WORD = "words:name-or-unknown"
    INITIALS = "words:initials"
    IDENTIFIER = "words:identifier"
    UNREADABLE = "words:unreadable"
    TOO_LONG = "words:too-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A place that was taken out, in the canonical text: from ``start`` up to, not including, ``end``."""

    start: int
    end: int
    reason: Why
