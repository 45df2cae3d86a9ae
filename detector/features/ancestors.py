"""The nearest ancestors that differ: what else stands in them, how it reads, what repeats.

A wrapper that holds just the blocks of its only child says nothing new, so an ancestor counts only
when it holds more blocks than the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from detector.chars import CODE
from detector.columns import NUMBER, Numbers
from detector.compiled import MATRIX
from detector.features.climb import LEVELS, climb
from detector.features.context import ELEMENT_SUMS, Context, Floats, ratio
from detector.features.rows import Feature, Matrix
from detector.features.topic import topic
from detector.tags import CODE as TAG


def distinct(c: Context) -> Numbers:
    """(b, LEVELS) numbers of the nearest ancestors with ever more blocks; the last repeats."""
    way = climb(c)
    if way is not None:
        return way.levels
    counts = c.element_blocks[c.chain]
    rank = np.zeros(c.chain.shape, np.int64)
    np.cumsum(counts[1:] > counts[:-1], axis=0, out=rank[1:])
    # A block that has its element to itself starts with the first ancestor that it shares.
    rank -= counts[:1] == 1
    rows = np.arange(c.n)
    levels = np.empty((c.n, LEVELS), NUMBER)
    for level in range(LEVELS):
        step = np.minimum((rank < level).sum(axis=0), len(c.chain) - 1)
        levels[:, level] = c.chain[step, rows]
    return levels


def _measures(c: Context) -> dict[str, Floats]:
    """(e,) what is said of an ancestor, by the name of the measure."""
    blocks, words = c.element_blocks, c.element_words
    marks = c.subtree(c.count("terminal") + c.count("comma"))
    paragraphs = c.subtree(np.where(c.tagged("p")[c.table.element], c.words, 0.0))
    headings = c.subtree(c.heading_level > 0)
    return {
        "words_per_block": ratio(words, blocks),
        "page_share": words / max(c.page_words, 1.0),
        "link_density": ratio(c.element_link_chars, c.element_chars),
        "paragraphs": ratio(paragraphs, words),
        "marks": ratio(marks, words),
        "images": ratio(c.element_images, blocks),
        "headings": ratio(headings, blocks),
        "topic": ratio(c.subtree(topic(c).of("in_region")), c.subtree(topic(c).of("telling"))),
    }


MEASURES: Final = {
    "words_per_block": "words a block",
    "page_share": "share of the page's words",
    "link_density": "share of its text in links",
    "paragraphs": "share of its words in p elements",
    "marks": "punctuation a word",
    "images": "images a block",
    "headings": "share of its blocks that are headings",
    "topic": "share of its longer words that the top element has elsewhere",
}


def _column(level: int, measure: str) -> Callable[[Context], Floats]:
    def compute(c: Context) -> Floats:
        values: dict[str, Floats] = c.shared("ancestor_measures", _measures)
        levels: Numbers = c.shared("distinct_ancestors", distinct)
        return values[measure][levels[:, level]]

    return compute


FEATURES: Final = tuple(
    Feature(
        f"up{level}_{measure}",
        "ancestors",
        _column(level, measure),
        f"Ancestor {level} of the nearest that differ: {doc}.",
    )
    for level in range(LEVELS)
    for measure, doc in MEASURES.items()
)

_ROWS: Final = tuple(map(ELEMENT_SUMS.index, ("blocks", "words", "chars", "link_chars", "images")))


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """A `Fill` of `FEATURES`."""
    if MATRIX is None:
        return False
    MATRIX.ancestors(
        matrix,
        first,
        start,
        c.shared("distinct_ancestors", distinct),
        c.element_sums,
        _ROWS,
        c.table.parent,
        c.table.tag,
        TAG["p"],
        c.table.element,
        c.words,
        c.classes,
        (CODE["terminal"], CODE["comma"]),
        c.heading_level,
        topic(c).of("in_region"),
        topic(c).of("telling"),
        c.page_words,
    )
    return True
