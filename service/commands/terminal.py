"""What every command has in common: the house it works in, what it writes on, how it gives up."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from service.imaging import NotJailed
from service.logs import set_up
from service.settings import Settings
from service.wiring import House, build

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

School = Annotated[str, typer.Option("--school", help="Name or id of the school; not needed if there is only one.")]


def open_house() -> House:
    """Put together a house as the settings say."""
    settings = Settings()
    set_up(settings.log_level)
    return build(settings)


def open_house_at_work() -> House:
    """Put together a house that will open pictures. Raises NotJailed."""
    house = open_house()
    try:
        house.safety.check_jail()
    except NotJailed:
        house.close()
        raise
    return house


def read(file: Path) -> bytes:
    """Read a file that was named on the command line."""
    try:
        return file.read_bytes()
    except OSError:
        fail("That file can't be read.")


def fail(sentence: str) -> NoReturn:
    """Give up with a sentence on standard error and exit code 1."""
    if sentence:
        err.print(sentence, style="red", markup=False)
    raise SystemExit(1)
