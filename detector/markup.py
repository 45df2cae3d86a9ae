"""Content blocks as clean HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from detector.blocks import BlockTable
from detector.lazy import regex
from detector.tags import LINE_SEPARATOR, local_name

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
# Where one block follows another in one of these, only a line break may part them.
_PHRASING: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre"))
_SECTIONING: Final = frozenset(("article", "section", "figure", "blockquote"))
_SAFE_ADDRESS: Final = regex(r"(?:https?:|mailto:|tel:|[^:]*$|[^:]*[/?#])", re.IGNORECASE)
_INVISIBLE: Final = regex(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\ufeff]+")
_FOLD: Final = regex(rf"[^\S{LINE_SEPARATOR}]+")


def render_html(table: BlockTable, blocks: Iterable[int], *, title: str, language: str) -> str:
    """A complete HTML document of the blocks with their structural and inline markup.

    Only elements of a fixed list are written, and of their attributes only an anchor's address
    where it is a web, mail or telephone address or relative: nothing of the page can run in it.
    """
    out: list[str] = []
    names = [local_name(element) for element in table.elements]
    structure = _Nesting(table, names, _STRUCTURE)
    inline = _Nesting(table, names, _INLINE)
    for block in blocks:
        to_close, to_open = structure.move_to(int(table.element[block]))
        out.extend(_end(names[element]) for element in to_close)
        out.extend(f"<{names[element]}>" for element in to_open)
        around = names[structure.open[-1]] if structure.open else "body"
        line_break = "\n" if around == "pre" else "<br>\n"
        body = _inline(table, block, inline, names).replace(LINE_SEPARATOR, line_break)
        follows = bool(out) and not (to_close or to_open)
        if around == "body" or around in _SECTIONING or (follows and around not in _PHRASING):
            out.append(f"<p>{body}</p>\n")
        else:
            out.append(line_break + body if follows else body)
    out.extend(_end(names[element]) for element in reversed(structure.open))
    lang = f' lang="{escape(language)}"' if language else ""
    return (
        f'<!DOCTYPE html>\n<html{lang}>\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{''.join(out)}</body>\n</html>\n"
    )


class _Nesting:
    """Which elements of some tags are open, while the page is gone through in order."""

    def __init__(self, table: BlockTable, names: Sequence[str], tags: frozenset[str]) -> None:
        self.open: list[int] = []
        self._end: list[int] = table.end.tolist()
        self._written = [name in tags for name in names]
        self._above = [-1]  # of each element, the nearest around it of the tags
        for parent in table.parent[1:].tolist():
            self._above.append(parent if self._written[parent] else self._above[parent])

    def move_to(self, element: int, outer: int = -1) -> tuple[list[int], list[int]]:
        """What to close, innermost first, and to open, outermost first, to be in an element.

        Neither `outer` nor what is around it is opened.
        """
        closed: list[int] = []
        while self.open and not self.open[-1] <= element < self._end[self.open[-1]]:
            closed.append(self.open.pop())
        opened: list[int] = []
        innermost = self.open[-1] if self.open else outer
        number = element if self._written[element] else self._above[element]
        while number > innermost:
            opened.append(number)
            number = self._above[number]
        opened.reverse()
        self.open.extend(opened)
        return closed, opened


def _end(tag: str) -> str:
    return f"</{tag}>" if tag in ("td", "th") else f"</{tag}>\n"


def _inline(table: BlockTable, block: int, inline: _Nesting, names: Sequence[str]) -> str:
    """The block's text with its inline markup; line breaks as they stand in the table."""
    own = int(table.element[block])
    out: list[str] = []
    spaced = True  # has white space been written last? then more of it would not show
    for node in range(int(table.first_node[block]), int(table.first_node[block + 1])):
        to_close, to_open = inline.move_to(int(table.node_element[node]), own)
        out.extend(f"</{names[element]}>" for element in to_close)
        out.extend(_start(table, element, names[element]) for element in to_open)
        text = _FOLD.sub(" ", table.text[table.node_start[node] : table.node_start[node + 1]])
        if spaced:
            text = text.removeprefix(" ")
        if text:
            spaced = text[-1] in (" ", LINE_SEPARATOR)
            out.append(escape(text, quote=False))
    out.extend(f"</{names[element]}>" for element in reversed(inline.open))
    inline.open.clear()
    return "".join(out).rstrip(" ")


def _start(table: BlockTable, element: int, tag: str) -> str:
    if tag == "a":
        address = _INVISIBLE.sub("", table.elements[element].get("href") or "").strip()
        if address and _SAFE_ADDRESS.match(address):
            return f'<a href="{escape(address)}">'
    return f"<{tag}>"
