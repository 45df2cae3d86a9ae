"""A page and what was made of it as one HTML file to look at.

The file needs nothing but itself: its policy forbids every load and every script, and all that
comes from the page is written as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

from detector.consent.banner import ConsentBanner
from detector.page import LABELS, Block, Page
from detector.reasons import Explanation, Reason

SIDE: Final = 4
"""Features that are shown for each side of a block."""

STYLE: Final = Path(__file__).with_name("report.css")


def render_report(
    page: Page, explanations: Sequence[Explanation] | None = None, *, name: str = ""
) -> str:
    """The report of a page, a whole HTML document.

    Args:
        page: the page.
        explanations: of `page.blocks`; None to say of no block why.
        name: of the page, such as its file's; shown where it gives itself no title.
    """
    title = page.title or page.url or name or "Untitled page"
    lang = _lang(page.language)
    reasons: Sequence[Explanation | None] = explanations or [None] * len(page.blocks)
    blocks = "".join(
        _block(block, explanation) for block, explanation in zip(page.blocks, reasons, strict=True)
    )
    given = (
        f'<p class="given" dir="auto"{lang}>{escape(page.text)}</p>'
        if page.text
        else '<p class="quiet">Nothing: no block of the page is content.</p>'
    )
    hint = "" if explanations is not None else _NO_REASONS
    body = f"""<header>
<h1 dir="auto"{lang}>{escape(title)}</h1>
{_facts(page, name)}
{"".join(f'<p class="warning">{escape(w.message)}</p>' for w in page.warnings)}
{_map(page.blocks)}
{_shares(page.blocks)}
<nav>
<a href="#blocks">Blocks</a> <a href="#given">Content as given</a> <a href="#consent">Consent</a>
</nav>
</header>
<main>
<section id="blocks">
<h2>Every block with a word in it</h2>
{hint}<div{lang}>
{blocks}</div>
</section>
<aside>
<section class="card" id="given"><h2>Content as given</h2>{given}</section>
<section class="card" id="consent"><h2>Consent</h2>{_consent(page)}</section>
</aside>
</main>
<footer>Made by detector. This file loads nothing and runs nothing.</footer>
"""
    return document(title, body)


def document(title: str, body: str, style: str = "") -> str:
    """A complete document in the reports' style.

    Args:
        title: as text.
        body: as HTML.
        style: rules beside the common ones.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>
{STYLE.read_text("utf-8")}{style}</style>
</head>
<body>
{body}</body>
</html>
"""


_NO_REASONS: Final = (
    '<p class="quiet">Why a block is what it is can’t be told: that takes LightGBM, which is not '
    "here.</p>\n"
)
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def _lang(language: str) -> str:
    return f' lang="{escape(language)}"' if language else ""


def _facts(page: Page, name: str) -> str:
    facts = [
        ("address", page.url or ""),
        ("file", name),
        ("language", page.language),
        ("encoding", page.encoding or ""),
        ("platforms named", ", ".join(page.cmps)),
        ("consent wall", "yes" if page.is_consent_wall else ""),
    ]
    shown = (f"<span>{label}: {escape(value)}</span>" for label, value in facts if value)
    return f'<p class="facts">{" ".join(shown)}</p>'


def _words(block: Block) -> int:
    return max(len(block.text.split()), 1)


def _map(blocks: Sequence[Block]) -> str:
    """A bar: the page from its start to its end, each label as wide as its words."""
    total = sum(map(_words, blocks))
    stops, done = [], 0
    for label, run in groupby(blocks, key=lambda block: block.label):
        start, done = done, done + sum(map(_words, run))
        stops.append(f"var(--{label}-mark) {start / total:.2%} {done / total:.2%}")
    if not stops:
        return ""
    return (
        '<div class="map" role="img" aria-label="Where on the page each label stands" '
        f'style="background: linear-gradient(to right, {", ".join(stops)})"></div>'
    )


def _shares(blocks: Sequence[Block]) -> str:
    """What there is of each label, and whether its blocks show."""
    count, words = Counter(b.label for b in blocks), Counter[str]()
    for block in blocks:
        words[block.label] += len(block.text.split())
    parts = (
        f'<label class="{label}"><input type="checkbox" id="show-{label}" checked>'
        f"{label}: {_count(count[label], 'block')}, {_count(words[label], 'word')}</label>"
        for label in LABELS
    )
    return f'<div class="shares">{"".join(parts)}</div>'


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _block(block: Block, explanation: Explanation | None) -> str:
    percent = f"{100 * block.probability:.0f}"
    head = (
        f'<span class="meta"><b>{block.label}</b>'
        f'<span class="meter"><i style="--p:{percent}"></i></span>'
        f"<span>{block.probability:.2f}</span><code>{escape(block.tag)}</code></span>"
        f'<span class="text" dir="auto">{escape(block.text)}</span>'
    )
    why = "" if explanation is None else _why(explanation)
    heading = " heading" if block.tag in _HEADINGS else ""
    return (
        f'<details class="block {block.label}{heading}"><summary>{head}</summary>'
        f'<div class="why" lang="en">{_decided(block)}{why}'
        f"<code>{escape(block.css)}</code></div></details>\n"
    )


def _decided(block: Block) -> str:
    said = f"Probability of being content: {block.probability:.3f}."
    if block.label == "consent":
        said += " It stands in consent UI, which is never content."
    return f"<p>{said}</p>"


def _why(explanation: Explanation) -> str:
    strongest = max((abs(reason.weight) for reason in explanation.reasons), default=1.0)
    sides = "".join(
        f'<section class="{side}"><h3>{title}</h3><ul>'
        + "".join(_reason(reason, strongest) for reason in list(reasons)[:SIDE])
        + "</ul></section>"
        for side, title, reasons in (
            ("for", "Spoke for content", _side(explanation, 1)),
            ("against", "Spoke against", _side(explanation, -1)),
        )
    )
    return (
        "<p>The features that weighed most, their values on this block, and the log-odds of its "
        f'being content that they added.</p><div class="sides">{sides}</div>'
    )


def _side(explanation: Explanation, sign: int) -> Iterator[Reason]:
    return (reason for reason in explanation.reasons if reason.weight * sign > 0)


def _reason(reason: Reason, strongest: float) -> str:
    width = f"{100 * abs(reason.weight) / strongest:.0f}"
    return (
        f'<li style="--w:{width}"><code>{escape(reason.feature)}</code> = {reason.value:.3g} '
        f"({reason.weight:+.2f})<small>{escape(reason.doc)}</small></li>"
    )


def _consent(page: Page) -> str:
    if not page.banners:
        return '<p class="quiet">No consent UI was found.</p>'
    return "".join(map(_banner, page.banners))


def _banner(banner: ConsentBanner) -> str:
    facts = [
        banner.cmp or "",
        banner.language,
        "" if banner.visible else "hidden by its markup",
        f"probability {banner.probability:.2f}",
    ]
    buttons = "".join(
        f"<li><b>{button.role}</b> {button.probability:.2f}: "
        f'<span dir="auto">{escape(button.text) or "no text"}</span>'
        f"<small><code>{escape(button.css)}</code></small></li>"
        for button in banner.buttons
    )
    return (
        f'<div class="banner consent"><b class="name">{banner.kind}</b> '
        f'<span class="quiet">{escape(", ".join(filter(None, facts)))}</span>'
        f'<p dir="auto"{_lang(banner.language)}>{escape(banner.text)}</p>'
        f"<code>{escape(banner.css)}</code>"
        f'<ul class="buttons">{buttons}</ul></div>'
    )
