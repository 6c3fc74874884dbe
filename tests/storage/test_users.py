"""A secret opens the door of its own school as what it was made for, until it ends or is revoked; then it is nobody's."""

import string
from datetime import timedelta

import pytest
from sqlalchemy import select

from consent.people import SchoolId
from storage import users
from storage.errors import Conflict, NotFound
from storage.store import Store
from storage.tables import access_token, audit_entry, enrolment
from storage.users import Caller, Role
from tests.parts.world import StillClock


def make(store: Store, school: SchoolId, *, role: Role = Role.TEACHER, days: float | None = None) -> str:
    with store.transaction(school, actor="operator") as step:
        expires = step.now + timedelta(days=days) if days is not None else None
        return users.create_token(step, role=role, classes=("Robin", "Wren"), expires_at=expires)


def calls(store: Store, token: str) -> Caller | None:
    with store.engine.connect() as connection:
        return users.caller(connection, token, now=store.clock())


@pytest.mark.parametrize("role", Role)
def test_a_token_says_whose_it_is_and_nothing_more(store: Store, school: SchoolId, role: Role) -> None:
    found = calls(store, make(store, school, role=role))
    assert found is not None
    assert (found.school, found.role, found.classes) == (school, role, frozenset({"Robin", "Wren"}))
    assert found.actor == f"token:{found.token}"


def _changed(token: str, at: int) -> str:
    other = next(letter for letter in string.ascii_letters if letter != token[at])
    return token[:at] + other + token[at + 1 :]


def test_a_token_with_one_letter_changed_is_nobodys(store: Store, school: SchoolId) -> None:
    token = make(store, school)
    for at in range(len(token)):
        assert calls(store, _changed(token, at)) is None


@pytest.mark.parametrize(
    "tampered",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token + " ",
        lambda token: token.upper(),
        lambda token: token.removeprefix("gk_"),
        lambda token: "%",
        lambda token: "gk_%",
        lambda token: "' OR '1'='1",
        lambda token: token + "\0",
        lambda token: "é" * 46,
    ],
)
def test_what_is_not_the_token_itself_is_nobodys(store: Store, school: SchoolId, tampered: object) -> None:
    token = make(store, school)
    assert callable(tampered)
    assert calls(store, tampered(token)) is None


def test_the_digest_that_is_stored_opens_nothing(store: Store, school: SchoolId) -> None:
    token = make(store, school)
    with store.engine.connect() as connection:
        secret = connection.execute(select(access_token.c.secret)).scalar_one()
    assert token not in secret
    assert calls(store, secret) is None
    assert calls(store, f"gk_{secret}") is None


def test_a_token_ends_on_its_hour(store: Store, school: SchoolId, clock: StillClock) -> None:
    token = make(store, school, days=1)
    clock.pass_by(days=1, seconds=-1)
    assert calls(store, token) is not None
    clock.pass_by(seconds=1)
    assert calls(store, token) is None


def test_a_revoked_token_is_nobodys_at_once_and_for_good(store: Store, school: SchoolId, clock: StillClock) -> None:
    token, other = make(store, school), make(store, school)
    found = calls(store, token)
    assert found is not None
    for _ in range(2):
        with store.transaction(school, actor="operator") as step:
            users.revoke_token(step, found.token)
        assert calls(store, token) is None
    clock.pass_by(days=-400)
    assert calls(store, token) is None
    assert calls(store, other) is not None


def test_a_token_of_another_school_can_not_be_revoked(store: Store, school: SchoolId, next_door: SchoolId) -> None:
    token = make(store, school)
    found = calls(store, token)
    assert found is not None
    with pytest.raises(NotFound), store.transaction(next_door, actor="operator") as step:
        users.revoke_token(step, found.token)
    assert calls(store, token) == found


def test_no_secret_stands_in_the_database_or_in_the_log(store: Store, school: SchoolId) -> None:
    token = make(store, school)
    with store.transaction(school, actor="operator") as step:
        code = users.create_account(step, email="head@school.example", role=Role.HEAD)
    with store.engine.connect() as connection:
        everything = [str(row) for table in (access_token, enrolment, audit_entry) for row in connection.execute(select(table))]
    assert len(everything) > 3
    assert not any(secret in row for row in everything for secret in (token, code, "head@school.example"))


def test_an_enrolment_code_is_good_once(store: Store, school: SchoolId) -> None:
    with store.transaction(school, actor="operator") as step:
        code = users.create_account(step, email="head@school.example", role=Role.HEAD)
    with store.engine.connect() as connection:
        assert users.school_of_enrolment(connection, code) == school
    with store.transaction(school, actor="enrolment") as step:
        token = users.enrol(step, code)
    found = calls(store, token)
    assert found is not None
    assert found.role is Role.HEAD
    with pytest.raises(Conflict), store.transaction(school, actor="enrolment") as step:
        users.enrol(step, code)


def test_an_enrolment_code_is_good_for_a_week(store: Store, school: SchoolId, clock: StillClock) -> None:
    with store.transaction(school, actor="operator") as step:
        code = users.create_account(step, email="head@school.example", role=Role.HEAD)
    clock.pass_by(days=7, seconds=1)
    with pytest.raises(Conflict), store.transaction(school, actor="enrolment") as step:
        users.enrol(step, code)


@pytest.mark.parametrize("wrong", ["", "x", "0" * 32])
def test_an_unknown_enrolment_code_is_nobodys(store: Store, school: SchoolId, wrong: str) -> None:
    with store.engine.connect() as connection, pytest.raises(NotFound):
        users.school_of_enrolment(connection, wrong)
    with pytest.raises(NotFound), store.transaction(school, actor="enrolment") as step:
        users.enrol(step, wrong)
