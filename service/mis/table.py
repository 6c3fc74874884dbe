"""Bytes of a register file -> its heading and its rows, with nothing yet read into the cells."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from service.mis import columns
from service.mis.refusal import MOST_PROBLEMS, FileRefused, Problem, ProblemCode, Problems, refuse

MOST_BYTES: Final = 20 * 1024 * 1024
LONGEST_LINE: Final = 64 * 1024
"""In characters, the line's end included."""
_DELIMITERS: Final = (",", ";", "\t")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF8_LETTER: Final = re.compile(rb"[\xC2-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}|[\xF0-\xF4][\x80-\xBF]{3}")
_BLANK: Final = " \t\r\n\xa0"
"""What is trimmed off a cell. Any other character that cannot be seen stays, and is refused later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row. ``number``: as a spreadsheet counts. ``cells``: heading -> trimmed text, one for each column of the file."""

    number: int
    cells: dict[str, str]


def lines(untrusted: bytes, found: Problems) -> Iterator[Line]:
    """Yield the rows that have as many cells as the heading and are not blank throughout; the others go to ``found``.

    Raises FileRefused for what leaves no row to look at: size, encoding, NUL, a line too long, quotation marks, the heading.
    """
    text = _decode(untrusted)
    if not text.strip():
        raise refuse(ProblemCode.FILE_EMPTY)
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise refuse(ProblemCode.LINE_TOO_LONG, row=number)
    rows = _rows(text, _delimiter(text), found)
    heading = _heading(next(rows))
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip(_BLANK) for cell in row]
        if not any(cells):
            continue
        if len(cells) == len(heading):
            yield Line(number=number, cells=dict(zip(heading, cells, strict=True)))
        else:
            found.add(number, "", ProblemCode.ROW_LENGTH)


def _decode(untrusted: bytes) -> str:
    """Read as UTF-8, as UTF-16 if it begins with its mark, else as Windows-1252 if nothing speaks against it."""
    if len(untrusted) > MOST_BYTES:
        raise refuse(ProblemCode.FILE_TOO_LARGE)
    try:
        text = untrusted.decode("utf-16" if untrusted.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as fault:
        if untrusted.startswith((*_UTF16, codecs.BOM_UTF8)):
            raise refuse(ProblemCode.FILE_UNREADABLE) from fault
        text = _decode_windows(untrusted)
    if "\0" in text:
        raise refuse(ProblemCode.FILE_UNREADABLE)
    return text


def _decode_windows(untrusted: bytes) -> str:
    """Read as Windows-1252, which has no C1 controls: their bytes are letters, or nothing and then refused.

    A file that is UTF-8 in places is damaged UTF-8: its names would come out as other names.
    """
    try:
        text = untrusted.decode("cp1252")
    except UnicodeDecodeError as fault:
        raise refuse(ProblemCode.FILE_UNREADABLE) from fault
    if _UTF8_LETTER.search(untrusted):
        raise refuse(ProblemCode.FILE_UNREADABLE)
    return text


def _rows(text: str, delimiter: str, found: Problems) -> Iterator[list[str]]:
    """Yield the rows up to one whose quotation marks do not match; that one refuses the file, with all found before it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(1):
        try:
            row = next(reader, None)
        except csv.Error as fault:
            found.add(number, "", ProblemCode.FILE_MALFORMED)
            raise found.refusal() from fault
        if row is None:
            return
        yield row


def _delimiter(text: str) -> str:
    """The delimiter under which most headings of the first row are known; a comma if none are."""
    return max(_DELIMITERS, key=lambda delimiter: sum(name in columns.ALL for name in map(_fold, _first(text, delimiter))))


def _first(text: str, delimiter: str) -> list[str]:
    try:
        return next(_rows(text, delimiter, Problems()), [])
    except FileRefused:
        return []


def _fold(untrusted_heading: str) -> str:
    return untrusted_heading.strip(_BLANK).casefold()


def _heading(row: list[str]) -> list[str]:
    """The headings, folded. An unknown one is named by its letter, for it may be a name: the file may have no heading row."""
    found: list[Problem] = []
    names = [_fold(cell) for cell in row]
    for place, name in enumerate(names):
        if name not in columns.ALL:
            found.append(Problem(row=1, column=_letter(place), code=ProblemCode.COLUMN_UNKNOWN))
        elif name in names[:place]:
            found.append(Problem(row=1, column=name, code=ProblemCode.COLUMN_REPEATED))
    found += [Problem(row=1, column=name, code=ProblemCode.COLUMN_MISSING) for name in columns.REQUIRED if name not in names]
    if found:
        raise FileRefused(tuple(found[:MOST_PROBLEMS]))
    return names


def _letter(place: int) -> str:
    """What a spreadsheet calls the column: 0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
