"""Learned scores of class, id, role and itemprop tokens along a block's ancestors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from detector.features.context import FAR, Context, Floats
from detector.features.rows import Feature

NEAREST: Final = 3


def _along_chain(c: Context) -> dict[str, Floats]:
    known = ~np.isnan(c.element_scores)
    # Past the root the chain repeats it; those repeats must not count twice.
    depth = c.table.depth[c.table.element]
    real = np.arange(c.chain.shape[1]) <= depth[:, None]
    on_chain = known[c.chain] & real
    values = np.where(on_chain, np.nan_to_num(c.element_scores)[c.chain], 0.0)
    count = on_chain.sum(axis=1)
    any_known = count > 0
    low = np.where(on_chain, values, np.inf)
    high = np.where(on_chain, values, -np.inf)
    lowest = low.argmin(axis=1)
    rows = np.arange(c.n)
    result = {
        "own": values[:, 0],
        "parent": values[:, 1] if values.shape[1] > 1 else np.zeros(c.n),
        "sum": values.sum(axis=1),
        "mean": values.sum(axis=1) / np.maximum(count, 1),
        "lowest": np.where(any_known, low[rows, lowest], 0.0),
        "lowest_steps": np.where(any_known, lowest * 1.0, FAR),
        "highest": np.where(any_known, high.max(axis=1), 0.0),
        "highest_steps": np.where(any_known, high.argmax(axis=1) * 1.0, FAR),
    }
    order = np.cumsum(on_chain, axis=1)
    for nth in range(1, NEAREST + 1):
        hit = on_chain & (order == nth)
        result[f"near{nth}"] = np.where(hit, values, 0.0).sum(axis=1)
    return result


_DOCS: Final = {
    "own": "score of the block's own element",
    "parent": "score of its parent",
    "sum": "sum along the ancestors",
    "mean": "mean along the ancestors",
    "lowest": "lowest along the ancestors",
    "lowest_steps": "steps up to the lowest",
    "highest": "highest along the ancestors",
    "highest_steps": "steps up to the highest",
    "near1": "nearest known score",
    "near2": "second nearest",
    "near3": "third nearest",
}


def _column(name: str) -> Callable[[Context], Floats]:
    return lambda c: c.shared("name_scores", _along_chain)[name]


FEATURES: Final = tuple(
    Feature(f"score_{name}", "scores", _column(name), f"Learned token scores: {doc}.")
    for name, doc in _DOCS.items()
)
