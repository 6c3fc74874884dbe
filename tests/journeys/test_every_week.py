"""Every week in a school: what happens to ordinary pictures on ordinary days."""

from typing import Any

import pytest

from consent.events import Event
from storage.users import Role
from tests.parts.world import World, picture, upn

TO = "shared-site"
REMEDIES = ["crop", "leave out or retake", "cover"]


def robins(world: World, count: int = 2) -> list[str]:
    """Children of Robin class whose mothers agreed to everything."""
    names = ["Ada Frost", "Ben Okoro", "Cleo Marsh", "Dev Patel"][:count]
    children = [world.pupil(name) for name in names]
    for child in children:
        world.agrees(child)
    return children


def findings(world: World, photo: str, to: str = "website") -> list[dict[str, Any]]:
    """What the teacher is told."""
    (found,) = [one for one in world.photo(photo)["destinations"] if one["destination"] == to]
    return list(found["findings"])


def test_a_class_photo_with_one_refused_child_is_held_and_goes_out_once_retaken_without_that_child(world: World) -> None:
    ada, ben, cleo = robins(world, 3)
    world.refuses(cleo, "website:group", relation="father")

    photo = world.uploads(ada, ben, cleo)

    assert (world.outcome(photo), world.objects_with_bytes()) == ("held", [])
    (told,) = findings(world, photo)
    assert (told["pupil"], told["remedies"]) == (cleo, REMEDIES)
    assert world.goes_out(ada, ben, to="website")
    assert world.outcome(photo) == "held"


@pytest.mark.parametrize("others", [["unknown-child"], ["adult"]])
def test_somebody_unknown_is_met_with_the_same_remedies_as_a_child_who_may_not_appear(world: World, others: list[str]) -> None:
    photo = world.uploads(*robins(world), others=others)

    (told,) = findings(world, photo)

    assert told["remedies"] == REMEDIES


PEOPLE_IN_THE_BACK = {
    ("unknown-child",): False,
    ("outsider-confirmed", "outsider-confirmed"): True,
    ("outsider-confirmed", "unknown-child"): False,
    ("staff",): True,
    ("adult-agreed",): True,
    ("adult",): False,
}


def test_people_in_the_back_of_a_picture_must_be_staff_or_have_agreed(world: World) -> None:
    children = robins(world)

    found = {others: world.goes_out(*children, to="website", others=list(others)) for others in PEOPLE_IN_THE_BACK}

    assert found == PEOPLE_IN_THE_BACK


def test_work_without_children_goes_out_without_anybodys_consent(world: World) -> None:
    assert world.goes_out(to="website", no_pupils="true", title="Our volcano")


def test_work_with_a_readable_name_in_its_words_is_held(world: World) -> None:
    robins(world)

    photo = world.uploads(no_pupils="true", title="Ada's volcano")

    assert world.reasons(photo) == {"words:held"}
    assert world.photo(photo)["words"]["title"] == "volcano", "a suggestion without the name"
    assert world.objects_with_bytes() == []


def test_a_tag_with_a_name_is_left_out_and_the_rest_goes_out(world: World) -> None:
    ada, ben = robins(world)

    world.uploads(ada, ben, tags=["sports", "Ada", "Okoro family"], title="Sports day")

    (shown,) = world.published()
    assert (shown["title"], shown["tags"]) == ("Sports day", ["sports"])


def test_a_yes_by_telephone_is_refused_and_a_no_by_telephone_counts_at_once(world: World) -> None:
    ada, ben = robins(world)
    live = world.publication(world.uploads(ada, ben))

    spoken = world.answers(ada, "website:group", "given", evidence="spoken")
    assert (spoken.status_code, spoken.json()["type"]) == (422, "/problems/invalid")
    world.refuses(ben, "website:group", evidence="spoken")

    assert world.reads(live).status_code == 410


def test_yes_but_not_her_face_is_a_refusal(world: World) -> None:
    ada, ben = robins(world)
    world.refuses(ada, "website:group", relation="mother", on="2026-10-01T09:00:00Z")

    assert not world.goes_out(ada, ben, to="website")
    assert world.why_not(ada, "website:group") == {"pupil:refused"}


def test_twins_nobody_tells_apart_are_both_tagged_and_held_if_one_may_not_appear(world: World) -> None:
    ida, eva = world.pupil("Ida Lunn"), world.pupil("Eva Lunn")
    for twin in (ida, eva):
        world.agrees(twin)
    world.refuses(eva, TO, relation="father")

    assert not world.goes_out(ida, eva)
    assert world.goes_out(ida)


def test_a_new_name_is_looked_for_in_what_is_live_and_waits_for_new_words(world: World) -> None:
    ada, ben = robins(world)
    named, other = (world.uploads(ada, ben, title=title) for title in ("The Hale storm", "Autumn walk"))
    live, still = world.publication(named), world.publication(other)

    world.change_pupil(ada, surname="Hale")

    assert (world.reads(live).status_code, world.reads(still).status_code) == (410, 200)
    for _ in range(3):
        world.asks_again(named, "website")
        assert world.reasons(named) == {"words:held"}, "a person writes the words, however often it is asked for"
    assert world.edits(named, words={"title": "A storm"}).status_code == 200
    world.asks_again(named, "website")
    assert world.reads(world.publication(named)).status_code == 200


def test_the_old_name_is_scrubbed_after_a_name_change(world: World) -> None:
    ada, ben = robins(world)
    world.change_pupil(ada, forename="Adam", surname="Hale")

    for title in ("Ada jumps", "Frosty morning", "Adam jumps", "Hale storm"):
        assert world.reasons(world.uploads(ada, ben, title=title)) == {"words:held"}
    assert world.goes_out(ada, ben, to="website", title="Jumping")


@pytest.mark.parametrize("kind", ["known_as", "middle"])
def test_the_name_a_child_was_called_by_before_is_scrubbed_too(world: World, kind: str) -> None:
    ada = world.pupil("Ada Frost", **{kind: "Lily"})
    world.agrees(ada)
    world.change_pupil(ada, **{kind: "Leo"})

    for title in ("Lily sings", "Leo sings"):
        assert world.reasons(world.uploads(ada, title=title)) == {"words:held"}


def test_a_new_starters_name_is_looked_for_in_what_is_live_and_a_leavers_still_is(world: World) -> None:
    ada, ben = robins(world)
    live = world.publication(world.uploads(ada, ben, title="The Hale storm"))

    world.brings(world.row(ada), world.row(ben), world.row(ada) | {"upn": upn(900), "forename": "Cora", "surname": "Hale"})

    assert world.reads(live).status_code == 410
    world.change_pupil(ben, left_on="2026-11-17")
    assert not world.goes_out(ada, title="Okoro wins", to="website")


def test_new_words_go_out_in_place_of_the_old_ones(world: World) -> None:
    photo = world.uploads(*robins(world), title="Leaves")
    first = world.publication(photo)

    assert world.edits(photo, words={"title": "Autumn", "tags": ["Ada", "leaves"]}).status_code == 200
    assert world.reads(first).status_code == 410
    world.works()

    (shown,) = world.published()
    assert (shown["title"], shown["tags"]) == ("Autumn", ["leaves"])
    assert world.is_down(first)


def test_a_photo_that_waited_through_a_name_change_is_read_again_before_it_goes_out(world: World) -> None:
    ada, ben = robins(world)
    cleo = world.pupil("Cleo Marsh")
    photo = world.uploads(ada, ben, cleo, title="The Hale storm")
    assert world.reasons(photo) == {"pupil:not-recorded"}

    world.change_pupil(ada, surname="Hale")
    world.agrees(cleo)
    world.works()

    assert world.reasons(photo) == {"words:held"}
    assert world.objects_with_bytes() == []


def test_after_a_death_everything_is_down_and_comes_back_only_one_by_one(world: World) -> None:
    ada, ben = robins(world)
    photos = [world.uploads(ada, ben), world.uploads(ada, ben)]
    live = [world.publication(photo) for photo in photos]

    world.change_pupil(ada, suspended=True)
    assert [world.reads(one).status_code for one in live] == [410, 410]
    assert not world.goes_out(ada, ben)
    world.change_pupil(ada, suspended=False)
    world.works()
    assert [world.outcome(photo) for photo in photos] == ["held", "held"]
    world.asks_again(photos[0], "website")

    assert [world.outcome(photo) for photo in photos] == ["approved", "held"]


def test_when_a_teacher_corrects_who_is_pictured_the_live_picture_comes_down_first(world: World) -> None:
    ada, ben, cleo = robins(world, 3)
    photo = world.uploads(ada, ben)
    live = world.publication(photo)

    assert world.edits(photo, subjects=[ada, cleo]).status_code == 200
    assert world.reads(live).status_code == 410
    world.works()
    assert world.reasons(photo) == {"subjects:undeclared"}, "the old declaration was about other children"
    assert world.edits(photo, declared=True).status_code == 200
    world.works()

    assert world.is_down(live)
    assert world.reads(world.publication(photo)).status_code == 200


def test_a_correction_to_a_child_who_may_not_appear_leaves_nothing_up(world: World) -> None:
    ada, ben, cleo = robins(world, 3)
    world.refuses(cleo, "website:group")
    photo = world.uploads(ada, ben)

    assert world.edits(photo, subjects=[ada, ben, cleo], declared=True).status_code == 200
    world.works()

    assert world.reasons(photo) == {"pupil:refused"}
    assert world.objects_with_bytes() == []


@pytest.mark.parametrize(
    ("said", "reason"), [({"place": "Year 2 changing room"}, "place:prohibited"), ({"aware": "false"}, "aware:no")]
)
def test_a_picture_from_a_prohibited_place_or_of_unaware_children_is_rejected_and_reported(
    world: World, said: dict[str, str], reason: str
) -> None:
    photo = world.uploads(*robins(world), to=("website", TO), **said)

    assert [(world.outcome(photo, to), world.reasons(photo, to)) for to in ("website", TO)] == [("rejected", {reason})] * 2
    (report,) = world.recorded(Event.PLACE_REPORTED)
    assert report["photo"] == photo
    assert world.objects_with_bytes() == []


@pytest.mark.parametrize("said", [{"place": "boys' toilets"}, {"aware": False}])
def test_a_place_that_is_owned_up_to_later_takes_the_picture_down_and_is_reported(world: World, said: dict[str, Any]) -> None:
    photo = world.uploads(*robins(world))
    live = world.publication(photo)

    assert world.edits(photo, **said).status_code == 200

    assert world.reads(live).status_code == 410
    assert len(world.recorded(Event.PLACE_REPORTED)) == 1
    world.works()
    assert world.outcome(photo) == "rejected"


def test_what_waits_for_a_yes_goes_out_by_itself_when_the_office_records_it(world: World) -> None:
    ada, ben = robins(world)
    cleo = world.pupil("Cleo Marsh")
    photo = world.uploads(ada, ben, cleo, to=("website", TO))
    assert [world.outcome(photo, to) for to in ("website", TO)] == ["held", "held"]

    world.agrees(cleo, TO)
    world.works()

    assert [world.outcome(photo, to) for to in ("website", TO)] == ["held", "approved"]


def test_what_was_withdrawn_stays_down_after_a_new_yes_until_somebody_asks(world: World) -> None:
    ada, ben = robins(world)
    photo = world.uploads(ada, ben)
    first = world.publication(photo)
    world.refuses(ada, "website:group")
    world.works()
    world.clock.pass_by(days=1)

    world.agrees(ada, "website:group", on="now")
    world.works()
    world.sweeps()
    world.works()
    assert (world.outcome(photo), world.objects_with_bytes()) == ("held", [])
    assert world.edits(photo, words={"title": "Autumn"}).status_code == 200
    world.works()
    assert world.outcome(photo) == "held", "new words are no new request"
    world.asks_again(photo, "website")

    second = world.publication(photo)
    assert second != first
    assert (world.reads(first).status_code, world.reads(second).status_code) == (410, 200)


def test_a_second_teacher_can_neither_see_nor_change_the_first_ones_photo(world: World) -> None:
    photo, second = world.uploads(*robins(world)), world.another(Role.TEACHER)

    assert world.client.get(f"/v1/photos/{photo}", headers=second).status_code == 404
    assert world.edits(photo, headers=second, subjects=[], no_pupils=True).status_code == 404


def test_the_same_picture_sent_twice_is_two_photos_unless_the_sender_says_it_is_one(world: World) -> None:
    ada, ben = robins(world)
    file, key = ("IMG_0001.JPG", picture(7)), {"idempotency-key": "camera-7"}

    def sent(**more: str) -> str:
        answer = world.sends(ada, ben, file=file, headers=world.as_role(Role.TEACHER) | more)
        assert answer.status_code == 201
        return str(answer.json()["id"])

    assert sent() != sent()
    assert sent(**key) == sent(**key)


def test_what_was_held_and_forgotten_is_disposed_of_after_ten_school_days(world: World) -> None:
    ada, ben = robins(world)
    world.refuses(ben, "website:group")
    photo = world.uploads(ada, ben)
    assert len(world.originals()) == 1

    world.clock.pass_by(days=13)
    world.sweeps()
    world.works()
    assert world.photo(photo)["state"] == "prepared"
    world.clock.pass_by(days=1)
    world.sweeps()
    world.works()

    assert (world.photo(photo)["state"], world.originals()) == ("disposed", [])
    assert world.edits(photo, destinations=["website"]).status_code == 409, "there is nothing left that could go out"


def test_what_is_published_outlives_its_original_and_a_correction_still_takes_it_down(world: World) -> None:
    ada, ben = robins(world)
    photo = world.uploads(ada, ben)
    live = world.publication(photo)

    world.clock.pass_by(days=31)
    world.sweeps()
    world.works()

    assert (world.photo(photo)["state"], world.originals()) == ("disposed", [])
    assert world.reads(live).status_code == 200
    assert world.edits(photo, subjects=[ada], declared=True).status_code == 200
    world.works()
    assert world.is_down(live)
    assert world.outcome(photo) == "held"
