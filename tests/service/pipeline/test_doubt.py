"""Doubt closes the gate (promise P10): a row that can't be read takes its own picture down and saves no other.

And it never stands in the way of a withdrawal: one bad row must not keep a parent's no from being written down.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from sqlalchemy import update

from consent.events import Event
from consent.people import PupilId
from consent.purposes import Purpose
from service.pipeline import sync
from service.pipeline.standing import Matchers
from service.worker import work_until_idle
from storage.store import Reading
from storage.tables import consent_record, person, policy_text, publication, pupil
from tests.parts.world import World
from tests.service.pipeline.looking import (
    agrees,
    assert_everything_is_down,
    assert_exactly_one_is_up,
    caller,
    outcome,
    refuses,
    rows,
    uploads,
)


def spoil(world: World, table: str, **values: object) -> None:
    """Write what no version of ours ever wrote into every row of this school, or into the ones with that id."""
    named = {one.name: one for one in (publication, pupil, person, consent_record, policy_text)}[table]
    mine = named.c.school_id == world.school_id
    if "id" in values:
        mine &= named.c.id == values.pop("id")
    with world.house.store.housekeeping() as connection:
        connection.execute(update(named).where(mine).values(values))


SPOILT: Mapping[str, Callable[[World, str], None]] = MappingProxyType(
    {
        "the photo as it was decided on": lambda world, photo: spoil(
            world, "publication", id=_live_of(world, photo), photo_facts='{"id":"'
        ),
        "its destination": lambda world, photo: spoil(world, "publication", id=_live_of(world, photo), destination="noticeboard"),
        "its words": lambda world, photo: spoil(world, "publication", id=_live_of(world, photo), words=["no", "words"]),
    }
)


def _live_of(world: World, photo: str) -> str:
    (found,) = [one.id for one in rows(world) if one.photo_id == photo and one.state == "published"]
    return str(found)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_publication_that_cannot_be_read_does_not_keep_a_withdrawal_from_closing_the_others(world: World, spoilt: str) -> None:
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    first, _second = uploads(world, ada), uploads(world, ada)
    SPOILT[spoilt](world, first)
    refuses(world, ada)
    assert world.recorded(Event.CONSENT_RECORDED)[-1]["answer"] == "refused"
    assert {one.state for one in rows(world)} == {"retracting"}
    work_until_idle(world.house)
    assert {one.state for one in rows(world)} == {"retracted"}
    assert world.objects_with_bytes() == []


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_sweep_closes_the_publication_that_cannot_be_read_and_leaves_the_others(world: World, spoilt: str) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    agrees(world, ada)
    agrees(world, ben)
    bad, good = uploads(world, ada), uploads(world, ben)
    SPOILT[spoilt](world, bad)
    assert world.sweeps().closed == 1
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, good)


def test_another_pupils_row_that_cannot_be_read_does_not_keep_a_withdrawal_from_closing(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    world.agrees(ada, "website:group", "website:individual")
    world.agrees(ben, "website:group", "website:individual")
    both, alone = uploads(world, ada, ben), uploads(world, ada)
    assert {outcome(world, both), outcome(world, alone)} == {"approved"}
    spoil(world, "pupil", id=ben, legal_status="whatever")
    refuses(world, ada)
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_an_answer_that_cannot_be_read_takes_down_the_pictures_of_that_child_alone(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    agrees(world, ada)
    agrees(world, ben)
    uploads(world, ada)
    good = uploads(world, ben)
    with world.house.store.housekeeping() as connection:
        connection.execute(update(consent_record).where(consent_record.c.pupil_id == ada).values(answer="maybe"))
    assert world.sweeps().closed == 1
    work_until_idle(world.house)
    assert_exactly_one_is_up(world, good)


@pytest.mark.parametrize("to", ["website", "shared-site"])
def test_a_withdrawal_closes_although_the_policy_in_force_and_the_last_one_cannot_be_read(world: World, to: str) -> None:
    """As after an upgrade that asks for a key which the stored text has not got."""
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    agrees(world, ada, Purpose.SHARED_SITE)
    assert outcome(world, uploads(world, ada, to=(to,)), to) == "approved"
    spoil(world, "policy_text", text="version = 0\n")
    refuses(world, ada, Purpose.SHARED_SITE)
    work_until_idle(world.house)
    assert_everything_is_down(world)


def test_a_policy_that_cannot_be_read_takes_nothing_down_by_itself_but_lets_nothing_new_out(world: World) -> None:
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    up = uploads(world, ada)
    spoil(world, "policy_text", text="version = 0\n")
    assert world.sweeps().closed == 0
    held = uploads(world, ada)
    assert outcome(world, held) == "held"
    assert_exactly_one_is_up(world, up)


class NoNames(Matchers):
    """A matcher that cannot be built."""

    def of(self, reading: Reading) -> object:  # type: ignore[override] # it never returns
        raise RecursionError


def test_a_withdrawal_closes_although_the_names_of_the_register_cannot_be_read(world: World) -> None:
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    uploads(world, ada)
    house = replace(world.house, matchers=NoNames())
    sync.set_protection(PupilId(ada), protected=True, caller=caller(world), store=house.store, matchers=house.matchers)
    work_until_idle(world.house)
    assert_everything_is_down(world)
