"""Doubt closes the gate: whatever is missing, contradictory or broken holds the picture, loses nothing, and can be put right."""

from collections.abc import Iterator
from typing import Any

import pytest

import consent.rules
from consent.case import Case
from consent.reasons import Finding
from consent.rules import RULES
from service import operate
from storage.users import Role
from tests.parts.equipment import undecodable_png
from tests.parts.world import World, picture

TO = "shared-site"


def holds(world: World, photo: str, *reasons: str, to: str = TO) -> None:
    """The photo is held for these reasons, not one byte is published, and the original is still there."""
    assert (world.outcome(photo, to), world.reasons(photo, to)) == ("held", set(reasons))
    assert world.published(to) == []
    assert world.objects_with_bytes() == []
    assert len(world.originals()) == 1


def goes_out(world: World, photo: str, to: str = TO) -> None:
    """The photo that was held is published now."""
    world.works()
    assert world.reads(world.publication(photo, to)).status_code == 200


def ada(world: World) -> str:
    child = world.pupil("Ada Frost")
    world.agrees(child)
    return child


@pytest.mark.parametrize(
    ("said", "reason", "correction"),
    [
        ({"subjects": []}, "subjects:none", {"subjects": ["ada"], "declared": True}),
        ({"declared": "false"}, "subjects:undeclared", {"declared": True}),
        ({"no_pupils": "true"}, "subjects:contradictory", {"no_pupils": False}),
        ({"others": ["unknown-child"]}, "person:unknown-child", {"others": []}),
        ({"others": ["staff", "adult"]}, "person:adult-not-agreed", {"others": ["staff", "adult-agreed"]}),
        ({"title": "Ada Frost reads"}, "words:held", {"words": {"title": "Reading"}}),
    ],
)
def test_what_the_teacher_left_open_holds_until_the_teacher_says_it(
    world: World, said: dict[str, Any], reason: str, correction: dict[str, Any]
) -> None:
    child = ada(world)
    photo = world.uploads(child, to=(TO,), **said)
    holds(world, photo, reason)

    if "subjects" in correction:
        correction = correction | {"subjects": [child]}
    assert world.edits(photo, **correction).status_code == 200

    goes_out(world, photo)


@pytest.mark.parametrize("unknown", ["0" * 32, "upn:A123456789012"])
def test_a_subject_who_is_not_on_the_register_is_refused_with_a_problem_that_echoes_nothing(world: World, unknown: str) -> None:
    answer = world.sends(ada(world), unknown, to=(TO,))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/subject-unknown")
    assert unknown not in answer.text
    assert world.works() == 0
    assert world.originals() == []


def test_a_pupil_of_another_school_is_nobody_here(world: World) -> None:
    theirs = ada(world.neighbour())

    answer = world.sends(theirs, to=(TO,))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/subject-unknown")


def test_an_edit_that_names_an_unknown_subject_changes_nothing(world: World) -> None:
    photo = world.uploads(ada(world), to=(TO,))
    live = world.publication(photo, TO)

    answer = world.edits(photo, subjects=["0" * 32], declared=True)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/subject-unknown")
    assert world.reads(live).status_code == 200


def test_a_stale_register_holds_everything_new_but_a_journal_of_its_owner_alone(world: World) -> None:
    olive, finn = world.pupil("Olive Hart", year_group="R"), world.pupil("Finn Ward", year_group="R")
    for child in (olive, finn):
        world.agrees(child)
    own = f"journal:{olive}"
    before = world.uploads(olive, finn, to=(TO,))
    world.clock.pass_by(days=15)

    alone, together = world.uploads(olive, to=(own, TO)), world.uploads(olive, finn, to=(own,))

    assert world.outcome(alone, own) == "approved"
    assert (world.outcome(alone, TO), world.reasons(alone, TO)) == ("held", {"register:stale"})
    assert (world.outcome(together, own), world.reasons(together, own)) == ("held", {"register:stale"})
    world.sweeps()
    assert world.reads(world.publication(before, TO)).status_code == 200, "what is live stays"
    world.brings(world.row(olive), world.row(finn))
    goes_out(world, alone)
    goes_out(world, together, own)


def test_a_file_is_as_old_as_its_preview_and_not_as_young_as_the_click_that_applies_it(world: World) -> None:
    child = ada(world)
    preview = world.previews(world.row(child))
    world.clock.pass_by(days=15)
    photo = world.uploads(child, to=(TO,))

    assert world.applies(preview).status_code == 200
    world.works()

    holds(world, photo, "register:stale")
    world.brings(world.row(child))
    goes_out(world, photo)


def test_work_said_to_be_without_children_is_looked_at_by_a_second_person_too(world: World) -> None:
    world.policy(faces='"detected"')
    photo = world.uploads(no_pupils="true", to=("website",))
    holds(world, photo, "faces:unknown", to="website")

    assert world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=True).status_code == 200

    goes_out(world, photo, "website")


def test_a_no_takes_pictures_down_however_stale_the_register_is(world: World) -> None:
    child = ada(world)
    live = world.publication(world.uploads(child, to=(TO,)), TO)
    world.clock.pass_by(days=15)

    world.refuses(child, TO)

    assert world.reads(live).status_code == 410


def test_a_missing_policy_holds_what_is_new_and_leaves_what_is_live(world: World) -> None:
    child = ada(world)
    live = world.publication(world.uploads(child, to=(TO,)), TO)
    operate.set_policy(world.house, world.school_id, None)
    world.sweeps()

    photo = world.uploads(child, to=(TO,))

    assert (world.outcome(photo, TO), world.reasons(photo, TO)) == ("held", {"policy:missing"})
    assert world.reads(live).status_code == 200
    world.policy()
    goes_out(world, photo)


def test_without_a_policy_a_no_still_takes_down_by_the_last_one(world: World) -> None:
    child = ada(world)
    live = world.publication(world.uploads(child, to=(TO,)), TO)
    operate.set_policy(world.house, world.school_id, None)

    world.refuses(child, TO)

    assert world.reads(live).status_code == 410


def test_a_law_these_rules_do_not_cover_holds_everything(world: World) -> None:
    child = ada(world)
    world.policy(rules_for='"scotland"')
    photo = world.uploads(child, to=(TO,))
    holds(world, photo, "policy:unsupported")

    world.policy()

    goes_out(world, photo)


def raises(_: Case) -> Iterator[Finding]:
    """A rule with a fault in it."""
    raise ZeroDivisionError


def test_whichever_rule_fails_the_picture_is_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = world.sends(ada(world), to=(TO,)).json()["id"]
    for broken in range(len(RULES)):
        with monkeypatch.context() as broken_rules:
            broken_rules.setattr(consent.rules, "RULES", (*RULES[:broken], raises, *RULES[broken + 1 :]))
            world.asks_again(photo, TO)
            holds(world, photo, "rule:failed")

    world.asks_again(photo, TO)
    goes_out(world, photo)


def test_a_rule_that_fails_takes_down_what_it_can_no_longer_vouch_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = world.uploads(ada(world), to=(TO,))
    live = world.publication(photo, TO)
    monkeypatch.setattr(consent.rules, "RULES", (*RULES, raises))

    world.sweeps()

    assert world.reads(live).status_code == 410


def test_a_picture_that_can_not_be_decoded_is_held_and_kept(world: World) -> None:
    photo = world.uploads(ada(world), to=(TO,), file=("IMG_0001.PNG", undecodable_png()))

    holds(world, photo, "image:missing")
    assert world.photo(photo)["state"] == "unclean"
    assert world.photo(photo)["fault"] == "undecodable"


NO_PICTURES = [
    (b"", 422, "image-refused"),
    (b"MZ\x90\x00" * 20, 415, "unsupported-type"),
    (b"II+\x00" + bytes(40), 415, "unsupported-type"),
    (b"\x00\x00\x00\x18ftypmp42" + bytes(40), 415, "unsupported-type"),
    (picture()[:-200], 422, "image-refused"),
]


def test_what_is_no_whole_picture_is_refused_at_the_door(world: World) -> None:
    child = ada(world)
    for content, status, code in NO_PICTURES:
        answer = world.sends(child, to=(TO,), file=("Ada_Frost.JPG", content))

        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Ada" not in answer.text
    assert world.works() == 0
    assert world.originals() == []


def test_faces_nobody_counted_hold_a_public_picture_until_a_second_person_counts_them(world: World) -> None:
    world.policy(faces='"detected"')
    photo = world.uploads(ada(world), to=("website",))
    holds(world, photo, "faces:unknown", to="website")

    alone = world.edits(photo, faces_accounted=True)
    assert (alone.status_code, alone.json()["type"]) == (409, "/problems/second-person-needed")
    world.works()
    holds(world, photo, "faces:unknown", to="website")
    assert world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=True).status_code == 200

    goes_out(world, photo, "website")


def test_a_face_that_belongs_to_nobody_tagged_holds_the_picture_everywhere(world: World) -> None:
    child = world.pupil("Olive Hart", year_group="R")
    world.agrees(child)
    spelled = ("website", TO, f"journal:{child}")
    photo = world.uploads(child, to=spelled)
    live = [world.publication(photo, to) for to in spelled]

    assert world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=False).status_code == 200

    assert [world.reads(one).status_code for one in live] == [410, 410, 410]
    world.works()
    assert [world.reasons(photo, to) for to in spelled] == [{"faces:unaccounted"}] * 3


def test_a_face_that_belongs_to_nobody_is_settled_by_a_second_person_and_not_by_the_uploader(world: World) -> None:
    people = [ada(world), world.pupil("Ben Okoro")]
    world.agrees(people[1])
    photo, second = world.uploads(people[0], to=(TO,)), world.another(Role.TEACHER)
    assert world.edits(photo, headers=second, faces_accounted=False).status_code == 200

    assert world.edits(photo, subjects=people, declared=True, others=["staff"]).status_code == 200
    world.works()
    holds(world, photo, "faces:unaccounted")
    assert world.edits(photo, headers=second, faces_accounted=True).status_code == 200

    goes_out(world, photo)


@pytest.mark.parametrize("said", [{"others": []}, {"subjects": ["ben"], "declared": True}, {"no_pupils": True, "subjects": []}])
def test_what_the_uploader_says_anew_about_who_is_there_must_be_counted_again(world: World, said: dict[str, Any]) -> None:
    world.policy(faces='"detected"')
    people = {"ada": ada(world), "ben": world.pupil("Ben Okoro")}
    world.agrees(people["ben"])
    photo = world.uploads(people["ada"], people["ben"], to=("website",), others=["unknown-child"])
    assert world.edits(photo, headers=world.another(Role.TEACHER), faces_accounted=True).status_code == 200
    world.works()
    holds(world, photo, "person:unknown-child", to="website")

    named = {"subjects": [people[one] for one in said["subjects"]]} if "subjects" in said else {}
    assert world.edits(photo, **{**said, "others": [], **named}).status_code == 200
    world.works()

    assert "faces:unknown" in world.reasons(photo, "website")
    assert world.objects_with_bytes() == []


@pytest.mark.parametrize(("statement", "reason"), [("place", "place:not-stated"), ("aware", "aware:not-stated")])
def test_a_school_that_requires_statements_holds_what_lacks_one(world: World, statement: str, reason: str) -> None:
    world.policy(statements='"required"')
    said: dict[str, Any] = {"place": "hall", "aware": True}
    photo = world.uploads(ada(world), to=(TO,), **{name: str(one) for name, one in said.items() if name != statement})
    holds(world, photo, reason)

    assert world.edits(photo, **{statement: said[statement]}).status_code == 200

    goes_out(world, photo)
