"""Each column of the features is the same, number for number, compiled and in Python."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hostile import GENERATORS
from hypothesis import given, settings
from lxml import etree
from test_blocks import elements
from test_compiled import in_python, needs_all

from detector import Detector
from detector.blocks import walk
from detector.document import parse
from detector.features import FEATURES, PAGE_FEATURES, block, featurise, featurise_page, position
from detector.features.context import CHAIN, Context
from detector.features.rows import Feature, Matrix
from detector.metadata import read_metadata
from detector.model import block_matrix
from detector.names import NameTable
from training.own import OwnPage

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


def context_of(root: etree._Element, names: NameTable) -> Context:
    metadata = read_metadata(root, "https://a.example/blog/c-d")
    return Context(walk(root), metadata, names)


def assert_same(found: Matrix, expected: Matrix, rows: tuple[Feature, ...]) -> None:
    assert found.dtype == expected.dtype == np.float32
    assert found.shape == expected.shape == (len(expected), len(rows))
    for number, row in enumerate(rows):
        np.testing.assert_array_equal(found[:, number], expected[:, number], row.name)


def assert_same_features(root: etree._Element, names: NameTable) -> None:
    c = context_of(root, names)
    page, blocks = featurise_page(c), featurise(c)
    slow = context_of(root, names)
    # By the rows one by one, too, and before the others have been.
    assert_same(blocks, in_python(lambda: featurise(slow, FEATURES)), FEATURES)
    assert_same(page, in_python(lambda: featurise_page(slow)), PAGE_FEATURES)


@needs_all
def test_own_pages(shipped: Detector, own: dict[str, OwnPage]) -> None:
    for page in own.values():
        assert_same_features(parse(page.html).root, shipped.model.names)


@needs_all
@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_small_pages(html: str, shipped: Detector) -> None:
    assert_same_features(parse(html).root, shipped.model.names)


@needs_all
@pytest.mark.parametrize("name", GENERATORS)
def test_hostile_pages(name: str, shipped: Detector) -> None:
    assert_same_features(parse(GENERATORS[name](150)).root, shipped.model.names)


@needs_all
@settings(deadline=None, derandomize=True)
@given(elements())
def test_any_tree(root: etree._Element) -> None:
    assert_same_features(root, NameTable({"wa": 0.5, "ca": -0.25, "taaa": 1.5}))


@needs_all
def test_a_root_that_hides(shipped: Detector) -> None:
    """A part of the caller's tree; what is above it does not count, what it does itself does."""
    root = etree.fromstring("<div hidden=''><p>one</p><div><p>two<b>three</b></p></div></div>")
    assert_same_features(root, shipped.model.names)


@needs_all
def test_a_page_that_was_cut(shipped: Detector) -> None:
    root = parse("<ul>" + "<li><a href=x>One</a> two" * 30).root
    c = Context(walk(root, max_blocks=7), read_metadata(root, None), shipped.model.names)
    assert c.n == 7
    slow = Context(c.table, c.metadata, c.names)
    assert_same(featurise(c), in_python(lambda: featurise(slow)), FEATURES)


@needs_all
def test_columns_stand_where_they_are_asked_for(shipped: Detector) -> None:
    """A matrix may have more columns than the features; nothing is written beyond them."""
    c = context_of(parse(PAGES["a title"]).root, shipped.model.names)
    types = np.arange(7.0)[None]
    matrix = block_matrix(c, types)
    assert (matrix[:, : len(FEATURES)] == featurise(c)).all()
    assert (matrix[:, len(FEATURES) :] == types).all()


@needs_all
def test_a_matrix_without_room(shipped: Detector) -> None:
    c = context_of(parse(PAGES["a title"]).root, shipped.model.names)
    for part in (block, position):
        size = len(part.FEATURES)
        for matrix, first in (
            (np.empty((c.n, size - 1), np.float32), 0),
            (np.empty((c.n, size), np.float32), 1),
            (np.empty((c.n + 1, size), np.float32), 0),
        ):
            with pytest.raises(ValueError, match="no room"):
                part.fill(c, matrix, first)
    damaged = dataclasses.replace(c.table, cue=c.table.cue[1:])
    c = Context(damaged, c.metadata, c.names)
    with pytest.raises(ValueError, match="one entry for each block"):
        featurise(c)
