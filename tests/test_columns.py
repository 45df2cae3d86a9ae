"""Compiled columns are the numpy ones, to the bit, on own pages and on pages of any kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hostile import GENERATORS
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from parts import in_python, needs_all
from test_blocks import elements

from detector.blocks import walk
from detector.detector import Detector
from detector.document import parse
from detector.features import FEATURES, PAGE_FEATURES, featurise, featurise_page
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable
from training.own import OwnPage

SHORT = {
    "nothing": "",
    "no blocks": "<body><div><p></p></div>",
    "one block": "<title>word</title><p>word",
    "one deep block": "<div class=content>" * 60 + "<p class=menu>word one two three four five six",
    "no words": "<div><p>...</p><p>&rarr;</p><ul><li>!<li>?<li>&mdash;</ul></div>",
    "all words equal": "<title>telling</title>" + "<div><p>telling telling telling</p></div>" * 9,
    "ideographs": "<title>東京都</title><p>東京都の水車</p><p>京都の水車が回る</p><li>一<li>二",
    "many ways to write": "<p>Straße STRASSE straße</p><p>ЖЖЖЖЖ жжжжж</p><p>𠀀𠀁 😀 ⒶⒷ aⒶb _a_",
    "records": "<ul>" + "<li class=item><a href=/x>word</a> of words<img>" * 7 + "</ul>",
}


def assert_same_columns(root: etree._Element, names: NameTable, slow: NameTable) -> None:
    table, metadata = walk(root), read_metadata(root, "https://a.example/blog/c-d")
    for make, rows in ((featurise_page, PAGE_FEATURES), (featurise, FEATURES)):
        found = make(Context(table, metadata, names))
        expected = in_python(partial(make, Context(table, metadata, slow)))
        assert found.dtype == expected.dtype == np.float32
        differ = (found != expected).any(axis=0)
        assert [row.name for row, differs in zip(rows, differ, strict=True) if differs] == []


@pytest.fixture(scope="module")
def slow() -> NameTable:
    """The shipped scores, with nothing compiled."""
    names: NameTable = in_python(lambda: Detector().model.names)
    assert in_python(lambda: names.compiled) is None
    return names


@needs_all
def test_own_pages(own: dict[str, OwnPage], shipped: Detector, slow: NameTable) -> None:
    for page in own.values():
        assert_same_columns(parse(page.html).root, shipped.model.names, slow)


@needs_all
@pytest.mark.parametrize("html", SHORT.values(), ids=SHORT)
def test_short_pages(html: str, shipped: Detector, slow: NameTable) -> None:
    assert_same_columns(parse(html).root, shipped.model.names, slow)


@needs_all
@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_hostile_pages(make: Callable[[int], bytes], shipped: Detector, slow: NameTable) -> None:
    assert_same_columns(parse(make(60)).root, shipped.model.names, slow)


WORDS = st.lists(st.sampled_from("loom looms river weavers 東京 京都 the a _ 1234567".split()))


@needs_all
@given(WORDS, st.lists(st.tuples(st.sampled_from(["p", "li", "h2", "b"]), WORDS), max_size=12))
def test_any_words(title: list[str], blocks: list[tuple[str, list[str]]]) -> None:
    scores = {"tlooms": 0.1, "triver": -0.7, "t東京": 1.3, "tthe": 0.01, "ta": -0.02}
    root = etree.Element("html")
    etree.SubElement(root, "title").text = " ".join(title)
    for tag, words in blocks:
        etree.SubElement(root, tag).text = " ".join(words)
    assert_same_columns(root, NameTable(scores), in_python(lambda: NameTable(scores)))


@needs_all
@given(elements())
def test_any_tree(root: etree._Element) -> None:
    assert_same_columns(root, NameTable({}), in_python(lambda: NameTable({})))
