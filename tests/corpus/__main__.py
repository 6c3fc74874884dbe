"""``python -m tests.corpus FOLDER`` writes the corpus; ``python -m tests.corpus --golden`` rewrites what shall become of it."""

import sys
from pathlib import Path

from tests.corpus import catalogue, golden


def main(arguments: list[str]) -> int:
    """One of the two commands; anything else is answered with how they are used."""
    match arguments:
        case ["--golden"]:
            print(f"{golden.rewrite()} lines of {golden.GOLDEN.name} have changed: read each of them")  # noqa: T201 - a command
        case [folder] if not folder.startswith("-"):
            print(f"{catalogue.write(Path(folder))} files")  # noqa: T201 - a command
        case _:
            print(__doc__, file=sys.stderr)  # noqa: T201 - a command
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
