"""One spelling for every value: the same facts give the same bytes, and the bytes give the facts back.

JSON with sorted keys and no spaces. Instants are UTC, ``2026-09-01T08:00:00.000000Z``; sets are sorted lists; destinations are
spelled as ``consent.purposes.spell`` does. Used for digests, for the stored evidence of a decision and for replay.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from consent.purposes import Destination, HighProfile, Journal, SharedSite, Website, parse_destination, spell

_T = TypeVar("_T")
_DESTINATIONS = (Website, HighProfile, SharedSite, Journal)


class NotCanonical(ValueError):
    """The text does not spell a value of the wanted type. Carries the path to the fault, never the text."""


def plain(value: object) -> Any:  # noqa: ANN401, C901 - JSON has no narrower type; an arm per kind
    """Turn a value into what JSON can carry. Raises NotCanonical for a type with no spelling, or a naive instant."""
    match value:
        case _ if isinstance(value, _DESTINATIONS):
            return spell(value)
        case StrEnum():
            return value.value
        case float():
            return _number(value)
        case None | bool() | int() | str():
            return value
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in cast("Mapping[object, object]", value).items()}
        case frozenset():
            return sorted((plain(item) for item in cast("frozenset[object]", value)), key=_dump)
        case tuple():
            return [plain(item) for item in cast("tuple[object, ...]", value)]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise NotCanonical("no spelling for this type")


def canonical(value: object) -> bytes:
    """Spell a value as bytes; equal values have equal bytes."""
    try:
        return _dump(plain(value)).encode()
    except UnicodeEncodeError as fault:
        raise NotCanonical("text that has no bytes") from fault


def digest(value: object) -> str:
    """Hex SHA-256 of the canonical bytes."""
    return sha256(canonical(value)).hexdigest()


def read(wanted: type[_T], untrusted: object, path: str = "$") -> _T:
    """Read what ``plain`` wrote. Strict: a missing, unknown or mistyped part raises NotCanonical naming its path."""
    return cast("_T", _read(wanted, untrusted, path))


def parse(untrusted: str | bytes) -> object:
    """Parse JSON text; a duplicate key, a non-finite number or broken text raises NotCanonical."""
    try:
        return json.loads(untrusted, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as fault:
        raise NotCanonical("$: not JSON") from fault


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise NotCanonical("an instant without a time zone")
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    except OverflowError as fault:
        raise NotCanonical("an instant outside the calendar") from fault


def _number(value: float) -> float:
    if not abs(value) < float("inf"):
        raise NotCanonical("not a finite number")
    return int(value) if value.is_integer() else value  # equal numbers, equal bytes: 1 is 1.0, and 0.0 is -0.0


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("$: a key stands twice")
    return found


def _no_constant(_: str) -> object:
    raise NotCanonical("$: not a finite number")


def _read(wanted: Any, value: object, path: str) -> object:  # noqa: ANN401 - one arm per kind of hint
    origin = get_origin(wanted)
    supertype = getattr(wanted, "__supertype__", None)
    if supertype is not None:
        return _read(supertype, value, path)
    if wanted == Destination or wanted in _DESTINATIONS:
        return _read_text(parse_destination, value, path)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(wanted), value, path)
    if origin is tuple:
        return tuple(_read(get_args(wanted)[0], item, f"{path}[{at}]") for at, item in enumerate(_list(value, path)))
    if origin is frozenset:
        return _read_set(get_args(wanted)[0], value, path)
    if origin is Mapping:
        key, item = get_args(wanted)
        return {_read(key, k, path): _read(item, v, f"{path}.*") for k, v in _dict(value, path).items()}
    if is_dataclass(wanted):
        return _read_dataclass(cast("type[object]", wanted), value, path)
    return _read_scalar(cast("type[object]", wanted), value, path)


def _read_union(arms: tuple[Any, ...], value: object, path: str) -> object:
    if value is None and type(None) in arms:
        return None
    first, *_ = (arm for arm in arms if arm is not type(None))
    return _read(first, value, path)


def _read_set(item: Any, value: object, path: str) -> frozenset[object]:  # noqa: ANN401
    found = [_read(item, one, f"{path}[{at}]") for at, one in enumerate(_list(value, path))]
    if len(frozenset(found)) != len(found):
        raise NotCanonical(f"{path}: an item stands twice")
    return frozenset(found)


def _read_dataclass(wanted: type[object], value: object, path: str) -> object:
    given = _dict(value, path)
    hints = get_type_hints(wanted)
    known = {field.name: field for field in fields(cast("Any", wanted))}
    if not given.keys() <= known.keys():
        raise NotCanonical(f"{path}: unknown key")
    read_fields: dict[str, object] = {}
    for name, field in known.items():
        if name in given:
            read_fields[name] = _read(hints[name], given[name], f"{path}.{name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise NotCanonical(f"{path}.{name}: missing")
    return wanted(**read_fields)


def _read_scalar(wanted: type[object], value: object, path: str) -> object:
    if issubclass(wanted, StrEnum):
        return _read_text(wanted, value, path)
    if wanted is datetime:
        return _read_text(_parse_instant, value, path)
    if wanted is date:
        return _read_text(date.fromisoformat, value, path)
    if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _read_float(value, path)
    if wanted is str:
        return _read_text(str, value, path)
    if wanted in (int, bool) and type(value) is wanted:
        return value
    raise NotCanonical(f"{path}: wrong type")


def _read_text(reader: Any, value: object, path: str) -> object:  # noqa: ANN401
    if not isinstance(value, str):
        raise NotCanonical(f"{path}: must be text")
    try:
        value.encode()
        return cast("object", reader(value))
    except (ValueError, OverflowError) as fault:
        raise NotCanonical(f"{path}: not a known value") from fault


def _read_float(value: float, path: str) -> float:
    try:
        return float(_number(float(value)))
    except (NotCanonical, OverflowError) as fault:
        raise NotCanonical(f"{path}: not a finite number") from fault


def _parse_instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise NotCanonical(f"{path}: must be a list")
    return cast("list[object]", value)


def _dict(value: object, path: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotCanonical(f"{path}: must be an object")
    return cast("dict[str, object]", value)
