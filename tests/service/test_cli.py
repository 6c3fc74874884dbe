"""The command line as an operator uses it: sentences, exit codes, never a traceback."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from consent.canonical import parse
from consent.case import Case, case_bytes
from consent.people import PupilId
from consent.photo import Photo, PhotoId
from consent.policy import parse_policy
from consent.purposes import Website
from consent.register import Register
from service import cli, operate, wiring
from service.demo.school import demo_rows
from service.imaging import Sandbox
from service.mis.csvfile import write
from tests.parts.world import START
from tests.service.imaging.behaving import UNWALLED, with_behaviour


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def gatekeeper(*words: str, folder: Path) -> Done:
    """Run the command as ``gatekeeper`` does, in this process: starting one anew for each would cost more than all the rest."""
    out, err = StringIO(), StringIO()
    settings = {"GATEKEEPER_DATA_DIR": str(folder), "COLUMNS": "160"}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["gatekeeper", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Done(returncode=int(ended.value.code or 0), stdout=out.getvalue(), stderr=err.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one school in it, made by ``init``."""
    made = tmp_path_factory.mktemp("operator") / "data"
    done = gatekeeper("init", "--school", "Elmfield Primary", "--headteacher", "head@school.example", folder=made)
    assert done.returncode == 0, done.stderr
    assert "/enrol?code=" in done.stdout
    return made


def test_a_token_is_printed_once_and_alone(folder: Path) -> None:
    done = gatekeeper("token", "create", "--school", "Elmfield Primary", "--role", "teacher", "--class", "Robin", folder=folder)
    assert done.returncode == 0
    assert done.stdout.startswith("gk_")
    assert len(done.stdout.splitlines()) == 1


def test_a_token_is_listed_by_the_id_that_was_told_and_revoked_by_it(folder: Path) -> None:
    made = gatekeeper("token", "create", "--role", "editor", "--expires", "3", folder=folder)
    assert (made.returncode, made.stderr[:3]) == (0, "id ")
    token_id = made.stderr.removeprefix("id ").strip()
    for revoked in (False, True):
        listed = gatekeeper("token", "list", folder=folder)
        (found,) = [one for line in listed.stdout.splitlines() if (one := json.loads(line))["id"] == token_id]
        assert (found["role"], found["classes"], found["device"]) == ("editor", [], None)
        assert found["created_at"] < found["expires_at"]
        assert (found["revoked_at"] is not None) is revoked
        assert made.stdout.strip() not in listed.stdout
        assert gatekeeper("token", "revoke", token_id, folder=folder).returncode == 0
    unknown = gatekeeper("token", "revoke", "f" * 32, folder=folder)
    assert (unknown.returncode, unknown.stdout, "Traceback" in unknown.stderr) == (1, "", False)


def test_a_device_is_enrolled_and_listed_and_a_token_is_bound_to_it(folder: Path) -> None:
    marks = ("--label", "Robin iPad", "--kind", "tablet", "--make", "Apple", "--model", " iPad ", "--class", "Robin")
    added = gatekeeper("device", "add", *marks, folder=folder)
    assert added.returncode == 0, added.stderr
    listed = gatekeeper("device", "list", "--school", "Elmfield Primary", folder=folder)
    (found,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (found["id"], found["label"], found["model"], found["serial"]) == (added.stdout.strip(), "Robin iPad", "iPad", None)
    assert (found["owner"], found["reg_groups"], found["active_from"]) == ("school", ["Robin"], None)
    bound = gatekeeper("token", "create", "--role", "teacher", "--device", found["id"], folder=folder)
    assert bound.stdout.startswith("gk_")
    unknown = gatekeeper("token", "create", "--role", "teacher", "--device", "f" * 32, folder=folder)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "no such device" in unknown.stderr


@pytest.mark.parametrize("mark", ["", "   ", "x" * 65])
def test_a_device_without_a_make_or_with_too_long_a_one_is_refused_in_a_sentence(folder: Path, mark: str) -> None:
    done = gatekeeper("device", "add", "--label", "Camera", "--make", mark, "--model", "M", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Label, make and model" in done.stderr


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [(("--label", "Robin\ncamera"), "on one line"), (("--label", "Camera", "--serial", "000"), "Zeros alone")],
)
def test_a_device_with_a_mark_that_is_none_is_refused_in_a_sentence(folder: Path, marks: tuple[str, ...], sentence: str) -> None:
    done = gatekeeper("device", "add", *marks, "--make", "Nikon", "--model", "D3500", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in " ".join(done.stderr.split())


def test_a_register_file_is_shown_first_and_applied_only_when_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(write(demo_rows(START.date())))
    shown = gatekeeper("register", "import", str(file), "--school", "Elmfield Primary", folder=folder)
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "60 added, 0 changed, 0 leavers")
    again = gatekeeper("register", "import", str(file), "--apply", folder=folder)
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "60 added, 0 changed, 0 leavers")
    after = gatekeeper("register", "import", str(file), "--apply", folder=folder)
    assert after.stdout.splitlines()[0] == "0 added, 0 changed, 0 leavers"
    assert after.stdout.splitlines()[1] == "0 pupils with a new yes, 0 with a new no"


@pytest.mark.parametrize("command", [
    ("token", "create", "--role", "teacher"),
    ("device", "add", "--label", "Camera", "--make", "Nikon", "--model", "D3500"),
])  # fmt: skip
def test_a_class_that_nobody_is_in_is_refused_once_there_is_a_register(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder, file = tmp_path / "data", tmp_path / "register.csv"
    gatekeeper("init", "--school", "Elmfield Primary", "--headteacher", "head@school.example", folder=folder)
    early = gatekeeper(*command, "--class", "Zorblax", folder=folder)
    assert (early.returncode, len(early.stdout.splitlines())) == (0, 1)
    assert "Nobody is on the register yet" in early.stderr
    file.write_bytes(write(demo_rows(START.date())))
    gatekeeper("register", "import", str(file), "--apply", folder=folder)
    late = gatekeeper(*command, "--class", "Robin", "--class", "Zorblax", folder=folder)
    assert (late.returncode, late.stdout) == (1, "")
    assert "Nobody on the register is in a class of that name" in " ".join(late.stderr.split())
    assert "Zorblax" not in late.stderr
    right = gatekeeper(*command, "--class", "Robin", folder=folder)
    assert (right.returncode, "register yet" in right.stderr) == (0, False)


def test_a_broken_register_file_is_refused_by_row_and_column_without_an_echo(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text("upn,forename,surname,reg_group,year_group\nZorblax,Zorblax,Quux,Robin,R\n")
    done = gatekeeper("register", "import", str(file), folder=folder)
    assert done.returncode == 1
    assert "row 2, column upn" in done.stderr
    assert "Zorblax" not in done.stdout + done.stderr


def test_a_policy_can_be_shown_applied_and_withdrawn(folder: Path, tmp_path: Path) -> None:
    assert gatekeeper("policy", "show", folder=folder).stdout == operate.default_policy()
    file = tmp_path / "policy.toml"
    file.write_text(operate.default_policy().replace('"detected"', '"declared"'))
    assert gatekeeper("policy", "apply", str(file), folder=folder).returncode == 0
    assert gatekeeper("policy", "show", folder=folder).stdout == file.read_text()
    assert gatekeeper("policy", "withdraw", folder=folder).returncode == 0
    none = gatekeeper("policy", "show", folder=folder)
    assert (none.returncode, none.stdout) == (1, "")
    file.write_text("version = 2")
    wrong = gatekeeper("policy", "apply", str(file), folder=folder)
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr


def test_migrate_and_sweep_say_what_they_did(folder: Path) -> None:
    assert gatekeeper("migrate", folder=folder).stdout.strip() == "The schema is at head."
    done = gatekeeper("sweep", folder=folder)
    assert done.returncode == 0
    assert json.loads(done.stdout)["closed"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "--school", "Nowhere", "--role", "head"),
        ("register", "import", "no-such-file.csv"),
        ("register", "import", "no-such-file.csv", "--profile", "other"),
        ("decide", "no-such-file.json"),
        ("policy", "apply", "no-such-file.toml"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_1(folder: Path, words: tuple[str, ...]) -> None:
    done = gatekeeper(*words, folder=folder)
    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_case_can_be_decided_without_a_database(tmp_path: Path) -> None:
    ada = PupilId("a" * 32)
    case = Case(
        photo=Photo(id=PhotoId("b" * 32), image="c" * 64, subjects=frozenset({ada}), declared=True),
        destination=Website(),
        register=Register(version=1, fresh_at=START, names="n", pupils={}),
        policy=parse_policy(operate.default_policy()),
        now=START,
    )
    file = tmp_path / "case.json"
    file.write_bytes(case_bytes(case))
    done = gatekeeper("decide", str(file), folder=tmp_path / "unused")
    said = parse(done.stdout)
    assert isinstance(said, dict)
    assert said["outcome"] == "rejected"
    assert {one["reason"] for one in said["findings"]} == {
        "device:unchecked",
        "faces:unknown",
        "metadata:unreadable",
        "people:tagged-in-file",
        "pupil:not-on-roll",
        "words:unchecked",
    }
    assert not (tmp_path / "unused").exists()
    file.write_text('{"photo": 1}')
    assert gatekeeper("decide", str(file), folder=tmp_path / "unused").returncode == 1


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_where_pictures_must_be_shut_in_and_cannot_be(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_SANDBOX", "required")
    monkeypatch.setattr(wiring, "Sandbox", partial(Sandbox, command=with_behaviour("", before=UNWALLED)))
    done = gatekeeper(command, folder=folder)
    assert done.returncode == 1
    assert "Landlock or seccomp" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_makes_no_sense_is_named_and_not_repeated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_SANDBOX", "perhaps")
    monkeypatch.setenv("GATEKEEPER_SWEEP_SECONDS", "-1")
    done = gatekeeper("migrate", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    told = " ".join(done.stderr.split())
    assert "GATEKEEPER_SANDBOX: input should be 'auto' or 'required'" in told
    assert "GATEKEEPER_SWEEP_SECONDS: input should be greater than 0" in told
    assert "perhaps" not in done.stderr


def test_an_empty_setting_is_one_that_is_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SANDBOX", "MAX_CONNECTIONS", "KEY_FILE", "DATABASE_URL"):
        monkeypatch.setenv(f"GATEKEEPER_{name}", "")
    assert gatekeeper("migrate", folder=folder).returncode == 0
