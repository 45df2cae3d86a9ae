"""Consent roots as a caller sees them: `ConsentBanner` and its `Button`s."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from detector.consent.buttons import ROLES, Control, button_rows, controls_of, roles_of
from detector.consent.evidence import Evidence
from detector.consent.model import ConsentModel
from detector.consent.platforms import platform_of
from detector.consent.roots import FoundRoot, Kind
from detector.consent.wall import OTHER_WORDS, WALL_SHARE, is_visible
from detector.lazy import regex
from detector.lexicon import load_matcher
from detector.selectors import Paths

Role = Literal["accept_all", "reject_all", "save", "settings", "close", "info_link"]
Choice = Literal["accept", "reject", "settings", "save", "close"]

_MODAL: Final = regex(r"modal|overlay|lightbox|popup|pop-up|dialog|backdrop", re.IGNORECASE)
_MODAL_ROLE: Final = regex(r"\x00r (?:alertdialog|dialog)\b")
_CHOICES: Final[dict[str, str]] = {
    "accept": "accept_all",
    "reject": "reject_all",
    "settings": "settings",
    "save": "save",
    "close": "close",
}


@dataclass(frozen=True, slots=True)
class Button:
    """A control of a banner.

    Attributes:
        role: what it does.
        text: its label: its text, or what stands for it in an attribute; "" for a bare icon.
        xpath, css: selectors that match it alone.
        probability: of its having the role.
    """

    role: Role
    text: str
    xpath: str
    css: str
    probability: float


@dataclass(frozen=True, slots=True)
class ConsentBanner:
    """A consent root: the largest element that holds consent UI and nothing else.

    Attributes:
        kind: banner; modal (set before the page); preferences (choices by purpose or vendor);
            notice (informs, asks nothing); wall (nothing else stands on the page); reopen (a
            control that opens the others).
        cmp: name of the platform that its markup speaks of, None where it speaks of none.
        text: its text, white space folded.
        probability: of its being consent UI.
        language: of its words, as far as they tell, else as the markup says; "" if neither does.
        visible: whether the markup lets it show; style sheets and scripts are not looked at.
        buttons: its controls that have a role, in document order.
        xpath, css: selectors that match it alone; "" in a text without markup.
    """

    kind: Kind
    cmp: str | None
    text: str
    probability: float
    language: str
    visible: bool
    buttons: tuple[Button, ...]
    xpath: str
    css: str

    def preferred(self, choice: Choice) -> Button | None:
        """The button that makes a choice, or None where there is none or it is unsure which.

        Of several that have the role, the first by probability counts; "reject" takes nothing
        but a button that rejects, never one that closes.

        Raises:
            ValueError: `choice` is none of accept, reject, settings, save, close.
        """
        if choice not in _CHOICES:
            raise ValueError(f"choice must be one of {', '.join(_CHOICES)}, not {choice!r}")
        found = [button for button in self.buttons if button.role == _CHOICES[choice]]
        return max(found, key=lambda button: button.probability, default=None)

    def to_dict(self) -> dict[str, Any]:
        """The banner as JSON has it."""
        return {
            "kind": self.kind,
            "cmp": self.cmp,
            "text": self.text,
            "probability": round(self.probability, 4),
            "language": self.language,
            "visible": self.visible,
            "xpath": self.xpath,
            "css": self.css,
            "buttons": [
                {
                    "role": button.role,
                    "text": button.text,
                    "probability": round(button.probability, 4),
                    "xpath": button.xpath,
                    "css": button.css,
                }
                for button in self.buttons
            ],
        }


def describe(
    evidence: Evidence,
    roots: Sequence[FoundRoot],
    model: ConsentModel,
    *,
    links: bool = True,
    paths: Paths | None = None,
) -> tuple[ConsentBanner, ...]:
    """Everything about the found roots, the most prominent first.

    Args:
        evidence: that `find_roots` gave with them.
        links: whether addresses and handlers may tell.
        paths: of the page's tree, if the caller has them.
    """
    table = evidence.context.table
    paths = paths or Paths(table.elements[0], table)
    made = [_describe(evidence, root, model, links, paths) for root in roots]
    return tuple(sorted(made, key=_prominence))


_PROMINENCE: Final = ("wall", "modal", "banner", "notice", "preferences", "reopen")


def _prominence(banner: ConsentBanner) -> tuple[bool, int, float]:
    # A hidden banner is still the page's banner: scripts show it. A re-open control never is.
    return (
        banner.kind == "reopen",
        _PROMINENCE.index(banner.kind) + 2 * (not banner.visible),
        -banner.probability,
    )


def _describe(
    evidence: Evidence, root: FoundRoot, model: ConsentModel, links: bool, paths: Paths
) -> ConsentBanner:
    table = evidence.context.table
    controls = controls_of(evidence, root.element)
    buttons = _buttons(evidence, root, controls, model, links, paths)
    visible = is_visible(evidence, root.element)
    element = table.elements[root.element]
    paths.foresee(root.element)
    return ConsentBanner(
        kind=_kind(evidence, root, buttons, visible),
        cmp=_platform(evidence, root.element),
        text=evidence.text(root.element),
        probability=root.probability,
        language=_language(evidence, root.element),
        visible=visible,
        buttons=buttons,
        xpath=paths.xpath(element),
        css=paths.css(element),
    )


def _buttons(
    evidence: Evidence,
    root: FoundRoot,
    controls: tuple[Control, ...],
    model: ConsentModel,
    links: bool,
    paths: Paths,
) -> tuple[Button, ...]:
    if not controls:
        return ()
    rows = button_rows(evidence, root.element, np.array(root.classes), controls, links=links)
    roles, probabilities = roles_of(rows, model.buttons.predict(rows), model.button)
    table = evidence.context.table
    names: tuple[Role, ...] = ROLES
    found = []
    for control, role, probability in zip(
        controls, roles.tolist(), probabilities.tolist(), strict=True
    ):
        if role >= 0:
            element = table.elements[control.element]
            paths.foresee(control.element)
            xpath, css = paths.xpath(element), paths.css(element)
            found.append(Button(names[role], control.label, xpath, css, probability))
    return tuple(found)


def _kind(evidence: Evidence, root: FoundRoot, buttons: Sequence[Button], visible: bool) -> Kind:
    """The model tells banners, preference centres and re-open controls; the rest is plain rules."""
    if root.kind != "banner":
        return root.kind
    words = evidence.context.page_words
    own = len(evidence.text(root.element).split())
    if visible and words and own / words >= WALL_SHARE and words - own <= OTHER_WORDS:
        return "wall"
    if not any(button.role != "info_link" for button in buttons):
        return "notice"
    return "modal" if _is_modal(evidence, root.element) else "banner"


def _is_modal(evidence: Evidence, element: int) -> bool:
    table = evidence.context.table
    inner = list(range(element, min(int(table.end[element]), element + 4)))
    for number in inner:
        node = table.elements[number]
        names = table.name_strings[table.names[number]]
        if node.get("aria-modal") == "true":
            return True
        if _MODAL.search(names) and not _MODAL_ROLE.search(names):
            return True
    return False


def _platform(evidence: Evidence, element: int) -> str | None:
    table = evidence.context.table
    names = table.names[element : table.end[element]].tolist()
    up = table.names[table.parent[element]]
    return platform_of(
        fact for name in (*names, int(up)) for fact in evidence.names.facts.get(name, ())
    )


def _language(evidence: Evidence, element: int) -> str:
    """The language of most of its terms, each shared among the languages that have it."""
    table = evidence.context.table
    first, last = evidence.text_span(element)
    inside = (evidence.nodes >= first) & (evidence.nodes < last)
    node = table.elements[element]
    said = (each.get("lang") or "" for each in (node, *node.iterancestors()))
    declared = next((name.strip().lower() for name in said if name.strip()), "")
    return language_of(evidence.spans[inside, 2].tolist(), declared)


def language_of(terms: Sequence[int], declared: str = "") -> str:
    """The language of most terms, by ids of the lexicon; `declared` where they do not tell."""
    terms = terms[:200]
    distinct = list(set(terms))
    of_term = {
        term: [name for name in names if name != "und"]
        for term, names in zip(distinct, load_matcher().languages(distinct), strict=True)
    }
    votes: defaultdict[str, float] = defaultdict(float)
    for term in terms:
        for language in of_term[term]:
            votes[language] += 1 / len(of_term[term])
    if not votes:
        return declared
    best = max(sorted(votes), key=lambda name: votes[name])
    # Neighbouring languages share many terms: the page's own word decides between them.
    own = declared.partition("-")[0]
    return own if votes[own] >= votes[best] / 2 else best
