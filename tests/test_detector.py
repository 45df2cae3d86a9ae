"""`detect` on the project's own pages, none of which was trained on."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from lxml import etree
from lxml import html as lxml_html

import detector
from detector import BundleError, Detector, Page
from detector.decide import MODES, Mode
from training.metrics import word_f1
from training.own import OwnPage

PRESS = "fr-article-presse"


def test_the_press_page_gives_its_article_and_nothing_else(
    shipped: Detector, own: dict[str, OwnPage]
) -> None:
    page = own[PRESS]
    found = shipped.detect(page.html, url=page.url)
    assert word_f1(found.text, page.gold) > 0.9
    for block, (label, text) in zip(found.blocks, page.blocks, strict=True):
        if label == "content" and block.tag in ("p", "h2"):
            assert block.label == "content", text
    for clutter in ("Tout accepter", "Tout refuser", "Lire aussi", "cookies déposent", "Publicité"):
        assert clutter not in found.text
    assert found.title.startswith("Vauclaire")


def test_blocks_are_those_that_were_labelled(shipped: Detector, own: dict[str, OwnPage]) -> None:
    for page in own.values():
        found = shipped.detect(page.html, url=page.url)
        assert [block.text for block in found.blocks] == [text for _, text in page.blocks]


def test_every_language_is_read(shipped: Detector, own: dict[str, OwnPage]) -> None:
    scores: dict[str, list[float]] = {}
    for page in own.values():
        f1 = word_f1(shipped.detect(page.html, url=page.url).text, page.gold, cjk=True)
        scores.setdefault(page.language, []).append(f1)
    assert len(scores) >= 20
    for language, values in scores.items():
        assert sum(values) / len(values) > 0.6, language


def test_the_three_forms_of_input_give_the_same(shipped: Detector, own: dict[str, OwnPage]) -> None:
    page = own[PRESS]
    text = page.html.decode()
    tree = lxml_html.document_fromstring(text)
    before = etree.tostring(tree)
    found = [shipped.detect(form).text for form in (page.html, text, tree, tree.getroottree())]
    assert len(set(found)) == 1
    assert etree.tostring(tree) == before


def test_paths_find_their_blocks(shipped: Detector, own: dict[str, OwnPage]) -> None:
    found = shipped.detect(own[PRESS].html)
    for block in found.blocks:
        assert block._element is not None
        (element,) = block._element.getroottree().xpath(block.xpath)
        assert element is block._element
        assert element.tag == block.tag


def test_results_are_frozen(shipped: Detector) -> None:
    page = shipped.detect("<p>One block of text, not more than this.</p>")
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.title = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.blocks[0].label = "content"  # type: ignore[misc]


def test_a_short_page_is_not_taken_for_a_shell(shipped: Detector) -> None:
    assert shipped.detect("<h1>Hello</h1><p>A small page, but all of it is meant.</p>").text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        b"\xff\xfe\x00\xd8",
        b"%PDF-1.7 binary",
        b"<",
        b"<html",
        b"<p>cut in the mid",
        b"\x89PNG\r\n\x1a\n\x00",
        b"<!-- only a comment -->",
        b"<p>" + b"\xc3\x28" * 50,
        b"<div>" * 100_000 + b"bottom",
        b"<p>one</p></body></html><p>two</p></html>",
        bytes(range(256)) * 20,
    ],
    ids=lambda data: repr(data[:16]),
)
@pytest.mark.parametrize("mode", MODES)
def test_any_bytes_give_a_page(shipped: Detector, data: bytes, mode: Any) -> None:
    page = shipped.detect(data, mode=mode)
    assert isinstance(page, Page)
    assert isinstance(page.text, str)
    assert page.html().startswith("<!DOCTYPE html>")
    assert page.to_dict()["text"] == page.text


@pytest.mark.parametrize("wrong", [None, 3, ["<p>"], object()])
def test_a_wrong_type_says_what_was_expected(shipped: Detector, wrong: Any) -> None:
    with pytest.raises(TypeError, match="bytes, str or an lxml element"):
        shipped.detect(wrong)


def test_a_wrong_mode_is_refused(shipped: Detector) -> None:
    with pytest.raises(ValueError, match="balanced, precision, recall"):
        shipped.detect("<p>x</p>", mode="fast")  # type: ignore[arg-type]


def test_modes_lean_as_they_say(shipped: Detector, own: dict[str, OwnPage]) -> None:
    kept = {
        mode: sum(
            block.label == "content"
            for page in own.values()
            for block in shipped.detect(page.html, mode=cast(Mode, mode)).blocks
        )
        for mode in MODES
    }
    assert kept["precision"] < kept["balanced"] < kept["recall"]


def test_limits_are_stated_on_the_page() -> None:
    small = Detector(max_bytes=400, max_blocks=3)
    html = "<p>A sentence that is long enough to be read.</p>" * 20
    assert [w.code for w in small.detect(html).warnings] == ["truncated", "too_many_blocks"]
    assert len(small.detect(html).blocks) == 3


def test_threads_share_a_detector(shipped: Detector, own: dict[str, OwnPage]) -> None:
    pages = [page.html for page in own.values()][:24]
    alone = [shipped.detect(html).text for html in pages]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda html: shipped.detect(html).text, pages)) == alone


def test_a_detector_and_a_page_can_be_pickled(shipped: Detector, own: dict[str, OwnPage]) -> None:
    html = own[PRESS].html
    page = shipped.detect(html)
    other = pickle.loads(pickle.dumps(shipped)).detect(html)
    assert other.to_dict() == page.to_dict()
    assert pickle.loads(pickle.dumps(page)).to_dict() == page.to_dict()
    assert copy.copy(page).html() == page.html()
    with pytest.raises(TypeError, match="made from a tree"):
        pickle.dumps(shipped.detect(lxml_html.fromstring("<p>tree</p>")))


def test_a_missing_bundle_is_named(tmp_path: Any) -> None:
    with pytest.raises(BundleError, match="no such directory"):
        Detector(model=tmp_path / "absent")


def test_numpy_gives_what_lightgbm_gives(
    shipped: Detector, own: dict[str, OwnPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page.html for page in own.values()][:12]
    monkeypatch.setenv("DETECTOR_BACKEND", "lightgbm")
    fast = [[b.probability for b in shipped.detect(html).blocks] for html in pages]
    monkeypatch.setenv("DETECTOR_BACKEND", "numpy")
    slow = [[b.probability for b in shipped.detect(html).blocks] for html in pages]
    for one, other in zip(fast, slow, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


def test_lightgbm_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, detector; detector.Detector(); assert 'lightgbm' not in sys.modules; "
        "detector.detect('<p>now it is needed</p>'); assert 'lightgbm' in sys.modules"
    )
    env = {**os.environ, "DETECTOR_BACKEND": "lightgbm"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)


def test_module_level_functions_use_the_shipped_bundle(own: dict[str, OwnPage]) -> None:
    page = own[PRESS]
    assert detector.detect(page.html).text == Detector().detect(page.html).text
