"""The consent measures that are published and gated, and those of the project's own pages."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final
from unittest import mock

from detector.detector import Detector
from training.consent.evaluate import Counts, Report, evaluate, summarise
from training.consent.leak import Contents, leaks
from training.corpora import read_corpus
from training.metrics import bootstrap_counts
from training.own import OwnPage, own_pages
from training.progress import track
from training.speed import cpu_seconds

FINE: Final = 0.0005
"""Slack of the bounds of shares that are a few in ten thousand."""
ROUGH: Final = 0.02
"""Slack of what a busy machine moves."""

PUBLISHED: Final[Mapping[str, float | None]] = {
    "real: banner page precision": None,
    "real: banner page recall": None,
    "real: banner root precision": None,
    "real: banner root recall": None,
    "real: reopen root precision": None,
    "real: reopen root recall": None,
    "real: button accept_all": None,
    "real: button reject_all": None,
    "real: button settings": None,
    "real: wrong role": FINE,
    "real: leak": FINE,
    "real: content lost": FINE,
    "real: content lost, pages about cookies": FINE,
    "rendered: banner root recall": None,
    "rendered: buttons": None,
    "rendered: buttons, all roots": None,
    "rendered: wrong role": FINE,
}
"""The measures of the recipe that are published; those with a slack of their own are losses."""


def consent_report(contents: Contents, seed: int = 0) -> Report:
    """The published measures of the recipe, each page scored by models that did not see it."""
    found = evaluate(contents, seed)
    report: Report = {}
    for name, slack in PUBLISHED.items():
        if name not in found:  # of snapshots that are not at hand
            continue
        loss = {} if slack is None else {"loss": True, "slack": slack}
        report[f"consent {name}"] = {**found[name], **loss}
    return report


def own_consent_report(detector: Detector) -> Report:
    """What the bundle finds on the project's own pages, which nothing learns from, and its cost."""
    rows = summarise([score_own(page, detector) for page in own_pages()], "consent own")
    losses = ("wrong role", "leak", "content lost", "found on look-alikes")
    for name, row in rows.items():
        if name.removeprefix("consent own: ") in losses:
            row |= {"loss": True, "slack": FINE}
    return rows | {"consent cost": cost(detector)}


def score_own(page: OwnPage, detector: Detector) -> Counts:
    """One own page: are its banners found, their buttons named, its content kept?"""
    found = detector.detect(page.html, url=page.url)
    counts: Counts = {}
    consent = [text for label, text in page.blocks if label == "consent"]
    labels = zip(found.blocks, page.blocks, strict=True)
    content = [
        (block.label, len(text.split())) for block, (label, text) in labels if label == "content"
    ]
    lost = sum(words for label, words in content if label == "consent")
    counts["content lost"] = (lost, sum(words for _, words in content))
    if not consent:
        counts["found on look-alikes"] = (float(bool(found.banners)), 1.0)
        return counts
    counts["leak"] = (float(leaks(found.text, consent)), 1.0)
    if page.banner is None:
        return counts
    shown = found.banner
    counts["banner found"] = (float(shown is not None and shown.kind == page.banner.kind), 1.0)
    given = {button.text: button.role for button in shown.buttons} if shown else {}
    wanted = page.banner.buttons
    counts["buttons"] = (sum(given.get(text) == role for role, text in wanted), len(wanted))
    wrong = sum(given.get(text, role) != role for role, text in wanted)
    counts["wrong role"] = (wrong, len(given))
    return counts


PAGES: Final = 200


def cost(detector: Detector) -> dict[str, Any]:
    """CPU time of consent UI on top of `detect` without it, a share; both take turns by page."""
    pages = [page.html for page in read_corpus("wcxb")]
    pages = random.Random(0).sample(pages, min(PAGES, len(pages)))
    detector.detect(pages[0])  # imports and loads what is used later
    rows = [_both(detector, html) for html in track(pages, len(pages), "pages timed")]
    low, high = bootstrap_counts(rows, lambda sums: float(sums[0] / sums[1] - 1))
    own, without = (sum(column) for column in zip(*rows, strict=True))
    return {
        "value": own / without - 1,
        "low": low,
        "high": high,
        "pages": len(rows),
        "loss": True,
        "slack": ROUGH,
    }


def _both(detector: Detector, html: bytes) -> tuple[float, float]:
    whole = cpu_seconds(detector.detect, html)
    with mock.patch("detector.detector.gather", return_value=None):
        return whole, cpu_seconds(detector.detect, html)
