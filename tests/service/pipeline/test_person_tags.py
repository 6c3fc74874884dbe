"""What a file says about people is read to be matched, and never kept: rows, audit events and logs hold yes, no and numbers."""

from sqlalchemy import select

from consent.events import Event
from service.imaging import Sandbox
from storage.tables import metadata
from tests.parts.world import World
from tests.service.conftest import Overheard
from tests.service.imaging.asking import SIZES
from tests.service.imaging.dirty import CANARY, NAMES, dirty_jpeg, drawing, resources, saved, with_segments
from tests.service.pipeline.looking import agrees, photo_row, uploads

NEVER = (CANARY, *NAMES, *(part for name in NAMES for part in name.split()))


def everything_kept(world: World) -> str:
    """Every row of every table."""
    with world.house.store.reading(world.school_id) as look:
        return "\n".join(repr([tuple(row) for row in look.connection.execute(select(table))]) for table in metadata.sorted_tables)


def test_no_person_tag_is_stored_recorded_or_logged(world: World, sandbox: Sandbox, overheard: Overheard) -> None:
    told = sandbox.clean(dirty_jpeg(), SIZES).provenance
    assert {tag.text for tag in told.people} >= {CANARY, *NAMES}
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    photo = uploads(world, ada, original=dirty_jpeg())
    assert photo_row(world, photo).camera["person_tags"] is True
    kept = everything_kept(world)
    assert photo in kept
    assert [secret for secret in NEVER if secret in kept + overheard.text()] == []


def test_of_the_camera_only_device_time_and_yes_or_no_are_kept(world: World) -> None:
    ada = world.pupil("Ada Frost")
    photo = uploads(world, ada, original=dirty_jpeg())
    camera = photo_row(world, photo).camera
    assert camera.keys() == {"make", "model", "serial", "taken_at", "gps", "person_tags", "readable", "consistent"}
    assert all(isinstance(camera[flag], bool) for flag in ("gps", "person_tags", "readable"))
    (prepared,) = world.recorded(Event.PHOTO_PREPARED)
    assert prepared.keys() == {"actor", "photo", "image", "removed", "device", "device_state"}
    kinds, counts = zip(*(one.split(":") for one in prepared["removed"]), strict=True)
    assert "person-names" in kinds
    assert all(count.isdigit() for count in counts)


def test_a_list_of_people_that_was_cut_is_no_readable_one(world: World) -> None:
    keywords = resources(b"".join(b"\x1c\x02\x19\x00\x03%03d" % number for number in range(300)))
    ada = world.pupil("Ada Frost")
    photo = uploads(world, ada, original=with_segments(saved(drawing(), "JPEG"), (0xED, b"Photoshop 3.0\x00" + keywords)))
    assert photo_row(world, photo).camera["readable"] is False
