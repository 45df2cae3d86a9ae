"""LightGBM's text model format, read.

The format is that of LightGBM's `Booster.save_model` (`src/boosting/gbdt_model_text.cpp` and
`src/io/tree.cpp` of LightGBM 4.x). `detector/_trees.pxi` reads trees as LightGBM writes them in one
go; what has any other form is read by Python, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .compiled import FOREST
from .errors import BundleError
from .lazy import regex

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]

# decision_type, bit by bit: categorical, default left, two bits of missing type.
_CATEGORICAL = 1
DEFAULT_LEFT = 2
MISSING_NONE, MISSING_ZERO, MISSING_NAN = range(3)

_PER_SPLIT = ("split_feature", "threshold", "decision_type", "left_child", "right_child")
# Of no use to a walk, but LightGBM reads them, and a fault in them ends its process.
_UNUSED_PER_SPLIT = ("split_gain", "internal_value", "internal_weight", "internal_count")
_UNUSED_PER_LEAF = ("leaf_weight", "leaf_count")
_NUMBERS = regex("[-+.0-9a-z ]*")
_INTEGER = regex("-?[0-9]{1,18}")
_DECIMALS = regex("[-+.0-9e ]*")


class Header(NamedTuple):
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


def read_header(text: str) -> Header:
    """What stands before the trees; they are not looked at.

    Raises BundleError where `Forest.from_text` does, on account of the header.
    """
    end = text.find("\n\n")
    first, *lines = text[: max(end, 0)].split("\n")
    if first != "tree":
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


class Trees(NamedTuple):
    """The rows of all trees, joined. Children and roots are places: the splits of all trees are
    counted first, then their leaves."""

    roots: Indices
    features: Indices
    thresholds: Floats
    decisions: Indices
    left: Indices
    right: Indices
    leaf_values: Floats


class _Rows(NamedTuple):
    """What stands in the texts of all trees, joined. The children are as in each tree: splits from
    0, leaves from -1 down."""

    n_leaves: Indices
    split_feature: Indices
    threshold: Floats
    decision_type: Indices
    left_child: Indices
    right_child: Indices
    leaf_value: Floats


def read_trees(text: str, header: Header) -> Trees:
    """The trees of a model text, which `read_header` has read the header of.

    Raises BundleError where `Forest.from_text` does, on account of the trees.
    """
    start = text.index("\n\n") + 2
    rows = _rows(text, start, header)
    if rows is None:
        rows = _rows_in_python(_split(text, start, header))
    elif not text.startswith("end of trees", start + sum(header.tree_sizes)):
        raise BundleError("the trees end where they should not")
    return _joined(rows, len(header.feature_names))


def _rows(text: str, start: int, header: Header) -> _Rows | None:
    """By compiled code; None where it isn't there, or finds another form than LightGBM's."""
    n_leaves = np.empty(header.n_trees, np.intp)
    sizes = list(header.tree_sizes)
    if FOREST is None or not FOREST.count_leaves(text, start, sizes, n_leaves):
        return None
    of_leaves = int(n_leaves.sum())
    per_split: dict[str, npt.NDArray[Any]] = {
        key: np.empty(of_leaves - len(n_leaves), np.float64 if key == "threshold" else np.intp)
        for key in _PER_SPLIT
    }
    leaf_value = np.empty(of_leaves)
    keys = [
        *((key.encode(), "split", True, numbers) for key, numbers in per_split.items()),
        *((key.encode(), "split", False, None) for key in _UNUSED_PER_SPLIT),
        (b"leaf_value", "leaf", True, leaf_value),
        *((key.encode(), "leaf", False, None) for key in _UNUSED_PER_LEAF),
        (b"shrinkage", "tree", False, None),
    ]
    if not FOREST.read_trees(text, start, sizes, n_leaves, keys):
        return None
    return _Rows(n_leaves=n_leaves, **per_split, leaf_value=leaf_value)


def _split(text: str, start: int, header: Header) -> list[str]:
    """Each tree's text, if they stand where the header says."""
    blocks = []
    for i, size in enumerate(header.tree_sizes):
        block = text[start : start + size]
        lines_end = len(block.rstrip("\n"))
        whole = block.startswith(f"Tree={i}\n") and block.find("\n\n") == lines_end
        if not whole or len(block) != size:
            raise BundleError(
                f"tree {i} of {header.n_trees} is cut short or not where it should be"
            )
        blocks.append(block)
        start += size
    if not text.startswith("end of trees", start):
        raise BundleError("the trees end where they should not")
    return blocks


def _rows_in_python(blocks: Sequence[str]) -> _Rows:
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
    _check_row(trees, "shrinkage", np.ones_like(n_leaves))
    for key in _UNUSED_PER_SPLIT:
        _check_row(trees, key, n_splits)
    for key in _UNUSED_PER_LEAF:
        _check_row(trees, key, np.where(n_splits > 0, n_leaves, 0))
    per_split = {
        key: _row(trees, key, n_splits, np.float64 if key == "threshold" else np.intp)
        for key in _PER_SPLIT
    }
    leaf_value = _row(trees, "leaf_value", n_leaves, np.float64)
    return _Rows(n_leaves=n_leaves, **per_split, leaf_value=leaf_value)


def _joined(rows: _Rows, n_features: int) -> Trees:
    """Places instead of numbers within each tree, once all is checked that a walk relies on."""
    n_leaves = rows.n_leaves
    n_splits = n_leaves - 1
    of_split = np.repeat(np.arange(len(n_leaves)), n_splits)
    of_leaf = np.repeat(np.arange(len(n_leaves)), n_leaves)
    first_split = np.cumsum(n_splits) - n_splits
    first_leaf = len(of_split) + np.cumsum(n_leaves) - n_leaves

    def refuse(bad: npt.NDArray[np.bool_], tree: Indices, what: str) -> None:
        if np.any(bad):
            raise BundleError(f"tree {tree[np.argmax(bad)]}: {what}")

    def places(child: Indices) -> Indices:
        split, leaf = child + first_split[of_split], ~child + first_leaf[of_split]
        place: Indices = np.where(child >= 0, split, leaf)
        outside = (child >= n_splits[of_split]) | (~child >= n_leaves[of_split])
        # A child comes after its parent, so a walk ends.
        refuse(outside | (place <= np.arange(len(place))), of_split, "its children form no tree")
        return place

    roots: Indices = np.where(n_splits > 0, first_split, first_leaf)
    left, right = places(rows.left_child), places(rows.right_child)
    # Every node but the root is the child of one split.
    of_node = np.concatenate([of_split, of_leaf])
    times = np.bincount(np.concatenate([left, right]), minlength=len(of_node))
    times[roots] += 1
    refuse(times != 1, of_node, "its children form no tree")

    refuse(~np.isfinite(rows.threshold), of_split, "a threshold that is not finite")
    refuse(~np.isfinite(rows.leaf_value), of_leaf, "a leaf value that is not finite")
    features, decisions = rows.split_feature, rows.decision_type
    categorical = (decisions & _CATEGORICAL) != 0
    refuse(categorical, of_split, "categorical splits are not supported")
    unknown = (decisions < 0) | (decisions >> 2 > MISSING_NAN)
    refuse(unknown, of_split, "unknown decision_type")
    outside = (features < 0) | (features >= n_features)
    refuse(outside, of_split, "a split on a feature that the header does not name")
    return Trees(roots, features, rows.threshold, decisions, left, right, rows.leaf_value)


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
    rows = _texts(trees, key, counts)
    for i, fields in enumerate(trees):
        if counts[i] and key not in fields:
            raise BundleError(f"tree {i}: {key!r} is missing")
    return _parse(_words(rows), dtype, f"trees: {key!r}")


def _check_row(trees: Sequence[dict[str, str]], key: str, counts: Indices) -> None:
    """Refuse what can't be numbers, under a key that trees may have and LightGBM alone reads.

    To convert them would double the time that it takes to load a model.
    """
    rows = _texts(trees, key, counts)
    if not all(rows) or not _DECIMALS.fullmatch(" ".join(rows)):
        _parse(_words(rows), np.float64, f"trees: {key!r}")


def _words(rows: Sequence[str]) -> list[str]:
    return [word for row in rows for word in row.split(" ")]


def _texts(trees: Sequence[dict[str, str]], key: str, counts: Indices) -> list[str]:
    """What stands under `key` in the trees that have it, each once it has as many numbers."""
    rows = []
    for i, (fields, count) in enumerate(zip(trees, counts.tolist(), strict=True)):
        if count and key in fields:
            if (found := fields[key].count(" ") + 1) != count:
                raise BundleError(f"tree {i}: {key!r} has {found} values, {count} expected")
            rows.append(fields[key])
    return rows
