"""`python -m training.gate`: has any score fallen below its floor in `datasets/baseline.json`?

After trafilatura's `tests/eval_gate.py`: floors per slice, a digest over the pages that they hold
for, and an update that lowers no floor unless told so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from detector.detector import Detector
from training.boosting import TrainingError
from training.corpora import TRAINABLE, CorpusError, read_corpus
from training.evaluate import BENCHMARKS, cross_validation_report, table
from training.own import own_labelled_pages
from training.text.evaluate import evaluate_text
from training.train import pages_digest

SETS: Final = (*TRAINABLE, *BENCHMARKS, "text")
BASELINE: Final = Path(__file__).parents[1] / "datasets" / "baseline.json"
SLACK: Final = 0.004
"""What a new floor is set below its score: two standard deviations of the noise of seeds."""


def measure(sets: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Scores of the sets by slice: one seed of cross-validation, and the shipped bundle."""
    report: dict[str, dict[str, Any]] = {}
    if set(TRAINABLE) & set(sets):
        report |= cross_validation_report(TRAINABLE, seeds=1)
    if "text" in sets:
        report |= evaluate_text()
    detector = Detector()
    return report | {name: BENCHMARKS[name](detector) for name in BENCHMARKS if name in sets}


def digests(sets: Sequence[str]) -> dict[str, str]:
    """Digest of each set's pages."""
    return {
        name: pages_digest(own_labelled_pages() if name == "own" else read_corpus(name))
        for name in sets
        if name != "text"  # made of the other sets
    }


def faults(
    baseline: Mapping[str, Any], report: Mapping[str, Any], found: Mapping[str, str]
) -> list[str]:
    """What is wrong: changed pages, and scores below their floors. Empty when all is well."""
    wrong = [
        f"{name}: the pages are not those that the floors were set on"
        for name, digest in found.items()
        if baseline["digests"].get(name) != digest
    ]
    for name, floor in baseline["floors"].items():
        if name in report and report[name]["f1"] < floor:
            wrong.append(f"{name}: {report[name]['f1']:.4f} is below its floor {floor:.4f}")
    return wrong


def updated(
    baseline: Mapping[str, Any],
    report: Mapping[str, Any],
    found: Mapping[str, str],
    *,
    allow_lower: bool,
) -> dict[str, Any]:
    """A baseline with floors a little below the report's scores.

    Raises:
        ValueError: a floor would fall and `allow_lower` is not given.
    """
    floors = dict(baseline["floors"])
    for name, row in report.items():
        floor = round(row["f1"] - SLACK, 4)
        if floor < floors.get(name, 0.0) and not allow_lower:
            raise ValueError(f"{name} would fall from {floors[name]:.4f} to {floor:.4f}")
        floors[name] = floor
    return {"digests": {**baseline["digests"], **found}, "floors": floors}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.gate", description=__doc__)
    parser.add_argument(
        "--sets", nargs="+", choices=SETS, default=SETS, help="text: of `python -m training.text`"
    )
    parser.add_argument("--update", action="store_true", help="set the floors from this run")
    parser.add_argument("--allow-lower", action="store_true", help="let an update lower floors")
    options = parser.parse_args(arguments)
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    baseline = {"digests": {}, "floors": {}, **baseline}
    try:
        report, found = measure(options.sets), digests(options.sets)
        print(table(report))
        if options.update:
            new = updated(baseline, report, found, allow_lower=options.allow_lower)
            BASELINE.write_text(json.dumps(new, indent=2, sort_keys=True) + "\n")
            return 0
    except (CorpusError, TrainingError, ValueError) as error:
        print(f"gate: {error}", file=sys.stderr)
        return 1
    wrong = faults(baseline, report, found)
    for line in wrong:
        print(f"gate: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
