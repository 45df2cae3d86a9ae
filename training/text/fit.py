"""Labelled texts -> the text models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.page import CONSENT, CONTENT
from detector.text.features import TEXT_COLUMNS, featurise
from detector.text.model import TEXT_CONSENT_FILE, TEXT_CONTENT_FILE
from training.boosting import train_model
from training.text.simulate import LabelledText

PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
}
ROUNDS: Final = 80

MOST_ROWS: Final = {"raw": 60, "paragraphs": 40, "lines": 40, "about": 40, "unread": 60}
"""Most rows of a text that are learned from, drawn at random; see `drawn_rows`."""
LOOK_ALIKE_WEIGHT: Final = 3.0
"""Weight of a block with a strong consent term that is no consent UI."""
LEAST_CONSENT: Final = 2.0
"""Least weight of all of a text's consent UI, so that a notice of a line counts too."""
_STRONG: Final = TEXT_COLUMNS.index("strong")


@dataclass(frozen=True, slots=True)
class TextRows:
    """One text's rows: `matrix` (b, TEXT_COLUMNS), `words` (b,)."""

    source: LabelledText
    matrix: npt.NDArray[np.float32]
    words: npt.NDArray[np.float64]


def text_rows(source: LabelledText) -> TextRows:
    """Featurise one text."""
    matrix = featurise(source.texts)
    words = np.expm1(matrix[:, TEXT_COLUMNS.index("words")].astype(np.float64))
    return TextRows(source, matrix, words)


def drawn_rows(rows: TextRows, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Rows to learn from, and what each weighs.

    Long texts count for more than short ones, but not by their length. All consent UI is taken,
    and all other blocks with consent words: such as a privacy policy's are few and count for more.
    """
    n = len(rows.words)
    most = MOST_ROWS[rows.source.style]
    consent = rows.source.label == CONSENT
    spoken = (rows.matrix[:, _STRONG] > 0) & ~consent
    drawn = np.random.default_rng([seed, n]).permutation(n) < most
    weight = np.full(n, np.sqrt(max(n / most, 1.0)))
    weight[consent] = max(1.0, LEAST_CONSENT / max(consent.sum(), 1))
    weight[spoken] = LOOK_ALIKE_WEIGHT
    kept = np.flatnonzero(drawn | consent | spoken)
    return kept, weight[kept]


def fit_files(rows: Sequence[TextRows], seed: int) -> dict[str, str]:
    """Both text models in LightGBM's text form, by the names of their files."""
    drawn = [(each, *drawn_rows(each, seed)) for each in rows]
    matrix = np.concatenate([each.matrix[kept] for each, kept, _ in drawn])
    label = np.concatenate([each.source.label[kept] for each, kept, _ in drawn])
    weight = np.concatenate([weight for _, _, weight in drawn])
    read = np.concatenate(
        [np.full(len(kept), each.source.style != "unread") for each, kept, _ in drawn]
    )
    rest = read & (label != CONSENT)

    def train(kept: npt.NDArray[np.bool_], positive: int) -> str:
        return train_model(
            matrix[kept],
            label[kept] == positive,
            weight[kept],
            TEXT_COLUMNS,
            PARAMETERS,
            ROUNDS,
            seed,
        )

    return {
        TEXT_CONSENT_FILE: train(np.ones(len(label), bool), CONSENT),
        TEXT_CONTENT_FILE: train(rest, CONTENT),
    }
