"""Controls: what their attributes and labels say, one by one and in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from detector.consent.evidence import Evidence, Floats
from detector.lexicon import ROLES, Matcher, load_matcher

UNREAD: Final = -1.0
"""Stands for what was not read."""
LINK_FACTS: Final = ("nowhere", "policy", "elsewhere", "opens", "handled")
"""Features of addresses and script hooks."""

LABEL_ROLES: Final = ("accept_all", "reject_all", "save", "settings", "close", "info_link")
_SAID: Final = [ROLES.index(role) for role in LABEL_ROLES]
WHOLE_LABEL: Final = 0.6
"""What `Matcher.match_label` gives at least where a term is the whole label."""
PART_LABEL: Final = 0.2
"""What it gives about where a term is half of the label."""
LONG_LABEL: Final = 80
"""Characters from which a label is no button's."""

POLICY: Final = re.compile(
    r"privacy|cookie|datenschutz|privacidad|confidentialit|gdpr|legal|policy|policies|terms|rodo"
    r"|privacidade|informativa|mentions|personvern|integritet|tietosuoja|adatvedel",
    re.IGNORECASE,
)
_NOWHERE: Final = re.compile(
    r"\s*(?:/?#|javascript:|about:blank|$|https?://[^/?#]*/?(?:#|javascript:))", re.IGNORECASE
)
OPENS: Final = re.compile(
    r"cookie|consent|cmp\b|gdpr|ccpa|privacy|onetrust|didomi|usercentrics|uc_ui|truste|klaro"
    r"|tarteaucitron|borlabs|iubenda|cmplz|revoke|optanon|osano|_sp_|preference-?cent",
    re.IGNORECASE,
)


_READ: Final = frozenset(("href", "class", "id"))


class ControlFacts(NamedTuple):
    """Of a control, read from its attributes: numbers 0 or 1.

    Attributes:
        nowhere: it is a link that leads to no address.
        policy: it leads to a page named after privacy, cookies or terms.
        elsewhere: it leads to some other page.
        opens: an attribute other than class and id, or its address from the # on, speaks of
            consent, as scripts' hooks do.
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
    nowhere = href is not None and (
        _NOWHERE.match(href) is not None or "/javascript:void" in href.lower()
    )
    policy = href is not None and not nowhere and POLICY.search(href) is not None
    other = [f"{key} {value}" for key, value in element.items() if key not in _READ]
    if href is not None and "#" in href:
        other.append(href[href.index("#") :])
    return ControlFacts(
        nowhere=float(nowhere),
        policy=float(policy),
        elsewhere=float(href is not None and not nowhere and not policy),
        opens=float(bool(other) and OPENS.search(" ".join(other)) is not None),
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


CHOICES: Final = 4
"""The first of `LABEL_ROLES`, which are choices."""
_FACTS: Final = ControlFacts._fields
CONTROL_COLUMNS: Final = (
    *(f"label_{role}" for role in LABEL_ROLES),
    *(f"part_{role}" for role in LABEL_ROLES),
    "choices",
    "unlabelled",
    *_FACTS,
)


def control_columns(
    evidence: Evidence, numbers: Sequence[int], matcher: Matcher | None = None
) -> Floats:
    """(n, CONTROL_COLUMNS) of the controls of these element numbers."""
    table = evidence.context.table
    texts = [control_label(evidence, number) for number in numbers]
    short = [number for number, text in enumerate(texts) if 0 < len(text) <= LONG_LABEL]
    said = np.zeros((len(texts), len(LABEL_ROLES)))
    said[short] = (matcher or load_matcher()).label_scores([texts[n] for n in short])[:, _SAID]
    facts = [read_control(table.elements[number]) for number in numbers]
    whole = said >= WHOLE_LABEL
    return np.concatenate(
        (
            whole,
            said >= PART_LABEL,
            whole[:, :CHOICES].any(axis=1, keepdims=True),
            np.array([[not text] for text in texts]),
            np.array(facts).reshape(-1, len(_FACTS)),
        ),
        axis=1,
        dtype=np.float64,
    )
