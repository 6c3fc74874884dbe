"""The tree of commands, and what a command says when it fails: a sentence, never a traceback."""

import typer
from pydantic import ValidationError

from consent.canonical import NotCanonical
from consent.policy import PolicyRefused
from service.commands import alone, running, school
from service.commands.terminal import fail
from service.imaging import NotJailed
from service.offline.outbox import CannotWrite
from service.offline.telling import CannotTell
from storage.errors import StorageError
from storage.objects.errors import StoreError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Publishes a picture only if everybody in it may appear.",
)
app.add_typer(running.app)
app.add_typer(alone.app)
app.add_typer(school.token_app, name="token")
app.add_typer(school.device_app, name="device")
app.add_typer(school.register_app, name="register")
app.add_typer(school.policy_app, name="policy")


def run() -> None:
    """Run the command that was typed; an error of ours is a sentence on standard error and exit code 1."""
    try:
        app()
    except UnicodeDecodeError:
        fail("That file is not text in UTF-8.")
    except ValidationError as fault:
        said = sorted(f"GATEKEEPER_{one['loc'][0]}".upper() + f": {one['msg'].lower()}" for one in fault.errors() if one["loc"])
        fail(f"A setting has no value that it may have. {'; '.join(said)} (docs/operations.md).")
    except NotJailed:
        fail("Pictures can't be shut in: the kernel lacks Landlock or seccomp, and GATEKEEPER_SANDBOX says that it must not.")
    except (StorageError, StoreError, PolicyRefused, NotCanonical, CannotWrite, CannotTell) as fault:
        fail(str(fault))
