"""Commands that need no school and no database: decide, sanitise, scrub, demo."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from consent.case import parse_case
from consent.decision import decide, decision_bytes
from consent.policy import DestinationKind
from service.commands.terminal import fail, read
from service.commands.terminal import out as terminal
from service.logs import set_up
from service.offline.destinations import sizes_for
from service.offline.telling import cores, sanitise_and_tell
from service.scrubbing import NotScrubbable, read_names, scrub_lines
from service.settings import Settings

app = typer.Typer()


@app.command("decide")
def decide_command(file: Annotated[Path, typer.Argument(help="A case as JSON (docs/decide.md).")]) -> None:
    """Decide one case: a Case as JSON in, the Decision as JSON out. Needs no database."""
    sys.stdout.write(decision_bytes(decide(parse_case(read(file)))).decode() + "\n")


@app.command()
def sanitise(
    files: Annotated[list[str], typer.Argument(help="Pictures, of any kind that is accepted.", metavar="FILE...")],
    out: Annotated[str, typer.Option("--out", help="Folder for the clean files; made if missing.", metavar="DIR")],
    destination: Annotated[
        DestinationKind, typer.Option(help="Whose renditions to make beside the full size.")
    ] = DestinationKind.WEBSITE,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Pictures at once; left out: one for each processor.")
    ] = None,
) -> None:
    """Make clean files of pictures, and say what was removed: a JSON line for each (docs/sanitise.md). Needs no database."""
    set_up("warning")
    jailed = Settings().sandbox == "required"
    sizes = sizes_for(destination)
    raise typer.Exit(sanitise_and_tell(files, folder=out, sizes=sizes, workers=workers or cores(), jailed=jailed))


@app.command("scrub")
def scrub_command(
    register: Annotated[Path, typer.Option("--register", help="Register and school terms as JSON (docs/names.md).")],
) -> None:
    """Take names out of texts: JSON lines in, JSON lines out, in the same order. Needs no database."""
    try:
        names = read_names(read(register))
        for answer in scrub_lines(sys.stdin.buffer, names):
            sys.stdout.buffer.write(f"{answer}\n".encode())
    except NotScrubbable as fault:
        fail(str(fault))


@app.command()
def demo(
    directory: Annotated[Path | None, typer.Option("--dir", help="Folder to use; left out: a new temporary one.")] = None,
    port: Annotated[int, typer.Option(help="Port to serve on; 0: any free one.")] = 0,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
) -> None:
    """Tell the main job from nothing: an invented school, dirty pictures, approvals, holds, a withdrawal and its receipt."""
    from service.demo.story import tell  # noqa: PLC0415 - the only command that needs the demonstration

    raise typer.Exit(tell(directory, port=port, once=once, out=terminal))
