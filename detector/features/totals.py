"""Sums over the whole page, which its own features are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.compiled import MATRIX
from detector.features.climb import GROUP_KINDS, KIND, TAG_KINDS, climb
from detector.features.context import FAR, LONG_WORDS, Context
from detector.metadata import Metadata
from detector.tags import TAGS

NAMED: Final = ("comment", "article", "card", "review", "docs", "form")
"""Word groups that tell of a page, and of each of its blocks."""
NAMED_FOR_TYPES: Final = ("post", "product")
"""Word groups that only its type is told by."""
UNDER: Final = (
    *("paragraph", "item", "cell", "article", "main"),
    *(f"named_{group}" for group in (*NAMED, *NAMED_FOR_TYPES)),
)
"""Kinds of elements whose words are summed up."""
_UNDER: Final = np.array([KIND[name] for name in UNDER])


@dataclass(frozen=True, slots=True)
class Totals:
    """What is summed up.

    Attributes:
        metadata, path: what the page says of itself, and the parts of its address.
        blocks: how many there are.
        tags: elements by code of their tag.
        classes: characters by number of their class.
        under: words under elements of each kind of `UNDER`.
        words, chars, link_chars: of all blocks.
        prose: words of the blocks that are long enough to be running text.
        longest: words of the longest block.
        siblings: elements of the largest group of like siblings.
    """

    metadata: Metadata
    path: tuple[str, ...]
    blocks: int
    tags: list[int]
    classes: list[int]
    under: dict[str, float]
    words: float
    chars: float
    link_chars: float
    prose: float
    longest: float
    siblings: int


def totals(c: Context) -> Totals:
    """The sums of a page, made once."""
    return c.shared("totals", _totals)


def _totals(c: Context) -> Totals:
    of_itself = (c.metadata, c.metadata.path_parts, c.n)
    way = climb(c)
    if MATRIX is not None and way is not None:
        tags, classes, under, *of_page = MATRIX.totals(
            c.table.tag,
            len(TAGS),
            c.table.siblings,
            c.words,
            c.chars,
            c.link_chars,
            LONG_WORDS,
            c.classes,
            way.steps,
            int(FAR),
            _UNDER,
        )
        under = dict(zip(UNDER, under, strict=True))
        return Totals(*of_itself, tags, classes, under, *of_page)
    return Totals(
        *of_itself,
        tags=np.bincount(c.table.tag, minlength=len(TAGS)).tolist(),
        classes=c.classes.sum(axis=0).tolist(),
        under={kind: _words_under(c, kind) for kind in UNDER},
        words=float(c.words.sum()),
        chars=float(c.chars.sum()),
        link_chars=float(c.link_chars.sum()),
        prose=float(c.words[c.words >= LONG_WORDS].sum()),
        longest=float(c.words.max(initial=0)),
        siblings=int(np.bincount(c.table.siblings).max()),
    )


def _words_under(c: Context, kind: str) -> float:
    if kind in TAG_KINDS:
        marked = c.tagged(*TAG_KINDS[kind])
    else:
        marked = c.element_groups & (1 << GROUP_KINDS.index(kind)) != 0
    return float(c.words[c.nearest(marked) >= 0].sum()) if marked.any() else 0.0
