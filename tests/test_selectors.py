from __future__ import annotations

import lxml.html
import pytest
from cssselect import GenericTranslator
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from parts import needs_all

from detector.blocks import walk
from detector.document import parse
from detector.selectors import Paths

TRANSLATOR = GenericTranslator()


def found_by_css(root: etree._Element, selector: str) -> object:
    return root.getroottree().xpath(TRANSLATOR.css_to_xpath(selector))


def found_by_xpath(root: etree._Element, path: str) -> object:
    return root.getroottree().xpath(path)


PAGES = [
    "<p>one",
    "<html><head><title>t</title></head><body><main><p>one<p>two<div>three</div><p>four",
    "<ul><li>1<li>2<ul><li>3</ul><li>4</ul><ul><li>5</ul>",
    "<table><tr><td>1<td>2<tr><td>3<td><table><tr><td>4</table></table>",
    "<div id=a><p>1</p><p>2</p></div><div><p id=b>3</p><p>4</p></div>",
    # Ids that are not one's own, or no identifiers.
    "<div id=a><p>1</p></div><div id=a><p>2</p><div id=b><p>3</p></div></div>",
    "<div id=''><p>1</p></div><div id='1a'><p>2</p></div><div id='a b'><p>3</p></div>",
    "<div id='a.b'><p>1</p></div><div id='x\"y'><p>2</p></div><div id=\"q'\"><p>3</p></div>",
    "<div id='наверх'><p>1</p></div><div id='-'><p>2</p></div><div id='--a'><p>3</p></div>",
    "<div id='#a'><p>1</p></div><div id='\\61'><p>2</p></div><div id='a'><p>3</p></div>",
    # Names that are no names in XML, XPath or CSS.
    "<div><o:p><p>1</p></o:p><o:p><p>2</p></o:p><st1:city><p>3</p></st1:city></div>",
    "<my-card><p>1</p></my-card><my-card><p>2</p></my-card><a.b><p>3</p></a.b><x_y>4</x_y>",
    "<a\"b><p>1</p></a\"b><c{d><p>2</p></c{d><e[f]><p>3</p></e[f]><g'h><p>4</p></g'h>",
    "<a\x01b><p>1</p></a\x01b><div><a\x01b><p>2</p></a\x01b></div>",
    # Comments and skipped elements among siblings.
    "<!-- a --><div><!-- b --><p>1</p><?php c ?><script></script><p>2</p>text</div><!-- d -->",
    "<svg><g><path/></g><g><path/></g></svg><p>1</p>",
    "<body><p>1</p><body><div>2</div>",
]


@pytest.mark.parametrize("html", PAGES)
def test_paths_lead_to_their_element_alone(html: str) -> None:
    root = parse(html).root
    paths = Paths(root)
    for element in root.iter("*"):
        assert found_by_xpath(root, paths.xpath(element)) == [element]
        assert found_by_css(root, paths.css(element)) == [element]


@pytest.mark.parametrize("html", PAGES[:10])
def test_xpath_is_that_of_lxml(html: str) -> None:
    root = parse(html).root
    tree = root.getroottree()
    paths = Paths(root)
    for element in root.iter("*"):
        assert paths.xpath(element) == tree.getpath(element)


@pytest.mark.parametrize(
    ("html", "xpath", "css"),
    [
        ("<p>1", "/html/body/p", "html > body > p"),
        ("<p>1<p class=x>2", "/html/body/p[2]", "html > body > p:nth-of-type(2)"),
        ("<p>1<div><p class=x>2", "/html/body/div/p", "html > body > div > p"),
        ("<p>1<div id=a><p class=x>2", "/html/body/div/p", "#a > p"),
        ("<p>1<p class=x id=a>2", "/html/body/p[2]", "#a"),
        ("<p id=a>1<p class=x id=a>2", "/html/body/p[2]", "html > body > p:nth-of-type(2)"),
        ("<div><o:p class=x>1</o:p>", "/html/body/div/*", "html > body > div > *"),
        ("<div>1<i></i><o:p class=x>", "/html/body/div/*[2]", "html > body > div > *:nth-child(2)"),
    ],
)
def test_paths(html: str, xpath: str, css: str) -> None:
    root = parse(html).root
    (element,) = [e for e in root.iter("*") if e.get("class") == "x"] or [list(root.iter("*"))[-1]]
    assert (Paths(root).xpath(element), Paths(root).css(element)) == (xpath, css)


def test_trees_of_callers() -> None:
    fragment = lxml.html.fragment_fromstring("<div><div><p>1</p></div><div><p>2</p></div></div>")
    namespaced = etree.fromstring(
        '<html xmlns="http://www.w3.org/1999/xhtml"><head/><body><p>1</p><x:p xmlns:x="urn:x"/>'
        "<p>2</p></body></html>"
    )
    for root in (fragment, namespaced):
        # Any element of the tree will do.
        paths = Paths(list(root.iter("*"))[-1])
        for element in root.iter("*"):
            assert found_by_xpath(root, paths.xpath(element)) == [element]
            assert found_by_css(root, paths.css(element)) == [element]


NAMES = st.sampled_from("div p ul li o:p a-b h2 td".split())
IDS = st.sampled_from(["", "a", "b", "c", "1", "é"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    name, value = draw(NAMES), draw(IDS)
    children = [draw(elements(depth - 1)) for _ in range(draw(st.integers(0, 3)) if depth else 0)]
    return f"<{name} id='{value}'>{''.join(children)}</{name}>"


@given(elements())
def test_paths_in_any_page(html: str) -> None:
    root = parse(html).root
    paths = Paths(root)
    every = list(root.iter("*"))
    for element in every:
        assert found_by_xpath(root, paths.xpath(element)) == [element]
        assert found_by_css(root, paths.css(element)) == [element]
    assert len({paths.css(element) for element in every}) == len(every)


def ids_told_apart(paths: Paths) -> dict[str, bool]:
    """Of each id, and of parts of them, whether it stands in the tree once."""
    ids = paths._root.xpath("//@id")
    names = {*ids, *(name[1:] for name in ids), *(name[:-1] for name in ids)}
    return {name: paths._is_alone(name) for name in names}


@needs_all
@pytest.mark.parametrize(
    "html",
    [
        *PAGES,
        "<head id=h><meta id=m><script id=a></script></head><body id=b><svg id=a><g id=g></g></svg>"
        "<p id=p class='i p'>1</p><p id=p class='i p'>2</p><p role=p itemprop=p>3</p>"
        "<video id=v><p id=p></p></video><script id=''></script><p id>4</p>",
    ],
)
def test_ids_by_a_table_are_those_of_the_tree(html: str) -> None:
    root = parse(html).root
    for owned in (False, True):
        assert ids_told_apart(Paths(root, walk(root, owned=owned))) == ids_told_apart(Paths(root))


@needs_all
@pytest.mark.parametrize("html", PAGES)
def test_steps_by_a_table_are_those_by_the_tree(html: str) -> None:
    root = parse(html).root
    table = walk(root, owned=True)
    for number, element in enumerate(table.elements):
        paths = Paths(root, table)
        paths.foresee(number)
        for step in (element, *element.iterancestors()):
            known = paths._places.get(step)
            assert known is None or known == Paths(root)._step(step)
        assert number == 0 or paths._places or table.tag[number] == 0
        assert paths.xpath(element) == Paths(root).xpath(element)
        assert paths.css(element) == Paths(root).css(element)


@needs_all
def test_ids_of_trees_that_no_table_has_whole() -> None:
    root = etree.fromstring(
        "<!DOCTYPE a [<!ENTITY e 'v'>]><a id='&e;w'>"
        "<svg><b x:id='3' xmlns:x='urn:x' id='&e;'/></svg><p id='v'>1</p>&e;<p id='v'>2</p></a>",
        etree.XMLParser(resolve_entities=False),
    )
    for table in (walk(root), walk(root, max_blocks=1), walk(root[1])):
        assert ids_told_apart(Paths(root, table)) == ids_told_apart(Paths(root))


@pytest.mark.parametrize("n", [10, 1000])
def test_a_parents_children_are_counted_once(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    root = parse("<ul>" + "<li id=a>x" * n + "</ul>").root
    paths = Paths(root)
    looks = 0
    step = Paths._step

    def counted(self: Paths, element: etree._Element) -> tuple[str, int]:
        nonlocal looks
        looks += element not in self._places
        return step(self, element)

    monkeypatch.setattr(Paths, "_step", counted)
    for element in root.iter("li"):
        paths.css(element)
        paths.xpath(element)
    assert looks == 4  # html, body, ul, and all li at once
