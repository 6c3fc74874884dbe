"""The figures of ``poe bench-imaging`` as they stand in docs/benchmarks.md: ``python -m tests.bench.table < figures.json``."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any


def tables(figures: Mapping[str, Any]) -> Iterator[str]:
    """Lines of Markdown."""
    machine, picture = figures["machine"], figures["picture"]
    parts = ", ".join(f"{name} {machine[name]}" for name in ("python", "pillow", "libjpeg-turbo", "pillow-heif"))
    yield f"{machine['cpu']}, {machine['cores']} cores; {parts}. Rounds:"
    sizes = {kind: f"{picture[f'{kind} bytes'] / 1e6:.1f} MB" for kind in figures["rounds"]}
    yield " and ".join(f"{rounds} of the {kind.upper()} ({sizes[kind]})" for kind, rounds in figures["rounds"].items()) + "."
    yield from ("", "| figure | is | | |", "|---|---|---|---|")
    for name, target in figures["targets"].items():
        word, most = next((word, target[word]) for word in ("at most", "at least") if word in target)
        yield f"| {name} | {target['is']} | {word} {most} | {'met' if target['met'] else 'not met'} |"
    yield from ("", "| case | ratio | milliseconds |", "|---|---|---|")
    for name, spent in figures["milliseconds"].items():
        yield f"| {name} | {figures['ratios'].get(name, 1)} | {spent} |"
    yield from ("", "| the child's peak | MB |", "|---|---|")
    for name, peak in figures["peaks of the child in MB"].items():
        yield f"| {name} | {peak} |"
    yield from ("", "| other tool | ratio | planted words left | upright | mean colour error of 255 |", "|---|---|---|---|---|")
    for name, peer in figures["peers"].items():
        if "why" in peer:
            yield f"| {name} | {peer['why']} | | | |"
        else:
            left, upright = ("yes" if peer[what] else "no" for what in ("leaves planted words", "upright"))
            yield f"| {name} | {peer['ratio']} | {left} | {upright} | {peer['colour error']} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(tables(json.load(sys.stdin))) + "\n")
