"""Content blocks as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detector.blocks import BlockTable
from detector.compiled import BLOCKS
from detector.tags import LINE_SEPARATOR


def render_text(table: BlockTable, blocks: Sequence[int] | npt.NDArray[np.int64]) -> str:
    """The texts of blocks, those that have any, in the order given, a blank line between them."""
    if BLOCKS is not None:
        numbers = np.asarray(blocks, np.int64)
        joined: str = BLOCKS.join(
            table.text, table.node_start, table.first_node, numbers, LINE_SEPARATOR
        )
        return joined
    return "\n\n".join(text for text in map(table.block_text, blocks) if text)
