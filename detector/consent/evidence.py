"""What on a page speaks of consent: words of the text, names of elements, controls.

All of it is evidence for a model; nothing here decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.blocks import BlockTable, fold
from detector.consent.names import holding
from detector.consent.platforms import Fact, read_platform_names
from detector.features.context import Context
from detector.lazy import cached_property
from detector.lexicon import ROLES, Matcher, load_matcher
from detector.tags import CODE as TAG

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

N_ROLES: Final = 2 * len(ROLES)
"""Roles of the lexicon; the second half are the first half's weak terms."""
ROLE: Final = {name: number for number, name in enumerate(ROLES)}

# A substring that every name of `_NAMED` has: the cheap test before the dear one.
_HINTS: Final = (
    "cookie", "consent", "gdpr", "rgpd", "dsgvo", "lgpd", "ccpa", "cnil", "privacy", "rodo",
    "datenschutz", "cc-", "cc_", "cmp-", "cmp_", "cmpb", "cmpw",
)  # fmt: skip

# Words of consent UI in class and id names. Own compilation from the training pages' names; names
# of platforms are not here but among the lexicon's facts.
_NAMED: Final = re.compile(
    r"cookie|consent|gdpr|rgpd|dsgvo|lgpd|ccpa|cnil|eprivacy|\brodo\b"
    r"|\bcmp[-_]?(?:box|wrapper|banner|root|container|modal|popup)"
    r"|\bcc[-_](?:window|banner|revoke|container|main|message|bar|modal)"
    r"|privacy[-_]?(?:banner|notice|popup|bar|manager|settings?|overlay|modal|prompt|alert|warning"
    r"|cent(?:er|re)|choices|preferences)|datenschutz[-_]?(?:banner|hinweis)"
)
_STRONG: Final = re.compile(
    r"cookies?[-_ ]?(?:banner|bar|notice|notification|popup|modal|message|law|info|overlay|dialog"
    r"|box|policy|consent|alert|disclaimer|warning|wrapper|container|panel|layer|hint|hinweis"
    r"|prompt|toast|settings?|preferences?|manager|control|confirm|accept|agree|choices|wall)"
    r"|(?:accept|allow|manage|eu|gdpr|js|site|use|about)[-_ ]?cookies?|gdpr"
    r"|cc[-_](?:window|banner|revoke)|consent[-_ ]?(?:banner|bar|modal|popup|notice|manager"
    r"|overlay|dialog|layer|prompt|tool|wall|bump)"
)
# Names that hold such a word and mean something else.
_TRAPS: Final = re.compile(
    r"not?-?cookied?|cookies?-not-set|cookies?[-_](?:disabled|enabled)|comment-form-cookies[-_\w]*"
    r"|wp-comment-cookies[-_\w]*|shopify-buyer-consent[-_\w]*|akismet[-_\w]*|age[-_]?consent"
    r"|(?:marketing|newsletter|email|sms)[-_]?consent|cookie[-_]?(?:recipe|cutter|dough)[-_\w]*"
    r"|fortune-?cookie|youtube-nocookie|has-cookies|privacy-policy-(?:link|text)"
)
_CONTROL_HINTS: Final = (
    "btn", "button", "accept", "agree", "reject", "decline", "deny", "dismiss", "close",
    "\0r link", "\0r switch",
)  # fmt: skip
_DIALOG: Final = re.compile(r"\x00r (?:alertdialog|dialog|alert)\b")
_CONTROL: Final = re.compile(
    r"\x00r (?:button|link|switch)\b|(?:\b|_|\d)(?:btn|button|accept|agree|reject|decline|deny"
    r"|dismiss|close|btns?)(?:\b|[-_])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Evidence:
    """Of one page.

    Attributes:
        context: the page.
        spans: (s, 3) offset in the text, role and id of every term found.
        named: (names,) by entry of `BlockTable.name_strings`: 0, 1 if it has a consent word,
            2 if one that speaks of a user interface.
        facts: what the platforms' facts say of the entries that they know.
        seeds: numbers of the elements in which strong evidence stands, ascending.
    """

    context: Context
    spans: Ints
    named: Ints
    facts: dict[int, tuple[Fact, ...]]
    seeds: Ints

    @cached_property
    def nodes(self) -> Ints:
        """(s,) the text node in which each term starts."""
        return _node_at(self.context.table, self.spans[:, 0])

    @cached_property
    def terms(self) -> Floats:
        """(e + 1, roles) terms in all elements before each: differences are subtrees' counts."""
        table = self.context.table
        counts = np.zeros((self.context.n_elements + 1, N_ROLES))
        element = table.node_element[self.nodes]
        np.add.at(counts, (element + 1, self.spans[:, 1]), 1)
        return np.cumsum(counts, axis=0)

    @cached_property
    def dialogs(self) -> Bools:
        """(names,) which names have a dialog role."""
        return _matching(self.context.table.name_strings, _DIALOG, ("\0r ",))

    @cached_property
    def controls(self) -> Ints:
        """Numbers of the elements that look as if they could be clicked, ascending."""
        context = self.context
        table = context.table
        named = _matching(table.name_strings, _CONTROL, _CONTROL_HINTS)
        return np.flatnonzero(
            context.tagged("a", "button", "input", "summary") | named[table.names]
        )

    @cached_property
    def _by_element(self) -> tuple[list[int], list[int]]:
        order = np.argsort(self.context.table.node_element, kind="stable")
        return order.tolist(), self.context.table.node_element[order].tolist()

    def text_span(self, element: int) -> tuple[int, int]:
        """First and one past the last text node of an element's subtree; equal if it has none."""
        order, owners = self._by_element
        first = bisect_left(owners, element)
        last = bisect_left(owners, int(self.context.table.end[element]), first)
        if first == last:
            return 0, 0
        nodes = order[first:last]
        return min(nodes), max(nodes) + 1

    def text(self, element: int) -> str:
        """The text of an element's subtree, white space folded."""
        table = self.context.table
        first, last = self.text_span(element)
        return fold(table.text[int(table.node_start[first]) : int(table.node_start[last])])


def gather(context: Context, matcher: Matcher | None = None) -> Evidence | None:
    """The page's evidence, or None if nothing on it can be consent UI."""
    table = context.table
    named = read_consent_names(table.name_strings)
    marked = named[table.names] > 0 if named.any() else np.zeros(context.n_elements, bool)
    facts = read_platform_names(table.name_strings)
    roots = [n for n, each in facts.items() if any(f.part in ("root", "reopen") for f in each)]
    if roots:
        marked |= np.isin(table.names, roots)
    spans = _spans(table, matcher or load_matcher())
    strong = np.isin(spans[:, 1], _SEEDING) | _choices(spans)
    if not strong.any() and not marked.any():
        return None
    marked[table.node_element[_node_at(table, spans[strong, 0])]] = True
    return Evidence(context, spans, named, facts, np.flatnonzero(marked))


NEAR: Final = 400
"""Characters between terms that may be of one banner."""


def _choices(spans: Ints) -> Bools:
    """(s,) terms that accept, where terms that refuse and that speak of data or settings are near.

    Banners in words of which none is strong have at least that.
    """
    roles = spans[:, 1] % len(ROLES)
    found = np.zeros(len(spans), bool)
    accept = np.flatnonzero(roles == ROLE["accept_all"])
    if not len(accept):
        return found
    at = spans[accept, 0]
    near = np.ones(len(accept), bool)
    for others in (("reject_all",), ("topic", "purpose", "settings", "info_link")):
        offsets = spans[np.isin(roles, [ROLE[name] for name in others]), 0]
        first = np.searchsorted(offsets, at - NEAR)
        near &= first < np.searchsorted(offsets, at + NEAR)
    found[accept[near]] = True
    return found


_SEEDING: Final = np.array(
    [ROLE[name] for name in ("topic", "purpose", "accept_all", "reject_all", "save", "settings")]
)


def read_consent_names(name_strings: Sequence[str]) -> Ints:
    """0, 1 or 2 for each entry of `BlockTable.name_strings`; see `Evidence.named`.

    >>> read_consent_names(["", "\\0i cookie-banner", "\\0c comment-form-cookies-consent"])
    array([0, 2, 0])
    """
    found = np.zeros(len(name_strings), np.int64)
    for number in holding(name_strings, _HINTS):
        names = _TRAPS.sub("", name_strings[number].lower())
        if _NAMED.search(names):
            found[number] = 2 if _STRONG.search(names) else 1
    return found


def _matching(name_strings: Sequence[str], pattern: re.Pattern[str], hints: Sequence[str]) -> Bools:
    """Which entries the pattern is found in; all of them hold one of the hints."""
    found = np.zeros(len(name_strings), bool)
    for number in holding(name_strings, hints):
        found[number] = pattern.search(name_strings[number]) is not None
    return found


def _spans(table: BlockTable, matcher: Matcher) -> Ints:
    """The terms of the text, none of them across two blocks."""
    # Each block's text starts with a space: a line feed in its place moves no offset.
    return matcher.span_table(table.text, table.node_start[table.first_node[:-1]])


def _node_at(table: BlockTable, offsets: Ints) -> Ints:
    return np.searchsorted(table.node_start, offsets, side="right") - 1


def is_control(tag: int) -> bool:
    """Whether elements of the tag are controls by themselves."""
    return tag in (TAG["a"], TAG["button"], TAG["input"], TAG["summary"])
