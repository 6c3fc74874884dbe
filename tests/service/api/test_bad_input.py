"""Whatever is sent: a problem document with a documented code, nothing of it repeated or kept, and the next one is served."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from service.problems import MEDIA_TYPE, Problem
from storage import photos
from storage.users import Role
from tests.parts.requests import Sent, form, get, jpeg_of, json, part, png_of
from tests.parts.world import Answer, World, picture
from tests.service.conftest import Overheard

CANARY = "Zebedee-Quux"
"""Stands for a child's name in every place where a request can carry one."""
SPELLINGS = (CANARY, CANARY.encode("utf-16-le").decode("latin-1"), "5a6562656465652d51757578")
UNKNOWN = "f" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is wrong, the request, who sends it, and the problem it is."""

    wrong: str
    sent: Sent
    problem: Problem
    role: Role = Role.TEACHER


def uploads(foreign: str) -> Iterator[tuple[str, Sent, Problem]]:
    """Photos that can't be taken. ``foreign``: a pupil of another school."""
    good = picture(1)
    file, words = part("file", good, file=f"{CANARY}.jpg"), part("title", CANARY)
    yield "no file", form(words), Problem.INVALID
    yield "no body and no type", Sent(method="POST", path="/v1/photos"), Problem.NOT_MULTIPART
    yield "nothing but the last boundary", form(), Problem.INVALID
    yield "an empty body", form(end=b""), Problem.MALFORMED
    yield "a file of no bytes", form(part("file", b"", file=f"{CANARY}.jpg"), words), Problem.IMAGE_REFUSED
    yield "a text called .jpg", form(part("file", CANARY * 20, file=f"{CANARY}.jpg"), words), Problem.UNSUPPORTED_TYPE
    yield "a text in a field called file", form(part("file", CANARY), words), Problem.INVALID
    yield "a JPEG cut off", form(part("file", good[: len(good) // 2], file="a.jpg"), words), Problem.IMAGE_REFUSED
    yield "a PNG of 200 megapixels", form(part("file", png_of(20_000, 10_000), file="a.png"), words), Problem.IMAGE_REFUSED
    yield "a JPEG of 200 megapixels", form(part("file", jpeg_of(20_000, 10_000, like=good), file="a")), Problem.IMAGE_REFUSED
    yield "a video", form(part("file", b"\0\0\0\x18ftypmp42" + b"\0" * 64, file="a.mp4"), words), Problem.UNSUPPORTED_TYPE
    yield "an unknown destination", form(file, part("destinations", CANARY)), Problem.DESTINATION_UNKNOWN
    yield "a journal of nobody's id", form(file, part("destinations", f"journal:{CANARY}")), Problem.DESTINATION_UNKNOWN
    yield "a journal of another school's pupil", form(file, part("destinations", f"journal:{foreign}")), Problem.SUBJECT_UNKNOWN
    yield "another school's pupil", form(file, words, part("subjects", foreign)), Problem.SUBJECT_UNKNOWN
    yield "an unknown UPN", form(file, words, part("subjects", "upn:Z999999999999")), Problem.SUBJECT_UNKNOWN
    yield "no UPN at all", form(file, part("subjects", f"upn:{CANARY}")), Problem.INVALID
    yield "a pupil by name", form(file, part("subjects", CANARY)), Problem.INVALID
    yield "501 subjects", form(file, *[part("subjects", UNKNOWN)] * 501), Problem.INVALID
    yield "an unknown member", form(file, part(CANARY, CANARY)), Problem.INVALID
    yield "a title twice", form(file, words, words), Problem.INVALID
    yield "a yes and a no", form(file, part("declared", "true"), part("declared", "false")), Problem.INVALID
    yield "two files", form(file, file), Problem.INVALID
    yield "eleven files", form(*[file] * 11), Problem.INVALID
    yield "a file for a title", form(file, part("title", CANARY, file=f"{CANARY}.txt")), Problem.INVALID
    yield "a title that is no UTF-8", form(file, part("title", CANARY.encode() + b"\xff\xfe")), Problem.MALFORMED
    yield "a title in Windows-1252", form(file, part("title", f"{CANARY}é".encode("cp1252"))), Problem.MALFORMED
    yield "a lone surrogate", form(file, part("title", f"{CANARY}\ud800".encode(errors="surrogatepass"))), Problem.MALFORMED
    yield "a NUL in a title", form(file, part("title", f"{CANARY}\0")), Problem.INVALID
    yield "a NUL in a device", form(file, part("device", f"{CANARY}\0")), Problem.INVALID
    yield "a title of 2,001 characters", form(file, part("title", CANARY + "x" * 2000)), Problem.INVALID
    yield "a title of 2 MB", form(file, part("title", CANARY + "x" * 2_000_000)), Problem.TOO_LARGE
    yield "101 tags", form(file, *[part("tags", CANARY)] * 101), Problem.INVALID
    yield "neither true nor false", form(file, part("declared", CANARY)), Problem.INVALID
    yield "a word of no vocabulary", form(file, part("others", CANARY)), Problem.INVALID
    yield "10,000 fields", form(file, *[part("tags", CANARY)] * 10_000), Problem.INVALID
    yield "a part without a name", form(file, part("title", CANARY).replace(b'; name="title"', b"")), Problem.MALFORMED
    yield "no boundary in the type", form(file, content_type="multipart/form-data"), Problem.MALFORMED
    yield "another boundary in the type", form(file, content_type=f"multipart/form-data; boundary={CANARY}"), Problem.MALFORMED
    yield "an endless boundary", form(file, content_type=f"multipart/form-data; boundary={CANARY * 400}"), Problem.MALFORMED
    yield "no last boundary", form(file, words, part("subjects", UNKNOWN), end=b""), Problem.MALFORMED
    yield "cut off in a header", form(file, end=b"--frontier\r\ncontent-disp"), Problem.MALFORMED
    yield "a form of the other kind", form(file, content_type="application/x-www-form-urlencoded"), Problem.NOT_MULTIPART
    yield "JSON", json("/v1/photos", f'{{"title": "{CANARY}"}}'), Problem.NOT_MULTIPART
    for charset in ("idna", "undefined", "unicode_escape", "utf-16", "no-such", "\\0"):
        said = f"multipart/form-data; boundary=frontier; charset={charset}"
        yield (
            f"title for {charset}",
            form(file, part("title", b"\xe9\\ud800" + CANARY.encode()), content_type=said),
            Problem.MALFORMED,
        )
    for key in ("", CANARY + " two words", CANARY + "x" * 255, f"{CANARY}\xe9".encode("latin-1")):
        sent = form(file, words)
        yield f"Idempotency-Key {key[:20]!r}", replace(sent, headers={**sent.headers, "idempotency-key": key}), Problem.INVALID


def answers(foreign: str) -> Iterator[tuple[str, Sent, Problem]]:
    """Consent records that can't be taken."""
    path = "/v1/consent-records"

    def record(**facts: str) -> Sent:
        said = {"pupil": f'"{UNKNOWN}"', "purpose": '"website:group"', "answer": '"refused"'} | facts
        said |= {"by": facts.get("by", '{"relation":"mother","authority":"unknown"}')}
        return json(path, "{" + ",".join(f'"{name}":{value}' for name, value in said.items()) + "}")

    yield "no body", json(path, b""), Problem.INVALID
    yield "broken JSON", json(path, f'{{"pupil": "{CANARY}"'), Problem.MALFORMED
    yield "no JSON at all", json(path, CANARY), Problem.MALFORMED
    yield "a list", json(path, f'["{CANARY}"]'), Problem.INVALID
    yield "a text", json(path, f'"{CANARY}"'), Problem.INVALID
    yield "null", json(path, "null"), Problem.INVALID
    yield "not a number", json(path, '{"pupil": NaN}'), Problem.MALFORMED
    yield "no UTF-8", json(path, b'{"pupil": "' + CANARY.encode() + b'\xff"}'), Problem.MALFORMED
    yield "UTF-16", json(path, f'{{"pupil": "{CANARY}"}}'.encode("utf-16")), Problem.MALFORMED
    yield "too deep", json(path, "[" * 100_000), Problem.MALFORMED
    yield "a number of 5,000 figures", json(path, '{"pupil": ' + "9" * 5000 + "}"), Problem.MALFORMED
    yield "more than a megabyte", json(path, f'{{"{CANARY}": "' + "x" * 1_000_001 + '"}'), Problem.TOO_LARGE
    yield "an answer twice", json(path, '{"answer": "given", "answer": "refused"}'), Problem.MALFORMED
    yield "plain text", json(path, "{}", content_type="text/plain"), Problem.NOT_JSON
    yield "a form", form(part("pupil", CANARY), path=path), Problem.NOT_JSON
    yield "a type that is none", json(path, "{}", content_type=CANARY), Problem.NOT_JSON
    yield "an unknown pupil", record(), Problem.SUBJECT_UNKNOWN
    yield "another school's pupil", record(pupil=f'"{foreign}"'), Problem.SUBJECT_UNKNOWN
    yield "an unknown UPN", record(pupil='"upn:Z999999999999"'), Problem.SUBJECT_UNKNOWN
    yield "a pupil by name", record(pupil=f'"{CANARY}"'), Problem.INVALID
    yield "an unknown member", record(**{CANARY: f'"{CANARY}"'}), Problem.INVALID
    yield "an unknown member inside", record(by=f'{{"relation":"mother","authority":"unknown","{CANARY}":1}}'), Problem.INVALID
    yield "a lone surrogate for a member", record(**{"\\ud800": '"\\ud800"'}), Problem.INVALID
    yield (
        "a lone surrogate for a code",
        record(by='{"relation":"mother","authority":"unknown","person":"\\ud800"}'),
        Problem.INVALID,
    )
    yield "somebody set aside", record(by='{"relation":"mother","authority":"unknown","person":"before-1"}'), Problem.INVALID
    yield "a purpose of no vocabulary", record(purpose=f'"{CANARY}"'), Problem.INVALID
    yield "a number for an instant", record(answered_at="0"), Problem.INVALID
    yield "figures for an instant", record(answered_at='"1700000000"'), Problem.INVALID
    yield "an instant without a zone", record(answered_at='"2026-09-01T09:00:00"'), Problem.INVALID
    yield "an instant before the calendar", record(answered_at='"0001-01-01T00:00:00+05:00"'), Problem.INVALID
    yield "an instant after the calendar", record(answered_at='"9999-12-31T23:59:59-05:00"'), Problem.INVALID
    yield "a number for a day", record(answer='"given"', expires_on="0"), Problem.INVALID
    yield "a truth for a day", record(answer='"given"', expires_on="true"), Problem.INVALID
    yield "a yes by telephone", record(answer='"given"', evidence='"spoken"'), Problem.INVALID
    yield "a yes for ever to a banner", record(answer='"given"', purpose='"high-profile"'), Problem.INVALID
    yield "a no that expires", record(expires_on='"2027-01-01"'), Problem.INVALID


def changes(pupil: str) -> Iterator[tuple[str, Sent, Problem]]:
    """Changes of a pupil that can't be made, and addresses where there is nothing."""

    def patch(text: str) -> Sent:
        return json(f"/v1/pupils/{pupil}", text, method="PATCH")

    yield "a forename of blanks", patch('{"forename": "  "}'), Problem.INVALID
    yield "a forename of nothing", patch('{"forename": ""}'), Problem.INVALID
    yield "a NUL in a surname", patch(f'{{"surname": "{CANARY}\\u0000"}}'), Problem.INVALID
    yield "a lone surrogate", patch(f'{{"surname": "{CANARY}\\ud800"}}'), Problem.INVALID
    yield "a number for a name", patch('{"surname": 7}'), Problem.INVALID
    yield "a word for a truth", patch('{"suspended": "no"}'), Problem.INVALID
    yield "a number for a truth", patch('{"suspended": 0}'), Problem.INVALID
    yield "a day that is none", patch('{"left_on": "2026-02-30"}'), Problem.INVALID
    yield "an unknown pupil", json(f"/v1/pupils/{UNKNOWN}", "{}", method="PATCH"), Problem.NOT_FOUND
    yield "a name for an id", json(f"/v1/pupils/{CANARY}", "{}", method="PATCH"), Problem.INVALID


def looks() -> Iterator[tuple[str, Sent, Problem]]:
    """What can't be looked at."""
    for limit in ("0", "-1", "201", "9" * 400, CANARY, ""):
        yield f"limit={limit[:12]}", get(f"/v1/publications?limit={limit}"), Problem.INVALID
    for after in ("-1", CANARY, "1" * 10, "%00", ""):
        yield f"after={after[:12]}", get(f"/v1/changes?after={after}"), Problem.INVALID
    yield "an unknown destination", get(f"/v1/publications?destination={CANARY}"), Problem.DESTINATION_UNKNOWN
    yield "two destinations", get("/v1/publications?destination=website&destination=shared-site"), Problem.INVALID
    yield "an unknown member twice", get(f"/v1/publications?{CANARY}=1&{CANARY}=2"), Problem.INVALID
    yield "since no date", get(f"/v1/decisions?since={CANARY}"), Problem.INVALID
    yield "since before the calendar", get("/v1/decisions?since=0001-01-01T00:00:00%2B05:00"), Problem.INVALID
    yield "since after the calendar", get("/v1/decisions?since=9999-12-31T23:59:59-05:00"), Problem.INVALID
    yield "since a number", get("/v1/decisions?since=5"), Problem.INVALID
    yield "a reason of no vocabulary", get(f"/v1/decisions?reason={CANARY}"), Problem.INVALID
    yield "a NUL for a class", get("/v1/pupils?reg_group=%00"), Problem.INVALID
    yield "an unknown cursor", get(f"/v1/decisions?after={UNKNOWN}"), Problem.NOT_FOUND
    yield "an unknown photo", get(f"/v1/photos/{UNKNOWN}?{CANARY}={CANARY}"), Problem.NOT_FOUND
    yield "a name for a photo", get(f"/v1/photos/{CANARY}"), Problem.INVALID
    yield "a name for a rendition", get(f"/v1/publications/{UNKNOWN}/{CANARY}"), Problem.INVALID
    yield "an unknown address", get(f"/v1/{CANARY}?{CANARY}"), Problem.NO_ROUTE
    yield "an address with one slash more", get(f"/v1/pupils/?reg_group={CANARY}"), Problem.NO_ROUTE
    yield "an address outside", get(f"/{CANARY}"), Problem.NO_ROUTE
    yield "a way out", get(f"/v1/photos/..%2f..%2f{CANARY}"), Problem.NO_ROUTE
    yield "a NUL in the address", get("/v1/photos/%00"), Problem.INVALID
    yield "an address that is no UTF-8", get("/v1/photos/%ff%fe"), Problem.INVALID
    yield "another method", Sent(method="DELETE", path="/v1/pupils"), Problem.METHOD_NOT_ALLOWED
    yield "a method of no vocabulary", Sent(method="ZEBEDEE-QUUX", path="/v1/pupils"), Problem.METHOD_NOT_ALLOWED


def files() -> Iterator[tuple[str, Sent, Problem]]:
    """Register files that are refused."""
    path = "/v1/register-imports"

    def register(content: bytes | str, *more: bytes) -> Sent:
        return form(part("file", content, file=f"{CANARY}.csv"), *more, path=path)

    yield "no file", form(path=path), Problem.INVALID
    yield "an empty file", register(b""), Problem.FILE_REFUSED
    yield "a picture", register(picture(1)), Problem.FILE_REFUSED
    yield "a name for a heading", register(f"upn,{CANARY}\nx,{CANARY}\n"), Problem.FILE_REFUSED
    yield (
        "a name in a wrong cell",
        register(f"upn,forename,surname,reg_group,year_group\n{CANARY},=1,x,y,z\n"),
        Problem.FILE_REFUSED,
    )
    yield "21 MB", register(b"x" * 22_100_000), Problem.FILE_REFUSED
    yield "an unknown profile", register(b"upn\n", part("profile", CANARY)), Problem.INVALID
    yield "an unknown import", json(f"{path}/{UNKNOWN}/apply", f'{{"digest": "{"0" * 64}"}}'), Problem.NOT_FOUND
    yield "no digest", json(f"{path}/{UNKNOWN}/apply", f'{{"digest": "{CANARY}"}}'), Problem.INVALID


def cases(world: World, part_of_them: str) -> list[Case]:
    foreign = world.neighbour().pupil("Otto Foreign")
    made: dict[str, tuple[Role, Iterator[tuple[str, Sent, Problem]]]] = {
        "photos": (Role.TEACHER, uploads(foreign)),
        "answers": (Role.OFFICE, answers(foreign)),
        "pupils": (Role.OFFICE, changes(world.pupil("Ada Frost"))),
        "looks": (Role.HEAD, looks()),
        "files": (Role.OFFICE, files()),
    }
    role, found = made[part_of_them]
    return [Case(wrong=wrong, sent=sent, problem=problem, role=role) for wrong, sent, problem in found]


def ask(world: World, sent: Sent, role: Role | None) -> Answer:
    """Send a request with the canary in every header that a client is free to set."""
    free = {"user-agent": CANARY, "referer": f"https://{CANARY}.example/", "cookie": f"a={CANARY}", "x-name": CANARY}
    who = world.as_role(role) if role is not None else {}
    every: Any = {**free, **who, **sent.headers}  # a hostile header may be bytes
    return world.client.request(sent.method, sent.path, content=sent.body, headers=every)


def is_problem(answer: Answer, problem: Problem) -> bool:
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert body["status"] == answer.status_code
    assert {"type", "title", "detail"} <= set(body)
    return (answer.status_code, body["type"]) == (problem.status, f"/problems/{problem.code}")


def repeated_in(text: str) -> list[str]:
    return [spelling for spelling in SPELLINGS if spelling.lower() in text.lower()]


def kept_in(folder: Path) -> list[Path]:
    wanted = [CANARY.encode(), CANARY.encode("utf-16-le")]
    return [path for path in folder.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in wanted)]


@pytest.mark.parametrize("part_of_them", ["photos", "answers", "pupils", "looks", "files"])
def test_bad_input_is_a_problem_with_a_code_that_repeats_nothing_and_leaves_nothing_behind(
    world: World, part_of_them: str, overheard: Overheard, temp_folder: Path, subtests: pytest.Subtests
) -> None:
    for case in cases(world, part_of_them):
        with subtests.test(case.wrong):
            answer = ask(world, case.sent, case.role)
            assert is_problem(answer, case.problem), (answer.status_code, answer.text[:500])
            assert repeated_in(answer.text + repr(answer.headers)) == []
            assert world.client.get("/v1/pupils", headers=world.as_role(Role.OFFICE)).status_code == 200
    with world.house.store.reading(world.school_id) as look:
        assert photos.in_state(look, ["received", "prepared", "unclean", "disposed"]) == ()
    assert world.originals() == []
    assert repeated_in(overheard.text()) == []
    assert [entry for entry in overheard.entries if entry["log_level"] == "error"] == []
    assert list(temp_folder.iterdir()) == []
    assert kept_in(world.backend.folder) == []
    assert world.sends(world.pupil("Bo Good")).status_code == 201


def test_a_caller_who_is_nobody_is_told_so_and_nothing_else(
    world: World, overheard: Overheard, subtests: pytest.Subtests
) -> None:
    tokens: list[str | bytes] = [
        "",
        "Bearer",
        f"Bearer {CANARY}",
        f"Basic {CANARY}",
        f"Bearer {CANARY * 1000}",
        f"Bearer \xe9{CANARY}".encode("latin-1"),
    ]
    for token in tokens:
        for sent in (get("/v1/pupils"), get(f"/v1/{CANARY}"), form(part("title", CANARY))):
            with subtests.test(repr(token)[:30] + sent.path):
                answer = ask(world, replace(sent, headers={**sent.headers, "authorization": token}), None)
                assert is_problem(answer, Problem.UNAUTHENTICATED)
                assert answer.headers["www-authenticate"] == "Bearer"
                assert repeated_in(answer.text + repr(answer.headers)) == []
    assert repeated_in(overheard.text()) == []


def test_a_problem_names_the_fields_at_fault_that_are_ours_and_no_other(world: World) -> None:
    body = {"pupil": CANARY, "answer": "given", CANARY: 1, "by": {"relation": CANARY, "authority": "unknown", CANARY: 1}}
    answer = world.client.post("/v1/consent-records", json=body, headers=world.as_role(Role.OFFICE))
    assert answer.json()["fields"] == ["by", "by.relation", "pupil", "purpose"]


def test_a_problem_names_the_members_that_do_not_go_together(world: World) -> None:
    body = {"pupil": UNKNOWN, "purpose": "high-profile", "answer": "given", "by": {"relation": "mother", "authority": "unknown"}}
    answer = world.client.post("/v1/consent-records", json=body, headers=world.as_role(Role.OFFICE))
    assert answer.json()["fields"] == ["expires_on", "photo"]


def test_a_method_that_an_address_does_not_take_is_answered_with_those_it_does(world: World) -> None:
    answer = world.client.delete(f"/v1/photos/{UNKNOWN}", headers=world.as_role(Role.HEAD))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


def test_a_refused_register_file_is_told_by_row_column_and_code(world: World) -> None:
    sent = form(
        part("file", f"upn,forename,surname,reg_group,year_group\n{CANARY},Ann,Lee,Robin,3\n", file="x"),
        path="/v1/register-imports",
    )
    answer = ask(world, sent, Role.OFFICE)
    assert answer.json()["problems"] == [{"row": 2, "column": "upn", "code": "upn:malformed"}]
