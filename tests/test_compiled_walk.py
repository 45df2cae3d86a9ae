"""The compiled walk gives the tables that Python's gives."""

from __future__ import annotations

import gc
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from parts import assert_walks_the_same, needs_all
from test_blocks import BLOCKS, TEXTS, elements

from detector.blocks import walk
from detector.columns import NUMBER
from detector.document import parse
from detector.lexicon.cues import load_cues

BRACES = "<p>one<x}div>two</x}div>three<y}br>four<{urn:z}li>five"


@needs_all
@pytest.mark.parametrize("html", [*(html for html, _ in BLOCKS), BRACES])
def test_walk_of_pages(html: str) -> None:
    assert_walks_the_same(parse(html).root)


@needs_all
@given(elements(), st.integers(0, 8))
def test_walk_of_any_tree(root: etree._Element, max_blocks: int) -> None:
    assert_walks_the_same(root)
    assert_walks_the_same(root, max_blocks)


NAMES = st.text("aB1_- \t\xa0\u2003éß中", max_size=5)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        "class id role itemprop style hidden aria-hidden onclick tabindex {urn:x}class".split()
    ),
    st.one_of(
        NAMES,
        st.sampled_from(
            "true btn xbtn btnx Button2 2BUTTON _button ébutton buttoné é-btn btn-é "
            "display:none DISPLAY\xa0:\u2003None visibility:hidden display:nonexistent "
            "x;visibility\t:\thidden dısplay:none display:ınline".split(" ")
        ),
    ),
    max_size=4,
)


@needs_all
@given(st.lists(st.tuples(st.sampled_from("div span a b {urn:y}p".split()), ATTRIBUTES, TEXTS)))
def test_walk_of_any_attributes(parts: list[tuple[str, dict[str, str], str]]) -> None:
    root = etree.Element("div")
    for tag, attributes, text in parts:
        element = etree.SubElement(root, tag, attributes)
        element.text = element.tail = text
    assert_walks_the_same(root)


@needs_all
def test_walk_begins_cues() -> None:
    """Every cue of the lexicon is seen where it stands, whatever is before and after it."""
    for before, after in (("", ""), ("» ", ": more"), ("(# ", "x"), ("\u2028-", " 中")):
        root = etree.Element("div")
        for term in load_cues().terms:
            for text in (term, term.upper(), term.replace(" ", ", ")):
                etree.SubElement(root, "p").text = before + text + after
        assert_walks_the_same(root)


@needs_all
def test_walk_looks_at_letters_as_folding_does() -> None:
    """One character alone is none of a word and becomes one: cues behind it are not missed."""
    codes = (code for code in range(128, 0x110000) if not 0xD800 <= code < 0xE000)
    assert [
        code
        for code in codes
        if not chr(code).isalnum() and any(map(str.isalnum, chr(code).casefold()))
    ] == [0x345]
    root = etree.Element("div")
    terms = [term for term in load_cues().terms if " " in term or not term.isascii()]
    for between in ("\u0345", "’", "\u2028 ", "İ", "\xa0", "ſ", "K"):
        for term in terms[::9]:
            for place in range(1, 5):
                text = term[:place] + between + term[place:].lstrip()
                etree.SubElement(root, "p").text = text
    assert_walks_the_same(root)


EDITED = """<!DOCTYPE html [<!ENTITY e "entity"><!ENTITY lt2 "&#60;">]>
<html><body><p id="a" class="x&e;y">one &e; two</p><p><![CDATA[th]]>ree <![CDATA[]]></p>
<?php x ?><svg:g xmlns:svg="urn:svg" svg:class="z" class="w"><svg:p>four</svg:p></svg:g>
<!-- c --><p xmlns="urn:p">five</p></body></html>"""


@needs_all
@pytest.mark.parametrize("resolve", [True, False])
def test_walk_of_xml(resolve: bool) -> None:
    """Entities left or resolved, CDATA, instructions, namespaces, prefixed attributes."""
    root = etree.fromstring(EDITED, etree.XMLParser(resolve_entities=resolve))
    table = assert_walks_the_same(root)
    assert "one" in table.text
    assert ("&e;" in table.text) == (not resolve)


@needs_all
def test_walk_of_edited_trees() -> None:
    root: Any = lxml.html.document_fromstring(
        "<div><p>one<b>two</b>three</p><!--c-->four<p>five</p>six</div>"
    )
    (first, second) = root.iter("p")
    first.addnext(etree.Entity("nbsp"))
    first.getparent().append(etree.Comment("x"))
    first.getparent()[-1].tail = "seven"
    second.append(etree.ProcessingInstruction("y", "z"))
    second[-1].tail = "eight"
    first[0].text = None
    first[0].tail = ""
    second.text = (second.text or "") + "\n&<>"
    assert_walks_the_same(root)
    first.getparent().remove(first)  # its tail goes along
    assert_walks_the_same(root)
    assert_walks_the_same(first)  # a root that has neither parent nor tree of its own
    second.drop_tree()
    assert_walks_the_same(root)
    etree.strip_elements(root, etree.Comment, with_tail=False)  # leaves text beside text
    assert_walks_the_same(root)


@needs_all
def test_elements_outlive_what_is_removed() -> None:
    """A caller may take a tree apart and still ask the table for its elements."""
    root: Any = lxml.html.document_fromstring("<div>" + "<p class=a>one</p>" * 500 + "</div>")
    table = walk(root)
    for paragraph in root.xpath("//p"):
        paragraph.drop_tree()
    del paragraph
    gc.collect()
    root.append(etree.Element("p"))
    assert [element.text for element in table.elements[3:]] == ["one"] * 500


@needs_all
def test_elements_of_a_tree_of_ours() -> None:
    table = walk(parse("<p>one<p>two").root, owned=True)
    assert [element.tag for element in table.elements[1:]] == ["body", "p", "p"]
    assert table.elements[-1].text == "two"
    assert table.elements[2] is not table.elements[3]
    with pytest.raises(IndexError, match="4 elements, no number 4"):
        table.elements[4]


@needs_all
def test_walk_begins_at_an_element() -> None:
    with pytest.raises(TypeError, match="begins at an element"):
        walk(etree.Comment("x"))


@needs_all
@pytest.mark.parametrize("size", [1000, 8000])
def test_walk_takes_memory_for_what_there_is(size: int) -> None:
    """Columns are of the page's size, not of what they grew to."""
    table = walk(parse("<p class=x>one" * size).root)
    held: Any = table.parent.base
    assert len(held) == table.parent.nbytes == NUMBER(0).nbytes * (size + 2)
