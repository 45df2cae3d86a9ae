"""Quantities that several features share, each computed once a page, when first asked for.

Notation of shapes: `e` elements, `b` blocks, `t` text nodes, `d` steps up from a block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from detector.blocks import BOLD_TEXT, CODE_TEXT, BlockTable
from detector.chars import CODE, N_CLASSES, classify, code_points
from detector.columns import NUMBER, Numbers
from detector.compiled import TREE, WORDS
from detector.lazy import cached_property
from detector.measures import SUMS, TextMeasures, measure
from detector.metadata import Metadata
from detector.names import NameFacts, NameTable, read_names
from detector.tags import CODE as TAG
from detector.tags import TAGS
from detector.words import Words, first_alike, read_words, words_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

T = TypeVar("T")

CHAIN: Final = 40
"""Most ancestors of a block that are looked at; deeper nesting adds nothing but wrappers."""
FAR: Final = 99.0
"""Stands for "no such ancestor" where a feature counts steps."""
ELEMENT_SUMS: Final = ("blocks", "words", "chars", "link_chars", "images")
"""What is summed up over each element's subtree; `Context` has it as `element_words` and so on."""
_OF_ELEMENTS: Final = tuple(f"element_{name}" for name in ELEMENT_SUMS)
LONG_WORDS: Final = 15
"""Words from which a block counts as running text."""

_SCORED: Final = ("names", "_names", "element_scores")
_SCORED_SHARED: Final = ("name_scores", "word_scores", "word_rows")

_IS_IMAGE: Final = np.array([tag in ("img", "picture") for tag in TAGS], np.uint8)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADING_LEVEL: Final = np.array(
    [_HEADINGS.index(tag) + 1 if tag in _HEADINGS else 0 for tag in TAGS], NUMBER
)

_BASE: Final = 0x9E3779B97F4A7C15  # of the text hash: odd, and large


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Quotient, 0 where the denominator is 0."""
    num = np.asarray(numerator, np.float64)
    den = np.asarray(denominator, np.float64)
    return np.divide(num, den, out=np.zeros(np.broadcast(num, den).shape), where=den != 0)


def sums(group: npt.NDArray[np.integer[Any]], values: npt.ArrayLike, n_groups: int = 0) -> Floats:
    """Sum of the values of each group. (`np.bincount` gives integers where there are none.)"""
    return np.asarray(np.bincount(group, values, n_groups), np.float64)


class Context:
    """One page's shared quantities. Lives as long as its page; nothing is kept between pages."""

    def __init__(self, table: BlockTable, metadata: Metadata, names: NameTable) -> None:
        self.table = table
        self.metadata = metadata
        self.names = names
        self.n = len(table)
        self.n_elements = len(table.parent)
        self._shared: dict[str, Any] = {}

    def shared(self, key: str, compute: Callable[[Context], T]) -> T:
        """What a group of features computes once for all its columns."""
        if key not in self._shared:
            self._shared[key] = compute(self)
        value: T = self._shared[key]
        return value

    def with_names(self, names: NameTable) -> Context:
        """The same page under other learned scores; all else is shared."""
        other = Context(self.table, self.metadata, names)
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k not in _SCORED})
        other._shared = {k: v for k, v in self._shared.items() if k not in _SCORED_SHARED}
        return other

    def forget_characters(self) -> None:
        """Drop what is as large as the page's text, once the features are made."""
        self.__dict__.pop("characters", None)

    def forget_words(self) -> None:
        """Drop the words, too, which other learned scores would be looked up for."""
        self.forget_characters()
        for name in ("word_list", "word_block"):
            self.__dict__.pop(name, None)

    # --- characters -----------------------------------------------------------------------------

    @cached_property
    def _measured(self) -> TextMeasures | None:
        found = measure(self.table)
        if found is None:
            return None
        measures, self.__dict__["_word_start"] = found
        return measures

    @cached_property
    def characters(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], Bools]:
        codes = code_points(self.table.text)
        return codes, *classify(codes)

    @cached_property
    def block_start(self) -> Numbers:
        """(b + 1,) where each block starts in the table's text."""
        return self.table.node_start[self.table.first_node]

    @cached_property
    def _node_classes(self) -> npt.NDArray[np.int64]:
        """(t, classes) characters of each class in each text node."""
        table = self.table
        n_nodes = len(table.node_link)
        lengths = np.diff(table.node_start)
        owner = np.repeat(np.arange(n_nodes, dtype=np.int64) * N_CLASSES, lengths)
        counts = np.bincount(owner + self.characters[1], minlength=n_nodes * N_CLASSES)
        return counts.reshape(n_nodes, N_CLASSES)

    @cached_property
    def node_words(self) -> Numbers:
        """(t,) words that start in each text node."""
        if self._measured is not None:
            return self._measured.node_words
        total = np.concatenate(([0], np.cumsum(self.characters[2])))
        return np.diff(total[self.table.node_start]).astype(NUMBER)

    @cached_property
    def classes(self) -> Numbers:
        """(b, classes) characters of each class in each block."""
        if self._measured is not None:
            return self._measured.classes
        counts = np.add.reduceat(self._node_classes, self.table.first_node[:-1], axis=0)
        return counts.astype(NUMBER)

    def count(self, name: str) -> Floats:
        """(b,) characters of a class of `detector.chars.CLASSES`."""
        return self.classes[:, CODE[name]].astype(np.float64)

    @cached_property
    def node_chars(self) -> Numbers:
        """(t,) characters that show."""
        if self._measured is not None:
            return self._measured.node_chars
        counts = self._node_classes
        return np.asarray(counts.sum(axis=1) - counts[:, CODE["space"]], NUMBER)

    @cached_property
    def block_sums(self) -> Numbers:
        """(len(SUMS), b) sums over each block's text nodes, in the order of `SUMS`."""
        measured = self._measured
        if measured is not None:
            # All of them at once: one by one their names would be looked up for longer.
            self.__dict__.update(zip(SUMS, measured.sums, strict=True))
            self.__dict__["page_words"] = measured.words
            return measured.sums
        link, state = self.table.node_link, self.table.node_state
        chars, words = self.node_chars, self.node_words
        fresh = link >= 0
        fresh[1:] &= link[1:] != link[:-1]
        nodes: dict[str, npt.NDArray[Any]] = {
            "words": words,
            "chars": chars,
            "free_words": np.where(link < 0, words, 0),
            "link_chars": np.where(link >= 0, chars, 0),
            "links": fresh,
            "bold_chars": np.where(state & BOLD_TEXT, chars, 0),
            "code_chars": np.where(state & CODE_TEXT, chars, 0),
        }
        first = self.table.first_node[:-1]
        return np.array([np.add.reduceat(nodes[key], first, dtype=NUMBER) for key in SUMS])

    def _sum(self, name: str) -> Numbers:
        row: Numbers = self.block_sums[SUMS.index(name)]
        return row

    @cached_property
    def words(self) -> Numbers:
        """(b,) words that start in each block."""
        return self._sum("words")

    @cached_property
    def chars(self) -> Numbers:
        """(b,) characters that show."""
        return self._sum("chars")

    @cached_property
    def free_words(self) -> Numbers:
        """(b,) words in no link."""
        return self._sum("free_words")

    @cached_property
    def link_chars(self) -> Numbers:
        """(b,) characters in links."""
        return self._sum("link_chars")

    @cached_property
    def links(self) -> Numbers:
        """(b,) links with text in each block."""
        return self._sum("links")

    @cached_property
    def bold_chars(self) -> Numbers:
        """(b,) characters in bold or italics."""
        return self._sum("bold_chars")

    @cached_property
    def code_chars(self) -> Numbers:
        """(b,) characters of code."""
        return self._sum("code_chars")

    @cached_property
    def last_class(self) -> Numbers:
        """(b,) class of the last character that shows in each block."""
        if self._measured is not None:
            return self._measured.last_class
        shown = np.flatnonzero(self.characters[1] != CODE["space"])
        last = np.searchsorted(shown, self.block_start[1:]) - 1
        return self.characters[1][shown[last]].astype(NUMBER)

    @cached_property
    def text_id(self) -> Numbers:
        """(b,) number of the first block of the same letters and digits, case aside."""
        if self._measured is not None:
            return self._measured.text_id
        return first_alike(self._text_hash)

    @property
    def _text_hash(self) -> npt.NDArray[np.uint64]:
        codes, classes, _ = self.characters
        solid = np.flatnonzero((classes != CODE["space"]) & (classes != CODE["symbol"]))
        values = codes[solid].astype(np.uint64)
        values += np.where(classes[solid] == CODE["upper"], np.uint64(32), np.uint64(0))
        bounds = np.searchsorted(solid, self.block_start)
        offset = np.arange(len(solid)) - np.repeat(bounds[:-1], np.diff(bounds))
        powers = np.full(np.diff(bounds).max(initial=0) + 1, _BASE, np.uint64)
        powers[0] = 1
        values *= np.multiply.accumulate(powers)[offset]
        total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)))
        hashes: npt.NDArray[np.uint64] = total[bounds[1:]] - total[bounds[:-1]]
        return hashes

    @cached_property
    def word_list(self) -> Words:
        """The words of all blocks, in order."""
        if WORDS is None:
            return words_of(*self.characters)
        # The measures bring it; where the words are read it is theirs, to be forgotten with them.
        start = None if self._measured is None else self.__dict__.pop("_word_start", None)
        return read_words(self.table.text, start)

    @cached_property
    def word_block(self) -> Numbers:
        """(w,) the block of each of them."""
        return np.repeat(np.arange(self.n, dtype=NUMBER), self.words)

    # --- the tree -------------------------------------------------------------------------------

    def subtree(self, block_values: npt.NDArray[np.generic]) -> Floats:
        """(e,) sum of a blocks' quantity over the subtree of each element."""
        return self.subtree_of_elements(sums(self.table.element, block_values, self.n_elements))

    def subtree_of_elements(self, values: npt.NDArray[np.generic]) -> Floats:
        """(e,) sum of an elements' quantity over the subtree of each element."""
        if TREE is not None:
            found = np.empty(self.n_elements)
            TREE.subtrees(np.ascontiguousarray(values, np.float64), self.table.end, found)
            return found
        total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        return total[self.table.end] - total[:-1]

    def tagged(self, *names: str) -> Bools:
        """(e,) which elements have one of the tags."""
        codes = [TAG[name] for name in names]
        if len(codes) == 1:
            return np.asarray(self.table.tag == codes[0], bool)
        wanted = np.zeros(len(TAG), bool)
        wanted[codes] = True
        return wanted[self.table.tag]

    @cached_property
    def chain(self) -> Numbers:
        """(d, b) numbers of the block's element and its ancestors, nearest first; the root
        repeats where there are no more. Steps come first so that what is reckoned along a chain
        is reckoned for all blocks in one sweep."""
        steps = int(self.table.depth[self.table.element].max(initial=0)) + 1
        chain = np.empty((min(steps, CHAIN), self.n), NUMBER)
        chain[0] = self.table.element
        for step in range(1, len(chain)):
            np.take(self.table.parent, chain[step - 1], out=chain[step])
        return chain

    def nearest(self, marked: Bools) -> Numbers:
        """(b,) number of the nearest marked ancestor or self, -1 if none is marked."""
        numbers = np.where(marked, np.arange(self.n_elements, dtype=NUMBER), -1)
        return np.asarray(numbers[self.chain].max(axis=0, initial=-1), NUMBER)

    def steps_to(self, marked: Bools) -> Floats:
        """(b,) steps up to the nearest marked ancestor or self, `FAR` if none is marked."""
        if not marked.any():
            return np.full(self.n, FAR)
        nearest = self.nearest(marked)
        steps = self.table.depth[self.table.element] - self.table.depth[nearest]
        return np.where(nearest >= 0, steps, FAR)

    def way_to(self, element: int) -> tuple[Numbers, Numbers]:
        """(b,) steps up from each block to the nearest ancestor that holds an element, and from
        there down to it."""
        holds = (self.chain <= element) & (self.table.end[self.chain] > element)
        steps = (~holds).sum(axis=0, dtype=NUMBER)  # once an ancestor holds it, all above do
        meeting = self.chain[np.minimum(steps, len(self.chain) - 1), np.arange(self.n)]
        depth = self.table.depth
        return steps, depth[element] - depth[meeting]

    @cached_property
    def element_sums(self) -> Numbers:
        """(len(ELEMENT_SUMS), e) sums over each element's subtree, in the order of those."""
        table = self.table
        if TREE is not None:
            found = np.empty((len(ELEMENT_SUMS), self.n_elements), NUMBER)
            blocks = (table.element, self.words, self.chars, self.link_chars)
            TREE.sums(table.parent, table.tag, _IS_IMAGE, *blocks, found)
            self.__dict__.update(zip(_OF_ELEMENTS, found, strict=True))
            return found
        of_blocks = np.array([np.ones(self.n), self.words, self.chars, self.link_chars])
        images = self.subtree_of_elements(_IS_IMAGE[table.tag])
        return np.array([*map(self.subtree, of_blocks), images]).astype(NUMBER)

    def _element_sum(self, name: str) -> Numbers:
        row: Numbers = self.element_sums[ELEMENT_SUMS.index(name)]
        return row

    @cached_property
    def element_blocks(self) -> Numbers:
        """(e,) blocks in each element."""
        return self._element_sum("blocks")

    @cached_property
    def element_words(self) -> Numbers:
        """(e,) words in each element."""
        return self._element_sum("words")

    @cached_property
    def element_chars(self) -> Numbers:
        """(e,) characters that show in each element."""
        return self._element_sum("chars")

    @cached_property
    def element_link_chars(self) -> Numbers:
        """(e,) characters in links in each element."""
        return self._element_sum("link_chars")

    @cached_property
    def element_images(self) -> Numbers:
        """(e,) images in each element."""
        return self._element_sum("images")

    @cached_property
    def page_words(self) -> float:
        """Words of all blocks."""
        return float(self.words.sum())

    @cached_property
    def prose_words(self) -> Numbers:
        """(b,) words of blocks long enough to be running text, 0 for the rest."""
        return np.where(self.words >= LONG_WORDS, self.words, 0)

    @cached_property
    def heading_level(self) -> Numbers:
        """(b,) 1 to 6 in a heading, else 0."""
        return _HEADING_LEVEL[self.table.tag[self.table.element]]

    # --- names ----------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> NameFacts:
        table = self.table
        return read_names(table.name_strings, table.names, self.element_words, self.names)

    @cached_property
    def element_groups(self) -> Numbers:
        """(e,) bit set of the word groups that the element's names are in."""
        return self._names.groups

    @cached_property
    def element_scores(self) -> Floats:
        """(e,) learned score of the element's names, NaN where they are unknown."""
        scores = self._names.scores
        scores[:1] = np.nan  # the root's names are about the whole page
        return scores
