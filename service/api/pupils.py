"""Pupils and their answers: look, change, record, protect."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from sqlalchemy import Row

from consent.answers import Question, against, day_is_over
from consent.people import PupilId
from consent.photo import PhotoId
from consent.purposes import Purpose
from consent.reasons import Finding, Sight
from service.api.common import NO_STORE, AtHand, show
from service.api.fields import PathIdentity
from service.api.shapes import ConsentGiven, PersonGiven, Protection, PupilEdit
from service.api.shown import Consents, ConsentShown, Created, Pupils, PupilShown, Retired, Standing
from service.api.strict import make_router
from service.auth import SEES_WHY, Needs, Permission
from service.pipeline import sync
from service.problems import Problem, ProblemError, documented
from storage import registers, schools
from storage.errors import NotFound
from storage.store import Reading
from storage.users import Caller, Role

router = make_router("register")
_NO_PHOTO = PhotoId("")


@router.get("/pupils", responses=documented(Problem.INVALID))
def list_pupils(
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PUPIL_READ))],
    response: Response,
    reg_group: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
) -> Pupils:
    """List pupils by class and name: a teacher's own classes, or a class that is named. UPNs for office, head, DSL and MIS."""
    response.headers.update(NO_STORE)
    wanted = [reg_group] if reg_group is not None else None
    if wanted is None and caller.role is Role.TEACHER:
        wanted = sorted(caller.classes)
    with house.store.reading(caller.school) as look:
        return Pupils(items=[_pupil(look, row, caller) for row in registers.pupils_of(look, reg_groups=wanted)])


@router.patch("/pupils/{pupil_id}", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def change_pupil(
    pupil_id: PathIdentity,
    wanted: PupilEdit,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PUPIL_CHANGE))],
) -> None:
    """Change a name, class, leaving date or legal status. Old names stay scrubbed; a new legal status voids every yes."""
    change = sync.PupilChange(**{name: getattr(wanted, name) for name in PupilEdit.model_fields})
    sync.change_pupil(pupil_id, change, caller=caller, store=house.store, matchers=house.matchers)


@router.put("/pupils/{pupil_id}/persons", status_code=200, responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def put_person(
    pupil_id: PathIdentity,
    wanted: PersonGiven,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PUPIL_CHANGE))],
) -> Created:
    """Say who may answer for a pupil and by what authority."""
    person = sync.put_person(
        pupil_id,
        sync.PersonChange(
            relation=wanted.relation,
            code=wanted.person,
            authority=wanted.authority,
            barred=wanted.barred,
            delegated=frozenset(wanted.delegated),
            asked=frozenset(wanted.asked),
        ),
        caller=caller,
        store=house.store,
        matchers=house.matchers,
    )
    return Created(id=person)


@router.put("/pupils/{pupil_id}/protection", status_code=204, responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def set_protection(
    pupil_id: PathIdentity,
    wanted: Protection,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.PROTECTION_SET))],
) -> None:
    """Set or clear the protected flag: the DSL's alone. Everything picturing the child comes down like any other no."""
    sync.set_protection(pupil_id, protected=wanted.protected, caller=caller, store=house.store, matchers=house.matchers)


@router.get("/pupils/{pupil_id}/consents", responses=documented(Problem.NOT_FOUND, Problem.INVALID))
def list_consents(
    pupil_id: PathIdentity,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.CONSENT_READ))],
    response: Response,
) -> Consents:
    """List a pupil's answers. What they come to, and the protected flag, are for headteacher and DSL."""
    response.headers.update(NO_STORE)
    with house.store.reading(caller.school) as look:
        registers.pupil_row(look, pupil_id)
        entry = registers.slice_for(look, [PupilId(pupil_id)]).pupils[PupilId(pupil_id)]
        ordered = sorted(entry.records, key=lambda one: (one.first_seen_at, one.id))
        exact = caller.role in SEES_WHY
        return Consents(
            pupil=pupil_id,
            records=[
                ConsentShown(
                    id=one.id,
                    purpose=one.purpose,
                    answer=one.answer,
                    relation=one.relation,
                    authority=one.authority,
                    photo=one.photo,
                    answered_at=one.answered_at,
                    first_seen_at=one.first_seen_at,
                    source=one.source,
                    expires_on=one.valid_until,
                )
                for one in ordered
            ],
            standing=_standing(look, pupil_id) if exact else None,
            protected=entry.protected if exact else None,
        )


@router.post(
    "/consent-records",
    status_code=201,
    responses=documented(Problem.INVALID, Problem.SUBJECT_UNKNOWN, Problem.CONFLICT),
)
def record_consent(
    wanted: ConsentGiven,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.CONSENT_WRITE))],
) -> Created:
    """Record one answer. Once this answers 201, every publication that a refusal covers answers 410."""
    try:
        with house.store.reading(caller.school) as look:
            (pupil,) = registers.resolve(look, [wanted.pupil])
        given = sync.GivenAnswer(
            pupil=pupil,
            purpose=wanted.purpose,
            answer=wanted.answer,
            relation=wanted.by.relation,
            authority=wanted.by.authority,
            person=wanted.by.person,
            photo=wanted.photo,
            answered_at=wanted.answered_at,
            expires_on=wanted.expires_on,
            source=f"api:{caller.role}",
        )
        return Created(id=sync.record_answer(given, caller=caller, store=house.store, matchers=house.matchers))
    except NotFound as fault:
        raise ProblemError(Problem.SUBJECT_UNKNOWN) from fault


@router.post(
    "/consent-records/{record_id}/retirements", responses=documented(Problem.NOT_FOUND, Problem.INVALID, Problem.CONFLICT)
)
def retire_refusal(
    record_id: PathIdentity,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.CONSENT_RETIRE))],
) -> Retired:
    """Say that the giver of a refusal has no authority. Headteacher and DSL must both say so; it opens nothing by itself."""
    done = sync.retire_refusal(record_id, caller=caller, store=house.store, matchers=house.matchers)
    return Retired(retired=done)


def _pupil(look: Reading, row: Row[Any], caller: Caller) -> PupilShown:
    return PupilShown(
        id=row.id,
        forename=row.forename,
        known_as=row.known_as,
        surname=row.surname,
        reg_group=row.reg_group,
        year_group=row.year_group,
        upn=None if caller.role is Role.TEACHER else row.upn,
        on_roll=row.left_on is None or not day_is_over(row.left_on, look.now),
    )


def _standing(look: Reading, pupil_id: str) -> list[Standing] | None:
    policy = schools.policy_in_force(look)
    if policy is None:
        return None
    entry = registers.slice_for(look, [PupilId(pupil_id)]).pupils[PupilId(pupil_id)]
    found = []
    for purpose in Purpose:
        if purpose is not Purpose.HIGH_PROFILE:  # asked for each photo
            question = Question(pupil=entry, purpose=purpose, photo=_NO_PHOTO, policy=policy, now=look.now)
            reasons = tuple(Finding(reason=one) for one in against(question))
            shown = show(reasons, Sight(exact=True))
            found.append(Standing(purpose=purpose, may_appear=not reasons, reasons=shown))
    return found
