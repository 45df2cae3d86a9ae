"""`python -m training.speed`: CPU time of `detect` beside a bare parse by `lxml.html`.

The two take turns page by page, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from lxml import html as lxml_html

from detector.detector import Detector
from training.corpora import CorpusError, read_corpus
from training.progress import track

PAGES: Final = 300


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.speed", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help="of WCXB (%(default)s)")
    parser.add_argument("--bundle", type=Path, help="bundle to time; default: the shipped one")
    options = parser.parse_args(arguments)
    try:
        pages = [page.html for page in read_corpus("wcxb")]
    except CorpusError as error:
        print(f"speed: {error}", file=sys.stderr)
        return 1
    pages = random.Random(0).sample(pages, min(options.pages, len(pages)))
    detect = Detector(options.bundle).detect
    detect(pages[0])  # imports and loads what is used later
    parse = ours = 0.0
    for html in track(pages, len(pages), "pages timed"):
        parse += cpu_seconds(bare_parse, html)
        ours += cpu_seconds(detect, html)
    size = sum(map(len, pages)) / len(pages) / 1e3
    each = 1e3 / len(pages)
    print(
        f"{len(pages)} pages of {size:.0f} kB, ms of CPU a page: bare parse {parse * each:.2f}, "
        f"detect {ours * each:.2f}, {ours / parse:.2f} times"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
