"""The page as a whole: what kind of page is it? One number, the same for all its blocks."""

from __future__ import annotations

from collections.abc import Callable
from math import log1p
from typing import Final

import numpy as np

from detector.chars import CODE, SCRIPTS
from detector.features.context import Context
from detector.features.rows import Column, Feature, Matrix
from detector.features.totals import NAMED, NAMED_FOR_TYPES, Totals, totals
from detector.tags import CODE as TAG

# Words of addresses, schema.org and Open Graph types, by the kind of page they are a sign of.
KINDS: Final = {
    "article": "article newsarticle blogposting reportagenewsarticle blog news story post recipe",
    "product": "product products individualproduct offer og:product p dp item shop",
    "collection": "collectionpage itemlist collections collection category categories c "
    "productgroup",
    "forum": "discussionforumposting qapage question forum forums thread threads topic t viewtopic "
    "questions comments discussion community",
    "documentation": "techarticle apireference docs doc documentation api reference manual guide "
    "wiki help tutorial",
    "service": "service softwareapplication localbusiness services solutions pricing features "
    "platform professionalservice",
    "listing": "jobposting course event events courses jobs search tag archive reviews directory",
}
_GENERATORS: Final = {
    "forum": "discourse vbulletin phpbb xenforo mybb invision smf flarum nodebb",
    "documentation": "sphinx mkdocs docusaurus mediawiki gitbook hugo doxygen javadoc",
    "product": "shopify woocommerce prestashop magento opencart",
    "article": "wordpress blogger ghost medium squarespace wix",
}


def _kind(name: str) -> Callable[[Totals], float]:
    signs = frozenset(KINDS[name].split())
    generators = _GENERATORS.get(name, "").split()

    def compute(t: Totals) -> float:
        m = t.metadata
        typed = m.og_type in signs or not signs.isdisjoint(m.schema_types)
        addressed = not signs.isdisjoint(t.path)
        generated = any(word in m.generator for word in generators)
        return float(typed) + 2.0 * float(addressed) + 4.0 * float(generated)

    return compute


def _last_part(t: Totals) -> str:
    return t.path[-1] if t.path else ""


def _share_under(kind: str) -> Callable[[Totals], float]:
    return lambda t: t.under[kind] / max(t.words, 1.0)


def _elements(*tags: str) -> Callable[[Totals], float]:
    codes = [TAG[tag] for tag in tags]
    return lambda t: log1p(sum(t.tags[code] for code in codes))


def _class_row(name: str) -> Column[Totals]:
    code = CODE[name]

    def share(t: Totals) -> float:
        return t.classes[code] / max(t.chars, 1.0)

    return Column(f"script_{name}", "page", share, f"Share of characters: {name}.")


def _named_row(name: str) -> Column[Totals]:
    doc = f"Share of words under class names of {name}."
    return Column(f"page_named_{name}", "page", _share_under(f"named_{name}"), doc)


_SHARED: Final[tuple[Column[Totals], ...]] = (
    Column("page_words", "page", lambda t: log1p(t.words), "Log words."),
    Column("page_blocks", "page", lambda t: log1p(t.blocks), "Log blocks."),
    Column("page_mean", "page", lambda t: t.words / max(t.blocks, 1), "Words a block."),
    Column("page_longest", "page", lambda t: log1p(t.longest), "Longest block."),
    Column(
        "page_links",
        "page",
        lambda t: t.link_chars / max(t.chars, 1.0),
        "Share of text in links.",
    ),
    Column(
        "page_prose",
        "page",
        lambda t: t.prose / max(t.words, 1.0),
        "Share of words in running text.",
    ),
    Column(
        "page_currency",
        "page",
        lambda t: log1p(t.classes[CODE["currency"]]),
        "Currency signs.",
    ),
    Column("page_in_p", "page", _share_under("paragraph"), "Share of words in p."),
    Column("page_in_list", "page", _share_under("item"), "Share of words in lists."),
    Column("page_in_table", "page", _share_under("cell"), "Share of words in tables."),
    Column("page_in_article", "page", _share_under("article"), "Share of words in article."),
    Column("page_in_main", "page", _share_under("main"), "Share of words in main."),
    Column("page_articles", "page", _elements("article"), "Article elements."),
    Column("page_headings", "page", _elements("h2", "h3", "h4"), "Subheadings."),
    Column("page_titles", "page", _elements("h1"), "h1 elements."),
    Column("page_images", "page", _elements("img"), "Images."),
    Column("page_controls", "page", _elements("button", "select", "input"), "Controls."),
    Column(
        "page_siblings",
        "page",
        lambda t: log1p(t.siblings),
        "Largest group of like siblings.",
    ),
    Column("address_parts", "page", lambda t: float(len(t.path)), "Parts of the path."),
    Column(
        "address_last",
        "page",
        lambda t: float(len(_last_part(t))),
        "Characters of the path's last part.",
    ),
    Column(
        "address_hyphens",
        "page",
        lambda t: float(_last_part(t).count("-")),
        "Hyphens in it: the slug of a title.",
    ),
    *(_named_row(name) for name in NAMED),
    _class_row("lower"),
)

_ROWS: Final[tuple[Column[Totals], ...]] = (
    *_SHARED,
    Column("page_code", "page", _elements("pre"), "Preformatted texts."),
    *(_named_row(name) for name in NAMED_FOR_TYPES),
    *(_class_row(name) for name in SCRIPTS if name != "lower"),
    *(
        Column(f"kind_{name}", "page", _kind(name), f"Signs of a page of type {name}.")
        for name in KINDS
    ),
)


def _feature(row: Column[Totals]) -> Feature:
    return Feature(row.name, row.group, lambda c: row.compute(totals(c)), row.doc)


FEATURES: Final = tuple(map(_feature, _ROWS))
"""Columns of the page-type model."""
SHARED: Final = FEATURES[: len(_SHARED)]
"""Columns of the block model and of the page-type model."""


def page_row(c: Context) -> Matrix:
    """The numbers of `FEATURES`, shape (1, len(FEATURES)), made once; all 0 without blocks."""
    return c.shared("page_row", _page_row)


def _page_row(c: Context) -> Matrix:
    if not c.n:
        return np.zeros((1, len(FEATURES)), np.float32)
    sums = totals(c)
    return np.array([[row.compute(sums) for row in _ROWS]], np.float32)


def fill(c: Context, matrix: Matrix, first: int) -> bool:
    """Writes `SHARED`, with which `FEATURES` begins, for all blocks at once."""
    matrix[:, first : first + len(SHARED)] = page_row(c)[:, : len(SHARED)]
    return True
