"""Quantities of a text's blocks that several features share, each computed once a text.

Notation of shapes: `b` blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.chars import CLASSES, CODE, N_CLASSES, classify, code_points
from detector.features.context import ratio
from detector.lazy import cached_property
from detector.lexicon import ROLES, load_matcher
from detector.lexicon.cues import CUE_ROLES, load_cue_matcher
from detector.words import multipliers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LONG_WORDS: Final = 20
"""Words from which a block counts as running text."""
LABEL_WORDS: Final = 8
"""Most words of a block that may be the label of a control."""
TOPIC_CHARS: Final = 5
"""Characters from which a word counts as one that says what a text is about."""
GAP: Final = 2
"""Most blocks without consent words inside one run of consent evidence."""
WIDE_GAP: Final = 12
"""The same, of wide runs."""
EVIDENCE: Final = tuple(
    ROLES.index(role)
    for role in ("topic", "purpose", "accept_all", "reject_all", "save", "settings", "law")
)
"""Roles of the lexicon whose strong terms say consent by themselves."""

CONTROLS: Final = tuple(
    ROLES.index(role) for role in ("accept_all", "reject_all", "save", "settings")
)
"""Roles that say what a control does."""

_SHORT: Final = np.array([CODE[name] for name in CLASSES if name not in ("space", "symbol")])
_DENSE: Final = np.array([CODE["han"], CODE["kana"], CODE["brahmic"]])
_MIX: Final = multipliers(11, 64)


def shift(values: Floats, by: int) -> Floats:
    """The values of the block that stands `by` further; 0 beyond the ends."""
    moved = np.zeros_like(values)
    if by > 0:
        moved[:-by] = values[by:]
    elif by < 0:
        moved[-by:] = values[:by]
    return moved


def window(values: Floats, radius: int) -> Floats:
    """Sum over the block and `radius` blocks on either side."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    high = np.minimum(at + radius + 1, len(values))
    return total[high] - total[np.maximum(at - radius, 0)]


def distance(marked: npt.NDArray[np.bool_], far: float = 50.0) -> tuple[Floats, Floats]:
    """Blocks back to the nearest marked one before, and on to the nearest after; at most `far`."""
    at = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, at, -1))
    before = np.concatenate(([-1], last[:-1]))
    following = np.minimum.accumulate(np.where(marked, at, 10**9)[::-1])[::-1]
    after = np.concatenate((following[1:], [10**9]))
    back = np.where(before < 0, far, at - before)
    return np.minimum(back, far).astype(np.float64), np.minimum(after - at, far).astype(np.float64)


class TextContext:
    """One text's blocks.

    Args:
        texts: the blocks' texts, at least one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.n = len(texts)
        self._lines = [" ".join(text.split()) for text in texts]
        self._joined = "\n".join(self._lines)
        lengths = np.array([len(line) + 1 for line in self._lines], np.int64)
        self.start: Ints = np.concatenate(([0], np.cumsum(lengths)))
        codes = code_points(self._joined + "\n")
        self._codes = codes
        self._classes, self._word_starts = classify(codes)
        self.at = np.arange(self.n, dtype=np.float64)

    def sum(self, marked: npt.NDArray[np.generic]) -> Floats:
        """(b,) sum of a quantity of characters over each block."""
        total = np.concatenate(([0.0], np.cumsum(marked, dtype=np.float64)))
        return np.diff(total[self.start])

    # --- shape ----------------------------------------------------------------------------------

    @cached_property
    def _counts(self) -> Ints:
        owner = np.repeat(np.arange(self.n, dtype=np.int64) * N_CLASSES, np.diff(self.start))
        counts = np.bincount(owner + self._classes, minlength=self.n * N_CLASSES)
        return counts.reshape(self.n, N_CLASSES)

    def count(self, *names: str) -> Floats:
        """(b,) characters of classes of `detector.chars.CLASSES`."""
        return np.asarray(
            self._counts[:, [CODE[name] for name in names]].sum(axis=1).astype(np.float64),
            np.float64,
        )

    def occurrences(self, *characters: str) -> Floats:
        """(b,) how often characters stand in each block."""
        return self.sum(np.isin(self._codes, [ord(character) for character in characters]))

    @cached_property
    def chars(self) -> Floats:
        """(b,) characters that show."""
        return np.asarray(self._counts.sum(axis=1) - self.count("space"), np.float64)

    @cached_property
    def words(self) -> Floats:
        return self.sum(self._word_starts)

    @cached_property
    def long(self) -> npt.NDArray[np.bool_]:
        """(b,) whether the block is running text: many words, and a sentence mark in it."""
        return (self.words >= LONG_WORDS) & (self.count("terminal") > 0)

    @cached_property
    def glued(self) -> Floats:
        """(b,) places where a capital follows a small letter: labels set without a space."""
        classes = self._classes
        inside = np.zeros(len(classes), bool)
        inside[1:] = (classes[1:] == CODE["upper"]) & (classes[:-1] == CODE["lower"])
        return self.sum(inside)

    @cached_property
    def capitals(self) -> Floats:
        """(b,) words that start with a capital."""
        return self.sum(self._word_starts & (self._classes == CODE["upper"]))

    @cached_property
    def edges(self) -> tuple[Ints, Ints]:
        """(b,) class of the first and of the last character of each block, quotes skipped."""
        last = self.start[1:] - 2
        before = np.maximum(last - 1, self.start[:-1])
        closing = np.isin(self._codes[last], [ord(mark) for mark in "\"')]»”’“」』"])
        first = self._classes[self.start[:-1]].astype(np.int64)
        return first, self._classes[np.where(closing, before, last)].astype(np.int64)

    @cached_property
    def ends_terminal(self) -> Floats:
        return np.asarray(self.edges[1] == CODE["terminal"], np.float64)

    @cached_property
    def last_codes(self) -> npt.NDArray[np.uint32]:
        """(b,) the last character of each block."""
        return self._codes[self.start[1:] - 2]

    # --- words ----------------------------------------------------------------------------------

    @cached_property
    def terms(self) -> Floats:
        """(b, 2 * ROLES) consent terms by role, strong ones first, then weak ones."""
        return load_matcher().counts(self._joined, self.start[:-1]).astype(np.float64)

    @cached_property
    def strong(self) -> Floats:
        """(b,) strong consent terms."""
        return np.asarray(self.terms[:, list(EVIDENCE)].sum(axis=1), np.float64)

    @cached_property
    def weak(self) -> Floats:
        """(b,) weak consent terms."""
        return np.asarray(self.terms[:, len(ROLES) :].sum(axis=1), np.float64)

    @cached_property
    def controls(self) -> Floats:
        """(b,) strong terms of what a banner's controls say."""
        return np.asarray(self.terms[:, list(CONTROLS)].sum(axis=1), np.float64)

    @cached_property
    def options(self) -> Floats:
        """(b,) the same, in blocks that may be nothing but labels: short, or set without spaces."""
        return np.where((self.words <= LABEL_WORDS) | (self.glued > 0), self.controls, 0.0)

    def roles_within(self, radius: int) -> Floats:
        """(b,) how many roles have a strong term within so many blocks.

        A banner says what it is about, what for, and what can be chosen; a text on cookies
        speaks of cookies.
        """
        strong = self.terms[:, : len(ROLES)]
        present = [window(strong[:, number], radius) > 0 for number in range(len(ROLES))]
        return np.asarray(np.sum(present, axis=0, dtype=np.float64), np.float64)

    @cached_property
    def _cue_table(self) -> tuple[Floats, Floats, Floats]:
        counts, starts = np.zeros((self.n, len(CUE_ROLES))), np.zeros((self.n, len(CUE_ROLES)))
        covered = np.zeros(self.n)
        for cue in load_cue_matcher().find(self._joined, self.start[:-1].tolist()):
            counts[cue.block, cue.role] += 1
            starts[cue.block, cue.role] += cue.starts
            covered[cue.block] += cue.size
        return counts, starts, covered

    @property
    def cues(self) -> Floats:
        """(b, CUE_ROLES) cues of each role."""
        return self._cue_table[0]

    @property
    def starting_cues(self) -> Floats:
        """(b, CUE_ROLES) cues that the block starts with."""
        return self._cue_table[1]

    @property
    def cue_chars(self) -> Floats:
        """(b,) characters of each block that its cues cover."""
        return self._cue_table[2]

    @cached_property
    def promos(self) -> Floats:
        """(b,) cues of all roles but bylines."""
        return np.asarray(self.cues[:, : CUE_ROLES.index("byline")].sum(axis=1), np.float64)

    @cached_property
    def copies(self) -> Floats:
        """(b,) blocks of the same letters and digits, case aside, itself included."""
        known: dict[str, int] = {}
        numbers = [known.setdefault(line.casefold(), len(known)) for line in self._lines]
        return np.bincount(numbers)[numbers].astype(np.float64)

    @cached_property
    def topic(self) -> tuple[Floats, Floats]:
        """(b,) of each block's longer words, the share that other blocks have too, and the share
        that other blocks of running text have."""
        starts = np.flatnonzero(self._word_starts)
        plain = np.isin(self._classes, _SHORT) & (self._classes != CODE["punctuation"])
        plain &= ~np.isin(self._classes, [CODE["terminal"], CODE["comma"], CODE["currency"]])
        ends = np.concatenate((starts[1:], [len(self._codes)]))
        breaks = np.flatnonzero(~plain)
        ends = np.minimum(ends, breaks[np.searchsorted(breaks, starts)])
        # Ideographs are words by themselves: pairs of them say more.
        dense = np.isin(self._classes[starts], _DENSE)
        ends = np.where(dense, np.minimum(starts + 2, len(self._codes)), ends)
        kept = (ends - starts >= TOPIC_CHARS) | dense
        starts, ends = starts[kept], ends[kept]
        if not len(starts):
            return np.zeros(self.n), np.zeros(self.n)
        folded = self._codes.astype(np.uint64)
        folded += np.where(self._classes == CODE["upper"], np.uint64(32), np.uint64(0))
        # The first characters tell words apart and let endings differ.
        sizes = np.minimum(ends - starts, TOPIC_CHARS + 1)
        hashes = np.zeros(len(starts), np.uint64)
        for offset in range(TOPIC_CHARS + 1):
            within = offset < sizes
            character = folded[np.minimum(starts + offset, len(folded) - 1)]
            hashes += np.where(within, character * _MIX[offset], np.uint64(0))
        owner = np.searchsorted(self.start, starts, side="right") - 1
        word = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
        _, first = np.unique(owner * (int(word.max()) + 1) + word, return_index=True)
        owner, word = owner[first], word[first]
        total = np.bincount(owner, minlength=self.n)
        shares = []
        for marked in (np.ones(self.n, bool), self.long):
            having = np.bincount(word, marked[owner])
            others = having[word] - marked[owner] > 0
            shares.append(ratio(np.bincount(owner, others, self.n), total))
        return shares[0], shares[1]

    # --- consent runs ---------------------------------------------------------------------------

    @cached_property
    def runs(self) -> dict[str, Floats]:
        """(b,) measures of the run of blocks with consent evidence that each block stands in."""
        return self._runs(GAP)

    @cached_property
    def wide_runs(self) -> dict[str, Floats]:
        """The same of runs that more may interrupt, as a preference centre's tables do."""
        return self._runs(WIDE_GAP)

    def _runs(self, gap: int) -> dict[str, Floats]:
        """A run goes on over at most `gap` blocks without evidence. Zeros outside."""
        names = ("blocks", "terms", "words", "options", "roles", "to_end", "to_start")
        values = {name: np.zeros(self.n) for name in (*names, "density", "share", "elsewhere")}
        marked = np.flatnonzero((self.strong > 0) | (self.weak >= 2))
        if not len(marked):
            return values
        cut = np.flatnonzero(np.diff(marked) > gap + 1)
        first = marked[np.concatenate(([0], cut + 1))]
        last = marked[np.concatenate((cut, [len(marked) - 1]))]
        columns = {"terms": self.strong, "words": self.words, "options": self.options}
        run = np.searchsorted(first, np.arange(self.n), side="right") - 1
        inside = (run >= 0) & (np.arange(self.n) <= last[np.maximum(run, 0)])
        own = run[inside]
        values["blocks"][inside] = (last - first + 1)[own]
        for name, column in columns.items():
            total = np.concatenate(([0.0], np.cumsum(column)))
            values[name][inside] = (total[last + 1] - total[first])[own]
        spoken = np.cumsum(np.vstack((np.zeros(len(ROLES)), self.terms[:, : len(ROLES)])), axis=0)
        values["roles"][inside] = (spoken[last + 1] > spoken[first]).sum(axis=1)[own]
        values["to_end"][inside] = 1.0 / (self.n - last)[own]
        values["to_start"][inside] = 1.0 / (first + 1)[own]
        values["density"] = ratio(values["terms"], values["words"])
        values["share"] = ratio(values["words"], self.words.sum())
        others = self.words.sum() - values["words"]
        values["elsewhere"] = ratio(self.strong.sum() - values["terms"], others)
        return values
