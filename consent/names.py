"""Keep pupils' names out of words: what might be one is taken out, or holds the text (promise P5).

A deny list that fails closed. A text is brought to one canonical form, and only that is ever published; then it is read as
letters alone, so that case, accents and separators hide nothing. What cannot be read for certain (another script, markup,
control characters, too long) counts as a name, and so does a word that contains one ("prose", with a Rose on the register).
Does NOT find misspellings, nicknames, initials alone, transliterations, or names that are not on the register.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import unquote

from consent.photo import PublishedWords, WordsState

_VERSION: Final = "names-1"  # MUST change with what is found, so that words checked by an older reading are checked again
_ROUNDS: Final = 8
_LONG: Final = 4  # letters from which a form is found inside other words; shorter ones ("Ann", "Li") between word borders
_LONGEST: Final = 24  # a longer form is found by its beginning
_PLAIN: Final = MappingProxyType({"þ": "th", "ð": "d", "ŋ": "ng", "ə": "a"})
_DIGRAPHS: Final = MappingProxyType(_PLAIN | {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ð": "th", "ə": "e"})
_LEET: Final = MappingProxyType(_PLAIN | dict(zip("013457@$!|", "oieastasii", strict=True)))  # and then every i is an l
# Cyrillic and Greek letters that look Latin in either case; any other holds, as a letter of another script.
_LOOKALIKES: Final = MappingProxyType(
    str.maketrans("аеѕіјорсухԛԝАЕЅІЈОРСУХԚԜαικορχΑΙΚΟΡΧ", "aesijopcyxqwAESIJOPCYXQWaikopxAIKOPX")
)
# Words of every text: never the plural of a short name, nor two short names or a name and an initial run together.
_COMMON: Final = frozenset({"and", "are", "even", "ever", "for", "has", "her", "his", "its", "like", "the", "this", "was", "yes"})
_INVISIBLE: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MISREAD: Final = r"[Ã-ÈÌÍ][\x80-\xbf\u0152-\u0192\u02c6\u02dc\u2013-\u20ac\u2122]|á[\xb8-\xbb]"  # UTF-8 letters as Windows-1252
# Misread or lost in decoding, Braille, markup, mail encoding, escapes: a reader may see letters that we do not.
_UPN: Final = r"(?i:\b[a-z](?:[ -]?\d){11}[ -]?[\da-z]\b)"  # nobody's name, and yet it says who it is
_UNREADABLE: Final = re.compile(
    rf"{_MISREAD}|{_UPN}|[\ufffd\u2800-\u28ff]|(?i:<[a-z/!?]|=\?[\w-]+\?[bq]\?|[\\%](?:[xu][0-9a-f]{{2}}|n\{{))"
)
_LATIN: Final = re.compile(r"(?:(?:[A-Z]+ )*LATIN|REGIONAL INDICATOR SYMBOL) (?:[A-Z]+ )*?([A-Z]{1,2})(?: WITH .*)?")
_BORDER: Final = re.compile(r"(?<![Aa])|(?![Aa])|(?<=a)(?=A)|(?<=A)(?=Aa)|(?<=AA)(?=a)")


class Field(StrEnum):
    """Where the words stand."""

    FILE_NAME = "file-name"
    TAG = "tag"
    TITLE = "title"
    CAPTION = "caption"
    ALT = "alt"
    EVENT = "event"


class Action(StrEnum):
    """What becomes of the words: published, held for a person with a cleaned suggestion, or left out without asking."""

    PUBLISH = "publish"
    HOLD = "hold"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PupilNames:
    """Every name of one pupil, as the register spells it; None and "" are no name. ``repr`` shows none."""

    forename: str | None
    surname: str | None
    middle: str | None = None
    known_as: str | None = None
    former_surnames: tuple[str, ...] = ()
    former_forenames: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "PupilNames(...)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Names:
    """Every form of every name on one register, ready to be looked for; made by ``of``. ``repr`` shows none.

    ``digest``: hex SHA-256 over the forms; registers with one digest find the same. In ``spelt`` and ``leet`` a form between
    bars is found only between word borders, any other form anywhere.
    """

    digest: str
    spelt: frozenset[str]
    leet: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[PupilNames]) -> Self:
        """Read a register, once per version of it. Order, repetition and whose name is whose do not matter."""
        spelt = frozenset(form for pupil in names for form in _forms(pupil))
        digest = hashlib.sha256("\n".join([_VERSION, *sorted(spelt)]).encode()).hexdigest()
        return cls(digest=digest, spelt=spelt, leet=frozenset(form.replace("i", "l") for form in spelt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """What may be shown of a text. ``removed``: how many words were taken out; a text left out whole counts as one."""

    text: str
    action: Action
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubbedWords:
    """All the words of a photo. While ``state`` is held, ``words`` is a suggestion; it is never the raw text."""

    words: PublishedWords
    state: WordsState
    removed: int


def scrub_words(*, title: str, caption: str, alt: str, event: str, tags: Iterable[str], names: Names) -> ScrubbedWords:
    """Scrub every field: held if any field is. A tag never holds: where a name may be in it, it is left out and counted."""
    texts = [(Field.TITLE, title), (Field.CAPTION, caption), (Field.ALT, alt), (Field.EVENT, event)]
    done = [scrub(text, field, names=names) for field, text in (*texts, *((Field.TAG, tag) for tag in tags))]
    title, caption, alt, event, *labels = (each.text for each in done)
    words = PublishedWords(title=title, caption=caption, alt=alt, event=event, tags=tuple(filter(None, labels)))
    state = WordsState.HELD if any(each.action is Action.HOLD for each in done) else WordsState.CLEAN
    return ScrubbedWords(words=words, state=state, removed=sum(each.removed for each in done))


def scrub(text: str, field: Field, *, names: Names) -> Scrubbed:
    """Publish the canonical form of ``text`` if no name can be read in it; else drop it (file names, tags) or hold it.

    What is held comes with a suggestion: the text without the words in which a name was read, read again until clean; or "".
    A caption may have 2000 characters, anything else 300: what is longer is held or dropped whole.
    """
    refusal = Action.DROP if field in {Field.FILE_NAME, Field.TAG} else Action.HOLD
    limit = 2000 if field is Field.CAPTION else 300
    shown, removed = _canonical(text, limit=limit), 0
    for _ in range(_ROUNDS):
        if shown is None or ((places := _read(shown, names=names)) and refusal is Action.DROP):
            break
        if not places:
            return Scrubbed(text=shown, action=refusal if removed else Action.PUBLISH, removed=removed)
        words = list(re.finditer(r"([^\s_,;/]+)[\s_,;/]*", shown))
        kept = [word[0] for word in words if places.isdisjoint(range(*word.span(1)))]
        shown, removed = _canonical("".join(kept).strip(" _,;/"), limit=limit), removed + len(words) - len(kept)
    return Scrubbed(text="", action=refusal, removed=removed or 1)


def _canonical(text: str, *, limit: int) -> str | None:
    """The text with nothing encoded, invisible or look-alike left in it; None where that cannot be reached."""
    for _ in range(_ROUNDS):
        plain = unquote(html.unescape(text[: limit + 1]))
        if len(text) > limit or _UNREADABLE.search(plain):
            return None
        plain = unicodedata.normalize("NFKC", plain.translate(_LOOKALIKES))
        plain = "".join(char for char in _INVISIBLE.sub("", plain) if unicodedata.category(char) != "Cf")
        plain = re.sub("[ \t\r\n\u1680\u2028\u2029]+", " ", plain).strip(" ")
        if any(unicodedata.category(char)[0] == "C" for char in plain):
            return None
        if plain == text:
            return text
        text = plain
    return None


def _letters(char: str, spelling: Mapping[str, str]) -> Iterator[str]:
    """What one character reads as: nothing for a mark, a gap for a sign, itself for a letter of another script."""
    for part in unicodedata.normalize("NFKD", spelling.get(char.lower(), char)).translate(_LOOKALIKES).casefold():
        if (category := unicodedata.category(part))[0] != "M":
            latin = None if part.isascii() else _LATIN.fullmatch(unicodedata.name(part, ""))
            yield from latin[1].lower() if latin else part if category in {"Lu", "Ll", "Lt", "Lo"} else " "


def _read(text: str, *, names: Names) -> set[int]:
    """The places in a canonical text that may belong to a name."""
    shape = "".join("A" if char.isupper() else "a" if char.isalpha() else "." for char in text)
    borders = frozenset(border.start() for border in _BORDER.finditer(shape))
    found: set[int] = set()
    for spelling, forms in ((_PLAIN, names.spelt), (_DIGRAPHS, names.spelt), (_LEET, names.leet)):
        read = [(letter, place) for place, char in enumerate(text) for letter in _letters(char, spelling) if letter != " "]
        found.update(place for letter, place in read if not letter.isascii())
        letters, at = "".join(letter for letter, _ in read), [place for _, place in read]
        for part in _find(forms, letters.replace("i", "l") if spelling is _LEET else letters, at, borders):
            signs = sum(not text[place].isalpha() for place in at[part])
            if spelling is not _LEET or 0 < signs < len(at[part]) - (len(at[part]) < _LONG):  # "70b1", "Z0e"; not "7y", not 7355
                found.update(at[part])
    return found


def _find(forms: frozenset[str], letters: str, at: list[int], borders: frozenset[int]) -> Iterator[slice]:
    for start, place in enumerate(at):
        for end in range(start + 2, min(start + _LONGEST, len(at)) + 1):
            part = letters[start:end]
            if part in forms or (place in borders and at[end - 1] + 1 in borders and f"|{part}|" in forms):
                yield slice(start, end)


def _forms(pupil: PupilNames) -> Iterator[str]:
    """Of names run together only the short ones have a form: a long one is found in whatever it is joined to."""
    both = f"{pupil.forename or ''} {pupil.middle or ''}"
    given = _words(pupil.forename, pupil.middle, pupil.known_as, both, *pupil.former_forenames)
    family = _words(pupil.surname, *pupil.former_surnames)
    names = {word for word in given | family if len(word) > 1}
    yield from (word[:_LONGEST] if len(word) >= _LONG else f"|{word}|" for word in names)
    yield from (f"|{word}s|" for word in names if len(word) < _LONG and f"{word}s" not in _COMMON)
    for pair in product(given, family):
        if max(map(len, pair)) < _LONG and names.intersection(pair):
            whole = names.issuperset(pair)  # an initial makes no word to find anywhere: Eve R is not in "never"
            joined = ("".join(pair), "".join(reversed(pair)))
            yield from (form if whole and len(form) >= _LONG else f"|{form}|" for form in joined if form not in _COMMON)


def _words(*names: str | None) -> set[str]:
    """Each name in its parts, whole, and its initial; folded, in both spellings of its diacritics."""
    words: set[str] = set()
    shown = [_canonical(name, limit=300) or name for name in names if name]
    for name, spelling in product(shown, (_PLAIN, _DIGRAPHS)):
        parts = "".join(letter for char in name for letter in _letters(char, spelling)).split()
        words |= {*parts, "".join(parts), "".join(parts)[:1]}
    return words - {""}
