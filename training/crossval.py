"""Pages as models give them that saw no page of their registered domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from training.consent.leak import Opinion
from training.corpora import LabelledPage
from training.crossfit import cross_predict, fold_of_pages
from training.dataset import PageRows
from training.fit import Rows, page_weight
from training.scoring import cut_of_each, page_f1, text_of
from training.train import build_rows


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """A page as models give it that saw no page of its registered domain.

    Attributes:
        page: the page.
        texts: its text, one a seed.
        opinion: what the first seed's model says of it.
    """

    page: LabelledPage
    texts: tuple[str, ...]
    opinion: Opinion

    @property
    def f1(self) -> float:
        """Word F1, a mean over the seeds."""
        return float(np.mean([page_f1(self.page, text) for text in self.texts]))


def cross_validate(
    pages: Sequence[LabelledPage],
    seeds: int,
    consent: Sequence[npt.NDArray[np.bool_]] | None = None,
) -> list[CrossValidated]:
    """Ask of every page models that saw no page of its registered domain.

    The decision of each fold is chosen on the pages of the other folds, with probabilities that
    come from models that had not seen those either.

    Args:
        pages: the pages.
        seeds: how many times they are dealt into folds.
        consent: the blocks of each page that are never content, (b,); None for none.
    """
    rows = Rows(build_rows(pages))
    shown = [
        page if consent is None else _without(page, consent[number])
        for number, page in enumerate(rows.pages)
    ]
    weight = np.array([page_weight(page) for page in rows.pages])
    texts: list[list[str]] = [[] for _ in pages]
    opinions: dict[int, Opinion] = {}
    for seed in range(seeds):
        fold = fold_of_pages(rows, seed)
        predictions = cross_predict(rows, fold, seed)
        cuts = cut_of_each(rows.pages, predictions, weight, fold)
        for page, (prediction, cut) in enumerate(zip(predictions, cuts, strict=True)):
            texts[page].append(text_of(shown[page], prediction, cut))
            opinions.setdefault(page, Opinion(*prediction, cut))
    return [CrossValidated(page, tuple(texts[n]), opinions[n]) for n, page in enumerate(pages)]


def _without(page: PageRows, blocks: npt.NDArray[np.bool_]) -> PageRows:
    """The page as if the blocks held no words."""
    texts = ["" if gone else text for text, gone in zip(page.texts, blocks, strict=True)]
    return replace(page, texts=texts, words=np.where(blocks, 0.0, page.words))
