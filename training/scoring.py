"""Probabilities -> text -> the scores of each page set, sliced and with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.decide import Cut, choose
from detector.page_types import PAGE_TYPES
from training.corpora import LabelledPage
from training.dataset import PageRows
from training.fit import Prediction
from training.metrics import (
    article_benchmark_f1,
    bootstrap_interval,
    shingle_scores,
    snippet_f1,
    snippet_scores,
    word_f1,
)

CUTS = tuple(
    Cut(caution, eagerness, least_words)
    for caution in (0.0, 0.25, 0.5)
    for eagerness in (0.0, 1.0, 2.0)
    for least_words in (0.0, 8.0, 16.0)
)
"""What the choice is made among."""

Floats = npt.NDArray[np.float64]


def kept_blocks(page: PageRows, prediction: Prediction, cut: Cut) -> npt.NDArray[np.bool_]:
    """Which blocks a cut keeps, (b,)."""
    return choose(prediction.probability, page.words, prediction.types, cut)


def text_of(page: PageRows, prediction: Prediction, cut: Cut) -> str:
    """The text that a page gives under a cut, as `Page.text` has it."""
    kept = kept_blocks(page, prediction, cut)
    return "\n\n".join(text for text, keep in zip(page.texts, kept, strict=True) if keep)


def page_f1(page: LabelledPage, text: str) -> float:
    """Word F1 as WCXB has it; characters are words on Chinese pages."""
    return word_f1(text, page.gold or "", cjk=page.lang == "zh")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a page set is scored.

    Attributes:
        of_page: figures of a page and the text that it gave.
        of_set: all pages' figures, (n_pages, n_figures) -> precision, recall and F1, or F1 alone.
    """

    of_page: Callable[[LabelledPage, str], Sequence[float]]
    of_set: Callable[[Floats], tuple[float, ...]]

    def f1(self, figures: Floats) -> float:
        """F1 of the pages with these figures."""
        return self.of_set(figures)[-1]

    def row(self, figures: npt.ArrayLike) -> dict[str, Any]:
        """What `of_set` gives, the 95% bootstrap interval of F1 over pages, and their number."""
        table = np.asarray(figures, np.float64)
        found = self.of_set(table)
        low, high = bootstrap_interval(table, statistic=self.f1)
        named = dict(zip(("precision", "recall", "f1")[-len(found) :], found, strict=True))
        return named | {"low": low, "high": high, "pages": len(table)}


WORDS: Final = Measure(lambda page, text: [page_f1(page, text)], lambda rows: (float(rows.mean()),))
MEASURES: Final = {
    "aeb": Measure(lambda page, text: shingle_scores(text, page.gold or ""), article_benchmark_f1),
    "traf": Measure(lambda page, text: snippet_scores(text, page.with_, page.without), snippet_f1),
}
"""Of the sets that are scored as their own evaluators do, and not by `WORDS`."""


def choose_cut(pages: Sequence[PageRows], predictions: Sequence[Prediction], weight: Floats) -> Cut:
    """The one of `CUTS` with the best weighted mean of F1, reckoned from coverage.

    Args:
        pages: pages that no test is made on.
        predictions: of models that had not seen them.
        weight: of each page.
    """

    def score(cut: Cut) -> float:
        scores = [
            _reckoned_f1(page, kept_blocks(page, prediction, cut))
            for page, prediction in zip(pages, predictions, strict=True)
        ]
        return float(np.average(scores, weights=weight))

    return max(CUTS, key=score)


def cut_of_each(
    pages: Sequence[PageRows],
    predictions: Sequence[Prediction],
    weight: Floats,
    fold: npt.NDArray[np.int64],
) -> list[Cut]:
    """The cut of each page, chosen on the pages of the other folds.

    Args:
        predictions: of models that had not seen the page's fold.
        weight: of each page.
        fold: of each page.
    """
    cuts = {}
    for number in np.unique(fold).tolist():
        known = np.flatnonzero(fold != number).tolist()
        cuts[number] = choose_cut(
            [pages[page] for page in known], [predictions[page] for page in known], weight[known]
        )
    return [cuts[number] for number in fold.tolist()]


def _reckoned_f1(page: PageRows, kept: npt.NDArray[np.bool_]) -> float:
    found = page.words * page.coverage
    output, gold = page.words[kept].sum(), max(found.sum(), page.gold_words)
    if gold == 0:
        return 1.0 if output == 0 else 0.0
    return float(2 * found[kept].sum() / (output + gold))


Slices = dict[str, list[int]]


def slices_of(pages: Sequence[LabelledPage]) -> Slices:
    """Pages' numbers by the slices that are reported: sets, WCXB's types, waddle's languages."""
    slices: Slices = {}
    for number, page in enumerate(pages):
        slices.setdefault(page.set, []).append(number)
        if page.set == "wcxb":
            slices.setdefault(f"wcxb {page.page_type}", []).append(number)
        if page.set == "waddle":
            slices.setdefault(f"waddle {page.lang}", []).append(number)
    order = ["wcxb", *(f"wcxb {name}" for name in PAGE_TYPES)]
    rest = sorted(name for name in slices if name not in order)
    return {name: slices[name] for name in (*order, *rest) if name in slices}


def mean_row(scores: npt.ArrayLike) -> dict[str, Any]:
    """Mean, 95% bootstrap interval and number of pages' scores."""
    values = np.asarray(scores, np.float64)
    low, high = bootstrap_interval(values)
    return {"f1": float(np.mean(values)), "low": low, "high": high, "pages": len(values)}


def summary(scores: Floats, slices: Slices) -> dict[str, dict[str, Any]]:
    """Mean and 95% bootstrap interval over pages of each slice.

    waddle is the mean of its languages, as each stands for itself.
    """
    rows: dict[str, dict[str, Any]] = {}
    for name, numbers in slices.items():
        rows[name] = mean_row(scores[numbers])
    languages = [name for name in rows if name.startswith("waddle ")]
    if languages:
        owner = np.repeat(range(len(languages)), [len(slices[name]) for name in languages])
        pages = np.stack((scores[[n for name in languages for n in slices[name]]], owner), axis=1)
        low, high = bootstrap_interval(pages, statistic=_mean_of_groups)
        rows["waddle"] |= {"f1": _mean_of_groups(pages), "low": low, "high": high}
    return rows


def _mean_of_groups(rows: Floats) -> float:
    """Mean of the groups' means; rows are a score and the number of its group."""
    group = rows[:, 1].astype(np.int64)
    counts = np.bincount(group)
    return float((np.bincount(group, rows[:, 0]) / np.maximum(counts, 1))[counts > 0].mean())
