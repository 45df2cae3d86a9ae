"""Class, id, role and itemprop strings: their tokens, word groups and learned scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

# Words that web authors name parts of pages with. A group is one bit of an element; the model
# decides what it is worth. Own compilation from reading the training pages' class names.
GROUPS: Final = {
    "navigation": "nav navbar navigation menu menus submenu dropdown topbar toolbar megamenu tabs",
    "edge": "header footer foot masthead colophon bottom copyright legal top sitefooter",
    "aside": "sidebar aside rail widget widgets secondary complementary sticky drawer offcanvas",
    "related": "related recommended recommendations similar more also popular trending recirc "
    "suggestions upsell crosssell latest recent next prev previous",
    "promotion": "ad ads advert advertisement sponsor sponsored promo promotion banner cta "
    "newsletter subscribe subscription signup outbrain taboola dfp gpt marketing donate",
    "share": "share sharing social follow facebook twitter whatsapp pinterest linkedin addthis",
    "byline": "author authors byline meta date time published tags tag category categories "
    "breadcrumb breadcrumbs bio avatar pubdate timestamp",
    "comment": "comment comments reply replies respond disqus discussion responses commentlist",
    "post": "post posts thread topic message messages forum answer question qa board reply",
    "article": "article content entry story body text main prose markdown richtext articlebody",
    "card": "card cards item items list listing grid tile tiles teaser row result results feed",
    "product": "product products price prices sku cart shop buy stock variant variants gallery",
    "review": "review reviews rating ratings testimonial testimonials stars feedback",
    "form": "form login search input field filter filters facet facets sort pagination pager",
    "popup": "modal popup overlay lightbox dialog toast alert notice notification",
    "consent": "cookie cookies consent gdpr cmp ccpa privacy onetrust didomi cookiebot rgpd lgpd",
    "docs": "doc docs documentation toc code highlight sphinx section reference api guide",
    "caption": "caption figcaption credit legend figure image photo media video",
    "hidden": "hidden hide sr only visually screen reader invisible collapse noscript",
}  # fmt: skip
GROUP_NAMES: Final = tuple(GROUPS)
_BITS: Final[dict[str, int]] = {}
for _number, _words in enumerate(GROUPS.values()):
    for _word in _words.split():
        _BITS[_word] = _BITS.get(_word, 0) | 1 << _number

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}(?![a-z])|[^\W\d_a-zA-Z]+")
_DIGITS: Final = re.compile(r"\d+")
_MAX_TOKENS: Final = 24  # utility-class soups repeat themselves; more tells nothing new

TokenScores = Mapping[str, float]
"""Learned log-odds of content for tokens as `tokens` gives them."""


def tokens(name_string: str) -> list[str]:
    """Tokens of one entry of `BlockTable.name_strings`: whole names, digits as `0`, with their
    kind (`c` class, `i` id, `r` role, `p` itemprop), and the words they are made of (`w`).

    >>> tokens("\\0" "1entry-content p12" "\\0" "2mainBody")
    ['centry-content', 'cp0', 'imainbody', 'wentry', 'wcontent', 'wp', 'wmain', 'wbody']
    """
    found: dict[str, None] = {}
    words: dict[str, None] = {}
    for part in name_string.split("\0")[1:]:
        kind = "?cirp"[int(part[0])]
        for name in part[1:].split()[:_MAX_TOKENS]:
            found[kind + _DIGITS.sub("0", name.lower())] = None
            for word in _WORD.findall(name):
                words["w" + word.lower()] = None
    return [*found, *words]


def group_bits(token_lists: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    """Bit set of the word groups that each list of tokens names, shape (len(token_lists),)."""
    bits = np.zeros(len(token_lists), np.int64)
    for number, found in enumerate(token_lists):
        value = 0
        for token in found:
            if token[0] == "w":
                value |= _BITS.get(token[1:], 0)
        bits[number] = value
    return bits


def name_scores(
    token_lists: Sequence[Sequence[str]], scores: TokenScores
) -> npt.NDArray[np.float64]:
    """Mean learned score of each list's known tokens; NaN where none is known."""
    result = np.full(len(token_lists), np.nan)
    for number, found in enumerate(token_lists):
        known = [scores[token] for token in found if token in scores]
        if known:
            result[number] = sum(known) / len(known)
    return result
