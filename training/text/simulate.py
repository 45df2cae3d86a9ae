"""Labelled pages -> texts as extractors leave them, each block's label known.

What is put into a text comes from pages of the same fold as the page, so that no text of one fold
holds a line of another.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.lexicon import load_terms
from detector.lexicon.cues import CUE_ROLES, load_cue_rows
from detector.page import BOILERPLATE, CONSENT, CONTENT
from detector.text.blocks import split_blocks
from detector.text.context import TextContext
from training.text.pages import Banner, TextPage

FOLDS: Final = 5
NEAR: Final = 12
"""Blocks from the nearest content within which an extractor may mistake boilerplate for it."""
MOST_KEPT: Final = 0.3
"""Largest share of that boilerplate that is kept."""
BANNER_RATE: Final = 0.5
BANNER_END_RATE: Final = 0.75
"""How often a text has a banner, and how often that stands at its end."""
WALL_RATE: Final = 0.05
"""How many of those texts hold nothing but the banner."""
BANNER_BLOCKS: Final = 25
"""Most blocks of a preference centre that are taken."""
GLUED_RATE: Final = 0.4
CONTROL_WORDS: Final = 5
"""Most words of a block that may be a control, to be glued to its neighbours."""
PROMO_WORDS: Final = 25
PROMO_RATE: Final = 0.8
MOST_PROMOS: Final = 5
"""Most promo lines inside a text, beside one at its start and one at its end."""
MADE_RATE: Final = 0.5
"""How many of the promo lines inside are made: a cue for further reading, another page's title."""
TITLE_WORDS: Final = range(4, 19)
_PROMO_ROLES: Final = [CUE_ROLES.index(r) for r in ("follow", "read_also", "share", "subscribe")]

ABOUT_RATE: Final = 0.25
"""How many pages are also made to be about cookies."""
ABOUT_WORDS: Final = 10
MOST_CHANGED: Final = 5
"""Of how many of a page's commonest longer words some become words of consent, and how many."""

SPEAKING_RATE: Final = 0.05
"""How many of its headings and other short lines become words of consent."""
ABOUT_BANNER_RATE: Final = 0.35

_SUBJECTS: Final = ("topic", "purpose", "law", "accept_all", "reject_all", "settings")
_LONG_WORD: Final = re.compile(r"\b[^\W\d_]{5,}\b")

Style = Literal["raw", "paragraphs", "lines", "about", "unread"]
STYLES: Final[tuple[Style, ...]] = ("raw", "paragraphs", "lines", "about", "unread")
"""All blocks of a page; extractor outputs in paragraphs and in lines; texts made to be about
cookies; all blocks of a page of which nothing but consent UI is told."""
Part = tuple[str, int]


class LabelledText(NamedTuple):
    """A text's blocks as the library cuts them, and their labels.

    `reopen` tells consent that is a re-open control.
    """

    page: str
    site: str
    set: str
    lang: str
    style: Style
    texts: tuple[str, ...]
    label: npt.NDArray[np.int8]
    reopen: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Donors:
    """What may be put into texts of one fold; promo lines and titles by language."""

    banners: tuple[Banner, ...]
    promos: dict[str, tuple[str, ...]]
    titles: dict[str, tuple[str, ...]]


def fold_of(site: str) -> int:
    """The fold of a site or tool: the same wherever it is met."""
    return int(hashlib.sha256(f"text {site}".encode()).hexdigest(), 16) % FOLDS


def donors(pages: Iterable[TextPage], banners: Sequence[Banner]) -> list[Donors]:
    """The banners of each fold, its promo lines, and the titles of its pages."""
    promos: list[dict[str, list[str]]] = [{} for _ in range(FOLDS)]
    titles: list[dict[str, list[str]]] = [{} for _ in range(FOLDS)]
    for page in pages:
        fold = fold_of(page.site)
        # A few of each page: the rest are the same.
        promos[fold].setdefault(page.lang, []).extend(_promos(page)[:8])
        content = [page.texts[number] for number in np.flatnonzero(page.label == CONTENT)[:1]]
        titles[fold].setdefault(page.lang, []).extend(
            text for text in content if len(text.split()) in TITLE_WORDS and "\n" not in text
        )
    return [
        Donors(
            tuple(banner for banner in banners if fold_of(banner.site) == fold),
            {lang: tuple(lines) for lang, lines in promos[fold].items()},
            {lang: tuple(lines) for lang, lines in titles[fold].items()},
        )
        for fold in range(FOLDS)
    ]


def _promos(page: TextPage) -> list[str]:
    """Short boilerplate that starts with a promo's words."""
    short = [
        text
        for text, label in zip(page.texts, page.label, strict=True)
        if label == BOILERPLATE and 2 <= len(text.split()) <= PROMO_WORDS
    ]
    if not short:
        return []
    cues = TextContext(short).starting_cues[:, _PROMO_ROLES].sum(axis=1)
    return [text for text, cue in zip(short, cues, strict=True) if cue]


def labelled_texts(page: TextPage, given: Donors, seed: int) -> Iterator[LabelledText]:
    """The page as it is; as extractors might leave it; and, of some, a text about cookies."""
    if not page.texts:
        return
    rng = np.random.default_rng([seed, int(hashlib.sha256(page.id.encode()).hexdigest()[:12], 16)])
    whole = list(zip(page.texts, page.label.tolist(), strict=True))
    yield _compose(page, whole, "raw" if page.gold else "unread")
    if (page.label == CONTENT).any():
        for style in STYLES[1:3]:
            yield _compose(page, _extract(page, given, rng, BANNER_RATE), style)
        if rng.random() < ABOUT_RATE:
            about = _about_cookies(page, rng)
            parts = list(zip(about.texts, about.label.tolist(), strict=True))
            raw = rng.random() < 1 / 3
            yield _compose(
                about, parts if raw else _extract(about, given, rng, ABOUT_BANNER_RATE), "about"
            )


def _about_cookies(page: TextPage, rng: np.random.Generator) -> TextPage:
    """The page with some of its common words become words of consent; the labels stay.

    Articles on cookies, privacy policies and documentation of headers are too rare in the page
    sets to be learned from, and would be taken for banners.
    """
    content = " ".join(
        text for text, label in zip(page.texts, page.label, strict=True) if label == CONTENT
    )
    common = [word for word, _ in Counter(_LONG_WORD.findall(content)).most_common(ABOUT_WORDS)]
    terms = [*load_subjects().get(page.lang, ()), *load_subjects()["en"]]
    changed = {
        common[number]: "cookies" if rng.random() < 0.5 else _draw(terms, rng)
        for number in rng.permutation(len(common))[: int(rng.integers(1, MOST_CHANGED + 1))]
    }
    if not changed:
        return page
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, changed)) + r")\b")
    speaks = rng.random(len(page.texts)) < SPEAKING_RATE

    def about(number: int, text: str) -> str:
        if page.label[number] == CONSENT:
            return text
        if speaks[number] and len(text.split()) <= CONTROL_WORDS:
            return _draw(terms, rng).capitalize()
        return pattern.sub(lambda match: changed[match[0]], text)

    return replace(page, texts=tuple(itertools.starmap(about, enumerate(page.texts))))


@cache
def load_subjects() -> dict[str, tuple[str, ...]]:
    """Words that speak of consent without being a banner's, by language; stems as words."""
    found: dict[str, list[str]] = {}
    for term in load_terms():
        if term.role in _SUBJECTS and term.strength == "strong" and term.text.count(" ") < 3:
            for language in term.languages:
                found.setdefault(language, []).append(term.text.replace("*", ""))
    return {language: tuple(terms) for language, terms in found.items()}


def _compose(page: TextPage, parts: Sequence[Part], style: Style) -> LabelledText:
    """Join the parts, and cut the text again as the library does."""
    gap = "\n" if style == "lines" else "\n\n"
    starts = np.cumsum([0] + [len(text) + len(gap) for text, _ in parts])
    blocks = split_blocks(gap.join(text for text, _ in parts))
    owner = np.searchsorted(starts, [block.start for block in blocks], side="right") - 1
    as_it_is = style in ("raw", "unread")
    reopen = page.reopen[owner] if as_it_is else np.zeros(len(blocks), bool)
    return LabelledText(
        page=page.id,
        site=page.site,
        set=page.set,
        lang=page.lang,
        style=style,
        texts=tuple(block.text for block in blocks),
        label=np.array([label for _, label in parts], np.int8)[owner],
        reopen=reopen,
    )


def _extract(
    page: TextPage, given: Donors, rng: np.random.Generator, banner_rate: float
) -> list[Part]:
    """Content, some of the boilerplate near it, promo lines, perhaps a banner."""
    content = np.flatnonzero(page.label == CONTENT)
    at = np.arange(len(page.texts))
    after = np.searchsorted(content, at)
    far = np.minimum(
        np.abs(at - content[np.minimum(after, len(content) - 1)]),
        np.abs(at - content[np.maximum(after - 1, 0)]),
    )
    rate = rng.uniform(0, MOST_KEPT)
    kept = (page.label == CONTENT) | (
        (page.label == BOILERPLATE) & (far <= NEAR) & (rng.random(len(at)) < rate)
    )
    parts = [(page.texts[number], int(page.label[number])) for number in np.flatnonzero(kept)]
    if rng.random() < PROMO_RATE:
        parts = _with_promos(parts, page.lang, given, rng)
    if rng.random() < banner_rate:
        own = tuple(
            text
            for text, label, reopen in zip(page.texts, page.label, page.reopen, strict=True)
            if label == CONSENT and not reopen
        )
        banner = own or _draw_banner(page, given, rng)
        consent = [(text, CONSENT) for text in _left_of(banner, rng)]
        at_end = rng.random() < BANNER_END_RATE
        if rng.random() < WALL_RATE:
            parts = []
        parts = [*parts, *consent] if at_end else [*consent, *parts]
    return parts


def _with_promos(
    parts: Sequence[Part], lang: str, given: Donors, rng: np.random.Generator
) -> list[Part]:
    """Promo lines put in: at the start and the end, and in between."""
    promos, titles = given.promos.get(lang), given.titles.get(lang)
    cues = load_promo_cues().get(lang)
    result = list(parts)
    for place in ("start", "end", *["inside"] * int(rng.integers(0, MOST_PROMOS + 1))):
        if place == "inside" and titles and cues and rng.random() < MADE_RATE:
            cue = _draw(cues, rng)
            line = cue[:1].upper() + cue[1:] + _draw((": ", " : ", " – ", " "), rng)
            line += _draw(titles, rng)
        elif promos:
            line = _draw(promos, rng)
        else:
            continue
        if place == "inside":
            result.insert(int(rng.integers(0, len(result) + 1)), (line, BOILERPLATE))
        elif rng.random() < 0.5:
            result.insert(0 if place == "start" else len(result), (line, BOILERPLATE))
    return result


def _draw(lines: Sequence[str], rng: np.random.Generator) -> str:
    return lines[int(rng.integers(len(lines)))]


@cache
def load_promo_cues() -> dict[str, tuple[str, ...]]:
    """Cues for further reading, by language."""
    found: dict[str, list[str]] = {}
    for row in load_cue_rows():
        if row.role == "read_also":
            found.setdefault(row.language, []).append(row.term)
    return {language: tuple(terms) for language, terms in found.items()}


def _draw_banner(page: TextPage, given: Donors, rng: np.random.Generator) -> tuple[str, ...]:
    """A banner of the fold; two times in three one in the page's language, if there is one."""
    pool = [banner for banner in given.banners if banner.lang == page.lang]
    if not pool or rng.random() < 1 / 3:
        pool = list(given.banners)
    # By site first: one tool's snapshots are many.
    sites = sorted({banner.site for banner in pool})
    if not sites:
        return ()
    site = sites[int(rng.integers(len(sites)))]
    pool = [banner for banner in pool if banner.site == site]
    return pool[int(rng.integers(len(pool)))].texts


def _left_of(banner: Sequence[str], rng: np.random.Generator) -> list[str]:
    """What an extractor leaves of a banner: a part of it, controls glued or lost."""
    texts = banner[:BANNER_BLOCKS]
    lost = rng.random() < 0.3
    kept = [t for t in texts if not (lost and len(t.split()) <= CONTROL_WORDS)]
    kept = kept or list(texts)
    if rng.random() >= GLUED_RATE:
        return kept
    result: list[str] = []
    glue_to_text = rng.random() < 0.5
    for number, text in enumerate(kept):
        control = len(text.split()) <= CONTROL_WORDS
        before = number > 0 and len(kept[number - 1].split()) <= CONTROL_WORDS
        if control and result and (before or glue_to_text):
            result[-1] += ("" if before else " ") + text
        else:
            result.append(text)
    return result
