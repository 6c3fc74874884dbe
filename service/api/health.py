"""Alive, and able to publish."""

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from consent.case import register_is_stale
from consent.register import Register
from service.api.common import NO_STORE, AtHand
from service.api.shown import Health, Readiness
from service.problems import Problem, ProblemError, documented
from service.wiring import House
from storage import jobs, registers, schools

router = APIRouter(tags=["health"])


@router.get("/healthz")
def is_alive() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(Problem.NOT_READY))
def is_ready(house: AtHand, response: Response) -> Readiness:
    """Say whether pictures can be published: database, store probe, imaging child, and every school's policy and register."""
    response.headers.update(NO_STORE)
    parts, waiting = _look(house)
    parts |= {"store": house.safety.store_is_safe(), "imaging": house.safety.imaging_works()}
    jail = house.safety.jail
    shut_in = jail.value if jail is not None else "unknown"
    if not all(parts.values()):
        raise ProblemError(Problem.NOT_READY, extra={**parts, "sandbox": shut_in, "waiting": waiting})
    return Readiness(status="ready", sandbox=shut_in, waiting=waiting, **parts)


def _look(house: House) -> tuple[dict[str, bool], int]:
    """Look at what the database says. Without a school nothing can be published; without an answer nothing is known."""
    nothing = {"database": False, "policy": False, "register_fresh": False}
    try:
        with house.engine.connect() as connection:
            every = schools.all_ids(connection)
            waiting = jobs.waiting(connection)
        found = nothing | {"database": True, "policy": bool(every), "register_fresh": bool(every)}
        for school in every:
            with house.store.reading(school) as look:
                last = schools.last_policy(look)
                entry = Register(version=0, fresh_at=registers.fresh_at(look), names="", pupils={})
                found["policy"] &= schools.policy_in_force(look) is not None
                found["register_fresh"] &= last is not None and not register_is_stale(entry, last, look.now)
    except SQLAlchemyError:
        return nothing, 0
    return found, waiting
