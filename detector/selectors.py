"""Paths to elements: XPath as lxml gives it, and CSS selectors that a browser can use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
from lxml import etree

from detector.compiled import ATTRIBUTES, CONSENT
from detector.lazy import cached_property, regex
from detector.tags import CODE as TAG
from detector.tags import SKIPPED, TAGS

if TYPE_CHECKING:
    from detector.blocks import BlockTable

_IDENTIFIER: Final = regex(r"-?[_a-zA-Z][_a-zA-Z0-9-]*")
_IDS: Final = etree.XPath("//@id", smart_strings=False)


class Paths:
    """Paths to the elements of one tree, which must not change in the meantime.

    The ids of the tree and the children of a parent are counted once, so that the paths of all
    blocks of a page cost no more than one look at it.

    Args:
        root: any element of the tree.
        table: of a walk over the tree, if there is one: it has most of the ids.
    """

    def __init__(self, root: etree._Element, table: BlockTable | None = None) -> None:
        self._root = root
        self._table = table
        self._places: dict[etree._Element, tuple[str, int]] = {}
        self._alone: dict[str, bool] = {}

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
            if name and _IDENTIFIER.fullmatch(name) and self._is_alone(name):
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

    def foresee(self, number: int) -> None:
        """Take the steps to an element of the table from its columns: of a few elements that costs
        less than a look at all that stand beside them and their ancestors."""
        table = self._table
        # Where we parsed the page all tags are what they are called, in no namespace.
        if table is None or CONSENT is None or table.cut or isinstance(table.elements, list):
            return
        for step, place in CONSENT.places(number, table.parent, table.end, table.tag):
            code = int(table.tag[step])
            if code:
                self._places[table.elements[step]] = (TAGS[code], place)

    def _is_alone(self, name: str) -> bool:
        """Whether one element of the tree has this id."""
        if name not in self._alone:
            table, beside = self._table, self._beside
            if table is None or beside is None:
                found = self._ids[name]
            else:
                found = beside[name] + _holders(table, name)
            self._alone[name] = found == 1
        return self._alone[name]

    @cached_property
    def _ids(self) -> Counter[str]:
        return Counter(_IDS(self._root))

    @cached_property
    def _beside(self) -> Counter[str] | None:
        """Ids in the tree of elements whose names the table does not have; None without a table, or
        where they can't be told."""
        table = self._table
        if (
            table is None
            or ATTRIBUTES is None
            or table.cut
            or table.elements[0].getparent() is not None
        ):
            return None
        found = ATTRIBUTES.ids_beside(table.elements, table.tag, table.end, _NAMELESS, _MAY_SKIP)
        return None if found is None else Counter(found)

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


def _holders(table: BlockTable, name: str) -> int:
    """How many elements of the table have this id."""
    key = _ID + name
    return sum(
        int(np.count_nonzero(table.names == number))
        for number, names in enumerate(table.name_strings)
        if key in names and (names.endswith(key) or key + "\0" in names)
    )


_ID: Final = "\0i "  # before an id in `BlockTable.name_strings`
_NAMELESS: Final = np.zeros(len(TAGS), np.uint8)
_NAMELESS[[TAG["html"], TAG["body"]]] = 1
_MAY_SKIP: Final = np.zeros(len(TAGS), np.uint8)
_MAY_SKIP[[TAG.get(tag, 0) for tag in SKIPPED]] = 1
