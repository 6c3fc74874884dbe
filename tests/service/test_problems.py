"""Problems: each code means one thing, each error of ours is one of them, and the service can really say each."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, OperationalError

from consent.purposes import UnknownDestination
from service import problems
from service.app import create
from service.imaging import ImagingError, Refusal
from service.mis.refusal import ProblemCode, refuse
from service.pipeline import edit, imports
from service.problems import MEDIA_TYPE, Problem, ProblemError
from storage.database import open_database
from storage.errors import Conflict, Fenced, LockOrder, NotFound, NotGone, SilentChange
from storage.objects.errors import StoreUnavailable
from storage.users import Role
from tests.parts.requests import form, part
from tests.parts.world import Answer, World, picture

UNKNOWN = "f" * 32
SECRET = "Zebedee-Quux"


def photo(world: World, **more: Any) -> Answer:
    return world.sends(world.pupil("Ada Frost"), **more)


def a_live_one(world: World) -> str:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    return world.publication(world.uploads(ada))


def gone(world: World) -> Answer:
    publication = a_live_one(world)
    ada = world.client.get("/v1/pupils", headers=world.as_role(Role.HEAD)).json()["items"][0]["id"]
    world.refuses(ada, "journal:shared")
    return world.reads(publication)


def second_person(world: World) -> Answer:
    return world.edits(world.uploads(world.pupil("Ada Frost")), faces_accounted=True)


def other_file(world: World) -> Answer:
    shown = world.previews(world.row(world.pupil("Ada Frost"))).json()
    return world.client.post(f"/v1/register-imports/{shown['id']}/apply", json={"digest": "0" * 64}, headers=world.as_role(Role.OFFICE))


def without_places(world: World) -> Answer:
    """Every place for an upload is taken."""
    app = create(world.house)
    app.user_middleware[0].kwargs["max_uploads"] = 0
    return _with(world, app).post("/v1/photos", files={"file": ("a.jpg", picture(1))}, headers=world.as_role(Role.TEACHER))


def without_store(world: World) -> Answer:
    def away(**_: object) -> object:
        raise StoreUnavailable(SECRET)

    return _broken(world, quarantine_keep=away, ask=lambda: photo(world))


def _with(world: World, app: Any) -> Any:
    from starlette.testclient import TestClient  # noqa: PLC0415

    return TestClient(app, raise_server_exceptions=False)
