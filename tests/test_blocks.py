from __future__ import annotations

import re

import lxml.html
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from detector.blocks import BOLD_TEXT, CODE_TEXT, LINK, BlockTable, fold, walk
from detector.document import parse
from detector.tags import BLOCK, SKIPPED, TAGS, local_name


def table_of(html: str) -> BlockTable:
    return walk(parse(html).root)


def texts_of(table: BlockTable) -> list[str]:
    return [table.block_text(block) for block in range(len(table))]


# What is seen of a page: its blocks, in order.
BLOCKS = [
    ("<p>one</p><p>two</p>", ["one", "two"]),
    ("<p>one <b>two</b> <i>th</i>ree</p>", ["one two three"]),
    ("<p>  one\n\n two\t</p>", ["one two"]),
    ("<p>one&nbsp;two</p>", ["one two"]),
    ("one<p>two</p>three", ["one", "two", "three"]),
    ("<p></p><p> </p><p>&nbsp;</p><div><br></div>", []),
    # Text beside block-level children.
    ("<div>one<div>two</div>three<div>four</div></div>", ["one", "two", "three", "four"]),
    ("<div><span>one<div>two</div>three</span>four</div>", ["one", "two", "threefour"]),
    ("<div>one<hr>two</div>", ["one", "two"]),
    ("<div><a href=x><h3>one</h3><p>two</p></a></div>", ["one", "two"]),
    # Lines.
    ("<p>one<br>two<br/>three</p>", ["one\ntwo\nthree"]),
    ("<p><br>one<br><br>two<br></p>", ["one\ntwo"]),
    ("<p>one <br> two</p>", ["one\ntwo"]),
    ("<p><b>one<br>two</b><br>three</p>", ["one\ntwo\nthree"]),
    ("<pre>one\n  two\n\nthree</pre>", ["one\ntwo\nthree"]),
    ("<pre><code>if one:\n\ttwo</code></pre>", ["if one:\ntwo"]),
    ("<p>one\ntwo <code>three\nfour</code>\nfive</p>", ["one two three\nfour five"]),
    ("<textarea>one\ntwo</textarea>", ["one\ntwo"]),
    # Lists, tables, headings, controls: each stands by itself.
    ("<ul><li>one<li>two<ul><li>three</ul>four</ul>", ["one", "two", "three", "four"]),
    ("<dl><dt>one<dd>two<dt>three<dd>four</dl>", ["one", "two", "three", "four"]),
    ("<table><tr><th>one<td>two<tr><td>three</table>", ["one", "two", "three"]),
    ("<table><caption>one</caption><tr><td>two</table>", ["one", "two"]),
    ("<h1>one</h1><h2>two</h2>three", ["one", "two", "three"]),
    ("<figure><img alt=x><figcaption>one</figcaption></figure>", ["one"]),
    ("<details><summary>one</summary>two</details>", ["one", "two"]),
    ("<dialog>one</dialog><menu>two</menu><address>three</address>", ["one", "two", "three"]),
    ("<select><option>one<option>two</select>", ["one\ntwo"]),
    ("<p>1<select><optgroup label=x><option>2</optgroup></select>3", ["1", "2", "3"]),
    ("<form>1 <input value=x><label>2</label><textarea>3</textarea></form>", ["1 2", "3"]),
    # Controls side by side are not one word.
    ("<button>Accepter</button><button>Refuser</button>", ["Accepter", "Refuser"]),
    ("<a>Accepter</a><a>Refuser</a>", ["Accepter Refuser"]),
    ("<a>Accepter</a><!-- --><a>Refuser</a>", ["Accepter Refuser"]),
    ("<a><span>Accepter</span></a><span><a>Refuser</a></span>", ["Accepter Refuser"]),
    ("<span role=button>Accepter</span><span role=button>Refuser</span>", ["Accepter Refuser"]),
    ("<span onclick=a()>Accepter</span><span onclick=b()>Refuser</span>", ["Accepter Refuser"]),
    ("<span tabindex=0>Accepter</span><a>Refuser</a>", ["Accepter Refuser"]),
    ("<span class=btn-a>Accepter</span><span class='x btn'>Refuser</span>", ["Accepter Refuser"]),
    ("<i id=okButton>Accepter</i><i id=button2>Refuser</i>", ["Accepter Refuser"]),
    ("<p>see <a>one</a>, <a>two</a><a>three</a>", ["see one, two three"]),
    # Inline markup by itself does not part words.
    ("<p>H<sub>2</sub>O, <a>link</a>s, <i>un</i><i>done</i></p>", ["H2O, links, undone"]),
    ("<p>an<b></b>nex</p>", ["annex"]),
    ("<p>soft<wbr>ly, sh&shy;y</p>", ["softly, sh\xady"]),
    # Comments and processing instructions are not there.
    ("<p>one<!-- x -->two <!-- y --> three</p>", ["onetwo three"]),
    ("<!-- x --><p>one</p><!-- y -->two<!-- z -->", ["one", "two"]),
    ("<p>one<?php x ?>two</p>", ["onetwo"]),
    # No text of the page's own.
    ("<p>one<script>x</script>two<style>y</style>three</p>", ["onetwothree"]),
    ("<head><title>x</title></head><p>one", ["one"]),
    ("<p>one</p><svg><text>x</text></svg><iframe>y</iframe><p>two</p>", ["one", "two"]),
    ("<object><p>x</p></object><video>y</video><canvas>z</canvas>one", ["one"]),
    ("<script><p>x</p></script>one", ["one"]),
    # Hidden text is kept: for some pages it is all there is.
    ("<noscript><p>one</p></noscript><template><p>two</p></template>", ["one", "two"]),
    ("<div hidden>one</div><div style='display:none'>two</div>", ["one", "two"]),
    ("<o:p>one</o:p><my-card>two</my-card>three", ["onetwothree"]),
    ("<div><o:p><div>one</div></o:p></div>", ["one"]),
    # Other scripts.
    ("<p>日本語<b>の文</b>。</p><p>שלום</p>", ["日本語の文。", "שלום"]),
]


@pytest.mark.parametrize(("html", "blocks"), BLOCKS)
def test_blocks_of(html: str, blocks: list[str]) -> None:
    table = table_of(html)
    assert texts_of(table) == blocks
    assert len(table) == len(blocks)
    check(table)


def check(table: BlockTable) -> None:
    """What holds of any table."""
    n = len(table.elements)
    numbers = np.arange(n)
    by_element = (
        table.parent, table.end, table.depth, table.tag, table.names, table.hides,
        table.path, table.class_path, table.siblings,
    )  # fmt: skip
    assert {len(column) for column in by_element} == {n}
    assert table.parent[0] == table.depth[0] == 0
    assert table.end[0] == n
    assert (table.parent[1:] < numbers[1:]).all()
    assert (table.end > numbers).all()
    assert (table.end <= table.end[table.parent]).all()
    assert (table.depth[1:] == table.depth[table.parent[1:]] + 1).all()
    size = np.ones(n, int)
    for number in range(n - 1, 0, -1):
        size[table.parent[number]] += size[number]
    assert (table.end - numbers == size).all()
    assert table.name_strings[0] == ""
    assert len(set(table.name_strings)) == len(table.name_strings)

    n_nodes = len(table.node_start) - 1
    by_node = (table.node_element, table.node_link, table.node_state)
    assert {len(column) for column in by_node} == {n_nodes}
    assert (np.diff(table.node_start) > 0).all()
    assert table.node_start[-1] == len(table.text)
    assert len(table.first_node) == len(table) + 1
    assert (np.diff(table.first_node) > 0).all()
    if len(table):
        assert (table.first_node[0], table.first_node[-1]) == (0, n_nodes)
    for block, element in enumerate(table.element.tolist()):
        assert element == 0 or local_name(table.elements[element]) in BLOCK
        nodes = slice(table.first_node[block], table.first_node[block + 1])
        assert (table.node_element[nodes] >= element).all()
        assert (table.node_element[nodes] < table.end[element]).all()
        assert table.text[table.node_start[table.first_node[block]]].isspace()


def test_fold() -> None:
    assert fold(" a\n b\u3000c ") == "a b c"
    assert fold("a \u2028\u2028 b\u2028") == "a\nb"
    assert fold("") == ""


# --- trees of any shape ---------------------------------------------------------------------------

TAGS_DRAWN = "div p li ul td section b i span em o-p br pre script svg noscript template".split()
TEXTS = st.sampled_from(["", " ", "\n", "one", " two ", "three four", "文字", "é", "&", "\xa0"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> etree._Element:
    element = etree.Element(draw(st.sampled_from(TAGS_DRAWN)))
    element.text = draw(TEXTS)
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        child = etree.Comment("c") if draw(st.booleans()) else draw(elements(depth - 1))
        child.tail = draw(TEXTS)
        element.append(child)
    return element


def runs(element: etree._Element) -> list[str]:
    """What the element says, cut by "\0" where blocks begin and end."""
    if not isinstance(element.tag, str):
        return []
    if element.tag in SKIPPED:
        return []
    inner = [element.text or ""]
    for child in element:
        inner += [*runs(child), child.tail or ""]
    if element.tag == "br":
        return ["\u2028", *inner]
    if element.tag == "pre":
        inner = [piece.replace("\n", "\u2028") for piece in inner]
    return ["\0", *inner, "\0"] if element.tag in BLOCK else inner


@given(elements())
def test_blocks_of_any_tree(root: etree._Element) -> None:
    before = etree.tostring(root)
    table = walk(root)
    check(table)
    expected = [fold(run) for run in "".join(runs(root)).split("\0")]
    assert texts_of(table) == [text for text in expected if text]
    assert etree.tostring(root) == before
    walked = [
        element
        for element in root.iter("*")
        if not any(up.tag in SKIPPED for up in element.iterancestors())
    ]
    assert list(table.elements) == walked


@given(elements().map(lambda root: etree.tostring(root, encoding="unicode", method="html")))
def test_blocks_of_any_page(html: str) -> None:
    root = parse(html).root
    table = walk(root)
    check(table)
    skipped = " or ".join(f"self::{tag}" for tag in SKIPPED)
    visible = root.xpath(f"//text()[not(ancestor::*[{skipped}])]")
    assert isinstance(visible, list)
    assert "".join("".join(texts_of(table)).split()) == "".join("".join(map(str, visible)).split())


@given(elements(), st.integers(0, 6))
def test_cut_after_any_block(root: etree._Element, max_blocks: int) -> None:
    whole, table = walk(root), walk(root, max_blocks=max_blocks)
    check(table)
    assert table.cut == (len(whole) > max_blocks)
    assert texts_of(table)[:-1] == texts_of(whole)[: max(min(max_blocks, len(whole)) - 1, 0)]
    assert len(table) == min(len(whole), max_blocks)
    n = len(table.elements)
    assert list(table.elements) == list(whole.elements[:n])
    assert table.parent.tolist() == whole.parent[:n].tolist()


def test_cut() -> None:
    root = parse("<div><div><p>one</p><p>two <b>more</b></p></div><p>three</p></div>").root
    assert walk(root, max_blocks=3).cut is False
    table = walk(root, max_blocks=2)
    assert table.cut is True
    assert texts_of(table) == ["one", "two more"]


# --- columns --------------------------------------------------------------------------------------


def number_of(table: BlockTable, name: str) -> int:
    """Number of the element whose id is given."""
    (number,) = [n for n, element in enumerate(table.elements) if element.get("id") == name]
    return number


def test_tags() -> None:
    table = table_of("<main><p>one</p><o:p>two</o:p><nobr>three</nobr></main>")
    names = [TAGS[code] for code in table.tag]
    assert names == ["html", "body", "main", "p", "other", "other"]


def test_names_of_elements() -> None:
    table = table_of(
        "<html class=no-js id=page><body class='cookies-not-set' role=document>"
        "<p class='lead  big' data-x=y id=a role=note itemprop=name>one</p>"
        "<p id=a itemprop=name class='lead  big' role=note>two</p><p lang=en>three</p>"
    )
    names = [table.name_strings[name] for name in table.names]
    assert names[:2] == ["", ""]
    assert names[4] == ""
    assert names[2].split("\0") == ["", "c lead  big", "i a", "r note", "p name"]
    assert sorted(names[3].split("\0")) == sorted(names[2].split("\0"))


@pytest.mark.parametrize(
    ("html", "hides"),
    [
        ("<noscript id=x>one</noscript>", 1),
        ("<template id=x>one</template>", 1),
        ("<dialog id=x>one</dialog>", 1),
        ("<p id=x hidden>one</p>", 1),
        ("<p id=x aria-hidden=true>one</p>", 1),
        ("<p id=x aria-hidden=false>one</p>", 0),
        ("<p id=x style='color:red; DISPLAY : none'>one</p>", 1),
        ("<p id=x style='visibility:hidden'>one</p>", 1),
        ("<p id=x style='display:block'>one</p>", 0),
        ("<p id=x>one</p>", 0),
        ("<body id=x hidden aria-hidden=true style='display:none'>one", 0),
        ("<html id=x style='display:none'><p>one", 0),
        ("<div hidden><p id=x>one</p></div>", 0),
    ],
)
def test_hides(html: str, hides: int) -> None:
    table = table_of(html)
    assert table.hides[number_of(table, "x")] == hides
    assert texts_of(table) == ["one"]


def test_states_of_text() -> None:
    table = table_of(
        "<p>a <a id=l href=x>b <b>c</b></a> <i>d</i> <code>e</code></p><h2>f</h2>"
        "<a id=m><h3>g</h3></a><pre><a id=n>h</a></pre>"
    )
    found = {
        table.text[start:stop].strip(): (int(link), int(state))
        for start, stop, link, state in zip(
            table.node_start[:-1],
            table.node_start[1:],
            table.node_link,
            table.node_state,
            strict=True,
        )
    }
    one, two, three = (number_of(table, name) for name in "lmn")
    assert found == {
        "a": (-1, 0),
        "b": (one, LINK),
        "c": (one, LINK | BOLD_TEXT),
        "": (-1, 0),
        "d": (-1, BOLD_TEXT),
        "e": (-1, CODE_TEXT),
        "f": (-1, BOLD_TEXT),
        "g": (two, LINK | BOLD_TEXT),
        "h": (three, LINK | CODE_TEXT),
    }


def test_paths_and_siblings() -> None:
    table = table_of(
        "<ul><li id=a class=x>1</li><li id=b class=x>2</li><li id=c class=y>3</li></ul>"
        "<ul><li id=d class=x>4</li></ul><ol><li id=e class=x>5</li></ol>"
    )
    a, b, c, d, e = (number_of(table, name) for name in "abcde")
    assert table.path[a] == table.path[b] == table.path[c] == table.path[d] != table.path[e]
    assert table.class_path[a] == table.class_path[b] == table.class_path[d]
    assert len({int(table.class_path[x]) for x in (a, c, e)}) == 3
    assert table.siblings[a] == table.siblings[b]
    assert len({int(table.siblings[x]) for x in (a, c, d, e)}) == 4


# --- trees of callers -----------------------------------------------------------------------------


def test_namespaced_tree() -> None:
    root = etree.fromstring(
        """<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
        <body class="y"><h1>one</h1><p>two <a href="z">three</a><br/>four</p>
        <svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>
        <x:p xmlns:x="urn:x">five</x:p></body></html>"""
    )
    table = walk(root)
    check(table)
    assert texts_of(table) == ["one", "two three\nfour", "five"]
    assert [TAGS[code] for code in table.tag[:2]] == ["html", "other"]
    assert set(table.names.tolist()) == {0}
    assert (table.node_link >= 0).sum() == 1


@pytest.mark.parametrize(
    ("path", "blocks"),
    [
        ("//section", ["one", "two"]),
        ("//section/p[1]", ["one"]),
        ("//b", ["bold"]),
        ("//br", []),
        ("//script", []),
        ("//body", ["zero", "one", "two", "tail", "bold end"]),
    ],
)
def test_subtree(path: str, blocks: list[str]) -> None:
    page = lxml.html.document_fromstring(
        "<p>zero<section><p>one</p><p>two</p></section>tail<p><b>bold</b> end<br>"
        "<script>x</script></p>"
    )
    (root,) = page.xpath(path)
    table = walk(root)
    check(table)
    assert texts_of(table) == blocks
    assert table.elements[0] is root


def test_a_tree_deeper_than_any_parser_makes() -> None:
    root = node = etree.Element("div")
    for _ in range(20_000):
        node = etree.SubElement(node, "div")
    node.text = "one"
    node.tail = "two"
    table = walk(root)
    assert texts_of(table) == ["one", "two"]
    assert table.depth.max() == 20_000
    assert table.end.max() == table.end[0] == 20_001


@pytest.mark.parametrize("n", [1, 1000])
def test_an_element_is_visited_once(n: int) -> None:
    table = table_of("<ul>" + "<li>a <b>b</b>" * n + "</ul>")
    assert len(table.elements) == 3 + 2 * n
    assert len(table.node_link) == 2 * n
    assert len(table.name_strings) == 1
    assert len(re.findall("a", table.text)) == n


@pytest.mark.parametrize(
    "opening", ["<title>Ebb</title>", "<html><head><title>Ebb</title><meta name=a>"]
)
def test_a_head_that_was_never_closed_is_walked(opening: str) -> None:
    table = walk(parse(f"<!doctype html>{opening}<main>Low <b>tide</b><p>at four</main>").root)
    assert [table.block_text(block) for block in range(len(table))] == ["Low tide", "at four"]


def test_a_head_that_was_closed_is_not() -> None:
    root = parse("<head><title>Ebb</title><noscript>Scripts!</noscript></head><p>At four").root
    assert [walk(root).block_text(block) for block in range(len(walk(root)))] == ["At four"]


@pytest.mark.parametrize("void", ["<embed src=x>", "<source src=x>", "<track src=x>", "<param>"])
def test_what_follows_an_element_that_holds_nothing_is_walked(void: str) -> None:
    table = walk(parse(f"<p>High {void}water</p>{void}<p>at nine</p>").root)
    assert [table.block_text(block) for block in range(len(table))] == ["High water", "at nine"]
