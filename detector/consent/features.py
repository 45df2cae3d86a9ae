"""What is measured of candidates: `FEATURES`, the table of columns, and `featurise`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from detector.compiled import ATTRIBUTES, CANDIDATES
from detector.consent.candidates import BIT, Candidates
from detector.consent.controls import (
    CHOICES,
    LABEL_ROLES,
    LINK_FACTS,
    OPENS,
    UNREAD,
    attribute_reader,
    speaks_of_policy,
)
from detector.consent.evidence import Floats
from detector.consent.layout import ATTRIBUTE_COLUMNS, STRONG, TAGGED, TEXT_WORDS, Layout
from detector.features.context import ratio, sums
from detector.features.position import title_block
from detector.features.region import Region, top_region
from detector.features.rows import Column
from detector.lazy import regex
from detector.lexicon import ROLES
from detector.tags import CODE as TAG

Feature: TypeAlias = Column[Candidates]
"""A column of the root model; its rows are a page's candidates."""


def featurise(candidates: Candidates) -> npt.NDArray[np.float32]:
    """Candidates -> float32 matrix, shape (c, len(FEATURES))."""
    if CANDIDATES is not None:
        return _featurise_compiled(candidates)
    matrix = np.empty((len(candidates), len(FEATURES)), np.float32)
    for column, feature in enumerate(FEATURES):
        matrix[:, column] = feature.compute(candidates)
    return matrix


def _featurise_compiled(c: Candidates) -> npt.NDArray[np.float32]:
    matrix = _layout().rows(c, c.shared("attributes", _attributes), bool(_title(c)))
    if not c.links:
        matrix[:, _LINKED] = UNREAD
    return matrix


@cache
def _layout() -> Layout:
    return Layout([feature.name for feature in FEATURES])


# --- size and place -------------------------------------------------------------------------------


def _tagged(name: str) -> Callable[[Candidates], Floats]:
    codes = [TAG[tag] for tag in TAGGED[name]]
    return lambda c: np.asarray(c.tags[:, codes].sum(axis=1), np.float64)


def _own(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: ((c.own_flags & BIT[flag]) != 0).astype(np.float64)


def _above(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: ((c.above_flags & BIT[flag]) != 0).astype(np.float64)


def _inside(flag: str) -> Callable[[Candidates], Floats]:
    return lambda c: c.inside((c.flags & BIT[flag]) != 0)


def _text_words(c: Candidates) -> Floats:
    words = c.context.words
    return c.of_blocks(np.where(words >= TEXT_WORDS, words, 0.0))


def _share_inside(c: Candidates, columns: Iterable[int]) -> Floats:
    numbers = list(columns)
    return ratio(c.terms[:, numbers].sum(axis=1), c.all_terms[numbers].sum())


def _parent_words(c: Candidates) -> Floats:
    return np.asarray(c.words_to[c.context.table.end[c.parent]] - c.words_to[c.parent], np.float64)


def _parent_terms(c: Candidates) -> Floats:
    terms = c.evidence.terms[:, list(STRONG)].sum(axis=1)
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
    Feature("links", "size", _tagged("links"), "a elements in it."),
    Feature("buttons", "size", _tagged("buttons"), "button elements in it."),
    Feature("inputs", "size", _tagged("inputs"), "input elements in it."),
    Feature("headings", "size", _tagged("headings"), "Headings in it."),
    Feature("paragraphs", "size", _tagged("paragraphs"), "p elements in it."),
    Feature("items", "size", _tagged("items"), "li elements in it."),
    Feature("images", "size", _tagged("images"), "Pictures in it."),
    Feature("forms", "size", _tagged("forms"), "Forms in it."),
    Feature(
        "sections",
        "size",
        _tagged("sections"),
        "Landmarks in it.",
    ),
    Feature("has_h1", "size", _tagged("has_h1"), "h1 elements in it."),
    Feature(
        "words_per_block",
        "size",
        lambda c: ratio(c.words, c.of_blocks(np.ones(c.context.n))),
        "Words a block.",
    ),
    Feature("text_words", "size", _text_words, "Words in blocks as long as a text's paragraphs."),
    Feature("text_share", "size", lambda c: ratio(_text_words(c), c.words), "Their share."),
)


def _region(c: Candidates) -> Region:
    return top_region(c.context)


def _holds(c: Candidates, element: int) -> Floats:
    return ((c.top <= element) & (c.end > element)).astype(np.float64)


def _holds_title(c: Candidates) -> Floats:
    block = c.context.shared("title_block", title_block)
    return _holds(c, int(c.context.table.element[block]) if block >= 0 else -1)


def _in_region(c: Candidates) -> Floats:
    top = _region(c).top
    inside = (c.top > top) & (c.top < c.context.table.end[top])
    return np.asarray(inside, np.float64)


_PLACE: Final = (
    Feature("holds_title", "place", _holds_title, "It holds the page's title heading."),
    Feature(
        "holds_region",
        "place",
        lambda c: _holds(c, _region(c).top),
        "It holds the element that the page's running text stands in, or is it.",
    ),
    Feature("in_region", "place", _in_region, "It stands in that element."),
    Feature("region_share", "place", lambda c: _region(c).share, "That one's share of all words."),
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
    Feature(
        "depth",
        "place",
        lambda c: c.context.table.depth[c.top].astype(np.float64),
        "Steps from the root.",
    ),
    Feature("levels", "place", lambda c: c.levels, "Ancestors of more and more text."),
    Feature(
        "words_beside_after",
        "place",
        lambda c: np.asarray(
            c.words_to[c.context.table.end[c.parent]] - c.words_to[c.end], np.float64
        ),
        "Words after it in its parent.",
    ),
    Feature(
        "chain",
        "place",
        lambda c: (c.context.table.depth[c.bottom] - c.context.table.depth[c.top]).astype(float),
        "Nested elements of the same text.",
    ),
    Feature(
        "siblings",
        "place",
        lambda c: sums(c.context.table.parent, np.ones(c.context.n_elements))[c.parent],
        "Elements beside it.",
    ),
    Feature(
        "tag", "place", lambda c: c.context.table.tag[c.top].astype(np.float64), "Code of its tag."
    ),
    Feature(
        "bottom_tag",
        "place",
        lambda c: c.context.table.tag[c.bottom].astype(float),
        "Of the innermost.",
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
        lambda c: _parent_terms(c) - c.terms[:, list(STRONG)].sum(axis=1),
        "Strong terms that its parent adds.",
    ),
    Feature(
        "parent_density",
        "place",
        lambda c: ratio(
            _parent_terms(c) - c.terms[:, list(STRONG)].sum(axis=1),
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
    return float(speaks_of_policy(c.context.metadata.title))


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
        lambda c: ratio(c.terms[:, list(STRONG)].sum(axis=1), c.words),
        "Strong terms a word.",
    ),
    Feature(
        "weak_density",
        "words",
        lambda c: ratio(c.terms[:, len(ROLES) :].sum(axis=1), c.words),
        "Weak terms a word.",
    ),
    Feature(
        "strong_share", "words", lambda c: _share_inside(c, STRONG), "Of the page's strong terms."
    ),
    Feature(
        "page_strong",
        "words",
        lambda c: float(c.all_terms[list(STRONG)].sum()),
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


def _attributes(c: Candidates) -> Floats:
    """(c, ATTRIBUTE_COLUMNS) what attributes other than class and id say of the elements of each
    candidate's own text."""
    elements = c.context.table.elements
    found = np.zeros((len(c), len(ATTRIBUTE_COLUMNS)))
    left: Iterable[int] = range(len(c))
    if ATTRIBUTES is not None:
        reader = attribute_reader()
        styles, left = reader.marks(elements, c.chains, c.chain_starts, found, c.links)
        for row, style in styles:
            _read_style(found[row], style)
    for row in left:
        found[row] = 0.0
        for element in c.chains[c.chain_starts[row] : c.chain_starts[row + 1]].tolist():
            for key, value in elements[element].items():
                if key in ("class", "id", "href"):
                    continue
                if key == "style":
                    _read_style(found[row], value)
                elif key == "aria-modal":
                    found[row, _MODAL] += value == "true"
                elif key in ("onclick", "tabindex"):
                    found[row, _CLICKABLE] = 1.0
                if c.links and OPENS.search(f"{key} {value}"):
                    found[row, _HOOKED] = 1.0
    return np.minimum(found, 1.0)


def _read_style(found: Floats, style: str) -> None:
    found[_FIXED] += _FIXED_STYLE.search(style) is not None
    found[_CLICKABLE] += _POINTER_STYLE.search(style) is not None


_FIXED, _MODAL, _CLICKABLE, _HOOKED = map(
    ATTRIBUTE_COLUMNS.index, ("fixed", "aria_modal", "clickable", "hooked")
)


def _attribute(name: str) -> Callable[[Candidates], Floats | float]:
    return lambda c: c.shared("attributes", _attributes)[:, ATTRIBUTE_COLUMNS.index(name)]


def _hooked(c: Candidates) -> Floats | float:
    return _attribute("hooked")(c) if c.links else UNREAD


_FIXED_STYLE: Final = regex(r"position\s*:\s*(?:fixed|sticky)|z-index\s*:\s*\d{3}", re.IGNORECASE)
_POINTER_STYLE: Final = regex(r"cursor\s*:\s*pointer", re.IGNORECASE)

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
        _attribute("fixed"),
        "Its style fixes it to the window, or lifts it above the page.",
    ),
    Feature("aria_modal", "names", _attribute("aria_modal"), "It has aria-modal."),
    Feature("clickable", "names", _attribute("clickable"), "It is made to be clicked itself."),
    Feature("hooked", "names", _hooked, "One of its attributes is a consent tool's hook."),
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


def _sum_of(column: str) -> Callable[[Candidates], Floats | float]:
    def compute(c: Candidates) -> Floats | float:
        if not c.links and column in LINK_FACTS:
            return UNREAD
        return c.control_sums[column]

    return compute


def _distinct_choices(c: Candidates) -> Floats:
    """How many of accept, reject, save and settings stand as whole labels in each candidate."""
    offered = [c.control_sums[f"label_{role}"] > 0 for role in LABEL_ROLES[:CHOICES]]
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
            *(
                (f"label_{role}", f"Controls whose whole label says {role}.")
                for role in LABEL_ROLES
            ),
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

_LINKED: Final = [
    number for number, feature in enumerate(FEATURES) if feature.name in (*LINK_FACTS, "hooked")
]
"""Columns that are left unread where links are not looked at."""
