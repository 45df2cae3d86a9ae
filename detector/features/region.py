"""The readability-like top element, and where a block stands to it.

After the scoring of Arc90's Readability: blocks of running text give points to their parents and
grandparents, links take them away.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from detector.chars import CODE
from detector.columns import NUMBER, Numbers
from detector.compiled import MATRIX, TREE
from detector.features.context import CHAIN, Context, Floats, ratio, sums
from detector.features.rows import Feature, Matrix
from detector.tags import TAGS

_MIN_CHARS: Final = 25
_FLAT: Final = ("div", "section", "article", "main", "td", "body")
_IS_FLAT: Final = np.array([tag in _FLAT for tag in TAGS], np.uint8)


class Region(NamedTuple):
    """Steps from each block up to the top element's branch and from there down to it, (b,)."""

    up: Numbers
    down: Numbers
    top: int
    share: float
    score: float


def find_region(c: Context) -> Region:
    """Score all elements and measure every block's way to the best one."""
    top, score, up, down = _best_compiled(c) if TREE is not None else _best(c)
    return Region(
        up=up,
        down=down,
        top=top,
        share=float(c.element_words[top]) / max(c.page_words, 1.0),
        score=math.log1p(score),
    )


def _best(c: Context) -> tuple[int, float, Numbers, Numbers]:
    """The best element, its points, and the ways to it."""
    t = c.table
    points = np.where(
        c.chars >= _MIN_CHARS,
        1 + c.count("comma") + c.count("terminal") + np.minimum(c.chars / 100, 3),
        0.0,
    )
    points *= 1 - ratio(c.link_chars, c.chars)
    # A run of text directly in a container counts for that container, a paragraph's for its parent.
    flat = _IS_FLAT[t.tag[t.element]]
    first = np.where(flat, t.element, t.parent[t.element])
    second = t.parent[first]
    score = sums(first, points, c.n_elements)
    score += sums(second, points / 2, c.n_elements)
    score *= 1 - ratio(c.element_link_chars, c.element_chars)
    top = int(score.argmax())
    return top, float(score[top]), *c.way_to(top)


def _best_compiled(c: Context) -> tuple[int, float, Numbers, Numbers]:
    assert TREE is not None
    t, (up, down) = c.table, np.empty((2, c.n), NUMBER)
    top, score = TREE.region(
        t.parent,
        t.end,
        t.depth,
        t.tag,
        _IS_FLAT,
        t.element,
        c.chars,
        c.link_chars,
        c.classes,
        (CODE["comma"], CODE["terminal"]),
        _MIN_CHARS,
        c.element_chars,
        c.element_link_chars,
        CHAIN,
        up,
        down,
    )
    return top, score, up, down


def top_region(c: Context) -> Region:
    """`find_region`, once a page."""
    return c.shared("region", find_region)


def _distance(c: Context) -> Floats:
    """Blocks between this one and the span of the top element, signed: negative before it."""
    region = top_region(c)
    start, end = region.top, int(c.table.end[region.top])
    index = np.arange(c.n)
    inside = np.flatnonzero((c.table.element >= start) & (c.table.element < end))
    if not len(inside):
        return np.zeros(c.n)
    first, last = inside[0], inside[-1]
    return np.where(index < first, index - first, np.where(index > last, index - last, 0)) * 1.0


FEATURES: Final = (
    Feature(
        "top_up", "region", lambda c: top_region(c).up, "Steps up to the top element's branch."
    ),
    Feature(
        "top_down",
        "region",
        lambda c: top_region(c).down,
        "Steps from that branch down to the top element.",
    ),
    Feature(
        "top_distance", "region", _distance, "Blocks before (negative) or after the top element."
    ),
    Feature(
        "top_share",
        "region",
        lambda c: top_region(c).share,
        "Share of the page's words in the top element.",
    ),
    Feature(
        "top_score", "region", lambda c: top_region(c).score, "Log of the top element's points."
    ),
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """A `Fill` of `FEATURES`."""
    if MATRIX is None:
        return False
    region = top_region(c)
    end = int(c.table.end[region.top])
    way = (region.up, region.down, c.table.element)
    MATRIX.region(matrix, first, start, *way, region.top, end, region.share, region.score)
    return True
