"""Scores of the consent recipe: five folds by site, and leave one tool out for snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.consent.banner import ConsentBanner, describe
from detector.consent.evidence import ROLE, Evidence
from detector.consent.model import REOPEN, ConsentModel
from detector.consent.roots import FoundRoot, find_roots
from detector.lexicon import load_matcher
from training.align import align, words_of
from training.consent.buttons import page_button_rows
from training.consent.labels import FOLDS, ConsentPage, RootLabel, real_pages, rendered_pages
from training.consent.recipe import (
    choose_thresholds,
    cross_fit,
    fit_files,
    folds_of,
)
from training.consent.rows import (
    KIND_CLASS,
    OTHER,
    context_of,
    element_numbers,
    root_rows,
    text_iou,
)
from training.metrics import bootstrap_counts

LEAK_WORDS: Final = 5
"""Consecutive words of a root outside every found root that count as left in the page."""
ABOUT_COOKIES: Final = 5
"""Strong terms in a page's gold text from which the page is about cookies and privacy."""

Counts = dict[str, tuple[float, float]]
"""What one page adds to each measure: hits, and what they are counted among."""


def evaluate(seed: int = 0) -> dict[str, dict[str, Any]]:
    """Every consent measure: value, 95% bootstrap interval over pages, counts.

    Real pages: five folds by site; a fold's thresholds are chosen on the other folds. Snapshots:
    by models that have seen no snapshot of the same tool.
    """
    return {**evaluate_real(seed), **evaluate_rendered(seed)}


def evaluate_real(seed: int = 0) -> dict[str, dict[str, Any]]:
    """The measures on real pages."""
    pages = list(real_pages())
    roots = [root_rows(page) for page in pages]
    buttons = [page_button_rows(page) for page in pages]
    shown = list(rendered_pages())
    shown_roots = [root_rows(page) for page in shown]
    shown_buttons = [page_button_rows(page) for page in shown]
    folds = folds_of(pages)
    probabilities = cross_fit(roots, shown_roots, seed)
    counts: list[Counts] = []
    for fold in range(FOLDS):
        others = np.flatnonzero(folds != fold).tolist()
        decision = choose_thresholds(
            [roots[number] for number in others], [probabilities[number] for number in others]
        )
        files = fit_files(
            [*(roots[number] for number in others), *shown_roots],
            [*(buttons[number] for number in others), *shown_buttons],
            seed,
        )
        model = ConsentModel.from_files(files, decision)
        for number in np.flatnonzero(folds == fold).tolist():
            counts.append(score_page(pages[number], model))
    return summarise(counts, "real")


def evaluate_rendered(seed: int = 0) -> dict[str, dict[str, Any]]:
    """The measures on snapshots, each tool by models that have not seen it."""
    pages = list(real_pages())
    roots = [root_rows(page) for page in pages]
    buttons = [page_button_rows(page) for page in pages]
    decision = choose_thresholds(roots, cross_fit(roots, [], seed))
    shown = list(rendered_pages())
    rows = [(page, root_rows(page), page_button_rows(page)) for page in shown]
    counts: list[Counts] = []
    for tool in sorted({page.site for page in shown}):
        known = [row for row in rows if row[0].site != tool]
        files = fit_files(
            [*roots, *(row for _, row, _ in known)],
            [*buttons, *(row for _, _, row in known)],
            seed,
        )
        model = ConsentModel.from_files(files, decision)
        for page, _, _ in rows:
            if page.site == tool:
                found = score_page(page, model)
                counts.append(
                    {**found, **{f"{name} {tool}": value for name, value in found.items()}}
                )
    return summarise(counts, "rendered")


def score_page(page: ConsentPage, model: ConsentModel) -> Counts:
    """One page, end to end."""
    links = page.set != "rendered"
    context = context_of(page)
    evidence, found = find_roots(context, model, links=links)
    labels = page.labels.roots if page.labels else ()
    counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add(name: str, hit: float, among: float = 1.0) -> None:
        counts[name][0] += hit
        counts[name][1] += among

    table = context.table
    numbers = element_numbers(table, [root.xpath for root in labels])
    spans = np.array([(r.element, table.end[r.element]) for r in found], np.int64).reshape(-1, 2)
    ends = [(number, int(table.end[number])) for number in numbers]
    iou = text_iou(context, spans, ends) if len(labels) else np.zeros((len(found), 0))
    for kind in ("banner", "reopen"):
        own = [n for n, root in enumerate(labels) if _is(root, kind)]
        given = [n for n, root in enumerate(found) if (root.kind == "reopen") == (kind == "reopen")]
        hit = (
            (iou[np.ix_(given, own)] >= OTHER)
            if given and own
            else np.zeros((len(given), len(own)))
        )
        for row in hit:
            add(f"{kind} root precision", float(row.any()))
        for column in hit.T:
            add(f"{kind} root recall", float(column.any()))
        if given:
            add(f"{kind} page precision", bool(own))
        if own:
            add(f"{kind} page recall", bool(given))
    banners = describe(evidence, found, model, links=links) if evidence and found else ()
    if evidence is not None:
        _score_buttons(evidence, found, banners, labels, numbers, iou, add)
    if any(not _is(root, "reopen") for root in labels):
        left = any(
            _words_outside(context, number, spans) >= LEAK_WORDS
            for number, root in zip(numbers, labels, strict=True)
            if not _is(root, "reopen")
        )
        add("banner words outside found roots", float(left))
    if page.gold:
        lost, total = _lost(context, page.gold, spans)
        add("gold words labelled consent", lost, total)
        strong = sum(role in (ROLE["topic"], ROLE["purpose"]) for _, role, _ in _spans(page.gold))
        if strong >= ABOUT_COOKIES:
            add("gold words labelled consent, pages about cookies", lost, total)
    return {name: (value[0], value[1]) for name, value in counts.items()}


def _spans(text: str) -> list[tuple[int, int, int]]:
    return load_matcher().spans(text)


def _is(root: RootLabel, kind: str) -> bool:
    return (KIND_CLASS[root.kind] == REOPEN) == (kind == "reopen")


def _score_buttons(
    evidence: Evidence,
    found: Sequence[FoundRoot],
    banners: Sequence[ConsentBanner],
    labels: Sequence[RootLabel],
    numbers: Sequence[int],
    iou: npt.NDArray[np.float64],
    add: Any,
) -> None:
    table = evidence.context.table
    given: dict[int, str] = {}
    if banners:
        roles = {button.xpath: button.role for each in banners for button in each.buttons}
        elements = element_numbers(table, list(roles))
        given = dict(zip(elements, roles.values(), strict=True))
    labelled: dict[int, str] = {}
    for number, root in enumerate(labels):
        matched = bool((iou[:, number] >= OTHER).any()) if len(found) else False
        buttons = element_numbers(table, [button.xpath for button in root.buttons])
        for element, button in zip(buttons, root.buttons, strict=True):
            labelled[element] = button.role
            near = _near(evidence, element, given)
            right = near is not None and given[near] == button.role
            # Re-open controls are one button each, and are scored as roots.
            if _is(root, "reopen"):
                continue
            if button.visible is not False:
                add(f"button {button.role}, all roots", right)
                add("buttons, all roots", right)
                if matched:
                    add(f"button {button.role}", right)
                    add("buttons", right)
    for element, role in given.items():
        label = _near(evidence, element, labelled)
        inside = any(
            numbers[column] <= element < int(table.end[numbers[column]])
            for column in range(len(labels))
        )
        if inside:
            add("wrong role", label is not None and labelled[label] != role)
            add("role without label", label is None)


def _near(evidence: Evidence, element: int, known: dict[int, str]) -> int | None:
    """The same element, or one around or inside it with the same text."""
    if element in known:
        return element
    end = evidence.context.table.end
    for other in known:
        nested = element < other < int(end[element]) or other < element < int(end[other])
        if nested and evidence.text(other) == evidence.text(element):
            return other
    return None


def _words_outside(context: Any, root: int, spans: npt.NDArray[np.int64]) -> int:
    """Longest run of words of a root's blocks that stand in no found root."""
    table = context.table
    inside = (table.element >= root) & (table.element < table.end[root])
    for start, end in spans:
        inside &= ~((table.element >= start) & (table.element < end))
    return max((len(words_of(table.block_text(int(b)))) for b in np.flatnonzero(inside)), default=0)


def _lost(context: Any, gold: str, spans: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Gold words in found roots, of all gold words."""
    total = float(len(words_of(gold)))
    table = context.table
    consent = np.zeros(context.n, bool)
    for start, end in spans:
        consent |= (table.element >= start) & (table.element < end)
    if not consent.any():
        return 0.0, total
    texts = [table.block_text(block) for block in range(context.n)]
    coverage = align(texts, gold)
    words = np.array([len(words_of(text)) for text in texts], np.float64)
    return float((coverage * words)[consent & (coverage >= OTHER)].sum()), total


def summarise(counts: Sequence[Counts], prefix: str) -> dict[str, dict[str, Any]]:
    """Sum the pages' counts: `value`, `low` and `high` (95%, bootstrap over pages), counts."""
    names: Iterable[str] = sorted({name for page in counts for name in page})
    result: dict[str, dict[str, Any]] = {}
    for name in names:
        rows = [page[name] for page in counts if name in page]
        hit, among = (float(sum(column)) for column in zip(*rows, strict=True))
        low, high = bootstrap_counts(rows, lambda sums: float(sums[0] / max(sums[1], 1e-9)))
        result[f"{prefix}: {name}"] = {
            "value": hit / among if among else 0.0,
            "low": low,
            "high": high,
            "hits": hit,
            "among": among,
            "pages": len(rows),
        }
    return result
