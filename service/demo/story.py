"""``gatekeeper demo``: the main job from nothing, told on screen, every step checked as it is told."""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from service.demo.equipment import enrol, wipe
from service.demo.look import look
from service.demo.pictures import DemoPicture, camera_of, demo_picture
from service.demo.plot import PROTECTED, SCENES, WITHDRAWN_PURPOSE, WITHDRAWS, Scene
from service.demo.stage import Stage, keep_serving, serving, set_up_school
from service.logs import set_up
from service.mis.csvfile import write
from service.mis.rows import PupilRow
from service.problems import Problem
from service.settings import Settings
from service.wiring import build
from storage.migrate import to_head
from storage.users import Role

_ON_THE_WEBSITE: Final = 2


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
        with serving(house, port) as bound:
            stage = set_up_school(house, bound, out)
            for act in (_register, _uploads, _outcomes, _proof, _withdrawal, _audit):
                act(stage)
            _end(stage, directory)
            if not once:
                keep_serving(stage)
        return 1 if stage.failures else 0
    finally:
        house.close()


def _register(stage: Stage) -> None:
    stage.out.rule("1. The office imports the register and enrols the devices")
    office = stage.people[Role.OFFICE]
    shown = office.upload("/v1/register-imports", file_name="register.csv", content=write(stage.rows.values()))
    stage.check(f"the preview shows {len(stage.rows)} new pupils", true=len(shown.body["added"]) == len(stage.rows))
    applied = office.send("POST", f"/v1/register-imports/{shown.body['id']}/apply", {"digest": shown.body["digest"]})
    stage.check("it is applied, all or nothing", true=applied.succeeded)
    listed = office.get("/v1/pupils").body["items"]
    stage.ids.update({one["upn"]: one["id"] for one in listed})
    enrol(stage)
    flagged = stage.people[Role.DSL].send("PUT", f"/v1/pupils/{stage.ids[PROTECTED]}/protection", {"protected": True})
    stage.check("the safeguarding lead protects one child; nobody else will be able to tell", true=flagged.succeeded)


def _uploads(stage: Stage) -> None:
    stage.out.rule("2. A teacher uploads pictures as they come off the camera")
    for scene in SCENES:
        picture = demo_picture(scene.picture, [_name(stage.rows[upn]) for upn in scene.pupils or (WITHDRAWS,)])
        stage.drawn[scene.title] = picture
        sent = stage.people[Role.TEACHER].upload(
            "/v1/photos", file_name=picture.file_name, content=picture.content, fields=_fields(stage, scene, picture)
        )
        stage.check(
            f"{scene.title}: accepted ({picture.media_type}, {len(picture.content) // 1024} KB)",
            true=sent.succeeded,
        )
        stage.photos[scene.title] = sent.body["id"]
    text = stage.people[Role.TEACHER].upload("/v1/photos", file_name="notes.jpg", content=b"not a picture at all")
    stage.check("a text file called notes.jpg: refused", true=text.status == Problem.UNSUPPORTED_TYPE.status)


def _fields(stage: Stage, scene: Scene, picture: DemoPicture) -> Iterator[tuple[str, str]]:
    yield from (("subjects", stage.ids[upn]) for upn in scene.pupils)
    yield ("no_pupils", "false" if scene.pupils else "true")
    yield ("declared", "true" if scene.declared else "false")
    yield from (("destinations", _destination(stage, scene, one)) for one in scene.to)
    yield ("title", scene.title)
    yield ("place", scene.place)
    yield ("aware", "true")
    if not camera_of(scene.picture).serial:  # such a picture does not say which device took it
        yield ("device", stage.devices[camera_of(scene.picture)])
    yield from (("tags", tag) for tag in (*scene.tags, picture.file_name.rsplit(".", 1)[0]))


def _outcomes(stage: Stage) -> None:
    stage.out.rule("3. What became of them, and why")
    done = stage.wait(lambda: _all_decided(stage))
    look(stage)
    done = stage.wait(lambda: _all_decided(stage)) and done
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
    wipe(stage)


def _all_decided(stage: Stage) -> bool:
    return all(_is_decided(stage.photo(scene.title)) for scene in SCENES)


def _proof(stage: Stage) -> None:
    stage.out.rule("4. What the world can see")
    editor = stage.people[Role.EDITOR]
    shown = editor.get("/v1/publications?destination=website").body["items"]
    files = [editor.get(one["href"]).content for item in shown for one in item["renditions"]]
    planted = {text for picture in stage.drawn.values() for text in picture.planted}
    leaked = sum(text in file for text in planted for file in files)
    stage.check(f"{len(shown)} pictures on the website, {len(files)} files", true=len(shown) == _ON_THE_WEBSITE)
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
    stage.check("the class picture is on the website", true=editor.get(f"{website}/800").succeeded)
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
    gone = editor.get(f"{website}/800").status == Problem.GONE.status
    stage.check(
        "as soon as the office has recorded it, every address of the picture answers 410",
        true=answer.succeeded and gone,
    )
    stage.check(
        "on the shared site, which he did not mean, it stays",
        true=editor.get(f"/v1/publications/{live['shared-site']}/800").succeeded,
    )
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


def _is_decided(state: Mapping[str, Any]) -> bool:
    return all(one["outcome"] != "pending" for one in state["destinations"])


def _findings(stage: Stage, title: str) -> list[dict[str, Any]]:
    return [one for to in stage.photo(title, Role.TEACHER)["destinations"] for one in to["findings"]]


def _destination(stage: Stage, scene: Scene, spelled: str) -> str:
    return f"journal:{stage.ids[scene.pupils[0]]}" if spelled == "journal" else spelled


def _name(row: PupilRow) -> str:
    return f"{row.forename} {row.surname}"
