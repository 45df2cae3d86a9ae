"""All labelled pages and banners -> what a bundle holds of the text model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.page import CONSENT, CONTENT, LABELS
from detector.text.model import TEXT_THRESHOLDS, TextModel, decide
from training.progress import track
from training.text.fit import TextRows, fit_files, text_rows
from training.text.pages import banners, text_pages
from training.text.simulate import FOLDS, Style, donors, fold_of, labelled_texts
from training.threads import in_threads

Probabilities = list[npt.NDArray[np.float32]]
Decision = dict[str, float]

CONSENT_GRID: Final = (0.2, 0.3, 0.4, 0.5)
SWITCH_GRID: Final = (1.5, 2.5, 4.0)
CONTENT_GRID: Final = (0.2, 0.25, 0.3, 0.35, 0.4)
JUDGED: Final[tuple[Style, ...]] = ("raw", "paragraphs", "lines")
"""Styles of text that consent is chosen on: those that were not made to be hard."""
EXTRACTED: Final[tuple[Style, ...]] = ("paragraphs", "lines")
"""Styles that content is chosen on: what comes here has been through an extractor."""
_UNUSED: Final = dict.fromkeys(TEXT_THRESHOLDS, 0.5)  # probabilities need no thresholds


def fit_text(seed: int = 0) -> tuple[dict[str, str], Decision]:
    """The files and the numbers of a bundle that `TextModel` needs.

    The numbers are those that are best on probabilities of models that have not seen the site.
    The same pages and seed give the same files.
    """
    rows = read_rows(seed)
    decision = choose_decision(rows, cross_fit(rows, seed))
    return fit_files(rows, seed), decision


def read_rows(seed: int, cache: Path | None = None) -> list[TextRows]:
    """All texts, featurised."""
    pages = list(text_pages(cache))
    given = donors(pages, list(banners(cache)))
    return [
        text_rows(text)
        for page in track(pages, len(pages), "texts made")
        for text in labelled_texts(page, given[fold_of(page.site)], seed)
    ]


def cross_fit(rows: Sequence[TextRows], seed: int) -> Probabilities:
    """(b, LABELS) of each text by a model that saw no text of its fold."""
    folds = np.array([fold_of(each.source.site) for each in rows])
    found: dict[int, npt.NDArray[np.float32]] = {}

    def one(fold: int) -> None:
        known = [each for each, own in zip(rows, folds, strict=True) if own != fold]
        new = np.flatnonzero(folds == fold).tolist()
        if known and new:
            model = TextModel.from_files(fit_files(known, seed), _UNUSED)
            found.update((n, model.probabilities(rows[n].matrix).astype(np.float32)) for n in new)

    in_threads(one, range(FOLDS), "text model, folds")
    return [found[number] for number in range(len(rows))]


def choose_decision(rows: Sequence[TextRows], probabilities: Probabilities) -> Decision:
    """First how consent is told, then content: each by F1, averaged over the styles judged by."""

    def score(decision: Decision, styles: Sequence[Style], labels: list[int]) -> float:
        total = {style: np.zeros((len(LABELS), 3)) for style in styles}
        for each, probability in zip(rows, probabilities, strict=True):
            if each.source.style in total:
                given = given_labels(each, probability, decision)
                total[each.source.style] += count(each, given)
        return float(np.mean([f1(counts)[labels] for counts in total.values()]))

    grid = [
        {"text_consent": consent, "text_content": 0.5, "text_switch": switch}
        for consent in CONSENT_GRID
        for switch in SWITCH_GRID
    ]
    best = max(grid, key=lambda decision: score(decision, JUDGED, [CONSENT]))
    grid = [{**best, "text_content": content} for content in CONTENT_GRID]
    return max(grid, key=lambda decision: score(decision, EXTRACTED, [CONTENT]))


def given_labels(
    rows: TextRows, probability: npt.NDArray[np.floating], decision: Decision
) -> npt.NDArray[np.int8]:
    """(b,) the labels that the library would give."""
    return decide(
        probability,
        rows.matrix,
        consent=decision["text_consent"],
        content=decision["text_content"],
        switch=decision["text_switch"],
    )


def count(
    rows: TextRows, given: npt.NDArray[np.int8], *, reopen: bool = False
) -> npt.NDArray[np.float64]:
    """(LABELS, 3) blocks rightly given, wrongly given and missed of each label.

    Re-open controls count only if `reopen`.
    """
    counted = np.ones(len(given), bool) if reopen else ~rows.source.reopen
    numbers = np.arange(len(LABELS))[:, None]
    is_given, is_label = given[counted] == numbers, rows.source.label[counted] == numbers
    hits = (is_given & is_label, is_given & ~is_label, ~is_given & is_label)
    return np.stack([each.sum(axis=1) for each in hits], axis=1).astype(np.float64)


def f1(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """F1 of each label, from counts of shape (..., 3)."""
    right, wrong, missed = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * right / np.maximum(2 * right + wrong + missed, 1.0))
