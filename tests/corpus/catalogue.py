"""The whole corpus: every file by its name."""

from pathlib import Path

from tests.corpus.broken import BOMBS, CUTS
from tests.corpus.colours import COLOURS
from tests.corpus.gifs import BMPS, GIFS
from tests.corpus.heifs import HEIFS
from tests.corpus.jpegs import JPEGS
from tests.corpus.pngs import PNGS
from tests.corpus.polyglots import POLYGLOTS
from tests.corpus.specimens import Specimen
from tests.corpus.strangers import STRANGERS
from tests.corpus.tiffs import TIFFS
from tests.corpus.turned import TURNED
from tests.corpus.webps import WEBPS

VARIANTS = (*JPEGS, *PNGS, *WEBPS, *HEIFS, *TIFFS, *GIFS, *BMPS)
"""Containers with something in every hiding place."""
FAMILIES = {
    "variants": VARIANTS,
    "turned": TURNED,
    "colours": COLOURS,
    "polyglots": POLYGLOTS,
    "cuts": CUTS,
    "bombs": BOMBS,
    "strangers": STRANGERS,
}
CORPUS: dict[str, Specimen] = {one.name: one for family in FAMILIES.values() for one in family}
PLACES = frozenset(place for one in CORPUS.values() for place in one.places)


def write(folder: Path) -> int:
    """Write every file into the folder, and say how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in CORPUS.values():
        (folder / one.name).write_bytes(one.make())
    return len(CORPUS)
