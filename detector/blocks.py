"""`Document` -> `BlockTable`: one walk over the tree, everything noted in columns.

A block is a maximal run of inline text under one block-level element. Elements are numbered in
document order, and with the number that follows each subtree any sum over any subtree is a
difference of two prefix sums: the features need no second walk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from lxml import etree

from detector.tags import BLOCK, BOLD, HIDING, LINE_BREAKING, LINE_SEPARATOR, SKIPPED
from detector.tags import CODE as TAG

IntArray = npt.NDArray[np.int64]
UIntArray = npt.NDArray[np.uint64]

DEFAULT_MAX_BLOCKS: Final = 50_000
"""Most blocks that are cut from a page; what follows the last one is not read."""

LINK, BOLD_TEXT, CODE_TEXT = 1, 2, 4
"""Bits of an inline state: what a run of text stands in."""


@dataclass(frozen=True, slots=True)
class BlockTable:
    """A page in columns. Elements `e` in document order, text nodes `t`, blocks `b`.

    Attributes:
        elements: the elements that were walked, by number.
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
        cut: whether `max_blocks` ended the walk.
    """

    elements: Sequence[etree._Element]
    parent: IntArray
    end: IntArray
    depth: IntArray
    tag: IntArray
    names: IntArray
    name_strings: Sequence[str]
    hides: IntArray
    path: IntArray
    class_path: IntArray
    siblings: IntArray
    text: str
    node_start: IntArray
    node_element: IntArray
    node_link: IntArray
    node_state: IntArray
    element: IntArray
    first_node: IntArray
    cut: bool

    def __len__(self) -> int:
        return len(self.element)

    def block_text(self, block: int) -> str:
        """The block's text, white space folded, one line a `<br>`."""
        start = int(self.node_start[self.first_node[block]])
        stop = int(self.node_start[self.first_node[block + 1]])
        return fold(self.text[start:stop])


def fold(raw: str) -> str:
    """White space as a reader sees it: single spaces, and line breaks where they show."""
    if LINE_SEPARATOR not in raw:
        return " ".join(raw.split())
    lines = (" ".join(line.split()) for line in raw.split(LINE_SEPARATOR))
    return "\n".join(line for line in lines if line)


_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CONTROL_NAME: Final = re.compile(r"\b(?:btn|button)|button\b", re.IGNORECASE)
_NAMING: Final = {"class": 1, "id": 2, "role": 3, "itemprop": 4}
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
    for tag in {*TAG, *BLOCK, *SKIPPED, *LINE_BREAKING, *BOLD, "samp", "kbd"}
}
_INLINE: Final = (0, False, 0, False, False, False)


def walk(root: etree._Element, *, max_blocks: int = DEFAULT_MAX_BLOCKS) -> BlockTable:
    """Cut a tree into blocks in one pass over its nodes; the tree is not changed."""
    # One loop, and everything in local lists: this is where a page's time goes.
    elements: list[etree._Element] = []
    parent: list[int] = []
    end: list[int] = []
    depth: list[int] = []
    tag_code: list[int] = []
    names: list[int] = []
    hides: list[int] = []
    path: list[int] = []
    class_path: list[int] = []
    siblings: list[int] = []
    name_ids: dict[str, int] = {"": 0}
    path_ids: dict[tuple[int, int], int] = {}
    class_path_ids: dict[tuple[int, int, str], int] = {}
    sibling_ids: dict[tuple[int, int], int] = {}
    pieces: list[str] = []
    node_length: list[int] = []
    node_element: list[int] = []
    node_link: list[int] = []
    node_state: list[int] = []
    block_element: list[int] = []
    first_node: list[int] = []

    opened = False  # is there a block that inline text would go on with?
    glued = -1  # number of pieces when a control ended, if no text has come since
    cut = False
    number, link, state, block, control = 0, -1, 0, 0, False
    path_id, class_path_id = -1, -1
    stack: list[tuple[int, int, int, int, bool, int, int]] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            name = element.tag
            info = _TAGS_BY_NAME.get(name)
            if info is None:  # unknown, or in a namespace, as in trees of an XML parser
                info = _TAGS_BY_NAME.get(str(name).rpartition("}")[2], _INLINE)
            code, is_block, bits, skipped, breaks, hidden = info
            stack.append((number, link, state, block, control, path_id, class_path_id))
            up, number = number, len(elements)
            classes = naming = ""
            clickable = False
            for key, value in element.items():
                kind = _NAMING.get(key)
                if kind is not None:
                    if kind == 1:
                        classes = value
                    naming = f"{naming}\0{kind}{value}"
                elif key == "style":
                    hidden = hidden or _HIDDEN_STYLE.search(value) is not None
                elif key == "hidden" or (key == "aria-hidden" and value == "true"):
                    hidden = True
                elif key == "onclick" or key == "tabindex":
                    clickable = True
            if code == 1 or code == 2:  # html and body: their classes are about the whole page
                classes = naming = ""
                hidden = False
            elements.append(element)
            parent.append(up)
            end.append(0)
            depth.append(len(stack) - 1)
            tag_code.append(code)
            names.append(name_ids.setdefault(naming, len(name_ids)) if naming else 0)
            hides.append(1 if hidden else 0)
            path_id = path_ids.setdefault((path_id, code), len(path_ids))
            class_path_id = class_path_ids.setdefault(
                (class_path_id, code, classes), len(class_path_ids)
            )
            path.append(path_id)
            class_path.append(class_path_id)
            siblings.append(sibling_ids.setdefault((up, class_path_id), len(sibling_ids)))
            control = False
            if skipped:
                walker.skip_subtree()
                continue
            if is_block:
                block = number
                opened = False
            elif breaks:
                if opened:
                    pieces.append(LINE_SEPARATOR)
                    node_length.append(1)
                    node_element.append(up)
                    node_link.append(link)
                    node_state.append(state)
            else:
                control = (
                    code == TAG["a"]
                    or clickable
                    or (naming != "" and _CONTROL_NAME.search(naming) is not None)
                )
                if control:
                    if opened and glued == len(pieces):
                        pieces.append(" ")
                        node_length.append(1)
                        node_element.append(up)
                        node_link.append(-1)
                        node_state.append(0)
                    if code == TAG["a"]:
                        link = number
            state |= bits
            text = element.text
        else:
            if event == "end":
                end[number] = len(elements)
                is_control, was_block = control, block == number
                number, link, state, block, control, path_id, class_path_id = stack.pop()
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
                text = " " + text  # no word runs on from block to block
            if state & CODE_TEXT and "\n" in text:
                text = text.replace("\n", LINE_SEPARATOR)
            pieces.append(text)
            node_length.append(len(text))
            node_element.append(number)
            node_link.append(link)
            node_state.append(state)
    for open_number, *_ in stack[1:]:  # the walk was cut: close what it had open
        end[open_number] = len(elements)
    if end and cut:
        end[number] = len(elements)
    node_start = np.zeros(len(node_length) + 1, np.int64)
    np.cumsum(node_length, out=node_start[1:])
    return BlockTable(
        elements=elements,
        parent=np.array(parent, np.int64),
        end=np.array(end, np.int64),
        depth=np.array(depth, np.int64),
        tag=np.array(tag_code, np.int64),
        names=np.array(names, np.int64),
        name_strings=list(name_ids),
        hides=np.array(hides, np.int64),
        path=np.array(path, np.int64),
        class_path=np.array(class_path, np.int64),
        siblings=np.array(siblings, np.int64),
        text="".join(pieces),
        node_start=node_start,
        node_element=np.array(node_element, np.int64),
        node_link=np.array(node_link, np.int64),
        node_state=np.array(node_state, np.int64),
        element=np.array(block_element, np.int64),
        first_node=np.array([*first_node, len(pieces)], np.int64),
        cut=cut,
    )
