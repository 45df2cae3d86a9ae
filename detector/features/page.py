"""The page as a whole: what kind of page is it? One number, the same for all its blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from detector.chars import CODE, SCRIPTS
from detector.features.context import Bools, Context
from detector.features.rows import Feature
from detector.names import GROUP_NAMES

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

    def compute(c: Context) -> float:
        m = c.metadata
        typed = bool(signs & m.schema_types) or m.og_type in signs
        addressed = any(part in signs for part in m.path_parts)
        generated = any(word in m.generator for word in _GENERATORS.get(name, "").split())
        return float(typed) + 2.0 * float(addressed) + 4.0 * float(generated)

    return compute


def _log(value: float) -> float:
    return float(np.log1p(value))


def _word_share(c: Context, marked: Bools) -> float:
    """Share of the page's words under the marked elements."""
    return float(c.words[c.nearest(marked) >= 0].sum()) / max(c.page_words, 1.0)


def _under(*tags: str) -> Callable[[Context], float]:
    return lambda c: _word_share(c, c.tagged(*tags))


def _named(number: int) -> Callable[[Context], float]:
    def compute(c: Context) -> float:
        marked = c.element_groups & (1 << number) != 0
        return _word_share(c, marked) if marked.any() else 0.0

    return compute


def _script(name: str) -> Callable[[Context], float]:
    code = CODE[name]
    return lambda c: float(c.classes[:, code].sum()) / max(float(c.chars.sum()), 1.0)


def _elements(*tags: str) -> Callable[[Context], float]:
    return lambda c: _log(float(c.tagged(*tags).sum()))


def _largest_group(c: Context) -> float:
    return _log(float(np.bincount(c.table.siblings).max(initial=0)))


_NAMED: Final = ("comment", "article", "card", "review", "docs", "form")
_NAMED_FOR_TYPES: Final = ("post", "product")


def _named_row(name: str) -> Feature:
    doc = f"Share of words under class names of {name}."
    return Feature(f"page_named_{name}", "page", _named(GROUP_NAMES.index(name)), doc)


def _script_row(name: str) -> Feature:
    return Feature(f"script_{name}", "page", _script(name), f"Share of characters: {name}.")


def _once(row: Feature) -> Feature:
    """The row, computed once a page: both models have it."""
    return replace(row, compute=lambda c: c.shared(row.name, row.compute))


_SHARED: Final = (
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
    Feature("page_in_p", "page", _under("p"), "Share of words in p."),
    Feature("page_in_list", "page", _under("li", "dd", "dt"), "Share of words in lists."),
    Feature("page_in_table", "page", _under("td", "th"), "Share of words in tables."),
    Feature("page_in_article", "page", _under("article"), "Share of words in article."),
    Feature("page_in_main", "page", _under("main"), "Share of words in main."),
    Feature("page_articles", "page", _elements("article"), "Article elements."),
    Feature("page_headings", "page", _elements("h2", "h3", "h4"), "Subheadings."),
    Feature("page_titles", "page", _elements("h1"), "h1 elements."),
    Feature("page_images", "page", _elements("img"), "Images."),
    Feature("page_controls", "page", _elements("button", "select", "input"), "Controls."),
    Feature("page_siblings", "page", _largest_group, "Largest group of like siblings."),
    Feature(
        "address_parts", "page", lambda c: float(len(c.metadata.path_parts)), "Parts of the path."
    ),
    Feature(
        "address_last",
        "page",
        lambda c: float(len(c.metadata.path_parts[-1])) if c.metadata.path_parts else 0.0,
        "Characters of the path's last part.",
    ),
    Feature(
        "address_hyphens",
        "page",
        lambda c: float(c.metadata.path_parts[-1].count("-")) if c.metadata.path_parts else 0.0,
        "Hyphens in it: the slug of a title.",
    ),
    *(_named_row(name) for name in _NAMED),
    _script_row("lower"),
)
SHARED: Final = tuple(_once(row) for row in _SHARED)
"""Columns of the block model and of the page-type model."""

FEATURES: Final = (
    *SHARED,
    Feature("page_code", "page", _elements("pre"), "Preformatted texts."),
    *(_named_row(name) for name in _NAMED_FOR_TYPES),
    *(_script_row(name) for name in SCRIPTS if name != "lower"),
    *(
        Feature(f"kind_{name}", "page", _kind(name), f"Signs of a page of type {name}.")
        for name in KINDS
    ),
)
"""Columns of the page-type model."""
