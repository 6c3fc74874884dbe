"""What the rows and the buckets of a school say, and the shortest ways to act on them, past the doors."""

from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select

from consent.people import Authority, Relation
from consent.photo import PhotoId, PublishedWords
from consent.purposes import Purpose
from consent.register import Answer
from service.pipeline import sync
from service.pipeline.edit import Edit, edit
from service.pipeline.intake import Upload, accept
from service.wiring import House
from service.worker import work_until_idle
from storage import jobs, photos, publications
from storage.gallery import Gone, Shown
from storage.jobs import LEASE, Kind
from storage.store import Reading
from storage.tables import job, publication
from storage.users import Caller, Role
from tests.parts.world import World, picture

RENDITIONS = ("320", "800", "1600")


def caller(world: World, role: Role = Role.OFFICE) -> Caller:
    return Caller(school=world.school_id, token="t", role=role, classes=frozenset(), actor=f"token:{role.value}")


def sends(world: World, *pupils: str, to: tuple[str, ...] = ("website",), house: House | None = None, **said: Any) -> str:
    """Upload a small photo; nothing works on it yet."""
    original = said.pop("original", None) or picture(next(world.numbers), size=(64, 48))
    words = PublishedWords(**said.pop("words", {}))
    found = house or world.house
    with closing(found.quarantine.receive(school_id=world.school_id, photo_id=PhotoId(uuid4().hex))) as receiving:
        receiving.write(original)
        whole = receiving.finish()
        upload = Upload(original=whole, subjects=pupils, destinations=to, declared=True, words=words, **said)
        return accept(upload, caller=caller(world, Role.TEACHER), store=found.store, quarantine=found.quarantine)


def uploads(world: World, *pupils: str, to: tuple[str, ...] = ("website",), **said: Any) -> str:
    """Upload a small photo and do everything that is due."""
    photo = sends(world, *pupils, to=to, **said)
    work_until_idle(world.house)
    return photo


def answers(world: World, pupil: str, answer: Answer, *, purpose: Purpose, later: float = 1, house: House | None = None) -> None:
    """The mother answers: ``later`` seconds after whatever was said before."""
    if later:
        world.clock.pass_by(seconds=later)
    given = sync.GivenAnswer(
        pupil=pupil,
        purpose=purpose,
        answer=answer,
        relation=Relation.MOTHER,
        authority=Authority.PARENTAL_RESPONSIBILITY,
        answered_at=world.clock.now,
    )
    found = house or world.house
    sync.record_answer(given, caller=caller(world), store=found.store, matchers=found.matchers)


def agrees(world: World, pupil: str, purpose: Purpose = Purpose.WEBSITE_INDIVIDUAL) -> None:
    answers(world, pupil, Answer.GIVEN, purpose=purpose)


def refuses(world: World, pupil: str, purpose: Purpose = Purpose.WEBSITE_INDIVIDUAL, *, later: float = 1) -> None:
    answers(world, pupil, Answer.REFUSED, purpose=purpose, later=later)


def asks_again(world: World, photo: str, *to: str) -> None:
    """The teacher asks once more for a photo that came down; nothing works on it yet."""
    house = world.house
    change = Edit(add_destinations=to or ("website",))
    edit(photo, change, caller=caller(world, Role.TEACHER), store=house.store, matchers=house.matchers)


def rows(world: World) -> list[Row[Any]]:
    """Every publication of the school, whatever its state, the oldest first."""
    with world.house.store.reading(world.school_id) as look:
        mine = select(publication).where(publication.c.school_id == world.school_id)
        return list(look.rows(mine.order_by(publication.c.created_at, publication.c.id)))


def photo_row(world: World, photo: str) -> Row[Any]:
    with world.house.store.reading(world.school_id) as look:
        return photos.row(look, photo)


def keys_of(world: World, *publication_ids: str) -> set[str]:
    with world.house.store.reading(world.school_id) as look:
        return {one.object_key for found in publication_ids for one in publications.renditions(look, found)}


def bytes_shown(look: Reading, world: World, publication_id: str) -> list[str]:
    """Names of the renditions of a publication whose bytes a reader would be given."""
    found = {name: world.house.gallery.look(look, publication_id, name) for name in RENDITIONS}
    assert all(isinstance(one, Shown | Gone) for one in found.values())
    return [name for name, one in found.items() if isinstance(one, Shown)]


def outcome(world: World, photo: str, destination: str = "website") -> str:
    with world.house.store.reading(world.school_id) as look:
        (found,) = [one for one in photos.destinations(look, photo) if one.destination == destination]
        return str(found.outcome)


def assert_everything_is_down(world: World) -> None:
    """Whatever was published or about to be is closed, a tombstone under every key, and nothing is left to do."""
    every = rows(world)
    assert {one.state for one in every} <= {"retracted"}
    assert all(probe["with_bytes"] == 0 for one in every for probe in one.receipt["probes"])
    assert all(len(one.receipt["probes"]) == len(RENDITIONS) for one in every)
    present = {entry.key: entry.size for entry in world.house.stores.published.list(f"{world.school}/")}
    assert present == dict.fromkeys(keys_of(world, *(one.id for one in every)), 0)
    for one in every[-1:]:
        assert world.reads(one.id).status_code == 410
    assert world.published() == []
    assert_at_rest(world)


def assert_exactly_one_is_up(world: World, photo: str) -> str:
    """One publication of this photo is up, whole, and there is not one byte beside its own; its id."""
    (live,) = [one for one in rows(world) if one.state in publications.LIVE]
    assert (live.state, live.photo_id, outcome(world, photo)) == ("published", photo, "approved")
    assert set(world.objects_with_bytes()) == keys_of(world, live.id)
    with world.house.store.reading(world.school_id) as look:
        assert bytes_shown(look, world, live.id) == list(RENDITIONS)
    assert_at_rest(world)
    return str(live.id)


def assert_at_rest(world: World) -> None:
    """Nothing waits to be done, now or later."""
    with world.house.engine.connect() as connection:
        assert jobs.waiting(connection) == 0


def another_worker_takes_over(world: World) -> None:
    """The lease of whoever died runs out, and somebody else does what is due; what failed is tried again."""
    for _ in range(2):
        world.clock.pass_by(seconds=LEASE.total_seconds() + timedelta(seconds=1).total_seconds())
        work_until_idle(world.house, worker="another")


def queued(world: World) -> list[tuple[Kind, str]]:
    """Every step of the school that is not done, by kind and subject."""
    with world.house.engine.connect() as connection:
        chosen = select(job.c.kind, job.c.subject).where(job.c.school_id == world.school_id, job.c.state != "done")
        return [(Kind(found.kind), found.subject) for found in connection.execute(chosen.order_by(job.c.kind, job.c.subject))]
