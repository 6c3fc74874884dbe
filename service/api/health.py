"""Alive, and able to publish."""

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from consent.case import register_is_stale
from consent.register import Register
from service.api.common import AtHand
from service.api.shapes import Health, Readiness
from service.wiring import House
from storage import jobs, registers, schools

router = APIRouter(tags=["health"])


@router.get("/healthz")
def is_alive() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Nothing can be published just now."}})
def is_ready(house: AtHand, response: Response) -> Readiness:
    """Say whether pictures can be published: database, store probe, imaging child, and every school's policy and register."""
    response.headers["cache-control"] = "no-store"
    found = _look(house)
    response.status_code = 200 if found.status == "ready" else 503
    return found


def _look(house: House) -> Readiness:
    database, policy, fresh, waiting = True, False, False, 0
    try:
        with house.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            every = schools.all_ids(connection)
            waiting = jobs.waiting(connection)
        policy, fresh = bool(every), bool(every)
        for school in every:
            with house.store.reading(school) as look:
                found = schools.policy_in_force(look)
                entry = Register(version=0, fresh_at=registers.fresh_at(look), names="", pupils={})
                policy = policy and found is not None
                fresh = fresh and found is not None and not register_is_stale(entry, found, look.now)
    except SQLAlchemyError:
        database = False
    store, imaging = house.safety.store_is_safe(), house.safety.imaging_works()
    ready = database and store and imaging and policy and fresh
    return Readiness(
        status="ready" if ready else "not-ready",
        database=database,
        store=store,
        imaging=imaging,
        policy=policy,
        register_fresh=fresh,
        waiting=waiting,
    )
