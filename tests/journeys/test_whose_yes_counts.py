"""Families: whose yes opens something. The law of England decides it, never a tick alone."""

from datetime import UTC, datetime

import pytest

from tests.parts.world import World

BEFORE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""The order was made before anybody in these stories answered."""
ORDERS = ["care-order", "interim-care-order", "emergency-protection-order"]
AUTHORITY = {"relation": "local-authority", "authority": "local-authority"}
GUARDIAN = {"relation": "special-guardian", "authority": "special-guardian"}
CARER = {"relation": "foster-carer", "authority": "delegated"}
STEP_FATHER = {"relation": "step-parent", "authority": "none"}


def test_two_parents_who_agree_open_what_they_agreed_to(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    world.agrees(ada, "shared-site", relation="father")

    assert world.goes_out(ada)


def test_one_parent_is_enough_while_nobody_refuses(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="father")

    assert world.goes_out(ada)


@pytest.mark.parametrize("refused_first", [True, False])
def test_of_two_parents_the_one_who_refuses_wins_in_either_order(world: World, *, refused_first: bool) -> None:
    for refusal_on in ("2026-09-09T09:00:00Z", "2026-09-11T09:00:00Z", "now", None):
        ada = world.pupil("Ada Frost")
        if refused_first:
            world.refuses(ada, "shared-site", relation="father", on=refusal_on)
        world.agrees(ada, "shared-site", relation="mother")
        if not refused_first:
            world.refuses(ada, "shared-site", relation="father", on=refusal_on)

        assert not world.goes_out(ada)
        assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}


def test_a_child_looked_after_by_agreement_is_the_parents_to_say_yes_for_and_not_the_authoritys(world: World) -> None:
    ada = world.pupil("Ada Frost", legal_status="section-20", legal_status_since=BEFORE)
    world.agrees(ada, "shared-site", **AUTHORITY)
    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}
    assert not world.goes_out(ada)

    world.agrees(ada, "shared-site", relation="mother")

    assert world.goes_out(ada)


def test_under_a_care_order_only_the_authoritys_yes_counts(world: World) -> None:
    for order in ORDERS:
        ada = world.pupil("Ada Frost", legal_status=order, legal_status_since=BEFORE)
        world.agrees(ada, "shared-site", relation="mother")
        assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}
        assert not world.goes_out(ada)

        world.agrees(ada, "shared-site", **AUTHORITY)

        assert world.goes_out(ada)


def test_under_a_care_order_a_birth_parents_no_still_stands(world: World) -> None:
    ada = world.pupil("Ada Frost", legal_status="care-order", legal_status_since=BEFORE)
    world.agrees(ada, "shared-site", **AUTHORITY)
    world.refuses(ada, "shared-site", relation="mother")

    assert not world.goes_out(ada)
    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}


def test_a_new_order_voids_every_yes_given_before_and_takes_the_picture_down(world: World) -> None:
    for order in (*ORDERS, "special-guardianship", "section-20", "unknown"):
        ada = world.pupil("Ada Frost")
        world.agrees(ada, "shared-site", relation="mother")
        publication = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

        world.change_pupil(ada, legal_status=order)

        assert world.reads(publication).status_code == 410
        assert "pupil:void" in world.why_not(ada, "shared-site")
        world.works()
        assert world.is_down(publication)


def test_when_an_order_ends_the_parents_must_say_yes_anew(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    world.change_pupil(ada, legal_status="care-order")
    world.clock.pass_by(days=1)
    world.agrees(ada, "shared-site", **AUTHORITY, on="now")
    live = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

    world.change_pupil(ada, legal_status="no-order")
    assert world.reads(live).status_code == 410
    assert world.why_not(ada, "shared-site") == {"pupil:no-authority", "pupil:void"}
    world.clock.pass_by(days=1)
    world.agrees(ada, "shared-site", relation="mother", on="now")

    assert world.goes_out(ada)


def test_under_special_guardianship_the_guardian_alone_says_yes(world: World) -> None:
    ada = world.pupil("Ada Frost", legal_status="special-guardianship", legal_status_since=BEFORE)
    world.agrees(ada, "shared-site", relation="mother")
    world.agrees(ada, "shared-site", **AUTHORITY)
    assert not world.goes_out(ada)

    world.agrees(ada, "shared-site", **GUARDIAN)

    assert world.goes_out(ada)


@pytest.mark.parametrize("order", ["care-order", "section-20"])
def test_a_foster_carer_opens_only_what_was_delegated_in_writing(world: World, order: str) -> None:
    ada = world.pupil("Ada Frost", legal_status=order, legal_status_since=BEFORE)
    world.agrees(ada, "shared-site", "website:group", **CARER)
    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}
    assert not world.goes_out(ada)

    world.person(ada, **CARER, delegated=["shared-site"])

    assert world.goes_out(ada)
    assert world.why_not(ada, "website:group") == {"pupil:no-authority"}


def test_what_is_no_longer_delegated_comes_down(world: World) -> None:
    ada = world.pupil("Ada Frost", legal_status="care-order", legal_status_since=BEFORE)
    world.person(ada, **CARER, delegated=["shared-site"])
    world.agrees(ada, "shared-site", **CARER)
    publication = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

    world.person(ada, **CARER, delegated=["journal:own"])

    assert world.reads(publication).status_code == 410


def test_a_foster_carers_no_stands_without_any_delegation(world: World) -> None:
    ada = world.pupil("Ada Frost", legal_status="section-20", legal_status_since=BEFORE)
    world.agrees(ada, "shared-site", relation="mother")
    world.refuses(ada, "shared-site", **CARER)

    assert not world.goes_out(ada)


def test_a_step_parents_yes_is_nothing(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", **STEP_FATHER)

    assert not world.goes_out(ada)
    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}


def test_a_step_parents_no_stands(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="mother")
    publication = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

    world.refuses(ada, "shared-site", **STEP_FATHER)

    assert world.reads(publication).status_code == 410
    assert not world.goes_out(ada)


def test_a_barred_parents_yes_is_nothing_and_their_no_stands(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.person(ada, relation="father", authority="parental-responsibility", barred=True)
    world.agrees(ada, "shared-site", relation="father")
    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}
    assert not world.goes_out(ada)

    world.agrees(ada, "shared-site", relation="mother")
    assert world.goes_out(ada)
    world.refuses(ada, "shared-site", relation="father")

    assert not world.goes_out(ada)


def test_what_rests_on_a_parent_alone_comes_down_when_a_court_bars_that_parent(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", relation="father")
    publication = world.publication(world.uploads(ada, to=("shared-site",)), "shared-site")

    world.person(ada, relation="father", authority="parental-responsibility", barred=True)

    assert world.reads(publication).status_code == 410


def test_where_two_parents_were_asked_both_must_agree(world: World) -> None:
    ada = world.pupil("Ada Frost")
    for relation in ("mother", "father"):
        world.person(ada, relation=relation, authority="parental-responsibility", asked=["shared-site"])
    world.agrees(ada, "shared-site", relation="mother")
    assert not world.goes_out(ada)
    assert world.why_not(ada, "shared-site") == {"pupil:not-every-parent"}

    world.agrees(ada, "shared-site", relation="father")

    assert world.goes_out(ada)


def test_who_was_asked_is_not_forgotten_by_a_file_that_says_nothing_about_it(world: World) -> None:
    ada = world.pupil("Ada Frost")
    for relation in ("mother", "father"):
        world.person(ada, relation=relation, authority="parental-responsibility", asked=["shared-site"])
    world.agrees(ada, "shared-site", relation="mother")

    world.brings(world.row(ada), world.row(ada, relation="father"))

    assert world.why_not(ada, "shared-site") == {"pupil:not-every-parent"}


def test_a_court_order_is_not_forgotten_by_a_file_that_says_nothing_about_it(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.person(ada, relation="father", authority="parental-responsibility", barred=True)

    world.brings(world.row(ada, relation="father", shared_site="yes", answered_at="2026-09-10"))

    assert world.why_not(ada, "shared-site") == {"pupil:no-authority"}


def test_two_mothers_are_two_people(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", person="anna")
    world.refuses(ada, "shared-site", person="beth")
    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}

    world.clock.pass_by(days=1)
    world.agrees(ada, "shared-site", person="anna", on="now")
    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}
    world.agrees(ada, "shared-site", person="beth", on="now")

    assert world.goes_out(ada)


def test_a_yes_of_one_of_two_mothers_must_say_which_and_a_no_need_not(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada, "shared-site", person="anna")
    world.agrees(ada, "shared-site", person="beth")

    unnamed = world.answers(ada, "website:group")
    assert unnamed.status_code == 409
    assert unnamed.json()["type"] == "/problems/conflict"
    world.refuses(ada, "shared-site")

    assert world.why_not(ada, "shared-site") == {"pupil:conflicting"}
