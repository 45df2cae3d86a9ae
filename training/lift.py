"""`python -m training.lift --set SET --domain SITE`: what a few labelled pages of a site are worth.

Trains twice on the public sets: without the site, and with some of its pages; then scores both on
the site's other pages and on the sets that no bundle is trained on. Consent and the cut are the
shipped bundle's. Nothing is kept.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.detector import Detector
from training.boosting import TrainingError
from training.corpora import HELD_OUT, TRAINABLE, CorpusError, LabelledPage, read_corpus
from training.dataset import PageRows
from training.fit import Rows
from training.metrics import bootstrap_interval
from training.own import own_labelled_pages
from training.progress import track
from training.scoring import MEASURES, WORDS, Measure
from training.train import build_rows, public_pages, shipped_parts, write

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Split:
    """Numbers of pages: those of other sites, and of the site those to learn from and the rest."""

    others: list[int]
    some: list[int]
    rest: list[int]


def split(pages: Sequence[LabelledPage], set_: str, site: str, count: int, seed: int) -> Split:
    """Draw so many pages of a site, a registered domain.

    Raises:
        CorpusError: there are no more pages of it than that.
    """
    own = [number for number, page in enumerate(pages) if (page.set, page.site) == (set_, site)]
    if len(own) <= count:
        raise CorpusError(f"{set_} has {len(own)} pages of {site}: {count} of them leave none")
    some = sorted(random.Random(seed).sample(own, count))
    others = [number for number, page in enumerate(pages) if page.site != site]
    return Split(others, some, [number for number in own if number not in set(some)])


def lift(
    pages: Sequence[LabelledPage],
    numbers: Split,
    weight: float,
    seed: int,
    elsewhere: Iterable[tuple[str, Sequence[LabelledPage]]],
) -> str:
    """Train both ways; a Markdown table of the F1 of each, and of the paired difference.

    Args:
        pages: to train on.
        numbers: of the pages.
        weight: of each page that is learned from, where one of WCXB has 1.
        seed: of the models.
        elsewhere: sets to score besides the rest of the site, with their names.
    """
    built = build_rows(pages)
    learned = [_weighed(built[number], weight) for number in numbers.some]
    others = [built[number] for number in numbers.others]
    before, after = _trained(others, seed), _trained(others + learned, seed)
    rest = [pages[number] for number in numbers.rest]
    lines = ["| pages | | without | with | difference |", "|---|---|---|---|---|"]
    for name, scored in [("the site's others", rest), *elsewhere]:
        measure = MEASURES.get(name, WORDS)
        both = [_scores(detector, scored, measure) for detector in (before, after)]
        lines.append(_line(name, measure, *both))
    return "\n".join(lines)


def _weighed(rows: PageRows, weight: float) -> PageRows:
    return replace(rows, page=replace(rows.page, weight=weight))


def _trained(rows: Sequence[PageRows], seed: int) -> Detector:
    # The learned scores are of whole sites: pages that are not to be seen must not be there.
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write(Rows(rows), Detector().model.cut, shipped_parts(), bundle, seed)
        return Detector(bundle)


def _scores(detector: Detector, pages: Sequence[LabelledPage], measure: Measure) -> Scores:
    """The figures of each page, (n_pages, figures)."""

    def text(page: LabelledPage) -> str:
        return detector.detect(page.html, url=page.url, encoding=page.encoding).text

    found = (measure.of_page(page, text(page)) for page in track(pages, len(pages), "pages scored"))
    return np.array(list(found), np.float64)


def _line(name: str, measure: Measure, before: Scores, after: Scores) -> str:
    width = before.shape[1]

    def difference(rows: Scores) -> float:
        return measure.f1(rows[:, width:]) - measure.f1(rows[:, :width])

    both = np.hstack((before, after))
    low, high = bootstrap_interval(both, statistic=difference)
    return (
        f"| {name} | {len(both):,} | {measure.f1(before):.3f} | {measure.f1(after):.3f} | "
        f"{difference(both):+.3f} ({low:+.3f} to {high:+.3f}) |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.lift", description=__doc__)
    parser.add_argument("--set", choices=TRAINABLE, required=True, help="that has the site")
    parser.add_argument("--domain", required=True, help="registered domain of the site")
    parser.add_argument("--pages", type=int, default=20, help="to learn from (%(default)s)")
    parser.add_argument(
        "--weight", type=float, default=2.0, help="of each, see training.train (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of draw and models (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        pages = public_pages()
        numbers = split(pages, options.set, options.domain, options.pages, options.seed)
        elsewhere: list[tuple[str, Any]] = [(name, list(read_corpus(name))) for name in HELD_OUT]
        elsewhere.append(("own", own_labelled_pages()))
        print(lift(pages, numbers, options.weight, options.seed, elsewhere))
    except (CorpusError, TrainingError) as error:
        print(f"lift: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
