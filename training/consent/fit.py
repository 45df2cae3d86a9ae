"""Rows -> the consent models: roots, then buttons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.consent.buttons import BUTTON_COLUMNS, ROLES
from detector.consent.controls import LINK_FACTS, UNREAD
from detector.consent.features import FEATURES
from training.boosting import train_model
from training.consent.buttons import ButtonRows
from training.consent.graft import GRAFTED
from training.consent.labels import ConsentPage
from training.consent.rows import RootRows

ROOT_PARAMETERS: Final[dict[str, Any]] = {
    "objective": "multiclass",
    "num_class": 4,
    "learning_rate": 0.08,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 63,
}
ROOT_ROUNDS: Final = 180
ROOT_COLUMNS: Final = tuple(feature.name for feature in FEATURES)

TOOL_PAGES: Final = 12.0
"""What the snapshots of one tool weigh together, in real pages; fewer weigh their number."""

_NAMES: Final = ("own_named", "above_named", "named_inside", "named_share", "named_strong")
_TERMS: Final = (
    *(
        name
        for name in ROOT_COLUMNS
        if name.endswith("_strong") and name not in ("named_strong", "page_strong")
    ),
    *("density", "roles", "strong_share", "parent_terms", "parent_density", "page_strong"),
)
# Tools and languages that nobody has met yet have other names and other words: the model also
# learns from the same pages with one kind of evidence taken away, and with both. What is left then
# are whole labels of controls, switches and place.
_BLINDS: Final = (_NAMES, _TERMS, (*_NAMES, *_TERMS))
BLIND_WEIGHT: Final = 0.25

GRAFT_WEIGHT: Final = 0.5
"""What a made page weighs, in real pages."""

LINKLESS: Final = 0.3
"""Share of real pages that are learned from without their links' addresses."""


def page_weights(pages: Sequence[RootRows]) -> npt.NDArray[np.float64]:
    """Weight of each page: snapshots by tool, so that no tool outweighs the others."""
    tools = Counter(row.page.site for row in pages if row.page.set == "rendered")

    def weight(page: ConsentPage) -> float:
        if page.set == "rendered":
            return min(1.0, TOOL_PAGES / tools[page.site])
        return GRAFT_WEIGHT if page.set == GRAFTED else 1.0

    return np.array([weight(row.page) for row in pages])


def fit_roots(pages: Sequence[RootRows], seed: int) -> str:
    """A root model from the pages' rows, in LightGBM's text form."""
    weight = np.repeat(page_weights(pages), [len(row.matrix) for row in pages])
    target = np.concatenate([row.target for row in pages])
    matrix = np.concatenate(_without_some_links(pages, seed))
    parts = [(matrix, weight)]
    for columns in _BLINDS:
        blind = matrix.copy()
        blind[:, [ROOT_COLUMNS.index(name) for name in columns]] = 0.0
        parts.append((blind, weight * BLIND_WEIGHT))
    used = target >= 0
    return train_model(
        np.concatenate([rows[used] for rows, _ in parts]),
        np.concatenate([target[used] for _ in parts]),
        np.concatenate([weights[used] for _, weights in parts]),
        ROOT_COLUMNS,
        ROOT_PARAMETERS,
        ROOT_ROUNDS,
        seed,
    )


def _without_some_links(pages: Sequence[RootRows], seed: int) -> list[npt.NDArray[np.float32]]:
    """The pages' matrices, link facts blanked on some real pages.

    Snapshots have none, and must not be told from real pages by it.
    """
    columns = [ROOT_COLUMNS.index(name) for name in LINK_FACTS]
    drawn = np.random.default_rng(seed).random(len(pages)) < LINKLESS
    matrices = []
    for row, blank in zip(pages, drawn, strict=True):
        matrix = row.matrix
        if blank:
            matrix = matrix.copy()
            matrix[:, columns] = UNREAD
        matrices.append(matrix)
    return matrices


BUTTON_PARAMETERS: Final[dict[str, Any]] = {
    "objective": "multiclass",
    "num_class": len(ROLES) + 1,
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 63,
}
BUTTON_ROUNDS: Final = 80

# In a language that the lexicon lacks, names and place have to tell.
_SAID: Final = [
    number
    for number, name in enumerate(BUTTON_COLUMNS)
    if name == "label_margin"
    or name in {f"{said}_{role}" for said in ("label", "hint") for role in ROLES}
]
SILENT_WEIGHT: Final = 0.1
"""What a control weighs beside itself, with what the lexicon says of its label taken away."""


def fit_buttons(pages: Sequence[ButtonRows], seed: int) -> str:
    """A button model from labelled roots' controls, in LightGBM's text form."""
    tools = Counter(row.page.site for row in pages if row.page.set == "rendered")
    weights = [
        np.full(
            len(row.target),
            min(1.0, TOOL_PAGES / tools[row.page.site]) if row.page.set == "rendered" else 1.0,
        )
        for row in pages
    ]
    matrix = np.concatenate([row.matrix for row in pages])
    target = np.concatenate([row.target for row in pages])
    weight = np.concatenate(weights)
    silent = matrix.copy()
    silent[:, _SAID] = 0.0
    return train_model(
        np.concatenate((matrix, silent)),
        np.concatenate((target, target)),
        np.concatenate((weight, weight * SILENT_WEIGHT)),
        BUTTON_COLUMNS,
        BUTTON_PARAMETERS,
        BUTTON_ROUNDS,
        seed,
    )
