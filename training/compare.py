"""`python -m training.compare OLD NEW`: what another bundle makes better and worse.

Both bundles are scored as they are: on pages that one of them learned from, its figures flatter.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from detector.detector import Detector
from detector.errors import BundleError
from training.corpora import SETS, CorpusError, LabelledPage, read_corpus
from training.metrics import bootstrap_interval
from training.own import own_labelled_pages
from training.pageset import read_page_set
from training.progress import track
from training.scoring import page_f1

CHANGED: Final = 10
"""Pages that are named on each side."""


def compare(
    old: Detector, new: Detector, pages: Sequence[LabelledPage]
) -> list[tuple[LabelledPage, float, float]]:
    """Word F1 of each page by both detectors."""
    return [
        (page, _f1(old, page), _f1(new, page))
        for page in track(pages, len(pages), "pages compared")
    ]


def _f1(detector: Detector, page: LabelledPage) -> float:
    found = detector.detect(page.html, url=page.url, encoding=page.encoding)
    return page_f1(page, found.text)


def table(scores: Sequence[tuple[LabelledPage, float, float]]) -> str:
    """Markdown: a line for each set and each of its page types, with the paired difference."""
    slices: dict[str, list[tuple[float, float]]] = {}
    for page, old, new in scores:
        slices.setdefault(page.set, []).append((old, new))
        if page.page_type:
            slices.setdefault(f"{page.set} {page.page_type}", []).append((old, new))
    lines = ["| slice | pages | old F1 | new F1 | new - old |", "|---|---|---|---|---|"]
    for name in sorted(slices):
        values = np.array(slices[name])
        low, high = bootstrap_interval(values[:, 1] - values[:, 0])
        before, after = values.mean(axis=0)
        lines.append(
            f"| {name} | {len(values):,} | {before:.3f} | {after:.3f} | "
            f"{after - before:+.3f} ({low:+.3f} to {high:+.3f}) |"
        )
    return "\n".join(lines)


def changed(scores: Sequence[tuple[LabelledPage, float, float]]) -> str:
    """The pages that gained most and those that lost most."""
    order = sorted(scores, key=lambda score: score[2] - score[1])
    lost = [score for score in order if score[2] < score[1]][:CHANGED]
    gained = [score for score in reversed(order) if score[2] > score[1]][:CHANGED]
    parts = []
    for title, found in (("Better", gained), ("Worse", lost)):
        lines = [f"  {old:.3f} -> {new:.3f}  {page.id}" for page, old, new in found]
        parts.append("\n".join([f"{title}:", *(lines or ["  no page"])]))
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__)
    parser.add_argument("old", metavar="OLD", type=Path, help="directory of a bundle")
    parser.add_argument("new", metavar="NEW", type=Path, help="directory of another")
    parser.add_argument(
        "--sets",
        nargs="*",
        choices=[*SETS, "own"],
        default=["own"],
        help="whose pages with a gold text to score (own)",
    )
    parser.add_argument("--pages", type=Path, metavar="DIR", help="a page set of one's own too")
    options = parser.parse_args(arguments)
    try:
        pages = [
            page
            for name in options.sets
            for page in (own_labelled_pages() if name == "own" else read_corpus(name))
        ]
        if options.pages:
            pages += [each.page for each in read_page_set(options.pages)]
        known = [page for page in pages if page.gold is not None]
        if not known:
            raise CorpusError("no page with a gold text to compare on")
        scores = compare(Detector(options.old), Detector(options.new), known)
    except (CorpusError, BundleError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    print(table(scores))
    print(changed(scores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
