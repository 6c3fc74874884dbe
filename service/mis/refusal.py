"""Why a register file is refused: a closed list of codes, the sentence for each, and the errors that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

MOST_PROBLEMS: Final = 50
"""How many problems are listed. A file with more is refused all the same."""


class ProblemCode(StrEnum):
    """What is wrong. ``subject:state``; a code, once used, keeps its meaning for ever (docs/register-csv.md)."""

    FILE_EMPTY = "file:empty"
    FILE_TOO_LARGE = "file:too-large"
    FILE_UNREADABLE = "file:unreadable"
    FILE_MALFORMED = "file:malformed"
    FILE_NO_PUPILS = "file:no-pupils"
    LINE_TOO_LONG = "line:too-long"
    COLUMN_UNKNOWN = "column:unknown"
    COLUMN_MISSING = "column:missing"
    COLUMN_REPEATED = "column:repeated"
    ROW_LENGTH = "row:length"
    CELL_TOO_LONG = "cell:too-long"
    CELL_CONTROL = "cell:control-character"
    CELL_REQUIRED = "cell:required"
    CELL_FORMULA = "cell:formula"
    WORD_UNKNOWN = "word:unknown"
    NAME_NO_LETTER = "name:no-letter"
    NAME_DAMAGED = "name:damaged"
    UPN_MALFORMED = "upn:malformed"
    UPN_CHECK_LETTER = "upn:check-letter"
    DATE_MALFORMED = "date:malformed"
    DATE_FUTURE = "date:future"
    DATE_ORDER = "date:order"
    PERSON_CODE = "person:code"
    PERSON_NO_RELATION = "person:no-relation"
    PERSON_REPEATED = "person:repeated"
    ANSWER_NO_AUTHORITY = "answer:no-authority"
    PUPIL_DISAGREES = "pupil:disagrees"


SENTENCES: Final[Mapping[ProblemCode, str]] = MappingProxyType(
    {
        ProblemCode.FILE_EMPTY: "The file is empty.",
        ProblemCode.FILE_TOO_LARGE: "The file is larger than 20 MB.",
        ProblemCode.FILE_UNREADABLE: "The letters cannot be read for certain. Save the file as CSV UTF-8.",
        ProblemCode.FILE_MALFORMED: "The quotation marks do not match up from this row on.",
        ProblemCode.FILE_NO_PUPILS: "The file names no pupil.",
        ProblemCode.LINE_TOO_LONG: "A line is longer than 64 KB.",
        ProblemCode.COLUMN_UNKNOWN: "This column has a heading that the profile does not know.",
        ProblemCode.COLUMN_MISSING: "This column is required and is missing.",
        ProblemCode.COLUMN_REPEATED: "Two columns have this heading.",
        ProblemCode.ROW_LENGTH: "The row has more or fewer cells than the heading row.",
        ProblemCode.CELL_TOO_LONG: "The cell holds more than 200 characters.",
        ProblemCode.CELL_CONTROL: "The cell holds a character that cannot be seen.",
        ProblemCode.CELL_REQUIRED: "The cell is blank and must not be.",
        ProblemCode.CELL_FORMULA: "The cell begins like a formula, with = + - or @.",
        ProblemCode.WORD_UNKNOWN: "The cell holds a word that this column does not know.",
        ProblemCode.NAME_NO_LETTER: "The cell should hold a name and has no letter in it.",
        ProblemCode.NAME_DAMAGED: "A letter of the name was lost when the file was saved. Save it as CSV UTF-8.",
        ProblemCode.UPN_MALFORMED: "A UPN is a letter and twelve figures; a temporary one ends in a letter.",
        ProblemCode.UPN_CHECK_LETTER: "The first letter does not fit the rest of the UPN: something is mistyped.",
        ProblemCode.DATE_MALFORMED: "The cell is not a date in the form 2026-09-03 or 03/09/2026.",
        ProblemCode.DATE_FUTURE: "The date lies in the future.",
        ProblemCode.DATE_ORDER: "The date lies before the date that it should follow.",
        ProblemCode.PERSON_CODE: "The code is 1 to 40 letters, figures and hyphens, the first of them no hyphen.",
        ProblemCode.PERSON_NO_RELATION: "The row says something about a person but not who that is.",
        ProblemCode.PERSON_REPEATED: "Another row speaks for the same person of the same pupil.",
        ProblemCode.ANSWER_NO_AUTHORITY: "The row has answers and does not say by what authority.",
        ProblemCode.PUPIL_DISAGREES: "Another row says something else about the same pupil.",
    }
)
"""For the school office, one sentence a code. None of them repeats what the cell holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, and where. Does NOT carry what the cell holds.

    ``row``: as a spreadsheet numbers them, the heading row is 1; 0 = the file as a whole. ``column``: the heading, if the
    profile knows it; else the spreadsheet's letter for it ("G"); "" = the row as a whole.
    """

    row: int
    column: str
    code: ProblemCode


class RegisterFileError(ValueError):
    """Something about a register file.

    ::

        RegisterFileError
        |- FileRefused     the file cannot be trusted
        '- Unwritable      the rows cannot be said in this profile
    """


class FileRefused(RegisterFileError):
    """The whole file is refused. Its message names rows, columns and codes, never a value. At least one problem, 50 at most."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"row {problem.row} {problem.column} {problem.code}" for problem in problems))
        self.problems = problems


class Unwritable(RegisterFileError):
    """The rows would not read back as they are. Does NOT say which, since that would name a pupil."""


def refuse(code: ProblemCode, *, row: int = 0, column: str = "") -> FileRefused:
    """Make the refusal of a file for one problem that leaves nothing else to look at."""
    return FileRefused((Problem(row=row, column=column, code=code),))


class Problems:
    """The problems found so far in one file."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, row: int, column: str, code: ProblemCode) -> None:
        """Note one problem. Raises FileRefused once there are as many as are listed."""
        self._found.append(Problem(row=row, column=column, code=code))
        if len(self._found) >= MOST_PROBLEMS:
            raise self.refusal()

    def __len__(self) -> int:
        return len(self._found)

    def settle(self) -> None:
        """Raise FileRefused if anything was found."""
        if self._found:
            raise self.refusal()

    def refusal(self) -> FileRefused:
        """Return the refusal of the file for what was found so far."""
        return FileRefused(tuple(self._found))
