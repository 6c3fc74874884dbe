"""Uploads: how large, how many at once, kept in memory only, and the same request twice is one photo."""

import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from service.app import create
from storage.users import Role
from tests.parts.live import Live, Reply, serving
from tests.parts.requests import BOUNDARY, form, part
from tests.parts.world import World, picture

SIXTY_MEGABYTES = 60_000_000


@pytest.fixture
def live(world: World) -> Iterator[Live]:
    with serving(create(world.house)) as found:
        yield found


def chunked(size: int) -> Iterator[bytes]:
    """A file that goes on and on, in chunks of a megabyte."""
    yield _chunk(part("file", b"", file="long.jpg").removesuffix(b"\r\n"))
    for _ in range(size // 1_000_000):
        yield _chunk(b"\xff" * 1_000_000)
    yield b"0\r\n\r\n"


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def test_a_request_that_says_it_has_60_megabytes_is_refused_before_its_body_comes(world: World, live: Live) -> None:
    said = {"content-length": str(SIXTY_MEGABYTES), "content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = live.send("POST", "/v1/photos", headers={**world.as_role(Role.TEACHER), **said})
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")
    assert b"/problems/too-large" in answer.content


def test_60_megabytes_in_chunks_are_refused_once_they_outgrow_the_limit(world: World, live: Live) -> None:
    said = {"transfer-encoding": "chunked", "content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = live.send("POST", "/v1/photos", headers={**world.as_role(Role.TEACHER), **said}, chunks=chunked(SIXTY_MEGABYTES))
    assert answer.status == 413
    assert b"/problems/too-large" in answer.content
    assert world.originals() == []
    assert world.sends(world.pupil("Ada Frost")).status_code == 201


@pytest.mark.parametrize("headers", [{"content-length": "49000000"}, {"transfer-encoding": "chunked"}], ids=["length", "chunks"])
def test_nobody_is_refused_before_a_body_comes(live: Live, headers: dict[str, str]) -> None:
    answer = live.send("POST", "/v1/photos", headers=headers)
    assert answer.status == 401


@pytest.mark.parametrize("headers", [{"content-length": "49000000"}, {"transfer-encoding": "chunked"}], ids=["length", "chunks"])
def test_a_role_that_may_not_upload_is_refused_before_a_body_comes(world: World, live: Live, headers: dict[str, str]) -> None:
    answer = live.send("POST", "/v1/photos", headers={**world.as_role(Role.EDITOR), **headers})
    assert answer.status == 403


def test_another_content_type_is_refused_before_a_body_comes(world: World, live: Live) -> None:
    said = {"content-length": "49000000", "content-type": "image/jpeg"}
    answer = live.send("POST", "/v1/photos", headers={**world.as_role(Role.TEACHER), **said})
    assert answer.status == 415


def test_a_header_longer_than_the_server_reads_is_refused_and_the_next_request_is_served(world: World, live: Live) -> None:
    answer = live.send("GET", "/v1/pupils", headers={**world.as_role(Role.TEACHER), "x-name": "Zebedee-Quux" * 20_000})
    assert 400 <= answer.status < 500
    assert b"Zebedee" not in answer.content
    assert live.send("GET", "/v1/pupils", headers=world.as_role(Role.TEACHER)).status == 200


def noise() -> bytes:
    """A true picture of more than five megabytes."""
    out = BytesIO()
    Image.frombytes("RGB", (1300, 1300), os.urandom(1300 * 1300 * 3)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_of_five_megabytes_is_taken_without_touching_the_temp_folder(world: World, temp_folder: Path) -> None:
    content = noise()
    assert len(content) > 5_000_000
    assert world.sends(world.pupil("Ada Frost"), file=("a.png", content)).status_code == 201
    assert list(temp_folder.iterdir()) == []


def test_nothing_that_is_refused_touches_the_temp_folder_either(world: World, temp_folder: Path, watched: list[str]) -> None:
    content = b"GPS" * 2_000_000
    pages = world.client.post("/enrol", files={"code": ("code.txt", content[:900_000])})
    registers = world.client.post("/v1/register-imports", files={"file": ("a.csv", content)}, headers=world.as_role(Role.OFFICE))
    photos = world.sends(file=("a.jpg", content))
    assert (pages.status_code, registers.status_code, photos.status_code) == (422, 422, 415)
    assert list(temp_folder.iterdir()) == []
    assert watched == []


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file that spooling made: such a file has no name, so that a look at the folder would not find it."""
    made: list[str] = []
    make = tempfile.TemporaryFile

    def noting(*args: Any, **options: Any) -> Any:
        made.append("a file")
        return make(*args, **options)

    monkeypatch.setattr(tempfile, "TemporaryFile", noting)
    return made


def test_the_watch_on_the_temp_folder_sees_what_is_spooled(watched: list[str]) -> None:
    with tempfile.SpooledTemporaryFile(max_size=1) as spooled:
        spooled.write(b"ab")
    assert watched == ["a file"]


def test_an_accepted_photo_has_an_address_where_its_state_is_found(world: World) -> None:
    answer = world.sends(world.pupil("Ada Frost"))
    assert answer.headers["location"] == f"/v1/photos/{answer.json()['id']}"
    found = world.client.get(answer.headers["location"], headers=world.as_role(Role.TEACHER))
    assert (found.status_code, found.json()["id"]) == (200, answer.json()["id"])


def test_the_same_request_with_the_same_key_is_the_same_photo(world: World) -> None:
    ada, file = world.pupil("Ada Frost"), ("a.jpg", picture(7))
    headers = {**world.as_role(Role.TEACHER), "idempotency-key": "morning-1"}
    first, again = (world.sends(ada, file=file, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["id"], first.headers["location"]) == (again.json()["id"], again.headers["location"])
    assert len(world.originals()) == 1


def test_a_key_used_for_another_request_is_a_conflict(world: World) -> None:
    headers = {**world.as_role(Role.TEACHER), "idempotency-key": "morning-1"}
    ada = world.pupil("Ada Frost")
    world.sends(ada, file=("a.jpg", picture(7)), headers=headers)
    answer = world.sends(ada, file=("a.jpg", picture(8)), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


def test_a_key_is_its_uploaders_own(world: World) -> None:
    ada, file = world.pupil("Ada Frost"), ("a.jpg", picture(7))
    callers = [world.as_role(Role.TEACHER), world.another(Role.TEACHER)]
    answers = [world.sends(ada, file=file, headers={**caller, "idempotency-key": "morning-1"}) for caller in callers]
    assert len({answer.json()["id"] for answer in answers}) == 2


def test_the_same_request_sent_many_times_at_one_time_is_one_photo(world: World, live: Live) -> None:
    sent = form(part("file", picture(7), file="a.jpg"), part("subjects", world.pupil("Ada Frost")))
    headers = {
        **world.as_role(Role.TEACHER),
        **{name: str(value) for name, value in sent.headers.items()},
        "idempotency-key": "morning-1",
        "content-length": str(len(sent.body or b"")),
    }

    def upload(_: int) -> Reply:
        return live.send("POST", "/v1/photos", headers=headers, chunks=[sent.body or b""])

    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(upload, range(6)))
    assert {answer.status for answer in answers} == {201}
    assert len({json.loads(answer.content)["id"] for answer in answers}) == 1
    assert len(world.originals()) == 1


def test_a_destination_asked_for_twice_is_asked_for_once(world: World) -> None:
    answer = world.sends(world.pupil("Ada Frost"), to=("website", "website", "shared-site"))
    assert answer.status_code == 201
    assert [one["destination"] for one in answer.json()["destinations"]] == ["shared-site", "website"]
