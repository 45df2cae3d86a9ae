"""What a block's words have in common with the rest of the page, in any language.

A story and its comments speak of one thing, teasers of other stories do not; a second copy of a
text repeats whole phrases of the first.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from detector.columns import Numbers
from detector.compiled import TOPIC
from detector.features.context import Context, Floats, ratio, sums
from detector.features.region import top_region
from detector.features.rows import Feature, Matrix
from detector.words import Hashes, read_words, where_else

PHRASE: Final = 4
"""Words of a phrase."""
_BASE: Final = 0x100000001B3  # of the phrases' hashes: odd, and large


TELLING, IN_PAGE, IN_REGION, IN_TITLE, TITLE_FOUND, BEFORE, AFTER = range(7)
"""Rows of a `Topic`, numbers of each block: telling words; of them those in other blocks of the
page, in other blocks of the top element, and in the page's title; the share of the title's that it
has; shares of phrases that stand before and after, too."""

Topic: TypeAlias = Floats
"""Shape (7, b)."""


def find_topic(c: Context) -> Topic:
    """Compare the words of all blocks."""
    words, owner = c.word_list, c.word_block
    title = read_words(c.metadata.og_title or c.metadata.title)
    top = top_region(c).top
    if TOPIC is not None:
        counts = np.empty((AFTER + 1, c.n))
        TOPIC.repeated(words.hashes, owner, _BASE, PHRASE, counts)
        TOPIC.compare(
            words.hashes,
            words.alike,
            owner,
            words.telling.view(np.uint8),
            title.hashes,
            title.telling.view(np.uint8),
            c.table.element,
            top,
            int(c.table.end[top]),
            counts,
        )
        return counts
    block = owner[words.telling]
    wanted = np.unique(title.hashes[title.telling])
    hashes = words.hashes[words.telling]
    element = c.table.element[block]
    inside = (element >= top) & (element < c.table.end[top])
    in_title = sums(block, np.isin(hashes, wanted, kind="sort"), c.n)
    anywhere = np.ones(len(hashes), bool)
    before, after = _repeated_phrases(words.hashes, owner, c.n)
    return np.array(
        [
            sums(block, np.ones(len(block)), c.n),
            sums(block, np.logical_or(*where_else(hashes, block, anywhere)), c.n),
            sums(block, np.logical_or(*where_else(hashes, block, inside)), c.n),
            in_title,
            np.minimum(in_title / max(len(wanted), 1), 1.0),
            before,
            after,
        ]
    )


def _repeated_phrases(hashes: Hashes, block: Numbers, n: int) -> tuple[Floats, Floats]:
    """(b,) shares of each block's phrases that an earlier and that a later block has."""
    size = max(len(hashes) - PHRASE + 1, 0)
    phrases = np.zeros(size, np.uint64)
    for offset in range(PHRASE):
        phrases = phrases * np.uint64(_BASE) + hashes[offset : offset + size]
    whole = block[:size] == block[len(block) - size :]  # no phrase runs on from block to block
    owner = block[:size][whole]
    count = sums(owner, np.ones(len(owner)), n)
    before, after = where_else(phrases[whole], owner, np.ones(len(owner), bool))
    return ratio(sums(owner, before, n), count), ratio(sums(owner, after, n), count)


def topic(c: Context) -> Topic:
    """`find_topic`, once a page."""
    return c.shared("topic", find_topic)


FEATURES: Final = (
    Feature(
        "topic_page",
        "topic",
        lambda c: ratio(topic(c)[IN_PAGE], topic(c)[TELLING]),
        "Share of its longer words that other blocks have.",
    ),
    Feature(
        "topic_region",
        "topic",
        lambda c: ratio(topic(c)[IN_REGION], topic(c)[TELLING]),
        "Share of its longer words that other blocks of the top element have.",
    ),
    Feature(
        "topic_title",
        "topic",
        lambda c: ratio(topic(c)[IN_TITLE], topic(c)[TELLING]),
        "Share of its longer words that the page's title has.",
    ),
    Feature(
        "title_found", "topic", lambda c: topic(c)[TITLE_FOUND], "Share of the title's words in it."
    ),
    Feature(
        "repeated_before",
        "topic",
        lambda c: topic(c)[BEFORE],
        "Share of its phrases that an earlier block has.",
    ),
    Feature(
        "repeated_after",
        "topic",
        lambda c: topic(c)[AFTER],
        "Share of its phrases that a later block has.",
    ),
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """`FEATURES` by the compiled code; see `detector.features.rows.Fill`."""
    if TOPIC is None:
        return False
    TOPIC.write(topic(c), matrix, first, start)
    return True
