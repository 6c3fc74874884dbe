"""Builds the derived word lists of consent/names/words from public sources: ``poe build-lexicon``.

Sources, all permissive (THIRD_PARTY.md): SCOWL as Debian packages it (``apt-get install scowl``), WordNet 3.0 (Debian's
``wordnet-base``, unpacked or installed), the ``nicknames`` list and Faker's lists of names (both installed with the
development group). Of Faker only those names are taken that are English words too: anything else is no word and needs no list.
"""

import importlib
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import faker.providers.person
from anyascii import anyascii
from nicknames import name_triplets

from consent.names.fold import fold
from consent.names.grammar import FUNCTION_WORDS

WORDS: Final = Path(__file__).resolve().parents[2] / "consent/names/words"
COMMON: Final = (10, 20, 35, 40, 50, 55, 60)
"""The sizes of SCOWL that Debian's wbritish is made of."""
USUAL: Final = (10, 20, 35, 40)
SHORT: Final = 3
"""Words of so few letters are taken from the usual sizes alone: rare ones look like names without a letter (erk, abb)."""
SHORTEST_GLUED: Final = 4
TWO_LETTERS: Final = frozenset(
    re.findall("..", "adahamanasatawbebydoehfagohahehiifinisitlamamemynoofohokonorowoxpapisotoumupusweyo")
)
"""The only words of two letters; others are rare, and look like initials."""
RARE: Final = (70,)
"""One size more, but nothing of it that is anywhere a name."""


def folded(word: str) -> str:
    """Fold a word as the matcher does, and take a possessive s off."""
    return fold(word.removesuffix("'s").replace("'", ""))


def scowl(folder: Path, kinds: Iterable[str], sizes: Iterable[int]) -> set[str]:
    """Read lists of words of these kinds and sizes."""
    files = [folder / f"{region}-{kind}.{size}" for region in ("english", "british") for kind in kinds for size in sizes]
    lines = (line.strip() for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines())
    return {folded(line) for line in lines if line}


def accented(folder: Path) -> set[str]:
    """Words with marks or ligatures, as they are written."""
    files = [folder / f"{region}-words.{size}" for region in ("english", "british") for size in (*COMMON, *RARE)]
    lines = (
        line.strip().removesuffix("'s")
        for file in files
        if file.exists()
        for line in file.read_text(encoding="utf-8").splitlines()
    )
    return {unicodedata.normalize("NFC", line).casefold() for line in lines if not line.isascii()}


def strings(value: object) -> Iterator[str]:
    """Every string in Faker's tables, whatever they are made of."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from strings(list(value))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from strings(one)


def faker_names() -> tuple[set[str], set[str]]:
    """Every given and every family name of every locale, folded."""
    given: set[str] = set()
    family: set[str] = set()
    base = Path(next(iter(faker.providers.person.__path__)))
    for locale in sorted(path.name for path in base.iterdir() if "_" in path.name and not path.name.startswith("_")):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for name in dir(provider):
            kind = re.search("first|given|last|surname", name)
            if kind is None or "format" in name or "prefix" in name or callable(getattr(provider, name)):
                continue
            parts = (part for text in strings(getattr(provider, name)) for part in re.split(r"[\s'-]+", anyascii(text)))
            (family if kind[0] in {"last", "surname"} else given).update(fold(part) for part in parts if len(part) > 1)
    return given, family


def wordnet_index(folder: Path, part: str) -> dict[str, int]:
    """Lemma -> how often it was met in tagged text."""
    counts: Counter[str] = Counter()
    for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, _, count = line.split(" ")
        lemma, sense = key.split("%", 1)
        if sense[0] in part:
            counts[lemma] += int(count)
    return counts


def lemmas(folder: Path, name: str) -> set[str]:
    """Return every lemma of one part of speech."""
    lines = (folder / f"index.{name}").read_text(encoding="utf-8").splitlines()
    return {line.split(" ", 1)[0] for line in lines if not line.startswith(" ")}


def finite_verbs(folder: Path, vocabulary: set[str]) -> set[str]:
    """Forms that say what somebody does or did, where that is the usual use of the word: wins, made, jumped."""
    verbs, nouns = wordnet_index(folder, "2"), wordnet_index(folder, "1")
    irregular: dict[str, set[str]] = {}
    for line in (folder / "verb.exc").read_text(encoding="utf-8").splitlines():
        form, *bases = line.split()
        for base in bases:
            irregular.setdefault(base, set()).add(form)
    found: set[str] = set()
    for lemma in lemmas(folder, "verb"):
        if not lemma.isalpha():
            continue
        past = {f"{lemma}ed", f"{lemma}d" if lemma.endswith("e") else "", re.sub("y$", "ied", lemma), f"{lemma}{lemma[-1]}ed"}
        found |= {form for form in past | irregular.get(lemma, set()) if form.endswith("ed") or nouns[form] == 0}
        if verbs[lemma] > nouns[lemma]:
            found |= {f"{lemma}s", f"{lemma}es" if re.search("(s|x|z|ch|sh|o)$", lemma) else "", re.sub("y$", "ies", lemma)}
    return {form for form in found & vocabulary if not form.endswith("ing")}


def usual_adjectives(folder: Path, vocabulary: set[str]) -> set[str]:
    """Words that are adjectives more often than anything else."""
    as_adjective, as_noun, as_verb = (wordnet_index(folder, part) for part in ("35", "1", "2"))
    found = {lemma for lemma in lemmas(folder, "adj") if as_adjective[lemma] > as_noun[lemma] + as_verb[lemma]}
    return found & vocabulary


def beside(folder: Path, names: set[str], vocabulary: set[str]) -> set[str]:
    """Pairs "name-like word, word" that WordNet has as a term or writes in lower case in an explanation."""
    verbs, nouns = wordnet_index(folder, "2"), wordnet_index(folder, "1")
    known = lemmas(folder, "noun")
    pairs: set[tuple[str, str]] = set()
    for part in ("noun", "adj", "verb", "adv"):
        for line in (folder / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            head, _, gloss = line.partition(" | ")
            terms = [re.sub(r"\(\w+\)$", "", word).split("_") for word in head.split(" ")[4::2]]
            for words in terms:
                if all(word.islower() and word.isalpha() for word in words):
                    pairs.update(pairwise(words))
            for words in re.findall(r"[a-z]+(?: [a-z]+)+", gloss):
                split = words.split(" ")
                pairs.update(
                    (one, two)
                    for one, two in pairwise(split)
                    if two.removesuffix("s") in known and nouns[two.removesuffix("s")] > verbs[two.removesuffix("s")]
                )
    return {
        f"{one} {two}"
        for one, two in pairs
        if one in names and two in vocabulary and two not in names and two not in FUNCTION_WORDS and not two.endswith("ing")
    }


def is_glued(word: str, vocabulary: set[str]) -> bool:
    """True for a name that is two words of at least SHORTEST_GLUED letters."""
    return any(
        word[:at] in vocabulary and word[at:] in vocabulary for at in range(SHORTEST_GLUED, len(word) - SHORTEST_GLUED + 1)
    )


def hand_written(name: str) -> set[str]:
    """Return the words of a list written by hand."""
    lines = (WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {fold(word) for line in lines if not line.startswith("#") for word in line.split()}


def write(name: str, said: str, lines: Iterable[str]) -> None:
    """Write one list, sorted."""
    text = "\n".join([f"# Built by tests/names/build_lexicon.py: {said}", *sorted(set(lines))]) + "\n"
    (WORDS / f"{name}.txt").write_text(text, encoding="utf-8")


def build(scowl_folder: Path, wordnet_folder: Path) -> None:
    """Write every derived list."""
    faker_given, faker_family = faker_names()
    proper = scowl(scowl_folder, ("upper", "proper-names"), (*COMMON, *RARE))
    usual = scowl(scowl_folder, ("words", "contractions"), USUAL)
    common = {word for word in scowl(scowl_folder, ("words", "contractions"), COMMON) if len(word) > SHORT} | usual
    named = faker_given | faker_family | proper
    rare = {word for word in scowl(scowl_folder, ("words",), RARE) - named if len(word) > SHORT + 1}
    words = {word for word in common | rare if word.isascii() and word.isalpha() and (len(word) > 2 or word in TWO_LETTERS)}
    every = words | FUNCTION_WORDS | hand_written("school") | hand_written("proper") | hand_written("places")
    given, family = faker_given & every, faker_family & every
    name_like = (given | family | hand_written("given_by_hand") | hand_written("family_by_hand")) & every - FUNCTION_WORDS
    write("vocabulary", "SCOWL, British, sizes 10 to 60, and 70 without names.", words)
    write("given", "given names that are English words too (Faker).", {word for word in given if len(word) > 1})
    write("family", "family names that are English words too (Faker).", {word for word in family if len(word) > 1})
    write("finite", "verb forms with a person as their subject (WordNet 3.0).", finite_verbs(wordnet_folder, every))
    write("adjectives", "words that are adjectives first (WordNet 3.0).", usual_adjectives(wordnet_folder, every))
    write("beside", "words that stand beside a name-like word (WordNet 3.0).", beside(wordnet_folder, name_like, every))
    write("accented", "words that are written with marks (SCOWL).", accented(scowl_folder))
    strangers = {word for word in (faker_given | faker_family | proper) - every if is_glued(word, every)}
    write("glued", "names that look like two words run together (Faker, SCOWL).", strangers)
    by_name: dict[str, set[str]] = {}
    for one in name_triplets():
        if len(one.name2) > 2 and unicodedata.normalize("NFC", one.name2).isalpha():
            by_name.setdefault(fold(one.name1), set()).add(fold(one.name2))
    write(
        "nicknames",
        "names and what they are shortened to (nicknames).",
        (f"{k}: {' '.join(sorted(v))}" for k, v in by_name.items()),
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
