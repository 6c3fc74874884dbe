"""The headteacher's audit: what was decided about a picture, why, and that it still comes out the same."""

from service import operate
from storage.users import Role
from tests.parts.world import World


def test_every_decision_of_a_long_story_can_be_replayed_byte_for_byte(world: World) -> None:
    ada, ben = world.pupil("Ada Frost", year_group="R"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    photo = world.uploads(ada, ben, to=("website", "shared-site", f"journal:{ada}"), title="Autumn")
    world.refuses(ada, "website:group", relation="father")
    world.change_pupil(ben, surname="Hale")
    world.works()
    operate.set_policy(world.house, world.school_id, None)
    world.protects(ben)
    world.policy()
    world.clock.pass_by(days=400)
    world.sweeps()
    world.asks_again(photo, "website", "shared-site")

    decisions = world.client.get("/v1/decisions", params={"limit": 200}, headers=world.as_role(Role.HEAD)).json()["items"]

    assert {one["outcome"] for one in decisions} == {"approved", "held"}
    found = {reason["reason"] for one in decisions for reason in one["findings"]}
    assert found >= {"pupil:conflicting", "pupil:protected", "pupil:expired", "register:stale"}
    for one in decisions:
        answer = world.client.post(f"/v1/decisions/{one['id']}/replay", headers=world.as_role(Role.HEAD))
        assert answer.json() == {"id": one["id"], "identical": True}


def test_the_head_finds_held_pictures_by_reason_and_by_class(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro", reg_group="Wren")
    for child in (ada, ben):
        world.agrees(child)
    world.protects(ben)
    held, _ = world.uploads(ben), world.uploads(ada)

    def found(role: Role = Role.HEAD, **wanted: str) -> list[str]:
        answer = world.client.get("/v1/decisions", params=wanted, headers=world.as_role(role))
        assert answer.status_code == 200
        return [one["photo"] for one in answer.json()["items"]]

    assert found(reason="pupil:protected") == found(Role.DSL, reg_group="Wren") == [held]
    for role in (Role.TEACHER, Role.EDITOR, Role.OFFICE, Role.SYNC):
        assert world.client.get("/v1/decisions", headers=world.as_role(role)).status_code == 403
