"""What repeats: paths of tags and classes, records, and what varies between the records.

In a grid or a thread each record has the same slots; a slot whose text differs from record to
record carries content, one that says the same in all of them is a control.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.features.context import Bools, Context, Floats, Ints, ratio, sums
from detector.features.rows import Feature

MIN_RECORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Path:
    """Sums over the blocks of the same path, given to each of them, (b,)."""

    blocks: Floats
    words: Floats
    link_density: Floats
    distinct: Floats


def _path(c: Context, path_of_element: Ints) -> Path:
    path = path_of_element[c.table.element]
    size = int(path.max(initial=-1)) + 1
    blocks = np.bincount(path, minlength=size)
    words = sums(path, c.words, size)
    links = sums(path, c.link_chars, size)
    chars = sums(path, c.chars, size)
    texts = np.unique(path * (c.n + 1) + c.text_id) // (c.n + 1)
    distinct = np.bincount(texts, minlength=size)
    return Path(
        blocks=blocks[path].astype(np.float64),
        words=words[path],
        link_density=ratio(links, chars)[path],
        distinct=ratio(distinct, blocks)[path],
    )


def _tag_path(c: Context) -> Path:
    return c.shared("tag_path", lambda c: _path(c, c.table.path))


def _class_path(c: Context) -> Path:
    return c.shared("class_path", lambda c: _path(c, c.table.class_path))


def _path_rows(name: str, path: Callable[[Context], Path], what: str) -> tuple[Feature, ...]:
    def share(c: Context) -> Floats:
        return path(c).words / max(c.page_words, 1.0)

    def mean(c: Context) -> Floats:
        return ratio(path(c).words, path(c).blocks)

    return (
        Feature(f"{name}_share", "repetition", share, f"Share of the page's words in {what}."),
        Feature(f"{name}_words", "repetition", mean, f"Words a block in {what}."),
        Feature(
            f"{name}_links",
            "repetition",
            lambda c: path(c).link_density,
            f"Link density in {what}.",
        ),
        Feature(
            f"{name}_blocks", "repetition", lambda c: np.log(path(c).blocks), f"Blocks in {what}."
        ),
        Feature(
            f"{name}_distinct",
            "repetition",
            lambda c: path(c).distinct,
            f"Share of distinct texts in {what}.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Records:
    """The records that each block stands in: the nearest group of like siblings, and the one that
    holds most words; numbers of the record's element, (b,), and whether there is one."""

    nearest: Ints
    nearest_found: Bools
    widest: Ints
    widest_found: Bools


def _records(c: Context) -> Records:
    t = c.table
    holding = c.element_words > 0
    size = sums(t.siblings, holding)
    repeated = (size[t.siblings] >= MIN_RECORDS) & holding
    repeated &= ~c.tagged("p", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "span", "a")
    on_chain = repeated[c.chain]
    found = np.asarray(on_chain.any(axis=1), bool)
    rows = np.arange(c.n)
    nearest = c.chain[rows, on_chain.argmax(axis=1)]
    words = np.where(on_chain, _group_words(c)[c.chain], -1.0)
    widest = c.chain[rows, words.argmax(axis=1)]
    return Records(nearest, found, widest, found)


def _group_words(c: Context) -> Floats:
    """(e,) words in all siblings of the same tag and class."""
    t = c.table
    return sums(t.siblings, c.element_words)[t.siblings]


def _of_records(c: Context, which: str) -> dict[str, Floats]:
    t = c.table
    records = c.shared("records", _records)
    record = records.nearest if which == "near" else records.widest
    found = records.nearest_found
    group = t.siblings
    size = sums(group, c.element_words > 0)
    words = sums(group, c.element_words)
    squares = sums(group, c.element_words**2)
    chars = sums(group, c.subtree(c.chars))
    links = sums(group, c.subtree(c.link_chars))
    images = sums(group, c.subtree_of_elements(c.tagged("img", "picture")))
    mean = ratio(words, size)
    spread = np.sqrt(np.maximum(ratio(squares, size) - mean**2, 0.0))
    own = group[record]
    values = {
        "size": np.log(np.maximum(size[own], 1.0)),
        "words": mean[own],
        "share": words[own] / max(c.page_words, 1.0),
        "links": ratio(links, chars)[own],
        "images": ratio(images, size)[own],
        "spread": ratio(spread, mean)[own],
        "slots": ratio(_class_path(c).blocks, size[own]),
        "blocks": c.element_blocks[record],
    }
    return {name: np.where(found, value, -1.0) for name, value in values.items()}


RECORD_MEASURES: Final = {
    "size": "log of how many there are",
    "words": "words in each",
    "share": "share of the page's words in all of them",
    "links": "share of their text in links",
    "images": "images in each",
    "spread": "how much their words vary (standard deviation over mean)",
    "slots": "blocks of this path for each of them",
    "blocks": "blocks in this one",
}


def _record_row(which: str, what: str, measure: str, doc: str) -> Feature:
    def compute(c: Context) -> Floats:
        return c.shared(f"{which}_records", lambda c: _of_records(c, which))[measure]

    return Feature(f"{which}_record_{measure}", "repetition", compute, f"{what} records: {doc}.")


FEATURES: Final = (
    *_path_rows("tag_path", _tag_path, "blocks of the same path of tags"),
    *_path_rows("class_path", _class_path, "blocks of the same path of tags and classes"),
    *(_record_row("near", "Nearest", name, doc) for name, doc in RECORD_MEASURES.items()),
    *(_record_row("wide", "Largest", name, doc) for name, doc in RECORD_MEASURES.items()),
)
