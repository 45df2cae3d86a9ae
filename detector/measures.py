"""Counts of a page's characters by the compiled code, in one pass over the text."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.blocks import BOLD_TEXT, CODE_TEXT, BlockTable
from detector.chars import CODE, N_CLASSES, U8Array, tables
from detector.columns import NUMBER, Numbers
from detector.compiled import TEXT
from detector.words import first_alike

Floats = npt.NDArray[np.float64]

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
    """What `Context` has by these names, or, of `sums` (len(SUMS), b), by those; `words` is
    of the whole page."""

    node_chars: Numbers
    node_words: Numbers
    sums: Numbers
    classes: Numbers
    last_class: Numbers
    text_id: Numbers
    words: float


def measure(table: BlockTable) -> tuple[TextMeasures, Numbers] | None:
    """The measures of a page, and where its words start; or None where nothing is compiled."""
    if TEXT is None:
        return None
    n_nodes, n = len(table.node_link), len(table)
    kinds, space, ideograph, symbol = _kinds()
    node_chars, node_words = np.empty((2, n_nodes), NUMBER)
    sums, classes = np.empty((len(SUMS), n), NUMBER), np.empty((n, N_CLASSES), NUMBER)
    last_class, text_hash = np.empty(n, NUMBER), np.empty(n, np.uint64)
    word_start = np.empty(len(table.text) + 1, NUMBER)
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
        node_chars,
        node_words,
        sums,
        classes,
        last_class,
        text_hash,
        word_start,
    )
    word_start.resize(words, refcheck=False)  # gives back the rest, which was never written to
    text_id = first_alike(text_hash)
    found = TextMeasures(node_chars, node_words, sums, classes, last_class, text_id, float(words))
    return found, word_start


@functools.cache
def _kinds() -> tuple[U8Array, int, int, int]:
    """All that counts of each character of the basic plane in a byte, the class of white space,
    and what counts of the ideographs and the symbols beyond the plane."""
    classes, words = tables()
    solid = (classes != CODE["space"]) & (classes != CODE["symbol"])
    kinds = classes | words << 4 | solid.astype(np.uint8) << 6
    kinds |= (classes == CODE["upper"]).astype(np.uint8) << 7
    return kinds, CODE["space"], CODE["han"] | 2 << 4 | 1 << 6, CODE["symbol"]
