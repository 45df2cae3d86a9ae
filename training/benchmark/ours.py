"""What this project gives for pages that its shipped model knows, from models that do not.

WCXB, waddle and zh: content models of five folds by registered domain, consent models of the folds
of the consent labels. aeb and traf were never learned from for content, but their banners were for
consent: on their pages with one, the shipped content model and the consent model of a fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.consent.model import ROOT_FILE, ConsentModel
from detector.consent.roots import find_roots
from detector.detector import Detector
from detector.model import load_model
from detector.predictor import Predictor
from training.benchmark.leak import consent_labels
from training.benchmark.store import Lines, code_digest, store_folder
from training.consent.labels import FOLDER, ConsentPage
from training.consent.recipe import choose_thresholds, cross_fit, folds_of, read_known, snapshots
from training.consent.rows import context_of
from training.corpora import TRAINABLE, LabelledPage
from training.crossval import cross_validate
from training.evaluate import SEEDS
from training.progress import track

_RECIPE: Final = Path(__file__).parents[1]


def unseen_outputs(
    pages: Sequence[LabelledPage], seeds: int = SEEDS, folder: Path | None = None
) -> dict[str, list[str]]:
    """Texts of the pages by models that had not seen them, by id: one a seed, or one.

    Only pages of `TRAINABLE` and those with consent labels are in it. Kept in the store for as
    long as neither the library nor the recipe nor the consent labels change.
    """
    lines = Lines((folder or store_folder()) / f"{_key(seeds)}.jsonl")
    known = {record["id"]: record["texts"] for record in lines.read()}
    asked = consent_labels()
    wanted = [page for page in pages if page.set in TRAINABLE or page.sha256 in asked]
    if any(page.id not in known for page in wanted):
        for id_, texts in _make(wanted, seeds):
            known[id_] = texts
            lines.add({"id": id_, "texts": texts})
    return {page.id: known[page.id] for page in wanted}


def _key(seeds: int) -> str:
    total = hashlib.sha256(f"{code_digest()} {seeds}".encode())
    for path in [*sorted(_RECIPE.glob("*.py")), *sorted((_RECIPE / "consent").glob("*.py"))]:
        total.update(path.read_bytes())
    total.update((FOLDER / "real.jsonl").read_bytes())
    return f"detector-unseen-{total.hexdigest()[:16]}"


def _make(pages: Sequence[LabelledPage], seeds: int) -> Iterator[tuple[str, list[str]]]:
    models = _consent_models()
    folds = dict(zip((page.id for page in pages), folds_of([_bare(p) for p in pages]), strict=True))
    learned = [page for page in pages if page.set in TRAINABLE]
    consent = [
        _consent_blocks(page, models[folds[page.id]])
        for page in track(learned, len(learned), "consent of unseen sites")
    ]
    yield from (
        (each.page.id, list(each.texts)) for each in cross_validate(learned, seeds, consent)
    )
    detectors = []
    for model in models:
        detector = Detector()
        detector.model = detector.model._replace(consent=model)
        detectors.append(detector)
    for page in pages:
        if page.set not in TRAINABLE:
            found = detectors[folds[page.id]].detect(
                page.html, url=page.url, encoding=page.encoding
            )
            yield page.id, [found.text]


def _consent_models() -> list[ConsentModel]:
    """A model for each fold of the consent labels that has seen no page of the fold's sites."""
    known = read_known(0, snapshots())
    rows = known.roots
    crossed = cross_fit(known, 0)
    shipped = load_model().consent
    models = []
    for fold, text in enumerate(crossed.models):
        others = np.flatnonzero(crossed.fold != fold).tolist()
        decision = choose_thresholds(
            [rows[number] for number in others],
            [crossed.probabilities[number] for number in others],
        )
        models.append(
            shipped._replace(
                roots=Predictor(text, ROOT_FILE),
                banner=decision["consent_banner"],
                reopen=decision["consent_reopen"],
            )
        )
    return models


def _bare(page: LabelledPage) -> ConsentPage:
    return ConsentPage(
        page.id, page.set, page.html, page.url, page.site, page.encoding, labels=None, gold=None
    )


def _consent_blocks(page: LabelledPage, model: ConsentModel) -> npt.NDArray[np.bool_]:
    """Which blocks of the page stand in consent UI, (b,)."""
    context = context_of(_bare(page))
    table = context.table
    inside = np.zeros(len(table), bool)
    for root in find_roots(context, model)[1]:
        inside |= (table.element >= root.element) & (table.element < table.end[root.element])
    return inside
