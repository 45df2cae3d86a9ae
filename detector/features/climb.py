"""What is noted on the way up from each block, in one go by the compiled code.

Where nothing is compiled, `Context.steps_to` and others look for each of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.columns import NUMBER, Numbers
from detector.compiled import TREE
from detector.features.context import CHAIN, FAR, Context
from detector.names import GROUP_NAMES
from detector.tags import TAGS

LEVELS: Final = 5
"""Ancestors of a block that differ; see `detector.features.ancestors`."""

TAG_KINDS: Final = {
    "article": ("article",),
    "main": ("main",),
    "footer": ("footer", "address"),
    "nav": ("nav",),
    "form": ("form", "fieldset", "dialog"),
    "list": ("ul", "ol", "dl"),
    "table": ("table",),
    "figure": ("figure", "figcaption", "picture"),
    "paragraph": ("p",),
    "item": ("li", "dd", "dt"),
    "cell": ("td", "th"),
}
"""Kinds of elements that are looked for: what they are called, and their tags."""

GROUP_KINDS: Final = tuple(f"named_{group}" for group in GROUP_NAMES)
"""Kinds that have a word group in their names, in the order of the groups' bits."""
KIND: Final = {name: number for number, name in enumerate((*TAG_KINDS, *GROUP_KINDS))}
"""Numbers of all kinds."""

_TAG_KINDS: Final = np.array(
    [sum(1 << kind for kind, tags in enumerate(TAG_KINDS.values()) if tag in tags) for tag in TAGS],
    np.uint64,
)


class Climb(NamedTuple):
    """(b, len(KIND)) steps up to the nearest ancestor of each kind, or self, `FAR` for none; (b,)
    how many of them hide what is in them; (b, LEVELS) those that differ."""

    steps: npt.NDArray[np.uint8]
    hidden: Numbers
    levels: Numbers


def climb(c: Context) -> Climb | None:
    """The way up from each block; None where nothing is compiled."""
    return None if TREE is None else c.shared("climb", _climb)


def _climb(c: Context) -> Climb:
    assert TREE is not None
    t = c.table
    found = Climb(
        steps=np.empty((c.n, len(KIND)), np.uint8),
        hidden=np.empty(c.n, NUMBER),
        levels=np.empty((c.n, LEVELS), NUMBER),
    )
    TREE.climb(
        t.parent,
        t.depth,
        t.tag,
        t.hides,
        c.element_groups,
        c.element_blocks,
        t.element,
        _TAG_KINDS,
        len(TAG_KINDS),
        int(FAR),
        CHAIN,
        found.steps,
        found.hidden,
        found.levels,
    )
    return found
