"""Surface forms: how a name gets into a text. Each takes the dice and a pupil, and gives spans between innocent words."""

import base64
import quopri
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from consent.names import Field, PupilNames
from consent.names.fold import fold

PROSE: Final = (Field.CAPTION, Field.CAPTION, Field.TITLE, Field.ALT, Field.EVENT)
AFTER: Final = (
    *(
        "is painting a boat",
        "holding a frog",
        "with a fossil",
        "at the museum",
        "won the race",
        "in the garden",
        "made a cake",
        "reading",
    ),
    *(
        "meets the author",
        "on the rope bridge",
        "and friends",
        "built a dam",
        "plays the drums",
        "feeding the ducks",
        "as a bat",
        "asleep",
    ),
)
BEFORE: Final = (
    *(
        "Well done",
        "Painting by",
        "We helped",
        "A cake for",
        "Playing with",
        "Star of the week:",
        "Winner:",
        "This is",
        "Happy birthday",
    ),
)
THINGS: Final = ("museum", "trip", "drums", "maths", "IMG", "class3", "puzzle", "balloon", "computer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text. ``spans``: (start, end) of what must not survive; ``parts``: the name itself, folded."""

    kind: str
    field: Field
    text: str
    spans: tuple[tuple[int, int], ...]
    parts: frozenset[str]


Parts = list[str | tuple[str]]
"""Innocent pieces are strings; what must go is a tuple of one string."""


def put(kind: str, field: Field, pieces: Parts, name: str) -> Case:
    text, spans = "", []
    for piece in pieces:
        if isinstance(piece, tuple):
            spans.append((len(text), len(text) + len(piece[0])))
            text += piece[0]
        else:
            text += piece
    parts = frozenset(part for one in re.split(r"[\s'’-]+", name) if len(part := fold(one)) > 2)
    return Case(kind=kind, field=field, text=text, spans=tuple(spans), parts=parts)


def in_prose(kind: str, dice: random.Random, surface: str, name: str) -> Case:
    after = dice.random() < 0.6
    pieces: Parts = [(surface,), " ", dice.choice(AFTER)] if after else [dice.choice(BEFORE), " ", (surface,)]
    return put(kind, dice.choice(PROSE), pieces, name)


def in_file(kind: str, dice: random.Random, surface: str, name: str, *, by: str | None = None) -> Case:
    by = by if by is not None else dice.choice("_- ")
    match dice.randrange(4):
        case 0:
            pieces: Parts = [(surface,), ".jpg"]
        case 1:
            pieces = [(surface,), by, dice.choice(THINGS), ".jpg"]
        case 2:
            pieces = [dice.choice(THINGS), by, (surface,), ".JPG"]
        case _:
            pieces = [(surface,), f"{by}{dice.randrange(1, 99)}.jpeg"]
    return put(kind, Field.FILE_NAME, pieces, name)


def as_tag(kind: str, dice: random.Random, surface: str, name: str) -> Case:
    return put(kind, Field.TAG, [(surface,)] if dice.random() < 0.7 else ["maths;", (surface,)], name)


def anywhere(kind: str, dice: random.Random, surface: str, name: str) -> Case:
    return dice.choice((in_prose, in_file, as_tag))(kind, dice, surface, name)


def bare(name: str) -> str:
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)))


def tight(name: str) -> str:
    return re.sub(r"[^\w]", "", bare(name))


def one_edit(dice: random.Random, name: str) -> str:
    """Leave out, double or change a letter, or swap two; a name of three letters or fewer would be another word."""
    if len(name) < 4:
        return name
    at = dice.randrange(1, len(name) - 1)
    match dice.randrange(4):
        case 0:
            return name[:at] + name[at + 1 :]
        case 1:
            return name[:at] + name[at] + name[at:]
        case 2:
            return name[:at] + dice.choice("aeiourstlnmk") + name[at + 1 :]
        case _:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def leet(dice: random.Random, name: str) -> str:
    swap = {"o": "0", "i": "1", "e": "3", "a": "4", "s": "5", "t": "7", "l": "1", "b": "8"}
    return "".join(swap[c] if c in swap and dice.random() < 0.7 else c for c in name.lower())


def phonetic(name: str) -> str:
    for old, new in (("ph", "f"), ("ck", "k"), ("c", "k"), ("y", "i"), ("ee", "ea"), ("s", "z"), ("x", "ks"), ("th", "t")):
        name = name.replace(old, new)
    return name


ACCENTS: Final = str.maketrans("aeioucn", "áëïöûçñ")
CYRILLIC: Final = str.maketrans("aeopcxyABEKMHOPCTX", "аеорсхуАВЕКМНОРСТХ")
Make = Callable[[random.Random, PupilNames], Iterator[Case]]


def _simple(
    kind: str, spell: Callable[[random.Random, str, str], str], where: Callable[..., Case] = anywhere, *, full: bool = True
) -> Make:
    def make(dice: random.Random, pupil: PupilNames) -> Iterator[Case]:
        first, last = pupil.forename or "", pupil.surname or ""
        surface = spell(dice, first, last)
        name = f"{first} {last}" if full else first
        if sum(char.isalpha() for char in fold(surface)) >= min(3, len(fold(first))) or kind in {"initials", "hex"}:
            yield where(kind, dice, surface, name)

    return make


def _other(kind: str, pick: Callable[[PupilNames], str | None], where: Callable[..., Case] = anywhere) -> Make:
    def make(dice: random.Random, pupil: PupilNames) -> Iterator[Case]:
        name = pick(pupil)
        if name:
            yield where(kind, dice, name, name)

    return make


def _list(dice: random.Random, pupil: PupilNames) -> Iterator[Case]:
    one, two = pupil.forename or "", pupil.surname or ""
    by = dice.choice((" and ", ", ", " & "))
    yield put("list", Field.CAPTION, ["L-R: ", (one,), by, (two,), " with a cake"], f"{one} {two}")
    yield put("list", Field.TAG, [(one,), ";", (two,), ";maths"], f"{one} {two}")


FORMS: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "plain full": _simple("plain full", lambda d, f, s: f"{f} {s}"),
        "plain forename": _simple("plain forename", lambda d, f, s: f, full=False),
        "plain surname": _other("plain surname", lambda p: p.surname),
        "lower": _simple("lower", lambda d, f, s: f.lower(), in_file, full=False),
        "upper": _simple("upper", lambda d, f, s: f"{f} {s}".upper()),
        "swapped": _simple("swapped", lambda d, f, s: d.choice((f"{s}, {f}", f"{s} {f}"))),
        "snake": _simple("snake", lambda d, f, s: f"{f}_{s}".replace(" ", "_").lower(), in_file),
        "kebab": _simple("kebab", lambda d, f, s: f"{f}-{s}".replace(" ", "-").lower(), in_file),
        "dotted": _simple("dotted", lambda d, f, s: f"{f}.{s}".lower(), in_file),
        "pascal": _simple("pascal", lambda d, f, s: tight(f.title()) + tight(s.title()), in_file),
        "camel": _simple("camel", lambda d, f, s: tight(f).lower() + tight(s).title(), in_file),
        "joined": _simple("joined", lambda d, f, s: tight(f + s).lower(), in_file),
        "possessive": _simple(
            "possessive", lambda d, f, s: f"{f}{d.choice(chr(39) + chr(8217))}s shell collection", in_prose, full=False
        ),
        "possessive file": _simple("possessive file", lambda d, f, s: f"{tight(f)}s".lower(), in_file, full=False),
        "plural": _simple(
            "plural",
            lambda d, f, s: f"The {s}s' tent",
            lambda k, d, s, n: put(k, Field.CAPTION, ["The ", (s[4:-5],), " tent"], n),
            full=False,
        ),
        "initials": _simple(
            "initials", lambda d, f, s: f"{f[0]}.{s[0]}.", lambda k, d, s, n: put(k, Field.CAPTION, ["Sculpture by ", (s,)], "")
        ),
        "initial surname": _simple(
            "initial surname", lambda d, f, s: d.choice((f"{f[0]}. {s}", f"{f[0]} {s}", f"{f[0]}{s}", f"{s}_{f[0]}"))
        ),
        "initial surname file": _simple("initial surname file", lambda d, f, s: tight(f[0] + s).lower(), in_file),
        "forename initial": _simple("forename initial", lambda d, f, s: d.choice((f"{f} {s[0]}", f"{f} {s[0]}.", f"{f}{s[0]}"))),
        "digits": _simple("digits", lambda d, f, s: f"{tight(f)}{d.randrange(1, 99)}".lower(), in_file, full=False),
        "dates": _simple(
            "dates",
            lambda d, f, s: tight(f),
            lambda k, d, s, n: put(
                k, Field.FILE_NAME, [f"2023{d.randrange(10, 13)}{d.randrange(10, 28)}", d.choice(("", "_", "-")), (s,), ".jpg"], n
            ),
            full=False,
        ),
        "path": _simple(
            "path", lambda d, f, s: f"Y1/{f}/{s}", lambda k, d, s, n: put(k, Field.FILE_NAME, ["Y1/", (s[3:],), ".jpg"], n)
        ),
        "list": _list,
        "misspelt": _simple("misspelt", lambda d, f, s: one_edit(d, f), full=False),
        "misspelt surname": _simple("misspelt surname", lambda d, f, s: one_edit(d, s), full=False),
        "vowels dropped": _simple("vowels dropped", lambda d, f, s: f[0] + re.sub("[aeiou]", "", f[1:]), full=False),
        "phonetic": _simple("phonetic", lambda d, f, s: phonetic(f.lower()), full=False),
        "leet": _simple("leet", lambda d, f, s: leet(d, f), in_file, full=False),
        "accents stripped": _simple("accents stripped", lambda d, f, s: bare(f"{f} {s}")),
        "accents added": _simple("accents added", lambda d, f, s: f"{f} {s}".translate(ACCENTS)),
        "homoglyphs": _simple("homoglyphs", lambda d, f, s: f"{f} {s}".translate(CYRILLIC)),
        "full-width": _simple(
            "full-width", lambda d, f, s: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in f), full=False
        ),
        "bold": _simple(
            "bold",
            lambda d, f, s: "".join(
                chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in f
            ),
            full=False,
        ),
        "zero-width": _simple("zero-width", lambda d, f, s: "\u200b".join(f), full=False),
        "bidi": _simple("bidi", lambda d, f, s: f"\u202e{f}\u202c", full=False),
        "percent": _simple("percent", lambda d, f, s: quote(f"{f} {s}"), in_file),
        "percent all": _simple("percent all", lambda d, f, s: "".join(f"%{b:02X}" for b in f.encode()), in_file, full=False),
        "entities": _simple("entities", lambda d, f, s: "".join(f"&#{ord(c)};" for c in f), in_prose, full=False),
        "mail word": _simple("mail word", lambda d, f, s: f"=?utf-8?b?{base64.b64encode(f.encode()).decode()}?=", full=False),
        "mail quoted": _simple(
            "mail quoted", lambda d, f, s: f"=?utf-8?q?{quopri.encodestring(f.encode(), header=True).decode()}?=", full=False
        ),
        "mojibake": _simple("mojibake", lambda d, f, s: f.encode().decode("cp1252", errors="replace"), full=False),
        "base64": _simple("base64", lambda d, f, s: base64.b64encode(f"{f} {s}".encode()).decode(), in_file),
        "hex": _simple("hex", lambda d, f, s: f.encode().hex(), in_file, full=False),
        "reversed": _simple("reversed", lambda d, f, s: tight(f).lower()[::-1], in_file, full=False),
        "spelt out": _simple("spelt out", lambda d, f, s: d.choice(" _.-").join(tight(f)), full=False),
        "known as": _other("known as", lambda p: p.known_as),
        "former": _other("former", lambda p: next(iter(p.former_surnames), None)),
        "middle": _other("middle", lambda p: p.middle),
        "hashtag": _simple("hashtag", lambda d, f, s: "#" + tight(f + s), in_prose),
        "handle": _simple("handle", lambda d, f, s: "@" + tight(f), in_prose, full=False),
        "e-mail": _simple("e-mail", lambda d, f, s: f"{tight(f)}.{tight(s)}@example.org".lower(), in_prose),
        "hyphen parts": _simple(
            "hyphen parts",
            lambda d, f, s: tight(f)[: max(1, len(tight(f)) // 2)] + "-" + tight(f)[max(1, len(tight(f)) // 2) :],
            in_file,
            full=False,
        ),
        "glued before": _simple(
            "glued before",
            lambda d, f, s: "museum" + tight(f).lower(),
            lambda k, d, s, n: put(k, Field.FILE_NAME, ["museum", (s[6:],), ".jpg"], n),
            full=False,
        ),
        "glued after": _simple(
            "glued after",
            lambda d, f, s: tight(f).lower(),
            lambda k, d, s, n: put(k, Field.FILE_NAME, [(s,), "planet", ".jpg"], n),
            full=False,
        ),
    }
)


STRANGERS: Final[Mapping[str, Callable[[str, str], Parts]]] = MappingProxyType(
    {
        "full caption": lambda f, s: [(f"{f} {s}",), " visited the school"],
        "full in sentence": lambda f, s: ["We met ", (f"{f} {s}",), " at the museum"],
        "full file": lambda f, s: [(f"{f} {s}",), ".jpg"],
        "full tag": lambda f, s: [(f"{f} {s}",)],
        "snake": lambda f, s: [(f"{f}_{s}".lower(),), ".jpg"],
        "pascal": lambda f, s: [(tight(f.title()) + tight(s.title()),), ".jpg"],
        "forename": lambda f, s: [(f,), " is painting a boat"],
        "forename with": lambda f, s: ["Playing with ", (f,)],
        "possessive": lambda f, s: [(f"{f}'s",), " shell collection"],
        "surname": lambda f, s: ["Grandma ", (s,), " came to tea"],
        "lower file": lambda f, s: [(f.lower(),), ".jpg"],
        "swapped": lambda f, s: ["By ", (f"{s}, {f}",)],
    }
)
WHERE: Final = MappingProxyType(
    {
        kind: Field.FILE_NAME
        if kind in {"full file", "snake", "pascal", "lower file"}
        else Field.TAG
        if kind == "full tag"
        else Field.CAPTION
        for kind in STRANGERS
    }
)
