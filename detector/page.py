"""What `detect` returns: `Page` and `Block`, frozen; what costs is made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from lxml import etree

from detector.blocks import BlockTable, walk
from detector.columns import Numbers
from detector.consent.platforms import page_platforms
from detector.document import PageWarning, parse
from detector.lazy import cached_property
from detector.selectors import Paths
from detector.tags import local_name

if TYPE_CHECKING:
    from detector.consent.banner import ConsentBanner

Label = Literal["content", "boilerplate", "consent"]
LABELS: Final[tuple[Label, ...]] = ("content", "boilerplate", "consent")
CONTENT, BOILERPLATE, CONSENT = range(3)


@dataclass(frozen=True, slots=True)
class Block:
    """A maximal run of inline text under one block-level element.

    Attributes:
        text: its text; white space folded, a newline where a line break shows.
        label: what it was decided to be.
        probability: of its being content, 0..1, as the model gave it.
        tag: name of the block-level element; "" in a text without markup.
    """

    text: str
    label: Label
    probability: float
    tag: str
    _element: etree._Element | None = field(default=None, repr=False, compare=False)
    _paths: Paths | None = field(default=None, repr=False, compare=False)

    @property
    def xpath(self) -> str:
        """Path of the block-level element, from the root of its document; "" if there is none."""
        if self._element is None or self._paths is None:
            return ""
        return self._paths.xpath(self._element)

    @property
    def css(self) -> str:
        """A CSS selector that matches the block-level element alone; "" if there is none."""
        if self._element is None or self._paths is None:
            return ""
        return self._paths.css(self._element)

    def to_dict(self) -> dict[str, Any]:
        """The block as JSON has it, paths included."""
        return {
            "text": self.text,
            "label": self.label,
            "probability": round(self.probability, 4),
            "tag": self.tag,
            "xpath": self.xpath,
            "css": self.css,
        }


class Source(NamedTuple):
    """What a page was read from, so that its tree can be made again in another process."""

    html: bytes | str
    encoding: str | None
    max_bytes: int
    max_blocks: int

    def walk(self) -> BlockTable:
        """The page's block table; the same input gives the same table."""
        document = parse(self.html, encoding=self.encoding, max_bytes=self.max_bytes)
        return walk(document.root, max_blocks=self.max_blocks, owned=True)


@dataclass(frozen=True, eq=False)
class Page:
    """A page and what it was made to say.

    A page can be pickled unless it was made from a tree: it takes its input along, and what needs
    the tree reads that again.

    Attributes:
        text: the content: its blocks in document order, a blank line between them.
        title: the title that the page gives itself, "" if none.
        url: the address that the caller gave, or None.
        encoding: the codec that the bytes were read with; None for `str` and trees.
        language: the root's `lang`, lower-cased; "" if none.
        warnings: what the caller may want to know, such as that the page was cut.
        is_consent_wall: whether nothing but consent UI stands on the page.
    """

    text: str
    title: str
    url: str | None
    encoding: str | None
    language: str
    warnings: tuple[PageWarning, ...]
    is_consent_wall: bool
    _source: Source | None = field(repr=False)
    _labels: npt.NDArray[np.int8] = field(repr=False)
    _probabilities: npt.NDArray[np.float64] = field(repr=False)
    _words: npt.NDArray[np.float64] | Numbers = field(repr=False)

    @cached_property
    def _table(self) -> BlockTable:
        if self._source is None:
            raise TypeError("a Page made from a tree has left its tree in another process")
        return self._source.walk()

    def __getstate__(self) -> dict[str, Any]:
        if self._source is None:
            raise TypeError("a Page made from a tree can't be pickled; detect bytes or str instead")
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"banners": self.banners}

    def with_source(self, source: Source) -> Page:
        """The same page, its tree left behind: `source` is read when the tree is asked for."""
        other = object.__new__(Page)
        other.__dict__.update(self.__getstate__() | {"_source": source})
        return other

    @cached_property
    def banners(self) -> tuple[ConsentBanner, ...]:
        """Every consent root on the page, the most prominent first."""
        describe: Callable[[], tuple[ConsentBanner, ...]] | None = self.__dict__.get("_describe")
        return describe() if describe else ()

    @property
    def banner(self) -> ConsentBanner | None:
        """The most prominent consent root, or None."""
        return self.banners[0] if self.banners else None

    @cached_property
    def cmps(self) -> tuple[str, ...]:
        """Consent platforms that the page names by script, link, frame or element, sorted.

        A raw fetch often names a platform whose banner only a browser would build.
        """
        return page_platforms(self._table.elements[0])

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every block with a word in it, in document order."""
        table = self._table
        paths = Paths(table.elements[0], table)
        return tuple(
            Block(
                text=table.block_text(number),
                label=LABELS[self._labels[number]],
                probability=float(self._probabilities[number]),
                tag=local_name(table.elements[table.element[number]]),
                _element=table.elements[table.element[number]],
                _paths=paths,
            )
            for number in map(int, np.flatnonzero(self._words > 0))
        )

    def html(self) -> str:
        """The content as a clean HTML document: text, structure, links; nothing executable."""
        from detector.markup import render_html  # and tables of entities with it

        return render_html(self._table, self._chosen(), title=self.title, language=self.language)

    def to_dict(self) -> dict[str, Any]:
        """The page as JSON has it, all blocks included."""
        return {
            "url": self.url,
            "title": self.title,
            "language": self.language,
            "encoding": self.encoding,
            "text": self.text,
            "blocks": [block.to_dict() for block in self.blocks],
            **self.consent_dict(),
            "warnings": [{"code": w.code, "message": w.message} for w in self.warnings],
        }

    def consent_dict(self) -> dict[str, Any]:
        """What the page has of consent UI, as JSON has it."""
        return {
            "banners": [banner.to_dict() for banner in self.banners],
            "cmps": list(self.cmps),
            "is_consent_wall": self.is_consent_wall,
        }

    def _chosen(self) -> Iterator[int]:
        return map(int, np.flatnonzero(self._labels == CONTENT))
