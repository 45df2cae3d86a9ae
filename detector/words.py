"""Words of a text as numbers: a hash of each word's beginning, for all of them at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.chars import (
    CLASSES,
    CODE,
    BoolArray,
    U8Array,
    characters,
    classify,
    code_points,
    tables,
)
from detector.columns import NUMBER, Numbers
from detector.compiled import WORDS
from detector.lazy import cached_property

PREFIX: Final = 6
"""Characters that tell words apart: endings may differ."""
TELLING_CHARS: Final = 5
"""Characters of a word that says what a text is about; of ideographs, pairs do."""

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
"""Of words, characters and blocks: a page may have a million words."""

_IN_WORD: Final = np.isin(
    np.arange(len(CLASSES)),
    [CODE[name] for name in ("digit", "lower", "upper", *CLASSES[CLASSES.index("greek") :])],
)
_DENSE: Final = np.isin(np.arange(len(CLASSES)), [CODE["han"], CODE["kana"]])


def multipliers(seed: int, count: int) -> Hashes:
    """(count,) odd numbers for hashing, the same each time, with all their bits mixed.

    They are those of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), which numpy.random, slow to
    import, has not.

    >>> [hex(number) for number in multipliers(0, 2).tolist()]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f5']
    """
    state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
        0x9E3779B97F4A7C15
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    return state ^ (state >> np.uint64(31)) | np.uint64(1)


_MIX: Final = multipliers(5, PREFIX)


def first_alike(hashes: Hashes) -> Numbers:
    """(n,) number of the first entry that has the same hash as each.

    >>> first_alike(np.array([7, 5, 7, 5, 6], np.uint64)).tolist()
    [0, 1, 0, 1, 4]
    """
    if WORDS is not None:
        first = np.empty(len(hashes), NUMBER)
        WORDS.first_alike(hashes, first)
        return first
    _, found, number = np.unique(hashes, return_index=True, return_inverse=True)
    return found[number].astype(NUMBER)


class Words(NamedTuple):
    """The words of a text, in order; an ideograph is read together with the next one.

    Attributes:
        number: (w,) which of the distinct words each is, numbered as they come.
        hashes: (d,) of each distinct word's first `PREFIX` characters, in lower case.
        telling: (d,) whether the word is long enough to say what the text is about.
    """

    number: Numbers
    hashes: Hashes
    telling: BoolArray


@functools.cache
def _folded() -> Codes:
    """What each character of the basic plane counts as in a word; 0 for what ends one."""
    known = characters()
    cased = known.upper | known.title
    lower = np.where(cased, known.lower, np.arange(0x10000, dtype=np.uint16))
    return np.where(_IN_WORD[tables()[0]], lower, np.uint16(0)).astype(np.uint32)


def words_of(codes: Codes, classes: U8Array, word_starts: BoolArray) -> Words:
    """Read the words off a text's characters.

    Args:
        codes: code points, shape (n,).
        classes, word_starts: what `detector.chars.classify` says of them.
    """
    return _with_places(codes, classes, word_starts)[0]


def word_texts(text: str) -> list[str]:
    """(d,) what the hashes of a text's distinct words are of.

    >>> word_texts("Following us, who follow 東京都")
    ['follow', 'us', 'who', '東京', '京都', '都']
    """
    codes = code_points(text)
    _, start, size = _with_places(codes, *classify(codes))
    places = zip(start.tolist(), size.tolist(), strict=True)
    return [text[at : at + n].lower() for at, n in places]


def _with_places(
    codes: Codes, classes: U8Array, word_starts: BoolArray
) -> tuple[Words, Numbers, U8Array]:
    """The words, and where the first of each starts, (d,), and characters that its hash is of."""
    start = np.flatnonzero(word_starts).astype(NUMBER)
    dense_there = np.zeros(len(codes) + PREFIX, bool)
    dense_there[: len(codes)] = _DENSE[classes]
    dense = dense_there[start]
    folded = np.zeros(len(codes) + PREFIX, np.uint32)
    beyond = np.where(classes == CODE["han"], codes, np.uint32(0))
    folded[: len(codes)] = np.where(codes > 0xFFFF, beyond, _folded()[np.minimum(codes, 0xFFFF)])
    hashes = np.zeros(len(start), np.uint64)
    size = np.zeros(len(start), np.uint8)
    inside = np.ones(len(start), bool)
    for offset in range(PREFIX):
        character = folded[start + offset]
        inside &= (character != 0) & (dense_there[start + offset] == dense)
        if offset == 2:
            inside &= ~dense
        hashes += np.where(inside, character * _MIX[offset], np.uint64(0))
        size += inside
    telling = (size >= TELLING_CHARS) | (dense & (size == 2))
    _, found, number = np.unique(hashes, return_index=True, return_inverse=True)
    order = np.argsort(found)  # as they come
    place = np.empty(len(order), NUMBER)
    place[order] = np.arange(len(order))
    first = found[order]
    return Words(place[number], hashes[first], telling[first]), start[first], size[first]


def read_words(text: str, start: Numbers | None = None) -> Words:
    """The words of a text.

    Args:
        start: (w,) where they start, if that is known, ascending; of others none is read.
    """
    if start is None:
        start = word_starts(text)
    if WORDS is None:
        codes = code_points(text)
        begins = np.zeros(len(codes), bool)
        begins[start] = True
        return words_of(codes, classify(codes)[0], begins)
    n = len(start)
    number, hashes, telling = np.empty(n, NUMBER), np.empty(n, np.uint64), np.empty(n, np.uint8)
    found = WORDS.read(_alphabet(), text, _MIX, start, number, hashes, telling, TELLING_CHARS)
    hashes.resize(found, refcheck=False)  # gives back the rest, which was never written to
    telling.resize(found, refcheck=False)
    return Words(number, hashes, telling.view(bool))


def word_starts(text: str) -> Numbers:
    """(w,) where the words of a text start."""
    if WORDS is None:
        return np.flatnonzero(classify(code_points(text))[1]).astype(NUMBER)
    room = np.empty(len(text) + 1, NUMBER)
    return room[: WORDS.starts(_alphabet(), text, room)]


@functools.cache
def _alphabet() -> Any:
    """The tables of the compiled reading."""
    assert WORDS is not None
    return WORDS.Alphabet(tables()[1], _folded())


def where_else(
    hashes: Hashes, group: Numbers | npt.NDArray[np.int64], among: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Which entries stand in an earlier group, too, and which in a later one.

    Args:
        hashes: (w,) the entries; equal ones have equal hashes.
        group: (w,) the number of the group, such as the block, of each; ascending.
        among: (w,) the entries that count as standing there.
    """
    ids = np.unique(hashes, return_inverse=True)[1]
    size = int(ids.max(initial=-1)) + 1
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    ids_there, group_there = ids[among], group[among]
    last[ids_there] = group_there  # of several the last one stays
    first[ids_there[::-1]] = group_there[::-1]
    return first[ids] < group, last[ids] > group


class WordScores:
    """Learned scores of words, laid out for looking many up.

    Args:
        text: a text that the words' beginnings stand in, as `word_texts` has them.
        starts: (n,) where they do, ascending.
        scores: (n,) of each.
    """

    def __init__(self, text: str, starts: Numbers, scores: npt.NDArray[np.float64]) -> None:
        words = read_words(text, starts)
        self._keys: Hashes = words.hashes[words.number]
        self._scores = scores

    @classmethod
    def of(cls, scores: Mapping[str, float]) -> WordScores:
        """Scores by the words' beginnings."""
        starts = np.cumsum([0, *(len(word) + 1 for word in scores)])[: len(scores)]
        values = np.fromiter(scores.values(), np.float64, len(scores))
        return cls("\n".join(scores), starts.astype(NUMBER), values)

    @cached_property
    def _compiled(self) -> Any:
        return None if WORDS is None else WORDS.Table(self._keys, self._scores)

    @cached_property
    def _sorted(self) -> tuple[Hashes, npt.NDArray[np.float64]]:
        order = np.argsort(self._keys)
        return self._keys[order], self._scores[order]

    def __getstate__(self) -> dict[str, Any]:
        return {"_keys": self._keys, "_scores": self._scores}

    def look_up(self, words: Words) -> npt.NDArray[np.float64]:
        """(d,) scores of the distinct words; NaN where one is not known."""
        hashes = words.hashes
        if WORDS is not None:
            scores = np.empty(len(hashes))
            self._compiled.look_up(hashes, scores)
            return scores
        keys, scores = self._sorted
        if not len(keys):
            return np.full(len(hashes), np.nan)
        at = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        return np.where(keys[at] == hashes, scores[at], np.nan)
