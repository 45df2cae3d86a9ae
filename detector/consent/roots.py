"""Evidence -> consent roots: scores of the candidates, then a choice over the tree."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, Literal, NamedTuple

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


class FoundRoot(NamedTuple):
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
    # So few are they that lists are faster than numpy. Spans are in document order, parents before
    # children: those inside one come right behind it.
    starts, ends = spans.T.tolist()
    behind = [bisect_left(starts, end) for end in ends]
    score: list[float] = (1.0 - probabilities[:, 0]).tolist()
    is_reopen = ((probabilities[:, 1:].argmax(axis=1) + 1) == REOPEN).tolist()
    if words is not None:
        for number in _takes_content(behind, score, words.tolist()):
            score[number] = 0.0
    likely = [
        not is_reopen[number]
        and score[number] >= LIKELY
        and score[number]
        >= NEARLY * max(score[i] for i in range(number, behind[number]) if not is_reopen[i])
        for number in range(len(score))
    ]
    chosen: list[int] = []
    # Of equal ranks the larger comes first.
    for number in sorted(range(len(score)), key=lambda i: -2.0 if likely[i] else -score[i]):
        if score[number] >= (reopen if is_reopen[number] else banner) and all(
            ends[number] <= starts[other] or starts[number] >= ends[other] for other in chosen
        ):
            chosen.append(number)
    return chosen


def _takes_content(
    behind: list[int], score: list[float], words: list[tuple[float, float]]
) -> list[int]:
    """Numbers of the candidates that hold content, beside the most probable one inside them.

    behind: of each, the number of the first behind it that is not inside it.
    """
    taking: list[int] = []
    inner = [each >= LIKELY for each in score]
    for number in range(len(score) - 1, -1, -1):
        content, whole = words[number]
        if content < CONTENT_WORDS:
            continue
        inside = [i for i in range(number + 1, behind[number]) if inner[i]]
        if inside:
            best = max(inside, key=score.__getitem__)
            content, whole = content - words[best][0], whole - words[best][1]
        if content >= CONTENT_WORDS and content > CONTENT_SHARE * whole:
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
    if 1.0 - probabilities[:, 0].min() < min(model.banner, model.reopen):
        return ()
    top = candidates.top
    words = None
    if content is not None:
        expected = context.subtree(content * context.words)
        words = np.array((expected[top], context.element_words[top]), np.float64).T
    chosen = choose_roots(
        np.array((top, candidates.end), np.int64).T,
        probabilities,
        banner=model.banner,
        reopen=model.reopen,
        words=words,
    )
    return tuple(_found(int(top[number]), probabilities[number].tolist()) for number in chosen)


def _found(element: int, probabilities: list[float]) -> FoundRoot:
    none, banner, preferences, reopen = probabilities
    kinds: dict[Literal["banner", "preferences", "reopen"], float] = {
        "banner": banner,
        "preferences": preferences,
        "reopen": reopen,
    }
    kind = max(kinds, key=kinds.__getitem__)
    return FoundRoot(element, kind, 1.0 - none, (banner, preferences, reopen))
