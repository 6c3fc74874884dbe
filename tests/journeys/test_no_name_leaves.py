"""Thirty unusual names planted wherever a request, a file or a picture can carry one: none comes out, or stays lying about.

A service of its own process, with a log that says all it can. What may hold a name afterwards is the register, the words that
wait for a person, and the answers to those who may see them; everything else is searched.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import select

from service.demo.pictures import demo_picture
from service.wiring import build
from storage.objects.keys import photo_key
from storage.tables import metadata
from storage.users import Role
from tests.parts.leaks import folded_forms, leaked, written_in_all_ways
from tests.parts.own_service import Service, open_school, service_at
from tests.parts.world import Backend, picture, settings_for, upn

NAMES = (
    *("Ottoline Brackwater", "Peregrine Silverthorn", "Zebedee Quuxworth", "Thessaly Windermoor", "Caspian Hollowell"),
    *("Marigolda Fenwhistle", "Leopolda Grimsditch", "Barnabas Thistlewode", "Clementia Ravenscrag", "Evangeline Pocklebank"),
    *("Thaddeus Crumblehorn", "Persephone Wickersley", "Balthazar Nettlefold", "Seraphina Dunderdale", "Augustine Mossgrave"),
    *("Wilhelmina Oakenshaw", "Cornelius Bramblewick", "Philomena Starkweather", "Ignatius Puddlecote", "Henrietta Slumberley"),
    *("Søren-Åsmund Bjørkelund", "Żółcisława Brzęczyszczykiewicz", "Владислава Незабудкина", "Αναστασία Παπαδοπούλου"),
    *("Étienne-Gaspard Dûvernoy", "Siobhánaigh Ó'Maolchatha", "Nakshatra-Devi Chattopadhyay", "Oluwadamilola Adékúnlémi"),
    *("Tuğrulhan Şahinoğlugil", "Mihăilești Țăndărescu"),
)
ROBIN, WREN = NAMES[:20], NAMES[20:]
"""The teacher's own class, and another one."""
FORMS = folded_forms(NAMES)
MAY_HOLD_NAMES = {"pupil", "photo", "publication", "register_import"}
"""Tables with words: the register, words that wait for a person, words that are out (searched apart), files not yet applied."""
OWN_CLASS = {Role.TEACHER: folded_forms(ROBIN), Role.SYNC: FORMS}
"""Whose names a list of pupils gives: a teacher those of the own class, the MIS those that it brought."""
MAY_SEE = {Role.OFFICE, Role.HEAD, Role.DSL}
PATIENCE_SECONDS = 120


@dataclass(slots=True)
class Answers:
    """Whatever the service said, and to whom; an error is nobody's to have names in."""

    searched: list[tuple[str, bytes]] = field(default_factory=list)

    def note(self, role: Role | None, answer: Any, forms: frozenset[str] = FORMS) -> None:
        said = f"{answer.status_code} {dict(answer.headers)} ".encode() + answer.content
        if answer.status_code >= 400 or role not in MAY_SEE:
            where = f"{role} {answer.request.method} {answer.status_code} {answer.request.url.path}"
            self.searched.extend((where, form.encode()) for form in leaked(said, forms))


@dataclass(slots=True, kw_only=True)
class Story:
    """One school that is told names in every way there is."""

    client: httpx2.Client
    tokens: dict[Role, str]
    answers: Answers

    def call(self, role: Role, method: str, path: str, *, sees: frozenset[str] = frozenset(), **more: Any) -> Any:
        """Call, and note the answer. ``sees``: names that this role may see here, being its own class's or its own words."""
        headers = {"authorization": f"Bearer {self.tokens[role]}", **more.pop("headers", {})}
        answer = self.client.request(method, path, headers=headers, **more)
        self.answers.note(role, answer, FORMS - sees if answer.status_code < 400 else FORMS)
        return answer


def test_the_search_finds_a_name_however_it_is_written() -> None:
    for name in NAMES:
        forms = folded_forms([name])
        missed = [written for written in written_in_all_ways(name) if not leaked(b"..." + written + b"...", forms)]
        assert missed == [], name
    assert leaked(b"nothing of the kind, only words and 0123456789abcdef" * 50, FORMS) == []
    assert leaked("\u968b\u5510\u4f0a \u968b\u5510i".encode("utf-16-le"), folded_forms(["Ignatius"])) == []


def test_thirty_names_planted_everywhere_come_out_nowhere(backend: Backend) -> None:
    tokens = open_school(backend)
    answers = Answers()
    with (
        service_at(backend, log_level="debug") as service,
        httpx2.Client(base_url=f"{service.address}/v1", timeout=120) as client,
    ):
        story = Story(client=client, tokens=tokens, answers=answers)
        pupils = bring_the_register(story)
        photos = [upload(story, pupils, number) for number in range(10)]
        live = wait_for_decisions(story, photos)
        send_what_can_not_be_taken(story, pupils, photos[0])
        read_everything(story, photos, live)
        take_one_back(story, pupils)
        read_everything(story, photos, live)
        temporary = list(files_in(service.temp_folder))
    assert sorted({where for where, _ in answers.searched}) == []
    assert [leak for path in temporary for leak in leaked(f"{path}".encode() + path.read_bytes(), FORMS)] == []
    assert {where: leaks for where, content in left_behind(backend, service) if (leaks := leaked(content, FORMS))} == {}


def bring_the_register(story: Story) -> dict[str, str]:
    """Import a good file of all the names, after several bad ones. Returns name -> pupil id."""
    good = register_file()
    lines = good.decode().splitlines()
    bad = {
        "a name for a heading": [lines[0].replace("surname", NAMES[0]), *lines[1:]],
        "shifted": [lines[0], *(line.split(",", 1)[1] for line in lines[1:])],
        "a name for a UPN": [lines[0], *(line.replace(line.split(",")[0], "Zebedee Quuxworth") for line in lines[1:])],
        "a name for a word": [lines[0], *(line.replace("mother", NAMES[3]) for line in lines[1:])],
        "a name for a date": [lines[0], *(f"{line.rsplit(',', 1)[0]},{NAMES[4]}" for line in lines[1:])],
        "not closed": [*lines[:4], f'"{NAMES[5]}'],
    }
    for rows in bad.values():
        sent = {"file": (f"{NAMES[1]}.csv", "\n".join(rows).encode())}
        assert story.call(Role.OFFICE, "POST", "/register-imports", files=sent).status_code == 422
    sent = {"file": (f"{NAMES[1]}.csv", good)}
    assert story.call(Role.OFFICE, "POST", "/register-imports", files=sent, data={NAMES[2]: NAMES[2]}).status_code == 422
    preview = story.call(Role.OFFICE, "POST", "/register-imports", files={"file": (f"{NAMES[1]}.csv", good)}).json()
    applied = story.call(Role.OFFICE, "POST", f"/register-imports/{preview['id']}/apply", json={"digest": preview["digest"]})
    assert applied.status_code == 200
    items = story.call(Role.OFFICE, "GET", "/pupils").json()["items"]
    return {f"{one['forename']} {one['surname']}": one["id"] for one in items}


def register_file() -> bytes:
    heading = "upn,forename,surname,reg_group,year_group,relation,authority,website_group,shared_site,journal_own,answered_at"
    at = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    rows = [heading]
    for number, name in enumerate(NAMES, start=1):
        forename, surname = name.split(" ")
        group = "Robin,R" if name in ROBIN else "Wren,R"
        rows.append(f"{upn(number)},{forename},{surname},{group},mother,parental-responsibility,yes,yes,yes,{at}")
    return "\n".join(rows).encode()


def upload(story: Story, pupils: dict[str, str], number: int) -> str:
    """One dirty picture of three children: their names, and others', in its metadata, its name, its words and its headers."""
    three = NAMES[3 * number : 3 * number + 3]
    key = ("class-group", "painting", "castle", "blocks")[number % 4]
    dirty = demo_picture(key, three)
    words = {
        "title": f"{three[0]} wins" if number % 2 else "Autumn leaves",
        "caption": f"Here is {three[1].upper()} beside {three[2].replace(' ', '_')}" if number % 3 == 0 else "In the hall",
        "alt": f"{three[0].split()[0]} paints",
        "event": f"{three[1].split()[1]}'s party",
        "tags": [three[0], quote(three[1]), three[2].replace(" ", ""), "autumn"],
    }
    form = {
        "subjects": [pupils[name] for name in three if name in pupils],
        "destinations": ["website", "shared-site", f"journal:{pupils[three[0]]}"],
        "declared": "true",
        "place": "ordinary",
        "aware": "yes",
        **(words if number % 2 == 0 else {"tags": words["tags"]}),
    }
    headers = {"user-agent": quote(three[0]), "referer": f"https://school.example/{quote(three[1])}", "x-pupil": quote(three[2])}
    file = {"file": (f"{three[0]}-{three[1]}.{dirty.file_name.rsplit('.', 1)[1]}", dirty.content)}
    answer = story.call(Role.TEACHER, "POST", "/photos", files=file, data=form, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def wait_for_decisions(story: Story, photos: list[str]) -> list[dict[str, Any]]:
    """Wait until nothing is pending any more; return what is live."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        seen = [story.call(Role.HEAD, "GET", f"/photos/{photo}").json() for photo in photos]
        if not any(one["outcome"] == "pending" for photo in seen for one in photo["destinations"]):
            live = story.call(Role.EDITOR, "GET", "/publications").json()["items"]
            assert live, "nothing went out: there would be nothing to search"
            return list(live)
        time.sleep(0.2)
    pytest.fail("still pending")


def send_what_can_not_be_taken(story: Story, pupils: dict[str, str], photo: str) -> None:
    """Requests that are refused, each with names in it, by every role and by nobody."""
    some = NAMES[6]
    for role in Role:
        for name in (some, NAMES[21]):
            for method, path in addresses(name, photo):
                sees = OWN_CLASS.get(role, frozenset()) if path.startswith("/pupils?") else frozenset()
                query = f"{path}{'&' if '?' in path else '?'}{quote(name)}={quote(name)}"
                story.call(role, method, query, headers={"x-name": quote(name)}, sees=sees)
    bodies: list[Any] = [{some: some}, [some], some, {"pupil": some}, {"title": some * 400}, {"subjects": [some], some: 1}]
    for role in Role:
        for body in bodies:
            story.call(role, "POST", "/consent-records", json=body)
            story.call(role, "PATCH", f"/photos/{photo}", json=body)
            story.call(role, "PATCH", f"/pupils/{pupils[NAMES[0]]}", json={**(body if isinstance(body, dict) else {}), "x": some})
            story.call(role, "POST", "/devices", json=body)
    for file in bad_pictures(some):
        form = {"title": some, "subjects": [some], "destinations": [some]}
        story.call(Role.TEACHER, "POST", "/photos", files={"file": file})
        story.call(Role.TEACHER, "POST", "/photos", files={"file": file}, data=form)
        story.call(Role.TEACHER, "POST", "/photos", files={some: file, "file": file})
    for key in (some, "a" * 300 + quote(some)):
        headers = {"idempotency-key": quote(key), "content-type": f"multipart/form-data; boundary={quote(some)}"}
        story.call(Role.TEACHER, "POST", "/photos", content=some.encode(), headers=headers)
    nobody = story.client.get(f"/photos/{quote(some)}", headers={"authorization": f"Bearer {quote(some)}"})
    assert nobody.status_code == 401
    story.answers.note(None, nobody)
    story.answers.note(None, story.client.request("OTTOLINE", f"/{quote(some)}", headers={"cookie": f"name={quote(some)}"}))


def addresses(name: str, photo: str) -> Iterator[tuple[str, str]]:
    spelled = quote(name)
    for path in ("photos", "publications", "pupils", "decisions", "devices", "exceptions", "register-imports"):
        yield "GET", f"/{path}/{spelled}"
        yield "DELETE", f"/{path}/{spelled}"
    yield "GET", f"/pupils?reg_group={spelled}"
    yield "GET", f"/publications?destination={spelled}&after={spelled}"
    yield "GET", f"/decisions?reason={spelled}&since={spelled}"
    yield "GET", f"/photos?waiting={spelled}"
    yield "GET", f"/changes?after={spelled}"
    yield "GET", f"/photos/{photo}/{spelled}"


def bad_pictures(name: str) -> Iterator[tuple[str, bytes]]:
    dirty = demo_picture("class-group", [name]).content
    yield f"{name}.jpg", dirty[: len(dirty) // 2]
    yield f"{name}.jpg", name.encode() * 200
    yield f"{name}.gif", b"GIF89a" + name.encode() * 10
    yield f"{name}.png", b"\x89PNG\r\n\x1a\n" + name.encode() * 10
    yield f"../{name}\r\nx: {quote(name)}.jpg", picture(3)[:-400]


def read_everything(story: Story, photos: list[str], live: list[dict[str, Any]]) -> None:
    """Every role reads whatever it can get at."""
    for role in Role:
        teacher = role is Role.TEACHER
        story.call(role, "GET", "/pupils", sees=OWN_CLASS.get(role, frozenset()))
        for path in ("/publications", "/publications?destination=website", "/changes", "/decisions", "/devices", "/exceptions"):
            story.call(role, "GET", path)
        for path in ("/tokens", "/photos?waiting=metadata", "/audit/entries", "/register-imports", "/openapi.json"):
            story.call(role, "GET", path)
        for photo in photos:
            story.call(role, "GET", f"/photos/{photo}", sees=FORMS if teacher else frozenset())
            story.call(role, "GET", f"/photos/{photo}/preview")
        for one in live:
            story.call(role, "GET", f"/publications/{one['id']}/receipt")
            for rendition in one["renditions"]:
                story.call(role, "GET", rendition["href"].removeprefix("/v1"))
                story.call(role, "HEAD", rendition["href"].removeprefix("/v1"))
    for path in ("/../healthz", "/../readyz", "/../metrics", "/../docs"):
        story.answers.note(None, story.client.get(path))


def take_one_back(story: Story, pupils: dict[str, str]) -> None:
    for name in (NAMES[0], NAMES[1], NAMES[2]):
        by = {"relation": "father", "authority": "parental-responsibility"}
        no = {"pupil": pupils[name], "purpose": "shared-site", "answer": "refused", "by": by}
        assert story.call(Role.OFFICE, "POST", "/consent-records", json=no).status_code == 201


def left_behind(backend: Backend, service: Service) -> Iterator[tuple[str, bytes]]:
    """What lies about when the service has ended: its log, its files, its objects, and every table without words in it."""
    yield "the log", (backend.folder / "serve.log").read_bytes()
    settings = settings_for(backend)
    for path in (*files_in(settings.data_dir), *files_in(backend.folder / "objects"), *files_in(service.temp_folder)):
        if "sqlite" not in path.name:
            yield f"the file {path.relative_to(backend.folder)}", str(path).encode() + path.read_bytes()
    house = build(settings)
    try:
        for name in ("published", "prepared", "quarantine"):
            store = getattr(house.stores, name)
            for entry in store.list(""):
                yield f"an object of {name}", f"{entry}".encode() + (store.get(entry.key) or b"")
                yield f"what {name} says of an object", said_of(store, entry.key)
        with house.engine.connect() as connection:
            for table in metadata.sorted_tables:
                if table.name not in MAY_HOLD_NAMES:
                    rows = [tuple(row) for row in connection.execute(select(table))]
                    yield f"the table {table.name}", json.dumps(rows, default=str, ensure_ascii=False).encode()
            words = [row[0] for row in connection.execute(select(metadata.tables["publication"].c.words))]
            assert words
            yield "published words", json.dumps(words, ensure_ascii=False).encode()
            facts = [tuple(row) for row in connection.execute(select(metadata.tables["publication"].c.photo_facts))]
            yield "what was decided on", json.dumps(facts, ensure_ascii=False).encode()
    finally:
        house.close()


def said_of(store: Any, key: str) -> bytes:
    """Headers and metadata of an object, where the store is one that keeps them."""
    client = getattr(store, "_client", None)
    if client is None:
        return b""
    found = client.head_object(Bucket=store._bucket, Key=key)  # noqa: SLF001 - what no reader of ours can see
    return json.dumps(found, default=str).encode()


def files_in(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_search_of_what_is_left_behind_would_find_a_name(backend: Backend) -> None:
    open_school(backend)
    house = build(settings_for(backend))
    key = photo_key("s" * 32, "p" * 32, "0" * 64)  # type: ignore[arg-type] # ids that nobody has
    try:
        house.stores.published.put_if_absent(key, f"by {NAMES[0]}".encode())
    finally:
        house.close()
    (backend.folder / "serve.log").write_text(json.dumps({"event": NAMES[22]}))
    temporary = Service(live=None, server=None, temp_folder=backend.folder / "t")  # type: ignore[arg-type] # never started
    found = {where for where, content in left_behind_but_words(backend, temporary) if leaked(content, FORMS)}
    assert "the log" in found
    assert "an object of published" in found


def left_behind_but_words(backend: Backend, service: Service) -> Iterator[tuple[str, bytes]]:
    """The same of a school where nothing was published."""
    try:
        yield from left_behind(backend, service)
    except AssertionError:
        return
