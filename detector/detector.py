"""`Detector`, and the module-level functions that use the shipped bundle."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from lxml import etree

from detector.allocation import no_collection
from detector.blocks import DEFAULT_MAX_BLOCKS, walk
from detector.compiled import check_choice
from detector.consent.evidence import Evidence, gather
from detector.consent.model import ConsentModel
from detector.consent.roots import FoundRoot, roots_of
from detector.consent.wall import is_consent_wall
from detector.decide import MODES, Mode, choose
from detector.document import DEFAULT_MAX_BYTES, PageWarning, parse
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.model import Model, load_model
from detector.page import BOILERPLATE, CONSENT, CONTENT, Block, Page, Source
from detector.predictor import NUMPY
from detector.render import render_text

if TYPE_CHECKING:  # what not every process needs is imported where it is used
    from detector.batch.many import PageError
    from detector.consent.banner import ConsentBanner
    from detector.reasons import Explanation

Html: TypeAlias = "bytes | str | etree._Element | etree._ElementTree"


class Detector:
    """Says of each block of a page what it is.

    Args:
        model: directory of a model bundle; None for the one that is shipped.
        max_bytes: bytes of a page (characters, of a `str`) that are read.
        max_blocks: blocks that are cut from a page.

    One instance may be used by many threads at once, forked with, and pickled. The bundle is read
    when the instance is made, LightGBM is imported when a page is first detected.

    Raises:
        BundleError: the bundle is missing, damaged or of another version.
        DetectorError: `DETECTOR_CORE` is set to what there is not.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_blocks: int = DEFAULT_MAX_BLOCKS,
    ) -> None:
        check_choice()
        self.model: Model = load_model(model)
        self.max_bytes = max_bytes
        self.max_blocks = max_blocks

    def detect(
        self,
        html: Html,
        *,
        url: str | None = None,
        encoding: str | None = None,
        mode: Mode = "balanced",
    ) -> Page:
        """Detect one page. Any bytes give a `Page`, perhaps an empty one with a warning.

        Args:
            html: the page as crawled (`bytes`), as text, or as an lxml element or tree, which is
                not changed.
            url: its address; helps to tell what kind of page it is.
            encoding: the charset that the transport named, such as HTTP's Content-Type.
            mode: what to lean to where the model is in doubt: "balanced", "precision" (less
                clutter) or "recall" (less lost).

        Raises:
            TypeError: an argument is of another type.
            ValueError: `mode` is none of the three.
            BundleError: a model that is read when first used is none, though its digest is right.
        """
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
        with no_collection():
            return self._detect(html, url, encoding, mode)

    def _detect(self, html: Html, url: str | None, encoding: str | None, mode: Mode) -> Page:
        document = parse(html, url=url, encoding=encoding, max_bytes=self.max_bytes)
        ours = not isinstance(html, (etree._Element, etree._ElementTree))
        table = walk(document.root, max_blocks=self.max_blocks, owned=ours)
        warnings = document.warnings
        if table.cut:
            message = f"the page has more than {self.max_blocks:,} blocks; the rest was not read"
            warnings = (*warnings, PageWarning("too_many_blocks", message))
        metadata = read_metadata(document.root, url, table.head)
        context = Context(table, metadata, self.model.names)
        evidence = gather(context)  # while the page's text and names are at hand
        types = self.model.type_probabilities(context)
        probabilities = self.model.probabilities(context, types)
        roots = roots_of(evidence, self.model.consent, content=probabilities)
        consent, words = np.zeros(context.n, bool), context.words
        for root in roots:
            consent |= (table.element >= root.element) & (table.element < table.end[root.element])
        if roots:
            words = np.where(consent, 0.0, words)
        chosen = choose(probabilities, words, types[0], self.model.cut, mode=mode) & ~consent
        labels = np.full(context.n, BOILERPLATE, np.int8)
        labels[consent] = CONSENT
        labels[chosen] = CONTENT
        source = None
        if isinstance(html, (bytes, str)):
            source = Source(html, encoding, self.max_bytes, self.max_blocks)
        page = Page(
            text=render_text(table, np.flatnonzero(chosen)),
            title=metadata.og_title or metadata.title,
            url=url,
            encoding=document.encoding,
            language=metadata.language,
            warnings=warnings,
            is_consent_wall=evidence is not None and is_consent_wall(evidence, roots),
            _source=source,
            _labels=labels,
            _probabilities=probabilities,
            _words=context.words,
        )
        page.__dict__["_table"] = table  # what `Page._table` would otherwise walk again for
        if evidence is not None and roots:
            page.__dict__["_describe"] = partial(_describe, evidence, roots, self.model.consent)
        return page

    def detect_text(self, text: str) -> Page:
        """Label the blocks of a text that an extractor has made, with no markup left.

        Paragraphs, or lines, are the blocks. Any string gives a `Page`, perhaps an empty one with
        a warning. `Page.banners` are the passages of consent UI; nothing on the page has a tag,
        a path or buttons, which are "" or empty.

        Args:
            text: the text; `max_bytes` limits its characters, `max_blocks` its blocks.

        Raises:
            TypeError: `text` is no `str`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        from detector.text.page import page_of_text

        with no_collection():
            return page_of_text(
                text, self.model.text, max_chars=self.max_bytes, max_blocks=self.max_blocks
            )

    def detect_many(
        self, pages: Iterable[Html | tuple[Html, str | None]], *, workers: int = 1
    ) -> Iterator[Page | PageError]:
        """Detect many pages: one `Page` or one `PageError` for each, in the order of the input.

        Args:
            pages: pages, or pairs of a page and its address. They are taken as they are needed.
            workers: processes to share the work among; 1 works in this process.

        Raises:
            ValueError: `workers` is less than 1.
        """
        from detector.batch.many import detect_in_order

        return detect_in_order(self, pages, workers)

    def explain(self, page: Page, block: Block) -> Explanation:
        """Which features spoke for a block's being content, and which against.

        Args:
            page: that this detector detected.
            block: one of `page.blocks`.

        Raises:
            DetectorError: LightGBM can't be had, which this needs.
            ValueError: the block is not the page's, or another model detected the page.
        """
        from detector.reasons import explain_blocks

        return explain_blocks(self.model, page, [block])[0]

    def report(self, page: Page, *, name: str = "") -> str:
        """A page that this detector detected as an HTML document to look at.

        Every block with its label, its probability and what spoke for and against it (where
        LightGBM can be had), the content as given, the banners with their buttons. The document
        loads nothing, and nothing of the page can run in it.

        Args:
            page: the page.
            name: shown beside its title, such as the name of its file.

        Raises:
            ValueError: another model detected the page.
        """
        from detector.reasons import explain_blocks
        from detector.report import render_report

        explained = None
        if self.model.content.backend() != NUMPY:
            explained = explain_blocks(self.model, page, page.blocks)
        return render_report(page, explained, name=name)


def _describe(
    evidence: Evidence, roots: Sequence[FoundRoot], model: ConsentModel
) -> tuple[ConsentBanner, ...]:
    from detector.consent.banner import describe  # of use where banners are asked for alone

    return describe(evidence, roots, model)


@functools.cache
def _default() -> Detector:
    """The detector of the shipped bundle, made once in a process."""
    return Detector()


def detect(
    html: Html,
    *,
    url: str | None = None,
    encoding: str | None = None,
    mode: Mode = "balanced",
) -> Page:
    """`Detector.detect` with the shipped bundle."""
    return _default().detect(html, url=url, encoding=encoding, mode=mode)


def detect_text(text: str) -> Page:
    """`Detector.detect_text` with the shipped bundle."""
    return _default().detect_text(text)


def detect_many(
    pages: Iterable[Html | tuple[Html, str | None]], *, workers: int = 1
) -> Iterator[Page | PageError]:
    """`Detector.detect_many` with the shipped bundle."""
    return _default().detect_many(pages, workers=workers)


def explain(page: Page, block: Block) -> Explanation:
    """`Detector.explain` with the shipped bundle.

    >>> page = detect("<h1>Tides</h1><p>The sea rises twice a day, and falls as often.</p>")
    >>> reasons = explain(page, page.blocks[1]).reasons
    >>> abs(reasons[0].weight) >= abs(reasons[1].weight)
    True
    """
    return _default().explain(page, block)
