"""The service as a school runs it: its own process, its own folder, a real clock; a picture goes up and comes down by itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service import operate
from service.wiring import build
from storage.users import Role
from tests.parts.own_server import free_ports, stop, wait_until
from tests.parts.world import Backend, picture, policy_text, settings_for, upn

ROOT = Path(__file__).parents[2]
PROMISED = timedelta(seconds=5)
PATIENCE_SECONDS = 120
"""How long a story waits for the worker on a busy machine before it gives up; the promise is measured by the receipt."""


def open_school(backend: Backend) -> dict[Role, str]:
    """What the operator does before the service starts: a school, its policy, and a token for everybody."""
    house = build(settings_for(backend))
    try:
        school, _ = operate.create_school(house, name="Elmfield", headteacher="head@school.example", policy=policy_text())
        return {role: operate.create_token(house, school, role=role, classes=("Robin",), days=None) for role in Role}
    finally:
        house.close()


@contextmanager
def serving(backend: Backend) -> Iterator[str]:
    """Run ``gatekeeper serve`` until the story is over; gives the address it answers at."""
    settings, (port,) = settings_for(backend), free_ports(1)
    environment = {
        **os.environ,
        **backend.environment,
        "PYTHONPATH": str(ROOT),
        "GATEKEEPER_DATA_DIR": str(settings.data_dir),
        "GATEKEEPER_DATABASE_URL": settings.database_url,
        "GATEKEEPER_STORE_URL": settings.store_url,
    }
    command = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--port", str(port)]
    address, log = f"http://127.0.0.1:{port}", backend.folder / "serve.log"

    def answers() -> bool:
        try:
            return bool(httpx2.get(f"{address}/healthz", timeout=5).status_code == 200)
        except httpx2.TransportError:
            return False

    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            wait_until(answers, server=server, log=log)
            yield address
        finally:
            stop(server)


def eventually(look: Callable[[], Any]) -> Any:
    """Return the first thing that is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("it did not come")


def register(answered_at: datetime) -> bytes:
    """Ada and Ben, whose mothers agreed to everything."""
    heading = "upn,forename,surname,reg_group,year_group,relation,authority,website_group,shared_site,answered_at"
    said = f"Robin,3,mother,parental-responsibility,yes,yes,{answered_at.isoformat(timespec='seconds')}"
    return "\n".join([heading, f"{upn(1)},Ada,Frost,{said}", f"{upn(2)},Ben,Okoro,{said}"]).encode()


def test_a_picture_goes_up_and_a_withdrawal_takes_it_down_within_five_seconds(backend: Backend) -> None:
    tokens = open_school(backend)
    with serving(backend) as address, httpx2.Client(base_url=f"{address}/v1", timeout=60) as client:

        def call(role: Role, method: str, path: str, **more: Any) -> Any:
            return client.request(method, path, headers={"authorization": f"Bearer {tokens[role]}"}, **more)

        sent = {"file": ("register.csv", register(datetime.now(UTC) - timedelta(days=1)))}
        preview = call(Role.OFFICE, "POST", "/register-imports", files=sent).json()
        applied = call(Role.OFFICE, "POST", f"/register-imports/{preview['id']}/apply", json={"digest": preview["digest"]})
        assert applied.status_code == 200
        form = {"subjects": [f"upn:{upn(1)}", f"upn:{upn(2)}"], "destinations": ["website", "shared-site"], "declared": "true"}
        photo = call(Role.TEACHER, "POST", "/photos", files={"file": ("IMG_1.JPG", picture(1))}, data=form).json()["id"]

        def published() -> list[dict[str, Any]]:
            items = call(Role.EDITOR, "GET", "/publications").json()["items"]
            return items if len(items) == 2 else []

        live = {one["destination"]: one for one in eventually(published)}
        assert call(Role.EDITOR, "GET", f"/photos/{photo}").status_code == 403
        hrefs = [one["href"].removeprefix("/v1") for one in live["website"]["renditions"]]
        assert [call(Role.EDITOR, "GET", href).status_code for href in hrefs] == [200, 200, 200]

        no = {
            "pupil": f"upn:{upn(1)}",
            "purpose": "website:group",
            "answer": "refused",
            "by": {"relation": "father", "authority": "parental-responsibility"},
        }
        assert call(Role.OFFICE, "POST", "/consent-records", json=no).status_code == 201
        assert [call(Role.EDITOR, "GET", href).status_code for href in hrefs] == [410, 410, 410]
        address_of_receipt = f"/publications/{live['website']['id']}/receipt"

        def tombstoned() -> dict[str, Any] | None:
            found = call(Role.HEAD, "GET", address_of_receipt).json()
            return found if found["state"] == "retracted" else None

        receipt = eventually(tombstoned)
        committed, stood = (datetime.fromisoformat(receipt[name]) for name in ("committed_at", "tombstoned_at"))
        assert stood - committed <= PROMISED
        assert {one["rendition"] for one in receipt["probes"]} == {"320", "800", "1600"}
        assert all(one["with_bytes"] == 0 for one in receipt["probes"])
        kept = live["shared-site"]["renditions"][0]["href"].removeprefix("/v1")
        assert call(Role.EDITOR, "GET", kept).status_code == 200
        changes = call(Role.EDITOR, "GET", "/changes").json()["items"]
        assert [one["type"] for one in changes] == ["Create", "Create", "Delete"]
