"""Getting in and out: use an enrolment code, end a token."""

from typing import Annotated

from fastapi import APIRouter, Depends

from service.api.common import AtHand
from service.api.fields import PathIdentity
from service.api.shapes import EnrolmentCode
from service.api.shown import TokenShown
from service.api.strict import StrictRoute, make_router
from service.auth import Needs, Permission
from service.problems import Problem, documented
from storage import users
from storage.users import Caller

open_router = APIRouter(tags=["access"], route_class=StrictRoute)
router = make_router("access")


@open_router.post("/enrolments", status_code=201, responses=documented(Problem.NOT_FOUND, Problem.CONFLICT, Problem.INVALID))
def enrol(wanted: EnrolmentCode, house: AtHand) -> TokenShown:
    """Use a one-time code up and get a token for its account."""
    with house.engine.connect() as connection:
        school = users.school_of_enrolment(connection, wanted.code)
    with house.store.transaction(school, actor="enrolment") as step:
        return TokenShown(token=users.enrol(step, wanted.code))


@router.delete("/tokens/{token_id}", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def revoke_token(
    token_id: PathIdentity, house: AtHand, caller: Annotated[Caller, Depends(Needs(Permission.TOKEN_REVOKE))]
) -> None:
    """End a token at once."""
    with house.store.transaction(caller.school, actor=caller.actor) as step:
        users.revoke_token(step, token_id)
