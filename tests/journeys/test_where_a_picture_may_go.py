"""Destinations: what each of them needs, and what a no to one audience closes for the others."""

from typing import Any

import pytest

from storage.users import Role
from tests.parts.world import World

PUBLIC_TASK = '"public-task"'
EVERYWHERE = ("own", "friend", "shared-site", "website", "high-profile")


@pytest.mark.parametrize(
    ("refused", "closed"),
    [
        ("journal:own", {"own"}),
        ("journal:shared", {"friend", "shared-site", "website", "high-profile"}),
        ("shared-site", {"shared-site", "website", "high-profile"}),
        ("website:group", {"website", "high-profile"}),
        ("website:individual", {"high-profile"}),
        ("high-profile", {"high-profile"}),
    ],
)
def test_a_no_to_a_smaller_audience_takes_down_what_is_live_for_larger_ones_and_nothing_else(
    world: World, refused: str, closed: set[str]
) -> None:
    ada, ben = world.pupil("Ada Frost", year_group="R"), world.pupil("Ben Okoro", year_group="R")
    spelled = dict(zip(EVERYWHERE, (f"journal:{ada}", f"journal:{ben}", *EVERYWHERE[2:]), strict=True))
    photo = world.uploads(ada, ben, to=tuple(spelled.values()))
    for child in (ada, ben):
        world.agrees(child)
        assert world.answers(child, "high-profile", photo=photo, expires_on="2027-07-20").status_code == 201
    world.works()
    live = {name: world.publication(photo, to) for name, to in spelled.items()}

    world.refuses(ada, refused)

    assert {name for name, one in live.items() if world.reads(one).status_code == 410} == closed
    world.works()
    assert {name for name, one in live.items() if world.reads(one).status_code == 200} == set(EVERYWHERE) - closed
    assert all(world.is_down(live[name]) for name in closed)


def test_one_pupil_pictured_needs_the_answer_about_single_pictures(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child, "website:group")
    assert world.goes_out(ada, ben, to="website")
    assert not world.goes_out(ada, to="website")

    world.agrees(ada, "website:individual")

    assert world.goes_out(ada, to="website")


def test_naming_one_pupil_twice_makes_no_group(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "website:group")

    assert not world.goes_out(ada, f"upn:{world.row(ada)['upn']}", to="website")
    assert not world.goes_out(ada, to="website", others=["staff", "outsider-confirmed"])


def test_a_no_to_single_pictures_leaves_group_pictures_open(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    world.refuses(ada, "website:individual")

    assert not world.goes_out(ada, to="website")
    assert world.goes_out(ada, ben, to="website")


def test_a_picture_that_loses_a_pupil_becomes_an_individual_one(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child, "website:group")
    photo = world.uploads(ada, ben)
    live = world.publication(photo)

    assert world.edits(photo, subjects=[ada], declared=True).status_code == 200
    world.works()

    assert world.is_down(live)
    assert world.reasons(photo) == {"pupil:not-recorded"}


def test_high_profile_needs_a_yes_for_this_photo_from_every_parent_and_ends_with_its_term(world: World) -> None:
    ada, to = world.pupil("Ada Frost"), "high-profile"
    for relation in ("mother", "father"):
        world.agrees(ada, relation=relation)
    photo, other = (world.uploads(ada, to=(to,)) for _ in range(2))
    assert world.reasons(photo, to) == {"pupil:not-recorded"}

    assert world.answers(ada, to, photo=photo, expires_on="2026-12-01").status_code == 201
    world.works()
    assert world.reasons(photo, to) == {"pupil:not-every-parent"}
    assert world.answers(ada, to, relation="father", photo=photo, expires_on="2026-12-31").status_code == 201
    world.works()
    live = world.publication(photo, to)
    assert world.reasons(other, to) == {"pupil:not-recorded"}, "the yes was for one photo"
    world.clock.pass_by(days=13)
    assert world.reads(live).status_code == 200, "1 December is its last day"
    world.clock.pass_by(days=1)

    assert world.reads(live).status_code == 410
    world.sweeps()
    world.works()
    assert world.is_down(live)


@pytest.mark.parametrize("missing", ["photo", "expires_on"])
def test_a_high_profile_yes_without_its_photo_or_its_term_is_refused(world: World, missing: str) -> None:
    ada = world.pupil("Ada Frost")
    said: dict[str, Any] = {"photo": world.uploads(ada, to=("high-profile",)), "expires_on": "2027-07-20"}
    del said[missing]

    answer = world.answers(ada, "high-profile", **said)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


def test_a_no_to_all_high_profile_use_outweighs_every_yes_for_one_photo(world: World) -> None:
    ada, to = world.pupil("Ada Frost"), "high-profile"
    world.agrees(ada)
    photo = world.uploads(ada, to=(to,))
    assert world.answers(ada, to, photo=photo, expires_on="2027-07-20").status_code == 201
    world.works()
    live = world.publication(photo, to)

    world.refuses(ada, to, relation="father")

    assert world.reads(live).status_code == 410


def test_journals_are_for_nursery_and_reception(world: World) -> None:
    children = {year: world.pupil("Ada Frost", year_group=year) for year in ("N", "R", "1", "6")}
    for child in children.values():
        world.agrees(child, "journal:own")

    found = {year: world.goes_out(child, to=f"journal:{child}") for year, child in children.items()}

    assert found == {"N": True, "R": True, "1": False, "6": False}


def test_a_journal_takes_pictures_of_its_owners_friends_while_the_owner_has_one(world: World) -> None:
    olive, finn = world.pupil("Olive Hart", year_group="R"), world.pupil("Finn Ward", year_group="2")
    world.agrees(finn, "journal:shared")
    assert world.goes_out(finn, to=f"journal:{olive}")

    world.change_pupil(olive, has_journal=False)

    assert not world.goes_out(finn, to=f"journal:{olive}")


@pytest.mark.parametrize("change", [{"left_on": "2026-11-17"}, {"suspended": True}])
def test_a_journal_whose_owner_is_gone_takes_nothing_and_what_was_in_it_comes_down(
    world: World, change: dict[str, object]
) -> None:
    olive, finn = world.pupil("Olive Hart", year_group="R"), world.pupil("Finn Ward", year_group="R")
    world.agrees(finn, "journal:shared")
    to = f"journal:{olive}"
    live = world.publication(world.uploads(finn, to=(to,)), to)

    world.change_pupil(olive, **change)

    assert world.reads(live).status_code == 410
    assert not world.goes_out(finn, to=to)


def test_a_child_who_moves_up_from_reception_keeps_the_journal_and_gets_nothing_new_in_it(world: World) -> None:
    olive = world.pupil("Olive Hart", year_group="R")
    world.agrees(olive)
    to = f"journal:{olive}"
    photo = world.uploads(olive, to=(to,))

    world.change_pupil(olive, year_group="1")
    world.sweeps()

    assert world.reads(world.publication(photo, to)).status_code == 200
    late = world.uploads(olive, to=(to,))
    assert (world.outcome(late, to), world.reasons(late, to)) == ("rejected", {"journal:closed"})


def test_in_a_friends_journal_a_child_needs_the_answer_about_other_families(world: World) -> None:
    olive, finn = world.pupil("Olive Hart", year_group="R"), world.pupil("Finn Ward", year_group="R")
    world.agrees(olive, "journal:own")
    world.agrees(finn, "journal:own")
    assert not world.goes_out(olive, finn, to=f"journal:{olive}")

    world.agrees(finn, "journal:shared")

    assert world.goes_out(olive, finn, to=f"journal:{olive}")


def test_under_public_task_silence_is_allowed_and_an_objection_stops_it(world: World) -> None:
    world.policy(**{'"shared-site"': PUBLIC_TASK})
    ada = world.pupil("Ada Frost")
    photo = world.uploads(ada, to=("shared-site",))
    live = world.publication(photo, "shared-site")

    world.refuses(ada, "shared-site", relation="step-parent", authority="none")

    assert world.reads(live).status_code == 410
    assert not world.goes_out(ada)


def test_silence_never_covers_leavers_or_children_under_orders(world: World) -> None:
    world.policy(**{'"shared-site"': PUBLIC_TASK})
    changes = [{"left_on": "2026-11-17"}, *({"legal_status": one} for one in ("care-order", "adopted", "unknown"))]
    for change in changes:
        ada = world.pupil("Ada Frost")
        live = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

        world.change_pupil(ada, **change)

        assert world.reads(live).status_code == 410
        assert not world.goes_out(ada)


def test_a_school_that_goes_back_to_asking_takes_down_what_rested_on_silence(world: World) -> None:
    world.policy(**{'"shared-site"': PUBLIC_TASK})
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    world.agrees(ben, "shared-site")
    silent, agreed = (world.publication(world.uploads(child, to=("shared-site",)), "shared-site") for child in (ada, ben))

    world.policy()

    assert world.reads(silent).status_code == 410
    assert world.reads(agreed).status_code == 200


def test_a_destination_the_policy_closes_takes_nothing_and_keeps_nothing(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    photo = world.uploads(ada, to=("website", "shared-site"))
    public, shared = world.publication(photo), world.publication(photo, "shared-site")

    world.policy(destinations='["shared-site"]')

    assert (world.reads(public).status_code, world.reads(shared).status_code) == (410, 200)
    assert not world.goes_out(ada, to="website")


def test_a_journal_is_read_by_its_own_classs_teachers_head_and_dsl_and_by_nobody_else(world: World) -> None:
    olive = world.pupil("Olive Hart", year_group="R")
    world.pupil("Ben Okoro", reg_group="Wren")
    world.agrees(olive)
    to = f"journal:{olive}"
    live = world.publication(world.uploads(olive, to=(to,)), to)

    def sees(headers: dict[str, str]) -> tuple[int, int, int, int]:
        listed = world.client.get("/v1/publications", params={"destination": to}, headers=headers).status_code
        read = world.client.get(f"/v1/publications/{live}/320", headers=headers).status_code
        receipt = world.client.get(f"/v1/publications/{live}/receipt", headers=headers).status_code
        changes = len(world.client.get("/v1/changes", headers=headers).json()["items"])
        return listed, read, receipt, changes

    for role in (Role.TEACHER, Role.HEAD, Role.DSL):
        assert sees(world.as_role(role)) == (200, 200, 409, 1)
    assert sees(world.as_role(Role.EDITOR)) == (404, 404, 404, 0)
    assert sees(world.another(Role.TEACHER, classes=("Wren",))) == (404, 404, 404, 0)
