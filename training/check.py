"""`python -m training.check DIR`: what is wrong with a labelled page set, page by page."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from lxml import etree

from detector.blocks import walk
from detector.document import parse
from training.align import align, words_of
from training.corpora import CorpusError, held_out_sites
from training.pageset import SetPage, page_paths, read_page
from training.progress import track

FOUND: Final = 0.9
"""Share of the gold's words that should stand on the page."""


def faults(each: SetPage) -> Iterator[str]:
    """What is wrong with a page's labels, beside their form."""
    page = each.page
    root = parse(page.html, encoding=page.encoding).root
    table = walk(root)
    texts = [table.block_text(block) for block in range(len(table))]
    if page.gold is not None:
        gold = len(words_of(page.gold))
        shares = align(texts, page.gold)
        words = [len(words_of(text)) for text in texts]
        found = sum(share * count for share, count in zip(shares, words, strict=True))
        if gold and found < FOUND * gold:
            yield f"only {found / gold:.0%} of its gold's {gold:,} words stand on the page"
        if not gold and not each.blocks:
            yield "its gold is empty: is there no content on it?"
    missing = Counter(text for _, text in each.blocks) - Counter(texts)
    for text in list(missing)[:3]:
        yield f"no block of the page is {text[:60]!r}"
    if each.consent is not None and each.consent.labels is not None:
        for label in each.consent.labels.roots:
            yield from _root_faults(root, label.xpath, [b.xpath for b in label.buttons])


def _root_faults(root: etree._Element, xpath: str, buttons: Sequence[str]) -> Iterator[str]:
    found = _at(root, xpath)
    if len(found) != 1:
        yield f"{xpath} leads to {len(found)} elements"
        return
    for button in buttons:
        at = _at(root, button)
        if len(at) != 1:
            yield f"{button} leads to {len(at)} elements"
        elif found[0] is not at[0] and found[0] not in at[0].iterancestors():
            yield f"the button {button} is not inside {xpath}"


def _at(root: etree._Element, xpath: str) -> list[etree._Element]:
    try:
        found = root.xpath(xpath)
    except etree.XPathError:
        return []
    nodes = found if isinstance(found, list) else []
    return [node for node in nodes if isinstance(node, etree._Element)]


def check(folder: Path) -> tuple[list[str], list[SetPage]]:
    """Everything that is wrong with a set, and the pages that could be read.

    Raises:
        CorpusError: there is no such set.
    """
    wrong: list[str] = []
    pages: list[SetPage] = []
    paths = page_paths(folder)
    for path in track(paths, len(paths), "pages checked"):
        try:
            each = read_page(path)
        except CorpusError as error:
            wrong.append(str(error))
            continue
        pages.append(each)
        wrong += [f"{path}: {fault}" for fault in faults(each)]
    names = {path.stem for path in paths}
    wrong += [
        f"{path}: there is no {path.stem}.html"
        for path in sorted(folder.glob("*"))
        if path.suffix in (".json", ".txt") and path.stem not in names
    ]
    first: dict[str, str] = {}
    for each in pages:
        other = first.setdefault(each.page.sha256, each.page.id)
        if other != each.page.id:
            wrong.append(f"{each.page.id}: the same bytes as {other}")
    return wrong, pages


def _held_out(pages: Sequence[SetPage]) -> list[str]:
    """Sites that the held-out sets have too, as far as those are fetched."""
    try:
        known = held_out_sites()
    except CorpusError:
        return []
    return sorted({each.page.site for each in pages} & known)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m training.check", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path, help="the set")
    options = parser.parse_args(arguments)
    try:
        wrong, pages = check(options.folder)
    except CorpusError as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    for line in wrong:
        print(line)
    for site in _held_out(pages):
        print(f"note: {site} is in a held-out set too, whose figures no longer hold for it")
    sites = len({each.page.site for each in pages})
    content = sum(each.page.gold is not None for each in pages)
    consent = sum(each.consent is not None for each in pages)
    print(
        f"{len(pages):,} pages of {sites:,} sites: {content:,} with content labelled, "
        f"{consent:,} with consent; {len(wrong):,} faults"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
