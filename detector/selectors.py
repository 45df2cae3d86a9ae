"""Paths to an element: XPath as lxml gives it, and a CSS selector that a browser can use."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_IDENTIFIER: Final = re.compile(r"-?[_a-zA-Z][_a-zA-Z0-9-]*")
_ID_LOOKUP: Final = etree.XPath("count(//*[@id = $value])")


def xpath_of(element: etree._Element) -> str:
    """The path from the document's root, as `lxml.etree._ElementTree.getpath` gives it."""
    return element.getroottree().getpath(element)


def css_of(element: etree._Element) -> str:
    """A selector that matches this element alone.

    It starts at the nearest ancestor whose id is its own on the page, as ids outlive changes of
    layout, and goes down by position among siblings of the same type.
    """
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        name = node.get("id")
        if name and _IDENTIFIER.fullmatch(name) and _ID_LOOKUP(node, value=name) == 1:
            steps.append(f"#{name}")
            break
        parent = node.getparent()
        tag = etree.QName(node).localname
        if not _IDENTIFIER.fullmatch(tag):  # "o:p" and the like need escaping in CSS
            tag = re.sub(r"([^\w-])", r"\\\1", tag)
        if parent is None or tag in ("html", "body", "head"):
            steps.append(tag)
        else:
            place = 1 + sum(1 for _ in node.itersiblings(node.tag, preceding=True))
            steps.append(f"{tag}:nth-of-type({place})")
        node = parent
    return " > ".join(reversed(steps))
