from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from detector.blocks import BlockTable, walk
from detector.document import parse
from detector.markup import render_html
from detector.render import render_text
from detector.tags import local_name

WRITTEN = frozenset(
    "html head meta title body h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd table caption thead tbody "
    "tfoot tr td th blockquote pre figure figcaption article section a abbr b bdi bdo cite code "
    "del dfn em i ins kbd mark q s samp small strong sub sup time u var br".split()
)


def table_of(html: str) -> BlockTable:
    return walk(parse(html).root)


def texts_of(table: BlockTable) -> list[str]:
    return [table.block_text(block) for block in range(len(table))]


def rendered(html: str, blocks: Sequence[int] | None = None) -> str:
    """All of a page, or some of its blocks, as HTML."""
    table = table_of(html)
    return render_html(
        table, range(len(table)) if blocks is None else blocks, title="", language=""
    )


def body(html: str, blocks: Sequence[int] | None = None) -> str:
    """What is written in the body, without the line breaks between its elements."""
    inner = rendered(html, blocks).partition("<body>\n")[2].removesuffix("</body>\n</html>\n")
    return inner.replace(">\n", ">")


def check(html: str) -> None:
    """Nothing but elements of the list, without attributes, but for addresses that can't run."""
    root = lxml.html.document_fromstring(html)
    for element in root.iter():
        assert isinstance(element.tag, str), "a comment or processing instruction"
        assert element.tag in WRITTEN
        allowed = {"a": {"href"}, "html": {"lang"}, "meta": {"charset"}}.get(element.tag, set())
        assert set(element.attrib) <= allowed
        if element.tag == "a" and "href" in element.attrib:
            # As a browser reads it: https://url.spec.whatwg.org/#concept-basic-url-parser
            address = re.sub(
                r"[\t\n\r]", "", element.attrib["href"].strip("".join(map(chr, range(33))))
            )
            scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", address)
            assert not scheme or scheme[1].lower() in ("http", "https", "mailto", "tel")
    assert [dict(meta.attrib) for meta in root.iter("meta")] == [{"charset": "utf-8"}]


STRUCTURE = [
    ("one", "<p>one</p>"),
    ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
    ("<div class=x id=y><p style=z>one</p></div>", "<p>one</p>"),
    ("<h1>one</h1><h3>two</h3><p>three", "<h1>one</h1><h3>two</h3><p>three</p>"),
    ("<ul><li>1<li>2<ol><li>3</ol></ul>", "<ul><li>1</li><li>2<ol><li>3</li></ol></li></ul>"),
    ("<ul><li>1<ul><li>2</ul>3</ul>", "<ul><li>1<ul><li>2</li></ul>3</li></ul>"),
    ("<ul><li>1</ul><ul><li>2</ul>", "<ul><li>1</li></ul><ul><li>2</li></ul>"),
    ("<dl><dt>1<dd>2</dl>", "<dl><dt>1</dt><dd>2</dd></dl>"),
    (
        "<table><caption>1</caption><tr><th>2<td>3<tr><td>4</table>",
        "<table><caption>1</caption><tr><th>2</th><td>3</td></tr><tr><td>4</td></tr></table>",
    ),
    (
        "<article><section>1<p>2</p>3</section></article>",
        "<article><section><p>1</p><p>2</p><p>3</p></section></article>",
    ),
    ("<blockquote>1<p>2</blockquote>", "<blockquote><p>1</p><p>2</p></blockquote>"),
    (
        "<figure><img><figcaption>1</figcaption></figure>",
        "<figure><figcaption>1</figcaption></figure>",
    ),
    ("<pre>one\ntwo<br>three</pre>", "<pre>one\ntwo\nthree</pre>"),
    ("<pre>1<div>2</div></pre>", "<pre>1\n2</pre>"),
    ("<p>one<br>two<br><br>three", "<p>one<br>two<br><br>three</p>"),
    # Several blocks in one element stay apart.
    ("<ul><li><div>1</div><div>2</div></ul>", "<ul><li>1<p>2</p></li></ul>"),
    ("<table><tr><td>1<div>2</div>3</table>", "<table><tr><td>1<p>2</p><p>3</p></td></tr></table>"),
    ("<h2><div>1</div><div>2</div></h2>", "<h2>1<br>2</h2>"),
    ("<p>1<button>2</button>3</p>", "<p>1<br>2<br>3</p>"),
    # Inline markup.
    ("<p>a <b>b <i>c</i></b> d", "<p>a <b>b <i>c</i></b> d</p>"),
    ("<p>a<span class=x> <b>b</b></span>", "<p>a <b>b</b></p>"),
    ("<p><em>a</em><em>b</em></p>", "<p><em>a</em><em>b</em></p>"),
    ("<p><font color=red><u>a</u></font><code>b</code>", "<p><u>a</u><code>b</code></p>"),
    ("<p>a <b> b</b>  c </p>", "<p>a <b>b</b> c</p>"),
    ("<p><b>a<div>b</div>c</b></p>", None),
    # Addresses.
    ("<p><a href=/x?a=1&b=2>a</a>", '<p><a href="/x?a=1&amp;b=2">a</a></p>'),
    ("<p><a href=' https://a.example/b c '>a</a>", '<p><a href="https://a.example/b c">a</a></p>'),
    ("<p><a href='ht\ntps://a.example/\x01\t'>a", '<p><a href="https://a.example/">a</a></p>'),
    ("<p><a href='MAILTO:a@b.example'>a</a>", '<p><a href="MAILTO:a@b.example">a</a></p>'),
    ("<p><a href='#a:b'>a</a>", '<p><a href="#a:b">a</a></p>'),
    ("<p><a href='x/y:z'>a</a>", '<p><a href="x/y:z">a</a></p>'),
    ("<p><a href='//a.example'>a</a>", '<p><a href="//a.example">a</a></p>'),
    ("<p><a href='ftp://a.example'>a</a>", "<p><a>a</a></p>"),
    ("<p><a href=''>a</a> <a>b</a>", "<p><a>a</a> <a>b</a></p>"),
    ("<p>a &lt;b&gt; &amp;amp; c", "<p>a &lt;b&gt; &amp;amp; c</p>"),
    ("<o:p><p>one <o:q>two</o:q></p></o:p>", "<p>one two</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "written"), STRUCTURE)
def test_structure(html: str, written: str | None) -> None:
    check(rendered(html))
    if written is not None:
        assert body(html) == written


def test_only_the_blocks_asked_for() -> None:
    html = "<ul><li>1<li>2<ul><li>3</ul><li>4</ul><section><h2>5</h2><p>6</section>"
    assert body(html, [2, 5]) == (
        "<ul><li><ul><li>3</li></ul></li></ul><section><p>6</p></section>"
    )
    assert body(html, []) == ""


INJECTIONS = [
    "<p>a<script>alert(1)</script><style>b{}</style>b",
    "<p>a<svg onload=alert(1)><script>alert(1)</script><a href='javascript:x'>c</a></svg>b",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;",
    "<pre>&lt;/pre&gt;&lt;img src=x onerror=alert(1)&gt;</pre>",
    "<p>&lt;!-- a --&gt; &lt;![CDATA[ b ]]&gt; &lt;?php c ?&gt;",
    "<textarea></textarea><textarea>&lt;/textarea&gt;<script>alert(1)</script></textarea>",
    "<noscript>&lt;/noscript&gt;<img src=x onerror=alert(1)>a</noscript>",
    "<template><script>alert(1)</script><p onclick=alert(1)>a</p></template>",
    "<p onclick=alert(1) style='background:url(javascript:alert(1))'>a<b onmouseover=x>b</b>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x><p>a</object><p>b",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>a</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'><base href=//x><p>a",
    "<link rel=stylesheet href=x><p>a",
    "<math><mtext><p>a<style>b</style></math>",
    "<p><a href=\"x' onclick='alert(1)\">a</a>",
    "<p><a href='x\" onclick=\"alert(1)'>a</a>",
    "<p><a href='x\"><script>alert(1)</script>'>a</a>",
    "<p><a href=x onclick=alert(1) target=_blank style=x>a</a>",
    "<p><a xlink:href=javascript:alert(1)>a</a>",
    "<p><script/x>alert(1)</script/x>a",
    '<p><script"x>alert(1)</script"x>a',
    "<o:script><p>a</o:script>",
]

ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "\ufeffjavascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\r\nscript:alert(1)",
    "javascript\n:alert(1)",
    "\x01javascript:alert(1)",
    "\x1f \x0cjavascript:alert(1)",
    "java\x00script:alert(1)",
    "java\u2028script:alert(1)",
    "java\u00adscript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61vascript:alert(1)",
    "jav&Tab;ascript:alert(1)",
    "jav&NewLine;ascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:,a/b?c#d",
    "blob:https://a.example/1",
    "filesystem:https://a.example/1",
    "view-source:https://a.example",
    "about:blank",
    "file:///etc/passwd",
    "livescript:x",
    "mocha:x",
    "jar:https://a.example!/x",
    "x:y/z",
    ":javascript:alert(1)",
    "httpsx:alert(1)",
]


@pytest.mark.parametrize("html", INJECTIONS)
def test_nothing_runs(html: str) -> None:
    written = rendered(html)
    check(written)
    assert "alert(1)</script" not in written
    # It is the same to a parser that follows the standard: every "<" of a text is escaped.
    inner = written.partition("<body>")[2]
    assert not set(re.findall(r"</?([^\s>/]*)", inner)) - WRITTEN


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_are_not_followed(address: str) -> None:
    html = f"<p><a href='{address}'>text</a>"
    written = rendered(html)
    check(written)
    assert "href" not in written
    assert ">text</a>" in written


@given(
    st.text(st.sampled_from("javscript:dataJ \t\n\x01\x0c/?#&;\u00a0\ufeff\u200b%\\"), max_size=24)
)
def test_any_address(address: str) -> None:
    check(rendered(f'<p><a href="{escape(address)}">text</a>'))


NASTY = ["", "one", "</title><script>alert(1)</script>", '" onload="x', "<!--", "a & b", "\u2028"]


@pytest.mark.parametrize("title", NASTY)
@pytest.mark.parametrize("language", NASTY)
def test_titles_and_languages(title: str, language: str) -> None:
    table = table_of("<p>one")
    written = render_html(table, [0], title=title, language=language)
    check(written)
    root = lxml.html.document_fromstring(written)
    assert (root.findtext(".//title") or "") == title
    assert root.get("lang", "") == language


def test_a_whole_document() -> None:
    table = table_of("<p>one <b>two</b>")
    assert render_html(table, [0], title="A < B", language="en") == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<title>A &lt; B</title>\n</head>\n<body>\n<p>one <b>two</b></p>\n</body>\n</html>\n"
    )


def test_text() -> None:
    table = table_of("<h1>one</h1><p>two<br>three</p><p>\u200b</p><ul><li>four")
    assert render_text(table, [0, 1, 3]) == "one\n\ntwo\nthree\n\nfour"
    assert render_text(table, []) == ""


# --- any page -------------------------------------------------------------------------------------

TAGS_DRAWN = (
    "div p ul li dl dd table tr td h2 pre section blockquote figure article a b em span o:p br "
    "button select option script svg textarea noscript center".split()
)
TEXTS = st.sampled_from(
    ["", " ", "\n", "one", " two ", "a<b", "&amp;", "文字", '"', "\xa0", "x\ny"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    name = draw(st.sampled_from(TAGS_DRAWN))
    inner = [escape(draw(TEXTS))]
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        inner += [draw(elements(depth - 1)), escape(draw(TEXTS))]
    return f"<{name} href='x' onclick=y>{''.join(inner)}</{name}>"


def words(texts: list[str]) -> list[str]:
    return " ".join(texts).split()


@given(elements(), st.integers(1, 3))
def test_the_text_of_any_blocks_is_kept(html: str, step: int) -> None:
    table = table_of(html)
    for first in range(step):
        blocks = range(first, len(table), step)
        written = render_html(table, blocks, title="", language="")
        check(written)
        again = table_of(written)
        assert words(texts_of(again)) == words([table.block_text(block) for block in blocks])
        # Tags are balanced: each is closed where it was opened.
        inner = written.partition("<body>\n")[2].removesuffix("</body>\n</html>\n")
        etree.fromstring(f"<x>{inner.replace('<br>', '')}</x>")


@pytest.mark.parametrize("n", [10, 1000])
def test_each_element_is_opened_once(n: int) -> None:
    html = "<section>" * 50 + "<ul>" + "<li><b>1</b><div>2</div>" * n
    written = rendered(html)
    for name, times in (("section", 50), ("ul", 1), ("li", n), ("b", n), ("p", n)):
        assert written.count(f"<{name}>") == written.count(f"</{name}>") == times


def test_local_names() -> None:
    assert local_name(etree.Element("p")) == "p"
    assert local_name(etree.Element("{http://www.w3.org/1999/xhtml}p")) == "p"
    office = lxml.html.fragment_fromstring("<div><o:p>a</o:p><a}b>c</a}b></div>")
    assert [local_name(element) for element in office] == ["o:p", "a}b"]
