"""The stage of the demonstration: the service on 127.0.0.1, the people who use it, and a tally of what came out as told."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import uvicorn
from rich.console import Console

from service import operate
from service.app import create
from service.demo.client import Client
from service.demo.dirt import Camera
from service.demo.pictures import DemoPicture
from service.demo.school import CLASSES, SCHOOL_NAME, demo_rows
from service.listening import Listening
from service.mis.rows import PupilRow
from service.wiring import House
from storage.users import Role

PATIENCE: Final = 120.0
"""Seconds until the demonstration gives a step up."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """The service, the people who use it, and whether everything came out as told."""

    out: Console
    port: int
    people: Mapping[Role, Client]
    rows: Mapping[str, PupilRow]
    ids: dict[str, str] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, DemoPicture] = field(default_factory=dict)
    devices: dict[Camera, str] = field(default_factory=dict)
    failures: int = 0

    def check(self, sentence: str, *, true: bool) -> None:
        """Tell one thing that must hold, and whether it does."""
        self.failures += not true
        self.out.print(f"  {'[green]yes[/]' if true else '[bold red]NO[/]'}  {sentence}")

    def wait(self, done: Callable[[], bool]) -> bool:
        """Wait until something has happened; False if it does not."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if done():
                return True
            time.sleep(0.1)
        return False

    def photo(self, title: str, role: Role = Role.HEAD) -> dict[str, Any]:
        """Look at a photo as somebody sees it."""
        found: dict[str, Any] = self.people[role].get(f"/v1/photos/{self.photos[title]}").body
        return found


def set_up_school(house: House, port: int, out: Console) -> Stage:
    """Make the invented school, with a policy and a token for every role."""
    out.rule("[bold]The photo-consent gatekeeper, told with an invented school")
    policy = operate.default_policy().replace('faces = "detected"', 'faces = "declared"')
    school, code = operate.create_school(house, name=SCHOOL_NAME, headteacher="head@elmfield.example", policy=policy)
    people = {
        role: Client(
            port=port,
            token=operate.create_token(house, school, role=role, classes=tuple(CLASSES), days=None),
        )
        for role in Role
    }
    out.print(f"\n{SCHOOL_NAME} has a policy. It takes the teacher's word for who is pictured, as there is no face detector.")
    out.print(f"The headteacher's enrolment link, good once: http://127.0.0.1:{port}/enrol?code={code}")
    rows = {row.upn: row for row in demo_rows(datetime.now(UTC).date())}
    return Stage(out=out, port=port, people=people, rows=rows)


@contextmanager
def serving(house: House, port: int) -> Iterator[int]:
    """Serve on 127.0.0.1 in a thread, with a worker, until the story is over."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    server = uvicorn.Server(Listening(create(house, with_worker=True), settings=house.settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + PATIENCE
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def keep_serving(stage: Stage) -> None:
    """Print the tokens and serve until told to end."""
    stage.out.print("\nTokens to try it with (invented school, this run only):")
    for role, client in stage.people.items():
        stage.out.print(f"  {role.value:8} {client.token}")
    stage.out.print(
        f"\n  curl -H 'Authorization: Bearer {stage.people[Role.EDITOR].token}' "
        f"'http://127.0.0.1:{stage.port}/v1/publications?destination=website'"
    )
    stage.out.print("\nServing until you press Ctrl+C.")
    stop = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stop.set())
    stop.wait()
