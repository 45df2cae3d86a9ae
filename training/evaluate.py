"""`python -m training.evaluate`: score the recipe by cross-validation, and a bundle as it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.detector import Detector
from training.boosting import TrainingError
from training.corpora import TRAINABLE, CorpusError, LabelledPage, read_corpus
from training.crossfit import FOLDS, cross_predict, fold_of_pages
from training.dataset import PageRows
from training.fit import Rows, page_weight
from training.metrics import (
    article_benchmark_f1,
    bootstrap_interval,
    shingle_scores,
    snippet_f1,
    snippet_scores,
)
from training.own import own_labelled_pages
from training.progress import track
from training.report import PageScore, render_worst
from training.scoring import choose_decision, mean_row, page_f1, slices_of, summary, text_of
from training.train import build_rows

SEEDS: Final = 3


def cross_validate(pages: Sequence[LabelledPage], seeds: int) -> list[PageScore]:
    """Score every page by models that saw no page of its registered domain."""
    texts = cross_validated_texts(pages, seeds)
    return [
        PageScore(page, float(np.mean([page_f1(page, text) for text in own])), own[0])
        for page, own in zip(pages, texts, strict=True)
    ]


def cross_validated_texts(
    pages: Sequence[LabelledPage],
    seeds: int,
    consent: Sequence[npt.NDArray[np.bool_]] | None = None,
) -> list[list[str]]:
    """The text of every page by models that saw no page of its registered domain, one a seed.

    The decision of each fold is chosen on the pages of the other folds, with probabilities that
    come from models that had not seen those either.

    Args:
        pages: the pages.
        seeds: how many times they are dealt into folds.
        consent: the blocks of each page that are never content, (b,); None for none.
    """
    rows = Rows(build_rows(pages))
    shown = [
        page if consent is None else _without(page, consent[number])
        for number, page in enumerate(rows.pages)
    ]
    weight = np.array([page_weight(page) for page in rows.pages])
    texts: list[list[str]] = [[] for _ in pages]
    for seed in range(seeds):
        fold = fold_of_pages(rows, seed)
        predictions = cross_predict(rows, fold, seed)
        for number in range(FOLDS):
            known = np.flatnonzero(fold != number).tolist()
            decision = choose_decision(
                [rows.pages[page] for page in known],
                [predictions[page] for page in known],
                weight[known],
            )
            for page in np.flatnonzero(fold == number).tolist():
                texts[page].append(text_of(shown[page], predictions[page], decision))
    return texts


def _without(page: PageRows, blocks: npt.NDArray[np.bool_]) -> PageRows:
    """The page as if the blocks held no words."""
    texts = ["" if gone else text for text, gone in zip(page.texts, blocks, strict=True)]
    return replace(page, texts=texts, words=np.where(blocks, 0.0, page.words))


def cross_validation_report(sets: Sequence[str], seeds: int) -> dict[str, dict[str, Any]]:
    """Word F1 of the sets by slice, each page scored by models that saw no page of its domain."""
    return _by_slice(cross_validate([page for name in sets for page in read_corpus(name)], seeds))


def _by_slice(scored: Sequence[PageScore]) -> dict[str, dict[str, Any]]:
    slices = slices_of([score.page for score in scored])
    return summary(np.array([score.f1 for score in scored]), slices)


def article_benchmark(detector: Detector) -> dict[str, Any]:
    """The 4-gram F1 of article-extraction-benchmark, as its own evaluator has it."""
    pages = list(read_corpus("aeb"))
    counts = [
        shingle_scores(detector.detect(page.html, url=page.url).text, page.gold or "")
        for page in track(pages, len(pages), "aeb")
    ]
    return _summed(counts, article_benchmark_f1)


def snippet_benchmark(detector: Detector) -> dict[str, Any]:
    """F1 of the snippets that trafilatura's own pages must and must not give."""
    pages = list(read_corpus("traf"))
    counts = [
        snippet_scores(
            detector.detect(page.html, url=page.url).text, list(page.with_), list(page.without)
        )
        for page in track(pages, len(pages), "traf")
    ]
    return _summed(counts, snippet_f1)


def _summed(
    counts: Sequence[Sequence[float]], score: Callable[[Any], tuple[float, float, float]]
) -> dict[str, Any]:
    """Precision, recall and F1 of pages' counts together, with the interval of F1 over pages."""
    precision, recall, f1 = score(counts)
    low, high = bootstrap_interval(counts, statistic=lambda rows: score(rows)[2])
    found = {"f1": f1, "precision": precision, "recall": recall}
    return found | {"low": low, "high": high, "pages": len(counts)}


def own_benchmark(detector: Detector) -> dict[str, Any]:
    """Word F1 over the project's own pages, in two dozen languages, none of them trained on."""
    pages = own_labelled_pages()
    return mean_row(
        [page_f1(page, detector.detect(page.html, url=page.url).text) for page in pages]
    )


BENCHMARKS: Final = {"aeb": article_benchmark, "traf": snippet_benchmark, "own": own_benchmark}


def detected(sets: Sequence[str], detector: Detector) -> list[PageScore]:
    """Word F1 of the pages with a gold text in sets that were not trained on."""
    pages = [
        page
        for name in sets
        for page in (own_labelled_pages() if name == "own" else read_corpus(name))
        if page.gold is not None
    ]
    scored = []
    for page in track(pages, len(pages), "pages for the report"):
        text = detector.detect(page.html, url=page.url, encoding=page.encoding).text
        scored.append(PageScore(page, page_f1(page, text), text))
    return scored


def table(report: dict[str, dict[str, Any]]) -> str:
    """The report as a Markdown table."""
    lines = ["| slice | pages | F1 | 95% interval |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row['pages']:,} | {row['f1']:.4f} | {row['low']:.3f} to {row['high']:.3f} |"
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
        choices=[*TRAINABLE, *BENCHMARKS],
        default=[*TRAINABLE, *BENCHMARKS],
        help="wcxb, waddle and zh are cross-validated, the others scored with the bundle",
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
        report: dict[str, dict[str, Any]] = {}
        scored: list[PageScore] = []
        trained = [name for name in TRAINABLE if name in options.sets]
        if trained:
            pages = [page for name in trained for page in read_corpus(name)]
            scored += cross_validate(pages, options.seeds)
            report |= _by_slice(scored)
        held_out = [name for name in BENCHMARKS if name in options.sets]
        if held_out:
            detector = Detector(options.bundle)
            report |= {name: BENCHMARKS[name](detector) for name in held_out}
            if options.report:
                scored += detected(held_out, detector)
        if options.report:
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
