"""`python -m training.speed`: CPU time of `detect`, stage by stage, beside a bare parse.

All take turns page by page, so that a machine that slows down slows all of them. Peers are timed
where they are installed: a bare `lxml.html` parse always, resiliparse and trafilatura if there.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from lxml import html as lxml_html

from detector import compiled
from detector.allocation import no_collection
from detector.blocks import walk
from detector.consent.evidence import gather
from detector.consent.roots import roots_of
from detector.decide import choose
from detector.detector import Detector
from detector.document import parse
from detector.encoding import to_utf8
from detector.features import featurise_page
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.model import block_matrix
from detector.render import render_text
from training.corpora import CorpusError, read_corpus
from training.own import FOLDER
from training.progress import track
from training.scaling import LARGE, by_size, concatenated, generated, peak_beyond_parse, starts

PAGES: Final = 300
SMALL: Final = "fr-article-presse.html"  # of the own pages
PARSE, DETECT = "bare lxml.html parse", "detect, from bytes"
STAGES: Final = (
    "decode", "parse", "walk", "metadata", "consent evidence", "features", "forest",
    "consent roots", "decision", "text",
)  # fmt: skip


def bare_parse(html: bytes) -> object:
    """What every extractor that uses lxml has to do."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml_html.document_fromstring(html, parser=parser)


def cpu_seconds(work: Callable[[bytes], object], html: bytes) -> float:
    """Process CPU time of one call."""
    started = time.process_time()
    result = work(html)
    spent = time.process_time() - started
    del result  # freeing the tree is not part of either
    return spent


def stages(detector: Detector, html: bytes) -> dict[str, float]:
    """Process CPU time of each of `STAGES` of `Detector.detect`, in seconds."""
    with no_collection():
        clocks = [time.process_time()]
        for _ in _steps(detector, html):
            clocks.append(time.process_time())
    spent = dict(zip(STAGES, np.diff(clocks).tolist(), strict=True))
    spent["parse"] -= spent["decode"]  # `parse` decodes too
    return spent


def _steps(detector: Detector, html: bytes) -> Iterator[object]:
    """The parts of `detect`, one after the other."""
    model = detector.model
    yield to_utf8(html)
    document = parse(html)
    yield document
    table = walk(document.root, owned=True)
    yield table
    metadata = read_metadata(document.root, None, table.head)
    yield metadata
    context = Context(table, metadata, model.names)
    evidence = gather(context)
    yield evidence
    page_row = featurise_page(context)
    matrix = block_matrix(context, np.zeros((1, 7)))
    yield matrix
    types = model.page_type.predict(page_row).reshape(1, -1)
    probabilities = model.content.predict(matrix)
    yield probabilities
    yield roots_of(evidence, model.consent, content=probabilities)
    chosen = choose(
        probabilities,
        context.words,
        types[0],
        model.cut,
    )
    yield chosen
    yield render_text(table, np.flatnonzero(chosen))


def peers() -> dict[str, Callable[[bytes], object]]:
    """Extractors beside us, of those that are installed."""
    found: dict[str, Callable[[bytes], object]] = {}
    resiliparse = _module("resiliparse.extract.html2text")
    if resiliparse is not None:
        tree: Any = importlib.import_module("resiliparse.parse.html").HTMLTree
        guess: Any = importlib.import_module("resiliparse.parse.encoding").detect_encoding
        extract: Any = resiliparse.extract_plain_text
        found["resiliparse"] = lambda html: extract(
            tree.parse_from_bytes(html, guess(html)), main_content=True
        )
    trafilatura = _module("trafilatura")
    if trafilatura is not None:
        found["trafilatura"] = trafilatura.extract
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.speed", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help="of WCXB (%(default)s)")
    parser.add_argument("--stages", action="store_true", help="nothing but the stages")
    parser.add_argument("--bundle", type=Path, help="bundle to time; default: the shipped one")
    options = parser.parse_args(arguments)
    try:
        pages = [page.html for page in read_corpus("wcxb")]
    except CorpusError as error:
        print(f"speed: {error}", file=sys.stderr)
        return 1
    pages = random.Random(0).sample(pages, min(options.pages, len(pages)))
    detector = Detector(options.bundle)
    works = {PARSE: bare_parse, DETECT: detector.detect, **peers()}
    totals = dict.fromkeys((*works, *STAGES), 0.0)
    for work in works.values():
        work(pages[0])  # imports and loads what is used later
    for html in track(pages, len(pages), "pages timed"):
        for name, work in works.items():
            totals[name] += cpu_seconds(work, html)
        for name, spent in stages(detector, html).items():
            totals[name] += spent
    size = sum(map(len, pages)) / len(pages) / 1e3
    print(f"{len(pages)} pages of {size:.0f} kB on average; {compiled.description()}")
    print(f"{'':<22}{'ms of CPU a page':>17}{'times the bare parse':>22}")
    for name, total in totals.items():
        shown = name if name in works else f"  {name}"
        print(f"{shown:<22}{total * 1e3 / len(pages):>17.2f}{total / totals[PARSE]:>22.2f}")
    if not options.stages:
        _print_scaling(detector, pages)
    return 0


def _print_scaling(detector: Detector, pages: Sequence[bytes]) -> None:
    print(f"\n{'size of the page':<22}{'ms per MB, generated':>22}{'of real pages':>17}")
    for size, made, real in by_size(detector, pages):
        print(f"{size / 1e6:<19.2f} MB{made:>22.1f}{real:>17.1f}")
    print(f"\npeak of memory above the parse's, pages of {LARGE / 1e6:.0f} MB")
    for name, html in (
        ("generated", generated(LARGE)),
        ("real pages", concatenated(pages, LARGE)),
    ):
        print(f"{name:<22}{peak_beyond_parse(html) / 1e6:>14.0f} MB")
    print(f"\n{'a short run':<22}{'ms of CPU':>17}")
    for name, seconds in starts(FOLDER / SMALL):
        print(f"{name:<22}{seconds * 1e3:>17.0f}")


if __name__ == "__main__":
    sys.exit(main())
