"""Whether nothing but consent UI stands on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detector.consent.evidence import Evidence
from detector.consent.roots import FoundRoot

WALL_SHARE: Final = 0.8
"""Share of the page's words from which a visible banner is a wall."""
OTHER_WORDS: Final = 40
"""Words beside consent UI that a wall's page may have at most: a name, a line of links."""


def is_consent_wall(evidence: Evidence, roots: Sequence[FoundRoot]) -> bool:
    """Whether nothing but consent stands on the page."""
    shown = [root for root in roots if root.kind != "reopen" and is_visible(evidence, root.element)]
    own = sum(len(evidence.text(root.element).split()) for root in shown)
    words = evidence.context.page_words
    return bool(shown) and own / max(words, 1) >= WALL_SHARE and words - own <= OTHER_WORDS


def is_visible(evidence: Evidence, element: int) -> bool:
    """Whether nothing in the markup hides all of an element's text."""
    table = evidence.context.table
    hidden: dict[int, bool] = {0: bool(table.hides[0])}

    def look(number: int) -> bool:
        path = []
        while number not in hidden:
            path.append(number)
            number = int(table.parent[number])
        state = hidden[number]
        for step in reversed(path):
            state = state or bool(table.hides[step])
            hidden[step] = state
        return state

    if look(element):
        return False
    first, last = evidence.text_span(element)
    owners = set(table.node_element[first:last].tolist())
    return not owners or not all(look(owner) for owner in owners)
