"""Pages of a few lines, and their features by name."""

from __future__ import annotations

import numpy as np

from detector.blocks import walk
from detector.document import parse
from detector.features import FEATURES, PAGE_FEATURES
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable, TokenScores


def context_of(html: str, url: str | None = None, scores: TokenScores | None = None) -> Context:
    root = parse(html).root
    return Context(walk(root), read_metadata(root, url), NameTable(scores or {}))


def column(context: Context, name: str) -> list[float]:
    """A feature of all blocks."""
    row = next(row for row in (*FEATURES, *PAGE_FEATURES) if row.name == name)
    values = np.broadcast_to(np.asarray(row.compute(context), np.float64), context.n)
    return [float(value) for value in values]


def block_of(context: Context, start: str) -> int:
    """Number of the block that starts so."""
    (number,) = [b for b in range(context.n) if context.table.block_text(b).startswith(start)]
    return number
