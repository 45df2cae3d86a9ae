"""What a block's words have in common with the rest of the page, in any language.

A story and its comments speak of one thing, teasers of other stories do not; a second copy of a
text repeats whole phrases of the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.features.context import Bools, Context, Floats, Ints, ratio, sums
from detector.features.region import top_region
from detector.features.rows import Feature
from detector.words import Hashes, read_words

PHRASE: Final = 4
"""Words of a phrase."""
_BASE: Final = np.uint64(0x100000001B3)  # of the phrases' hashes: odd, and large


def _where_else(ids: Ints, block: Ints, among: Bools) -> tuple[Bools, Bools]:
    """Which entries stand in an earlier block, too, and which in a later one.

    Args:
        ids: (w,) the same number for the same words.
        block: (w,) the block of each, ascending.
        among: (w,) the entries that count as standing there.
    """
    first = np.full(int(ids.max(initial=-1)) + 1, len(block) and block[-1] + 1)
    last = np.full(len(first), -1)
    ids_there, block_there = ids[among], block[among]
    last[ids_there] = block_there  # of several the last one stays
    first[ids_there[::-1]] = block_there[::-1]
    return first[ids] < block, last[ids] > block


@dataclass(frozen=True, slots=True)
class Topic:
    """(b,) each: telling words; of them those in other blocks of the page, in other blocks of the
    top element, and in the page's title; shares of phrases that stand before and after, too."""

    telling: Floats
    in_page: Floats
    in_region: Floats
    in_title: Floats
    title_found: Floats
    before: Floats
    after: Floats


def find_topic(c: Context) -> Topic:
    """Compare the words of all blocks."""
    words, owner = c.word_list, c.word_block
    block = owner[words.telling]
    title = read_words(c.metadata.og_title or c.metadata.title)
    wanted = np.unique(title.hashes[title.telling])
    hashes = np.concatenate((wanted, words.hashes[words.telling]))
    numbers = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
    ids = numbers[len(wanted) :]
    titled = np.zeros(len(hashes), bool)
    titled[numbers[: len(wanted)]] = True
    top = top_region(c).top
    element = c.table.element[block]
    inside = (element >= top) & (element < c.table.end[top])
    in_title = sums(block, titled[ids], c.n)
    before, after = _repeated_phrases(words.hashes, owner, c.n)
    return Topic(
        telling=sums(block, np.ones(len(block)), c.n),
        in_page=sums(block, np.logical_or(*_where_else(ids, block, np.ones_like(inside))), c.n),
        in_region=sums(block, np.logical_or(*_where_else(ids, block, inside)), c.n),
        in_title=in_title,
        title_found=np.minimum(in_title / max(len(wanted), 1), 1.0),
        before=before,
        after=after,
    )


def _repeated_phrases(hashes: Hashes, block: Ints, n: int) -> tuple[Floats, Floats]:
    """(b,) shares of each block's phrases that an earlier and that a later block has."""
    size = max(len(hashes) - PHRASE + 1, 0)
    phrases = np.zeros(size, np.uint64)
    for offset in range(PHRASE):
        phrases = phrases * _BASE + hashes[offset : offset + size]
    whole = block[:size] == block[len(block) - size :]  # no phrase runs on from block to block
    owner = block[:size][whole]
    ids = np.unique(phrases[whole], return_inverse=True)[1].astype(np.int64)
    count = sums(owner, np.ones(len(owner)), n)
    before, after = _where_else(ids, owner, np.ones(len(owner), bool))
    return ratio(sums(owner, before, n), count), ratio(sums(owner, after, n), count)


def topic(c: Context) -> Topic:
    """`find_topic`, once a page."""
    return c.shared("topic", find_topic)


FEATURES: Final = (
    Feature(
        "topic_page",
        "topic",
        lambda c: ratio(topic(c).in_page, topic(c).telling),
        "Share of its longer words that other blocks have.",
    ),
    Feature(
        "topic_region",
        "topic",
        lambda c: ratio(topic(c).in_region, topic(c).telling),
        "Share of them that other blocks of the top element have.",
    ),
    Feature(
        "topic_title",
        "topic",
        lambda c: ratio(topic(c).in_title, topic(c).telling),
        "Share of them that the page's title has.",
    ),
    Feature(
        "title_found", "topic", lambda c: topic(c).title_found, "Share of the title's words in it."
    ),
    Feature(
        "repeated_before",
        "topic",
        lambda c: topic(c).before,
        "Share of its phrases that an earlier block has.",
    ),
    Feature(
        "repeated_after",
        "topic",
        lambda c: topic(c).after,
        "Share of its phrases that a later block has.",
    ),
)
