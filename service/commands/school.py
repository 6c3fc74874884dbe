"""Commands about one school: its tokens, devices, register and policy."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from consent.cameras import fold_serial
from consent.devices import Device, DeviceKind, Owner
from consent.people import SchoolId
from service import operate
from service.commands.terminal import School, err, fail, open_house, out, read
from service.mis.refusal import SENTENCES, FileRefused
from service.pipeline.devices import NEW
from service.pipeline.imports import Preview, SecondPersonNeeded
from service.wiring import House
from storage.users import Role

token_app = typer.Typer(no_args_is_help=True, help="Access tokens.")
device_app = typer.Typer(no_args_is_help=True, help="The device register.")
register_app = typer.Typer(no_args_is_help=True, help="The consent register.")
policy_app = typer.Typer(no_args_is_help=True, help="The school's policy.")
_LONGEST_MARK = 64


@token_app.command("create")
def token_create(
    role: Annotated[Role, typer.Option(help="What the holder is to the school.")],
    school: School = "",
    class_: Annotated[list[str] | None, typer.Option("--class", help="Repeat: a teacher's reg groups.")] = None,
    expires: Annotated[int | None, typer.Option(min=1, help="Days until it ends; left out: until revoked.")] = None,
    device: Annotated[str | None, typer.Option(help="Id of the enrolled device that it is used on.")] = None,
) -> None:
    """Create an access token and print it, once; its id, by which it is listed and revoked, goes to standard error."""
    house = open_house()
    found = operate.find_school(house, school)
    token = operate.create_token(house, found, role=role, classes=tuple(class_ or ()), days=expires, device=device)
    sys.stdout.write(token + "\n")
    sys.stderr.write(f"id {operate.id_of_token(house, found, token)}\n")
    _say_if_unchecked(house, found, class_)


@token_app.command("list")
def token_list(school: School = "") -> None:
    """Print every token there ever was, one JSON object a line; never the token itself."""
    house = open_house()
    for one in operate.list_tokens(house, operate.find_school(house, school)):
        sys.stdout.write(json.dumps(one) + "\n")


@token_app.command("revoke")
def token_revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as the list says it.")], school: School = ""
) -> None:
    """End a token at once."""
    house = open_house()
    operate.revoke_token(house, operate.find_school(house, school), token_id)


@device_app.command("add")
def device_add(
    *,
    label: Annotated[str, typer.Option(help="What is written on it, such as Robin camera.")],
    make: Annotated[str, typer.Option(help="Make, as the camera writes it.")],
    model: Annotated[str, typer.Option(help="Model, as the camera writes it.")],
    school: School = "",
    kind: Annotated[DeviceKind, typer.Option(help="What it is.")] = DeviceKind.CAMERA,
    owner: Annotated[Owner, typer.Option(help="Whose it is.")] = Owner.SCHOOL,
    serial: Annotated[str, typer.Option(help="Serial number, if it writes one (iPads write none).")] = "",
    class_: Annotated[list[str] | None, typer.Option("--class", help="Repeat: its classes; none: the whole school.")] = None,
) -> None:
    """Enrol a device and print its id."""
    house = open_house()
    marks = {"label": label.strip(), "make": make.strip(), "model": model.strip(), "serial": serial.strip()}
    if not all(marks[name] for name in ("label", "make", "model")) or any(len(mark) > _LONGEST_MARK for mark in marks.values()):
        fail("Label, make and model are needed, and none of them is longer than 64 letters.")
    if any(not letter.isprintable() for mark in marks.values() for letter in mark):
        fail("Label, make, model and serial number are each on one line, of letters that can be printed.")
    if marks["serial"] and not fold_serial(marks["serial"]):
        fail("Zeros alone tell no device from another. Leave the serial number out.")
    wanted = Device(
        id=NEW,
        kind=kind,
        owner=owner,
        make=marks["make"],
        model=marks["model"],
        serial=marks["serial"] or None,
        reg_groups=frozenset(class_ or ()),
        active_from=None,
        active_until=None,
    )
    found = operate.find_school(house, school)
    sys.stdout.write(operate.enrol_device(house, found, wanted, label=marks["label"]) + "\n")
    _say_if_unchecked(house, found, class_)


@device_app.command("list")
def device_list(school: School = "") -> None:
    """Print the device register, one JSON object a line."""
    house = open_house()
    for one in operate.list_devices(house, operate.find_school(house, school)):
        sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")


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
        fail("There is no such profile; the one there is is called gatekeeper.")
    house = open_house()
    try:
        found = operate.import_register(house, operate.find_school(house, school), read(file), apply=apply)
    except FileRefused as refused:
        for one in refused.problems:
            err.print(f"row {one.row}, column {one.column}: {SENTENCES[one.code]} ({one.code.value})", markup=False)
        fail("The file was refused as a whole; nothing was changed.")
    except SecondPersonNeeded:
        fail("This file opens or drops more than one person may apply alone. Preview and apply it by the API, as two people.")
    _print_preview(found, applied=apply)


@policy_app.command("show")
def policy_show(school: School = "") -> None:
    """Print the policy in force."""
    house = open_house()
    text = operate.policy_text(house, operate.find_school(house, school))
    if text is None:
        fail("No policy is in force: nothing can be published.")
    sys.stdout.write(text)


@policy_app.command("apply")
def policy_apply(file: Annotated[Path, typer.Argument(help="A policy file (docs/policy.md).")], school: School = "") -> None:
    """Put a policy in force; what it no longer allows comes down."""
    house = open_house()
    policy = operate.set_policy(house, operate.find_school(house, school), read(file).decode())
    out.print(f"In force: {policy.digest if policy else 'none'}")


@policy_app.command("withdraw")
def policy_withdraw(school: School = "") -> None:
    """Close the gate: nothing new is published until a policy is applied. What is live stays."""
    house = open_house()
    operate.set_policy(house, operate.find_school(house, school), None)
    out.print("No policy is in force: the gate is closed.")


def _say_if_unchecked(house: House, school: SchoolId, classes: list[str] | None) -> None:
    if classes and operate.is_register_empty(house, school):
        err.print("Nobody is on the register yet: whether there is such a class could not be checked.", markup=False)


def _print_preview(found: Preview, *, applied: bool) -> None:
    out.print(f"{len(found.added)} added, {len(found.changed)} changed, {len(found.leavers)} leavers")
    out.print(f"{len(found.granting)} pupils with a new yes, {len(found.withdrawing)} with a new no")
    if found.brakes:
        out.print(f"A second person must apply this file ({', '.join(found.brakes)}).")
    out.print("Applied." if applied else "Nothing was changed. Add --apply to apply it.")
