"""Columns that are written by compiled code, on pages at whose edges that may go wrong."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from parts import in_python, needs_all, without
from test_columns import assert_same_columns

from detector import decide as decide_module
from detector.blocks import walk
from detector.document import parse
from detector.features import (
    FEATURES,
    ancestors,
    block,
    featurise,
    position,
    region,
    repetition,
    scores,
    topic,
    write_features,
)
from detector.features import climb as climb_module
from detector.features.context import CHAIN, Context
from detector.metadata import read_metadata
from detector.model import block_matrix, block_rows
from detector.names import NameTable
from detector.page_types import PAGE_TYPES

SCORES = {"ccomment": -0.5, "wpost": 0.75, "tlake": 0.5, "tmenu": -1.25}

LONG = " ".join(["A long sentence, of words that say something of a lake."] * 5)

PAGES = {
    "nothing": "",
    "no text": "<html><body><div><img src=x></div>",
    "one block": "<p>One",
    "a block of symbols": "<p>★</p><p>\u200b</p>",
    "no title": f"<h2>Two</h2><p>{LONG}</p><h3>Three</h3>",
    "a title": f"<title>A lake</title><p>Menu</p><h2>x</h2><h1>A lake froze</h1><p>{LONG}</p><h1>B",
    "the title last": f"<title>A lake</title><p>{LONG}</p><h1>A lake",
    "a chain as long as is looked at": f"<nav>{'<div>' * (CHAIN - 2)}<p>{LONG}</p>x",
    "longer chains": f"<article class=post>{'<div>' * 3}<p>{LONG}</p>{'<i>' * 3}"
    + "".join(f"<div class=comment>{depth}<div hidden>" for depth in range(2 * CHAIN)),
    "the title at the far end of a chain": f"<title>A lake</title>{'<div>' * 60}<h1>A lake</h1>"
    f"<p>x</p>{'</div>' * 60}<p>{LONG}</p>",
    "text on both sides of a child": f"<div>{LONG}<p>{LONG}</p>x<ul><li>x<li>y</ul>{LONG}</div>",
    "nothing but links": "<ul>" + "<li><a href=x>One two</a>" * 12,
    "astral": "<p>𠀀𠀁 𝒳 🙂</p><p>中文、かな。</p>",
}


def context_of(html: str) -> Context:
    root = parse(html).root
    return Context(walk(root), read_metadata(root, None), NameTable(SCORES))


def assert_same(root: etree._Element) -> None:
    assert_same_columns(root, NameTable(SCORES), in_python(lambda: NameTable(SCORES)))


@needs_all
@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_small_pages(html: str) -> None:
    assert_same(parse(html).root)


@needs_all
def test_a_root_that_hides() -> None:
    """Of a part of a tree the root may hide what is in it; it counts once for each step above."""
    assert_same(etree.fromstring("<div hidden=''><p>one</p><div><p>two</p><i>3</i></div></div>"))


@needs_all
def test_a_page_that_was_cut() -> None:
    root = parse("<ul>" + "<li><a href=x>One</a> two" * 30).root
    c = Context(walk(root, max_blocks=7), read_metadata(root, None), NameTable({}))
    assert c.n == 7
    slow = Context(c.table, c.metadata, c.names)
    np.testing.assert_array_equal(featurise(c), in_python(lambda: featurise(slow)))


@needs_all
def test_columns_stand_where_they_are_asked_for() -> None:
    """A matrix may have more columns than the features; nothing is written beyond them."""
    c = context_of(PAGES["a title"])
    types = np.arange(7.0)[None]
    matrix = block_matrix(c, types)
    assert (matrix[:, : len(FEATURES)] == featurise(c)).all()
    assert (matrix[:, len(FEATURES) :] == types).all()


@needs_all
@pytest.mark.parametrize("size", [1, 2, 7])
def test_rows_are_the_same_in_parts(size: int) -> None:
    """A part of the matrix has the rows that the whole has."""
    for html in PAGES.values():
        c = context_of(html)
        whole = featurise(c)
        for start in range(0, c.n, size):
            part = np.full((min(size, c.n - start), len(FEATURES)), np.inf, np.float32)
            write_features(c, part, start)
            np.testing.assert_array_equal(part, whole[start : start + size])


@needs_all
def test_a_long_page_is_predicted_in_parts() -> None:
    c = context_of("<title>A</title><h1>A</h1>" + "<ul><li>one<li><a href=x>two</a></ul>" * 5000)
    types = np.arange(7.0)[None]
    whole = block_matrix(c, types)
    parts = {start: matrix.copy() for start, matrix in block_rows(c, types)}
    assert list(parts) == [0, 3072, 6144, 9216]
    np.testing.assert_array_equal(np.concatenate(list(parts.values())), whole)


@needs_all
@pytest.mark.parametrize("change", [-1, 1])
def test_blocks_that_have_other_words_than_there_are(change: int) -> None:
    c = context_of(PAGES["a title"])
    c.words[0] += change
    with pytest.raises(ValueError, match="the blocks have"):
        topic.find_topic(c)
    with pytest.raises(ValueError, match="the blocks have"):
        scores.word_rows(c)


@needs_all
def test_a_matrix_without_room() -> None:
    c = context_of(PAGES["a title"])
    for part in (block, position):
        size = len(part.FEATURES)
        for matrix, first in (
            (np.empty((c.n, size - 1), np.float32), 0),
            (np.empty((c.n, size), np.float32), 1),
        ):
            with pytest.raises(ValueError, match="no room"):
                part.fill(c, matrix, first, 0)
    for part in (block, ancestors, region, repetition, position, topic, scores):
        size = len(part.FEATURES)
        for rows, start in ((c.n + 1, 0), (c.n, 1), (1, c.n), (1, -1)):
            with pytest.raises(ValueError, match=r"no blocks|one entry"):
                part.fill(c, np.empty((rows, size), np.float32), 0, start)
    damaged = dataclasses.replace(c.table, cue=c.table.cue[1:])
    c = Context(damaged, c.metadata, c.names)
    with pytest.raises(ValueError, match="one entry for each block"):
        featurise(c)


WORDS = st.lists(
    st.sampled_from([*"a b é É ß ẞ Σ ς İ i ı 中 😀 , \u2028 \xa0 \x1c".split(" "), "Lake", "LAKE"]),
    max_size=4,
).map(" ".join)


@needs_all
@settings(max_examples=300)
@given(WORDS, st.lists(st.tuples(st.sampled_from(["h1", "h2", "p"]), WORDS), max_size=45))
def test_the_titles_heading(title: str, blocks: list[tuple[str, str]]) -> None:
    root = etree.Element("div")
    for tag, text in blocks:
        etree.SubElement(root, tag).text = "".join(c for c in text if c >= " ")
    metadata = read_metadata(root, None)._replace(title=title)
    c = Context(walk(root), metadata, NameTable({}))
    assert position.title_block(c) == in_python(lambda: position.title_block(c))


@needs_all
def test_only_some_headings_are_read() -> None:
    c = context_of("<title>A lake</title>" + "<h2>b</h2>" * 40 + "<h1>A lake")
    assert position.title_block(c) == in_python(lambda: position.title_block(c)) == -1


@needs_all
@pytest.mark.parametrize("depth", [1, CHAIN - 2, CHAIN + 5])
def test_ways_in_deep_trees(depth: int) -> None:
    root = etree.Element("div")
    for marked in range(0, depth + 1, 5):
        node = etree.SubElement(root, "nav" if marked else "p")
        for step in range(depth):
            node = etree.SubElement(node, "nav" if step == marked else "p")
        node.text = "one"
    c = Context(walk(root), read_metadata(root, None), NameTable({}))
    way = climb_module.climb(c)
    assert way is not None
    kind = climb_module.KIND["nav"]
    assert way.steps[:, kind].tolist() == c.steps_to(c.tagged("nav")).tolist()
    for element in (0, 1, c.n_elements // 2, c.n_elements - 1):
        found, expected = c.way_to(element), without("TREE", partial(c.way_to, element))
        assert [x.tolist() for x in found] == [x.tolist() for x in expected]


# --- the cut --------------------------------------------------------------------------------------

SHARES = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))


@needs_all
@settings(max_examples=500)
@given(
    st.lists(st.tuples(SHARES, st.integers(0, 90))),
    SHARES,
    st.sampled_from(decide_module.MODES),
    st.integers(0, 99),
)
def test_cuts_of_any_blocks(
    blocks: list[tuple[float, int]], caution: float, mode: decide_module.Mode, least: int
) -> None:
    probability = np.array([share for share, _ in blocks], np.float64)
    words = np.array([count for _, count in blocks], np.float64)
    cut = decide_module.Cut(caution, 0.3, least)
    types = np.full(len(PAGE_TYPES), 1 / len(PAGE_TYPES))

    def cut_off() -> list[bool]:
        return list(decide_module.choose(probability, words, types, cut, mode=mode))

    assert cut_off() == without("DECIDE", cut_off)
