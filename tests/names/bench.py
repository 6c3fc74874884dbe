"""``poe bench-names``: one JSON object of what gets through, what is stopped for nothing, and how fast."""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from consent.names import Action, Field, Names, scrub
from storage.lexicon import shipped_lexicon
from tests.names.innocents import innocent_texts, stopped
from tests.names.labelled import labelled_figures
from tests.names.measuring import WHOLE, of_pupils, of_strangers
from tests.names.people import LOCALES, invented

SEED, PUPILS, STRANGERS = 20, 600, 900


def timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def seconds_each(texts: Iterable[tuple[Field, str]], names: Names) -> list[float]:
    return [timed(partial(scrub, text, field, names=names)) for field, text in texts]


def speeds(names: Names, dice: random.Random) -> dict[str, float]:
    """Time the innocent texts, and texts as long as each field allows made of them."""
    each = seconds_each(innocent_texts(), names)
    found = {"texts_per_second": round(len(each) / sum(each)), "text_median_ms": round(1000 * statistics.median(each), 3)}
    passage = (Path(__file__).parent / "cases/passage.txt").read_text(encoding="utf-8").split(". ")
    hard = [text for field, text in innocent_texts() if field is Field.CAPTION]
    for kind, field, prose in (
        ("longest_title_median_ms", Field.TITLE, passage),
        ("longest_caption_median_ms", Field.CAPTION, passage),
        ("longest_caption_of_name_like_words_median_ms", Field.CAPTION, hard),
    ):
        long = [(field, ". ".join(dice.choices(prose, k=field.limit // 8))[: field.limit].rpartition(" ")[0]) for _ in range(200)]
        found[kind] = round(1000 * statistics.median(seconds_each(long, names)), 3)
    found["refused_64_kb_ms"] = round(1000 * timed(partial(scrub, "x" * 65_536, Field.CAPTION, names=names)), 3)
    return found


def figures() -> dict[str, object]:
    """Measure everything once."""
    lexicon = shipped_lexicon()
    pupils = invented(SEED, PUPILS, lexicon)
    names = Names.of(pupils, lexicon=lexicon)
    ours, others = of_pupils(pupils, names, SEED), of_strangers(STRANGERS, names, SEED + 1)
    held, damaged = stopped(names)
    small = [stopped(Names.of(invented(SEED + at, 110, lexicon), lexicon=lexicon)) for at in range(5)]
    innocent = sum(1 for _ in innocent_texts())
    return {
        "pupils": {
            "pupils": len(pupils),
            "locales": len(LOCALES),
            "forms": len(ours.texts),
            "texts": ours.texts.total(),
            "leaked_percent": round(ours.share, 3),
            "leaked": {kind: count for kind, count in sorted(ours.leaked.items()) if count},
        },
        "strangers": {
            "people": STRANGERS,
            "texts": others.texts.total(),
            "leaked_percent": round(others.share, 3),
            "leaked_both_names": sum(others.leaked[kind] for kind in WHOLE),
            "leaked": {kind: count for kind, count in sorted(others.leaked.items()) if count},
        },
        "innocent": {
            "texts": innocent,
            "damaged_percent_600_pupils": round(100 * len(damaged) / innocent, 2),
            "held_percent_600_pupils": round(100 * len(held) / innocent, 2),
            "damaged_percent_110_pupils": round(100 * sum(len(two) for _, two in small) / innocent / len(small), 2),
            "held_percent_110_pupils": round(100 * sum(len(one) for one, _ in small) / innocent / len(small), 2),
        },
        "labelled": labelled_figures(),
        "speed": {
            "build_600_pupils_ms": round(1000 * min(timed(partial(Names.of, pupils, lexicon=lexicon)) for _ in range(5))),
            **speeds(names, random.Random(SEED)),
        },
        "publishes_an_ordinary_text": scrub("We planted seeds", Field.CAPTION, names=names).action is Action.PUBLISH,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures()) + "\n")
