"""Class, id, role and itemprop strings: their tokens, word groups and learned scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.columns import NUMBER, Numbers
from detector.compiled import NAMES
from detector.lazy import cached_property, regex
from detector.words import WordScores

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

_CAMEL: Final = regex(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN: Final = "\x01"  # parts the entries while a page's are handled as one string
_TO_WORDS: Final = str.maketrans(
    {chr(code): " " for code in range(128) if not chr(code).isalpha() and chr(code) != _BETWEEN}
)
_TO_WHOLES: Final = str.maketrans("123456789", "000000000")

_WORD: Final = "w"
_WHOLE_KINDS: Final = "cirp"
_KINDS: Final = _WHOLE_KINDS + _WORD
TEXT: Final = "t"
"""The kind of tokens that are words of the page's text, not of names."""

TokenScores = Mapping[str, float]
"""Learned log-odds of content for tokens as `tokens` gives them."""


def tokens(name_string: str) -> list[str]:
    """Tokens of one entry of `BlockTable.name_strings`: whole names, digits as `0`, with the letter
    of their kind (`c` class, `i` id, `r` role, `p` itemprop), and the words in them (`w`).

    >>> tokens("\\0c entry-content p12" "\\0i mainBody")
    ['centry-content', 'cp00', 'imainbody', 'wentry', 'wcontent', 'wmain', 'wbody']
    """
    [(whole, words)] = _lines([name_string])
    found = [part[0] + name for part in whole.split("\0")[1:] for name in part[1:].split()]
    return found + [_WORD + word for word in words.split() if len(word) > 1]


def _lines(name_strings: Sequence[str]) -> list[tuple[str, str]]:
    """Each entry as its whole names and as its words, in a few passes over all of them at once."""
    joined = _BETWEEN.join(name_strings).lower()
    if joined.count(_BETWEEN) != max(len(name_strings) - 1, 0):  # an attribute holds it
        return _lines([name.replace(_BETWEEN, " ") for name in name_strings])
    split = [name if name.islower() else _CAMEL.sub(" ", name) for name in name_strings]
    words = _BETWEEN.join(split).lower().translate(_TO_WORDS).split(_BETWEEN)
    wholes = joined.translate(_TO_WHOLES).split(_BETWEEN)
    return list(zip(wholes, words, strict=True))


class NameTable:
    """Learned scores and word groups, laid out for looking up.

    Args:
        scores: of tokens; or a table of them as text: a line of token, tab and score for each.

    Raises:
        ValueError: the text is no such table.
    """

    def __init__(self, scores: TokenScores | str) -> None:
        table = scores if isinstance(scores, str) else _table(scores)
        self.compiled: Any = None
        if NAMES is not None:
            try:
                self._lay(NAMES, table)
            except ValueError:  # perhaps because it is not sorted
                table = _table(_parse(table))
                self._lay(NAMES, table)
        else:
            self._scores = _parse(table)
            texts = {token[1:]: score for token, score in self._scores.items() if token[0] == TEXT}
            self.text = WordScores.of(texts)
        self._table = table

    def _lay(self, compiled: ModuleType, table: str) -> None:
        room = table.count("\n")
        starts, scores = np.empty(room, np.int32), np.empty(room)
        self.compiled = compiled.Tokens(table, _group_bits(), _KINDS, TEXT, starts, scores)
        n = self.compiled.n_texts
        self.text = WordScores(table, starts[:n], scores[:n].copy())

    @cached_property
    def _scores(self) -> TokenScores:
        return _parse(self._table)

    @cached_property
    def wholes(self) -> dict[str, dict[str, float]]:
        """Scores of whole names, by the letter of their kind."""
        wholes: dict[str, dict[str, float]] = {kind: {} for kind in _WHOLE_KINDS}
        for token, score in self._scores.items():
            if token[0] in wholes:
                wholes[token[0]][token[1:]] = score
        return wholes

    @cached_property
    def words(self) -> dict[str, tuple[int, float, int]]:
        """Of words in names: bits of the groups, score, and how many scores that is (0 or 1)."""
        bits = _group_bits()
        words = {word: (mask, 0.0, 0) for word, mask in bits.items()}
        for token, score in self._scores.items():
            if token[0] == _WORD:
                words[token[1:]] = (bits.get(token[1:], 0), score, 1)
        return words

    def __reduce__(self) -> tuple[type[NameTable], tuple[str]]:
        return type(self), (self._table,)


def _table(scores: TokenScores) -> str:
    """The text of a table, in the order that the compiled code reads."""
    return "".join(f"{token}\t{float(scores[token])!r}\n" for token in sorted(scores))


def _parse(table: str) -> TokenScores:
    """What a table says. As text it is read in a fifth of the time of JSON."""
    cells = table.replace("\n", "\t").split("\t")
    tokens = cells[:-1:2]
    scores = dict(zip(tokens, map(float, cells[1::2]), strict=True))
    if len(scores) != len(tokens) or cells[-1] or not all(map(math.isfinite, scores.values())):
        raise ValueError("a token stands twice, a line has no end, or a score is not finite")
    if not {token[:1] for token in tokens} <= {*_KINDS, TEXT}:
        raise ValueError("a token of another kind")
    return scores


def _group_bits() -> dict[str, int]:
    """Bits of the groups that each word is of."""
    bits: dict[str, int] = {}
    for number, words in enumerate(GROUPS.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << number
    return bits


class NameFacts(NamedTuple):
    """What each element's names say, shapes (e,).

    Attributes:
        groups: bit set of the word groups that they name.
        scores: mean learned score of their known tokens; NaN where none is known.
    """

    groups: Numbers
    scores: npt.NDArray[np.float64]


def read_names(
    name_strings: list[str],
    names: Numbers,
    words: Numbers,
    table: NameTable,
) -> NameFacts:
    """Look up the names of a page that an element with words has; the rest say nothing.

    Args:
        names: (e,) index into `name_strings`.
        words: (e,) words in each element.
    """
    if table.compiled is None:
        used = np.zeros(len(name_strings), bool)
        used[names[words > 0]] = True
        entries = np.flatnonzero(used).tolist()
        facts = NameFacts(np.zeros(len(names), NUMBER), np.full(len(names), np.nan))
    else:
        facts = NameFacts(np.empty(len(names), NUMBER), np.empty(len(names)))
        entries = table.compiled.read(name_strings, names, words, facts.groups, facts.scores)
    if entries:
        bits, means = _read(name_strings, entries, table)
        read = np.zeros(len(name_strings), bool)
        read[entries] = True
        np.copyto(facts.groups, bits[names], where=read[names])
        np.copyto(facts.scores, means[names], where=read[names])
    return facts


def _read(
    name_strings: list[str], entries: list[int], table: NameTable
) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """Groups and scores of some of the names, shapes (len(name_strings),)."""
    groups = np.zeros(len(name_strings), NUMBER)
    means = np.full(len(name_strings), np.nan)
    lines = _lines([name_strings[entry] for entry in entries])
    wholes, words = table.wholes, table.words
    for entry, (whole, line) in zip(entries, lines, strict=True):
        bits = known = 0
        total = 0.0
        for part in whole.split("\0")[1:]:
            scores = wholes[part[0]]
            for name in part[1:].split():
                score = scores.get(name)
                if score is not None:
                    total += score
                    known += 1
        for word in line.split():
            facts = words.get(word)
            if facts is not None:
                bits |= facts[0]
                total += facts[1]
                known += facts[2]
        groups[entry] = bits
        if known:
            means[entry] = total / known
    return groups, means
