"""A protected child looks like any other no to everybody but headteacher and DSL, on every call and in every answer (promise P8).

Two schools live the same day with the same dice; they differ only in why one child may not appear. What anybody is told must be
the same to the letter, once ids are numbered in the order in which they are told.
"""

import itertools
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import pytest

from storage.users import Role
from tests.parts import world as world_module
from tests.parts.world import ALL_PURPOSES, Answer, World, picture

LONG_AGO: Final = "2023-09-10T09:00:00Z"
SCHOOL_WIDE: Final = ("website", "shared-site", "high-profile")
UNKNOWN: Final = "f" * 32
_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_CURSOR: Final = re.compile(r'"next":"\d+"')


@dataclass(slots=True, kw_only=True)
class Told:
    """Everything that was answered, in order, with ids numbered as they come."""

    lines: list[tuple[object, ...]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    cursors: bool = True

    def hear(self, asked: str, answer: Answer) -> Answer:
        headers = {name: value for name, value in answer.headers.items() if name not in {"content-length", "date", "etag"}}
        body = answer.text if answer.headers.get("content-type", "") != "image/jpeg" else answer.content.hex()
        self.lines.append(
            (self._numbered(asked), answer.status_code, self._numbered(repr(sorted(headers.items()))), self._numbered(body))
        )
        return answer

    def without(self, *hidden: str) -> list[tuple[object, ...]]:
        """Return the lines about any address but these."""
        return [line for line in self.lines if not str(line[0]).split("?")[0].endswith(hidden)] if hidden else self.lines

    def _numbered(self, text: str) -> str:
        numbered = _ID.sub(lambda found: self.ids.setdefault(found[0], f"id-{len(self.ids) + 1}"), text)
        return numbered if self.cursors else _CURSOR.sub('"next":"..."', numbered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """The same three children in every school."""

    world: World
    ada: str
    ben: str
    cleo: str

    def pictures(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Who is pictured, and where it is to go."""
        journal = f"journal:{self.ada}"
        return (
            ((self.ada,), ("website", "high-profile", journal)),
            ((self.ada, self.ben, self.cleo), ("shared-site", journal, f"journal:{self.ben}")),
        )

    def sends(self, number: int, *pictured: str, to: tuple[str, ...], headers: dict[str, str] | None = None) -> Answer:
        """Send the picture of that number of these children."""
        return self.world.sends(*pictured, to=to, headers=headers, file=("a.jpg", picture(number, size=(120, 90))))

    def same_dice(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        """From here on the ids that are drawn are those that every other school draws."""
        monkeypatch.setattr(os, "urandom", random.Random(seed).randbytes)


def protected(of: Class) -> None:
    of.world.agrees(of.ada)
    of.world.protects(of.ada)


def refused(of: Class) -> None:
    for purpose in ALL_PURPOSES:
        of.world.refuses(of.ada, purpose)


def never_answered(_: Class) -> None:
    """Nothing was ever said of this child."""


def expired(of: Class) -> None:
    of.world.agrees(of.ada, on=LONG_AGO)


def conflicting(of: Class) -> None:
    of.world.agrees(of.ada)
    for purpose in ALL_PURPOSES:
        of.world.refuses(of.ada, purpose, relation="father")


def the_child_objects(of: Class) -> None:
    of.world.agrees(of.ada)
    for purpose in ALL_PURPOSES:
        of.world.refuses(of.ada, purpose, relation="child", authority="self")


def nobody_with_authority(of: Class) -> None:
    of.world.agrees(of.ada, relation="step-parent", authority="none")


def void(of: Class) -> None:
    of.world.agrees(of.ada)
    of.world.change_pupil(of.ada, legal_status="adopted", legal_status_since="2026-10-01T09:00:00Z")


def paused(of: Class) -> None:
    of.world.agrees(of.ada)
    of.world.change_pupil(of.ada, suspended=True)


def left(of: Class) -> None:
    of.world.agrees(of.ada)
    of.world.change_pupil(of.ada, left_on="2026-11-01")


UNANSWERED: Final = (refused, never_answered, expired, conflicting, the_child_objects, nobody_with_authority, void)
ORDINARY: Final = (*UNANSWERED, paused, left)


@pytest.fixture
def settle(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Class]]:
    """Make one more school with the same three children under the same ids."""
    dice = os.urandom
    schools: Iterator[World] = itertools.chain([world], (world.neighbour(f"School {number}") for number in itertools.count()))

    def make() -> Class:
        monkeypatch.setattr(os, "urandom", dice)
        ids = (f"{number:032x}" for number in itertools.count(0xADA))
        monkeypatch.setattr(world_module, "secrets", SimpleNamespace(token_hex=lambda _: next(ids)))
        one = next(schools)
        ada = one.pupil("Ada Frost", year_group="R")
        ben = one.pupil("Ben Okoro", year_group="R")
        cleo = one.pupil("Cleo Marsh", year_group="R", reg_group="Wren")
        for child in (ben, cleo):
            one.agrees(child)
        found = Class(world=one, ada=ada, ben=ben, cleo=cleo)
        found.same_dice(monkeypatch, 1)
        return found

    with world.client:  # one loop for all requests: there are thousands
        yield make


def callers(world: World) -> Mapping[str, dict[str, str]]:
    """Everybody who must not be able to tell, but for the office and the MIS, who know the answers."""
    return {
        "their teacher": world.as_role(Role.TEACHER),
        "another teacher": world.another(Role.TEACHER, classes=("Wren",)),
        "an editor": world.as_role(Role.EDITOR),
    }


def look_everywhere(
    of: Class, told: Told, who: Mapping[str, dict[str, str]], *, photos: list[str], publications: list[str]
) -> None:
    """Ask for all there is to look at, as each caller."""
    journals = [f"journal:{child}" for child in (of.ada, of.ben, UNKNOWN)]
    paths = [
        *(f"/v1/photos/{photo}" for photo in photos),
        "/v1/pupils",
        "/v1/pupils?reg_group=Robin",
        *(f"/v1/pupils/{child}/consents" for child in (of.ada, UNKNOWN)),
        "/v1/publications",
        *(f"/v1/publications?destination={name}" for name in journals),
        *(f"/v1/publications/{one}/{rest}" for one in publications for rest in ("320", "receipt")),
        "/v1/changes",
        "/v1/decisions",
    ]
    for name, headers in who.items():
        for path in paths:
            told.hear(f"{name}: GET {path}", of.world.client.get(path, headers=headers))


def a_day(of: Class, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Photos are sent, decided on, looked at and corrected. How much happened before, and so the cursors, may differ."""
    of.same_dice(monkeypatch, 2)
    world, told = of.world, Told(cursors=False)
    photos: list[str] = []
    who = callers(world)
    alone, together = of.pictures()
    for name, (pictured, to) in (
        ("their teacher", alone),
        ("their teacher", together),
        ("another teacher", together),
        ("an editor", alone),
    ):
        answer = told.hear(f"{name} sends", of.sends(len(photos), *pictured, to=to, headers=who[name]))
        photos += [answer.json()["id"]] if answer.status_code == 201 else []
    assert len(photos) == 3
    world.works()
    look_everywhere(of, told, {"their teacher": who["their teacher"]}, photos=photos, publications=[])
    for name, headers in who.items():
        for said in ({"subjects": [of.ada, of.cleo]}, {"destinations": ["high-profile"]}, {"faces_accounted": True}):
            told.hear(f"{name}: PATCH {sorted(said)}", world.edits(photos[0], headers=headers, **said))
        told.hear(name, world.client.put(f"/v1/pupils/{of.ada}/protection", json={"protected": False}, headers=headers))
    world.works()
    world.sweeps()
    look_everywhere(of, told, who, photos=photos, publications=[])
    return told


def test_teachers_and_editors_cannot_tell_a_protected_child_from_any_other_no(
    settle: Callable[[], Class], monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    def after(cause: Callable[[Class], object]) -> Told:
        of = settle()
        cause(of)
        return a_day(of, monkeypatch)

    expected = after(protected)
    for ordinary in ORDINARY:
        with subtests.test(ordinary.__name__):
            hidden = ("/v1/pupils",) if ordinary is left else ()  # the list says who has left
            assert after(ordinary).without(*hidden) == expected.without(*hidden)
    assert len(expected.lines) > 50
    assert after(lambda of: of.world.agrees(of.ada)).lines != expected.lines, "the comparison sees nothing"


def test_the_journal_of_a_protected_child_takes_pictures_of_others_like_that_of_any_child_with_a_no(
    settle: Callable[[], Class], monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(cause: Callable[[Class], None]) -> Told:
        of, told = settle(), Told()
        cause(of)
        of.same_dice(monkeypatch, 2)
        photo = told.hear("sent", of.sends(1, of.ben, to=("website", f"journal:{of.ada}"))).json()["id"]
        of.world.works()
        told.hear("looked at", of.world.client.get(f"/v1/photos/{photo}", headers=of.world.as_role(Role.TEACHER)))
        return told

    expected = after(protected)
    for ordinary in UNANSWERED:
        assert after(ordinary).lines == expected.lines


def taken_down(of: Class, how: Callable[[Class], object], monkeypatch: pytest.MonkeyPatch) -> Told:
    """Pictures of a child are out; then something closes them, at one moment."""
    world, told = of.world, Told()
    world.agrees(of.ada)
    sets, to = ((of.ada,), (of.ada, of.ben)), ("website", "shared-site")
    photos = [of.sends(number, *pictured, to=to).json()["id"] for number, pictured in enumerate(sets)]
    world.works()
    publications = [one["id"] for name in ("website", "shared-site") for one in world.published(name)]
    assert len(publications) == 4
    who = callers(world)
    how(of)
    of.same_dice(monkeypatch, 2)
    look_everywhere(of, told, who, photos=photos, publications=publications)
    world.works()  # now the tombstones stand
    world.sweeps()
    look_everywhere(of, told, who, photos=photos, publications=publications)
    for photo in photos:
        told.hear("asked again", world.edits(photo, destinations=["website", "shared-site"]))
    world.works()
    look_everywhere(of, told, who, photos=photos, publications=publications)
    return told


def test_a_takedown_for_protection_is_told_like_one_for_a_refusal_to_the_letter_and_the_cursor(
    settle: Callable[[], Class], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the numbers of the log, which count what happened."""
    first = taken_down(settle(), lambda of: of.world.protects(of.ada), monkeypatch)
    second = taken_down(settle(), lambda of: of.world.refuses(of.ada, "journal:shared"), monkeypatch)
    assert first.lines == second.lines
    assert any(status == 410 for _, status, *_ in first.lines)


def paper_work(of: Class, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the office and the MIS ask and do about a child, all of it."""
    of.same_dice(monkeypatch, 2)
    world, told, publications = of.world, Told(), [UNKNOWN]
    who = {"the office": world.as_role(Role.OFFICE), "the MIS": world.as_role(Role.SYNC)}
    for name, headers in who.items():

        def ask(method: str, path: str, name: str = name, headers: dict[str, str] = headers, **body: Any) -> Answer:
            return told.hear(f"{name}: {method} {path}", world.client.request(method, path, headers=headers, **body))

        def look(name: str = name, headers: dict[str, str] = headers) -> None:
            look_everywhere(of, told, {name: headers}, photos=[UNKNOWN], publications=publications)

        look()
        rows = [world.row(child, website_group="no", journal_own="yes", answered_at="2026-11-01") for child in (of.ada, of.ben)]
        for file in (rows, rows[:1], [*rows, world.row(of.cleo)]):
            shown = told.hear(name, world.previews(*file, headers=headers))
            digest = {"digest": shown.json()["digest"]}
            ask("POST", f"/v1/register-imports/{shown.json()['id']}/apply", json=digest)
        for answer in ("refused", "given"):
            by = {"relation": "mother", "authority": "parental-responsibility"}
            record = {
                "pupil": of.ada,
                "purpose": "website:group",
                "answer": answer,
                "by": by,
                "answered_at": "2026-11-10T09:00:00Z",
            }
            made = ask("POST", "/v1/consent-records", json=record).json()["id"]
            ask("POST", f"/v1/consent-records/{made}/retirements")
        ask("PATCH", f"/v1/pupils/{of.ada}", json={"reg_group": "Wren", "known_as": "Addy"})
        ask("PATCH", f"/v1/pupils/{of.ada}", json={"left_on": "2026-11-01"})
        ask("PUT", f"/v1/pupils/{of.ada}/persons", json={"relation": "father", "authority": "unknown"})
        ask("PUT", f"/v1/pupils/{of.ada}/protection", json={"protected": True})
        world.works()
        look()
    return told


def test_the_office_and_the_mis_cannot_tell_a_protected_child_from_one_with_the_same_answers(
    settle: Callable[[], Class], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for cause in (protected, lambda of: of.world.agrees(of.ada)):
        of = settle()
        cause(of)
        told.append(paper_work(of, monkeypatch))
    assert told[0].lines == told[1].lines
    assert len(told[0].lines) > 50


def test_headteacher_and_dsl_are_told(settle: Callable[[], Class]) -> None:
    of = settle()
    protected(of)
    for role in (Role.HEAD, Role.DSL):
        found = of.world.client.get(f"/v1/pupils/{of.ada}/consents", headers=of.world.as_role(role)).json()
        assert found["protected"] is True
        assert all(one["reasons"][0]["reason"] == "pupil:protected" for one in found["standing"])
