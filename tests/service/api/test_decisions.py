"""The headteacher's audit: every decision on some page and in the export, and each can be made again."""

import csv
import io
from typing import Any, Final

import pytest

from storage.tables import decision as table
from storage.users import Role
from tests.parts.world import Answer, World, picture


def ask(world: World, path: str = "/v1/decisions", **query: Any) -> Answer:
    answer = world.client.get(path, params=query, headers=world.as_role(Role.HEAD))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
def decided(world: World) -> dict[str, str]:
    """Photos that were approved, held and rejected, hours apart, and one that came down again."""
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro", reg_group="Wren")
    world.agrees(ada)
    photos = {}
    for number, (name, pictured) in enumerate((("approved", (ada,)), ("held", (ada, ben)), ("rejected", (ben,)))):
        small = "a.jpg", picture(number, size=(120, 90))
        photos[name] = world.uploads(*pictured, to=("website", "shared-site"), file=small)
        world.clock.pass_by(seconds=3600)
    world.refuses(ada, "journal:shared")
    world.works()
    return photos


def test_decisions_come_page_by_page_each_once_the_newest_first(world: World, decided: dict[str, str]) -> None:
    everything = ask(world, limit=200).json()
    after, pages = None, []
    while True:
        page = ask(world, limit=2, **({"after": after} if after else {})).json()
        pages.append(page["items"])
        after = page.get("next")
        if after is None:
            break
    assert [one for page in pages for one in page] == everything["items"]
    times = [one["decided_at"] for one in everything["items"]]
    assert times == sorted(times, reverse=True)
    assert len({one["id"] for one in everything["items"]}) == len(times) > 6
    assert {one["photo"] for one in everything["items"]} == set(decided.values())


QUERIES: Final[tuple[dict[str, str], ...]] = (
    {},
    {"outcome": "held"},
    {"outcome": "approved"},
    {"reg_group": "Wren"},
    {"reg_group": "Nobody"},
    {"reason": "pupil:not-recorded"},
    {"since": "2026-11-18T13:30:00Z"},
    {"since": "2026-11-18T14:30:00+01:00"},
)


def test_the_export_says_what_the_list_says(world: World, decided: dict[str, str], subtests: pytest.Subtests) -> None:
    for query in QUERIES:
        with subtests.test(repr(query)):
            compare(world, query)


def compare(world: World, query: dict[str, str]) -> None:
    listed = ask(world, limit=200, **query).json()["items"]
    answer = ask(world, "/v1/decisions.csv", **query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    expected = [
        {
            "decision": one["id"],
            "photo": one["photo"],
            "destination": one["destination"],
            "outcome": one["outcome"],
            "decided_at": one["decided_at"].replace("Z", "+00:00"),
            "reason": finding.get("reason", ""),
            "pupil": finding.get("pupil", ""),
        }
        for one in listed
        for finding in one["findings"] or [{}]
    ]
    assert list(csv.DictReader(io.StringIO(answer.text))) == expected
    assert bool(expected) is (query != {"reg_group": "Nobody"})


def test_filters_narrow_the_list_to_what_they_say(world: World, decided: dict[str, str]) -> None:
    assert {one["outcome"] for one in ask(world, outcome="held").json()["items"]} == {"held"}
    assert {one["photo"] for one in ask(world, photo=decided["held"]).json()["items"]} == {decided["held"]}
    assert {one["photo"] for one in ask(world, reg_group="Wren").json()["items"]} == {decided["held"], decided["rejected"]}
    found = ask(world, reason="pupil:refused").json()["items"]
    assert found
    assert all("pupil:refused" in {finding["reason"] for finding in one["findings"]} for one in found)
    assert len(ask(world, since="2026-11-18T13:30:00Z").json()["items"]) < len(ask(world).json()["items"])


def test_every_decision_made_again_comes_out_the_same(world: World, decided: dict[str, str]) -> None:
    for one in ask(world).json()["items"]:
        answer = world.client.post(f"/v1/decisions/{one['id']}/replay", headers=world.as_role(Role.DSL))
        assert (answer.status_code, answer.json()) == (200, {"id": one["id"], "identical": True})


def test_a_decision_that_was_altered_does_not_come_out_the_same(world: World, decided: dict[str, str]) -> None:
    altered = ask(world, outcome="held").json()["items"][0]["id"]
    with world.house.engine.begin() as connection:
        body = connection.execute(table.select().where(table.c.id == altered)).one().body
        changed = body.replace('"outcome":"held"', '"outcome":"approved"')
        assert changed != body
        connection.execute(table.update().where(table.c.id == altered).values(body=changed))
    answer = world.client.post(f"/v1/decisions/{altered}/replay", headers=world.as_role(Role.HEAD))
    assert answer.json() == {"id": altered, "identical": False}
