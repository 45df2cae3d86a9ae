"""Outputs -> the figures of an extractor: F1 by slice, consent leak, failures, speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from training.benchmark.leak import Runs, leaks
from training.corpora import HELD_OUT, TRAINABLE, LabelledPage
from training.metrics import bootstrap_interval
from training.scoring import MEASURES, WORDS, page_f1, slices_of, summary

Row = dict[str, Any]
Texts = Mapping[str, Sequence[str]]
"""Outputs by the id of the page: one, or one for each seed of a cross-validation."""


def quality(pages: Sequence[LabelledPage], texts: Texts) -> dict[str, Row]:
    """F1 of each set, of WCXB's types and of languages, with intervals, as each set defines it."""
    rows: dict[str, Row] = {}
    by_words = [page for page in pages if page.set in TRAINABLE]
    if by_words:
        rows |= summary(np.array([_word_f1(page, texts) for page in by_words]), slices_of(by_words))
    for name in ("own", *HELD_OUT):
        measure = MEASURES.get(name, WORDS)
        figures = [measure.of_page(page, texts[page.id][0]) for page in pages if page.set == name]
        if figures:
            rows[name] = measure.row(figures)
    return rows


def _word_f1(page: LabelledPage, texts: Texts) -> float:
    return float(np.mean([page_f1(page, text) for text in texts[page.id]]))


def consent_leak(runs: Mapping[str, Runs], texts: Texts) -> Row | None:
    """Share of the pages whose output holds consent UI; `runs` is by the id of the page."""
    values = [np.mean([leaks(text, own) for text in texts[id_]]) for id_, own in runs.items()]
    if not values:
        return None
    low, high = bootstrap_interval(values)
    return {"share": float(np.mean(values)), "low": low, "high": high, "pages": len(values)}


def failures(found: Iterable[str | None]) -> dict[str, int]:
    """How often each exception, time-out or crash came instead of an output."""
    return dict(sorted(Counter(failure for failure in found if failure).items()))


def speed(records: Sequence[Mapping[str, Any]], name: str) -> Row:
    """CPU time a page with its interval, throughput, imports and memory of one extractor."""
    own = [record["extractors"][name] for record in records]
    seconds = np.array([each["cpu"] for each in own])
    low, high = bootstrap_interval(seconds * 1e3)
    return {
        "ms": float(seconds.mean() * 1e3),
        "low": low,
        "high": high,
        "median_ms": float(np.median(seconds) * 1e3),
        "mb_s": sum(record["bytes"] for record in records) / 1e6 / float(seconds.sum()),
        "start_s": min(each["start_cpu"] for each in own),
        "start_mib": min(each["start_kib"] for each in own) / 1024,
        "peak_mib": max(each["peak_kib"] for each in own) / 1024,
        "pages": len(records),
    }
