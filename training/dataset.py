"""Labelled pages -> rows: features, labels and weights of all blocks of all pages."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.blocks import walk
from detector.document import parse
from detector.features import FEATURES, featurise, featurise_page
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable
from training.align import align, words_of
from training.corpora import LabelledPage
from training.tokens import page_token_shares


@dataclass(slots=True)
class PageRows:
    """One page, ready to be learned from.

    Attributes:
        page: the labelled page, without its bytes.
        context: its shared quantities, without its tree.
        texts: its blocks' texts.
        matrix: (b, FEATURES) all columns, those of learned scores still 0.
        page_row: (1, PAGE_FEATURES).
        coverage: (b,) share of each block's words in the gold.
        words: (b,) words of each block, ideographs singly.
        gold_words: words of the gold, counted so.
        token_shares: what `count_tokens` averages.
    """

    page: LabelledPage
    context: Context
    texts: list[str]
    matrix: npt.NDArray[np.float32]
    page_row: npt.NDArray[np.float32]
    coverage: npt.NDArray[np.float32]
    words: npt.NDArray[np.float64]
    gold_words: int
    token_shares: dict[str, float]


def page_rows(page: LabelledPage) -> PageRows:
    """Parse, cut, featurise and label one page."""
    root = parse(page.html, encoding=page.encoding).root
    table = walk(root)
    context = Context(table, read_metadata(root, page.url), NameTable({}))
    texts = [table.block_text(block) for block in range(len(table))]
    coverage = align(texts, page.gold or "")
    matrix = featurise(context) if len(table) else np.zeros((0, len(FEATURES)), np.float32)
    page_row = featurise_page(context)
    words = context.words.astype(np.float64) if len(table) else np.zeros(0)
    shares = page_token_shares(context, words * coverage) if len(table) else {}
    context.forget_characters()
    context.table = dataclasses.replace(table, elements=(), text="")
    return PageRows(
        page=dataclasses.replace(page, html=b""),
        context=context,
        texts=texts,
        matrix=matrix,
        page_row=page_row,
        coverage=coverage,
        words=words,
        gold_words=len(words_of(page.gold or "")),
        token_shares=shares,
    )
