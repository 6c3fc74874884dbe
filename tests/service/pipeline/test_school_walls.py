"""Schools are walled off (promise P7): what one school knows by an id is nothing at all in another, to read or to change."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from consent.events import Event
from consent.people import Authority, PersonId, PupilId, Relation
from consent.photo import PhotoId
from consent.purposes import Purpose
from consent.register import Answer, ConsentRecord, RecordId
from service.pipeline import sync
from service.pipeline.sweep import sweep
from service.worker import work_until_idle
from storage import (
    decisions,
    devices,
    exceptions,
    gallery,
    imports,
    matching,
    photos,
    publications,
    registers,
    schools,
    users,
    wipes,
)
from storage.errors import Conflict, NotFound
from storage.store import Reading, Transaction
from storage.tables import metadata
from storage.users import Role
from tests.parts.world import World, picture
from tests.service.pipeline.faults import lay_behind_our_back
from tests.service.pipeline.looking import (
    agrees,
    assert_exactly_one_is_up,
    caller,
    photo_row,
    refuses,
    rows,
    sends,
    uploads,
)


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """Ids and rows of the school next door, all of them real."""

    pupil: PupilId
    person: PersonId
    record: RecordId
    photo: Any
    publication: Any
    decision: Any
    register_import: str
    token: str
    upn: str
    facts: Any
    key: str
    device: str
    exception: str


def _record(theirs: Theirs) -> ConsentRecord:
    return ConsentRecord(
        id=RecordId("r" * 32),
        purpose=Purpose.WEBSITE_GROUP,
        answer=Answer.GIVEN,
        giver=theirs.person,
        relation=Relation.MOTHER,
        authority=Authority.PARENTAL_RESPONSIBILITY,
        answered_at=None,
        first_seen_at=theirs.photo.created_at,
        source="test",
    )


Call = Callable[[Transaction, Theirs], object]
CALLS: Mapping[Callable[..., Any], Call] = MappingProxyType(
    {
        photos.lock: lambda step, t: photos.lock(step, t.photo.id),
        photos.row: lambda step, t: photos.row(step, t.photo.id),
        photos.same_request: lambda step, t: photos.same_request(
            step, uploader=t.photo.uploader, idempotency=t.photo.idempotency
        ),
        photos.subjects: lambda step, t: photos.subjects(step, t.photo.id),
        photos.facts: lambda step, t: photos.facts(step, t.photo).subjects,
        photos.change: lambda step, t: photos.change(step, t.photo.id, state="disposed", wrapped_key=None),
        photos.replace_subjects: lambda step, t: photos.replace_subjects(step, t.photo.id, frozenset()),
        photos.add_destinations: lambda step, t: photos.add_destinations(step, t.photo.id, ["shared-site"]),
        photos.destinations: lambda step, t: photos.destinations(step, t.photo.id),
        photos.set_outcome: lambda step, t: photos.set_outcome(step, t.photo.id, "website", outcome="held"),
        photos.undecided_with: lambda step, t: photos.undecided_with(step, [t.pupil]),
        photos.pending: lambda step, t: photos.pending(step, before=step.now.replace(year=2099)),
        photos.in_state: lambda step, t: photos.in_state(step, ["received", "prepared", "unclean", "disposed"]),
        photos.waiting_for_a_look: lambda step, t: photos.waiting_for_a_look(step),
        photos.waits_for_a_look: lambda step, t: photos.waits_for_a_look(step, t.photo),
        photos.known_originals: lambda step, t: photos.known_originals(step),
        publications.lock: lambda step, t: publications.lock(step, t.publication.id),
        publications.row: lambda step, t: publications.row(step, t.publication.id),
        publications.mark_published: lambda step, t: publications.mark_published(step, _as(t.publication, state="putting")),
        publications.mark_retracting: lambda step, t: publications.mark_retracting(step, t.publication, ()) and None,
        publications.mark_retracted: lambda step, t: publications.mark_retracted(
            step, _as(t.publication, state="retracting"), {}
        ),
        publications.renew: lambda step, t: publications.renew(step, t.publication.id, facts=t.facts, valid_until=None),
        publications.live_with: lambda step, t: publications.live_with(step, [t.pupil]),
        publications.live_of_photo: lambda step, t: publications.live_of_photo(step, t.photo.id),
        publications.live_all: lambda step, t: publications.live_all(step),
        publications.live_one: lambda step, t: publications.live_one(step, t.publication.id),
        publications.ended: lambda step, t: publications.ended(step, today=date(2099, 1, 1)),
        publications.pictured: lambda step, t: publications.pictured(step, t.publication.id),
        publications.renditions: lambda step, t: publications.renditions(step, t.publication.id),
        publications.published: lambda step, t: publications.published(
            step, destinations=["website"], journals=True, after=0, limit=10
        ),
        publications.in_state: lambda step, t: publications.in_state(step, ["putting", "published", "retracting", "retracted"]),
        publications.live_keys: lambda step, t: publications.live_keys(step),
        publications.last_closed: lambda step, t: publications.last_closed(step, t.photo.id),
        decisions.row: lambda step, t: decisions.row(step, t.decision.id),
        decisions.case_of: lambda step, t: decisions.case_of(step, t.decision),
        decisions.search: lambda step, t: decisions.search(step, decisions.Filter(), limit=10),
        registers.slice_for: lambda step, t: registers.slice_for(step, [t.pupil]).pupils,
        registers.fresh_at: lambda step, t: None,  # a date of our own
        registers.lock_pupils: lambda step, t: registers.lock_pupils(step, [t.pupil], share=False),
        registers.raise_version: lambda step, t: registers.raise_version(step, t.pupil, protected=True),
        registers.change_pupil: lambda step, t: registers.change_pupil(step, t.pupil, {"surname": "Other"}, since=None),
        registers.resolve: lambda step, t: registers.resolve(step, [t.pupil]),
        registers.known: lambda step, t: registers.known(step, [t.pupil]),
        registers.roll_of: lambda step, t: registers.roll_of(step, ["Robin"]).called.get(t.pupil),
        registers.pupils_of: lambda step, t: [one for one in registers.pupils_of(step) if one.id == t.pupil],
        registers.pupil_row: lambda step, t: registers.pupil_row(step, t.pupil),
        registers.person_row: lambda step, t: registers.person_row(step, t.person),
        registers.persons_of: lambda step, t: registers.persons_of(step, t.pupil),
        registers.persons_by_pupil: lambda step, t: registers.persons_by_pupil(step).get(t.pupil),
        registers.records_from: lambda step, t: [
            one for one in registers.records_from(step, "office") if one.pupil_id == t.pupil
        ],
        registers.put_person: lambda step, t: registers.put_person(step, t.pupil, t.person, new=False, barred=True),
        registers.insert_record: lambda step, t: registers.insert_record(step, t.pupil, _record(t)),
        registers.agree_retirement: lambda step, t: registers.agree_retirement(step, t.record, role="head"),
        registers.record_row: lambda step, t: registers.record_row(step, t.record),
        imports.row: lambda step, t: imports.row(step, t.register_import),
        imports.is_overtaken: lambda step, t: imports.is_overtaken(step, _as(t.photo, created_at=step.now.replace(year=2000))),
        imports.mark_applied: lambda step, t: imports.mark_applied(step, t.register_import),
        users.revoke_token: lambda step, t: users.revoke_token(step, t.token),
        users.require_token: lambda step, t: users.require_token(step, t.token),
        users.tokens: lambda step, t: [one for one in users.tokens(step) if one.id == t.token],
        devices.require: lambda step, t: devices.require(step, t.device),
        devices.shot_of: lambda step, t: devices.shot_of(step, t.photo).bound,
        devices.change: lambda step, t: devices.change(step, t.device, {"label": "ours"}),
        devices.row: lambda step, t: devices.row(step, t.device),
        devices.rows: lambda step, t: devices.rows(step),
        devices.register: lambda step, t: devices.register(step),
        devices.judge: lambda step, t: devices.judge(step, t.photo).match.device or devices.judge(step, t.photo).excepted,
        exceptions.withdraw: lambda step, t: exceptions.withdraw(step, t.exception),
        exceptions.row: lambda step, t: exceptions.row(step, t.exception),
        exceptions.rows: lambda step, t: exceptions.rows(step),
        exceptions.in_force: lambda step, t: exceptions.in_force(step),
        matching.note: lambda step, t: matching.note(step, t.photo).device,
        matching.note_again: lambda step, t: matching.note_again(step, t.device),
        matching.waiting: lambda step, t: matching.waiting(step),
        wipes.originals: lambda step, t: (
            (
                wipes.originals(step, t.device, t.photo.created_at.date()),
                wipes.originals(step, devices.UNKNOWN, t.photo.created_at.date()),
            )
            != ((), ())
        ),
        wipes.confirm: lambda step, t: _refused(lambda: wipes.confirm(step, t.device, step.now.date(), originals_seen=1)),
        wipes.confirmations: lambda step, t: wipes.confirmations(step, t.device, t.photo.created_at.date()),
        wipes.overdue: lambda step, t: wipes.overdue(_later(step)),
    }
)
OF_OUR_OWN = {
    photos.insert,
    photos.waiting,
    publications.begin,
    decisions.keep,
    registers.all_names,
    registers.refresh_names,
    registers.insert_pupil,
    registers.source_seen,
    imports.insert,
    users.create_account,
    users.create_token,
    users.enrol,
    users.id_of,
    devices.insert,
    exceptions.insert,
    schools.lock,
    schools.read,
    schools.policy_in_force,
    schools.last_policy,
    schools.set_policy,
    schools.withdraw_policy,
    schools.set_names,
}
"""Take no id of anything that exists, or a secret; they read and write the school of the step and nothing else."""


def _refused(call: Callable[[], object]) -> object:
    try:
        return call()
    except Conflict:
        return None


def _later(step: Transaction) -> Reading:
    return Reading(connection=step.connection, school=step.school, now=step.now + timedelta(days=2))


class _As:
    """A row with something else in one column."""

    def __init__(self, row: Any, changed: dict[str, object]) -> None:
        self._row, self._changed = row, changed

    def __getattr__(self, name: str) -> Any:
        return self._changed.get(name, getattr(self._row, name))


def _as(row: Any, **changed: object) -> Any:
    return _As(row, changed)


def everything_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a school, of every table."""
    with world.house.engine.connect() as look:
        return {
            table.name: sorted(
                (tuple(map(str, row)) for row in look.execute(select(table).where(_school_of(table) == world.school))), key=str
            )
            for table in metadata.sorted_tables
        }


def _school_of(table: Any) -> Any:
    return table.c.id if table.name == "school" else table.c.school_id


def _with_a_device(there: World) -> tuple[str, str]:
    """A device that took a picture, the headteacher's exception for it, and a card that was wiped."""
    head, now = there.as_role(Role.HEAD), there.clock.now
    there.policy(exceptions="true")
    marks = {"label": "iPad", "kind": "tablet", "make": "Apple", "model": "iPad"}
    device = there.client.post("/v1/devices", json=marks, headers=head).json()["id"]
    there.uploads(there.pupil("Cat Stone"), device=device)
    span = {"valid_from": now.isoformat(), "valid_until": (now + timedelta(days=7)).isoformat()}
    granted = there.client.post("/v1/device-exceptions", json={"device": device, "reason": "trip", **span}, headers=head)
    wiped = there.client.post(f"/v1/devices/{device}/wipes", json={"day": now.date().isoformat(), "originals": 1}, headers=head)
    assert (granted.status_code, wiped.status_code) == (201, 201)
    return device, granted.json()["id"]


def next_door(world: World) -> tuple[World, Theirs]:
    """A school next door with one of everything."""
    there = world.neighbour()
    amy = PupilId(there.pupil("Holly Stone"))
    agrees(there, amy)
    photo = uploads(there, amy, idempotency="one")
    held = sends(there, there.pupil("Bea Stone"), to=("website", "shared-site"))
    work_until_idle(there.house)
    there.previews(there.row(amy))
    device, exception = _with_a_device(there)
    with there.house.store.reading(there.school_id) as look:
        (publication,) = publications.in_state(look, ["published"])
        (decided, *_) = decisions.search(look, decisions.Filter(photo=photo), limit=1)
        (mother,) = registers.persons_of(look, amy)
        (record, *_) = look.rows(metadata.tables["consent_record"].select()).all()
        ((imported, *_),) = [look.rows(select(metadata.tables["register_import"].c.id)).scalars().all()]
        token = (
            look.rows(
                select(metadata.tables["access_token"].c.id).where(metadata.tables["access_token"].c.school_id == there.school)
            )
            .scalars()
            .first()
        )
        assert photos.destinations(look, held)
        return there, Theirs(
            pupil=amy,
            person=PersonId(mother.id),
            record=RecordId(record.id),
            photo=photos.row(look, photo),
            publication=publication,
            decision=decided,
            register_import=imported,
            token=str(token),
            upn=registers.pupil_row(look, amy).upn,
            facts=photos.facts(look, photos.row(look, photo)),
            key=next(iter(publications.live_keys(look))),
            device=device,
            exception=exception,
        )


def test_every_way_into_the_memory_that_takes_an_id_is_tried_from_next_door() -> None:
    ways = {
        function
        for module in (photos, publications, decisions, registers, imports, users, schools, devices, exceptions, matching, wipes)
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not function.__name__.startswith("_")
        if next(iter(inspect.signature(function).parameters.values())).annotation in (Reading, Transaction)
    }
    assert ways == set(CALLS) | OF_OUR_OWN


def test_ids_of_one_school_find_nothing_and_change_nothing_in_another(world: World) -> None:
    there, theirs = next_door(world)
    before = everything_of(there)
    leaks = []
    for way, call in CALLS.items():
        try:
            with world.house.store.transaction(world.school_id, actor="test") as step:
                found = call(step, theirs)
                if step.changes and not step.entries:
                    step.record(Event.REGISTER_CHANGED, pupils=0)
        except (NotFound, IntegrityError):
            found = None
        if found:
            leaks.append(f"{way.__module__}.{way.__name__} found {found!r}")
        if everything_of(there) != before:
            leaks.append(f"{way.__module__}.{way.__name__} changed what is theirs")
    assert leaks == []


def test_a_pupil_number_of_another_school_is_nobody_here(world: World) -> None:
    _there, theirs = next_door(world)
    with pytest.raises(NotFound), world.house.store.reading(world.school_id) as look:
        registers.resolve(look, [f"upn:{theirs.upn}"])


def test_the_gallery_shows_nothing_of_another_school(world: World) -> None:
    there, theirs = next_door(world)
    with there.house.store.reading(there.school_id) as look:
        assert isinstance(there.house.gallery.look(look, theirs.publication.id, "800"), gallery.Shown)
    with pytest.raises(NotFound), world.house.store.reading(world.school_id) as look:
        world.house.gallery.look(look, theirs.publication.id, "800")


def test_at_the_doors_another_schools_ids_are_not_found_and_its_pupils_unknown(world: World) -> None:
    there, theirs = next_door(world)
    before = everything_of(there)
    publication, photo, head = theirs.publication.id, theirs.photo.id, world.as_role(Role.HEAD)
    asked = {
        path: world.client.get(path, headers=head).status_code
        for path in (
            f"/v1/photos/{photo}",
            f"/v1/publications/{publication}/800",
            f"/v1/publications/{publication}/receipt",
            f"/v1/pupils/{theirs.pupil}/consents",
        )
    }
    assert set(asked.values()) == {404}, asked
    assert world.edits(photo, declared=True, headers=head).status_code == 404
    assert world.client.patch(f"/v1/pupils/{theirs.pupil}", json={"surname": "Other"}, headers=head).status_code == 404
    retiring = world.client.post(f"/v1/consent-records/{theirs.record}/retirements", headers=head)
    replaying = world.client.post(f"/v1/decisions/{theirs.decision.id}/replay", headers=head)
    assert (retiring.status_code, replaying.status_code) == (404, 404)
    protecting = world.client.put(
        f"/v1/pupils/{theirs.pupil}/protection", json={"protected": True}, headers=world.as_role(Role.DSL)
    )
    assert protecting.status_code == 404
    assert world.answers(theirs.pupil, "website:group", "refused").status_code == 422
    assert world.sends(theirs.pupil).status_code == 422
    assert world.sends(to=(f"journal:{theirs.pupil}",)).status_code == 422
    assert world.sends(f"upn:{theirs.upn}").status_code == 422
    assert everything_of(there) == before
    assert world.published() == []
    assert world.changes() == []


def test_what_happens_in_one_school_leaves_the_other_alone(world: World) -> None:
    """Refusals, renames, policies and sweeps of one: every row and object of the other stays as it is."""
    there, theirs = next_door(world)
    ada = world.pupil("Ada Frost")
    agrees(world, ada)
    same_words = uploads(world, ada, words={"title": "Holly on a walk"})
    assert_exactly_one_is_up(world, same_words)
    lay_behind_our_back(there, f"{there.school}/{'e' * 64}.jpg", picture(1))
    before, objects = everything_of(there), there.objects_with_bytes()

    world.change_pupil(ada, forename="Holly")
    refuses(world, ada)
    sync.set_protection(ada, protected=True, caller=caller(world), store=world.house.store, matchers=world.house.matchers)
    world.policy(destinations='["shared-site"]')
    house = world.house
    sweep(
        world.school_id,
        store=house.store,
        published=house.published,
        quarantine=house.quarantine,
        matchers=house.matchers,
    )
    work_until_idle(world.house)
    assert [one.state for one in rows(world)] == ["retracted"]
    assert everything_of(there) == before
    assert there.objects_with_bytes() == objects
    assert there.reads(theirs.publication.id).status_code == 200
    assert photo_row(there, theirs.photo.id).state == "prepared"
    assert PhotoId(theirs.photo.id) in {one.photo_id for one in rows(there)}
