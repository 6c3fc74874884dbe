"""Register files: preview, then apply."""

from typing import Annotated

from fastapi import Depends, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from service.api.common import NO_STORE, AtHand
from service.api.fields import PathIdentity
from service.api.shapes import ImportApply
from service.api.shown import ImportPreview, PupilFields, PupilPurposes
from service.api.strict import make_router
from service.auth import Needs, Permission
from service.pipeline.imports import Preview, apply, preview
from service.problems import Problem, documented
from storage.users import Caller

router = make_router("register")


class ImportForm(BaseModel):
    """A register file."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(description="CSV of the profile `gatekeeper` (docs/register-csv.md), the whole school.")
    profile: str = Field(default="gatekeeper", pattern="^gatekeeper$")


@router.post(
    "/register-imports",
    status_code=201,
    responses=documented(Problem.INVALID, Problem.FILE_REFUSED, Problem.BUSY),
)
def preview_import(
    form: Annotated[ImportForm, Form(media_type="multipart/form-data")],
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.REGISTER_IMPORT))],
    response: Response,
) -> ImportPreview:
    """Show what a register file would change; changes nothing."""
    response.headers.update(NO_STORE)
    return _shown(preview(form.file.file.read(), caller=caller, store=house.store))


@router.post(
    "/register-imports/{import_id}/apply",
    responses=documented(
        Problem.NOT_FOUND, Problem.INVALID, Problem.OTHER_FILE, Problem.SECOND_PERSON_NEEDED, Problem.FILE_REFUSED
    ),
)
def apply_import(
    import_id: PathIdentity,
    wanted: ImportApply,
    house: AtHand,
    caller: Annotated[Caller, Depends(Needs(Permission.REGISTER_IMPORT))],
    response: Response,
) -> ImportPreview:
    """Apply a previewed file, all or nothing. Once this answers, whatever a refusal in it covers answers 410."""
    response.headers.update(NO_STORE)
    done = apply(import_id, digest=wanted.digest, caller=caller, store=house.store, matchers=house.matchers)
    return _shown(done)


def _shown(found: Preview) -> ImportPreview:
    return ImportPreview(
        id=found.id,
        digest=found.digest,
        added=list(found.added),
        changed=[PupilFields(pupil=pupil, fields=list(fields)) for pupil, fields in found.changed.items()],
        leavers=list(found.leavers),
        granting=[PupilPurposes(pupil=pupil, purposes=list(some)) for pupil, some in found.granting.items()],
        withdrawing=[PupilPurposes(pupil=pupil, purposes=list(some)) for pupil, some in found.withdrawing.items()],
        second_person_for=list(found.brakes),
    )
