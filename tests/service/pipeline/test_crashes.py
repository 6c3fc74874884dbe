"""A worker may die, and the store may fail, at any point of any step: somebody takes over, and things come to rest as told.

The points are not listed here: each step is taken once undisturbed and its moments are written down; then it is taken again and
again, and ended or disturbed at one of them after the other.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from consent.events import Event
from service.wiring import House
from service.worker import work_until_idle
from storage.jobs import Kind
from tests.parts.world import World
from tests.service.pipeline.faults import At, Heard, Killed, fail, kill, watched
from tests.service.pipeline.looking import (
    agrees,
    another_worker_takes_over,
    asks_again,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    photo_row,
    queued,
    refuses,
    rows,
    sends,
    uploads,
)


def works(house: House) -> None:
    """Do what is due; whoever dies doing it, dies."""
    try:
        work_until_idle(house, worker="first")
    except Killed:
        return


def disturbances(world: World, begin: Callable[[], None], end: Callable[[], None], *, only: str = "") -> Iterator[str]:
    """Begin something, disturb the work on it at the next point, and yield for the test to look; over and over.

    Of each kind of moment the first and the last time is a death, of reads the first; the last touch of a store of each kind is
    a fault too. ``only``: moments of one kind alone, as ``.put``.
    """
    begin()
    heard = Heard()
    works(watched(world.house, heard))
    end()
    for number, moment in enumerate(heard.moments, start=1):
        first, last = moment not in heard.moments[: number - 1], moment not in heard.moments[number:]
        if only not in moment or not (first or (last and not moment.endswith((".get", ".list")))):
            continue
        begin()
        works(watched(world.house, At("", kill, number)))
        yield f"killed {moment} (point {number})"
        end()
    touches = Counter(moment for moment in heard.moments if "." in moment and only in moment)
    assert touches
    for moment, times in touches.items():
        begin()
        works(watched(world.house, At(moment, fail, times)))
        yield f"the store failed {moment} (time {times})"
        end()


@pytest.fixture
def ada(world: World) -> str:
    return world.pupil("Ada Frost")


def test_whatever_ends_or_disturbs_a_release_the_photo_is_published_once_and_leaves_nothing_beside_it(
    world: World, ada: str
) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)

    def down() -> None:
        refuses(world, ada)
        work_until_idle(world.house)
        assert_everything_is_down(world)

    def begin() -> None:
        agrees(world, ada)
        asks_again(world, photo)

    down()
    for point in disturbances(world, begin, down):
        another_worker_takes_over(world)
        assert assert_exactly_one_is_up(world, photo), point


def test_whatever_ends_or_disturbs_a_retraction_it_is_made_good(world: World, ada: str) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)

    def begin() -> None:
        agrees(world, ada)
        asks_again(world, photo)
        work_until_idle(world.house)
        refuses(world, ada)
        assert [kind for kind, _ in queued(world)] == [Kind.RETRACT]

    refuses(world, ada)
    work_until_idle(world.house)
    for point in disturbances(world, begin, lambda: None):
        assert [world.reads(one.id).status_code for one in rows(world)[-1:]] == [410], point
        another_worker_takes_over(world)
        assert_everything_is_down(world)
    retracted = [one["publication"] for one in world.recorded(Event.PUBLICATION_RETRACTED)]
    assert sorted(retracted) == sorted(one.id for one in rows(world)), "each has one receipt, not two and not none"


def test_a_withdrawal_that_meets_a_disturbed_release_closes_it_for_good(world: World, ada: str) -> None:
    agrees(world, ada)
    photo = uploads(world, ada)
    refuses(world, ada)
    work_until_idle(world.house)

    def begin() -> None:
        agrees(world, ada)
        asks_again(world, photo)

    for point in disturbances(world, begin, lambda: None, only=".put"):
        refuses(world, ada)
        live = [one for one in rows(world) if one.state in ("putting", "published")]
        assert live == [], point
        another_worker_takes_over(world)
        assert_everything_is_down(world)


def test_whatever_ends_or_disturbs_the_cleaning_of_a_photo_it_is_cleaned_once_and_published(world: World, ada: str) -> None:
    agrees(world, ada)
    sent: list[str] = []

    def begin() -> None:
        sent.append(sends(world, ada, to=()))

    for point in disturbances(world, begin, lambda: None):
        another_worker_takes_over(world)
        assert photo_row(world, sent[-1]).state == "prepared", point
        assert queued(world) == [], point
    prepared = [one["photo"] for one in world.recorded(Event.PHOTO_PREPARED)]
    assert sorted(prepared) == sorted(sent)


def test_whatever_ends_or_disturbs_the_disposal_of_an_original_nothing_of_it_is_left(world: World, ada: str) -> None:
    """Rejected photos wait ten school days; then their originals, clean copies and keys go, whatever comes between."""
    sent: list[str] = []

    def begin() -> None:
        sent.append(sends(world, ada, to=()))
        work_until_idle(world.house)
        with world.house.store.transaction(world.school_id, actor="test") as step:
            step.enqueue(Kind.DISPOSE, sent[-1])

    for point in disturbances(world, begin, lambda: None):
        another_worker_takes_over(world)
        assert photo_row(world, sent[-1]).state == "disposed", point
        assert world.originals() == [], point
        left = [one.key for one in world.house.stores.prepared.list(f"{world.school}/") if one.size]
        assert left == [], point
        assert queued(world) == [], point
    disposed = [one["photo"] for one in world.recorded(Event.PHOTO_DISPOSED)]
    assert sorted(disposed) == sorted(sent)
