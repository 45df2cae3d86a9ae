"""Explanations, and the report: what it says, that nothing runs in it, that it can be read."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import pytest
from browser import CONTRAST, evaluate
from lxml import html as lxml_html

import detector
from detector import Detector, DetectorError
from detector.cli import main
from detector.model import COLUMNS
from training.own import FOLDER, OwnPage

HOSTILE = """<html lang='"><script>document.title=1</script>'>
<title>&lt;script&gt;document.title=2&lt;/script&gt;</title>
<meta property="og:title" content="</title><script>document.title=3</script>">
<body><main id='"><img src=x onerror=document.title=4>'><h1>A storm</h1>
<p class="&lt;b onclick=x&gt;">It blew all night, &lt;script&gt;document.title=5&lt;/script&gt;
and nobody on the island slept; the ferry stayed in port until noon.</p></main>
<div id="cookie-banner" lang="&quot;&gt;&lt;svg onload=document.title=6&gt;"><p>We use cookies to
measure our traffic. You may accept or reject them. &lt;iframe src=x&gt;</p>
<button aria-label="&lt;img src=x onerror=document.title=7&gt;">Accept all cookies</button>
<button>&lt;img src=x onerror=document.title=8&gt; Reject all</button></div></body></html>"""


@pytest.fixture(scope="module")
def report(shipped: Detector, own: dict[str, OwnPage]) -> str:
    page = own["fr-article-presse"]
    return shipped.report(shipped.detect(page.html, url=page.url + "-" * 80), name="a.html")


def test_reasons_add_up_to_the_probability(shipped: Detector, own: dict[str, OwnPage]) -> None:
    page = shipped.detect(own["de-article-moor"].html)
    for block in (page.blocks[0], page.blocks[-1]):
        found = shipped.explain(page, block)
        assert found.probability == pytest.approx(block.probability, abs=1e-6)
        weights = [abs(reason.weight) for reason in found.reasons]
        assert weights == sorted(weights, reverse=True)
        assert all(reason.feature in COLUMNS and reason.doc for reason in found.reasons)
    assert detector.explain(page, page.blocks[0]) == shipped.explain(page, page.blocks[0])


def test_a_block_of_another_page_is_refused(shipped: Detector) -> None:
    one, other = shipped.detect("<p>A bell rang.</p>"), shipped.detect("<p>A bell rang.</p>")
    with pytest.raises(ValueError, match="not one of the page's"):
        shipped.explain(one, other.blocks[0])


def test_a_page_of_another_model_is_refused(shipped: Detector) -> None:
    page = shipped.detect("<p>A bell rang.</p>")
    page.__dict__["blocks"] = (dataclasses.replace(page.blocks[0], probability=0.123),)
    with pytest.raises(ValueError, match="another model"):
        shipped.explain(page, page.blocks[0])


def test_without_lightgbm_an_error_says_so_and_the_report_too(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, OwnPage]
) -> None:
    monkeypatch.setenv("DETECTOR_BACKEND", "numpy")
    plain = Detector()
    page = plain.detect(own["de-article-moor"].html)
    with pytest.raises(DetectorError, match="LightGBM"):
        plain.explain(page, page.blocks[0])
    assert "takes LightGBM" in plain.report(page)
    assert "Spoke for content" not in plain.report(page)


def test_the_report_shows_all_there_is(
    report: str, shipped: Detector, own: dict[str, OwnPage]
) -> None:
    root = lxml_html.document_fromstring(report)
    page = shipped.detect(
        own["fr-article-presse"].html, url=own["fr-article-presse"].url + "-" * 80
    )
    blocks = root.find_class("block")
    assert [b.find_class("text")[0].text_content() for b in blocks] == [b.text for b in page.blocks]
    assert [b.get("class", "").split()[1] for b in blocks] == [b.label for b in page.blocks]
    assert root.find_class("given")[0].text_content() == page.text
    assert page.banner is not None
    shown = root.find_class("banner")[0].text_content()
    assert all(button.text in shown and button.role in shown for button in page.banner.buttons)
    assert len(root.find_class("sides")) == len(blocks)
    assert "takes LightGBM" not in report


def test_an_empty_page_has_a_report(shipped: Detector) -> None:
    root = lxml_html.document_fromstring(shipped.report(shipped.detect(b"%PDF-1.7")))
    assert "a PDF" in root.find_class("warning")[0].text_content()
    assert "no block of the page is content" in root.text_content()


def test_nothing_of_the_page_is_markup(shipped: Detector) -> None:
    page = shipped.detect(HOSTILE, url='https://a.example/"><script>document.title=9</script>')
    assert page.banner is not None
    root = lxml_html.document_fromstring(shipped.report(page, name="<script>x</script>"))
    policy = root.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    allowed = {"class", "id", "style", "lang", "dir", "href", "charset", "content", "name", "role",
               "type", "checked", "aria-label", "http-equiv"}  # fmt: skip
    for element in root.iter("*"):
        assert element.tag not in {"script", "img", "svg", "iframe", "link", "object", "form"}
        assert set(element.attrib) <= allowed
        assert element.get("href", "#").startswith("#")


def test_nothing_of_the_page_runs(shipped: Detector, tmp_path: Path) -> None:
    html = shipped.report(shipped.detect(HOSTILE), name="<img src=x onerror=document.title=10>")
    look = "return [document.title, document.querySelectorAll('script, img, svg, iframe').length]"
    title, count = evaluate(html, look, tmp_path)
    assert title.startswith("</title><script>")
    assert count == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_the_report_can_be_read(
    report: str, tmp_path: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    found = evaluate(report, CONTRAST, tmp_path, width=width, scheme=scheme)
    assert found["count"] > 500
    assert {name: ratio for name, ratio in found["ratios"].items() if ratio < 4.5} == {}
    assert found["overflow"] <= 0


def test_its_colours_follow_the_reader(report: str, tmp_path: Path) -> None:
    look = "return window.getComputedStyle(document.body).backgroundColor"
    light = evaluate(report, look, tmp_path)
    assert light != evaluate(report, look, tmp_path, scheme="dark")


def test_labels_can_be_hidden(report: str, tmp_path: Path) -> None:
    look = """document.getElementById('show-boilerplate').click();
    const seen = (name) => [...document.querySelectorAll('.block.' + name)]
      .filter((e) => window.getComputedStyle(e).display !== 'none').length;
    return [seen('content') > 0, seen('boilerplate'), seen('consent') > 0]"""
    assert evaluate(report, look, tmp_path) == [True, 0, True]


def test_the_policy_lets_the_report_be_styled(report: str, tmp_path: Path) -> None:
    look = "return window.getComputedStyle(document.querySelector('.block')).borderLeftWidth"
    assert evaluate(report, look, tmp_path, policy=True) == "5px"


def test_the_command_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report: str
) -> None:
    out = tmp_path / "out.html"
    page = FOLDER / "fr-article-presse.html"
    assert main([str(page), "--report", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert "Spoke for content" in out.read_text("utf-8")
    assert main([str(page), "--report", str(tmp_path / "no" / "out.html")]) == 1
    assert "no/out.html" in capsys.readouterr().err
