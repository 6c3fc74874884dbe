"""The unique pupil number (UPN) of schools in England and its check letter."""

import re
from typing import Final

_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 letters used, each worth its place: I, O and S are left out because they look like figures."""
_SHAPE: Final = re.compile(rf"[{_LETTERS}][0-9]{{11}}[0-9{_LETTERS}]")


def is_upn_shaped(text: str) -> bool:
    """True for a letter and twelve figures; the last may be a letter (a temporary UPN). Says nothing about the check letter."""
    return _SHAPE.fullmatch(text) is not None


def check_letter(body: str) -> str:
    """Return the letter that must stand before ``body``, the UPN's twelve other characters.

    Each character counts by its position in the UPN, 2 to 13; the sum modulo 23 picks the letter (DfE, "Unique pupil numbers",
    and the common basic data set). As 23 is prime, no single mistyped figure and no two swapped neighbours go unnoticed.
    """
    worth = (_LETTERS.index(char) if char in _LETTERS else int(char) for char in body)
    return _LETTERS[sum(weight * value for weight, value in enumerate(worth, start=2)) % 23]


def is_checked(upn: str) -> bool:
    """True if a UPN-shaped text begins with the right check letter."""
    return upn[0] == check_letter(upn[1:])
