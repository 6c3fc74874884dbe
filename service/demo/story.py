"""``gatekeeper demo``: the main job from nothing, told on screen, every step checked as it is told."""

import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvicorn
from rich.console import Console
from rich.table import Table

from service import operate
from service.app import create
from service.demo.client import Client
from service.demo.pictures import DemoPicture, demo_picture
from service.demo.plot import PROTECTED, SCENES, WITHDRAWN_PURPOSE, WITHDRAWS, Scene
from service.demo.school import CLASSES, SCHOOL_NAME, demo_rows
from service.logs import set_up
from service.mis.csvfile import write
from service.mis.rows import PupilRow
from service.settings import Settings
from service.wiring import House, build
from storage.migrate import to_head
from storage.users import Role

_PATIENCE: Final = 120.0
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
    failures: int = 0

    def check(self, sentence: str, *, true: bool) -> None:
        """Tell one thing that must hold, and whether it does."""
        self.failures += not true
        self.out.print(f"  {'[green]yes[/]' if true else '[bold red]NO[/]'}  {sentence}")

    def wait(self, done: Callable[[], bool]) -> bool:
        """Wait until something has happened; False if it does not."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if done():
                return True
            time.sleep(0.1)
        return False

    def photo(self, title: str, role: Role = Role.HEAD) -> dict[str, Any]:
        """Look at a photo as somebody sees it."""
        found: dict[str, Any] = self.people[role].get(f"/v1/photos/{self.photos[title]}").body
        return found


def tell(directory: Path | None, *, port: int, once: bool, out: Console) -> int:
    """Tell the story in a folder, new unless one is given; return the exit code: 0 only if every step came out as told."""
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="gatekeeper-demo-") as made:
            return _tell(Path(made), port=port, once=once, out=out)
    if directory.exists() and any(directory.iterdir()):
        out.print("[red]That folder is not empty. Name a new one: the demonstration touches nobody's school.[/]")
        return 1
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _tell(directory, port=port, once=once, out=out)


def _tell(directory: Path, *, port: int, once: bool, out: Console) -> int:
    set_up("error")
    house = build(Settings(data_dir=directory, database_url="", store_url=""))
    try:
        to_head(house.engine)
        with _serving(house, port) as bound:
            stage = _set(house, bound, out)
            for act in (_register, _uploads, _outcomes, _proof, _withdrawal, _audit):
                act(stage)
            _end(stage, directory)
            if not once:
                _keep_serving(stage)
        return 1 if stage.failures else 0
    finally:
        house.close()


def _set(house: House, port: int, out: Console) -> Stage:
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


def _register(stage: Stage) -> None:
    stage.out.rule("1. The office imports the register")
    office = stage.people[Role.OFFICE]
    shown = office.upload("/v1/register-imports", file_name="register.csv", content=write(stage.rows.values()))
    stage.check(f"the preview shows {len(stage.rows)} new pupils", true=len(shown.body["added"]) == len(stage.rows))
    applied = office.send("POST", f"/v1/register-imports/{shown.body['id']}/apply", {"digest": shown.body["digest"]})
    stage.check("it is applied, all or nothing", true=applied.status == 200)  # noqa: PLR2004
    listed = office.get("/v1/pupils").body["items"]
    stage.ids.update({one["upn"]: one["id"] for one in listed})
    flagged = stage.people[Role.DSL].send("PUT", f"/v1/pupils/{stage.ids[PROTECTED]}/protection", {"protected": True})
    stage.check("the safeguarding lead protects one child; nobody else will be able to tell", true=flagged.status == 204)  # noqa: PLR2004


def _uploads(stage: Stage) -> None:
    stage.out.rule("2. A teacher uploads pictures as they come off the camera")
    for scene in SCENES:
        picture = demo_picture(scene.picture, [_name(stage.rows[upn]) for upn in scene.pupils] or [_name(stage.rows[WITHDRAWS])])
        stage.drawn[scene.title] = picture
        sent = stage.people[Role.TEACHER].upload(
            "/v1/photos", file_name=picture.file_name, content=picture.content, fields=_fields(stage, scene, picture)
        )
        stage.check(f"{scene.title}: accepted ({picture.media_type}, {len(picture.content) // 1024} KB)", true=sent.status == 201)  # noqa: PLR2004
        stage.photos[scene.title] = sent.body["id"]
    text = stage.people[Role.TEACHER].upload("/v1/photos", file_name="notes.jpg", content=b"not a picture at all")
    stage.check("a text file called notes.jpg: refused", true=text.status == 415)  # noqa: PLR2004


def _fields(stage: Stage, scene: Scene, picture: DemoPicture) -> Iterator[tuple[str, str]]:
    yield from (("subjects", stage.ids[upn]) for upn in scene.pupils)
    yield ("no_pupils", "false" if scene.pupils else "true")
    yield ("declared", "true" if scene.declared else "false")
    yield from (("destinations", _destination(stage, scene, one)) for one in scene.to)
    yield ("title", scene.title)
    yield ("place", scene.place)
    yield ("aware", "true")
    yield from (("tags", tag) for tag in (*scene.tags, picture.file_name.rsplit(".", 1)[0]))


def _outcomes(stage: Stage) -> None:
    stage.out.rule("3. What became of them, and why")
    done = stage.wait(lambda: all(_is_decided(stage.photo(scene.title)) for scene in SCENES))
    stage.check("every picture is decided", true=done)
    table = Table("picture", "outcome", "why (as the headteacher sees it)", "taken out of the file", show_lines=True)
    for scene in SCENES:
        state = stage.photo(scene.title)
        outcomes = {one["outcome"] for one in state["destinations"]}
        reasons = {one["reason"]: one["sentence"] for to in state["destinations"] for one in to["findings"]}
        right = outcomes == {scene.ends} and (scene.why in reasons if scene.why else not reasons)
        stage.failures += not right
        mark = "" if right else " [bold red](NOT as told)[/]"
        removed = ", ".join(f"{one['kind']} x{one['count']}" for one in state["removed"])
        where = ", ".join(one["destination"].split(":")[0] for one in state["destinations"])
        table.add_row(
            f"{scene.title}\n-> {where}", f"{scene.ends}{mark}", "\n".join(reasons.values()) or "everybody may appear", removed
        )
    stage.out.print(table)
    seen = {one["reason"] for one in _findings(stage, "Relay race")}
    same = {one["reason"] for one in _findings(stage, "Sports morning")}
    stage.check("to the teacher, the protected child and the refused one look exactly alike", true=seen == same)


def _proof(stage: Stage) -> None:
    stage.out.rule("4. What the world can see")
    editor = stage.people[Role.EDITOR]
    shown = editor.get("/v1/publications?destination=website").body["items"]
    files = [editor.get(one["href"]).content for item in shown for one in item["renditions"]]
    planted = {text for picture in stage.drawn.values() for text in picture.planted}
    leaked = sum(text in file for text in planted for file in files)
    stage.check(f"{len(shown)} pictures on the website, {len(files)} files", true=len(shown) == 2)  # noqa: PLR2004
    stage.check(f"none of {len(planted)} secrets planted in the originals is in any of them", true=leaked == 0)
    words = str([(one["title"], one["tags"]) for one in shown])
    named = [upn for upn, row in stage.rows.items() if row.forename in words or row.surname in words]
    stage.check("no pupil's name is in a title, a tag or a file name", true=not named)


def _withdrawal(stage: Stage) -> None:
    stage.out.rule("5. A father takes his yes back")
    title = SCENES[0].title
    live = {one["destination"]: one["publication"] for one in stage.photo(title)["destinations"]}
    website = f"/v1/publications/{live['website']}"
    editor = stage.people[Role.EDITOR]
    stage.check("the class picture is on the website", true=editor.get(f"{website}/800").status == 200)  # noqa: PLR2004
    answer = stage.people[Role.OFFICE].send(
        "POST",
        "/v1/consent-records",
        {
            "pupil": stage.ids[WITHDRAWS],
            "purpose": WITHDRAWN_PURPOSE,
            "answer": "refused",
            "by": {"relation": "father", "authority": "parental-responsibility"},
            "answered_at": datetime.now(UTC).isoformat(),
        },
    )
    gone = editor.get(f"{website}/800").status == 410  # noqa: PLR2004
    stage.check(
        "as soon as the office has recorded it, every address of the picture answers 410", true=answer.status == 201 and gone
    )  # noqa: PLR2004
    stage.check(
        "on the shared site, which he did not mean, it stays",
        true=editor.get(f"/v1/publications/{live['shared-site']}/800").status == 200,
    )  # noqa: PLR2004
    stage.wait(lambda: editor.get(f"{website}/receipt").body.get("state") == "retracted")
    receipt = editor.get(f"{website}/receipt").body
    clean = receipt["state"] == "retracted" and all(one["with_bytes"] == 0 for one in receipt["probes"])
    took = datetime.fromisoformat(receipt.get("tombstoned_at") or receipt["committed_at"]) - datetime.fromisoformat(
        receipt["committed_at"]
    )
    stage.check(f"a receipt with {len(receipt['probes'])} probes proves it gone, {took.total_seconds():.1f} s later", true=clean)
    changes = editor.get("/v1/changes").body["items"]
    told = any(one["type"] == "Delete" and one["id"] == live["website"] for one in changes)
    stage.check("the website's feed of changes says so", true=told)


def _audit(stage: Stage) -> None:
    stage.out.rule("6. The headteacher audits")
    head = stage.people[Role.HEAD]
    made = head.get("/v1/decisions?limit=200").body["items"]
    replays = [head.send("POST", f"/v1/decisions/{one['id']}/replay", {}).body["identical"] for one in made]
    stage.check(f"{len(made)} decisions on record; decided again, each comes out the same, byte for byte", true=all(replays))


def _end(stage: Stage, directory: Path) -> None:
    stage.out.rule(
        "[bold green]Every step came out as told" if not stage.failures else "[bold red]Some step did NOT come out as told"
    )
    stage.out.print(f"Data folder: GATEKEEPER_DATA_DIR={directory}")
    stage.out.print(f"Address:     http://127.0.0.1:{stage.port}/v1 (docs/api.md), /healthz, /readyz")


def _keep_serving(stage: Stage) -> None:
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


@contextmanager
def _serving(house: House, port: int) -> Iterator[int]:
    """Serve on 127.0.0.1 in a thread, with a worker, until the story is over."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    config = uvicorn.Config(create(house, with_worker=True), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + _PATIENCE
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def _is_decided(state: Mapping[str, Any]) -> bool:
    return all(one["outcome"] != "pending" for one in state["destinations"])


def _findings(stage: Stage, title: str) -> list[dict[str, Any]]:
    return [one for to in stage.photo(title, Role.TEACHER)["destinations"] for one in to["findings"]]


def _destination(stage: Stage, scene: Scene, spelled: str) -> str:
    return f"journal:{stage.ids[scene.pupils[0]]}" if spelled == "journal" else spelled


def _name(row: PupilRow) -> str:
    return f"{row.forename} {row.surname}"
