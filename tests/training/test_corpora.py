from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from training.corpora import (
    SETS,
    CorpusError,
    cache_root,
    held_out_sites,
    read_corpus,
    training_pages,
    url_key,
)
from training.corpora.page import declared_language, read_bytes, sha256
from training.corpora.waddle import reference_text
from training.corpora.wcxb import canonical_url

PAGE = b"<html lang=en><p>text</p></html>"


def put(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = data.encode("utf-8") if isinstance(data, str) else data
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


def add_wcxb(cache: Path, name: str, html: bytes, url: str, gold: str | None = "text") -> None:
    truth: dict[str, object] = {"title": "t", "with": ["text"], "without": ["menu"]}
    if gold is not None:
        truth["main_content"] = gold
    record: dict[str, object] = {
        "_internal": {"page_type": {"primary": "forum"}},
        "ground_truth": truth,
    }
    if url:
        record["url"] = url
    put(cache / f"wcxb/dev/html/{name}.html.gz", html)
    put(cache / f"wcxb/dev/ground-truth/{name}.json", json.dumps(record))


def add_aeb(cache: Path, pages: dict[str, tuple[bytes | None, str]]) -> None:
    gold = {name: {"articleBody": "body", "url": url} for name, (_, url) in pages.items()}
    put(cache / "aeb/ground-truth.json", json.dumps(gold))
    for name, (html, _) in pages.items():
        if html is not None:
            put(cache / f"aeb/html/{name}.html.gz", html)


def add_traf(cache: Path, pages: dict[str, str], html: Callable[[str], bytes | None]) -> None:
    records = {k: {"file": f, "with": ["a"], "without": ["b", "c"]} for k, f in pages.items()}
    put(cache / "traf/tests/evaldata.json", json.dumps(records))
    for i, file in enumerate(pages.values()):
        data = html(file)
        if data is not None:
            put(cache / f"traf/tests/{'eval' if i % 2 else 'cache'}/{file}", data)


def test_wcxb(tmp_path: Path) -> None:
    add_wcxb(tmp_path, "0002", PAGE, "https://forum.example.co.uk/t/1")
    add_wcxb(tmp_path, "0001", b"<html><p>hi", "", gold=None)
    canonical = b'<link href="https://shop.example.com/x" rel="canonical"/>'
    add_wcxb(tmp_path, "0003", canonical, "", gold="")
    first, second, third = read_corpus("wcxb", tmp_path)
    assert (first.id, first.url, first.site) == ("wcxb/0001", None, "wcxb-0001.invalid")
    assert (first.lang, first.gold) == ("en", None)
    assert (second.id, second.set, second.site) == ("wcxb/0002", "wcxb", "example.co.uk")
    assert (second.html, second.sha256) == (PAGE, sha256(PAGE))
    assert (second.page_type, second.gold) == ("forum", "text")
    assert (second.with_, second.without) == (("text",), ("menu",))
    assert (third.url, third.site, third.gold) == ("https://shop.example.com/x", "example.com", "")


def test_aeb_skips_pages_without_html(tmp_path: Path) -> None:
    add_aeb(tmp_path, {"b": (PAGE, "https://a.example/1"), "a": (None, "https://b.example/2")})
    (page,) = read_corpus("aeb", tmp_path)
    assert (page.id, page.gold, page.page_type) == ("aeb/b", "body", "article")
    assert (page.url, page.site) == ("https://a.example/1", "a.example")


def test_traf(tmp_path: Path) -> None:
    names = {
        "https://www.zoo.example/a": "z.html",
        "xhttps://www.example.de/b": "y.html",
        "hard::example.fr.news.html": "example.fr.news.html",
        "https://gone.example/": "gone.html",
    }
    add_traf(tmp_path, names, lambda f: None if f == "gone.html" else f"<html>{f}".encode())
    labelled, odd, plain = read_corpus("traf", tmp_path)
    assert (labelled.id, labelled.url) == ("traf/example.fr.news.html", None)
    assert (labelled.site, labelled.lang, labelled.gold) == ("example.fr", "und", None)
    assert (odd.url, odd.site) == ("https://www.example.de/b", "example.de")
    assert (plain.url, plain.with_, plain.without) == (
        "https://www.zoo.example/a", ("a",), ("b", "c"),
    )  # fmt: skip


def test_waddle(tmp_path: Path) -> None:
    folder = tmp_path / "waddle/corpora/Corpus_daniel_v2.1"
    name = "20120101_news.example.gr_00ff"
    put(folder / "html" / name, "<html>α".encode("iso-8859-7"))
    put(folder / "reference" / name, "<p>Α &amp; Β</p>\n<p>Γ</p>\n")
    put(folder / "reference/20120101_unused.example_11", "<p>x</p>")
    put(folder / "doc_lg.json", json.dumps({name: "Greek"}))
    (page,) = read_corpus("waddle", tmp_path)
    assert (page.id, page.url, page.site) == (
        f"waddle/{name}", "http://news.example.gr/", "example.gr",
    )  # fmt: skip
    assert (page.lang, page.gold, page.page_type) == ("el", "Α & Β\n\nΓ", "article")
    assert page.html == "<html>α".encode("iso-8859-7")
    put(folder / "doc_lg.json", json.dumps({name: "Klingon"}))
    with pytest.raises(CorpusError, match=name):
        list(read_corpus("waddle", tmp_path))


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("loose\n<p>b", "loose\n\nb"),
        ("<p>a</p>\n,p>b</p>\n", "a\n\nb"),
        ("<p>1 &lt; 2 &#x20AC;</p>", "1 < 2 €"),
        ("", ""),
    ],
)
def test_reference_text(marked: str, text: str) -> None:
    assert reference_text(marked) == text


def test_zh(tmp_path: Path) -> None:
    for folder, number in (("qq", 12), ("cjw", 2)):
        put(tmp_path / f"zh/source_html/{folder}/{number}.html", "<p>正文")
        put(tmp_path / f"zh/label_content/{folder}/{number}.txt", "\ufeff正文")
    first, second = read_corpus("zh", tmp_path)
    assert (first.id, first.site, first.lang) == ("zh/cjw/2", "caijing.com.cn", "zh")
    assert (second.id, second.site, second.gold) == ("zh/qq/12", "qq.com", "正文")


def test_training_pages_leave_out_held_out_bytes_and_addresses(tmp_path: Path) -> None:
    add_aeb(tmp_path, {"a": (b"<p>aeb", "https://www.news.example/story/")})
    add_traf(tmp_path, {"https://blog.example/1": "1.html"}, lambda _: b"<p>traf")
    add_wcxb(tmp_path, "0001", b"<p>traf", "https://copy.example/")
    add_wcxb(tmp_path, "0002", b"<p>other", "http://news.example/story#top")
    add_wcxb(tmp_path, "0003", b"<p>mine", "https://news.example/another")
    add_wcxb(tmp_path, "0004", b"<p>no gold", "https://x.example/", gold=None)
    assert [page.id for page in training_pages(["wcxb"], tmp_path)] == ["wcxb/0003"]
    assert held_out_sites(tmp_path) == {"news.example", "blog.example"}
    with pytest.raises(CorpusError, match="'aeb' is not a set to train on"):
        training_pages(["wcxb", "aeb"], tmp_path)


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"run: python -m training\.fetch wcxb"):
        list(read_corpus("wcxb", tmp_path))
    with pytest.raises(CorpusError, match="no page set is named 'nonsense'"):
        list(read_corpus("nonsense", tmp_path))
    put(tmp_path / "aeb/ground-truth.json", "{")
    with pytest.raises(CorpusError, match="is not JSON"):
        list(read_corpus("aeb", tmp_path))
    add_wcxb(tmp_path, "0001", PAGE, "https://a.example/")
    (tmp_path / "wcxb/dev/ground-truth/0001.json").write_text("{}")
    with pytest.raises(CorpusError, match="does not have the form of wcxb: KeyError"):
        list(read_corpus("wcxb", tmp_path))


def test_broken_gzip(tmp_path: Path) -> None:
    for data in (b"no gzip", gzip.compress(b"x" * 1000)[:-9]):
        (tmp_path / "a.gz").write_bytes(data)
        with pytest.raises(CorpusError, match=r"cannot read .*a\.gz"):
            read_bytes(tmp_path / "a.gz")


def test_cache_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DETECTOR_CACHE", raising=False)
    assert cache_root().parts[-2:] == ("datasets", ".cache")
    monkeypatch.setenv("DETECTOR_CACHE", "elsewhere")
    assert cache_root() == Path("elsewhere")
    assert cache_root(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("html", "lang"),
    [
        (b'<!doctype html><html class="a" lang="pt-BR">', "pt"),
        (b"<HTML LANG=DE>", "de"),
        (b"<html xml:lang='el' xmlns='x'>", "el"),
        (b'<html data-lang="xx">', "und"),
        (b'<html lang="">', "und"),
        (b'<html lang="english">', "und"),
        (b'<html><body lang="fr">', "und"),
        (b"", "und"),
    ],
)
def test_declared_language(html: bytes, lang: str) -> None:
    assert declared_language(html, "und") == lang


def test_canonical_url() -> None:
    assert canonical_url(b'<link rel="stylesheet" href="https://a.example/s.css">') is None
    assert canonical_url(b'<link rel="canonical" href="/relative">') is None
    tag = b'<meta property="og:url" content="https://a.example/p"/>'
    assert canonical_url(b"<link rel=canonical href='/x'>" + tag) == "https://a.example/p"


def test_url_key() -> None:
    assert url_key("http://WWW.a.example/b/") == url_key("https://a.example/b#c")
    assert url_key("https://a.example/b?q=1") != url_key("https://a.example/b?q=2")


REAL = cache_root()
real_sets = pytest.mark.skipif(
    not all((REAL / name).is_dir() for name in SETS),
    reason=f"the page sets are not in {REAL}; run: python -m training.fetch",
)


@real_sets
@pytest.mark.parametrize(
    ("name", "pages", "sites"),
    [
        ("aeb", 181, 126),
        ("traf", 479, 438),
        ("waddle", 705, 240),
        ("wcxb", 1497, 1236),
        ("zh", 512, 5),
    ],
)
def test_real_sets(name: str, pages: int, sites: int) -> None:
    found = list(read_corpus(name))
    assert (len(found), len({page.site for page in found})) == (pages, sites)
    assert [page.id for page in found] == sorted({page.id for page in found})
    assert all(page.html and page.site and page.id.startswith(f"{name}/") for page in found)


@real_sets
def test_real_training_pages_with_equal_bytes_share_a_site() -> None:
    site_of: dict[str, str] = {}
    for page in training_pages():
        assert site_of.setdefault(page.sha256, page.site) == page.site


LABELS = Path(__file__).parents[3] / "shared" / "consent" / "labels.jsonl"


@real_sets
@pytest.mark.skipif(not LABELS.is_file(), reason="needs ../shared beside the checkout")
def test_real_pages_are_those_of_the_consent_labels() -> None:
    pages = {page.id: page for name in SETS for page in read_corpus(name)}
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    for label in labels:
        page = pages.get(label["page"].replace("wcxb-dev/", "wcxb/"))
        if page is not None:
            assert (page.sha256, page.site) == (label["sha256"], label["site"])
