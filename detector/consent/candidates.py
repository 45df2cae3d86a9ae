"""The elements that may be consent roots, in columns.

A candidate is the outermost of nested elements that hold the same text, somewhere above strong
evidence and below the body. Sums over subtrees are differences of prefix sums, so a page's
candidates are measured together, in a few numpy lines a feature.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from detector.columns import NUMBER, Numbers, numbers
from detector.compiled import CANDIDATES
from detector.consent.controls import CONTROL_COLUMNS, UNREAD, control_columns
from detector.consent.evidence import Bools, Evidence, Floats, Ints
from detector.features.context import Context
from detector.lazy import cached_property
from detector.lexicon import Matcher
from detector.names import GROUP_NAMES
from detector.tags import CODE as TAG
from detector.tags import TAGS

MAX_CANDIDATES: Final = 600
"""Most candidates of a page; beyond them are inner parts of long texts about cookies."""
READ_CONTROLS: Final = 60
"""Most controls of a candidate whose attributes are read; larger ones are lists of links."""

T = TypeVar("T")


class Candidates:
    """A page's candidates, columns of shape (c,), by `top` ascending.

    Attributes:
        evidence: the page's.
        top: the outermost element of each.
        bottom: the innermost that holds the same text.
        chains: all elements from the one to the other, of each, one after another.
        chain_starts: (c + 1,) where those of each begin in it.
        levels: steps of growing text from each up to the body.
        links: whether addresses, handlers and platforms' facts are looked at; not so for pages
            on which a tool shows itself, to learn what a tool looks like that nobody knows.
    """

    def __init__(
        self, evidence: Evidence, *, links: bool = True, matcher: Matcher | None = None
    ) -> None:
        self.evidence = evidence
        self.context: Context = evidence.context
        self.links = links
        self._matcher = matcher
        self._shared: dict[str, Any] = {}
        climb = _climb if CANDIDATES is None else _climb_compiled
        self.top, self.bottom, self.levels, self.chains, self.chain_starts = climb(evidence)

    def __len__(self) -> int:
        return len(self.top)

    def shared(self, key: str, compute: Callable[[Candidates], T]) -> T:
        """What several features compute once."""
        if key not in self._shared:
            self._shared[key] = compute(self)
        value: T = self._shared[key]
        return value

    @cached_property
    def end(self) -> Numbers:
        return self.context.table.end[self.top]

    @cached_property
    def parent(self) -> Numbers:
        return self.context.table.parent[self.top]

    def inside(self, values: npt.NDArray[np.generic]) -> Floats:
        """(c,) sum of an elements' quantity over each candidate."""
        total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        return total[self.end] - total[self.top]

    def of_blocks(self, values: npt.NDArray[np.generic]) -> Floats:
        """(c,) sum of a blocks' quantity over each candidate."""
        return self.context.subtree(values)[self.top]

    @cached_property
    def node_words(self) -> Floats:
        """(e,) words of the text nodes right under each element."""
        table = self.context.table
        return np.bincount(
            table.node_element, self.context.node_words, self.context.n_elements
        ).astype(np.float64)

    @cached_property
    def words(self) -> Floats:
        return np.asarray(self.words_to[self.end] - self.words_to[self.top], np.float64)

    @cached_property
    def terms(self) -> Floats:
        """(c, roles) terms in each candidate."""
        terms = self.evidence.terms
        return np.asarray(terms[self.end] - terms[self.top], np.float64)

    @cached_property
    def all_terms(self) -> Floats:
        """(roles,) terms on the page."""
        return np.asarray(self.evidence.terms[-1], np.float64)

    @cached_property
    def controls(self) -> tuple[Ints, Ints]:
        """(c,) first and one past the last of each candidate's `Evidence.controls`."""
        controls = self.evidence.controls
        return np.searchsorted(controls, self.top), np.searchsorted(controls, self.end)

    @cached_property
    def n_controls(self) -> Floats:
        first, last = self.controls
        return (last - first).astype(np.float64)

    @cached_property
    def readable(self) -> Bools:
        return self.n_controls <= READ_CONTROLS

    @cached_property
    def read(self) -> Numbers:
        """Numbers, into `Evidence.controls`, of those that stand in a readable candidate."""
        if CANDIDATES is not None:
            found = CANDIDATES.read_in(self.top, self.end, self.evidence.controls, READ_CONTROLS)
            return np.frombuffer(found, NUMBER)
        first, last = self.controls
        steps = np.zeros(len(self.evidence.controls) + 1, np.int64)
        np.add.at(steps, first[self.readable], 1)
        np.add.at(steps, last[self.readable], -1)
        return np.flatnonzero(np.cumsum(steps)[:-1] > 0).astype(NUMBER)

    @cached_property
    def control_columns(self) -> Floats:
        """(read, CONTROL_COLUMNS) of those."""
        return control_columns(self.evidence, self.evidence.controls[self.read], self._matcher)

    @cached_property
    def control_sums(self) -> dict[str, Floats]:
        """(c,) sums over each candidate's controls of `CONTROL_COLUMNS`; `UNREAD` if not read."""
        spread = np.zeros((len(self.evidence.controls) + 1, len(CONTROL_COLUMNS)))
        spread[self.read + 1] = self.control_columns
        total = np.cumsum(spread, axis=0)
        first, last = self.controls
        sums = np.where(self.readable[:, None], total[last] - total[first], UNREAD)
        return dict(zip(CONTROL_COLUMNS, sums.T, strict=True))

    @cached_property
    def flags(self) -> Ints:
        """(e,) bit set of what features ask of an element's own or its ancestors; see `FLAGS`."""
        table = self.context.table
        flags = TAG_FLAGS[table.tag] | (table.hides != 0) * BIT["hidden"]
        flags = flags | self.name_flags[table.names]
        groups = self.context.element_groups
        for name in GROUP_FLAGS:
            flags = flags | (groups >> GROUP_NAMES.index(name) & 1) * BIT[name]
        return np.asarray(flags, np.int64)

    @cached_property
    def name_flags(self) -> Ints:
        """(names,) those that an element has from its names."""
        names = self.evidence.names
        flags = _NAMED_FLAGS[names.named] | _DIALOG_FLAGS[names.dialogs.view(np.uint8)]
        if self.links:
            for number, facts in names.facts.items():
                for fact in facts:
                    flags[number] |= BIT[f"platform_{_PARTS.get(fact.part, 'button')}"]
        return np.asarray(flags, np.int64)

    @cached_property
    def own_flags(self) -> Ints:
        """(c,) flags of the elements of the same text, together."""
        flags: Ints = np.bitwise_or.reduceat(self.flags[self.chains], self.chain_starts[:-1])
        return flags

    @cached_property
    def above_flags(self) -> Ints:
        """(c,) flags of all ancestors, together."""
        flags = self.flags.tolist()
        parents = self.context.table.parent.tolist()
        known: dict[int, int] = {0: flags[0]}
        found: list[int] = []
        for parent in self.parent.tolist():
            path = []
            element = parent
            while element not in known:
                path.append(element)
                element = parents[element]
            value = known[element]
            for step in reversed(path):
                value |= flags[step]
                known[step] = value
            found.append(value)
        return np.array(found, np.int64)

    @cached_property
    def tags(self) -> Ints:
        """(c, tags) elements of each tag in each candidate."""
        tag = self.context.table.tag
        return np.array(
            [
                np.bincount(tag[start:end], minlength=len(TAGS))
                for start, end in zip(self.top.tolist(), self.end.tolist(), strict=True)
            ],
            np.int64,
        ).reshape(-1, len(TAGS))

    @cached_property
    def words_to(self) -> Floats:
        """(e + 1,) words of all elements before each."""
        return np.concatenate(([0.0], np.cumsum(self.node_words)))


GROUP_FLAGS: Final = (
    "popup", "edge", "navigation", "promotion", "comment", "form", "article", "card",
)  # fmt: skip
_ABOVE_TAGS: Final = {
    "in_footer": ("footer",),
    "in_header": ("header",),
    "in_nav": ("nav",),
    "in_main": ("main", "article"),
    "in_aside": ("aside",),
    "in_form": ("form",),
    "in_list": ("ul", "ol"),
    "in_paragraph": ("p",),
}
_PARTS: Final = {"root": "root", "reopen": "reopen"}
FLAGS: Final = (
    *_ABOVE_TAGS, "dialog_tag", "hidden", "named", "named_ui", "dialog", "platform_root",
    "platform_reopen", "platform_button", *GROUP_FLAGS,
)  # fmt: skip
BIT: Final = {name: np.int64(1 << number) for number, name in enumerate(FLAGS)}
_NAMED_FLAGS: Final = np.array([0, BIT["named"], BIT["named"] | BIT["named_ui"]])
_DIALOG_FLAGS: Final = np.array([0, BIT["dialog"]])
TAG_FLAGS: Final = np.zeros(len(TAGS), np.int64)
for _name, _tags in (*_ABOVE_TAGS.items(), ("dialog_tag", ("dialog",))):
    for _tag in _tags:
        TAG_FLAGS[TAG[_tag]] |= BIT[_name]


Climbed: TypeAlias = tuple[Numbers, Numbers, Floats, Numbers, Numbers]


def _climb_compiled(evidence: Evidence) -> Climbed:
    assert CANDIDATES is not None
    context, table = evidence.context, evidence.context.table
    found = CANDIDATES.climb(
        evidence.seeds,
        table.parent,
        table.depth,
        table.tag,
        _OUTSIDE,
        table.node_element,
        context.node_chars,
        MAX_CANDIDATES,
    )
    top, bottom, levels, chains, starts = (np.frombuffer(each, NUMBER) for each in found)
    return top, bottom, levels.astype(np.float64), chains, starts


_OUTSIDE: Final = np.zeros(len(TAGS), np.uint8)
_OUTSIDE[[TAG["html"], TAG["body"]]] = 1


def _climb(evidence: Evidence) -> Climbed:
    context = evidence.context
    table = context.table
    chars = context.subtree_of_elements(
        np.bincount(table.node_element, context.node_chars, context.n_elements)
    )
    parent = table.parent.tolist()
    outside = set(np.flatnonzero(_OUTSIDE[table.tag]).tolist())
    marked: set[int] = set()
    for seed in evidence.seeds.tolist():
        element = seed
        while element not in marked and element not in outside:
            marked.add(element)
            if parent[element] == element:
                break
            element = parent[element]
    chains: dict[int, list[int]] = {}
    top_of: dict[int, int] = {}
    for element in sorted(marked):
        up = parent[element]
        joins = up in top_of and up != element and chars[up] == chars[element] and chars[up] > 0
        top = top_of[up] if joins else element
        top_of[element] = top
        chains.setdefault(top, []).append(element)
    tops = sorted(chains)
    if len(tops) > MAX_CANDIDATES:
        # Of a long text about cookies the outer elements tell all; depth orders them.
        tops = sorted(sorted(tops, key=lambda top: int(table.depth[top]))[:MAX_CANDIDATES])
    # A candidate's parent is the bottom of another's chain, or the body: parents come first.
    levels: dict[int, int] = {}
    for top in tops:
        levels[top] = levels.get(top_of.get(parent[top], -1), 0) + 1
    return (
        numbers(tops),
        numbers(chains[top][-1] for top in tops),
        np.array([levels[top] for top in tops], np.float64),
        numbers(element for top in tops for element in chains[top]),
        numbers(accumulate((len(chains[top]) for top in tops), initial=0)),
    )
