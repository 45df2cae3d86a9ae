"""Paths to elements: XPath as lxml gives it, and CSS selectors that a browser can use."""

from __future__ import annotations

from collections import Counter
from typing import Final

from lxml import etree

from detector.compiled import ATTRIBUTES
from detector.lazy import cached_property, regex

_IDENTIFIER: Final = regex(r"-?[_a-zA-Z][_a-zA-Z0-9-]*")
_IDS: Final = etree.XPath("//@id", smart_strings=False)


class Paths:
    """Paths to the elements of one tree, which must not change in the meantime.

    The ids of the tree and the children of a parent are counted once, so that the paths of all
    blocks of a page cost no more than one look at it.

    Args:
        root: any element of the tree.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._places: dict[etree._Element, tuple[str, int]] = {}

    def xpath(self, element: etree._Element) -> str:
        """The path from the document's root, as `lxml.etree._ElementTree.getpath` gives it.

        Elements in a namespace and such as "o:p", which are no names to XPath, go by their place
        among all siblings.
        """
        steps: list[str] = []
        node: etree._Element | None = element
        while node is not None:
            name, place = self._step(node)
            steps.append(f"{name}[{place}]" if place else name)
            node = node.getparent()
        return "/" + "/".join(reversed(steps))

    def css(self, element: etree._Element) -> str:
        """A selector that matches this element alone.

        It starts at the nearest ancestor whose id is its own on the page, as ids outlive changes
        of layout, and goes down by position among siblings.
        """
        steps: list[str] = []
        node: etree._Element | None = element
        while node is not None:
            name = node.get("id")
            if name and _IDENTIFIER.fullmatch(name) and self._ids[name] == 1:
                steps.append(f"#{name}")
                break
            parent = node.getparent()
            tag, place = self._step(node)
            if parent is None and tag != "html":
                tag = ":root"
            elif place:
                tag += f":nth-child({place})" if tag == "*" else f":nth-of-type({place})"
            steps.append(tag)
            node = parent
        return " > ".join(reversed(steps))

    @cached_property
    def _ids(self) -> Counter[str]:
        found = None if ATTRIBUTES is None else ATTRIBUTES.ids(self._root)
        return Counter(_IDS(self._root) if found is None else found)

    def _step(self, element: etree._Element) -> tuple[str, int]:
        """The element's tag, or "*"; and its place among the siblings of that tag, from 1, or 0
        if it has no such siblings."""
        if element not in self._places:
            parent = element.getparent()
            siblings = [element] if parent is None else list(parent.iterchildren("*"))
            tags = [str(sibling.tag) for sibling in siblings]
            total = Counter(tags)
            seen = {tag: 0 for tag in total if _IDENTIFIER.fullmatch(tag)}
            for place, (sibling, tag) in enumerate(zip(siblings, tags, strict=True), start=1):
                if tag in seen:
                    seen[tag] += 1
                    self._places[sibling] = (tag, seen[tag] if total[tag] > 1 else 0)
                else:
                    self._places[sibling] = ("*", place if len(siblings) > 1 else 0)
        return self._places[element]
