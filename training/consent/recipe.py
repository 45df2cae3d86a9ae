"""All labelled pages -> what a bundle holds of consent: models and thresholds."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.consent.model import BUTTON_FILE, REOPEN, ROOT_FILE
from detector.consent.roots import choose_roots
from detector.predictor import Predictor
from training.consent.buttons import ButtonRows, page_button_rows
from training.consent.fit import fit_buttons, fit_roots
from training.consent.labels import (
    FOLDS,
    ConsentPage,
    read_labels,
    real_pages,
    rendered_folder,
    rendered_pages,
)
from training.consent.rows import KIND_CLASS, OTHER, RootRows, root_rows

BUTTON_THRESHOLD: Final = 0.35
"""Probability from which a button is given its role."""
BANNER_GRID: Final = (0.35, 0.4, 0.45, 0.5)
REOPEN_GRID: Final = (0.3, 0.35, 0.4, 0.45, 0.5)


def fit_consent(
    seed: int = 0, added: Sequence[ConsentPage] = ()
) -> tuple[dict[str, str], dict[str, float]]:
    """The files and thresholds of a bundle, from all labelled pages there are, and those `added`.

    The thresholds are those that are best on probabilities of models that have not seen the
    page's site. The same pages and seed give the same files.
    """
    pages = [*real_pages(), *added]
    real = [(root_rows(page), page_button_rows(page)) for page in pages]
    shown = [(root_rows(page), page_button_rows(page)) for page in _snapshots()]
    roots, snapshots = [row for row, _ in real], [row for row, _ in shown]
    probabilities = cross_fit(roots, snapshots, seed)
    decision = choose_thresholds(roots, probabilities)
    files = fit_files([*roots, *snapshots], [row for _, row in (*real, *shown)], seed)
    return files, decision


def _snapshots() -> list[ConsentPage]:
    """The rendered snapshots, where they are at hand; without them unseen tools are known less."""
    folder = rendered_folder()
    if folder.is_dir():
        return list(rendered_pages(folder))
    print(
        f"no rendered snapshots in {folder}: trained without (DETECTOR_RENDERED)", file=sys.stderr
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


def cross_fit(
    real: Sequence[RootRows], snapshots: Sequence[RootRows], seed: int
) -> list[npt.NDArray[np.float64]]:
    """Probabilities of each real page's candidates by a model that saw no page of its site."""
    folds = folds_of([row.page for row in real])
    found: dict[int, npt.NDArray[np.float64]] = {}
    for fold in range(FOLDS):
        known = [row for row, own in zip(real, folds, strict=True) if own != fold]
        model = Predictor(fit_roots([*known, *snapshots], seed), ROOT_FILE)
        for number in np.flatnonzero(folds == fold).tolist():
            found[number] = model.predict(real[number].matrix).reshape(-1, 4)
    return [found[number] for number in range(len(real))]


def choose_thresholds(
    rows: Sequence[RootRows], probabilities: Sequence[npt.NDArray[np.float64]]
) -> dict[str, float]:
    """The thresholds with the best F1 of roots, of each kind by itself.

    Banners are weighed for precision (beta .5): what is called one is taken out of the text.
    """

    def best(kind: str, grid: Sequence[float], beta: float) -> float:
        return max(
            grid, key=lambda value: (_f_score(rows, probabilities, kind, value, beta), -value)
        )

    return {
        "consent_banner": best("banner", BANNER_GRID, 0.5),
        "consent_reopen": best("reopen", REOPEN_GRID, 1.0),
        "consent_button": BUTTON_THRESHOLD,
    }


def _f_score(
    rows: Sequence[RootRows],
    probabilities: Sequence[npt.NDArray[np.float64]],
    kind: str,
    threshold: float,
    beta: float,
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
    return (1 + beta**2) * right / max(given + beta**2 * labelled, 1)
