"""Logs: one JSON object a line, with the template of the route, and never what a request carried."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog

from service.logs import set_up
from storage.users import Role
from tests.parts.broken import SECRET, client_of, with_fault
from tests.parts.requests import form, part
from tests.parts.world import World, picture

ALLOWED = {"event", "level", "timestamp", "request", "method", "route", "status", "milliseconds"}
"""Every member of a request's line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is written to standard error from ``begin`` on."""

    capture: pytest.CaptureFixture[str]

    def begin(self, level: str = "info") -> None:
        """Log as in production. Not before the test itself runs: only then is standard error what the test reads."""
        self.capture.readouterr()
        set_up(level)

    def lines(self) -> list[dict[str, object]]:
        captured = self.capture.readouterr()
        assert captured.out == ""
        return [json.loads(line) for line in captured.err.splitlines()]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Standard error; afterwards everything logs as it did before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Written(capture=capsys)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_every_request_is_one_line_of_json_with_its_route_and_nothing_that_it_carried(world: World, written: Written) -> None:
    ada = world.pupil("Zebedee Quux", known_as="Zeb-Known", reg_group="Wren-Group")
    written.begin()
    photo = world.sends(ada, title="Zebedee wins", file=("Zebedee-Quux.jpg", picture(1))).json()["id"]
    world.client.get("/v1/pupils?reg_group=Wren-Group", headers=world.as_role(Role.OFFICE))
    world.client.get(f"/v1/photos/{photo}", headers=world.as_role(Role.TEACHER))
    world.client.get("/v1/Zebedee/Quux?a=Zebedee", headers=world.as_role(Role.HEAD))
    world.client.get("/enrol?code=Zebedee-Quux")
    found = written.lines()
    assert [(line["method"], line["route"], line["status"]) for line in found] == [
        ("POST", "/v1/photos", 201),
        ("GET", "/v1/pupils", 200),
        ("GET", "/v1/photos/{photo_id}", 200),
        ("GET", "none", 404),
        ("GET", "/enrol", 200),
    ]
    assert all(set(line) == ALLOWED for line in found)
    assert len({line["request"] for line in found}) == len(found)
    told = json.dumps(found).lower()
    upn = world.client.get("/v1/pupils", headers=world.as_role(Role.OFFICE)).json()["items"][0]["upn"]
    for carried in (
        "zebedee",
        "quux",
        "zeb-known",
        "wren-group",
        photo,
        ada,
        upn.lower(),
        *(one.lower() for one in world.tokens.values()),
    ):
        assert carried not in told


def test_a_fault_of_ours_is_logged_by_its_kind_beside_the_number_of_its_request(world: World, written: Written) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    publication = world.publication(world.uploads(ada))
    written.begin()
    client_of(with_fault(world.house)).get(f"/v1/publications/{publication}/800", headers=world.as_role(Role.EDITOR))
    fault, request = written.lines()
    assert (fault["event"], fault["fault"], fault["problem"]) == ("request-failed", "ValueError", "internal")
    assert fault["request"] == request["request"]
    assert SECRET not in json.dumps([fault, request])


def test_a_refused_upload_is_logged_without_its_words(world: World, written: Written) -> None:
    sent = form(part("title", SECRET), part(SECRET, SECRET))
    headers = {**world.as_role(Role.TEACHER), **{name: str(value) for name, value in sent.headers.items()}}
    written.begin()
    world.client.post("/v1/photos", content=sent.body, headers=headers)
    (line,) = written.lines()
    assert line["status"] == 422
    assert SECRET not in json.dumps(line)


def test_other_peoples_loggers_say_who_spoke_and_what_kind_of_error_and_nothing_else(written: Written) -> None:
    written.begin()
    try:
        dict[str, str]()[SECRET]
    except KeyError:
        logging.getLogger("uvicorn.error").exception("in %s", SECRET)
    logging.getLogger("asyncio").warning(SECRET)
    logging.getLogger("asyncio").info(SECRET)
    logging.getLogger("sqlalchemy.engine").warning(SECRET)
    assert written.lines() == [
        {"logger": "uvicorn.error", "level": "error", "fault": "KeyError"},
        {"logger": "asyncio", "level": "warning"},
    ]


class Full:
    """Standard error on a disk without room."""

    def write(self, _text: str) -> None:
        raise OSError(SECRET)

    def flush(self) -> None:
        raise OSError(SECRET)


def test_a_log_that_cannot_be_written_stops_nothing(world: World, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    written.begin()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", Full())
        publication = world.publication(world.uploads(ada))
        world.refuses(ada, "journal:shared")
        world.works()
        logging.getLogger("uvicorn.error").error(SECRET)
        assert world.is_down(publication)
    assert written.lines() == []


@pytest.mark.parametrize(("level", "heard"), [("debug", 2), ("info", 2), ("warning", 1), ("error", 1)])
def test_the_level_that_is_set_decides_what_is_written(written: Written, level: str, heard: int) -> None:
    written.begin(level)
    log = structlog.get_logger("test")
    log.info("said")
    log.error("shouted")
    assert len(written.lines()) == heard
