"""Pages made to learn consent UI from."""

from __future__ import annotations

from random import Random

import pytest
from lxml import etree

from detector.lexicon import Term, load_terms
from training.consent import scions
from training.consent.graft import SHORT_BANNERS, SHORT_LOOK_ALIKES, grafted_rows
from training.consent.labels import ButtonLabel, ConsentLabels, ConsentPage, RootLabel
from training.consent.scions import CONTROLS, LABEL, banners, boxes, cut_short

SENTENCE = "We use cookies to remember what you have read on this site."
BANNER = (
    f"<div id=ask><h2>Your privacy</h2><p>{SENTENCE} You may change your mind at any time, in the "
    "settings.</p><button>Accept all</button><button>Reject all</button></div>"
)
STORY = "<main><h1>The tide</h1>" + "<p>The sea came up to the road twice in one week.</p>" * 4
BOX = (
    "<form><p>Sign up for the letter, and accept our privacy policy.</p><button>Yes</button></form>"
)


def page(body: str, *roots: RootLabel) -> ConsentPage:
    labels = ConsentLabels("p", "", "a.example", "en", 0, "banner", roots, (), (), ())
    html = f"<html><body>{body}</body></html>".encode()
    return ConsentPage(
        "p", "wcxb", html, None, "a.example", "utf-8", labels if roots else None, None
    )


def asking() -> ConsentPage:
    buttons = tuple(
        ButtonLabel(f"/html/body/div/button[{number}]", role, True)
        for number, role in ((1, "accept_all"), (2, "reject_all"))
    )
    root = RootLabel("/html/body/div", "banner", None, "en", True, buttons)
    return page(STORY + "</main>" + BANNER, root)


def test_a_banner_is_cut_to_its_own_sentences_and_buttons() -> None:
    (scion,) = banners(asking())
    assert scion.controls == ("Accept all", "Reject all")
    seen = set()
    for seed in range(40):
        short = cut_short(scion, Random(seed))
        assert short is not None
        assert short.kind == "banner"
        said, *labels = short.texts
        assert any(said in text for text in scion.texts)
        assert len(said) > LABEL or said in SENTENCE
        assert set(labels) <= set(scion.controls)
        assert len(labels) <= CONTROLS
        values = " ".join(short.element.xpath(".//@value"))
        shown = " ".join(short.element.itertext()) + " " + values
        assert all(text in shown for text in short.texts)
        seen.add((short.element.tag, said, *labels))
    assert len(seen) > 10


def test_what_has_no_sentence_is_not_cut() -> None:
    (scion,) = banners(
        page("<div>Cookies? <button>OK</button></div>",
             RootLabel("/html/body/div", "banner", None, "en", True, ()))
    )  # fmt: skip
    assert cut_short(scion, Random(0)) is None


def test_boxes_with_controls_are_look_alikes() -> None:
    found = boxes(page(STORY + BOX + "</main>"), Random(0))
    assert {scion.element.tag for scion in found} <= {"form", "main", "body", "html", "p"}
    assert found
    assert all(scion.kind is None for scion in found)
    assert boxes(page(STORY + "</main>"), Random(0)) == []


def test_another_language_in_the_lexicon_changes_no_look_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (box,) = boxes(page(STORY + f"<div>{BOX}</div></main>"), Random(3))[:1]

    def made() -> list[bytes]:
        scions._answers.cache_clear()
        short = (cut_short(box, Random(seed)) for seed in range(30))
        return [etree.tostring(each.element) for each in short if each is not None]

    before = made()
    more = Term("accept_all", "aye", "label", ("aa",), "own")
    monkeypatch.setattr(scions, "load_terms", lambda: (*load_terms(), more))
    assert made() == before
    assert len(set(before)) > 10
    monkeypatch.setattr(scions, "ANSWERS", [*scions.ANSWERS, "aa"])
    assert made() != before
    scions._answers.cache_clear()


def test_made_pages_say_which_element_is_a_root_and_that_look_alikes_are_none() -> None:
    host = page(STORY + BOX + "</main>")
    rows = grafted_rows([asking(), host], [0, 0], seed=0)
    alike = len(boxes(host, Random(0)))
    assert len(rows) == 2 + alike + SHORT_BANNERS + alike * SHORT_LOOK_ALIKES
    assert {fold for fold, _ in rows} == {0}
    positive = [bool((row.target == 1).any()) for _, row in rows]
    assert positive[0]  # the banner whole
    assert sum(positive) == 1 + SHORT_BANNERS
    assert not positive[1]  # its words in a text
    assert all(row.page.html == b"" for _, row in rows)
