"""The form of a row of a feature table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from detector.columns import Numbers
from detector.features.context import Context, Floats

S = TypeVar("S")


class Column(Generic[S]):
    """A column: `compute` gives one number for each row of what it is given, shape (n,), or one
    for all of them."""

    def __init__(
        self, name: str, group: str, compute: Callable[[S], Floats | Numbers | float], doc: str
    ) -> None:
        self.name, self.group, self.compute, self.doc = name, group, compute, doc


Feature: TypeAlias = Column[Context]
"""A column of the content models; its rows are a page's blocks."""

Matrix: TypeAlias = npt.NDArray[np.float32]
"""Features, shape (n_blocks, n_columns), C-contiguous."""

Fill: TypeAlias = Callable[[Context, Matrix, int, int], bool]
"""Writes a part's columns into a matrix, beginning at a column, with compiled code: what the part's
rows give, all at once, for as many blocks as the matrix has rows, beginning at a block. False, and
nothing is written, where that code is not in use."""


class Part(NamedTuple):
    """Columns that stand side by side, and what writes all of them, where there is such a thing."""

    rows: tuple[Feature, ...]
    fill: Fill | None = None

    def write(self, context: Context, matrix: Matrix, first: int, start: int) -> None:
        """Write the part's columns, from column `first` on, for the blocks from `start` on."""
        if self.fill is not None and self.fill(context, matrix, first, start):
            return
        stop = start + len(matrix)
        for column, row in enumerate(self.rows, first):
            value = row.compute(context)
            matrix[:, column] = value[start:stop] if isinstance(value, np.ndarray) else value
