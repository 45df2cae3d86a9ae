"""All columns of all candidates at once, by compiled code.

`features` says what each column is; here stands where the compiled code finds it among what it
reckons: quantities of their own, flags, elements counted, terms, attributes, sums over controls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from detector.compiled import CANDIDATES
from detector.consent.candidates import (
    BIT,
    FLAGS,
    GROUP_FLAGS,
    READ_CONTROLS,
    TAG_FLAGS,
    Candidates,
)
from detector.consent.controls import CHOICES, CONTROL_COLUMNS, UNREAD
from detector.consent.evidence import ROLE
from detector.features.position import title_block
from detector.features.region import top_region
from detector.lexicon import ROLES
from detector.names import GROUP_NAMES
from detector.tags import CODE as TAG
from detector.tags import TAGS

STRONG: Final = tuple(ROLE[name] for name in ("topic", "purpose", "settings"))
"""Roles whose strong terms are counted together."""
TEXT_WORDS: Final = 50
"""Words from which a block is a paragraph of a text rather than a line of a user interface."""
TAGGED: Final[dict[str, tuple[str, ...]]] = {
    "links": ("a",),
    "buttons": ("button",),
    "inputs": ("input",),
    "headings": ("h1", "h2", "h3", "h4", "h5", "h6"),
    "paragraphs": ("p",),
    "items": ("li",),
    "images": ("img", "picture", "video"),
    "forms": ("form",),
    "sections": ("article", "main", "nav", "footer", "header"),
    "has_h1": ("h1",),
}
"""Columns that count elements of certain tags."""
FLAGGED: Final = {
    "named_inside": "named",
    "named_strong": "named_ui",
    "inside_platform_root": "platform_root",
    "inside_platform_button": "platform_button",
    "inside_platform_reopen": "platform_reopen",
}
"""Columns that count elements with a flag."""
OWN: Final = {
    "is_hidden": "hidden",
    "own_platform_root": "platform_root",
    **{f"own_{name}": name for name in GROUP_FLAGS},
}
"""Columns of flags of a candidate's own."""
ABOVE: Final = {
    **{
        name: name
        for name in (
            "in_footer", "in_header", "in_nav", "in_main", "in_aside", "in_form", "in_list",
            "in_paragraph",
        )
    },
    "in_hidden": "hidden",
    "above_platform_root": "platform_root",
    **{
        f"in_{name}_names": name for name in ("edge", "navigation", "article", "comment", "popup")
    },
}  # fmt: skip
"""Columns of flags of its ancestors."""
ATTRIBUTE_COLUMNS: Final = ("fixed", "aria_modal", "clickable", "hooked")
"""Columns of attributes."""


class Layout:
    """Of a matrix with these columns.

    Raises ValueError for a column that the compiled code does not know.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        assert CANDIDATES is not None
        slots: list[str] = list(CANDIDATES.PLAIN)
        for by_flag in (OWN, ABOVE):
            column_of = {flag: column for column, flag in by_flag.items()}
            slots += [column_of.get(flag, "") for flag in FLAGS]
        slots += [*TAGGED, *FLAGGED]
        slots += [f"{role}_{strength}" for strength in ("strong", "weak") for role in ROLES]
        slots += [*ATTRIBUTE_COLUMNS, *CONTROL_COLUMNS]
        strong = np.zeros(len(ROLES), np.uint8)
        strong[list(STRONG)] = 1
        counts = np.zeros(len(TAGS), np.int64)
        for number, tags in enumerate(TAGGED.values()):
            counts[[TAG[tag] for tag in tags]] |= 1 << number
        self._compiled: Any = CANDIDATES.Layout(
            order=np.array([slots.index(column) for column in columns]),
            tag_flags=TAG_FLAGS,
            tag_counts=counts,
            flag_counts=np.array([BIT[flag] for flag in FLAGGED.values()]),
            groups=np.array([(GROUP_NAMES.index(name), BIT[name]) for name in GROUP_FLAGS]),
            strong=strong,
            n_flags=len(FLAGS),
            n_tag_counts=len(TAGGED),
            n_columns=len(CONTROL_COLUMNS),
            n_attributes=len(ATTRIBUTE_COLUMNS),
            label_columns=CHOICES,
            choices=CONTROL_COLUMNS.index("choices"),
            named=BIT["named"],
            named_ui=BIT["named_ui"],
            dialog=BIT["dialog"] | BIT["dialog_tag"],
            hidden=BIT["hidden"],
            text_words=TEXT_WORDS,
        )
        self._n_columns = len(columns)

    def rows(
        self, c: Candidates, attributes: npt.NDArray[np.float64], title_of_policy: bool
    ) -> npt.NDArray[np.float32]:
        """Candidates -> float32 matrix, shape (c, columns).

        attributes: (c, ATTRIBUTE_COLUMNS).
        """
        context, table, evidence = c.context, c.context.table, c.evidence
        title, region = context.shared("title_block", title_block), top_region(context)
        matrix = np.empty((len(c), self._n_columns), np.float32)
        self._compiled.rows(
            matrix,
            top=c.top,
            bottom=c.bottom,
            levels=c.levels,
            chains=c.chains,
            chain_starts=c.chain_starts,
            attributes=attributes,
            parent=table.parent,
            end=table.end,
            depth=table.depth,
            tag=table.tag,
            names=table.names,
            hides=table.hides,
            element_groups=context.element_groups,
            name_flags=c.name_flags,
            node_element=table.node_element,
            node_words=context.node_words,
            block_element=table.element,
            block_words=context.words,
            block_chars=context.chars,
            block_link_chars=context.link_chars,
            node_start=table.node_start,
            spans=evidence.spans,
            controls=evidence.controls,
            read=c.read,
            control_columns=c.control_columns,
            most_controls=READ_CONTROLS,
            unread=UNREAD,
            page_words=context.page_words,
            title_element=int(table.element[title]) if title >= 0 else -1,
            region_top=region.top,
            region_share=region.share,
            title_of_policy=title_of_policy,
        )
        return matrix
