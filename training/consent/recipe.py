"""All labelled pages -> what a bundle holds of consent: models and thresholds."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.consent.model import BUTTON_FILE, REOPEN, ROOT_CLASSES, ROOT_FILE
from detector.consent.roots import choose_roots
from detector.predictor import Predictor
from training.consent.buttons import ButtonRows, page_button_rows
from training.consent.fit import fit_buttons, fit_roots
from training.consent.graft import grafted_rows
from training.consent.labels import (
    FOLDS,
    ConsentPage,
    read_labels,
    real_pages,
    rendered_folder,
    rendered_pages,
)
from training.consent.rows import KIND_CLASS, OTHER, RootRows, root_rows
from training.progress import track
from training.threads import in_threads

BUTTON_THRESHOLD: Final = 0.35
"""Probability from which a button is given its role."""
BANNER_GRID: Final = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
REOPEN_GRID: Final = (0.3, 0.35, 0.4, 0.45, 0.5)
NEARLY: Final = 0.005
"""How much less F1 is about the same: half of what another draw of pages would move it."""


LabelledRows = tuple[RootRows, ButtonRows]
"""A page's candidates, and the controls of its labelled roots."""


def fit_consent(
    seed: int = 0, added: Sequence[ConsentPage] = ()
) -> tuple[dict[str, str], dict[str, float]]:
    """The files and thresholds of a bundle, from all labelled pages there are, and those `added`.

    The thresholds are those that are best on probabilities of models that have not seen the
    page's site. The same pages and seed give the same files.
    """
    known = read_known(seed, snapshots(), added)
    decision = choose_thresholds(known.roots, cross_fit(known, seed).probabilities)
    return fit_files(known.all_roots(), known.all_buttons(), seed), decision


@dataclass(frozen=True, slots=True)
class Known:
    """All that is learned from.

    Attributes:
        real: real pages.
        shown: snapshots of tools.
        grafts: pages made from real ones, each with their fold.
    """

    real: list[LabelledRows]
    shown: list[LabelledRows]
    grafts: list[tuple[int, RootRows]]

    @property
    def roots(self) -> list[RootRows]:
        """The real pages' candidates."""
        return [row for row, _ in self.real]

    def all_roots(self, *, fold: int | None = None, tool: str | None = None) -> list[RootRows]:
        """Candidates of all pages but those of a fold, or the snapshots of a tool."""
        folds = folds_of([row.page for row in self.roots])
        real = [row for row, own in zip(self.roots, folds, strict=True) if own != fold]
        shown = [row for row, _ in self.shown if row.page.site != tool]
        return [*real, *shown, *(row for own, row in self.grafts if own != fold)]

    def all_buttons(self, *, fold: int | None = None, tool: str | None = None) -> list[ButtonRows]:
        """Controls of labelled roots, likewise."""
        folds = folds_of([row.page for row in self.roots])
        real = [row for (_, row), own in zip(self.real, folds, strict=True) if own != fold]
        return [*real, *(row for _, row in self.shown if row.page.site != tool)]


def read_known(seed: int, shown: Iterable[ConsentPage], added: Sequence[ConsentPage] = ()) -> Known:
    """Read all pages, and those `added` to the real ones; their bytes are not kept."""
    pages = [*real_pages(), *added]
    return Known(
        real=labelled_rows(track(pages, len(pages), "consent pages read")),
        shown=labelled_rows(shown),
        grafts=grafted_rows(pages, folds_of(pages).tolist(), seed),
    )


def labelled_rows(pages: Iterable[ConsentPage]) -> list[LabelledRows]:
    """Read the pages; their bytes are not kept."""
    return [(root_rows(page), page_button_rows(page)) for page in pages]


def snapshots() -> list[ConsentPage]:
    """The rendered snapshots, where they are at hand; without them unseen tools are known less."""
    folder = rendered_folder()
    if folder.is_dir():
        return list(rendered_pages(folder))
    print(
        f"no rendered snapshots in {folder}: going on without (DETECTOR_RENDERED)", file=sys.stderr
    )
    return []


def fit_files(
    roots: Sequence[RootRows], buttons: Sequence[ButtonRows], seed: int
) -> dict[str, str]:
    """Both models, by the names that they have in a bundle."""
    return {ROOT_FILE: fit_roots(roots, seed), BUTTON_FILE: fit_buttons(buttons, seed)}


def folds_of(pages: Sequence[ConsentPage]) -> npt.NDArray[np.int64]:
    """The fold of each page's site; sites without labels get one by the hash of their name."""
    known = {labels.group: labels.fold for labels in read_labels("real")}
    return np.array(
        [
            known[page.site]
            if page.site in known
            else int(hashlib.sha256(page.site.encode()).hexdigest(), 16) % FOLDS
            for page in pages
        ],
        np.int64,
    )


class Crossed(NamedTuple):
    """What models say of pages of sites that they have not seen.

    `fold` is the fold of each page, `probabilities` are of its candidates, `models` those that saw
    no page of a fold.
    """

    fold: npt.NDArray[np.int64]
    probabilities: list[npt.NDArray[np.float64]]
    models: list[str]


def cross_fit(known: Known, seed: int) -> Crossed:
    """Fit a root model for each fold, without its pages, and ask it about them."""
    rows = known.roots
    folds = folds_of([row.page for row in rows])
    models = in_threads(
        lambda fold: fit_roots(known.all_roots(fold=fold), seed), range(FOLDS), "consent folds"
    )
    predictors = [Predictor(model, ROOT_FILE) for model in models]
    found = [
        predictors[fold].predict(row.matrix).reshape(-1, len(ROOT_CLASSES))
        for row, fold in zip(rows, folds.tolist(), strict=True)
    ]
    return Crossed(folds, found, models)


def choose_thresholds(
    rows: Sequence[RootRows], probabilities: Sequence[npt.NDArray[np.float64]]
) -> dict[str, float]:
    """The thresholds of roots, of each kind by itself: the middle one of those with about the best
    F1.

    Over much of the grid F1 is the same but for chance; on pages of other kinds than the labelled
    ones, the middle leaves room on both sides.
    """

    def best(kind: str, grid: Sequence[float]) -> float:
        scores = {value: _f_score(rows, probabilities, kind, value) for value in grid}
        least = max(scores.values()) - NEARLY
        near = [value for value in grid if scores[value] >= least]
        return near[len(near) // 2]

    return {
        "consent_banner": best("banner", BANNER_GRID),
        "consent_reopen": best("reopen", REOPEN_GRID),
        "consent_button": BUTTON_THRESHOLD,
    }


def _f_score(
    rows: Sequence[RootRows],
    probabilities: Sequence[npt.NDArray[np.float64]],
    kind: str,
    threshold: float,
) -> float:
    right = given = labelled = 0
    for row, found in zip(rows, probabilities, strict=True):
        labels = row.page.labels.roots if row.page.labels else ()
        wanted = [
            number
            for number, root in enumerate(labels)
            if (KIND_CLASS[root.kind] == REOPEN) == (kind == "reopen")
        ]
        labelled += len(wanted)
        if not len(found):
            continue
        chosen = choose_roots(row.span, found, banner=threshold, reopen=threshold)
        classes = found[:, 1:].argmax(axis=1) + 1
        own = [c for c in chosen if (classes[c] == REOPEN) == (kind == "reopen")]
        given += len(own)
        right += sum(bool((row.iou[number, wanted] >= OTHER).any()) for number in own)
    return 2 * right / max(given + labelled, 1)
