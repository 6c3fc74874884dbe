"""How large a picture goes where: the school's policy says it, and when the policy changes what is live follows."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from storage.users import Role
from tests.parts.world import World, picture

LARGE = (3000, 2000)


@pytest.fixture
def ada(world: World) -> str:
    child = world.pupil("Ada Frost", year_group="R")
    world.agrees(child)
    return child


def camera_file(world: World) -> tuple[str, bytes]:
    return ("IMG_0001.JPG", picture(next(world.numbers), size=LARGE))


def listed(world: World, to: str) -> list[dict[str, Any]]:
    """The files of the only publication at a destination, the smallest first."""
    (found,) = world.published(to, role=Role.HEAD)
    return list(found["renditions"])


def names(world: World, to: str) -> list[str]:
    return [one["name"] for one in listed(world, to)]


def read(world: World, to: str) -> list[tuple[int, int]]:
    """How large the files really are that a reader gets."""
    answers = [world.client.get(one["href"], headers=world.as_role(Role.HEAD)) for one in listed(world, to)]
    assert all(one.status_code == 200 for one in answers)
    return [Image.open(BytesIO(one.content)).size for one in answers]


def test_the_website_never_gets_more_than_1600_and_a_journal_and_the_shared_site_get_2560(world: World, ada: str) -> None:
    journal = f"journal:{ada}"
    photo = world.uploads(ada, to=("website", "shared-site", journal), file=camera_file(world))

    assert names(world, "website") == ["320", "800", "1600"]
    assert read(world, "website") == [(320, 213), (800, 533), (1600, 1067)]
    for to in ("shared-site", journal):
        assert names(world, to) == ["320", "800", "2560"]
        assert read(world, to) == [(320, 213), (800, 533), (2560, 1707)]
    assert len(world.objects_with_bytes()) == 9, "nothing else lies in the publish bucket"
    assert world.reads(world.publication(photo), "2560").status_code == 404


def test_nothing_of_a_size_that_is_not_for_the_website_is_in_its_rows_its_receipt_or_the_bucket(world: World, ada: str) -> None:
    photo = world.uploads(ada, file=camera_file(world))
    live = world.publication(photo)
    held = [world.house.stores.published.get(key) or b"" for key in world.objects_with_bytes()]
    assert sorted(max(Image.open(BytesIO(one)).size) for one in held) == [320, 800, 1600]

    world.refuses(ada, "website:individual")
    world.works()

    assert sorted(one["rendition"] for one in world.receipt(live)["probes"]) == ["1600", "320", "800"]
    assert world.is_down(live)


def test_a_small_picture_is_never_made_larger(world: World, ada: str) -> None:
    world.uploads(ada, to=("website", "shared-site"), file=("IMG.JPG", picture(1, size=(500, 400))))
    assert read(world, "website") == [(320, 256), (500, 400), (500, 400)]
    assert read(world, "shared-site") == [(320, 256), (500, 400), (500, 400)]


def test_a_school_lowers_its_website_and_what_is_larger_comes_down_and_goes_out_again_smaller(world: World, ada: str) -> None:
    photo = world.uploads(ada, to=("website", "shared-site"), file=camera_file(world))
    website, shared = world.publication(photo), world.publication(photo, "shared-site")

    world.policy(website="[320, 800]")

    assert world.reads(website, "320").status_code == 410, "from the commit on"
    assert world.published() == []
    world.works()
    assert world.is_down(website)
    assert [one["reason"] for one in world.receipt(website)["because"]] == ["image:too-large"]
    again = world.publication(photo)
    assert again != website
    assert read(world, "website") == [(320, 213), (800, 533)]
    assert world.reads(again, "1600").status_code == 404
    assert world.publication(photo, "shared-site") == shared, "elsewhere nothing changed"
    assert [one["type"] for one in world.changes()] == ["Create", "Create", "Delete", "Create"]
    assert len(world.objects_with_bytes()) == 5


def test_a_school_that_names_fewer_or_larger_sizes_takes_nothing_down(world: World, ada: str) -> None:
    photo = world.uploads(ada, file=camera_file(world))
    live = world.publication(photo)
    for sides in ("[320, 1600]", "[320, 800, 1600, 2048]", "[2560]"):
        world.policy(website=sides)
        world.works()
        world.sweeps()
        assert world.publication(photo) == live
        assert names(world, "website") == ["320", "800", "1600"]


def test_what_a_no_keeps_down_is_not_brought_back_by_a_change_of_sizes(world: World, ada: str) -> None:
    photo = world.uploads(ada, to=("website", "shared-site"), file=camera_file(world))
    website = world.publication(photo)
    world.refuses(ada, "website:individual")
    world.works()

    world.clock.pass_by(seconds=1)
    world.agrees(ada, "website:individual", on="now")
    world.policy(website="[320]", **{"shared-site": "[320, 640]"})
    world.works()

    assert world.is_down(website)
    assert world.published() == [], "what came down stays down until somebody asks again"
    assert names(world, "shared-site") == ["320", "640"]
    world.asks_again(photo, "website")
    assert names(world, "website") == ["320"]


@pytest.mark.parametrize("sides", ["[320, 1200]", "[500]"])
def test_a_size_that_nobody_asked_for_before_is_made_from_the_original(world: World, ada: str, sides: str) -> None:
    photo = world.uploads(ada, file=camera_file(world))
    world.policy(website=sides)
    world.works()
    assert world.outcome(photo) == "approved"
    wanted = [int(one) for one in sides.strip("[]").split(", ")]
    assert [max(one) for one in read(world, "website")] == wanted


def test_a_photo_that_waited_goes_out_in_the_sizes_of_the_policy_in_force_by_then(world: World, ada: str) -> None:
    ben = world.pupil("Ben Okoro", year_group="R")
    photo = world.uploads(ada, ben, to=("shared-site",), file=camera_file(world))
    assert world.outcome(photo, "shared-site") != "approved"
    world.policy(**{"shared-site": "[400, 3000]"})
    world.agrees(ben)
    world.works()
    assert [max(one) for one in read(world, "shared-site")] == [400, 3000]


def test_after_the_original_is_gone_a_lower_size_takes_the_picture_down_for_good(world: World, ada: str) -> None:
    photo = world.uploads(ada, to=("website", "shared-site"), file=camera_file(world))
    website, shared = world.publication(photo), world.publication(photo, "shared-site")
    world.clock.pass_by(days=31)
    world.register_seen()
    world.sweeps()
    world.works()
    assert world.photo(photo)["state"] == "disposed"

    world.policy(website="[320, 800]")
    world.works()

    assert world.is_down(website)
    assert (world.outcome(photo), world.reasons(photo)) == ("held", {"image:missing"})
    assert world.publication(photo, "shared-site") == shared
