"""`BlockTable` -> features: `FEATURES`, the table of columns, and `featurise`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from detector.features import ancestors, block, page, position, region, repetition, scores, topic
from detector.features.context import Context
from detector.features.rows import Feature

PAGE_FEATURES: Final[tuple[Feature, ...]] = page.FEATURES
"""Columns of the page-type model: one number a page. Some are the block model's too."""

FEATURES: Final[tuple[Feature, ...]] = (
    *block.FEATURES,
    *ancestors.FEATURES,
    *region.FEATURES,
    *repetition.FEATURES,
    *position.FEATURES,
    *topic.FEATURES,
    *scores.FEATURES,
    *page.SHARED,
)
"""All columns of the block model that are read off the page, in the matrix's order."""


def featurise(context: Context, rows: tuple[Feature, ...] = FEATURES) -> npt.NDArray[np.float32]:
    """The feature matrix of a page, float32, shape (n_blocks, len(rows)), C-contiguous."""
    matrix = np.empty((len(rows), context.n), np.float32)
    for column, row in enumerate(rows):
        matrix[column] = row.compute(context)
    return np.ascontiguousarray(matrix.T)


def featurise_page(context: Context) -> npt.NDArray[np.float32]:
    """The page's own features, float32, shape (1, len(PAGE_FEATURES))."""
    values = [row.compute(context) if context.n else 0.0 for row in PAGE_FEATURES]
    return np.array([values], np.float32)
