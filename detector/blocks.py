"""`Document` -> `BlockTable`: one walk over the tree, everything noted in columns.

A block is a maximal run of inline text under one block-level element. Elements are numbered in
document order, and with the number that follows each subtree any sum over any subtree is a
difference of two prefix sums: the features need no second walk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Final

import numpy as np
from lxml import etree

from detector.columns import NUMBER, Numbers, numbers
from detector.compiled import BLOCKS, WALK
from detector.lazy import regex
from detector.lexicon.cues import LEADING, load_cues
from detector.metadata import CARRIERS, carriers
from detector.tags import BLOCK, BOLD, HIDING, LINE_BREAKING, LINE_SEPARATOR, METADATA, SKIPPED
from detector.tags import CODE as TAG

DEFAULT_MAX_BLOCKS: Final = 50_000
"""Most blocks that are cut from a page; what follows the last one is not read."""

LINK, BOLD_TEXT, CODE_TEXT = 1, 2, 4
"""Bits of an inline state: what a run of text stands in."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockTable:
    """A page in columns. Elements `e` in document order, text nodes `t`, blocks `b`.

    Attributes:
        elements: the elements that were walked, by number.
        head: those that may carry metadata, and what was skipped that may, in document order.
        parent: (e,) number of the parent; the root is its own.
        end: (e,) number after the last element of the subtree.
        depth: (e,) steps from the root.
        tag: (e,) codes into `detector.tags.TAGS`.
        names: (e,) index into `name_strings`.
        name_strings: distinct class, id, role and itemprop strings; 0 is the empty one.
        hides: (e,) 1 where the element hides its subtree.
        path: (e,) number of the path of tags from the root.
        class_path: (e,) number of the path of tags and classes from the root.
        siblings: (e,) number of the group of siblings of the same tag and class.
        text: all text nodes of all blocks, one after another, as they stand in the page.
        node_start: (t + 1,) where each text node starts in `text`.
        node_element: (t,) the innermost element that the node stands in.
        node_link: (t,) the element of the link that the node stands in, or -1.
        node_state: (t,) bits `LINK | BOLD_TEXT | CODE_TEXT`.
        element: (b,) the block-level element of each block.
        first_node: (b + 1,) the first text node of each block.
        cue: (b,) number in `detector.lexicon.cues.ROLES` of what the block's first words announce.
        cut: whether `max_blocks` ended the walk.
    """

    elements: Sequence[etree._Element]
    head: list[etree._Element]
    parent: Numbers
    end: Numbers
    depth: Numbers
    tag: Numbers
    names: Numbers
    name_strings: list[str]
    hides: Numbers
    path: Numbers
    class_path: Numbers
    siblings: Numbers
    text: str
    node_start: Numbers
    node_element: Numbers
    node_link: Numbers
    node_state: Numbers
    element: Numbers
    first_node: Numbers
    cue: Numbers
    cut: bool

    def __len__(self) -> int:
        return len(self.element)

    def block_text(self, block: int) -> str:
        """The block's text, white space folded, one line a `<br>`."""
        start = int(self.node_start[self.first_node[block]])
        stop = int(self.node_start[self.first_node[block + 1]])
        if BLOCKS is not None:
            return str(BLOCKS.fold(self.text, start, stop, LINE_SEPARATOR))
        return fold(self.text[start:stop])


def fold(raw: str) -> str:
    """White space as a reader sees it: single spaces, and line breaks where they show."""
    if LINE_SEPARATOR not in raw:
        return " ".join(raw.split())
    lines = (" ".join(line.split()) for line in raw.split(LINE_SEPARATOR))
    return "\n".join(line for line in lines if line)


_HIDDEN_STYLE: Final = regex(r"display\s*:\s*none|visibility\s*:\s*hidden")
# Names come as NUL, a letter for their kind, a space, and the attribute's value.
_CONTROL_NAME: Final = regex(r"\b(?:btn|button)|button\b", re.IGNORECASE)
_CLASS, _STYLE, _HIDDEN, _ARIA_HIDDEN, _CLICKABLE = 1, 5, 6, 7, 8
_LETTERS: Final = "?cirp"
_KINDS: Final = {
    "class": _CLASS,
    "id": 2,
    "role": 3,
    "itemprop": 4,
    "style": _STYLE,
    "hidden": _HIDDEN,
    "aria-hidden": _ARIA_HIDDEN,
    "onclick": _CLICKABLE,
    "tabindex": _CLICKABLE,
}
_TAGS_BY_NAME: Final[dict[object, tuple[int, bool, int, bool, bool, bool]]] = {
    tag: (
        TAG.get(tag, 0),
        tag in BLOCK,
        (LINK if tag == "a" else 0)
        | (BOLD_TEXT if tag in BOLD else 0)
        | (CODE_TEXT if tag in ("pre", "code", "textarea", "samp", "kbd") else 0),
        tag in SKIPPED,
        tag in LINE_BREAKING,
        tag in HIDING,
    )
    for tag in {
        *(*TAG, *BLOCK, *SKIPPED, *LINE_BREAKING, *BOLD, "samp", "kbd"),
        *(tag for tag, _, _ in CARRIERS),
    }
}
_INLINE: Final = (0, False, 0, False, False, False)
_PAGE_WIDE: Final = frozenset((TAG["html"], TAG["body"]))
_ANCHOR: Final = TAG["a"]


def walk(
    root: etree._Element, *, max_blocks: int = DEFAULT_MAX_BLOCKS, owned: bool = False
) -> BlockTable:
    """Cut a tree into blocks in one pass over its nodes; the tree is not changed.

    Args:
        root: the element to begin at.
        max_blocks: see `DEFAULT_MAX_BLOCKS`.
        owned: nobody else can change the tree, so that lxml need not make its elements at once.
    """
    if WALK is None:
        return _walk_python(root, max_blocks)
    return _walk_compiled(root, max_blocks, owned)


def _walk_compiled(root: etree._Element, max_blocks: int, owned: bool) -> BlockTable:
    assert WALK is not None
    found = WALK.walk(_tags(), root, max_blocks, owned)
    elements, head, columns, unsure, name_strings, text, cut = found
    arrays = {name: np.frombuffer(column, NUMBER) for name, column in columns.items()}
    for block in unsure:
        node = arrays["first_node"][block]
        start, stop = arrays["node_start"][node : node + 2].tolist()
        arrays["cue"][block] = load_cues().role_of(text[start:stop])
    return BlockTable(
        elements=elements, head=head, name_strings=name_strings, text=text, cut=cut, **arrays
    )


@cache
def _tags() -> Any:
    """What the compiled walk has to know."""
    assert WALK is not None
    return WALK.Tags(_TAGS_BY_NAME, METADATA, CARRIERS, LEADING, load_cues().by_start)


def _holds_body(head: etree._Element) -> bool:
    """See `METADATA`."""
    return any(isinstance(child.tag, str) and child.tag not in METADATA for child in head)


def _walk_python(root: etree._Element, max_blocks: int) -> BlockTable:
    # One loop, and everything in local lists: this is where a page's time goes. What follows from
    # an element's path of tags and classes is noted once a path, in `paths`.
    elements: list[etree._Element] = []
    parent: list[int] = []
    end: list[int] = []
    names: list[int] = []
    hiding: list[int] = []
    class_path: list[int] = []
    name_ids: dict[str | tuple[str, str], int] = {}
    name_strings, control_names, n_names = [""], [False], 1
    class_path_ids: dict[tuple[int, int, str], int] = {}
    tag_path_ids: dict[tuple[int, int], int] = {}
    sibling_ids: dict[tuple[int, int], int] = {}
    siblings: list[int] = []
    paths: list[tuple[int, int]] = []  # tag code and number of the path of tags
    pieces: list[str] = []
    node_element: list[int] = []
    node_link: list[int] = []
    node_state: list[int] = []
    block_element: list[int] = []
    first_node: list[int] = []
    cue: list[int] = []
    role_of = load_cues().role_of

    opened = False  # is there a block that inline text would go on with?
    glued = -1  # number of pieces when a control ended, if no text has come since
    cut = False
    count = 0
    number, link, state, block, control, path = 0, -1, 0, 0, False, -1
    stack: list[tuple[int, int, int, int, bool, int]] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            tag = element.tag
            info = _TAGS_BY_NAME.get(tag)
            if info is None:  # unknown, or in a namespace, as in trees of an XML parser
                info = _TAGS_BY_NAME.get(str(tag).rpartition("}")[2], _INLINE)
            code, is_block, bits, skipped, breaks, hidden = info
            stack.append((number, link, state, block, control, path))
            up, number = number, count
            count += 1
            classes = naming = ""
            clickable = False
            for key, value in element.items():
                kind = _KINDS.get(key)
                if kind is None:
                    continue
                if kind == _CLASS:
                    classes = value
                elif kind < _STYLE:
                    naming = f"{naming}\0{_LETTERS[kind]} {value}"
                elif kind == _STYLE:
                    style = value.lower()
                    if "none" in style or "hidden" in style:  # a quick look first
                        hidden = hidden or _HIDDEN_STYLE.search(style) is not None
                elif kind == _CLICKABLE:
                    clickable = True
                elif kind == _HIDDEN or value == "true":
                    hidden = True
            if code in _PAGE_WIDE:  # their classes are about the whole page
                classes = naming = ""
                hidden = False
            name = 0
            if classes or naming:
                name = name_ids.setdefault((classes, naming) if naming else classes, n_names)
                if name == n_names:  # a new one
                    n_names += 1
                    naming = f"\0c {classes}{naming}" if classes else naming
                    name_strings.append(naming)
                    control_names.append(_CONTROL_NAME.search(naming) is not None)
            if hidden:
                hiding.append(number)
            above = path
            path = class_path_ids.setdefault((above, code, classes), len(paths))
            if path == len(paths):
                tag_path = (paths[above][1] if above >= 0 else -1, code)
                paths.append((code, tag_path_ids.setdefault(tag_path, len(tag_path_ids))))
            elements.append(element)
            parent.append(up)
            end.append(0)
            names.append(name)
            class_path.append(path)
            siblings.append(sibling_ids.setdefault((up, path), len(sibling_ids)))
            control = False
            if skipped and not (tag == "head" and _holds_body(element)):
                walker.skip_subtree()
                continue
            if is_block:
                block = number
                opened = False
            elif breaks:
                if opened:
                    pieces.append(LINE_SEPARATOR)
                    node_element.append(up)
                    node_link.append(link)
                    node_state.append(state)
            elif code == _ANCHOR or clickable or control_names[name]:
                control = True
                if opened and glued == len(pieces):
                    pieces.append(" ")
                    node_element.append(up)
                    node_link.append(-1)
                    node_state.append(0)
                if code == _ANCHOR:
                    link = number
            state |= bits
            text = element.text
        else:
            if event == "end":
                end[number] = count
                is_control, was_block = control, block == number
                number, link, state, block, control, path = stack.pop()
                if was_block:
                    opened = False
                elif is_control:
                    glued = len(pieces)
                if not stack:
                    break  # what follows the root is not its own
            text = element.tail
        if text and (opened or not text.isspace()):
            if not opened:
                if len(block_element) == max_blocks:
                    cut = True
                    break
                opened = True
                block_element.append(block)
                first_node.append(len(pieces))
                cue.append(role_of(text))
                text = " " + text  # no word runs on from block to block
            if state & CODE_TEXT and "\n" in text:
                text = text.replace("\n", LINE_SEPARATOR)
            pieces.append(text)
            node_element.append(number)
            node_link.append(link)
            node_state.append(state)
    for open_number, *_ in stack[1:]:  # the walk was cut: close what it had open
        end[open_number] = count
    if cut:
        end[number] = count
    ends, class_paths = numbers(end), numbers(class_path)
    of_paths = np.array(paths, NUMBER).reshape(-1, 2)[class_paths]
    hides = np.zeros(count, NUMBER)
    hides[hiding] = 1
    index = np.arange(count)
    return BlockTable(
        elements=elements,
        head=list(carriers(root)),
        parent=numbers(parent),
        end=ends,
        # of the elements before, those whose subtree has not ended yet
        depth=(index - np.searchsorted(np.sort(ends), index, "right")).astype(NUMBER),
        tag=of_paths[:, 0],
        names=numbers(names),
        name_strings=name_strings,
        hides=hides,
        path=of_paths[:, 1],
        class_path=class_paths,
        siblings=numbers(siblings),
        text="".join(pieces),
        node_start=numbers(accumulate(map(len, pieces), initial=0)),
        node_element=numbers(node_element),
        node_link=numbers(node_link),
        node_state=numbers(node_state),
        element=numbers(block_element),
        first_node=numbers([*first_node, len(pieces)]),
        cue=numbers(cue),
        cut=cut,
    )
