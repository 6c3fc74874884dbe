"""Getting in: a link that can be looked at, a button that uses it up, and a token that works."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from consent.events import Event
from service.app import create
from storage import users
from storage.users import Role
from tests.parts.live import serving
from tests.parts.requests import form, part
from tests.parts.world import Answer, World
from tests.service.conftest import Overheard

OVER = "This link was used before, or it is over. Ask whoever gave it to you for a new one."


@pytest.fixture
def invite(world: World) -> Callable[..., str]:
    """Make an account and return its one-time code."""

    def make(role: Role = Role.DSL) -> str:
        with world.house.store.transaction(world.school_id, actor="test") as step:
            return users.create_account(step, email="somebody@school.example", role=role)

    return make


def look(world: World, code: str) -> Answer:
    return world.client.get("/enrol", params={"code": code})


def press(world: World, code: str) -> Answer:
    return world.client.post("/enrol", data={"code": code})


def token_in(answer: Answer) -> str:
    (found,) = re.findall(r"<code>(gk_[A-Za-z0-9_-]{40,})</code>", answer.text)
    return str(found)


def may(world: World, token: str, path: str) -> int:
    return int(world.client.get(path, headers={"authorization": f"Bearer {token}"}).status_code)


def test_looking_at_the_link_uses_nothing_up_and_the_button_does_once(world: World, invite: Callable[..., str]) -> None:
    code = invite()
    for _ in range(3):
        seen = look(world, code)
        assert (seen.status_code, seen.text.count("<button>")) == (200, 1)
        assert f'name="code" value="{code}"' in seen.text
    assert world.recorded(Event.ACCOUNT_ENROLLED) == []
    first, second = press(world, code), press(world, code)
    assert may(world, token_in(first), "/v1/decisions") == 200
    assert (second.status_code, OVER in second.text) == (HTTPStatus.GONE, True)
    assert "gk_" not in second.text
    assert len(world.recorded(Event.ACCOUNT_ENROLLED)) == 1


def test_a_token_has_the_role_of_its_account(world: World, invite: Callable[..., str]) -> None:
    token = token_in(press(world, invite(Role.EDITOR)))
    assert (may(world, token, "/v1/publications"), may(world, token, "/v1/pupils")) == (200, 403)


def test_a_link_that_is_over_says_so_in_a_plain_sentence(world: World, invite: Callable[..., str]) -> None:
    code = invite()
    world.clock.pass_by(days=8)
    answer = press(world, code)
    assert (answer.status_code, OVER in answer.text) == (HTTPStatus.GONE, True)


@pytest.mark.parametrize(
    "code",
    ["", "short", "x" * 101, "unknown-but-well-formed", "<script>alert(1)</script>", '"><img src=x>', "a\0b" * 5, "é" * 20],
)
def test_a_link_that_is_none_says_so_in_the_same_sentence_and_repeats_nothing(world: World, code: str) -> None:
    answers = [press(world, code)] + ([look(world, code)] if code != "unknown-but-well-formed" else [])
    for answer in answers:
        assert (answer.status_code, OVER in answer.text) == (HTTPStatus.GONE, True)
        assert not code or code not in answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_form_without_a_code_or_with_a_file_for_it_gets_nobody_in(world: World) -> None:
    empty = world.client.post("/enrol")
    file = world.client.post("/enrol", files={"code": ("code.txt", b"x" * 20)})
    odd = form(
        part("code", b"\\ud800" * 3), path="/enrol", content_type="multipart/form-data; boundary=frontier; charset=unicode_escape"
    )
    surrogate = world.client.post("/enrol", content=odd.body, headers={"content-type": str(odd.headers["content-type"])})
    assert [one.status_code for one in (empty, file, surrogate)] == [410, 422, 410]


def test_pages_are_not_kept_framed_scripted_or_told_to_others(world: World, invite: Callable[..., str]) -> None:
    code = invite()
    for answer in (look(world, code), press(world, code), press(world, code)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy


def test_neither_code_nor_token_is_logged(world: World, invite: Callable[..., str], overheard: Overheard) -> None:
    code = invite()
    look(world, code)
    token = token_in(press(world, code))
    assert len(overheard.requests()) == 2
    assert code not in overheard.text()
    assert token not in overheard.text()


def test_a_program_can_enrol_too_once(world: World, invite: Callable[..., str]) -> None:
    code = invite()
    first, second = (world.client.post("/enrolments", json={"code": code}) for _ in range(2))
    unknown = world.client.post("/enrolments", json={"code": "unknown-but-well-formed"})
    assert (first.status_code, may(world, first.json()["token"], "/v1/decisions")) == (201, 200)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/conflict")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/not-found")


def test_of_many_who_press_the_button_at_one_time_one_gets_in(world: World, invite: Callable[..., str]) -> None:
    code = invite()
    with serving(create(world.house)) as live, ThreadPoolExecutor(max_workers=6) as pool:
        body = f"code={code}".encode()
        said = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        replies = list(pool.map(lambda _: live.send("POST", "/enrol", headers=said, chunks=[body]), range(6)))
    assert sorted(reply.status for reply in replies) == [200, *[410] * 5]
    assert sum(b"gk_" in reply.content for reply in replies) == 1
