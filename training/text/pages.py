"""Labelled pages and banners -> sequences of block texts with labels, markup gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.blocks import walk
from detector.document import parse
from detector.page import BOILERPLATE, CONSENT, CONTENT
from training.align import COVERAGE, align
from training.consent.labels import ConsentPage, read_labels, real_pages, rendered_pages
from training.consent.rows import context_of, element_numbers
from training.corpora import (
    HELD_OUT,
    TRAINABLE,
    LabelledPage,
    held_out_sites,
    read_corpus,
    training_pages,
)


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page's blocks with a word in them, in document order.

    Attributes:
        id, set, site, lang: as of the page.
        texts: the blocks' texts.
        label: (b,) codes of `detector.page.LABELS`.
        reopen: (b,) whether the block stands in a re-open control, which is consent too.
        gold: whether content is told from boilerplate; else all that is no consent is called so.
    """

    id: str
    set: str
    site: str
    lang: str
    texts: tuple[str, ...]
    label: npt.NDArray[np.int8]
    reopen: npt.NDArray[np.bool_]
    gold: bool


@dataclass(frozen=True, slots=True)
class Banner:
    """Consent UI as an extractor might leave it: its blocks' texts.

    `site` is what is never split: the page's site, or the tool that a snapshot shows.
    """

    site: str
    lang: str
    texts: tuple[str, ...]


def text_pages(cache: Path | None = None) -> Iterator[TextPage]:
    """The pages of the sets to train on, but for sites that a held-out set has too.

    Then those of the held-out sets, of which nothing but consent UI is told.
    """
    held_out = held_out_sites(cache)
    labels = {each.sha256: each for each in read_labels("real")}

    def made(page: LabelledPage) -> TextPage:
        found = labels.get(page.sha256)
        return text_page(page, [(root.xpath, root.kind) for root in found.roots] if found else [])

    for page in training_pages(TRAINABLE, cache):
        if page.site not in held_out:
            yield made(page)
    for name in HELD_OUT:
        for page in read_corpus(name, cache):
            yield made(replace(page, gold=None))


def text_page(page: LabelledPage, roots: Iterable[tuple[str, str]] = ()) -> TextPage:
    """Cut and label one page; `roots` are paths and kinds of its consent roots."""
    table = walk(parse(page.html, encoding=page.encoding).root)
    texts = [table.block_text(block) for block in range(len(table))]
    label = np.full(len(texts), BOILERPLATE)
    if page.gold is not None:
        label[align(texts, page.gold) >= COVERAGE] = CONTENT
    reopen = np.zeros(len(texts), bool)
    paths = list(roots)
    for number, (_, kind) in zip(
        element_numbers(table, [path for path, _ in paths]), paths, strict=True
    ):
        inside = (table.element >= number) & (table.element < table.end[number])
        label[inside] = CONSENT
        reopen[inside] = kind == "reopen"
    shown = [number for number, text in enumerate(texts) if any(map(str.isalnum, text))]
    return TextPage(
        id=page.id,
        set=page.set,
        site=page.site,
        lang=page.lang,
        texts=tuple(texts[number] for number in shown),
        label=label[shown].astype(np.int8),
        reopen=reopen[shown],
        gold=page.gold is not None,
    )


def banners(cache: Path | None = None) -> Iterator[Banner]:
    """Every labelled banner, notice and preference centre: of real pages, then of snapshots."""
    for page in real_pages(cache):
        yield from _banners(page)
    for page in rendered_pages():
        yield from _banners(page)


def _banners(page: ConsentPage) -> Iterator[Banner]:
    if page.labels is None:
        return
    roots = [root for root in page.labels.roots if root.kind != "reopen"]
    if not roots:
        return
    table = context_of(page).table
    numbers = element_numbers(table, [root.xpath for root in roots])
    for number, root in zip(numbers, roots, strict=True):
        inside = (table.element >= number) & (table.element < table.end[number])
        texts = [table.block_text(int(block)) for block in np.flatnonzero(inside)]
        kept = tuple(text for text in texts if any(map(str.isalnum, text)))
        if kept:
            yield Banner(page.site, root.lang or page.labels.lang, kept)
