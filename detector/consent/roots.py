"""Evidence -> consent roots: scores of the candidates, then a choice over the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from detector.consent.candidates import Candidates
from detector.consent.evidence import Evidence, gather
from detector.consent.features import featurise
from detector.consent.model import REOPEN, ConsentModel
from detector.features.context import Context

Kind = Literal["banner", "modal", "preferences", "notice", "wall", "reopen"]


LIKELY: Final = 0.5
"""Probability from which a candidate is rather a root than none."""
NEARLY: Final = 0.7
"""Least share of the best probability inside an element with which it stands for all of it."""
CONTENT_SHARE: Final = 0.5
CONTENT_WORDS: Final = 10
"""Share of its words, and words, that the content model expects to be content in an element from
which it holds something else than consent UI. (Of 734 labelled roots none has more than .24; where
a banner is all that a page has, .3 is common.)"""


@dataclass(frozen=True, slots=True)
class FoundRoot:
    """A consent root.

    Attributes:
        element: its number in the block table; its subtree ends at `BlockTable.end[element]`.
        kind: the class that the model gave: banner, preferences or reopen.
        probability: of its being consent UI.
        classes: probabilities of banner, preferences and reopen.
    """

    element: int
    kind: Literal["banner", "preferences", "reopen"]
    probability: float
    classes: tuple[float, float, float]


def choose_roots(
    spans: npt.NDArray[np.int64],
    probabilities: npt.NDArray[np.float64],
    *,
    banner: float,
    reopen: float,
    words: npt.NDArray[np.float64] | None = None,
) -> list[int]:
    """Numbers of the candidates that are roots, none inside another.

    A root is the largest element that holds consent UI and nothing else: of nested candidates that
    are rather than not a banner or a preference centre the outermost is one, unless one inside it
    is much more probable. Of all others the best.

    Args:
        spans: (c, 2) first element of each candidate, and the one after its subtree.
        probabilities: (c, ROOT_CLASSES).
        banner: least probability of being consent UI, for banners and preference centres.
        reopen: the same for re-open controls.
        words: (c, 2) of each candidate, those that are expected to be content and all; without it
            content may be lost.
    """
    score = 1.0 - probabilities[:, 0]
    if words is not None:
        score[_takes_content(spans, score, words)] = 0.0
    best = probabilities[:, 1:].argmax(axis=1) + 1
    least = np.where(best == REOPEN, reopen, banner)
    likely = np.zeros(len(score), bool)
    for number in np.flatnonzero((best != REOPEN) & (score >= LIKELY)).tolist():
        inside = (spans[:, 0] >= spans[number, 0]) & (spans[:, 1] <= spans[number, 1])
        likely[number] = score[number] >= NEARLY * score[inside & (best != REOPEN)].max()
    chosen: list[int] = []
    # Spans are in document order, parents before children: of equal ranks the larger comes first.
    for number in np.argsort(np.where(likely, -2.0, -score), kind="stable").tolist():
        if score[number] >= least[number]:
            start, end = spans[number]
            if all(end <= spans[other, 0] or start >= spans[other, 1] for other in chosen):
                chosen.append(number)
    return chosen


def _takes_content(
    spans: npt.NDArray[np.int64],
    score: npt.NDArray[np.float64],
    words: npt.NDArray[np.float64],
) -> list[int]:
    """Numbers of the candidates that hold content, beside the most probable one inside them."""
    taking: list[int] = []
    inner = score >= LIKELY
    for number in np.flatnonzero(words[:, 0] >= CONTENT_WORDS)[::-1].tolist():
        start, end = spans[number]
        inside = inner & (spans[:, 0] > start) & (spans[:, 1] <= end)
        rest = words[number]
        if inside.any():
            rest = rest - words[np.where(inside, score, -1.0).argmax()]
        if rest[0] >= CONTENT_WORDS and rest[0] > CONTENT_SHARE * rest[1]:
            taking.append(number)
            inner[number] = False
    return taking


def find_roots(
    context: Context,
    model: ConsentModel,
    *,
    content: npt.NDArray[np.float64] | None = None,
    links: bool = True,
) -> tuple[Evidence | None, tuple[FoundRoot, ...]]:
    """The page's consent roots, most probable first, and the evidence that they rest on.

    Args:
        content: (b,) probability of each block's being content; without it content may be lost.
    """
    evidence = gather(context)
    return evidence, roots_of(evidence, model, content=content, links=links)


def roots_of(
    evidence: Evidence | None,
    model: ConsentModel,
    *,
    content: npt.NDArray[np.float64] | None = None,
    links: bool = True,
) -> tuple[FoundRoot, ...]:
    """`find_roots` for a page whose evidence has been gathered; None is of a page without any."""
    if evidence is None:
        return ()
    context = evidence.context
    candidates = Candidates(evidence, links=links)
    if not len(candidates):
        return ()
    probabilities = model.root_probabilities(featurise(candidates))
    if (1.0 - probabilities[:, 0] < min(model.banner, model.reopen)).all():
        return ()
    spans = np.stack((candidates.top, candidates.end), axis=1)
    words = None
    if content is not None:
        expected = context.subtree(content * context.words)
        words = np.stack((expected, context.element_words), axis=1)[candidates.top]
    chosen = choose_roots(
        spans, probabilities, banner=model.banner, reopen=model.reopen, words=words
    )
    return tuple(_found(int(candidates.top[number]), probabilities[number]) for number in chosen)


def _found(element: int, probabilities: npt.NDArray[np.float64]) -> FoundRoot:
    kinds: tuple[Literal["banner", "preferences", "reopen"], ...] = (
        "banner",
        "preferences",
        "reopen",
    )
    banner, preferences, reopen = map(float, probabilities[1:])
    return FoundRoot(
        element,
        kinds[int(probabilities[1:].argmax())],
        float(1.0 - probabilities[0]),
        (banner, preferences, reopen),
    )
