"""A model's trees, evaluated with numpy alone.

What a split does with zeros and NaN follows LightGBM's `Tree::NumericalDecision` in its
`include/LightGBM/tree.h`.

The walk is level by level: one step moves every (tree, row) pair from its node to a child, so the
Python work is proportional to the depth of the trees, not to their number or that of the rows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .compiled import FOREST
from .trees import (
    DEFAULT_LEFT,
    MISSING_NAN,
    MISSING_NONE,
    MISSING_ZERO,
    Floats,
    Header,
    Indices,
    Trees,
    read_header,
    read_trees,
)

Matrix: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# LightGBM's kZeroThreshold: what is no larger is zero, as a value and as a missing value.
_ZERO = float(np.float32(1e-35))
# (tree, row) pairs walked at once: the working arrays stay within a core's cache.
_PAIRS = 24_576


class Forest(NamedTuple):
    """A parsed model. Nodes of all trees stand in flat arrays: first the splits, then the leaves.

    A split is `table[column] <= threshold`; `children[2 * node]` is where a false answer leads,
    `children[2 * node + 1]` a true one. The columns of the table are not those of the matrix: each
    is a feature under one treatment of missing values, negated if what is missing goes left (any
    comparison with NaN is false, so the sign of a column decides where NaN goes).
    """

    header: Header
    roots: Indices
    columns: Indices
    thresholds: Floats
    children: Indices
    leaf_values: Floats
    column_features: Indices
    column_groups: tuple[tuple[slice, int, bool], ...]

    @classmethod
    def from_text(cls, text: str, header: Header | None = None) -> Forest:
        """Parse a LightGBM text model with numeric splits; `header`: what `read_header` made of it.

        Raises BundleError if the text is cut short or garbled, or holds what isn't supported:
        categorical splits, linear trees, random-forest averaging, and objectives other than
        `binary`, `multiclass`, `cross_entropy` and `regression`.
        """
        header = header or read_header(text)
        return _assemble(header, read_trees(text, header))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the matrix's columns, in order."""
        return self.header.feature_names

    @property
    def n_trees(self) -> int:
        """Trees in all; a multiclass model has one per class and iteration."""
        return self.header.n_trees

    def predict(self, X: npt.ArrayLike) -> Floats:
        """Probabilities for a matrix of shape `(n, f)`.

        Returns float64 of shape `(n,)`, or `(n, k)` for a multiclass model. float32 is compared
        as double, as LightGBM does. Raises ValueError if `X` isn't a matrix of `f` columns.
        """
        matrix = as_matrix(X, len(self.feature_names))
        raw = np.empty((len(matrix), self.header.n_outputs))
        step = max(1, _PAIRS // self.n_trees)
        for start in range(0, len(matrix), step):
            rows = matrix[start : start + step]
            values = self.leaf_values.take(self._walk(self._table(rows), len(rows)))
            # An outer axis is summed one tree after the other, in LightGBM's order.
            values = values.reshape(-1, self.header.n_outputs, len(rows)).sum(axis=0)
            raw[start : start + step] = values.T
        return _link(self.header, raw).reshape(self.header.shape(len(matrix)))

    def compile(self) -> CompiledForest | None:
        """The same model for the compiled evaluation; None where that isn't there, or can't."""
        if FOREST is None:
            return None
        n_columns = len(self.column_features)
        missing, negated = np.empty(n_columns, np.uint8), np.empty(n_columns, np.uint8)
        for group, kind, minus in self.column_groups:
            missing[group], negated[group] = kind, minus
        try:
            masks = FOREST.Masks(
                len(self.feature_names),
                self.header.n_outputs,
                self.header.link,
                self.header.scale,
                self.roots.astype(np.int64, copy=False),
                self.columns.astype(np.int64, copy=False),
                self.thresholds,
                self.children.astype(np.int64, copy=False),
                self.leaf_values,
                self.column_features.astype(np.int64, copy=False),
                missing,
                negated,
            )
        except OverflowError:  # its trees are too large
            return None
        return CompiledForest(self.header, masks)

    def _table(self, rows: Matrix) -> Floats:
        """The columns that splits compare, `(columns * n,)`, column after column."""
        table = np.ascontiguousarray(rows[:, self.column_features].T, dtype=np.float64)
        table[np.abs(table) <= _ZERO] = 0.0
        for group, missing, negated in self.column_groups:
            part = table[group]
            if missing == MISSING_NONE:
                part[np.isnan(part)] = 0.0
            elif missing == MISSING_ZERO:
                part[part == 0.0] = np.nan
            if negated:
                np.negative(part, out=part)
        return table.ravel()

    def _walk(self, table: Floats, n_rows: int) -> Indices:
        """Index of the leaf that each tree has for each row, `(trees, n)`."""
        n_splits = len(self.thresholds) - len(self.leaf_values)
        offsets = self.columns * n_rows
        leaves = np.empty(self.n_trees * n_rows, dtype=np.intp)
        pair = np.arange(leaves.size)
        node = np.repeat(self.roots, n_rows)
        row = np.tile(np.arange(n_rows), self.n_trees)
        while node.size:
            # Two levels between clean-ups: a leaf is its own child, so going on does no harm.
            for _ in range(2):
                answer = table.take(offsets.take(node) + row) <= self.thresholds.take(node)
                node = self.children.take(2 * node + answer)
            leaves[pair] = node
            open_ = np.flatnonzero(node < n_splits)
            node, row, pair = node.take(open_), row.take(open_), pair.take(open_)
        return (leaves - n_splits).reshape(self.n_trees, n_rows)


class CompiledForest(NamedTuple):
    """A model for `detector._forest`; it adds the trees' values up in LightGBM's order."""

    header: Header
    masks: Any

    def predict(self, matrix: Matrix) -> Floats:
        """As `Forest.predict`; the matrix must be of float32."""
        outputs = np.empty((len(matrix), self.header.n_outputs))
        self.masks.predict(outputs, np.ascontiguousarray(matrix))
        return outputs.reshape(self.header.shape(len(matrix)))


def as_matrix(X: npt.ArrayLike, n_features: int) -> Matrix:
    """`X` as a float32 or float64 array of shape `(n, n_features)`; ValueError if it is no such."""
    matrix: npt.NDArray[Any] = np.asarray(X)
    if matrix.dtype not in (np.float32, np.float64):
        matrix = matrix.astype(np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"expected a matrix (n, {n_features}), got {matrix.ndim} dimension(s)")
    if matrix.shape[1] != n_features:
        raise ValueError(
            f"the matrix has {matrix.shape[1]} columns, the model was trained on {n_features}"
        )
    return matrix


def _assemble(header: Header, trees: Trees) -> Forest:
    """Find the columns that splits compare, and lay the nodes out."""
    n_splits, n_leaves = len(trees.features), len(trees.leaf_values)
    missing = trees.decisions >> 2
    # Without a missing type NaN is zero, so there is no default direction.
    negated = (missing != MISSING_NONE) & ((trees.decisions & DEFAULT_LEFT) != 0)
    # x > t, asked as -x <= -(the next double after t): a true answer leads right.
    above = -np.nextafter(trees.thresholds, np.inf)
    thresholds = np.where(negated, above, trees.thresholds)

    group = 2 * missing + negated
    n_features = len(header.feature_names)
    n_groups = 2 * MISSING_NAN + 2
    split_codes = group * n_features + trees.features
    used = np.zeros(n_groups * n_features, bool)
    used[split_codes] = True
    codes = np.flatnonzero(used)
    columns = (np.cumsum(used) - 1)[split_codes]
    edges = np.searchsorted(codes, np.arange(n_groups + 1) * n_features).tolist()
    groups = [
        (slice(start, stop), g >> 1, bool(g & 1))
        for g, (start, stop) in enumerate(pairwise(edges))
        if start < stop
    ]

    # Leaves are their own children, under a split on column 0 that doesn't matter.
    children = np.repeat(np.arange(n_splits + n_leaves), 2)
    children[0 : 2 * n_splits : 2] = np.where(negated, trees.left, trees.right)
    children[1 : 2 * n_splits : 2] = np.where(negated, trees.right, trees.left)
    return Forest(
        header=header,
        roots=trees.roots,
        columns=np.concatenate([columns, np.zeros(n_leaves, np.intp)]),
        thresholds=np.concatenate([thresholds, np.zeros(n_leaves)]),
        children=children,
        leaf_values=trees.leaf_values,
        # A model of nothing but leaves still compares one column.
        column_features=codes % n_features if n_splits else np.zeros(1, np.intp),
        column_groups=tuple(groups),
    )


def _link(header: Header, raw: Floats) -> Floats:
    if header.link == "sigmoid":
        with np.errstate(over="ignore"):  # exp of a large number: the quotient is 0, as it should
            return 1.0 / (1.0 + np.exp(-header.scale * raw))
    if header.link == "softmax":
        weights = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))
    return raw
