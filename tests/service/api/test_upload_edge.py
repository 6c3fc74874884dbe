"""The edge of uploads: whatever a client sends, however slowly, nothing lies open, nothing stays, and the others are served."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import ValidationError

from consent.photo import Other
from service.api import photos as photo_calls
from service.app import create
from service.problems import Problem
from service.settings import Settings
from storage.users import Role
from tests.parts.broken import client_of, with_settings
from tests.parts.equipment import IPAD, enrols
from tests.parts.live import Live, head, serving
from tests.parts.requests import BOUNDARY, form, part
from tests.parts.world import Answer, World, picture
from tests.service.conftest import Overheard

CANARY = b"Zebedee-Quux lives at 51.50 N, 0.12 W. "
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
IMPATIENT = {"body_grace_seconds": 0.3, "min_body_rate": 1_000_000}
PATIENCE_SECONDS = 30


@pytest.fixture
def live(world: World) -> Iterator[Live]:
    with serving(create(world.house)) as found:
        yield found


@pytest.fixture
def impatient(world: World) -> Iterator[Live]:
    """The same service, in which a body may hardly pause."""
    with serving(create(with_settings(world.house, **IMPATIENT))) as found:
        yield found


def said(world: World, **headers: str) -> dict[str, str]:
    """The headers of a teacher's upload."""
    return {**world.as_role(Role.TEACHER), **FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}


def spooled(world: World) -> list[Path]:
    return list(world.house.settings.spool.iterdir())


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def assert_nothing_stays(world: World, temp_folder: Path) -> None:
    eventually(lambda: spooled(world) == [])
    assert list(temp_folder.iterdir()) == []
    assert world.originals() == []


def opening(content: bytes = b"") -> bytes:
    """The beginning of a form whose file has begun."""
    return part("file", content, file="a.jpg").removesuffix(b"\r\n")


def talkative(size: int) -> bytes:
    """A true picture with a canary in comment after comment."""
    comment = (CANARY * 1700)[:60_000]
    comments = b"".join([b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment] * (size // 60_000))
    good = picture(1)
    return good[:2] + comments + good[2:]


REFUSED: dict[str, tuple[bytes, Problem]] = {
    "1,000 tiny parts": (b"".join(part("tags", "x") for _ in range(1000)), Problem.INVALID),
    "1,000 tiny parts before the file": (b"".join(part("tags", "x") for _ in range(1000)) + opening(), Problem.INVALID),
    "a huge header of a part": (part("title", "x", more=b"\r\nx-a: " + b"x" * 100_000), Problem.TOO_LARGE),
    "a header of a part that does not end": (
        b"--frontier\r\ncontent-disposition: form-data; name=file; x=" + b"x" * 1_000_000,
        Problem.TOO_LARGE,
    ),
    "the name of a header that does not end": (b"--frontier\r\n" + b"x" * 1_000_000, Problem.TOO_LARGE),
    "many headers of a part": (
        part("title", "x", more=b"".join(b"\r\nx-%d: %s" % (one, b"x" * 100) for one in range(100))),
        Problem.MALFORMED,
    ),
    "a field of 2 MB": (part("title", b"x" * 2_000_000), Problem.TOO_LARGE),
    "a name of a field of 4 kB": (part("x" * 4000, b"x"), Problem.MALFORMED),
    "fields of 64 kB, one after another": (part("tags", b"x" * 65_000) * 20, Problem.TOO_LARGE),
    "two files": (part("file", picture(1), file="a.jpg") * 2, Problem.INVALID),
    "two files, the other by another name": (
        part("file", picture(1), file="a.jpg") + part("thumbnail", picture(1), file="a.jpg"),
        Problem.INVALID,
    ),
    "a preamble that never ends": (b"x" * 1_000_000, Problem.MALFORMED),
}


ALONE = "a preamble that never ends"


@pytest.mark.parametrize(
    ("case", "before"),
    [(case, b"") for case in REFUSED] + [(case, part("file", CANARY * 5000, file="a.jpg")) for case in REFUSED if case != ALONE],
    ids=[f"{case}, alone" for case in REFUSED] + [f"{case}, after a file" for case in REFUSED if case != ALONE],
)
def test_a_form_beyond_its_limits_is_refused_when_that_is_seen_and_leaves_nothing(
    world: World, live: Live, temp_folder: Path, case: str, before: bytes, overheard: Overheard
) -> None:
    """The client never ends the body: it is answered all the same."""
    content, problem = REFUSED[case]
    with live.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length="40000000")))
        line.say(before + content)
        answer = line.answer()
    assert (answer.status, f'"/problems/{problem.code}"'.encode() in answer.content) == (problem.status, True)
    assert_nothing_stays(world, temp_folder)
    assert CANARY.decode().strip() not in overheard.text()


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 300}", "multipart/form-data; boundary="]
)
def test_a_form_without_a_boundary_is_refused_before_a_byte_of_it(world: World, live: Live, content_type: str) -> None:
    with live.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length="40000000") | {"content-type": content_type}))
        if content_type.endswith("boundary="):
            line.say(opening())
        answer = line.answer()
    assert (answer.status, spooled(world)) == (Problem.MALFORMED.status, [])


def test_the_longest_form_that_the_documents_allow_is_not_one_part_too_long(world: World) -> None:
    listed = [part("tags", "x")] * 100 + [part("subjects", world.pupil("Ada Frost"))] * 500
    listed += [part("others", Other.STAFF.value)] * 50 + [part("destinations", "website")] * 60
    words = [part(name, "x") for name in ("title", "caption", "alt", "event", "place")] + [part("device", enrols(world, IPAD))]
    words += [part(name, "true") for name in ("no_pupils", "declared", "aware")]
    sent = form(part("file", picture(1), file="a.jpg"), *listed, *words)
    answer = world.client.post("/v1/photos", content=sent.body, headers=said(world))
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("how", ["stops", "trickles"])
def test_a_body_that_does_not_come_gets_408_and_the_line_is_closed(
    world: World, impatient: Live, temp_folder: Path, how: str
) -> None:
    with impatient.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length="40000000")))
        line.say(opening(CANARY * 5000))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while how == "trickles" and line.say(CANARY):
            assert time.monotonic() < deadline, "it was listened to for ever"
            time.sleep(0.02)
        heard = line.hear()
    if how == "stops":
        assert heard.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"/problems/too-slow" in heard
        assert b"connection: close" in heard
    assert_nothing_stays(world, temp_folder)
    assert world.sends(world.pupil("Ada Frost")).status_code == 201


def test_the_bodies_of_other_calls_have_to_come_too(world: World, impatient: Live) -> None:
    headers = {**world.as_role(Role.OFFICE), "content-type": "application/json", "content-length": "100"}
    with impatient.line() as line:
        line.say(head("POST", "/v1/consent-records", headers) + b"{")
        assert line.answer().status == Problem.TOO_SLOW.status


def test_what_follows_a_body_of_the_declared_length_is_no_part_of_it(world: World, live: Live) -> None:
    sent = form(part("file", picture(1), file="a.jpg"), part("subjects", world.pupil("Ada Frost")))
    body = sent.body or b""
    with live.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length=str(len(body)))) + body + CANARY + b"\r\n\r\n")
        assert line.answer().status == 201
        heard = line.hear()
    assert heard.startswith(b"HTTP/1.1 400")
    assert CANARY.strip() not in heard
    assert len(world.originals()) == 1


@pytest.mark.parametrize("short", [1, 40, 5000])
def test_a_body_shorter_than_declared_makes_no_photo(world: World, impatient: Live, temp_folder: Path, short: int) -> None:
    body = (form(part("file", talkative(120_000), file="a.jpg")).body or b"")[:-short]
    with impatient.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length=str(len(body) + short))) + body)
        assert line.answer().status == Problem.TOO_SLOW.status
    assert_nothing_stays(world, temp_folder)


def test_fifty_clients_that_break_off_leave_no_file_and_every_place_free(
    world: World, live: Live, temp_folder: Path, overheard: Overheard
) -> None:
    for number in range(50):
        with live.line() as line:
            line.say(head("POST", "/v1/photos", said(world, content_length="40000000")))
            line.say(opening(CANARY * (100 * number + 100)))
            eventually(lambda: spooled(world) != [])
        eventually(lambda: len(overheard.requests()) > number)  # noqa: B023 - called at once
    assert_nothing_stays(world, temp_folder)
    sent = form(part("file", picture(1), file="a.jpg"), part("subjects", world.pupil("Ada Frost")))
    headers = said(world, content_length=str(len(sent.body or b"")))
    most = world.house.settings.max_uploads_at_once
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(live.line()) for _ in range(most)]
        colleague = {**headers, **world.another(Role.TEACHER)}
        for number, line in enumerate(lines):
            line.say(head("POST", "/v1/photos", colleague if number % 2 else headers) + (sent.body or b"")[:-5])
        eventually(lambda: len(spooled(world)) == most)
        for line in lines:
            line.say((sent.body or b"")[-5:])
        assert [line.answer().status for line in lines] == [201] * most


def test_no_byte_of_a_picture_lies_open_while_it_comes_in_or_after(
    world: World, live: Live, temp_folder: Path, tmp_path: Path
) -> None:
    content = talkative(600_000)
    sent = form(part("file", content, file="a.jpg"), part("subjects", world.pupil("Ada Frost")))
    body = sent.body or b""
    marks = (CANARY, picture(1)[200:240])
    folders = (world.house.settings.data_dir, world.backend.folder, temp_folder, tmp_path)

    def lies_open() -> list[Path]:
        files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        return [path for path in files if any(mark in path.read_bytes() for mark in marks)]

    with live.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length=str(len(body)))))
        for at in range(0, len(body), 150_000):
            assert lies_open() == []
            line.say(body[at : at + 150_000])
        assert live.send("GET", "/healthz", headers={}).status == 200
        assert line.answer().status == 201
    assert lies_open() == []
    assert list(temp_folder.iterdir()) == []
    assert spooled(world) == []
    assert len(world.originals()) == 1


def test_while_an_upload_comes_in_its_bytes_are_in_the_spool_and_others_are_served(world: World, live: Live) -> None:
    with live.line() as line:
        line.say(head("POST", "/v1/photos", said(world, content_length="40000000")))
        line.say(opening(CANARY * 20_000))
        eventually(lambda: sum(path.stat().st_size for path in spooled(world)) > 500_000)
        assert live.send("GET", "/v1/pupils", headers=world.as_role(Role.TEACHER)).status == 200
        assert world.sends(world.pupil("Ada Frost")).status_code == 201
    eventually(lambda: spooled(world) == [])


def test_a_request_whose_address_and_headers_are_too_long_is_told_so(world: World, live: Live) -> None:
    for answer in (
        live.send("GET", "/v1/pupils?" + "x" * 20_000, headers=world.as_role(Role.TEACHER)),
        live.send("GET", "/v1/pupils", headers={**world.as_role(Role.TEACHER), "x-name": "x" * 20_000}),
    ):
        assert (answer.status, b"/problems/headers-too-large" in answer.content) == (Problem.HEADERS_TOO_LARGE.status, True)


# --- the queue ------------------------------------------------------------------------------------------------------


def test_a_school_with_a_full_queue_is_told_to_come_again_before_a_byte_and_gets_through_when_it_does(world: World) -> None:
    full = client_of(with_settings(world.house, max_waiting_photos=3))
    ada, there = world.pupil("Ada Frost"), world.neighbour()
    headers = {**world.as_role(Role.TEACHER), "idempotency-key": "morning-1"}

    def send(headers: dict[str, str] = headers) -> Answer:
        return full.post("/v1/photos", files={"file": ("a.jpg", picture(7))}, data={"subjects": [ada]}, headers=headers)

    for _ in range(3):
        assert world.sends(ada).status_code == 201
    answer = send()
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/queue-full")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    neighbours = full.post("/v1/photos", files={"file": ("a.jpg", picture(7))}, headers=there.as_role(Role.TEACHER))
    assert neighbours.status_code == 201, "another school's queue is its own"
    tries = 1
    while answer.status_code == 429:
        tries += 1
        assert tries < 10
        world.works()
        answer = send()
    assert (answer.status_code, tries) == (201, 2)
    assert send().json()["id"] == answer.json()["id"]


def test_a_teacher_with_200_photos_never_meets_the_limit_however_it_is_set() -> None:
    assert Settings().max_waiting_photos >= 10 * 200, "ten teachers after a sports day"
    with pytest.raises(ValidationError):
        Settings(max_waiting_photos=199)


def test_a_register_file_does_not_wait_for_photos(world: World) -> None:
    full = client_of(with_settings(world.house, max_waiting_photos=0))
    sent = {"file": ("register.csv", b"nothing,known\n")}
    answer = full.post("/v1/register-imports", files=sent, headers=world.as_role(Role.OFFICE))
    assert answer.json()["type"] == "/problems/file-refused"


def test_uploads_wait_for_a_place_to_be_looked_at_and_all_are_taken(world: World, live: Live) -> None:
    sent = form(part("file", picture(1), file="a.jpg"), part("subjects", world.pupil("Ada Frost")))
    body, looks = sent.body or b"", world.house.settings.max_looks_at_once
    headers = said(world, content_length=str(len(body)))
    for _ in range(looks):
        assert world.house.looks.acquire(timeout=PATIENCE_SECONDS)
    with ThreadPoolExecutor(max_workers=6) as pool:
        waiting = [pool.submit(live.send, "POST", "/v1/photos", headers=headers, chunks=[body]) for _ in range(6)]
        eventually(lambda: len(spooled(world)) == 6)
        assert live.send("GET", "/v1/pupils", headers=world.as_role(Role.TEACHER)).status == 200
        assert not any(one.done() for one in waiting)
        assert world.originals() == []
        for _ in range(looks):
            world.house.looks.release()
        assert [one.result().status for one in waiting] == [201] * 6
    assert spooled(world) == []


def test_an_upload_that_waits_in_vain_to_be_looked_at_is_told_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_calls, "_PATIENCE_SECONDS", 0.1)
    for _ in range(world.house.settings.max_looks_at_once):
        assert world.house.looks.acquire(timeout=PATIENCE_SECONDS)
    answer = world.sends(world.pupil("Ada Frost"))
    assert (answer.status_code, answer.json()["type"], "retry-after" in answer.headers) == (503, "/problems/busy", True)
    assert spooled(world) == []
    for _ in range(world.house.settings.max_looks_at_once):
        world.house.looks.release()
    assert world.sends(world.pupil("Ben Okoro")).status_code == 201


def test_a_picture_that_is_refused_gives_its_place_to_look_back(world: World) -> None:
    for _ in range(3 * world.house.settings.max_looks_at_once):
        assert world.sends(file=("a.jpg", b"words")).status_code == Problem.UNSUPPORTED_TYPE.status
    assert spooled(world) == []
