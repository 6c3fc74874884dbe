"""The running service against its own OpenAPI document: what it answers is what the document says, whatever it is sent.

Requests are made from the document by Schemathesis, valid and invalid, and go to a real server with real tokens. Where the
document can't know what exists, it is told: ids of photos, pupils, a publication and an import that are there.
"""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.routing import iter_route_contexts

from consent.events import Event
from service.app import assemble, create, openapi
from service.auth import GRANTS
from storage.users import Role
from tests.guards.test_routes import Call, calls
from tests.parts.live import serving
from tests.parts.world import World, picture
from tests.service.api.test_roles import equipment
from tests.service.conftest import Overheard

ROOT: Final = Path(__file__).resolve().parents[3]
UNKNOWN: Final = "f" * 32
EXAMPLES: Final = 12
"""Drawn for each call, besides those that the document's bounds ask for."""
CONFIG: Final = """
seed = 1
[checks.positive_data_acceptance]
# Well formed can still be nobody's (401), name nobody (422), be no picture (415), or have been taken down (410).
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "415", "422"]
"""
LEFT_OUT: Final = "ignored_auth,use_after_free,ensure_resource_availability,object_level_authorization"
"""These choose their own callers; tests of roles and of the door do."""


REACHED: Final[Mapping[str, set[int]]] = {
    "POST /v1/photos": {201, 403, 415, 422},
    "GET /v1/photos/{photo_id}": {200, 403},
    "PATCH /v1/photos/{photo_id}": {200, 403, 404, 422},
    "GET /v1/publications": {200, 403, 422},
    "GET /v1/publications/{publication_id}/{rendition}": {200, 404, 410},
    "GET /v1/publications/{publication_id}/receipt": {200, 404},
    "GET /v1/changes": {200, 403, 422},
    "GET /v1/pupils": {200, 403, 422},
    "PATCH /v1/pupils/{pupil_id}": {204, 403, 404, 422},
    "PUT /v1/pupils/{pupil_id}/persons": {200, 403, 404, 422},
    "PUT /v1/pupils/{pupil_id}/protection": {204, 403, 422},
    "GET /v1/pupils/{pupil_id}/consents": {200, 403},
    "POST /v1/consent-records": {201, 403, 422},
    "POST /v1/consent-records/{record_id}/retirements": {200, 404},
    "POST /v1/register-imports": {403, 422},
    "POST /v1/register-imports/{import_id}/apply": {200, 404, 409, 422},
    "GET /v1/decisions": {200, 403, 422},
    "GET /v1/decisions.csv": {200, 403, 422},
    "POST /v1/decisions/{decision_id}/replay": {200, 404},
    "GET /v1/devices": {200},
    "POST /v1/devices": {201, 403, 422},
    "PATCH /v1/devices/{device_id}": {204, 403, 422},
    "GET /v1/devices/{device_id}/receipts": {200, 404},
    "POST /v1/devices/{device_id}/wipes": {404, 409, 422},
    "GET /v1/devices/overdue": {200},
    "GET /v1/device-exceptions": {200},
    "POST /v1/device-exceptions": {403, 422},
    "POST /v1/device-exceptions/{exception_id}/withdraw": {204, 404},
    "DELETE /v1/tokens/{token_id}": {204},
    "POST /enrolments": {404, 422},
    "GET /healthz": {200},
    "GET /readyz": {200},
}
"""What the run must really have met: a campaign that is refused at the door would find nothing."""


def seed(world: World) -> dict[str, list[str]]:
    """Fill a school; return what there is, by the name that a parameter has. Nothing that the run can do takes ``live`` down."""
    ada, ben, cy, dee = (world.pupil(name, year_group="R") for name in ("Ada Frost", "Ben Okoro", "Cy Lee", "Dee Marsh"))
    for child in (ada, ben, dee):
        world.agrees(child)
    shown = world.previews(*(world.row(child, website_group="yes") for child in (ada, ben, cy, dee))).json()
    live, gone = world.publication(world.uploads(dee)), world.publication(world.uploads(ben))
    held, approved = world.uploads(cy), world.uploads(ada, to=("website", f"journal:{ada}"))
    record = world.refuses(ben, "journal:shared", relation="father", authority="none")
    world.works()
    decision = world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).json()["items"][0]["id"]
    for _ in range(3):
        world.another(Role.EDITOR)
    device, exception = equipment(world)
    return {
        "device_id": [device, UNKNOWN],
        "exception_id": [exception, UNKNOWN],
        "photo_id": [held, approved, UNKNOWN],
        "publication_id": [live, gone, UNKNOWN],
        "rendition": ["320", "9"],
        "pupil_id": [ada, ben, UNKNOWN],
        "record_id": [record, UNKNOWN],
        "import_id": [shown["id"], UNKNOWN],
        "decision_id": [decision, UNKNOWN],
        "token_id": [*(one["token"] for one in world.recorded(Event.TOKEN_CREATED)[-3:]), UNKNOWN],
        "digest": [shown["digest"], "0" * 64],
        "pupil": [ada, ben, UNKNOWN, "upn:Z999999999999"],
        "destination": ["website", "shared-site", f"journal:{ada}", f"journal:{UNKNOWN}"],
        "photo": [held, UNKNOWN],
    }


def told(there_is: Mapping[str, list[str]]) -> dict[str, Any]:
    """The document, with what there is in the place of patterns."""
    document = deepcopy(openapi(assemble()))
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["schema"] = {"type": "string", "enum": there_is[parameter["name"]]}
    shapes = document["components"]["schemas"]
    shapes["ConsentGiven"]["properties"]["pupil"] = {"enum": there_is["pupil"]}
    shapes["ConsentGiven"]["properties"]["photo"] = {"enum": [*there_is["photo"], None]}
    shapes["ImportApply"]["properties"]["digest"] = {"enum": there_is["digest"]}
    for shape in (shapes["PhotoForm"], shapes["PhotoEdit"]):
        shape["properties"]["destinations"]["items"] = {"enum": there_is["destination"]}
    shapes["PhotoForm"]["properties"]["subjects"]["items"] = {"enum": there_is["pupil"]}
    upload = document["paths"]["/v1/photos"]["post"]["requestBody"]["content"]["multipart/form-data"]
    upload["encoding"] = {"file": {"contentType": "image/jpeg"}}
    return document


def turns(world: World) -> dict[str, list[str]]:
    """For each call the tokens that make it by turns: mostly of roles that may, at times of one that may not, or nobody's."""

    def of(call: Call) -> list[str]:
        if not call.needs:
            return [""]
        may = [world.tokens[role] for role in Role if set(call.needs) <= GRANTS[role]]
        others = [world.tokens[role] for role in Role if not set(call.needs) <= GRANTS[role]]
        return [token for other in [*others, ""] for token in [*may, other]]

    return {f"{call.method} {call.path}": of(call) for call in calls(iter_route_contexts(assemble().routes))}


@pytest.fixture
def run(world: World, tmp_path: Path, overheard: Overheard) -> tuple[str, int]:
    """Serve a school in which there is something of everything, and let Schemathesis at it: its words and its exit code."""
    document, callers, config = tmp_path / "openapi.json", tmp_path / "callers.json", tmp_path / "schemathesis.toml"
    document.write_text(json.dumps(told(seed(world))), encoding="utf-8")
    pictures = [picture(1, size=(40, 30)), picture(2, size=(40, 30), kind="PNG"), b"words"]
    said = {"callers": turns(world), "pictures": [b64encode(one).decode() for one in pictures]}
    callers.write_text(json.dumps(said), encoding="utf-8")
    config.write_text(CONFIG, encoding="utf-8")
    overheard.entries.clear()
    with serving(create(world.house)) as live:
        command = [
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(config),
                "run",
                str(document),
                "--url",
                live.address,
            ),
            *("--phases", "examples,coverage,fuzzing", "--checks", "all", "--exclude-checks", LEFT_OUT),
            *("--max-examples", str(EXAMPLES), "--generation-deterministic"),
            *("--generation-with-security-parameters", "false"),
            *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off", "--no-color"),
        ]
        hooked = {"SCHEMATHESIS_HOOKS": "tests.parts.schema_hooks", "SCHEMA_CALLERS": str(callers), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | hooked, capture_output=True, text=True, check=False, timeout=600
        )
    return done.stdout + done.stderr, done.returncode


def test_whatever_is_sent_the_service_answers_as_its_document_says(run: tuple[str, int], overheard: Overheard) -> None:
    words, code = run
    assert code == 0, words[-20_000:]
    met: dict[str, set[int]] = {}
    for line in overheard.requests():
        met.setdefault(f"{line['method']} {line['route']}", set()).add(line["status"])
    missed = {call: statuses - met.get(call, set()) for call, statuses in REACHED.items()}
    assert {call: statuses for call, statuses in missed.items() if statuses} == {}, met
