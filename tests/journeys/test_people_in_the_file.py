"""A photo manager has named people in the picture: who is not tagged stops it, and nobody learns who is on the register."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from storage.tables import metadata
from storage.users import Role
from tests.parts.tagged import tagged
from tests.parts.world import World

HELD = {"people:tagged-in-file"}


@pytest.fixture
def ada(world: World) -> str:
    pupil = world.pupil("Ada Frost")
    world.agrees(pupil)
    return pupil


@pytest.fixture
def ben(world: World) -> str:
    pupil = world.pupil("Ben Okoro")
    world.agrees(pupil)
    return pupil


def looks(world: World, photo: str, *, seen: bool = True, role: Role = Role.EDITOR) -> None:
    answer = world.edits(photo, headers=world.as_role(role), metadata_seen=seen)
    assert answer.status_code == 200, answer.text
    world.works()


def waiting(world: World) -> list[str]:
    return [
        one["id"] for one in world.client.get("/v1/photos?waiting=metadata", headers=world.as_role(Role.OFFICE)).json()["items"]
    ]


def retags(world: World, photo: str, *pupils: str) -> None:
    assert world.edits(photo, subjects=list(pupils), declared=True).status_code == 200
    world.works()


def test_a_classmate_whom_the_software_tagged_and_nobody_declared_stops_it_until_she_is_tagged(
    world: World, ada: str, ben: str
) -> None:
    everywhere = ("website", "shared-site", f"journal:{ada}")
    photo = world.uploads(ada, to=everywhere, file=tagged("Ada Frost", "Ben Okoro"))
    assert [world.reasons(photo, to) - {"journal:closed"} for to in everywhere] == [HELD] * 3
    assert world.photo(photo)["suggested"] == [ben]
    retags(world, photo, ada, ben)
    assert (world.outcome(photo), world.photo(photo)["suggested"]) == ("approved", [])


def test_a_refusing_classmate_in_the_tags_keeps_it_in(world: World, ada: str) -> None:
    cleo = world.pupil("Cleo Abara")
    world.agrees(cleo)
    world.refuses(cleo, "shared-site")
    photo = world.uploads(ada, file=tagged("Cleo Abara"))
    assert world.reasons(photo) == HELD
    retags(world, photo, ada, cleo)
    assert (world.outcome(photo), world.reasons(photo, role=Role.TEACHER)) == ("held", {"pupil:cannot-appear"})
    retags(world, photo, cleo)
    assert world.outcome(photo) == "rejected"


def test_nobody_is_pictured_by_a_suggestion(world: World, ada: str, ben: str) -> None:
    photo = world.uploads(no_pupils="true", declared="false", file=tagged("Ada Frost"))
    assert (world.photo(photo)["suggested"], world.reasons(photo)) == ([ada], HELD)
    assert world.edits(photo, place="the hall").json()["suggested"] == [ada]
    world.works()
    assert world.reasons(photo) == HELD


@pytest.mark.parametrize(
    "file",
    [
        tagged("Ada Frost"),
        tagged("Frost, Ada"),
        tagged(keywords=("People/Ada Frost", "Ada Frost", "trip", "Year 3")),
        tagged(keywords=("Ada",)),
        tagged(caption="Ada Frost on the beach"),
        tagged(caption="OLYMPUS DIGITAL CAMERA"),
        tagged(keywords=("beach", "school trip"), caption="Our trip to the museum"),
    ],
    ids=["a region", "turned round", "keywords", "a forename", "a caption", "the camera's own", "plain words"],
)
def test_whoever_is_named_and_tagged_stops_nothing_nor_do_plain_words(world: World, ada: str, file: tuple[str, bytes]) -> None:
    photo = world.uploads(ada, file=file)
    assert (world.outcome(photo), waiting(world), world.photo(photo)["suggested"]) == ("approved", [], [])


@pytest.mark.parametrize(
    "file",
    [
        tagged("Xavier Quill"),
        tagged(keywords=("Xavier",)),
        tagged(keywords=("Ben Okoro",)),
        tagged(caption="Ada Frost and Xavier"),
        tagged("Ada Frots"),
    ],
    ids=["a stranger", "a keyword", "a classmate in the keywords", "a caption", "misspelt"],
)
def test_a_second_person_may_look_and_then_it_goes_out(world: World, ada: str, ben: str, file: tuple[str, bytes]) -> None:
    photo = world.uploads(ada, file=file)
    assert (world.reasons(photo), waiting(world)) == (HELD, [photo])
    own = world.edits(photo, metadata_seen=True)
    assert (own.status_code, own.json()["type"]) == (409, "/problems/second-person-needed")
    shown = world.client.get(f"/v1/photos/{photo}/preview", headers=world.as_role(Role.EDITOR))
    assert shown.status_code == 200
    looks(world, photo)
    assert (world.outcome(photo), waiting(world)) == ("approved", [])
    assert world.client.get(f"/v1/photos/{photo}/preview", headers=world.as_role(Role.EDITOR)).status_code == 404
    live = world.publication(photo)
    looks(world, photo, seen=False)
    assert world.is_down(live)
    assert (world.reasons(photo), waiting(world)) == (HELD, [photo])


def test_a_pupil_whom_a_tag_meant_and_who_is_taken_out_again_asks_anew(world: World, ada: str, ben: str) -> None:
    photo = world.uploads(ada, ben, file=tagged("Ada Frost", "Ben Okoro", "Xavier Quill"))
    looks(world, photo)
    live = world.publication(photo)
    retags(world, photo, ada)
    assert world.is_down(live)
    assert (world.reasons(photo), waiting(world), world.photo(photo)["suggested"]) == (HELD, [photo], [ben])


def test_a_pupil_whom_no_tag_meant_may_go_without_another_look(world: World, ada: str, ben: str) -> None:
    photo = world.uploads(ada, ben, file=tagged("Ada Frost", "Xavier Quill"))
    looks(world, photo)
    retags(world, photo, ada)
    assert (world.outcome(photo), waiting(world)) == ("approved", [])


def test_there_is_nothing_to_look_at_once_everybody_is_tagged(world: World, ada: str) -> None:
    photo = world.uploads(ada, file=tagged("Ada Frost"))
    assert world.edits(photo, headers=world.as_role(Role.OFFICE), metadata_seen=True).status_code == 409
    assert world.client.get(f"/v1/photos/{photo}/preview", headers=world.as_role(Role.OFFICE)).status_code == 404


# --- nobody is told who is on the register ----------------------------------------------------------------------------

OF_THE_MOMENT = re.compile(r"[0-9a-f]{32,64}")


def said(world: World, file: tuple[str, bytes], *subjects: str) -> list[Any]:
    """All that a teacher, and whoever looks, are told about one upload, without ids."""
    photo = world.uploads(*subjects, file=file)
    teacher = world.as_role(Role.TEACHER)
    answers = [
        world.client.get(f"/v1/photos/{photo}", headers=teacher),
        world.edits(photo, declared=True),
        world.edits(photo, metadata_seen=True),
        world.edits(photo, headers=world.as_role(Role.EDITOR), metadata_seen=True),
        world.client.get(f"/v1/photos/{photo}", headers=teacher),
    ]
    world.works()
    answers.append(world.client.get(f"/v1/photos/{photo}", headers=teacher))
    return [(one.status_code, OF_THE_MOMENT.sub("ID", one.text), sorted(one.headers)) for one in answers]


@pytest.mark.parametrize("where", ["face", "keyword", "caption"])
def test_another_classs_child_and_a_name_that_nobody_bears_get_the_same_answers(world: World, ada: str, where: str) -> None:
    world.agrees(world.pupil("Quentin Thorne", reg_group="Wren"))
    refuses = world.pupil("Rosalind Umber", reg_group="Wren")
    world.refuses(refuses, "website:group")
    guarded = world.pupil("Philippa Vance", reg_group="Wren")
    world.protects(guarded)

    def file(name: str) -> tuple[str, bytes]:
        named = {"face": tagged(name), "keyword": tagged(keywords=(name,)), "caption": tagged(caption=name)}
        return named[where]

    names = ("Quentin Thorne", "Rosalind Umber", "Philippa Vance", "Zebedee Unwin", "Quentin", "Zebedee")
    answers = [said(world, file(name), ada) for name in names]
    assert answers[0][0][0] == 200
    assert all("people:tagged-in-file" in one[0][1] for one in answers)
    assert [one == answers[0] for one in answers] == [True] * len(names)


def test_tagging_another_classs_child_does_not_say_whether_the_name_was_hers(world: World, ada: str) -> None:
    """Who knows an id must not learn the name that goes with it."""
    wren = world.pupil("Quentin Thorne", reg_group="Wren")
    world.agrees(wren)
    answers = [said(world, tagged("Ada Frost", name), ada, wren) for name in ("Quentin Thorne", "Zebedee Unwin")]
    assert answers[0] == answers[1]
    assert "people:tagged-in-file" in answers[0][0][1]


def test_a_protected_classmate_is_suggested_and_held_like_any_other(world: World, ada: str) -> None:
    cleo, dora = world.pupil("Cleo Abara"), world.pupil("Dora Abara")
    for pupil in (cleo, dora):
        world.refuses(pupil, "website:group")
    world.protects(cleo)
    answers = []
    for pupil, name in ((cleo, "Cleo Abara"), (dora, "Dora Abara")):
        photo = world.uploads(ada, file=tagged("Ada Frost", name))
        before = world.photo(photo)
        assert before["suggested"] == [pupil]
        retags(world, photo, ada, pupil)
        answers.append([OF_THE_MOMENT.sub("ID", json.dumps(one)) for one in (before, world.photo(photo))])
    assert answers[0] == answers[1]


def test_suggestions_are_for_the_uploader_head_and_dsl_and_of_the_callers_classes_alone(world: World, ada: str, ben: str) -> None:
    photo = world.uploads(ada, file=tagged("Ben Okoro"))
    assert [world.photo(photo, role=role)["suggested"] for role in (Role.TEACHER, Role.HEAD, Role.DSL)] == [[ben]] * 3
    counted = world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=True)
    looked = world.edits(photo, headers=world.as_role(Role.EDITOR), metadata_seen=True)
    assert [(one.status_code, "suggested" in one.json()) for one in (counted, looked)] == [(200, False)] * 2
    world.change_pupil(ben, reg_group="Wren")
    assert (world.photo(photo)["suggested"], world.photo(photo, role=Role.HEAD)["suggested"]) == ([], [ben])


def test_a_teacher_without_classes_is_told_of_nobody(world: World, ada: str) -> None:
    headers = world.another(Role.TEACHER, classes=())
    photo = world.uploads(ada, file=tagged("Ada Frost"), headers=headers)
    assert world.reasons(photo) == HELD
    answer = world.client.get(f"/v1/photos/{photo}", headers=headers)
    assert answer.json()["suggested"] == []


def test_a_pupil_who_comes_later_changes_nothing_until_somebody_looks(world: World, ada: str) -> None:
    photo = world.uploads(ada, file=tagged("Xavier Quill"))
    late = world.pupil("Xavier Quill")
    world.agrees(late)
    world.works()
    assert (world.reasons(photo), world.photo(photo)["suggested"]) == (HELD, [])
    retags(world, photo, ada, late)
    assert world.reasons(photo) == HELD


# --- no word of it is kept --------------------------------------------------------------------------------------------


def test_no_text_of_a_file_is_stored_logged_or_shown(world: World, ada: str, capfd: pytest.CaptureFixture[str]) -> None:
    planted = ("Quillfeather", "Ashdownwolf", "Brackwaterly")
    file = tagged("Otto Quillfeather", "Ada Frost", keywords=("Pia Ashdownwolf",), caption="Ida Brackwaterly in the rain")
    photo = world.uploads(ada, file=file)
    with world.house.engine.connect() as connection:
        rows = [str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    shown = [world.client.get(f"/v1/photos/{photo}", headers=world.as_role(role)).text for role in (Role.TEACHER, Role.HEAD)]
    looks(world, photo)
    decided = world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).text
    kept = "\n".join([*rows, *shown, decided, *capfd.readouterr()]).casefold()
    assert photo in kept
    assert [word for word in planted if word.casefold() in kept] == []


def test_suggestions_go_when_the_photo_is_disposed_of(world: World, ada: str, ben: str) -> None:
    photo = world.uploads(ada, file=tagged("Ben Okoro"))
    world.clock.pass_by(days=500)
    world.sweeps()
    world.works()
    assert world.photo(photo)["state"] == "disposed"
    assert world.photo(photo)["suggested"] == []
