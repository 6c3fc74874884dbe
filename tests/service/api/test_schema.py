"""The running service against its own OpenAPI document: what it answers is what the document says, whatever it is sent.

Requests are made from the document by Schemathesis, valid and invalid, and go to a real server with real tokens. Where the
document can't know what exists, it is told: ids of photos, pupils, a publication and an import that are there.
"""

import itertools
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import hypothesis.strategies as st
import pytest
import schemathesis
import schemathesis.pytest
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth

from consent.events import Event
from service.app import assemble, create, openapi
from service.auth import GRANTS
from storage.users import Role
from tests.guards.test_routes import Call, calls
from tests.parts.live import serving
from tests.parts.world import World, picture

UNKNOWN: Final = "f" * 32
SEED: Final = 1
EXAMPLES: Final = 12
"""Drawn for each call, besides those that the document's bounds ask for."""

schemathesis.openapi.media_type("image/jpeg", st.sampled_from([picture(1, size=(40, 30)), picture(2, size=(40, 30)), b"words"]))
CONFIG: Final = {
    "seed": SEED,
    "generation": {"max-examples": EXAMPLES, "allow-x00": True},
    # A pupil or destination that is well formed but unknown is refused too, and what was taken down is gone.
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "403", "404", "409", "410", "415", "422"]}},
}


@dataclass(slots=True, kw_only=True)
class Tried:
    """What the calls met: for each call, the statuses."""

    statuses: dict[str, set[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A served school in which there is something of everything, and the document that knows of it."""

    world: World
    document: dict[str, Any]
    address: str
    tried: Tried


def seed(world: World) -> dict[str, list[str]]:
    """Fill a school; return what there is, by the name that a parameter has."""
    ada, ben = world.pupil("Ada Frost", year_group="R"), world.pupil("Ben Okoro")
    for child in (ada, ben):
        world.agrees(child)
    published, held = world.uploads(ada, to=("website", f"journal:{ada}")), world.uploads(world.pupil("Cy Lee"))
    down = world.uploads(ben)
    gone = world.publication(down)
    record = world.refuses(ben, "journal:shared", relation="father", authority="none")
    world.works()
    live = world.publication(published)
    shown = world.previews(*(world.row(child, website_group="yes") for child in (ada, ben))).json()
    decision = world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).json()["items"][0]["id"]
    world.another(Role.EDITOR)
    return {
        "photo_id": [published, held, UNKNOWN],
        "publication_id": [live, gone, UNKNOWN],
        "rendition": ["320", "800", "9"],
        "pupil_id": [ada, ben, UNKNOWN],
        "record_id": [record, UNKNOWN],
        "import_id": [shown["id"], UNKNOWN],
        "decision_id": [decision, UNKNOWN],
        "token_id": [world.recorded(Event.TOKEN_CREATED)[-1]["token"], UNKNOWN],
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


@pytest.fixture
def seeded(world: World) -> Iterator[Seeded]:
    document = told(seed(world))
    with serving(create(world.house)) as live:
        yield Seeded(world=world, document=document, address=live.address, tried=Tried())


@pytest.fixture
def documented(seeded: Seeded) -> Any:
    return schemathesis.openapi.from_dict(seeded.document, config=schemathesis.Config.from_dict(CONFIG))


def callers() -> Mapping[str, Iterator[Role | None]]:
    """For each call, who makes it: mostly those who may, at times those who may not."""
    from fastapi.routing import iter_route_contexts  # noqa: PLC0415

    found: dict[str, Iterator[Role | None]] = {}
    for call in calls(iter_route_contexts(assemble().routes)):
        may = [role for role in Role if set(call.needs) <= GRANTS[role]] if call.needs else [None]
        others: list[Role | None] = [role for role in Role if role not in may] if call.needs else [None]
        found[f"{call.method} {call.path}"] = itertools.cycle([*may, *may, *may, *others])
    return found


schema = schemathesis.pytest.from_fixture("documented")
CALLERS = callers()


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_tells_of(case: schemathesis.Case, seeded: Seeded) -> None:
    role = next(CALLERS[case.operation.label])
    headers = seeded.world.as_role(role) if role is not None else {}
    answer = case.call_and_validate(base_url=seeded.address, headers=headers, excluded_checks=[ignored_auth])
    seeded.tried.statuses.setdefault(case.operation.label, set()).add(answer.status_code)
