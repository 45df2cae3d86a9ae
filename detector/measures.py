"""Counts of a page's characters by the compiled code, in one pass over the text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.blocks import BlockTable
from detector.chars import CODE, N_CLASSES, tables
from detector.compiled import TEXT

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """What `Context` has by these names; `text_hash` (b,) is of a block's letters and digits."""

    node_classes: Ints
    node_words: Ints
    edge_classes: tuple[Ints, Ints]
    text_hash: npt.NDArray[np.uint64]


def measure(table: BlockTable, multipliers: npt.NDArray[np.uint64]) -> TextMeasures | None:
    """The measures of a page, or None where nothing is compiled."""
    if TEXT is None:
        return None
    classes, words = tables()
    n_nodes, n = len(table.node_link), len(table)
    found = TextMeasures(
        node_classes=np.zeros((n_nodes, N_CLASSES), np.int64),
        node_words=np.zeros(n_nodes, np.int64),
        edge_classes=(np.zeros(n, np.int64), np.zeros(n, np.int64)),
        text_hash=np.zeros(n, np.uint64),
    )
    TEXT.measure(
        table.text,
        table.node_start,
        table.first_node,
        classes,
        words,
        multipliers,
        tuple(CODE[name] for name in ("space", "symbol", "upper", "han")),
        found.node_classes,
        found.node_words,
        *found.edge_classes,
        found.text_hash,
    )
    return found
