"""Counts of a page's characters by the compiled code, in one pass over the text."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.blocks import BOLD_TEXT, CODE_TEXT, BlockTable
from detector.chars import CODE, N_CLASSES, U8Array, tables
from detector.compiled import TEXT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int32]

SUMS: Final = (
    "words",
    "chars",
    "free_words",
    "link_chars",
    "links",
    "bold_chars",
    "code_chars",
)
"""What is summed up over each block, as `Context` has it by these names."""


class TextMeasures(NamedTuple):
    """What `Context` has by these names, or, of `sums` (len(SUMS), b), by those; `text_hash` (b,)
    is of a block's letters and digits, `words` of the whole page."""

    node_chars: Floats
    node_words: Ints
    sums: Floats
    classes: Counts
    last_class: Ints
    text_hash: npt.NDArray[np.uint64]
    words: float


def measure(table: BlockTable) -> tuple[TextMeasures, Numbers] | None:
    """The measures of a page, and where its words start; or None where nothing is compiled."""
    if TEXT is None:
        return None
    n_nodes, n = len(table.node_link), len(table)
    kinds, space, ideograph, symbol = _kinds()
    node_chars, node_words = np.empty(n_nodes), np.empty(n_nodes, np.int64)
    sums, classes = np.empty((len(SUMS), n)), np.empty((n, N_CLASSES), np.int32)
    last_class, text_hash = np.empty(n, np.int64), np.empty(n, np.uint64)
    found = (node_chars, node_words, sums, classes, last_class, text_hash)
    word_start = np.empty(len(table.text) + 1, np.int32)
    words = TEXT.measure(
        table.text,
        table.node_start,
        table.node_link,
        table.node_state,
        table.first_node,
        kinds,
        (space, ideograph, symbol),
        BOLD_TEXT,
        CODE_TEXT,
        *found,
        word_start,
    )
    word_start.resize(words, refcheck=False)  # gives back the rest, which was never written to
    return TextMeasures(*found, float(words)), word_start


@functools.cache
def _kinds() -> tuple[U8Array, int, int, int]:
    """All that counts of each character of the basic plane in a byte, the class of white space,
    and what counts of the ideographs and the symbols beyond the plane."""
    classes, words = tables()
    solid = (classes != CODE["space"]) & (classes != CODE["symbol"])
    kinds = classes | words << 4 | solid.astype(np.uint8) << 6
    kinds |= (classes == CODE["upper"]).astype(np.uint8) << 7
    return kinds, CODE["space"], CODE["han"] | 2 << 4 | 1 << 6, CODE["symbol"]
