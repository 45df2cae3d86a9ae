"""Consent leak: does an output hold words of the page's consent UI?"""

from __future__ import annotations

from collections.abc import Iterable

from detector.blocks import walk
from detector.document import parse
from training.align import words_of
from training.consent.labels import ConsentLabels, read_labels
from training.consent.rows import KIND_CLASS, element_numbers
from training.corpora import LabelledPage

WORDS = 5
"""Consecutive words of a labelled root that make a leak."""

Runs = frozenset[tuple[str, ...]]


def consent_labels() -> dict[str, ConsentLabels]:
    """The labels of pages that ask for consent, by the digest of the page's bytes."""
    return {
        labels.sha256: labels
        for labels in read_labels("real")
        if any(root.kind != "reopen" for root in labels.roots)
    }


def runs_of(page: LabelledPage, labels: ConsentLabels) -> Runs:
    """The runs of `WORDS` words of the page's consent UI that stand nowhere else on it.

    What its annotators kept is no leak either. Controls that open the consent UI again don't count.
    """
    table = walk(parse(page.html, encoding=page.encoding).root)
    paths = [root.xpath for root in labels.roots if KIND_CLASS[root.kind] != KIND_CLASS["reopen"]]
    roots = [(number, int(table.end[number])) for number in element_numbers(table, paths)]
    inside: list[list[str]] = [[] for _ in roots]
    outside: list[str] = []
    for block in range(len(table)):
        element = int(table.element[block])
        own = next((n for n, (start, end) in enumerate(roots) if start <= element < end), None)
        (outside if own is None else inside[own]).extend(words_of(table.block_text(block)))
    runs = {run for words in inside for run in _runs(words)}
    return frozenset(runs.difference(_runs(outside), _runs(words_of(page.gold or ""))))


def leaks(output: str, runs: Runs) -> bool:
    """Whether the output holds one of the runs."""
    return not runs.isdisjoint(_runs(words_of(output)))


def _runs(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(WORDS)), strict=False)
