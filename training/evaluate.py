"""`python -m training.evaluate`: score the recipe by cross-validation, and a bundle as it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from detector.detector import Detector
from detector.model import load_model
from training.boosting import TrainingError
from training.consent.leak import Contents
from training.consent.report import consent_report, own_consent_report
from training.corpora import HELD_OUT, TRAINABLE, CorpusError, LabelledPage, read_corpus
from training.crossval import CrossValidated, cross_validate
from training.own import own_labelled_pages
from training.progress import track
from training.report import PageScore, render_worst
from training.scoring import MEASURES, WORDS, page_f1, slices_of, summary
from training.text.evaluate import evaluate_text

SEEDS: Final = 3


def cross_validation_report(
    scored: Sequence[CrossValidated], sets: Sequence[str], *, consent: bool
) -> dict[str, dict[str, Any]]:
    """Word F1 of the sets by slice and, if wanted, the scores of the consent recipe."""
    report = {}
    chosen = [score for score in scored if score.page.set in sets]
    if chosen:
        slices = slices_of([score.page for score in chosen])
        report = summary(np.array([score.f1 for score in chosen]), slices)
    if consent:
        opinions = {score.page.id: score.opinion for score in scored}
        report |= consent_report(Contents(opinions, load_model()))
    return report


def benchmark(name: str, detector: Detector) -> dict[str, Any]:
    """The score of one of `BENCHMARKS`, as its own evaluator has it."""
    pages = _pages(name)
    measure = MEASURES.get(name, WORDS)

    def figures(page: LabelledPage) -> Sequence[float]:
        text = detector.detect(page.html, url=page.url, encoding=page.encoding).text
        return measure.of_page(page, text)

    return measure.row([figures(page) for page in track(pages, len(pages), name)])


def _pages(name: str) -> list[LabelledPage]:
    return own_labelled_pages() if name == "own" else list(read_corpus(name))


BENCHMARKS: Final = (*HELD_OUT, "own")
"""Sets that no bundle is trained on; the project's own pages are in two dozen languages."""
CONSENT: Final = "consent"
"""Stands among the sets for all that is measured of consent UI."""
TEXT: Final = "text"
"""The same for `detect_text`."""
SETS: Final = (*TRAINABLE, *BENCHMARKS, CONSENT, TEXT)


def figure(row: Mapping[str, Any]) -> float:
    """What a row of the report says: an F1, or a consent measure's value."""
    return float(row["f1"] if "f1" in row else row["value"])


class Measured(NamedTuple):
    """All scores of some sets by slice or measure, and the pages that were cross-validated."""

    report: dict[str, dict[str, Any]]
    unseen: list[CrossValidated]


def measure(sets: Sequence[str], detector: Detector, seeds: int) -> Measured:
    """Score a bundle, and by cross-validation the recipe that makes it.

    For consent all sets are cross-validated: what is left of a banner in the text depends on the
    content model.
    """
    report: dict[str, dict[str, Any]] = {}
    unseen: list[CrossValidated] = []
    trained = [name for name in TRAINABLE if name in sets]
    if trained or CONSENT in sets:
        names = TRAINABLE if CONSENT in sets else trained
        unseen = cross_validate([page for name in names for page in read_corpus(name)], seeds)
        report |= cross_validation_report(unseen, trained, consent=CONSENT in sets)
    report |= {name: benchmark(name, detector) for name in BENCHMARKS if name in sets}
    if CONSENT in sets:
        report |= own_consent_report(detector)
    if TEXT in sets:
        report |= evaluate_text()
    return Measured(report, unseen)


def detected(sets: Sequence[str], detector: Detector) -> list[PageScore]:
    """Word F1 of the pages with a gold text in sets that were not trained on."""
    pages = [page for name in sets for page in _pages(name) if page.gold is not None]
    scored = []
    for page in track(pages, len(pages), "pages for the report"):
        text = detector.detect(page.html, url=page.url, encoding=page.encoding).text
        scored.append(PageScore(page, page_f1(page, text), text))
    return scored


def table(report: dict[str, dict[str, Any]]) -> str:
    """The report as a Markdown table."""
    lines = ["| slice | pages | F1 or share | 95% interval |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row['pages']:,} | {figure(row):.4f} | {row['low']:.3f} to {row['high']:.3f} |"
        for name, row in report.items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--bundle", type=Path, help="bundle to score; default: the shipped one")
    parser.add_argument(
        "--sets",
        nargs="+",
        choices=SETS,
        default=SETS,
        help="wcxb, waddle, zh, consent and text are cross-validated, the others scored with the "
        "bundle",
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of the folds (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="OUT.html",
        help="write the worst pages with a gold text too: what was lost, what leaked",
    )
    options = parser.parse_args(arguments)
    try:
        detector = Detector(options.bundle)
        report, unseen = measure(options.sets, detector, options.seeds)
        if options.report:
            scored = [PageScore(each.page, each.f1, each.texts[0]) for each in unseen]
            scored += detected([name for name in BENCHMARKS if name in options.sets], detector)
            options.report.write_text(render_worst(scored), "utf-8")
    except (CorpusError, TrainingError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    print(table(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
