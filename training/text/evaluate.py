"""Scores of the text recipe: five folds by site, thresholds of a fold chosen on the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.page import CONSENT, CONTENT, LABELS
from detector.text.features import TEXT_COLUMNS
from training.metrics import bootstrap_counts
from training.text.fit import TextRows
from training.text.recipe import (
    Probabilities,
    choose_decision,
    count,
    cross_fit,
    f1,
    given_labels,
    read_rows,
)
from training.text.simulate import FOLDS, STYLES, fold_of

ABOUT_COOKIES: Final = 5
"""Strong terms in a text's content from which the text is about cookies and privacy."""
_SPOKEN: Final = [TEXT_COLUMNS.index(name) for name in ("term_topic", "term_purpose")]

Table = npt.NDArray[np.float64]


def evaluate_text(seed: int = 0) -> dict[str, dict[str, Any]]:
    """Measures over all blocks, by models that saw no page of the site.

    A measure is a dictionary of `f1` (the value), `low`, `high` (95%, bootstrap over pages) and
    `pages`. "raw" texts are all blocks of pages; "paragraphs" and "lines" are simulated extractor
    outputs, "about" texts that were made to be about cookies. Re-open controls, which nothing but
    their link tells from a link to a policy, count only where the name says so. "unread" pages are
    those of which only consent UI is told. "Words about cookies" are the content of all texts
    whose content speaks of cookies and privacy; most were made to.
    """
    rows = read_rows(seed)
    return measures(rows, cross_fit(rows, seed))


def measures(rows: Sequence[TextRows], probabilities: Probabilities) -> dict[str, dict[str, Any]]:
    """The measures of predictions that were made already."""
    given = held_out_labels(rows, probabilities)
    result: dict[str, dict[str, Any]] = {}
    for style in STYLES:
        pairs = [
            (each, labels)
            for each, labels in zip(rows, given, strict=True)
            if each.source.style == style
        ]
        if not pairs:
            continue
        blocks = np.array([count(*pair).ravel() for pair in pairs])
        if style != "unread":
            result[f"text, {style}: macro F1"] = _measure(blocks, _macro)
            result[f"text, {style}: content F1"] = _measure(blocks, partial(_f1, label=CONTENT))
        result[f"text, {style}: consent F1"] = _measure(blocks, partial(_f1, label=CONSENT))
        if style in ("raw", "unread"):
            whole = np.array([count(*pair, reopen=True).ravel() for pair in pairs])
            result[f"text, {style}: consent F1, re-open controls too"] = _measure(
                whole, partial(_f1, label=CONSENT)
            )
    told = zip(rows, given, strict=True)
    kept = [_kept(*pair) for pair in told if is_about_cookies(pair[0])]
    if kept:
        result["text: words about cookies not called consent"] = _measure(np.array(kept), _share)
    return result


def held_out_labels(
    rows: Sequence[TextRows], probabilities: Probabilities
) -> list[npt.NDArray[np.int8]]:
    """Labels of each text, by the thresholds that are best on the other folds."""
    folds = np.array([fold_of(each.source.site) for each in rows])
    found: dict[int, npt.NDArray[np.int8]] = {}
    for fold in range(FOLDS):
        known = np.flatnonzero(folds != fold).tolist()
        decision = choose_decision(
            [rows[number] for number in known], [probabilities[number] for number in known]
        )
        for number in np.flatnonzero(folds == fold).tolist():
            found[number] = given_labels(rows[number], probabilities[number], decision)
    return [found[number] for number in range(len(rows))]


def is_about_cookies(rows: TextRows) -> bool:
    """Whether what is to be read speaks of cookies and privacy."""
    return float(rows.matrix[_told(rows)][:, _SPOKEN].sum()) >= ABOUT_COOKIES


def _told(rows: TextRows) -> npt.NDArray[np.bool_]:
    """(b,) the content; where that is not known, all but consent UI."""
    label = rows.source.label
    return np.asarray(label != CONSENT if rows.source.style == "unread" else label == CONTENT)


def _kept(rows: TextRows, given: npt.NDArray[np.int8]) -> tuple[float, float]:
    """Words that are not called consent, of those that are none."""
    told = _told(rows)
    return float(rows.words[told & (given != CONSENT)].sum()), float(rows.words[told].sum())


def _share(sums: Table) -> float:
    return float(sums[0] / max(sums[1], 1.0))


def _f1(sums: Table, label: int) -> float:
    return float(f1(sums.reshape(len(LABELS), 3))[label])


def _macro(sums: Table) -> float:
    return float(f1(sums.reshape(len(LABELS), 3)).mean())


def _measure(table: Table, value: Callable[[Table], float]) -> dict[str, Any]:
    low, high = bootstrap_counts(table.tolist(), value, n=300)
    return {"f1": value(table.sum(axis=0)), "low": low, "high": high, "pages": len(table)}
