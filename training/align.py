"""Gold text + a page's blocks -> a label for each block.

Annotators kept a text; which blocks it came from is found by aligning words. A word of the gold is
claimed by one block only, so that the copy of a headline in a list of links stays boilerplate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq

NGRAM: Final = 4
COVERAGE: Final = 0.5
"""Share of its words that a block must find in the gold to be content."""
MOVED_COVERAGE: Final = 0.7
"""The same for a block that stands elsewhere than in the gold's order, in n-grams."""
MOVED_WORDS: Final = 3
MAX_WORK: Final = 600_000_000
"""Largest product of lengths that is aligned; longer pages are aligned in parts of the gold."""

# Han, kana: each character a word, as in the scores for Chinese.
_WORD: Final = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


def words_of(text: str) -> list[str]:
    """Words as alignment compares them: `\\w+` in lower case, CJK characters singly."""
    return _WORD.findall(text.lower())


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand, as `words_of` cuts them."""
    return [found.span() for found in _WORD.finditer(text)]


def align(blocks: Sequence[str], gold: str) -> npt.NDArray[np.float32]:
    """Share of each block's words that the gold holds, as far as no other block claimed them.

    Args:
        blocks: the blocks' texts in document order.
        gold: the text that annotators kept.

    Returns:
        Shares in 0..1, shape (len(blocks),); content are those of at least `COVERAGE`.
    """
    vocabulary: dict[str, int] = {}
    gold_words = [vocabulary.setdefault(word, len(vocabulary)) for word in words_of(gold)]
    unknown = -1
    block_words = [[vocabulary.get(word, unknown) for word in words_of(text)] for text in blocks]
    shares = np.zeros(len(blocks), np.float32)
    if not gold_words:
        return shares
    grams = [set(_ngrams(gold_words, n)) for n in range(1, NGRAM + 1)]
    page: list[int] = []
    owner: list[int] = []
    for number, words in enumerate(block_words):
        for position in _covered(words, grams):
            page.append(words[position])
            owner.append(number)
    claimed = np.zeros(len(gold_words), bool)
    found = np.zeros(len(blocks))
    for page_position, gold_position in _common(page, gold_words):
        found[owner[page_position]] += 1
        claimed[gold_position] = True
    lengths = np.array([len(words) for words in block_words])
    np.divide(found, lengths, out=shares, where=lengths > 0, casting="unsafe")
    _claim_moved(shares, block_words, gold_words, claimed)
    return shares


def _ngrams(words: Sequence[int], n: int) -> list[tuple[int, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def _covered(words: Sequence[int], grams: Sequence[set[tuple[int, ...]]]) -> list[int]:
    """Positions of a block's words that stand in an n-gram of the gold."""
    n = min(NGRAM, len(words))
    if n == 0:
        return []
    covered = np.zeros(len(words), bool)
    for position, gram in enumerate(_ngrams(words, n)):
        if gram in grams[n - 1]:
            covered[position : position + n] = True
    return [int(position) for position in np.flatnonzero(covered)]


def _common(page: Sequence[int], gold: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of positions of a longest common subsequence."""
    if len(page) * len(gold) > MAX_WORK and len(page) > 1:
        # Both halves in order: exact but for what crosses the middle.
        half, cut = len(page) // 2, len(gold) // 2
        left = _common(page[:half], gold[:cut])
        right = _common(page[half:], gold[cut:])
        return left + [(p + half, g + cut) for p, g in right]
    pairs: list[tuple[int, int]] = []
    for block in LCSseq.opcodes(page, gold).as_matching_blocks() if page else ():
        pairs.extend((block.a + i, block.b + i) for i in range(block.size))
    return pairs


def _claim_moved(
    shares: npt.NDArray[np.float32],
    block_words: Sequence[Sequence[int]],
    gold: Sequence[int],
    claimed: npt.NDArray[np.bool_],
) -> None:
    """Let blocks out of the gold's order claim what is left of it."""
    free: Counter[tuple[int, ...]] = Counter()
    for n in range(min(MOVED_WORDS, NGRAM), NGRAM + 1):
        for position, gram in enumerate(_ngrams(gold, n)):
            if not claimed[position : position + n].any():
                free[gram] += 1
    for number, words in enumerate(block_words):
        if shares[number] >= COVERAGE or len(words) < MOVED_WORDS:
            continue
        grams = _ngrams(words, min(NGRAM, len(words)))
        hits = [gram for gram in grams if free[gram] > 0]
        if len(hits) >= MOVED_COVERAGE * len(grams):
            shares[number] = max(shares[number], len(hits) / len(grams))
            free.subtract(hits)
