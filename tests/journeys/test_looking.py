"""Whoever must look first is shown the clean picture, for as long as it waits, and every look is in the log."""

from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from consent.events import Event
from consent.photo import PhotoId, Rendition
from storage import photos
from storage.tables import photo as table
from storage.users import Role
from tests.parts.cameras import jpeg_with
from tests.parts.equipment import NIKON, undecodable_png, unreadable
from tests.parts.world import Answer, World, picture

BROKEN = b"II*\x00\xf0\xff\xff\xff"
MAY_LIST = {Role.EDITOR, Role.OFFICE, Role.HEAD}


def previews(world: World, photo: str, headers: dict[str, str]) -> Answer:
    return world.client.get(f"/v1/photos/{photo}/preview", headers=headers)


def waits(world: World, role: Role = Role.OFFICE) -> list[str]:
    answer = world.client.get("/v1/photos?waiting=metadata", headers=world.as_role(role))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert all(one.keys() == {"id", "waiting_for", "accepted_at"} for one in answer.json()["items"])
    return [one["id"] for one in answer.json()["items"]]


def large(side: int) -> tuple[str, bytes]:
    """A picture with broken metadata and this long side."""
    return "IMG_0003.JPG", jpeg_with(picture(size=(side, side // 2)), exif=BROKEN)


@pytest.fixture
def photo(world: World) -> str:
    """A photo that waits for somebody to look."""
    return world.uploads(no_pupils="true", declared="false", file=unreadable())


def test_a_photo_that_waits_for_a_look_is_listed_until_somebody_has_looked(world: World, photo: str) -> None:
    world.uploads(no_pupils="true", declared="false", file=NIKON)
    later = world.uploads(no_pupils="true", declared="false", file=large(900))
    assert {role: set(waits(world, role)) for role in MAY_LIST} == {role: {photo, later} for role in MAY_LIST}
    assert world.edits(photo, headers=world.as_role(Role.EDITOR), metadata_seen=True).status_code == 200
    assert waits(world) == [later]
    assert world.edits(photo, headers=world.as_role(Role.HEAD), metadata_seen=False).status_code == 200
    assert set(waits(world)) == {photo, later}


def test_nothing_else_can_be_listed(world: World) -> None:
    for asked in ("", "?waiting=", "?waiting=faces", "?waiting=metadata&waiting=metadata"):
        assert world.client.get(f"/v1/photos{asked}", headers=world.as_role(Role.HEAD)).status_code == 422


def test_editor_and_office_see_it_only_while_it_waits(world: World, photo: str) -> None:
    roles = (Role.EDITOR, Role.OFFICE, Role.HEAD, Role.TEACHER)
    assert [previews(world, photo, world.as_role(role)).status_code for role in roles] == [200, 200, 200, 200]
    world.edits(photo, headers=world.as_role(Role.EDITOR), metadata_seen=True)
    assert [previews(world, photo, world.as_role(role)).status_code for role in roles] == [404, 404, 200, 200]
    whole = world.uploads(no_pupils="true", declared="false", file=NIKON)
    assert [previews(world, whole, world.as_role(role)).status_code for role in roles] == [404, 404, 200, 200]


@pytest.mark.parametrize("said", [None, False])
def test_a_colleague_who_must_count_the_faces_sees_the_picture_until_they_are_counted(world: World, said: bool | None) -> None:
    world.policy(faces='"detected"')
    ada, colleague = world.pupil("Ada Frost"), world.another(Role.TEACHER)
    held = world.uploads(ada, to=("website",))
    if said is not None:
        world.edits(held, headers=world.as_role(Role.HEAD), faces_accounted=said)
        world.works()
    others = [world.as_role(role) for role in (Role.EDITOR, Role.OFFICE)]
    assert [previews(world, held, who).status_code for who in (colleague, *others)] == [200, 404, 404]
    assert [one["photo"] for one in world.recorded(Event.PHOTO_VIEWED)] == [held]
    assert world.edits(held, headers=colleague, faces_accounted=True).status_code == 200
    assert previews(world, held, colleague).status_code == 404
    world.works()
    assert previews(world, held, colleague).status_code == 404


def test_a_colleague_sees_no_picture_whose_faces_hold_nothing(world: World) -> None:
    ada, colleague = world.pupil("Ada Frost", year_group="R"), world.another(Role.TEACHER)
    assert previews(world, world.uploads(ada, to=("website",)), colleague).status_code == 404
    world.policy(faces='"detected"')
    in_a_journal = world.uploads(ada, to=(f"journal:{ada}", "shared-site"))
    waiting = world.sends(ada, to=("website",)).json()["id"]
    statuses = [previews(world, one, colleague).status_code for one in (in_a_journal, waiting)]
    assert statuses == [404, 404]
    world.works()
    assert previews(world, waiting, colleague).status_code == 200


def test_whether_a_colleague_sees_the_picture_tells_nothing_of_the_children_in_it(world: World) -> None:
    world.policy(faces='"detected"')
    agreed, refused, protected, silent = (world.pupil(f"{name} Frost") for name in ("Ada", "Ben", "Cleo", "Dan"))
    for one in (agreed, protected):
        world.agrees(one)
    world.refuses(refused, "website:individual")
    world.protects(protected)
    shown = [previews(world, world.uploads(one), world.another(Role.TEACHER)) for one in (agreed, refused, protected, silent)]
    assert [one.status_code for one in shown] == [200] * 4
    assert len({tuple(sorted(one.headers.keys())) for one in shown}) == 1


@pytest.mark.parametrize("stated", [{"place": "toilets"}, {"aware": "false"}])
def test_what_was_not_taken_rightly_is_shown_to_no_second_person(world: World, stated: dict[str, Any]) -> None:
    world.policy(faces='"detected"')
    photo = world.uploads(no_pupils="true", declared="false", file=unreadable(), **stated)
    assert {"metadata:unreadable", "faces:unknown"} <= world.reasons(photo)
    second = [world.another(Role.TEACHER), world.as_role(Role.EDITOR), world.as_role(Role.OFFICE)]
    assert [previews(world, photo, who).status_code for who in second] == [404, 404, 404]
    assert waits(world) == []


def test_a_colleague_sees_nothing_and_learns_nothing(world: World, photo: str) -> None:
    answers = [previews(world, one, world.another(Role.TEACHER)) for one in (photo, "f" * 32)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(("side", "seen"), [(300, 300), (799, 799), (900, 800), (3000, 800)])
def test_the_picture_is_the_smallest_that_serves_and_holds_nothing_but_pixels(world: World, side: int, seen: int) -> None:
    photo = world.uploads(no_pupils="true", declared="false", file=large(side))
    answer = previews(world, photo, world.as_role(Role.OFFICE))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert BROKEN not in answer.content
    with Image.open(BytesIO(answer.content)) as image:
        assert max(image.size) == seen
        assert not image.getexif()


def test_every_look_is_in_the_log_and_a_refused_one_is_not(world: World, photo: str) -> None:
    for role in (Role.OFFICE, Role.HEAD):
        previews(world, photo, world.as_role(role))
    previews(world, photo, world.another(Role.TEACHER))
    noted = world.recorded(Event.PHOTO_VIEWED)
    assert [one["photo"] for one in noted] == [photo, photo]
    assert len({one["actor"] for one in noted}) == 2


def test_of_what_has_no_clean_image_there_is_nothing_to_see(world: World) -> None:
    held = world.uploads(no_pupils="true", declared="false", file=("A.PNG", undecodable_png()))
    unprepared = world.sends(no_pupils="true", declared="false", file=unreadable()).json()["id"]
    assert (world.photo(held)["state"], world.photo(unprepared)["state"]) == ("unclean", "received")
    assert [previews(world, one, world.as_role(Role.HEAD)).status_code for one in (held, unprepared)] == [404, 404]
    assert waits(world) == []


def test_what_is_kept_and_can_not_be_proven_clean_any_more_is_shown_to_nobody(world: World, photo: str) -> None:
    """As when an upgrade finds more than the version that cleaned it: what was kept is read, and does not pass."""
    content, named = jpeg_with(picture(size=(900, 450)), exif=BROKEN), "a" * 64
    digest = sha256(content).hexdigest()
    dirty = Rendition(name="1600", width=900, height=450, media_type="image/jpeg", sha256=digest, content=content)
    with world.house.store.reading(world.school_id) as look:
        wrapped_key = photos.row(look, photo).wrapped_key
    whose = {"school_id": world.school_id, "photo_id": PhotoId(photo), "wrapped_key": wrapped_key}
    world.house.prepared.keep(image_digest=named, renditions=(dirty,), **whose)
    assert previews(world, photo, world.as_role(Role.HEAD)).status_code == 200
    with world.house.store.housekeeping() as behind_our_back:
        behind_our_back.execute(update(table).where(table.c.id == photo).values(image=named))
    answers = [previews(world, photo, world.as_role(role)) for role in (Role.HEAD, Role.TEACHER, Role.OFFICE)]
    assert [(one.status_code, content in one.content) for one in answers] == [(404, False)] * 3
    assert len(world.recorded(Event.PHOTO_VIEWED)) == 1


def test_a_picture_that_was_disposed_of_is_not_shown(world: World, photo: str) -> None:
    world.clock.pass_by(days=500)
    world.sweeps()
    world.works()
    assert world.photo(photo)["state"] == "disposed"
    assert previews(world, photo, world.as_role(Role.HEAD)).status_code == 404
    assert waits(world) == []
