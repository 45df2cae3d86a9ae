"""What is compiled gives what Python gives: the same tables, features and labels on every page."""

from __future__ import annotations

import dataclasses
import gc
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import numpy.typing as npt
import pytest
from hostile import GENERATORS
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_blocks import BLOCKS, TEXTS, elements

from detector import Detector, compiled
from detector import blocks as blocks_module
from detector import decide as decide_module
from detector import document as document_module
from detector import encoding as encoding_module
from detector import forest as forest_module
from detector import measures as measures_module
from detector import metadata as metadata_module
from detector import names as names_module
from detector import render as render_module
from detector import words as words_module
from detector.blocks import BlockTable, walk
from detector.chars import CLASSES
from detector.consent import candidates as candidates_module
from detector.consent import controls as controls_module
from detector.consent import evidence as evidence_module
from detector.consent import features as features_module
from detector.consent import names as consent_names_module
from detector.document import parse
from detector.errors import DetectorError
from detector.features import ancestors as ancestors_module
from detector.features import block as block_module
from detector.features import climb as climb_module
from detector.features import context as context_module
from detector.features import featurise, featurise_page
from detector.features import page as page_module
from detector.features import position as position_module
from detector.features import region as region_module
from detector.features import repetition as repetition_module
from detector.features import scores as scores_module
from detector.features import topic as topic_module
from detector.features.context import CHAIN, Context
from detector.lexicon import folding as folding_module
from detector.lexicon import load_matcher
from detector.lexicon import matcher as matcher_module
from detector.lexicon.cues import load_cues
from detector.metadata import read_metadata
from detector.names import NameTable, read_names
from detector.page_types import PAGE_TYPES
from training.corpora import CorpusError, read_corpus
from training.own import OwnPage

ROOT = Path(__file__).parents[1]
PARTS = {
    "WALK": (blocks_module,),
    "HEAD": (metadata_module,),
    "BLOCKS": (blocks_module, render_module),
    "BYTES": (encoding_module, document_module),
    "TEXT": (measures_module, position_module),
    "NAMES": (names_module, context_module),
    "TREE": (context_module, climb_module, region_module),
    "MATRIX": (block_module, ancestors_module, region_module, position_module, page_module),
    "WORDS": (words_module, context_module),
    "TOPIC": (topic_module,),
    "REPETITION": (repetition_module,),
    "SCORES": (scores_module,),
    "FOREST": (forest_module,),
    "DECIDE": (decide_module,),
    "LEXICON": (folding_module, matcher_module),
    "CONSENT": (consent_names_module, evidence_module, controls_module),
    "CANDIDATES": (candidates_module, features_module),
    "ATTRIBUTES": (controls_module, features_module),
}

needs_all = pytest.mark.skipif(
    any(getattr(compiled, part) is None for part in PARTS), reason="not everything is compiled here"
)


def without(part: str, work: Callable[[], Any]) -> Any:
    """What Python does in the place of a compiled part."""
    return in_python(work, part)


def in_python(work: Callable[[], Any], *parts: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for part in parts or PARTS:
            for module in PARTS[part]:
                patch.setattr(module, part, None)
        return work()


def assert_same_tables(table: BlockTable, expected: BlockTable) -> None:
    for field in dataclasses.fields(BlockTable):
        found, wanted = getattr(table, field.name), getattr(expected, field.name)
        if isinstance(wanted, np.ndarray):
            assert found.dtype == wanted.dtype == np.int64
            assert found.tolist() == wanted.tolist(), field.name
        else:
            assert type(found) is type(wanted) or field.name == "elements"
            assert list(found) == list(wanted) if field.name != "cut" else found is wanted


def assert_walks_the_same(root: etree._Element, max_blocks: int = 50_000) -> BlockTable:
    expected = without("WALK", lambda: walk(root, max_blocks=max_blocks))
    for owned in (False, True):
        assert_same_tables(walk(root, max_blocks=max_blocks, owned=owned), expected)
    return walk(root, max_blocks=max_blocks)


# --- whole pages ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Seen:
    """All that is made of a page."""

    table: BlockTable
    measures: tuple[npt.NDArray[Any], ...]
    labels: npt.NDArray[Any]
    probabilities: npt.NDArray[np.float64]
    text: str
    consent: dict[str, Any]


def see(detector: Detector, html: bytes) -> Seen:
    document = parse(html)
    table = walk(document.root)
    context = Context(table, read_metadata(document.root, None), detector.model.names)
    page = detector.detect(html)
    return Seen(
        table=table,
        measures=(
            context.node_chars,
            context.node_words,
            context.block_sums,
            context.element_sums,
            context.classes,
            context.last_class,
            context.text_id,
            context.element_groups,
            context.element_scores,
            featurise(context),
            featurise_page(context),
        ),
        labels=page._labels,
        probabilities=page._probabilities,
        text=page.text,
        consent=page.consent_dict(),
    )


def assert_same_pages(pages: Iterable[bytes], detector: Detector) -> None:
    slow = in_python(Detector)
    for html in pages:
        assert_same_page(html, detector, slow)


def assert_same_page(html: bytes, detector: Detector, slow: Detector) -> None:
    found, expected = see(detector, html), in_python(partial(see, slow, html))
    # The elements of two parses of the page are not the same ones.
    assert len(found.table.elements) == len(expected.table.elements)
    none: list[etree._Element] = []
    assert_same_tables(
        dataclasses.replace(found.table, elements=none),
        dataclasses.replace(expected.table, elements=none),
    )
    for one, other in zip(found.measures, expected.measures, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=1e-9)
    assert found.labels.tolist() == expected.labels.tolist()
    assert (found.text, found.consent) == (expected.text, expected.consent)


@needs_all
def test_own_pages(shipped: Detector, own: dict[str, OwnPage]) -> None:
    assert_same_pages((page.html for page in own.values()), shipped)


@needs_all
@pytest.mark.parametrize("corpus", ["wcxb", "waddle", "zh", "aeb", "traf"])
def test_fetched_pages(corpus: str, shipped: Detector) -> None:
    try:
        pages = [page.html for page in read_corpus(corpus)]
    except CorpusError as error:
        pytest.skip(f"the page set is not here: {error}")
    sample = random.Random(1).sample(pages, 20)
    assert_same_pages(sample, shipped)


# --- the walk -------------------------------------------------------------------------------------


BRACES = "<p>one<x}div>two</x}div>three<y}br>four<{urn:z}li>five"


@needs_all
@pytest.mark.parametrize("html", [*(html for html, _ in BLOCKS), BRACES])
def test_walk_of_pages(html: str) -> None:
    assert_walks_the_same(parse(html).root)


@needs_all
@settings(deadline=None, derandomize=True)
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
@settings(deadline=None, derandomize=True)
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
    assert len(held) == 8 * len(table.parent) == 8 * (size + 2)


# --- text, names ---------------------------------------------------------------------------------


@needs_all
@settings(deadline=None, derandomize=True)
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
    starts = np.cumsum([0, *map(len, pieces)])
    table = dataclasses.replace(
        walk(etree.Element("p")),
        text=text,
        node_start=starts,
        node_link=np.full(len(pieces), -1),
        node_state=np.zeros(len(pieces), np.int64),
        element=np.zeros(len(pieces), np.int64),
        first_node=np.arange(len(pieces) + 1),
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
@settings(deadline=None, derandomize=True)
@given(st.lists(st.lists(st.tuples(st.sampled_from("cirp"), TOKENS), max_size=3), max_size=4))
def test_names_of_any_characters(entries: list[list[tuple[str, str]]]) -> None:
    strings = ["".join(f"\0{kind} {name}" for kind, name in entry) for entry in entries]
    strings += ["\0c a\x01B", "\0cnone", ""]
    scores = {"caB0": 0.1, "cab": 1.5, "ia": -0.3, "wa": 0.7, "wab": -1.1, "wb": 0.01, "ré": 2.0}
    wanted = np.arange(len(strings)) % 5 != 3

    def read() -> tuple[list[int], list[float]]:
        found = read_names(strings, wanted, NameTable(scores))
        return found.groups.tolist(), np.nan_to_num(found.scores, nan=99.0).tolist()

    assert read() == without("NAMES", read)


# --- text of blocks, metadata ---------------------------------------------------------------------

SPACES = " \t\n\r\x0b\x1c\x1f\x20\x85\xa0\u1680\u2007\u2028\u2029\u202f\u3000\u200b\ufeff"


@needs_all
@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.lists(st.text(st.one_of(st.sampled_from(SPACES + "ab\u2028 "), st.characters())), max_size=5)
)
def test_texts_of_any_blocks(texts: list[str]) -> None:
    starts = np.cumsum([0, *map(len, texts)])
    table = dataclasses.replace(
        walk(etree.Element("p")),
        text="".join(texts),
        node_start=starts,
        element=np.zeros(len(texts), np.int64),
        first_node=np.arange(len(texts) + 1),
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
    for url in (None, "https://a.example/x"):
        found = read_metadata(root, url)
        assert found == without("HEAD", partial(read_metadata, root, url))


VALUES = st.sampled_from("og:title OG:Type og:url generator x Canonical canonical".split())


@needs_all
@settings(deadline=None, derandomize=True)
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


# --- ancestors ------------------------------------------------------------------------------------


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
@settings(deadline=None, derandomize=True, max_examples=500)
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


# --- the lexicon ----------------------------------------------------------------------------------

LETTERS = st.text("aBcé İß.,;\n\xad\u200bжЖא中文カ\ud800😀", max_size=30)


@needs_all
@settings(deadline=None, derandomize=True)
@given(LETTERS)
def test_folding_of_any_text(text: str) -> None:
    found = folding_module.fold(text)
    expected = without("LEXICON", lambda: folding_module.fold(text))
    assert found.text == expected.text
    for name in ("codes", "origin", "starts", "dense"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist(), name


@needs_all
def test_terms_of_own_pages(own: dict[str, OwnPage]) -> None:
    matcher = load_matcher()
    texts = [str(parse(page.html).root.xpath("string()")) for page in own.values()]
    texts.append(" ".join("\n".join(texts).split())[: 2 * matcher_module._PIECE])  # one long line

    def look() -> tuple[list[Any], ...]:
        spans = [matcher.spans(text) for text in texts]
        broken = [matcher.span_table(text, np.arange(5, len(text), 77)).tolist() for text in texts]
        return spans, broken, matcher.label_scores(" ".join(texts).split()[::9]).tolist()

    found = look()
    assert found == without("LEXICON", look)
    assert any(found[0])


LABELS = st.text("oOkK .×✕ⓧ[]\u2028\n同意する ǂ*acepttollrjc", max_size=14)


@needs_all
@settings(deadline=None, derandomize=True)
@given(st.lists(LABELS | st.sampled_from(["Accept all", "alle Cookies zulassen", "Nein", "x"])))
def test_labels_of_any_text(texts: list[str]) -> None:
    matcher = load_matcher()
    texts += ["".join(texts), " ".join(texts)]
    found = matcher.label_scores(texts).tolist()
    assert found == without("LEXICON", lambda: matcher.label_scores(texts).tolist())


# --- consent --------------------------------------------------------------------------------------


def assert_same_consent(root: etree._Element, owned: bool) -> None:
    """Evidence, candidates and their rows are the same, to the bit."""

    def look() -> list[Any]:
        table = walk(root, owned=owned)
        context = Context(table, read_metadata(root, None), NameTable({}))
        evidence = evidence_module.gather(context)
        if evidence is None:
            return []
        names = evidence.names
        found = [
            names.named.tolist(), names.facts, names.controls.tolist(), names.dialogs.tolist(),
            evidence.spans.tolist(), evidence.seeds.tolist(), evidence.controls.tolist(),
            [evidence.text_span(element) for element in range(context.n_elements)],
        ]  # fmt: skip
        for links in (True, False):
            c = candidates_module.Candidates(evidence, links=links)
            found += [c.top.tolist(), c.bottom.tolist(), c.levels.tolist(), c.chains.tolist()]
            if len(c):
                rows = features_module.featurise(c)
                found.append(dict(zip(COLUMNS, rows.T.tolist(), strict=True)))
        return found

    assert look() == in_python(look, "CONSENT", "CANDIDATES", "ATTRIBUTES", "LEXICON")


COLUMNS = [feature.name for feature in features_module.FEATURES]


@needs_all
@pytest.mark.parametrize("owned", [False, True])
def test_consent_of_own_pages(own: dict[str, OwnPage], owned: bool) -> None:
    for page in own.values():
        assert_same_consent(parse(page.html).root, owned)


@needs_all
@pytest.mark.parametrize("kind", GENERATORS)
def test_consent_of_hostile_pages(kind: str) -> None:
    for size in (7, 700):
        banner = (
            b"<div id=cookie-bar><p>We use cookies<a href=/x>Accept</a><a href=#>Reject</a></div>"
        )
        assert_same_consent(parse(GENERATORS[kind](size) + banner).root, True)


# With letters that are the same as one in ASCII, case aside: long s, dotless i, sign of Kelvin.
KEYS = (
    "href class id type role style onclick title aria-label data-cmp alt value aria-modal tabindex "
    "{urn:x}href coo\u212aie"
).split()
SAYINGS = (
    "javascript:void(0)|http://a.b/#c|https://a.b|HTTP://x/JavaScript:|about:blank|\n| # |\u2003#|"
    "/a/JAVASCRIPT:VOID|https:/a|/cookies#cmp|cmp|xcmp-|cmp\xe9|COOKIE|coo\u212aie|LEGAL|\u017f|"
    "checkbox|Radio|EMAIL|switch|button|Dialog|alertdialog|x btn|abtn|btns_|1close|closed|"
    "position: FIXED|z-index:999|cursor:pointer|true|Accept all|preferencecent|onetrust-banner-sdk"
).split("|")
ATTRIBUTE = st.tuples(
    st.sampled_from(KEYS),
    st.text("/#?:cmpK\u212a ıſjavscripthtcooke\u2003\n", max_size=12) | st.sampled_from(SAYINGS),
)
ELEMENT = st.tuples(
    st.sampled_from("a button input textarea div img svg title span p".split()),
    st.lists(ATTRIBUTE, max_size=4),
    st.sampled_from("| |x|Accept all|We use cookies|Reject|Datenschutz|同意".split("|")),
    st.integers(0, 3),
)


@needs_all
@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(ELEMENT, max_size=12))
def test_consent_of_any_elements(elements: list[Any]) -> None:
    root = etree.Element("html")
    body = etree.SubElement(root, "body")
    open_ = [body]
    for tag, attributes, text, up in elements:
        del open_[max(1, len(open_) - up) :]
        node = etree.SubElement(open_[-1], tag)
        for key, value in attributes:
            node.set(key, value)
        node.text, node.tail = text, text[::-1]
        open_.append(node)
    etree.SubElement(body, "div", id="cookie-banner").text = "We use cookies. Accept all?"
    for owned in (False, True):
        assert_same_consent(root, owned)


# --- which of them is in use ----------------------------------------------------------------------


def run(code: str, **environment: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_python_by_choice() -> None:
    code = "import sys; from detector import compiled; print(compiled.description(), *sys.modules)"
    said, *modules = run(code, DETECTOR_CORE="python").split("nothing")
    assert said == "compiled: "
    assert "detector._walk" not in modules[0].split()


def test_unknown_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETECTOR_CORE", "rust")
    with pytest.raises(DetectorError, match="DETECTOR_CORE is 'rust'"):
        Detector()


@needs_all
def test_another_libxml2_is_not_walked() -> None:
    code = (
        "from lxml import etree\n"
        "etree.LIBXML_VERSION = (2, 99, 0)\n"
        "from detector import compiled\n"
        "print(compiled.WALK, compiled.description())"
    )
    parts = "bytes blocks text names words topic tree matrix repetition scores lexicon consent"
    parts = ", ".join(f"{parts} candidates forest decide".split())
    assert run(code) == f"None compiled: {parts}\n"
