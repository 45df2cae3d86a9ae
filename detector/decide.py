"""Probabilities -> which blocks are content: a cut of its own for each page.

The model's probabilities are calibrated, so what F1 any set of blocks would score in expectation
can be reckoned, and the best set taken. It is always a prefix of the blocks in order of
probability (Ye, Chai, Lee, Chieu: Optimizing F-measure, ICML 2012, shows why). Nothing is sorted:
a block raises the score of a set if its probability is more than a share of that score, so the
blocks that do are taken, the score of these is reckoned, and so on until it rises no more
(Dinkelbach: On nonlinear fractional programming, 1967).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from detector.columns import Numbers
from detector.compiled import DECIDE
from detector.page_types import PAGE_TYPES

Mode = Literal["balanced", "precision", "recall"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

_ARTICLE: Final = PAGE_TYPES.index("article")
_LISTS: Final = [PAGE_TYPES.index(name) for name in ("collection", "listing")]

BETA: Final[dict[str, float]] = {"balanced": 1.0, "precision": 0.5, "recall": 2.0}
"""How much more recall weighs than precision: the beta of the F measure that is maximised."""


class Cut(NamedTuple):
    """What is learned about the cut, on pages that the models had not seen.

    Blocks are not independent, as reckoning the F1 takes them to be: what is in doubt on a page is
    often one thing that stands or falls as a whole, and what it is depends on the type of page.

    Attributes:
        caution: how much less recall weighs on articles, 0..1. There it is the comments, or a
            second story.
        eagerness: how much more it weighs on collections and listings. There it is the records
            that are most of the page.
        least_words: a page of which fewer words are expected to be content, and less than half
            of all, has none: a shell that waits for scripts, a block notice. Not so in `recall`.
    """

    caution: float = 0.0
    eagerness: float = 0.0
    least_words: float = 0.0

    def recall_weight(self, types: npt.NDArray[np.float64]) -> float:
        """How much recall weighs beside precision on a page of such probable types.

        Args:
            types: probabilities of `PAGE_TYPES`, shape (len(PAGE_TYPES),).
        """
        lists = sum(float(types[number]) for number in _LISTS)
        return 1.0 - self.caution * float(types[_ARTICLE]) + self.eagerness * lists


def choose(
    probability: npt.NDArray[np.float64],
    words: npt.NDArray[np.float64] | Numbers,
    types: npt.NDArray[np.float64],
    cut: Cut,
    *,
    mode: Mode = "balanced",
) -> npt.NDArray[np.bool_]:
    """Which blocks are content.

    Args:
        probability: of each block's being content, shape (n_blocks,).
        words: of each block, (n_blocks,).
        types: probabilities of the page's types, (len(PAGE_TYPES),).
        cut: what the bundle says of the cut.

    Returns:
        bool, (n_blocks,).
    """
    if not len(probability):
        return np.zeros(0, bool)
    weight = BETA[mode] ** 2 * cut.recall_weight(types)
    least_words = 0.0 if mode == "recall" else cut.least_words
    chosen: npt.NDArray[np.bool_]
    if DECIDE is not None:
        chosen = np.empty(len(probability), bool)
        columns = (np.ascontiguousarray(column, np.float64) for column in (probability, words))
        DECIDE.choose(*columns, weight, least_words, chosen.view(np.uint8))
        return chosen
    expected = probability * words
    total = float(expected.sum())
    if total < min(least_words, float(words.sum()) / 2):
        return np.zeros(len(probability), bool)
    best, score, likely = 0.0, -1.0, np.ones(len(probability), bool)
    while score != best:
        score = best
        likely = (1 + weight) * probability > score
        found, kept = float(expected[likely].sum()), float(words[likely].sum())
        best = max(score, (1 + weight) * found / (kept + weight * total + 1e-9))
    likely &= words > 0
    threshold = probability[likely].min() if likely.any() else probability.max()
    chosen = probability >= threshold
    return chosen
