"""Getting in and out: use an enrolment code, end a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from service.api.common import NO_STORE, AtHand
from service.api.fields import PathIdentity
from service.api.shapes import EnrolmentCode
from service.api.shown import TokenListed, Tokens, TokenShown
from service.api.strict import StrictRoute, make_router
from service.auth import Needs, Permission
from service.problems import Problem, documented
from storage import users
from storage.users import Caller, Role

open_router = APIRouter(tags=["access"], route_class=StrictRoute)
router = make_router("access")


@open_router.post("/enrolments", status_code=201, responses=documented(Problem.NOT_FOUND, Problem.CONFLICT, Problem.INVALID))
def enrol(wanted: EnrolmentCode, house: AtHand) -> TokenShown:
    """Use a one-time code up and get a token for its account."""
    with house.engine.connect() as connection:
        school = users.school_of_enrolment(connection, wanted.code)
    with house.store.transaction(school, actor="enrolment") as step:
        return TokenShown(token=users.enrol(step, wanted.code))


@router.get("/tokens", responses=documented(Problem.INVALID))
def list_tokens(house: AtHand, caller: Annotated[Caller, Depends(Needs(Permission.TOKEN_READ))], response: Response) -> Tokens:
    """List every token there ever was, the latest first: whose it is to be, on which device, until when. Never the token."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        return Tokens(
            items=[
                TokenListed(
                    id=row.id,
                    role=Role(row.role),
                    classes=row.classes,
                    device=row.device_id,
                    created_at=row.created_at,
                    expires_at=row.expires_at,
                    revoked_at=row.revoked_at,
                )
                for row in users.tokens(look)
            ]
        )


@router.delete("/tokens/{token_id}", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def revoke_token(
    token_id: PathIdentity, house: AtHand, caller: Annotated[Caller, Depends(Needs(Permission.TOKEN_REVOKE))]
) -> None:
    """End a token at once."""
    with house.store.transaction(caller.school, actor=caller.actor) as step:
        users.revoke_token(step, token_id)
