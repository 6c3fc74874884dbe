"""Adoption: what was said before opens nothing any more, and a no said before still closes."""

from storage.users import Role
from tests.parts.world import World


def test_adoption_takes_live_pictures_down_at_once(world: World) -> None:
    cy, ada = world.pupil("Cy Marsh"), world.pupil("Ada Frost")
    for child in (cy, ada):
        world.agrees(child)
    photo = world.uploads(cy, ada, to=("website", "shared-site"))
    live = [world.publication(photo, to) for to in ("website", "shared-site")]

    world.change_pupil(cy, legal_status="adopted", surname="Hale")

    assert [world.reads(one).status_code for one in live] == [410, 410]
    world.works()
    assert all(world.is_down(one) for one in live)
    assert world.objects_with_bytes() == []


def test_after_an_adoption_the_new_mothers_fresh_dated_yes_alone_opens(world: World) -> None:
    cy = world.pupil("Cy Marsh")
    world.agrees(cy, "shared-site")
    world.change_pupil(cy, legal_status="adopted")
    world.clock.pass_by(days=1)
    assert not world.goes_out(cy)

    world.agrees(cy, "shared-site", on=None)
    assert not world.goes_out(cy), "an undated tick may be the birth mother's"
    world.clock.pass_by(days=1)
    world.agrees(cy, "shared-site", on="now")

    assert world.goes_out(cy)


def test_a_yes_dated_before_the_adoption_opens_nothing_whenever_it_arrives(world: World) -> None:
    cy = world.pupil("Cy Marsh")
    world.change_pupil(cy, legal_status="adopted", legal_status_since="2026-11-02T09:00:00Z")

    world.agrees(cy, "shared-site", on="2026-11-01T09:00:00Z")

    assert world.why_not(cy, "shared-site") == {"pupil:void"}
    assert not world.goes_out(cy)


def test_the_birth_mothers_no_outlives_the_adoption_until_head_and_dsl_retire_it(world: World) -> None:
    cy = world.pupil("Cy Marsh")
    no = world.refuses(cy, "shared-site", relation="mother")
    world.change_pupil(cy, legal_status="adopted")
    world.clock.pass_by(days=1)
    world.agrees(cy, "shared-site", relation="mother", on="now")
    assert world.why_not(cy, "shared-site") == {"pupil:conflicting"}

    assert not world.retires(no, Role.HEAD)
    assert not world.goes_out(cy)
    assert world.retires(no, Role.DSL)

    assert world.goes_out(cy)


def test_an_adoption_that_comes_by_file_does_the_same(world: World) -> None:
    cy = world.pupil("Cy Marsh")
    world.agrees(cy, "shared-site")
    publication = world.publication(world.uploads(cy, to=("shared-site",)), "shared-site")
    order = {"legal_status": "adopted", "legal_status_since": "2026-11-01"}

    world.brings(world.row(cy, shared_site="yes", answered_at="2026-09-10", **order))

    assert world.reads(publication).status_code == 410
    assert not world.goes_out(cy)
    world.brings(world.row(cy, shared_site="yes", answered_at="2026-11-10", **order))
    assert world.goes_out(cy)


def test_the_old_and_the_new_surname_are_both_kept_out_of_words(world: World) -> None:
    cy = world.pupil("Cy Marsh")
    world.agrees(cy, "shared-site")
    world.change_pupil(cy, legal_status="adopted", surname="Whitlock")
    world.clock.pass_by(days=1)
    world.agrees(cy, "shared-site", on="now")

    for title in ("Marsh family trees", "The Whitlock bridge"):
        photo = world.uploads(cy, to=("shared-site",), title=title)
        assert world.reasons(photo, "shared-site") == {"words:held"}
    assert world.goes_out(cy, title="Family trees")
