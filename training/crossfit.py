"""Predictions for every page by models that saw no page of its registered domain."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from training.domains import assign_folds
from training.fit import Prediction, Rows, fit, predict
from training.threads import in_threads

FOLDS: Final = 5


def fold_of_pages(rows: Rows, seed: int) -> npt.NDArray[np.int64]:
    """The fold of each page: whole sites, sets and page types spread evenly."""
    pages = [page.page for page in rows.pages]
    strata = [f"{page.set} {page.page_type}" for page in pages]
    return assign_folds([page.site for page in pages], FOLDS, seed, strata=strata)


def cross_predict(rows: Rows, fold: npt.NDArray[np.int64], seed: int) -> list[Prediction]:
    """Fit once a fold, without its pages, and predict those."""
    found: dict[int, Prediction] = {}

    def one(number: int) -> None:
        known, new = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(known) and len(new):
            predictions = predict(fit(rows, known, seed), rows, new)
            found.update(zip(new.tolist(), predictions, strict=True))

    in_threads(one, range(FOLDS), f"seed {seed}, folds")
    return [found[page] for page in range(len(rows))]
