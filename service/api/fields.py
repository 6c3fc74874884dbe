"""The kinds of value that calls take, each with all that can be said against it before it is looked up."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from storage.registers import SET_ASIDE

_IDENTITY: Final = "^[0-9a-f]{32}$"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
_MOMENT: Final = re.compile(rf"{_DAY.pattern}[Tt ]{_TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})")
_YEARS: Final = range(1900, 3000)
"""Every database, zone and sum of days can hold these."""


def _holdable(text: str) -> str:
    """Refuse what cannot be stored or sent: NUL and lone surrogates."""
    if any(unicodedata.category(letter) == "Cs" or letter == "\0" for letter in text):
        raise ValueError
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError
    return text


def _on_one_line(text: str) -> str:
    """Refuse what breaks a line or steers a screen: control and formatting characters, line separators."""
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} for letter in text):
        raise ValueError
    return text


def _spelt_as_day(untrusted: object) -> object:
    """Let through only text: a number would be read as so many seconds since 1970."""
    if isinstance(untrusted, str) and not _DAY.fullmatch(untrusted):
        raise ValueError
    return _text_or_made(untrusted, date)


def _spelt_as_moment(untrusted: object) -> object:
    if isinstance(untrusted, str) and not _MOMENT.fullmatch(untrusted):
        raise ValueError
    return _text_or_made(untrusted, datetime)


def _text_or_made(untrusted: object, kind: type) -> object:
    if not isinstance(untrusted, str | kind):
        raise ValueError  # noqa: TRY004 - pydantic's word for a value that it may not take
    return untrusted


def _in_utc(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError
    return moment.astimezone(UTC)


def _in_the_calendar(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError
    return day


def _not_set_aside(code: str) -> str:
    """Refuse the codes of people who were set aside on an adoption: nobody answers as one of them."""
    if code.startswith(SET_ASIDE):
        raise ValueError
    return code


Line = Annotated[str, Field(max_length=2000), AfterValidator(_holdable)]
Short = Annotated[str, Field(max_length=200), AfterValidator(_holdable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_holdable), AfterValidator(_said)]
RegGroup = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_holdable), AfterValidator(_said)]
Identity = Annotated[str, Field(pattern=_IDENTITY)]
PathIdentity = Annotated[str, Path(pattern=_IDENTITY)]
DeviceReference = Annotated[str, Field(pattern="^([0-9a-f]{32}|unknown)$")]
PathDevice = Annotated[str, Path(pattern="^([0-9a-f]{32}|unknown)$")]
"""An enrolled device, or ``unknown``: whatever could be matched to none."""
Mark = Annotated[
    str, Field(min_length=1, max_length=64), AfterValidator(_holdable), AfterValidator(_said), AfterValidator(_on_one_line)
]
"""What is written on a device: make, model, serial number."""
Grounds = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_holdable), AfterValidator(_said)]
"""Somebody's own words for why."""
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Spelled = Annotated[str, Field(pattern="^(website|high-profile|shared-site|journal:[0-9a-f]{32})$")]
PupilReference = Annotated[str, Field(pattern="^([0-9a-f]{32}|upn:[A-Z0-9]{13})$")]
PersonCode = Annotated[str, Field(pattern="^[A-Za-z0-9-]{0,40}$"), AfterValidator(_not_set_aside)]
Moment = Annotated[AwareDatetime, BeforeValidator(_spelt_as_moment), AfterValidator(_in_utc)]
"""An instant with its zone, in UTC from here on."""
Day = Annotated[date, BeforeValidator(_spelt_as_day), AfterValidator(_in_the_calendar)]
Truth = StrictBool
"""``true`` or ``false``; in JSON no word or number stands for one."""


class Shape(BaseModel):
    """A shape without unknown members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unfit(*fields: str) -> PydanticCustomError:
    """Make the error of members that do not go together. It names them, never what was in them."""
    return PydanticCustomError("unfit", "members that do not go together", {"fields": list(fields)})
