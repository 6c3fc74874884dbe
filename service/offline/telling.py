"""``gatekeeper sanitise`` as its caller sees it: JSON lines, a progress bar for people, exit codes, and an orderly end."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.imaging import ImagingError, Jail, Sandbox, Sizes
from service.offline.ending import Ending, Interrupted
from service.offline.outbox import Outbox
from service.offline.sanitise import Kept, Outcome, Sanitising, Told

ALL_CLEAN, SOME_REFUSED = 0, 2
_SIGNALLED = 128


class CannotTell(Exception):
    """The lines go nowhere. Its text is a sentence, or empty if whoever read them has had enough, as ``head`` has."""


def cores() -> int:
    """So many processors this process may use."""
    return len(os.sched_getaffinity(0))


def sanitise_and_tell(untrusted_inputs: Sequence[str], *, folder: str, sizes: Sizes, workers: int, jailed: bool) -> int:
    """Sanitise every file into the folder, write a JSON line for each to standard output, and return the exit code.

    0: all clean; 2: some refused; 128 and a signal's number: told to end by it. Unless it is killed outright there is then
    neither a half file, nor a file of which no line was written, nor a child process. ``jailed``: open no picture without
    every wall.

    :raises NotJailed: a wall is missing that must be there
    :raises CannotWrite: the folder takes no more; before that there are lines for what it took
    :raises CannotTell: standard output takes no more
    """
    code = ALL_CLEAN
    try:
        with Ending() as ending, Sandbox(required=jailed) as sandbox, _progress(len(untrusted_inputs)) as progress:
            _warn(sandbox)
            work = Sanitising(sandbox=sandbox, outbox=Outbox(folder), sizes=sizes, workers=workers)
            with contextlib.closing(work.each(untrusted_inputs, ending=ending)) as every:
                for told in every:
                    _write(work.outbox, told)
                    progress.advance(progress.task_ids[0])
                    code = code if told.outcome is Outcome.CLEAN else SOME_REFUSED
    except Interrupted as interrupted:
        return _SIGNALLED + interrupted.number
    except CannotTell:
        _forget_standard_output()
        raise
    return code


def _warn(sandbox: Sandbox) -> None:
    """Say on standard error if pictures are not wholly shut in. That none can be opened at all is said of each in its line."""
    with contextlib.suppress(ImagingError):
        found = sandbox.jail()
        if found is not Jail.JAILED and sys.stderr is not None:
            Console(stderr=True, soft_wrap=True).print(
                f"Pictures are not wholly shut in on this machine: {found.value}.", style="yellow"
            )


def line_of(told: Told) -> str:
    """One line of JSON, in ASCII: a name that is no text stays what it is, byte for byte, as a lone surrogate."""
    return json.dumps(
        {
            "input": told.untrusted_input,
            "output": told.full.output if told.full else None,
            "outcome": told.outcome.value,
            "reason": told.reason,
            "removed": [{"kind": one.kind.value, "count": one.count} for one in told.removed],
            "renditions": [_rendition(one) for one in told.renditions],
            "doubts": list(told.doubts),
            "width": told.full.width if told.full else None,
            "height": told.full.height if told.full else None,
            "sha256": told.full.sha256 if told.full else None,
        }
    )


def _rendition(kept: Kept) -> dict[str, object]:
    return {
        "name": kept.name,
        "output": kept.output,
        "width": kept.width,
        "height": kept.height,
        "sha256": kept.sha256,
    }


def _write(outbox: Outbox, told: Told) -> None:
    """Say what became of a file; if that cannot be said, its clean files are taken back.

    :raises CannotTell: nobody reads, or nobody can
    """
    try:
        sys.stdout.write(line_of(told) + "\n")
        sys.stdout.flush()
    except (OSError, AttributeError) as fault:  # standard output is None if it was closed from the start
        outbox.discard(told.outputs)
        unread = isinstance(fault, BrokenPipeError | AttributeError)
        raise CannotTell("" if unread else "Standard output can't be written to.") from None


def _progress(total: int) -> Progress:
    """A bar on standard error, if that is a terminal; it counts and names nothing."""
    watched = sys.stderr is not None and sys.stderr.isatty()
    progress = Progress(
        TextColumn("sanitising"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, soft_wrap=True),
        # Lines and bar on one terminal: the lines go above the bar.
        redirect_stdout=watched and sys.stdout is not None and sys.stdout.isatty(),
        redirect_stderr=False,
        disable=not watched,
    )
    progress.add_task("", total=total)
    return progress


def _forget_standard_output() -> None:
    """What is still to be flushed goes nowhere: a line of which nobody knows whether it was read must not come late."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
