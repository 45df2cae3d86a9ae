"""Content blocks as text and as clean HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from lxml import etree

from detector.blocks import BlockTable
from detector.tags import LINE_SEPARATOR

_STRUCTURE: Final = frozenset(
    [
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "article",
        "section",
    ]
)
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_SAFE_ADDRESS: Final = re.compile(r"(?:https?:|mailto:|tel:|[^:]*$|[^:]*[/?#])", re.IGNORECASE)
_INVISIBLE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]+")
_FOLD: Final = re.compile(rf"[^\S{LINE_SEPARATOR}]+")


def render_text(table: BlockTable, blocks: Iterable[int]) -> str:
    """The blocks' texts in document order, a blank line between them."""
    return "\n\n".join(text for text in map(table.block_text, blocks) if text)


def render_html(table: BlockTable, blocks: Iterable[int], *, title: str, language: str) -> str:
    """A complete HTML document of the blocks with their structural and inline markup.

    Only elements of a fixed list are written, and of their attributes only an anchor's address
    where it is a web, mail or telephone address or relative: nothing of the page can run in it.
    """
    out: list[str] = []
    open_elements: list[int] = []
    for block in blocks:
        wanted = _structure_around(table, int(table.element[block]))
        shared = 0
        while shared < min(len(wanted), len(open_elements)) and (
            wanted[shared] == open_elements[shared]
        ):
            shared += 1
        _close(out, table, open_elements, shared)
        for element in wanted[shared:]:
            out.append(f"<{_tag(table, element)}>")
            open_elements.append(element)
        # A run of text needs an element of its own where the page had none of the list.
        loose = not wanted or _tag(table, wanted[-1]) in ("article", "section", "figure")
        body = _inline(table, block)
        out.append(f"<p>{body}</p>\n" if loose else body)
    _close(out, table, open_elements, 0)
    lang = f' lang="{escape(language)}"' if language else ""
    return (
        f'<!DOCTYPE html>\n<html{lang}>\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{''.join(out)}</body>\n</html>\n"
    )


def _tag(table: BlockTable, element: int) -> str:
    return str(etree.QName(table.elements[element]).localname)


def _close(out: list[str], table: BlockTable, open_elements: list[int], down_to: int) -> None:
    while len(open_elements) > down_to:
        tag = _tag(table, open_elements.pop())
        out.append(f"</{tag}>" if tag in ("td", "th") else f"</{tag}>\n")


def _structure_around(table: BlockTable, element: int) -> list[int]:
    """The element and its ancestors that are written, outermost first."""
    found: list[int] = []
    while True:
        if _tag(table, element) in _STRUCTURE:
            found.append(element)
        if element == 0:
            return found[::-1]
        element = int(table.parent[element])


def _inline(table: BlockTable, block: int) -> str:
    """The block's text with its inline markup."""
    first, last = int(table.first_node[block]), int(table.first_node[block + 1])
    own = int(table.element[block])
    out: list[str] = []
    open_elements: list[int] = []
    spaced = True  # has white space been written last? then more of it would not show
    for node in range(first, last):
        wanted: list[int] = []
        element = int(table.node_element[node])
        while element != own:
            if _tag(table, element) in _INLINE:
                wanted.append(element)
            element = int(table.parent[element])
        wanted.reverse()
        shared = 0
        while shared < min(len(wanted), len(open_elements)) and (
            wanted[shared] == open_elements[shared]
        ):
            shared += 1
        while len(open_elements) > shared:
            out.append(f"</{_tag(table, open_elements.pop())}>")
        for element in wanted[shared:]:
            out.append(_start(table, element))
            open_elements.append(element)
        text = _FOLD.sub(" ", table.text[table.node_start[node] : table.node_start[node + 1]])
        if spaced:
            text = text.removeprefix(" ")
        if text:
            spaced = text[-1] in (" ", LINE_SEPARATOR)
            out.append(escape(text, quote=False).replace(LINE_SEPARATOR, "<br>\n"))
    while open_elements:
        out.append(f"</{_tag(table, open_elements.pop())}>")
    return "".join(out).rstrip(" ")


def _start(table: BlockTable, element: int) -> str:
    tag = _tag(table, element)
    if tag == "a":
        address = _INVISIBLE.sub("", table.elements[element].get("href") or "")
        if address and _SAFE_ADDRESS.match(address):
            return f'<a href="{escape(address)}">'
    return f"<{tag}>"
