"""What on a page speaks of consent: words of the text, names of elements, controls.

All of it is evidence for a model; nothing here decides.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.blocks import BlockTable, fold
from detector.columns import NUMBER, Numbers
from detector.compiled import CONSENT
from detector.consent.names import NameEvidence, read_names
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


class Evidence:
    """Of one page.

    Attributes:
        context: the page.
        spans: (s, 3) offset in the text, role and id of every term found.
        names: what the elements' names say.
        seeds: numbers of the elements in which strong evidence stands, ascending.
    """

    def __init__(self, context: Context, spans: Ints, names: NameEvidence, seeds: Numbers) -> None:
        self.context, self.spans, self.names, self.seeds = context, spans, names, seeds

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
    def controls(self) -> Numbers:
        """Numbers of the elements that look as if they could be clicked, ascending."""
        table, named = self.context.table, self.names.controls
        if CONSENT is not None:
            found = CONSENT.controls(table.tag, table.names, _IS_CONTROL, named.view(np.uint8))
            return np.frombuffer(found, NUMBER)
        controls = (_IS_CONTROL[table.tag] > 0) | named[table.names]
        return np.flatnonzero(controls).astype(NUMBER)

    @cached_property
    def text_spans(self) -> tuple[Numbers, Numbers] | None:
        """(e,) what `text_span` says of each element, where compiled code says it of all."""
        if CONSENT is None:
            return None
        table = self.context.table
        first, last = np.empty((2, self.context.n_elements), NUMBER)
        CONSENT.text_spans(table.parent, table.node_element, first, last)
        return first, last

    @cached_property
    def _by_element(self) -> tuple[list[int], list[int]]:
        order = np.argsort(self.context.table.node_element, kind="stable")
        return order.tolist(), self.context.table.node_element[order].tolist()

    def text_span(self, element: int) -> tuple[int, int]:
        """First and one past the last text node of an element's subtree; equal if it has none."""
        if self.text_spans is not None:
            firsts, lasts = self.text_spans
            return int(firsts[element]), int(lasts[element])
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
    if not context.n:
        return None
    names = read_names(table.name_strings)
    speaking = names.named > 0
    for number, facts in names.facts.items():
        speaking[number] |= any(fact.part in ("root", "reopen") for fact in facts)
    # Each block's text starts with a space: a line feed in its place moves no offset, and no term
    # runs across.
    spans = (matcher or load_matcher()).span_table(table.text, context.block_start[:-1])
    seeds = (_seeds if CONSENT is None else _seeds_compiled)(table, spans, speaking)
    return Evidence(context, spans, names, seeds) if len(seeds) else None


def _seeds(table: BlockTable, spans: Ints, speaking: Bools) -> Numbers:
    """Numbers of the elements whose names speak, or in which a strong term stands."""
    marked = speaking[table.names]
    strong = _SEEDING[spans[:, 1]] | _choices(spans)
    marked[table.node_element[_node_at(table, spans[strong, 0])]] = True
    return np.flatnonzero(marked).astype(NUMBER)


def _seeds_compiled(table: BlockTable, spans: Ints, speaking: Bools) -> Numbers:
    assert CONSENT is not None
    found = CONSENT.seeds(
        spans,
        *(each.view(np.uint8) for each in (_SEEDING, _ACCEPTING, _REFUSING, _SPEAKING)),
        NEAR,
        table.node_start,
        table.node_element,
        table.names,
        speaking.view(np.uint8),
    )
    return np.frombuffer(found, NUMBER)


NEAR: Final = 400
"""Characters between terms that may be of one banner."""


def _choices(spans: Ints) -> Bools:
    """(s,) terms that accept, where terms that refuse and that speak of data or settings are near.

    Banners in words of which none is strong have at least that.
    """
    found = np.zeros(len(spans), bool)
    accept = np.flatnonzero(_ACCEPTING[spans[:, 1]])
    for others in (_REFUSING, _SPEAKING):
        at, offsets = spans[accept, 0], spans[others[spans[:, 1]], 0]
        near = np.searchsorted(offsets, at - NEAR) < np.searchsorted(offsets, at + NEAR)
        accept = accept[near]
    found[accept] = True
    return found


def _are(*roles: str) -> Bools:
    """(roles,) which of `N_ROLES` are one of these, strong or weak."""
    return np.isin(np.arange(N_ROLES) % len(ROLES), [ROLE[role] for role in roles])


_SEEDING: Final = _are("topic", "purpose", "accept_all", "reject_all", "save", "settings")
_SEEDING[len(ROLES) :] = False
_ACCEPTING: Final = _are("accept_all")
_REFUSING: Final = _are("reject_all")
_SPEAKING: Final = _are("topic", "purpose", "settings", "info_link")


def _node_at(table: BlockTable, offsets: Ints) -> Ints:
    return np.searchsorted(table.node_start, offsets, side="right") - 1


_IS_CONTROL: Final = np.zeros(len(TAG), np.uint8)
_IS_CONTROL[[TAG["a"], TAG["button"], TAG["input"], TAG["summary"]]] = 1


def is_control(tag: int) -> bool:
    """Whether elements of the tag are controls by themselves."""
    return bool(_IS_CONTROL[tag])
