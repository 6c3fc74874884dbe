"""A school to tell stories with: pupils, parents, a teacher who uploads, an editor who pulls, and time that stands still."""

import csv
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from consent.events import Event
from service import operate
from service.app import create
from service.imaging import Sandbox
from service.mis.upn import check_letter
from service.settings import Settings
from service.wiring import House, Safety, build
from service.worker import sweep_all, work_until_idle
from storage import auditlog
from storage.objects.stores import Stores
from storage.users import Role

Answer = Any
"""What the service answered: an HTTP response of the test client."""

DECLARED = 'faces = "declared"'
RECORDED = 'provenance = "recorded"'
START = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class StillClock:
    """A clock that stands still until it is told to move."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, *, days: float = 0, seconds: float = 0) -> None:
        self.now += timedelta(days=days, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Where one test's school remembers."""

    database_url: str
    store_url: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def settings_for(backend: Backend) -> Settings:
    return Settings(data_dir=backend.folder / "data", database_url=backend.database_url, store_url=backend.store_url)


def policy_text(**changes: str) -> str:
    """The policy of a school without a face detector that only records its devices; a change replaces ``key = ...``."""
    text = operate.default_policy().replace('faces = "detected"', DECLARED).replace('provenance = "required"', RECORDED)
    lines = text.splitlines()
    for key, value in changes.items():
        at = [index for index, line in enumerate(lines) if line.split(" = ")[0] == key]
        assert len(at) == 1, f"no such key in the policy: {key}"
        lines[at[0]] = f"{key} = {value}"
    return "\n".join(lines) + "\n"


def picture(seed: int = 0, *, size: tuple[int, int] = (640, 480), kind: str = "JPEG") -> bytes:
    """A small picture, different for each seed."""
    image = Image.new("RGB", size, ((seed * 37) % 256, (seed * 91) % 256, 120))
    ImageDraw.Draw(image).ellipse((40 + seed % 50, 40, 200, 200), fill="gold")
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


@dataclass(slots=True, kw_only=True)
class World:
    """One school in a house. Methods are what people do; ids of pupils are what the service gave."""

    house: House
    clock: StillClock
    backend: Backend
    client: TestClient
    school: str
    tokens: dict[Role, str]
    numbers: Iterator[int]

    # --- people ---------------------------------------------------------------------------------------------------

    def as_role(self, role: Role) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[role]}"}

    def another(self, role: Role, *, classes: tuple[str, ...] = ("Robin",)) -> dict[str, str]:
        """Headers of one more person of a role."""
        token = operate.create_token(self.house, self.school_id, role=role, classes=classes, days=None)
        return {"authorization": f"Bearer {token}"}

    @property
    def school_id(self) -> Any:
        return self.school

    def neighbour(self, name: str = "Oakfield Primary") -> "World":
        """Another school in the same house."""
        return _settle(self.house, self.clock, self.backend, self.client, name, policy_text())

    # --- the register ---------------------------------------------------------------------------------------------

    def pupil(self, name: str, **facts: Any) -> str:
        """Put a pupil on the register and return the id. ``name`` is "Forename Surname"."""
        from service.pipeline.imports import SOURCE  # noqa: PLC0415
        from storage import registers, schools  # noqa: PLC0415

        forename, _, surname = name.partition(" ")
        pupil_id = secrets.token_hex(16)
        values: dict[str, Any] = {
            "upn": upn(next(self.numbers)),
            "forename": forename,
            "middle": "",
            "surname": surname,
            "known_as": "",
            "reg_group": "Robin",
            "year_group": "3",
            "on_roll_from": date(2022, 9, 1),
            "left_on": None,
            "legal_status": "no-order",
            "legal_status_since": None,
        }
        with self.house.store.transaction(self.school_id, actor="test") as step:
            schools.lock(step, share=False)
            registers.insert_pupil(step, pupil_id, **(values | facts))  # type: ignore[arg-type]
            registers.refresh_names(step)
            registers.source_seen(step, SOURCE)
            step.record(_event("REGISTER_CHANGED"), pupils=1)
        return pupil_id

    def answers(
        self,
        pupil: str,
        purpose: str,
        answer: str = "given",
        *,
        relation: str = "mother",
        authority: str = "parental-responsibility",
        role: Role = Role.OFFICE,
        on: str | None = "2026-09-10T09:00:00Z",
        **more: Any,
    ) -> Answer:
        """Somebody answers; ``on`` None = undated, "now" = this moment."""
        at = self.clock.now.isoformat() if on == "now" else on
        by = {"relation": relation, "authority": authority, "person": more.pop("person", "")}
        body = {"pupil": pupil, "purpose": purpose, "answer": answer, "by": by, "answered_at": at} | more
        return self.client.post("/v1/consent-records", json=body, headers=self.as_role(role))

    def agrees(self, pupil: str, *purposes: str, **how: Any) -> None:
        """A parent says yes to these purposes, or to every one but high-profile."""
        for purpose in purposes or ALL_PURPOSES:
            answer = self.answers(pupil, purpose, "given", **how)
            assert answer.status_code == 201, answer.text

    def refuses(self, pupil: str, purpose: str, **how: Any) -> str:
        """Somebody says no, now unless dated; returns the record's id."""
        answer = self.answers(pupil, purpose, "refused", **({"on": "now"} | how))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def change_pupil(self, pupil: str, **facts: Any) -> None:
        answer = self.client.patch(f"/v1/pupils/{pupil}", json=facts, headers=self.as_role(Role.OFFICE))
        assert answer.status_code == 204, answer.text

    def person(self, pupil: str, **facts: Any) -> None:
        answer = self.client.put(f"/v1/pupils/{pupil}/persons", json=facts, headers=self.as_role(Role.OFFICE))
        assert answer.status_code == 200, answer.text

    def protects(self, pupil: str, *, protected: bool = True) -> None:
        """The DSL sets or clears the flag."""
        answer = self.client.put(f"/v1/pupils/{pupil}/protection", json={"protected": protected}, headers=self.as_role(Role.DSL))
        assert answer.status_code == 204, answer.text

    def policy(self, **changes: str) -> None:
        operate.set_policy(self.house, self.school_id, policy_text(**changes))

    def why_not(self, pupil: str, purpose: str) -> set[str]:
        """What the headteacher is told stands against a pupil for a purpose; nothing = the pupil may appear."""
        answer = self.client.get(f"/v1/pupils/{pupil}/consents", headers=self.as_role(Role.HEAD))
        assert answer.status_code == 200, answer.text
        (found,) = [one for one in answer.json()["standing"] if one["purpose"] == purpose]
        assert found["may_appear"] is (found["reasons"] == [])
        return {one["reason"] for one in found["reasons"]}

    def retires(self, record: str, role: Role) -> bool:
        """Head or DSL says that the giver of a no has no authority; True once both have."""
        answer = self.client.post(f"/v1/consent-records/{record}/retirements", headers=self.as_role(role))
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["retired"])

    # --- register files -------------------------------------------------------------------------------------------

    def row(self, pupil: str, **cells: str) -> dict[str, str]:
        """One row of a register file about a pupil who is on the register; the mother answers unless told otherwise."""
        listed = self.client.get("/v1/pupils", headers=self.as_role(Role.OFFICE)).json()["items"]
        (known,) = [one for one in listed if one["id"] == pupil]
        facts = {name: known[name] for name in ("upn", "forename", "surname", "reg_group", "year_group")}
        return facts | {"relation": "mother", "authority": "parental-responsibility"} | cells

    def previews(self, *rows: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """The office shows a file of these rows to the service; nothing changes yet."""
        text = StringIO(newline="")
        heading = list(dict.fromkeys(column for one in rows for column in one))
        writer = csv.DictWriter(text, heading, restval="")
        writer.writeheader()
        writer.writerows(rows)
        sent = {"file": ("register.csv", text.getvalue().encode())}
        return self.client.post("/v1/register-imports", files=sent, headers=headers or self.as_role(Role.OFFICE))

    def applies(self, preview: Answer, *, headers: dict[str, str] | None = None) -> Answer:
        """Somebody in the office applies a file that was previewed."""
        assert preview.status_code == 201, preview.text
        shown = preview.json()
        address, body = f"/v1/register-imports/{shown['id']}/apply", {"digest": shown["digest"]}
        return self.client.post(address, json=body, headers=headers or self.as_role(Role.OFFICE))

    def brings(self, *rows: dict[str, str]) -> None:
        """A file of these rows is the register from now on: one person previews it, another applies it."""
        answer = self.applies(self.previews(*rows), headers=self.another(Role.OFFICE))
        assert answer.status_code == 200, answer.text

    # --- photos ---------------------------------------------------------------------------------------------------

    def sends(
        self, *pupils: str, to: tuple[str, ...] = ("website",), file: tuple[str, bytes] | None = None, **fields: Any
    ) -> Answer:
        """The teacher uploads a photo of these pupils; nothing works on it yet."""
        form: dict[str, Any] = {"subjects": list(pupils), "destinations": list(to), "declared": "true"} | fields
        headers = form.pop("headers", None) or self.as_role(Role.TEACHER)
        sent = file or ("IMG_0001.JPG", picture(next(self.numbers)))
        return self.client.post("/v1/photos", headers=headers, files={"file": sent}, data=form)

    def uploads(self, *pupils: str, to: tuple[str, ...] = ("website",), **fields: Any) -> str:
        """The teacher uploads a photo and everything due is done; returns the photo's id."""
        answer = self.sends(*pupils, to=to, **fields)
        assert answer.status_code == 201, answer.text
        self.works()
        return str(answer.json()["id"])

    def photo(self, photo: str, *, role: Role = Role.TEACHER) -> dict[str, Any]:
        answer = self.client.get(f"/v1/photos/{photo}", headers=self.as_role(role))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def outcome(self, photo: str, destination: str = "website") -> str:
        """approved, held, rejected or pending."""
        return str(self._at(photo, destination, Role.HEAD)["outcome"])

    def reasons(self, photo: str, destination: str = "website", *, role: Role = Role.HEAD) -> set[str]:
        return {one["reason"] for one in self._at(photo, destination, role)["findings"]}

    def publication(self, photo: str, destination: str = "website") -> str:
        """The id of the live publication of a photo."""
        found = self._at(photo, destination, Role.HEAD).get("publication")
        assert found is not None, f"not published: {self.outcome(photo, destination)} {self.reasons(photo, destination)}"
        return str(found)

    def asks_again(self, photo: str, *to: str) -> None:
        """The teacher asks anew for a photo to go somewhere, and everything due is done."""
        answer = self.edits(photo, destinations=list(to))
        assert answer.status_code == 200, answer.text
        self.works()

    def goes_out(self, *pupils: str, to: str = "shared-site", **fields: Any) -> bool:
        """Upload one more photo of these pupils; True if it is published, False if not one byte of it is."""
        self.works()
        before = self.objects_with_bytes()
        photo = self.uploads(*pupils, to=(to,), **fields)
        if self.outcome(photo, to) == "approved":
            return bool(self.reads(self.publication(photo, to)).status_code == 200)
        assert self.objects_with_bytes() == before
        return False

    def edits(self, photo: str, *, headers: dict[str, str] | None = None, **said: Any) -> Answer:
        return self.client.patch(f"/v1/photos/{photo}", json=said, headers=headers or self.as_role(Role.TEACHER))

    # --- what readers see -----------------------------------------------------------------------------------------

    def published(self, destination: str = "website", *, role: Role = Role.EDITOR) -> list[dict[str, Any]]:
        answer = self.client.get("/v1/publications", params={"destination": destination}, headers=self.as_role(role))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def reads(self, publication: str, rendition: str = "800", *, role: Role = Role.HEAD) -> Answer:
        return self.client.get(f"/v1/publications/{publication}/{rendition}", headers=self.as_role(role))

    def receipt(self, publication: str, *, role: Role = Role.HEAD) -> dict[str, Any]:
        answer = self.client.get(f"/v1/publications/{publication}/receipt", headers=self.as_role(role))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def changes(self, *, after: str = "0") -> list[dict[str, Any]]:
        answer = self.client.get("/v1/changes", params={"after": after}, headers=self.as_role(Role.EDITOR))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def objects_with_bytes(self) -> list[str]:
        """Keys of everything in the publish bucket that is no tombstone, of any version."""
        return sorted({one.key for one in self.house.stores.published.list(f"{self.school}/") if one.size})

    def originals(self) -> list[str]:
        """Keys of everything in quarantine that is no tombstone."""
        return sorted({one.key for one in self.house.stores.quarantine.list(f"{self.school}/") if one.size})

    def recorded(self, event: Event) -> list[dict[str, Any]]:
        """What the audit log says of one kind of event, the oldest first."""
        with self.house.store.reading(self.school_id) as look:
            found = auditlog.entries(look.connection, self.school_id, after=0, kinds=[event], limit=1000)
            return [{"actor": one.actor, **json.loads(one.body)} for one in found]

    def is_down(self, publication: str) -> bool:
        """Every rendition answers 410 and the receipt's probes found nothing left."""
        receipt = self.receipt(publication)
        probes = {one["rendition"]: one["with_bytes"] for one in receipt["probes"]}
        gone = {"320", "800"} <= set(probes) and all(self.reads(publication, name).status_code == 410 for name in probes)
        return gone and receipt["state"] == "retracted" and not any(probes.values())

    # --- time and work --------------------------------------------------------------------------------------------

    def works(self) -> int:
        """The worker does everything that is due now."""
        return work_until_idle(self.house)

    def sweeps(self) -> Any:
        """One reconciliation pass; returns what it found in this school."""
        return sweep_all(self.house)[self.school_id]

    def register_seen(self) -> None:
        """The school's feed was seen whole just now."""
        from service.pipeline.imports import SOURCE  # noqa: PLC0415
        from storage import registers  # noqa: PLC0415

        with self.house.store.transaction(self.school_id, actor="test") as step:
            registers.source_seen(step, SOURCE)
            step.record(_event("REGISTER_CHANGED"), pupils=0)

    def _at(self, photo: str, destination: str, role: Role) -> dict[str, Any]:
        found = [one for one in self.photo(photo, role=role)["destinations"] if one["destination"] == destination]
        assert len(found) == 1, f"the photo was not asked to go to {destination}"
        return dict(found[0])


ALL_PURPOSES = ("journal:own", "journal:shared", "shared-site", "website:group", "website:individual")


def upn(number: int) -> str:
    """A valid UPN."""
    digits = f"{number:012d}"
    return f"{check_letter(digits)}{digits}"


class KeptSandbox(Sandbox):
    """One warm imaging child for the whole run: a house that closes leaves it alone."""

    def close(self) -> None:
        """Stay warm for the next test."""

    def end(self) -> None:
        super().close()


class RacedOnce(Safety):
    """A store of one kind is raced once for the whole run, not once for each test; what is broken is told to its test anew."""

    _safe: ClassVar[set[str]] = set()

    def __init__(self, *, stores: Stores, sandbox: Sandbox, kind: str) -> None:
        super().__init__(stores=stores, sandbox=sandbox)
        self._kind = kind

    def store_is_safe(self) -> bool:
        if self._kind not in self._safe and super().store_is_safe():
            self._safe.add(self._kind)
        return self._kind in self._safe


@contextmanager
def open_world(
    backend: Backend, clock: StillClock, *, policy: str | None = None, sandbox: Sandbox | None = None
) -> Iterator[World]:
    """Build a house on a backend, with one school in it."""
    house = build(settings_for(backend), clock=clock, sandbox=sandbox)
    house = replace(house, safety=RacedOnce(stores=house.stores, sandbox=house.sandbox, kind=backend.store_url.split(":")[0]))
    try:
        client = TestClient(create(house), raise_server_exceptions=False)
        yield _settle(house, clock, backend, client, "Elmfield Primary", policy or policy_text())
    finally:
        house.close()


def _settle(house: House, clock: StillClock, backend: Backend, client: TestClient, name: str, policy: str) -> World:
    school, _ = operate.create_school(house, name=name, headteacher="head@school.example", policy=policy)
    tokens = {role: operate.create_token(house, school, role=role, classes=("Robin",), days=None) for role in Role}
    found = World(
        house=house, clock=clock, backend=backend, client=client, school=school, tokens=tokens, numbers=iter(range(1, 10**9))
    )
    found.register_seen()
    return found


def _event(name: str) -> Any:
    from consent.events import Event  # noqa: PLC0415

    return Event[name]
