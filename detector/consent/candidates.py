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

MAX_CANDIDATES: Final = 600
"""Most candidates of a page; beyond them are inner parts of long texts about cookies."""
READ_CONTROLS: Final = 60
"""Most controls of a candidate whose attributes are read; larger ones are lists of links."""

UNREAD: Final = -1.0
"""Stands for what was not read."""
LINK_FACTS: Final = ("nowhere", "policy", "elsewhere", "opens", "handled")
"""Features of addresses and script hooks."""

LABEL_ROLES: Final = ("accept_all", "reject_all", "save", "settings", "close", "info_link")
WHOLE_LABEL: Final = 0.6
"""What `Matcher.match_label` gives at least where a term is the whole label."""

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
        return self.inside(self.node_words)

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

    def of_controls(self, values: npt.NDArray[np.generic]) -> Floats:
        """(c,) sum over each candidate's controls of a quantity of those in `read`."""
        spread = np.zeros(len(self.evidence.controls) + 1)
        spread[self.read + 1] = values
        total = np.cumsum(spread)
        first, last = self.controls
        return np.asarray(np.where(self.readable, total[last] - total[first], UNREAD), np.float64)

    def on_chain(self, marks: npt.NDArray[np.generic]) -> Floats:
        """(c,) largest value of an elements' quantity among the elements of the same text."""
        return np.array([max(marks[chain].tolist()) for chain in self._chains], np.float64)

    def above(self, marks: npt.NDArray[np.generic]) -> Floats:
        """(c,) largest value of an elements' quantity among the ancestors."""
        table = self.context.table
        known: dict[int, float] = {0: float(marks[0])}

        def look(element: int) -> float:
            path = []
            while element not in known:
                path.append(element)
                element = int(table.parent[element])
            value = known[element]
            for step in reversed(path):
                value = max(value, float(marks[step]))
                known[step] = value
            return value

        return np.array([look(int(parent)) for parent in self.parent], np.float64)


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
    return lambda c: c.inside(c.context.tagged(*tags))


def _above_tag(*tags: str) -> Callable[[Candidates], Floats]:
    return lambda c: c.above(c.context.tagged(*tags))


def _share_inside(c: Candidates, columns: Iterable[int]) -> Floats:
    numbers = list(columns)
    return ratio(c.terms[:, numbers].sum(axis=1), c.all_terms[numbers].sum())


def _parent_sum(c: Candidates, per_element: Floats) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(per_element)))
    table = c.context.table
    return np.asarray(total[table.end[c.parent]] - total[c.parent], np.float64)


_STRONG: Final = tuple(ROLE[name] for name in ("topic", "purpose", "settings"))


def _parent_terms(c: Candidates) -> Floats:
    terms = c.evidence.terms[:, list(_STRONG)].sum(axis=1)
    return np.asarray(terms[c.context.table.end[c.parent]] - terms[c.parent], np.float64)


def _previous_words(c: Candidates) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(c.node_words)))
    return np.asarray(total[c.top], np.float64)


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
    Feature("in_footer", "place", _above_tag("footer"), "It stands in a footer."),
    Feature("in_header", "place", _above_tag("header"), "It stands in a header."),
    Feature("in_nav", "place", _above_tag("nav"), "It stands in a nav."),
    Feature("in_main", "place", _above_tag("main", "article"), "It stands in main or article."),
    Feature("in_aside", "place", _above_tag("aside"), "It stands in an aside."),
    Feature("in_form", "place", _above_tag("form"), "It stands in a form."),
    Feature("in_list", "place", _above_tag("ul", "ol"), "It stands in a list."),
    Feature("in_paragraph", "place", _above_tag("p"), "It stands in a paragraph."),
    Feature("is_hidden", "place", lambda c: c.on_chain(c.context.table.hides), "It is hidden."),
    Feature("in_hidden", "place", lambda c: c.above(c.context.table.hides), "Its ancestor is."),
    Feature(
        "parent_words",
        "place",
        lambda c: _parent_sum(c, c.node_words) - c.words,
        "Words that its parent adds.",
    ),
    Feature(
        "parent_ratio",
        "place",
        lambda c: ratio(c.words, _parent_sum(c, c.node_words)),
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
            _parent_sum(c, c.node_words) - c.words,
        ),
        "Strong terms a word in what its parent adds.",
    ),
)

# --- words ----------------------------------------------------------------------------------------


def _count(column: int) -> Callable[[Candidates], Floats]:
    return lambda c: c.terms[:, column]


def _distinct(c: Candidates) -> Floats:
    return np.asarray((c.terms[:, : len(ROLES)] > 0).sum(axis=1), np.float64)


def _title_terms(c: Candidates) -> float:
    spans = (c._matcher or load_matcher()).spans(c.context.metadata.title)
    return float(
        sum(role in (ROLE["topic"], ROLE["law"], ROLE["info_link"]) for _, role, _ in spans)
    )


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
    Feature("title_terms", "words", _title_terms, "Terms in the page's title."),
)

# --- names ----------------------------------------------------------------------------------------


def _named(c: Candidates) -> Ints:
    return c.evidence.named[c.context.table.names]


def _platform_marks(c: Candidates) -> dict[str, Bools]:
    names = c.context.table.names
    parts = {"platform_root": ["root"], "platform_reopen": ["reopen"], "platform_button": LABEL_ROLES}
    return {
        name: np.array([any(f.part in wanted for f in facts) for facts in c.evidence.facts])[names]
        for name, wanted in parts.items()
    }


def _platform(where: str, part: str) -> Callable[[Candidates], Floats | float]:
    def compute(c: Candidates) -> Floats | float:
        if not c.links:
            return 0.0
        marks = c.shared("platform_marks", _platform_marks)[part]
        look = {"own": c.on_chain, "above": c.above, "inside": c.inside}[where]
        return look(marks)

    return compute


def _group(name: str, where: str) -> Callable[[Candidates], Floats]:
    bit = np.int64(1) << np.int64(GROUP_NAMES.index(name))

    def compute(c: Candidates) -> Floats:
        marks = (c.context.element_groups & bit) > 0
        return c.on_chain(marks) if where == "own" else c.above(marks)

    return compute


def _dialog(c: Candidates) -> Floats:
    table = c.context.table
    return c.on_chain(c.evidence.dialogs[table.names] | c.context.tagged("dialog"))


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
    Feature("own_named", "names", lambda c: c.on_chain(_named(c)), "Consent words in its names."),
    Feature("above_named", "names", lambda c: c.above(_named(c)), "In its ancestors' names."),
    Feature("named_inside", "names", lambda c: c.inside(_named(c) > 0), "Named elements in it."),
    Feature(
        "named_share",
        "names",
        lambda c: ratio(c.inside(_named(c) > 0), c.end - c.top),
        "Their share of its elements.",
    ),
    Feature(
        "named_strong", "names", lambda c: c.inside(_named(c) > 1), "Elements named as consent UI."
    ),
    *(
        Feature(f"{where}_{part}", "names", _platform(where, part), doc)
        for where, part, doc in (
            ("own", "platform_root", "A platform's facts name it a root."),
            ("above", "platform_root", "A platform's facts name its ancestor a root."),
            ("inside", "platform_root", "Elements in it that a platform's facts name a root."),
            ("inside", "platform_button", "Elements in it that they name a button."),
            ("inside", "platform_reopen", "Elements in it that they name a re-open control."),
        )
    ),
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
        Feature(f"own_{name}", "names", _group(name, "own"), f"It is named with {name} words.")
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
        Feature(f"in_{name}_names", "names", _group(name, "up"), f"Its ancestor has {name} words.")
        for name in ("edge", "navigation", "article", "comment", "popup")
    ),
)

# --- controls -------------------------------------------------------------------------------------


def _control_facts(c: Candidates) -> dict[str, npt.NDArray[np.float64]]:
    table = c.context.table
    facts = [read_control(table.elements[number]) for number in c.evidence.controls[c.read]]
    return {
        name: np.array([getattr(fact, name) for fact in facts], np.float64)
        for name in ControlFacts.__dataclass_fields__
    }


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


def _labels(c: Candidates) -> npt.NDArray[np.float64]:
    """(r, LABEL_ROLES + 1) strength of the roles of each read control; then: no label at all."""
    texts = [control_label(c.evidence, int(number)) for number in c.evidence.controls[c.read]]
    found = np.zeros((len(texts), len(LABEL_ROLES) + 1))
    short = [number for number, text in enumerate(texts) if 0 < len(text) <= 80]
    matcher = c._matcher or load_matcher()
    scores = matcher.match_labels([texts[number] for number in short])
    for number, score in zip(short, scores, strict=True):
        for role, strength in score.items():
            if role in LABEL_ROLES:
                found[number, LABEL_ROLES.index(role)] = strength
    found[:, -1] = [not text for text in texts]
    return found


def _label_count(column: int, least: float) -> Callable[[Candidates], Floats]:
    def compute(c: Candidates) -> Floats:
        return c.of_controls(c.shared("labels", _labels)[:, column] >= least)

    return compute


def _choice_count(c: Candidates) -> Floats:
    labels = c.shared("labels", _labels)
    return c.of_controls(labels[:, :4].max(axis=1) >= WHOLE_LABEL)


def _choices(c: Candidates) -> Floats:
    """How many of accept, reject, save and settings stand as whole labels in each candidate."""
    labels = c.shared("labels", _labels)
    found = [c.of_controls(labels[:, column] >= WHOLE_LABEL) > 0 for column in range(4)]
    return np.asarray(np.sum(found, axis=0), np.float64)


def _fact(name: str) -> Callable[[Candidates], Floats | float]:
    def compute(c: Candidates) -> Floats | float:
        if not c.links and name in LINK_FACTS:
            return UNREAD
        return c.of_controls(c.shared("control_facts", _control_facts)[name])

    return compute


_CONTROLS: Final = (
    Feature("controls", "controls", lambda c: c.n_controls, "Controls in it."),
    *(
        Feature(
            f"label_{role}",
            "controls",
            _label_count(number, WHOLE_LABEL),
            f"Controls whose whole label says {role}.",
        )
        for number, role in enumerate(LABEL_ROLES)
    ),
    *(
        Feature(
            f"part_{role}",
            "controls",
            _label_count(number, 0.2),
            f"Controls whose label says {role}, perhaps among other words.",
        )
        for number, role in enumerate(LABEL_ROLES)
    ),
    Feature("label_roles", "controls", _choices, "Different choices that its labels offer."),
    Feature(
        "choice_share",
        "controls",
        lambda c: ratio(c.shared("choices", _choice_count), c.n_controls),
        "Share of its controls that offer such a choice.",
    ),
    Feature(
        "unlabelled",
        "controls",
        lambda c: c.of_controls(c.shared("labels", _labels)[:, -1]),
        "Controls without a label.",
    ),
    *(
        Feature(name, "controls", _fact(name), doc)
        for name, doc in {
            "nowhere": "Links in it that lead nowhere.",
            "policy": "Links in it to a policy page.",
            "elsewhere": "Links in it to other pages.",
            "opens": "Controls in it with a consent tool's hook.",
            "handled": "Controls in it with an onclick.",
            "toggle": "Checkboxes, radio buttons and switches in it.",
            "field": "Fields in it that take text.",
        }.items()
    ),
)

FEATURES: Final[tuple[Feature, ...]] = (*_SIZE, *_PLACE, *_WORDS, *_NAMES, *_CONTROLS)
