"""More pages to learn from: labelled banners on other pages, and their words in other texts.

The labelled pages are few, none is a policy or an article about cookies, and most of their banners
are long. So each banner is also set onto another page, where it still is one, whole and cut to a
sentence and its buttons, as sites write their own; and what it says is set as paragraphs into the
running text of another page, where it is none. Labelled look-alikes are moved and cut as banners
are, and stay none. Hosts are pages of the same fold, so that nothing of a held-out site is learned
from.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from lxml import etree

from detector.document import parse
from detector.features.context import Context
from detector.features.region import find_region
from training.consent.labels import ConsentPage
from training.consent.rows import RootRows, candidate_rows, context_of_tree
from training.consent.scions import Scion, banners, boxes, cut_short, look_alike

GRAFTED: Final = "grafted"
"""Stands for the set of a made page."""
HOSTS: Final = 150
"""Pages of a fold that are kept to be hosts."""
QUOTED: Final = 4
"""Most banners whose words are set into one text."""
SMALL_HOSTS: Final = 0.5
"""Share of hosts that are made into small pages of a few of their blocks: public sets have few."""
PARAGRAPH: Final = 6
"""Words from which a banner's block is quoted as a paragraph; shorter ones go into the next."""
TITLE: Final = 12
"""Words of a quoted text that become the host's title, on half of the hosts."""
SHORT_BANNERS: Final = 3
SHORT_LOOK_ALIKES: Final = 2
"""Versions cut short of each banner and each look-alike."""

# Of wrappers: what lies above a page is not for that a consent banner.
_ATTRIBUTES: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    (),
    (("class", "modal"), ("role", "dialog"), ("aria-modal", "true")),
    (("class", "popup"), ("style", "position:fixed")),
    (("role", "dialog"),),
)


def grafted_rows(
    pages: Iterable[ConsentPage], folds: Iterable[int], seed: int
) -> list[tuple[int, RootRows]]:
    """Rows of made pages, each with its fold: one page with each labelled banner that asks or
    informs, one with the banner cut short, one with its words in a text; and one with a look-alike
    of each page that has nothing else, and with that cut short."""
    look_alikes: dict[int, list[Scion]] = defaultdict(list)
    random = Random(seed)
    scions: dict[int, list[Scion]] = defaultdict(list)
    hosts: dict[int, list[ConsentPage]] = defaultdict(list)
    for page, fold in zip(pages, folds, strict=True):
        if page.labels is not None and page.labels.roots:
            scions[fold] += banners(page)
        elif len(hosts[fold]) < HOSTS:
            hosts[fold].append(replace(page, set=GRAFTED))
            look_alikes[fold] += boxes(page, random)
        if page.labels is not None and page.labels.negatives and not page.labels.roots:
            look_alikes[fold].append(look_alike(page, random.choice(page.labels.negatives)))
    rows = []
    for fold, own in sorted(scions.items()):
        for scion in own:
            quoted = random.choices(own, k=random.randint(1, QUOTED))
            rows.append((fold, _moved(random.choice(hosts[fold]), scion, random)))
            rows.append((fold, _quoted(random.choice(hosts[fold]), quoted, random)))
        for scion in look_alikes[fold]:
            rows.append((fold, _moved(random.choice(hosts[fold]), scion, random)))
        for scion in (*own, *look_alikes[fold]):
            for _ in range(SHORT_BANNERS if scion.kind else SHORT_LOOK_ALIKES):
                short = cut_short(scion, random)
                if short is not None:
                    rows.append((fold, _moved(random.choice(hosts[fold]), short, random)))
    return rows


def _moved(host: ConsentPage, scion: Scion, random: Random) -> RootRows:
    """The element first or last on the host's page, which may be made small; perhaps in wrappers of
    its own, perhaps the whole page in wrappers, as pages that a script builds are."""
    root = parse(host.html, encoding=host.encoding).root
    body = root.find("body")
    banner = copy.deepcopy(scion.element)
    if body is None:
        return candidate_rows(host, context_of_tree(root, host.url), [])
    if random.random() < SMALL_HOSTS:
        _make_small(body, context_of_tree(root, host.url), random)
    top = banner
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        top = _wrapped([top])
        for name, value in random.choice(_ATTRIBUTES):
            top.set(name, value)
    page = list(body)
    page.insert(random.choice((0, len(page), len(page))), top)
    for _ in range(random.choice((0, 0, 1, 2))):
        page = [_wrapped(page)]
    body.extend(page)
    context = context_of_tree(root, host.url)
    number = context.table.elements.index(banner)
    return candidate_rows(host, context, [(number, scion.kind)] if scion.kind else [])


def _make_small(body: etree._Element, context: Context, random: Random) -> None:
    """Leave a menu, a heading, some paragraphs and a last line of what stands in a body."""
    texts = [context.table.block_text(block) for block in range(context.n)]
    short = [text for text in texts if 0 < len(text.split()) < 5]
    long = [text for text in texts if len(text.split()) >= 10]
    for child in list(body):
        body.remove(child)
    body.text = None
    menu = etree.SubElement(body, random.choice(("nav", "div", "header")))
    for text in random.sample(short, min(len(short), random.randint(2, 6))):
        etree.SubElement(menu, "a", href="/page").text = text
    main = etree.SubElement(body, random.choice(("main", "div", "article", "section")))
    etree.SubElement(main, "h1").text = context.metadata.title or (short or ["Start"])[0]
    start = random.randrange(max(len(long) - 3, 1))
    for text in long[start : start + random.randint(2, 6)]:
        etree.SubElement(main, random.choice(("p", "p", "p", "div"))).text = text
    foot = etree.SubElement(body, random.choice(("footer", "div")))
    etree.SubElement(foot, "p").text = random.choice(short or ["Start"])


def _wrapped(elements: Sequence[etree._Element]) -> etree._Element:
    wrapper = etree.Element("div")
    wrapper.extend(elements)
    return wrapper


def _quoted(host: ConsentPage, scions: Sequence[Scion], random: Random) -> RootRows:
    """What the banners say as paragraphs of the host's running text, which may lose its own."""
    root = parse(host.html, encoding=host.encoding).root
    table = (context := context_of_tree(root, host.url)).table
    if not context.n:
        return candidate_rows(host, context, [])
    text = table.elements[find_region(context).top]
    if random.random() < 0.5:
        for paragraph in text.findall("p"):
            if random.random() < 0.7:
                text.remove(paragraph)
    said = _paragraphs(text for scion in scions for text in scion.texts)
    for words in said:
        paragraph = etree.Element("p")
        paragraph.text = words
        text.insert(random.randint(0, len(text)), paragraph)
    if said and random.random() < 0.5:
        for heading in (root.find(".//title"), root.find(".//h1")):
            if heading is not None:
                heading.text = " ".join(said[0].split()[:TITLE])
    return candidate_rows(host, context_of_tree(root, host.url), [])


def _paragraphs(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    short: list[str] = []
    for text in texts:
        short.append(text)
        if len(text.split()) >= PARAGRAPH:
            found.append(" ".join(short))
            short = []
    return [*found, " ".join(short)] if short else found
