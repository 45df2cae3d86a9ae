"""The page as a whole: what kind of page is it? One number, the same for all its blocks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from detector.chars import CODE, SCRIPTS
from detector.compiled import MATRIX
from detector.features.climb import KIND, TAG_KINDS, climb
from detector.features.context import FAR, LONG_WORDS, Bools, Context
from detector.features.rows import Feature, Matrix
from detector.features.signs import KINDS, signs
from detector.names import GROUP_NAMES
from detector.tags import TAGS


def _log(value: float) -> float:
    return math.log1p(value)


def _word_share(c: Context, marked: Bools) -> float:
    """Share of the page's words under the marked elements."""
    return float(c.words[c.nearest(marked) >= 0].sum()) / max(c.page_words, 1.0)


def _under(kind: str) -> Callable[[Context], float]:
    return lambda c: _word_share(c, c.tagged(*TAG_KINDS[kind]))


def _named(number: int) -> Callable[[Context], float]:
    def compute(c: Context) -> float:
        marked = c.element_groups & (1 << number) != 0
        return _word_share(c, marked) if marked.any() else 0.0

    return compute


def _script(name: str) -> Callable[[Context], float]:
    code = CODE[name]
    return lambda c: float(c.classes[:, code].sum()) / max(float(c.chars.sum()), 1.0)


def _elements(number: int) -> Callable[[Context], float]:
    return lambda c: _log(float(c.tagged(*_COUNTED[number]).sum()))


def _kind(number: int) -> Callable[[Context], float]:
    return lambda c: signs(c).kinds[number]


def _largest_group(c: Context) -> float:
    return _log(float(np.bincount(c.table.siblings).max(initial=0)))


_UNDER: Final = ("paragraph", "item", "cell", "article", "main")
_COUNTED: Final = (
    ("article",),
    ("h2", "h3", "h4"),
    ("h1",),
    ("img",),
    ("button", "select", "input"),
    ("pre",),
)
_NAMED: Final = ("comment", "article", "card", "review", "docs", "form")
_NAMED_FOR_TYPES: Final = ("post", "product")


def _named_row(name: str) -> Feature:
    doc = f"Share of words under class names of {name}."
    return Feature(f"page_named_{name}", "page", _named(GROUP_NAMES.index(name)), doc)


def _script_row(name: str) -> Feature:
    return Feature(f"script_{name}", "page", _script(name), f"Share of characters: {name}.")


SHARED: Final = (
    Feature("page_words", "page", lambda c: _log(c.page_words), "Log words."),
    Feature("page_blocks", "page", lambda c: _log(c.n), "Log blocks."),
    Feature("page_mean", "page", lambda c: c.page_words / max(c.n, 1), "Words a block."),
    Feature("page_longest", "page", lambda c: _log(c.words.max(initial=0)), "Longest block."),
    Feature(
        "page_links",
        "page",
        lambda c: float(c.link_chars.sum()) / max(float(c.chars.sum()), 1.0),
        "Share of text in links.",
    ),
    Feature(
        "page_prose",
        "page",
        lambda c: float(c.prose_words.sum()) / max(c.page_words, 1.0),
        "Share of words in running text.",
    ),
    Feature(
        "page_currency", "page", lambda c: _log(float(c.count("currency").sum())), "Currency signs."
    ),
    Feature("page_in_p", "page", _under("paragraph"), "Share of words in p."),
    Feature("page_in_list", "page", _under("item"), "Share of words in lists."),
    Feature("page_in_table", "page", _under("cell"), "Share of words in tables."),
    Feature("page_in_article", "page", _under("article"), "Share of words in article."),
    Feature("page_in_main", "page", _under("main"), "Share of words in main."),
    Feature("page_articles", "page", _elements(0), "Article elements."),
    Feature("page_headings", "page", _elements(1), "Subheadings."),
    Feature("page_titles", "page", _elements(2), "h1 elements."),
    Feature("page_images", "page", _elements(3), "Images."),
    Feature("page_controls", "page", _elements(4), "Controls."),
    Feature("page_siblings", "page", _largest_group, "Largest group of like siblings."),
    Feature("address_parts", "page", lambda c: signs(c).address[0], "Parts of the path."),
    Feature(
        "address_last",
        "page",
        lambda c: signs(c).address[1],
        "Characters of the path's last part.",
    ),
    Feature(
        "address_hyphens",
        "page",
        lambda c: signs(c).address[2],
        "Hyphens in it: the slug of a title.",
    ),
    *(_named_row(name) for name in _NAMED),
    _script_row(SCRIPTS[0]),
)
"""Columns of the block model and of the page-type model."""

FEATURES: Final = (
    *SHARED,
    Feature("page_code", "page", _elements(5), "Preformatted texts."),
    *(_named_row(name) for name in _NAMED_FOR_TYPES),
    *(_script_row(name) for name in SCRIPTS[1:]),
    *(
        Feature(f"kind_{name}", "page", _kind(number), f"Signs of a page of type {name}.")
        for number, name in enumerate(KINDS)
    ),
)
"""Columns of the page-type model."""

_IS_COUNTED: Final = np.array(
    [sum(number for number, tags in enumerate(_COUNTED, 1) if tag in tags) for tag in TAGS],
    np.uint8,
)
_SCRIPT_CODES: Final = np.array([CODE[name] for name in SCRIPTS])
_UNDER_KINDS: Final = np.array(
    [KIND[name] for name in _UNDER]
    + [KIND[f"named_{name}"] for name in (*_NAMED, *_NAMED_FOR_TYPES)]
)


def page_row(c: Context) -> Matrix:
    """The numbers of `FEATURES`, shape (1, len(FEATURES)), made once; all 0 without blocks."""
    return c.shared("page_row", _page_row)


def _page_row(c: Context) -> Matrix:
    row = np.zeros((1, len(FEATURES)), np.float32)
    way = climb(c)
    if not c.n:
        return row
    if MATRIX is None or way is None:
        row[0] = [feature.compute(c) for feature in FEATURES]
        return row
    MATRIX.page(
        row[0],
        c.table.tag,
        _IS_COUNTED,
        c.table.siblings,
        c.words,
        c.chars,
        c.link_chars,
        LONG_WORDS,
        c.classes,
        CODE["currency"],
        _SCRIPT_CODES,
        way.steps,
        int(FAR),
        _UNDER_KINDS,
        signs(c).address,
        signs(c).kinds,
    )
    return row


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """A `Fill` of `SHARED`, with which `FEATURES` begins."""
    if MATRIX is None:
        return False
    MATRIX.repeat(matrix, first, page_row(c)[0], len(SHARED))
    return True
