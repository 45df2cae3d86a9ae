"""The block by itself: its text's measures, its tag, what it stands in."""

from __future__ import annotations

from typing import Final

import numpy as np

from detector.chars import CODE
from detector.compiled import MATRIX
from detector.features.climb import KIND, TAG_KINDS, climb
from detector.features.context import Context, Floats, ratio
from detector.features.rows import Feature, Matrix
from detector.lexicon.cues import ROLES
from detector.measures import SUMS
from detector.names import GROUP_NAMES
from detector.tags import TAGS


def _share(name: str) -> Feature:
    return Feature(
        f"block_{name}",
        "block",
        lambda c: ratio(c.count(name), c.chars),
        f"Share of characters of class {name}.",
    )


def _ends_terminal(c: Context) -> Floats:
    return np.asarray(c.last_class == CODE["terminal"], np.float64)


def _copies(c: Context) -> Floats:
    return np.bincount(c.text_id)[c.text_id].astype(np.float64)


def _tag(name: str) -> Feature:
    tags = _IS[name]
    return Feature(
        f"is_{name}",
        "tag",
        lambda c: c.tagged(*tags)[c.table.element].astype(np.float64),
        f"The block's element is one of: {', '.join(tags)}.",
    )


def _steps(name: str) -> Feature:
    tags = TAG_KINDS[name]
    return Feature(
        f"steps_{name}",
        "semantic",
        lambda c: c.steps_to(c.tagged(*tags)),
        f"Steps up to the nearest of: {', '.join(tags)}.",
    )


def _group_steps(name: str) -> Feature:
    bit = 1 << GROUP_NAMES.index(name)
    return Feature(
        f"named_{name}",
        "names",
        lambda c: c.steps_to(c.element_groups & bit != 0),
        f"Steps up to the nearest element whose class, id or role names {name}.",
    )


def _hidden_depth(c: Context) -> Floats:
    return np.asarray(c.table.hides[c.chain].sum(axis=0), np.float64)


READ_ALSO, FOLLOW = ROLES.index("read_also"), ROLES.index("follow")
_SHARES: Final = ("upper", "punctuation", "digit", "symbol")
_IS: Final = {
    "paragraph": ("p", "blockquote"),
    "container": ("div", "section", "article", "main"),
    "control": ("button", "select", "textarea", "label", "form", "fieldset"),
}
_ABOVE: Final = ("article", "main", "footer", "nav", "form", "list", "table", "figure")
_NAMED: Final = ("navigation", "edge", "comment", "post", "review", "popup")

FEATURES: Final = (
    Feature("words", "block", lambda c: np.log1p(c.words), "Log words; ideographs count singly."),
    Feature("chars", "block", lambda c: np.log1p(c.chars), "Log characters that show."),
    Feature("word_length", "block", lambda c: ratio(c.chars, c.words), "Characters a word."),
    Feature(
        "link_density", "block", lambda c: ratio(c.link_chars, c.chars), "Share of text in links."
    ),
    Feature("links", "block", lambda c: c.links, "Links with text."),
    Feature("free_words", "block", lambda c: np.log1p(c.free_words), "Log words in no link."),
    Feature("bold", "block", lambda c: ratio(c.bold_chars, c.chars), "Share in bold or italics."),
    Feature("code", "block", lambda c: ratio(c.code_chars, c.chars), "Share in code."),
    *(_share(name) for name in _SHARES),
    Feature("sentences", "block", lambda c: c.count("terminal"), "Sentence-ending marks."),
    Feature("commas", "block", lambda c: c.count("comma"), "Commas, colons, semicolons."),
    Feature("ends_terminal", "block", _ends_terminal, "Ends as a sentence does."),
    Feature("copies", "block", _copies, "Blocks of the page with the same text, itself included."),
    Feature(
        "announces_pages",
        "block",
        lambda c: (c.table.cue == READ_ALSO).astype(np.float64),
        "Begins as lines do that lead to other pages: read also, most read.",
    ),
    Feature(
        "announces_action",
        "block",
        lambda c: (c.table.cue == FOLLOW).astype(np.float64),
        "Begins as lines do that ask to follow, share or subscribe, or as advertisements do.",
    ),
    Feature("heading_level", "tag", lambda c: c.heading_level, "1 to 6 in a heading, else 0."),
    *(_tag(name) for name in _IS),
    *(_steps(name) for name in _ABOVE),
    Feature("hidden_depth", "semantic", _hidden_depth, "Ancestors that hide what is in them."),
    *(_group_steps(name) for name in _NAMED),
)

_ROWS: Final = tuple(
    map(
        SUMS.index,
        ("words", "free_words", "chars", "link_chars", "links", "bold_chars", "code_chars"),
    )
)
_SHARE_CODES: Final = np.array([CODE[name] for name in _SHARES])
_TAG_IS: Final = np.array([[tag in tags for tags in _IS.values()] for tag in TAGS], np.uint8)
_ABOVE_KINDS: Final = np.array([KIND[name] for name in _ABOVE])
_NAMED_KINDS: Final = np.array([KIND[f"named_{name}"] for name in _NAMED])


def fill(c: Context, matrix: Matrix, first: int, start: int) -> bool:
    """A `Fill` of `FEATURES`."""
    way = climb(c)
    if MATRIX is None or way is None:
        return False
    MATRIX.block(
        matrix,
        first,
        start,
        c.block_sums,
        _ROWS,
        c.classes,
        _SHARE_CODES,
        (CODE["terminal"], CODE["comma"]),
        c.last_class,
        c.text_id,
        c.table.cue,
        (READ_ALSO, FOLLOW),
        c.heading_level,
        _TAG_IS,
        c.table.tag,
        c.table.element,
        way.steps,
        _ABOVE_KINDS,
        way.hidden,
        _NAMED_KINDS,
    )
    return True
