"""The worst pages side by side: what annotators kept, what we gave, and where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from rapidfuzz.distance import LCSseq

from detector.report import document
from training.align import word_spans
from training.corpora import LabelledPage

WORST: Final = 60
"""Pages that are shown."""
MOST_WORDS: Final = 6_000
"""Words of either text that are compared; longer ones are cut."""
AROUND: Final = 25
"""Words that are shown on each side of a difference; what lies between is folded away."""

STYLE: Final = """
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); }
td:nth-child(n+4), th:nth-child(n+4) { text-align: right; }
td a {
  display: inline-block; max-width: min(26rem, 48vw); overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; vertical-align: bottom;
}
.wide { overflow-x: auto; margin-bottom: 3rem; }
.pair { display: grid; gap: 1rem; margin-bottom: 2rem; }
.pair > * { min-width: 0; margin: 0; }
@media (min-width: 48rem) { .pair { grid-template-columns: 1fr 1fr; } }
.said { white-space: pre-line; margin: 0; max-height: 34rem; overflow: auto; }
del, ins { border-radius: .2rem; padding: 0 .1rem; }
del { color: var(--against); background: var(--lost); text-decoration: underline wavy 1px; }
ins { color: var(--consent); background: var(--consent-ground); text-decoration: underline 2px; }
.fold { color: var(--soft); }
:root { --lost: #fdeee7; }
@media (prefers-color-scheme: dark) { :root { --lost: #33190e; } }
"""


@dataclass(frozen=True, slots=True)
class PageScore:
    """F1 of a page, a mean over the seeds, and the text that it gave with the first."""

    page: LabelledPage
    f1: float
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts as HTML, and how many words only one of them has at its place."""

    gold: str
    ours: str
    lost: int
    leaked: int


def render_worst(scored: Sequence[PageScore], count: int = WORST) -> str:
    """An HTML document of the pages with the lowest F1, the worst first.

    Args:
        scored: pages with a gold text; others are left out.
        count: how many to show.
    """
    known = [score for score in scored if score.page.gold is not None]
    worst = sorted(known, key=lambda score: (score.f1, score.page.id))[:count]
    shown = [(score, difference(score.page.gold or "", score.text)) for score in worst]
    rows = "".join(
        f'<tr><td><a href="#p{number}">{escape(score.page.id)}</a></td>'
        f"<td>{escape(score.page.page_type or '')}</td><td>{escape(score.page.lang)}</td>"
        f"<td>{score.f1:.3f}</td><td>{found.lost:,}</td><td>{found.leaked:,}</td></tr>\n"
        for number, (score, found) in enumerate(shown)
    )
    pairs = "".join(_pair(number, *each) for number, each in enumerate(shown))
    body = f"""<header>
<h1>The {len(shown):,} worst of {len(known):,} pages</h1>
<p class="quiet">Left what annotators kept, right what we gave. <del>Lost</del>: words of the left
that are missing on the right. <ins>Leaked</ins>: words of the right that are not on the left. Texts
are aligned in order, so what has moved shows as both.</p>
<div class="wide"><table>
<tr><th>page</th><th>type</th><th>language</th><th>F1</th><th>lost</th><th>leaked</th></tr>
{rows}</table></div>
</header>
{pairs}"""
    return document("The worst pages", body, STYLE)


def _pair(number: int, score: PageScore, found: Difference) -> str:
    page = score.page
    facts = [page.page_type or "", page.lang, f"F1 {score.f1:.3f}", page.url or ""]
    return f"""<h2 id="p{number}">{escape(page.id)}</h2>
<p class="facts">{"".join(f"<span>{escape(fact)}</span>" for fact in facts if fact)}</p>
<div class="pair" lang="{escape(page.lang)}">
<section class="card"><h3 lang="en">Gold, {found.lost:,} words lost</h3>
<p class="said" dir="auto" tabindex="0">{found.gold}</p></section>
<section class="card"><h3 lang="en">Ours, {found.leaked:,} words leaked</h3>
<p class="said" dir="auto" tabindex="0">{found.ours}</p></section>
</div>
"""


def difference(gold: str, ours: str) -> Difference:
    """Align two texts word by word and mark what only one of them has."""
    left, right = word_spans(gold)[:MOST_WORDS], word_spans(ours)[:MOST_WORDS]
    words = [[text[a:b].lower() for a, b in spans] for text, spans in ((gold, left), (ours, right))]
    lost, leaked = [True] * len(left), [True] * len(right)
    for step in LCSseq.opcodes(*words):
        if step.tag == "equal":
            length = step.src_end - step.src_start
            lost[step.src_start : step.src_end] = [False] * length
            leaked[step.dest_start : step.dest_end] = [False] * length
    return Difference(
        _marked(gold, left, lost, "del"),
        _marked(ours, right, leaked, "ins"),
        sum(lost),
        sum(leaked),
    )


def _marked(text: str, spans: Sequence[tuple[int, int]], changed: Sequence[bool], tag: str) -> str:
    """The text as HTML: runs of changed words in `tag`, long unchanged runs folded."""
    if not spans:
        return '<span class="fold">nothing</span>'
    out: list[str] = []
    start = 0
    while start < len(spans):
        end = start
        while end < len(spans) and changed[end] == changed[start]:
            end += 1
        if changed[start]:
            out.append(f"<{tag}>{_between(text, spans, start, end)}</{tag}>")
        elif end - start > 3 * AROUND:
            tail = end if end == len(spans) else end - AROUND
            head = start + AROUND if start or tail == end else start
            out.append(_between(text, spans, start, head) if head > start else "")
            out.append(f' <span class="fold">[{tail - head:,} words alike]</span> ')
            out.append(_between(text, spans, tail, end) if end > tail else "")
        else:
            out.append(_between(text, spans, start, end))
        if end < len(spans):
            out.append(escape(text[spans[end - 1][1] : spans[end][0]]))
        start = end
    rest = len(text) - spans[-1][1]
    if len(spans) == MOST_WORDS and rest > 1:
        out.append(f' <span class="fold">[{rest:,} more characters not compared]</span>')
    return "".join(out)


def _between(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> str:
    return escape(text[spans[start][0] : spans[end - 1][1]])
