"""The page as a whole: what kind of page is it? One number, the same for all its blocks."""

from __future__ import annotations

from collections.abc import Callable
from math import log1p
from typing import Final

import numpy as np

from detector.chars import CODE, SCRIPTS
from detector.features.context import Context
from detector.features.rows import Feature, Matrix
from detector.features.totals import NAMED, NAMED_FOR_TYPES, totals
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


def _kind(name: str) -> Callable[[Context], float]:
    signs = frozenset(KINDS[name].split())
    generators = _GENERATORS.get(name, "").split()

    def compute(c: Context) -> float:
        m = c.metadata
        typed = m.og_type in signs or not signs.isdisjoint(m.schema_types)
        addressed = not signs.isdisjoint(_path(c))
        generated = any(word in m.generator for word in generators)
        return float(typed) + 2.0 * float(addressed) + 4.0 * float(generated)

    return compute


def _path(c: Context) -> tuple[str, ...]:
    return c.shared("path", lambda c: c.metadata.path_parts)


def _last_part(c: Context) -> str:
    return _path(c)[-1] if _path(c) else ""


def _share_under(kind: str) -> Callable[[Context], float]:
    return lambda c: totals(c).under[kind] / max(totals(c).words, 1.0)


def _elements(*tags: str) -> Callable[[Context], float]:
    codes = [TAG[tag] for tag in tags]
    return lambda c: log1p(sum(totals(c).tags[code] for code in codes))


def _class_row(name: str) -> Feature:
    code = CODE[name]

    def share(c: Context) -> float:
        return totals(c).classes[code] / max(totals(c).chars, 1.0)

    return Feature(f"script_{name}", "page", share, f"Share of characters: {name}.")


def _named_row(name: str) -> Feature:
    doc = f"Share of words under class names of {name}."
    return Feature(f"page_named_{name}", "page", _share_under(f"named_{name}"), doc)


SHARED: Final = (
    Feature("page_words", "page", lambda c: log1p(totals(c).words), "Log words."),
    Feature("page_blocks", "page", lambda c: log1p(c.n), "Log blocks."),
    Feature("page_mean", "page", lambda c: totals(c).words / max(c.n, 1), "Words a block."),
    Feature("page_longest", "page", lambda c: log1p(totals(c).longest), "Longest block."),
    Feature(
        "page_links",
        "page",
        lambda c: totals(c).link_chars / max(totals(c).chars, 1.0),
        "Share of text in links.",
    ),
    Feature(
        "page_prose",
        "page",
        lambda c: totals(c).prose / max(totals(c).words, 1.0),
        "Share of words in running text.",
    ),
    Feature(
        "page_currency",
        "page",
        lambda c: log1p(totals(c).classes[CODE["currency"]]),
        "Currency signs.",
    ),
    Feature("page_in_p", "page", _share_under("paragraph"), "Share of words in p."),
    Feature("page_in_list", "page", _share_under("item"), "Share of words in lists."),
    Feature("page_in_table", "page", _share_under("cell"), "Share of words in tables."),
    Feature("page_in_article", "page", _share_under("article"), "Share of words in article."),
    Feature("page_in_main", "page", _share_under("main"), "Share of words in main."),
    Feature("page_articles", "page", _elements("article"), "Article elements."),
    Feature("page_headings", "page", _elements("h2", "h3", "h4"), "Subheadings."),
    Feature("page_titles", "page", _elements("h1"), "h1 elements."),
    Feature("page_images", "page", _elements("img"), "Images."),
    Feature("page_controls", "page", _elements("button", "select", "input"), "Controls."),
    Feature(
        "page_siblings",
        "page",
        lambda c: log1p(totals(c).siblings),
        "Largest group of like siblings.",
    ),
    Feature("address_parts", "page", lambda c: float(len(_path(c))), "Parts of the path."),
    Feature(
        "address_last",
        "page",
        lambda c: float(len(_last_part(c))),
        "Characters of the path's last part.",
    ),
    Feature(
        "address_hyphens",
        "page",
        lambda c: float(_last_part(c).count("-")),
        "Hyphens in it: the slug of a title.",
    ),
    *(_named_row(name) for name in NAMED),
    _class_row("lower"),
)
"""Columns of the block model and of the page-type model."""

FEATURES: Final = (
    *SHARED,
    Feature("page_code", "page", _elements("pre"), "Preformatted texts."),
    *(_named_row(name) for name in NAMED_FOR_TYPES),
    *(_class_row(name) for name in SCRIPTS if name != "lower"),
    *(
        Feature(f"kind_{name}", "page", _kind(name), f"Signs of a page of type {name}.")
        for name in KINDS
    ),
)
"""Columns of the page-type model."""


def page_row(c: Context) -> Matrix:
    """The numbers of `FEATURES`, shape (1, len(FEATURES)), made once; 0 where there are no blocks."""
    return c.shared("page_row", _page_row)


def _page_row(c: Context) -> Matrix:
    return np.array([[row.compute(c) if c.n else 0.0 for row in FEATURES]], np.float32)


def fill(c: Context, matrix: Matrix, first: int) -> bool:
    """Writes `SHARED`, with which `FEATURES` begins, for all blocks at once."""
    matrix[:, first : first + len(SHARED)] = page_row(c)[:, : len(SHARED)]
    return True
