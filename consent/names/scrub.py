"""The scrub: from a text as typed to what may be published of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from consent.names.canonical import canonical
from consent.names.fields import Action, Field, Removed, Why
from consent.names.matcher import Mark, Names
from consent.names.plain import doubtful_stretches, is_plain
from consent.names.pupil import leet
from consent.names.reading import Reading
from consent.names.rules import judge
from consent.photo import PublishedWords, WordsState

_ROUNDS: Final = 8
_LONG: Final = 4  # letters from which a strong name is found inside anything; shorter ones are in every other word
_ITEM: Final = re.compile(r"[^;,|/]+")
_REFUSED: Final = re.compile(  # a sign that may be a letter in disguise; the British flag is none
    "\U0001f1ec\U0001f1e7|(<(?=[A-Za-z/!?])|[^\\w\\s!-/:-@\\[-`{-~‘-‟–—…•·£€°×÷½¼¾⅓✓✔★☆→←↑↓"
    "\u2600-\u27bf\U0001f300-\U0001f5ff\U0001f600-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff])"
)
_LOOSE: Final = re.compile(r"\s+(?=[,.;:!?)])|(?<=[(])\s+")
_DOUBLE: Final = re.compile(r"[-_/&+,;.] *(?=[-_/&+,;.])| (?= )")
_ENDS: Final = " ,;:&/_+-'’\"<>|=\\*#@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word that one held text names nobody: good for exactly this canonical text under exactly these names."""

    text: str
    names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """What may be shown of a text. ``canonical``: the text as it was judged, for the editor's eyes and for an approval only.

    ``removed``: what was taken out of that; a text that is left out whole counts as one.
    """

    text: str
    action: Action
    removed: tuple[Removed, ...]
    canonical: str

    @property
    def hold_reasons(self) -> tuple[Why, ...]:
        """Why a person is asked, each reason once; none unless the text is held."""
        return tuple(sorted({one.reason for one in self.removed})) if self.action is Action.HOLD else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubbedWords:
    """All the words of a photo. While ``state`` is held, ``words`` is a suggestion; it is never the raw text."""

    words: PublishedWords
    state: WordsState
    removed: int


def scrub_words(
    *, title: str, caption: str, alt: str, event: str, tags: Iterable[str], names: Names, approved: Iterable[Approval] = ()
) -> ScrubbedWords:
    """Scrub every field: held if any field is. A tag never holds: what may be a name is left out and counted."""
    told = tuple(approved)
    texts = [(Field.TITLE, title), (Field.CAPTION, caption), (Field.ALT, alt), (Field.EVENT, event)]
    labels = [(Field.TAG, tag) for tag in tags]
    done = [scrub(text, field, names=names, approved=told) for field, text in (*texts, *labels)]
    title, caption, alt, event, *kept = (each.text for each in done)
    words = PublishedWords(title=title, caption=caption, alt=alt, event=event, tags=tuple(filter(None, kept)))
    state = WordsState.HELD if any(each.action is Action.HOLD for each in done) else WordsState.CLEAN
    return ScrubbedWords(words=words, state=state, removed=sum(len(each.removed) for each in done))


def scrub(text: str, field: Field, *, names: Names, approved: Iterable[Approval] = ()) -> Scrubbed:
    """Publish the canonical form of ``text`` if it holds nothing but words that name nobody.

    Else a file name or a tag loses what is not known, or is dropped when nothing is left; every other field is held, with what
    is left as a suggestion. Publishing what comes out again changes nothing. A text over its field's limit is refused unread.
    """
    shown = canonical(text) if len(text) <= field.limit else None
    if shown is None or len(shown) > field.limit:
        why = Why.TOO_LONG if len(text) > field.limit or shown is not None else Why.UNREADABLE
        return _refused(field, why)
    if is_plain(shown, field, names):
        return Scrubbed(text=shown, action=Action.PUBLISH, removed=(), canonical=shown)
    if any(one.text == shown and one.names == names.digest for one in approved) and not _names_somebody(shown, field, names):
        return Scrubbed(text=shown, action=Action.PUBLISH, removed=(), canonical=shown)
    clean: set[str] = set()
    left, removed = _clean(shown, field, names, clean)
    again = removed
    for _ in range(_ROUNDS):
        if not again:
            break
        left, again = _clean(left, field, names, clean)
    else:
        left = ""
    return Scrubbed(text=left, action=_action(left, field, held=bool(removed)), removed=removed, canonical=shown)


def _action(left: str, field: Field, *, held: bool) -> Action:
    if not held:
        return Action.PUBLISH
    if field.holds:
        return Action.HOLD
    return Action.PUBLISH if left else Action.DROP


def _refused(field: Field, why: Why) -> Scrubbed:
    gone = (Removed(start=0, end=0, reason=why),)
    return Scrubbed(text="", action=Action.HOLD if field.holds else Action.DROP, removed=gone, canonical="")


def _clean(text: str, field: Field, names: Names, clean: set[str]) -> tuple[str, tuple[Removed, ...]]:
    """Take out what goes; return what is left, in canonical form, and what was taken out. ``clean``: stretches found clean."""
    if field is Field.TAG:
        return _clean_items(text, names)
    if field.holds:
        return _clean_prose(text, field, names, clean)
    reading, removed = _judged(text, field, names)
    if removed and not _says_anything(reading):
        return "", removed
    return _without(text, removed), removed


def _judged(text: str, field: Field, names: Names) -> tuple[Reading, tuple[Removed, ...]]:
    reading = Reading.of(text, field, names)
    judge(reading)
    removed = [Removed(start=reading.tokens[at].start, end=reading.tokens[at].end, reason=why) for at, why in reading.cut.items()]
    removed += [Removed(start=one.start(1), end=one.end(1), reason=Why.UNREADABLE) for one in _REFUSED.finditer(text) if one[1]]
    return reading, tuple(sorted(removed, key=lambda one: one.start))


def _clean_prose(text: str, field: Field, names: Names, clean: set[str]) -> tuple[str, tuple[Removed, ...]]:
    """Judge stretches of sentences that are not plain, each by itself; sentences that are hold nothing that could matter."""
    removed: list[Removed] = []
    for start, stretch in doubtful_stretches(text, field, names):
        if stretch in clean:
            continue
        _, gone = _judged(stretch, field, names)
        clean.update(() if gone else (stretch,))
        removed += [Removed(start=one.start + start, end=one.end + start, reason=one.reason) for one in gone]
    return _without(text, tuple(removed)), tuple(removed)


def _clean_items(text: str, names: Names) -> tuple[str, tuple[Removed, ...]]:
    """Of a tag that is a list, the items that lose nothing stay; an item with a name in it goes whole."""
    removed: list[Removed] = []
    kept: list[str] = []
    for item in _ITEM.finditer(text):
        _, gone = _judged(item[0], Field.TAG, names)
        removed += [Removed(start=one.start + item.start(), end=one.end + item.start(), reason=one.reason) for one in gone]
        kept += [] if gone else [item[0].strip()]
    return (canonical(";".join(filter(None, kept))) or "") if removed else text, tuple(removed)


def _without(text: str, removed: tuple[Removed, ...]) -> str:
    if not removed:
        return text
    ends = [0, *(one.end for one in removed)]
    starts = [*(one.start for one in removed), len(text)]
    left = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    tidy = _LOOSE.sub("", _DOUBLE.sub("", left)).strip(_ENDS)
    return canonical(tidy) or ""


def _says_anything(reading: Reading) -> bool:
    left = (token for at, token in enumerate(reading.tokens) if at not in reading.cut)
    return any(token.number or token.word not in reading.names.lexicon.acronyms for token in left)


def _names_somebody(text: str, field: Field, names: Names) -> bool:
    """True if a name on the register that is no word may be meant anywhere in the text: no approval lets that through."""
    reading = Reading.of(text, field, names)
    words = [token.word for token in reading.tokens]
    letters = leet("".join(words))
    if any(leet(name) in letters for name in names.strong.names if len(name) >= _LONG):
        return True
    split = any(two in names.splits.get(one, ()) for one, two in pairwise(words))
    unknown = (
        word for word, mark in zip(words, reading.marks, strict=True) if word not in names.lexicon.words or mark & Mark.NEAR
    )
    return split or any(names.strong.hides_in(word) for word in unknown)
