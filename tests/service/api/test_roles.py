"""Who may call what, and how much of it each is told."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from consent.events import Event
from service import operate
from service.api.strict import needs_of
from service.app import assemble
from service.auth import GRANTS
from storage.users import Role
from tests.parts.equipment import unreadable
from tests.parts.world import Answer, World

UNKNOWN: Final = "f" * 32
WHY: Final = (Role.HEAD, Role.DSL)


def routes() -> Iterator[tuple[str, APIRoute]]:
    """Every route that asks for a permission, with its address."""
    for found in iter_route_contexts(assemble().routes):
        route = found.original_route
        if isinstance(route, APIRoute) and needs_of(route.dependant):
            yield str(found.path), route


ROUTES: Final = tuple(routes())


def call(world: World, path: str, route: APIRoute, role: Role) -> Answer:
    (method,) = route.methods or {"GET"}
    address = path.replace("{rendition}", "800")
    for name in route.param_convertors:
        address = address.replace(f"{{{name}}}", UNKNOWN)
    return world.client.request(method, address, headers=world.as_role(role))


def equipment(world: World) -> tuple[str, str]:
    """Ids of a device and of the headteacher's exception for it."""
    head, now = world.as_role(Role.HEAD), world.clock.now
    world.policy(exceptions="true")
    marks = {"label": "iPad", "kind": "tablet", "make": "Apple", "model": "iPad"}
    device = world.client.post("/v1/devices", json=marks, headers=head).json()["id"]
    span = {"valid_from": now.isoformat(), "valid_until": (now + timedelta(days=7)).isoformat()}
    granted = world.client.post("/v1/device-exceptions", json={"device": device, "reason": "trip", **span}, headers=head)
    return device, granted.json()["id"]


def test_each_role_is_refused_exactly_where_it_lacks_the_permission(world: World, subtests: pytest.Subtests) -> None:
    with world.client:
        for path, route in ROUTES:
            (need,) = needs_of(route.dependant)
            for role in Role:
                with subtests.test(f"{role} {path}"):
                    status = call(world, path, route, role).status_code
                    assert (status == 403) is (need.permission not in GRANTS[role])
                    assert status != 401


def test_there_are_routes_and_every_role_may_call_some_and_not_others() -> None:
    assert len(ROUTES) > 15
    for role in Role:
        allowed = {path for path, route in ROUTES if needs_of(route.dependant)[0].permission in GRANTS[role]}
        assert 0 < len(allowed) < len({path for path, _ in ROUTES})


def test_a_token_of_one_school_finds_nothing_of_another(world: World, subtests: pytest.Subtests) -> None:
    neighbour = world.neighbour()
    world.uploads(no_pupils="true", declared="false", file=unreadable())
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    record = world.refuses(ada, "high-profile")
    photo = world.uploads(ada)
    publication = world.publication(photo)
    decision = world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).json()["items"][0]["id"]
    shown = world.previews(world.row(ada)).json()
    head, dsl = neighbour.as_role(Role.HEAD), neighbour.as_role(Role.DSL)
    device, exception = equipment(world)
    neighbour.policy(exceptions="true")
    now = world.clock.now.isoformat()
    span = {"valid_from": now, "valid_until": (world.clock.now + timedelta(days=1)).isoformat(), "reason": "trip"}
    calls: list[tuple[str, str, dict[str, str], Any]] = [
        ("GET", f"/v1/photos/{photo}", head, None),
        ("GET", f"/v1/photos/{photo}/preview", head, None),
        ("PATCH", f"/v1/photos/{photo}", head, {"declared": False}),
        ("GET", f"/v1/publications/{publication}/800", head, None),
        ("GET", f"/v1/publications/{publication}/receipt", head, None),
        ("GET", f"/v1/pupils/{ada}/consents", head, None),
        ("PATCH", f"/v1/pupils/{ada}", head, {"surname": "Snow"}),
        ("PUT", f"/v1/pupils/{ada}/persons", head, {"relation": "mother", "authority": "none"}),
        ("PUT", f"/v1/pupils/{ada}/protection", dsl, {"protected": True}),
        ("POST", f"/v1/consent-records/{record}/retirements", head, None),
        ("POST", f"/v1/register-imports/{shown['id']}/apply", head, {"digest": shown["digest"]}),
        ("POST", f"/v1/decisions/{decision}/replay", head, None),
        ("GET", f"/v1/decisions?after={decision}", head, None),
        ("PATCH", f"/v1/devices/{device}", head, {"label": "ours"}),
        ("GET", f"/v1/devices/{device}/receipts", head, None),
        ("POST", f"/v1/devices/{device}/wipes", head, {"day": now[:10], "originals": 1}),
        ("POST", f"/v1/device-exceptions/{exception}/withdraw", head, None),
        ("POST", "/v1/device-exceptions", head, {"device": device, **span}),
    ]
    for method, path, headers, body in calls:
        with subtests.test(f"{method} {path}"):
            answer = world.client.request(method, path, headers=headers, json=body)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    lists = (
        *("/v1/pupils", "/v1/publications", "/v1/changes", "/v1/decisions", f"/v1/publications?destination=journal:{ada}"),
        *("/v1/devices", "/v1/device-exceptions", "/v1/devices/overdue", "/v1/photos?waiting=metadata"),
    )
    assert [world.client.get(path, headers=head).json()["items"] for path in lists] == [[]] * len(lists)
    assert world.reads(publication).status_code == 200


def test_a_teacher_sees_the_photos_of_nobody_else(world: World) -> None:
    photo, colleague = world.uploads(world.pupil("Ada Frost")), world.another(Role.TEACHER)
    looked = world.client.get(f"/v1/photos/{photo}", headers=colleague)
    empty = world.edits(photo, headers=colleague)
    nothing = world.edits(photo, headers=colleague, faces_accounted=None)
    more = world.edits(photo, headers=colleague, faces_accounted=True, declared=False)
    assert [answer.status_code for answer in (looked, empty, nothing, more)] == [404] * 4
    assert world.client.get(f"/v1/photos/{photo}", headers=world.as_role(Role.DSL)).status_code == 200


def test_a_colleague_who_counts_the_faces_is_shown_nothing_else_of_the_photo(world: World) -> None:
    photo = world.uploads(world.pupil("Ada Frost"), to=("website",), title="Painting")
    answer = world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=True)
    nothing = {"title": "", "caption": "", "alt": "", "event": "", "tags": []}
    shown = {"id": photo, "state": "prepared", "destinations": [], "removed": [], "words": nothing, "words_state": "clean"}
    assert (answer.status_code, answer.json()) == (200, shown)


def test_a_teacher_is_told_which_of_their_own_class_cannot_appear_and_of_others_only_that_somebody_cannot(world: World) -> None:
    mine, other, third = (
        world.pupil("Ada Frost"),
        world.pupil("Ben Okoro", reg_group="Wren"),
        world.pupil("Cy Lee", reg_group="Owl"),
    )
    photo = world.uploads(mine, other, third)
    (found,) = world.photo(photo, role=Role.TEACHER)["destinations"]
    assert [(one["reason"], one.get("pupil")) for one in found["findings"]] == [
        ("pupil:cannot-appear", mine),
        ("pictured:cannot-appear", None),
    ]


def test_headteacher_and_dsl_are_told_every_reason(world: World) -> None:
    mine, other = world.pupil("Ada Frost"), world.pupil("Ben Okoro", reg_group="Wren")
    photo = world.uploads(mine, other)
    for role in WHY:
        (found,) = world.photo(photo, role=role)["destinations"]
        assert sorted((one["reason"], one["pupil"]) for one in found["findings"]) == sorted(
            ("pupil:not-recorded", one) for one in (mine, other)
        )


def test_every_no_about_somebody_offers_the_same_remedies_in_the_same_order(world: World) -> None:
    photo = world.uploads(world.pupil("Ada Frost"), world.pupil("Ben Okoro", reg_group="Wren"), others=["adult", "unknown-child"])
    (found,) = world.photo(photo, role=Role.TEACHER)["destinations"]
    assert len(found["findings"]) == 4
    assert {tuple(one["remedies"]) for one in found["findings"]} == {("crop", "leave out or retake", "cover")}


def test_an_editor_is_told_neither_pupil_nor_reason(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    publication = world.publication(world.uploads(ada, ben))
    told: list[object] = [world.published(role=Role.EDITOR), world.changes()]
    world.refuses(ada, "journal:shared")
    world.works()
    told += [world.receipt(publication, role=Role.EDITOR), world.changes()]
    assert publication in repr(told)
    for word in (ada, ben, "pupil", "reason", "refused", "asked_by", "because", "Frost", "Okoro"):
        assert word not in repr(told)


def test_a_receipt_says_who_asked_to_headteacher_and_dsl_alone(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    publication = world.publication(world.uploads(ada))
    world.refuses(ada, "journal:shared")
    told = {role: world.receipt(publication, role=role) for role in (Role.TEACHER, Role.EDITOR, *WHY)}
    assert {role for role, receipt in told.items() if "asked_by" in receipt} == set(WHY)
    assert {role for role, receipt in told.items() if "because" in receipt} == set(WHY)
    assert told[Role.HEAD]["because"][0]["reason"] == "pupil:refused"


@pytest.fixture
def journal(world: World) -> tuple[str, str]:
    """A child of Robin and a picture in the child's journal."""
    ada = world.pupil("Ada Frost", year_group="R")
    world.pupil("Ben Okoro", reg_group="Wren")
    world.agrees(ada)
    return ada, world.publication(world.uploads(ada, to=(f"journal:{ada}",)), f"journal:{ada}")


@pytest.mark.parametrize(("role", "classes", "sees"), [
    (Role.TEACHER, ("Robin",), True),
    (Role.TEACHER, ("Wren",), False),
    (Role.TEACHER, (), False),
    (Role.EDITOR, ("Robin",), False),
    (Role.HEAD, (), True),
    (Role.DSL, (), True),
])  # fmt: skip
def test_a_journal_is_there_for_its_classs_teachers_headteacher_and_dsl(
    world: World, journal: tuple[str, str], role: Role, classes: tuple[str, ...], sees: bool
) -> None:
    ada, publication = journal
    headers = world.another(role, classes=classes)
    statuses = [
        world.client.get(path, headers=headers).status_code
        for path in (f"/v1/publications?destination=journal:{ada}", f"/v1/publications/{publication}/800")
    ]
    changes = world.client.get("/v1/changes", headers=headers).json()["items"]
    everything = world.client.get("/v1/publications", headers=headers).json()["items"]
    assert statuses == ([200, 200] if sees else [404, 404])
    assert [one["id"] for one in changes] == ([publication] if sees else [])
    assert everything == []


def test_the_journal_of_nobody_is_answered_like_one_that_is_not_for_the_caller(world: World, journal: tuple[str, str]) -> None:
    ada, _ = journal
    answers = [
        world.client.get(f"/v1/publications?destination=journal:{owner}", headers=world.as_role(Role.EDITOR))
        for owner in (ada, UNKNOWN)
    ]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


def pupils(world: World, role: Role, query: str = "") -> list[dict[str, Any]]:
    answer = world.client.get(f"/v1/pupils{query}", headers=world.as_role(role))
    assert answer.status_code == 200
    return list(answer.json()["items"])


def test_a_teacher_lists_the_own_classes_and_a_class_that_is_named(world: World) -> None:
    for name, group in (("Ada Frost", "Robin"), ("Ben Okoro", "Wren")):
        world.pupil(name, reg_group=group)
    assert [one["forename"] for one in pupils(world, Role.TEACHER)] == ["Ada"]
    assert [one["forename"] for one in pupils(world, Role.TEACHER, "?reg_group=Wren")] == ["Ben"]
    assert [one["forename"] for one in pupils(world, Role.OFFICE)] == ["Ada", "Ben"]


@pytest.mark.parametrize("role", [Role.TEACHER, Role.OFFICE, Role.HEAD, Role.DSL, Role.SYNC])
def test_no_upn_reaches_a_teacher(world: World, role: Role) -> None:
    world.pupil("Ada Frost")
    for query in ("", "?reg_group=Robin"):
        (found,) = pupils(world, role, query)
        assert ("upn" in found) is (role is not Role.TEACHER)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.HEAD, Role.DSL])
def test_what_answers_come_to_is_for_headteacher_and_dsl(world: World, role: Role) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    found = world.client.get(f"/v1/pupils/{ada}/consents", headers=world.as_role(role)).json()
    assert len(found["records"]) == 5
    assert ("standing" in found) is ("protected" in found) is (role in WHY)


def test_the_headteacher_lists_the_schools_tokens_and_never_sees_one(world: World) -> None:
    device, neighbour = equipment(world)[0], world.neighbour()
    token = operate.create_token(world.house, world.school_id, role=Role.TEACHER, classes=("Wren",), days=30, device=device)
    answer = world.client.get("/v1/tokens", headers=world.as_role(Role.HEAD))
    items = {one["id"]: one for one in answer.json()["items"]}
    mine = items[world.recorded(Event.TOKEN_CREATED)[-1]["token"]]
    assert (mine["role"], mine["classes"], mine["device"], mine["revoked_at"]) == ("teacher", ["Wren"], device, None)
    assert mine["created_at"] < mine["expires_at"]
    assert len(items) == len(Role) + 1
    assert token not in answer.text
    assert sha256(token.encode()).hexdigest() not in answer.text
    world.client.delete(f"/v1/tokens/{mine['id']}", headers=world.as_role(Role.HEAD))
    again = world.client.get("/v1/tokens", headers=world.as_role(Role.HEAD)).json()["items"]
    assert [one["id"] for one in again if one["revoked_at"] is not None] == [mine["id"]]
    theirs = neighbour.client.get("/v1/tokens", headers=neighbour.as_role(Role.HEAD)).json()["items"]
    assert not items.keys() & {one["id"] for one in theirs}


def test_a_revoked_token_opens_nothing(world: World) -> None:
    (mine,) = world.another(Role.EDITOR).values()
    headers = {"authorization": mine}
    assert world.client.get("/v1/publications", headers=headers).status_code == 200
    token = world.recorded(Event.TOKEN_CREATED)[-1]["token"]
    assert world.client.delete(f"/v1/tokens/{token}", headers=world.as_role(Role.HEAD)).status_code == 204
    assert world.client.get("/v1/publications", headers=headers).status_code == 401
    assert world.client.delete(f"/v1/tokens/{UNKNOWN}", headers=world.as_role(Role.HEAD)).status_code == 404
