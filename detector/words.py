"""Words of a text as numbers: a hash of each word's beginning, for all of them at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.chars import CLASSES, CODE, BoolArray, U8Array, classify

PREFIX: Final = 6
"""Characters that tell words apart: endings may differ."""
TELLING_CHARS: Final = 5
"""Characters of a word that says what a text is about; of ideographs, pairs do."""

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]

_IN_WORD: Final = np.isin(
    np.arange(len(CLASSES)),
    [CODE[name] for name in ("digit", "lower", "upper", *CLASSES[CLASSES.index("greek") :])],
)
_DENSE: Final = np.isin(np.arange(len(CLASSES)), [CODE["han"], CODE["kana"]])
_MIX: Final = np.random.default_rng(5).integers(1, 2**63, PREFIX, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order; an ideograph is read together with the next one.

    Attributes:
        hashes: (w,) of each word's first `PREFIX` characters, in lower case.
        start: (w,) where each word starts in the text.
        size: (w,) characters that the hash is of.
        telling: (w,) whether the word is long enough to say what the text is about.
    """

    hashes: Hashes
    start: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    telling: BoolArray

    def texts(self, text: str, which: npt.NDArray[np.int64]) -> list[str]:
        """What the hashes of some of the words are of; `text` is the text that they stand in.

        >>> text = "Following us, 東京都"
        >>> words = read_words(text)
        >>> words.texts(text, np.arange(5))
        ['follow', 'us', '東京', '京都', '都']
        """
        start, size = self.start[which].tolist(), self.size[which].tolist()
        return [text[at : at + n].lower() for at, n in zip(start, size, strict=True)]


@functools.cache
def _lower() -> Codes:
    """The lower case of each character of the basic plane."""
    lower = (chr(code).lower() for code in range(0x10000))
    return np.fromiter((ord(char[0]) for char in lower), np.uint32, 0x10000)


def words_of(codes: Codes, classes: U8Array, word_starts: BoolArray) -> Words:
    """Read the words off a text's characters.

    Args:
        codes: code points, shape (n,).
        classes, word_starts: what `detector.chars.classify` says of them.
    """
    start = np.flatnonzero(word_starts)
    folded = np.zeros(len(codes) + PREFIX, np.uint32)
    folded[: len(codes)] = np.where(_IN_WORD[classes], _lower()[np.minimum(codes, 0xFFFF)], 0)
    dense = _DENSE[classes[start]]
    hashes = np.zeros(len(start), np.uint64)
    size = np.zeros(len(start), np.int64)
    inside = np.ones(len(start), bool)
    for offset in range(PREFIX):
        character = folded[start + offset]
        inside &= character != 0
        if offset == 2:
            inside &= ~dense
        hashes += np.where(inside, character * _MIX[offset], np.uint64(0))
        size += inside
    return Words(hashes, start, size, (size >= TELLING_CHARS) | (dense & (size == 2)))


def read_words(text: str) -> Words:
    """The words of a text."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    return words_of(codes, *classify(codes))


class WordScores:
    """Learned scores of words, laid out for looking many up.

    Args:
        scores: by a word's beginning, as `Words.texts` has it.
    """

    def __init__(self, scores: Mapping[str, float]) -> None:
        text = "\n".join(scores)
        words = read_words(text)
        # Of what the tokenizer takes apart, such as an ideograph pair, the first word counts.
        starts = np.cumsum([0, *(len(word) + 1 for word in scores)])[: len(scores)]
        first = np.searchsorted(words.start, starts)
        order = np.argsort(words.hashes[first])
        self._keys: Hashes = words.hashes[first][order]
        self._scores = np.fromiter(scores.values(), np.float64, len(scores))[order]

    def look_up(self, hashes: Hashes) -> npt.NDArray[np.float64]:
        """(w,) scores; NaN where a word is not known."""
        if not len(self._keys):
            return np.full(len(hashes), np.nan)
        at = np.minimum(np.searchsorted(self._keys, hashes), len(self._keys) - 1)
        return np.where(self._keys[at] == hashes, self._scores[at], np.nan)
