"""Whatever bytes a picture has become, what comes back is a typed refusal or a picture that is proven clean, twice over."""

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.imaging import Cleaned, Encoded, ImagingError, Refusal, Sandbox, sniff, verify
from tests.corpus import golden
from tests.corpus.catalogue import CORPUS
from tests.corpus.golden import ACCEPTED, SIZES, outcome
from tests.corpus.mutants import MUTATIONS, mutant, shares
from tests.corpus.proofs import faults

MAX_PIXELS = 60_000_000
LONGEST_SEED = 30_000
SEEDS = [name for name, one in golden.read().items() if one.outcome == ACCEPTED and len(CORPUS[name].make()) <= LONGEST_SEED]
OTHERS = [CORPUS[name].make() for name in SEEDS]
BATCH = 50


def broken_promises(sandbox: Sandbox, untrusted: bytes) -> list[str]:
    """What is wrong with the answer to any bytes at all; nothing, if it keeps every promise."""
    match outcome(sandbox, untrusted):
        case ImagingError() as refused:
            return [refused.reason] if refused.reason in {Refusal.TIMEOUT, Refusal.UNCLEAN} else []
        case Cleaned() as cleaned:
            return wrong_with(cleaned)


def wrong_with(cleaned: Cleaned) -> list[str]:
    renditions = cleaned.image.renditions
    wrong = [fault for one in renditions for fault in faults(one.content, one.width, one.height, ())]
    if [one.name for one in renditions] != [size.name for size in SIZES]:
        wrong.append("other renditions than asked for")
    wrong.extend("too many pixels" for one in renditions if one.width * one.height > MAX_PIXELS)
    verify(tuple(Encoded.kept_as(one, one.content) for one in renditions))
    return wrong


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every BATCH mutants: as many as were asked for on the command line."""
    if "batch" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--mutations")
        metafunc.parametrize("batch", range(-(-wanted // BATCH)))


def test_whatever_a_file_has_become_it_is_refused_or_proven_clean(
    sandbox: Sandbox, request: pytest.FixtureRequest, batch: int
) -> None:
    mine = itertools.islice(shares(SEEDS, request.config.getoption("--mutations")), batch * BATCH, (batch + 1) * BATCH)
    bad = {
        (name, number): wrong
        for name, number in mine
        if (wrong := broken_promises(sandbox, mutant(name, number, CORPUS[name].make(), OTHERS)))
    }
    assert bad == {}


@settings(max_examples=40)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 1_000_000), st.binary(max_size=12), st.integers(0, 64)), min_size=1, max_size=5),
)
def test_whatever_edits_are_made_a_file_is_refused_or_proven_clean(
    sandbox: Sandbox, name: str, edits: list[tuple[int, bytes, int]]
) -> None:
    content = CORPUS[name].make()
    for at, more, fewer in edits:
        start = at % (len(content) + 1)
        content = content[:start] + more + content[start + fewer :]
    assert broken_promises(sandbox, content) == []


@settings(max_examples=200)
@given(st.sampled_from([content[:24] for content in OTHERS]), st.binary(max_size=600))
def test_whatever_follows_a_header_is_refused_by_a_reason_or_small_enough(header: bytes, rest: bytes) -> None:
    with contextlib.suppress(ImagingError):
        looked = sniff(header + rest)
        assert 0 < looked.width * looked.height <= MAX_PIXELS


def test_the_mutants_are_mutants_and_the_same_in_every_run() -> None:
    pairs = list(shares(SEEDS[::9], 300))
    made = [mutant(name, number, CORPUS[name].make(), OTHERS) for name, number in pairs]
    assert made == [mutant(name, number, CORPUS[name].make(), OTHERS) for name, number in pairs]
    changed = sum(content != CORPUS[name].make() for content, (name, _) in zip(made, pairs, strict=True))
    assert changed > 280
    assert len(set(made)) > 280


def test_every_mutation_meets_many_files_and_every_file_a_mutation() -> None:
    pairs = list(shares(SEEDS, 600))
    assert len(set(pairs)) == 600
    assert {name for name, _ in pairs} == set(SEEDS)
    met = [sum(number % len(MUTATIONS) == turn for _, number in pairs) for turn in range(len(MUTATIONS))]
    assert min(met) > 40


def test_the_sandbox_works_as_before(sandbox: Sandbox) -> None:
    cleaned = outcome(sandbox, CORPUS["jpeg-everything.jpg"].make())
    assert isinstance(cleaned, Cleaned)
    assert wrong_with(cleaned) == []
