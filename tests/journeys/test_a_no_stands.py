"""A no: who can say it, what it closes, and the few things that lift it."""

import pytest

from storage.users import Role
from tests.parts.world import World

CHILD = {"relation": "child", "authority": "self"}
FORMER = {"relation": "ex-pupil", "authority": "self"}
NO_AUTHORITY = {"relation": "step-parent", "authority": "none"}


def test_a_later_yes_lifts_only_the_same_givers_no(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.refuses(ada, "shared-site", relation="father", on="2026-09-10T09:00:00Z")
    world.agrees(ada, "shared-site", relation="mother", on="2026-10-01T09:00:00Z")
    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}
    assert not world.goes_out(ada)

    world.agrees(ada, "shared-site", relation="father", on="2026-10-01T09:00:00Z")

    assert world.goes_out(ada)


def test_a_yes_lifts_no_refusal_of_another_purpose(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.refuses(ada, "journal:shared", on="2026-09-10T09:00:00Z")

    world.agrees(ada, "shared-site", "website:individual", on="2026-10-01T09:00:00Z")

    assert world.why_not(ada, "shared-site") == {"pupil:refused"}
    assert not world.goes_out(ada, to="website")


@pytest.mark.parametrize("answers", [("given", "refused"), ("refused", "given")])
def test_of_a_yes_and_a_no_at_one_instant_the_no_stands(world: World, answers: tuple[str, str]) -> None:
    ada = world.pupil("Ada Frost")
    for answer in answers:
        assert world.answers(ada, "shared-site", answer).status_code == 201

    assert not world.goes_out(ada)


def test_an_older_yes_that_arrives_later_lifts_nothing(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.refuses(ada, "shared-site", on="2026-10-01T09:00:00Z")

    world.agrees(ada, "shared-site", on="2026-09-10T09:00:00Z")

    assert not world.goes_out(ada)


def test_an_undated_tick_in_a_file_never_outranks_a_no_said_at_the_office(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.refuses(ada, "shared-site", evidence="spoken")
    world.clock.pass_by(days=1)

    world.brings(world.row(ada, shared_site="yes"))
    assert not world.goes_out(ada)
    world.brings(world.row(ada, shared_site="yes", answered_at=world.clock.now.isoformat()))

    assert world.goes_out(ada)


def test_the_same_mother_answers_by_file_and_at_the_office(world: World) -> None:
    ada = world.pupil("Ada Frost")
    yes = world.row(ada, shared_site="yes", answered_at="2026-09-10")
    world.brings(yes)
    assert world.goes_out(ada)

    world.refuses(ada, "shared-site")
    assert not world.goes_out(ada)
    world.clock.pass_by(days=1)
    world.brings(yes)
    assert not world.goes_out(ada), "the file says nothing new"
    world.agrees(ada, "shared-site", on="now")

    assert world.goes_out(ada)


def test_a_childs_own_no_wins_at_any_age_and_only_the_childs_own_later_yes_lifts_it(world: World) -> None:
    ada, kit = world.pupil("Ada Frost", year_group="6"), world.pupil("Kit Bell", year_group="N")
    for child in (ada, kit):
        world.agrees(child, "shared-site")
        live = world.publication(world.uploads(child, to=("shared-site",)), "shared-site")
        world.refuses(child, "shared-site", **CHILD)
        assert world.reads(live).status_code == 410
    world.clock.pass_by(days=1)

    world.agrees(ada, "shared-site", relation="mother", on="now")
    assert world.why_not(ada, "shared-site") == {"pupil:child-objects"}
    assert not world.goes_out(ada)
    world.agrees(ada, "shared-site", **CHILD, on="now")

    assert world.goes_out(ada)
    assert not world.goes_out(kit)


def test_a_childs_own_no_comes_by_file_too(world: World) -> None:
    ada = world.pupil("Ada Frost")
    yes, no = {"shared_site": "yes", "answered_at": "2026-11-10"}, {"shared_site": "no", "answered_at": "2026-09-10"}

    world.brings(world.row(ada, **yes), world.row(ada, **CHILD, **no))

    assert world.why_not(ada, "shared-site") == {"pupil:child-objects"}
    assert not world.goes_out(ada)


def test_a_childs_yes_opens_nothing_by_itself(world: World) -> None:
    ada = world.pupil("Ada Frost", year_group="6")
    world.refuses(ada, "shared-site", **CHILD)
    world.clock.pass_by(days=1)

    world.agrees(ada, "shared-site", **CHILD, on="now")

    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}
    assert not world.goes_out(ada)


def test_nobody_can_retire_a_childs_no(world: World) -> None:
    ada = world.pupil("Ada Frost")
    no = world.refuses(ada, "shared-site", **CHILD)

    for role in (Role.HEAD, Role.DSL):
        answer = world.client.post(f"/v1/consent-records/{no}/retirements", headers=world.as_role(role))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


def test_a_former_pupils_no_counts_and_still_counts_after_coming_back(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    world.agrees(ada, "shared-site")
    live = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")
    world.change_pupil(ada, left_on="2026-11-17")
    assert world.reads(live).status_code == 410
    world.refuses(ada, "shared-site", **FORMER)

    world.brings(world.row(ada, shared_site="yes", answered_at="2026-09-10"), world.row(ben))

    assert world.why_not(ada, "shared-site") == {"pupil:child-objects"}
    assert not world.goes_out(ada)


def test_a_no_is_retired_by_head_and_dsl_together_and_by_neither_alone(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    no = world.refuses(ada, "shared-site", **NO_AUTHORITY)

    assert not world.retires(no, Role.DSL)
    assert not world.retires(no, Role.DSL), "the same person twice is one person"
    assert not world.goes_out(ada)
    assert world.retires(no, Role.HEAD)

    assert world.goes_out(ada)


def test_two_heads_are_not_head_and_dsl(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    no = world.refuses(ada, "shared-site", **NO_AUTHORITY)
    assert not world.retires(no, Role.HEAD)

    second = world.client.post(f"/v1/consent-records/{no}/retirements", headers=world.another(Role.HEAD))

    assert second.json() == {"retired": False}
    assert not world.goes_out(ada)


def test_retiring_a_no_opens_nothing_by_itself(world: World) -> None:
    ada = world.pupil("Ada Frost")
    no = world.refuses(ada, "shared-site", **NO_AUTHORITY)

    assert not world.retires(no, Role.HEAD)
    assert world.retires(no, Role.DSL)

    assert world.why_not(ada, "shared-site") == {"pupil:not-recorded"}
    assert not world.goes_out(ada)


def test_a_no_of_somebody_with_authority_stands_even_if_head_and_dsl_say_otherwise(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    no = world.refuses(ada, "shared-site", relation="father")

    for role in (Role.HEAD, Role.DSL):
        answer = world.client.post(f"/v1/consent-records/{no}/retirements", headers=world.as_role(role))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")

    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}
    assert not world.goes_out(ada)


def test_nobody_but_head_and_dsl_can_retire_a_no(world: World) -> None:
    ada = world.pupil("Ada Frost")
    no = world.refuses(ada, "shared-site", **NO_AUTHORITY)

    for role in (Role.TEACHER, Role.EDITOR, Role.OFFICE, Role.SYNC):
        answer = world.client.post(f"/v1/consent-records/{no}/retirements", headers=world.as_role(role))
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")


def test_a_protected_child_comes_down_at_once_and_goes_out_again_only_when_cleared_and_asked_for(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site")
    photo = world.uploads(ada, to=("shared-site",))
    live = world.publication(photo, "shared-site")

    world.protects(ada)
    assert world.reads(live).status_code == 410
    world.works()
    assert world.is_down(live)
    assert not world.goes_out(ada)
    world.protects(ada, protected=False)
    world.works()
    assert world.outcome(photo, "shared-site") != "approved", "it stays down until somebody asks"
    world.asks_again(photo, "shared-site")

    assert world.reads(world.publication(photo, "shared-site")).status_code == 200


def test_to_a_teacher_a_protected_child_is_like_any_other_no(world: World) -> None:
    names = ("Protected", "Refused", "Silent", "Expired", "Leaver", "Conflicting")
    kinds = {name: world.pupil(f"{name} Frost") for name in names}
    friend = world.pupil("Ben Okoro")
    for child in (friend, kinds["Protected"], kinds["Leaver"], kinds["Conflicting"]):
        world.agrees(child, "website:group")
    world.agrees(kinds["Expired"], "website:group", on="2024-09-10T09:00:00Z")
    world.protects(kinds["Protected"])
    world.refuses(kinds["Refused"], "website:group")
    world.refuses(kinds["Conflicting"], "website:group", relation="father")
    world.change_pupil(kinds["Leaver"], left_on="2026-11-17")

    seen = {}
    for name, child in kinds.items():
        photo = world.photo(world.uploads(child, friend))
        (website,) = photo["destinations"]
        (finding,) = website["findings"]
        assert finding.pop("pupil") == child
        seen[name] = (photo["state"], website["outcome"], finding)

    assert len({str(one) for one in seen.values()}) == 1
    assert seen["Protected"] == (
        "prepared",
        "held",
        {
            "reason": "pupil:cannot-appear",
            "sentence": "This pupil cannot appear there.",
            "remedies": ["crop", "leave out or retake", "cover"],
        },
    )


def test_a_teacher_of_another_class_is_told_neither_who_nor_why(world: World) -> None:
    ada, ben = world.pupil("Ada Frost", reg_group="Wren"), world.pupil("Ben Okoro")
    world.agrees(ben)
    world.protects(ada)

    photo = world.uploads(ada, ben)

    (finding,) = world.photo(photo)["destinations"][0]["findings"]
    assert "pupil" not in finding
    assert finding["reason"] == "pictured:cannot-appear"
    assert world.reasons(photo) >= {"pupil:protected"}, "headteacher and DSL see the reason"
