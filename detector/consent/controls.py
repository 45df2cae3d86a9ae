"""Controls: what their attributes and labels say, one by one and in columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from detector.blocks import BlockTable
from detector.columns import Numbers
from detector.compiled import ATTRIBUTES, CONSENT
from detector.consent.evidence import Evidence, Floats
from detector.lazy import regex
from detector.lexicon import ROLES, Matcher, load_matcher

UNREAD: Final = -1.0
"""Stands for what was not read."""
LINK_FACTS: Final = ("nowhere", "policy", "elsewhere", "opens", "handled")
"""Features of addresses and script hooks."""

LABEL_ROLES: Final = ("accept_all", "reject_all", "save", "settings", "close", "info_link")
_SAID: Final = np.array([ROLES.index(role) for role in LABEL_ROLES])
WHOLE_LABEL: Final = 0.6
"""What `Matcher.label_scores` gives at least where a term is the whole label."""
PART_LABEL: Final = 0.2
"""What it gives about where a term is half of the label."""
LONG_LABEL: Final = 80
"""Characters from which a label is no button's."""

_POLICY_WORDS: Final = (
    "privacy", "cookie", "datenschutz", "privacidad", "confidentialit", "gdpr", "legal", "policy",
    "policies", "terms", "rodo", "privacidade", "informativa", "mentions", "personvern",
    "integritet", "tietosuoja", "adatvedel",
)  # fmt: skip
_POLICY: Final = regex("|".join(_POLICY_WORDS), re.IGNORECASE)
_NOWHERE: Final = regex(
    r"\s*(?:/?#|javascript:|about:blank|$|https?://[^/?#]*/?(?:#|javascript:))", re.IGNORECASE
)
_OPENS_WORDS: Final = (
    "cookie", "consent", "gdpr", "ccpa", "privacy", "onetrust", "didomi", "usercentrics", "uc_ui",
    "truste", "klaro", "tarteaucitron", "borlabs", "iubenda", "cmplz", "revoke", "optanon", "osano",
    "_sp_", "preference-cent", "preferencecent",
)  # fmt: skip
_OPENS_WHOLE: Final = ("cmp",)
OPENS: Final = regex(
    "|".join((*_OPENS_WORDS, *(rf"{word}\b" for word in _OPENS_WHOLE))), re.IGNORECASE
)
_FIELDS: Final = ("", "text", "email", "password", "search", "tel")
_TOGGLES: Final = ("checkbox", "radio")


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


_FACTS: Final = ControlFacts._fields


def read_control(element: Any) -> ControlFacts:
    """Facts from one element's attributes."""
    href = element.get("href")
    kind = (element.get("type") or "").lower() if element.tag == "input" else ""
    nowhere = href is not None and (
        _NOWHERE.match(href) is not None or "/javascript:void" in href.lower()
    )
    policy = href is not None and not nowhere and _POLICY.search(href) is not None
    other = [f"{key} {value}" for key, value in element.items() if key not in _READ]
    if href is not None and "#" in href:
        other.append(href[href.index("#") :])
    return ControlFacts(
        nowhere=float(nowhere),
        policy=float(policy),
        elsewhere=float(href is not None and not nowhere and not policy),
        opens=float(bool(other) and OPENS.search(" ".join(other)) is not None),
        handled=float(element.get("onclick") is not None),
        toggle=float(kind in _TOGGLES or element.get("role") == "switch"),
        field=float(element.tag == "textarea" or (element.tag == "input" and kind in _FIELDS)),
    )


def read_controls(table: BlockTable, numbers: Numbers, facts: Floats) -> None:
    """Fill in `ControlFacts` of the elements of these numbers, shape (n, ControlFacts)."""
    left: Iterable[int] = range(len(numbers))
    if ATTRIBUTES is not None:
        left = attribute_reader().facts(table.elements, numbers, facts)
    for row in left:
        facts[row] = read_control(table.elements[numbers[row]])


def speaks_of_policy(text: str) -> bool:
    """Whether a word of policy pages stands in a text."""
    found: bool | None = None
    if ATTRIBUTES is not None:
        found = attribute_reader().speaks_of_policy(text)
    return _POLICY.search(text) is not None if found is None else found


@cache
def attribute_reader() -> Any:
    """What the compiled code looks for in attributes."""
    assert ATTRIBUTES is not None
    return ATTRIBUTES.Reader(
        policy=_POLICY_WORDS,
        opens=_OPENS_WORDS,
        opens_whole=_OPENS_WHOLE,
        fields=_FIELDS,
        toggles=_TOGGLES,
    )


# Attributes that speak in the place of a text; and those of elements in it that do.
_KEYS: Final = ("aria-label", "title", "value", "alt")
_INNER_KEYS: Final = ("alt", "aria-label", "title")
_INNER_TAGS: Final = ("img", "svg", "use", "title", "i", "span")


def control_label(evidence: Evidence, element: int) -> str:
    """What a control says: its text, or the attribute that speaks in its place."""
    return evidence.text(element) or _spoken(evidence.context.table, element)


def _spoken(table: BlockTable, element: int) -> str:
    if ATTRIBUTES is not None:
        said: str | None = ATTRIBUTES.spoken(table.elements, element, *_spoken_by())
        if said is not None:
            return said
    node = table.elements[element]
    for key in _KEYS:
        value = node.get(key)
        if value and value.strip():
            return " ".join(str(value).split())
    for inner in node.iter(*_INNER_TAGS):
        for key in _INNER_KEYS:
            value = inner.get(key)
            if value and value.strip():
                return " ".join(str(value).split())
        if inner.tag == "title" and inner.text and inner.text.strip():
            return " ".join(str(inner.text).split())
    return ""


@cache
def _spoken_by() -> tuple[tuple[bytes, ...], ...]:
    return tuple(tuple(map(str.encode, each)) for each in (_KEYS, _INNER_KEYS, _INNER_TAGS))


def short_labels(evidence: Evidence, numbers: Numbers) -> list[str]:
    """`control_label` of the elements of these numbers; of those too long for a button no more
    than shows that they are."""
    table = evidence.context.table
    if CONSENT is None or evidence.text_spans is None:
        return [control_label(evidence, number) for number in numbers.tolist()]
    labels: list[str] = CONSENT.labels(
        table.text, table.node_start, *evidence.text_spans, numbers, LONG_LABEL + 1
    )
    return [
        label or _spoken(table, number)
        for label, number in zip(labels, numbers.tolist(), strict=True)
    ]


CHOICES: Final = 4
"""The first of `LABEL_ROLES`, which are choices."""
CONTROL_COLUMNS: Final = (
    *(f"label_{role}" for role in LABEL_ROLES),
    *(f"part_{role}" for role in LABEL_ROLES),
    "choices",
    "unlabelled",
    *_FACTS,
)


def control_columns(evidence: Evidence, numbers: Numbers, matcher: Matcher | None = None) -> Floats:
    """(n, CONTROL_COLUMNS) of the controls of these element numbers."""
    table = evidence.context.table
    texts = short_labels(evidence, numbers)
    # No lexicon says anything of what is too long for a button.
    short = [text if len(text) <= LONG_LABEL else "" for text in texts]
    said = (matcher or load_matcher()).label_scores(short)
    columns = np.empty((len(texts), len(CONTROL_COLUMNS)))
    read_controls(table, numbers, columns[:, -len(_FACTS) :])
    if CONSENT is not None:
        CONSENT.control_columns(columns, said, _SAID, texts, WHOLE_LABEL, PART_LABEL, CHOICES)
        return columns
    said = said[:, _SAID]
    whole = said >= WHOLE_LABEL
    columns[:, : -len(_FACTS)] = np.concatenate(
        (
            whole,
            said >= PART_LABEL,
            whole[:, :CHOICES].any(axis=1, keepdims=True),
            np.array([not text for text in texts], bool).reshape(-1, 1),
        ),
        axis=1,
    )
    return columns
