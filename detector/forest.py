"""LightGBM's text model format, read and evaluated with numpy alone.

The format is that of LightGBM's `Booster.save_model` (`src/boosting/gbdt_model_text.cpp` and
`src/io/tree.cpp` of LightGBM 4.x); what a split does with zeros and NaN follows
`Tree::NumericalDecision` in its `include/LightGBM/tree.h`.

The walk is level by level: one step moves every (tree, row) pair from its node to a child, so the
Python work is proportional to the depth of the trees, not to their number or that of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .compiled import FOREST
from .errors import BundleError
from .lazy import regex

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]
Matrix: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# LightGBM's kZeroThreshold: what is no larger is zero, as a value and as a missing value.
_ZERO = float(np.float32(1e-35))
# (tree, row) pairs walked at once: the working arrays stay within a core's cache.
_PAIRS = 24_576

# decision_type, bit by bit: categorical, default left, two bits of missing type.
_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_NONE, _MISSING_ZERO, _MISSING_NAN = range(3)

# Of no use to a walk, but LightGBM reads them, and a fault in them ends its process.
_UNUSED_PER_SPLIT = ("split_gain", "internal_value", "internal_weight", "internal_count")
_UNUSED_PER_LEAF = ("leaf_weight", "leaf_count")
_NUMBERS = regex("[-+.0-9a-z ]*")
_INTEGER = regex("-?[0-9]{1,18}")
_DECIMALS = regex("[-+.0-9e ]*")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the trees of a model text.

    `tree_sizes` are the characters of each tree's text. `n_outputs` is the number of values per
    row: 1, or the number of classes. `link` turns summed leaf values into outputs; `scale` is the
    factor of a sigmoid.
    """

    feature_names: tuple[str, ...]
    tree_sizes: tuple[int, ...]
    n_outputs: int
    link: Literal["identity", "sigmoid", "softmax"]
    scale: float

    @property
    def n_trees(self) -> int:
        """Trees in all; a multiclass model has one per class and iteration."""
        return len(self.tree_sizes)

    def shape(self, n_rows: int) -> tuple[int, ...]:
        """Shape of a prediction: `(n_rows,)`, or `(n_rows, n_outputs)` where there are classes."""
        return (n_rows, self.n_outputs) if self.link == "softmax" else (n_rows,)


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """A parsed model. Nodes of all trees stand in flat arrays: first the splits, then the leaves.

    A split is `table[column] <= threshold`; `children[2 * node]` is where a false answer leads,
    `children[2 * node + 1]` a true one. The columns of the table are not those of the matrix: each
    is a feature under one treatment of missing values, negated if what is missing goes left (any
    comparison with NaN is false, so the sign of a column decides where NaN goes).
    """

    header: Header
    _roots: Indices
    _columns: Indices
    _thresholds: Floats
    _children: Indices
    _leaf_values: Floats
    _column_features: Indices
    _column_groups: tuple[tuple[slice, int, bool], ...]

    @classmethod
    def from_text(cls, text: str) -> Forest:
        """Parse a LightGBM text model with numeric splits.

        Raises BundleError if the text is cut short or garbled, or holds what isn't supported:
        categorical splits, linear trees, random-forest averaging, and objectives other than
        `binary`, `multiclass`, `cross_entropy` and `regression`.
        """
        header = read_header(text)
        blocks = _split_trees(text[text.index("\n\n") + 2 :], header)
        return _assemble(header, _parse_trees(blocks, len(header.feature_names)))

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
            values = self._leaf_values.take(self._walk(self._table(rows), len(rows)))
            # An outer axis is summed one tree after the other, in LightGBM's order.
            values = values.reshape(-1, self.header.n_outputs, len(rows)).sum(axis=0)
            raw[start : start + step] = values.T
        return _link(self.header, raw).reshape(self.header.shape(len(matrix)))

    def compile(self) -> CompiledForest | None:
        """The same model for the compiled evaluation; None where that isn't there, or can't."""
        if FOREST is None:
            return None
        n_columns = len(self._column_features)
        missing, negated = np.empty(n_columns, np.uint8), np.empty(n_columns, np.uint8)
        for group, kind, minus in self._column_groups:
            missing[group], negated[group] = kind, minus
        try:
            masks = FOREST.Masks(
                len(self.feature_names),
                self.header.n_outputs,
                self.header.link,
                self.header.scale,
                self._roots.astype(np.int64),
                self._columns.astype(np.int64),
                self._thresholds,
                self._children.astype(np.int64),
                self._leaf_values,
                self._column_features.astype(np.int64),
                missing,
                negated,
            )
        except OverflowError:  # its trees are too large
            return None
        return CompiledForest(self.header, masks)

    def _table(self, rows: Matrix) -> Floats:
        """The columns that splits compare, `(columns * n,)`, column after column."""
        table = np.ascontiguousarray(rows[:, self._column_features].T, dtype=np.float64)
        table[np.abs(table) <= _ZERO] = 0.0
        for group, missing, negated in self._column_groups:
            part = table[group]
            if missing == _MISSING_NONE:
                part[np.isnan(part)] = 0.0
            elif missing == _MISSING_ZERO:
                part[part == 0.0] = np.nan
            if negated:
                np.negative(part, out=part)
        return table.ravel()

    def _walk(self, table: Floats, n_rows: int) -> Indices:
        """Index of the leaf that each tree has for each row, `(trees, n)`."""
        n_splits = len(self._thresholds) - len(self._leaf_values)
        offsets = self._columns * n_rows
        leaves = np.empty(self.n_trees * n_rows, dtype=np.intp)
        pair = np.arange(leaves.size)
        node = np.repeat(self._roots, n_rows)
        row = np.tile(np.arange(n_rows), self.n_trees)
        while node.size:
            # Two levels between clean-ups: a leaf is its own child, so going on does no harm.
            for _ in range(2):
                answer = table.take(offsets.take(node) + row) <= self._thresholds.take(node)
                node = self._children.take(2 * node + answer)
            leaves[pair] = node
            open_ = np.flatnonzero(node < n_splits)
            node, row, pair = node.take(open_), row.take(open_), pair.take(open_)
        return (leaves - n_splits).reshape(self.n_trees, n_rows)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledForest:
    """A model for `detector._forest`; it adds the trees' values up in LightGBM's order."""

    header: Header
    _masks: Any

    def predict(self, matrix: Matrix) -> Floats:
        """As `Forest.predict`; the matrix must be of float32."""
        outputs = np.empty((len(matrix), self.header.n_outputs))
        self._masks.predict(outputs, np.ascontiguousarray(matrix))
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


def read_header(text: str) -> Header:
    """What stands before the trees; they are not looked at.

    Raises BundleError where `Forest.from_text` does, on account of the header.
    """
    head, blank, _ = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != "tree" or not blank:
        raise BundleError("not a LightGBM text model, or cut short within its header")
    fields = _fields(lines, "header")
    if fields.get("version") not in ("v3", "v4"):
        raise BundleError(f"model format {fields.get('version')!r} is not supported (v3, v4)")
    if "average_output" in fields:
        raise BundleError("averaged trees (random forest mode) are not supported")
    names = tuple(_field(fields, "feature_names", "header").split(" "))
    if len(names) != _integer(fields, "max_feature_idx", "header") + 1:
        raise BundleError("header: the number of feature names is not what max_feature_idx says")
    sizes = _parse(_field(fields, "tree_sizes", "header").split(), np.intp, "header: 'tree_sizes'")
    return _read_objective(fields, names, tuple(sizes.tolist()))


def _split_trees(body: str, header: Header) -> list[str]:
    """Each tree's text, if they stand where the header says."""
    blocks = []
    start = 0
    for i, size in enumerate(header.tree_sizes):
        block = body[start : start + size]
        lines_end = len(block.rstrip("\n"))
        whole = block.startswith(f"Tree={i}\n") and block.find("\n\n") == lines_end
        if not whole or len(block) != size:
            raise BundleError(
                f"tree {i} of {header.n_trees} is cut short or not where it should be"
            )
        blocks.append(block)
        start += size
    if not body.startswith("end of trees", start):
        raise BundleError("the trees end where they should not")
    return blocks


def _read_objective(
    fields: dict[str, str], names: tuple[str, ...], tree_sizes: tuple[int, ...]
) -> Header:
    objective = fields.get("objective", "")
    n_outputs, scale = 1, 1.0
    link: Literal["identity", "sigmoid", "softmax"] = "sigmoid"
    name, _, parameter = objective.partition(" ")
    key, _, value = parameter.partition(":")
    match name, key:
        case "binary", "sigmoid":
            scale = float(_parse([value], np.float64, "header: sigmoid")[0])
        case "multiclass", "num_class":
            link = "softmax"
            n_outputs = int(_parse([value], np.intp, "header: num_class")[0])
        case "cross_entropy", "":
            pass
        case "regression", "":
            link = "identity"
        case _:
            raise BundleError(f"objective {objective!r} is not supported")
    if not 0 < scale < np.inf or (link == "softmax" and n_outputs < 2):
        raise BundleError(f"objective {objective!r} is out of range")
    for field in ("num_class", "num_tree_per_iteration"):
        if _integer(fields, field, "header") != n_outputs:
            raise BundleError(f"header: {field} does not fit the objective {objective!r}")
    if not tree_sizes or len(tree_sizes) % n_outputs:
        raise BundleError(f"header: {len(tree_sizes)} trees for {n_outputs} output(s)")
    return Header(names, tree_sizes, n_outputs, link, scale)


@dataclass(frozen=True, slots=True)
class _Trees:
    """The rows of all trees, joined. Children and roots are places: the splits of all trees are
    counted first, then their leaves."""

    roots: Indices
    features: Indices
    thresholds: Floats
    decisions: Indices
    left: Indices
    right: Indices
    leaf_values: Floats


def _parse_trees(blocks: Sequence[str], n_features: int) -> _Trees:
    trees = [_fields(block.split("\n")[1:], f"tree {i}") for i, block in enumerate(blocks)]
    leaves = []
    for i, fields in enumerate(trees):
        if _field(fields, "num_cat", f"tree {i}") != "0":
            raise BundleError(f"tree {i}: categorical splits are not supported")
        if fields.get("is_linear", "0") != "0":
            raise BundleError(f"tree {i}: linear trees are not supported")
        leaves.append(_integer(fields, "num_leaves", f"tree {i}"))
        if leaves[i] < 1:
            raise BundleError(f"tree {i}: no leaves")
        if leaves[i] > len(blocks[i]):
            raise BundleError(f"tree {i}: more leaves than its text has characters")
    n_leaves = np.array(leaves, dtype=np.intp)
    n_splits = n_leaves - 1
    of_split = np.repeat(np.arange(len(trees)), n_splits)
    of_leaf = np.repeat(np.arange(len(trees)), n_leaves)
    first_split = np.cumsum(n_splits) - n_splits
    first_leaf = len(of_split) + np.cumsum(n_leaves) - n_leaves

    def refuse(bad: npt.NDArray[np.bool_], tree: Indices, what: str) -> None:
        if np.any(bad):
            raise BundleError(f"tree {tree[np.argmax(bad)]}: {what}")

    def children(key: str) -> Indices:
        child = _row(trees, key, n_splits, np.intp)
        split, leaf = child + first_split[of_split], ~child + first_leaf[of_split]
        place: Indices = np.where(child >= 0, split, leaf)
        outside = (child >= n_splits[of_split]) | (~child >= n_leaves[of_split])
        # A child comes after its parent, so a walk ends.
        refuse(outside | (place <= np.arange(len(place))), of_split, "its children form no tree")
        return place

    _check_row(trees, "shrinkage", np.ones_like(n_leaves))
    for key in _UNUSED_PER_SPLIT:
        _check_row(trees, key, n_splits)
    for key in _UNUSED_PER_LEAF:
        _check_row(trees, key, np.where(n_splits > 0, n_leaves, 0))
    parsed = _Trees(
        roots=np.where(n_splits > 0, first_split, first_leaf),
        features=_row(trees, "split_feature", n_splits, np.intp),
        thresholds=_row(trees, "threshold", n_splits, np.float64),
        decisions=_row(trees, "decision_type", n_splits, np.intp),
        left=children("left_child"),
        right=children("right_child"),
        leaf_values=_row(trees, "leaf_value", n_leaves, np.float64),
    )
    # Every node but the root is the child of one split.
    of_node = np.concatenate([of_split, of_leaf])
    times = np.bincount(np.concatenate([parsed.left, parsed.right]), minlength=len(of_node))
    times[parsed.roots] += 1
    refuse(times != 1, of_node, "its children form no tree")

    refuse(~np.isfinite(parsed.thresholds), of_split, "a threshold that is not finite")
    refuse(~np.isfinite(parsed.leaf_values), of_leaf, "a leaf value that is not finite")
    categorical = (parsed.decisions & _CATEGORICAL) != 0
    refuse(categorical, of_split, "categorical splits are not supported")
    unknown = (parsed.decisions < 0) | (parsed.decisions >> 2 > _MISSING_NAN)
    refuse(unknown, of_split, "unknown decision_type")
    outside = (parsed.features < 0) | (parsed.features >= n_features)
    refuse(outside, of_split, "a split on a feature that the header does not name")
    return parsed


def _assemble(header: Header, trees: _Trees) -> Forest:
    """Find the columns that splits compare, and lay the nodes out."""
    n_splits, n_leaves = len(trees.features), len(trees.leaf_values)
    missing = trees.decisions >> 2
    # Without a missing type NaN is zero, so there is no default direction.
    negated = (missing != _MISSING_NONE) & ((trees.decisions & _DEFAULT_LEFT) != 0)
    # x > t, asked as -x <= -(the next double after t): a true answer leads right.
    above = -np.nextafter(trees.thresholds, np.inf)
    thresholds = np.where(negated, above, trees.thresholds)

    group = 2 * missing + negated
    n_features = len(header.feature_names)
    n_groups = 2 * _MISSING_NAN + 2
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
        _roots=trees.roots,
        _columns=np.concatenate([columns, np.zeros(n_leaves, np.intp)]),
        _thresholds=np.concatenate([thresholds, np.zeros(n_leaves)]),
        _children=children,
        _leaf_values=trees.leaf_values,
        # A model of nothing but leaves still compares one column.
        _column_features=codes % n_features if n_splits else np.zeros(1, np.intp),
        _column_groups=tuple(groups),
    )


def _link(header: Header, raw: Floats) -> Floats:
    if header.link == "sigmoid":
        with np.errstate(over="ignore"):  # exp of a large number: the quotient is 0, as it should
            return 1.0 / (1.0 + np.exp(-header.scale * raw))
    if header.link == "softmax":
        weights = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))
    return raw


def _fields(lines: Sequence[str], where: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            continue
        key, equals, value = line.partition("=")
        if key in fields:
            raise BundleError(f"{where}: {key!r} stands twice")
        if not equals and line != "average_output":
            raise BundleError(f"{where}: a line without '='")
        fields[key] = value
    return fields


def _field(fields: dict[str, str], key: str, where: str) -> str:
    try:
        return fields[key]
    except KeyError:
        raise BundleError(f"{where}: {key!r} is missing") from None


def _parse(words: list[str], dtype: type, where: str) -> npt.NDArray[Any]:
    try:
        # Python reads digits that LightGBM does not: 1_000, or those of other scripts.
        if not _NUMBERS.fullmatch(" ".join(words)):
            raise ValueError
        return np.array(words, dtype=dtype)
    except (ValueError, OverflowError):
        raise BundleError(f"{where}: not numbers") from None


def _integer(fields: dict[str, str], key: str, where: str) -> int:
    value = _field(fields, key, where)
    if not _INTEGER.fullmatch(value):
        raise BundleError(f"{where}: {key!r}: not numbers")
    return int(value)


def _row(
    trees: Sequence[dict[str, str]], key: str, counts: Indices, dtype: type[np.intp | np.float64]
) -> npt.NDArray[Any]:
    """The numbers under `key` of all trees, joined, once each tree has as many as it should."""
    rows, sizes = _rows(trees, key, counts)
    if FOREST is not None:
        numbers = np.empty(sum(sizes), dtype)
        read = FOREST.read_integers if dtype is np.intp else FOREST.read_decimals
        if read(rows, sizes, numbers):
            return numbers
    _check_counts(trees, key, counts)
    return _parse(_words(rows), dtype, f"trees: {key!r}")


def _check_row(trees: Sequence[dict[str, str]], key: str, counts: Indices) -> None:
    """Refuse what can't be numbers, under a key that trees may have and LightGBM alone reads.

    To convert them would double the time that it takes to load a model.
    """
    rows, sizes = _rows(trees, key, counts, required=False)
    if FOREST is not None and FOREST.may_be_decimals(rows, sizes):
        return
    _check_counts(trees, key, counts)
    if not all(rows) or not _DECIMALS.fullmatch(" ".join(rows)):
        _parse(_words(rows), np.float64, f"trees: {key!r}")


def _words(rows: Sequence[str]) -> list[str]:
    return [word for row in rows for word in row.split(" ")]


def _rows(
    trees: Sequence[dict[str, str]], key: str, counts: Indices, *, required: bool = True
) -> tuple[list[str], list[int]]:
    """What stands under `key` in the trees that should have it, and how many numbers each is."""
    rows, sizes = [], []
    for fields, count in zip(trees, counts.tolist(), strict=True):
        if not count:
            continue
        row = fields.get(key)
        if row is not None:
            rows.append(row)
            sizes.append(count)
        elif required:
            raise BundleError(f"tree {trees.index(fields)}: {key!r} is missing")
    return rows, sizes


def _check_counts(trees: Sequence[dict[str, str]], key: str, counts: Indices) -> None:
    for i, (fields, count) in enumerate(zip(trees, counts.tolist(), strict=True)):
        if count and key in fields and (found := fields[key].count(" ") + 1) != count:
            raise BundleError(f"tree {i}: {key!r} has {found} values, {count} expected")
