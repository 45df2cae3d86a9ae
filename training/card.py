"""The card of a bundle: what it was trained on and what it is bad at, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEMPLATE = """# Model card: {name}

LightGBM over the blocks of a web page: is a block content (what the page was made to deliver) or
boilerplate? One model of {rounds} trees; a small page-type model and a table of learned scores, of
class, id, role and itemprop tokens and of words of the text, feed it.

## Trained on
{pages}
{sites:,} registered domains, seed {seed}. Pages whose bytes, address or registered domain also
stand in the held-out sets (aeb, traf) were left out. Third-party pages are not in the bundle; their
labels' licences are in `datasets/sources.toml`.

## Consent UI
Two more models find the roots of consent UI (banner, preference centre, re-open control) among the
elements that show any evidence of it, and tell their buttons' roles. They were trained on the
consent labels of `datasets/consent` (its CARD.md says how those were made): real pages of all five
sets, the held-out ones too, whose content was never looked at, and rendered snapshots of 15 tools.

## Text without markup
Two models label the blocks of a text that an extractor has made: is a block consent UI, and if not,
is it content? They were trained on the blocks of the same pages, whole and as extractors leave them
(simulated: promotions and banners put in, labels glued), on texts that were made to be about
cookies, and, for consent alone, on the pages of aeb and traf. Consent is decided on runs of blocks.

## Decision
The set of blocks with the highest expected F1 is kept; on articles recall weighs less by
{caution:.0%}, on collections and listings more by {eagerness:.0%}, as what is in doubt there
stands or falls together. A page of which fewer than {least_words:.0f} words are expected to be
content, and less than half of all its words, is taken for a shell and gives nothing (not in
`recall` mode). These numbers were chosen on cross-fitted training folds.

## Bad at
- Pages whose text a script makes: what is not in the HTML can't be found.
- Product, category and listing pages: annotators differ on what their content is (two annotations
  of the same page agree to F1 .75 to .85), and so do the model and any annotator.
- Languages: the training pages are English of all types, and news in Greek, Polish, Russian and
  Chinese. Elsewhere structure alone speaks, and pages that are neither English nor news are the
  least known.
- Consent UI of tools that show few words of consent, and the exact extent of large banners: some
  of their words or buttons may stay outside. What kind a root is (modal, notice, wall) is by plain
  rules that were not scored.
- Consent text of which an extractor has left no word of consent, and long tables of cookies; in
  texts about cookies, passages that speak as a banner does.
- Comments under news: kept where the page marks them no other way than by their words.
- The headline: annotators mostly kept it apart from an article's text (of WCXB's articles 95%, of
  zh's 97%, of waddle's 20%), and so does the model. `Page.title` is what a page calls itself.
"""


def render(name: str, training: Mapping[str, Any], decision: Mapping[str, float]) -> str:
    """The card's Markdown."""
    pages = "\n".join(
        f"- {pages:,} pages of {source}" for source, pages in training["pages"].items()
    )
    return _TEMPLATE.format(name=name, **{**training, **decision, "pages": pages})
