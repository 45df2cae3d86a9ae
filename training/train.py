"""`python -m training.train`: make a model bundle from the fetched page sets."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

import detector
from detector.bundle import MANIFEST, write_bundle
from detector.consent.model import BUTTON_FILE, ROOT_FILE, THRESHOLDS
from detector.decide import Cut
from detector.model import COLUMNS, CONTENT_FILE, DEFAULT_BUNDLE, PAGE_TYPE_FILE, TOKEN_FILE, digest
from detector.page import LABELS
from detector.text.model import TEXT_FILES, TEXT_THRESHOLDS
from training import card
from training.boosting import TrainingError
from training.consent import fit_consent
from training.consent.labels import ConsentPage
from training.corpora import (
    TRAINABLE,
    CorpusError,
    LabelledPage,
    held_out_sites,
    training_pages,
)
from training.crossfit import cross_predict, fold_of_pages
from training.dataset import PageRows, page_rows
from training.fit import CONTENT_PARAMETERS, CONTENT_ROUNDS, Rows, fit, page_weight
from training.own import own_labelled_pages
from training.pageset import SetPage, read_page_set
from training.progress import track
from training.scoring import choose_cut
from training.text import fit_text
from training.tokens import dump_tokens


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument(
        "--output", type=Path, default=DEFAULT_BUNDLE, help="directory of the bundle (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of folds and models (%(default)s)")
    parser.add_argument(
        "--own",
        action="store_true",
        help="train on the project's own pages alone: quick, needs no download, for trying out",
    )
    parser.add_argument(
        "--add", type=Path, metavar="DIR", help="train with this page set too: docs/retrain.md"
    )
    parser.add_argument(
        "--weight",
        type=float,
        default=1.0,
        help="of each added page, where one of WCXB has 1 (%(default)s)",
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        added = read_page_set(options.add, options.weight) if options.add else []
        pages = with_added(own_labelled_pages() if options.own else public_pages(), added)
        roots = [each.consent for each in added if each.consent is not None]
        parts = shipped_parts() if options.own else fit_parts(options.seed, roots)
        train(pages, parts, options.output, options.seed)
    except (CorpusError, TrainingError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    print(f"{options.output}: {len(pages):,} pages, {time.monotonic() - started:,.0f} s")
    return 0


def public_pages() -> list[LabelledPage]:
    """The public sets, but for sites that a held-out set has too: not even the domain is known."""
    held_out = held_out_sites()
    return [page for page in training_pages(TRAINABLE) if page.site not in held_out]


def with_added(pages: Sequence[LabelledPage], added: Sequence[SetPage]) -> list[LabelledPage]:
    """The pages, and a set's whose content is labelled in place of those of the same bytes."""
    new = [each.page for each in added if each.page.gold is not None]
    digests = {page.sha256 for page in new}
    return [page for page in pages if page.sha256 not in digests] + new


def build_rows(pages: Sequence[LabelledPage]) -> list[PageRows]:
    """Rows of all pages, with progress."""
    return [page_rows(page) for page in track(pages, len(pages), "pages read")]


Parts = tuple[dict[str, str], dict[str, float]]
"""Files and thresholds of the consent models and of the text model."""


def fit_parts(seed: int, added: Sequence[ConsentPage] = ()) -> Parts:
    """Train what learns from other labels than the pages' gold text; consent from `added` too."""
    consent_files, consent = fit_consent(seed, added)
    text_files, text = fit_text(seed)
    return consent_files | text_files, consent | text


def shipped_parts() -> Parts:
    """Those of the shipped bundle: the own pages are too few to learn them from."""
    manifest = json.loads((DEFAULT_BUNDLE / MANIFEST).read_text("utf-8"))
    names = (ROOT_FILE, BUTTON_FILE, *TEXT_FILES)
    files = {name: (DEFAULT_BUNDLE / name).read_text("utf-8") for name in names}
    numbers = (*THRESHOLDS, *TEXT_THRESHOLDS)
    return files, {name: manifest["decision"][name] for name in numbers}


def train(pages: Sequence[LabelledPage], parts: Parts, output: Path, seed: int) -> None:
    """Train on the pages and write the bundle; the same pages and seed give the same bytes.

    Args:
        pages: pages whose gold text says what is content.
        parts: the consent models and the text model, which are learned from other labels.
        output: directory of the bundle.
        seed: of folds and models.
    """
    rows = Rows(build_rows(pages))
    write(rows, cross_fitted_cut(rows, seed), parts, output, seed)


def write(rows: Rows, cut: Cut, parts: Parts, output: Path, seed: int) -> None:
    """Fit on all of the rows and write the bundle. See `train`."""
    other_files, thresholds = parts
    decision = cut._asdict() | thresholds
    print(f"decision: {decision}", file=sys.stderr)
    fitted = fit(rows, np.arange(len(rows)), seed)
    pages = [page.page for page in rows.pages]
    training = {
        "pages": dict(sorted(Counter(page.set for page in pages).items())),
        "sites": len({page.site for page in pages}),
        "pages_sha256": pages_digest(pages),
        "seed": seed,
        "rounds": CONTENT_ROUNDS,
        "parameters": CONTENT_PARAMETERS,
        "versions": {name: version(name) for name in ("lightgbm", "lxml", "numpy")},
    }
    write_bundle(
        output,
        {
            "name": output.name,
            "version": detector.__version__,
            "library": detector.__version__,
            "labels": list(LABELS),
            "feature_digest": digest(),
            "features": list(COLUMNS),
            "decision": decision,
            "training": training,
            "scores": {},
        },
        {
            PAGE_TYPE_FILE: fitted.page_type,
            TOKEN_FILE: dump_tokens(fitted.tokens),
            CONTENT_FILE: fitted.content,
            **other_files,
            "CARD.md": card.render(output.name, training, decision),
        },
    )


def cross_fitted_cut(rows: Rows, seed: int) -> Cut:
    """Choose the cut on probabilities that no page's own site has helped to make."""
    predictions = cross_predict(rows, fold_of_pages(rows, seed), seed)
    weight = np.array([page_weight(page) for page in rows.pages])
    return choose_cut(rows.pages, predictions, weight)


def pages_digest(pages: Iterable[LabelledPage]) -> str:
    """SHA-256 over the pages' own digests, in their order."""
    total = hashlib.sha256()
    for page in pages:
        total.update(f"{page.id} {page.sha256}\n".encode())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
