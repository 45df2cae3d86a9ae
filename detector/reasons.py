"""Why a block is what it is: the features that spoke for content and against it.

The shares are LightGBM's own (`pred_contrib`: SHAP values of the trees, Lundberg, Erion, Lee:
Consistent individualized feature attribution for tree ensembles, 2018): in log-odds, and with
`base` they add up to those of the block's probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.features import FEATURES
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.model import COLUMNS, Model, block_matrix
from detector.page import Block, Page
from detector.page_types import PAGE_TYPES

DOCS: Final = {
    **{row.name: row.doc for row in FEATURES},
    **{f"type_{name}": f"Probability that the page is of type {name}." for name in PAGE_TYPES},
}
"""What each column of the block model says."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one feature did to one block.

    Attributes:
        feature: its name.
        value: of the feature, on this block.
        weight: log-odds that it added to content's; negative where it spoke against.
        doc: what the feature says.
    """

    feature: str
    value: float
    weight: float
    doc: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a block has its probability.

    Attributes:
        base: log-odds of a block of which nothing is known.
        reasons: every feature that did something, the strongest first.
    """

    base: float
    reasons: tuple[Reason, ...]

    @property
    def probability(self) -> float:
        """What base and reasons add up to: the block's probability."""
        odds = self.base + sum(reason.weight for reason in self.reasons)
        return float(1 / (1 + np.exp(-odds)))


def explain_blocks(model: Model, page: Page, blocks: Sequence[Block]) -> list[Explanation]:
    """Explain some of a page's blocks.

    Args:
        model: that detected the page.
        page: the page.
        blocks: of `page.blocks`.

    Raises:
        DetectorError: LightGBM can't be had; the numpy walker explains nothing.
        ValueError: a block is not the page's, or another model detected the page.
    """
    table = page._table
    context = Context(table, read_metadata(table.elements[0], page.url, table.head), model.names)
    matrix = block_matrix(context, model.type_probabilities(context))[_numbers(page, blocks)]
    found = model.content.contributions(matrix)
    explained = [_explanation(row, shares) for row, shares in zip(matrix, found, strict=True)]
    for block, explanation in zip(blocks, explained, strict=True):
        if abs(explanation.probability - block.probability) > 1e-3:
            raise ValueError("the page was detected with another model than the one that explains")
    return explained


def _numbers(page: Page, blocks: Sequence[Block]) -> npt.NDArray[np.int64]:
    """The blocks' numbers in the page's table."""
    places = {id(block): place for place, block in enumerate(page.blocks)}
    if any(id(block) not in places for block in blocks):
        raise ValueError("a block is not one of the page's")
    shown = np.flatnonzero(page._words > 0)
    return shown[np.array([places[id(block)] for block in blocks], np.int64)]


def _explanation(values: npt.NDArray[np.float32], shares: npt.NDArray[np.float64]) -> Explanation:
    order = np.argsort(-np.abs(shares[:-1]), kind="stable")
    reasons = (
        Reason(COLUMNS[column], float(values[column]), float(shares[column]), DOCS[COLUMNS[column]])
        for column in order.tolist()
        if shares[column]
    )
    return Explanation(float(shares[-1]), tuple(reasons))
