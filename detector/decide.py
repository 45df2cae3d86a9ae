"""Probabilities -> which blocks are content: a cut of its own for each page.

The model's probabilities are calibrated, so what F1 any set of blocks would score in expectation
can be reckoned, and the best set taken. It is always a prefix of the blocks in order of
probability (Ye, Chai, Lee, Chieu: Optimizing F-measure, ICML 2012, shows why).
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

Mode = Literal["balanced", "precision", "recall"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

BETA: Final[dict[str, float]] = {"balanced": 1.0, "precision": 0.5, "recall": 2.0}
"""How much more recall weighs than precision: the beta of the F measure that is maximised."""


def choose(
    probability: npt.NDArray[np.float64],
    words: npt.NDArray[np.float64],
    *,
    article: float = 0.0,
    caution: float = 0.0,
    least_words: float,
    mode: Mode = "balanced",
) -> npt.NDArray[np.bool_]:
    """Which blocks are content.

    Args:
        probability: of each block's being content, shape (n_blocks,).
        words: of each block, (n_blocks,).
        article: probability that the page is an article.
        caution: how much less recall weighs on articles, 0..1. What is in doubt there is one thing,
            such as the comments or a second story, and stands or falls as a whole, which blocks
            taken as independent do not show.
        least_words: a page of which fewer words are expected to be content, and less than half
            of all, has none: a shell that waits for scripts, a block notice. Not so in `recall`.

    Returns:
        bool, (n_blocks,).
    """
    if not len(probability):
        return np.zeros(0, bool)
    weight = BETA[mode] ** 2 * (1 - caution * article)
    order = np.argsort(-probability, kind="stable")
    kept = words[order]
    expected = probability[order] * kept
    total = expected.sum()
    if mode != "recall" and total < min(least_words, kept.sum() / 2):
        return np.zeros(len(probability), bool)
    score = (1 + weight) * np.cumsum(expected) / (np.cumsum(kept) + weight * total + 1e-9)
    threshold = float(probability[order[int(score.argmax())]])
    chosen: npt.NDArray[np.bool_] = probability >= threshold
    return chosen
