"""The policy file is read strictly, or not at all."""

import tomllib
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.policy import (
    PUBLIC_PURPOSES,
    Basis,
    DayOfYear,
    DestinationKind,
    DeviceProvenance,
    FaceAccounting,
    PolicyRefused,
    Statements,
    parse_policy,
)
from consent.purposes import Purpose
from tests.consent.making import DEFAULT_POLICY, policy_text

RAW: Final[dict[str, Any]] = tomllib.loads(DEFAULT_POLICY)
POISON: Final = "SECRETWORD"


def _spell(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(_spell(item) for item in value)}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {_spell(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)


def _toml(raw: dict[str, Any]) -> str:
    """Write a policy of our shape: top keys first, then tables."""
    lines = [f"{key} = {_spell(value)}" for key, value in raw.items() if not isinstance(value, dict)]
    for table, keys in raw.items():
        if isinstance(keys, dict):
            lines += [f"[{table}]", *(f'"{key}" = {_spell(value)}' for key, value in keys.items())]
    return "\n".join(lines)


def _without(path: tuple[str, ...]) -> str:
    changed = {key: dict(value) if isinstance(value, dict) else value for key, value in RAW.items()}
    inner = changed if len(path) == 1 else changed[path[0]]
    del inner[path[-1]]
    return _toml(changed)


def _with(path: tuple[str, ...], value: object) -> str:
    changed = {key: dict(inner) if isinstance(inner, dict) else inner for key, inner in RAW.items()}
    inner = changed if len(path) == 1 else changed[path[0]]
    inner[path[-1]] = value
    return _toml(changed)


def _paths() -> Iterator[tuple[str, ...]]:
    for key, value in RAW.items():
        yield (key,)
        if isinstance(value, dict):
            yield from ((key, inner) for inner in value)


PATHS: Final = tuple(_paths())


def test_the_default_policy_says_what_the_product_promises() -> None:
    policy = parse_policy(DEFAULT_POLICY)
    assert policy.rules_for == "england"
    assert policy.destinations == set(DestinationKind)
    assert policy.faces is FaceAccounting.DETECTED
    assert policy.statements is Statements.ASKED
    assert policy.register_max_age_days == 14
    assert (policy.year_ends, policy.yes_lasts_to) == (DayOfYear(month=8, day=31), DayOfYear(month=10, day=31))
    assert policy.renewal_from == DayOfYear(month=5, day=1)
    assert policy.high_profile_max_years == 3
    assert policy.every_parent == frozenset()
    assert dict(policy.basis) == dict.fromkeys(Purpose, Basis.CONSENT)
    assert (policy.individual_face_share, policy.one_covered_face) == (0.15, False)
    assert policy.journal_years == {"N", "R"}
    assert dict(policy.renditions) == {
        DestinationKind.WEBSITE: (320, 800, 1600),
        DestinationKind.HIGH_PROFILE: (320, 800, 1600, 2560),
        DestinationKind.SHARED_SITE: (320, 800, 2560),
        DestinationKind.JOURNAL: (320, 800, 2560),
    }
    assert (policy.dispose_held_after_school_days, policy.keep_originals_days) == (10, 30)
    assert policy.closures == frozenset()
    assert (policy.brake_granting_share, policy.brake_leaver_share) == (0.2, 0.1)
    assert (policy.provenance, policy.device_exceptions) == (DeviceProvenance.REQUIRED, False)


def test_the_spelling_of_these_tests_reads_back_as_the_default() -> None:
    assert tomllib.loads(_toml(RAW)) == RAW
    assert parse_policy(_toml(RAW)).basis == parse_policy(DEFAULT_POLICY).basis


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_every_key_is_required_and_its_absence_is_named(path: tuple[str, ...]) -> None:
    with pytest.raises(PolicyRefused, match=path[-1]):
        parse_policy(_without(path))


@pytest.mark.parametrize("path", [(POISON,), *((table, POISON) for table in RAW if isinstance(RAW[table], dict))], ids=".".join)
def test_a_key_that_no_policy_has_is_refused_and_not_echoed(path: tuple[str, ...]) -> None:
    with pytest.raises(PolicyRefused, match="a key that no policy has") as refused:
        parse_policy(_with(path, 1))
    assert POISON not in str(refused.value)


def test_a_table_that_no_policy_has_is_refused() -> None:
    with pytest.raises(PolicyRefused, match="a key that no policy has"):
        parse_policy(f"{DEFAULT_POLICY}\n[{POISON}]\nx = 1\n")


WRONG: Final[dict[tuple[str, ...], list[object]]] = {
    ("version",): [0, 2, "1", True, 1.0],
    ("rules_for",): ["", 1, True, ["england"]],
    ("destinations",): ["website", [POISON], [1], [["website"]], {"website": 1}, True],
    ("faces",): [POISON, "", 1, ["detected"]],
    ("statements",): [POISON, True],
    ("register", "max_age_days"): [0, -1, 401, 14.0, "14", True, [14]],
    ("consent", "year_ends"): ["02-29", "13-01", "00-10", "8-31", "08-31-01", "0831", "", "W01-1", 831, "٠٨-٣١", " 8-31"],
    ("consent", "yes_lasts_to"): ["10-32", "10/31"],
    ("consent", "renewal_from"): ["05-00", 5.1],
    ("consent", "high_profile_max_years"): [0, 21, 3.0, True, "3"],
    ("consent", "every_parent"): ["website:group", [POISON], [True], [["website:group"]]],
    ("basis", "journal:own"): [POISON, "", 1, True],
    ("basis", "website:group"): ["public-task"],
    ("basis", "website:individual"): ["public-task"],
    ("basis", "high-profile"): ["public-task"],
    ("group", "individual_face_share"): [0, -0.1, 1.01, 2, True, "0.15", "nan"],
    ("group", "one_covered_face"): [0, 1, "false"],
    ("journals", "years"): ["R", ["1"], [1], [["N"]], [{"N": 1}], ["R", POISON]],
    ("renditions", "website"): [
        [],
        [2561],
        [320, 4096],
        [63, 320],
        [320, 320],
        [800, 320],
        [320, 800.0],
        [True],
        ["320"],
        [[320]],
        [{"side": 320}],
        [64, 65, 66, 67, 68, 69, 70],
        320,
        "320",
    ],
    ("renditions", "high-profile"): [[4097], [], [0], [-320]],
    ("renditions", "shared-site"): [[4097], [320, 63], [1_000_000_000]],
    ("renditions", "journal"): [[4097], [2560, 320], ["full"]],
    ("renditions",): [[320], 320, True],
    ("keeping", "dispose_held_after_school_days"): [0, 201, True],
    ("keeping", "originals_days"): [0, 401, -30, 30.5],
    ("keeping", "closures"): ["2026-12-21", ["2026-12-21"], [20261221]],
    ("imports", "brake_granting_share"): [0, 1.5, True],
    ("imports", "brake_leaver_share"): [0.0, -1, "0.1"],
    ("devices", "provenance"): [POISON, "", True, ["required"]],
    ("devices", "exceptions"): [0, "true", [True]],
    ("devices",): [True, "required"],
    ("register",): [1, [1], "max_age_days"],
    ("basis",): [True],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in WRONG.items() for value in values],
    ids=lambda part: ".".join(part) if isinstance(part, tuple) else repr(part),
)
def test_a_value_of_the_wrong_type_or_out_of_range_is_refused_naming_its_key(path: tuple[str, ...], value: object) -> None:
    with pytest.raises(PolicyRefused, match=path[-1]) as refused:
        parse_policy(_with(path, value))
    assert POISON not in str(refused.value)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "+nan"])
@pytest.mark.parametrize("key", ["individual_face_share", "brake_granting_share", "brake_leaver_share"])
def test_what_is_no_number_is_no_share(key: str, number: str) -> None:
    line = next(line for line in DEFAULT_POLICY.splitlines() if line.startswith(f"{key} = "))
    with pytest.raises(PolicyRefused, match=key):
        parse_policy(policy_text((line, f"{key} = {number}")))


@pytest.mark.parametrize("day", ["2026-12-21T10:00:00", "2026-12-21T10:00:00Z", "10:00:00", '"2026-12-21"'])
def test_a_closure_is_a_date_and_nothing_else(day: str) -> None:
    with pytest.raises(PolicyRefused, match="closures"):
        parse_policy(policy_text(("closures = []", f"closures = [{day}]")))


def test_closures_are_dates() -> None:
    policy = parse_policy(policy_text(("closures = []", "closures = [2026-12-21, 2026-12-22]")))
    assert policy.closures == {date(2026, 12, 21), date(2026, 12, 22)}


BROKEN: Final = {
    "nothing": "",
    "not TOML": "version = ",
    "a key twice": "version = 1\nversion = 1",
    "a tab in a bare key": "ver\tsion = 1",
    "100 kB of opening brackets": "x = " + "[" * 100_000,
    "100 kB of opening braces": "x = " + "{a=" * 33_000,
    "100 kB of dots, which would take minutes": "a" + ".a" * 50_000 + " = 1",
    "brackets in brackets": "x = " + "[" * 7_000,
    "braces in braces": "x = " + "{a=" * 5_000,
    "a policy with a long remark": DEFAULT_POLICY + "#" * 16_000,
    "a number too long to read": policy_text(("version = 1", "version = " + "1" * 5000)),
    "a date that is none": policy_text(("closures = []", "closures = [2026-02-30]")),
    "half a character": DEFAULT_POLICY + "# \ud800",
    "a null byte": DEFAULT_POLICY + "\x00",
    "a byte order mark": "\ufeff" + DEFAULT_POLICY,
    "JSON": '{"version": 1}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused(text: str) -> None:
    with pytest.raises(PolicyRefused):
        parse_policy(text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_at_all_is_refused_and_raises_nothing_else(text: str) -> None:
    with pytest.raises(PolicyRefused):
        parse_policy(text)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(DEFAULT_POLICY)), piece=st.text(min_size=1, max_size=3))
def test_any_change_of_the_text_is_refused_or_has_another_digest(at: int, piece: str) -> None:
    changed = DEFAULT_POLICY[:at] + piece + DEFAULT_POLICY[at:]
    try:
        policy = parse_policy(changed)
    except PolicyRefused:
        return
    assert policy.digest != parse_policy(DEFAULT_POLICY).digest
    assert policy.digest == sha256(changed.encode()).hexdigest()


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - PUBLIC_PURPOSES))
def test_a_school_may_choose_public_task_where_the_public_does_not_look(purpose: Purpose) -> None:
    policy = parse_policy(policy_text((f'"{purpose}" = "consent"', f'"{purpose}" = "public-task"')))
    assert [one for one in Purpose if policy.basis[one] is Basis.PUBLIC_TASK] == [purpose]


@pytest.mark.parametrize("sides", [[64], [2560], [64, 65, 66, 67, 68, 2560]])
def test_a_school_names_up_to_six_sides_for_its_website(sides: list[int]) -> None:
    assert parse_policy(_with(("renditions", "website"), sides)).renditions[DestinationKind.WEBSITE] == tuple(sides)


@pytest.mark.parametrize("kind", sorted(set(DestinationKind) - {DestinationKind.WEBSITE}))
def test_only_the_website_is_kept_to_a_lower_resolution_whatever_the_school_says(kind: DestinationKind) -> None:
    assert parse_policy(_with(("renditions", kind.value), [4096])).renditions[kind] == (4096,)


def test_a_policy_cannot_be_changed_after_reading() -> None:
    policy = parse_policy(DEFAULT_POLICY)
    with pytest.raises(TypeError):
        policy.basis[Purpose.JOURNAL_OWN] = Basis.PUBLIC_TASK  # type: ignore[index]
    with pytest.raises(TypeError):
        policy.renditions[DestinationKind.WEBSITE] = (4096,)  # type: ignore[index]
    with pytest.raises(AttributeError):
        policy.rules_for = "scotland"  # type: ignore[misc]
