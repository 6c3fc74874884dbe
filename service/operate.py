"""What an operator does from the command line: schools, people, tokens, policy, register files."""

from datetime import timedelta
from importlib.resources import files
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from consent.devices import Device
from consent.names import Names
from consent.people import SchoolId
from consent.policy import Policy
from service.pipeline import devices, imports, sync
from service.pipeline.imports import Preview
from service.wiring import House
from storage import devices as devices_kept
from storage import reggroups, schools, users
from storage.errors import NotFound
from storage.lexicon import shipped_lexicon
from storage.users import Caller, Role

OPERATOR = "operator"


def default_policy() -> str:
    """Return the documented policy that a new school starts with."""
    return files("consent").joinpath("default_policy.toml").read_text(encoding="utf-8")


def create_school(house: House, *, name: str, headteacher: str, policy: str) -> tuple[SchoolId, str]:
    """Create a school with a policy and its first person; return its id and a one-time enrolment code."""
    school = SchoolId(uuid4().hex)
    schools.create(house.store, school, name=name, names=Names.of((), lexicon=shipped_lexicon()).digest, actor=OPERATOR)
    sync.put_policy(policy, actor=OPERATOR, store=house.store, school=school, matchers=house.matchers)
    with house.store.transaction(school, actor=OPERATOR) as step:
        code = users.create_account(step, email=headteacher, role=Role.HEAD)
    return school, code


def is_full(house: House) -> bool:
    """True if no further school fits in: a SQLite file holds one."""
    with house.engine.connect() as connection:
        return connection.dialect.name == "sqlite" and bool(schools.all_ids(connection))


def find_school(house: House, name: str) -> SchoolId:
    """Find a school by name or id; an empty name finds the only one. Raises NotFound."""
    with house.engine.connect() as connection:
        every = schools.all_ids(connection)
        if not name:
            if len(every) != 1:
                raise NotFound("say which school")
            return every[0]
        return schools.by_name(connection, name)


def create_token(
    house: House, school: SchoolId, *, role: Role, classes: tuple[str, ...], days: int | None, device: str | None = None
) -> str:
    """Create a token, bound to an enrolled device if one is given, and return it: the only time it can be seen.

    Raises NotFound for a device that is not enrolled in this school, UnknownRegGroup for a class that nobody is in.
    """
    with house.store.transaction(school, actor=OPERATOR) as step:
        expires = step.now + timedelta(days=days) if days is not None else None
        return users.create_token(step, role=role, classes=classes, expires_at=expires, device_id=device)


def is_register_empty(house: House, school: SchoolId) -> bool:
    """True if nobody is on the register: then a class that is named was held against nothing."""
    with house.store.reading(school) as look:
        return not reggroups.there_are(look)


def id_of_token(house: House, school: SchoolId, token: str) -> str:
    """Return the id by which a token is listed and revoked. Raises NotFound."""
    with house.store.reading(school) as look:
        return users.id_of(look, token)


def list_tokens(house: House, school: SchoolId) -> list[dict[str, object]]:
    """Return every token there ever was, by the names that the API gives its members; never the token itself."""
    moments = ("created_at", "expires_at", "revoked_at")
    with house.store.reading(school) as look:
        rows = users.tokens(look)
    return [
        {"id": row.id, "role": row.role, "classes": row.classes, "device": row.device_id}
        | {name: at.isoformat() if (at := getattr(row, name)) is not None else None for name in moments}
        for row in rows
    ]


def revoke_token(house: House, school: SchoolId, token_id: str) -> None:
    """End a token at once. Raises NotFound. Twice is fine."""
    with house.store.transaction(school, actor=OPERATOR) as step:
        users.revoke_token(step, token_id)


def enrol_device(house: House, school: SchoolId, wanted: Device, *, label: str) -> str:
    """Enrol a device and return its id. Raises UnknownRegGroup for a class that nobody is in."""
    return devices.enrol_device(wanted, label=label, caller=_operator(school), store=house.store)


def list_devices(house: House, school: SchoolId) -> list[dict[str, object]]:
    """Return the device register, each entry by the names that the API gives its members."""
    said = ("id", "label", "kind", "owner", "make", "model", "serial", "reg_groups")
    with house.store.reading(school) as look:
        rows = devices_kept.rows(look)
    return [{name: getattr(row, name) for name in said} | _days(row) for row in rows]


def set_policy(house: House, school: SchoolId, text: str | None) -> Policy | None:
    """Put a policy in force, or none. Raises PolicyRefused."""
    return sync.put_policy(text, actor=OPERATOR, store=house.store, school=school, matchers=house.matchers)


def policy_text(house: House, school: SchoolId) -> str | None:
    """Return the text of the policy in force; None if there is none."""
    with house.store.reading(school) as look:
        found = schools.policy_in_force(look)
    return found.text if found is not None else None


def import_register(house: House, school: SchoolId, content: bytes, *, apply: bool) -> Preview:
    """Preview a register file and, if told to, apply it. Raises FileRefused; SecondPersonNeeded if the brake asks for one."""
    caller = _operator(school)
    found = imports.preview(content, caller=caller, store=house.store)
    if apply:
        imports.apply(found.id, digest=found.digest, caller=caller, store=house.store, matchers=house.matchers)
    return found


def _operator(school: SchoolId) -> Caller:
    return Caller(school=school, token="", role=Role.OFFICE, classes=frozenset(), actor=OPERATOR)


def _days(row: Row[Any]) -> dict[str, object]:
    return {name: str(getattr(row, name) or "") or None for name in ("active_from", "active_until")}
