"""The two reprimands of 2020, told so that they can't happen here, and a withdrawal that takes a picture down by itself."""

from tests.parts.world import World


def test_a_class_photo_with_an_adopted_child_whose_parents_refused_never_reaches_the_press(world: World) -> None:
    ada, ben, cy = (world.pupil(name) for name in ("Ada Frost", "Ben Okoro", "Cy Marsh"))
    for child in (ada, ben, cy):
        world.agrees(child)
    world.change_pupil(cy, legal_status="adopted", legal_status_since="2026-10-01T09:00:00Z")
    world.refuses(cy, "website:group", relation="mother")

    photo = world.uploads(ada, ben, cy, to=("website", "high-profile"))

    assert world.outcome(photo, "website") == "held"
    assert world.outcome(photo, "high-profile") == "held"
    assert "pupil:refused" in world.reasons(photo, "website")
    assert world.published() == []
    assert world.objects_with_bytes() == []


def test_a_class_photo_proof_does_not_go_to_other_families_when_two_families_refused(world: World) -> None:
    owner = world.pupil("Olive Hart", year_group="R")
    friends = [world.pupil(name, year_group="R") for name in ("Finn Ward", "Gwen Ito")]
    for child in (owner, *friends):
        world.agrees(child)
    for child in friends:
        world.refuses(child, "journal:shared", relation="father")

    photo = world.uploads(owner, *friends, to=(f"journal:{owner}", "shared-site"))

    assert world.outcome(photo, f"journal:{owner}") == "held"
    assert world.outcome(photo, "shared-site") == "held"
    assert world.objects_with_bytes() == []


def test_a_withdrawal_takes_a_live_picture_down_with_a_receipt(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    photo = world.uploads(ada, ben)
    publication = world.publication(photo)
    assert world.reads(publication).status_code == 200

    world.refuses(ben, "shared-site", relation="father")

    assert world.reads(publication).status_code == 410
    assert world.published() == []
    world.works()
    assert world.is_down(publication)
    assert world.objects_with_bytes() == []
    assert [(one["type"], one["id"]) for one in world.changes()] == [("Create", publication), ("Delete", publication)]
