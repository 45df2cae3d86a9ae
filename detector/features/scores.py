"""Learned scores of class, id, role and itemprop tokens along a block's ancestors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from detector.features.context import FAR, Context, Floats
from detector.features.rows import Feature

NEAREST: Final = 3


def _along_chain(c: Context) -> dict[str, Floats]:
    # Past the root the chain repeats it; the root has no score, so that adds nothing.
    score = c.element_scores
    known = ~np.isnan(score)
    on_chain = known[c.chain]
    values = np.where(known, score, 0.0)[c.chain]
    count = on_chain.sum(axis=0)
    total = values.sum(axis=0)
    any_known = count > 0
    low = np.where(known, score, np.inf)[c.chain]
    high = np.where(known, score, -np.inf)[c.chain].max(axis=0)
    lowest = low.argmin(axis=0)
    result = {
        "own": values[0],
        "parent": values[1] if len(values) > 1 else np.zeros(c.n),
        "sum": total,
        "mean": total / np.maximum(count, 1),
        "lowest": np.where(any_known, low[lowest, np.arange(c.n)], 0.0),
        "lowest_steps": np.where(any_known, lowest, FAR),
        "highest": np.where(any_known, high, 0.0),
    }
    order = np.cumsum(on_chain, axis=0)
    for nth in range(1, NEAREST + 1):
        result[f"near{nth}"] = np.where(on_chain & (order == nth), values, 0.0).sum(axis=0)
    return result


_DOCS: Final = {
    "own": "score of the block's own element",
    "parent": "score of its parent",
    "sum": "sum along the ancestors",
    "mean": "mean along the ancestors",
    "lowest": "lowest along the ancestors",
    "lowest_steps": "steps up to the lowest",
    "highest": "highest along the ancestors",
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
