from __future__ import annotations

import codecs
import gzip
import re
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from detector.blocks import walk
from detector.document import Document, parse

META = b'<meta charset="windows-1251">'


def texts(document: Document) -> list[str]:
    table = walk(document.root)
    return [table.block_text(block) for block in range(len(table))]


def codes(document: Document) -> list[str]:
    return [warning.code for warning in document.warnings]


# What crawlers bring: name, input, texts of the blocks, codes of the warnings.
PAGES = [
    ("a page", b"<html><body><p>one<p>two</body></html>", ["one", "two"], []),
    ("no tag at all", b"just text", ["just text"], []),
    ("empty", b"", [], ["empty"]),
    ("white space", b" \n\t ", [], ["empty"]),
    ("NULs only", b"\0" * 1000, [], ["empty"]),
    ("NULs in words", b"<p>o\0ne</p>\0", ["one"], []),
    ("a comment only", b"<!-- one -->", [], ["empty"]),
    ("a doctype only", b"<!DOCTYPE html>", [], ["empty"]),
    ("a mark only", codecs.BOM_UTF8, [], ["empty"]),
    ("a PDF", b"%PDF-1.7\n<p>one</p>", [], ["not_html"]),
    ("a PNG", b"\x89PNG\r\n\x1a\n<p>one</p>", [], ["not_html"]),
    ("a ZIP", b"PK\x03\x04<p>one</p>", [], ["not_html"]),
    ("gzip", gzip.compress(b"<p>one</p>", mtime=0), [], ["not_html"]),
    ("cut in a tag", b"<p>one</p><div class='a", ["one"], []),
    ("cut in a comment", b"<p>one</p><!-- two", ["one"], []),
    ("cut in a script", b"<p>one</p><script>var two = '", ["one"], []),
    ("several ends", b"<p>1</body></html><p>2</html>three</BODY >four", ["1", "2threefour"], []),
    ("an end in front", b"</html></body><p>one</p>", ["one"], []),
    ("ends after all", b"<p>one</body>\n</html> </body>", ["one"], []),
    ("several bodies", b"<body><p>1</p><body><p>2</p><html><p>3", ["1", "2", "3"], []),
    ("two doctypes", b"<!DOCTYPE html><p>one</p><!DOCTYPE html><p>two</p>", ["one", "two"], []),
    ("ends without starts", b"</p></div>one</span></td>", ["one"], []),
    ("crossed tags", b"<p><b>one<i>two</b>three</i></p>", ["onetwothree"], []),
    ("a frameset", b"<frameset><frame src=a></frameset>", [], []),
    ("entities without an end", b"<p>a &amp b &lt c &what; d", ["a & b < c &what; d"], []),
    ("a character reference to nothing", b"<p>a&#0;b&#xD800;c</p>", None, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "blocks", "warnings"), [row[1:] for row in PAGES], ids=[row[0] for row in PAGES]
)
def test_pages_as_they_come(html: bytes, blocks: list[str] | None, warnings: list[str]) -> None:
    document = parse(html)
    assert document.root.tag == "html"
    assert codes(document) == warnings
    if blocks is not None:
        assert texts(document) == blocks


def test_encoding_of_bytes() -> None:
    cyrillic = "<p>Привет</p>"
    declared = parse(META + cyrillic.encode("cp1251"))
    assert (declared.encoding, texts(declared)) == ("cp1251", ["Привет"])
    named = parse(META + cyrillic.encode("koi8-r"), encoding="KOI8-R")
    assert (named.encoding, texts(named), named.warnings) == ("koi8_r", ["Привет"], ())
    marked = parse(codecs.BOM_UTF16_LE + cyrillic.encode("utf-16-le"), encoding="koi8-r")
    assert (marked.encoding, texts(marked)) == ("utf-16-le", ["Привет"])


def test_a_late_declaration_does_not_undo_the_decoding() -> None:
    page = "<p>Füße</p>" + " " * 10_000 + '<meta charset="windows-1251"><p>Füße</p>'
    assert texts(parse(page.encode())) == ["Füße", "Füße"]


def test_unknown_encoding_is_warned_of() -> None:
    document = parse("<p>Füße</p>".encode(), encoding="utf-9")
    assert codes(document) == ["unknown_encoding"]
    assert "utf-9" in document.warnings[0].message
    assert (document.encoding, texts(document)) == ("utf-8", ["Füße"])


def test_text_is_not_decoded() -> None:
    document = parse('<meta charset="koi8-r"><p>Füße 😀</p>', url="https://example.org/")
    assert (document.encoding, document.url) == (None, "https://example.org/")
    assert texts(document) == ["Füße 😀"]


def test_lone_surrogates_in_text() -> None:
    assert texts(parse("<p>one \ud800 two</p>")) == ["one ? two"]


@pytest.mark.parametrize("wrap", [bytearray, memoryview])
def test_other_bytes(wrap: type[bytearray] | type[memoryview]) -> None:
    assert texts(parse(wrap(b"<p>one</p>"))) == ["one"]


def test_cut_at_max_bytes() -> None:
    page = "<p>one</p><p>two</p>"
    for html in (page, page.encode()):
        cut = parse(html, max_bytes=14)
        assert texts(cut) == ["one", "t"]
        assert codes(cut) == ["truncated"]
        assert codes(parse(html, max_bytes=len(page))) == []
    assert "20 bytes" in parse(page.encode(), max_bytes=14).warnings[0].message
    assert "20 characters" in parse(page, max_bytes=14).warnings[0].message


@pytest.mark.parametrize(
    "tags",
    [
        ("<div>", "</div>"),
        ("<div>", ""),
        ("<DIV class='a'>", "</DIV>"),
        ("<b><font size=1>", ""),
        ("<ul><li>", "</ul>"),
        ("<table><tr><td>", "</table>"),
        ("<h1>", "</h1>"),
        ("<h2><h3 id=a>", ""),
        ("<my-element>", ""),
    ],
)
def test_deep_nesting_loses_no_text(tags: tuple[str, str]) -> None:
    start, end = tags
    page = f"<p>before</p>{start * 100_000}<p>bottom</p>{end * 100_000}<p>after</p>"
    document = parse(page)
    assert codes(document) == ["too_deep"]
    assert " ".join(texts(document)).split() == ["before", "bottom", "after"]


def test_nesting_that_libxml2_reads_is_kept() -> None:
    document = parse("<div>" * 1000 + "one" + "</div>" * 1000 + "two")
    assert document.warnings == ()
    table = walk(document.root)
    assert table.depth.max() == 1001
    assert texts(document) == ["one", "two"]


def test_long_texts_and_attributes() -> None:
    text = "word " * 3_000_000  # libxml2 stops at 10 MB, unless told otherwise
    document = parse(f"<p title='{text}'>{text}</p><p>end</p>")
    table = walk(document.root)
    assert document.warnings == ()
    assert [len(table.block_text(block)) for block in range(2)] == [len(text) - 1, 3]


PAGE = """<!DOCTYPE html><!-- a --><html lang="en" class="x"><head><title>t</title></head>
<body><p>one <b>two</b> three<!-- c --></p><script>x</script><p>four</p></body></html>"""


def test_trees_are_used_as_they_are() -> None:
    tree = lxml.html.document_fromstring(PAGE).getroottree()
    before = etree.tostring(tree)
    for html in (tree, tree.getroot()):
        document = parse(html, url="https://example.org/")
        assert document.root is tree.getroot()
        assert (document.url, document.encoding, document.warnings) == (
            "https://example.org/",
            None,
            (),
        )
        assert texts(document) == ["one two three", "four"]
    assert etree.tostring(tree) == before


def test_subtree_is_the_whole_page() -> None:
    body = lxml.html.document_fromstring("<div id=a><p>one</p></div>two")
    (part,) = body.xpath("//div")
    assert texts(parse(part)) == ["one"]


@pytest.mark.parametrize("html", [None, 7, ["<p>"], object(), etree.Comment("a")])
def test_other_types(html: object) -> None:
    with pytest.raises(TypeError, match=r"html must be .*element"):
        parse(html)


def test_a_path_is_no_page() -> None:
    with pytest.raises(TypeError, match=r"bytes, str or an lxml element, not \w*Path; read a file"):
        parse(Path("page.html"))


@pytest.mark.parametrize("name", ["url", "encoding"])
def test_other_types_of_options(name: str) -> None:
    options: dict[str, object] = {name: b"utf-8"}
    with pytest.raises(TypeError, match=rf"{name} must be a str or None, not bytes"):
        parse(b"<p>one</p>", **options)  # type: ignore[arg-type]


@given(st.binary(max_size=300))
def test_any_bytes_give_a_document(data: bytes) -> None:
    document = parse(data)
    assert isinstance(document.root.tag, str)
    texts(document)


PIECES = st.sampled_from(
    "<p> </p> <div> </div> <table> <td> <select> <option> </html> </body> <head> <body> <svg> "
    "<script> </script> <!-- --> <title> <textarea> <br> <o:p> </o:p> <template> & &amp; \0 word "
    "<a <a href=' ' \" <![CDATA[ ]]> <?x ?> <!DOCTYPE < > ü 文 \r\n".split(" ")
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_soup_gives_a_document(html: str) -> None:
    assert texts(parse(html)) == texts(parse(html.encode(), encoding="utf-8"))


@given(st.integers(PAGE.index("<p>"), len(PAGE)))
def test_a_page_cut_anywhere(length: int) -> None:
    words = re.findall(r"\w+", " ".join(texts(parse(PAGE[:length]))))
    whole = ["one", "two", "three", "four"]
    assert all(full.startswith(word) for full, word in zip(whole, words, strict=False))


def test_what_is_quoted_is_no_end_tag() -> None:
    root = parse(b"<p title='</body>'>one</body><p data-x=a?b='c title='</html>'>two").root
    assert [p.get("title") for p in root.iter("p")] == ["</body>", "</html>"]
