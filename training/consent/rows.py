"""Labelled pages -> rows: candidates' features, and how well each agrees with a labelled root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from lxml import etree

from detector.blocks import BlockTable, walk
from detector.consent.candidates import Candidates
from detector.consent.evidence import gather
from detector.consent.features import FEATURES, featurise
from detector.document import parse
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable
from training.consent.labels import ConsentPage

SAME: Final = 0.9
"""Text IoU with a labelled root from which a candidate counts as it."""
OTHER: Final = 0.5
"""IoU below which it counts as something else; between the two it is not learned from."""

KIND_CLASS: Final = {"banner": 1, "modal": 1, "notice": 1, "preferences": 2, "reopen": 3}
"""Classes of the root model; 0 is no consent UI."""


@dataclass(frozen=True, slots=True)
class RootRows:
    """One page's candidates.

    Attributes:
        page: the page, without its bytes.
        matrix: (c, FEATURES).
        span: (c, 2) elements of each candidate: its number, and the one after its subtree.
        words: (c,) words in each.
        iou: (c, roots) text IoU with each labelled root.
        target: (c,) class, or -1 where the row is not to be learned from.
    """

    page: ConsentPage
    matrix: npt.NDArray[np.float32]
    span: npt.NDArray[np.int64]
    words: npt.NDArray[np.float64]
    iou: npt.NDArray[np.float64]
    target: npt.NDArray[np.int64]


def context_of(page: ConsentPage) -> Context:
    """The page as the library reads it."""
    return context_of_tree(parse(page.html, encoding=page.encoding).root, page.url)


def context_of_tree(root: etree._Element, url: str | None) -> Context:
    """A page that is parsed already."""
    return Context(walk(root), read_metadata(root, url), NameTable({}))


def root_rows(page: ConsentPage) -> RootRows:
    """Parse, walk, find candidates, featurise and label one page."""
    context = context_of(page)
    labels = page.labels.roots if page.labels else ()
    numbers = element_numbers(context.table, [root.xpath for root in labels])
    kinds = [root.kind for root in labels]
    return candidate_rows(page, context, list(zip(numbers, kinds, strict=True)))


def candidate_rows(
    page: ConsentPage, context: Context, roots: Sequence[tuple[int, str]]
) -> RootRows:
    """The candidates of a page, and how they agree with its roots: element numbers and kinds."""
    evidence = gather(context) if context.n else None
    bare = replace(page, html=b"", gold=None)
    if evidence is None:
        nothing = np.zeros((0, len(FEATURES)), np.float32)
        none = np.zeros(0)
        return RootRows(
            bare,
            nothing,
            np.zeros((0, 2), np.int64),
            none,
            np.zeros((0, len(roots))),
            none.astype(np.int64),
        )
    candidates = Candidates(evidence, links=page.set != "rendered")
    spans = np.array((candidates.top, candidates.end), np.int64).T
    iou = text_iou(context, spans, [(root, int(context.table.end[root])) for root, _ in roots])
    return RootRows(
        bare,
        featurise(candidates),
        spans,
        candidates.words,
        iou,
        _targets(iou, [KIND_CLASS[kind] for _, kind in roots]),
    )


def element_numbers(table: BlockTable, xpaths: list[str]) -> list[int]:
    """The table's numbers of the elements that the paths lead to; a path must lead to one.

    Raises KeyError where the walk did not come by it.
    """
    if not xpaths:
        return []
    numbers = {element: number for number, element in enumerate(table.elements)}
    root = table.elements[0]
    return [numbers[find(root, path)] for path in xpaths]


def find(root: etree._Element, xpath: str) -> etree._Element:
    """The element at a path of the labels."""
    found = root.xpath(xpath)
    assert isinstance(found, list), xpath
    assert len(found) == 1, xpath
    element = found[0]
    assert isinstance(element, etree._Element)
    return element


def text_iou(
    context: Context, spans: npt.NDArray[np.int64], roots: list[tuple[int, int]]
) -> npt.NDArray[np.float64]:
    """Characters shared over characters of either, for subtrees given as ranges of elements.

    A subtree without text agrees with itself and its ancestors of no text alone.
    """
    table = context.table
    chars = np.bincount(table.node_element, context.node_chars, context.n_elements)
    total = np.concatenate(([0.0], np.cumsum(chars)))
    iou = np.zeros((len(spans), len(roots)))
    size = total[spans[:, 1]] - total[spans[:, 0]]
    for column, (start, end) in enumerate(roots):
        own = total[end] - total[start]
        low, high = np.maximum(spans[:, 0], start), np.minimum(spans[:, 1], end)
        overlap = high > low
        both = np.where(overlap, total[np.maximum(high, low)] - total[low], 0.0)
        if own:
            iou[:, column] = both / (size + own - both)
        else:
            iou[:, column] = overlap & (size == 0)
    return iou


def _targets(iou: npt.NDArray[np.float64], classes: list[int]) -> npt.NDArray[np.int64]:
    if not classes:
        return np.zeros(len(iou), np.int64)
    best = iou.max(axis=1)
    target = np.where(best >= SAME, np.array(classes)[iou.argmax(axis=1)], 0)
    return np.where((best >= OTHER) & (best < SAME), -1, target)
