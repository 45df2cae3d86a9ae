"""Consent words that are left in the text, when the content model has been asked too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.decide import Cut, choose
from detector.features.context import Context
from detector.model import Model
from training.align import words_of
from training.consent.labels import ConsentPage

LEAK_WORDS: Final = 5
"""Consecutive words of a root that count as left in the text."""


class Opinion(NamedTuple):
    """What a content model that never saw a page's site says of it: the probability of each block,
    shape (b,), those of the page's types, (len(PAGE_TYPES),), and what it says of the cut."""

    probability: npt.NDArray[np.float64]
    types: npt.NDArray[np.float64]
    cut: Cut


class Contents:
    """Content models' opinions of pages that they were not trained on.

    Args:
        known: cross-validated, by the page's id.
        model: what is asked of all other pages: of sets that it was not trained on.
    """

    def __init__(self, known: Mapping[str, Opinion], model: Model) -> None:
        self._known = known
        self._model = model

    def opinion(self, page: ConsentPage, context: Context) -> Opinion:
        """What is said of a page."""
        return self._known.get(page.id) or self._ask(context)

    def _ask(self, context: Context) -> Opinion:
        model = self._model
        named = context.with_names(model.names)
        types = model.type_probabilities(named)
        return Opinion(
            model.probabilities(named, types),
            types[0],
            model.cut,
        )


def text_of(opinion: Opinion, context: Context, consent: npt.NDArray[np.bool_]) -> str:
    """The page's text as `detect` would give it, with these blocks taken for consent UI."""
    chosen = ~consent & choose(
        opinion.probability,
        np.where(consent, 0.0, context.words),
        opinion.types,
        opinion.cut,
    )
    return "\n\n".join(context.table.block_text(int(b)) for b in np.flatnonzero(chosen))


def leaks(text: str, roots: Iterable[str]) -> bool:
    """Whether as many as `LEAK_WORDS` consecutive words of a root's text stand in a text.

    >>> leaks("Rain. We use cookies to count visits, said he.", ["We use cookies to count"])
    True
    """
    kept = _runs(words_of(text))
    return any(not kept.isdisjoint(_runs(words_of(root))) for root in roots)


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + LEAK_WORDS]) for at in range(len(words) - LEAK_WORDS + 1)}
