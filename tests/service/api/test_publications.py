"""Publications: pages that skip nothing, tags that save a second copy, and gone that stays gone whatever a reader has."""

from collections.abc import Iterator
from typing import Any

import pytest

from storage.users import Role
from tests.parts.world import Answer, World, picture


@pytest.fixture
def out(world: World) -> Iterator[list[str]]:
    """Three pictures on the website, the first that came out first: of Ada, of Ben, and of Ada again."""
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    with world.client:
        for child in (ada, ben):
            world.agrees(child, "website:individual")
        yield [world.publication(world.uploads(child, file=small(number))) for number, child in enumerate((ada, ben, ada))]


def small(seed: int) -> tuple[str, bytes]:
    return "a.jpg", picture(seed, size=(120, 90))


def ada_is_refused(world: World) -> None:
    ada = world.client.get("/v1/pupils", headers=world.as_role(Role.HEAD)).json()["items"][0]["id"]
    world.refuses(ada, "journal:shared")


def ask(world: World, path: str, *, role: Role = Role.EDITOR, tag: str | None = None, **query: Any) -> Answer:
    headers = world.as_role(role) | ({"if-none-match": tag} if tag is not None else {})
    return world.client.get(path, params=query, headers=headers)


def pages(world: World, path: str, *, limit: int) -> list[list[dict[str, Any]]]:
    """Follow the cursor to the end: to the page that names no next, or to an empty one."""
    found: list[list[dict[str, Any]]] = []
    after: str | None = "0"
    while after is not None and (not found or found[-1]):
        answer = ask(world, path, after=after, limit=limit)
        assert answer.status_code == 200
        found.append(answer.json()["items"])
        after = answer.json()["next"]
    return found


def test_publications_come_page_by_page_each_once_in_the_order_they_came_out(world: World, out: list[str]) -> None:
    for limit in (1, 2, 3, 4):
        found = pages(world, "/v1/publications", limit=limit)
        assert [one["id"] for page in found for one in page] == out
        assert all(0 < len(page) <= limit for page in found)


def test_changes_come_page_by_page_each_once_in_the_order_of_the_log(world: World, out: list[str]) -> None:
    ada_is_refused(world)
    for limit in (1, 2, 100):
        found = [(one["type"], one["id"]) for page in pages(world, "/v1/changes", limit=limit) for one in page]
        assert found[:3] == [("Create", one) for one in out]
        assert sorted(found[3:]) == sorted(("Delete", one) for one in out[::2])


def test_a_cursor_goes_on_where_it_stopped_although_more_happened_since(world: World, out: list[str]) -> None:
    first = ask(world, "/v1/changes").json()
    cleo = world.pupil("Cleo Marsh")
    world.agrees(cleo)
    new = world.publication(world.uploads(cleo))
    second = ask(world, "/v1/changes", after=first["next"]).json()
    assert [one["id"] for one in first["items"]] == out
    assert [(one["type"], one["id"]) for one in second["items"]] == [("Create", new)]
    assert ask(world, "/v1/changes", after=second["next"]).json() == {"items": [], "next": second["next"]}


def test_the_highest_cursor_of_all_is_a_cursor(world: World) -> None:
    for path in ("/v1/publications", "/v1/changes"):
        assert ask(world, path, after="999999999").json()["items"] == []


def test_changes_that_are_not_the_callers_to_see_do_not_stop_the_cursor(world: World) -> None:
    ada = world.pupil("Ada Frost", year_group="R")
    world.agrees(ada)
    for _ in range(3):
        world.uploads(ada, to=(f"journal:{ada}",))
    public = world.publication(world.uploads(ada))
    after = "0"
    seen: list[dict[str, Any]] = []
    for _ in range(4):
        found = ask(world, "/v1/changes", after=after, limit=1).json()
        assert found["next"] != after
        after, seen = found["next"], seen + found["items"]
    assert [one["id"] for one in seen] == [public]


def test_a_delete_says_whether_its_tombstones_stand_yet(world: World, out: list[str]) -> None:
    ada_is_refused(world)
    before = [one["tombstone"] for one in world.changes() if one["type"] == "Delete"]
    world.works()
    after = [one["tombstone"] for one in world.changes() if one["type"] == "Delete"]
    assert (before, after) == ([False] * 2, [True] * 2)


def test_a_list_that_the_reader_has_is_not_sent_again(world: World, out: list[str]) -> None:
    first = ask(world, "/v1/publications")
    tag = first.headers["etag"]
    for said in (tag, f'"other", {tag}', f'"a","b" , {tag}', "*", tag.removeprefix("W/")):
        answer = ask(world, "/v1/publications", tag=said)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert answer.headers["cache-control"] == first.headers["cache-control"] == "no-store"


def test_a_list_that_the_reader_does_not_have_is_sent(world: World, out: list[str]) -> None:
    tag = ask(world, "/v1/publications").headers["etag"]
    for said in ("", '"other"', 'W/"other"', f"{tag}x", tag[:-2] + '"', ","):
        answer = ask(world, "/v1/publications", tag=said)
        assert (answer.status_code, len(answer.json()["items"])) == (200, 3)


def test_tags_in_two_headers_are_read_as_one_list(world: World, out: list[str]) -> None:
    tag = ask(world, "/v1/publications").headers["etag"]
    headers = [*world.as_role(Role.EDITOR).items(), ("if-none-match", '"other"'), ("if-none-match", tag)]
    assert world.client.get("/v1/publications", headers=headers).status_code == 304


def test_a_list_has_another_tag_once_something_comes_or_goes(world: World, out: list[str]) -> None:
    tag = ask(world, "/v1/publications").headers["etag"]
    assert ask(world, "/v1/publications", limit=2).headers["etag"] != tag
    ada_is_refused(world)
    answer = ask(world, "/v1/publications", tag=tag)
    assert (answer.status_code, [one["id"] for one in answer.json()["items"]]) == (200, out[1::2])
    assert answer.headers["etag"] != tag


def test_a_list_has_another_tag_once_a_last_day_is_over_though_no_row_changed(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, expires_on="2026-11-20")
    world.uploads(ada)
    tag = ask(world, "/v1/publications").headers["etag"]
    world.clock.pass_by(days=3)
    answer = ask(world, "/v1/publications", tag=tag)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_picture_that_the_reader_has_is_not_sent_again(world: World, out: list[str]) -> None:
    path = f"/v1/publications/{out[0]}/800"
    first = ask(world, path)
    (listed,) = [one for one in world.published()[0]["renditions"] if one["name"] == "800"]
    assert first.headers["etag"] == f'"{listed["sha256"]}"'
    again = ask(world, path, tag=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"] == "no-store"
    assert ask(world, path, tag='"other"').content == first.content


def test_a_picture_that_was_taken_down_is_gone_and_never_unchanged(world: World, out: list[str]) -> None:
    path = f"/v1/publications/{out[0]}/800"
    tag = ask(world, path).headers["etag"]
    ada_is_refused(world)
    for _ in range(2):
        for said in (tag, "*"):
            answer = ask(world, path, tag=said)
            assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
            assert "etag" not in answer.headers
        world.works()


def test_a_picture_whose_last_day_is_over_is_gone_and_never_unchanged(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, expires_on="2026-11-20")
    path = f"/v1/publications/{world.publication(world.uploads(ada))}/800"
    tag = ask(world, path).headers["etag"]
    world.clock.pass_by(days=3)
    assert ask(world, path, tag=tag).status_code == 410


def test_a_journal_that_is_not_the_readers_is_not_found_and_never_unchanged(world: World) -> None:
    ada = world.pupil("Ada Frost", year_group="R")
    world.agrees(ada)
    publication = world.publication(world.uploads(ada, to=(f"journal:{ada}",)), f"journal:{ada}")
    path = f"/v1/publications/{publication}/800"
    tag = ask(world, path, role=Role.HEAD).headers["etag"]
    assert ask(world, path, tag=tag).status_code == 404
    assert ask(world, "/v1/publications", destination=f"journal:{ada}", tag="*").status_code == 404


def test_a_picture_is_what_the_list_says_it_is_and_nothing_a_browser_could_take_for_something_else(
    world: World, out: list[str]
) -> None:
    for rendition in world.published()[0]["renditions"]:
        answer = ask(world, rendition["href"])
        assert answer.headers["content-type"] == rendition["media_type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_was_never_published_has_no_picture_and_no_receipt(world: World, out: list[str]) -> None:
    assert ask(world, f"/v1/publications/{out[0]}/9999").status_code == 404
    assert ask(world, f"/v1/publications/{'f' * 32}/800").status_code == 404
    live = ask(world, f"/v1/publications/{out[0]}/receipt")
    assert (live.status_code, live.json()["type"]) == (409, "/problems/conflict")
