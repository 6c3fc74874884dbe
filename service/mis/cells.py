"""One cell -> one value, or the code of what is wrong with it. Cells come trimmed; "" is a blank cell."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from consent.purposes import Purpose
from service.mis import upn
from service.mis.moments import Moment, parse_date, parse_moment
from service.mis.refusal import ProblemCode

LONGEST_CELL: Final = 200
"""In characters."""

_Word = TypeVar("_Word", bound=StrEnum)
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_ALLOWED_INVISIBLE: Final = frozenset("\t\r\n\u200c\u200d")
"""Line breaks and tabs read as a space; the two joiners belong to the spelling of some scripts."""
_FORMULA: Final = frozenset("=+-@")
_LOST_LETTER: Final = frozenset("?\ufffd")
_PERSON_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_YEAR_GROUP: Final = re.compile(r"(?:year |y)?([1-6])")
_EARLY_YEARS: Final[Mapping[str, str]] = MappingProxyType({"n": "N", "nursery": "N", "r": "R", "reception": "R"})
_YES: Final = frozenset({"yes", "y", "true", "1"})
_NO: Final = frozenset({"no", "n", "false", "0"})
_GIVEN: Final = _YES | {"given", "granted"}
_REFUSED: Final = _NO | {"refused", "declined", "withdrawn"}


class BadCell(ValueError):
    """The cell cannot be read. Carries the code, does NOT carry the cell."""

    def __init__(self, code: ProblemCode) -> None:
        super().__init__(code.value)
        self.code = code


def legible(cell: str) -> str:
    """Return the cell if it may be looked at further: at most 200 characters and none that cannot be seen."""
    if len(cell) > LONGEST_CELL:
        raise BadCell(ProblemCode.CELL_TOO_LONG)
    if cell.isascii() and cell.isprintable():
        return cell
    if any(unicodedata.category(char) in _INVISIBLE and char not in _ALLOWED_INVISIBLE for char in cell):
        raise BadCell(ProblemCode.CELL_CONTROL)
    return cell


def label(cell: str) -> str:
    """Read words of the school's own, such as a reg group: runs of blanks become one space, letters are composed (NFC).

    Raises BadCell for what a spreadsheet would take for a formula, also when it is written in full-width characters.
    """
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if text and unicodedata.normalize("NFKC", text[0])[0] in _FORMULA:
        raise BadCell(ProblemCode.CELL_FORMULA)
    return text


def name(cell: str) -> str:
    """Read a name, or "" if blank. Markup, quotation marks and figures are part of a name as written; escaping is for outputs.

    Raises BadCell for a formula, for a text without any letter, and for a name that lost a letter in some conversion: the name
    on file would then not be the name to be found in captions.
    """
    text = label(cell)
    if text and not any(char.isalpha() for char in text):
        raise BadCell(ProblemCode.NAME_NO_LETTER)
    if not _LOST_LETTER.isdisjoint(text) or _is_read_in_the_wrong_encoding(text):
        raise BadCell(ProblemCode.NAME_DAMAGED)
    return text


def names(cell: str) -> tuple[str, ...]:
    """Read names separated by semicolons; none if blank."""
    return tuple(read for part in cell.split(";") if (read := name(part)))


def required_name(cell: str) -> str:
    """Read a name that must be there."""
    return name(_required(cell))


def required_label(cell: str) -> str:
    """Read words that must be there."""
    return label(_required(cell))


def pupil_number(cell: str) -> str:
    """Read a UPN, in capitals, with the right check letter."""
    number = _required(cell).upper()
    if not upn.is_upn_shaped(number):
        raise BadCell(ProblemCode.UPN_MALFORMED)
    if not upn.is_checked(number):
        raise BadCell(ProblemCode.UPN_CHECK_LETTER)
    return number


def year_group(cell: str) -> str:
    """Read N, R or 1 to 6, also written Nursery, Reception, Year 3 or Y3."""
    word = _word(_required(cell))
    found = _YEAR_GROUP.fullmatch(word)
    group = found[1] if found else _EARLY_YEARS.get(word)
    if group is None:
        raise BadCell(ProblemCode.WORD_UNKNOWN)
    return group


def day(cell: str) -> date | None:
    """Read a date; None if blank."""
    if not cell:
        return None
    read = parse_date(cell)
    if read is None:
        raise BadCell(ProblemCode.DATE_MALFORMED)
    return read


def moment(cell: str) -> Moment | None:
    """Read a date, or a date and a time; None if blank."""
    if not cell:
        return None
    read = parse_moment(cell)
    if read is None:
        raise BadCell(ProblemCode.DATE_MALFORMED)
    return read


def word(cell: str, vocabulary: type[_Word]) -> _Word | None:
    """Read one word of a closed vocabulary, in any case; None if blank."""
    if not cell:
        return None
    try:
        return vocabulary(_word(cell))
    except ValueError as fault:
        raise BadCell(ProblemCode.WORD_UNKNOWN) from fault


def purposes(cell: str) -> frozenset[Purpose]:
    """Read purposes separated by semicolons; none if blank."""
    read = (word(part.strip(), Purpose) for part in cell.split(";"))
    return frozenset(purpose for purpose in read if purpose is not None)


def person_code(cell: str) -> str:
    """Read the code that tells two people of one relation apart; "" if blank."""
    if cell and not _PERSON_CODE.fullmatch(cell):
        raise BadCell(ProblemCode.PERSON_CODE)
    return cell


def yes_or_no(cell: str) -> bool | None:
    """Read yes or no; None if blank."""
    return _either(cell, _YES, _NO)


def answer(cell: str) -> bool | None:
    """Read an answer: True = given, False = refused, None = the cell is blank and says nothing. Never guesses."""
    return _either(cell, _GIVEN, _REFUSED)


def _either(cell: str, true: frozenset[str], false: frozenset[str]) -> bool | None:
    if not cell:
        return None
    said = _word(cell)
    if said in true:
        return True
    if said in false:
        return False
    raise BadCell(ProblemCode.WORD_UNKNOWN)


def _word(cell: str) -> str:
    """Lower-case, ASCII letters only: no look-alike of a yes is a yes."""
    return cell.lower() if cell.isascii() else cell


def _required(cell: str) -> str:
    if not cell:
        raise BadCell(ProblemCode.CELL_REQUIRED)
    return cell


def _is_read_in_the_wrong_encoding(text: str) -> bool:
    """True for UTF-8 that was once read as Windows-1252: only such a text has two bytes or more for each of its odd letters."""
    if text.isascii():
        return False
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True
