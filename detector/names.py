"""Class, id, role and itemprop strings: their tokens, word groups and learned scores."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
        _BITS[f"w{_word}"] = _BITS.get(f"w{_word}", 0) | 1 << _number

_DIGITS: Final = re.compile(r"\d+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TO_WORDS: Final = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalpha() and code != 10}
)
_SHORTEST: Final = 2  # a letter and its kind: what is left of numbers and of hashed names
_KINDS: Final = {"1": "c", "2": "i", "3": "r", "4": "p"}
_MAX_NAMES: Final = 24  # utility-class soups repeat themselves; more tells nothing new

TokenScores = Mapping[str, float]
"""Learned log-odds of content for tokens as `tokens` gives them."""


def tokens(name_string: str) -> list[str]:
    """Tokens of one entry of `BlockTable.name_strings`: whole names, digits as `0`, with their
    kind (`c` class, `i` id, `r` role, `p` itemprop), and the words they are made of (`w`).

    >>> tokens("\\0" "1entry-content p12" "\\0" "2mainBody")
    ['centry-content', 'wentry', 'wcontent', 'cp0', 'imainbody', 'wmain', 'wbody']
    """
    found = (token for each in _tokens_of(_names(name_string)) for token in each)
    return [token for token in found if len(token) > _SHORTEST]


def _names(name_string: str) -> list[str]:
    """The single names in an entry, each with the letter of its kind before it."""
    return [
        _KINDS[part[0]] + name
        for part in name_string.split("\0")[1:]
        for name in part[1:].split()[:_MAX_NAMES]
    ]


def _tokens_of(names: Collection[str]) -> list[list[str]]:
    """Tokens of each name. All at once, as a page has hundreds: names hold no white space."""
    joined = "\n".join(names)
    if not joined:
        return []
    wholes = _DIGITS.sub("0", joined.lower()).split("\n")
    bodies = [name[1:] if name.islower() else _CAMEL.sub(" ", name[1:]) for name in names]
    text = "\n".join(bodies).lower().translate(_TO_WORDS).replace("  ", " ")
    # "post body" -> "wpost wbody", for all names in a few passes in C
    lines = ("w" + text.replace(" ", " w").replace("\n", "\nw")).split("\n")
    return [[whole, *line.split()] for whole, line in zip(wholes, lines, strict=True)]


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What each entry of `BlockTable.name_strings` says, shapes (len(name_strings),).

    Attributes:
        groups: bit set of the word groups that it names.
        scores: mean learned score of its known tokens; NaN where none is known.
    """

    groups: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]


def read_names(
    name_strings: Sequence[str], wanted: npt.NDArray[np.bool_], scores: TokenScores
) -> NameFacts:
    """Look up the wanted names of a page, each distinct one once; the rest say nothing."""
    numbers: dict[str, int] = {}
    used: list[list[int]] = [
        [numbers.setdefault(name, len(numbers)) for name in _names(name_string)]
        for name_string in itertools.compress(name_strings, wanted)
    ]
    facts = [_facts_of(found, scores) for found in _tokens_of(numbers)]
    groups = np.zeros(len(name_strings), np.int64)
    means = np.full(len(name_strings), np.nan)
    for entry, found in zip(np.flatnonzero(wanted).tolist(), used, strict=True):
        bits = known = 0
        total = 0.0
        for number in found:
            name_bits, name_total, name_known = facts[number]
            bits |= name_bits
            total += name_total
            known += name_known
        groups[entry] = bits
        if known:
            means[entry] = total / known
    return NameFacts(groups, means)


def _facts_of(found: Sequence[str], scores: TokenScores) -> tuple[int, float, int]:
    """Bits of the groups, sum of the known scores and their number, for one name's tokens."""
    bits = known = 0
    total = 0.0
    for token in found:
        bits |= _BITS.get(token, 0)
        score = scores.get(token)
        if score is not None:
            total += score
            known += 1
    return bits, total, known
