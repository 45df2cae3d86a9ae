"""Where on the page: order, depth, distance to the title, and what stands right beside."""

from __future__ import annotations

from typing import Final

import numpy as np

from detector.columns import Numbers
from detector.compiled import MATRIX, TEXT
from detector.features.context import CHAIN, FAR, Context, Floats, ratio
from detector.features.rows import Feature, Matrix
from detector.tags import CODE as TAG

_HEADINGS_READ: Final = 40  # a page's title stands in one of its first headings
_NO_TITLE: Final = (-999.0, -1.0)  # for the blocks and the words since, where there is none
_REACHES: Final = (3, 10)  # blocks to either side that are near, and of the wider neighbourhood


def title_block(c: Context) -> int:
    """The block that best repeats the page's title, an h1 before others; -1 if there is none."""
    title = c.metadata.og_title or c.metadata.title
    t = c.table
    if TEXT is not None:
        of_blocks = (t.node_start, t.first_node, c.heading_level)
        found: int | None = TEXT.title_block(t.text, title, *of_blocks, _HEADINGS_READ)
        if found is not None:
            return found
    wanted = set(title.lower().split())
    best, best_score = -1, 0.0
    for block in np.flatnonzero(c.heading_level)[:_HEADINGS_READ].tolist():
        first = 0.5 if c.heading_level[block] == 1 else 0.0
        if first + 1.0 <= best_score:
            continue
        heading = set(t.block_text(block).lower().split())
        shared = len(wanted & heading)
        score = first + shared / max(len(wanted) + len(heading) - shared, 1)
        if score > best_score:
            best, best_score = block, score
    return best


def _title(c: Context) -> int:
    return c.shared("title_block", title_block)


def _way_to_title(c: Context) -> tuple[Floats, Floats] | tuple[Numbers, Numbers]:
    if _title(c) < 0:
        return np.full(c.n, FAR), np.full(c.n, FAR)
    return c.way_to(int(c.table.element[_title(c)]))


def _articles_begun(c: Context) -> Floats:
    return np.cumsum(c.tagged("article"))[c.table.element].astype(np.float64)


def _titles_before(c: Context) -> Floats:
    titles = c.heading_level == 1
    return np.asarray(np.cumsum(titles) - titles, np.float64)


def _since_title(c: Context) -> Floats:
    if _title(c) < 0:
        return np.full(c.n, _NO_TITLE[0])
    return np.arange(c.n, dtype=np.float64) - _title(c)


def _words_before(c: Context) -> Floats:
    return np.cumsum(c.words, dtype=np.float64) - c.words


def _words_since_title(c: Context) -> Floats:
    if _title(c) < 0:
        return np.full(c.n, _NO_TITLE[1])
    before = _words_before(c)
    since: Floats = before - before[_title(c)]
    return since / max(c.page_words, 1.0)


def _beside(values: Floats, offset: int) -> Floats:
    """The value of the block `offset` further on, 0 beyond the ends."""
    moved = np.zeros_like(values)
    if offset > 0:
        moved[:-offset] = values[offset:]
    else:
        moved[-offset:] = values[:offset]
    return moved


def _window(values: Numbers, reach: int) -> Floats:
    """Mean over the block and `reach` blocks to either side."""
    n = len(values)
    total = np.concatenate(([0.0], np.cumsum(values)))
    index = np.arange(n)
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach + 1, n)
    return ratio(total[high] - total[low], high - low)


def _window_links(c: Context, reach: int) -> Floats:
    return ratio(_window(c.link_chars, reach), _window(c.chars, reach))


def _around(name: str, reach: int) -> tuple[Feature, Feature]:
    return (
        Feature(
            f"{name}_words",
            "beside",
            lambda c: _window(c.words, reach),
            f"Words a block, {reach} either way.",
        ),
        Feature(
            f"{name}_links",
            "beside",
            lambda c: _window_links(c, reach),
            f"Link density, {reach} either way.",
        ),
    )


FEATURES: Final = (
    Feature("index", "position", lambda c: np.arange(c.n, dtype=np.float64), "Blocks before."),
    Feature(
        "index_from_end",
        "position",
        lambda c: np.arange(c.n, dtype=np.float64)[::-1],
        "Blocks after.",
    ),
    Feature(
        "words_before",
        "position",
        lambda c: _words_before(c) / max(c.page_words, 1.0),
        "Share of the page's words before.",
    ),
    Feature(
        "depth",
        "position",
        lambda c: c.table.depth[c.table.element].astype(np.float64),
        "Steps from the root.",
    ),
    Feature("since_title", "position", _since_title, "Blocks since the title heading."),
    Feature(
        "words_since_title",
        "position",
        _words_since_title,
        "Share of the page's words since the title heading.",
    ),
    Feature(
        "title_up",
        "position",
        lambda c: c.shared("way_to_title", _way_to_title)[0],
        "Steps up to the title heading's branch.",
    ),
    Feature(
        "title_down",
        "position",
        lambda c: c.shared("way_to_title", _way_to_title)[1],
        "Steps from that branch down to the title heading.",
    ),
    Feature("titles_before", "position", _titles_before, "h1 headings before."),
    Feature("articles_begun", "position", _articles_begun, "article elements begun up to here."),
    Feature(
        "previous_words", "beside", lambda c: _beside(np.log1p(c.words), -1), "Words just before."
    ),
    Feature("next_words", "beside", lambda c: _beside(np.log1p(c.words), 1), "Words just after."),
    Feature(
        "next_links",
        "beside",
        lambda c: _beside(ratio(c.link_chars, c.chars), 1),
        "Link density just after.",
    ),
    *_around("near", _REACHES[0]),
    *_around("wide", _REACHES[1]),
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """A `Fill` of `FEATURES`."""
    if MATRIX is None:
        return False
    MATRIX.position(
        matrix,
        first,
        start,
        c.words,
        c.chars,
        c.link_chars,
        c.heading_level,
        c.table.element,
        c.table.parent,
        c.table.end,
        c.table.depth,
        c.table.tag,
        TAG["article"],
        c.page_words,
        _title(c),
        CHAIN,
        FAR,
        _REACHES,
        _NO_TITLE,
    )
    return True
