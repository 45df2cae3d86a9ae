"""What a block's words have in common with the rest of the page, in any language.

A story and its comments speak of one thing, teasers of other stories do not; a second copy of a
text repeats whole phrases of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from detector.columns import NUMBER, Numbers
from detector.compiled import TOPIC
from detector.features.context import Context, Floats, ratio, sums
from detector.features.region import top_region
from detector.features.rows import Feature, Matrix
from detector.words import Hashes, read_words, where_else

PHRASE: Final = 4
"""Words of a phrase."""
_BASE: Final = 0x100000001B3  # of the phrases' hashes: odd, and large


COUNTS: Final = ("telling", "in_page", "in_region", "in_title", "phrases", "before", "after")
"""What is counted of each block: telling words; of them those in other blocks of the page, in other
blocks of the top element, and in the page's title; phrases, and those that earlier and that later
blocks have, too."""


class Topic(NamedTuple):
    """`COUNTS` of each block, (len(COUNTS), b), and the title's telling words, each once."""

    counts: Numbers
    title_words: int

    def of(self, name: str) -> Numbers:
        """(b,) one of `COUNTS`."""
        row: Numbers = self.counts[COUNTS.index(name)]
        return row


def find_topic(c: Context) -> Topic:
    """Compare the words of all blocks."""
    words = c.word_list
    title = read_words(c.metadata.og_title or c.metadata.title)
    top = top_region(c).top
    if TOPIC is not None:
        counts = np.empty((len(COUNTS), c.n), NUMBER)
        TOPIC.repeated(words.number, words.hashes, c.words, _BASE, PHRASE, counts)
        title_words = TOPIC.compare(
            words.number,
            words.hashes,
            words.telling.view(np.uint8),
            c.words,
            title.hashes,
            title.telling.view(np.uint8),
            c.table.element,
            top,
            int(c.table.end[top]),
            counts,
        )
        return Topic(counts, title_words)
    block = c.word_block
    phrases = _phrases(words.hashes[words.number], block, c.n)
    wanted = title.hashes[title.telling]
    telling = words.telling[words.number]
    block, hashes = block[telling], words.hashes[words.number[telling]]
    element = c.table.element[block]
    inside = (element >= top) & (element < c.table.end[top])
    anywhere = np.ones(len(hashes), bool)
    found = [
        sums(block, anywhere, c.n),
        sums(block, np.logical_or(*where_else(hashes, block, anywhere)), c.n),
        sums(block, np.logical_or(*where_else(hashes, block, inside)), c.n),
        sums(block, np.isin(hashes, wanted, kind="sort"), c.n),
        *phrases,
    ]
    return Topic(np.array(found).astype(NUMBER), len(wanted))


def _phrases(hashes: Hashes, block: Numbers, n: int) -> tuple[Floats, Floats, Floats]:
    """(b,) each block's phrases, and those that earlier and that later blocks have."""
    size = max(len(hashes) - PHRASE + 1, 0)
    phrases = np.zeros(size, np.uint64)
    for offset in range(PHRASE):
        phrases = phrases * np.uint64(_BASE) + hashes[offset : offset + size]
    whole = block[:size] == block[len(block) - size :]  # no phrase runs on from block to block
    owner = block[:size][whole]
    all_of_them = np.ones(len(owner), bool)
    before, after = where_else(phrases[whole], owner, all_of_them)
    return sums(owner, all_of_them, n), sums(owner, before, n), sums(owner, after, n)


def topic(c: Context) -> Topic:
    """`find_topic`, once a page."""
    return c.shared("topic", find_topic)


def _share(part: str, whole: str) -> Callable[[Context], Floats]:
    return lambda c: ratio(topic(c).of(part), topic(c).of(whole))


def _title_found(c: Context) -> Floats:
    return np.minimum(topic(c).of("in_title") / max(topic(c).title_words, 1), 1.0)


FEATURES: Final = (
    Feature(
        "topic_page",
        "topic",
        _share("in_page", "telling"),
        "Share of its longer words that other blocks have.",
    ),
    Feature(
        "topic_region",
        "topic",
        _share("in_region", "telling"),
        "Share of its longer words that other blocks of the top element have.",
    ),
    Feature(
        "topic_title",
        "topic",
        _share("in_title", "telling"),
        "Share of its longer words that the page's title has.",
    ),
    Feature("title_found", "topic", _title_found, "Share of the title's words in it."),
    Feature(
        "repeated_before",
        "topic",
        _share("before", "phrases"),
        "Share of its phrases that an earlier block has.",
    ),
    Feature(
        "repeated_after",
        "topic",
        _share("after", "phrases"),
        "Share of its phrases that a later block has.",
    ),
)


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """`FEATURES` by the compiled code; see `detector.features.rows.Fill`."""
    if TOPIC is None:
        return False
    found = topic(c)
    TOPIC.write(found.counts, found.title_words, matrix, first, start)
    return True
