"""The pages of the benchmark, decoded once for all extractors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from detector.blocks import walk
from detector.document import parse
from detector.encoding import decode
from training.benchmark.extractors import Task
from training.corpora import LabelledPage, read_corpus
from training.own import own_labelled_pages

PAGE_SETS: Final = ("wcxb", "waddle", "zh", "aeb", "traf", "own")
_DECLARATION: Final = re.compile(r"\s*<\?xml\b[^>]*\?>")


def benchmark_pages(sets: Sequence[str], limit: int | None = None) -> Iterator[LabelledPage]:
    """The pages of the sets, or the first `limit` of each.

    Raises CorpusError for a set that is not in the cache.
    """
    for name in sets:
        pages = own_labelled_pages() if name == "own" else list(read_corpus(name))
        yield from pages[:limit]


def task_of(page: LabelledPage) -> Task:
    """The page as every extractor gets it: text, decoded in the order that detector has.

    NULs go, and an XML declaration: it speaks of bytes, and lxml refuses a `str` that has one.
    """
    text = decode(page.html, page.encoding)[0].replace("\0", "")
    declared = _DECLARATION.match(text)
    return Task(text[declared.end() :] if declared else text, page.url, page.lang)


def html_text(html: str) -> str:
    """The text of an extractor's HTML, block by block."""
    table = walk(parse(html).root)
    return "\n\n".join(table.block_text(block) for block in range(len(table)))
