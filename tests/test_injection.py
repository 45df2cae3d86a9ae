"""Cleaned HTML carries nothing of the page that runs, whatever the page holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from harmless import assert_harmless

from detector import Detector

MARK = "window.caught=1"
STRINGS = [
    f"<script>{MARK}</script>",
    f"<scr<script>ipt>{MARK}</scr</script>ipt>",
    f"&lt;script&gt;{MARK}&lt;/script&gt;",
    f"<img src=x onerror='{MARK}'>",
    f"<svg onload='{MARK}'><script>{MARK}</script></svg>",
    f"<svg><a xlink:href='javascript:{MARK}'><text>click</text></a></svg>",
    f"<math><mtext><script>{MARK}</script></mtext></math>",
    f"<math href='javascript:{MARK}'>click</math>",
    f"<a href='javascript:{MARK}'>click</a>",
    f"<a href='JaVa\tScRiPt:{MARK}'>click</a>",
    f"<a href='&#1;javascript:{MARK}'>click</a>",
    f"<a href=' java&#10;script&colon;{MARK}'>click</a>",
    f"<a href='\u200bjavascript:{MARK}'>click</a>",
    f"<a href='vbscript:{MARK}'>click</a>",
    f"<a href='data:text/html,<script>parent.{MARK}</script>'>click</a>",
    f"<a href='x\" onclick=\"{MARK}'>click</a>",
    f"<a href=x onclick='{MARK}' onmouseover='{MARK}'>click</a>",
    f"<p onclick='{MARK}' style='background:url(javascript:{MARK})'>text</p>",
    f"<iframe src='javascript:parent.{MARK}'></iframe>",
    f"<iframe srcdoc='<script>parent.{MARK}</script>'></iframe>",
    f"<object data='javascript:{MARK}'></object>",
    f"<embed src='javascript:{MARK}'>",
    f"<form action='javascript:{MARK}'><button formaction='javascript:{MARK}'>go</button></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{MARK}'>",
    f"<base href='javascript:{MARK}//'><a href='x'>click</a>",
    f"<title></title><script>{MARK}</script></title>",
    f"<title>&lt;/title&gt;&lt;script&gt;{MARK}&lt;/script&gt;</title>",
    f"<html lang='en\"><script>{MARK}</script>'>",
    f"<noscript><p title='</noscript><img src=x onerror={MARK}>'>text</noscript>",
    f"<template><script>{MARK}</script></template>",
    f"<style><img src=x onerror='{MARK}'></style><style>@import 'javascript:{MARK}'</style>",
    f"<textarea></textarea><script>{MARK}</script></textarea>",
    f"<xmp><script>{MARK}</script></xmp><plaintext><script>{MARK}</script>",
    f"<!--><script>{MARK}</script>--><!--[if IE]><script>{MARK}</script><![endif]-->",
    f"<![CDATA[<script>{MARK}</script>]]>",
    f"<details open ontoggle='{MARK}'>text</details><video><source onerror='{MARK}'></video>",
    f"<b id='x' autofocus tabindex=1 onfocus='{MARK}'>text</b>",
    f"+ADw-script+AD4-{MARK}+ADw-/script+AD4-",
]


def cleaned(detector: Detector, string: str) -> str:
    text = "<p>A sentence of the article that is long enough to be kept by the model.</p>"
    html = f"{string}<h1>Head {string}</h1>{text * 3}{string}{text}"
    return detector.detect(html, mode="recall").html()


@pytest.mark.parametrize("string", STRINGS)
def test_only_harmless_elements_and_attributes_are_left(shipped: Detector, string: str) -> None:
    html = cleaned(shipped, string)
    assert "long enough to be kept" in html
    assert_harmless(html)


def test_nothing_runs_in_a_browser(shipped: Detector) -> None:
    chromium = Path("/usr/bin/chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if not chromium.exists():
        pytest.skip("needs Debian's Chromium: apt-get install chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(f"<script>{MARK}</script>")
        assert page.evaluate("window.caught") == 1  # the test can tell
        for string in STRINGS:
            page.goto("about:blank")
            page.set_content(cleaned(shipped, string))
            page.evaluate("document.querySelectorAll('a').forEach(a => a.click())")
            assert page.evaluate("window.caught") is None, string
        browser.close()
