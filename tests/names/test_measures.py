"""Names get through as seldom as docs/names.md promises, and innocent texts are stopped as seldom."""

import pytest

from consent.names import Lexicon, Names
from storage.lexicon import shipped_lexicon
from tests.names.innocents import innocent_texts, stopped
from tests.names.labelled import labelled_figures, verdicts
from tests.names.measuring import WHOLE, of_pupils, of_strangers
from tests.names.people import invented

NEVER = frozenset(
    {
        *("plain full", "plain forename", "lower", "upper", "swapped", "snake", "kebab", "dotted", "pascal", "camel", "joined"),
        *(
            "possessive",
            "digits",
            "dates",
            "path",
            "list",
            "known as",
            "former",
            "middle",
            "accents stripped",
            "percent",
            "entities",
        ),
    }
)
"""Classes in which no name may get through."""


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return shipped_lexicon()


def test_of_the_labelled_cases_none_leaks_and_hardly_any_innocent_one_is_stopped() -> None:
    assert [one.id for one in verdicts() if one.leaked] == []
    found = labelled_figures()
    assert (found["cases"], found["innocent"]) == (147, 42)
    assert found["innocent_damaged"] <= 1
    assert found["innocent_held"] <= 3


@pytest.mark.parametrize("seed", [1, 2])
def test_hardly_any_form_of_a_pupils_name_gets_through(lexicon: Lexicon, seed: int) -> None:
    pupils = invented(seed, 120, lexicon)
    found = of_pupils(pupils, Names.of(pupils, lexicon=lexicon), seed)
    assert len(found.texts) >= 50
    assert {kind: count for kind, count in found.leaked.items() if count and kind in NEVER} == {}
    assert found.share <= 0.3


def test_no_full_name_of_a_stranger_gets_through_and_hardly_any_single_one(lexicon: Lexicon) -> None:
    pupils = invented(3, 120, lexicon)
    found = of_strangers(250, Names.of(pupils, lexicon=lexicon), 4)
    assert sum(found.leaked[kind] for kind in WHOLE) == 0
    assert found.share <= 2


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_hardly_any_innocent_text_is_stopped(lexicon: Lexicon, seed: int) -> None:
    held, damaged = stopped(Names.of(invented(seed, 110, lexicon), lexicon=lexicon))
    count = sum(1 for _ in innocent_texts())
    assert len(held) <= 0.05 * count, held
    assert len(damaged) <= 0.035 * count, damaged


def test_a_measure_counts_a_leak(lexicon: Lexicon) -> None:
    """With nobody on the register, names that are words do get through: the measure can fail."""
    pupils = invented(1, 120, lexicon)
    assert of_pupils(pupils, Names.of((), lexicon=lexicon), 1).leaked.total() > 0
