"""The command line: ``gatekeeper ...`` (docs/operations.md)."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console

from consent.canonical import NotCanonical
from consent.case import parse_case
from consent.decision import decide, decision_bytes
from consent.policy import PolicyRefused
from service import operate
from service.app import create
from service.imaging import NotJailed
from service.logs import set_up
from service.mis.refusal import SENTENCES, FileRefused
from service.pipeline.imports import Preview, SecondPersonNeeded
from service.scrubbing import NotScrubbable, read_names, scrub_lines
from service.settings import Settings
from service.wiring import House, build
from service.worker import Worker, sweep_all
from storage.errors import StorageError
from storage.migrate import to_head
from storage.objects.errors import StoreError
from storage.users import Role

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Publishes a picture only if everybody in it may appear.",
)
token_app = typer.Typer(no_args_is_help=True, help="Access tokens.")
register_app = typer.Typer(no_args_is_help=True, help="The consent register.")
policy_app = typer.Typer(no_args_is_help=True, help="The school's policy.")
app.add_typer(token_app, name="token")
app.add_typer(register_app, name="register")
app.add_typer(policy_app, name="policy")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

School = Annotated[str, typer.Option("--school", help="Name or id of the school; not needed if there is only one.")]


def main() -> None:
    """Run a command; an error of ours is a sentence on standard error and exit code 1, never a traceback."""
    try:
        app()
    except UnicodeDecodeError:
        _fail("That file is not text in UTF-8.")
    except ValidationError as fault:
        names = sorted({f"GATEKEEPER_{part}".upper() for one in fault.errors() for part in one["loc"][:1]})
        _fail(f"A setting has no value that it may have: {', '.join(names)} (docs/operations.md).")
    except NotJailed:
        _fail("Pictures can't be shut in: the kernel lacks Landlock or seccomp, and GATEKEEPER_SANDBOX says that it must not.")
    except (StorageError, StoreError, PolicyRefused, NotCanonical) as fault:
        _fail(str(fault))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    *,
    worker: Annotated[bool, typer.Option(help="Also run one worker.")] = True,
) -> None:
    """Serve API and pages, with one worker, in one process."""
    house = _house_at_work()
    to_head(house.engine)
    _serve(house, host=host, port=port, worker=worker)


@app.command()
def worker() -> None:
    """Run one more worker until it is told to stop."""
    house = _house_at_work()
    one = Worker(house=house, name=house.settings.worker_name)
    one.run_until_stopped()
    house.close()


@app.command()
def migrate() -> None:
    """Bring the database schema to head."""
    to_head(_house().engine)
    _out.print("The schema is at head.")


@app.command()
def sweep() -> None:
    """Reconcile once: decide every live publication again, drive what is stuck, remove what no row allows."""
    for school, found in sweep_all(_house()).items():
        _out.print_json(json.dumps({"school": school, **asdict(found)}))


@app.command()
def init(
    school: Annotated[str, typer.Option(help="Name of the school.")],
    headteacher: Annotated[str, typer.Option(help="E-mail address of the headteacher.")],
    policy: Annotated[Path | None, typer.Option(help="Policy file; left out: the documented default.")] = None,
) -> None:
    """Create the first school and its first person; prints a one-time enrolment link."""
    house = _house()
    to_head(house.engine)
    if operate.is_full(house):
        _fail("This SQLite file has its school. Several schools need PostgreSQL, or a data folder each.")
    text = _read(policy).decode() if policy else operate.default_policy()
    school_id, code = operate.create_school(house, name=school, headteacher=headteacher, policy=text)
    base = house.settings.public_url or "http://127.0.0.1:8000"
    _out.print(f"School {school_id} is ready. Enrolment link of the headteacher, good once and for 7 days:")
    _out.print(f"{base}/enrol?code={code}")


@app.command("decide")
def decide_command(file: Annotated[Path, typer.Argument(help="A case as JSON (docs/decide.md).")]) -> None:
    """Decide one case: a Case as JSON in, the Decision as JSON out. Needs no database."""
    sys.stdout.write(decision_bytes(decide(parse_case(_read(file)))).decode() + "\n")


@app.command("scrub")
def scrub_command(
    register: Annotated[Path, typer.Option("--register", help="Register and school terms as JSON (docs/names.md).")],
) -> None:
    """Take names out of texts: JSON lines in, JSON lines out, in the same order. Needs no database."""
    try:
        names = read_names(_read(register))
        for answer in scrub_lines(sys.stdin.buffer, names):
            sys.stdout.buffer.write(f"{answer}\n".encode())
    except NotScrubbable as fault:
        _fail(str(fault))


@app.command()
def demo(
    directory: Annotated[Path | None, typer.Option("--dir", help="Folder to use; left out: a new temporary one.")] = None,
    port: Annotated[int, typer.Option(help="Port to serve on; 0: any free one.")] = 0,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
) -> None:
    """Tell the main job from nothing: an invented school, dirty pictures, approvals, holds, a withdrawal and its receipt."""
    from service.demo.story import tell  # noqa: PLC0415 - the only command that needs the demonstration

    raise typer.Exit(tell(directory, port=port, once=once, out=_out))


@token_app.command("create")
def token_create(
    role: Annotated[Role, typer.Option(help="What the holder is to the school.")],
    school: School = "",
    class_: Annotated[list[str] | None, typer.Option("--class", help="Repeat: a teacher's reg groups.")] = None,
    expires: Annotated[int | None, typer.Option(min=1, help="Days until it ends; left out: until revoked.")] = None,
) -> None:
    """Create an access token and print it, once."""
    house = _house()
    found = operate.find_school(house, school)
    sys.stdout.write(operate.create_token(house, found, role=role, classes=tuple(class_ or ()), days=expires) + "\n")


@register_app.command("import")
def register_import(
    file: Annotated[Path, typer.Argument(help="A CSV file (docs/register-csv.md).")],
    school: School = "",
    profile: Annotated[str, typer.Option(help="The file's profile.")] = "gatekeeper",
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Apply it, if no second person is needed.")] = False,
) -> None:
    """Show what a register file would change; with --apply, apply it."""
    if profile != "gatekeeper":
        _fail("There is no such profile; the one there is is called gatekeeper.")
    house = _house()
    try:
        found = operate.import_register(house, operate.find_school(house, school), _read(file), apply=apply)
    except FileRefused as refused:
        for one in refused.problems:
            _err.print(f"row {one.row}, column {one.column}: {SENTENCES[one.code]} ({one.code.value})", markup=False)
        _fail("The file was refused as a whole; nothing was changed.")
    except SecondPersonNeeded:
        _fail("This file opens or drops more than one person may apply alone. Preview and apply it by the API, as two people.")
    _print_preview(found, applied=apply)


@policy_app.command("show")
def policy_show(school: School = "") -> None:
    """Print the policy in force."""
    house = _house()
    text = operate.policy_text(house, operate.find_school(house, school))
    if text is None:
        _fail("No policy is in force: nothing can be published.")
    sys.stdout.write(text)


@policy_app.command("apply")
def policy_apply(file: Annotated[Path, typer.Argument(help="A policy file (docs/policy.md).")], school: School = "") -> None:
    """Put a policy in force; what it no longer allows comes down."""
    house = _house()
    policy = operate.set_policy(house, operate.find_school(house, school), _read(file).decode())
    _out.print(f"In force: {policy.digest if policy else 'none'}")


@policy_app.command("withdraw")
def policy_withdraw(school: School = "") -> None:
    """Close the gate: nothing new is published until a policy is applied. What is live stays."""
    house = _house()
    operate.set_policy(house, operate.find_school(house, school), None)
    _out.print("No policy is in force: the gate is closed.")


def _house() -> House:
    settings = Settings()
    set_up(settings.log_level)
    return build(settings)


def _house_at_work() -> House:
    """Put together a house that will open pictures. Raises NotJailed."""
    house = _house()
    try:
        house.safety.check_jail()
    except NotJailed:
        house.close()
        raise
    return house


def _serve(house: House, *, host: str, port: int, worker: bool) -> None:
    try:
        uvicorn.run(create(house, with_worker=worker), host=host, port=port, log_level="warning", access_log=False)
    finally:
        house.close()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        _fail("That file can't be read.")


def _print_preview(found: Preview, *, applied: bool) -> None:
    _out.print(f"{len(found.added)} added, {len(found.changed)} changed, {len(found.leavers)} leavers")
    _out.print(f"{len(found.granting)} pupils with a new yes, {len(found.withdrawing)} with a new no")
    if found.brakes:
        _out.print(f"A second person must apply this file ({', '.join(found.brakes)}).")
    _out.print("Applied." if applied else "Nothing was changed. Add --apply to apply it.")


def _fail(sentence: str) -> NoReturn:
    _err.print(sentence, style="red", markup=False)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
