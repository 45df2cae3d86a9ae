"""`detect_text`: what it returns for any text, and how it cleans extracted articles.

The articles were written for these tests: `text_articles/`, a paragraph a line, each with promo
lines, "read also" lines and a vendor's consent text in it. A line starts with what it is: `+`
content, `-` boilerplate, `!` consent UI.
"""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detector
from detector import Detector, Page
from detector.text.blocks import split_blocks
from training.own import OwnPage

MARKS: Final = {"+": "content", "-": "boilerplate", "!": "consent"}

FOLDER: Final = Path(__file__).parent / "text_articles"
ARTICLES: Final = tuple(path.stem for path in sorted(FOLDER.glob("*.txt")))


def parts_of(name: str) -> tuple[list[str], list[str]]:
    """The blocks of an article, and their labels."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return [line[2:] for line in lines], [MARKS[line[0]] for line in lines]


@pytest.mark.parametrize("gap", ["\n\n", "\n"], ids=["paragraphs", "lines"])
@pytest.mark.parametrize("name", ARTICLES)
def test_an_extracted_article_is_cleaned(shipped: Detector, name: str, gap: str) -> None:
    texts, labels = parts_of(name)
    page = shipped.detect_text(gap.join(texts))
    assert [block.text for block in page.blocks] == texts
    content = [text for text, label in zip(texts, labels, strict=True) if label == "content"]
    assert page.text.split(gap) == content


@pytest.mark.parametrize("name", ARTICLES)
def test_the_consent_text_is_one_banner(shipped: Detector, name: str) -> None:
    texts, labels = parts_of(name)
    consent = [text for text, label in zip(texts, labels, strict=True) if label == "consent"]
    (banner,) = shipped.detect_text("\n\n".join(texts)).banners
    # Its heading may be boilerplate: it may say no more than "We care".
    assert banner.text in ("\n".join(consent), "\n".join(consent[1:]))
    assert banner.language == name[:2]


ABOUT_COOKIES: Final = (
    "de-documentation-cookies-setzen",
    "en-article-biscuit-recipe",
    "en-article-cookie-law",
    "en-documentation-set-cookie",
    "hu-article-suti",
)


@pytest.mark.parametrize("name", ABOUT_COOKIES)
def test_texts_about_cookies_are_not_taken_for_consent(
    shipped: Detector, own: dict[str, OwnPage], name: str
) -> None:
    content = [text for label, text in own[name].blocks if label == "content"]
    page = shipped.detect_text("\n\n".join(content))
    assert page.banners == ()
    assert len(page.text.split()) > 0.95 * sum(len(text.split()) for text in content)


WALL = (
    "We value your privacy\n\nWe and our partners use cookies to choose adverts. "
    "You may accept or refuse.\n\nAccept all\n\nReject all\n\nCookie settings"
)


def article(name: str = "fr-pont") -> str:
    return "\n\n".join(parts_of(name)[0])


def test_a_text_gives_a_page(shipped: Detector) -> None:
    page = shipped.detect_text(article())
    assert isinstance(page, Page)
    assert (page.title, page.url, page.encoding, page.language) == ("", None, None, "")
    assert page.warnings == ()
    assert page.cmps == ()
    assert not page.is_consent_wall
    assert [block.text for block in page.blocks] == parts_of("fr-pont")[0]
    for block in page.blocks:
        assert (block.tag, block.xpath, block.css) == ("", "", "")
        assert 0 <= block.probability <= 1
    kept = [block.text for block in page.blocks if block.label == "content"]
    assert page.text == "\n\n".join(kept)


def test_the_module_function_uses_the_shipped_bundle(shipped: Detector) -> None:
    assert detector.detect_text(article()).to_dict() == shipped.detect_text(article()).to_dict()


def test_the_consent_passage_is_a_banner(shipped: Detector) -> None:
    page = shipped.detect_text(article())
    (banner,) = page.banners
    assert page.banner is banner
    assert banner.text.endswith("Tout AccepterTout refuserParamétrer vos choix")
    assert (banner.kind, banner.language, banner.cmp) == ("banner", "fr", None)
    assert (banner.xpath, banner.css, banner.buttons) == ("", "", ())
    assert banner.visible
    assert banner.probability > 0.5
    assert banner.preferred("reject") is None


def test_nothing_but_consent_is_a_wall(shipped: Detector) -> None:
    page = shipped.detect_text(WALL)
    assert page.is_consent_wall
    assert [banner.kind for banner in page.banners] == ["wall"]
    assert page.text == ""


def test_html_holds_the_content_alone_and_escapes_it(shipped: Detector) -> None:
    text = article("en-orchard").replace("four-acre", "<b>four</b> & acre")
    out = shipped.detect_text(text).html()
    paragraphs = re.findall(r"<p>(.*?)</p>", out)
    assert "&lt;b&gt;four&lt;/b&gt; &amp; acre" in out
    assert len(paragraphs) == parts_of("en-orchard")[1].count("content")
    assert out.startswith("<!DOCTYPE html>")


def test_a_page_is_json_and_can_be_pickled(shipped: Detector) -> None:
    page = shipped.detect_text(article())
    record = page.to_dict()
    again = pickle.loads(pickle.dumps(page))
    assert json.loads(json.dumps(record)) == again.to_dict()
    assert set(record) == set(shipped.detect(b"<p>A lake froze.").to_dict())
    assert record["banners"][0]["kind"] == "banner"


@pytest.mark.parametrize("text", [b"A lake.", None, 7, ["A lake."]])
def test_only_str_is_a_text(shipped: Detector, text: object) -> None:
    with pytest.raises(TypeError, match="text must be a str, not"):
        shipped.detect_text(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", " \n\n", "***\n—", "\0\0"])
def test_a_text_without_words_is_an_empty_page(shipped: Detector, text: str) -> None:
    page = shipped.detect_text(text)
    assert (page.text, page.blocks, page.banners) == ("", (), ())
    assert [warning.code for warning in page.warnings] == ["empty"]
    assert not page.is_consent_wall
    assert "<body>\n</body>" in page.html()


def test_nuls_and_lone_surrogates_do_no_harm(shipped: Detector) -> None:
    page = shipped.detect_text("A lake fr\0oze \ud800 in one night.")
    assert page.blocks[0].text == "A lake froze ? in one night."


def test_what_was_cut_is_said(shipped: Detector) -> None:
    small = Detector(max_bytes=40, max_blocks=3)
    cut = small.detect_text("word " * 20)
    assert [warning.code for warning in cut.warnings] == ["truncated"]
    assert cut.blocks[0].text == ("word " * 8).strip()
    many = small.detect_text("a\nb\nc\nd")
    assert [warning.code for warning in many.warnings] == ["too_many_blocks"]
    assert [block.text for block in many.blocks] == ["a", "b", "c"]
    assert shipped.detect_text("a\nb\nc").warnings == ()


@pytest.mark.parametrize("text", ["word " * 200_000, "word\n" * 60_000, "字" * 300_000])
def test_long_texts_are_read_whole(shipped: Detector, text: str) -> None:
    page = shipped.detect_text(text)
    limit = shipped.max_blocks
    assert len(page.blocks) == min(len(split_blocks(text)), limit)


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_string_gives_a_page(text: str) -> None:
    page = detector.detect_text(text)
    json.dumps(page.to_dict(), ensure_ascii=False).encode()
    assert "\0" not in page.html()
