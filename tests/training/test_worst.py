"""The report of the worst pages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from browser import CONTRAST, evaluate
from lxml import html as lxml_html

from training.evaluate import main
from training.own import own_labelled_pages
from training.report import MOST_WORDS, PageScore, difference, render_worst


def test_a_difference_is_marked_on_its_side() -> None:
    found = difference("A bell rang <twice>.", "A bell, loud, rang.")
    assert found.gold == "A bell rang &lt;<del>twice</del>"
    assert found.ours == "A bell, <ins>loud</ins>, rang"
    assert (found.lost, found.leaked) == (1, 1)


def test_neighbouring_words_share_a_mark() -> None:
    assert difference("one two three", "one").gold == "one <del>two three</del>"
    assert difference("", "").ours == '<span class="fold">nothing</span>'


def test_what_is_alike_is_folded() -> None:
    same = " ".join(f"w{number}" for number in range(200))
    found = difference(f"{same} lost", same)
    assert "[175 words alike]" in found.gold
    assert found.gold.endswith("w199 <del>lost</del>")
    assert found.ours.startswith("w0 ")
    assert found.ours.endswith("[175 words alike]</span> ")


def test_a_long_text_is_cut() -> None:
    found = difference("a " * (MOST_WORDS + 10), "")
    assert found.lost == MOST_WORDS
    assert "more characters not compared" in found.gold


def test_the_worst_come_first_and_none_is_markup() -> None:
    pages = own_labelled_pages()[:3]
    scored = [
        PageScore(page, f1, "<script>x</script>")
        for page, f1 in zip(pages, (0.9, 0.1, 0.5), strict=True)
    ]
    root = lxml_html.document_fromstring(render_worst(scored, count=2))
    assert [h.text_content() for h in root.iter("h2")] == [pages[1].id, pages[2].id]
    assert not list(root.iter("script"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    out = tmp_path / "worst.html"
    assert main(["--sets", "own", "--report", str(out)]) == 0
    found = evaluate(out.read_text("utf-8"), CONTRAST, tmp_path, width=360, scheme=scheme)
    assert found["count"] > 300
    assert {name: ratio for name, ratio in found["ratios"].items() if ratio < 4.5} == {}
    assert found["overflow"] <= 0
