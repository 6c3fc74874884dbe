"""Withdrawal: closed to every reader from the answer on, tombstones behind it, and a receipt that proves it."""

import pytest

from storage.users import Role
from tests.parts.world import World

RENDITIONS = ("320", "800", "1600")


def two_robins(world: World) -> tuple[str, str]:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    return ada, ben


def test_once_a_refusal_is_recorded_every_rendition_answers_410_and_what_it_does_not_cover_stays(world: World) -> None:
    ada, ben = two_robins(world)
    photos = [world.uploads(ada, ben, to=("website", "shared-site")), world.uploads(ben, to=("website",))]
    covered = [world.publication(photos[0], to) for to in ("website", "shared-site")]
    other = world.publication(photos[1])

    world.refuses(ada, "shared-site")

    for publication, names in zip(covered, (RENDITIONS, ("320", "800", "2560")), strict=True):
        for name in names:
            answer = world.reads(publication, name)
            assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
    assert [one["id"] for one in world.published()] == [other]
    assert world.reads(other).status_code == 200
    world.works()
    assert all(world.is_down(one) for one in covered)
    assert len(world.objects_with_bytes()) == len(RENDITIONS)


def test_the_changes_say_that_it_went_and_then_that_its_tombstones_stand(world: World) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))
    world.refuses(ada, "website:group")

    def deletes() -> list[tuple[str, bool]]:
        return [(one["id"], one["tombstone"]) for one in world.changes() if one["type"] == "Delete"]

    assert deletes() == [(live, False)]
    world.works()
    assert deletes() == [(live, True)]
    assert [one["type"] for one in world.changes()] == ["Create", "Delete"]


def test_the_receipt_names_a_probe_for_every_rendition_and_who_asked_only_to_head_and_dsl(world: World) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))
    assert world.client.get(f"/v1/publications/{live}/receipt", headers=world.as_role(Role.EDITOR)).status_code == 409
    world.refuses(ada, "website:group")
    before = world.receipt(live)
    assert (before["state"], before["probes"], before.get("tombstoned_at")) == ("retracting", [], None)
    world.clock.pass_by(seconds=2)
    world.works()

    for role in (Role.EDITOR, Role.TEACHER):
        receipt = world.receipt(live, role=role)
        assert not {"asked_by", "because"} & receipt.keys()
        assert {one["rendition"]: one["with_bytes"] for one in receipt["probes"]} == dict.fromkeys(RENDITIONS, 0)
    for role in (Role.HEAD, Role.DSL):
        receipt = world.receipt(live, role=role)
        assert receipt["asked_by"].startswith("token:")
        assert [one["reason"] for one in receipt["because"]] == ["pupil:refused"]
        assert receipt["committed_at"] < receipt["tombstoned_at"]


def test_a_withdrawal_that_comes_before_the_worker_keeps_the_picture_from_ever_going_out(world: World) -> None:
    ada, ben = two_robins(world)
    photo = world.sends(ada, ben).json()["id"]

    world.refuses(ada, "website:group")
    world.works()

    assert world.outcome(photo) == "held"
    assert (world.changes(), world.objects_with_bytes()) == ([], [])


def test_a_withdrawal_by_file_closes_at_once_too(world: World) -> None:
    ada, ben = two_robins(world)
    photo = world.uploads(ada, ben, to=("website", "shared-site"))
    public, shared = world.publication(photo), world.publication(photo, "shared-site")

    world.brings(world.row(ada, website_group="no", answered_at=world.clock.now.date().isoformat()), world.row(ben))

    assert (world.reads(public).status_code, world.reads(shared).status_code) == (410, 200)
    world.works()
    assert world.is_down(public)


def test_a_preview_changes_nothing(world: World) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))

    shown = world.previews(world.row(ada, website_group="no"), world.row(ben)).json()

    assert shown["withdrawing"] == [{"pupil": ada, "purposes": ["website:group"]}]
    assert (shown["granting"], shown["leavers"], shown["second_person_for"]) == ([], [], [])
    assert world.reads(live).status_code == 200


def test_a_preview_is_the_same_for_a_protected_child(world: World) -> None:
    ada, ben = two_robins(world)

    def shown() -> dict[str, object]:
        preview = world.previews(world.row(ada, shared_site="yes", answered_at="2026-10-01"), world.row(ben)).json()
        return {name: value for name, value in preview.items() if name != "id"}

    before = shown()
    world.protects(ada)

    assert shown() == before


def test_a_file_full_of_withdrawals_applies_at_once_and_by_one_person(world: World) -> None:
    pairs = [(world.pupil(f"Forename{n} Surname"), world.pupil(f"Other{n} Surname")) for n in range(6)]
    children = [child for pair in pairs for child in pair]
    world.brings(*(world.row(child, website_group="yes", answered_at="2026-09-10") for child in children))
    live = [world.publication(world.uploads(*pair)) for pair in pairs]

    preview = world.previews(*(world.row(child, website_group="no", answered_at="2026-11-18") for child in children))
    assert preview.json()["second_person_for"] == []
    assert world.applies(preview).status_code == 200

    assert {world.reads(one).status_code for one in live} == {410}
    world.works()
    assert all(world.is_down(one) for one in live)
    assert world.objects_with_bytes() == []


def test_a_file_that_turns_many_noes_into_yeses_needs_a_second_person(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    photo = world.uploads(ada, ben)
    world.brings(*(world.row(child, website_group="no", answered_at="2026-09-10") for child in (ada, ben)))
    opening = world.previews(*(world.row(child, website_group="yes", answered_at="2026-11-10") for child in (ada, ben)))
    assert opening.json()["second_person_for"] == ["granting"]

    alone = world.applies(opening)
    assert (alone.status_code, alone.json()["type"]) == (409, "/problems/second-person-needed")
    world.works()
    assert world.outcome(photo) == "held"
    assert world.applies(opening, headers=world.another(Role.OFFICE)).status_code == 200
    world.works()

    assert world.outcome(photo) == "approved"


def test_a_file_applies_only_as_it_was_previewed(world: World) -> None:
    ada, _ = two_robins(world)
    preview = world.previews(world.row(ada)).json()

    answer = world.client.post(
        f"/v1/register-imports/{preview['id']}/apply", json={"digest": "0" * 64}, headers=world.as_role(Role.OFFICE)
    )

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/other-file")


def test_a_file_that_lay_about_can_not_undo_what_a_later_file_said(world: World) -> None:
    ada, ben = two_robins(world)
    old = world.previews(world.row(ada, shared_site="yes"), world.row(ben))
    world.clock.pass_by(days=1)
    world.brings(world.row(ada, shared_site="no"), world.row(ben))
    world.clock.pass_by(days=1)

    answer = world.applies(old)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert world.why_not(ada, "shared-site") != set()


def test_a_leaver_by_file_comes_down_and_gets_nothing_new(world: World) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))

    world.brings(world.row(ada), world.row(ben, left_on="2026-11-17"))

    assert world.reads(live).status_code == 410
    assert not world.goes_out(ada, ben)
    assert world.goes_out(ada)


def test_a_pupil_who_is_no_longer_in_the_file_is_a_leaver_and_many_need_a_second_person(world: World) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))
    preview = world.previews(world.row(ada))
    assert (preview.json()["leavers"], preview.json()["second_person_for"]) == ([ben], ["leavers"])

    assert world.applies(preview).json()["type"] == "/problems/second-person-needed"
    assert world.reads(live).status_code == 200
    assert world.applies(preview, headers=world.another(Role.OFFICE)).status_code == 200

    assert world.reads(live).status_code == 410


def test_the_same_file_twice_changes_nothing_the_second_time(world: World) -> None:
    ada, ben = two_robins(world)
    rows = (world.row(ada, website_group="no", answered_at="2026-09-20"), world.row(ben, website_group="yes"))
    world.brings(*rows)
    world.clock.pass_by(days=1)

    again = world.previews(*rows).json()

    empty: dict[str, list[str]] = {name: [] for name in ("added", "changed", "leavers", "granting", "withdrawing")}
    assert {name: again[name] for name in empty} == empty


@pytest.mark.parametrize("missing", ["upn", "year_group"])
def test_a_file_with_a_fault_is_refused_as_a_whole_and_echoes_nothing(world: World, missing: str) -> None:
    ada, ben = two_robins(world)
    live = world.publication(world.uploads(ada, ben))

    answer = world.previews(world.row(ada, website_group="no"), world.row(ben) | {missing: ""})

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/file-refused")
    assert answer.json()["problems"] == [{"row": 3, "column": missing, "code": "cell:required"}]
    assert "Ada" not in answer.text
    assert world.reads(live).status_code == 200


def test_one_schools_withdrawal_leaves_another_schools_pictures_alone(world: World) -> None:
    oakfield = world.neighbour()
    live = {}
    for school in (world, oakfield):
        ada, ben = two_robins(school)
        live[school.school] = (school, ada, school.publication(school.uploads(ada, ben)))

    world.refuses(live[world.school][1], "website:group")

    assert world.reads(live[world.school][2]).status_code == 410
    assert oakfield.reads(live[oakfield.school][2]).status_code == 200
    assert world.reads(live[oakfield.school][2]).status_code == 404
