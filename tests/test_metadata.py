from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from detector.document import parse
from detector.metadata import MAX_JSON_LD, Metadata, read_metadata

EMPTY = Metadata("", "", "", "", "", "", frozenset())


def read(html: str, url: str | None = None) -> Metadata:
    return read_metadata(parse(html).root, url)


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


ROWS: list[tuple[str, str, object]] = [
    ("<p>one", "title", ""),
    ("<title> one\n  two </title>", "title", "one two"),
    ("<title></title><title>one</title><title>two</title>", "title", "one"),
    ("<p>one<title>two</title>", "title", "two"),
    ("<title>one</title><svg><title>two</title></svg>", "title", "one"),
    ("<title>&lt;b&gt; &amp; &quot;</title>", "title", '<b> & "'),
    ("<meta property=og:title content=' one '>", "og_title", "one"),
    ("<meta name=OG:Title content=one>", "og_title", "one"),
    ("<meta property=og:title content=one><meta property=og:title content=two>", "og_title", "one"),
    ("<meta property=og:title>", "og_title", ""),
    ("<meta property=og:type content=Article>", "og_type", "article"),
    ("<meta name=generator content='WordPress 6.4'>", "generator", "wordpress 6.4"),
    ("<meta content=one>", "og_title", ""),
    ("<link rel=canonical href=' https://a.example/x '>", "address", "https://a.example/x"),
    ("<link rel=CANONICAL href=/x><link rel=canonical href=/y>", "address", "/x"),
    ("<meta property=og:url content=/z>", "address", "/z"),
    ("<meta property=og:url content=/z><link rel=canonical href=/x>", "address", "/x"),
    ("<link rel=alternate href=/x>", "address", ""),
    ("<html lang=' pt-BR '><p>", "language", "pt-br"),
    ("<html xml:lang=de><p>", "language", ""),
    ("<p lang=fr>one", "language", ""),
    (json_ld('{"@type": "NewsArticle"}'), "schema_types", {"newsarticle"}),
    (json_ld('{"@type":["Product","Thing"]}'), "schema_types", {"product"}),
    (json_ld('{"@type": "https://schema.org/QAPage"}'), "schema_types", {"qapage"}),
    (json_ld('[{"@type":"A1"},{"@type" : "Offer"},{"@type":"Ab"}]'), "schema_types", {"offer"}),
    (json_ld("not json at all"), "schema_types", set()),
    ("<p>one" + json_ld('{"@type":"Event"}'), "schema_types", {"event"}),
    ('<script>{"@type": "Event"}</script>', "schema_types", set()),
    (json_ld(" " * MAX_JSON_LD + '{"@type":"Event"}'), "schema_types", set()),
]


@pytest.mark.parametrize(("html", "name", "value"), ROWS)
def test_facts(html: str, name: str, value: object) -> None:
    assert getattr(read(html), name) == value


def test_a_page_that_says_nothing() -> None:
    assert read("<p>one") == read("") == EMPTY


def test_the_callers_address_comes_first() -> None:
    metadata = read("<link rel=canonical href=/x>", "https://a.example/Blog//2024/One-Two/?q=/y#/z")
    assert metadata.address == "https://a.example/Blog//2024/One-Two/?q=/y#/z"
    assert metadata.path_parts == ("blog", "2024", "one-two")


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("", ()),
        ("https://a.example", ()),
        ("https://a.example/", ()),
        ("/x/y.html", ("x", "y.html")),
        ("x", ("x",)),
        ("https://[broken/x", ()),
        ("https://a.example:port/x", ("x",)),
        ("https://a.example/%D1%8F/я", ("%d1%8f", "я")),
    ],
)
def test_path_parts(address: str, parts: tuple[str, ...]) -> None:
    assert read("<p>", address).path_parts == parts


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*"/:?#@[]a.-9 \t\n\x01\x7f\xa0é", "https://", "/b/C"]), max_size=9),
)
def test_path_parts_of_any_address(pieces: list[str]) -> None:
    """Plain ones are read without `urlsplit`, and as it reads them."""
    for address in ("".join(pieces), "http://a.example:80" + "".join(pieces)):
        try:
            path = urlsplit(address).path
        except ValueError:
            path = ""
        parts = tuple(part for part in path.lower().split("/") if part)
        assert read("<p>", address).path_parts == parts


def test_trees_in_a_namespace() -> None:
    root = etree.fromstring(
        """<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><head><title>one</title>
        <meta property="og:type" content="Article"/><link rel="canonical" href="/x"/>
        <script type="application/ld+json">{"@type": "Event"}</script></head></html>"""
    )
    assert read_metadata(root, None) == Metadata(
        "one", "", "article", "", "/x", "de", frozenset({"event"})
    )


@given(st.text(), st.text())
def test_any_strings(address: str, content: str) -> None:
    root = etree.fromstring("<html><meta name='og:url'/><title/></html>")
    legal = "".join(char for char in content if char.isprintable() and char < "\ufffe")
    root[0].set("content", legal)
    root[1].text = legal
    assert isinstance(read_metadata(root, address).path_parts, tuple)
    assert read_metadata(root, None).address == legal.strip()
    assert read_metadata(root, None).title == " ".join(legal.split())
