"""What a block's words have in common with the rest of the page, in any language.

A story and its comments speak of one thing, teasers of other stories do not; a second copy of a
text repeats whole phrases of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from detector.compiled import TOPIC
from detector.features.context import Context, Floats, ratio, sums
from detector.features.region import top_region
from detector.features.rows import Feature, Matrix
from detector.words import Hashes, Numbers, read_words, where_else

PHRASE: Final = 4
"""Words of a phrase."""
_BASE: Final = 0x100000001B3  # of the phrases' hashes: odd, and large


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
    title = read_words(c.metadata.og_title or c.metadata.title)
    top = top_region(c).top
    if TOPIC is not None:
        counts = np.empty((len(fields(Topic)), c.n))
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
        return Topic(*counts)
    block = owner[words.telling]
    wanted = np.unique(title.hashes[title.telling])
    hashes = words.hashes[words.telling]
    element = c.table.element[block]
    inside = (element >= top) & (element < c.table.end[top])
    in_title = sums(block, np.isin(hashes, wanted, kind="sort"), c.n)
    anywhere = np.ones(len(hashes), bool)
    before, after = _repeated_phrases(words.hashes, owner, c.n)
    return Topic(
        telling=sums(block, np.ones(len(block)), c.n),
        in_page=sums(block, np.logical_or(*where_else(hashes, block, anywhere)), c.n),
        in_region=sums(block, np.logical_or(*where_else(hashes, block, inside)), c.n),
        in_title=in_title,
        title_found=np.minimum(in_title / max(len(wanted), 1), 1.0),
        before=before,
        after=after,
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
        lambda c: ratio(topic(c).in_page, topic(c).telling),
        "Share of its longer words that other blocks have.",
    ),
    Feature(
        "topic_region",
        "topic",
        lambda c: ratio(topic(c).in_region, topic(c).telling),
        "Share of its longer words that other blocks of the top element have.",
    ),
    Feature(
        "topic_title",
        "topic",
        lambda c: ratio(topic(c).in_title, topic(c).telling),
        "Share of its longer words that the page's title has.",
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


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """`FEATURES` by the compiled code; see `detector.features.rows.Fill`."""
    if TOPIC is None:
        return False
    t = topic(c)
    counts = (t.telling, t.in_page, t.in_region, t.in_title)
    TOPIC.write(*counts, t.title_found, t.before, t.after, matrix, first, start)
    return True
