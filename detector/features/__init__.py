"""`BlockTable` -> features: `FEATURES`, the table of columns, and `featurise`."""

from __future__ import annotations

from typing import Final

import numpy as np

from detector.features import ancestors, block, page, position, region, repetition, scores, topic
from detector.features.context import Context
from detector.features.rows import Feature, Matrix, Part

PAGE_FEATURES: Final[tuple[Feature, ...]] = page.FEATURES
"""Columns of the page-type model: one number a page. Some are the block model's too."""

_PARTS: Final = (
    Part(block.FEATURES, block.fill),
    Part(ancestors.FEATURES, ancestors.fill),
    Part(region.FEATURES, region.fill),
    Part(repetition.FEATURES, repetition.fill),
    Part(position.FEATURES, position.fill),
    Part(topic.FEATURES, topic.fill),
    Part(scores.FEATURES, scores.fill),
    Part(page.SHARED, page.fill),
)

FEATURES: Final[tuple[Feature, ...]] = tuple(row for part in _PARTS for row in part.rows)
"""All columns of the block model that are read off the page, in the matrix's order."""


def featurise(context: Context, rows: tuple[Feature, ...] | None = None) -> Matrix:
    """The feature matrix of a page, float32, shape (n_blocks, n_columns), C-contiguous.

    Args:
        rows: the columns; None for all of `FEATURES`.
    """
    if rows is None:
        matrix = np.empty((context.n, len(FEATURES)), np.float32)
        write_features(context, matrix)
        return matrix
    matrix = np.empty((context.n, len(rows)), np.float32)
    part = next((part for part in _PARTS if part.rows is rows), Part(rows))
    part.write(context, matrix, 0, 0)
    return matrix


def write_features(context: Context, matrix: Matrix, start: int = 0) -> None:
    """Write `FEATURES` into the first columns of a matrix, which may have more.

    Args:
        start: the block that the matrix's first row is of.
    """
    column = 0
    for part in _PARTS:
        part.write(context, matrix, column, start)
        column += len(part.rows)


def use_words(context: Context) -> None:
    """Read what the columns need of the page's words, and forget those.

    Of a large page they take more than anything else that is kept until the columns are written.
    """
    topic.topic(context)
    scores.word_rows(context)
    context.forget_words()


def featurise_page(context: Context) -> Matrix:
    """The page's own features, float32, shape (1, len(PAGE_FEATURES))."""
    return page.page_row(context)
