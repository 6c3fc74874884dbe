"""A text while it is judged: its words, what stands beside each, and what was decided of each so far."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from consent.names.fields import Field, Why
from consent.names.grammar import DETERMINERS, FUNCTION_WORDS
from consent.names.matcher import Mark, Names
from consent.names.tokens import Token, tokens

_CLOSE: Final = re.compile(r"[ \-_'’/&+,]*|, | & | / ")
_STOP: Final = re.compile(r"[.!?:;]\s|[\"“”(\[]|^$| [-–—] ")
_HEADLINE: Final = 3  # capitals from which a text without small words is a headline
_JOINS: Final = frozenset({"and"})
_NO_MARK: Final = Mark(0)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One canonical text in one field. ``cut``: place of a token -> why it goes; ``kept``: tokens of phrases that stand.

    ``declared``: of those, the ones in terms the school declared. ``cased``: a capital inside a sentence means a name here.
    """

    text: str
    field: Field
    names: Names
    tokens: list[Token]
    marks: list[Mark]
    cut: dict[int, Why] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    declared: set[int] = field(default_factory=set)
    headline: bool = False
    cased: bool = False

    @classmethod
    def of(cls, text: str, where: Field, names: Names) -> "Reading":
        """Read the words of a text; nothing is decided yet."""
        found = tokens(text, names)
        marks = [names.marks.get(token.word, _NO_MARK) for token in found]
        words = [token for token in found if not token.number]
        small = [token for token in words if not token.capital and token.word not in FUNCTION_WORDS]
        headline = not small and sum(token.capital for token in words) >= _HEADLINE
        cased = where.holds and not headline and any(token.capital for token in words)
        return cls(text=text, field=where, names=names, tokens=found, marks=marks, headline=headline, cased=cased)

    def undecided(self) -> Iterator[int]:
        """Places of the words that have not been cut and are in no phrase that stands."""
        return (place for place in range(len(self.tokens)) if place not in self.cut and place not in self.kept)

    def before(self, place: int) -> Token | None:
        """Return the word straight before; None at the beginning, or where a sentence or a list ends between them."""
        return self.tokens[place - 1] if place and self.close(place) else None

    def after(self, place: int) -> Token | None:
        """Return the word straight after; None at the end, or where a sentence or a list ends between them."""
        return self.tokens[place + 1] if place + 1 < len(self.tokens) and self.close(place + 1) else None

    def close(self, place: int) -> bool:
        """True if nothing but a space or a sign that joins stands between this word and the one before."""
        gap = self.tokens[place].gap
        return bool(_CLOSE.fullmatch(gap)) and ("," not in gap) if self.field.holds else not _STOP.search(gap or "-")

    def near(self, place: int) -> bool:
        """True if this word and the one before may be one name: also across a comma (Khan, Amelia) or a stop (A. Khan)."""
        return len(self.tokens[place].gap.replace(" ", "")) <= 1 or not self.field.holds

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
        others = (token for at, token in enumerate(self.tokens) if at != place and not token.number and at not in self.cut)
        return all(token.word in self.names.lexicon.acronyms for token in others)

    def joined(self, place: int) -> Iterator[int]:
        """Places of what stands in a list with this word: across and, &, a comma or a stroke."""
        for step in (-1, 1):
            at = place + step
            if 0 <= at < len(self.tokens) and self.tokens[at].word in _JOINS:
                at += step
            elif not (0 <= at < len(self.tokens)) or not re.search(r"[,&/+;]", self.tokens[max(place, at)].gap):
                continue
            if 0 <= at < len(self.tokens) and self.tokens[at].word in DETERMINERS:
                continue
            if 0 <= at < len(self.tokens):
                yield at
