"""Labelled rows -> a fitted model: token scores, page types, the block model.

What one part learns and another uses as a feature is learned out of fold, so that the second sees
in training what it will see on pages of sites that neither has met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.features import FEATURES, PAGE_FEATURES, featurise, scores
from detector.model import COLUMNS
from detector.names import NameTable
from detector.page_types import PAGE_TYPES
from detector.predictor import Predictor
from training.align import COVERAGE
from training.boosting import train_model
from training.dataset import PageRows
from training.domains import assign_folds
from training.tokens import TokenCounts, count_tokens

INNER_FOLDS: Final = 5

SET_WEIGHTS: Final = {"wcxb": 1.0, "waddle": 1.0, "zh": 0.5}
"""Weight of a page by its set: the many pages of zh are of five sites only."""
DEFAULT_WEIGHT: Final = 0.5

PAGE_TYPE_PARAMETERS: Final[dict[str, Any]] = {
    "objective": "multiclass",
    "num_class": len(PAGE_TYPES),
    "learning_rate": 0.06,
    "num_leaves": 8,
    "min_data_in_leaf": 8,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
PAGE_TYPE_ROUNDS: Final = 50
PAGE_TYPE_WEIGHTS: Final = {"wcxb": 1.0}
PAGE_TYPE_DEFAULT_WEIGHT: Final = 0.3

CONTENT_PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
}
CONTENT_ROUNDS: Final = 180

_SCORE_COLUMNS: Final = [COLUMNS.index(row.name) for row in scores.FEATURES]


@dataclass(frozen=True, slots=True)
class Fitted:
    """All that a bundle holds but its decision: learned token scores and models as text."""

    tokens: dict[str, float]
    page_type: str
    content: str


class Prediction(NamedTuple):
    """What a page's decision is made from: each block's probability of content, shape (b,), and
    those of the page's types, (len(PAGE_TYPES),)."""

    probability: npt.NDArray[np.float64]
    types: npt.NDArray[np.float64]


class Rows:
    """The rows of many pages, stacked.

    Attributes:
        pages: the pages.
        start: (n_pages + 1,) first row of each page.
        site: (n_pages,) number of each page's site.
        label: (n_rows,) whether the block is content.
        words: (n_rows,) words of each block.
    """

    def __init__(self, pages: Sequence[PageRows]) -> None:
        self.pages = list(pages)
        self.start = np.concatenate(([0], np.cumsum([len(page.words) for page in pages])))
        names = sorted({page.page.site for page in pages})
        numbers = {name: number for number, name in enumerate(names)}
        self.site = np.array([numbers[page.page.site] for page in pages], np.int64)
        self.label = np.concatenate([page.coverage >= COVERAGE for page in pages])
        self.words = np.concatenate([page.words for page in pages])
        self.page_matrix = np.concatenate([page.page_row for page in pages])
        self.static = np.zeros((len(self.label), len(COLUMNS)), np.float32)
        self.static[:, : len(FEATURES)] = np.concatenate([page.matrix for page in pages])
        self.counts: TokenCounts = count_tokens(
            [page.token_shares for page in pages], [int(number) for number in self.site]
        )

    def __len__(self) -> int:
        return len(self.pages)

    def sites(self, pages: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which sites the pages are of, bool, (n_sites,)."""
        marked = np.zeros(int(self.site.max()) + 1, bool)
        marked[self.site[pages]] = True
        return marked

    def rows_of(self, pages: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Numbers of all rows of the pages."""
        parts = [np.arange(self.start[page], self.start[page + 1]) for page in pages]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def fill(
        self,
        matrix: npt.NDArray[np.float32],
        pages: npt.NDArray[np.int64],
        tokens: dict[str, float],
        types: npt.NDArray[np.float64],
    ) -> None:
        """Write the learned columns of the pages into the stacked matrix.

        Args:
            types: probabilities of `PAGE_TYPES` for each of `pages`.
        """
        names = NameTable(tokens)
        for page, probabilities in zip(pages, types, strict=True):
            part = slice(self.start[page], self.start[page + 1])
            context = self.pages[page].context.with_names(names)
            if context.n:
                matrix[part, _SCORE_COLUMNS] = featurise(context, scores.FEATURES)
            matrix[part, len(FEATURES) :] = probabilities


def row_weights(page: PageRows) -> npt.NDArray[np.float64]:
    """Weight of each block: about its share of the page's words, as that is what F1 is made of."""
    shares = (page.words + 3) / (page.words.sum() + 50)
    return np.asarray(300 * page_weight(page) * shares, np.float64)


def page_weight(page: PageRows) -> float:
    """Weight of a page: its own, or its set's."""
    own = page.page.weight
    return SET_WEIGHTS.get(page.page.set, DEFAULT_WEIGHT) if own is None else own


def _fit_page_type(rows: Rows, pages: npt.NDArray[np.int64], seed: int) -> str:
    known = [rows.pages[page].page for page in pages]
    return train_model(
        rows.page_matrix[pages],
        np.array([PAGE_TYPES.index(page.page_type or "article") for page in known]),
        np.array([PAGE_TYPE_WEIGHTS.get(page.set, PAGE_TYPE_DEFAULT_WEIGHT) for page in known]),
        [row.name for row in PAGE_FEATURES],
        PAGE_TYPE_PARAMETERS,
        PAGE_TYPE_ROUNDS,
        seed,
    )


def _predict_types(model: str, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return Predictor(model, "page types").predict(matrix)


def predict(fitted: Fitted, rows: Rows, pages: npt.NDArray[np.int64]) -> list[Prediction]:
    """What the fitted models say of each of the pages."""
    matrix = rows.static.copy()
    types = _predict_types(fitted.page_type, rows.page_matrix[pages])
    rows.fill(matrix, pages, fitted.tokens, types)
    model = Predictor(fitted.content, "content")
    return [
        Prediction(
            model.predict(matrix[rows.start[page] : rows.start[page + 1]]),
            probabilities,
        )
        for page, probabilities in zip(pages, types, strict=True)
    ]


def fit(
    rows: Rows, pages: npt.NDArray[np.int64], seed: int, rounds: int = CONTENT_ROUNDS
) -> Fitted:
    """Fit all parts on some of the pages.

    Args:
        rows: all pages.
        pages: numbers of the pages to learn from.
        seed: of the inner folds and of LightGBM; the same seed gives the same result.
        rounds: trees of the block model.
    """
    matrix = rows.static.copy()
    inner = assign_folds([rows.pages[page].page.site for page in pages], INNER_FOLDS, seed + 1)
    for fold in range(INNER_FOLDS):
        known, new = pages[inner != fold], pages[inner == fold]
        if len(known) and len(new):
            tokens = rows.counts.fit(rows.sites(known))
            types = _predict_types(_fit_page_type(rows, known, seed), rows.page_matrix[new])
            rows.fill(matrix, new, tokens, types)
    used = rows.rows_of(pages)
    used = used[rows.words[used] > 0]
    weight = np.concatenate([row_weights(page) for page in rows.pages])
    content = train_model(
        matrix[used],
        rows.label[used],
        weight[used],
        COLUMNS,
        CONTENT_PARAMETERS,
        rounds,
        seed,
    )
    return Fitted(
        tokens=rows.counts.fit(rows.sites(pages)),
        page_type=_fit_page_type(rows, pages, seed),
        content=content,
    )
