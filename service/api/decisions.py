"""The headteacher's audit: what was decided, why, and whether it still comes out the same."""

import csv
import io
from typing import Annotated

from fastapi import Depends, Query, Response

from consent.decision import decide, decision_bytes
from consent.reasons import Outcome, Reason
from service.api.common import NO_STORE, AtHand, show, sight_of
from service.api.fields import Identity, Moment, PathIdentity
from service.api.shown import Decisions, DecisionShown, Replayed
from service.api.strict import make_router
from service.auth import Needs, Permission
from service.problems import Problem, documented
from storage import decisions
from storage.users import Caller

router = make_router("audit")
Auditor = Annotated[Caller, Depends(Needs(Permission.DECISION_READ))]
_CSV_ROWS = 10_000


def _wanted(
    outcome: Annotated[Outcome | None, Query()] = None,
    since: Annotated[Moment | None, Query()] = None,
    reg_group: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
    reason: Annotated[Reason | None, Query()] = None,
    photo: Annotated[Identity | None, Query()] = None,
) -> decisions.Filter:
    return decisions.Filter(outcome=outcome, since=since, reg_group=reg_group, reason=reason, photo=photo)


Wanted = Annotated[decisions.Filter, Depends(_wanted)]


@router.get("/decisions", responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def list_decisions(
    house: AtHand,
    caller: Auditor,
    response: Response,
    wanted: Wanted,
    after: Annotated[Identity | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Decisions:
    """List decisions, the newest first."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        rows = decisions.search(look, wanted, limit=limit + 1, after=after)
        sight = sight_of(look, caller)
    items = [
        DecisionShown(
            id=row.id,
            photo=row.photo_id,
            destination=row.destination,
            outcome=row.outcome,
            decided_at=row.decided_at,
            findings=show(decisions.findings(row), sight),
            register_digest=row.register_digest,
            policy_digest=row.policy,
        )
        for row in rows[:limit]
    ]
    return Decisions(items=items, next=items[-1].id if len(rows) > limit else None)


@router.get(
    "/decisions.csv",
    response_class=Response,
    responses={
        200: {"description": "One row a finding.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **documented(Problem.INVALID),
    },
)
def export_decisions(house: AtHand, caller: Auditor, wanted: Wanted) -> Response:
    """Export decisions, one row a finding, ids and codes only. At most 10,000 decisions."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["decision", "photo", "destination", "outcome", "decided_at", "reason", "pupil"])
    with house.store.reading(caller.school) as look:
        for row in decisions.search(look, wanted, limit=_CSV_ROWS):
            start = [row.id, row.photo_id, row.destination, row.outcome, row.decided_at.isoformat()]
            found = decisions.findings(row)
            writer.writerows([*start, one.reason.value, one.pupil or ""] for one in found)
            if not found:
                writer.writerow([*start, "", ""])
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=NO_STORE)


@router.post("/decisions/{decision_id}/replay", responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def replay_decision(decision_id: PathIdentity, house: AtHand, caller: Auditor) -> Replayed:
    """Decide the recorded case again and compare the bytes."""
    with house.store.reading(caller.school) as look:
        stored = decisions.row(look, decision_id)
        again = decision_bytes(decide(decisions.case_of(look, stored))).decode()
    return Replayed(id=decision_id, identical=again == stored.body)
