"""Learned scores of class, id, role and itemprop tokens along the ancestors, and of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from detector.compiled import SCORES
from detector.features.ancestors import distinct
from detector.features.context import CHAIN, FAR, Context, Floats, ratio, sums
from detector.features.rows import Feature, Matrix

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


WORD_LEVELS: Final = 3


def _of_words(c: Context) -> dict[str, Floats]:
    words, block = c.word_list, c.word_block
    scores = c.names.text.look_up(words)[words.number]
    known = ~np.isnan(scores)
    scores, block = scores[known], block[known]
    count, total = sums(block, np.ones(len(block)), c.n), sums(block, scores, c.n)
    low, high = np.zeros(c.n), np.zeros(c.n)
    np.minimum.at(low, block, scores)
    np.maximum.at(high, block, scores)
    first = np.zeros(c.n)
    first[block[::-1]] = scores[::-1]
    result = {"mean": ratio(total, count), "low": low, "high": high, "first": first}
    result["sum"] = ratio(total, np.sqrt(count))
    levels = c.shared("distinct_ancestors", distinct)
    up = ratio(c.subtree(total), c.subtree(count))
    return result | {f"up{level}": up[levels[:, level]] for level in range(WORD_LEVELS)}


_WORD_DOCS: Final = {
    "mean": "mean over the block",
    "low": "the lowest, 0 if none is below",
    "high": "the highest, 0 if none is above",
    "first": "of its first known word",
    "sum": "sum over the square root of how many are known",
    **{f"up{n}": f"mean over ancestor {n} of the nearest that differ" for n in range(WORD_LEVELS)},
}


def _word_column(name: str) -> Callable[[Context], Floats]:
    return lambda c: c.shared("word_scores", _of_words)[name]


FEATURES: Final = (
    *(
        Feature(f"score_{name}", "scores", _column(name), f"Learned token scores: {doc}.")
        for name, doc in _DOCS.items()
    ),
    *(
        Feature(f"words_{name}", "scores", _word_column(name), f"Learned word scores: {doc}.")
        for name, doc in _WORD_DOCS.items()
    ),
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """`FEATURES` by the compiled code; see `detector.features.rows.Fill`."""
    if SCORES is None:
        return False
    t = c.table
    SCORES.names(t.parent, c.element_scores, t.element, CHAIN, FAR, matrix, first, start)
    words = word_rows(c)
    assert words is not None
    matrix[:, first + len(_DOCS) : first + len(FEATURES)] = words[start : start + len(matrix)]
    return True


def word_rows(c: Context) -> Matrix | None:
    """(b, len(_WORD_DOCS)) the columns of words, once a page; None if nothing is compiled."""
    return None if SCORES is None else c.shared("word_rows", _word_rows)


def _word_rows(c: Context) -> Matrix:
    assert SCORES is not None
    rows = np.empty((c.n, len(_WORD_DOCS)), np.float32)
    levels = c.shared("distinct_ancestors", distinct)
    number, scores = c.word_list.number, c.names.text.look_up(c.word_list)
    t = c.table
    SCORES.words(number, scores, c.words, t.element, t.end, levels, rows, WORD_LEVELS)
    return rows
