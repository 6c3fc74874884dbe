"""A text while it is judged: its words, what stands beside each, and what was decided of each so far."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from consent.names.fields import Field, Why
from consent.names.grammar import DETERMINERS, FUNCTION_WORDS
from consent.names.matcher import Names
from consent.names.tokens import Token, tokens

_CLOSE: Final = re.compile(r"[ \-_'’/&+]*")
_STOP: Final = re.compile(r"[.!?:;]\s|[\"“”(\[]|^$| [-–—] ")
_JOINED: Final = re.compile(r"[,&/+;]")
_HEADLINE: Final = 3  # capitals from which a text without small words is a headline
_AND: Final = "and"


@dataclass(slots=True, kw_only=True)
class Reading:
    """One canonical text in one field.

    ``marks``: what is known of each word that is also a name. ``unsure``: places of all that is not plainly a word. ``cut``:
    place -> why it goes; ``kept``: places in phrases that stand, ``declared``: those in terms of the school. ``cased``: a
    capital inside a sentence means a name here; ``headline``: capitals throughout.
    """

    text: str
    prose: bool
    names: Names
    tokens: list[Token]
    marks: list[int]
    unsure: list[int]
    headline: bool
    cased: bool
    cut: dict[int, Why] = field(default_factory=dict[int, Why])
    kept: set[int] = field(default_factory=set[int])
    declared: set[int] = field(default_factory=set[int])

    @classmethod
    def of(cls, text: str, where: Field, names: Names) -> Self:
        """Read the words of a text; nothing is decided yet."""
        found = tokens(text, names)
        known = names.marks
        marks = [known.get(token.word, 0) for token in found]
        ordinary = names.lexicon.ordinary
        unsure = [
            place
            for place, token in enumerate(found)
            if marks[place]
            or token.broken
            or not (token.number or (token.word in ordinary and token.raw.isascii() and len(token.word) > 1))
        ]
        capitals = sum(token.capital for token in found)
        small = any(not token.capital and not token.number and token.word not in FUNCTION_WORDS for token in found)
        headline = not small and capitals >= _HEADLINE
        cased = where.holds and not headline and capitals > 0
        return cls(
            text=text, prose=where.holds, names=names, tokens=found, marks=marks, unsure=unsure, headline=headline, cased=cased
        )

    def undecided(self) -> Iterator[int]:
        """Places of what is not plainly a word, has not been cut, and is in no phrase that stands."""
        return (place for place in self.unsure if place not in self.cut and place not in self.kept)

    def before(self, place: int) -> Token | None:
        """Return the word straight before; None at the beginning, or where a sentence or a list ends between them."""
        return self.tokens[place - 1] if place > 0 and self._close(place) else None

    def after(self, place: int) -> Token | None:
        """Return the word straight after; None at the end, or where a sentence or a list ends between them."""
        return self.tokens[place + 1] if place + 1 < len(self.tokens) and self._close(place + 1) else None

    def near(self, place: int) -> bool:
        """True if this word and the one before may be one name: also across a comma (Khan, Amelia) or a stop (A. Khan)."""
        return not self.prose or len(self.tokens[place].gap.replace(" ", "")) <= 1

    def begins(self, place: int) -> bool:
        """True if a sentence begins here, so that a capital says nothing."""
        return place == 0 or bool(_STOP.search(self.tokens[place].gap))

    def inside_capital(self, place: int) -> bool:
        """True for a capital that no sentence or headline asks for."""
        return self.tokens[place].capital and self.cased and not self.begins(place)

    def lone_capital(self, place: int) -> bool:
        """True for such a capital with no other beside it: no "Stone Age" and no "World Book Day"."""
        beside = (self.before(place), self.after(place))
        return self.inside_capital(place) and not any(other is not None and other.capital for other in beside)

    def lower(self, place: int) -> bool:
        """True for a small letter where names would have a capital."""
        return self.cased and not self.tokens[place].capital

    def may_be_named(self, place: int) -> bool:
        """True if the writing does not speak against a name: a capital, or no capitals to go by."""
        return self.tokens[place].capital or not self.cased

    def alone(self, place: int) -> bool:
        """True if the text has no other word; numbers, file endings and camera prefixes are none."""
        acronyms = self.names.lexicon.acronyms
        others = (token for at, token in enumerate(self.tokens) if at != place and not token.number and at not in self.cut)
        return all(token.word in acronyms for token in others)

    def joined(self, place: int) -> Iterator[int]:
        """Places of what stands in a list with this word: across and, &, a comma or a stroke."""
        for step in (-1, 1):
            at = place + step
            if not 0 <= at < len(self.tokens):
                continue
            if self.tokens[at].word == _AND:
                at += step
            elif not _JOINED.search(self.tokens[max(place, at)].gap):
                continue
            if 0 <= at < len(self.tokens) and self.tokens[at].word not in DETERMINERS:
                yield at

    def _close(self, place: int) -> bool:
        gap = self.tokens[place].gap
        if gap in {" ", ""}:
            return True
        return bool(_CLOSE.fullmatch(gap)) if self.prose else not _STOP.search(gap)
