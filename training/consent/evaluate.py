"""Scores of the consent recipe: five folds by site, and leave one tool out for snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.consent.banner import ConsentBanner, describe
from detector.consent.evidence import ROLE, Evidence
from detector.consent.model import BUTTON_FILE, REOPEN, ROOT_FILE, ConsentModel
from detector.consent.roots import FoundRoot, find_roots
from detector.features.context import Context
from detector.lexicon import load_matcher
from training.align import align, words_of
from training.consent.fit import fit_buttons
from training.consent.labels import FOLDS, ConsentPage, RootLabel, real_pages, rendered_pages
from training.consent.leak import Contents, leaks, text_of
from training.consent.recipe import (
    Crossed,
    Known,
    choose_thresholds,
    cross_fit,
    fit_files,
    read_known,
    snapshots,
)
from training.consent.rows import KIND_CLASS, OTHER, context_of, element_numbers, text_iou
from training.metrics import bootstrap_counts
from training.progress import track
from training.threads import in_threads

ABOUT_COOKIES: Final = 3
"""Strong terms in a page's gold text from which the page is about cookies and privacy."""

Counts = dict[str, tuple[float, float]]
"""What one page adds to each measure: hits, and what they are counted among."""

Report = dict[str, dict[str, Any]]


def evaluate(contents: Contents | None = None, seed: int = 0) -> Report:
    """Every consent measure: value, 95% bootstrap interval over pages, counts.

    Real pages: five folds by site; a fold's thresholds are chosen on the other folds. Snapshots:
    by models that have seen no snapshot of the same tool; not where they are not at hand.

    Args:
        contents: what content models that have not seen the page say, for what is left in texts;
            without it that is not measured.
    """
    known = read_known(seed, snapshots())
    crossed = cross_fit(known, seed)
    decision = choose_thresholds(known.roots, crossed.probabilities)
    real = evaluate_real(known, crossed, contents, seed)
    return real | evaluate_rendered(known, decision, seed)


def evaluate_real(known: Known, crossed: Crossed, contents: Contents | None, seed: int) -> Report:
    """The measures on real pages."""
    roots = known.roots
    models: dict[int, ConsentModel] = {}
    for fold in range(FOLDS):
        others = np.flatnonzero(crossed.fold != fold).tolist()
        files = {
            ROOT_FILE: crossed.models[fold],
            BUTTON_FILE: fit_buttons(known.all_buttons(fold=fold), seed),
        }
        decision = choose_thresholds(
            [roots[number] for number in others],
            [crossed.probabilities[number] for number in others],
        )
        models[fold] = ConsentModel.from_files(files, decision)
    pages = zip(real_pages(), crossed.fold.tolist(), strict=True)
    return summarise(
        [
            score_page(page, models[fold], contents)
            for page, fold in track(pages, len(roots), "consent pages scored")
        ],
        "real",
    )


def evaluate_rendered(known: Known, decision: Mapping[str, float], seed: int) -> Report:
    """The measures on snapshots, each tool by models that have not seen it."""
    tools = sorted({row.page.site for row, _ in known.shown})

    def unseen(tool: str) -> ConsentModel:
        files = fit_files(known.all_roots(tool=tool), known.all_buttons(tool=tool), seed)
        return ConsentModel.from_files(files, dict(decision))

    models = dict(zip(tools, in_threads(unseen, tools, "consent tools"), strict=True))
    counts: list[Counts] = []
    for page in rendered_pages():
        found = score_page(page, models[page.site])
        counts.append({**found, **{f"{name} {page.site}": hit for name, hit in found.items()}})
    return summarise(counts, "rendered")


def score_page(page: ConsentPage, model: ConsentModel, contents: Contents | None = None) -> Counts:
    """One page, end to end. With content models they have their say, and the text that is left is
    looked at."""
    links = page.set != "rendered"
    context = context_of(page)
    opinion = contents.opinion(page, context) if contents else None
    content = opinion.probability if opinion else None
    evidence, found = find_roots(context, model, content=content, links=links)
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
    asking = [
        number for number, root in zip(numbers, labels, strict=True) if not _is(root, "reopen")
    ]
    if opinion and asking:
        text = text_of(opinion, context, _inside(context, spans))
        roots = [_text_in(context, number, int(table.end[number])) for number in asking]
        add("leak", leaks(text, roots))
    if page.gold:
        # Some annotators kept the banner: what stands in a labelled root is no content lost.
        labelled = _inside(context, np.array(ends, np.int64).reshape(-1, 2))
        lost, total, strong = _lost(context, page.gold, _inside(context, spans), labelled)
        add("content lost", lost, total)
        if strong >= ABOUT_COOKIES:
            add("content lost, pages about cookies", lost, total)
    return {name: (value[0], value[1]) for name, value in counts.items()}


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


def _inside(context: Context, spans: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(b,) which blocks stand in one of the spans of elements."""
    element = context.table.element
    inside = np.zeros(context.n, bool)
    for start, end in spans:
        inside |= (element >= start) & (element < end)
    return inside


def _text_in(context: Context, start: int, end: int) -> str:
    blocks = np.flatnonzero(_inside(context, np.array([(start, end)])))
    return "\n".join(context.table.block_text(int(block)) for block in blocks)


def _lost(
    context: Context,
    gold: str,
    consent: npt.NDArray[np.bool_],
    labelled: npt.NDArray[np.bool_],
) -> tuple[float, float, int]:
    """Gold words taken for consent, all gold words, and the strong terms among them; without what
    stands in labelled roots."""
    texts = [context.table.block_text(block) for block in range(context.n)]
    strong = _strong_terms(gold)
    total = float(len(words_of(gold)))
    if not (consent.any() or (labelled.any() and strong >= ABOUT_COOKIES)):
        return 0.0, total, strong
    words = np.array([len(words_of(text)) for text in texts], np.float64)
    coverage = align(texts, gold)
    covered = np.where(coverage >= OTHER, coverage * words, 0.0)
    kept = [text for text, own in zip(texts, labelled & (coverage >= OTHER), strict=True) if own]
    return (
        float(covered[consent & ~labelled].sum()),
        total - float(covered[labelled].sum()),
        strong - _strong_terms("\n".join(kept)),
    )


def _strong_terms(text: str) -> int:
    return sum(
        role in (ROLE["topic"], ROLE["purpose"]) for _, role, _ in load_matcher().spans(text)
    )


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
