"""Compiled measures, names, texts and metadata are those of Python."""

from __future__ import annotations

import dataclasses
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from parts import needs_all, without

from detector import measures as measures_module
from detector import render as render_module
from detector.blocks import DEFAULT_MAX_BLOCKS, walk
from detector.chars import CLASSES, characters
from detector.columns import NUMBER, numbers
from detector.document import parse
from detector.features.context import Context
from detector.metadata import read_metadata
from detector.names import NameTable, read_names
from detector.words import read_words
from training.own import OwnPage

# --- text, names ----------------------------------------------------------------------------------


@needs_all
def test_facts_of_every_character() -> None:
    expected = without("TEXT", characters.__wrapped__)
    for name, found in characters.__wrapped__()._asdict().items():
        np.testing.assert_array_equal(found, getattr(expected, name), name)


@needs_all
@given(st.lists(st.text(max_size=12), max_size=6))
def test_measures_of_any_text(texts: list[str]) -> None:
    root = etree.Element("div")
    for text in texts:
        try:
            etree.SubElement(root, "p").text = text
        except ValueError:  # no text of XML
            continue
    table = walk(root)

    def measured() -> list[list[Any]]:
        c = Context(table, read_metadata(root, None), NameTable({}))
        nodes = (c.node_chars, c.node_words)
        blocks = (c.block_sums, c.classes, c.last_class, c.text_id)
        return [x.tolist() for x in (*nodes, *blocks)]

    assert measured() == without("TEXT", measured)


@needs_all
def test_measures_of_every_character() -> None:
    codes = [c for c in range(1, 0x30000) if not 0xD800 <= c < 0xE000]
    text = "".join(map(chr, codes))
    pieces = [text[i : i + 997] for i in range(0, len(text), 997)]
    starts = numbers(accumulate(map(len, pieces), initial=0))
    table = dataclasses.replace(
        walk(etree.Element("p")),
        text=text,
        node_start=starts,
        node_link=np.full(len(pieces), -1, NUMBER),
        node_state=np.zeros(len(pieces), NUMBER),
        element=np.zeros(len(pieces), NUMBER),
        first_node=numbers(range(len(pieces) + 1)),
    )
    metadata = read_metadata(etree.Element("p"), None)
    found = Context(table, metadata, NameTable({}))
    expected = Context(table, metadata, NameTable({}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures_module, "TEXT", None)
        assert expected._measured is None
    assert found.classes.tolist() == expected.classes.tolist()
    assert found.node_words.tolist() == expected.node_words.tolist()
    assert found.text_id.tolist() == expected.text_id.tolist()
    assert found.classes.shape[1] == len(CLASSES)


TOKENS = st.text("aB1_- \t\x0b\x1c\x01\x7féß中", max_size=5)


@needs_all
@given(st.lists(st.lists(st.tuples(st.sampled_from("cirp"), TOKENS), max_size=3), max_size=4))
def test_names_of_any_characters(entries: list[list[tuple[str, str]]]) -> None:
    strings = ["".join(f"\0{kind} {name}" for kind, name in entry) for entry in entries]
    strings += ["\0c a\x01B", "\0cnone", ""]
    scores = {"caB0": 0.1, "cab": 1.5, "ia": -0.3, "wa": 0.7, "wab": -1.1, "wb": 0.01, "ré": 2.0}
    names = numbers([*range(len(strings)), *range(len(strings))])
    words = numbers(2 * (n % 5 != 3) for n in range(len(names)))

    def read() -> tuple[list[int], list[float]]:
        found = read_names(strings, names, words, NameTable(scores))
        return found.groups.tolist(), np.nan_to_num(found.scores, nan=99.0).tolist()

    assert read() == without("NAMES", read)


LINES = st.tuples(
    st.sampled_from(
        ["caa", "cab", "iaa", "waa", "wnav", "tfollo", "tus", "tünder", "t東京", "xa", ""]
    ),
    st.sampled_from(["\t"] * 9 + [" "]),
    st.sampled_from(["1.5", "-0.25", "1e-3", "7"] * 6 + ["nan", "1e999", "one", "", " 1", "1_0"]),
    st.sampled_from(["\n"] * 9 + ["", "\t\n", "\n\n"]),
)


@needs_all
@settings(max_examples=300)
@given(st.lists(LINES, max_size=5), st.booleans())
def test_any_table_of_tokens(lines: list[tuple[str, ...]], in_order: bool) -> None:
    table = "".join("".join(line) for line in (sorted(lines) if in_order else lines))
    strings = ["\0c aa ab nav", "\0i aa", ""]
    names, words = numbers(range(len(strings))), np.ones(len(strings), NUMBER)

    def read() -> list[list[float]] | None:
        try:
            scores = NameTable(table)
        except ValueError:
            return None
        facts = read_names(strings, names, words, scores)
        text_scores = scores.text.look_up(read_words("follow us ünder 東京"))
        found = facts.groups, facts.scores, text_scores
        return [np.nan_to_num(each, nan=99.0).tolist() for each in found]

    assert read() == without("NAMES", read)


# --- text of blocks, metadata ---------------------------------------------------------------------

SPACES = " \t\n\r\x0b\x1c\x1f\x20\x85\xa0\u1680\u2007\u2028\u2029\u202f\u3000\u200b\ufeff"


@needs_all
@settings(max_examples=300)
@given(
    st.lists(st.text(st.one_of(st.sampled_from(SPACES + "ab\u2028 "), st.characters())), max_size=5)
)
def test_texts_of_any_blocks(texts: list[str]) -> None:
    starts = numbers(accumulate(map(len, texts), initial=0))
    table = dataclasses.replace(
        walk(etree.Element("p")),
        text="".join(texts),
        node_start=starts,
        element=np.zeros(len(texts), NUMBER),
        first_node=numbers(range(len(texts) + 1)),
    )
    every_other = range(0, len(texts), 2)

    def look() -> list[str]:
        blocks = [table.block_text(block) for block in range(len(table))]
        return [*blocks, render_module.render_text(table, every_other)]

    assert look() == without("BLOCKS", look)


@needs_all
def test_texts_are_the_tables_own() -> None:
    table = walk(parse("<p>one<p>two").root)
    with pytest.raises(IndexError, match="no block 2"):
        render_module.render_text(table, [0, 2])
    with pytest.raises(ValueError, match="not this text's"):
        render_module.render_text(dataclasses.replace(table, text="o"), [0])
    with pytest.raises(ValueError, match="no part"):
        dataclasses.replace(table, text="o").block_text(0)


def assert_same_metadata(root: etree._Element) -> None:
    expected = read_metadata(root, None)
    for max_blocks in (0, DEFAULT_MAX_BLOCKS):  # the walk is cut, or not
        head = walk(root, max_blocks=max_blocks).head
        assert read_metadata(root, None, head) == expected


VALUES = st.sampled_from("og:title OG:Type og:url generator x Canonical canonical".split())


@needs_all
@given(
    st.lists(
        st.tuples(
            st.sampled_from("title meta link script div {urn:x}title {urn:x}meta o_title".split()),
            st.dictionaries(st.sampled_from("property name rel content href type".split()), VALUES),
            st.booleans(),
        )
    )
)
def test_metadata_of_any_tree(parts: list[tuple[str, dict[str, str], bool]]) -> None:
    root = at = etree.Element("html", lang="de")
    for tag, attributes, deeper in parts:
        element = etree.SubElement(at, tag, attributes)
        element.text, element.tail = f"{tag}{len(root)}", "tail"
        at = element if deeper else at
    assert_same_metadata(root)
    for element in root.iter():
        assert_same_metadata(element)  # what is around it is not its own


@needs_all
def test_metadata_of_own_pages(own: dict[str, OwnPage]) -> None:
    for page in own.values():
        assert_same_metadata(parse(page.html).root)


METAS = """<!DOCTYPE html [<!ENTITY t "title"><!ENTITY m "<meta name='generator' content='g'/>">]>
<html><x:meta xmlns:x="urn:x" name="og:&t;" content="one"/><meta x:name="og:url" name="og:type"
content="two" xmlns:x="urn:x"/>&m;<script type="application/ld+json"><![CDATA["@type": "Event"]]>
</script><title><!-- no -->a<b>b</b>c</title><title>d</title></html>"""


@needs_all
@pytest.mark.parametrize("resolve", [True, False])
def test_metadata_of_xml(resolve: bool) -> None:
    root = etree.fromstring(METAS, etree.XMLParser(resolve_entities=resolve))
    assert read_metadata(root, None).og_title == "one"
    assert_same_metadata(root)
