"""The service as a school runs it: its own process, its own folder, a real clock; a picture goes up and comes down by itself."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from storage.users import Role
from tests.parts.own_service import open_school, service_at
from tests.parts.world import Backend, picture, upn

PROMISED = timedelta(seconds=5)
PATIENCE_SECONDS = 120
"""How long a story waits for the worker on a busy machine before it gives up; the promise is measured by the receipt."""


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
    with service_at(backend) as service, httpx2.Client(base_url=f"{service.address}/v1", timeout=60) as client:

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
