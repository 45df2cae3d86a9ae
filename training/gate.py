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
from training.consent.labels import labels_digest
from training.corpora import CorpusError, read_corpus
from training.evaluate import CONSENT, SETS, TEXT, figure, measure, table
from training.own import own_labelled_pages
from training.train import pages_digest

BASELINE: Final = Path(__file__).parents[1] / "datasets" / "baseline.json"
SLACK: Final = 0.004
"""What a new floor is set below its score: two standard deviations of the noise of seeds."""


def digests(sets: Sequence[str]) -> dict[str, str]:
    """Digest of each set's pages; what is measured of consent has those of its labels."""
    found = {
        name: pages_digest(own_labelled_pages() if name == "own" else read_corpus(name))
        for name in sets
        if name not in (CONSENT, TEXT)
    }
    if CONSENT in sets:
        found[CONSENT] = labels_digest()
    return found


def faults(
    baseline: Mapping[str, Any], report: Mapping[str, Any], found: Mapping[str, str]
) -> list[str]:
    """What is wrong: changed pages, scores below their floors, losses above their ceilings. Empty
    when all is well."""
    wrong = [
        f"{name}: the pages are not those that the floors were set on"
        for name, digest in found.items()
        if baseline["digests"].get(name) != digest
    ]
    for name, floor in baseline["floors"].items():
        if name in report and figure(report[name]) < floor:
            wrong.append(f"{name}: {figure(report[name]):.4f} is below its floor {floor:.4f}")
    for name, ceiling in baseline["ceilings"].items():
        if name in report and figure(report[name]) > ceiling:
            wrong.append(f"{name}: {figure(report[name]):.4f} is above its ceiling {ceiling:.4f}")
    return wrong


def updated(
    baseline: Mapping[str, Any],
    report: Mapping[str, Any],
    found: Mapping[str, str],
    *,
    allow_lower: bool,
) -> dict[str, Any]:
    """A baseline with floors a little below the report's scores, ceilings a little above losses.

    Raises:
        ValueError: a floor would fall or a ceiling rise, and `allow_lower` is not given.
    """
    bounds = {"floors": dict(baseline["floors"]), "ceilings": dict(baseline["ceilings"])}
    for name, row in report.items():
        loss = row.get("loss", False)
        known = bounds["ceilings" if loss else "floors"]
        slack = row.get("slack", SLACK)
        bound = round(figure(row) + (slack if loss else -slack), 4)
        looser = name in known and (bound > known[name] if loss else bound < known[name])
        if looser and not allow_lower:
            change = "rise" if loss else "fall"
            raise ValueError(f"{name} would {change} from {known[name]:.4f} to {bound:.4f}")
        known[name] = bound
    return {"digests": {**baseline["digests"], **found}, **bounds}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.gate", description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--update", action="store_true", help="set the floors from this run")
    parser.add_argument(
        "--allow-lower", action="store_true", help="let an update lower floors and raise ceilings"
    )
    options = parser.parse_args(arguments)
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    baseline = {"digests": {}, "floors": {}, "ceilings": {}, **baseline}
    try:
        report = measure(options.sets, Detector(), seeds=1).report
        found = digests(options.sets)
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
