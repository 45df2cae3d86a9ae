"""Controls of a consent root, and what each of them does.

Words first: what a label says by the lexicon goes into the row of each control, next to what its
names, its place and its neighbours say. Where the words are silent ("OK", a cross) those decide.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from lxml import etree

from detector.columns import NUMBER, Numbers
from detector.consent.controls import (
    LONG_LABEL,
    UNREAD,
    ControlFacts,
    control_label,
    read_controls,
)
from detector.consent.evidence import Evidence, Floats, Ints, is_control
from detector.lazy import regex
from detector.lexicon import ROLES as LEXICON_ROLES
from detector.lexicon import Matcher, load_matcher

ROLES: Final = ("accept_all", "reject_all", "save", "settings", "close", "info_link")
"""Roles of buttons; class 0 of the model is none of them."""
_SAID: Final = [LEXICON_ROLES.index(role) for role in ROLES]

SEVERAL: Final = 2
"""Controls in another from which that one is a wrapper, such as a backdrop that closes."""

MAX_CONTROLS: Final = 400
"""Most controls of a root that are looked at: vendor lists have thousands."""

# What class, id and data names call a button by its role. Own compilation. Every alternative
# begins with a letter: see `consent.names`.
_NAMES: Final[dict[str, re.Pattern[str]]] = {
    "accept_all": regex(
        r"accept|agree|allow|approve|consent-?(?:yes|ok|give)|ok(?<=\bok)\b|opt-?in|akzept|aceptar"
        r"|accetta|dismiss-?cookie|ispermissive"
    ),
    "reject_all": regex(
        r"reject|declin|deny|denied|refus|disagree|opt-?out|necessary|essential|ablehn|rechaz|rifiut"
        r"|without"
    ),
    "save": regex(r"save|confirm|submit|apply|selection|speicher|chosen|selected"),
    "settings": regex(
        r"setting|manage|prefer|custom|option|configur|detail|purpose|choice|einstell|optanon-toggle|more-info-btn"
    ),
    "close": regex(r"close|dismiss|times|x(?<=\bx)\b|schlie|hide|cancel|btn-close"),
    "info_link": regex(r"policy|learn|more|info|read|privacy|imprint|legal|vendor"),
}
_SYMBOL: Final = regex(r"^\W{1,2}$|^[xX]$")


class Control(NamedTuple):
    """A control of a root: its element's number in the table, and its label."""

    element: int
    label: str


def controls_of(evidence: Evidence, root: int) -> tuple[Control, ...]:
    """The controls in the subtree of an element, in document order.

    Where controls are nested the outermost that is one by its tag or role counts. A wrapper that
    is only named like one gives way to what it holds, one that has the role to several.
    """
    table = evidence.context.table
    end = int(table.end[root])
    first, last = np.searchsorted(evidence.controls, (root, end))
    numbers: list[int] = evidence.controls[first:last].tolist()[:MAX_CONTROLS]
    kept: list[Control] = []
    skip_to = -1
    for place, number in enumerate(numbers):
        if number < skip_to:
            continue
        node = table.elements[number]
        stop = int(table.end[number])
        sure = is_control(int(table.tag[number])) or node.get("role") in ("button", "link")
        inner = numbers[place + 1 : place + 1 + SEVERAL]
        held = sum(other < stop for other in inner)
        if not is_control(int(table.tag[number])) and held >= (SEVERAL if sure else 1):
            continue
        if node.tag == "input" and (node.get("type") or "").lower() in _NO_BUTTONS:
            continue
        label = control_label(evidence, number)
        if not sure and len(label) > LONG_LABEL:
            continue
        kept.append(Control(number, label))
        skip_to = stop
    if not kept:
        label = evidence.text(root)
        if len(label) <= LONG_LABEL:
            return (Control(root, label),)
    return tuple(kept)


_NO_BUTTONS: Final = frozenset(
    ("", "text", "email", "password", "search", "tel", "checkbox", "radio", "hidden", "number")
)


def _by_role(name: str, doc: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}_{role}", f"{doc}: {role}.") for role in ROLES)


BUTTON_DOCS: Final = dict(
    (
        *_by_role("label", "How strongly its label says the role, 0 to 1"),
        ("label_margin", "By how much its label says one role more than any other."),
        *_by_role("hint", "How strongly its aria-label or title says the role, 0 to 1"),
        *_by_role("name", "Its names and data attributes speak of the role"),
        *_by_role("platform", "A platform's facts give it the role"),
        ("label_characters", "Characters of its label."),
        ("label_words", "Words of its label."),
        ("symbol", "Its label is a cross or another symbol."),
        ("unlabelled", "It has no label."),
        ("attribute_label", "Its label is an attribute's."),
        ("tag", "Code of its tag."),
        ("is_button", "It is a button by tag, role or class."),
        ("nowhere", "It is a link that leads nowhere."),
        ("policy", "It leads to a policy page."),
        ("elsewhere", "It leads to another page."),
        ("opens", "It has a consent tool's hook."),
        ("handled", "It has an onclick."),
        ("place", "Controls of the root before it."),
        ("from_end", "Controls of the root after it."),
        ("controls", "Controls of the root."),
        ("buttons", "Buttons of the root."),
        ("in_text", "Characters beside it in its block."),
        ("line_share", "Its share of its block's characters."),
        *_by_role("others", "The strongest that another control of the root says of the role"),
        ("same_label", "Other controls of the root with its label."),
        ("kind_banner", "Probability of the root's being a banner."),
        ("kind_preferences", "Probability of its being a preference centre."),
        ("kind_reopen", "Probability of its being a re-open control."),
        ("root_words", "Words of the root."),
    )
)
"""Columns of the button model's matrix, in order, and what they say of a control."""
BUTTON_COLUMNS: Final = tuple(BUTTON_DOCS)


def button_rows(
    evidence: Evidence,
    root: int,
    kind: npt.NDArray[np.float64],
    controls: tuple[Control, ...],
    *,
    links: bool = True,
    matcher: Matcher | None = None,
) -> npt.NDArray[np.float32]:
    """Controls of a root -> float32 matrix, shape (n, len(BUTTON_COLUMNS)).

    Args:
        kind: probabilities of the root's being a banner, a preference centre, a re-open control.
        links: whether handlers and platforms' facts are looked at.
    """
    table = evidence.context.table
    n = len(controls)
    labels = [control.label for control in controls]
    numbers = np.array([control.element for control in controls], NUMBER)
    nodes = [table.elements[number] for number in numbers.tolist()]
    said, hinted = _said([*labels, *map(_hint, nodes)], matcher or load_matcher()).reshape(
        2, n, len(ROLES)
    )
    named = np.array(list(map(_role_names, nodes)), np.float64).reshape(n, len(ROLES))
    is_button = list(map(_is_button, nodes))
    facts = np.empty((n, len(ControlFacts._fields)))
    read_controls(table, numbers, facts)
    ranked = np.sort(said, axis=1)
    platform = _platform_roles(evidence, numbers) if links else np.zeros((n, len(ROLES)))
    root_words = len(evidence.text(root).split())
    own, last = [], []
    for place, (label, fact) in enumerate(zip(labels, facts.tolist(), strict=True)):
        nowhere, policy, elsewhere, opens, handled, *_ = fact
        line, block = _line(evidence, controls[place].element)
        own.append(
            (
                len(label),
                len(label.split()),
                _SYMBOL.match(label) is not None,
                not label,
                bool(label) and line == 0,
                table.tag[numbers[place]],
                is_button[place],
                nowhere,
                policy,
                elsewhere,
                opens if links else UNREAD,
                handled if links else UNREAD,
                place,
                n - 1 - place,
                n,
                sum(is_button),
                block - line,
                line / block if block else 0.0,
            )
        )
        last.append((labels.count(label) - 1, *kind, root_words))
    margin = ranked[:, -1:] - ranked[:, -2:-1]
    others = _strongest_others(said + 0.3 * named)
    parts = (said, margin, hinted, named, platform, own, others, last)
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _strongest_others(values: Floats) -> Floats:
    """(n, k) the greatest of each column, but for the row itself; 0 where it is alone."""
    if len(values) < 2:
        return np.zeros_like(values)
    ranked = np.sort(values, axis=0)
    return np.asarray(np.where(values == ranked[-1], ranked[-2], ranked[-1]), np.float64)


def _said(texts: list[str], matcher: Matcher) -> Floats:
    """(n, ROLES) how strongly each text says each role."""
    return matcher.label_scores([text[:LONG_LABEL] for text in texts])[:, _SAID]


def _hint(node: etree._Element) -> str:
    """What a control says to those who can't see it, or hover over it."""
    return " ".join((node.get("aria-label") or node.get("title") or "").split())


def _role_names(node: Any) -> list[float]:
    names = " ".join(
        f"{key} {value}" if key.startswith("data-") else value
        for key, value in node.items()
        if key in ("class", "id", "name", "onclick", "aria-label", "title") or key[:5] == "data-"
    ).lower()
    inner = next(iter(node), None)
    if inner is not None and isinstance(inner.tag, str):
        names += " " + (inner.get("class") or "").lower()
    return [float(pattern.search(names) is not None) for pattern in _NAMES.values()]


def _platform_roles(evidence: Evidence, numbers: Numbers) -> Floats:
    found = np.zeros((len(numbers), len(ROLES)))
    for row, name in enumerate(evidence.context.table.names[numbers].tolist()):
        for fact in evidence.names.facts.get(name, ()):
            if fact.part in ROLES:
                found[row, ROLES.index(fact.part)] = 1.0
    return found


def _is_button(node: etree._Element) -> float:
    return float(
        node.tag in ("button", "input")
        or node.get("role") == "button"
        or re.search(r"\b(?:btn|button)", (node.get("class") or "").lower()) is not None
    )


def _line(evidence: Evidence, element: int) -> tuple[int, int]:
    """Characters of an element's text, and of the block that it stands in."""
    table = evidence.context.table
    first, last = evidence.text_span(element)
    if first == last:
        return 0, 0
    block = int(np.searchsorted(table.first_node, first, side="right")) - 1
    low, high = (
        table.node_start[table.first_node[block]],
        table.node_start[table.first_node[block + 1]],
    )
    own = int(table.node_start[last] - table.node_start[first])
    return own, max(int(high - low), own)


def roles_of(
    rows: npt.NDArray[np.float32], probabilities: npt.NDArray[np.float64], threshold: float
) -> tuple[Ints, npt.NDArray[np.float64]]:
    """What each control does.

    A control has the model's best role where its probability reaches the threshold, or half of
    it where the label says that role and no other. Choices that a root offers more than
    `REPEATS` times under one label are for single vendors or purposes, and have no role.

    Returns:
        (n,) number of the role in `ROLES`, or -1 where unsure; (n,) its probability.
    """
    best = probabilities[:, 1:].argmax(axis=1)
    probability = probabilities[:, 1:].max(axis=1)
    said = rows[:, : len(ROLES)]
    plain = (said.max(axis=1) >= PLAIN) & (said.argmax(axis=1) == best)
    plain &= rows[:, _MARGIN_COLUMN] >= MARGIN
    sure = (probability >= threshold) | (plain & (probability >= threshold / 2))
    copies = rows[:, _COPIES_COLUMN] >= REPEATS
    sure &= ~(copies & ((best == _ACCEPT) | (best == _REJECT)))
    return np.where(sure, best, -1), probability


PLAIN: Final = 0.8
"""What the lexicon gives a label that is one strong or weak term as a whole."""
MARGIN: Final = 0.3
REPEATS: Final = 2
"""Other controls of the same label from which a choice is one of many."""
_ACCEPT, _REJECT = ROLES.index("accept_all"), ROLES.index("reject_all")
_MARGIN_COLUMN, _COPIES_COLUMN = map(BUTTON_COLUMNS.index, ("label_margin", "same_label"))
