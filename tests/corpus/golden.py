"""What shall become of every file of the corpus: a table that is compared by a test and rewritten on purpose only."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from service.imaging import FULL_SIZE, Cleaned, ImagingError, RenditionSize, Sandbox
from tests.corpus.catalogue import CORPUS

GOLDEN = Path(__file__).with_name("golden.tsv")
SIZES = (RenditionSize(name="32", long_side=32), RenditionSize(name="64", long_side=64), FULL_SIZE)
_HEAD = ("file", "outcome", "reason", "removed")
_NOTHING = "-"
ACCEPTED, REFUSED = "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Fate:
    """One line: accepted or refused; why (for an accepted file: why a person must look first); the kinds that were removed."""

    name: str
    outcome: str
    reason: str = _NOTHING
    removed: str = _NOTHING


def fate(name: str, cleaned: Cleaned | ImagingError) -> Fate:
    """What became of a file."""
    if isinstance(cleaned, ImagingError):
        return Fate(name, REFUSED, cleaned.reason.value)
    doubt = cleaned.provenance.doubt
    removed = " ".join(removed.kind.value for removed in cleaned.provenance.removed)
    return Fate(name, ACCEPTED, doubt.value if doubt else _NOTHING, removed or _NOTHING)


def outcome(sandbox: Sandbox, untrusted: bytes) -> Cleaned | ImagingError:
    """The clean image, or the refusal. Any other exception goes through."""
    try:
        return sandbox.clean(untrusted, SIZES)
    except ImagingError as refused:
        return refused


def read() -> dict[str, Fate]:
    """The table."""
    head, *lines = (tuple(line.split("\t")) for line in GOLDEN.read_text(encoding="utf-8").splitlines())
    if head != _HEAD:
        raise ValueError("the golden file has another head than its reader knows")
    return {line[0]: Fate(*line) for line in lines}


def write(fates: Iterable[Fate]) -> None:
    """Write the table anew."""
    lines = [_HEAD, *((one.name, one.outcome, one.reason, one.removed) for one in fates)]
    GOLDEN.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def rewrite() -> int:
    """Clean every file of the corpus, write down what became of each, and say how many lines have changed."""
    before = read() if GOLDEN.exists() else {}
    with Sandbox() as sandbox:
        fates = [fate(name, outcome(sandbox, specimen.make())) for name, specimen in CORPUS.items()]
    write(fates)
    return sum(before.get(one.name) != one for one in fates) + len(before.keys() - CORPUS.keys())
