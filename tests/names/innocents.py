"""Innocent texts of school life, written by hand: no person is meant in any of them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from consent.names import Action, Field, Names, scrub

_FIELDS: Final = {"file": Field.FILE_NAME, "tag": Field.TAG, "title": Field.TITLE, "alt": Field.ALT}


def innocent_texts() -> Iterator[tuple[Field, str]]:
    """Every text with its field."""
    lines = (Path(__file__).parent / "cases/innocent.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            found = re.fullmatch(r"(file|tag|title|alt): (.*)", line)
            yield (_FIELDS[found[1]], found[2]) if found else (Field.CAPTION, line)


def stopped(names: Names) -> tuple[list[str], list[str]]:
    """Return the innocent texts that are held, and those that lose a word without anybody being asked."""
    held: list[str] = []
    damaged: list[str] = []
    for field, text in innocent_texts():
        done = scrub(text, field, names=names)
        if done.action is Action.HOLD:
            held.append(text)
        elif done.text != text:
            damaged.append(text)
    return held, damaged
