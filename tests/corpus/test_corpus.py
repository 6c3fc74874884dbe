"""Whatever is hidden in a picture, in whichever kind of file: nothing of it comes out, and the picture looks as it should."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from service.imaging import Cleaned, ImagingError, Refusal, Sandbox
from tests.corpus import golden
from tests.corpus.__main__ import main
from tests.corpus.canaries import CALL, ascii_canary, disguises, found
from tests.corpus.catalogue import CORPUS, FAMILIES, PLACES, VARIANTS
from tests.corpus.golden import ACCEPTED, SIZES, fate
from tests.corpus.proofs import differences, faults, fitting, seen
from tests.corpus.specimens import CORNERS, Look, painted, saved

MEAN_ERROR = 2
"""Of 255: how far the colours may be from the reference, in the mean."""
FAR = 24
"""Of 255: what no single colour of a cell may differ by, or the picture is turned or miscoloured."""
EXPECTED = golden.read()


class Outcomes:
    """What became of each file; each is cleaned once, when it is first asked for."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self.of = cache(self._of)

    def _of(self, name: str) -> Cleaned | ImagingError:
        return golden.outcome(self._sandbox, (self._folder / name).read_bytes())


@pytest.fixture(scope="module")
def outcomes(corpus: Path, sandbox: Sandbox) -> Outcomes:
    return Outcomes(corpus, sandbox)


def accepted(names: list[str]) -> list[str]:
    return [name for name in names if EXPECTED[name].outcome == ACCEPTED]


def test_the_golden_file_lists_every_file_of_the_corpus_once() -> None:
    assert list(EXPECTED) == list(CORPUS)
    assert len(CORPUS) == sum(len(family) for family in FAMILIES.values())


@pytest.mark.parametrize("name", CORPUS)
def test_every_file_has_the_fate_that_the_golden_file_tells(outcomes: Outcomes, name: str) -> None:
    assert fate(name, outcomes.of(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", accepted(list(CORPUS)))
def test_no_canary_and_nothing_but_pixels_comes_out(outcomes: Outcomes, name: str) -> None:
    cleaned = outcomes.of(name)
    assert isinstance(cleaned, Cleaned)
    rows = [(one.content, one.width, one.height) for one in cleaned.image.renditions]
    assert [faults(*row, CORPUS[name].places) for row in rows] == [[]] * len(SIZES)


@pytest.mark.parametrize("name", accepted([name for name, one in CORPUS.items() if one.look]))
def test_every_picture_comes_out_upright_and_in_its_true_colours(outcomes: Outcomes, name: str) -> None:
    cleaned, look = outcomes.of(name), CORPUS[name].look
    assert isinstance(cleaned, Cleaned)
    assert look is not None
    assert [(one.width, one.height) for one in cleaned.image.renditions] == [fitting(size.long_side) for size in SIZES]
    errors = differences(seen(cleaned.image.renditions[-1].content, look), look)
    assert sum(errors) / len(errors) <= MEAN_ERROR
    assert max(errors) <= FAR
    if look == CORNERS:
        small = [differences(seen(one.content, look), look) for one in cleaned.image.renditions]
        assert max(map(max, small)) <= FAR


def test_no_refusal_is_a_crash_or_a_time_out() -> None:
    reasons = {one.reason for one in EXPECTED.values()}
    assert not reasons & {Refusal.CRASHED, Refusal.TIMEOUT, Refusal.UNCLEAN}


def test_a_refusal_says_nothing_of_the_file(outcomes: Outcomes) -> None:
    refusals = [refused for name in CORPUS if isinstance(refused := outcomes.of(name), ImagingError)]
    assert len(refusals) > 100
    assert {str(refused) for refused in refusals} <= {reason.value for reason in Refusal}
    assert not any(CALL in repr(vars(refused)) for refused in refusals)


# --- the corpus itself: what it says is true --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, one in CORPUS.items() if one.places])
def test_every_canary_is_where_the_corpus_says(corpus: Path, name: str) -> None:
    places = CORPUS[name].places
    assert found((corpus / name).read_bytes(), places) == set(places)


def test_the_corpus_has_more_than_sixty_containers_each_with_a_canary() -> None:
    assert len(VARIANTS) >= 60
    assert [one.name for one in VARIANTS if not one.places] == []
    assert len({ascii_canary(place) for place in PLACES}) == len(PLACES) >= 100


def test_the_same_files_are_made_again_in_another_process(corpus: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.corpus", str(tmp_path / "again")]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2], capture_output=True)
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert again.keys() == CORPUS.keys()
    assert [name for name, content in again.items() if content != (corpus / name).read_bytes()] == []


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"]])
def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    assert "--golden" in capsys.readouterr().err


@pytest.mark.parametrize("worn", disguises(ascii_canary("comment")))
def test_a_canary_is_found_in_every_disguise(worn: bytes) -> None:
    assert found(b"\xff\xd8 before " + worn + b" after", {"comment"}) == {"comment"}
    assert found(b"\xff\xd8 before " + worn[: len(worn) // 3] + b" after", {"comment"}) == set()


def test_a_leak_a_turn_and_a_wrong_colour_are_seen() -> None:
    jpeg = saved(painted(CORNERS), "JPEG", quality=95)
    assert faults(jpeg, 96, 64, PLACES) == []
    assert max(differences(seen(jpeg, CORNERS), CORNERS)) <= 4
    leaking = saved(painted(CORNERS), "JPEG", comment=ascii_canary("comment"))
    assert len(faults(leaking, 96, 64, {"comment"})) == 4
    assert faults(jpeg, 64, 96, ()) != []
    turned: list[Look] = [CORNERS[::-1], tuple(row[::-1] for row in CORNERS), tuple(row[::-1] for row in CORNERS[::-1])]
    assert [max(differences(seen(jpeg, look), look)) > FAR for look in turned] == [True] * 3
