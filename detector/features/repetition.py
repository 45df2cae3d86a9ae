"""What repeats: paths of tags and classes, records, and what varies between the records.

In a grid or a thread each record has the same slots; a slot whose text differs from record to
record carries content, one that says the same in all of them is a control.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from detector.columns import Numbers
from detector.compiled import REPETITION
from detector.features.context import CHAIN, ELEMENT_SUMS, Context, Floats, ratio, sums
from detector.features.rows import Feature, Matrix
from detector.measures import SUMS
from detector.tags import CODE as TAG

MIN_RECORDS: Final = 3
_NO_RECORDS: Final = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "span", "a")
"""Tags of what repeats within a text."""
_IS_NO_RECORD: Final = np.zeros(len(TAG), np.uint8)
_IS_NO_RECORD[[TAG[tag] for tag in _NO_RECORDS]] = 1


class Path(NamedTuple):
    """Sums over the blocks of the same path, given to each of them, (b,)."""

    blocks: Floats
    words: Floats
    link_density: Floats
    distinct: Floats


def _path(c: Context, path_of_element: Numbers) -> Path:
    path = path_of_element[c.table.element].astype(np.int64)
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


class Groups(NamedTuple):
    """Groups of siblings of the same tag and class, (g,): how many hold words, and what of."""

    size: Floats
    words: Floats
    links: Floats
    images: Floats
    spread: Floats


def _groups(c: Context) -> Groups:
    group = c.table.siblings
    size = sums(group, c.element_words > 0)
    words = sums(group, c.element_words)
    mean = ratio(words, size)
    squares = ratio(sums(group, c.element_words.astype(np.float64) ** 2), size)
    return Groups(
        size=size,
        words=words,
        links=ratio(sums(group, c.element_link_chars), sums(group, c.element_chars)),
        images=ratio(sums(group, c.element_images), size),
        spread=ratio(np.sqrt(np.maximum(squares - mean**2, 0.0)), mean),
    )


def _records(c: Context) -> tuple[Numbers, Numbers]:
    """(b,) the nearest record that a block stands in, and that of the group with most words;
    -1 where there is none."""
    t = c.table
    groups: Groups = c.shared("groups", _groups)
    holding = c.element_words > 0
    repeated = (groups.size[t.siblings] >= MIN_RECORDS) & holding
    repeated &= ~c.tagged(*_NO_RECORDS)
    nearest = c.nearest(repeated)
    words = np.where(repeated, groups.words[t.siblings], -1.0)[c.chain]
    widest = c.chain[words.argmax(axis=0), np.arange(c.n)]
    return nearest, np.where(nearest >= 0, widest, -1)


def _of_records(c: Context, which: int) -> dict[str, Floats]:
    groups: Groups = c.shared("groups", _groups)
    record = c.shared("records", _records)[which]
    own = c.table.siblings[record]
    size = groups.size[own]
    values = {
        "size": np.log(np.maximum(size, 1.0)),
        "words": ratio(groups.words[own], size),
        "share": groups.words[own] / max(c.page_words, 1.0),
        "links": groups.links[own],
        "images": groups.images[own],
        "spread": groups.spread[own],
        "slots": ratio(_class_path(c).blocks, size),
        "blocks": c.element_blocks[record],
    }
    return {name: np.where(record >= 0, value, -1.0) for name, value in values.items()}


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


def _record_row(which: str, measure: str, doc: str) -> Feature:
    number = ("near", "wide").index(which)

    def compute(c: Context) -> Floats:
        return c.shared(f"{which}_records", lambda c: _of_records(c, number))[measure]

    return Feature(f"{which}_record_{measure}", "repetition", compute, f"{which} records: {doc}.")


_TAG_PATH: Final = _path_rows("tag_path", _tag_path, "blocks of the same path of tags")
_CLASS_PATH: Final = _path_rows(
    "class_path", _class_path, "blocks of the same path of tags and classes"
)
FEATURES: Final = (
    *_TAG_PATH,
    *_CLASS_PATH,
    *(_record_row("near", name, doc) for name, doc in RECORD_MEASURES.items()),
    *(_record_row("wide", name, doc) for name, doc in RECORD_MEASURES.items()),
)

_ROWS: Final = tuple(map(SUMS.index, ("words", "chars", "link_chars")))
_ELEMENT_ROWS: Final = tuple(
    map(ELEMENT_SUMS.index, ("words", "chars", "link_chars", "images", "blocks"))
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """`FEATURES` by the compiled code; see `detector.features.rows.Fill`."""
    if REPETITION is None:
        return False
    t = c.table
    REPETITION.fill(
        matrix,
        first,
        start,
        t.parent,
        t.depth,
        t.siblings,
        t.tag,
        t.path,
        t.class_path,
        _IS_NO_RECORD,
        c.element_sums,
        _ELEMENT_ROWS,
        t.element,
        c.text_id,
        c.block_sums,
        _ROWS,
        c.page_words,
        CHAIN,
        MIN_RECORDS,
    )
    return True
