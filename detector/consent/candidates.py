"""The elements that may be consent roots, and what is measured of them: `FEATURES`.

A candidate is the outermost of nested elements that hold the same text, somewhere above strong
evidence and below the body. Sums over subtrees are differences of prefix sums, so a page's
candidates are measured together, in a few numpy lines a feature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from detector.consent.evidence import ROLE, Bools, Evidence, Floats, Ints
from detector.features.context import Context, ratio
from detector.lexicon import ROLES, Matcher, load_matcher
from detector.names import GROUP_NAMES
from detector.tags import CODE as TAG
from detector.tags import TAGS

MAX_CANDIDATES: Final = 600
"""Most candidates of a page; beyond them are inner parts of long texts about cookies."""
READ_CONTROLS: Final = 40
"""Most controls of a candidate whose attributes are read; larger ones are lists of links."""

UNREAD: Final = -1.0
"""Stands for what was not read."""
LINK_FACTS: Final = ("nowhere", "policy", "elsewhere", "opens", "handled")
"""Features of addresses and script hooks."""

LABEL_ROLES: Final = ("accept_all", "reject_all", "save", "settings", "close", "info_link")
WHOLE_LABEL: Final = 0.6
"""What `Matcher.match_label` gives at least where a term is the whole label."""
PART_LABEL: Final = 0.2
"""What it gives about where a term is half of the label."""
LONG_LABEL: Final = 80
"""Characters from which a label is no button's."""

T = TypeVar("T")

_POLICY: Final = re.compile(
    r"privacy|cookie|datenschutz|privacidad|confidentialit|gdpr|legal|policy|policies|terms|rodo"
    r"|privacidade|informativa|mentions|personvern|integritet|tietosuoja|adatvedel",
    re.IGNORECASE,
)
_NOWHERE: Final = re.compile(r"\s*(?:#|javascript:|about:blank|$)", re.IGNORECASE)
_OPENS: Final = re.compile(
    r"cookie|consent|cmp\b|gdpr|ccpa|privacy|onetrust|didomi|usercentrics|uc_ui|truste|klaro"
    r"|tarteaucitron|borlabs|iubenda|cmplz|revoke",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ControlFacts:
    """Of a control, read from its attributes: numbers 0 or 1.

    Attributes:
        nowhere: it is a link that leads to no address.
        policy: it leads to a page named after privacy, cookies or terms.
        elsewhere: it leads to some other page.
        opens: an attribute other than its address, class and id speaks of consent, as scripts'
            hooks do.
        handled: it has an `onclick`.
        toggle: it is a checkbox or a radio button, or has the role of a switch.
        field: it takes a text: an address, a password, words to search.
    """

    nowhere: float
    policy: float
    elsewhere: float
    opens: float
    handled: float
    toggle: float
    field: float


def read_control(element: Any) -> ControlFacts:
    """Facts from one element's attributes."""
    href = element.get("href")
    kind = (element.get("type") or "").lower() if element.tag == "input" else ""
    nowhere = href is not None and _NOWHERE.match(href) is not None
    policy = href is not None and not nowhere and _POLICY.search(href) is not None
    other = " ".join(
        f"{key} {value}" for key, value in element.items() if key not in ("href", "class", "id")
    )
    return ControlFacts(
        nowhere=float(nowhere),
        policy=float(policy),
        elsewhere=float(href is not None and not nowhere and not policy),
        opens=float(bool(other) and _OPENS.search(other) is not None),
        handled=float(element.get("onclick") is not None),
        toggle=float(kind in ("checkbox", "radio") or element.get("role") == "switch"),
        field=float(
            element.tag == "textarea"
            or (
                element.tag == "input"
                and kind in ("", "text", "email", "password", "search", "tel")
            )
        ),
    )


class Candidates:
    """A page's candidates, columns of shape (c,), by `top` ascending.

    Attributes:
        evidence: the page's.
        top: the outermost element of each.
        bottom: the innermost that holds the same text.
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
        self.top, self.bottom, self._chains = _climb(evidence)

    def __len__(self) -> int:
        return len(self.top)

    def shared(self, key: str, compute: Callable[[Candidates], T]) -> T:
        """What several features compute once."""
        if key not in self._shared:
            self._shared[key] = compute(self)
        value: T = self._shared[key]
        return value

    @cached_property
    def end(self) -> Ints:
        return self.context.table.end[self.top]

    @cached_property
    def parent(self) -> Ints:
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
    def read(self) -> Ints:
        """Numbers, into `Evidence.controls`, of those that stand in a readable candidate."""
        first, last = self.controls
        steps = np.zeros(len(self.evidence.controls) + 1, np.int64)
        np.add.at(steps, first[self.readable], 1)
        np.add.at(steps, last[self.readable], -1)
        return np.flatnonzero(np.cumsum(steps)[:-1] > 0)

    @cached_property
    def control_sums(self) -> dict[str, Floats]:
        """(c,) sums over each candidate's controls of `_CONTROL_COLUMNS`; `UNREAD` if not read."""
        spread = np.zeros((len(self.evidence.controls) + 1, len(_CONTROL_COLUMNS)))
        if len(self.read):
            spread[self.read + 1] = _control_columns(self)
        total = np.cumsum(spread, axis=0)
        first, last = self.controls
        sums = np.where(self.readable[:, None], total[last] - total[first], UNREAD)
        return dict(zip(_CONTROL_COLUMNS, sums.T, strict=True))

    @cached_property
    def flags(self) -> Ints:
        """(e,) bit set of what features ask of an element's own or its ancestors; see `FLAGS`."""
        context, table = self.context, self.context.table
        flags = _TAG_FLAGS[table.tag] | (table.hides != 0) * _BIT["hidden"]
        named = self.evidence.named
        of_name = (named > 0) * _BIT["named"] | (named > 1) * _BIT["named_ui"]
        of_name |= self.evidence.dialogs * _BIT["dialog"]
        if self.links:
            for number, facts in enumerate(self.evidence.facts):
                for fact in facts:
                    of_name[number] |= _BIT[f"platform_{_PARTS.get(fact.part, 'button')}"]
        flags |= of_name[table.names]
        groups = context.element_groups
        for name in _GROUP_FLAGS:
            flags |= (groups >> GROUP_NAMES.index(name) & 1) * _BIT[name]
        return flags

    @cached_property
    def own_flags(self) -> Ints:
        """(c,) flags of the elements of the same text, together."""
        flags = self.flags
        return np.array([np.bitwise_or.reduce(flags[chain]) for chain in self._chains], np.int64)

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


_GROUP_FLAGS: Final = (
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
    "platform_reopen", "platform_button", *_GROUP_FLAGS,
)  # fmt: skip
_BIT: Final = {name: np.int64(1 << number) for number, name in enumerate(FLAGS)}
_TAG_FLAGS: Final = np.zeros(len(TAGS), np.int64)
for _name, _tags in (*_ABOVE_TAGS.items(), ("dialog_tag", ("dialog",))):
    for _tag in _tags:
        _TAG_FLAGS[TAG[_tag]] |= _BIT[_name]


def _climb(evidence: Evidence) -> tuple[Ints, Ints, list[Ints]]:
    context = evidence.context
    table = context.table
    chars = context.subtree_of_elements(
        np.bincount(table.node_element, context.node_chars, context.n_elements)
    )
    parent = table.parent.tolist()
    outside = set(np.flatnonzero(context.tagged("html", "body")).tolist())
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
    return (
        np.array(tops, np.int64),
        np.array([chains[top][-1] for top in tops], np.int64),
        [np.array(chains[top], np.int64) for top in tops],
    )


@dataclass(frozen=True, slots=True)
class Feature:
    """A column: `compute` gives one number a candidate, shape (c,), or one for the page."""

    name: str
    group: str
    compute: Callable[[Candidates], Floats | float]
    doc: str


def featurise(candidates: Candidates) -> npt.NDArray[np.float32]:
    """Candidates -> float32 matrix, shape (c, len(FEATURES))."""
    matrix = np.empty((len(candidates), len(FEATURES)), np.float32)
    for column, feature in enumerate(FEATURES):
        matrix[:, column] = feature.compute(candidates)
    return matrix


# --- size and place -------------------------------------------------------------------------------


def _tagged(*tags: str) -> Callable[[Candidates], Floats]:
    codes = [TAG[tag] for tag in tags]
    return lambda c: np.asarray(c.tags[:, codes].sum(axis=1), np.float64)


def _own(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: ((c.own_flags & _BIT[flag]) != 0).astype(np.float64)


def _above(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: ((c.above_flags & _BIT[flag]) != 0).astype(np.float64)


def _inside(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: c.inside((c.flags & _BIT[flag]) != 0)


def _share_inside(c: Candidates, columns: Iterable[int]) -> Floats:
    numbers = list(columns)
    return ratio(c.terms[:, numbers].sum(axis=1), c.all_terms[numbers].sum())


def _parent_words(c: Candidates) -> Floats:
    return np.asarray(c.words_to[c.context.table.end[c.parent]] - c.words_to[c.parent], np.float64)


_STRONG: Final = tuple(ROLE[name] for name in ("topic", "purpose", "settings"))


def _parent_terms(c: Candidates) -> Floats:
    terms = c.evidence.terms[:, list(_STRONG)].sum(axis=1)
    return np.asarray(terms[c.context.table.end[c.parent]] - terms[c.parent], np.float64)


def _previous_words(c: Candidates) -> Floats:
    return np.asarray(c.words_to[c.top], np.float64)


_SIZE: Final = (
    Feature("words", "size", lambda c: c.words, "Words in it."),
    Feature(
        "page_share", "size", lambda c: c.words / max(c.context.page_words, 1.0), "Of all words."
    ),
    Feature("page_words", "size", lambda c: c.context.page_words, "Words on the page."),
    Feature("blocks", "size", lambda c: c.of_blocks(np.ones(c.context.n)), "Blocks of text in it."),
    Feature("elements", "size", lambda c: (c.end - c.top).astype(np.float64), "Elements in it."),
    Feature(
        "link_density",
        "size",
        lambda c: ratio(c.of_blocks(c.context.link_chars), c.of_blocks(c.context.chars)),
        "Share of its characters in links.",
    ),
    Feature("links", "size", _tagged("a"), "a elements in it."),
    Feature("buttons", "size", _tagged("button"), "button elements in it."),
    Feature("inputs", "size", _tagged("input"), "input elements in it."),
    Feature("headings", "size", _tagged("h1", "h2", "h3", "h4", "h5", "h6"), "Headings in it."),
    Feature("paragraphs", "size", _tagged("p"), "p elements in it."),
    Feature("items", "size", _tagged("li"), "li elements in it."),
    Feature("images", "size", _tagged("img", "picture", "video"), "Pictures in it."),
    Feature("forms", "size", _tagged("form"), "Forms in it."),
    Feature(
        "sections",
        "size",
        _tagged("article", "main", "nav", "footer", "header"),
        "Landmarks in it.",
    ),
    Feature("has_h1", "size", _tagged("h1"), "h1 elements in it."),
    Feature(
        "words_per_block",
        "size",
        lambda c: ratio(c.words, c.of_blocks(np.ones(c.context.n))),
        "Words a block.",
    ),
)

_PLACE: Final = (
    Feature(
        "start",
        "place",
        lambda c: c.top / max(c.context.n_elements, 1),
        "Where it starts, as a share of the page's elements.",
    ),
    Feature(
        "finish",
        "place",
        lambda c: c.end / max(c.context.n_elements, 1),
        "Where it ends, likewise.",
    ),
    Feature("words_before", "place", _previous_words, "Words before it."),
    Feature(
        "words_after",
        "place",
        lambda c: c.context.page_words - _previous_words(c) - c.words,
        "Words after it.",
    ),
    Feature("depth", "place", lambda c: c.context.table.depth[c.top] * 1.0, "Steps from the root."),
    Feature(
        "chain",
        "place",
        lambda c: (c.context.table.depth[c.bottom] - c.context.table.depth[c.top]) * 1.0,
        "Nested elements of the same text.",
    ),
    Feature(
        "siblings",
        "place",
        lambda c: (
            np.bincount(c.context.table.parent, minlength=c.context.n_elements)[c.parent] * 1.0
        ),
        "Elements beside it.",
    ),
    Feature("tag", "place", lambda c: c.context.table.tag[c.top] * 1.0, "Code of its tag."),
    Feature(
        "bottom_tag", "place", lambda c: c.context.table.tag[c.bottom] * 1.0, "Of the innermost."
    ),
    Feature("in_footer", "place", _above("in_footer"), "It stands in a footer."),
    Feature("in_header", "place", _above("in_header"), "It stands in a header."),
    Feature("in_nav", "place", _above("in_nav"), "It stands in a nav."),
    Feature("in_main", "place", _above("in_main"), "It stands in main or article."),
    Feature("in_aside", "place", _above("in_aside"), "It stands in an aside."),
    Feature("in_form", "place", _above("in_form"), "It stands in a form."),
    Feature("in_list", "place", _above("in_list"), "It stands in a list."),
    Feature("in_paragraph", "place", _above("in_paragraph"), "It stands in a paragraph."),
    Feature("is_hidden", "place", _own("hidden"), "It is hidden."),
    Feature("in_hidden", "place", _above("hidden"), "Its ancestor is."),
    Feature(
        "parent_words",
        "place",
        lambda c: _parent_words(c) - c.words,
        "Words that its parent adds.",
    ),
    Feature(
        "parent_ratio",
        "place",
        lambda c: ratio(c.words, _parent_words(c)),
        "Its share of its parent's words.",
    ),
    Feature(
        "parent_terms",
        "place",
        lambda c: _parent_terms(c) - c.terms[:, list(_STRONG)].sum(axis=1),
        "Strong terms that its parent adds.",
    ),
    Feature(
        "parent_density",
        "place",
        lambda c: ratio(
            _parent_terms(c) - c.terms[:, list(_STRONG)].sum(axis=1),
            _parent_words(c) - c.words,
        ),
        "Strong terms a word in what its parent adds.",
    ),
)

# --- words ----------------------------------------------------------------------------------------


def _count(column: int) -> Callable[[Candidates], Floats]:
    return lambda c: c.terms[:, column]


def _distinct(c: Candidates) -> Floats:
    return np.asarray((c.terms[:, : len(ROLES)] > 0).sum(axis=1), np.float64)


def _title(c: Candidates) -> float:
    return float(_POLICY.search(c.context.metadata.title) is not None)


_WORDS: Final = (
    *(
        Feature(f"{role}_strong", "words", _count(number), f"Strong terms of {role}.")
        for number, role in enumerate(ROLES)
    ),
    *(
        Feature(f"{role}_weak", "words", _count(number + len(ROLES)), f"Weak terms of {role}.")
        for number, role in enumerate(ROLES)
    ),
    Feature("roles", "words", _distinct, "Roles of which it has strong terms."),
    Feature(
        "density",
        "words",
        lambda c: ratio(c.terms[:, list(_STRONG)].sum(axis=1), c.words),
        "Strong terms a word.",
    ),
    Feature(
        "weak_density",
        "words",
        lambda c: ratio(c.terms[:, len(ROLES) :].sum(axis=1), c.words),
        "Weak terms a word.",
    ),
    Feature(
        "strong_share", "words", lambda c: _share_inside(c, _STRONG), "Of the page's strong terms."
    ),
    Feature(
        "page_strong",
        "words",
        lambda c: float(c.all_terms[list(_STRONG)].sum()),
        "Strong terms on the page.",
    ),
    Feature("title", "words", _title, "Whether the title speaks of policies."),
)

# --- names ----------------------------------------------------------------------------------------


def _own_named(c: Candidates) -> Floats:
    return _own("named")(c) + _own("named_ui")(c)


def _above_named(c: Candidates) -> Floats:
    return _above("named")(c) + _above("named_ui")(c)


def _dialog(c: Candidates) -> Floats:
    return np.maximum(_own("dialog")(c), _own("dialog_tag")(c))


def _styles(c: Candidates) -> dict[str, Floats]:
    elements = c.context.table.elements
    fixed, modal = np.zeros(len(c)), np.zeros(len(c))
    for number, chain in enumerate(c._chains):
        for element in chain.tolist():
            node = elements[element]
            style = node.get("style")
            if style and _FIXED.search(style):
                fixed[number] = 1.0
            if node.get("aria-modal") == "true":
                modal[number] = 1.0
    return {"fixed": fixed, "modal": modal}


_FIXED: Final = re.compile(r"position\s*:\s*(?:fixed|sticky)|z-index\s*:\s*\d{3}", re.IGNORECASE)

_NAMES: Final = (
    Feature("own_named", "names", _own_named, "Consent words in its names: 1, or 2 of UI."),
    Feature("above_named", "names", _above_named, "In its ancestors' names."),
    Feature("named_inside", "names", _inside("named"), "Named elements in it."),
    Feature(
        "named_share",
        "names",
        lambda c: ratio(_inside("named")(c), c.end - c.top),
        "Their share of its elements.",
    ),
    Feature("named_strong", "names", _inside("named_ui"), "Elements named as consent UI."),
    Feature(
        "own_platform_root", "names", _own("platform_root"), "A platform's facts name it a root."
    ),
    Feature("above_platform_root", "names", _above("platform_root"), "Or its ancestor."),
    Feature("inside_platform_root", "names", _inside("platform_root"), "Such roots in it."),
    Feature("inside_platform_button", "names", _inside("platform_button"), "Such buttons in it."),
    Feature("inside_platform_reopen", "names", _inside("platform_reopen"), "Re-open controls."),
    Feature("dialog", "names", _dialog, "It has a dialog role."),
    Feature(
        "fixed",
        "names",
        lambda c: c.shared("styles", _styles)["fixed"],
        "Its style fixes it to the window, or lifts it above the page.",
    ),
    Feature(
        "aria_modal", "names", lambda c: c.shared("styles", _styles)["modal"], "It has aria-modal."
    ),
    *(
        Feature(f"own_{name}", "names", _own(name), f"It is named with {name} words.")
        for name in (
            "popup",
            "edge",
            "navigation",
            "promotion",
            "comment",
            "form",
            "article",
            "card",
        )
    ),
    *(
        Feature(f"in_{name}_names", "names", _above(name), f"Its ancestor has {name} words.")
        for name in ("edge", "navigation", "article", "comment", "popup")
    ),
)

# --- controls -------------------------------------------------------------------------------------


def control_label(evidence: Evidence, element: int) -> str:
    """What a control says: its text, or the attribute that speaks in its place."""
    text = evidence.text(element)
    if text:
        return text
    node = evidence.context.table.elements[element]
    for key in ("aria-label", "title", "value", "alt"):
        value = node.get(key)
        if value and value.strip():
            return " ".join(str(value).split())
    for inner in node.iter("img", "svg", "use", "title", "i", "span"):
        for key in ("alt", "aria-label", "title"):
            value = inner.get(key)
            if value and value.strip():
                return " ".join(str(value).split())
        if inner.tag == "title" and inner.text and inner.text.strip():
            return " ".join(str(inner.text).split())
    return ""


_CHOICES: Final = 4
"""The first of `LABEL_ROLES`, which are choices."""
_FACTS: Final = tuple(ControlFacts.__dataclass_fields__)
_CONTROL_COLUMNS: Final = (
    *(f"label_{role}" for role in LABEL_ROLES),
    *(f"part_{role}" for role in LABEL_ROLES),
    "choices",
    "unlabelled",
    *_FACTS,
)


def _control_columns(c: Candidates) -> Floats:
    """(r, _CONTROL_COLUMNS) of each control that is read."""
    table = c.context.table
    numbers = c.evidence.controls[c.read].tolist()
    texts = [control_label(c.evidence, number) for number in numbers]
    short = [number for number, text in enumerate(texts) if 0 < len(text) <= LONG_LABEL]
    said = np.zeros((len(texts), len(LABEL_ROLES)))
    matcher = c._matcher or load_matcher()
    scores = matcher.match_labels([texts[number] for number in short])
    for number, score in zip(short, scores, strict=True):
        for role, strength in score.items():
            if role in LABEL_ROLES:
                said[number, LABEL_ROLES.index(role)] = strength
    facts = [read_control(table.elements[number]) for number in numbers]
    whole = said >= WHOLE_LABEL
    return np.concatenate(
        (
            whole,
            said >= PART_LABEL,
            whole[:, :_CHOICES].any(axis=1)[:, None],
            np.array([[not text] for text in texts]),
            np.array([[getattr(fact, name) for name in _FACTS] for fact in facts]),
        ),
        axis=1,
        dtype=np.float64,
    )


def _sum_of(column: str) -> Callable[[Candidates], Floats | float]:
    def compute(c: Candidates) -> Floats | float:
        if not c.links and column in LINK_FACTS:
            return UNREAD
        return c.control_sums[column]

    return compute


def _distinct_choices(c: Candidates) -> Floats:
    """How many of accept, reject, save and settings stand as whole labels in each candidate."""
    offered = [c.control_sums[f"label_{role}"] > 0 for role in LABEL_ROLES[:_CHOICES]]
    return np.asarray(np.sum(offered, axis=0), np.float64)


_CONTROLS: Final = (
    Feature("controls", "controls", lambda c: c.n_controls, "Controls in it."),
    Feature("label_roles", "controls", _distinct_choices, "Different choices among its labels."),
    Feature(
        "choice_share",
        "controls",
        lambda c: ratio(c.control_sums["choices"], c.n_controls),
        "Share of its controls that offer such a choice.",
    ),
    *(
        Feature(column, "controls", _sum_of(column), doc)
        for column, doc in (
            *((f"label_{role}", f"Controls whose whole label says {role}.") for role in LABEL_ROLES),
            *((f"part_{role}", f"Controls whose label says {role} too.") for role in LABEL_ROLES),
            ("unlabelled", "Controls without a label."),
            ("nowhere", "Links in it that lead nowhere."),
            ("policy", "Links in it to a policy page."),
            ("elsewhere", "Links in it to other pages."),
            ("opens", "Controls in it with a consent tool's hook."),
            ("handled", "Controls in it with an onclick."),
            ("toggle", "Checkboxes, radio buttons and switches in it."),
            ("field", "Fields in it that take text."),
        )
    ),
)

FEATURES: Final[tuple[Feature, ...]] = (*_SIZE, *_PLACE, *_WORDS, *_NAMES, *_CONTROLS)
